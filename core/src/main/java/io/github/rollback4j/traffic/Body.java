package io.github.rollback4j.traffic;

import org.jspecify.annotations.Nullable;

/**
 * Runs one release's version of a call.
 *
 * @param <T> the result
 * @param <X> the checked exception that it may throw; inferred as unchecked where there is none
 */
@FunctionalInterface
public interface Body<T extends @Nullable Object, X extends Throwable> {

    /** Runs the call; what it returns or throws is passed on unchanged. */
    T run() throws X;
}
