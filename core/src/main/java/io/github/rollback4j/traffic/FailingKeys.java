package io.github.rollback4j.traffic;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Remembers, for each key that ever failed, in which start group its last failure began, so that a failure can be told
 * from the same key's next ones. Fixed in size, without locks; good calls never come here. Where it is full, failures of
 * further keys are dropped from the evidence, in both arms alike.
 */
final class FailingKeys {

    /** Returned where this failure is not the key's first in its group, or where the filter is full. */
    static final int NOT_FIRST = -2;

    /** Returned where the key never failed before. */
    static final int NO_GROUP = -1;

    private static final int GROUP_BITS = 5;
    private static final int GROUP_MASK = (1 << GROUP_BITS) - 1;
    private static final int LONGEST_PROBE = 64;

    private final AtomicIntegerArray entries;
    private final int mask;

    /** Makes room for this many keys at a load of at most one half. */
    FailingKeys(int keys) {
        int size = Integer.highestOneBit(Math.max(keys, 64) * 2 - 1) << 1;
        this.entries = new AtomicIntegerArray(size);
        this.mask = size - 1;
    }

    /** Notes a failure in a group (0 to 15) and returns the key's previous group, or one of the constants. */
    int note(int fingerprint, int group) {
        int noted = fingerprint << GROUP_BITS | group + 1;
        for (int probe = 0; probe < LONGEST_PROBE; probe++) {
            int at = fingerprint + probe & mask;
            while (true) {
                int entry = entries.get(at);
                if (entry != 0 && entry >>> GROUP_BITS != fingerprint) {
                    break;
                }
                int previous = (entry & GROUP_MASK) - 1;
                if (entry != 0 && previous >= group) {
                    return NOT_FIRST;
                }
                if (entries.compareAndSet(at, entry, noted)) {
                    return entry == 0 ? NO_GROUP : previous;
                }
            }
        }
        return NOT_FIRST;
    }
}
