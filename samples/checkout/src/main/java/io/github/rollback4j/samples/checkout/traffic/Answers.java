package io.github.rollback4j.samples.checkout.traffic;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    /**
     * The last answer that a release gave, anywhere.
     *
     * @param instance that gave it
     * @param at when it came
     */
    public record Last(String instance, Instant at) {}

    private record Failure(int customer, Instant at) {}

    private final Map<String, List<Failure>> failuresByRelease = new HashMap<>();
    private final Map<String, Map<String, Long>> callsByRelease = new HashMap<>();
    private final Map<String, Last> lastByRelease = new HashMap<>();
    private long answered;
    private long missing;
    private long turnedAway;

    /**
     * Adds an answer.
     *
     * @param failed whether it was an error of the release's own
     */
    synchronized void add(String instance, String release, int customer, boolean failed, Instant at) {
        answered++;
        callsByRelease.computeIfAbsent(release, first -> new TreeMap<>()).merge(instance, 1L, Long::sum);
        lastByRelease.put(release, new Last(instance, at));
        if (failed) {
            failuresByRelease
                    .computeIfAbsent(release, first -> new ArrayList<>())
                    .add(new Failure(customer, at));
        }
    }

    synchronized void addTurnedAway() {
        turnedAway++;
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

    /** Returns how many answers of a release each instance gave, by the instance's name. */
    public synchronized Map<String, Long> callsOf(String release) {
        return new TreeMap<>(callsByRelease.getOrDefault(release, Map.of()));
    }

    /** Returns the last answer of a release; null where there was none. */
    public synchronized @Nullable Last lastOf(String release) {
        return lastByRelease.get(release);
    }

    /** Returns how many requests found no instance that serves. */
    public synchronized long turnedAway() {
        return turnedAway;
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
