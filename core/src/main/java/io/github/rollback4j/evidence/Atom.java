package io.github.rollback4j.evidence;

/**
 * A bet on one kind of difference between the releases. Under the hypothesis the expected factor of a request, over the
 * coin and what comes of it, is at most 1.
 */
sealed interface Atom
        permits RatioAtom,
                CatastropheAtom,
                LowerRateAtom,
                ExceedanceAtom,
                RankAtom,
                OddsAtom,
                OneSampleAtom,
                MovingLimitAtom,
                ValueAtom {

    /**
     * Computes the log factors of one request.
     *
     * @param weight the probability with which it goes to the candidate, above 0 and below 1
     * @param stable takes those of stable's requests, by category
     * @param candidate takes those of the candidate's requests, by category
     */
    void bet(double weight, double[] stable, double[] candidate);
}
