package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.Evidence;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counts by cohort what only some calls take part in, shared by all threads: the latencies that are compared, by bin, and
 * the first calls of keys. A rollout that compares neither does without.
 */
final class ComparedCounts {

    private static final int PER_ARM = 1 + Evidence.BINS;
    private static final int PER_UNIT = 2 * PER_ARM;
    private static final int FIRST_CALLS = 2 * PER_UNIT;
    private static final int PER_FIRST_CALLS = 4;
    private static final int PER_SLOT = FIRST_CALLS + 2 * PER_FIRST_CALLS;
    private static final int GOOD = 1;
    private static final int BAD = 2;
    private static final int VOID = 3;

    private final AtomicIntegerArray counts;

    ComparedCounts(int slots) {
        this.counts = new AtomicIntegerArray(slots * PER_SLOT);
    }

    private static int latency(int slot, boolean keyed, int arm) {
        return slot * PER_SLOT + (keyed ? PER_UNIT : 0) + arm * PER_ARM;
    }

    private static int firstCall(int slot, int arm) {
        return slot * PER_SLOT + FIRST_CALLS + arm * PER_FIRST_CALLS;
    }

    void beginLatency(int slot, boolean keyed, int arm) {
        counts.getAndIncrement(latency(slot, keyed, arm));
    }

    void endLatency(int slot, boolean keyed, int arm, int bin) {
        counts.getAndIncrement(latency(slot, keyed, arm) + 1 + bin);
    }

    /** Takes back a beginning, of a call of which nothing is known. */
    void forgetLatency(int slot, boolean keyed, int arm) {
        counts.getAndDecrement(latency(slot, keyed, arm));
    }

    void beginFirstCall(int slot, int arm) {
        counts.getAndIncrement(firstCall(slot, arm));
    }

    void endFirstCall(int slot, int arm, Outcome outcome) {
        counts.getAndIncrement(firstCall(slot, arm)
                + switch (outcome) {
                    case SUCCESS -> GOOD;
                    case FAILURE -> BAD;
                    case CANCELLED, IGNORED -> VOID;
                });
    }

    /**
     * Adds an arm's latencies by bin, and all that have not ended to one bin. Ends are read before beginnings: what ends
     * in between counts as not ended, which is on the safe side.
     *
     * @return whether any call of the arm takes part
     */
    boolean addLatencies(int slot, boolean keyed, int arm, int binOfPending, long[] sums) {
        int at = latency(slot, keyed, arm);
        if (counts.get(at) == 0) {
            return false;
        }
        long ended = 0;
        for (int bin = 0; bin < Evidence.BINS; bin++) {
            int count = counts.get(at + 1 + bin);
            sums[bin] += count;
            ended += count;
        }
        sums[binOfPending] += Math.max(0, counts.get(at) - ended);
        return true;
    }

    long firstCalls(int slot, int arm) {
        return counts.get(firstCall(slot, arm));
    }

    /** Returns the first calls that ended well. */
    long goodFirstCalls(int slot, int arm) {
        return counts.get(firstCall(slot, arm) + GOOD);
    }

    /** Returns the first calls of which it is known how they ended, whether that was good, bad or neither. */
    long reportedFirstCalls(int slot, int arm) {
        int at = firstCall(slot, arm);
        return (long) counts.get(at + GOOD) + counts.get(at + BAD) + counts.get(at + VOID);
    }

    long voidFirstCalls(int slot, int arm) {
        return counts.get(firstCall(slot, arm) + VOID);
    }

    void clear(int slot) {
        for (int i = slot * PER_SLOT; i < (slot + 1) * PER_SLOT; i++) {
            counts.set(i, 0);
        }
    }
}
