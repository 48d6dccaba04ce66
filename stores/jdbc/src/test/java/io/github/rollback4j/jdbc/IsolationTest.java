package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever isolation the data source's connections have, races end well. */
class IsolationTest {

    private static final int THREADS = 4;

    static Stream<Arguments> databasesAndLevels() {
        return Stream.of(TestDatabase.H2_IN_MEMORY, TestDatabase.POSTGRESQL, TestDatabase.MARIADB)
                .flatMap(database -> Stream.of(
                                Connection.TRANSACTION_READ_COMMITTED,
                                Connection.TRANSACTION_REPEATABLE_READ,
                                Connection.TRANSACTION_SERIALIZABLE)
                        .map(level -> Arguments.of(database, level)));
    }

    private static DataSource at(int level, DataSource source) {
        return (DataSource) Proxy.newProxyInstance(
                IsolationTest.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(source, arguments);
                        if (result instanceof Connection connection) {
                            connection.setTransactionIsolation(level);
                        }
                        return result;
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("databasesAndLevels")
    void races_anyIsolation_haveOneWinnerEach(TestDatabase database, int level) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try (JdbcStore store = JdbcStore.over(at(level, database.dataSource()))
                .tablePrefix(TestDatabase.newPrefix())
                .timeout(Duration.ofSeconds(4))
                .build()) {
            store.prepare();
            List<Future<Won>> racers = new ArrayList<>();
            for (int racer = 0; racer < THREADS; racer++) {
                String name = "racer-" + racer;
                racers.add(pool.submit(() -> race(store, name)));
            }
            int won = 0;
            int leases = 0;
            for (Future<Won> racer : racers) {
                won += racer.get().events;
                leases += racer.get().leases;
            }
            assertThat(leases).as("each of five leases went to one racer").isEqualTo(5);
            List<Journal.Entry> entries = store.read("r");
            assertThat(entries).hasSize(won);
            assertThat(entries)
                    .extracting(Journal.Entry::sequence)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, won).boxed().toList());
            assertThat(store.fleet().members("r"))
                    .extracting(Fleet.Member::number)
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, THREADS * 5).boxed().toList());
        } finally {
            pool.shutdownNow();
        }
    }

    private record Won(int events, int leases) {}

    private static Won race(JdbcStore store, String name) {
        int won = 0;
        int leases = 0;
        for (int round = 0; round < 10; round++) {
            try {
                store.append(
                        "r",
                        store.read("r").size(),
                        1,
                        Journal.Event.of("exposed", Instant.EPOCH, Duration.ZERO, Map.of("by", name)));
                won++;
            } catch (Journal.ConflictException anotherWon) {
                // The next round.
            }
            if (round % 2 == 0) {
                store.fleet().join("r", name + "-" + round, "host");
                store.fleet().publish("r", name + "-" + round, Map.of("p", Fleet.Content.of(new byte[] {(byte) round
                })));
                leases += store.fleet().tryLease("lease " + round / 2, name, Duration.ofHours(1)) == null ? 0 : 1;
            }
        }
        return new Won(won, leases);
    }
}
