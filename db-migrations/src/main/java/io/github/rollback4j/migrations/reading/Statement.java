package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.List;
import java.util.Objects;

/**
 * A statement of a script, and what it changes.
 *
 * @param text the statement as written, without the delimiter at its end
 * @param line the line of the script where it begins, from 1
 * @param changes what it changes, in order; never empty: what has no effect, or was not understood, says so
 */
public record Statement(String text, int line, List<SchemaChange> changes) {

    /** Checks, and copies. */
    public Statement {
        Objects.requireNonNull(text, "text");
        changes = List.copyOf(changes);
        if (changes.isEmpty()) {
            throw new IllegalArgumentException("a statement without any change is not allowed");
        }
    }
}
