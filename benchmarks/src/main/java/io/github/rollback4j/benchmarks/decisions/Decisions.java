package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.benchmarks.decisions.Simulation.Decision;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/** What one rule decided in many rollouts. */
final class Decisions {

    private final Decision[] all;

    Decisions(Decision[] all) {
        this.all = all;
    }

    /** Returns in how many rollouts the candidate was taken back. */
    long made() {
        return Arrays.stream(all).filter(Decision::isMade).count();
    }

    /** Returns the median of the seconds until then; infinity where it was in fewer than half. */
    double median() {
        return sorted(Decision::seconds)[all.length / 2];
    }

    /** Returns the median of the candidate's calls until then. */
    double medianCalls() {
        return sorted(Decision::candidateCalls)[all.length / 2];
    }

    /** Returns the median and the 95th percentile of the seconds, for a table. */
    String delay() {
        double[] seconds = sorted(Decision::seconds);
        double median = seconds[seconds.length / 2];
        if (Double.isInfinite(median)) {
            return "-";
        }
        double high = seconds[(int) Math.min(seconds.length - 1, Math.ceil(.95 * seconds.length) - 1)];
        return (median < 10 ? "%.1f" : "%.0f").formatted(median)
                + (Double.isInfinite(high) ? " (-)" : (high < 10 ? " (%.1f)" : " (%.0f)").formatted(high));
    }

    /** Returns the median of the candidate's calls, for a table. */
    String calls() {
        double median = medianCalls();
        return Double.isInfinite(median) ? "-" : "%,.0f".formatted(median);
    }

    /** Returns in which part of the rollouts the candidate was taken back, for a table. */
    String part() {
        return "%.1f %%".formatted(100.0 * made() / all.length);
    }

    private double[] sorted(ToDoubleFunction<Decision> what) {
        return Arrays.stream(all)
                .mapToDouble(decision -> decision.isMade() ? what.applyAsDouble(decision) : Double.POSITIVE_INFINITY)
                .sorted()
                .toArray();
    }
}
