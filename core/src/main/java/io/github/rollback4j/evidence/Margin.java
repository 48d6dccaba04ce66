package io.github.rollback4j.evidence;

/**
 * States how much worse than stable a candidate may be: the hypothesis under test is
 * {@code candidate rate <= ratio * stable rate + difference}.
 *
 * <p>Immutable and safe for use by several threads.
 *
 * @param ratio the largest allowed quotient of the two rates, from 1 to 100
 * @param difference the allowance on top as a share of the requests, at least 0 and below 1; 0.0005 is 0.05 %
 */
public record Margin(double ratio, double difference) {

    /** Allows 10 % more failures than stable has, and 0.05 % of the requests on top. */
    public static final Margin DEFAULT = new Margin(1.1, 0.0005);

    /** Allows nothing: the candidate must not fail more often than stable. */
    public static final Margin STRICT = new Margin(1, 0);

    static final double LARGEST_RATIO = 100;

    /**
     * Checks both parts.
     *
     * @throws IllegalArgumentException if a part is not a number or is out of its range
     */
    public Margin {
        if (!(ratio >= 1 && ratio <= LARGEST_RATIO)) {
            throw new IllegalArgumentException("ratio is " + ratio + ", allowed is 1 to " + LARGEST_RATIO);
        }
        requireDifference(difference);
    }

    static void requireDifference(double difference) {
        if (!(difference >= 0 && difference < 1)) {
            throw new IllegalArgumentException("difference is " + difference + ", allowed is 0 to below 1");
        }
    }
}
