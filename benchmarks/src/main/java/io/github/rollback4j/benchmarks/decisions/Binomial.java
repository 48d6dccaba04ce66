package io.github.rollback4j.benchmarks.decisions;

import java.util.SplittableRandom;

/** Draws from binomial distributions, and bounds their probability (Clopper and Pearson, 1934). */
final class Binomial {

    private Binomial() {}

    /** Draws how often something of probability p happens in n tries; where that is often, by the normal approximation. */
    static long draw(long n, double p, SplittableRandom random) {
        if (n <= 0 || p <= 0) {
            return 0;
        }
        if (p > .5) {
            return n - draw(n, 1 - p, random);
        }
        double mean = n * p;
        if (mean > 60) {
            return Math.max(0, Math.min(n, Math.round(mean + random.nextGaussian() * Math.sqrt(mean * (1 - p)))));
        }
        // The distances between successes are geometric.
        double logMiss = Math.log1p(-p);
        long hits = 0;
        for (double at = Math.log(1 - random.nextDouble()) / logMiss;
                at < n;
                at += 1 + Math.floor(Math.log(1 - random.nextDouble()) / logMiss)) {
            hits++;
        }
        return hits;
    }

    /** Returns the lower limit of the probability of which k in n were seen. */
    static double lower(long k, long n, double confidence) {
        return k == 0 ? 0 : solve(k - 1, n, confidence);
    }

    /** Returns the upper limit of the probability of which k in n were seen. */
    static double upper(long k, long n, double confidence) {
        return k == n ? 1 : solve(k, n, 1 - confidence);
    }

    /** Returns the p at which the chance of at most k in n is this large. */
    private static double solve(long k, long n, double chance) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (atMost(k, n, middle) > chance) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private static double atMost(long k, long n, double p) {
        double logTerm = n * Math.log1p(-p);
        double logOdds = Math.log(p) - Math.log1p(-p);
        double sum = Math.exp(logTerm);
        for (long i = 1; i <= k; i++) {
            logTerm += Math.log((double) (n - i + 1) / i) + logOdds;
            sum += Math.exp(logTerm);
        }
        return sum;
    }
}
