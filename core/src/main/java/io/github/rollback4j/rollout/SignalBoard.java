package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.PushedSignal;
import io.github.rollback4j.traffic.Tally;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

    private final List<FailureSignal> inOrder;
    private final ErrorRate.@Nullable Weighing errors;
    private final Map<FailureSignal, Limit> limits = new LinkedHashMap<>();
    private final Map<PushedSignal, Map<String, Long>> reports = new LinkedHashMap<>();

    SignalBoard(RollbackPlan plan, Tally tally, double falseRollbackRate, Surroundings surroundings) {
        this.inOrder = plan.signals();
        ErrorRate errorRate = plan.errorRate();
        this.errors = errorRate == null ? null : errorRate.weigh(tally, falseRollbackRate);
        for (FailureSignal signal : inOrder) {
            if (signal instanceof LimitSignal limit) {
                limits.put(limit, new Limit(limit, new Lane(surroundings.pool(), surroundings.ticker(), true)));
            } else if (signal instanceof PushedSignal pushed) {
                reports.put(pushed, new LinkedHashMap<>());
            }
        }
    }

    /** Weighs what the tally has read, and says whether the candidate regressed. */
    boolean weigh(long nowNanos) {
        return errors != null && errors.weigh(nowNanos);
    }

    /** Returns what the last weighing found, where there is something to weigh. */
    Assessment errorAssessment() {
        return Objects.requireNonNull(errors).assessment();
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
            } else if (errors != null) {
                assessments.add(errors.assessment());
            }
        }
        return List.copyOf(assessments);
    }
}
