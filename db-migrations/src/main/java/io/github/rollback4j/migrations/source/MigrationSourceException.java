package io.github.rollback4j.migrations.source;

import org.jspecify.annotations.Nullable;

/** Says that migrations cannot be read as they are written, or that their tool would refuse them. Names the file and what is allowed. */
public final class MigrationSourceException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    MigrationSourceException(String message) {
        this(message, null);
    }

    MigrationSourceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
