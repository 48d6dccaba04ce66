package io.github.rollback4j.signal;

import io.github.rollback4j.traffic.Tally;

/**
 * Says what may go wrong, and by how much more than stable, or beyond which limit, it is tolerated. Made by
 * {@link Signals}. Immutable and thread-safe.
 */
public sealed interface FailureSignal permits FailureSignal.Comparative, LimitSignal, PushedSignal, ShadowMismatch {

    /** Returns the name, unique within a plan: lower-case letters, digits and hyphens. */
    String name();

    /** Returns the signal and its settings in one line, for the plan's hash and its readers. */
    String description();

    /**
     * A signal that compares the candidate with stable under the rollout's own coin. It spends a part of the plan's
     * false-rollback rate.
     */
    sealed interface Comparative extends FailureSignal permits ErrorRate, Latency, BusinessMetric {

        /** Returns how much of the plan's false-rollback rate it gets, in proportion to the other comparative signals. */
        double weight();

        /**
         * Starts weighing a rollout's tally.
         *
         * @param tally whose calls are weighed, before its first call is counted
         * @param falseRollbackRate the signal's share of the plan's rate, in (0, 1)
         */
        Weighing weigh(Tally tally, double falseRollbackRate);
    }

    /** What one comparative signal makes of one rollout's calls. For one thread at a time. */
    interface Weighing {

        /**
         * Weighs everything that the tally has read, and says whether the candidate regressed. Makes no garbage.
         *
         * @param nowNanos when the tally was read
         */
        boolean weigh(long nowNanos);

        /**
         * Changes the signal's share of the false-rollback rate: where it is told beforehand how the rate is divided between what one
         * instance sees alone and what all see together.
         *
         * @param rate in (0, 1)
         */
        void weighAgainst(double rate);

        /** Returns the evidence as a power of ten; 0 where there is none. */
        double log10Evidence();

        /** Says what the last weighing found. */
        Assessment assessment();
    }
}
