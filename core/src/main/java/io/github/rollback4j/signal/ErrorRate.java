package io.github.rollback4j.signal;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.Evidence.Margin;
import io.github.rollback4j.evidence.KeyedStarts;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Tally;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The share of calls that fail, against stable's in the same time under the same split.
 *
 * <p>Tolerated is a rate of the candidate of at most {@code times · stable's + by}. What is not stated is neutral:
 * {@code notAboveStableBy(x)} alone means {@code times = 1}, {@code notAboveStableTimes(m)} alone means {@code by = 0}.
 * Stating nothing tolerates 1.1 times stable's rate plus 0.0005, and in a deployment 2 times plus 0.005.
 *
 * <p>Calls with a key count once a key and start (heavy users cannot tip the scale); calls without a key count each. Both
 * are weighed on their own with a share of the false-rollback rate. Immutable and thread-safe.
 */
public final class ErrorRate implements FailureSignal.Comparative {

    private static final double WEIGHT = .5;

    /** How probable it may be in each step that the candidate is wrongly taken to be no worse. */
    public static final double FALSE_PROMOTION_RATE = .05;

    private static final double DEPLOYMENT_TIMES = 2;
    private static final double DEPLOYMENT_BY = .005;

    static final ErrorRate WITH_DEFAULTS = new ErrorRate(null, null, 3, 0.5);

    private final @Nullable Double times;
    private final @Nullable Double by;
    private final int minimumFailures;
    private final double keyedShare;

    private ErrorRate(@Nullable Double times, @Nullable Double by, int minimumFailures, double keyedShare) {
        this.times = times;
        this.by = by;
        this.minimumFailures = minimumFailures;
        this.keyedShare = keyedShare;
        margin();
    }

    /**
     * Tolerates a rate above stable's by this much.
     *
     * @param difference a part of one, 0 to less than 1; see {@link Signals#percentagePoints}
     * @throws IllegalArgumentException if the difference is outside its range
     */
    public ErrorRate notAboveStableBy(double difference) {
        if (!(difference >= 0 && difference < 1)) {
            throw new IllegalArgumentException(
                    "error-rate tolerates a difference of " + difference + " to stable: 0 to less than 1 is allowed");
        }
        return new ErrorRate(times, difference, minimumFailures, keyedShare);
    }

    /**
     * Tolerates a rate of this many times stable's.
     *
     * @param ratio 1 to 100
     * @throws IllegalArgumentException if the ratio is outside its range
     */
    public ErrorRate notAboveStableTimes(double ratio) {
        if (!(ratio >= 1 && ratio <= 100)) {
            throw new IllegalArgumentException(
                    "error-rate tolerates " + ratio + " times stable's: 1 to 100 is allowed");
        }
        return new ErrorRate(ratio, by, minimumFailures, keyedShare);
    }

    /**
     * Says how many failures of the candidate, of as many keys where there are keys, it takes at least. Default 3: one bad
     * incident is no regression.
     *
     * @throws IllegalArgumentException if the number is not between 1 and 1000
     */
    public ErrorRate atLeast(int failures) {
        if (failures < 1 || failures > 1000) {
            throw new IllegalArgumentException(
                    "error-rate asks for at least " + failures + " failures: 1 to 1000 are allowed");
        }
        return new ErrorRate(times, by, failures, keyedShare);
    }

    /**
     * Says which part of this signal's share of the false-rollback rate calls with a key get; the rest goes to calls
     * without. Default 0.5; 1 where all calls have keys, 0 where none has (the other kind is then not weighed).
     *
     * @throws IllegalArgumentException if the share is not between 0 and 1
     */
    public ErrorRate shareOfKeyedCalls(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "error-rate has a share of keyed calls of " + share + ": 0 to 1 is allowed");
        }
        return new ErrorRate(times, by, minimumFailures, share);
    }

    @Override
    public String name() {
        return "error-rate";
    }

    @Override
    public double weight() {
        return WEIGHT;
    }

    /** Returns what is tolerated. */
    public Margin margin() {
        if (times == null && by == null) {
            return Margin.DEFAULT;
        }
        return new Margin(times == null ? 1 : times, by == null ? 0 : by);
    }

    /**
     * Returns the same for a deployment, where there is no coin: what is not stated tolerates 2 times the baseline plus 0.005, since what
     * came before, or elsewhere, tells less than stable's calls under the same coin. A plan for a deployment does this by itself.
     */
    public ErrorRate forDeployment() {
        return times == null && by == null
                ? new ErrorRate(DEPLOYMENT_TIMES, DEPLOYMENT_BY, minimumFailures, keyedShare)
                : this;
    }

    /** Returns how many failures of the candidate it takes at least. */
    public int leastFailures() {
        return minimumFailures;
    }

    /** Returns which part of the signal's false-rollback rate calls with a key get. */
    public double keyedShare() {
        return keyedShare;
    }

    @Override
    public String description() {
        Margin margin = margin();
        return "error-rate: not above stable times " + margin.ratio() + " plus " + margin.difference() + ", at least "
                + minimumFailures + " failures, share of keyed calls " + keyedShare;
    }

    @Override
    public Weighing weigh(Tally tally, double falseRollbackRate) {
        return new Weighing(tally, falseRollbackRate);
    }

    /**
     * Weighs the calls of one rollout: settled cohorts once, live ones anew each time, with pending calls bounded for the
     * hypothesis that would be rejected (stable's as failures, the candidate's as successes). So the value at any
     * cut-off is a lower bound of what it settles at, and the largest may be used. For one thread at a time.
     */
    public final class Weighing implements FailureSignal.Weighing, Tally.Sink {

        private static final int STARTS = KeyedStarts.STARTS;

        private static final int FIRST_CALLS = 4;
        private static final int CALLS = 8;
        private static final int KEYED_CALLS = 9;

        private final Tally tally;
        private double logThreshold;
        private final double logUnkeyedShare = Math.log(1 - keyedShare);
        private final double logKeyedShare = Math.log(keyedShare);
        private final Evidence unkeyed = Evidence.errors(margin());
        private final Evidence keyed = Evidence.keyedErrors(margin());
        private final StartMixture settledMixture = new StartMixture(unkeyed);
        private final StartMixture mixture = new StartMixture(unkeyed);
        private final KeyedStarts starts = new KeyedStarts(keyed);
        private final List<Evidence.@Nullable Factors> unkeyedFactors = new ArrayList<>();
        private final List<Evidence.@Nullable Factors> keyedFactors = new ArrayList<>();

        /** By stratum, what has settled: calls and first calls of fresh keys, by arm, and how many calls there were in all. */
        private final List<long[]> underShare = new ArrayList<>();

        private long[] settledKeys = new long[0];
        private long[] keys = new long[0];
        private long settledUnkeyedFailures;
        private boolean anyUnkeyed;
        private boolean anyKeyed;

        private double log;
        private boolean regressed;

        /** What was found so far, while calls are added up one cut-off after the other. */
        private boolean anyNow;

        private boolean isOtherNew;

        private long failuresNow;
        private double bestNow;
        private boolean isDecidedNow;

        private Weighing(Tally tally, double falseRollbackRate) {
            this.tally = tally;
            this.logThreshold = -Math.log(falseRollbackRate);
            tally.addSink(this);
        }

        @Override
        public void weighAgainst(double rate) {
            logThreshold = -Math.log(rate);
        }

        @Override
        public void restart() {
            settledMixture.reset();
            settledUnkeyedFailures = 0;
            anyUnkeyed = false;
            anyKeyed = false;
            Arrays.fill(settledKeys, 0);
            underShare.forEach(of -> Arrays.fill(of, 0));
        }

        @Override
        public void settled(Tally.Settled cohort) {
            makeRoom();
            int stratum = cohort.stratum();
            long stable = cohort.calls(false, Arm.STABLE);
            long candidate = cohort.calls(false, Arm.CANDIDATE);
            if (stable + candidate > 0) {
                long failures = cohort.bad(false, Arm.CANDIDATE);
                anyUnkeyed = true;
                settledUnkeyedFailures += failures;
                settledMixture.advanceTo(Math.max(settledMixture.bucket(), cohort.bucket()));
                settledMixture.add(unkeyedFactors(stratum), stable, cohort.bad(false, Arm.STABLE), candidate, failures);
            }
            noteForPromotion(underShare.get(stratum), cohort);
            long stableKeyed = cohort.calls(true, Arm.STABLE);
            if (stableKeyed + cohort.calls(true, Arm.CANDIDATE) > 0) {
                anyKeyed = true;
                for (int start = 0; start <= KeyedStarts.startOf(cohort.bucket()); start++) {
                    int at = (stratum * STARTS + start) * 3;
                    settledKeys[at] += stableKeyed;
                    settledKeys[at + 1] += cohort.firstFailures(start, Arm.STABLE);
                    settledKeys[at + 2] += cohort.firstFailures(start, Arm.CANDIDATE);
                }
            }
        }

        private static void noteForPromotion(long[] of, Tally.Settled cohort) {
            for (int arm = 0; arm < 2; arm++) {
                Arm which = arm == 0 ? Arm.STABLE : Arm.CANDIDATE;
                of[2 * arm] += cohort.calls(false, which);
                of[2 * arm + 1] += cohort.bad(false, which);
                of[FIRST_CALLS + 2 * arm] += cohort.firstCalls(which);
                of[FIRST_CALLS + 2 * arm + 1] += cohort.badFirstCalls(which);
                of[CALLS] += cohort.calls(false, which);
                of[KEYED_CALLS] += cohort.calls(true, which);
            }
        }

        @Override
        public boolean weigh(long nowNanos) {
            makeRoom();
            log = Double.NEGATIVE_INFINITY;
            regressed = false;
            weighUnkeyed(nowNanos);
            weighKeyed(nowNanos);
            return regressed;
        }

        private void weighUnkeyed(long nowNanos) {
            anyNow = anyUnkeyed;
            failuresNow = settledUnkeyedFailures;
            bestNow = Double.NEGATIVE_INFINITY;
            isDecidedNow = false;
            mixture.copyFrom(settledMixture);
            int live = tally.live();
            int level = lookUnkeyed(0, CutOffs.reached(tally, -1, nowNanos), false);
            for (int i = 0; i < live; i++) {
                if (tally.isWeighed(i)) {
                    long stableBad = tally.bad(i, false, Arm.STABLE) + tally.pending(i, false, Arm.STABLE);
                    long stable = tally.good(i, false, Arm.STABLE) + stableBad;
                    long bad = tally.bad(i, false, Arm.CANDIDATE);
                    long candidate = tally.good(i, false, Arm.CANDIDATE) + bad + tally.pending(i, false, Arm.CANDIDATE);
                    addUnkeyed(tally.bucket(i), tally.stratum(i), stable, stableBad, candidate, bad);
                }
                level = lookUnkeyed(level, CutOffs.reached(tally, i, nowNanos), true);
            }
            if (anyNow) {
                log = Math.max(log, logUnkeyedShare + bestNow);
                regressed |= isDecidedNow;
            }
        }

        private void addUnkeyed(int bucket, int stratum, long stable, long stableBad, long candidate, long bad) {
            if (stable + candidate > 0) {
                anyNow = true;
                failuresNow += bad;
                mixture.advanceTo(Math.max(mixture.bucket(), bucket));
                mixture.add(unkeyedFactors(stratum), stable, stableBad, candidate, bad);
            }
        }

        /** Looks at the evidence at each cut-off from one to another, with what others have of the calls up to it. */
        private int lookUnkeyed(int from, int reached, boolean isOwnNew) {
            for (int level = from; level <= reached; level++) {
                isOtherNew = false;
                List<? extends Tally.Settled> others = tally.elsewhere(level);
                for (int i = 0; i < others.size(); i++) {
                    Tally.Settled of = others.get(i);
                    isOtherNew |= of.calls(false, Arm.STABLE) + of.calls(false, Arm.CANDIDATE) > 0;
                    addUnkeyed(
                            of.bucket(),
                            of.stratum(),
                            of.calls(false, Arm.STABLE),
                            of.bad(false, Arm.STABLE),
                            of.calls(false, Arm.CANDIDATE),
                            of.bad(false, Arm.CANDIDATE));
                }
                // Where nothing was added since the last cut-off the value is the same.
                if (anyNow && ((isOwnNew && level == reached) || isOtherNew)) {
                    double value = mixture.logEvidence();
                    bestNow = Math.max(bestNow, value);
                    isDecidedNow |= failuresNow >= minimumFailures && logUnkeyedShare + value >= logThreshold;
                }
            }
            return Math.max(from, reached + 1);
        }

        private void weighKeyed(long nowNanos) {
            anyNow = anyKeyed;
            bestNow = Double.NEGATIVE_INFINITY;
            isDecidedNow = false;
            int live = tally.live();
            System.arraycopy(settledKeys, 0, keys, 0, keys.length);
            for (int i = 0; i < live; i++) {
                if (tally.isWeighed(i)) {
                    // All of stable's first failures, those after a cut-off too: a key whose later failure ended first
                    // was noted there, and is missing at its earlier one.
                    int at = tally.stratum(i) * STARTS * 3 + 1;
                    for (int start = KeyedStarts.startOf(tally.bucket(i)); start >= 0; start--) {
                        keys[at + start * 3] += tally.firstFailures(i, start, Arm.STABLE);
                    }
                }
            }
            int level = lookKeyed(0, CutOffs.reached(tally, -1, nowNanos), false);
            for (int i = 0; i < live; i++) {
                if (tally.isWeighed(i)) {
                    long pending = tally.pending(i, true, Arm.STABLE);
                    long stable = tally.good(i, true, Arm.STABLE) + tally.bad(i, true, Arm.STABLE) + pending;
                    long bad = tally.bad(i, true, Arm.CANDIDATE);
                    anyNow |= stable + bad + tally.good(i, true, Arm.CANDIDATE) + tally.pending(i, true, Arm.CANDIDATE)
                            > 0;
                    for (int start = KeyedStarts.startOf(tally.bucket(i)); start >= 0; start--) {
                        int at = (tally.stratum(i) * STARTS + start) * 3;
                        keys[at] += stable;
                        keys[at + 1] += pending;
                        // Keys are noted while this is summed up: of those that failed since the tally was read
                        // stable's calls are missing, and the candidate's must be too.
                        keys[at + 2] += Math.min(bad, tally.firstFailures(i, start, Arm.CANDIDATE));
                    }
                }
                level = lookKeyed(level, CutOffs.reached(tally, i, nowNanos), true);
            }
            if (anyNow) {
                log = Math.max(log, logKeyedShare + bestNow);
                regressed |= isDecidedNow;
            }
        }

        /** Looks at the evidence at each cut-off from one to another, with what others have of the calls up to it. */
        private int lookKeyed(int from, int reached, boolean isOwnNew) {
            for (int level = from; level <= reached; level++) {
                isOtherNew = false;
                List<? extends Tally.Settled> others = tally.elsewhere(level);
                for (int i = 0; i < others.size(); i++) {
                    addKeyed(others.get(i));
                }
                if (anyNow && ((isOwnNew && level == reached) || isOtherNew)) {
                    double value = keyedEvidence();
                    bestNow = Math.max(bestNow, value);
                    isDecidedNow |= failingKeys(starts.strongestStart()) >= minimumFailures
                            && logKeyedShare + value >= logThreshold;
                }
            }
            return Math.max(from, reached + 1);
        }

        private void addKeyed(Tally.Settled of) {
            long stable = of.calls(true, Arm.STABLE);
            isOtherNew |= stable + of.calls(true, Arm.CANDIDATE) > 0;
            anyNow |= isOtherNew;
            for (int start = KeyedStarts.startOf(of.bucket()); start >= 0; start--) {
                int at = (of.stratum() * STARTS + start) * 3;
                keys[at] += stable;
                keys[at + 1] += of.firstFailures(start, Arm.STABLE);
                keys[at + 2] += of.firstFailures(start, Arm.CANDIDATE);
            }
        }

        private double keyedEvidence() {
            starts.reset();
            for (int stratum = 0; stratum < tally.strata(); stratum++) {
                if (tally.keyedWeight(stratum) > 0) {
                    for (int start = 0; start < STARTS; start++) {
                        int at = (stratum * STARTS + start) * 3;
                        if (keys[at] + keys[at + 2] > 0) {
                            starts.add(
                                    start,
                                    keyedFactors(stratum),
                                    keys[at],
                                    Math.min(keys[at], keys[at + 1]),
                                    keys[at + 2]);
                        }
                    }
                }
            }
            return starts.logEvidence();
        }

        private long failingKeys(int start) {
            long failing = 0;
            for (int stratum = 0; stratum < tally.strata(); stratum++) {
                failing += keys[(stratum * STARTS + Math.max(0, start)) * 3 + 2];
            }
            return failing;
        }

        private void makeRoom() {
            while (unkeyedFactors.size() < tally.strata()) {
                underShare.add(new long[KEYED_CALLS + 1]);
                unkeyedFactors.add(null);
                keyedFactors.add(null);
                settledKeys = Arrays.copyOf(settledKeys, unkeyedFactors.size() * STARTS * 3);
                keys = new long[settledKeys.length];
            }
        }

        private Evidence.Factors unkeyedFactors(int stratum) {
            Evidence.Factors factors = unkeyedFactors.get(stratum);
            if (factors == null) {
                factors = unkeyed.factors(tally.weight(stratum));
                unkeyedFactors.set(stratum, factors);
            }
            return factors;
        }

        private Evidence.Factors keyedFactors(int stratum) {
            Evidence.Factors factors = keyedFactors.get(stratum);
            if (factors == null) {
                factors = keyed.factors(tally.keyedWeight(stratum));
                keyedFactors.set(stratum, factors);
            }
            return factors;
        }

        /**
         * Returns how much higher the candidate's rate is at most than stable's under the share in force, by what has settled
         * under it: with a chance of 95 % no such bound of the step is ever wrong. With keys it bounds the excess of keys whose
         * first call fails.
         *
         * @return from 0 to 1, where nothing is shown
         */
        public double highestExcess() {
            int last = tally.live() - 1;
            if (!tally.isWeighed(last)) {
                return 1;
            }
            int stratum = tally.stratum(last);
            makeRoom();
            long[] of = underShare.get(stratum);
            double calls = (double) of[CALLS] + of[KEYED_CALLS];
            if (calls == 0) {
                return 1;
            }
            double rate = of[CALLS] > 0 && of[KEYED_CALLS] > 0 ? FALSE_PROMOTION_RATE / 2 : FALSE_PROMOTION_RATE;
            return of[CALLS] / calls * highestExcess(rate, tally.weight(stratum), of, 0)
                    + of[KEYED_CALLS] / calls * highestExcess(rate, tally.freshWeight(stratum), of, FIRST_CALLS);
        }

        private static double highestExcess(double rate, double weight, long[] of, int at) {
            return weight <= 0 ? 1 : Evidence.highestExcess(rate, weight, of[at], of[at + 1], of[at + 2], of[at + 3]);
        }

        /** Returns how many different keys the candidate failed since the start, as far as their calls are weighed. */
        public long failingKeys() {
            long failing = 0;
            for (int stratum = 0; stratum < keys.length / (STARTS * 3); stratum++) {
                failing += keys[stratum * STARTS * 3 + 2];
            }
            return failing;
        }

        /** Says whether the calls under the share in force show that the candidate is no worse than is tolerated. */
        private boolean isNotWorse() {
            int last = tally.live() - 1;
            if (!tally.isWeighed(last)) {
                return false;
            }
            int stratum = tally.stratum(last);
            long[] of = underShare.get(stratum);
            return of[CALLS] + of[KEYED_CALLS] > 0
                    && (of[CALLS] == 0 || isNotWorse(tally.weight(stratum), of, 0))
                    && (of[KEYED_CALLS] == 0 || isNotWorse(tally.freshWeight(stratum), of, FIRST_CALLS));
        }

        private boolean isNotWorse(double weight, long[] of, int at) {
            Margin margin = margin();
            return weight > 0
                    && Evidence.lowerRate(margin.ratio(), margin.difference())
                                    .logEvidence(weight, of[at], of[at + 1], of[at + 2], of[at + 3])
                            >= -Math.log(FALSE_PROMOTION_RATE);
        }

        @Override
        public double log10Evidence() {
            return Double.isInfinite(log) ? 0 : log / Math.log(10);
        }

        @Override
        public Assessment assessment() {
            makeRoom();
            double log10 = log10Evidence();
            double threshold = logThreshold / Math.log(10);
            Tally.Totals totals = tally.totals();
            if (totals.candidateCalls() == 0) {
                return new Assessment(
                        name(),
                        Verdict.NO_DATA,
                        log10,
                        threshold,
                        "the candidate has answered no call by the coin yet");
            }
            String why = String.format(
                    Locale.ROOT,
                    "stable failed %,d of %,d calls, the candidate %,d of %,d; evidence 10^%.2f of 10^%.2f needed",
                    totals.stableFailures(),
                    totals.stableCalls(),
                    totals.candidateFailures(),
                    totals.candidateCalls(),
                    log10,
                    threshold);
            Verdict verdict = regressed ? Verdict.REGRESSED : isNotWorse() ? Verdict.NOT_WORSE : Verdict.INCONCLUSIVE;
            return new Assessment(name(), verdict, log10, threshold, why, details());
        }

        private Assessment.Details details() {
            List<Assessment.Counts> counts = new ArrayList<>();
            for (int stratum = 0; stratum < tally.strata(); stratum++) {
                for (int unit = 0; unit < 2; unit++) {
                    long[] of = tally.counts(stratum, unit == 1);
                    if (of[0] + of[2] > 0) {
                        counts.add(new Assessment.Counts(tally.weight(stratum), unit == 1, of[0], of[1], of[2], of[3]));
                    }
                }
            }
            Margin margin = margin();
            String tolerated = String.format(
                    Locale.ROOT,
                    "a candidate that fails %s times as often as stable plus %s percentage points",
                    BigDecimal.valueOf(margin.ratio()).stripTrailingZeros().toPlainString(),
                    BigDecimal.valueOf(margin.difference())
                            .movePointRight(2)
                            .stripTrailingZeros()
                            .toPlainString());
            return new Assessment.Details(counts, tolerated, highestExcess(), regressed ? "" : outlook(counts));
        }

        private String outlook(List<Assessment.Counts> counts) {
            Assessment.Counts last = counts.get(counts.size() - 1);
            if (last.stableCalls() == 0 || last.candidateCalls() == 0) {
                return "";
            }
            double growth = Evidence.growth(
                    margin(),
                    last.share(),
                    (double) last.stableBad() / last.stableCalls(),
                    (double) last.candidateBad() / last.candidateCalls());
            if (growth <= 0) {
                return "Under the last share the candidate is within what is tolerated; while that stays, more calls speak for"
                        + " it, not against it.";
            }
            double calls = last.share() * (logThreshold - Math.max(0, log)) / growth;
            return String.format(
                    Locale.ROOT,
                    "Under the last share the candidate is outside what is tolerated, which may be chance; if it stays so,"
                            + " about %,.0f more of its calls settle it.",
                    Math.max(1, Math.ceil(calls)));
        }
    }
}
