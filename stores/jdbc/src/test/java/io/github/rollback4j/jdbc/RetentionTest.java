package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetentionTest {

    private static final Duration AGE = Duration.ofDays(30);

    private final String prefix = TestDatabase.newPrefix();
    private final AtomicLong nanos = new AtomicLong();
    private JdbcStore store;

    private JdbcStore open(TestDatabase database) {
        store = database.store()
                .tablePrefix(prefix)
                .retention(AGE)
                .ticker(nanos::get)
                .build();
        store.prepare();
        return store;
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void append(String id, String... types) {
        for (String type : types) {
            store.append(
                    id,
                    store.read(id).size(),
                    1,
                    Journal.Event.of(type, Instant.EPOCH, Duration.ZERO, Map.of("state", "ROLLED_BACK")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void deleteOld_afterTheAge_deletesWhatIsFinished(TestDatabase database) throws Exception {
        open(database);
        append("rolled back:1..2#1", "planned", "started", "rolled-back");
        append("promoted:1..2#1", "planned", "promoted", "window-closed", "closed");
        append(
                "beside:1..2#1",
                "planned",
                "rolled-back",
                "evidence-kept",
                "counted",
                "notified",
                "approved",
                "closed",
                "continued",
                "led",
                "closed");
        append("running:1..2#1", "planned", "started", "closed");
        append("in its window:1..2#1", "planned", "promoted");
        append("for people:1..2#1", "planned", "needs-human");
        append("goes on:1..2#1", "planned", "rolled-back", "exposed");
        append("from the future:1..2#1", "planned", "rolled-back", "teleported");
        store.fleet().join("joined:1..2#1", "i", "h");

        database.pass(prefix, AGE.minusHours(1));
        assertThat(store.deleteOld()).isZero();
        append("promoted again:1..2#1", "planned", "promoted", "window-closed");
        database.pass(prefix, Duration.ofHours(2));
        assertThat(store.deleteOld()).isEqualTo(3);
        assertThat(store.deleteOld()).isZero();
        assertThat(store.rolloutIds())
                .containsExactly(
                        "running:1..2#1",
                        "in its window:1..2#1",
                        "for people:1..2#1",
                        "goes on:1..2#1",
                        "from the future:1..2#1",
                        "promoted again:1..2#1");
        assertThat(store.fleet().members("joined:1..2#1")).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void deleteOld_severalAttempts_leavesNoneBeforeOneThatStays(TestDatabase database) throws Exception {
        open(database);
        append("both old:1..2#1", "planned", "rolled-back");
        append("both old:1..2#2", "planned", "rolled-back");
        append("last runs:1..2#1", "planned", "rolled-back");
        append("last runs:1..2#2", "planned", "started");
        database.pass(prefix, AGE);
        assertThat(store.deleteOld()).isEqualTo(2);
        assertThat(store.rolloutIds())
                .as("whoever counts up from the first still finds the one that runs")
                .containsExactly("last runs:1..2#1", "last runs:1..2#2");
    }

    @ParameterizedTest
    @EnumSource
    void deleteOld_deletedRollout_tokensStillGrow(TestDatabase database) throws Exception {
        open(database);
        Fleet fleet = store.fleet();
        long token = Objects.requireNonNull(fleet.tryLease("a", "i", Duration.ofHours(1)))
                .token();
        store.append("a", 0, token + 40, Journal.Event.of("window-closed", Instant.EPOCH, Duration.ZERO, Map.of()));
        fleet.join("a", "i", "h");
        database.pass(prefix, AGE);
        assertThat(store.deleteOld()).isEqualTo(1);
        assertThat(store.read("a")).isEmpty();
        assertThat(fleet.members("a")).isEmpty();
        assertThat(Objects.requireNonNull(fleet.tryLease("a", "i", Duration.ofHours(1)))
                        .token())
                .isGreaterThan(token + 40);
        assertThat(store.append(
                        "a", 0, token + 100, Journal.Event.of("planned", Instant.EPOCH, Duration.ZERO, Map.of())))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void deleteOld_aDayAfterTheEnd_deletesThePagesAlone(TestDatabase database) throws Exception {
        open(database);
        for (String id : List.of("finished", "running")) {
            store.fleet().join(id, "i", "h");
            store.fleet().publish(id, "i", Map.of("p", Fleet.Content.of(new byte[] {1})));
        }
        append("finished", "planned", "rolled-back");
        append("running", "planned", "started");
        database.pass(prefix, Duration.ofHours(23));
        store.deleteOld();
        assertThat(store.fleet().pages("finished", null)).hasSize(1);
        database.pass(prefix, Duration.ofHours(1));
        store.deleteOld();
        assertThat(store.fleet().pages("finished", null)).isEmpty();
        assertThat(store.fleet().pages("running", null)).hasSize(1);
        assertThat(store.fleet().members("finished")).hasSize(1);
        assertThat(store.read("finished")).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"H2_IN_MEMORY", "POSTGRESQL", "MARIADB"})
    void append_nowAndThen_deletesWithoutBeingAsked(TestDatabase database) throws Exception {
        open(database);
        append("old", "planned", "rolled-back");
        append("new", "planned");
        database.pass(prefix, AGE);
        append("new", "started");
        assertThat(store.rolloutIds()).as("not while a service starts").containsExactly("old", "new");

        nanos.addAndGet(Duration.ofMinutes(10).toNanos());
        append("new", "exposed");
        long began = System.nanoTime();
        while (store.rolloutIds().size() > 1 && System.nanoTime() - began < 10_000_000_000L) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(store.rolloutIds()).containsExactly("new");
    }

    @Test
    void retention_outOfRange_isRefused() {
        open(TestDatabase.H2_IN_MEMORY);
        assertThatThrownBy(() -> TestDatabase.H2_IN_MEMORY.store().retention(Duration.ofHours(23)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("retention PT23H is not allowed: from 1 to 36,500 days are");
    }
}
