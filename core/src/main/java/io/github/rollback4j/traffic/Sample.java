package io.github.rollback4j.traffic;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** Keeps the latest values of stable until the edges are frozen from them. Written by any thread, without locks. */
final class Sample {

    /** How many values the edges need: below, the highest of them would hang on a handful. */
    static final int ENOUGH = 1_000;

    private static final int ROOM = 4_096;

    private final AtomicLongArray values = new AtomicLongArray(ROOM);
    private final AtomicInteger taken = new AtomicInteger();

    void take(double value) {
        values.set(taken.getAndIncrement() & ROOM - 1, Double.doubleToRawLongBits(value));
    }

    boolean isEnough() {
        int count = taken.get();
        // Below 0 after 2^31 values.
        return count >= ENOUGH || count < 0;
    }

    double[] values() {
        int count = taken.get();
        double[] copy = new double[count < 0 ? ROOM : Math.min(count, ROOM)];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = Double.longBitsToDouble(values.get(i));
        }
        return copy;
    }
}
