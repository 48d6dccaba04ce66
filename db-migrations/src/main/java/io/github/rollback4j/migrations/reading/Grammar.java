package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.List;

/** Reads single statements by one grammar. Thread-safe. */
interface Grammar {

    /**
     * Says what a statement changes; never empty.
     *
     * @param statement one statement, without the delimiter at its end
     * @throws SyntaxException if the grammar does not know the statement; it is then asked of the next grammar, if there is one
     */
    List<SchemaChange> read(String statement) throws SyntaxException;

    /** Says that a grammar does not know a statement. */
    final class SyntaxException extends Exception {

        private static final long serialVersionUID = 1L;

        SyntaxException(String message) {
            super(message, null, false, false);
        }
    }
}
