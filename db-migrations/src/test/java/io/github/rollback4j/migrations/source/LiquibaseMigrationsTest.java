package io.github.rollback4j.migrations.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.changelog.ChangeSet;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiquibaseMigrationsTest {

    private static final String HEAD = "<databaseChangeLog xmlns=\"http://www.liquibase.org/xml/ns/dbchangelog\""
            + " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\""
            + "http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd\">\n";

    @TempDir
    Path folder;

    private Path old;
    private Path now;

    @BeforeEach
    void writeOldRelease() throws IOException {
        old = Files.createDirectory(folder.resolve("old"));
        now = Files.createDirectory(folder.resolve("now"));
        for (Path release : List.of(old, now)) {
            write(
                    release,
                    "one.sql",
                    "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE t (id INT);\n"
                            + "--changeset ann:view runOnChange:true\nCREATE OR REPLACE VIEW v AS SELECT id FROM t;\n");
            write(release, "root.yaml", "databaseChangeLog:\n  - include:\n      file: one.sql\n");
        }
    }

    @Test
    void after_everyWay_pendingIsWhatLiquibaseRunsThen() throws Exception {
        write(
                now,
                "one.sql",
                "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE t (id INT);\n"
                        + "--changeset ann:view runOnChange:true\nCREATE OR REPLACE VIEW v AS SELECT id AS it FROM t;\n");
        write(
                now,
                "two.xml",
                HEAD + "<changeSet id=\"2\" author=\"bob\" runInTransaction=\"false\">\n"
                        + "<preConditions onFail=\"MARK_RAN\"><tableExists tableName=\"t\"/></preConditions>\n"
                        + "<comment>rollback4j:allow ADD_REQUIRED_COLUMN: nobody writes</comment>\n"
                        + "<addColumn tableName=\"t\"><column name=\"a\" type=\"varchar(9)\"/></addColumn></changeSet>\n"
                        + "<changeSet id=\"3\" author=\"bob\" context=\"test\"><sql>SELECT 3</sql></changeSet>\n"
                        + "<changeSet id=\"4\" author=\"bob\" dbms=\"oracle\"><sql>SELECT 4</sql></changeSet>\n"
                        + "</databaseChangeLog>");
        write(
                now,
                "root.yaml",
                "databaseChangeLog:\n  - include:\n      file: one.sql\n  - include:\n      file: two.xml\n");
        JdbcDataSource database = database();
        update(old, database);

        MigrationSet byRelease = migrations(now).contexts("prod").after(migrations(old));
        MigrationSet byHistory = migrations(now).contexts("prod").after(database);
        List<String> run;
        try (Connection connection = database.getConnection();
                Liquibase liquibase = new Liquibase(
                        "root.yaml", new DirectoryResourceAccessor(now), new JdbcConnection(connection))) {
            run = liquibase.listUnrunChangeSets(new Contexts("prod"), new LabelExpression()).stream()
                    .map(ChangeSet::getId)
                    .toList();
        }

        assertThat(run).containsExactly("view", "2");
        assertThat(ids(byRelease.pending())).containsExactly("one.sql::view::ann", "two.xml::2::bob");
        assertThat(ids(byHistory.pending())).isEqualTo(ids(byRelease.pending()));
        assertThat(ids(byRelease.applied())).containsExactly("one.sql::1::ann", "one.sql::view::ann");
        assertThat(byRelease.observations()).isEmpty();
        assertThat(byHistory.observations()).isEmpty();
        Migration added = byRelease.pending().get(1);
        assertThat(added.isTransactional()).isFalse();
        assertThat(added.statements().get(0).line()).isEqualTo(2);
        assertThat(added.statements().get(0).text()).isEqualTo("ALTER TABLE t ADD a VARCHAR(9)");
        assertThat(added.undo().state()).isEqualTo(Undo.State.DECLARED);
        assertThat(added.undo().statements().get(0).text()).isEqualTo("ALTER TABLE t DROP COLUMN a");
        assertThat(added.suppressions())
                .containsExactly(new Suppression("ADD_REQUIRED_COLUMN", 0, "nobody writes", null));
    }

    @Test
    void after_editedChangeset_isObserved() throws Exception {
        JdbcDataSource database = database();
        update(old, database);
        write(now, "one.sql", "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE t (id BIGINT);\n");
        assertThat(migrations(now).after(migrations(old)).observations())
                .extracting(Observation::rule, Observation::file)
                .containsExactly(tuple("HISTORY_EDITED", "one.sql"));
        assertThat(migrations(now).after(database).observations()).hasSize(1);
    }

    @Test
    void read_changeForAnotherProduct_isLeftOut() throws Exception {
        write(
                now,
                "two.xml",
                HEAD + "<changeSet id=\"2\" author=\"bob\"><sql dbms=\"h2\">UPDATE t SET id = 1</sql>\n"
                        + "<sql dbms=\"oracle\">UPDATE t SET id = 2</sql><sql dbms=\"!h2\">UPDATE t SET id = 3</sql>\n"
                        + "<rollback><sql dbms=\"oracle\">UPDATE t SET id = 4</sql><sql>UPDATE t SET id = 5</sql></rollback>\n"
                        + "</changeSet></databaseChangeLog>");
        write(
                now,
                "root.yaml",
                "databaseChangeLog:\n  - include:\n      file: one.sql\n  - include:\n      file: two.xml\n");

        Migration read = migrations(now).after(migrations(old)).pending().get(0);

        assertThat(read.statements()).extracting(Statement::text).containsExactly("UPDATE t SET id = 1");
        assertThat(read.undo().statements()).extracting(Statement::text).containsExactly("UPDATE t SET id = 5");
    }

    @Test
    void read_undo_isDeclaredEmptyOrMissing() throws Exception {
        write(
                now,
                "one.sql",
                "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE t (id INT);\n--rollback DROP TABLE t;\n"
                        + "--changeset ann:2\nDROP TABLE t;\n--rollback empty\n--changeset ann:3\nDROP TABLE u;\n");
        assertThat(migrations(now).afterNothing().pending())
                .extracting(migration -> migration.undo().state())
                .containsExactly(Undo.State.DECLARED, Undo.State.EMPTY, Undo.State.MISSING);
        write(
                now,
                "a.xml",
                HEAD
                        + "<changeSet id=\"1\" author=\"a\"><createTable tableName=\"t\"><column name=\"i\" type=\"int\"/></createTable>"
                        + "<rollback changeSetId=\"0\" changeSetAuthor=\"a\"/></changeSet></databaseChangeLog>");
        write(
                now,
                "b.json",
                "{\"databaseChangeLog\":[{\"changeSet\":{\"id\":\"1\",\"author\":\"a\",\"changes\":["
                        + "{\"dropTable\":{\"tableName\":\"${name}\"}}]}}]}");
        Migration json = LiquibaseMigrations.in(SqlDialect.POSTGRESQL, now, "b.json")
                .parameters(Map.of("name", "stock"))
                .afterNothing()
                .pending()
                .get(0);
        assertThat(json.statements().get(0).text()).isEqualTo("DROP TABLE stock");
        assertThat(json.undo()).isEqualTo(Undo.NONE);
        assertThatThrownBy(() ->
                        LiquibaseMigrations.in(SqlDialect.H2, now, "a.xml").afterNothing())
                .isInstanceOf(MigrationSourceException.class)
                .hasMessageContaining("a.xml");
    }

    @Test
    void read_changeThatIsNoSql_isNotUnderstood() throws Exception {
        write(
                now,
                "a.xml",
                HEAD
                        + "<changeSet id=\"1\" author=\"a\"><executeCommand executable=\"ls\"/></changeSet></databaseChangeLog>");
        assertThat(LiquibaseMigrations.in(SqlDialect.H2, now, "a.xml")
                        .afterNothing()
                        .pending()
                        .get(0)
                        .statements()
                        .get(0)
                        .changes()
                        .get(0))
                .isInstanceOf(SchemaChange.NotUnderstood.class)
                .asString()
                .contains("executeCommand");
    }

    @Test
    void read_everyDialect_hasItsOwnSql() throws Exception {
        write(
                now,
                "a.xml",
                HEAD
                        + "<changeSet id=\"1\" author=\"a\"><renameColumn tableName=\"t\" oldColumnName=\"a\" newColumnName=\"b\""
                        + " columnDataType=\"int\"/></changeSet></databaseChangeLog>");
        for (SqlDialect dialect : SqlDialect.values()) {
            assertThat(LiquibaseMigrations.in(dialect, now, "a.xml")
                            .afterNothing()
                            .pending()
                            .get(0)
                            .statements()
                            .get(0)
                            .text())
                    .as(dialect.toString())
                    .containsAnyOf("ALTER TABLE", "sp_rename");
        }
    }

    @Test
    void read_suppressionInFormattedSql_isForTheChangeset() throws Exception {
        String script = "--liquibase formatted sql\n--changeset ann:1\nSELECT 1;\n"
                + "--changeset ann:2\n-- rollback4j:allow DROP_TABLE: unused\nDROP TABLE t;\n";
        write(now, "one.sql", script);
        List<Migration> pending = migrations(now).afterNothing().pending();
        assertThat(pending.get(0).suppressions()).isEmpty();
        assertThat(pending.get(1).suppressions()).containsExactly(new Suppression("DROP_TABLE", 0, "unused", null));
        write(now, "one.sql", script.replace(": unused", ""));
        assertThatThrownBy(() -> migrations(now).afterNothing())
                .isInstanceOf(MigrationSourceException.class)
                .hasMessageStartingWith("one.sql:4: ");
    }

    @Test
    void read_missingChangelog_isNamed() {
        assertThatThrownBy(() ->
                        LiquibaseMigrations.in(SqlDialect.H2, now, "none.xml").afterNothing())
                .isInstanceOf(MigrationSourceException.class)
                .hasMessageContaining("none.xml");
    }

    private static void update(Path release, JdbcDataSource database) throws Exception {
        try (Connection connection = database.getConnection();
                Liquibase liquibase = new Liquibase(
                        "root.yaml", new DirectoryResourceAccessor(release), new JdbcConnection(connection))) {
            liquibase.update(new Contexts("prod"));
        }
    }

    private static LiquibaseMigrations migrations(Path release) {
        return LiquibaseMigrations.in(SqlDialect.H2, release, "root.yaml");
    }

    private JdbcDataSource database() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:" + folder.resolve("database"));
        return source;
    }

    private static List<String> ids(List<Migration> migrations) {
        return migrations.stream().map(Migration::id).toList();
    }

    private static void write(Path folder, String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
