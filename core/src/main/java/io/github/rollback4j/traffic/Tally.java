package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.KeyedStarts;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.traffic.Router.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Counts of calls by the time that they began: cumulative, monotone, by release, unit (calls with a key, calls without)
 * and weight.
 *
 * <p>Calls that began within the same quarter of a second or so under the same share are a <em>cohort</em>. The last 128
 * cohorts are live: their calls may still be pending. A cohort whose calls have all ended, or which is older than the
 * deadline (its pending calls are then bad, in both arms), is <em>settled</em>: handed to the {@link Sink}s and added to
 * a cell of its bucket, of which the planned duration has 256 and a rollout at most 512.
 *
 * <p>Outcomes are counted by any thread. The public methods are for one thread at a time.
 */
public final class Tally {

    /** Receives settled cohorts, in the order of their start. */
    public interface Sink {
        /**
         * Forgets all that was taken: it is handed over anew, with or without what other instances have counted. Default: nothing, for a
         * sink of a tally that is not shared.
         */
        default void restart() {}

        /** Takes the counts of one settled cohort. The tally's accessors for live cohorts must not be called from here. */
        void settled(Settled cohort);

        /**
         * Takes what was recorded of the calls of some time, once all of that is known; in the order of their start.
         *
         * @param metric its index in the router's settings
         * @param bucket in which the calls began
         * @param weight with which they were sent to the candidate
         * @param stable counts by category: not converted and converted, or the bins of a number; valid during the call only
         * @param candidate the same
         */
        default void closed(int metric, int bucket, double weight, long[] stable, long[] candidate) {}
    }

    /**
     * The counts of calls that began in one bucket under the same weights: of a cohort that has settled, or of many, of this instance
     * or of others. Valid during {@link Sink#settled} only.
     */
    public interface Settled {

        /** Returns the bucket in which the calls began, 0 to 511. */
        int bucket();

        /** Returns the index of the weights, for {@link #weight} and {@link #keyedWeight}. */
        int stratum();

        /** Returns the calls that ended well or badly, those past their deadline included. */
        long calls(boolean keyed, Arm arm);

        /** Returns the calls that ended badly, those past their deadline included. */
        long bad(boolean keyed, Arm arm);

        /**
         * Returns the keys whose first failure in the start group began among these. Stable's calls past their deadline
         * are added as if each had a key of its own (the worst case for the hypothesis that would be rejected); of the
         * candidate's those keys are that happened to be watched, up to 16 a cohort, each once.
         *
         * @param start 0 to 15; of starts after the calls' own there are none
         */
        long firstFailures(int start, Arm arm);

        /** Returns the first calls of fresh keys that ended well or badly, those past their deadline included. */
        long firstCalls(Arm arm);

        /** Returns the first calls of fresh keys that ended badly, those past their deadline included. */
        long badFirstCalls(Arm arm);

        /**
         * Adds the latencies that are compared, by bin; calls past their deadline are the slowest.
         *
         * @return whether there are any
         */
        boolean addLatencies(boolean keyed, long[] stable, long[] candidate);
    }

    /** The cohort that settles. */
    private final class SettledCohort implements Settled {
        private int slot;

        @Override
        public int bucket() {
            return buckets[slot];
        }

        @Override
        public int stratum() {
            return strata[slot];
        }

        @Override
        public long calls(boolean keyed, Arm arm) {
            return goodIn(slot, keyed, arm) + bad(keyed, arm);
        }

        @Override
        public long bad(boolean keyed, Arm arm) {
            return badIn(slot, keyed, arm) + pendingIn(slot, keyed, arm);
        }

        @Override
        public long firstFailures(int start, Arm arm) {
            long first = firstBad(slot, start, arm);
            return arm == Arm.STABLE && start <= KeyedStarts.startOf(bucket())
                    ? first + pendingIn(slot, true, arm)
                    : first;
        }

        @Override
        public long firstCalls(Arm arm) {
            ComparedCounts counts = compared;
            return counts == null
                    ? 0
                    : Math.max(0, counts.firstCalls(slot, arm.ordinal()) - counts.voidFirstCalls(slot, arm.ordinal()));
        }

        @Override
        public long badFirstCalls(Arm arm) {
            ComparedCounts counts = compared;
            return counts == null ? 0 : Math.max(0, firstCalls(arm) - counts.goodFirstCalls(slot, arm.ordinal()));
        }

        @Override
        public boolean addLatencies(boolean keyed, long[] stable, long[] candidate) {
            int slowest = Evidence.BINS - 1;
            return Tally.this.addLatencies(slot, keyed, slowest, slowest, stable, candidate);
        }
    }

