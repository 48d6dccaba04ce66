package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AnnouncementsTest {

    private static final Journal.Event EVENT = Journal.Event.of("planned", Instant.EPOCH, Duration.ZERO, Map.of());

    private static final String LISTENERS =
            "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()";

    private final Semaphore told = new Semaphore(0);

    private boolean isTold() throws InterruptedException {
        return told.tryAcquire(20, TimeUnit.SECONDS);
    }

    @Test
    void watch_anotherInstanceAppends_isTold() throws Exception {
        DataSource source = TestDatabase.POSTGRESQL.empty();
        try (JdbcStore hearing = JdbcStore.over(source).listen().build();
                JdbcStore writing = JdbcStore.over(source).build()) {
            writing.prepare();
            AutoCloseable watch = hearing.watch(told::release);
            hearing.watch(() -> {
                throw new IllegalStateException("a watcher that fails hurts nobody else");
            });
            assertThat(isTold()).as("once it listens").isTrue();
            writing.append("a", 0, 1, EVENT);
            assertThat(isTold()).isTrue();
            assertThat(hearing.read("a")).hasSize(1);

            watch.close();
            writing.append("a", 1, 1, EVENT);
            assertThat(told.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @Test
    void watch_connectionCut_isToldOnceItHearsAgain() throws Exception {
        DataSource source = TestDatabase.POSTGRESQL.empty();
        try (JdbcStore hearing = JdbcStore.over(source).listen().build();
                JdbcStore writing = JdbcStore.over(source).build()) {
            hearing.watch(told::release);
            assertThat(isTold()).isTrue();
            for (int round = 0; round < 3; round++) {
                assertThat(TestDatabase.select(source, "SELECT pg_terminate_backend(pid) " + LISTENERS))
                        .containsExactly("t");
                assertThat(isTold()).as("it may have missed something").isTrue();
            }
            writing.append("a", 0, 1, EVENT);
            assertThat(isTold()).isTrue();
        }
    }

    @Test
    void close_listening_givesTheConnectionBack() throws Exception {
        DataSource source = TestDatabase.POSTGRESQL.empty();
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(2);
        config.setMinimumIdle(0);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            JdbcStore store = JdbcStore.over(pool).listen().build();
            store.watch(told::release);
            assertThat(isTold()).isTrue();
            assertThat(store.append("a", 0, 1, EVENT))
                    .as("beside it, in a pool of two")
                    .isEqualTo(1);
            assertThat(isTold()).isTrue();
            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
            store.close();
            long began = System.nanoTime();
            while (pool.getHikariPoolMXBean().getActiveConnections() > 0 && System.nanoTime() - began < 10e9) {
                LockSupport.parkNanos(5_000_000);
            }
            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
        }
    }

    @Test
    void listenOn_anotherSource_keepsThePoolFree() throws Exception {
        DataSource source = TestDatabase.POSTGRESQL.empty();
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(config);
                JdbcStore store = JdbcStore.over(pool).listenOn(source).build()) {
            store.watch(told::release);
            assertThat(isTold()).isTrue();
            assertThat(store.append("a", 0, 1, EVENT)).isEqualTo(1);
            assertThat(isTold()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
    void watch_databaseThatDoesNotAnnounce_doesNothing(TestDatabase database) throws Exception {
        try (JdbcStore store =
                database.store().tablePrefix(TestDatabase.newPrefix()).listen().build()) {
            AutoCloseable watch = store.watch(told::release);
            assertThat(store.append("a", 0, 1, EVENT)).isEqualTo(1);
            watch.close();
            assertThat(told.tryAcquire()).isFalse();
        }
    }

    @Test
    void watch_notListening_takesNoConnection() throws Exception {
        DataSource source = TestDatabase.POSTGRESQL.empty();
        try (JdbcStore store = JdbcStore.over(source).build()) {
            store.watch(told::release).close();
            store.append("a", 0, 1, EVENT);
            assertThat(TestDatabase.select(source, "SELECT pid " + LISTENERS)).isEmpty();
        }
    }
}
