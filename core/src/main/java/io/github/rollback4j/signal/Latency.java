package io.github.rollback4j.signal;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Tally;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * How long calls take, against stable's in the same time under the same split: the whole distribution (half of the evidence
 * is bet on the calls above stable's median, 90th and 99th percentile, half on the rank of all), or one quantile.
 *
 * <p>Tolerated is a candidate that is stochastically no slower than {@code times} stable; default 1.1. A candidate that hangs
 * is noticed while its calls are under way. Failed calls are the error rate's: once it has failed a call of the candidate counts
 * here as the fastest, one of stable as the slowest.
 *
 * <p>After each change of the share nothing counts for a while (30 seconds, in which code gets warm), and until stable has
 * answered 1,000 timed calls. Of calls with a key only the key's first in a step counts, and only of keys that had not been
 * exposed before; what begins in the middle of a step for keys that were all seen before is not noticed: limits on a meter
 * do. Calls without a key count each. Immutable and thread-safe.
 */
public final class Latency implements FailureSignal.Comparative {

    static final Latency WITH_DEFAULTS = new Latency(1.1, Double.NaN, Duration.ofSeconds(30));

    private static final double WEIGHT = .3;
    private static final double NANOS_A_MILLI = 1e6;

    private final double times;
    private final double quantile;
    private final Duration warmUp;

    private Latency(double times, double quantile, Duration warmUp) {
        this.times = times;
        this.quantile = quantile;
        this.warmUp = warmUp;
    }

    /**
     * Tolerates latencies of this many times stable's.
     *
     * @param ratio 1 to 100
     * @throws IllegalArgumentException if the ratio is outside its range
     */
    public Latency notAboveStableTimes(double ratio) {
        if (!(ratio >= 1 && ratio <= 100)) {
            throw new IllegalArgumentException("latency tolerates " + ratio + " times stable's: 1 to 100 is allowed");
        }
        return new Latency(ratio, quantile, warmUp);
    }

    /**
     * Compares only how many calls are above one of stable's quantiles: faster to notice a change there, blind for others.
     *
     * @param of 0.5, 0.9, 0.97, 0.99, 0.995, or a multiple of 1/16
     * @throws IllegalArgumentException if it is none of these
     */
    public Latency quantile(double of) {
        Evidence.exceedance(of);
        return new Latency(times, of, warmUp);
    }

    /**
     * Says how long after each change of the share nothing counts. Default 30 seconds.
     *
     * @param time 0 to 1 hour
     * @throws IllegalArgumentException if the time is outside its range
     */
    public Latency warmUp(Duration time) {
        if (time.isNegative() || time.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("latency has a warm-up of " + time + ": 0 to 1 h is allowed");
        }
        return new Latency(times, quantile, time);
    }

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public double weight() {
        return WEIGHT;
    }

    /** Returns how many times stable's latency is tolerated. */
    public double times() {
        return times;
    }

    /** Returns the only quantile that is compared; NaN where the whole distribution is. */
    public double quantile() {
        return quantile;
    }

    /** Returns how long after each change of the share nothing counts. */
    public Duration warmUp() {
        return warmUp;
    }

    @Override
    public String description() {
        return "latency: not above stable times " + times
                + (Double.isNaN(quantile) ? "" : " at quantile " + quantile)
                + ", warm-up " + warmUp;
    }

    @Override
    public FailureSignal.Weighing weigh(Tally tally, double falseRollbackRate) {
        return new Weighing(tally, falseRollbackRate);
    }

    private Evidence evidence() {
        return Double.isNaN(quantile) ? Evidence.larger() : Evidence.exceedance(quantile);
    }

    /**
     * Weighs the latencies of one rollout: of settled cohorts once, of live ones anew each time. Cohorts between two cut-offs
     * that began in one bucket under one share are added up before they are weighed.
     */
    private final class Weighing implements FailureSignal.Weighing, Tally.Sink {

        private final Tally tally;
        private double logThreshold;
        private final Evidence evidence = evidence();
        private final StartMixture settled = new StartMixture(evidence);
        private final StartMixture mixture = new StartMixture(evidence);
        private final long[][] stable = new long[2][Evidence.BINS];
        private final long[][] candidate = new long[2][Evidence.BINS];
        private Evidence.@Nullable Factors[] factors = new Evidence.@Nullable Factors[0];
        private long stableSettled;
        private long candidateSettled;
        private long stableCalls;
        private long candidateCalls;
        private double log;

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
            settled.reset();
            stableSettled = 0;
            candidateSettled = 0;
        }

        @Override
        public void settled(Tally.Settled cohort) {
            for (int unit = 0; unit < 2; unit++) {
                if (cohort.addLatencies(unit == 1, stable[unit], candidate[unit])) {
                    settled.advanceTo(Math.max(settled.bucket(), cohort.bucket()));
                    stableSettled += sum(stable[unit]);
                    candidateSettled += sum(candidate[unit]);
                    flush(settled, cohort.stratum(), unit);
                }
            }
        }

