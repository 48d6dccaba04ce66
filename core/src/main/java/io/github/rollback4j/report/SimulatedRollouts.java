package io.github.rollback4j.report;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.KeyedStarts;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.report.Forecast.Traffic;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Simulates rollouts of a plan under the library's own evidence. Calls between two failures of the candidate are drawn in
 * bulk, and many failures at once where many have not sufficed, so that a rollout costs little more at a million calls a
 * second than at ten.
 */
final class SimulatedRollouts {

    static final int ROLLOUTS = 400;

    /**
     * How a rollout ended.
     *
     * @param seconds from the beginning of the step to the decision
     * @param failedCalls of the candidate until then
     */
    record End(boolean isFound, double seconds, long failedCalls) {}

    private static final long SEED = 20_300_101;

    private final RolloutStrategy strategy;
    private final ErrorRate signal;
    private final Traffic traffic;
    private final double logThreshold;
    private final Evidence keyedEvidence;
    private final Evidence evidence;
    private final Evidence.Factors[] factors;
    private final Pace pace;
    private final double secondsPerBucket;

    /**
     * Prepares the simulation.
     *
     * @param rateShare the part of the signal's false-rollback rate that these calls get, more than 0
     */
    SimulatedRollouts(RollbackPlan plan, ErrorRate signal, double rateShare, Traffic traffic) {
        this.strategy = plan.strategy();
        this.signal = signal;
        this.traffic = traffic;
        this.logThreshold = -Math.log(plan.falseRollbackRate() * plan.shareOf(signal) * rateShare);
        this.pace = new Pace(strategy, traffic);
        this.keyedEvidence = Evidence.keyedErrors(signal.margin());
        this.evidence = traffic.keyed() ? keyedEvidence : Evidence.errors(signal.margin());
        this.secondsPerBucket = strategy.expectedDuration().toNanos() / 1e9 / StartMixture.PLANNED_BUCKETS;
        List<RolloutStrategy.Step> steps = strategy.steps();
        this.factors = new Evidence.Factors[steps.size()];
        for (int i = 0; i < factors.length; i++) {
            if (isWeighed(i)) {
                factors[i] = evidence.factors(steps.get(i).share());
            }
        }
    }