    /** Counts for people: everything that was counted since the start, evidence or not. */
    public record Totals(
            long stableCalls,
            long stableFailures,
            long candidateCalls,
            long candidateFailures,
            long stablePending,
            long candidatePending,
            long stableApart,
            long stableApartFailures,
            long candidateApart,
            long candidateApartFailures,
            long late) {

        private static Totals of(long[] sums) {
            return new Totals(
                    sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], sums[8], sums[9], sums[10]);
        }
    }

    /** The number of {@link Totals}. */
    static final int TOTALS = 11;

    /** Ages that calls have at least which are looked at apart from younger ones; those of any age come last. */
    private static final long[] CUT_OFFS = {10_000_000_000L, 1_000_000_000L, 250_000_000L};

    /** How many cut-offs there are. */
    public static final int LEVELS = CUT_OFFS.length + 1;

    private static final int SLOTS = 128;

    /** Cohorts between the deadline and the reuse of a slot, for a reader that is late and shares that change. */
    private static final int GRACE = 8;

    /** Reads between two that also take in the counters which no cohort owns, long before these can wrap. */
    private static final int READS_A_ROUND = 256;

    static final int GOOD = 1;
    static final int BAD = 2;
    static final int PER_ARM = 3;
    static final int PER_UNIT = 2 * PER_ARM;
    private static final int PER_SLOT = 2 * PER_UNIT;
    private static final int VOIDS = 4;
    private static final int APART = SLOTS * PER_SLOT;
    private static final int PER_APART = 4;
    private static final int LATENCY = APART + 2 * PER_APART;

    /** Counters in a stripe. */
    static final int COUNTERS = LATENCY + 2 * LatencyBins.BINS;

    private static final int GROUPS_BEFORE = KeyedStarts.STARTS + 1;
    private static final int NOTHING_WEIGHED = -1;

    private final Stripes stripes;
    private final Settings settings;
    private final long cohortNanos;

    /**
     * How old calls are at least before they settle. Where instances add up what they have counted, older than the oldest cut-off: so
     * that at each cut-off the calls of all instances are in up to the same age, whichever have ended.
     */
    private final long settlingNanos;

    private final List<Sink> sinks = new ArrayList<>();
    private final SettledCohort settled = new SettledCohort();

    /** What this instance has counted, for the others; null where it is on its own. */
    private final @Nullable Ledger ledger;

    private final AtomicReference<@Nullable KeyLog> keyLog = new AtomicReference<>();
    private int keysRead;

    private final Pages.Strata knownStrata = new KnownStrata();

    /** What the others have counted; null where the instance is on its own. */
    private final @Nullable Elsewhere elsewhere;

    /** Whether what the others have counted is weighed here. */
    private boolean isMerged;

    private final int[] buckets = new int[SLOTS];
    private final int[] strata = new int[SLOTS];
    private final long[] starts = new long[SLOTS];
    private final int[] base = new int[COUNTERS];
    private final int[] read = new int[SLOTS * PER_SLOT];
    private final int[] sums = new int[COUNTERS];
    private final AtomicIntegerArray voids = new AtomicIntegerArray(SLOTS * VOIDS);
    private final int[] voidsRead = new int[SLOTS * VOIDS];
    private final LongAdder late = new LongAdder();
    private final AtomicReference<@Nullable FailingKeys> failingKeys = new AtomicReference<>();
    private final AtomicReference<@Nullable AtomicIntegerArray> firstBad = new AtomicReference<>();
    private final AtomicReference<@Nullable PendingKeys> pendingKeys = new AtomicReference<>();

    /** What only some calls take part in; null where nothing but errors is compared. */
    private final @Nullable ComparedCounts compared;

    private final @Nullable Attribution attribution;
    private final SampleRatio assigned = new SampleRatio();
    private final SampleRatio reported = new SampleRatio();

    /** By slot, the edges between the bins of its calls' latencies; null where these are not compared. */
    private final @Nullable Edges[] edges = new @Nullable Edges[SLOTS];

    /** The edges that were frozen last. */
    private @Nullable Edges frozenEdges;

    /** Whether latencies are compared now. */
    private boolean areEdgesInUse;

    /** Takes stable's latencies until the edges are frozen from them. */
    private volatile @Nullable Sample sample;

    private long warmingSince;

    private volatile int oldest;
    private int current;
    private long currentSince;
    private long floor;

    private final List<Weights> weights = new ArrayList<>();
    private final long[] apart = new long[2 * PER_APART];
    private final long[] latency = new long[2 * LatencyBins.BINS];
    private long[] cells = new long[16 * CELL];
    private int cellCount;
    private int reads;

    private static final int CELL = 5;

    private record Weights(
            long threshold,
            long freshFloor,
            double weight,
            double keyedWeight,
            double freshWeight,
            double timedWeight,
            double freshTimedWeight) {}

    Tally(Stripes stripes, Settings settings) {
        this.stripes = stripes;
        this.settings = settings;
        this.cohortNanos = Math.max(1_000_000, settings.deadlineNanos() / (SLOTS - GRACE));
        this.settlingNanos = settings.isShared()
                ? Math.max(cohortNanos, Math.min(CUT_OFFS[0], settings.deadlineNanos()))
                : cohortNanos;
        Arrays.fill(strata, NOTHING_WEIGHED);
        Router.Compared what = settings.compared();
        this.compared = what.latencyTimes() > 0 || what.keys() > 0 ? new ComparedCounts(SLOTS) : null;
        this.attribution =
                what.metrics().isEmpty() ? null : new Attribution(what.metrics(), what.keys(), settings.isShared());
        this.sample = what.latencyTimes() > 0 ? new Sample() : null;
        this.ledger = settings.isShared() ? new Ledger() : null;
        this.elsewhere = settings.isShared() ? new Elsewhere(this, knownStrata) : null;
    }

    // Called by those who count.

    static int counter(int cohort, boolean keyed) {
        return (cohort & SLOTS - 1) * PER_SLOT + (keyed ? PER_UNIT : 0);
    }

    static int apartCounter(int arm) {
        return APART + arm * PER_APART;
    }

    static int apartCounter(int arm, Outcome outcome) {
        return APART
                + arm * PER_APART
                + switch (outcome) {
                    case SUCCESS -> 1;
                    case FAILURE -> 2;
                    case CANCELLED, IGNORED -> 3;
                };
    }

    static int latencyCounter(int arm, int bin) {
        return LATENCY + arm * LatencyBins.BINS + bin;
    }

    boolean isPastDeadline(int cohort) {
        // A ticket has only the lower bits of its cohort.
        return (cohort - oldest & Ticket.COHORT_MASK) >= SLOTS;
    }

    void countLate() {
        late.increment();
    }

    void countVoid(int cohort, long ticket) {
        voids.getAndIncrement(voidIndex(cohort & SLOTS - 1, Ticket.isKeyed(ticket), (int) (ticket & Ticket.CANDIDATE)));
    }

    /** Notes the key of a call that failed; to be called before its outcome is counted. */
    void noteFailingKey(int cohort, long ticket) {
        noteFailingKey(cohort & SLOTS - 1, (int) (ticket & Ticket.CANDIDATE), Ticket.fingerprint(ticket));
    }

    private void noteFailingKey(int slot, int arm, int fingerprint) {
        int group = KeyedStarts.startOf(buckets[slot]);
        int previous = failingKeys().note(fingerprint, group);
        if (previous != FailingKeys.NOT_FIRST) {
            firstBad().getAndIncrement(firstBadIndex(slot, arm, previous));
            if (ledger != null) {
                keyLog().add(fingerprint, arm, cohortIn(slot), buckets[slot], strata[slot]);
            }
        }
    }

    /** Returns the cohort whose calls are counted in a slot; that of the tickets, as far as a key log needs it. */
    private int cohortIn(int slot) {
        int first = oldest;
        return first + ((slot - first) & (SLOTS - 1));
    }

    /** Notes a key that failed on another instance, and returns in which start group it did before, or why it does not count. */
    int noteElsewhere(int fingerprint, int group) {
        return failingKeys().note(fingerprint, group);
    }

    /** Watches the key of a weighed call to the candidate, where there is room, and returns the ticket. */
    long watched(long ticket) {
        int slot = Ticket.cohort(ticket) & SLOTS - 1;
        return pendingKeys().began(slot, Ticket.fingerprint(ticket)) ? ticket | Ticket.WATCHED : ticket;
    }

    /** Ends the watch over a call; to be called before its outcome is counted. */
    void endWatch(int cohort, long ticket) {
        pendingKeys().ended(cohort & SLOTS - 1, Ticket.fingerprint(ticket));
    }

    /** Counts the beginning of a call that is compared in more than errors. */
    void beginCompared(long ticket) {
        ComparedCounts counts = Objects.requireNonNull(compared);
        int slot = Ticket.cohort(ticket) & SLOTS - 1;
        int arm = (int) (ticket & Ticket.CANDIDATE);
        if ((ticket & Ticket.FIRST_CALL) != 0) {
            counts.beginFirstCall(slot, arm);
            if (attribution != null) {
                attribution.noteFirstCall(ticket);
            }
        }
        if ((ticket & Ticket.COMPARED) != 0) {
            counts.beginLatency(slot, Ticket.isKeyed(ticket), arm);
        }
    }

    /** Counts the end of such a call; to be called before its outcome is counted. */
    void endCompared(int cohort, long ticket, long elapsedNanos, Outcome outcome) {
        ComparedCounts counts = Objects.requireNonNull(compared);
        int slot = cohort & SLOTS - 1;
        int arm = (int) (ticket & Ticket.CANDIDATE);
        if ((ticket & Ticket.FIRST_CALL) != 0) {
            counts.endFirstCall(slot, arm, outcome);
        }
        Edges of = edges[slot];
        if ((ticket & Ticket.COMPARED) == 0 || of == null) {
            return;
        }
        boolean keyed = Ticket.isKeyed(ticket);
        switch (outcome) {
            case SUCCESS -> counts.endLatency(slot, keyed, arm, of.bin(comparable(arm, elapsedNanos)));
            // A failure is the error rate's; here it is what speaks against a regression.
            case FAILURE -> counts.endLatency(slot, keyed, arm, arm == 0 ? Evidence.BINS - 1 : 0);
            // It would have taken longer: nobody knows by how much.
            case CANCELLED ->
                counts.endLatency(
                        slot, keyed, arm, arm == 0 ? Evidence.BINS - 1 : of.bin(comparable(arm, elapsedNanos)));
            case IGNORED -> counts.forgetLatency(slot, keyed, arm);
        }
    }

    /** Returns a latency as it is compared: the candidate's divided by what is tolerated. */
    private double comparable(int arm, long nanos) {
        return arm == 0 ? (double) nanos : (double) nanos / settings.compared().latencyTimes();
    }

    /** Takes a latency of stable, where the edges are to be frozen. */
    void sample(long elapsedNanos) {
        Sample of = sample;
        if (of != null) {
            of.take((double) elapsedNanos);
        }
    }

    void record(long ticket, int metric, double value, long nowNanos) {
        if (attribution != null
                && Ticket.isWeighed(ticket)
                && (!Ticket.isKeyed(ticket) || (ticket & Ticket.FIRST_CALL) != 0)) {
            attribution.record(
                    Ticket.cohort(ticket),
                    Ticket.isKeyed(ticket),
                    (int) (ticket & Ticket.CANDIDATE),
                    metric,
                    value,
                    nowNanos);
        }
    }

    void recordKey(int fingerprint, int metric, double value, long nowNanos) {
        if (attribution != null) {
            attribution.recordKey(fingerprint, metric, value, nowNanos);
        }
    }

    // Made when first needed, by the thread that needs them. Where two threads meet, one of the two is thrown away.

    private FailingKeys failingKeys() {
        FailingKeys keys = failingKeys.get();
        return keys != null ? keys : firstOf(failingKeys, new FailingKeys(settings.failingKeys()));
    }

    private KeyLog keyLog() {
        KeyLog log = keyLog.get();
        return log != null ? log : firstOf(keyLog, new KeyLog(settings.failingKeys()));
    }

    private AtomicIntegerArray firstBad() {
        AtomicIntegerArray counts = firstBad.get();
        return counts != null ? counts : firstOf(firstBad, new AtomicIntegerArray(SLOTS * 2 * GROUPS_BEFORE));
    }

    private PendingKeys pendingKeys() {
        PendingKeys keys = pendingKeys.get();
        return keys != null ? keys : firstOf(pendingKeys, new PendingKeys(SLOTS));
    }

    private static <T> T firstOf(AtomicReference<@Nullable T> reference, T fresh) {
        T before = reference.compareAndExchange(null, fresh);
        return before == null ? fresh : before;
    }

    private static int firstBadIndex(int slot, int arm, int previous) {
        return (slot * 2 + arm) * GROUPS_BEFORE + previous + 1;
    }

    private static int voidIndex(int slot, boolean keyed, int arm) {
        return slot * VOIDS + (keyed ? 2 : 0) + arm;
    }

    // Called by the router's control path.

    void exposedBefore(long threshold) {
        floor = threshold;
    }

    boolean isCohortDue(long nowNanos) {
        return nowNanos - currentSince >= cohortNanos;
    }

    /** Begins a step in which the first call of fresh keys counts. */
    void beginStep() {
        if (attribution != null) {
            attribution.beginStep();
        }
    }

    /** Takes latencies out of the comparison after a change of the share, until the code is warm and the edges are new. */
    void warmUp(long nowNanos) {
        warmingSince = nowNanos;
        if (areEdgesInUse) {
            areEdgesInUse = false;
            sample = new Sample();
        }
    }

    /**
     * Freezes the edges between the bins of latencies when it is time, and says whether latencies are compared. Where stable
     * has answered too few calls since the change of the share, those that were frozen before go on.
     */
    boolean freezeEdges(long nowNanos) {
        Sample of = sample;
        if (areEdgesInUse || nowNanos - warmingSince < settings.compared().warmUpNanos()) {
            return areEdgesInUse;
        }
        if (of != null && of.isEnough() && ledger == null) {
            frozenEdges = Edges.of(of.values());
        }
        if (frozenEdges != null) {
            areEdgesInUse = true;
            // Where edges are frozen for several instances the sample is still wanted, for those of this share.
            sample = ledger == null ? null : of;
        }
        return areEdgesInUse;
    }

    int advance(long threshold, long freshFloor, long nowNanos, long elapsedNanos) {
        int next = current + 1;
        while (next - oldest >= SLOTS) {
            // The shares changed so often that a slot is wanted before its deadline: the cohort is left out whole, in
            // both arms, for a reason that no outcome had a part in.
            drop();
        }
        int slot = next & SLOTS - 1;
        clear(slot);
        buckets[slot] = (int) Math.min(StartMixture.LAST_BUCKET, Math.max(0, elapsedNanos) / settings.bucketNanos());
        strata[slot] = threshold == 0 ? NOTHING_WEIGHED : stratum(threshold, freshFloor);
        starts[slot] = nowNanos;
        edges[slot] = areEdgesInUse ? frozenEdges : null;
        if (attribution != null) {
            attribution.begin(next, buckets[slot], strata[slot], nowNanos);
        }
        current = next;
        currentSince = nowNanos;
        return next;
    }

    /**
     * Takes in that the table of the newest cohort can be seen: only from then on no call begins in the one before it, so
     * that this is how young its calls that have not ended may be.
     */
    void published(long nowNanos) {
        int slot = current & SLOTS - 1;
        starts[slot] = Math.max(starts[slot], nowNanos);
    }

    /** Makes a slot ready for its next cohort; what threads that were held up have counted since its last is dropped. */
    private void clear(int slot) {
        int at = slot * PER_SLOT;
        Arrays.fill(base, at, at + PER_SLOT, 0);
        stripes.addTo(base, at, at + PER_SLOT, 1);
        Arrays.fill(read, at, at + PER_SLOT, 0);
        for (int i = slot * VOIDS; i < (slot + 1) * VOIDS; i++) {
            voids.set(i, 0);
            voidsRead[i] = 0;
        }
        AtomicIntegerArray counts = firstBad.get();
        if (counts != null) {
            for (int i = firstBadIndex(slot, 0, -1); i < firstBadIndex(slot + 1, 0, -1); i++) {
                counts.set(i, 0);
            }
        }
        PendingKeys keys = pendingKeys.get();
        if (keys != null) {
            keys.clear(slot);
        }
        if (compared != null) {
            compared.clear(slot);
        }
    }

    private int stratum(long threshold, long freshFloor) {
        for (int i = 0; i < weights.size(); i++) {
            if (weights.get(i).threshold == threshold && weights.get(i).freshFloor == freshFloor) {
                return i;
            }
        }
        double share = Split.share(threshold);
        double fresh = among(share, Split.share(freshFloor));
        weights.add(new Weights(
                threshold,
                freshFloor,
                share,
                among(share, Split.share(floor)),
                fresh,
                amongTimed(share),
                amongTimed(fresh)));
        return weights.size() - 1;
    }

    /** Returns the candidate's share of the keys that were not exposed before. */
    private static double among(double share, double before) {
        return Math.max(0, (share - before) / (1 - before));
    }

    /** Returns the candidate's share of the calls that are timed. */
    private double amongTimed(double share) {
        return share / (share + (1 - share) / Integer.highestOneBit(settings.timeStableOneIn()));
    }

    // Called by those who weigh.

    /** Registers a receiver of settled cohorts, before the first call is counted. */
    public void addSink(Sink sink) {
        sinks.add(sink);
    }

    /**
     * Returns the index of a metric in the router's settings.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public int metric(String name) {
        List<Router.Metric> metrics = settings.compared().metrics();
        for (int i = 0; i < metrics.size(); i++) {
            if (metrics.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("metric " + name + " is not recorded: allowed are "
                + metrics.stream().map(Router.Metric::name).toList());
    }

    /**
     * Returns what a number in each bin is worth, as a part of the highest, as it is fixed once and for all before the first is
     * handed to the sinks; null before that, and for a metric that is no number.
     *
     * @param metric its index in the router's settings
     */
    public double @Nullable [] scores(int metric) {
        return attribution == null ? null : attribution.scores(metric);
    }

    /** Returns the number of different weights so far. */
    public int strata() {
        return weights.size();
    }

    /** Returns the chance of a call without a key to get the candidate, in (0, 1). */
    public double weight(int stratum) {
        return weights.get(stratum).weight;
    }

    /** Returns the chance of a key that may count to get the candidate, in [0, 1); where it is 0 no key counts. */
    public double keyedWeight(int stratum) {
        return weights.get(stratum).keyedWeight;
    }

    /** Returns the chance of a fresh key to get the candidate, in [0, 1); where it is 0 no first call counts. */
    public double freshWeight(int stratum) {
        return weights.get(stratum).freshWeight;
    }

    /** Returns the chance of a call whose latency is compared to be the candidate's, in [0, 1). */
    public double timedWeight(int stratum, boolean keyed) {
        return keyed ? weights.get(stratum).freshTimedWeight : weights.get(stratum).timedWeight;
    }

    /**
     * Returns the evidence that the releases do not get the calls that the weight says, or that outcomes of one of them get
     * lost: the natural logarithm of an e-value, the highest so far.
     */
    public double sampleRatioEvidence() {
        return Math.max(assigned.logEvidence(), reported.logEvidence());
    }

    /**
     * Reads the counters, and settles the oldest cohorts as far as their calls have ended or are past their deadline.
     * Afterwards the live cohorts are those from 0, the oldest, to {@link #live()} - 1.
     */
    public void read(long nowNanos) {
        // Before the counts: a key of the candidate's that is told is then also counted.
        noteKeysRead();
        int from = oldest & SLOTS - 1;
        int to = current & SLOTS - 1;
        if (from <= to) {
            sum(from, to + 1);
        } else {
            sum(from, SLOTS);
            sum(0, to + 1);
        }
        while (oldest - current < 0) {
            int slot = oldest & SLOTS - 1;
            long sinceEnd = nowNanos - starts[slot + 1 & SLOTS - 1];
            boolean overdue = sinceEnd >= settings.deadlineNanos();
            // A thread may have seen the cohort's table just now, and count the start of its call in a moment.
            if (strata[slot] != NOTHING_WEIGHED && !overdue && (sinceEnd < settlingNanos || isPending(slot))) {
                break;
            }
            settle(slot, overdue);
        }
        if (attribution != null) {
            attribution.close(this, this::close, oldest, nowNanos);
        }
        if (++reads % READS_A_ROUND == 0) {
            readApart();
            readLatency();
        }
    }

    private void close(int metric, int bucket, double weight, long[] stable, long[] candidate) {
        for (Sink sink : sinks) {
            sink.closed(metric, bucket, weight, stable, candidate);
        }
        if (ledger != null) {
            ledger.addClosed(metric, bucket, weight, stable, candidate);
        }
    }

    private boolean isPending(int slot) {
        return pendingIn(slot, false, Arm.STABLE)
                        + pendingIn(slot, false, Arm.CANDIDATE)
                        + pendingIn(slot, true, Arm.STABLE)
                        + pendingIn(slot, true, Arm.CANDIDATE)
                > 0;
    }

    private void sum(int fromSlot, int toSlot) {
        int from = fromSlot * PER_SLOT;
        int to = toSlot * PER_SLOT;
        Arrays.fill(sums, from, to, 0);
        // Outcomes before starts: whoever is seen to have ended is then also seen to have begun.
        for (int i = fromSlot * VOIDS; i < toSlot * VOIDS; i++) {
            voidsRead[i] = voids.get(i);
        }
        stripes.addTo(sums, from + BAD, to, PER_ARM);
        stripes.addTo(sums, from + GOOD, to, PER_ARM);
        stripes.addTo(sums, from, to, PER_ARM);
        for (int i = from; i < to; i++) {
            read[i] = sums[i] - base[i];
        }
    }

    private void settle(int slot, boolean overdue) {
        if (strata[slot] != NOTHING_WEIGHED) {
            if (overdue) {
                noteHangingKeys(slot);
            }
            settled.slot = slot;
            for (int i = 0; i < sinks.size(); i++) {
                sinks.get(i).settled(settled);
            }
            addToCell(false);
            addToCell(true);
            compareRatio(slot);
            if (ledger != null) {
                enter(ledger, slot);
            }
            if (attribution != null) {
                attribute(attribution, slot);
            }
        }
        drop();
    }

    private void compareRatio(int slot) {
        Weights of = weights.get(strata[slot]);
        int stable = index(slot, false, Arm.STABLE);
        int candidate = index(slot, false, Arm.CANDIDATE);
        assigned.add(buckets[slot], of.weight, read[stable], read[candidate]);
        reported.add(
                buckets[slot],
                of.weight,
                read[stable] - pendingIn(slot, false, Arm.STABLE),
                read[candidate] - pendingIn(slot, false, Arm.CANDIDATE));
        if (compared != null) {
            assigned.add(buckets[slot], of.freshWeight, compared.firstCalls(slot, 0), compared.firstCalls(slot, 1));
            reported.add(
                    buckets[slot],
                    of.freshWeight,
                    compared.reportedFirstCalls(slot, 0),
                    compared.reportedFirstCalls(slot, 1));
        }
    }

    private void compareRatio(Cell cell) {
        Weights of = weights.get(cell.stratum());
        long stable = cell.started(false, 0);
        long candidate = cell.started(false, 1);
        assigned.add(cell.bucket(), of.weight, stable, candidate);
        reported.add(cell.bucket(), of.weight, stable - cell.pending(false, 0), candidate - cell.pending(false, 1));
        if (compared != null) {
            assigned.add(cell.bucket(), of.freshWeight, cell.firstCallsBegun(0), cell.firstCallsBegun(1));
            reported.add(cell.bucket(), of.freshWeight, cell.reportedFirstCalls(0), cell.reportedFirstCalls(1));
        }
    }

    private void attribute(Attribution to, int slot) {
        for (int arm = 0; arm < 2; arm++) {
            to.addCalls(oldest, false, arm, read[slot * PER_SLOT + arm * PER_ARM]);
            if (compared != null) {
                to.addCalls(oldest, true, arm, compared.firstCalls(slot, arm));
            }
        }
    }

    /** Notes the keys that were watched and whose calls to the candidate have not ended by their deadline. */
    private void noteHangingKeys(int slot) {
        PendingKeys keys = pendingKeys.get();
        long pending = pendingIn(slot, true, Arm.CANDIDATE);
        if (keys == null || pending == 0) {
            return;
        }
        for (int place = 0; place < keys.places(); place++) {
            int fingerprint = keys.fingerprint(slot, place);
            if (fingerprint >= 0 && pending-- > 0) {
                noteFailingKey(slot, Arm.CANDIDATE.ordinal(), fingerprint);
            }
        }
    }

    /** Ends the oldest cohort; what comes later is dropped. */
    private void drop() {
        int dropped = oldest;
        strata[dropped & SLOTS - 1] = NOTHING_WEIGHED;
        oldest = dropped + 1;
    }

    private void addToCell(boolean keyed) {
        long stable = settled.calls(keyed, Arm.STABLE);
        long candidate = settled.calls(keyed, Arm.CANDIDATE);
        if (stable + candidate == 0) {
            return;
        }
        long name = (long) settled.bucket() << 32 | (long) settled.stratum() << 1 | (keyed ? 1 : 0);
        int at = -1;
        // Cohorts settle in the order of their start, so that the cells of the bucket are the last ones.
        for (int i = cellCount - 1; i >= 0 && cells[i * CELL] >>> 32 == settled.bucket() && at < 0; i--) {
            if (cells[i * CELL] == name) {
                at = i * CELL;
            }
        }
        if (at < 0) {
            at = cellCount++ * CELL;
            if (at == cells.length) {
                cells = Arrays.copyOf(cells, cells.length * 2);
            }
            cells[at] = name;
        }
        cells[at + 1] += stable;
        cells[at + 2] += settled.bad(keyed, Arm.STABLE);
        cells[at + 3] += candidate;
        cells[at + 4] += settled.bad(keyed, Arm.CANDIDATE);
    }

    /** Returns the number of live cohorts. */
    public int live() {
        return current - oldest + 1;
    }

    /** Says whether the coin's calls of this live cohort are weighed; where not, it has no stratum. */
    public boolean isWeighed(int live) {
        return strata[slot(live)] != NOTHING_WEIGHED;
    }

    /** Returns the bucket of a live cohort. */
    public int bucket(int live) {
        return buckets[slot(live)];
    }

    /** Returns the stratum of a live cohort that is weighed. */
    public int stratum(int live) {
        return strata[slot(live)];
    }

    /** Returns when a live cohort began, by the ticker. */
    public long startNanos(int live) {
        return starts[slot(live)];
    }

    /** Returns at which of the cut-offs, from 0, the oldest, a live cohort is looked at first. */
    public int level(int live, long nowNanos) {
        long age = nowNanos - startNanos(live);
        int level = 0;
        while (level < CUT_OFFS.length && age < CUT_OFFS[level]) {
            level++;
        }
        return level;
    }

    /** Returns the calls of a live cohort that ended well. */
    public long good(int live, boolean keyed, Arm arm) {
        return goodIn(slot(live), keyed, arm);
    }

    /** Returns the calls of a live cohort that ended badly. */
    public long bad(int live, boolean keyed, Arm arm) {
        return badIn(slot(live), keyed, arm);
    }

    /** Returns the calls of a live cohort that have not ended. */
    public long pending(int live, boolean keyed, Arm arm) {
        return pendingIn(slot(live), keyed, arm);
    }

    /** Returns the keys whose first failure in a start group began in a live cohort. */
    public long firstFailures(int live, int start, Arm arm) {
        return firstBad(slot(live), start, arm);
    }

    /**
     * Adds the latencies of a live cohort that are compared, by bin. Calls that have not ended are taken as what speaks
     * against a regression: stable's as the slowest, the candidate's as fast as they can still be.
     *
     * @param nowNanos when the tally was read
     * @return whether there are any
     */
    public boolean addLatencies(int live, boolean keyed, long nowNanos, long[] stable, long[] candidate) {
        int slot = slot(live);
        Edges of = edges[slot];
        if (of == null) {
            return false;
        }
        return addLatencies(
                slot,
                keyed,
                Evidence.BINS - 1,
                of.bin(comparable(Arm.CANDIDATE.ordinal(), atLeast(live, nowNanos))),
                stable,
                candidate);
    }

    private boolean addLatencies(
            int slot, boolean keyed, int stablePending, int candidatePending, long[] stable, long[] candidate) {
        ComparedCounts counts = compared;
        if (counts == null || edges[slot] == null) {
            return false;
        }
        boolean any = counts.addLatencies(slot, keyed, Arm.STABLE.ordinal(), stablePending, stable);
        return counts.addLatencies(slot, keyed, Arm.CANDIDATE.ordinal(), candidatePending, candidate) || any;
    }

    private int slot(int live) {
        return oldest + live & SLOTS - 1;
    }

    private static int index(int slot, boolean keyed, Arm arm) {
        return slot * PER_SLOT + (keyed ? PER_UNIT : 0) + arm.ordinal() * PER_ARM;
    }

    private long goodIn(int slot, boolean keyed, Arm arm) {
        return read[index(slot, keyed, arm) + GOOD];
    }

    private long badIn(int slot, boolean keyed, Arm arm) {
        return read[index(slot, keyed, arm) + BAD];
    }

    private long pendingIn(int slot, boolean keyed, Arm arm) {
        int at = index(slot, keyed, arm);
        long ended = (long) read[at + GOOD] + read[at + BAD] + voidsRead[voidIndex(slot, keyed, arm.ordinal())];
        return Math.max(0, read[at] - ended);
    }

    private long firstBad(int slot, int start, Arm arm) {
        AtomicIntegerArray counts = firstBad.get();
        if (counts == null || start > KeyedStarts.startOf(buckets[slot])) {
            return 0;
        }
        long keys = 0;
        for (int previous = -1; previous < start; previous++) {
            keys += counts.get(firstBadIndex(slot, arm.ordinal(), previous));
        }
        return keys;
    }

    /**
     * Returns what was counted under one weight, for people: stable's calls, stable's bad ones, the candidate's calls, its
     * bad ones. Call after {@link #read}.
     */
    public long[] counts(int stratum, boolean keyed) {
        long[] sums = new long[4];
        for (int i = 0; i < cellCount; i++) {
            if ((int) cells[i * CELL] == (stratum << 1 | (keyed ? 1 : 0))) {
                for (int j = 0; j < 4; j++) {
                    sums[j] += cells[i * CELL + 1 + j];
                }
            }
        }
        if (isMerged && elsewhere != null) {
            addCounts(elsewhere.settled(), stratum, keyed, sums);
            for (int level = 0; level < LEVELS; level++) {
                addCounts(elsewhere.live(level), stratum, keyed, sums);
            }
        }
        for (int i = 0; i < live(); i++) {
            if (isWeighed(i) && stratum(i) == stratum) {
                sums[0] += good(i, keyed, Arm.STABLE) + bad(i, keyed, Arm.STABLE);
                sums[1] += bad(i, keyed, Arm.STABLE);
                sums[2] += good(i, keyed, Arm.CANDIDATE) + bad(i, keyed, Arm.CANDIDATE);
                sums[3] += bad(i, keyed, Arm.CANDIDATE);
            }
        }
        return sums;
    }

    private static void addCounts(List<Cell> cells, int stratum, boolean keyed, long[] sums) {
        for (Cell cell : cells) {
            if (cell.stratum() == stratum) {
                cell.addForPeople(keyed, sums);
            }
        }
    }

    /** Returns how many calls the candidate has answered under a share, by the coin. Call after {@link #read}. */
    public long candidateCalls(double share) {
        long calls = 0;
        long threshold = share >= 1 ? 0 : Split.threshold(share);
        for (int stratum = 0; stratum < weights.size(); stratum++) {
            if (weights.get(stratum).threshold == threshold) {
                calls += counts(stratum, false)[2] + counts(stratum, true)[2];
            }
        }
        return calls;
    }

    /**
     * Returns everything that was counted since the start, for people; of all instances where these are weighed together. Call
     * after {@link #read}.
     */
    public Totals totals() {
        long[] sums = ownTotals();
        if (isMerged && elsewhere != null) {
            long[] others = elsewhere.totals();
            for (int i = 0; i < TOTALS; i++) {
                sums[i] += others[i];
            }
        }
        return Totals.of(sums);
    }

    /**
     * Returns what this instance has counted of the candidate's calls that no coin decided for: started, succeeded, failed, and neither.
     * Call after {@link #read}.
     */
    public long[] candidateApart() {
        readApart();
        return Arrays.copyOfRange(apart, PER_APART, 2 * PER_APART);
    }

    private long[] ownTotals() {
        readApart();
        long[] sums = new long[TOTALS];
        for (int i = 0; i < cellCount; i++) {
            for (int j = 0; j < 4; j++) {
                sums[j] += cells[i * CELL + 1 + j];
            }
        }
        for (int i = 0; i < live(); i++) {
            for (int unit = 0; unit < 2; unit++) {
                boolean keyed = unit == 1;
                sums[0] += good(i, keyed, Arm.STABLE) + bad(i, keyed, Arm.STABLE);
                sums[1] += bad(i, keyed, Arm.STABLE);
                sums[2] += good(i, keyed, Arm.CANDIDATE) + bad(i, keyed, Arm.CANDIDATE);
                sums[3] += bad(i, keyed, Arm.CANDIDATE);
                sums[4] += pending(i, keyed, Arm.STABLE);
                sums[5] += pending(i, keyed, Arm.CANDIDATE);
            }
        }
        sums[6] = apart[1] + apart[2];
        sums[7] = apart[2];
        sums[8] = apart[PER_APART + 1] + apart[PER_APART + 2];
        sums[9] = apart[PER_APART + 2];
        sums[10] = late.sum();
        return sums;
    }

    // Called by those who share.

    /** Weights by the thresholds that all instances know. */
    private final class KnownStrata implements Pages.Strata {

        @Override
        public int stratum(long threshold, long freshFloor) {
            return Tally.this.stratum(threshold, freshFloor);
        }

        @Override
        public long threshold(int stratum) {
            return weights.get(stratum).threshold;
        }

        @Override
        public long freshFloor(int stratum) {
            return weights.get(stratum).freshFloor;
        }
    }

    private void noteKeysRead() {
        KeyLog log = keyLog.get();
        while (log != null && log.has(keysRead)) {
            keysRead++;
        }
    }

    private void enter(Ledger to, int slot) {
        Cell cell = to.cell(buckets[slot], strata[slot]);
        addCalls(slot, cell);
        for (int start = 0; start <= KeyedStarts.startOf(buckets[slot]); start++) {
            cell.addFirstFailures(0, start, start, firstBad(slot, start, Arm.STABLE));
            cell.addFirstFailures(1, start, start, firstBad(slot, start, Arm.CANDIDATE));
        }
        int slowest = Evidence.BINS - 1;
        addLatencies(slot, slowest, slowest, cell);
    }

    private void addCalls(int slot, Cell to) {
        for (Arm arm : Arm.values()) {
            for (int unit = 0; unit < 2; unit++) {
                boolean keyed = unit == 1;
                to.addCalls(
                        keyed,
                        arm.ordinal(),
                        read[index(slot, keyed, arm)],
                        goodIn(slot, keyed, arm),
                        badIn(slot, keyed, arm),
                        pendingIn(slot, keyed, arm));
            }
            ComparedCounts counts = compared;
            if (counts != null) {
                long good = counts.goodFirstCalls(slot, arm.ordinal());
                long otherwise = counts.voidFirstCalls(slot, arm.ordinal());
                long bad = counts.reportedFirstCalls(slot, arm.ordinal()) - good - otherwise;
                to.addFirstCalls(arm.ordinal(), counts.firstCalls(slot, arm.ordinal()), good, bad, otherwise);
            }
        }
    }

    private void addLatencies(int slot, int stablePending, int candidatePending, Cell to) {
        if (compared == null || edges[slot] == null) {
            return;
        }
        for (int unit = 0; unit < 2; unit++) {
            long[] stable = new long[Evidence.BINS];
            long[] candidate = new long[Evidence.BINS];
            if (addLatencies(slot, unit == 1, stablePending, candidatePending, stable, candidate)) {
                long[] all = to.latencies();
                for (int bin = 0; bin < Evidence.BINS; bin++) {
                    all[Cell.latencyIndex(unit == 1, 0) + bin] += stable[bin];
                    all[Cell.latencyIndex(unit == 1, 1) + bin] += candidate[bin];
                }
            }
        }
    }

    /**
     * Returns what this instance has counted, for the others, as far as it has changed since the last time: pages of bytes by name,
     * each of which replaces the one of its name. Of a tally that is not shared there are none. Call right after {@link #read}.
     *
     * @param nowNanos when the tally was read
     */
    public Map<String, byte[]> changedPages(long nowNanos) {
        if (ledger == null) {
            return Map.of();
        }
        Map<String, byte[]> pages = ledger.changedPages(knownStrata, keyLog.get(), keysRead);
        pages.put(Ledger.LIVE, livePage(nowNanos));
        return pages;
    }

    /** Takes back that pages were handed out: they did not reach the others. */
    public void notShared(Set<String> pages) {
        if (ledger != null) {
            ledger.notWritten(pages);
        }
    }

    private byte[] livePage(long nowNanos) {
        Pages.Out out = new Pages.Out().numbers(ownTotals()).number(oldest & 0xFFFF_FFFFL);
        int at = 0;
        for (int level = 0; level < LEVELS; level++) {
            List<Cell> cells = new ArrayList<>();
            while (at < live() && level(at, nowNanos) <= level) {
                if (isWeighed(at)) {
                    addLive(cells, at, nowNanos);
                }
                at++;
            }
            out.number((oldest + at) & 0xFFFF_FFFFL).number(cells.size());
            cells.forEach(cell -> Pages.write(out, cell, knownStrata));
        }
        return out.bytes();
    }

    private void addLive(List<Cell> cells, int live, long nowNanos) {
        Cell last = cells.isEmpty() ? null : cells.get(cells.size() - 1);
        if (last == null || last.bucket() != bucket(live) || last.stratum() != stratum(live)) {
            last = new Cell(bucket(live), stratum(live), true);
            cells.add(last);
        }
        addCalls(slot(live), last);
        Edges of = edges[slot(live)];
        if (of != null) {
            addLatencies(slot(live), Evidence.BINS - 1, of.bin(comparable(1, atLeast(live, nowNanos))), last);
        }
    }

    /** Returns for how long the calls of a live cohort are under way at least. */
    private long atLeast(int live, long nowNanos) {
        // The last of the cohort's calls began when the next cohort did; of the newest one, just now.
        return live == live() - 1 ? 0 : Math.max(0, nowNanos - starts[slot(live + 1)]);
    }

    /**
     * Takes in a page of another instance's {@link #changedPages}; it counts from the next {@link #merge} on.
     *
     * @throws IOException if it cannot be read, for example since it is of a newer version; what the instance told before stays
     */
    public void take(String instance, String name, byte[] page) throws IOException {
        if (elsewhere != null) {
            elsewhere.take(instance, name, page);
        }
    }

    /** Weighs what the others have counted, as far as it was taken in, together with this instance's own from now on. */
    public void merge() {
        if (elsewhere != null) {
            isMerged = true;
            elsewhere.addUp();
            handOverAnew(elsewhere);
        }
    }

    /** Weighs this instance's own calls alone from now on. */
    public void separate() {
        if (isMerged) {
            isMerged = false;
            handOverAnew(null);
        }
    }

    /**
     * Returns what the others have counted of calls that began between a cut-off and the one before it and have not settled; none
     * where this instance's calls alone are weighed.
     *
     * @param level of the cut-off, see {@link #level}
     */
    public List<? extends Settled> elsewhere(int level) {
        return isMerged && elsewhere != null ? elsewhere.live(level) : List.of();
    }

    private void handOverAnew(@Nullable Elsewhere others) {
        Ledger own = Objects.requireNonNull(ledger);
        sinks.forEach(Sink::restart);
        assigned.reset();
        reported.reset();
        List<Cell> cells = new ArrayList<>(own.cells());
        List<Closed> closed = new ArrayList<>(own.closed());
        if (others != null) {
            cells.addAll(others.settled());
            closed.addAll(others.closed());
        }
        cells.sort(Comparator.comparingInt(Cell::bucket));
        closed.sort(Comparator.comparingInt(Closed::bucket));
        for (Cell cell : cells) {
            for (Sink sink : sinks) {
                sink.settled(cell);
            }
            compareRatio(cell);
        }
        for (Closed of : closed) {
            for (Sink sink : sinks) {
                sink.closed(
                        of.metric(),
                        of.bucket(),
                        of.weight(),
                        of.counts().stable.clone(),
                        of.counts().candidate.clone());
            }
        }
    }

    /**
     * Returns the edges between the bins of latencies that this instance would freeze now, for all instances; null where it is too
     * early, or where nothing new is known since the last time.
     */
    public double @Nullable [] proposedEdges(long nowNanos) {
        Sample of = sample;
        if (of == null || nowNanos - warmingSince < settings.compared().warmUpNanos() || !of.isEnough()) {
            return null;
        }
        return Edges.of(of.values()).toArray();
    }

    /** Takes the edges between the bins of latencies that hold for all instances; for calls that begin from the next cohort on. */
    public void useEdges(double[] given) {
        frozenEdges = Edges.ofArray(given);
        sample = null;
    }

    /**
     * Returns the edges between the bins of a number, and what one in each bin is worth, that this instance would fix now, for all
     * instances; null where it is too early, or they are fixed.
     *
     * @param metric its index in the router's settings
     */
    public double @Nullable [][] proposedScale(int metric) {
        return attribution == null ? null : attribution.proposedScale(metric);
    }

    /** Takes the edges and the worth of a number's bins that hold for all instances. */
    public void useScale(int metric, double[] givenEdges, double[] scores) {
        if (attribution != null) {
            attribution.useScale(metric, givenEdges, scores);
        }
    }

    /**
     * Returns the latencies of an arm's timed calls since the start, in nanoseconds, within 6.25 % (from 8 microseconds to
     * 137 seconds; below within 512 ns).
     */
    public Histogram latency(Arm arm) {
        readLatency();
        int from = arm.ordinal() * LatencyBins.BINS;
        return LatencyBins.histogram(Arrays.copyOfRange(latency, from, from + LatencyBins.BINS));
    }

    private void readApart() {
        addSince(apart, APART);
    }

    private void readLatency() {
        addSince(latency, LATENCY);
    }

    /** Adds what was counted since the last time. */
    private void addSince(long[] totals, int from) {
        int to = from + totals.length;
        Arrays.fill(sums, from, to, 0);
        stripes.addTo(sums, from, to, 1);
        for (int i = 0; i < totals.length; i++) {
            totals[i] += sums[from + i] - base[from + i];
            base[from + i] = sums[from + i];
        }
    }
}
