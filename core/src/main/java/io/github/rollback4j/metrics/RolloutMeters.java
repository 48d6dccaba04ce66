package io.github.rollback4j.metrics;

import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.ShadowMismatch;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Tally;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The meters of one pair of releases: of the latest attempt, and, for counters, of those before it. Thread-safe. */
final class RolloutMeters {

    private static final long SAMPLE_NANOS = 100_000_000L;
    private static final double NANOS_A_SECOND = 1e9;
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};
    private static final String PERSON = "person";

    /** The counters of calls, in the order of {@link #CALLS}. */
    private record Calls(Arm release, boolean isFailure, boolean isWeighed, ToDoubleFunction<Tally.Totals> count) {}

    private static final Calls[] CALLS = {
        new Calls(Arm.STABLE, false, true, totals -> totals.stableCalls() - totals.stableFailures()),
        new Calls(Arm.STABLE, true, true, Tally.Totals::stableFailures),
        new Calls(Arm.STABLE, false, false, totals -> totals.stableApart() - totals.stableApartFailures()),
        new Calls(Arm.STABLE, true, false, Tally.Totals::stableApartFailures),
        new Calls(Arm.CANDIDATE, false, true, totals -> totals.candidateCalls() - totals.candidateFailures()),
        new Calls(Arm.CANDIDATE, true, true, Tally.Totals::candidateFailures),
        new Calls(Arm.CANDIDATE, false, false, totals -> totals.candidateApart() - totals.candidateApartFailures()),
        new Calls(Arm.CANDIDATE, true, false, Tally.Totals::candidateApartFailures)
    };

    /** A meter that a registry can be asked to take. */
    record Definition(String name, Tags tags, Function<MeterRegistry, Meter> registration) {}

    private record Decision(String signal, boolean acted) {}

    private record Notification(String group, String channel, boolean isSent) {}

    /** What all meters of one scrape read. */
    private record Sample(long atNanos, Rollout.Status status, List<Double> latencies) {}

    private final LongSupplier ticker;
    private final Tags tags;
    private final Map<Decision, LongAdder> decisions = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> stepFailures = new ConcurrentHashMap<>();
    private final Map<Notification, LongAdder> notifications = new ConcurrentHashMap<>();
    private final double[] callsBefore = new double[CALLS.length];
    private final double[] calls = new double[CALLS.length];
    private @Nullable Rollout followed;
    private Rollout rollout;
    private @Nullable Sample sample;

    RolloutMeters(Rollout rollout, LongSupplier ticker) {
        this.rollout = rollout;
        this.ticker = ticker;
        RollbackPlan plan = rollout.plan();
        this.tags = Tags.of(
                "component", plan.stable().component(),
                "stable", plan.stable().identity(),
                "candidate", plan.candidate().identity());
    }

    /** Returns what all attempts of a pair of releases have in common. */
    static String pair(Rollout rollout) {
        Release stable = rollout.plan().stable();
        return stable.component() + ":" + stable.identity() + ".."
                + rollout.plan().candidate().identity();
    }

    /** Goes over to a rollout; says whether it is another than before. */
    synchronized boolean follow(Rollout next) {
        if (next == followed) {
            return false;
        }
        if (next != rollout) {
            sample = null;
            sample();
            System.arraycopy(calls, 0, callsBefore, 0, calls.length);
            rollout = next;
            sample = null;
        }
        followed = next;
        RollbackPlan plan = next.plan();
        for (FailureSignal signal : plan.signals()) {
            decisions.computeIfAbsent(new Decision(signal.name(), true), decision -> new LongAdder());
            decisions.computeIfAbsent(new Decision(signal.name(), false), decision -> new LongAdder());
        }
        decisions.computeIfAbsent(new Decision(PERSON, true), decision -> new LongAdder());
        plan.steps().forEach(step -> stepFailures.computeIfAbsent(step.way().name(), name -> new LongAdder()));
        for (Communication.Group group : plan.communication().groups()) {
            for (Notifier channel : group.channels()) {
                for (boolean isSent : new boolean[] {true, false}) {
                    notifications.computeIfAbsent(
                            new Notification(group.name(), channel.name(), isSent), notification -> new LongAdder());
                }
            }
        }
        return true;
    }

    /** Counts an event; says whether it takes a meter that has not been registered. */
    boolean count(RolloutEvent event) {
        if (event instanceof RolloutEvent.Decided decided) {
            return count(decisions, new Decision(decided.signal(), decided.acted()));
        }
        if (event instanceof RolloutEvent.Notified sent) {
            return count(notifications, new Notification(sent.group(), sent.channel(), true));
        }
        if (event instanceof RolloutEvent.NotNotified not) {
            return count(notifications, new Notification(not.group(), not.channel(), false));
        }
        return event instanceof RolloutEvent.StepFailed failed && count(stepFailures, failed.step());
    }

    private static <K> boolean count(Map<K, LongAdder> counters, K key) {
        LongAdder fresh = new LongAdder();
        LongAdder known = counters.putIfAbsent(key, fresh);
        (known == null ? fresh : known).increment();
        return known == null;
    }

    // ---- Reading.

    /** Reads the rollout, or returns what was read a moment ago. */
    private synchronized Sample sample() {
        long now = ticker.getAsLong();
        Sample last = sample;
        if (last != null && now - last.atNanos >= 0 && now - last.atNanos < SAMPLE_NANOS) {
            return last;
        }
        List<Double> latencies = new ArrayList<>();
        for (Arm arm : Arm.values()) {
            Histogram histogram = rollout.latency(arm);
            for (double quantile : QUANTILES) {
                latencies.add(
                        histogram.getTotalCount() == 0
                                ? Double.NaN
                                : histogram.getValueAtPercentile(100 * quantile) / NANOS_A_SECOND);
            }
        }
        Sample read = new Sample(now, rollout.status(), latencies);
        for (int i = 0; i < CALLS.length; i++) {
            // A counter never falls.
            calls[i] = Math.max(calls[i], callsBefore[i] + CALLS[i].count.applyAsDouble(read.status.totals()));
        }
        sample = read;
        return read;
    }

    private synchronized double calls(int index) {
        sample();
        return calls[index];
    }

    private double assessment(String signal, ToDoubleFunction<Assessment> reading) {
        for (Assessment assessment : sample().status.assessments()) {
            if (assessment.signal().equals(signal)) {
                return reading.applyAsDouble(assessment);
            }
        }
        return Double.NaN;
    }

    // ---- Meters.

    /** Returns all meters; more may be there at the next call. */
    List<Definition> definitions() {
        List<Definition> all = new ArrayList<>();
        for (int i = 0; i < CALLS.length; i++) {
            int index = i;
            all.add(counter(
                    "rollback4j.calls",
                    tags.and(
                            "release", word(CALLS[i].release),
                            "outcome", CALLS[i].isFailure ? "failure" : "success",
                            "weighed", Boolean.toString(CALLS[i].isWeighed)),
                    "calls",
                    "Calls that have ended; weighed are those that the coin decided",
                    () -> calls(index)));
        }
        all.add(pending(Arm.STABLE, Tally.Totals::stablePending));
        all.add(pending(Arm.CANDIDATE, Tally.Totals::candidatePending));
        all.add(gauge(
                "rollback4j.share",
                tags,
                null,
                "The share of the coin's calls that gets the candidate, 0 to 1",
                () -> sample().status.share()));
        for (Phase phase : Phase.values()) {
            all.add(gauge(
                    "rollback4j.state",
                    tags.and("state", word(phase)),
                    null,
                    "1 for the state that the rollout is in, 0 for the others",
                    () -> sample().status.state().phase() == phase ? 1 : 0));
        }
        for (Arm arm : Arm.values()) {
            for (int i = 0; i < QUANTILES.length; i++) {
                int index = arm.ordinal() * QUANTILES.length + i;
                all.add(gauge(
                        "rollback4j.latency",
                        tags.and("release", word(arm), "quantile", Double.toString(QUANTILES[i])),
                        "seconds",
                        "How long the timed calls of this attempt took, within 6.25 %",
                        () -> sample().latencies.get(index)));
            }
        }
        plan().signals().forEach(signal -> all.addAll(definitions(signal)));
        decisions.forEach((decision, count) -> all.add(counter(
                "rollback4j.decisions",
                tags.and("signal", decision.signal, "acted", Boolean.toString(decision.acted)),
                "decisions",
                "Rollbacks that were decided, or, not acted, recommended or observed",
                count::sum)));
        stepFailures.forEach((step, count) -> all.add(counter(
                "rollback4j.step.failures",
                tags.and("step", step),
                "failures",
                "Tries of a step back that failed",
                count::sum)));
        notifications.forEach((notification, count) -> all.add(counter(
                "rollback4j.notifications",
                tags.and(
                        "group", notification.group,
                        "channel", notification.channel,
                        "outcome", notification.isSent ? "sent" : "failed"),
                "messages",
                "Messages to people that were sent, or that a channel could not send",
                count::sum)));
        return all;
    }

    private List<Definition> definitions(FailureSignal signal) {
        List<Definition> all = new ArrayList<>();
        String name = signal.name();
        for (Verdict verdict : Verdict.values()) {
            all.add(gauge(
                    "rollback4j.signal",
                    tags.and("signal", name, "verdict", word(verdict)),
                    null,
                    "1 for what the signal says, 0 for the rest",
                    () -> assessment(name, assessment -> assessment.verdict() == verdict ? 1 : 0)));
        }
        if (signal instanceof FailureSignal.Comparative || signal instanceof ShadowMismatch) {
            all.add(gauge(
                    "rollback4j.evidence",
                    tags.and("signal", name),
                    null,
                    "The evidence that the candidate is worse than tolerated, as a power of ten",
                    () -> assessment(name, Assessment::log10Evidence)));
            all.add(gauge(
                    "rollback4j.evidence.threshold",
                    tags.and("signal", name),
                    null,
                    "The evidence at which the candidate is rolled back, as a power of ten",
                    () -> assessment(name, Assessment::log10Threshold)));
        }
        return all;
    }

    private synchronized RollbackPlan plan() {
        return rollout.plan();
    }

    private Definition pending(Arm arm, ToDoubleFunction<Tally.Totals> count) {
        return gauge(
                "rollback4j.pending",
                tags.and("release", word(arm)),
                "calls",
                "Calls by the coin that have begun and not ended",
                () -> count.applyAsDouble(sample().status.totals()));
    }

    /** The reading holds this, so that Micrometer, which holds what it asks only weakly, can ask to the end. */
    private Definition gauge(String name, Tags of, @Nullable String unit, String description, DoubleSupplier reading) {
        return new Definition(
                name,
                of,
                registry -> Gauge.builder(name, this, meters -> reading.getAsDouble())
                        .tags(of)
                        .baseUnit(unit)
                        .description(description)
                        .register(registry));
    }

    private Definition counter(String name, Tags of, String unit, String description, DoubleSupplier reading) {
        return new Definition(
                name,
                of,
                registry -> FunctionCounter.builder(name, this, meters -> reading.getAsDouble())
                        .tags(of)
                        .baseUnit(unit)
                        .description(description)
                        .register(registry));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
