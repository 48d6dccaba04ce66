package io.github.rollback4j.evidence;

import io.github.rollback4j.evidence.Evidence.Margin;

/**
 * Bets on a candidate that fails a number of times as often as its margin allows. It conditions on failures having
 * happened, so that stable's rate need not be known (Lindon and Malek, NeurIPS 2022).
 *
 * @param margin how much worse the candidate may be
 * @param times how many times as often, above 1
 */
record RatioAtom(Margin margin, double times) implements Atom {

    @Override
    public void bet(double weight, double[] stable, double[] candidate) {
        double d = margin.difference();
        double border = margin.ratio() + d;
        double logStableFailure = Math.log1p(weight * (border - 1)) - Math.log1p(weight * (border * times - 1));
        stable[Evidence.BAD] = logStableFailure;
        stable[Evidence.GOOD] = Math.log1p(-d * weight * (times - 1) / (1 - weight + weight * border * times));
        candidate[Evidence.BAD] = Math.log(times) + logStableFailure;
        candidate[Evidence.GOOD] = 0;
    }
}
