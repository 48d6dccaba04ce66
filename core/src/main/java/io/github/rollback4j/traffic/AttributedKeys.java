package io.github.rollback4j.traffic;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Remembers of each key that counts in a step when it called first, on which release, and what was recorded for it since.
 * Fixed in size, without locks. Where it is full further keys are left out, in both arms alike; of two keys with the same
 * fingerprint the second is.
 */
final class AttributedKeys {

    /** How many metrics can be told apart. */
    static final int METRICS = 8;

    static final long NONE = -1;

    private static final int LONGEST_PROBE = 64;
    private static final int ARM_SHIFT = METRICS;
    private static final int COHORT_SHIFT = ARM_SHIFT + 1;
    private static final int FINGERPRINT_SHIFT = 64 - Ticket.FINGERPRINT_BITS;

    private final AtomicLongArray entries;
    private final int mask;

    /** Makes room for this many keys at a load of at most one half. */
    AttributedKeys(int keys) {
        int size = Integer.highestOneBit(Math.max(keys, 64) * 2 - 1) << 1;
        this.entries = new AtomicLongArray(size);
        this.mask = size - 1;
    }

    /** Notes a key's first call. */
    void note(int fingerprint, int cohort, int arm) {
        long noted = (long) fingerprint << FINGERPRINT_SHIFT
                | (long) (cohort & Ticket.COHORT_MASK) << COHORT_SHIFT
                | (long) arm << ARM_SHIFT;
        for (int probe = 0; probe < LONGEST_PROBE; probe++) {
            int at = fingerprint + probe & mask;
            long entry = entries.get(at);
            // An entry is never 0: cohorts are counted from 1.
            if (entry == 0 && entries.compareAndSet(at, 0, noted)) {
                return;
            }
            if (entries.get(at) >>> FINGERPRINT_SHIFT == fingerprint) {
                return;
            }
        }
    }

    /** Returns the entry of a key and notes that a metric was recorded for it, or {@link #NONE} where it does not count. */
    long record(int fingerprint, int metric) {
        long bit = 1L << metric;
        for (int probe = 0; probe < LONGEST_PROBE; probe++) {
            int at = fingerprint + probe & mask;
            long entry = entries.get(at);
            if (entry == 0) {
                return NONE;
            }
            if (entry >>> FINGERPRINT_SHIFT == fingerprint) {
                while ((entry & bit) == 0) {
                    if (entries.compareAndSet(at, entry, entry | bit)) {
                        return entry;
                    }
                    entry = entries.get(at);
                }
                return NONE;
            }
        }
        return NONE;
    }

    static int cohort(long entry) {
        return (int) (entry >>> COHORT_SHIFT) & Ticket.COHORT_MASK;
    }

    static int arm(long entry) {
        return (int) (entry >>> ARM_SHIFT) & 1;
    }
}
