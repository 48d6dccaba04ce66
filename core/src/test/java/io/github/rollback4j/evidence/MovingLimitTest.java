package io.github.rollback4j.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MovingLimitTest {

    private final Evidence evidence = Evidence.aboveMovingLimit();

    private double log(double limit, long calls, long bad) {
        StartMixture mixture = new StartMixture(evidence);
        mixture.add(evidence.factorsAbove(limit), 0, 0, calls, bad);
        return mixture.logEvidence();
    }

    @ParameterizedTest
    @ValueSource(doubles = {.0001, .005, .02, .4, .89})
    void logEvidence_limitThatStays_isThatOfTheFixedLimit(double limit) {
        Evidence fixed = Evidence.aboveLimit(limit);
        StartMixture mixture = new StartMixture(fixed);
        mixture.add(fixed.factors(.5), 0, 0, 1_000, 17);
        assertThat(log(limit, 1_000, 17)).isCloseTo(mixture.logEvidence(), within(1e-12));
    }

    /** The expected factor of a call whose rate is the limit is 1, for each atom, wherever the limit is. */
    @ParameterizedTest
    @ValueSource(doubles = {.0001, .005, .02, .4, .9})
    void factors_atTheLimit_areFair(double limit) {
        Evidence.Factors factors = evidence.factorsAbove(limit);
        for (int atom = 0; atom < evidence.atoms(); atom++) {
            double expected = limit * Math.exp(factors.candidate[Evidence.BAD][atom])
                    + (1 - limit) * Math.exp(factors.candidate[Evidence.GOOD][atom]);
            assertThat(expected).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void logEvidence_limitThatMoves_isTheSumForOneAtom() {
        StartMixture mixture = new StartMixture(evidence);
        mixture.add(evidence.factorsAbove(.01), 0, 0, 10, 5);
        double before = mixture.logEvidence();
        mixture.add(evidence.factorsAbove(.9), 0, 0, 10, 5);
        assertThat(mixture.logEvidence()).isLessThan(before);
    }

    /** A limit that follows what came before, calls on it: the chance that the evidence ever reaches 100 is at most 0.01. */
    @Test
    void logEvidence_rateAtALimitThatMoves_isHardlyEverLarge() {
        SplittableRandom random = new SplittableRandom(5);
        int alarms = 0;
        for (int run = 0; run < 2_000; run++) {
            StartMixture mixture = new StartMixture(evidence);
            double limit = .01;
            boolean isLarge = false;
            for (int window = 0; window < 100 && !isLarge; window++) {
                int bad = 0;
                for (int i = 0; i < 100; i++) {
                    bad += random.nextDouble() < limit ? 1 : 0;
                }
                mixture.advanceTo(window);
                mixture.add(evidence.factorsAbove(limit), 0, 0, 100, bad);
                isLarge = mixture.logEvidence() >= Math.log(100);
                limit = bad > 1 ? .03 : .01;
            }
            alarms += isLarge ? 1 : 0;
        }
        // 20 of 2,000 are allowed, and 34 by chance once in a thousand times.
        assertThat(alarms).isLessThanOrEqualTo(34);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -.1, .91, 1, Double.NaN})
    void factorsAbove_limitOutsideItsRange_isRefused(double limit) {
        assertThatThrownBy(() -> evidence.factorsAbove(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit is " + limit);
    }

    @Test
    void factorsAbove_otherEvidence_isRefused() {
        assertThatThrownBy(() -> Evidence.aboveLimit(.1).factorsAbove(.1)).isInstanceOf(IllegalStateException.class);
    }
}
