package io.github.rollback4j.migrations.reading;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time that the reading of one statement may take. Parsers neither watch threads' interrupts nor clocks, so what they read from
 * asks {@link #check} again and again.
 *
 * @param nanoTicker the time, as {@code System::nanoTime} gives it
 * @param start the time when reading began
 * @param limit how long it may take
 */
record Deadline(LongSupplier nanoTicker, long start, Duration limit) {

    /** Starts now. */
    static Deadline after(Duration limit, LongSupplier nanoTicker) {
        return new Deadline(nanoTicker, nanoTicker.getAsLong(), limit);
    }

    /**
     * Does nothing while there is time.
     *
     * @throws Passed if there is none left
     */
    void check() {
        if (nanoTicker.getAsLong() - start > limit.toNanos()) {
            throw new Passed(limit);
        }
    }

    /** Says that reading took too long. */
    static final class Passed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Passed(Duration limit) {
            super("was given up after " + limit.toMillis() + " ms", null, false, false);
        }
    }
}
