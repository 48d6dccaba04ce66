package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.samples.checkout.traffic.Instance;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.BitSet;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** One run of an instance: a process of its own, which is asked for things over HTTP. Ends with this process, at the latest. */
final class ServiceProcess implements AutoCloseable {

    private static final int START_SECONDS = 60;
    private static final int STOP_SECONDS = 10;
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(30);

    private final String name;
    private final Process process;
    private final CompletableFuture<String> firstLine;
    private @Nullable Instance instance;
    private @Nullable RestClient client;

    private ServiceProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        // The service says nothing but its address, once it serves.
        BufferedReader out = process.inputReader();
        this.firstLine = CompletableFuture.supplyAsync(() -> {
            try {
                return Objects.requireNonNullElse(out.readLine(), "");
            } catch (IOException broken) {
                return "";
            }
        });
    }

    /** Starts a process, and does not wait for it. */
    static ServiceProcess start(String name, ProcessBuilder builder) throws IOException {
        return new ServiceProcess(name, builder.start());
    }

    /** Waits until it serves. */
    ServiceProcess awaitReady() throws IOException {
        String address;
        try {
            address = firstLine.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException late) {
            throw new IOException(name + " did not start within " + START_SECONDS + " s", late);
        }
        if (address.isEmpty()) {
            throw new IOException(name + " did not start; its log says why");
        }
        instance = new Instance(name, URI.create(address));
        client =
                RestClient.builder().baseUrl(address).requestFactory(requests()).build();
        return this;
    }

    /** An instance that hangs is to be seen, not waited for. */
    private static ClientHttpRequestFactory requests() {
        JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(LONGEST_CONNECT)
                .build());
        requests.setReadTimeout(LONGEST_ANSWER);
        return requests;
    }

    Instance instance() {
        return Objects.requireNonNull(instance);
    }

    Rollout.Status status() {
        return Objects.requireNonNull(client().get().uri("/rollout").retrieve().body(Rollout.Status.class));
    }

    /** Returns which of the first so many customers have got the candidate. */
    BitSet exposed(int customers) {
        return BitSet.valueOf(Objects.requireNonNull(client().get()
                .uri("/rollout/exposed?customers={customers}", customers)
                .retrieve()
                .body(long[].class)));
    }

    private RestClient client() {
        return Objects.requireNonNull(client);
    }

    /** Kills it, so that it can do nothing more: SIGKILL, where the system has it. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Has it stop in order, and does not wait for it. */
    void stop() {
        try {
            process.outputWriter().close();
        } catch (IOException gone) {
            process.destroy();
        }
    }

    @Override
    public void close() {
        stop();
        try {
            process.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException late) {
            process.destroyForcibly();
        }
    }
}
