package io.github.rollback4j.migrations.source;

import io.github.rollback4j.migrations.reading.SqlDialect;
import java.util.List;
import java.util.Objects;

/**
 * The migrations between two releases.
 *
 * @param dialect the database's dialect
 * @param applied what the previous release's database has been through, oldest first; empty where that is not known
 * @param pending what the new release adds, in the order in which it runs
 * @param isHistoryComplete whether {@code applied} begins with an empty database, so that what it does not create does not exist
 * @param observations what was seen beside the statements
 */
public record MigrationSet(
        SqlDialect dialect,
        List<Migration> applied,
        List<Migration> pending,
        boolean isHistoryComplete,
        List<Observation> observations) {

    /** Checks, and copies. */
    public MigrationSet {
        Objects.requireNonNull(dialect, "dialect");
        applied = List.copyOf(applied);
        pending = List.copyOf(pending);
        observations = List.copyOf(observations);
    }

    /** Makes a set of which nothing else was seen. */
    public MigrationSet(
            SqlDialect dialect, List<Migration> applied, List<Migration> pending, boolean isHistoryComplete) {
        this(dialect, applied, pending, isHistoryComplete, List.of());
    }
}
