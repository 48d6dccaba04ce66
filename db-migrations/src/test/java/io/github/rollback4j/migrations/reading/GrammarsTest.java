package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.antlr.v4.runtime.CommonTokenStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarsTest {

    /** A statement of the tables, what it changes, and what it changes on MariaDB if that is something else. */
    private record Entry(String statement, String changes, String onMariaDb) {}

    static Stream<Arguments> mysql() {
        return entries("mysql").map(entry -> Arguments.of(entry.statement(), entry.changes()));
    }

    static Stream<Arguments> mariadb() {
        return entries("mysql")
                .map(entry -> Arguments.of(
                        entry.statement(), entry.onMariaDb().isEmpty() ? entry.changes() : entry.onMariaDb()));
    }

    static Stream<Arguments> oracle() {
        return entries("oracle").map(entry -> Arguments.of(entry.statement(), entry.changes()));
    }

    static Stream<Arguments> h2() {
        return entries("h2").map(entry -> Arguments.of(entry.statement(), entry.changes()));
    }

    static Stream<Arguments> sqlserver() {
        return entries("sqlserver").map(entry -> Arguments.of(entry.statement(), entry.changes()));
    }

    @ParameterizedTest
    @MethodSource("mysql")
    void mySql_statement_isReadAsTheTableSays(String statement, String changes) {
        assertThat(Shown.of(DebeziumGrammar.ofMySql(CommonTokenStream::new), statement))
                .isEqualTo(changes);
    }

    @ParameterizedTest
    @MethodSource("mariadb")
    void mariaDb_statement_isReadAsTheTableSays(String statement, String changes) {
        assertThat(Shown.of(DebeziumGrammar.ofMariaDb(CommonTokenStream::new), statement))
                .isEqualTo(changes);
    }

    @ParameterizedTest
    @MethodSource("oracle")
    void oracle_statement_isReadAsTheTableSays(String statement, String changes) {
        assertThat(Shown.of(new OracleGrammar(CommonTokenStream::new), statement))
                .isEqualTo(changes);
    }

    @ParameterizedTest
    @MethodSource("h2")
    void h2_statement_isReadAsTheTableSays(String statement, String changes) {
        assertThat(Shown.of(JSqlParserGrammar.of(SqlDialect.H2), statement)).isEqualTo(changes);
    }

    @ParameterizedTest
    @MethodSource("sqlserver")
    void sqlServer_statement_isReadAsTheTableSays(String statement, String changes) {
        assertThat(Shown.of(JSqlParserGrammar.of(SqlDialect.SQLSERVER), statement))
                .isEqualTo(changes);
    }

    @Nested
    class NothingIsLeftOut {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "SET NOCOUNT ON DROP TABLE pets",
                    "PRINT 'x' DELETE FROM pets",
                    "COMMIT TRAN ALTER TABLE pets DROP COLUMN name",
                    "ALTER TABLE pets ADD a int ALTER TABLE owners ADD b int",
                    "ALTER TABLE pets REBUILD DROP TABLE owners",
                    "CREATE SEQUENCE s START WITH 1 DROP TABLE pets",
                    "USE shop DROP TABLE pets",
                    "DROP TABLE pets DELETE FROM owners",
                    "TRUNCATE TABLE pets DROP TABLE owners",
                    "EXEC sp_rename 'pets', ''"
                })
        void sqlServer_secondStatementWithoutAnythingBetween_isNeverPassedOver(String batch) {
            assertThat(Shown.of(JSqlParserGrammar.of(SqlDialect.SQLSERVER), batch))
                    .isEqualTo("syntax");
        }

        @Test
        void mySql_secondStatementWithoutSemicolon_isReadToo() {
            assertThat(Shown.of(DebeziumGrammar.ofMySql(CommonTokenStream::new), "DROP TABLE pets DROP TABLE owners"))
                    .isEqualTo("Drop(table, pets)\nDrop(table, owners)");
        }

        @Test
        void mySql_timeThatIsUp_isTheCallersToSay() {
            Grammar grammar = DebeziumGrammar.ofMySql(source -> {
                throw new IllegalStateException("the time is up");
            });

            assertThatThrownBy(() -> grammar.read("DROP TABLE pets"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the time is up");
        }

        @Test
        void mySql_characterThatTheLexerDoesNotKnow_isNotPassedOver() {
            assertThat(Shown.of(DebeziumGrammar.ofMySql(CommonTokenStream::new), "DROP TABLE pets \u0007"))
                    .isEqualTo("syntax");
        }

        @Test
        void mySql_commentThatTheServerCarriesOut_isRead() {
            assertThat(Shown.of(
                            DebeziumGrammar.ofMySql(CommonTokenStream::new),
                            "ALTER TABLE pets ADD a int /*!80000 , DROP COLUMN b */"))
                    .isEqualTo("AddColumn(pets, ColumnDefinition(a, integer))\nDropColumn(pets, b)");
        }

        @Test
        void mySql_commentForALaterRelease_isPassedOver() {
            assertThat(Shown.of(
                            DebeziumGrammar.ofMySql(CommonTokenStream::new),
                            "ALTER TABLE pets ADD a int /*!99999 , DROP COLUMN b */"))
                    .isEqualTo("AddColumn(pets, ColumnDefinition(a, integer))");
        }

        @Test
        void mariaDb_commentForMySqlAlone_isPassedOver_andForMariaDbRead() {
            Grammar grammar = DebeziumGrammar.ofMariaDb(CommonTokenStream::new);
            assertThat(Shown.of(grammar, "DROP TABLE pets /*!80000 , owners */"))
                    .isEqualTo("Drop(table, pets)");
            assertThat(Shown.of(grammar, "DROP TABLE pets /*M!100500 , owners */"))
                    .isEqualTo("Drop(table, pets)\nDrop(table, owners)");
        }

        @Test
        void mySql_markOfAComment_withinAText_isNone() {
            assertThat(Shown.of(
                            DebeziumGrammar.ofMySql(CommonTokenStream::new),
                            "ALTER TABLE pets ALTER a SET DEFAULT '/*!80000 x */'"))
                    .isEqualTo("SetDefault(pets, a, '/*!80000 x */')");
        }
    }

    @Nested
    class Names {

        @Test
        void h2_quotedName_isKept_andOthersAreCapitals() {
            assertThat(Shown.of(
                            JSqlParserGrammar.of(SqlDialect.H2),
                            "ALTER TABLE \"pets\" RENAME COLUMN \"Name\" TO title"))
                    .isEqualTo("RenameColumn(pets, Name, TITLE)");
        }

        @Test
        void mySql_tablesDifferByCase_columnsDoNot() {
            assertThat(Shown.of(DebeziumGrammar.ofMySql(CommonTokenStream::new), "RENAME TABLE pets TO Pets"))
                    .isEqualTo("Rename(table, pets, Pets)");
            assertThat(Shown.of(
                            DebeziumGrammar.ofMySql(CommonTokenStream::new),
                            "ALTER TABLE Pets RENAME COLUMN Name TO Title"))
                    .isEqualTo("RenameColumn(Pets, name, title)");
        }
    }

    @Nested
    class Fallback {

        @Test
        void postgreSql_tableOfAQuery_isRead() {
            assertThat(Shown.of(
                            JSqlParserGrammar.of(SqlDialect.POSTGRESQL), "CREATE TABLE copy AS SELECT id FROM pets"))
                    .isEqualTo("CreateTable(copy, SELECT id FROM pets)");
        }

        @Test
        void postgreSql_tableOfColumns_isLeftToItsOwnGrammar() {
            assertThat(Shown.of(JSqlParserGrammar.of(SqlDialect.POSTGRESQL), "CREATE TABLE copy (id int)"))
                    .isEqualTo("syntax");
        }

        @Test
        void postgreSql_queryThatCalls_isLeftToItsOwnGrammar() {
            assertThat(Shown.of(JSqlParserGrammar.of(SqlDialect.POSTGRESQL), "SELECT setval('s', 5)"))
                    .isEqualTo("syntax");
        }

        @Test
        void rowsWrittenWithinWith_areNotPassedOver() {
            assertThat(Shown.of(
                            JSqlParserGrammar.of(SqlDialect.POSTGRESQL),
                            "WITH gone AS (DELETE FROM pets RETURNING id) SELECT id FROM gone"))
                    .isEqualTo("syntax");
        }

        @Test
        void unknownWords_areNotUnderstood() {
            for (SqlDialect dialect : SqlDialect.values()) {
                assertThat(Shown.of(JSqlParserGrammar.of(dialect), "frobnicate the pets"))
                        .isEqualTo("syntax");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DebeziumGrammar:ofMySql", "DebeziumGrammar:ofMariaDb", "OracleGrammar:"})
    void missingLibrary_isNamed(String grammar) throws Exception {
        String[] names = grammar.split(":", -1);
        try (URLClassLoader without = withoutDebezium()) {
            Class<?> type = without.loadClass(GrammarsTest.class.getPackageName() + "." + names[0]);
            Object made = names[1].isEmpty() ? made(type) : called(type, names[1]);
            Method read = type.getMethod("read", String.class);
            read.setAccessible(true);

            assertThatThrownBy(() -> read.invoke(made, "DROP TABLE pets"))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .hasMessageContaining("io.debezium:debezium-ddl-parser");
        }
    }

    private static Object made(Class<?> type) throws ReflectiveOperationException {
        var constructor = type.getDeclaredConstructor(Function.class);
        constructor.setAccessible(true);
        return constructor.newInstance(Function.identity());
    }

    private static Object called(Class<?> type, String method) throws ReflectiveOperationException {
        Method factory = type.getDeclaredMethod(method, Function.class);
        factory.setAccessible(true);
        return factory.invoke(null, Function.identity());
    }

    private static URLClassLoader withoutDebezium() {
        URL[] urls = Arrays.stream(System.getProperty("java.class.path").split(System.getProperty("path.separator")))
                .filter(entry -> !entry.contains("debezium"))
                .map(GrammarsTest::url)
                .toArray(URL[]::new);
        return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    private static Stream<Entry> entries(String dialect) {
        List<Entry> entries = new ArrayList<>();
        for (String block : text(dialect + ".txt").split("\n\n")) {
            if (block.isBlank() || block.startsWith("#")) {
                continue;
            }
            String[] parts = block.strip().split("\n    (=>|!=) ");
            entries.add(new Entry(parts[0], lines(parts[1]), parts.length > 2 ? lines(parts[2]) : ""));
        }
        assertThat(entries).hasSizeGreaterThan(20);
        return entries.stream();
    }

    private static String lines(String changes) {
        return changes.replace("\n     + ", "\n");
    }

    private static String text(String name) {
        try (InputStream resource = GrammarsTest.class.getResourceAsStream(name)) {
            assertThat(resource).as(name).isNotNull();
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }
}
