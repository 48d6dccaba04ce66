package io.github.rollback4j.evidence;

/**
 * Holds what came of the requests of one stratum, that is of requests routed at one and the same weight.
 *
 * <p>Immutable and safe for use by several threads.
 *
 * @param weight the probability with which a request went to the candidate, above 0 and below 1
 * @param stableCalls the requests that went to stable, at least 0
 * @param stableFailures how many of these failed, from 0 to {@code stableCalls}
 * @param candidateCalls the requests that went to the candidate, at least 0
 * @param candidateFailures how many of these failed, from 0 to {@code candidateCalls}
 */
record Counts(double weight, long stableCalls, long stableFailures, long candidateCalls, long candidateFailures) {

    /**
     * Checks all parts.
     *
     * @throws IllegalArgumentException if the weight leaves one release without requests or a count is impossible
     */
    public Counts {
        requireWeight(weight);
        requireCalls(stableCalls, stableFailures, candidateCalls, candidateFailures);
    }

    static void requireWeight(double weight) {
        if (!(weight > 0 && weight < 1)) {
            throw new IllegalArgumentException("weight is " + weight + ", allowed is above 0 and below 1");
        }
    }

    static void requireCalls(long stableCalls, long stableFailures, long candidateCalls, long candidateFailures) {
        requireCount("stableCalls", stableCalls);
        requireShare("stableFailures", stableFailures, "stableCalls", stableCalls);
        requireCount("candidateCalls", candidateCalls);
        requireShare("candidateFailures", candidateFailures, "candidateCalls", candidateCalls);
    }

    static void requireCount(String name, long count) {
        if (count < 0) {
            throw new IllegalArgumentException(name + " is " + count + ", allowed is 0 or more");
        }
    }

    static void requireCategories(String name, long[] counts, int categories) {
        if (counts.length != categories) {
            throw new IllegalArgumentException(name + " has " + counts.length + " counts, allowed are " + categories);
        }
        for (long count : counts) {
            requireCount(name, count);
        }
    }

    static void requireShare(String name, long count, String wholeName, long whole) {
        if (count < 0 || count > whole) {
            throw new IllegalArgumentException(
                    name + " is " + count + ", allowed is 0 to " + wholeName + " = " + whole);
        }
    }
}
