package io.github.rollback4j.migrations.source;

import io.github.rollback4j.migrations.reading.Statement;
import java.util.List;
import java.util.Objects;

/**
 * How a migration declares to be undone.
 *
 * @param state whether anything is declared
 * @param file where it is written; empty where nothing is
 * @param statements what it does, in order; comments alone are none
 */
public record Undo(State state, String file, List<Statement> statements) {

    /** Whether an undo is declared. */
    public enum State {
        /** Statements are declared, or the tool makes them itself. */
        DECLARED,
        /** It is declared that there is nothing to do, in as many words or by a script without a statement. */
        EMPTY,
        /** Nothing is declared. */
        MISSING
    }

    /** No undo. */
    public static final Undo NONE = new Undo(State.MISSING, "", List.of());

    /**
     * Checks, and copies.
     *
     * @throws IllegalArgumentException if there are statements although none are declared, or the other way round
     */
    public Undo {
        Objects.requireNonNull(file, "file");
        statements = List.copyOf(statements);
        if ((state == State.DECLARED) == statements.isEmpty()) {
            throw new IllegalArgumentException("an undo that is " + state + " with " + statements.size()
                    + " statements is not allowed: DECLARED has some, all others none");
        }
    }
}
