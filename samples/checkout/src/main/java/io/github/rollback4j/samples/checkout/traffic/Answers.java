package io.github.rollback4j.samples.checkout.traffic;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the customers were answered. Thread-safe. */
public final class Answers {

    /**
     * Whom a release's own failures hit. Failures of the warehouse, which all releases share, are not among them.
     *
     * @param calls that failed
     * @param customers who saw an error
     * @param first when the first of them did; null where nobody did
     */
    public record Harm(long calls, long customers, @Nullable Instant first) {}

    private record Failure(int customer, Instant at) {}

    private final Map<String, List<Failure>> failuresByRelease = new HashMap<>();
    private long answered;
    private long missing;

    synchronized void add() {
        answered++;
    }

    synchronized void addFailure(String release, int customer, Instant at) {
        answered++;
        failuresByRelease.computeIfAbsent(release, first -> new ArrayList<>()).add(new Failure(customer, at));
    }

    synchronized void addMissing() {
        missing++;
    }

    /** Returns whom a release's own failures hit until a time. */
    public synchronized Harm harmBy(String release, Instant until) {
        List<Failure> failures = failuresByRelease.getOrDefault(release, List.of()).stream()
                .filter(failure -> !failure.at.isAfter(until))
                .toList();
        return new Harm(
                failures.size(),
                failures.stream().mapToInt(Failure::customer).distinct().count(),
                failures.stream().map(Failure::at).min(Instant::compareTo).orElse(null));
    }

    /** Returns how many requests were answered, by a quote or by an error. */
    public synchronized long answered() {
        return answered;
    }

    /** Returns how many requests got no answer, or were not made because too many were under way. */
    public synchronized long missing() {
        return missing;
    }
}