        @Override
        public boolean weigh(long nowNanos) {
            mixture.copyFrom(settled);
            stableCalls = stableSettled;
            candidateCalls = candidateSettled;
            double best = stableCalls + candidateCalls > 0 ? mixture.logEvidence() : Double.NEGATIVE_INFINITY;
            boolean isLeft = false;
            int live = tally.live();
            int level = 0;
            for (int i = -1; i < live; i++) {
                if (i >= 0 && tally.isWeighed(i)) {
                    boolean keyed = tally.addLatencies(i, true, nowNanos, stable[1], candidate[1]);
                    isLeft |= tally.addLatencies(i, false, nowNanos, stable[0], candidate[0]) || keyed;
                }
                int reached = CutOffs.reached(tally, i, nowNanos);
                boolean isCutOff = reached >= level;
                if (isLeft && (isCutOff || !isSameAsNext(i))) {
                    addTo(mixture, tally.bucket(i), tally.stratum(i));
                    isLeft = false;
                }
                for (; level <= reached; level++) {
                    boolean any = addElsewhere(level);
                    if (((i >= 0 && level == reached) || any) && stableCalls + candidateCalls > 0) {
                        best = Math.max(best, mixture.logEvidence());
                    }
                }
            }
            log = best;
            return isRegressed();
        }

        /** Adds what others have of the calls between a cut-off and the one before it, and says whether there is any. */
        private boolean addElsewhere(int level) {
            boolean any = false;
            List<? extends Tally.Settled> others = tally.elsewhere(level);
            for (int i = 0; i < others.size(); i++) {
                Tally.Settled of = others.get(i);
                boolean keyed = of.addLatencies(true, stable[1], candidate[1]);
                if (of.addLatencies(false, stable[0], candidate[0]) || keyed) {
                    addTo(mixture, of.bucket(), of.stratum());
                    any = true;
                }
            }
            return any;
        }

        private void addTo(StartMixture to, int bucket, int stratum) {
            to.advanceTo(Math.max(to.bucket(), bucket));
            for (int unit = 0; unit < 2; unit++) {
                stableCalls += sum(stable[unit]);
                candidateCalls += sum(candidate[unit]);
                flush(to, stratum, unit);
            }
        }

        private boolean isRegressed() {
            return log >= logThreshold;
        }

        private boolean isSameAsNext(int live) {
            return tally.isWeighed(live)
                    && tally.isWeighed(live + 1)
                    && tally.bucket(live) == tally.bucket(live + 1)
                    && tally.stratum(live) == tally.stratum(live + 1);
        }

        /** Adds what was collected to a mixture, and begins anew. */
        private void flush(StartMixture to, int stratum, int unit) {
            double weight = tally.timedWeight(stratum, unit == 1);
            if (weight > 0) {
                to.add(factors(stratum, unit, weight), stable[unit], candidate[unit]);
            }
            Arrays.fill(stable[unit], 0);
            Arrays.fill(candidate[unit], 0);
        }

        private Evidence.Factors factors(int stratum, int unit, double weight) {
            int at = 2 * stratum + unit;
            if (at >= factors.length) {
                factors = Arrays.copyOf(factors, 2 * tally.strata());
            }
            Evidence.Factors known = factors[at];
            if (known == null) {
                known = evidence.factors(weight);
                factors[at] = known;
                // They take 20 KB each, and of two shares ago no call is under way any more.
                Arrays.fill(factors, 0, Math.max(0, 2 * (stratum - 1)), null);
            }
            return known;
        }

        private static long sum(long[] counts) {
            long sum = 0;
            for (long count : counts) {
                sum += count;
            }
            return sum;
        }

        @Override
        public double log10Evidence() {
            return Double.isInfinite(log) ? 0 : log / Math.log(10);
        }

        @Override
        public Assessment assessment() {
            double log10 = log10Evidence();
            double threshold = logThreshold / Math.log(10);
            if (candidateCalls == 0 || stableCalls == 0) {
                return new Assessment(
                        name(),
                        Verdict.NO_DATA,
                        log10,
                        threshold,
                        "no latencies are compared yet: the code is to be warm and stable to have answered 1,000 timed calls");
            }
            Histogram ofStable = tally.latency(Arm.STABLE);
            Histogram ofCandidate = tally.latency(Arm.CANDIDATE);
            String why = String.format(
                    Locale.ROOT,
                    "half, 90 %% and 99 %% of stable's calls took up to %s, of the candidate's up to %s; evidence 10^%.2f"
                            + " of 10^%.2f needed",
                    milliseconds(ofStable),
                    milliseconds(ofCandidate),
                    log10,
                    threshold);
            return new Assessment(
                    name(),
                    isRegressed() ? Verdict.REGRESSED : Verdict.INCONCLUSIVE,
                    log10,
                    threshold,
                    why,
                    new Assessment.Details(
                            List.of(), "a candidate that is " + times + " times as slow as stable", Double.NaN, ""));
        }

        private static String milliseconds(Histogram latencies) {
            return String.format(
                    Locale.ROOT,
                    "%.3g, %.3g and %.3g ms",
                    latencies.getValueAtPercentile(50) / NANOS_A_MILLI,
                    latencies.getValueAtPercentile(90) / NANOS_A_MILLI,
                    latencies.getValueAtPercentile(99) / NANOS_A_MILLI);
        }
    }
}
