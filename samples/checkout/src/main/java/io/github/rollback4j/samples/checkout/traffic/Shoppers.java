package io.github.rollback4j.samples.checkout.traffic;

import io.github.rollback4j.samples.checkout.QuoteController;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the customers' requests to the service over HTTP, each at its time, as a load balancer would: to whichever instance is
 * next. Bounded in time and in calls under way.
 */
public final class Shoppers implements AutoCloseable {

    private static final int MOST_UNDER_WAY = 2_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int QUOTE_FAILED = 500;

    /** The answer's header with the rollout and, at its end, the release that gave it. */
    private static final String RELEASE = "X-Release";

    private final Supplier<@Nullable Instance> next;
    private final Arrivals arrivals;
    private final Answers answers;
    private final Duration longest;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final Semaphore places = new Semaphore(MOST_UNDER_WAY);
    private final Thread thread = new Thread(this::send, "shoppers");
    private volatile @Nullable Instant began;
    private volatile boolean closed;

    /**
     * Gathers them; nobody comes yet.
     *
     * @param next the instance that is to serve the next request; null while there is none
     * @param longest after which no more is sent
     */
    public Shoppers(Supplier<@Nullable Instance> next, Arrivals arrivals, Answers answers, Duration longest) {
        this.next = next;
        this.arrivals = arrivals;
        this.answers = answers;
        this.longest = longest;
    }

    /** Begins to send. */
    public void start() {
        began = Instant.now();
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns when the first customer could come. */
    public Instant began() {
        return Objects.requireNonNull(began, "nobody has come yet");
    }

    private void send() {
        long beganNanos = System.nanoTime();
        Request request = arrivals.next();
        while (!closed && request.at().compareTo(longest) < 0) {
            long wait = request.at().toNanos() - (System.nanoTime() - beganNanos);
            if (wait > 0) {
                LockSupport.parkNanos(wait);
                continue;
            }
            Instance instance = next.get();
            if (instance == null) {
                answers.addTurnedAway();
            } else if (places.tryAcquire()) {
                ask(instance, request);
            } else {
                answers.addMissing();
            }
            request = arrivals.next();
        }
    }

    private void ask(Instance instance, Request request) {
        HttpRequest post = HttpRequest.newBuilder(instance.address().resolve("/quote?customer=" + request.customer()))
                .POST(HttpRequest.BodyPublishers.noBody())
                .header(QuoteController.REQUEST, request.id())
                .timeout(TIMEOUT)
                .build();
        CompletableFuture<HttpResponse<Void>> unused = client.sendAsync(post, HttpResponse.BodyHandlers.discarding())
                .whenComplete((response, thrown) -> {
                    places.release();
                    if (thrown != null) {
                        answers.addMissing();
                    } else {
                        String release = response.headers()
                                .firstValue(RELEASE)
                                .map(served -> served.substring(served.lastIndexOf('=') + 1))
                                .orElse("unknown");
                        boolean failed = response.statusCode() == QUOTE_FAILED;
                        answers.add(instance.name(), release, request.customer(), failed, Instant.now());
                    }
                });
    }

    /** Sends no more. Answers that are under way may still come. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
