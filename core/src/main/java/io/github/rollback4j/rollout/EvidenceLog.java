package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.signal.FailureSignal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Remembers how the evidence of a rollout went, at up to 512 times: where these are used up every other one is given up, and
 * from then on half as many are taken.
 */
final class EvidenceLog {

    private static final int MOST_POINTS = 512;
    private static final long FIRST_INTERVAL = 1_000_000_000L;

    private final List<String> signals;
    private final double[] log10Shares;
    private double log10Threshold;
    private final List<Rollout.EvidencePoint> points = new ArrayList<>();
    private long interval = FIRST_INTERVAL;
    private long nextAt = Long.MIN_VALUE;

    EvidenceLog(RollbackPlan plan, double falseRollbackRate) {
        List<FailureSignal.Comparative> compared = plan.comparativeSignals();
        this.signals = compared.stream().map(FailureSignal::name).toList();
        this.log10Shares = compared.stream()
                .mapToDouble(signal -> Math.log10(plan.shareOf(signal)))
                .toArray();
        this.log10Threshold = -Math.log10(falseRollbackRate);
    }

    /** Sets where the candidate is rolled back, for the whole curve: it is divided anew where another instance leads. */
    void weighAgainst(double falseRollbackRate) {
        log10Threshold = -Math.log10(falseRollbackRate);
    }

    boolean isDue(long elapsedNanos) {
        return !signals.isEmpty() && elapsedNanos >= nextAt;
    }

    void add(long elapsedNanos, double share, double[] log10Evidence) {
        List<Double> weighted = new ArrayList<>();
        for (int i = 0; i < log10Evidence.length; i++) {
            weighted.add(log10Evidence[i] + log10Shares[i]);
        }
        if (points.size() == MOST_POINTS) {
            for (int i = MOST_POINTS - 1; i > 0; i -= 2) {
                points.remove(i);
            }
            interval *= 2;
        }
        points.add(new Rollout.EvidencePoint(Duration.ofNanos(elapsedNanos), share, weighted));
        nextAt = elapsedNanos + interval;
    }

    Rollout.EvidenceCurve curve() {
        return new Rollout.EvidenceCurve(signals, log10Threshold, points);
    }

    /**
     * Returns since when a signal's evidence has been rising to where it is: back along a straight line from its end through
     * where it was last below a third of its rise. (Where it was the lowest is no good answer: before a change it wanders.)
     *
     * @return since the start; null where the signal weighs no evidence, or it has not risen
     */
    @Nullable
    Duration risingSince(String signal) {
        int index = signals.indexOf(signal);
        if (index < 0 || points.isEmpty()) {
            return null;
        }
        Rollout.EvidencePoint end = points.get(points.size() - 1);
        Rollout.EvidencePoint lowest = end;
        for (Rollout.EvidencePoint point : points) {
            lowest = at(point, index) <= at(lowest, index) ? point : lowest;
        }
        double rise = at(end, index) - at(lowest, index);
        if (!(rise > 0)) {
            return null;
        }
        Rollout.EvidencePoint third = lowest;
        for (Rollout.EvidencePoint point : points) {
            third = at(point, index) <= at(lowest, index) + rise / 3 ? point : third;
        }
        Duration since =
                third.elapsed().minus(end.elapsed().minus(third.elapsed()).dividedBy(2));
        return since.compareTo(lowest.elapsed()) < 0 ? lowest.elapsed() : since;
    }

    private static double at(Rollout.EvidencePoint point, int signal) {
        return point.log10Evidence().get(signal);
    }
}
