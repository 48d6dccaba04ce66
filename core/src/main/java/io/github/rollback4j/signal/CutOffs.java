package io.github.rollback4j.signal;

import io.github.rollback4j.traffic.Tally;

/**
 * Says at which live cohorts the evidence is looked at: calls that have not ended are taken as what speaks against a
 * regression, so that the value at any cut-off is a lower bound of what it settles at, and the largest may be used. (A call
 * whose latency is compared may still fail and then count less: the bound is on what it would be if that did not matter, which
 * is no regression either where the candidate takes no longer to its end, whatever that is.) Recent calls, pending on
 * stable, may hide what older ones show.
 */
final class CutOffs {

    private CutOffs() {}

    /** Says whether a cut-off lies between this live cohort and the next, or this one is the last. */
    static boolean isAt(Tally tally, int live, long nowNanos) {
        return live == tally.live() - 1 || tally.level(live, nowNanos) < tally.level(live + 1, nowNanos);
    }

    /** Returns the last cut-off that lies at or before the end of a live cohort; -1 for none. */
    static int reached(Tally tally, int live, long nowNanos) {
        return live == tally.live() - 1 ? Tally.LEVELS - 1 : tally.level(live + 1, nowNanos) - 1;
    }
}
