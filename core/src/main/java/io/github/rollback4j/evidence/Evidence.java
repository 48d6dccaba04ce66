package io.github.rollback4j.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;

/**
 * Weighs what came of requests as evidence against a hypothesis about the candidate and stable.
 *
 * <p>The evidence is a finite mixture of {@linkplain Atom atoms}. Each is a bet on one kind of difference: it gives every
 * request a factor that depends on the release, on the category of what came of it and on the weight in force, and whose
 * expectation is at most 1 wherever the hypothesis holds. By Ville's inequality the evidence ever reaches 1/α with
 * probability at most α while the hypothesis holds. Logarithms are natural ones.
 *
 * <p>Outcomes have two categories, {@value #GOOD} good and {@value #BAD} bad, or {@value #BINS}: the bins of a value
 * between the {@linkplain #edgeQuantiles() edges} that were frozen at stable's quantiles before the first value counts.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class Evidence {

    /** The category of a request that went well. */
    public static final int GOOD = 0;

    /** The category of a request that went badly, or was a conversion where these are what is counted. */
    public static final int BAD = 1;

    /** The number of bins of a value. */
    public static final int BINS = 20;

    /** The quantiles of stable's earlier values that are the edges between the bins, 19 of them, growing. */
    private static final double[] EDGE_QUANTILES = {
        1 / 16.0, 2 / 16.0, 3 / 16.0, 4 / 16.0, 5 / 16.0, 6 / 16.0, 7 / 16.0, 8 / 16.0, 9 / 16.0, 10 / 16.0, 11 / 16.0,
        12 / 16.0, 13 / 16.0, 14 / 16.0, .9, 15 / 16.0, .97, .99, .995
    };

    private static final double[] RATIO_PERCENT = {2, 4, 8, 14, 18, 18, 14, 9, 5, 3, 2, 1, 1, 1};
    private static final double RATIO_MASS_BESIDE_CATASTROPHES = 7.0 / 8;
    private static final double[][] CATASTROPHES = {{.005, .25}, {.005, .6}, {.005, .97}, {.1, .6}, {.1, .97}};

    private static final double[] EXCEEDED = {.5, .9, .99};
    private static final double[] LOG_ODDS_SHIFTS = {.12, .25, .5, 1, 2, 3.5};
    private static final double SHIFT_MASS = .6;
    private static final double[] STAKES = {.03, .06, .12, .25, .5, 1, 1.9};

    private static final double ALL_IN = .999_999;
    private static final double ALL_IN_MASS = .35;
    private static final int MORE_STAKES = 13;
    private static final double STAKE_FACTOR = .7;

    private static final double SMALLEST_LOG_ODDS = .02;
    private static final int LOG_ODDS = 7;

    private static final int DOUBLINGS = 6;

    /** The highest limit that a rate can be found to be above. */
    public static final double HIGHEST_LIMIT = .9;

    static final double HIGHEST_RATE = .97;

    private final String name;
    private final int categories;
    private final List<Atom> atoms;
    private final double[] logPriors;

    private Evidence(String name, int categories, Mixture mixture) {
        this.name = name;
        this.categories = categories;
        this.atoms = List.copyOf(mixture.atoms);
        this.logPriors = mixture.priors.stream().mapToDouble(Math::log).toArray();
    }

    /**
     * Returns the evidence that a candidate fails more often than its margin allows, for requests that each had a coin of
     * their own.
     *
     * <p><em>Ratio atoms</em>, with 7/8 of the prior mass, bet on a candidate that fails 1.125 to 1025 times as often as
     * the margin allows; <em>catastrophe atoms</em>, with 1/8, on one that fails in 25 to 97 % of its requests, and find it
     * sooner.
     *
     * @param margin how much worse the candidate may be
     */
    public static Evidence errors(Margin margin) {
        Mixture mixture = new Mixture();
        mixture.addRatios(RATIO_MASS_BESIDE_CATASTROPHES, margin);
        for (double[] rates : CATASTROPHES) {
            mixture.add(
                    (1 - RATIO_MASS_BESIDE_CATASTROPHES) / CATASTROPHES.length,
                    new CatastropheAtom(margin, rates[0], rates[1]));
        }
        return new Evidence("evidence of errors with " + margin, 2, mixture);
    }

    /**
     * Returns the evidence that a candidate fails more often than its margin allows, for requests whose arm was drawn for
     * each key: ratio atoms alone, since only their factor for a candidate success is 1, so that the candidate's good
     * requests need not be counted.
     *
     * @param margin how much worse the candidate may be
     */
    public static Evidence keyedErrors(Margin margin) {
        Mixture mixture = new Mixture();
        mixture.addRatios(1, margin);
        return new Evidence("evidence of keyed errors with " + margin, 2, mixture);
    }

    /**
     * Returns the evidence that a candidate's values are stochastically larger than stable's: half of its mass bets on the
     * values above stable's quantiles .5, .9 and .99, half on the rank of all. A candidate's latencies are divided by what
     * is tolerated, times stable's, before they are binned.
     */
    public static Evidence larger() {
        Mixture mixture = new Mixture();
        for (double quantile : EXCEEDED) {
            mixture.addExceedances(.5 / EXCEEDED.length, quantile);
        }
        mixture.addRanks(.5, 1);
        return new Evidence("evidence of larger values", BINS, mixture);
    }

    /**
     * Returns the evidence that more of a candidate's values than of stable's are above one of stable's quantiles.
     *
     * @param quantile one of those that are edges between bins, such as .5, .9, .97, .99 and .995
     * @throws IllegalArgumentException if the quantile is no edge
     */
    public static Evidence exceedance(double quantile) {
        Mixture mixture = new Mixture();
        mixture.addExceedances(1, quantile);
        return new Evidence("evidence of values above quantile " + quantile, BINS, mixture);
    }

    /** Returns the evidence that a candidate's values are larger, by the rank of all values alone. */
    static Evidence largerByRank() {
        Mixture mixture = new Mixture();
        mixture.addRanks(1, 1);
        return new Evidence("evidence of larger values by rank", BINS, mixture);
    }

    /**
     * Returns the evidence that a candidate's values are stochastically smaller than stable's: of a business metric, such as
     * the revenue of a request. Half of its mass bets on the rank of all values, half on what they score, which finds what
     * is different where most requests are worth nothing. Stable's values are multiplied by what is tolerated before they
     * are binned.
     *
     * @param scores what a value in each of the {@value #BINS} bins is worth, as a part of the highest: from 0 to 1, growing,
     *     and fixed before the first value counts
     * @throws IllegalArgumentException if there is not one a bin, or one is out of its range or does not grow
     */
    public static Evidence smaller(double[] scores) {
        if (scores.length != BINS) {
            throw new IllegalArgumentException("scores has " + scores.length + " scores, allowed are " + BINS);
        }
        List<Double> growing = new ArrayList<>();
        double before = 0;
        for (double score : scores) {
            if (!(score >= before && score <= 1)) {
                throw new IllegalArgumentException(
                        "scores has " + score + " after " + before + ", allowed is that or more, up to 1");
            }
            growing.add(score);
            before = score;
        }
        Mixture mixture = new Mixture();
        mixture.addRanks(.5, -1);
        mixture.add(.5 * ALL_IN_MASS, new ValueAtom(growing, ALL_IN));
        for (int i = 1; i <= MORE_STAKES; i++) {
            mixture.add(.5 * (1 - ALL_IN_MASS) / MORE_STAKES, new ValueAtom(growing, Math.pow(STAKE_FACTOR, i)));
        }
        return new Evidence("evidence of smaller values", BINS, mixture);
    }

    /**
     * Returns the evidence that a candidate's rate is <em>below</em> {@code ratio} times stable's plus
     * {@code difference}: that it is not worse, where the rate is of failures, or that it is, where it is of conversions.
     *
     * @param ratio above 0, at most 100
     * @param difference at least 0 and below 1
     * @throws IllegalArgumentException if a part is out of its range
     */
    public static Evidence lowerRate(double ratio, double difference) {
        if (!(ratio > 0 && ratio <= Margin.LARGEST_RATIO)) {
            throw new IllegalArgumentException(
                    "ratio is " + ratio + ", allowed is above 0 and at most " + Margin.LARGEST_RATIO);
        }
        Margin.requireDifference(difference);
        Mixture mixture = new Mixture();
        mixture.add(ALL_IN_MASS, new LowerRateAtom(ratio, difference, ALL_IN));
        for (int i = 1; i <= MORE_STAKES; i++) {
            mixture.add(
                    (1 - ALL_IN_MASS) / MORE_STAKES, new LowerRateAtom(ratio, difference, Math.pow(STAKE_FACTOR, i)));
        }
        return new Evidence("evidence of a rate below " + ratio + " times stable's plus " + difference, 2, mixture);
    }

    /**
     * Returns the evidence that requests are not divided between the releases as the weight says (a sample ratio
     * mismatch). All requests are of one category, 0.
     */
    public static Evidence sampleRatio() {
        Mixture mixture = new Mixture();
        for (int i = 0; i < LOG_ODDS; i++) {
            for (int sign = 1; sign >= -1; sign -= 2) {
                mixture.add(.5 / LOG_ODDS, new OddsAtom(sign * Math.scalb(SMALLEST_LOG_ODDS, i)));
            }
        }
        return new Evidence("evidence of a sample ratio mismatch", 1, mixture);
    }

    /**
     * Returns the evidence that a rate of the candidate's, looked at on its own, is above a limit; each atom bets on a rate
     * of 2 to 64 times the limit. It holds where each request has a chance of its own of at most the limit, whatever came
     * before; several requests of one key must not share their fate.
     *
     * @param limit above 0 and below 0.9
     * @throws IllegalArgumentException if the limit is out of its range
     */
    public static Evidence aboveLimit(double limit) {
        if (!(limit > 0 && limit < HIGHEST_LIMIT)) {
            throw new IllegalArgumentException("limit is " + limit + ", allowed is above 0 and below " + HIGHEST_LIMIT);
        }
        Mixture mixture = new Mixture();
        for (int i = 1; i <= DOUBLINGS; i++) {
            mixture.add(1.0 / DOUBLINGS, new OneSampleAtom(limit, Math.min(HIGHEST_RATE, Math.scalb(limit, i))));
        }
        return new Evidence("evidence of a rate above " + limit, 2, mixture);
    }

    /**
     * Returns the evidence that a rate of the candidate's, looked at on its own, is above a limit that may be another for each request,
     * as long as it does not hang on what comes of that request: each atom bets on 2 to 64 times the limit, up to 0.97. It holds where
     * each request has a chance of its own of at most its limit, whatever came before. Its factors are those of {@link #factorsAbove}.
     */
    public static Evidence aboveMovingLimit() {
        Mixture mixture = new Mixture();
        for (int i = 1; i <= DOUBLINGS; i++) {
            mixture.add(1.0 / DOUBLINGS, new MovingLimitAtom(i));
        }
        return new Evidence("evidence of a rate above a moving limit", 2, mixture);
    }

    /**
     * Returns by how much the logarithm of the best possible evidence grows with each request, on average, while the rates
     * are these: the divergence from the nearest pair of rates within the margin. A bound divided by it is the number of
     * requests that any test needs (Wald).
     *
     * @param weight the probability with which a request goes to the candidate, above 0 and below 1
     * @return 0 where the candidate is within the margin
     */
    public static double growth(Margin margin, double weight, double stableRate, double candidateRate) {
        Counts.requireWeight(weight);
        if (candidateRate <= margin.ratio() * stableRate + margin.difference()) {
            return 0;
        }
        double q = new CatastropheAtom(margin, stableRate, candidateRate).projectedStableRate(weight);
        double m = margin.ratio() * q + margin.difference();
        return weight * divergence(candidateRate, m) + (1 - weight) * divergence(stableRate, q);
    }

    private static double divergence(double rate, double other) {
        return (rate <= 0 ? 0 : rate * Math.log(rate / other))
                + (rate >= 1 ? 0 : (1 - rate) * (Math.log1p(-rate) - Math.log1p(-other)));
    }

    /**
     * Bounds how much higher the candidate's rate is than stable's, from above: the smallest difference of which
     * {@link #lowerRate} shows, at a ratio of 1, that the candidate's rate is below. The bound holds at all times together
     * with probability 1 - β at least (a confidence sequence: Howard, Ramdas, McAuliffe and Sekhon).
     *
     * @param beta how probable it may be at most that the bound is ever wrong, above 0 and below 1
     * @param weight the probability with which these requests went to the candidate, above 0 and below 1
     * @return from 0, where the candidate's rate is shown to be no higher, to 1, where nothing is shown
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static double highestExcess(
            double beta, double weight, long stableCalls, long stableBad, long candidateCalls, long candidateBad) {
        return highestExcess(beta, List.of(new Counts(weight, stableCalls, stableBad, candidateCalls, candidateBad)));
    }

    static double highestExcess(double beta, List<Counts> strata) {
        if (!(beta > 0 && beta < 1)) {
            throw new IllegalArgumentException("beta is " + beta + ", allowed is above 0 and below 1");
        }
        double logThreshold = -Math.log(beta);
        double[] logs = new double[MORE_STAKES + 1];
        if (logLowerRate(0, strata, logs) >= logThreshold) {
            return 0;
        }
        double low = 0;
        double high = 1;
        double middle = .5;
        // The evidence grows with the difference; bisection ends on adjacent doubles.
        while (low < middle && middle < high) {
            if (logLowerRate(middle, strata, logs) >= logThreshold) {
                high = middle;
            } else {
                low = middle;
            }
            middle = low + (high - low) / 2;
        }
        return high;
    }

    /** Computes what {@link #lowerRate} at a ratio of 1 says, without making any object. */
    private static double logLowerRate(double difference, List<Counts> strata, double[] logs) {
        for (int i = 0; i <= MORE_STAKES; i++) {
            double stake = i == 0 ? ALL_IN : Math.pow(STAKE_FACTOR, i);
            double log = Math.log(i == 0 ? ALL_IN_MASS : (1 - ALL_IN_MASS) / MORE_STAKES);
            double x = stake / (1 - difference);
            for (int j = 0; j < strata.size(); j++) {
                Counts of = strata.get(j);
                log += (of.candidateCalls() - of.candidateFailures()) * Math.log1p(x * difference)
                        + of.candidateFailures() * Math.log1p(-stake)
                        + of.stableFailures() * Math.log1p(x * of.weight() / (1 - of.weight()));
            }
            logs[i] = log;
        }
        return LogSum.of(logs, 0, logs.length);
    }

    /** Returns stable's quantiles that are the 19 edges between the {@value #BINS} bins of a value, growing. */
    public static double[] edgeQuantiles() {
        return EDGE_QUANTILES.clone();
    }

    /** Returns the middle of what the bin holds of stable's values, as a quantile. */
    static double middleQuantile(int bin) {
        double low = bin == 0 ? 0 : EDGE_QUANTILES[bin - 1];
        double high = bin == BINS - 1 ? 1 : EDGE_QUANTILES[bin];
        return (low + high) / 2;
    }

    /** Returns the first bin above a quantile. */
    static int binAbove(double quantile) {
        int edge = Arrays.binarySearch(EDGE_QUANTILES, quantile);
        if (edge < 0) {
            throw new IllegalArgumentException(
                    "quantile is " + quantile + ", allowed is one of " + Arrays.toString(EDGE_QUANTILES));
        }
        return edge + 1;
    }

    /** Returns the number of atoms of the mixture; they are numbered from 0. */
    public int atoms() {
        return logPriors.length;
    }

    Atom atom(int atom) {
        return atoms.get(atom);
    }

    /** Returns the number of categories of an outcome; they are numbered from 0. */
    public int categories() {
        return categories;
    }

    /**
     * Returns the logarithm of an atom's prior mass; the masses add up to 1.
     *
     * @param atom from 0 to below {@link #atoms()}
     * @throws IndexOutOfBoundsException if there is no such atom
     */
    public double logPrior(int atom) {
        return logPriors[atom];
    }

    /**
     * Computes the log evidence of all strata together, of requests with two categories, for a difference that is there
     * from the first request on.
     *
     * <p>Computes the factors of each stratum anew; for repeated looks see {@link StartMixture}.
     *
     * @param strata what happened at each weight; the order does not matter, and without any the result is 0
     * @return the natural logarithm of the e-value, finite
     */
    double logEvidence(List<Counts> strata) {
        double[] logSums = logPriors.clone();
        for (Counts counts : strata) {
            factors(counts.weight())
                    .addTo(
                            logSums,
                            0,
                            counts.stableCalls(),
                            counts.stableFailures(),
                            counts.candidateCalls(),
                            counts.candidateFailures());
        }
        return LogSum.of(logSums, 0, logSums.length);
    }

    /**
     * Computes the log evidence of requests with two categories at one weight, for a difference that is there from the
     * first request on.
     *
     * @param weight the probability with which a request went to the candidate, above 0 and below 1
     * @return the natural logarithm of the e-value, finite
     * @throws IllegalArgumentException if a number is out of its range
     */
    public double logEvidence(double weight, long stableCalls, long stableBad, long candidateCalls, long candidateBad) {
        return logEvidence(List.of(new Counts(weight, stableCalls, stableBad, candidateCalls, candidateBad)));
    }

    /**
     * Computes the factors of one request at a weight. This is the costly part, by bisection: hold on to the
     * result for as long as the weight is in use.
     *
     * @param weight the probability with which a request goes to the candidate, above 0 and below 1
     * @throws IllegalArgumentException if the weight is out of its range
     */
    public Factors factors(double weight) {
        Counts.requireWeight(weight);
        return new Factors(this, weight);
    }

    /**
     * Computes the factors of one request of the candidate under a limit, in the evidence of {@link #aboveMovingLimit}.
     *
     * @param limit above 0 and at most {@link #HIGHEST_LIMIT}; from there on nothing could be found
     * @throws IllegalArgumentException if the limit is out of its range
     * @throws IllegalStateException if this evidence has no limit that moves
     */
    public Factors factorsAbove(double limit) {
        if (!(limit > 0 && limit <= HIGHEST_LIMIT)) {
            throw new IllegalArgumentException(
                    "limit is " + limit + ", allowed is above 0 and at most " + HIGHEST_LIMIT);
        }
        if (!atoms.stream().allMatch(MovingLimitAtom.class::isInstance)) {
            throw new IllegalStateException(this + " has no limit that moves");
        }
        return new Factors(this, limit);
    }

    /** Says whether the factor of a candidate's good request is 1 for every atom, so that these need not be counted. */
    boolean isFreeOfCandidateSuccesses() {
        return atoms.stream().allMatch(RatioAtom.class::isInstance);
    }

    void requireOwn(Factors factors) {
        requireSame("factors", factors.evidence);
    }

    void requireSame(String what, Evidence other) {
        if (!equals(other)) {
            throw new IllegalArgumentException(what + " is over " + other + ", allowed is only " + this);
        }
    }

    /** Compares atoms and their prior masses: equal evidence has equal factors. */
    @Override
    public boolean equals(Object other) {
        return other == this
                || (other instanceof Evidence that
                        && categories == that.categories
                        && atoms.equals(that.atoms)
                        && Arrays.equals(logPriors, that.logPriors));
    }

    @Override
    public int hashCode() {
        return Objects.hash(atoms, Arrays.hashCode(logPriors));
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * Holds the log factors of one request at one weight: for every atom of the evidence, both releases and each category of
     * what came of the request. All are finite.
     *
     * <p>Immutable and safe for use by several threads.
     */
    public static final class Factors {

        final Evidence evidence;

        /** By category, then by atom. */
        final double[][] stable;

        /** By category, then by atom. */
        final double[][] candidate;

        private final double weight;

        Factors(Evidence evidence, double weight) {
            this.evidence = evidence;
            this.weight = weight;
            int categories = evidence.categories();
            int atoms = evidence.atoms();
            stable = new double[categories][atoms];
            candidate = new double[categories][atoms];
            double[] ofStable = new double[categories];
            double[] ofCandidate = new double[categories];
            for (int atom = 0; atom < atoms; atom++) {
                evidence.atom(atom).bet(weight, ofStable, ofCandidate);
                for (int category = 0; category < categories; category++) {
                    stable[category][atom] = ofStable[category];
                    candidate[category][atom] = ofCandidate[category];
                }
            }
        }

        /** Returns the weight that the factors hold for, above 0 and below 1. */
        public double weight() {
            return weight;
        }

        /** Adds the log factors of requests with two categories to one logarithm for each atom, from {@code offset} on. */
        void addTo(
                double[] logSums,
                int offset,
                long stableCalls,
                long stableBad,
                long candidateCalls,
                long candidateBad) {
            double ks = stableBad;
            double gs = stableCalls - stableBad;
            double kc = candidateBad;
            double gc = candidateCalls - candidateBad;
            double[] stableGood = stable[GOOD];
            double[] stableBads = stable[BAD];
            double[] candidateGood = candidate[GOOD];
            double[] candidateBads = candidate[BAD];
            for (int atom = 0; atom < stableGood.length; atom++) {
                logSums[offset + atom] += gc * candidateGood[atom]
                        + kc * candidateBads[atom]
                        + gs * stableGood[atom]
                        + ks * stableBads[atom];
            }
        }

        /** Adds the log factors of requests, counted by category, to one logarithm for each atom. */
        void addTo(double[] logSums, long[] stableCounts, long[] candidateCounts) {
            for (int category = 0; category < stable.length; category++) {
                add(logSums, stableCounts[category], stable[category]);
                add(logSums, candidateCounts[category], candidate[category]);
            }
        }

        private static void add(double[] logSums, long count, double[] factors) {
            if (count > 0) {
                double times = count;
                for (int atom = 0; atom < factors.length; atom++) {
                    logSums[atom] += times * factors[atom];
                }
            }
        }
    }

    /**
     * States how much worse than stable a candidate may be: the hypothesis under test is
     * {@code candidate rate <= ratio * stable rate + difference}.
     *
     * <p>Immutable and safe for use by several threads.
     *
     * @param ratio the largest allowed quotient of the two rates, from 1 to 100
     * @param difference the allowance on top as a share of the requests, at least 0 and below 1; 0.0005 is 0.05 %
     */
    public record Margin(double ratio, double difference) {

        /** Allows 10 % more failures than stable has, and 0.05 % of the requests on top. */
        public static final Margin DEFAULT = new Margin(1.1, 0.0005);

        /** Allows nothing: the candidate must not fail more often than stable. */
        public static final Margin STRICT = new Margin(1, 0);

        static final double LARGEST_RATIO = 100;

        /**
         * Checks both parts.
         *
         * @throws IllegalArgumentException if a part is not a number or is out of its range
         */
        public Margin {
            if (!(ratio >= 1 && ratio <= LARGEST_RATIO)) {
                throw new IllegalArgumentException("ratio is " + ratio + ", allowed is 1 to " + LARGEST_RATIO);
            }
            requireDifference(difference);
        }

        static void requireDifference(double difference) {
            if (!(difference >= 0 && difference < 1)) {
                throw new IllegalArgumentException("difference is " + difference + ", allowed is 0 to below 1");
            }
        }
    }

    /** Collects atoms with their prior masses. */
    private static final class Mixture {

        private final List<Atom> atoms = new ArrayList<>();
        private final List<Double> priors = new ArrayList<>();

        void add(double mass, Atom atom) {
            atoms.add(atom);
            priors.add(mass);
        }

        void addRatios(double mass, Margin margin) {
            for (int i = 0; i < RATIO_PERCENT.length; i++) {
                add(mass * RATIO_PERCENT[i] / 100, new RatioAtom(margin, 1 + Math.scalb(1.0, i - 3)));
            }
        }

        void addExceedances(double mass, double quantile) {
            int firstAbove = binAbove(quantile);
            double above = 1 - quantile;
            double odds = above / quantile;
            for (double shift : LOG_ODDS_SHIFTS) {
                double shifted = odds * Math.exp(shift);
                add(
                        mass * SHIFT_MASS / LOG_ODDS_SHIFTS.length,
                        new ExceedanceAtom(
                                new CatastropheAtom(Margin.STRICT, above, shifted / (1 + shifted)), firstAbove));
            }
            Mixture ratios = new Mixture();
            ratios.addRatios(mass * (1 - SHIFT_MASS), Margin.STRICT);
            for (int i = 0; i < ratios.atoms.size(); i++) {
                add(ratios.priors.get(i), new ExceedanceAtom(ratios.atoms.get(i), firstAbove));
            }
        }

        void addRanks(double mass, int direction) {
            DoubleStream.of(STAKES).forEach(stake -> add(mass / STAKES.length, new RankAtom(stake, direction)));
        }
    }
}
