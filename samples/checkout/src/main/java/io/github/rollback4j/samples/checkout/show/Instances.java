package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.samples.checkout.CheckoutApplication;
import io.github.rollback4j.samples.checkout.Course;
import io.github.rollback4j.samples.checkout.traffic.Instance;
import io.github.rollback4j.traffic.Tally;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.web.client.RestClientException;

/** The instances of the service that are up, each a process of its own. Thread-safe. */
final class Instances implements AutoCloseable {

    private final Path folder;
    private final List<String> settings;
    private final Map<String, String> secrets;
    private final List<ServiceProcess> up = new CopyOnWriteArrayList<>();
    private final AtomicLong turn = new AtomicLong();
    private volatile Rollout.@Nullable Status lastSeen;

    private Instances(Path folder, List<String> settings, Map<String, String> secrets) {
        this.folder = folder;
        this.settings = settings;
        this.secrets = secrets;
    }

    /**
     * Starts instances, and does not wait for them.
     *
     * @param folder for their logs
     * @param settings that all have
     * @param secrets that they find in their environment, where no list of processes shows them
     */
    static Instances start(int number, Path folder, List<String> settings, Map<String, String> secrets)
            throws IOException {
        Instances instances = new Instances(folder, settings, secrets);
        for (int i = 1; i <= number; i++) {
            instances.up.add(instances.start("checkout-" + i, 1));
        }
        return instances;
    }

    private ServiceProcess start(String name, int start) throws IOException {
        String classPath = System.getProperty("java.class.path");
        boolean isOneJar = classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator);
        List<String> program =
                isOneJar ? List.of("-jar", classPath) : List.of("-cp", classPath, CheckoutApplication.class.getName());
        Path log = folder.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString());
        builder.command().addAll(program);
        builder.command().add(CheckoutApplication.SERVE);
        builder.command().addAll(settings);
        builder.command()
                .addAll(List.of(
                        "--checkout.instance=" + name, "--checkout.start=" + start, "--logging.file.name=" + log));
        builder.environment().putAll(secrets);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return ServiceProcess.start(name, builder);
    }

    void awaitReady() throws IOException {
        for (ServiceProcess process : up) {
            process.awaitReady();
        }
    }

    /** Starts an instance again that was killed, and waits until it serves. */
    ServiceProcess startAgain(String name) throws IOException {
        ServiceProcess again = start(name, 2).awaitReady();
        up.add(again);
        return again;
    }

    int number() {
        return up.size();
    }

    /** Returns the instance whose turn it is; null where none is up. */
    @Nullable
    Instance next() {
        List<ServiceProcess> now = List.copyOf(up);
        return now.isEmpty()
                ? null
                : now.get((int) (turn.getAndIncrement() % now.size())).instance();
    }

    void serve(String version) {
        up.forEach(process -> process.serve(version));
    }

    /** Has all of them roll a release out, together; returns the rollout's id. */
    String rollOut(Course course) {
        Rollout.Status begun = up.parallelStream()
                .map(process -> process.rollOut(course))
                .reduce((one, other) -> one)
                .orElseThrow();
        lastSeen = begun;
        return begun.id();
    }

    /**
     * Says where the rollout stands: by the one that has counted most, since the one that leads has counted what all have. Where none
     * answers, as it was seen last.
     */
    Rollout.Status status() {
        Rollout.Status seen = up.stream()
                .map(Instances::status)
                .filter(Objects::nonNull)
                .max(Comparator.comparingLong(Instances::calls))
                .orElse(Objects.requireNonNull(lastSeen));
        lastSeen = seen;
        return seen;
    }

    private static Rollout.@Nullable Status status(ServiceProcess process) {
        try {
            return process.status();
        } catch (RestClientException away) {
            return null;
        }
    }

    private static long calls(Rollout.Status status) {
        Tally.Totals totals = status.totals();
        return totals.stableCalls() + totals.stableApart() + totals.candidateCalls() + totals.candidateApart();
    }

    /** Returns which of the first so many customers have got the candidate. */
    BitSet exposed(int customers) {
        return up.get(0).exposed(customers);
    }

    /** Kills an instance; the customers get none that is dead. */
    void kill(String name) {
        for (ServiceProcess process : up) {
            if (process.instance().name().equals(name)) {
                up.remove(process);
                process.kill();
                return;
            }
        }
        throw new IllegalStateException("there is no instance " + name);
    }

    @Override
    public void close() {
        up.forEach(ServiceProcess::stop);
        up.forEach(ServiceProcess::close);
    }
}
