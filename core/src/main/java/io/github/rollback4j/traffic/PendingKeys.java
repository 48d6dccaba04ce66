package io.github.rollback4j.traffic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Remembers the keys of a few of the candidate's pending calls, so that of a candidate that hangs it is known for whom.
 *
 * <p>Each cohort has 16 places, one for each value of four bits of the fingerprint, and each is used once: by the first
 * call that finds it free. So a busy service writes here 16 times a cohort and else only reads, and a key that calls a
 * thousand times takes one place. Which calls are watched depends on no outcome.
 *
 * <p>Without locks. When two calls meet at a free place one of them goes unwatched, or both; a key stands here after its
 * calls have ended in no case. So what is found here is a lower bound, which the hypothesis test may use.
 */
final class PendingKeys {

    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int PER_COHORT = 16;
    private static final int PLACE_SHIFT = Ticket.FINGERPRINT_BITS - 4;
    private static final int FREE = 0;
    private static final int USED = 1;

    private final int[] places;

    PendingKeys(int cohorts) {
        this.places = new int[cohorts * PER_COHORT];
    }

    /** Watches a call that begins; where this returns true, {@link #ended} must be called at its end. */
    boolean began(int slot, int fingerprint) {
        int at = slot * PER_COHORT + (fingerprint >>> PLACE_SHIFT);
        if ((int) PLACE.getOpaque(places, at) != FREE) {
            return false;
        }
        PLACE.setOpaque(places, at, ~fingerprint);
        return true;
    }

    /** Forgets a call that was watched. */
    void ended(int slot, int fingerprint) {
        int at = slot * PER_COHORT + (fingerprint >>> PLACE_SHIFT);
        if ((int) PLACE.getOpaque(places, at) == ~fingerprint) {
            PLACE.setOpaque(places, at, USED);
        }
    }

    /** Returns the number of places that a cohort has. */
    int places() {
        return PER_COHORT;
    }

    /** Returns the fingerprint of the pending call at a place of a cohort, or -1. */
    int fingerprint(int slot, int place) {
        int found = (int) PLACE.getOpaque(places, slot * PER_COHORT + place);
        return found < 0 ? ~found : -1;
    }

    /** Frees the places of a cohort. */
    void clear(int slot) {
        for (int at = slot * PER_COHORT; at < (slot + 1) * PER_COHORT; at++) {
            PLACE.setOpaque(places, at, FREE);
        }
    }
}
