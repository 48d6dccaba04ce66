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

    /** Freezes the edges at the quantiles of stable's values, at least one. */
    static Edges of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double[] edges = Evidence.edgeQuantiles();
        for (int i = 0; i < edges.length; i++) {
            edges[i] = atQuantile(sorted, 0, edges[i]);
        }
        return new Edges(edges);
    }

    /**
     * Freezes the edges for values that are often 0, such as revenue: the lowest bin takes what is worth nothing, or less; the
     * others lie between the quantiles of stable's values above 0, at least one.
     */
    static Edges ofWorth(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int worthless = 0;
        while (worthless < sorted.length && sorted[worthless] <= 0) {
            worthless++;
        }
        double[] edges = Evidence.edgeQuantiles();
        edges[0] = 0;
        for (int i = 1; i < edges.length; i++) {
            edges[i] = atQuantile(sorted, worthless, edges[i]);
        }
        return new Edges(edges);
    }

    /**
     * Takes edges that were frozen elsewhere.
     *
     * @throws IllegalArgumentException if there are not {@code BINS - 1}, or they do not ascend
     */
    static Edges ofArray(double[] edges) {
        if (edges.length != Evidence.BINS - 1) {
            throw new IllegalArgumentException(
                    "there are " + edges.length + " edges: " + (Evidence.BINS - 1) + " are allowed");
        }
        for (int i = 0; i < edges.length; i++) {
            if (!Double.isFinite(edges[i]) || (i > 0 && edges[i] < edges[i - 1])) {
                throw new IllegalArgumentException(
                        "edges " + Arrays.toString(edges) + " are not allowed: finite ones that ascend are");
            }
        }
        return new Edges(edges.clone());
    }

    double[] toArray() {
        return edges.clone();
    }

    private static double atQuantile(double[] sorted, int from, double quantile) {
        int values = sorted.length - from;
        return sorted[from + Math.min(values, (int) Math.ceil(quantile * values)) - 1];
    }

    /**
     * Returns what a value in each bin is worth, as a part of what one in the highest is: the mean of those of stable's values
     * that fall into it; 0 in the lowest. What is worth more than usual counts no more than that (winsorised).
     *
     * @param values those that the edges were frozen from, by {@link #ofWorth}
     */
    double[] scores(double[] values) {
        double[] sums = new double[edges.length + 1];
        int[] counts = new int[edges.length + 1];
        for (double value : values) {
            int bin = bin(value);
            sums[bin] += value;
            counts[bin]++;
        }
        double[] scores = new double[sums.length];
        double highest = edges[edges.length - 1];
        int top = scores.length - 1;
        scores[top] = counts[top] > 0 ? sums[top] / counts[top] : highest;
        for (int bin = 1; bin < top; bin++) {
            scores[bin] = counts[bin] > 0 ? sums[bin] / counts[bin] : edges[bin];
        }
        for (int bin = 1; bin <= top; bin++) {
            scores[bin] = Math.min(1, Math.max(scores[bin - 1], scores[bin] / scores[top]));
        }
        return scores;
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
