package io.github.rollback4j.migrations.reading;

import org.jspecify.annotations.Nullable;

/** Numbers as statements write them. */
final class Numbers {

    private Numbers() {}

    /** Reads a length; what is longer than an {@code int} can say is the longest that it can. */
    static int bounded(String written) {
        try {
            return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(written.strip()));
        } catch (NumberFormatException exception) {
            return Integer.MAX_VALUE;
        }
    }

    /** Reads a whole number; null where it is none. */
    static @Nullable Long whole(String written) {
        try {
            return Long.valueOf(written.strip());
        } catch (NumberFormatException exception) {
            return null;
        }
    }
}
