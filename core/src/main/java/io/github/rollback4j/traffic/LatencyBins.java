package io.github.rollback4j.traffic;

import org.HdrHistogram.Histogram;

/**
 * Places a latency in one of 200 log-linear bins: eight an octave from about 8 microseconds (8,192 ns) to about 137
 * seconds, so that a bin's edges are at most 12.5 % apart, and below that one for each 1,024 ns. The last bin takes
 * everything longer. Finding the bin takes a few instructions and no memory.
 */
final class LatencyBins {

    static final int BINS = 200;
    private static final int UNIT_SHIFT = 10;
    private static final int SUB_BITS = 3;
    private static final int SUB_BINS = 1 << SUB_BITS;

    private LatencyBins() {}

    static int bin(long nanos) {
        if (nanos < 0) {
            return 0;
        }
        long units = nanos >>> UNIT_SHIFT;
        if (units < SUB_BINS) {
            return (int) units;
        }
        int exponent = 63 - Long.numberOfLeadingZeros(units);
        int bin = ((exponent - SUB_BITS + 1) << SUB_BITS) | ((int) (units >>> (exponent - SUB_BITS)) & (SUB_BINS - 1));
        return Math.min(bin, BINS - 1);
    }

    /** Returns the lowest latency of a bin, in nanoseconds. */
    static long lowest(int bin) {
        if (bin < SUB_BINS) {
            return (long) bin << UNIT_SHIFT;
        }
        int exponent = (bin >> SUB_BITS) + SUB_BITS - 1;
        long units = (1L << exponent) | (long) (bin & (SUB_BINS - 1)) << (exponent - SUB_BITS);
        return units << UNIT_SHIFT;
    }

    static Histogram histogram(long[] counts) {
        Histogram histogram = new Histogram(2);
        for (int bin = 0; bin < BINS; bin++) {
            if (counts[bin] > 0) {
                histogram.recordValueWithCount((lowest(bin) + lowest(bin + 1)) / 2, counts[bin]);
            }
        }
        return histogram;
    }
}
