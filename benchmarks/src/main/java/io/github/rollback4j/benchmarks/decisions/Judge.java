package io.github.rollback4j.benchmarks.decisions;

/**
 * A rule by which a candidate is taken back, fed with the outcomes of calls in the order of their time. For one thread and
 * one rollout.
 */
interface Judge {

    /** Takes in what came of a call. */
    void outcome(boolean candidate, boolean failed);

    /** Says whether the candidate is to be taken back; asked ten times a second of simulated time. */
    boolean isAgainst(long nowNanos);
}
