package io.github.rollback4j.evidence;

import java.util.Arrays;

/**
 * Bets as another atom does, where a value in one of the upper bins is bad and any other is good.
 *
 * @param bet what is bet
 * @param firstBad the first bin that is bad
 */
record ExceedanceAtom(Atom bet, int firstBad) implements Atom {

    @Override
    public void bet(double weight, double[] stable, double[] candidate) {
        double[] ofStable = new double[2];
        double[] ofCandidate = new double[2];
        bet.bet(weight, ofStable, ofCandidate);
        spread(ofStable, stable);
        spread(ofCandidate, candidate);
    }

    private void spread(double[] factors, double[] bins) {
        Arrays.fill(bins, 0, firstBad, factors[Evidence.GOOD]);
        Arrays.fill(bins, firstBad, bins.length, factors[Evidence.BAD]);
    }
}
