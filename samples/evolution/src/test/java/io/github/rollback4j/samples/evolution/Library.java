package io.github.rollback4j.samples.evolution;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.source.LiquibaseMigrations;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.samples.evolution.library.Release1;
import io.github.rollback4j.samples.evolution.library.Release10;
import io.github.rollback4j.samples.evolution.library.Release2;
import io.github.rollback4j.samples.evolution.library.Release3;
import io.github.rollback4j.samples.evolution.library.Release4;
import io.github.rollback4j.samples.evolution.library.Release5;
import io.github.rollback4j.samples.evolution.library.Release6;
import io.github.rollback4j.samples.evolution.library.Release7;
import io.github.rollback4j.samples.evolution.library.Release8;
import io.github.rollback4j.samples.evolution.library.Release9;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.UpdateSummaryOutputEnum;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.ui.LoggerUIService;

/** The library, under Liquibase: each release has a changelog that includes those of the releases before it. */
final class Library implements Application {

    private static final List<Release> RELEASES = List.of(
            new Release1(),
            new Release2(),
            new Release3(),
            new Release4(),
            new Release5(),
            new Release6(),
            new Release7(),
            new Release8(),
            new Release9(),
            new Release10());

    @Override
    public Release release(int number) {
        return RELEASES.get(number - 1);
    }

    @Override
    public void migrate(DataSource database, SqlDialect dialect, int release) {
        try {
            // Else it tells its console about each changeset.
            Scope.child(Scope.Attr.ui, new LoggerUIService(), () -> update(database, release));
        } catch (Exception failed) {
            throw new IllegalStateException("release " + release + " cannot migrate", failed);
        }
    }

    private void update(DataSource database, int release) throws SQLException, LiquibaseException {
        try (Connection connection = database.getConnection();
                Liquibase liquibase = new Liquibase(
                        changelog(release),
                        new ClassLoaderResourceAccessor(getClass().getClassLoader()),
                        new JdbcConnection(connection))) {
            liquibase.setShowSummaryOutput(UpdateSummaryOutputEnum.LOG);
            liquibase.update(new Contexts(), new LabelExpression());
        }
    }

    @Override
    public MigrationSet broughtBy(int release, SqlDialect dialect) {
        return migrations(release, dialect).after(migrations(release - 1, dialect));
    }

    private LiquibaseMigrations migrations(int release, SqlDialect dialect) {
        return LiquibaseMigrations.onClassPath(dialect, getClass().getClassLoader(), changelog(release));
    }

    private static String changelog(int release) {
        return String.format(Locale.ROOT, "library/release-%02d.yaml", release);
    }
}
