package io.github.rollback4j.metrics;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.Verdict;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Tally;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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

    private record Decision(String signal, boolean acted) {}

    /** What all meters of one scrape read. */
    private record Sample(long atNanos, Rollout.Status status, double[] latencies) {}

    private final LongSupplier ticker;
    private final Tags tags;
    private final Map<Decision, LongAdder> decisions = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> stepFailures = new ConcurrentHashMap<>();
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
        return true;
    }

    /** Counts an event; says whether it takes a meter that has not been registered. */
    boolean count(RolloutEvent event) {
        if (event instanceof RolloutEvent.Decided decided) {
            return count(decisions, new Decision(decided.signal(), decided.acted()));
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
        double[] latencies = new double[2 * QUANTILES.length];
        for (Arm arm : Arm.values()) {
            Histogram histogram = rollout.latency(arm);
            for (int i = 0; i < QUANTILES.length; i++) {
                latencies[arm.ordinal() * QUANTILES.length + i] = histogram.getTotalCount() == 0
                        ? Double.NaN
                        : histogram.getValueAtPercentile(100 * QUANTILES[i]) / NANOS_A_SECOND;
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

    private double status(ToDoubleFunction<Rollout.Status> reading) {
        return reading.applyAsDouble(sample().status);
    }

    private double assessment(String signal, ToDoubleFunction<Assessment> reading) {
        for (Assessment assessment : sample().status.assessments()) {
            if (assessment.signal().equals(signal)) {
                return reading.applyAsDouble(assessment);
            }
        }
        return Double.NaN;
    }

    // ---- Registering. A meter that a registry has is returned by it, and not registered again.

    /** Registers all meters; {@code each} is given one registration after the other. */
    void register(MeterRegistry registry, Consumer<Supplier<Meter>> each) {
        for (int i = 0; i < CALLS.length; i++) {
            int index = i;
            Calls counted = CALLS[i];
            each.accept(() -> FunctionCounter.builder("rollback4j.calls", this, meters -> meters.calls(index))
                    .tags(tags.and(
                            "release", word(counted.release),
                            "outcome", counted.isFailure ? "failure" : "success",
                            "weighed", Boolean.toString(counted.isWeighed)))
                    .description("Calls that have ended; weighed are those that the coin decided")
                    .baseUnit("calls")
                    .register(registry));
        }
        each.accept(() -> gauge(
                        "rollback4j.pending",
                        meters -> meters.status(status -> status.totals().stablePending()))
                .tags(tags.and("release", word(Arm.STABLE)))
                .description("Calls by the coin that have begun and not ended")
                .baseUnit("calls")
                .register(registry));
        each.accept(() -> gauge(
                        "rollback4j.pending",
                        meters -> meters.status(status -> status.totals().candidatePending()))
                .tags(tags.and("release", word(Arm.CANDIDATE)))
                .description("Calls by the coin that have begun and not ended")
                .baseUnit("calls")
                .register(registry));
        each.accept(() -> gauge("rollback4j.share", meters -> meters.status(Rollout.Status::share))
                .tags(tags)
                .description("The share of the coin's calls that gets the candidate, 0 to 1")
                .register(registry));
        for (Phase phase : Phase.values()) {
            each.accept(() -> gauge(
                            "rollback4j.state",
                            meters -> meters.status(status -> status.state().phase() == phase ? 1 : 0))
                    .tags(tags.and("state", word(phase)))
                    .description("1 for the state that the rollout is in, 0 for the others")
                    .register(registry));
        }
        for (Arm arm : Arm.values()) {
            for (int i = 0; i < QUANTILES.length; i++) {
                int index = arm.ordinal() * QUANTILES.length + i;
                each.accept(() -> gauge("rollback4j.latency", meters -> meters.sample().latencies[index])
                        .tags(tags.and(
                                "release", word(arm), "quantile", Double.toString(QUANTILES[index % QUANTILES.length])))
                        .description("How long the timed calls of this attempt took, within 6.25 %")
                        .baseUnit("seconds")
                        .register(registry));
            }
        }
        plan().signals().forEach(signal -> registerSignal(registry, each, signal));
        registerEvents(registry, each);
    }

    private void registerSignal(MeterRegistry registry, Consumer<Supplier<Meter>> each, FailureSignal signal) {
        String name = signal.name();
        for (Verdict verdict : Verdict.values()) {
            each.accept(() -> gauge(
                            "rollback4j.signal",
                            meters -> meters.assessment(name, read -> read.verdict() == verdict ? 1 : 0))
                    .tags(tags.and("signal", name, "verdict", word(verdict)))
                    .description("1 for what the signal says, 0 for the rest")
                    .register(registry));
        }
        if (signal instanceof ErrorRate) {
            each.accept(() -> gauge("rollback4j.evidence", meters -> meters.assessment(name, Assessment::log10Evidence))
                    .tags(tags.and("signal", name))
                    .description("The evidence that the candidate is worse than tolerated, as a power of ten")
                    .register(registry));
            each.accept(() -> gauge(
                            "rollback4j.evidence.threshold",
                            meters -> meters.assessment(name, Assessment::log10Threshold))
                    .tags(tags.and("signal", name))
                    .description("The evidence at which the candidate is rolled back, as a power of ten")
                    .register(registry));
        }
    }

    private void registerEvents(MeterRegistry registry, Consumer<Supplier<Meter>> each) {
        decisions.forEach((decision, count) ->
                each.accept(() -> FunctionCounter.builder("rollback4j.decisions", count, LongAdder::sum)
                        .tags(tags.and("signal", decision.signal, "acted", Boolean.toString(decision.acted)))
                        .description("Rollbacks that were decided, or, not acted, recommended or observed")
                        .baseUnit("decisions")
                        .register(registry)));
        stepFailures.forEach((step, count) ->
                each.accept(() -> FunctionCounter.builder("rollback4j.step.failures", count, LongAdder::sum)
                        .tags(tags.and("step", step))
                        .description("Tries of a step back that failed")
                        .baseUnit("failures")
                        .register(registry)));
    }

    private synchronized RollbackPlan plan() {
        return rollout.plan();
    }

    private Gauge.Builder<RolloutMeters> gauge(String name, ToDoubleFunction<RolloutMeters> reading) {
        return Gauge.builder(name, this, reading);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
