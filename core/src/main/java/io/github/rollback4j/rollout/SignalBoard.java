package io.github.rollback4j.rollout;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.PushedSignal;
import io.github.rollback4j.signal.ShadowMismatch;
import io.github.rollback4j.traffic.Tally;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps what each signal of one plan says. Under the rollout's lock, but for the readings themselves. */
final class SignalBoard {

    private static final class Limit {
        private final LimitSignal signal;
        private final LimitSignal.Watch watch;
        private final Lane lane;
        private long readAt = Long.MIN_VALUE / 2;

        Limit(LimitSignal signal, Lane lane) {
            this.signal = signal;
            this.watch = signal.watch();
            this.lane = lane;
        }
    }

    /** Below, how stable did so far says little. */
    private static final int ENOUGH_CALLS = 100;

    private final RollbackPlan plan;
    private final List<FailureSignal> inOrder;
    private final Map<FailureSignal, FailureSignal.Weighing> weighings = new LinkedHashMap<>();
    private final Map<FailureSignal, ShadowMismatch.Watch> shadows = new LinkedHashMap<>();
    private ErrorRate.@Nullable Weighing errors;
    private final Map<FailureSignal, Limit> limits = new LinkedHashMap<>();
    private final Map<PushedSignal, Map<String, Long>> reports = new LinkedHashMap<>();

    SignalBoard(
            RollbackPlan plan,
            Tally tally,
            double falseRollbackRate,
            Surroundings surroundings,
            @Nullable Deployment deployment) {
        this.plan = plan;
        this.inOrder = plan.signals();
        for (FailureSignal signal : inOrder) {
            if (signal instanceof FailureSignal.Comparative compared) {
                double rate = falseRollbackRate * plan.shareOf(compared);
                FailureSignal.Weighing weighing = deployment != null && compared instanceof ErrorRate rates
                        ? deployment.weigh(rates, rate)
                        : compared.weigh(tally, rate);
                weighings.put(signal, weighing);
                if (weighing instanceof ErrorRate.Weighing ofErrors) {
                    errors = ofErrors;
                }
            } else if (signal instanceof ShadowMismatch mismatch) {
                shadows.put(signal, mismatch.watch());
            } else if (signal instanceof LimitSignal limit) {
                limits.put(limit, new Limit(limit, new Lane(surroundings.pool(), surroundings.ticker(), true)));
            } else if (signal instanceof PushedSignal pushed) {
                reports.put(pushed, new LinkedHashMap<>());
            }
        }
    }

    /** Divides another false-rollback rate among the comparative signals from now on. */
    void weighAgainst(double falseRollbackRate) {
        weighings.forEach((signal, weighing) -> {
            if (signal instanceof FailureSignal.Comparative compared) {
                weighing.weighAgainst(falseRollbackRate * plan.shareOf(compared));
            }
        });
    }

    /** Weighs the errors alone that the tally has read, and returns what reads REGRESSED, if they do. */
    @Nullable
    Assessment weighErrors(long nowNanos) {
        return errors != null && errors.weigh(nowNanos) ? errors.assessment() : null;
    }

    /** Weighs everything that the tally has read, and returns the first that reads REGRESSED, if anything does. */
    @Nullable
    Assessment weigh(long nowNanos) {
        FailureSignal.Weighing regressed = null;
        // Each is weighed, so that what is shown of it is of this time.
        for (FailureSignal.Weighing weighing : weighings.values()) {
            if (weighing.weigh(nowNanos) && regressed == null) {
                regressed = weighing;
            }
        }
        return regressed == null ? null : regressed.assessment();
    }

    /** Takes in what was compared beside stable, and returns what reads REGRESSED, if anything does. */
    @Nullable
    Assessment takeShadows(int bucket, long compared, long mismatches) {
        for (ShadowMismatch.Watch watch : shadows.values()) {
            watch.take(bucket, compared, mismatches);
            Assessment assessment = watch.assessment();
            if (assessment.verdict() == Verdict.REGRESSED) {
                return assessment;
            }
        }
        return null;
    }

    /** Returns the signals that could never fire, going by how stable did so far. */
    List<Preflight.Item> pointless(Tally.Totals totals) {
        long calls = totals.stableCalls() + totals.stableApart();
        long failures = totals.stableFailures() + totals.stableApartFailures();
        List<Preflight.Item> pointless = new ArrayList<>();
        for (FailureSignal signal : inOrder) {
            if (signal instanceof ErrorRate errorRate && calls >= ENOUGH_CALLS) {
                double rate = (double) failures / calls;
                Evidence.Margin margin = errorRate.margin();
                if (margin.ratio() * rate + margin.difference() >= 1) {
                    pointless.add(new Preflight.Item(
                            "signal " + signal.name(),
                            Preflight.Outcome.FAILED,
                            String.format(
                                    Locale.ROOT,
                                    "it could never fire: stable failed %,d of %,d calls, and %s times that plus %s is"
                                            + " tolerated",
                                    failures,
                                    calls,
                                    margin.ratio(),
                                    margin.difference())));
                }
            }
        }
        return pointless;
    }

