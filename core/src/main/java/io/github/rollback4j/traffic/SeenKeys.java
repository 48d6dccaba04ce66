package io.github.rollback4j.traffic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which keys have called within a step, so that each counts once: a bitmap, without locks. Where two keys share a
 * bit the second is taken for the first and does not count, in both arms alike: the place of a key says nothing of its
 * arm.
 */
final class SeenKeys {

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int BITS_A_KEY = 4;

    private final int bits;
    private final int shift;

    /** Made for the first key: calls may have none. Where two threads meet, one of the two is thrown away. */
    private final AtomicReference<long @Nullable []> words = new AtomicReference<>();

    /** Makes room for this many keys, of which then about one in nine shares a bit with one before. */
    SeenKeys(int keys) {
        this.bits = Integer.highestOneBit(Math.max(16, keys) * BITS_A_KEY - 1) << 1;
        this.shift = 64 - Integer.numberOfTrailingZeros(bits);
    }

    private long[] words() {
        long[] known = words.get();
        if (known != null) {
            return known;
        }
        long[] fresh = new long[bits >>> 6];
        long[] before = words.compareAndExchange(null, fresh);
        return before == null ? fresh : before;
    }

    /** Says whether a key has not been seen before, and notes it. */
    boolean isFirst(long position) {
        // The arm hangs on the highest bits of the position, the product's highest bits on all of them.
        int bit = (int) ((position * 0x9FB21C651E98DF25L) >>> shift);
        long mask = 1L << bit;
        long[] all = words();
        return ((long) WORD.getOpaque(all, bit >>> 6) & mask) == 0
                && ((long) WORD.getAndBitwiseOr(all, bit >>> 6, mask) & mask) == 0;
    }
}
