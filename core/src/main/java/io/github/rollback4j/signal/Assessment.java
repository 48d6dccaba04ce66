package io.github.rollback4j.signal;

/**
 * What one signal says at one time, and why. Immutable.
 *
 * @param signal the signal's name
 * @param verdict what it says
 * @param log10Evidence the weighed e-value as a power of ten, for comparative signals; NaN for others
 * @param log10Threshold where evidence reads REGRESSED, as a power of ten; NaN for others
 * @param why one sentence for people
 */
public record Assessment(String signal, Verdict verdict, double log10Evidence, double log10Threshold, String why) {

    /** What a signal says of the candidate. "Cannot tell" is never "healthy" and never "broken". */
    public enum Verdict {
        /** The candidate is worse than is tolerated. */
        REGRESSED,
        /** The candidate was shown not to be worse than is tolerated. */
        NOT_WORSE,
        /** There are data, and they show neither. */
        INCONCLUSIVE,
        /** There is nothing to judge by. */
        NO_DATA
    }

    /** Returns an assessment without evidence of the comparative kind. */
    public static Assessment of(String signal, Verdict verdict, String why) {
        return new Assessment(signal, verdict, Double.NaN, Double.NaN, why);
    }
}
