package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EdgesTest {

    private static double[] oneTo(int last) {
        return IntStream.rangeClosed(1, last).mapToDouble(i -> i).toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 0",
        "63, 0",
        "63.5, 1",
        "125, 1",
        "126, 2",
        "500, 7",
        "501, 8",
        "875, 13",
        "876, 14",
        "900, 14",
        "901, 15",
        "938, 15",
        "939, 16",
        "970, 16",
        "971, 17",
        "990, 17",
        "991, 18",
        "995, 18",
        "995.001, 19",
        "1000, 19",
        "1e300, 19",
        "-3, 0"
    })
    void bin_ofAThousandEvenValues_isTheQuantilesBetweenWhichItLies(double value, int bin) {
        assertThat(Edges.of(oneTo(1000)).bin(value)).isEqualTo(bin);
    }

    @Test
    void of_valuesInAnyOrder_areSortedButLeftAsTheyAre() {
        double[] values = oneTo(1000);
        for (int i = 0; i < 500; i++) {
            double swapped = values[i];
            values[i] = values[999 - i];
            values[999 - i] = swapped;
        }
        double[] copy = values.clone();
        Edges edges = Edges.of(values);
        assertThat(values).isEqualTo(copy);
        assertThat(edges.bin(500)).isEqualTo(7);
        assertThat(edges.bin(995)).isEqualTo(18);
    }

    @Test
    void of_oneValue_hasOneEdge() {
        Edges edges = Edges.of(new double[] {7});
        assertThat(edges.bin(6.9)).isZero();
        assertThat(edges.bin(7)).isZero();
        assertThat(edges.bin(7.1)).isEqualTo(Evidence.BINS - 1);
    }

    @Test
    void bin_ofStablesOwnValues_fillsTheBinsByTheirQuantiles() {
        SplittableRandom random = new SplittableRandom(4);
        double[] sample = random.doubles(4000).map(u -> -Math.log(u)).toArray();
        Edges edges = Edges.of(sample);
        double[] counts = new double[Evidence.BINS];
        for (double value : sample) {
            counts[edges.bin(value)]++;
        }
        double[] quantiles = Evidence.edgeQuantiles();
        double below = 0;
        for (int bin = 0; bin < quantiles.length; bin++) {
            below += counts[bin] / sample.length;
            assertThat(below).isCloseTo(quantiles[bin], within(1.0 / sample.length));
        }
    }

    private static double[] withOneAboveZero(double[] sample) {
        double[] with = Arrays.copyOf(sample, sample.length + 1);
        with[sample.length] = 50;
        return with;
    }

    /** With a bin that falls where the value grows a smaller value would pass for a larger one. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void bin_ofAGrowingValue_neverFalls(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] sample = new double[1 + random.nextInt(2000)];
        double negative = random.nextDouble();
        for (int i = 0; i < sample.length; i++) {
            sample[i] = random.nextDouble() * (random.nextDouble() < negative ? -100 : 100);
        }
        Edges edges = random.nextBoolean() ? Edges.of(sample) : Edges.ofWorth(withOneAboveZero(sample));
        int last = 0;
        for (double value = -101; value <= 101; value += .1) {
            int bin = edges.bin(value);
            assertThat(bin).as("%s", value).isGreaterThanOrEqualTo(last);
            last = bin;
        }
        assertThat(edges.bin(-101)).isZero();
        assertThat(edges.bin(101)).isEqualTo(Evidence.BINS - 1);
    }

    @Test
    void ofWorth_valuesThatAreOftenZero_liesBetweenTheQuantilesOfTheOthers() {
        double[] sample = new double[3_000];
        System.arraycopy(oneTo(1_000), 0, sample, 1_000, 1_000);
        Arrays.fill(sample, 2_000, 3_000, -7);
        Edges edges = Edges.ofWorth(sample);
        assertThat(edges.bin(-7)).isZero();
        assertThat(edges.bin(0)).isZero();
        assertThat(edges.bin(.01)).isEqualTo(1);
        assertThat(edges.bin(125)).isEqualTo(1);
        assertThat(edges.bin(126)).isEqualTo(2);
        assertThat(edges.bin(995)).isEqualTo(18);
        assertThat(edges.bin(996)).isEqualTo(19);
    }

    @Test
    void scores_ofValues_areTheirMeansAsAPartOfTheHighest() {
        double[] sample = oneTo(1_000);
        double[] scores = Edges.ofWorth(sample).scores(sample);
        assertThat(scores).hasSize(Evidence.BINS);
        assertThat(scores[0]).isZero();
        assertThat(scores[1]).as("1 to 125").isCloseTo(63 / 998.0, within(1e-12));
        assertThat(scores[18]).as("991 to 995").isCloseTo(993 / 998.0, within(1e-12));
        assertThat(scores[19]).as("996 to 1000").isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void scores_ofAnyValues_growFromNothingToOne(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] sample = new double[1 + random.nextInt(500)];
        for (int i = 0; i < sample.length; i++) {
            // Many are equal, so that some bins stay empty.
            sample[i] = 1 + random.nextInt((int) seed * 3);
        }
        double[] scores = Edges.ofWorth(sample).scores(sample);
        assertThat(scores[0]).isZero();
        assertThat(scores[Evidence.BINS - 1]).isEqualTo(1);
        assertThat(scores).isSorted();
        assertThat(Evidence.smaller(scores).atoms()).isPositive();
    }
}
