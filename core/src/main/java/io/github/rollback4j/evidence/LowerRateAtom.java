package io.github.rollback4j.evidence;

/**
 * Bets a part of what it has on a candidate whose rate is below {@code ratio} times stable's plus {@code difference}. The
 * expected factor is exactly 1 on that border, and grows with the distance below it.
 *
 * @param stake the part that one bad candidate request loses, above 0 and below 1
 */
record LowerRateAtom(double ratio, double difference, double stake) implements Atom {

    @Override
    public void bet(double weight, double[] stable, double[] candidate) {
        double x = stake / (1 - difference);
        stable[Evidence.GOOD] = 0;
        stable[Evidence.BAD] = Math.log1p(x * ratio * weight / (1 - weight));
        candidate[Evidence.GOOD] = Math.log1p(x * difference);
        candidate[Evidence.BAD] = Math.log1p(-stake);
    }
}
