package io.github.rollback4j.benchmarks.decisions;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * A distribution of positive amounts (latencies in milliseconds, the worth of orders), from which is drawn in constant time:
 * 65,536 values of it, drawn once. Immutable.
 */
final class Amounts {

    private static final int VALUES = 1 << 16;

    private final double[] sorted;

    private Amounts(ToDoubleFunction<SplittableRandom> draw) {
        SplittableRandom random = new SplittableRandom(VALUES);
        sorted = new double[VALUES];
        Arrays.setAll(sorted, i -> draw.applyAsDouble(random));
        Arrays.sort(sorted);
    }

    /** Returns what is always 0. */
    static Amounts none() {
        return new Amounts(random -> 0);
    }

    static Amounts logNormal(double median, double sigma) {
        return new Amounts(random -> median * Math.exp(sigma * random.nextGaussian()));
    }

    static Amounts pareto(double least, double shape) {
        return new Amounts(random -> least * Math.pow(1 - random.nextDouble(), -1 / shape));
    }

    /** Two log-normal distributions, such as what a cache answers and what it does not. */
    static Amounts bimodal(double median, double other, double partOfOther, double sigma) {
        return new Amounts(random ->
                (random.nextDouble() < partOfOther ? other : median) * Math.exp(sigma * random.nextGaussian()));
    }

    double next(SplittableRandom random) {
        return sorted[random.nextInt(VALUES)];
    }

    double quantile(double of) {
        return sorted[(int) (of * VALUES)];
    }
}
