package io.github.rollback4j.migrations.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlywayMigrationsTest {

    @TempDir
    Path folder;

    private Path old;
    private Path now;

    @BeforeEach
    void writeOldRelease() throws IOException {
        old = Files.createDirectory(folder.resolve("old"));
        now = Files.createDirectory(folder.resolve("now"));
        both("V1__order.sql", "CREATE TABLE orders (id INT)");
        both("V1.10__late.sql", "ALTER TABLE orders ADD COLUMN c INT");
        both("V1.9__early.sql", "ALTER TABLE orders ADD COLUMN b INT");
        both("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM orders");
    }

    @Test
    void after_previousRelease_pendingIsWhatFlywayRunsThen() throws IOException {
        write(now, "V2__more.sql", "ALTER TABLE orders ADD COLUMN d INT");
        write(now, "R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT id, b FROM orders");
        write(now, "R__a_second.sql", "CREATE OR REPLACE VIEW w AS SELECT id FROM orders");
        DataSource database = database();
        configuration(old).dataSource(database).load().migrate();

        MigrationSet byRelease = migrations(now).after(migrations(old));
        MigrationSet byHistory = migrations(now).after(database);
        List<String> run = configuration(now).dataSource(database).load().migrate().migrations.stream()
                .map(migration -> migration.version.isEmpty() ? migration.description : migration.version)
                .toList();

        assertThat(run).containsExactly("2", "a second", "view");
        assertThat(ids(byRelease.pending())).containsExactly("2", "R__a_second", "R__view");
        assertThat(ids(byHistory.pending())).isEqualTo(ids(byRelease.pending()));
        assertThat(ids(byRelease.applied())).containsExactly("1", "1.9", "1.10", "R__view");
        assertThat(ids(byHistory.applied())).containsExactly("1", "1.9", "1.10");
        assertThat(byRelease.isHistoryComplete()).isTrue();
        assertThat(byHistory.isHistoryComplete()).isFalse();
        assertThat(byRelease.observations()).isEmpty();
        assertThat(byHistory.observations()).isEmpty();
        assertThat(ids(migrations(now).after(database).pending())).isEmpty();
    }

    @Test
    void afterVersion_repeatables_areAllPending() throws IOException {
        write(now, "V2__more.sql", "ALTER TABLE orders ADD COLUMN d INT");
        MigrationSet set = migrations(now).afterVersion("1.10");
        assertThat(ids(set.pending())).containsExactly("2", "R__view");
        assertThat(set.pending().get(0).file()).isEqualTo("V2__more.sql");
        assertThat(set.pending().get(1).isRepeatable()).isTrue();
    }

    @Test
    void after_editedHistory_isObserved() throws IOException {
        DataSource database = database();
        configuration(old).dataSource(database).load().migrate();
        write(now, "V1.9__early.sql", "ALTER TABLE orders ADD COLUMN b BIGINT");
        write(now, "V1.5__between.sql", "ALTER TABLE orders ADD COLUMN e INT");
        assertThat(migrations(now).after(migrations(old)).observations())
                .extracting(Observation::rule, Observation::file)
                .containsExactlyInAnyOrder(
                        tuple("HISTORY_EDITED", "V1.9__early.sql"), tuple("HISTORY_EDITED", "V1.5__between.sql"));
        assertThat(migrations(now).after(database).observations())
                .extracting(Observation::file)
                .containsExactlyInAnyOrder("V1.9__early.sql", "V1.5__between.sql");
        assertThatThrownBy(() -> configuration(now).dataSource(database).load().migrate())
                .isInstanceOf(FlywayException.class);
        FlywayMigrations outOfOrder =
                FlywayMigrations.of(SqlDialect.H2, configuration(now).outOfOrder(true));
        assertThat(ids(outOfOrder.after(migrations(old)).pending())).containsExactly("1.5");
        assertThat(ids(outOfOrder.after(database).pending())).containsExactly("1.5");
    }

    @Test
    void after_oldReleaseWithoutFuturePattern_refusesItsStart() throws IOException {
        write(now, "V2__more.sql", "ALTER TABLE orders ADD COLUMN d INT");
        DataSource database = database();
        configuration(now).dataSource(database).load().migrate();
        FluentConfiguration strict = configuration(old).ignoreMigrationPatterns("*:pending");
        assertThatThrownBy(() -> strict.dataSource(database).load().migrate()).isInstanceOf(FlywayException.class);
        configuration(old).dataSource(database).load().migrate();

        assertThat(migrations(now)
                        .after(FlywayMigrations.of(SqlDialect.H2, strict))
                        .observations())
                .extracting(Observation::rule)
                .containsExactly("OLD_RELEASE_REFUSES_START");
        assertThat(migrations(now).after(migrations(old)).observations()).isEmpty();
    }

    @Test
    void read_undo_isDeclaredEmptyOrMissing() throws IOException {
        write(now, "V2__a.sql", "ALTER TABLE orders ADD COLUMN d INT");
        write(now, "U2__a.sql", "ALTER TABLE orders DROP COLUMN d");
        write(now, "V3__b.sql", "ALTER TABLE orders ADD COLUMN e INT");
        write(now, "U3__b.sql", "-- nothing to do\n");
        write(now, "V4__c.sql", "ALTER TABLE orders ADD COLUMN f INT");
        List<Migration> pending = migrations(now).after(migrations(old)).pending();
        assertThat(pending)
                .extracting(migration -> migration.undo().state())
                .containsExactly(Undo.State.DECLARED, Undo.State.EMPTY, Undo.State.MISSING);
        assertThat(pending.get(0).undo().file()).isEqualTo("U2__a.sql");
        assertThat(pending.get(0).undo().statements().get(0).text()).isEqualTo("ALTER TABLE orders DROP COLUMN d");
        assertThat(migrations(now)
                        .undoPrefix("UNDO")
                        .after(migrations(old))
                        .pending()
                        .get(0)
                        .undo())
                .isEqualTo(Undo.NONE);
    }

    @Test
    void read_placeholders_areReplaced() throws IOException {
        write(now, "V2__a.sql", "CREATE TABLE ${name} (s VARCHAR(9) DEFAULT '${flyway:filename}')");
        FluentConfiguration given = configuration(now).placeholders(Map.of("name", "stock"));
        assertThat(text(FlywayMigrations.of(SqlDialect.H2, given)))
                .isEqualTo("CREATE TABLE stock (s VARCHAR(9) DEFAULT 'V2__a.sql')");
        assertThatThrownBy(() -> text(migrations(now)))
                .isInstanceOf(FlywayException.class)
                .hasMessageContaining("name");
        write(now, "V2__a.sql.conf", "placeholderReplacement=false");
        assertThat(text(migrations(now))).contains("${name}");
    }

    @Test
    void read_migrationInJava_isNotUnderstood() {
        FluentConfiguration java = configuration(now).javaMigrations(new V2__Backfill());
        Migration migration = FlywayMigrations.of(SqlDialect.H2, java)
                .after(migrations(old))
                .pending()
                .get(0);
        assertThat(migration.file()).isEqualTo(V2__Backfill.class.getName());
        assertThat(migration.statements().get(0).changes().get(0))
                .isInstanceOf(SchemaChange.NotUnderstood.class)
                .asString()
                .contains("a migration in Java");
    }

    @Test
    void read_nonTransactionalStatements_areDetected() throws IOException {
        write(now, "V2__a.sql", "CREATE INDEX CONCURRENTLY i ON orders (id)");
        write(now, "V3__b.sql", "ALTER TABLE orders ADD COLUMN d INT");
        write(now, "V3__b.sql.conf", "executeInTransaction=false");
        write(now, "V4__c.sql", "ALTER TABLE orders ADD COLUMN f INT");
        assertThat(postgres(configuration(now))
                        .after(postgres(configuration(old)))
                        .pending())
                .extracting(Migration::isTransactional)
                .containsExactly(false, false, true);

        write(now, "V4__c.sql", "ALTER TABLE orders ADD COLUMN f INT; DROP INDEX CONCURRENTLY i");
        assertThatThrownBy(() -> postgres(configuration(now)).after(postgres(configuration(old))))
                .isInstanceOf(MigrationSourceException.class)
                .hasMessageContaining("V4__c.sql");
        assertThat(postgres(configuration(now).mixed(true))
                        .after(postgres(configuration(old)))
                        .pending()
                        .get(2)
                        .isTransactional())
                .isFalse();
    }

    @Test
    void read_baseline_standsForAllBefore() throws IOException {
        write(now, "B1.10__base.sql", "CREATE TABLE orders (id INT, b INT, c INT)");
        write(now, "V2__more.sql", "ALTER TABLE orders ADD COLUMN d INT");
        assertThat(ids(migrations(now).afterNothing().pending())).containsExactly("1.10", "2", "R__view");
        assertThat(ids(migrations(now).after(migrations(old)).pending())).containsExactly("2");
        assertThat(migrations(now).after(migrations(old)).observations()).isEmpty();
        DataSource fresh = database();
        assertThat(ids(migrations(now).after(fresh).pending())).containsExactly("1.10", "2", "R__view");
        assertThat(configuration(now).dataSource(fresh).load().migrate().migrationsExecuted)
                .isEqualTo(3);
    }

    @Test
    void read_missingLocation_isRefusedByFlyway() {
        assertThatThrownBy(() -> FlywayMigrations.in(SqlDialect.H2, "filesystem:" + folder.resolve("none"))
                        .afterNothing())
                .isInstanceOf(FlywayException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> FlywayMigrations.in(SqlDialect.H2, "classpath:nowhere/at/all")
                        .afterNothing())
                .isInstanceOf(FlywayException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void read_sameVersionTwice_isRefusedByFlyway() throws IOException {
        write(now, "V1__other.sql", "SELECT 1");
        assertThatThrownBy(() -> migrations(now).afterNothing())
                .isInstanceOf(FlywayException.class)
                .hasMessageContaining("more than one migration with version 1");
    }

    @SuppressWarnings("checkstyle:TypeName")
    static final class V2__Backfill extends BaseJavaMigration {
        @Override
        public void migrate(Context context) {}
    }

    private static String text(FlywayMigrations migrations) {
        return migrations
                .afterVersion("1.10")
                .pending()
                .get(0)
                .statements()
                .get(0)
                .text();
    }

    private static FlywayMigrations postgres(FluentConfiguration configuration) {
        return FlywayMigrations.of(SqlDialect.POSTGRESQL, configuration);
    }

    private static FlywayMigrations migrations(Path location) {
        return FlywayMigrations.of(SqlDialect.H2, configuration(location));
    }

    private static FluentConfiguration configuration(Path location) {
        return new FluentConfiguration().locations("filesystem:" + location);
    }

    private DataSource database() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:" + folder.resolve("database"));
        return source;
    }

    private static List<String> ids(List<Migration> migrations) {
        return migrations.stream().map(Migration::id).toList();
    }

    private void both(String name, String text) throws IOException {
        write(old, name, text);
        write(now, name, text);
    }

    private static void write(Path folder, String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
