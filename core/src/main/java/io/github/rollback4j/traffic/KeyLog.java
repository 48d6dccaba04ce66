package io.github.rollback4j.traffic;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Remembers, in order, which key failed first in its start group, so that other instances can be told: a key that several serve
 * counts once. Fixed in size, without locks; where it is full further keys are not told. Of a key there is its fingerprint
 * alone.
 */
final class KeyLog {

    private static final int PER_ENTRY = 2;
    private static final int FINGERPRINT_SHIFT = 33;
    private static final int ARM_SHIFT = 32;
    private static final int BUCKET_SHIFT = 32;

    private final AtomicLongArray entries;
    private final AtomicInteger taken = new AtomicInteger();
    private final int room;

    KeyLog(int room) {
        this.room = room;
        this.entries = new AtomicLongArray(room * PER_ENTRY);
    }

    void add(int fingerprint, int arm, int cohort, int bucket, int stratum) {
        if (taken.get() >= room) {
            return;
        }
        int at = taken.getAndIncrement();
        if (at < room) {
            entries.set(at * PER_ENTRY + 1, (long) bucket << BUCKET_SHIFT | stratum);
            // Written last, and never 0 since cohorts are counted from 1: an entry that is being written ends the log.
            entries.set(
                    at * PER_ENTRY,
                    (long) fingerprint << FINGERPRINT_SHIFT | (long) arm << ARM_SHIFT | (cohort & 0xFFFF_FFFFL));
        }
    }

    /** Says whether there is an entry at a place, from 0. */
    boolean has(int at) {
        return at < room && entries.get(at * PER_ENTRY) != 0;
    }

    int fingerprint(int at) {
        return (int) (entries.get(at * PER_ENTRY) >>> FINGERPRINT_SHIFT);
    }

    int arm(int at) {
        return (int) (entries.get(at * PER_ENTRY) >>> ARM_SHIFT) & 1;
    }

    int cohort(int at) {
        return (int) entries.get(at * PER_ENTRY);
    }

    int bucket(int at) {
        return (int) (entries.get(at * PER_ENTRY + 1) >>> BUCKET_SHIFT);
    }

    int stratum(int at) {
        return (int) entries.get(at * PER_ENTRY + 1);
    }
}
