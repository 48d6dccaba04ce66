package io.github.rollback4j.traffic;

import io.github.rollback4j.traffic.Router.Settings;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a call needs to know when it begins, immutable and swapped as a whole: a call begins at its one
 * volatile read of the table.
 */
final class RoutingTable {

    private static final long CANDIDATE = Ticket.CANDIDATE | Ticket.TIMED;

    private final Settings settings;
    private final Split split;

    /** Half of the salt of the split, here so that a call finds all that it needs in one place. */
    private final long first;

    /** The other half. */
    private final long second;

    /** Says whether nothing but the threshold matters: calls are weighed, and there is no audience, floor or shadow. */
    final boolean plain;

    /** Says whether the candidate may serve at all; where not, forced calls go to stable too. */
    final boolean open;

    /** Says whether the candidate serves whoever the coin decides for: a share of 1, which leaves no control. */
    private final boolean all;

    /** Says whether the coin's calls are weighed. */
    private final boolean weighed;

    /** Positions below it, unsigned, get the candidate. */
    final long threshold;

    /** The threshold for a signed comparison. */
    private final long limit;

    /** Keys at positions below it, unsigned, were exposed before and count as evidence no more. */
    private final long floor;

    /** Positions at or above {@code 2^64 - it}, unsigned, are shadowed. Zero: none is. */
    private final long shadowThreshold;

    final @Nullable Audience audience;

    /** The number of the table, for the keys that are timed to change. */
    private final int turn;

    /**
     * Stable's calls are timed where the lowest bits of position and shift add up to 0. The arm hangs on the highest bits,
     * so that among the timed calls, too, a coin decides for the arm, whatever the rhythm of the callers.
     */
    private final int shift;

    private final int turnMask;

    /** What the ticket of a timed call of stable says. */
    private final long timed;

    private final int cohort;

    /** The cohort as a ticket has it. */
    final int ticketCohort;

    /** Says whether the latencies of the cohort's calls are compared. */
    private final boolean latencies;

    /** Keys at positions from here on, unsigned, count with their first call in the step. */
    private final long freshFloor;

    /** Which keys have called in the step; null where nothing hangs on that. */
    private final @Nullable SeenKeys seenKeys;

    /** Which of these keys are this instance's to count; null: all. */
    private final @Nullable Slots slots;

    /** The first of the cohort's counters. */
    final int counter;

    /** What a ticket begins with: the cohort, and whether the coin's calls are weighed. */
    private final long ticket;

    RoutingTable(
            Settings settings,
            Split split,
            boolean open,
            boolean all,
            long threshold,
            long floor,
            long shadowThreshold,
            int cohort,
            boolean weighed,
            long freshFloor,
            @Nullable SeenKeys seenKeys,
            @Nullable Slots slots,
            boolean latencies,
            int turn) {
        this.settings = settings;
        this.split = split;
        this.first = split.first();
        this.second = split.second();
        this.audience = settings.audience().isEveryone() ? null : settings.audience();
        this.latencies = latencies;
        this.freshFloor = freshFloor;
        this.seenKeys = seenKeys;
        this.slots = slots;
        this.plain =
                weighed && audience == null && floor == 0 && shadowThreshold == 0 && seenKeys == null && !latencies;
        this.open = open;
        this.all = all;
        this.weighed = weighed;
        this.threshold = threshold;
        this.limit = threshold + Long.MIN_VALUE;
        this.floor = floor;
        this.shadowThreshold = shadowThreshold;
        this.turn = turn;
        // Multiples of the golden ratio fall evenly, and in step with nothing that comes every second.
        this.shift = (turn * 0x9E3779B9) >>> 8;
        // Until latencies are compared stable's teach where the edges are.
        this.timed =
                settings.compared().latencyTimes() > 0 && !latencies ? Ticket.TIMED | Ticket.SAMPLED : Ticket.TIMED;
        this.turnMask = Integer.highestOneBit(settings.timeStableOneIn()) - 1;
        this.cohort = cohort;
        this.ticketCohort = cohort & Ticket.COHORT_MASK;
        this.counter = Tally.counter(cohort, false);
        this.ticket = Ticket.cohortBits(cohort) | (weighed ? Ticket.WEIGHED : 0);
    }

    /** Returns the same for the next cohort. */
    RoutingTable next(int cohort, boolean latencies) {
        return new RoutingTable(
                settings,
                split,
                open,
                all,
                threshold,
                floor,
                shadowThreshold,
                cohort,
                weighed,
                freshFloor,
                seenKeys,
                slots,
                latencies,
                turn + 1);
    }

    /** Returns the same with the next turn to be timed. */
    RoutingTable next() {
        return next(cohort, latencies);
    }

    long position(long key) {
        return Split.mix(key, first, second);
    }

    boolean isCandidate(long position) {
        return isBelowThreshold(position) || all;
    }

    boolean isBelowThreshold(long position) {
        return position + Long.MIN_VALUE < limit;
    }

    long keyedCandidate(long position) {
        return keyedTicket(position) | CANDIDATE;
    }

    long keyedStable(long position) {
        return keyedTicket(position) | timed(position);
    }

    private long keyedTicket(long position) {
        return ticket | Ticket.KEYED | Ticket.fingerprintBits(position);
    }

    /** Tosses the coin of a key. */
    long keyed(long position) {
        long keyed = keyedTicket(position);
        return tossed(Long.compareUnsigned(position, floor) < 0 ? keyed & ~Ticket.WEIGHED : keyed, position);
    }

    /** Tosses the coin of a call that has no key. */
    long unkeyed(long position) {
        return tossed(ticket, position);
    }

    private long tossed(long ticket, long position) {
        if (isCandidate(position)) {
            return ticket | CANDIDATE;
        }
        long shadow = Long.compareUnsigned(~position, shadowThreshold) < 0 ? Ticket.SHADOW : 0;
        return ticket | shadow | timed(position);
    }

    /** Says whether keys count with their first call in the step. */
    boolean isFresh() {
        return seenKeys != null;
    }

    /** Marks the ticket of a weighed call for what it is compared in. */
    long compared(long ticket, long position) {
        long compared = ticket;
        if (Ticket.isKeyed(ticket)) {
            SeenKeys seen = seenKeys;
            if (seen == null
                    || Long.compareUnsigned(position, freshFloor) < 0
                    || (slots != null && !slots.has(position))
                    || !seen.isFirst(position)) {
                return ticket;
            }
            compared |= Ticket.FIRST_CALL;
        }
        return latencies && Ticket.isTimed(ticket) ? compared | Ticket.COMPARED : compared;
    }

    /** Returns the ticket of a call for which an audience's rule decides, not the coin. */
    long forced(boolean candidate, long position) {
        long forced = ticket & ~Ticket.WEIGHED;
        return candidate && open ? forced | CANDIDATE : forced | timed(position);
    }

    private long timed(long position) {
        return ((int) position + shift & turnMask) == 0 ? timed : 0;
    }
}
