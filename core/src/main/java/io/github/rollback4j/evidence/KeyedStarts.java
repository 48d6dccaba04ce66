package io.github.rollback4j.evidence;

import java.util.Objects;

/**
 * Weighs failure counts of sticky traffic, in which the coin was flipped for each key, as evidence for a regression
 * that may begin at any of {@value #STARTS} times.
 *
 * <p>One broken user fails a thousand times with a single coin, hence a key counts at most once: for each start only
 * its first failure from that start on. Start i begins with bucket 16 * i. Every request that stable answered is
 * charged, which can only lower the evidence; the candidate's good requests have the factor 1 and are not counted.
 *
 * <p>Since a key's first failure differs from start to start, the starts use different information, and their evidence
 * must not be added up. The value is the <em>largest</em> of them, each times its share of the prior mass; the shares
 * add up to less than 1, so that α holds by the union bound over Ville's inequality for each start. The share of start
 * 0 is {@code 1 - g(0)} and that of start i is {@code g(16 * (i - 1)) - g(16 * i)}, with g as
 * {@link StartMixture#startWeight}.
 *
 * <p>Mutable and <em>not</em> safe for use by several threads. Allocates nothing after construction.
 */
public final class KeyedStarts {

    /** The number of starts. */
    public static final int STARTS = 16;

    private static final int BUCKETS_PER_START = StartMixture.PLANNED_BUCKETS / STARTS;

    private static final double[] LOG_START_SHARES = logStartShares();

    private final Evidence evidence;

    private final int atoms;

    /** For each start and atom the logarithm of the evidence times its prior mass. */
    private final double[] logSums;

    private int lastBegun;

    /**
     * Creates the starts without requests.
     *
     * @param keyedEvidence what the requests are weighed with, made by {@link Evidence#keyedErrors}
     * @throws IllegalArgumentException if it has catastrophe atoms, which need the candidate's good requests
     */
    public KeyedStarts(Evidence keyedEvidence) {
        evidence = Objects.requireNonNull(keyedEvidence, "keyedEvidence");
        if (!evidence.isFreeOfCandidateSuccesses()) {
            throw new IllegalArgumentException(
                    "keyedEvidence is " + evidence + ", allowed is one made by Evidence.keyedErrors");
        }
        atoms = evidence.atoms();
        logSums = new double[STARTS * atoms];
        reset();
    }

    /**
     * Returns the last start that has begun by a bucket, from 0 to 15.
     *
     * @param bucket the bucket that a request started in, from 0
     * @throws IllegalArgumentException if the bucket is negative
     */
    public static int startOf(int bucket) {
        if (bucket < 0) {
            throw new IllegalArgumentException("bucket is " + bucket + ", allowed is 0 or more");
        }
        return Math.min(STARTS - 1, bucket / BUCKETS_PER_START);
    }

    /** Forgets all requests. */
    public void reset() {
        for (int start = 0; start < STARTS; start++) {
            for (int atom = 0; atom < atoms; atom++) {
                logSums[start * atoms + atom] = LOG_START_SHARES[start] + evidence.logPrior(atom);
            }
        }
        lastBegun = 0;
    }

    /**
     * Adds requests to one start. May be called often for one start, also with several weights. The caller adds a
     * request to every start that it belongs to. This start and all before it count as begun from now on, also if all
     * counts are 0.
     *
     * @param start from 0 to 15
     * @param factors the factors at the weight of these requests
     * @param stableCalls all requests that went to stable since the start, at least 0
     * @param firstStableFailures how many keys have a failure of stable among these, from 0 to {@code stableCalls}
     * @param firstCandidateFailures how many keys have a failure of the candidate since the start, at least 0
     * @throws IllegalArgumentException if there is no such start, a count is impossible or the factors belong to other
     *     evidence
     */
    public void add(
            int start,
            Evidence.Factors factors,
            long stableCalls,
            long firstStableFailures,
            long firstCandidateFailures) {
        if (start < 0 || start >= STARTS) {
            throw new IllegalArgumentException("start is " + start + ", allowed is 0 to " + (STARTS - 1));
        }
        evidence.requireOwn(factors);
        Counts.requireCount("stableCalls", stableCalls);
        Counts.requireShare("firstStableFailures", firstStableFailures, "stableCalls", stableCalls);
        Counts.requireCount("firstCandidateFailures", firstCandidateFailures);
        lastBegun = Math.max(lastBegun, start);
        factors.addTo(
                logSums,
                start * atoms,
                stableCalls,
                firstStableFailures,
                firstCandidateFailures,
                firstCandidateFailures);
    }

    /**
     * Computes the log evidence of the strongest start. Only starts that have begun take part; the first always has, so
     * that without requests the result is the logarithm of its share, about -0.51.
     *
     * @return the natural logarithm of the e-value, finite
     */
    public double logEvidence() {
        return logEvidence(strongestStart());
    }

    /** Returns the start whose evidence is the largest, from 0 to 15; the earliest of equals. */
    public int strongestStart() {
        int strongest = 0;
        double largest = logEvidence(0);
        for (int start = 1; start <= lastBegun; start++) {
            double value = logEvidence(start);
            if (value > largest) {
                strongest = start;
                largest = value;
            }
        }
        return strongest;
    }

    private double logEvidence(int start) {
        return LogSum.of(logSums, start * atoms, atoms);
    }

    private static double[] logStartShares() {
        double[] logShares = new double[STARTS];
        logShares[0] = Math.log(1 - StartMixture.startWeight(0));
        for (int start = 1; start < STARTS; start++) {
            logShares[start] = Math.log(StartMixture.startWeight(BUCKETS_PER_START * (start - 1))
                    - StartMixture.startWeight(BUCKETS_PER_START * start));
        }
        return logShares;
    }
}
