package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import java.util.HashMap;
import java.util.Map;

/**
 * Weighs whether the releases get the calls, or report the outcomes, that the weight says: where they do not (outcomes
 * that get lost, calls that are repeated in one arm), nothing that is compared means what it seems to.
 */
final class SampleRatio {

    private final Evidence evidence = Evidence.sampleRatio();
    private final StartMixture mixture = new StartMixture(evidence);
    private final Map<Double, Evidence.Factors> factors = new HashMap<>();
    private final long[] stableCounts = new long[1];
    private final long[] candidateCounts = new long[1];
    private double highest;

    void add(int bucket, double weight, long stable, long candidate) {
        if (weight > 0 && stable + candidate > 0) {
            stableCounts[0] = stable;
            candidateCounts[0] = candidate;
            mixture.advanceTo(Math.max(mixture.bucket(), bucket));
            mixture.add(factors.computeIfAbsent(weight, evidence::factors), stableCounts, candidateCounts);
        }
    }

    /** Forgets all calls; the highest evidence stays that there was. */
    void reset() {
        mixture.reset();
    }

    /** Returns the highest evidence at any time when this was asked, as a natural logarithm. */
    double logEvidence() {
        highest = Math.max(highest, mixture.logEvidence());
        return highest;
    }
}
