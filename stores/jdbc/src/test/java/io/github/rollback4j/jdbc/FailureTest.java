package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** What becomes of a caller where the database does not do as it should. */
class FailureTest {

    private static final String SECRET = "hunter2";
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private static Journal.Event event(String type) {
        return Journal.Event.of(type, NOON, Duration.ZERO, Map.of());
    }

    // ---- No connection.

    @Test
    @Tag("R-10")
    void append_noConnection_saysSoWithoutUrlOrPassword() {
        String url = "jdbc:postgresql://app:" + SECRET + "@db.internal/prod?password=" + SECRET;
        List<DataSource> sources = List.of(
                source(() -> {
                    throw new SQLException("No suitable driver found for " + url, "08001");
                }),
                source(() -> {
                    throw new IllegalStateException("Failed to initialize pool: " + url);
                }));
        for (DataSource source : sources) {
            try (JdbcStore store = JdbcStore.over(source).build()) {
                assertThatThrownBy(() -> store.append("a", 0, 1, event("planned")))
                        .isInstanceOf(RollbackException.class)
                        .hasMessageStartingWith("could not append planned to rollout a: ")
                        .satisfies(FailureTest::tellsNoSecret);
                assertThatThrownBy(() -> store.fleet().members("a")).satisfies(FailureTest::tellsNoSecret);
                assertThat(store.toString()).isEqualTo("JdbcStore(rollback4j_*)");
            }
        }
    }

