package io.github.rollback4j.evidence;

import java.util.List;
import java.util.Objects;

/**
 * Weighs failure counts as evidence that the candidate fails more often than its margin allows.
 *
 * <p>The evidence is a finite mixture. Each of its atoms is a bet on one kind of regression: it gives every request a
 * factor that depends on the release, on whether the request failed and on the weight in force, and whose expectation
 * is at most 1 for every pair of failure rates within the margin. Two families of atoms exist:
 *
 * <ul>
 *   <li><em>ratio atoms</em> bet on a candidate that fails 1.125 to 1025 times as often as the margin allows. They
 *       condition on failures having happened, so that stable's rate need not be known (Lindon and Malek, NeurIPS
 *       2022);
 *   <li><em>catastrophe atoms</em> bet on a candidate that fails in 25 to 97 % of its requests, and find it sooner.
 *       They are likelihood ratios against the nearest rates within the margin (Turner, Ly and Grünwald).
 * </ul>
 *
 * <p>By Ville's inequality the evidence ever reaches 1/α with probability at most α while the candidate stays within
 * the margin. Logarithms are natural ones.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class ErrorEvidence {

    private static final double[] RATIO_ATOM_PERCENT = {2, 4, 8, 14, 18, 18, 14, 9, 5, 3, 2, 1, 1, 1};

    private static final double RATIO_MASS_BESIDE_CATASTROPHES = 7.0 / 8;

    private static final List<CatastropheAtom> CATASTROPHES = List.of(
            new CatastropheAtom(.005, .25),
            new CatastropheAtom(.005, .6),
            new CatastropheAtom(.005, .97),
            new CatastropheAtom(.1, .6),
            new CatastropheAtom(.1, .97));

    private final Margin margin;
    private final List<CatastropheAtom> catastrophes;
    private final double[] logPriors;

    private ErrorEvidence(Margin margin, List<CatastropheAtom> catastrophes, double ratioMass) {
        this.margin = Objects.requireNonNull(margin, "margin");
        this.catastrophes = catastrophes;
        int ratioAtoms = RATIO_ATOM_PERCENT.length;
        logPriors = new double[ratioAtoms + catastrophes.size()];
        for (int atom = 0; atom < logPriors.length; atom++) {
            logPriors[atom] = Math.log(
                    atom < ratioAtoms
                            ? ratioMass * RATIO_ATOM_PERCENT[atom] / 100
                            : (1 - ratioMass) / catastrophes.size());
        }
    }

    /**
     * Returns the evidence for requests that each had a coin of their own: ratio atoms with 7/8 of the prior mass and
     * catastrophe atoms with 1/8.
     *
     * @param margin how much worse the candidate may be
     */
    public static ErrorEvidence unkeyed(Margin margin) {
        return new ErrorEvidence(margin, CATASTROPHES, RATIO_MASS_BESIDE_CATASTROPHES);
    }

    /**
     * Returns the evidence for requests whose arm was drawn for each key: ratio atoms alone, since only their factor
     * for a candidate success is 1, so that the candidate's good requests need not be counted.
     *
     * @param margin how much worse the candidate may be
     */
    public static ErrorEvidence keyed(Margin margin) {
        return new ErrorEvidence(margin, List.of(), 1);
    }

    /** Returns the number of atoms of the mixture; they are numbered from 0. */
    public int atoms() {
        return logPriors.length;
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
     * Computes the log evidence of all strata together, for a regression that is there from the first request on.
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

    Margin margin() {
        return margin;
    }

    boolean hasCatastropheAtoms() {
        return !catastrophes.isEmpty();
    }

    void requireOwn(Factors factors) {
        requireSame("factors", factors.evidence);
    }

    void requireSame(String name, ErrorEvidence other) {
        if (!equals(other)) {
            throw new IllegalArgumentException(name + " is over " + other + ", allowed is only " + this);
        }
    }

    /** Compares margins and atoms: equal evidence has equal factors. */
    @Override
    public boolean equals(Object other) {
        return other == this
                || (other instanceof ErrorEvidence that
                        && margin.equals(that.margin)
                        && catastrophes.equals(that.catastrophes));
    }

    @Override
    public int hashCode() {
        return Objects.hash(margin, catastrophes);
    }

    @Override
    public String toString() {
        return (hasCatastropheAtoms() ? "unkeyed evidence with " : "keyed evidence with ") + margin;
    }

    /**
     * Holds the log factors of one request at one weight, for every atom and each of the four outcomes. All are finite.
     *
     * <p>Immutable and safe for use by several threads.
     */
    public static final class Factors {

        final ErrorEvidence evidence;
        final double[] stableFailure;
        final double[] stableSuccess;
        final double[] candidateFailure;
        final double[] candidateSuccess;
        private final double weight;

        private Factors(ErrorEvidence evidence, double weight) {
            this.evidence = evidence;
            this.weight = weight;
            int atoms = evidence.atoms();
            stableFailure = new double[atoms];
            stableSuccess = new double[atoms];
            candidateFailure = new double[atoms];
            candidateSuccess = new double[atoms];
            int ratioAtoms = RATIO_ATOM_PERCENT.length;
            for (int atom = 0; atom < ratioAtoms; atom++) {
                betOnRatio(atom, evidence.margin);
            }
            for (int atom = ratioAtoms; atom < atoms; atom++) {
                betOnCatastrophe(atom, evidence.catastrophes.get(atom - ratioAtoms), evidence.margin);
            }
        }

        /** Returns the weight that the factors hold for, above 0 and below 1. */
        public double weight() {
            return weight;
        }

        private void betOnRatio(int atom, Margin margin) {
            double d = margin.difference();
            double border = margin.ratio() + d;
            double r = 1 + Math.scalb(1.0, atom - 3);
            double logStableFailure = Math.log1p(weight * (border - 1)) - Math.log1p(weight * (border * r - 1));
            stableFailure[atom] = logStableFailure;
            stableSuccess[atom] = Math.log1p(-d * weight * (r - 1) / (1 - weight + weight * border * r));
            candidateFailure[atom] = Math.log(r) + logStableFailure;
            candidateSuccess[atom] = 0;
        }

        private void betOnCatastrophe(int atom, CatastropheAtom bet, Margin margin) {
            if (bet.isAllowedBy(margin)) {
                return;
            }
            double q = bet.projectedStableRate(weight, margin);
            double m = margin.ratio() * q + margin.difference();
            stableFailure[atom] = Math.log(bet.stableRate() / q);
            stableSuccess[atom] = Math.log1p(-bet.stableRate()) - Math.log1p(-q);
            candidateFailure[atom] = Math.log(bet.candidateRate() / m);
            candidateSuccess[atom] = Math.log1p(-bet.candidateRate()) - Math.log1p(-m);
        }

        /** Adds the log factors of these requests to one logarithm for each atom, from {@code offset} on. */
        void addTo(
                double[] logSums,
                int offset,
                long stableCalls,
                long stableFailures,
                long candidateCalls,
                long candidateFailures) {
            double ks = stableFailures;
            double gs = stableCalls - stableFailures;
            double kc = candidateFailures;
            double gc = candidateCalls - candidateFailures;
            for (int atom = 0; atom < stableFailure.length; atom++) {
                logSums[offset + atom] += gc * candidateSuccess[atom]
                        + kc * candidateFailure[atom]
                        + gs * stableSuccess[atom]
                        + ks * stableFailure[atom];
            }
        }
    }
}
