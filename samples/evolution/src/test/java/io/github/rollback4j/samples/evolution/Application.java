package io.github.rollback4j.samples.evolution;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.source.MigrationSet;
import javax.sql.DataSource;

/** An application with all its releases, and the tool that migrates its database. */
interface Application {

    /** Returns a release. */
    Release release(int number);

    /** Migrates a database as that release does when it starts. */
    void migrate(DataSource database, SqlDialect dialect, int release);

    /** Returns what a release brings, after the one before it. */
    MigrationSet broughtBy(int release, SqlDialect dialect);
}
