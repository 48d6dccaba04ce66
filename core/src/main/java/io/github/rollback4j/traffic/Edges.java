package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.Evidence;
import java.util.Arrays;

/**
 * The edges between the bins of a value, frozen at {@linkplain Evidence#edgeQuantiles() quantiles} of stable's earlier
 * values. Any edges are sound as long as they are fixed before the calls begin that are binned by them; these make the
 * bins tell most. Immutable.
 */
final class Edges {

    private final double[] edges;

    private Edges(double[] edges) {
        this.edges = edges;
    }

    /**
     * Freezes the edges.
     *
     * @param values of stable, at least one
     * @param zeros the part of stable's calls beside them that have no value, which count as 0; from 0 to below 1
     */
    static Edges of(double[] values, double zeros) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int negative = 0;
        while (negative < sorted.length && sorted[negative] < 0) {
            negative++;
        }
        double[] edges = Evidence.edgeQuantiles();
        for (int i = 0; i < edges.length; i++) {
            // The zeros are above the negative values and below the positive ones.
            double rank = edges[i] / (1 - zeros) * sorted.length;
            double rankAboveZeros = (edges[i] - zeros) / (1 - zeros) * sorted.length;
            if (rank <= negative) {
                edges[i] = atRank(sorted, rank);
            } else {
                edges[i] = rankAboveZeros <= negative ? 0 : atRank(sorted, rankAboveZeros);
            }
        }
        return new Edges(edges);
    }

    private static double atRank(double[] sorted, double rank) {
        return sorted[Math.min(sorted.length, (int) Math.ceil(rank)) - 1];
    }

    /** Returns the bin of a value: how many edges are below it. */
    int bin(double value) {
        int low = 0;
        int high = edges.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (edges[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
