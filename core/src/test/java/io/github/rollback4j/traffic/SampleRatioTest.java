package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleRatioTest {

    private static final double ALARM = Math.log(10_000);

    private final SampleRatio ratio = new SampleRatio();

    @Test
    void logEvidence_withoutCalls_isNone() {
        assertThat(ratio.logEvidence()).isZero();
        ratio.add(3, .5, 0, 0);
        ratio.add(3, 0, 1000, 1000);
        assertThat(ratio.logEvidence()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0.05, 95000, 5000", "0.5, 50000, 50000", "0.01, 99010, 990"})
    void logEvidence_divisionAsTheWeightSays_isQuiet(double weight, long stable, long candidate) {
        ratio.add(0, weight, stable, candidate);
        assertThat(ratio.logEvidence()).isLessThan(1);
    }

    @ParameterizedTest
    @CsvSource({"0.05, 95000, 4000", "0.05, 90000, 5900", "0.5, 50000, 47000", "0.5, 47000, 50000", "0.25, 75000, 0"})
    void logEvidence_divisionOtherThanTheWeightSays_isFound(double weight, long stable, long candidate) {
        ratio.add(0, weight, stable, candidate);
        assertThat(ratio.logEvidence()).isGreaterThan(ALARM);
    }

    @Test
    void add_severalWeightsAndBuckets_isTheHighestOfTheStartMixture() {
        Evidence evidence = Evidence.sampleRatio();
        StartMixture mixture = new StartMixture(evidence);
        SplittableRandom random = new SplittableRandom(2);
        double highest = 0;
        for (int bucket = 0; bucket < 60; bucket++) {
            double weight = bucket % 2 == 0 ? .05 : .25;
            long stable = random.nextInt(300);
            long candidate = random.nextInt(bucket < 30 ? 100 : 30);
            ratio.add(bucket, weight, stable, candidate);
            mixture.advanceTo(bucket);
            mixture.add(evidence.factors(weight), new long[] {stable}, new long[] {candidate});
            highest = Math.max(highest, mixture.logEvidence());
            assertThat(ratio.logEvidence()).isCloseTo(highest, within(1e-9));
        }
        assertThat(highest).isPositive();
    }

    @Test
    void logEvidence_afterTheRatioIsRightAgain_staysAtItsHighest() {
        ratio.add(0, .5, 1000, 600);
        double highest = ratio.logEvidence();
        assertThat(highest).isGreaterThan(ALARM);
        ratio.add(1, .5, 1000, 1400);
        assertThat(ratio.logEvidence()).isEqualTo(highest);
    }

    @Test
    @Tag("R-1")
    void logEvidence_coinsOfTheWeight_hardlyEverReachesTheAlarm() {
        SplittableRandom random = new SplittableRandom(5);
        int above10 = 0;
        for (int run = 0; run < 500; run++) {
            SampleRatio each = new SampleRatio();
            double weight = run % 2 == 0 ? .05 : .5;
            for (int bucket = 0; bucket < 40; bucket++) {
                int candidate = 0;
                for (int i = 0; i < 100; i++) {
                    candidate += random.nextDouble() < weight ? 1 : 0;
                }
                each.add(bucket, weight, 100 - candidate, candidate);
            }
            above10 += each.logEvidence() >= Math.log(10) ? 1 : 0;
            assertThat(each.logEvidence()).isLessThan(ALARM);
        }
        // At most 1 in 10 by Ville's inequality; with 4 standard deviations of chance.
        assertThat(above10).isLessThan(77);
    }
}
