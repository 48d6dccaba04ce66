package io.github.rollback4j.evidence;

/**
 * A bet, for each request, on a rate of {@code 2^doublings} times the limit that holds for it, against all rates up to that limit. What
 * other atoms take as the weight is the limit here: there is no coin, and stable has no part in it.
 */
record MovingLimitAtom(int doublings) implements Atom {

    @Override
    public void bet(double limit, double[] stable, double[] candidate) {
        new OneSampleAtom(limit, Math.min(Evidence.HIGHEST_RATE, Math.scalb(limit, doublings)))
                .bet(limit, stable, candidate);
    }
}
