package io.github.rollback4j.evidence;

import java.util.Objects;

/**
 * Weighs failure counts of a rollout as evidence for a regression that may begin at any time, so that a late one is not
 * drowned by the good behaviour before it. It is for traffic in which every request has a coin of its own.
 *
 * <p>The rollout is divided into buckets of its planned duration / {@value #PLANNED_BUCKETS}. Each bucket is a possible
 * start of the regression and has a share of the prior mass; the evidence is the mixture, over starts, of the
 * {@link Evidence} of all requests from that start on, and is itself an e-process. The share of the starts after
 * bucket k is {@code g(k) = 0.2 / (1 + ln(1 + k)) + 0.2 * max(0, 1 - k / 256)}. The mixture needs one sum for each
 * atom and no history, so its size does not depend on the length of the rollout.
 *
 * <p>Buckets are filled in order. As long as counts of recent buckets still change, a caller keeps one mixture for the
 * settled buckets before them and, at each look, continues in a second one by {@link #copyFrom}.
 *
 * <p>Mutable and <em>not</em> safe for use by several threads. Allocates nothing after construction.
 */
public final class StartMixture {

    /** The number of buckets that the planned duration is divided into. */
    public static final int PLANNED_BUCKETS = 256;

    /** The last bucket; it takes in everything that happens later. */
    public static final int LAST_BUCKET = 2 * PLANNED_BUCKETS - 1;

    private static final double[] START_WEIGHTS = startWeights();

    private final Evidence evidence;

    /** For each atom the logarithm of the evidence of all starts up to {@link #admitted}, with their prior mass. */
    private final double[] logSums;

    private int bucket;

    /**
     * The last bucket whose start is in the sums. Later starts have seen no request, hence stand at their prior mass,
     * and enter in one piece when the next request comes: their shares telescope.
     */
    private int admitted;

    /**
     * Creates the mixture at bucket 0 and without requests.
     *
     * @param evidence what the requests are weighed with
     */
    public StartMixture(Evidence evidence) {
        this.evidence = Objects.requireNonNull(evidence, "evidence");
        logSums = new double[evidence.atoms()];
        reset();
    }

    /**
     * Returns g(k), the prior mass of all starts after a bucket: from 0.4 at bucket 0 falling towards 0.
     *
     * @param bucket from 0; above {@link #LAST_BUCKET} the last bucket is meant
     * @throws IllegalArgumentException if the bucket is negative
     */
    public static double startWeight(int bucket) {
        return START_WEIGHTS[existing(bucket)];
    }

    /** Goes back to bucket 0 and forgets all requests. */
    public void reset() {
        double logFirst = Math.log(1 - START_WEIGHTS[0]);
        for (int atom = 0; atom < logSums.length; atom++) {
            logSums[atom] = evidence.logPrior(atom) + logFirst;
        }
        bucket = 0;
        admitted = 0;
    }

    /**
     * Takes over the bucket and the requests of another mixture, which stays as it is.
     *
     * @param other a mixture over the same evidence
     * @throws IllegalArgumentException if its evidence differs
     */
    public void copyFrom(StartMixture other) {
        evidence.requireSame("other", other.evidence);
        System.arraycopy(other.logSums, 0, logSums, 0, logSums.length);
        bucket = other.bucket;
        admitted = other.admitted;
    }

    /**
     * Moves on to a bucket; those in between stay empty. Does nothing if it is the current one. Takes constant time.
     *
     * @param bucket the bucket that the next requests started in; above {@link #LAST_BUCKET} the last bucket is meant
     * @throws IllegalArgumentException if the bucket is before the current one
     */
    public void advanceTo(int bucket) {
        int next = existing(bucket);
        if (next < this.bucket) {
            throw new IllegalArgumentException(
                    "bucket is " + bucket + ", allowed is the current one, " + this.bucket + ", or a later one");
        }
        this.bucket = next;
    }

    /**
     * Adds requests that started in the current bucket. May be called often for one bucket, also with several weights.
     *
     * @param factors the factors at the weight of these requests
     * @param stableCalls the requests that went to stable, at least 0
     * @param stableFailures how many of these failed, from 0 to {@code stableCalls}
     * @param candidateCalls the requests that went to the candidate, at least 0
     * @param candidateFailures how many of these failed, from 0 to {@code candidateCalls}
     * @throws IllegalArgumentException if a count is impossible or the factors belong to other evidence
     */
    public void add(
            Evidence.Factors factors,
            long stableCalls,
            long stableFailures,
            long candidateCalls,
            long candidateFailures) {
        evidence.requireOwn(factors);
        Counts.requireCalls(stableCalls, stableFailures, candidateCalls, candidateFailures);
        if (stableCalls == 0 && candidateCalls == 0) {
            return;
        }
        admitStarts();
        factors.addTo(logSums, 0, stableCalls, stableFailures, candidateCalls, candidateFailures);
    }

    /**
     * Adds requests that started in the current bucket, counted by category. May be called often for one bucket.
     *
     * @param factors the factors at the weight of these requests
     * @param stableCounts how many requests of stable fell into each category, each at least 0
     * @param candidateCounts the same of the candidate
     * @throws IllegalArgumentException if the factors belong to other evidence, or there is not one count a category
     */
    public void add(Evidence.Factors factors, long[] stableCounts, long[] candidateCounts) {
        evidence.requireOwn(factors);
        Counts.requireCategories("stableCounts", stableCounts, evidence.categories());
        Counts.requireCategories("candidateCounts", candidateCounts, evidence.categories());
        admitStarts();
        factors.addTo(logSums, stableCounts, candidateCounts);
    }

    /**
     * Computes the log evidence as it stands in the current bucket.
     *
     * @return the natural logarithm of the e-value, finite; 0 without requests
     */
    public double logEvidence() {
        return LogSum.add(LogSum.of(logSums, 0, logSums.length), Math.log(START_WEIGHTS[admitted]));
    }

    /** Returns the current bucket, from 0 to {@link #LAST_BUCKET}. */
    public int bucket() {
        return bucket;
    }

    private void admitStarts() {
        if (admitted == bucket) {
            return;
        }
        double logShare = Math.log(START_WEIGHTS[admitted] - START_WEIGHTS[bucket]);
        for (int atom = 0; atom < logSums.length; atom++) {
            logSums[atom] = LogSum.add(logSums[atom], evidence.logPrior(atom) + logShare);
        }
        admitted = bucket;
    }

    private static int existing(int bucket) {
        if (bucket < 0) {
            throw new IllegalArgumentException("bucket is " + bucket + ", allowed is 0 or more");
        }
        return Math.min(bucket, LAST_BUCKET);
    }

    private static double[] startWeights() {
        double[] weights = new double[LAST_BUCKET + 1];
        for (int k = 0; k < weights.length; k++) {
            weights[k] = 0.2 / (1 + Math.log1p(k)) + 0.2 * Math.max(0, 1 - (double) k / PLANNED_BUCKETS);
        }
        return weights;
    }
}
