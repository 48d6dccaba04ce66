package io.github.rollback4j.migrations.source;

import io.github.rollback4j.migrations.reading.Statement;
import java.util.List;
import java.util.Objects;

/**
 * One migration, read: a script of Flyway, a changeset of Liquibase.
 *
 * @param id what the tool knows it by: {@code 3.1} or {@code R__views} for Flyway, {@code file::id::author} for Liquibase
 * @param file where it is written, relative to what its source was given
 * @param statements what it does, in order; a migration in Java is one statement that was not understood
 * @param isTransactional whether the tool runs it as one transaction, where the database can
 * @param isRepeatable whether it runs again whenever its text changes
 * @param undo how it declares to be undone
 * @param suppressions findings that the author answers for
 */
public record Migration(
        String id,
        String file,
        List<Statement> statements,
        boolean isTransactional,
        boolean isRepeatable,
        Undo undo,
        List<Suppression> suppressions) {

    /** Checks, and copies. */
    public Migration {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(undo, "undo");
        statements = List.copyOf(statements);
        suppressions = List.copyOf(suppressions);
    }
}
