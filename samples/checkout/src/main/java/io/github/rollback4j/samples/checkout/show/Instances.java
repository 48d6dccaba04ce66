package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.samples.checkout.CheckoutApplication;
import io.github.rollback4j.samples.checkout.Course;
import io.github.rollback4j.samples.checkout.traffic.Instance;
import io.github.rollback4j.traffic.Tally;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
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

    private final int wanted;
    private final Path folder;
    private final List<String> settings;
    private final Map<String, String> secrets;
    private final List<ServiceProcess> up = new CopyOnWriteArrayList<>();
    private final List<ServiceProcess> next = new ArrayList<>();
    private final AtomicLong turn = new AtomicLong();
    private List<String> release = List.of();
    private int starts;
    private volatile Rollout.@Nullable Status lastSeen;

    /**
     * None is up yet.
     *
     * @param wanted how many there are to be
     * @param folder for their logs
     * @param settings that all have
     * @param secrets that they find in their environment, where no list of processes shows them
     */
    Instances(int wanted, Path folder, List<String> settings, Map<String, String> secrets) {
        this.wanted = wanted;
        this.folder = folder;
        this.settings = settings;
        this.secrets = secrets;
    }

    /** Starts the instances that are to serve next, and does not wait for them. */
    void deploy(Course course) throws IOException {
        release = course.settings();
        starts++;
        for (int i = 1; i <= wanted; i++) {
            next.add(start("checkout-" + i));
        }
    }

    /** Waits until they serve, has them serve the customers, and stops those that did before. */
    void takeOver() throws IOException {
        for (ServiceProcess process : next) {
            process.awaitReady();
        }
        List<ServiceProcess> before = List.copyOf(up);
        up.addAll(next);
        next.clear();
        up.removeAll(before);
        close(before);
        lastSeen = up.get(0).status();
    }

    private ServiceProcess start(String name) throws IOException {
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
        builder.command().addAll(release);
        builder.command()
                .addAll(List.of(
                        "--checkout.instance=" + name, "--checkout.start=" + starts, "--logging.file.name=" + log));
        builder.environment().putAll(secrets);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return ServiceProcess.start(name, builder);
    }

    /** Starts an instance again that was killed, and waits until it serves. */
    void startAgain(String name) throws IOException {
        starts++;
        up.add(start(name).awaitReady());
    }

    /** Returns where one of them shows the rollouts. */
    URI page() {
        return up.get(0).instance().address().resolve("/actuator/rolloutspage/page");
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
        close(next);
        close(up);
    }

    private static void close(List<ServiceProcess> processes) {
        processes.forEach(ServiceProcess::stop);
        processes.forEach(ServiceProcess::close);
    }
}
