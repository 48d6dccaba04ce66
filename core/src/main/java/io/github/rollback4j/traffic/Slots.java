package io.github.rollback4j.traffic;

import java.util.List;

/**
 * Says which keys this instance counts, where several serve the same keys and each key's first call in a step counts once: keys fall
 * into 1,024 slots, by a hash of their own, and each slot belongs to one instance for the whole step. Immutable.
 */
final class Slots {

    private static final int SLOTS = 1024;
    private static final int SHIFT = Long.numberOfLeadingZeros(SLOTS - 1);

    /** Counts no key. */
    static final Slots NONE = new Slots(new long[SLOTS / 64]);

    private final long[] owned;

    private Slots(long[] owned) {
        this.owned = owned;
    }

    /** Divides the slots evenly among the owners, in their order, and returns those of one; none where it is no owner. */
    static Slots of(List<String> owners, String self) {
        int place = owners.indexOf(self);
        if (place < 0) {
            return NONE;
        }
        long[] owned = new long[SLOTS / 64];
        for (int slot = place; slot < SLOTS; slot += owners.size()) {
            owned[slot >>> 6] |= 1L << slot;
        }
        return new Slots(owned);
    }

    boolean has(long position) {
        // The arm hangs on the highest bits of the position, the product's highest bits on all of them.
        int slot = (int) ((position * 0xA24BAED4963EE407L) >>> SHIFT);
        return (owned[slot >>> 6] & (1L << slot)) != 0;
    }
}
