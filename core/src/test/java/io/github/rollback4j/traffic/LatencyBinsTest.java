package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyBinsTest {

    @ParameterizedTest
    @CsvSource({
        "-1, 0",
        "0, 0",
        "1023, 0",
        "1024, 1",
        "8191, 7",
        "8192, 8",
        "9215, 8",
        "9216, 9",
        "16383, 15",
        "16384, 16",
        "18431, 16",
        "18432, 17",
        "68719476736, 192",
        "137438953471, 199",
        "137438953472, 199",
        "9223372036854775807, 199",
        "-9223372036854775808, 0"
    })
    void bin_edge_isPinned(long nanos, int bin) {
        assertThat(LatencyBins.bin(nanos)).isEqualTo(bin);
    }

    @Test
    void lowest_everyBin_isTheFirstValueOfIt() {
        for (int bin = 0; bin < LatencyBins.BINS; bin++) {
            long lowest = LatencyBins.lowest(bin);
            assertThat(LatencyBins.bin(lowest)).isEqualTo(bin);
            assertThat(LatencyBins.bin(lowest - 1)).isEqualTo(Math.max(0, bin - 1));
        }
    }

    @Test
    void lowest_nextBin_isAtMostAnEighthLarger() {
        for (int bin = 8; bin < LatencyBins.BINS; bin++) {
            assertThat((double) LatencyBins.lowest(bin + 1) / LatencyBins.lowest(bin))
                    .isBetween(1.06, 1.125);
        }
    }

    @Test
    void bin_longerLatency_isNeverLower() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 100_000; i++) {
            long nanos = random.nextLong() >>> random.nextInt(2, 63);
            assertThat(LatencyBins.bin(nanos)).isLessThanOrEqualTo(LatencyBins.bin(nanos + (nanos >>> 10)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {8_192, 10_000, 123_456, 1_000_000, 55_555_555, 1_000_000_000, 30_000_000_000L, 130_000_000_000L})
    void histogram_oneLatency_isWithinTheErrorBound(long nanos) {
        long[] counts = new long[LatencyBins.BINS];
        counts[LatencyBins.bin(nanos)] = 3;
        Histogram histogram = LatencyBins.histogram(counts);
        assertThat(histogram.getTotalCount()).isEqualTo(3);
        assertThat((double) histogram.getValueAtPercentile(50)).isCloseTo(nanos, within(nanos * 0.0725));
    }

    @Test
    void histogram_nothing_isEmpty() {
        assertThat(LatencyBins.histogram(new long[LatencyBins.BINS]).getTotalCount())
                .isZero();
    }
}
