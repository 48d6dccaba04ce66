package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.Evidence.Margin;
import io.github.rollback4j.evidence.StartMixture;
import java.util.SplittableRandom;

/**
 * How long the evidence takes to find a regression, with calls without a key, outcomes that are known at once and the strict
 * margin, beside what is possible at best. Good calls are drawn in bulk, so that rare failures cost no more than frequent
 * ones; the evidence is the library's own, looked at on every failure of the candidate.
 *
 * @param stableRate the failure rate of stable, and of the candidate before the regression
 * @param candidateRate the failure rate of the candidate after it
 * @param weight of the candidate
 * @param alpha the bound on false rollbacks
 */
record Delay(double stableRate, double candidateRate, double weight, double alpha) {

    private static final Evidence EVIDENCE = Evidence.errors(Margin.STRICT);

    /** Returns what a call tells at most, in expectation: the information per call, G. */
    double information() {
        // With the strict margin the nearest pair of rates that the hypothesis allows is the mean of both, for both.
        double mean = weight * candidateRate + (1 - weight) * stableRate;
        return weight * divergence(candidateRate, mean) + (1 - weight) * divergence(stableRate, mean);
    }

    private static double divergence(double p, double q) {
        return (p == 0 ? 0 : p * Math.log(p / q)) + (p == 1 ? 0 : (1 - p) * (Math.log1p(-p) - Math.log1p(-q)));
    }

    /** Returns the fewest candidate calls that any test needs, to first order: w·ln(1/α)/G. */
    double limit() {
        return weight * -Math.log(alpha) / information();
    }

    /** Returns the same for a regression that may begin anywhere in so many planned candidate calls. */
    double lateLimit(double planned) {
        double calls = limit();
        for (int i = 0; i < 100; i++) {
            calls = weight * Math.log(planned / calls / alpha) / information();
        }
        return calls;
    }

    /**
     * Simulates a rollout and returns the candidate's calls from the regression to the decision. Where it has not come by
     * twice the planned length, those until then; a decision before the regression counts as none.
     *
     * @param planned the candidate calls of the planned length
     * @param from the part of the planned length after which the regression begins
     * @param starts whether the regression may begin at any time, for the evidence too; else at the start only
     */
    double simulate(double planned, double from, boolean starts, SplittableRandom random) {
        double logThreshold = -Math.log(alpha);
        double perBucket = planned / weight / StartMixture.PLANNED_BUCKETS;
        Evidence.Factors factors = EVIDENCE.factors(weight);
        StartMixture mixture = new StartMixture(EVIDENCE);
        double regressedCalls = 0;
        for (int bucket = 0; bucket <= StartMixture.LAST_BUCKET; bucket++) {
            boolean regressed = bucket >= from * StartMixture.PLANNED_BUCKETS;
            double rate = regressed ? candidateRate : stableRate;
            double bad = weight * rate + (1 - weight) * stableRate;
            double candidateGood = weight * (1 - rate) / (1 - bad);
            if (starts) {
                mixture.advanceTo(bucket);
            }
            long rest = Math.max(1, Math.round((bucket + 1) * perBucket) - Math.round(bucket * perBucket));
            while (rest > 0) {
                double gap = Math.floor(Math.log(1 - random.nextDouble()) / Math.log1p(-bad));
                long good = (long) Math.min((double) rest, gap);
                long ofCandidate = Binomial.draw(good, candidateGood, random);
                rest -= good;
                long stableBad = 0;
                long candidateBad = 0;
                if (rest > 0) {
                    rest--;
                    if (random.nextDouble() < weight * rate / bad) {
                        candidateBad = 1;
                    } else {
                        stableBad = 1;
                    }
                }
                mixture.add(
                        factors, good - ofCandidate + stableBad, stableBad, ofCandidate + candidateBad, candidateBad);
                if (regressed) {
                    regressedCalls += ofCandidate + candidateBad;
                    if (candidateBad > 0 && mixture.logEvidence() >= logThreshold) {
                        return regressedCalls;
                    }
                }
            }
        }
        return regressedCalls;
    }
}
