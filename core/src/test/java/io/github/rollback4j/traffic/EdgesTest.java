package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
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
        assertThat(Edges.of(oneTo(1000), 0).bin(value)).isEqualTo(bin);
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
        Edges edges = Edges.of(values, 0);
        assertThat(values).isEqualTo(copy);
        assertThat(edges.bin(500)).isEqualTo(7);
        assertThat(edges.bin(995)).isEqualTo(18);
    }

    @Test
    void of_oneValue_hasOneEdge() {
        Edges edges = Edges.of(new double[] {7}, 0);
        assertThat(edges.bin(6.9)).isZero();
        assertThat(edges.bin(7)).isZero();
        assertThat(edges.bin(7.1)).isEqualTo(Evidence.BINS - 1);
    }

    @ParameterizedTest
    @CsvSource({
        // Six in ten are 0: the edges up to .5625 are 0, the one at .625 is the quantile .0625 of the others.
        "0, 0",
        "0.5, 9",
        "63, 9",
        "63.5, 10",
        "219, 10",
        "220, 11",
        "988, 18",
        "988.1, 19"
    })
    void bin_whereMostAreZero_countsTheZerosToo(double value, int bin) {
        assertThat(Edges.of(oneTo(1000), .6).bin(value)).isEqualTo(bin);
    }

    @Test
    void bin_ofStablesOwnValues_fillsTheBinsByTheirQuantiles() {
        SplittableRandom random = new SplittableRandom(4);
        double[] sample = random.doubles(4000).map(u -> -Math.log(u)).toArray();
        Edges edges = Edges.of(sample, 0);
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
        double zeros = random.nextDouble() * .9;
        Edges edges = Edges.of(sample, zeros);
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
    void bin_whereSomeAreNegative_countsTheZerosBetween() {
        double[] sample = new double[1000];
        for (int i = 0; i < 1000; i++) {
            sample[i] = i < 500 ? i - 500 : i - 499; // -500 to -1, 1 to 500
        }
        Edges edges = Edges.of(sample, .5);
        // A quarter is negative, a half is 0, a quarter is positive.
        assertThat(edges.bin(-500)).isZero();
        assertThat(edges.bin(-376)).isZero();
        assertThat(edges.bin(-375)).isEqualTo(1);
        assertThat(edges.bin(-1)).isEqualTo(3);
        assertThat(edges.bin(0)).isEqualTo(4);
        assertThat(edges.bin(1)).isEqualTo(12);
        assertThat(edges.bin(500)).isEqualTo(19);
    }
}
