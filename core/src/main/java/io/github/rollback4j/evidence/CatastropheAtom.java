package io.github.rollback4j.evidence;

/**
 * A simple alternative far outside the margin, with which a candidate that fails nearly always is found after a few
 * requests.
 *
 * <p>Its factors are likelihood ratios against its projection on the hypothesis: the pair of rates on the border of the
 * margin that is nearest in Kullback-Leibler divergence, with the weight as the share of the candidate. Because the
 * hypothesis is convex, that is an e-variable against all of it (Turner, Ly and Grünwald).
 */
record CatastropheAtom(double stableRate, double candidateRate) {

    boolean isAllowedBy(Margin margin) {
        return candidateRate <= margin.ratio() * stableRate + margin.difference();
    }

    /** Returns stable's rate at the projection; the candidate's is {@code ratio * q + difference}. */
    double projectedStableRate(double weight, Margin margin) {
        double low = stableRate;
        double high = Math.min(1, (candidateRate - margin.difference()) / margin.ratio());
        double middle = low + (high - low) / 2;
        // The divergence is convex: its slope is negative below the minimum, and bisection ends on adjacent doubles.
        while (low < middle && middle < high) {
            if (divergenceSlope(middle, weight, margin) < 0) {
                low = middle;
            } else {
                high = middle;
            }
            middle = low + (high - low) / 2;
        }
        return middle;
    }

    private double divergenceSlope(double q, double weight, Margin margin) {
        double m = margin.ratio() * q + margin.difference();
        return weight * margin.ratio() * (m - candidateRate) / (m * (1 - m))
                + (1 - weight) * (q - stableRate) / (q * (1 - q));
    }
}