    /** Returns when the steps end for a candidate that is worse from the beginning of one of them on. */
    private double[] ends(int worseFrom) {
        double[] ends = new double[factors.length];
        double end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += i < worseFrom ? pace.healthySeconds(i) : pace.bakedSeconds(i);
            ends[i] = end;
        }
        if (!strategy.promotes()) {
            // The last step is held: as long again as the rollout was planned for.
            ends[ends.length - 1] = Math.max(end, 2 * StartMixture.PLANNED_BUCKETS * secondsPerBucket);
        }
        return ends;
    }

    /** Says whether calls are weighed in a step: the candidate gets some of them, and stable too. */
    boolean isWeighed(int step) {
        double share = strategy.steps().get(step).share();
        return share > 0 && share < 1;
    }

    /** Runs rollouts whose candidate fails at this rate from the beginning of a step on, and as stable does before. */
    List<End> run(int worseFrom, double failureRate) {
        RandomGenerator random = new SplittableRandom(SEED);
        List<End> all = new ArrayList<>(ROLLOUTS);
        double[] ends = ends(worseFrom);
        for (int i = 0; i < ROLLOUTS; i++) {
            all.add(new Run(worseFrom, failureRate, ends, random).play());
        }
        return all;
    }

    /** One rollout. */
    private final class Run {

        private final int worseFrom;
        private final double failureRate;
        private final double[] ends;
        private final RandomGenerator random;
        private final StartMixture mixture = new StartMixture(evidence);
        private final KeyedStarts starts = new KeyedStarts(keyedEvidence);
        private double carried;
        private long allFailures;
        private long failures;

        Run(int worseFrom, double failureRate, double[] ends, RandomGenerator random) {
            this.worseFrom = worseFrom;
            this.failureRate = failureRate;
            this.ends = ends;
            this.random = random;
        }

        End play() {
            double now = 0;
            double worseSince = worseFrom == 0 ? 0 : ends[worseFrom - 1];
            for (int step = 0; step < ends.length && !Double.isInfinite(now); step++) {
                while (now < ends[step]) {
                    int bucket = (int) Math.min(StartMixture.LAST_BUCKET, now / secondsPerBucket);
                    double until = bucket == StartMixture.LAST_BUCKET
                            ? ends[step]
                            : Math.min(ends[step], (bucket + 1) * secondsPerBucket);
                    // The last bucket's end may be the time it is, rounded.
                    until = until > now ? until : Math.min(ends[step], now + secondsPerBucket);
                    if (!isWeighed(step) || Double.isInfinite(until)) {
                        now = until;
                        continue;
                    }
                    double found = pass(step, bucket, (until - now) * traffic.callsPerSecond());
                    if (found >= 0) {
                        return new End(true, now + found / traffic.callsPerSecond() - worseSince, failures);
                    }
                    now = until;
                }
            }
            return new End(false, Double.NaN, failures);
        }

        /** Makes calls, and returns after how many of them the candidate is taken back, or -1. */
        private double pass(int step, int bucket, double exactly) {
            boolean isWorse = step >= worseFrom;
            double weight = strategy.steps().get(step).share();
            double rate = isWorse ? failureRate : traffic.failureRate();
            carried += exactly;
            long calls = (long) carried;
            carried -= calls;
            long rest = calls;
            while (rest > 0) {
                long failuresAtOnce = isWorse ? 1 + failures / 100 : Long.MAX_VALUE;
                long bad;
                if (failuresAtOnce == 1) {
                    long gap = rate <= 0 ? rest : geometric(weight * rate);
                    bad = gap < rest ? 1 : 0;
                    long good = Math.min(rest, gap);
                    add(step, bucket, good, weight * (1 - rate) / (1 - weight * rate), bad);
                    rest -= good + bad;
                } else {
                    // Where many failures do not suffice, one more hardly does: then a hundredth more is looked at at
                    // once.
                    long some = (long) Math.min((double) rest, Math.ceil(failuresAtOnce / (weight * rate)));
                    bad = binomial(some, weight * rate);
                    add(step, bucket, some - bad, weight * (1 - rate) / (1 - weight * rate), bad);
                    rest -= some;
                }
                allFailures += bad;
                failures += isWorse ? bad : 0;
                if (isWorse && bad > 0 && isFound()) {
                    return calls - rest;
                }
            }
            return -1;
        }

        /** Adds calls that the candidate did not fail, and as many as it did. */
        private void add(int step, int bucket, long calls, double candidateShare, long candidateBad) {
            long candidateGood = binomial(calls, candidateShare);
            long stable = calls - candidateGood;
            long stableBad = binomial(stable, traffic.failureRate());
            if (traffic.keyed()) {
                for (int start = 0; start <= KeyedStarts.startOf(bucket); start++) {
                    starts.add(start, factors[step], stable, stableBad, candidateBad);
                }
            } else {
                mixture.advanceTo(bucket);
                mixture.add(factors[step], stable, stableBad, candidateGood + candidateBad, candidateBad);
            }
        }

        private boolean isFound() {
            return allFailures >= signal.leastFailures()
                    && (traffic.keyed() ? starts.logEvidence() : mixture.logEvidence()) >= logThreshold;
        }

        /** Draws how many calls come before the next failure. */
        private long geometric(double probability) {
            return probability >= 1
                    ? 0
                    : (long) Math.min(Long.MAX_VALUE, Math.log(1 - random.nextDouble()) / Math.log1p(-probability));
        }

        /** Draws how many of n calls are of a kind; where these are many, by the normal approximation. */
        private long binomial(long n, double probability) {
            double mean = n * probability;
            if (mean > 30) {
                return Math.max(
                        0, Math.min(n, Math.round(mean + Math.sqrt(mean * (1 - probability)) * random.nextGaussian())));
            }
            long failed = 0;
            if (probability > 0) {
                for (long at = geometric(probability); at < n; at += 1 + geometric(probability)) {
                    failed++;
                }
            }
            return failed;
        }
    }
}
