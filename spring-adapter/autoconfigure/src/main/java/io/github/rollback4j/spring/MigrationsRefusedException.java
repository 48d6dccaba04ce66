package io.github.rollback4j.spring;

import org.jspecify.annotations.Nullable;

/** Says that migrations did not run, since the previous release would not live with them, or that is not known. */
final class MigrationsRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    MigrationsRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
