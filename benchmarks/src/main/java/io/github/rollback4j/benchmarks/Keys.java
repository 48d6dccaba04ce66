package io.github.rollback4j.benchmarks;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Keys to walk through, the same for floors, peers and ours; the strings know their hash, as a user's id in a session. */
@State(Scope.Thread)
public class Keys {

    private static final int KEYS = 1024;
    private static final int PADDING = 32;

    private final String[] strings = new String[KEYS];
    private final long[] longs = new long[KEYS];

    /** The cursor stands between unused places: a cache line that two threads share would slow both, at random. */
    private final int[] cursor = new int[2 * PADDING];

    public Keys() {
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < KEYS; i++) {
            longs[i] = random.nextLong();
            strings[i] = "customer-" + random.nextInt(1_000_000_000);
            if (strings[i].hashCode() == 0) {
                throw new IllegalStateException("A hash of 0 is not cached");
            }
        }
    }

    public String nextString() {
        return strings[cursor[PADDING]++ & KEYS - 1];
    }

    long nextLong() {
        return longs[cursor[PADDING]++ & KEYS - 1];
    }
}
