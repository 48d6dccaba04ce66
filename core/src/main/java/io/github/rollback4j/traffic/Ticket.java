package io.github.rollback4j.traffic;

/**
 * Reads the packed {@code long} that {@code enter} returns and {@code exit} takes back.
 *
 * <p>A ticket says which release serves the call and how its outcome is to be counted. It may cross threads and be kept
 * until the outcome is known; it must be given back once. It is meaningless to another rollout and after a restart.
 *
 * <p>Layout, from the lowest bit: 9 flags, 27 bits fingerprint of the key, 28 bits start cohort.
 */
public final class Ticket {

    static final long CANDIDATE = 1;
    static final long KEYED = 1 << 1;
    static final long WEIGHED = 1 << 2;
    static final long TIMED = 1 << 3;
    static final long SHADOW = 1 << 4;

    /** Says that the call's key is watched, in case the call never ends. */
    static final long WATCHED = 1 << 5;

    /** Says that it is the key's first call in the step, and that the key has not been exposed before. */
    static final long FIRST_CALL = 1 << 6;

    /** Says that the call's latency is compared. */
    static final long COMPARED = 1 << 7;

    /** Says that the latency is one of those that the edges are frozen from. */
    static final long SAMPLED = 1 << 8;

    /** What hangs on few calls only, so that the others ask once whether there is anything. */
    static final long RARE = WATCHED | FIRST_CALL | COMPARED | SAMPLED;

    static final int FINGERPRINT_BITS = 27;
    private static final int FINGERPRINT_SHIFT = 9;
    private static final int COHORT_SHIFT = FINGERPRINT_SHIFT + FINGERPRINT_BITS;
    static final int COHORT_MASK = (1 << (64 - COHORT_SHIFT)) - 1;
    private static final long FINGERPRINT_MASK = (1L << FINGERPRINT_BITS) - 1;

    private Ticket() {}

    /** Returns the release that serves the call. */
    public static Arm arm(long ticket) {
        return isCandidate(ticket) ? Arm.CANDIDATE : Arm.STABLE;
    }

    /** Says whether the candidate serves the call. */
    public static boolean isCandidate(long ticket) {
        return (ticket & CANDIDATE) != 0;
    }

    /**
     * Says whether {@code exit} wants to know how long the call took: always on the candidate, a share of the calls on
     * stable. Where it is false the caller need not read a clock and may give 0 as start.
     */
    public static boolean isTimed(long ticket) {
        return (ticket & TIMED) != 0;
    }

    /** Says whether the rollout's own coin decided, so that the outcome is evidence. */
    public static boolean isWeighed(long ticket) {
        return (ticket & WEIGHED) != 0;
    }

    /** Says whether the candidate should run too, beside stable, its result thrown away. */
    public static boolean isShadowed(long ticket) {
        return (ticket & SHADOW) != 0;
    }

    /** Says whether one of what {@link ComparedCounts} counts hangs on the call. */
    static boolean isCompared(long ticket) {
        return (ticket & (FIRST_CALL | COMPARED)) != 0;
    }

    static boolean isKeyed(long ticket) {
        return (ticket & KEYED) != 0;
    }

    static long cohortBits(int cohort) {
        return (long) cohort << COHORT_SHIFT;
    }

    static int cohort(long ticket) {
        return (int) (ticket >>> COHORT_SHIFT);
    }

    static long fingerprintBits(long position) {
        // The top bits of the position decide the arm; the product's top bits depend on all of them, so that within an
        // arm fingerprints are as evenly spread as over both, and a collision is as likely in one arm as in the other.
        return ((position * 0xD6E8FEB86659FD93L) >>> (64 - FINGERPRINT_BITS)) << FINGERPRINT_SHIFT;
    }

    static int fingerprint(long ticket) {
        return (int) (ticket >>> FINGERPRINT_SHIFT & FINGERPRINT_MASK);
    }
}
