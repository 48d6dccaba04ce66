package io.github.rollback4j.signal;

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
