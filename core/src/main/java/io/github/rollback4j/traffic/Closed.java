package io.github.rollback4j.traffic;

/**
 * What was recorded of the calls that began in one bucket under one weight, once nothing of it changes any more.
 *
 * @param metric its index in the router's settings
 * @param weight with which the calls were sent to the candidate
 * @param counts by category, stable's and then the candidate's
 */
record Closed(int metric, int bucket, double weight, Counts counts) {

    /** Counts by category. */
    static final class Counts {
        final long[] stable;
        final long[] candidate;

        Counts(int categories) {
            this.stable = new long[categories];
            this.candidate = new long[categories];
        }

        void add(long[] ofStable, long[] ofCandidate) {
            for (int i = 0; i < stable.length; i++) {
                stable[i] += ofStable[i];
                candidate[i] += ofCandidate[i];
            }
        }
    }

    boolean isOf(int otherMetric, int otherBucket, double otherWeight) {
        return metric == otherMetric
                && bucket == otherBucket
                && Double.doubleToLongBits(weight) == Double.doubleToLongBits(otherWeight);
    }
}
