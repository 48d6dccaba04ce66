package io.github.rollback4j.evidence;

/**
 * Bets on odds of the candidate that differ from those of the weight: a likelihood ratio of the coin.
 *
 * @param logOdds the logarithm of the factor between the odds, not 0
 */
record OddsAtom(double logOdds) implements Atom {

    @Override
    public void bet(double weight, double[] stable, double[] candidate) {
        double logMean = Math.log1p(weight * Math.expm1(logOdds));
        stable[0] = -logMean;
        candidate[0] = logOdds - logMean;
    }
}
