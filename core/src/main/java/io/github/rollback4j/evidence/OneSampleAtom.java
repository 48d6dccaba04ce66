package io.github.rollback4j.evidence;

/**
 * A bet on a candidate whose rate is {@code alternative}, against all rates up to {@code limit}: the likelihood ratio, whose
 * expectation is at most 1 there. Stable has no part in it.
 */
record OneSampleAtom(double limit, double alternative) implements Atom {

    @Override
    public void bet(double weight, double[] stable, double[] candidate) {
        stable[Evidence.GOOD] = 0;
        stable[Evidence.BAD] = 0;
        candidate[Evidence.GOOD] = Math.log1p(-alternative) - Math.log1p(-limit);
        candidate[Evidence.BAD] = Math.log(alternative / limit);
    }
}
