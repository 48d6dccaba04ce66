package io.github.rollback4j.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogSumTest {

    @Test
    void add_ofEqualTerms_addsTheLogarithmOfTwo() {
        assertThat(LogSum.add(-3, -3)).isCloseTo(-3 + Math.log(2), within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(doubles = {39.999, 40, 40.001, 800, 1e9})
    void add_ofTermsFarApart_isTheLargerInEitherOrder(double distance) {
        assertThat(LogSum.add(0, -distance)).isCloseTo(0, within(1e-16));
        assertThat(LogSum.add(-distance, 0)).isCloseTo(0, within(1e-16));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void of_terms_equalsTheirPairwiseSum(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        double[] logarithms = random.doubles(20, -60, 60).toArray();
        double expected = logarithms[3];
        for (int i = 4; i < 17; i++) {
            expected = LogSum.add(expected, logarithms[i]);
        }

        assertThat(LogSum.of(logarithms, 3, 14)).isCloseTo(expected, within(1e-13));
    }

    @Test
    void of_hugeLogarithms_neitherOverflowsNorUnderflows() {
        assertThat(LogSum.of(new double[] {1e9, 1e9}, 0, 2)).isCloseTo(1e9 + Math.log(2), within(1e-6));
        assertThat(LogSum.of(new double[] {-1e9, -1e9}, 0, 2)).isCloseTo(-1e9 + Math.log(2), within(1e-6));
    }
}