    private static void tellsNoSecret(Throwable thrown) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            assertThat(String.valueOf(each)).doesNotContain(SECRET, "db.internal");
        }
    }

    @Test
    @Tag("R-10")
    void append_serverSaysASecret_isMasked() {
        DataSource source = failing(new SQLException(
                "cannot reach jdbc:x://app:" + SECRET + "@db.internal, db_password=" + SECRET + " is wrong", "58000"));
        try (JdbcStore store = JdbcStore.over(source).build()) {
            store.prepare();
            assertThatThrownBy(() -> store.append("a", 0, 1, event("planned")))
                    .hasMessage("could not append planned to rollout a: cannot reach *** *** is wrong: "
                            + "SQLException, SQLState 58000, vendor code 0")
                    .satisfies(FailureTest::tellsNoSecret);
        }
    }

    @Test
    void append_wrongPassword_saysWhatKindOfFailure() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://127.0.0.1:1/none");
        source.setPassword(SECRET);
        try (JdbcStore store = JdbcStore.over(source).build()) {
            assertThatThrownBy(() -> store.read("a"))
                    .hasMessage("could not read rollout a: the database gives no connection: PSQLException, "
                            + "SQLState 08001, vendor code 0, from ConnectException");
            assertThat(store.isDurable()).isTrue();
        }
    }

    @Test
    void append_otherDatabase_isRefusedByName() {
        DataSource source = source(() -> proxy(Connection.class, call -> switch (call) {
            case "getMetaData" ->
                proxy(DatabaseMetaData.class, name -> name.equals("getDatabaseProductName") ? "Oracle" : "23");
            case "getAutoCommit" -> true;
            case "getNetworkTimeout" -> 0;
            default -> null;
        }));
        try (JdbcStore store = JdbcStore.over(source).build()) {
            assertThatThrownBy(store::prepare)
                    .isInstanceOf(RollbackException.class)
                    .hasMessage(
                            "the database product 'Oracle' is not supported: H2, PostgreSQL, MariaDB and MySQL are");
        }
    }

    // ---- No answer.

    @Test
    void append_serverThatNeverAnswers_failsInTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl("jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/none");
            try (JdbcStore store = JdbcStore.over(source)
                    .timeout(Duration.ofMillis(300))
                    .connections(1)
                    .build()) {
                assertThatThrownBy(() -> store.append("a", 0, 1, event("planned")))
                        .isInstanceOf(RollbackException.class)
                        .hasMessage("could not append planned to rollout a within PT0.3S: the database is late");
                assertThatThrownBy(() -> store.read("a"))
                        .as("behind one that still hangs")
                        .hasMessageEndingWith("the database is late");
            }
        }
    }

    @Test
    void append_poolIsExhausted_failsInTimeAndWorksAgain() throws Exception {
        try (HikariDataSource pool = pool(TestDatabase.POSTGRESQL.dataSource(), 1);
                JdbcStore store = JdbcStore.over(pool)
                        .tablePrefix(TestDatabase.newPrefix())
                        .timeout(Duration.ofSeconds(4))
                        .build()) {
            store.prepare();
            try (Connection host = pool.getConnection();
                    JdbcStore hasty =
                            JdbcStore.over(pool).timeout(Duration.ofMillis(300)).build()) {
                assertThat(host.isValid(1)).isTrue();
                assertThatThrownBy(() -> hasty.read("a")).hasMessageEndingWith("the database is late");
            }
            assertThat(store.append("a", 0, 1, event("planned"))).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void append_rowsLockedByOthers_failsInTimeAndWritesNothing(TestDatabase database) throws Exception {
        String prefix = TestDatabase.newPrefix();
        try (JdbcStore store = database.store()
                        .tablePrefix(prefix)
                        .timeout(Duration.ofMillis(500))
                        .build();
                Connection other = database.dataSource().getConnection()) {
            retry(() -> store.append("a", 0, 1, event("planned")));
            other.setAutoCommit(false);
            other.createStatement().execute("UPDATE " + prefix + "rollout SET last_sequence = 1");
            assertThatThrownBy(() -> store.append("a", 1, 1, event("started")))
                    .isInstanceOf(RollbackException.class)
                    .isNotInstanceOf(Journal.ConflictException.class);
            other.rollback();
            retry(() -> store.append("a", store.read("a").size(), 1, event("exposed")));
            assertThat(store.read("a"))
                    .as("what was given up is not written afterwards")
                    .extracting(entry -> entry.event().type())
                    .containsExactly("planned", "exposed");
        }
    }

    private interface Attempt {
        Object run() throws Exception;
    }

    /** Tries again what a busy machine does not do in the short time that the test gives it. */
    private static void retry(Attempt attempt) throws Exception {
        for (int tries = 1; ; tries++) {
            try {
                attempt.run();
                return;
            } catch (RollbackException late) {
                if (tries == 20) {
                    throw late;
                }
            }
        }
    }

    // ---- A pool of one.

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void poolOfOne_manyThreads_allGetThrough(TestDatabase database) throws Exception {
        try (HikariDataSource pool = pool(database.dataSource(), 1);
                JdbcStore store = JdbcStore.over(pool)
                        .tablePrefix(TestDatabase.newPrefix())
                        .timeout(Duration.ofSeconds(4))
                        .build()) {
            store.prepare();
            ExecutorService threads = Executors.newFixedThreadPool(6);
            try {
                List<Future<Long>> results = new ArrayList<>();
                for (int number = 0; number < 12; number++) {
                    String id = "r" + number;
                    results.add(threads.submit(() -> {
                        store.fleet().join(id, "i", "h");
                        store.fleet().publish(id, "i", Map.of("p", Fleet.Content.of(new byte[100])));
                        Fleet.Lease lease = store.fleet().tryLease(id, "i", Duration.ofHours(1));
                        return store.append(id, 0, lease.token(), event("planned"));
                    }));
                }
                for (Future<Long> result : results) {
                    assertThat(result.get()).isEqualTo(1);
                }
            } finally {
                threads.shutdownNow();
            }
            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void connection_givenBack_isAsItWas(TestDatabase database) throws Exception {
        List<Boolean> commits = new ArrayList<>();
        for (boolean auto : List.of(true, false)) {
            try (Connection only = database.dataSource().getConnection();
                    JdbcStore store = JdbcStore.over(source(() -> unclosed(only)))
                            .tablePrefix(TestDatabase.newPrefix())
                            .connections(1)
                            .build()) {
                only.setAutoCommit(auto);
                only.setNetworkTimeout(Runnable::run, 77_000);
                int network = only.getNetworkTimeout();
                store.append("a", 0, 1, event("planned"));
                store.fleet().join("a", "i", "h");
                assertThat(store.read("a")).hasSize(1);
                assertThatThrownBy(() -> store.append("a", 7, 1, event("planned")))
                        .isInstanceOf(Journal.ConflictException.class);
                commits.add(only.getAutoCommit());
                assertThat(only.getNetworkTimeout()).isEqualTo(network);
                if (!auto) {
                    only.rollback();
                }
            }
        }
        assertThat(commits).containsExactly(true, false);
    }

    private static Connection unclosed(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                FailureTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    try {
                        return method.getName().equals("close") ? null : method.invoke(connection, arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
    }

    // ---- Connections that are cut, and databases that only read.

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void append_connectionsCutAllTheTime_nothingIsLostOrDoubled(TestDatabase database) throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        DataSource own = database.empty();
        try (HikariDataSource pool = pool(own, 3);
                JdbcStore store = JdbcStore.over(pool).build()) {
            store.prepare();
            ExecutorService cutter = Executors.newSingleThreadExecutor();
            try {
                Future<Integer> cuts = cutter.submit(() -> cut(database, own, isOver));
                StoreProcess.append(store, "r", "w", 150, line -> {});
                isOver.set(true);
                assertThat(cuts.get()).isPositive();
            } finally {
                isOver.set(true);
                cutter.shutdownNow();
            }
            List<Journal.Entry> entries;
            try (JdbcStore fresh = JdbcStore.over(own).build()) {
                // The pool may have three connections that were cut last.
                entries = fresh.read("r");
            }
            assertThat(entries)
                    .extracting(entry -> entry.event().data().get("name"))
                    .containsExactlyElementsOf(LongStream.range(0, 150)
                            .mapToObj(number -> "w-" + number)
                            .toList());
            assertThat(entries)
                    .extracting(Journal.Entry::sequence)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 150).boxed().toList());
        }
    }

    private static int cut(TestDatabase database, DataSource source, AtomicBoolean isOver) throws SQLException {
        int cuts = 0;
        while (!isOver.get()) {
            if (database == TestDatabase.POSTGRESQL) {
                cuts += TestDatabase.select(
                                source,
                                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                        + "WHERE datname = current_database() AND pid <> pg_backend_pid()")
                        .size();
            } else {
                for (String id : TestDatabase.select(
                        source,
                        "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()")) {
                    try {
                        TestDatabase.execute(source, "KILL CONNECTION " + id);
                        cuts++;
                    } catch (SQLException goneAlready) {
                        // Another will do.
                    }
                }
            }
            LockSupport.parkNanos(20_000_000);
        }
        return cuts;
    }

    @Test
    void append_databaseThatOnlyReads_isRefusedAndWorksAgain() throws Exception {
        DataSource source = TestDatabase.POSTGRESQL.empty();
        String name = TestDatabase.select(source, "SELECT current_database()").get(0);
        try (JdbcStore store = JdbcStore.over(source).build()) {
            store.append("a", 0, 1, event("planned"));
            TestDatabase.execute(source, "ALTER DATABASE " + name + " SET default_transaction_read_only = on");
            assertThatThrownBy(() -> store.append("a", 1, 1, event("started")))
                    .isInstanceOf(RollbackException.class)
                    .isNotInstanceOf(Journal.ConflictException.class)
                    .hasMessageContaining("read-only")
                    .hasMessageContaining("SQLState 25006");
            assertThat(store.read("a")).hasSize(1);
            TestDatabase.execute(
                    source,
                    "SET default_transaction_read_only = off",
                    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
                    "ALTER DATABASE " + name + " SET default_transaction_read_only = off");
            assertThat(store.append("a", 1, 1, event("started"))).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void append_answerToTheCommitLost_isSaidToBeUnknownAndNotRepeated(TestDatabase database) throws Exception {
        AtomicInteger commits = new AtomicInteger();
        AtomicBoolean isCut = new AtomicBoolean();
        String prefix = TestDatabase.newPrefix();
        DataSource source = losingAnswersToCommits(database, () -> {
            if (isCut.get()) {
                commits.incrementAndGet();
            }
            return isCut.get();
        });
        try (JdbcStore store = JdbcStore.over(source).tablePrefix(prefix).build()) {
            store.append("a", 0, 1, event("planned"));
            isCut.set(true);
            assertThatThrownBy(() -> store.append("a", 1, 1, event("started")))
                    .isInstanceOf(RollbackException.class)
                    .isNotInstanceOf(Journal.ConflictException.class)
                    .hasMessageStartingWith("it is not known whether")
                    .satisfies(FailureTest::tellsNoSecret);
            assertThat(commits).hasValue(1);
            isCut.set(false);
            assertThat(store.read("a")).hasSize(2);
        }
    }

    /** That a rollout is begun twice harms nobody: only what follows is in doubt. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FILE")
    void append_firstOfARollout_answerToItsBeginLost_isRepeated(TestDatabase database) throws Exception {
        String prefix = TestDatabase.newPrefix();
        AtomicInteger commits = new AtomicInteger();
        AtomicInteger lost = new AtomicInteger(Integer.MAX_VALUE);
        DataSource source = losingAnswersToCommits(database, () -> commits.incrementAndGet() == lost.get());
        try (JdbcStore store = JdbcStore.over(source).tablePrefix(prefix).build()) {
            store.prepare();
            // Before it there is the commit of the append that finds no rollout.
            lost.set(commits.get() + 2);
            assertThat(store.append("a", 0, 1, event("planned"))).isEqualTo(1);
            assertThat(commits.get()).isGreaterThan(lost.get());
            assertThat(store.read("a")).hasSize(1);
        }
    }

    private static DataSource losingAnswersToCommits(TestDatabase database, BooleanSupplier isLost) {
        return source(() -> {
            Connection connection = database.dataSource().getConnection();
            return (Connection) Proxy.newProxyInstance(
                    FailureTest.class.getClassLoader(),
                    new Class<?>[] {Connection.class},
                    (proxy, method, arguments) -> {
                        try {
                            Object result = method.invoke(connection, arguments);
                            if (method.getName().equals("commit") && isLost.getAsBoolean()) {
                                throw new SQLException("I/O error " + SECRET, "08006");
                            }
                            return result;
                        } catch (InvocationTargetException failed) {
                            throw failed.getCause();
                        }
                    });
        });
    }

    // ---- Interrupts.

    @ParameterizedTest
    @EnumSource
    void append_callersInterruptedAllTheTime_storeStaysWhole(TestDatabase database) throws Exception {
        try (JdbcStore store =
                database.store().tablePrefix(TestDatabase.newPrefix()).build()) {
            store.prepare();
            Thread[] writers = new Thread[2];
            AtomicInteger flagged = new AtomicInteger();
            AtomicInteger taken = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(writers.length);
            for (int number = 0; number < writers.length; number++) {
                writers[number] = new Thread(() -> {
                    for (int tries = 0; tries < 200 && taken.get() < 40; tries++) {
                        try {
                            store.append("r", store.read("r").size(), 1, StoreProcess.event("e"));
                            taken.incrementAndGet();
                        } catch (RollbackException failed) {
                            if (Thread.interrupted()) {
                                flagged.incrementAndGet();
                            }
                        }
                    }
                    done.countDown();
                });
                writers[number].start();
            }
            while (done.getCount() > 0) {
                for (Thread writer : writers) {
                    writer.interrupt();
                }
                LockSupport.parkNanos(3_000_000);
            }
            assertThat(flagged)
                    .as("callers that were told, their flag still set")
                    .hasPositiveValue();
            List<Journal.Entry> entries = store.read("r");
            assertThat(entries)
                    .extracting(Journal.Entry::sequence)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, entries.size()).boxed().toList());
            assertThat(entries).hasSizeGreaterThanOrEqualTo(taken.get());
            assertThat(store.append("r", entries.size(), 1, StoreProcess.event("e")))
                    .isEqualTo(entries.size() + 1);
        }
    }

    @Test
    @Tag("R-6")
    void append_callerInterruptedOverTheHostsH2_hostsDatabaseStaysOpen(@TempDir Path folder) throws Exception {
        DataSource host = TestDatabase.h2("jdbc:h2:file:" + folder.resolve("host"));
        try (Connection hosts = host.getConnection();
                JdbcStore store = JdbcStore.over(host).build()) {
            hosts.createStatement().execute("CREATE TABLE orders (id INT)");
            store.prepare();
            for (int round = 0; round < 50; round++) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> store.append("r", 0, 1, event("planned")))
                        .isInstanceOf(RollbackException.class)
                        .hasMessage("could not append planned to rollout r: interrupted");
                assertThat(Thread.interrupted()).isTrue();
            }
            hosts.createStatement().execute("INSERT INTO orders VALUES (1)");
        }
    }

    // ---- The end.

    @ParameterizedTest
    @EnumSource
    void close_thenAppend_isRefused(TestDatabase database) {
        JdbcStore store = database.store().tablePrefix(TestDatabase.newPrefix()).build();
        store.append("a", 0, 1, event("planned"));
        store.close();
        store.close();
        assertThatThrownBy(() -> store.append("a", 1, 1, event("started")))
                .isInstanceOf(RollbackException.class)
                .hasMessage("could not append started to rollout a: the store is closed");
    }

    @Test
    void append_whatNoDatabaseKeeps_isRefused() {
        try (JdbcStore store = TestDatabase.H2_IN_MEMORY.store().build()) {
            for (String odd : List.of("a\0b", "a\ud83d", "\udd04", "x".repeat(513))) {
                assertThatThrownBy(() -> store.append(odd, 0, 1, event("planned")))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("rollout id '");
            }
            assertThatThrownBy(() -> store.append("a", 0, 1, event("x".repeat(201))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("event type '");
            Journal.Event large = Journal.Event.of("planned", NOON, Duration.ZERO, Map.of("a", "x".repeat(4_000_000)));
            assertThatThrownBy(() -> store.append("a", 0, 1, large))
                    .hasMessage("event planned of rollout a has 4000001 characters of data: up to 4000000 are allowed");
        }
    }

    @Test
    void builder_badValues_areRefused() {
        JdbcStore.Builder builder = TestDatabase.H2_IN_MEMORY.store();
        assertThatThrownBy(() -> builder.timeout(Duration.ofSeconds(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timeout PT5S is not allowed: from 100 milliseconds to 4 seconds are");
        assertThatThrownBy(() -> builder.connections(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("connections 0 are not allowed: from 1 to 100 are");
        assertThatThrownBy(() -> JdbcStore.inFile(Path.of("a;INIT=RUNSCRIPT")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isDurable_inMemoryAlone_isNot() {
        try (JdbcStore memory = TestDatabase.H2_IN_MEMORY
                        .store()
                        .tablePrefix(TestDatabase.newPrefix())
                        .build();
                JdbcStore file = TestDatabase.FILE
                        .store()
                        .tablePrefix(TestDatabase.newPrefix())
                        .build()) {
            assertThat(memory.isDurable()).isFalse();
            assertThat(file.isDurable()).isTrue();
        }
    }

    // ---- Data sources.

    private static HikariDataSource pool(DataSource source, int size) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(size);
        return new HikariDataSource(config);
    }

    private interface Opening {
        Connection open() throws SQLException;
    }

    private static DataSource source(Opening opening) {
        return (DataSource) Proxy.newProxyInstance(
                FailureTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> opening.open());
    }

    /** Returns connections to H2 on which each statement that changes something fails, once the tables are there. */
    private static DataSource failing(SQLException failure) {
        DataSource memory = TestDatabase.H2_IN_MEMORY.empty();
        return source(() -> {
            Connection connection = memory.getConnection();
            return (Connection) Proxy.newProxyInstance(
                    FailureTest.class.getClassLoader(),
                    new Class<?>[] {Connection.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("prepareStatement")
                                && String.valueOf(arguments[0]).startsWith("UPDATE rollback4j_rollout")) {
                            throw failure;
                        }
                        try {
                            return method.invoke(connection, arguments);
                        } catch (InvocationTargetException failed) {
                            throw failed.getCause();
                        }
                    });
        });
    }

    private static <T> T proxy(Class<T> type, Function<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                FailureTest.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answers.apply(method.getName())));
    }
}
