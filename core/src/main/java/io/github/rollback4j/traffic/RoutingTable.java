package io.github.rollback4j.traffic;

import org.jspecify.annotations.Nullable;

/**
 * Everything that a call needs to know when it begins, immutable and swapped as a whole: a call begins at its one
 * volatile read of the table.
 *
 * <p>Positions and thresholds are compared unsigned, which is done by adding {@link Long#MIN_VALUE} to both; the limits
 * have it added already.
 */
final class RoutingTable {

    /** Half of the salt of the split, here so that a call finds all that it needs in one place. */
    final long first;

    /** The other half. */
    final long second;

    /** Says whether nothing but the threshold matters: no audience, floor or shadow, and a share below 1. */
    final boolean plain;

    /** Says whether the candidate may serve at all; where not, forced calls go to stable too. */
    final boolean open;

    /** Says whether the candidate serves whoever the coin decides for: a share of 1, which leaves no control. */
    final boolean all;

    /** Says whether the coin's calls are weighed. */
    final boolean weighed;

    /** Positions below it, unsigned, get the candidate. */
    final long threshold;

    private final long limit;

    /** Keys at positions below it, unsigned, were exposed before and count as evidence no more. */
    final long floor;

    /** Positions at or above {@code 2^64 - it}, unsigned, are shadowed. Zero: none is. */
    final long shadowThreshold;

    final @Nullable Audience audience;

    /** The first of the cohort's counters. */
    final int counter;

    /** What a ticket begins with: the cohort, and whether the coin's calls are weighed. */
    final long ticket;

    RoutingTable(
            Split split,
            boolean open,
            boolean all,
            long threshold,
            long floor,
            long shadowThreshold,
            @Nullable Audience audience,
            int cohort,
            boolean weighed) {
        this.first = split.first();
        this.second = split.second();
        this.plain = audience == null && floor == 0 && shadowThreshold == 0 && !all;
        this.open = open;
        this.all = all;
        this.weighed = weighed;
        this.threshold = threshold;
        this.limit = threshold + Long.MIN_VALUE;
        this.floor = floor;
        this.shadowThreshold = shadowThreshold;
        this.audience = audience;
        this.counter = Tally.counter(cohort, false);
        this.ticket = Ticket.cohortBits(cohort) | (weighed ? Ticket.WEIGHED : 0);
    }

    /** Returns the table for the next cohort, with the same shares. */
    RoutingTable next(Split split, int cohort) {
        return new RoutingTable(split, open, all, threshold, floor, shadowThreshold, audience, cohort, weighed);
    }

    long position(long key) {
        return Split.mix(key, first, second);
    }

    boolean isCandidate(long position) {
        return position + Long.MIN_VALUE < limit || all;
    }

    /** Tosses the coin of a key. */
    long keyed(long position) {
        long keyed = ticket | Ticket.KEYED | Ticket.fingerprintBits(position);
        if (plain) {
            return position + Long.MIN_VALUE < limit ? keyed | Ticket.CANDIDATE | Ticket.TIMED : keyed;
        }
        return tossed(Long.compareUnsigned(position, floor) < 0 ? keyed & ~Ticket.WEIGHED : keyed, position);
    }

    /** Tosses the coin of a call that has no key. */
    long unkeyed(long position) {
        return tossed(ticket, position);
    }

    private long tossed(long ticket, long position) {
        if (isCandidate(position)) {
            return ticket | Ticket.CANDIDATE | Ticket.TIMED;
        }
        return Long.compareUnsigned(~position, shadowThreshold) < 0 ? ticket | Ticket.SHADOW : ticket;
    }
}
