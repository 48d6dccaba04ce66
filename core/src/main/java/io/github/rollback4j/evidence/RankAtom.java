package io.github.rollback4j.evidence;

/**
 * Bets on candidates' values that rank above stable's (or below), by their place among stable's earlier ones. What a
 * candidate's request wins in expectation a stable one loses, whatever stable's distribution has become since, so that
 * only a difference between the releases counts.
 *
 * @param stake the part of what it has that it bets on a candidate's request, above 0 and below 2
 * @param direction 1 for larger values, -1 for smaller ones
 */
record RankAtom(double stake, int direction) implements Atom {

    private static final double LARGEST_STAKE = 1.9;

    @Override
    public void bet(double weight, double[] stable, double[] candidate) {
        double stableStake = Math.min(stake * weight / (1 - weight), LARGEST_STAKE);
        double candidateStake = stableStake * (1 - weight) / weight;
        for (int bin = 0; bin < stable.length; bin++) {
            double above = direction * (Evidence.middleQuantile(bin) - .5);
            stable[bin] = Math.log1p(-stableStake * above);
            candidate[bin] = Math.log1p(candidateStake * above);
        }
    }
}
