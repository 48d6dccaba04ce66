package io.github.rollback4j.migrations.proof;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One run of a statement that fails, or does or returns something else than before the migration.
 *
 * @param occasion when it happens
 * @param depth what notices it first
 * @param parameters the parameters of the run, as text; empty where it does not depend on them
 * @param state the SQLSTATE; empty where nothing failed
 * @param detail what happens, for people
 */
public record Divergence(
        Occasion occasion, Depth depth, List<@Nullable String> parameters, String state, String detail) {

    /** When a statement diverges. */
    public enum Occasion {
        /** Right after the migration, with values that the release was seen with. */
        AFTER_MIGRATION,
        /** Right after the migration, with a value at the edge of what worked before. */
        EDGE_VALUE,
        /** Not before the new release has written. */
        AFTER_NEW_WRITES
    }

    /** What notices it. */
    public enum Depth {
        /** The database, as soon as it parses the statement. */
        PARSE,
        /** The database, when it plans the statement. */
        EXPLAIN,
        /** The database, when it runs the statement. */
        EXECUTE,
        /** Who compares the rows, the count or the columns that are returned. */
        RESULT,
        /** Who compares what is stored. */
        EFFECT,
        /** The release's own code, when it reads a column. */
        READER
    }

    /** Checks, and copies. */
    public Divergence {
        Objects.requireNonNull(occasion, "occasion");
        Objects.requireNonNull(depth, "depth");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(detail, "detail");
        parameters = new Row(parameters).values();
    }

    /** Says it for people. */
    @Override
    public String toString() {
        String when = switch (occasion) {
            case AFTER_MIGRATION -> "";
            case EDGE_VALUE -> "at an edge: ";
            case AFTER_NEW_WRITES -> "after the new release has written: ";
        };
        return when
                + (state.isEmpty() ? "" : state + " ")
                + detail
                + (parameters.isEmpty() ? "" : " with " + new Row(parameters));
    }
}
