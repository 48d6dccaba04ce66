package io.github.rollback4j.evidence;

import java.util.List;

/**
 * Bets on candidates' values that score less than stable's on average: a candidate's request loses a part of the bet for what
 * it scores, and stable's wins as much, so that requests which score nothing, most of all where orders are rare, cost
 * nothing. With scores of 0 and 1 it is {@link LowerRateAtom} without a margin.
 *
 * @param scores by bin, from 0 to 1 and growing
 * @param stake the part that one candidate request with a score of 1 loses, above 0 and below 1
 */
record ValueAtom(List<Double> scores, double stake) implements Atom {

    ValueAtom {
        scores = List.copyOf(scores);
    }

    @Override
    public void bet(double weight, double[] stable, double[] candidate) {
        for (int bin = 0; bin < stable.length; bin++) {
            stable[bin] = Math.log1p(stake * scores.get(bin) * weight / (1 - weight));
            candidate[bin] = Math.log1p(-stake * scores.get(bin));
        }
    }
}
