package io.github.rollback4j.traffic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Remembers which keys have called within a step, so that each counts once: a bitmap, without locks. Where two keys share a
 * bit the second is taken for the first and does not count, in both arms alike: the place of a key says nothing of its
 * arm.
 */
final class SeenKeys {

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int BITS_A_KEY = 4;

    private final long[] words;
    private final int shift;

    /** Makes room for this many keys, of which then about one in nine shares a bit with one before. */
    SeenKeys(int keys) {
        int bits = Integer.highestOneBit(Math.max(16, keys) * BITS_A_KEY - 1) << 1;
        this.words = new long[bits >>> 6];
        this.shift = 64 - Integer.numberOfTrailingZeros(bits);
    }

    /** Says whether a key has not been seen before, and notes it. */
    boolean isFirst(long position) {
        // The arm hangs on the highest bits of the position, the product's highest bits on all of them.
        int bit = (int) ((position * 0x9FB21C651E98DF25L) >>> shift);
        long mask = 1L << bit;
        return ((long) WORD.getOpaque(words, bit >>> 6) & mask) == 0
                && ((long) WORD.getAndBitwiseOr(words, bit >>> 6, mask) & mask) == 0;
    }
}
