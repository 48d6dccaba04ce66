package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.KeyedStarts;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts of the calls that began in one bucket under the same weights: of one instance or of several together, since cells add up.
 * Either all of them have ended or are past their deadline, or some are still under way; then what is pending is taken as what
 * speaks against a regression.
 */
final class Cell implements Tally.Settled {

    private static final int STARTED = 0;
    private static final int GOOD = 1;
    private static final int BAD = 2;
    private static final int PENDING = 3;
    private static final int PER_ARM = 4;
    private static final int PER_UNIT = 2 * PER_ARM;

    static final int CALLS = 2 * PER_UNIT;

    /** Of each arm: first calls that began, ended well, ended badly, ended otherwise. */
    static final int FIRST_CALLS = 2 * PER_ARM;

    static final int LATENCIES = 4 * Evidence.BINS;

    private final int bucket;
    private final int stratum;

    /** Whether calls may be under way. */
    private final boolean isLive;

    final long[] calls = new long[CALLS];
    final long[] firstCalls = new long[FIRST_CALLS];

    /** By arm and start: keys whose first failure since the start is among these. */
    private final long[] firstFailures = new long[2 * KeyedStarts.STARTS];

    long @Nullable [] latencies;

    Cell(int bucket, int stratum, boolean isLive) {
        this.bucket = bucket;
        this.stratum = stratum;
        this.isLive = isLive;
    }

    static int callsIndex(boolean keyed, int arm) {
        return (keyed ? PER_UNIT : 0) + arm * PER_ARM;
    }

    static int latencyIndex(boolean keyed, int arm) {
        return ((keyed ? 2 : 0) + arm) * Evidence.BINS;
    }

    void addCalls(boolean keyed, int arm, long started, long good, long bad, long pending) {
        int at = callsIndex(keyed, arm);
        calls[at + STARTED] += started;
        calls[at + GOOD] += good;
        calls[at + BAD] += bad;
        calls[at + PENDING] += pending;
    }

    void addFirstCalls(int arm, long began, long good, long bad, long otherwise) {
        int at = arm * PER_ARM;
        firstCalls[at] += began;
        firstCalls[at + GOOD] += good;
        firstCalls[at + BAD] += bad;
        firstCalls[at + PENDING] += otherwise;
    }

    /** Adds keys whose first failure since each of some starts is among these. */
    void addFirstFailures(int arm, int fromStart, int toStart, long keys) {
        for (int start = fromStart; start <= toStart; start++) {
            firstFailures[arm * KeyedStarts.STARTS + start] += keys;
        }
    }

    long[] latencies() {
        long[] known = latencies;
        if (known == null) {
            known = new long[LATENCIES];
            latencies = known;
        }
        return known;
    }

    /** Adds the counts of another cell of the same bucket and weights. */
    void add(Cell other) {
        add(calls, other.calls);
        add(firstCalls, other.firstCalls);
        add(firstFailures, other.firstFailures);
        if (other.latencies != null) {
            add(latencies(), other.latencies);
        }
    }

    private static void add(long[] to, long[] counts) {
        for (int i = 0; i < to.length; i++) {
            to[i] += counts[i];
        }
    }

    boolean isEmpty() {
        return Arrays.stream(calls).allMatch(count -> count == 0)
                && Arrays.stream(firstFailures).allMatch(count -> count == 0);
    }

    @Override
    public int bucket() {
        return bucket;
    }

    @Override
    public int stratum() {
        return stratum;
    }

    long started(boolean keyed, int arm) {
        return calls[callsIndex(keyed, arm) + STARTED];
    }

    long pending(boolean keyed, int arm) {
        return calls[callsIndex(keyed, arm) + PENDING];
    }

    @Override
    public long calls(boolean keyed, Arm arm) {
        int at = callsIndex(keyed, arm.ordinal());
        return calls[at + GOOD] + calls[at + BAD] + calls[at + PENDING];
    }

    @Override
    public long bad(boolean keyed, Arm arm) {
        int at = callsIndex(keyed, arm.ordinal());
        return calls[at + BAD] + (isLive && arm == Arm.CANDIDATE ? 0 : calls[at + PENDING]);
    }

    /** Adds calls and failures of both arms; of calls that are under way nothing, and those past their deadline as failures. */
    void addForPeople(boolean keyed, long[] sums) {
        for (int arm = 0; arm < 2; arm++) {
            int at = callsIndex(keyed, arm);
            long bad = calls[at + BAD] + (isLive ? 0 : calls[at + PENDING]);
            sums[2 * arm] += calls[at + GOOD] + bad;
            sums[2 * arm + 1] += bad;
        }
    }

    @Override
    public long firstFailures(int start, Arm arm) {
        long first = firstFailures[arm.ordinal() * KeyedStarts.STARTS + start];
        return arm == Arm.STABLE && start <= KeyedStarts.startOf(bucket) ? first + pending(true, 0) : first;
    }

    /** Returns the first calls that began, whatever came of them. */
    long firstCallsBegun(int arm) {
        return firstCalls[arm * PER_ARM];
    }

    /** Returns the first calls of which it is known how they ended. */
    long reportedFirstCalls(int arm) {
        int at = arm * PER_ARM;
        return firstCalls[at + GOOD] + firstCalls[at + BAD] + firstCalls[at + PENDING];
    }

    @Override
    public long firstCalls(Arm arm) {
        int at = arm.ordinal() * PER_ARM;
        return Math.max(0, firstCalls[at] - firstCalls[at + PENDING]);
    }

    @Override
    public long badFirstCalls(Arm arm) {
        return Math.max(0, firstCalls(arm) - firstCalls[arm.ordinal() * PER_ARM + GOOD]);
    }

    @Override
    public boolean addLatencies(boolean keyed, long[] stable, long[] candidate) {
        long[] known = latencies;
        if (known == null) {
            return false;
        }
        boolean any = false;
        for (int bin = 0; bin < Evidence.BINS; bin++) {
            long ofStable = known[latencyIndex(keyed, 0) + bin];
            long ofCandidate = known[latencyIndex(keyed, 1) + bin];
            stable[bin] += ofStable;
            candidate[bin] += ofCandidate;
            any |= ofStable + ofCandidate > 0;
        }
        return any;
    }
}
