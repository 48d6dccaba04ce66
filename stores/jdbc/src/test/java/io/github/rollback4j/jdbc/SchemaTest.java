package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTest {

    private static final Journal.Event EVENT =
            Journal.Event.of("planned", Instant.EPOCH, Duration.ZERO, Map.of("key", "value"));

    private static final List<Schema.Step> NEXT = List.of(
            Schema.STEPS.get(0),
            (dialect, tables) -> List.of("ALTER TABLE " + tables.event() + " ADD COLUMN note " + dialect.text(20)));

    @ParameterizedTest
    @EnumSource
    void prepare_tenStoresAtOnce_allAppend(TestDatabase database) throws Exception {
        String prefix = TestDatabase.newPrefix();
        int stores = 10;
        ExecutorService pool = Executors.newFixedThreadPool(stores);
        try (JdbcStore reader = database.store().tablePrefix(prefix).build()) {
            CyclicBarrier together = new CyclicBarrier(stores);
            List<Callable<Long>> bodies = new ArrayList<>();
            for (int number = 0; number < stores; number++) {
                String id = "rollout-" + number;
                bodies.add(() -> {
                    // The file's other stores come in through the door, as other processes do.
                    try (JdbcStore store = database.store()
                            .tablePrefix(prefix)
                            .timeout(Duration.ofSeconds(4))
                            .build()) {
                        together.await();
                        store.prepare();
                        long sequence = store.append(id, 0, 1, EVENT);
                        // Whoever holds the file leaves last: else an answer may be lost, and nobody would know.
                        together.await(30, TimeUnit.SECONDS);
                        return sequence;
                    }
                });
            }
            for (Future<Long> future : pool.invokeAll(bodies)) {
                assertThat(future.get()).isEqualTo(1);
            }
            assertThat(reader.rolloutIds()).hasSize(stores);
        } finally {
            pool.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void prepare_userWithoutRightsAndNoTables_saysWhatToDo(TestDatabase database) throws Exception {
        DataSource admin = database.empty();
        DataSource weak = weakUser(database, admin, List.of());
        try (JdbcStore store = JdbcStore.over(weak).build()) {
            assertThatThrownBy(store::prepare)
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("rollback4j_*")
                    .hasMessageContaining("JdbcStore.ddl");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void prepare_userWithoutRightsButTables_works(TestDatabase database) throws Exception {
        DataSource admin = database.empty();
        String[] script = JdbcStore.ddl(database.dialect()).split(";\n");
        TestDatabase.execute(admin, script);
        DataSource weak = weakUser(
                database,
                admin,
                Stream.of("store", "rollout", "event", "member", "page")
                        .map(name -> "rollback4j_" + name)
                        .toList());
        try (JdbcStore store = JdbcStore.over(weak).build()) {
            store.prepare();
            assertThat(store.append("a", 0, 1, EVENT)).isEqualTo(1);
            assertThat(store.fleet().join("a", "i", "h").number()).isEqualTo(1);
            store.fleet().publish("a", "i", Map.of());
            assertThat(store.fleet().tryLease("a", "i", Duration.ofHours(1))).isNotNull();
            assertThat(store.deleteOld()).isZero();
        }
    }

    /** Returns connections for a user who may read and write these tables, and nothing else. */
    private static DataSource weakUser(TestDatabase database, DataSource admin, List<String> tables) throws Exception {
        String user = "weak" + TestDatabase.newPrefix().replace("_", "");
        List<String> statements = new ArrayList<>();
        switch (database.dialect()) {
            case H2 -> statements.add("CREATE USER " + user + " PASSWORD 'weak'");
            case POSTGRESQL -> {
                statements.add("CREATE USER " + user + " PASSWORD 'weak'");
                statements.add("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
            }
            case MARIADB, MYSQL -> statements.add("CREATE USER " + user + " IDENTIFIED BY 'weak'");
        }
        if (database == TestDatabase.MARIADB && tables.isEmpty()) {
            // Otherwise it cannot even enter the database.
            statements.add("CREATE TABLE anything (id INT)");
            statements.add("GRANT SELECT ON anything TO " + user);
        }
        for (String table : tables) {
            statements.add("GRANT SELECT, INSERT, UPDATE, DELETE ON " + table + " TO " + user);
        }
        TestDatabase.execute(admin, statements.toArray(String[]::new));
        return switch (database) {
            case POSTGRESQL ->
                DatabaseServer.shared(DatabaseServer.Engine.POSTGRESQL)
                        .dataSource(
                                TestDatabase.select(admin, "SELECT current_database()")
                                        .get(0),
                                user,
                                "weak");
            case MARIADB ->
                DatabaseServer.shared(DatabaseServer.Engine.MARIADB)
                        .dataSource(
                                TestDatabase.select(admin, "SELECT database()").get(0), user, "weak");
            default -> {
                JdbcDataSource source = new JdbcDataSource();
                source.setURL(((JdbcDataSource) admin).getURL().replaceFirst(";.*", ""));
                source.setUser(user);
                source.setPassword("weak");
                yield source;
            }
        };
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void prepare_olderTables_areBroughtUpToDateAndStayUsableForTheOlderRelease(TestDatabase database) throws Exception {
        String prefix = TestDatabase.newPrefix();
        try (JdbcStore older = database.store().tablePrefix(prefix).build()) {
            older.append("a", 0, 1, EVENT);
            try (JdbcStore newer =
                    database.store().tablePrefix(prefix).steps(NEXT, 1).build()) {
                assertThat(newer.append("a", 1, 1, EVENT)).isEqualTo(2);
            }
            assertThat(TestDatabase.select(
                            database.dataSource(), "SELECT amount FROM " + prefix + "store WHERE name = 'version'"))
                    .containsExactly("2");
            assertThat(older.append("a", 2, 1, EVENT)).isEqualTo(3);
        }
        try (JdbcStore rolledBackTo = database.store().tablePrefix(prefix).build()) {
            assertThat(rolledBackTo.append("a", 3, 1, EVENT)).isEqualTo(4);
            assertThat(rolledBackTo.read("a")).hasSize(4);
            assertThat(rolledBackTo.fleet().join("a", "i", "h").number()).isEqualTo(1);
        }
        assertThat(TestDatabase.select(
                        database.dataSource(), "SELECT amount FROM " + prefix + "store WHERE name = 'version'"))
                .as("the older release leaves the version alone")
                .containsExactly("2");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void prepare_tablesThatItCannotRead_isRefused(TestDatabase database) throws Exception {
        String prefix = TestDatabase.newPrefix();
        try (JdbcStore newer =
                database.store().tablePrefix(prefix).steps(NEXT, 2).build()) {
            newer.append("a", 0, 1, EVENT);
        }
        try (JdbcStore older = database.store().tablePrefix(prefix).build()) {
            assertThatThrownBy(() -> older.read("a"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessage(
                            "the tables " + prefix
                                    + "* have version 2, which needs a rollback4j that knows version 2 or later; this one knows 1");
            assertThatThrownBy(() -> older.append("a", 1, 1, EVENT)).isInstanceOf(RollbackException.class);
        }
        assertThat(TestDatabase.select(database.dataSource(), "SELECT count(*) FROM " + prefix + "event"))
                .containsExactly("1");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void append_tablesDroppedMeanwhile_comesBack(TestDatabase database) throws Exception {
        String prefix = TestDatabase.newPrefix();
        try (JdbcStore store = database.store().tablePrefix(prefix).build()) {
            store.append("a", 0, 1, EVENT);
            TestDatabase.execute(
                    database.dataSource(),
                    "DROP TABLE " + prefix + "page",
                    "DROP TABLE " + prefix + "member",
                    "DROP TABLE " + prefix + "event",
                    "DROP TABLE " + prefix + "rollout",
                    "DROP TABLE " + prefix + "store");
            assertThatThrownBy(() -> store.read("a")).isInstanceOf(RollbackException.class);
            assertThat(store.read("a")).isEmpty();
            assertThat(store.append("a", 0, 1, EVENT)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"H2_IN_MEMORY", "POSTGRESQL"})
    void tablePrefix_inASchema_isWhereTheTablesAre(TestDatabase database) throws Exception {
        TestDatabase.execute(database.dataSource(), "CREATE SCHEMA ops");
        try (JdbcStore store = database.store().tablePrefix("ops.r_").build()) {
            store.append("a", 0, 1, EVENT);
            store.fleet().join("a", "i", "h");
            store.fleet().publish("a", "i", Map.of("p", Fleet.Content.of(new byte[] {1})));
            store.fleet().publish("a", "i", Map.of("p", Fleet.Content.of(new byte[] {2})));
            assertThat(store.fleet().pages("a", null)).hasSize(1);
            assertThat(TestDatabase.select(database.dataSource(), "SELECT data FROM ops.r_event"))
                    .containsExactly("{\"key\":\"value\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "R_", "r-", "1r", "a.b.c", "r_; --", "ops.", ".r"})
    void tablePrefix_oddNames_isRefused(String prefix) {
        assertThatThrownBy(() ->
                        JdbcStore.over(TestDatabase.H2_IN_MEMORY.dataSource()).tablePrefix(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("table prefix '" + prefix + "' is not allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"REGULAR", "PostgreSQL", "MySQL", "MariaDB", "Oracle", "MSSQLServer", "DB2"})
    void append_h2InAnotherMode_works(String mode) {
        DataSource source =
                TestDatabase.h2("jdbc:h2:mem:mode" + TestDatabase.newPrefix() + ";MODE=" + mode + ";DB_CLOSE_DELAY=-1");
        try (JdbcStore store = JdbcStore.over(source).build()) {
            assertThat(store.append("a", 0, 1, EVENT)).isEqualTo(1);
            assertThat(store.read("a")).containsExactly(new Journal.Entry(1, 1, EVENT));
            store.fleet().join("a", "i", "h");
            store.fleet().publish("a", "i", Map.of("p", Fleet.Content.of(new byte[0])));
            assertThat(store.fleet().pages("a", null)).hasSize(1);
            assertThat(store.fleet().tryLease("a", "i", Duration.ofHours(1))).isNotNull();
        }
    }

    @Test
    void ddl_anyDialect_namesAllTables() {
        for (Dialect dialect : Dialect.values()) {
            assertThat(JdbcStore.ddl(dialect, "ops.x_"))
                    .contains("ops.x_store", "ops.x_rollout", "ops.x_event", "ops.x_member", "ops.x_page")
                    .endsWith(";\n");
        }
        assertThat(JdbcStore.ddl(Dialect.MARIADB)).contains("utf8mb4_nopad_bin").contains("rollback4j_event");
    }
}