    /** Returns by how much the candidate's error rate is above stable's at most, in the current step; 1 where it is unknown. */
    double highestExcess() {
        return errors == null ? 1 : errors.highestExcess();
    }

    /** Returns how many keys failed on the candidate at least, when errors were last weighed; 0 where that is not known. */
    long failingKeys() {
        return errors == null ? 0 : errors.failingKeys();
    }

    /** Returns the evidence of each comparative signal as a power of ten, in the plan's order. */
    double[] log10Evidence() {
        double[] all = new double[weighings.size()];
        int at = 0;
        for (FailureSignal.Weighing weighing : weighings.values()) {
            all[at++] = weighing.log10Evidence();
        }
        return all;
    }

    /** Queues the readings that are due; {@code then} is given what takes each in, to be called under the lock. */
    void readLimits(long nowNanos, Consumer<Supplier<Assessment>> then) {
        for (Limit limit : limits.values()) {
            if (limit.lane.isIdle()
                    && nowNanos - limit.readAt >= limit.signal.every().toNanos()) {
                limit.readAt = nowNanos;
                limit.lane.add(
                        limit.signal.every(),
                        limit.signal.probe()::read,
                        (reading, thrown) ->
                                then.accept(() -> limit.watch.take(reading == null ? Double.NaN : reading, nowNanos)));
            }
        }
    }

    void forEachLane(Consumer<Lane> action) {
        limits.values().forEach(limit -> action.accept(limit.lane));
    }

    /**
     * Returns the pushed signal of a name.
     *
     * @throws IllegalArgumentException if the plan has none
     */
    PushedSignal pushed(String name, String rolloutId) {
        return reports.keySet().stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("signal '" + name
                        + "' is not one that can be raised in " + rolloutId + ": allowed are "
                        + reports.keySet().stream().map(PushedSignal::name).toList()));
    }

    Assessment raise(PushedSignal signal, String by, String what, long nowNanos) {
        Map<String, Long> reporters = Objects.requireNonNull(reports.get(signal));
        reporters.put(by, nowNanos);
        Assessment assessment = assessment(signal, nowNanos);
        return new Assessment(
                signal.name(),
                assessment.verdict(),
                Double.NaN,
                Double.NaN,
                assessment.why() + ", last " + by + ": " + what);
    }

    private Assessment assessment(PushedSignal signal, long nowNanos) {
        Map<String, Long> reporters = Objects.requireNonNull(reports.get(signal));
        reporters.values().removeIf(at -> nowNanos - at > signal.within().toNanos());
        int raised = reporters.size();
        Verdict verdict =
                raised == 0 ? Verdict.NO_DATA : raised >= signal.reporters() ? Verdict.REGRESSED : Verdict.INCONCLUSIVE;
        return Assessment.of(signal.name(), verdict, raised + " of " + signal.reporters() + " reports");
    }

    /** Returns what a signal says that has nothing to judge by, or null where all have; reports are not expected. */
    @Nullable
    Assessment blind(long nowNanos) {
        List<Assessment> assessments = assessments(nowNanos);
        for (int i = 0; i < inOrder.size(); i++) {
            if (!(inOrder.get(i) instanceof PushedSignal) && assessments.get(i).verdict() == Verdict.NO_DATA) {
                return assessments.get(i);
            }
        }
        return null;
    }

    /** Returns what each signal says, in the plan's order. */
    List<Assessment> assessments(long nowNanos) {
        List<Assessment> assessments = new ArrayList<>();
        for (FailureSignal signal : inOrder) {
            Limit limit = limits.get(signal);
            if (limit != null) {
                assessments.add(limit.watch.assessment());
            } else if (signal instanceof PushedSignal pushed) {
                assessments.add(assessment(pushed, nowNanos));
            } else {
                FailureSignal.Weighing weighing = weighings.get(signal);
                ShadowMismatch.Watch shadow = shadows.get(signal);
                if (weighing != null) {
                    assessments.add(weighing.assessment());
                } else if (shadow != null) {
                    assessments.add(shadow.assessment());
                }
            }
        }
        return List.copyOf(assessments);
    }
}
