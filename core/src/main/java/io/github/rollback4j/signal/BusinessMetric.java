package io.github.rollback4j.signal;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.traffic.Tally;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a call is good for, against stable's in the same time under the same split: how many convert, or how much each is
 * worth. The host records it with the call's ticket or key, when it is known, within the attribution window; a call of
 * which nothing is recorded did not convert, or is worth 0.
 *
 * <p>Tolerated is a candidate whose calls convert at least {@code times} as often as stable's, or are stochastically worth no
 * less than {@code times} stable's; default 0.95. Numbers are compared by rank and by what they are worth, where no one counts
 * more than stable's highest in 200 do, so that one large order does not tip the scale; what is below 0 counts as 0. The
 * first 1,000 of stable's calls after the start, and 100 that are worth anything, are only looked at, to know what is usual.
 *
 * <p>Calls are weighed when their window is over, none before: so a shorter window is quicker to notice. Of calls with a key
 * only the key's first in a step counts, and only of keys that had not been exposed before. Calls without a key count each.
 * Immutable and thread-safe.
 */
public final class BusinessMetric implements FailureSignal.Comparative {

    private static final double WEIGHT = .2;
    private static final double DEFAULT_TIMES = .95;
    private static final Duration DEFAULT_WINDOW = Duration.ofMinutes(5);
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(7);

    private final String name;
    private final boolean numeric;
    private final double times;
    private final Duration window;

    private BusinessMetric(String name, boolean numeric, double times, Duration window) {
        this.name = LimitSignal.requireName(name);
        this.numeric = numeric;
        this.times = times;
        this.window = window;
    }

    static BusinessMetric conversion(String name) {
        return new BusinessMetric(name, false, DEFAULT_TIMES, DEFAULT_WINDOW);
    }

    static BusinessMetric value(String name) {
        return new BusinessMetric(name, true, DEFAULT_TIMES, DEFAULT_WINDOW);
    }

    /**
     * Tolerates what is this many times stable's.
     *
     * @param ratio more than 0 and at most 1
     * @throws IllegalArgumentException if the ratio is outside its range
     */
    public BusinessMetric notBelowStableTimes(double ratio) {
        if (!(ratio > 0 && ratio <= 1)) {
            throw new IllegalArgumentException(
                    "signal " + name + " tolerates " + ratio + " times stable's: more than 0 and at most 1 is allowed");
        }
        return new BusinessMetric(name, numeric, ratio, window);
    }

    /**
     * Says how long after its call something may be recorded. Default 5 minutes.
     *
     * @param attribution 1 second to 7 days
     * @throws IllegalArgumentException if the window is outside its range
     */
    public BusinessMetric within(Duration attribution) {
        if (attribution.compareTo(SHORTEST) < 0 || attribution.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("signal " + name + " has an attribution window of " + attribution
                    + ": 1 second to 7 days is allowed");
        }
        return new BusinessMetric(name, numeric, times, attribution);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double weight() {
        return WEIGHT;
    }

    /** Says whether it is a number; else it happens or does not. */
    public boolean isNumeric() {
        return numeric;
    }

    /** Returns how many times stable's is tolerated. */
    public double times() {
        return times;
    }

    /** Returns how long after its call something may be recorded. */
    public Duration window() {
        return window;
    }

    @Override
    public String description() {
        return name + ": " + (numeric ? "value" : "conversion") + " not below stable times " + times
                + ", recorded within " + window;
    }

    @Override
    public FailureSignal.Weighing weigh(Tally tally, double falseRollbackRate) {
        return new Weighing(tally, falseRollbackRate);
    }

    /** Weighs what was recorded of one rollout's calls, as far as it is known for good. */
    private final class Weighing implements FailureSignal.Weighing, Tally.Sink {

        private final Tally tally;
        private final int metric;
        private double logThreshold;
        private @Nullable Evidence evidence;
        private @Nullable StartMixture mixture;
        private final Map<Double, Evidence.Factors> factors = new HashMap<>();
        private long stableCalls;
        private long candidateCalls;
        private long stableConverted;
        private long candidateConverted;
        private double log = Double.NEGATIVE_INFINITY;
        private boolean isHandedOverAnew;

        private Weighing(Tally tally, double falseRollbackRate) {
            this.tally = tally;
            this.metric = tally.metric(name);
            this.logThreshold = -Math.log(falseRollbackRate);
            tally.addSink(this);
        }

        @Override
        public void weighAgainst(double rate) {
            logThreshold = -Math.log(rate);
        }

        @Override
        public void restart() {
            if (mixture != null) {
                mixture.reset();
            }
            stableCalls = 0;
            candidateCalls = 0;
            stableConverted = 0;
            candidateConverted = 0;
            isHandedOverAnew = true;
            // The highest that there was stays: it was evidence when it was seen.
        }

        @Override
        public void settled(Tally.Settled cohort) {
            // What is recorded comes later.
        }

        @Override
        public void closed(int of, int bucket, double weight, long[] stable, long[] candidate) {
            if (of != metric) {
                return;
            }
            if (evidence == null || mixture == null) {
                double[] scores = tally.scores(metric);
                evidence = scores == null ? Evidence.lowerRate(times, 0) : Evidence.smaller(scores);
                mixture = new StartMixture(evidence);
            }
            mixture.advanceTo(Math.max(mixture.bucket(), bucket));
            mixture.add(factors.computeIfAbsent(weight, evidence::factors), stable, candidate);
            if (!isHandedOverAnew) {
                log = Math.max(log, mixture.logEvidence());
            }
            for (int category = 0; category < stable.length; category++) {
                stableCalls += stable[category];
                candidateCalls += candidate[category];
            }
            stableConverted += stable[Evidence.BAD];
            candidateConverted += candidate[Evidence.BAD];
        }

        @Override
        public boolean weigh(long nowNanos) {
            if (isHandedOverAnew && mixture != null && stableCalls + candidateCalls > 0) {
                // Not before: while some instances' calls are in and others' of the same time are not, nothing is to be
                // read off.
                log = Math.max(log, mixture.logEvidence());
            }
            isHandedOverAnew = false;
            return log >= logThreshold;
        }

        @Override
        public double log10Evidence() {
            return Double.isInfinite(log) ? 0 : log / Math.log(10);
        }

        @Override
        public Assessment assessment() {
            double log10 = log10Evidence();
            double threshold = logThreshold / Math.log(10);
            if (stableCalls == 0 || candidateCalls == 0) {
                return new Assessment(
                        name,
                        Verdict.NO_DATA,
                        log10,
                        threshold,
                        "the attribution window of " + window + " is not over for any call"
                                + (numeric ? ", or what is usual is not known yet" : ""));
            }
            String compared = numeric
                    ? String.format(
                            Locale.ROOT,
                            "%,d calls of stable and %,d of the candidate are compared by their worth",
                            stableCalls,
                            candidateCalls)
                    : String.format(
                            Locale.ROOT,
                            "of stable's calls %,d of %,d converted, of the candidate's %,d of %,d",
                            stableConverted,
                            stableCalls,
                            candidateConverted,
                            candidateCalls);
            return new Assessment(
                    name,
                    log >= logThreshold ? Verdict.REGRESSED : Verdict.INCONCLUSIVE,
                    log10,
                    threshold,
                    String.format(Locale.ROOT, "%s; evidence 10^%.2f of 10^%.2f needed", compared, log10, threshold),
                    new Assessment.Details(
                            List.of(),
                            "a candidate whose calls " + (numeric ? "are worth " : "convert ") + times
                                    + (numeric ? " times what stable's are" : " times as often as stable's"),
                            Double.NaN,
                            ""));
        }
    }
}
