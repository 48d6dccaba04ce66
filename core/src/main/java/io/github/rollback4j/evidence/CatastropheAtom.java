package io.github.rollback4j.evidence;

import io.github.rollback4j.evidence.Evidence.Margin;
import java.util.Arrays;

/**
 * A simple alternative far outside the margin, with which a candidate that fails nearly always is found after a few
 * requests.
 *
 * <p>Its factors are likelihood ratios against its projection on the hypothesis: the pair of rates on the border of the
 * margin that is nearest in Kullback-Leibler divergence, with the weight as the share of the candidate. Because the
 * hypothesis is convex, that is an e-variable against all of it (Turner, Ly and Grünwald).
 *
 * @param margin how much worse the candidate may be; where it allows the alternative, all factors are 1
 * @param stableRate of the alternative, above 0 and below 1
 * @param candidateRate of the alternative, above 0 and below 1
 */
record CatastropheAtom(Margin margin, double stableRate, double candidateRate) implements Atom {

    @Override
    public void bet(double weight, double[] stable, double[] candidate) {
        if (candidateRate <= margin.ratio() * stableRate + margin.difference()) {
            Arrays.fill(stable, 0);
            Arrays.fill(candidate, 0);
            return;
        }
        double q = projectedStableRate(weight);
        double m = margin.ratio() * q + margin.difference();
        stable[Evidence.BAD] = Math.log(stableRate / q);
        stable[Evidence.GOOD] = Math.log1p(-stableRate) - Math.log1p(-q);
        candidate[Evidence.BAD] = Math.log(candidateRate / m);
        candidate[Evidence.GOOD] = Math.log1p(-candidateRate) - Math.log1p(-m);
    }

    /** Returns stable's rate at the projection; the candidate's is {@code ratio * q + difference}. */
    double projectedStableRate(double weight) {
        double low = stableRate;
        double high = Math.min(1, (candidateRate - margin.difference()) / margin.ratio());
        double middle = low + (high - low) / 2;
        // The divergence is convex: its slope is negative below the minimum, and bisection ends on adjacent doubles.
        while (low < middle && middle < high) {
            if (divergenceSlope(middle, weight) < 0) {
                low = middle;
            } else {
                high = middle;
            }
            middle = low + (high - low) / 2;
        }
        return middle;
    }

    private double divergenceSlope(double q, double weight) {
        double m = margin.ratio() * q + margin.difference();
        return weight * margin.ratio() * (m - candidateRate) / (m * (1 - m))
                + (1 - weight) * (q - stableRate) / (q * (1 - q));
    }
}
