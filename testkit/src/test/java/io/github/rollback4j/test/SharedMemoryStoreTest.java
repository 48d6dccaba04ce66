package io.github.rollback4j.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SharedMemoryStoreTest {

    private static final Journal.Event EVENT =
            Journal.Event.of("planned", Instant.EPOCH, Duration.ZERO, Map.of("key", "value"));

    @Nested
    class AsJournal extends JournalContract {
        @Override
        protected Journal emptyJournal() {
            return SharedMemoryStore.create();
        }
    }

    @Nested
    class AsFleet extends FleetContract {
        private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000);

        @Override
        protected Journal emptyStore() {
            return SharedMemoryStore.create(nanos::get);
        }

        @Override
        protected void pass(Duration time) {
            nanos.addAndGet(time.toNanos());
        }

        @Override
        protected Duration aWhile() {
            return Duration.ofMinutes(10);
        }
    }

    @Test
    void connect_twice_shareAll() {
        SharedMemoryStore store = SharedMemoryStore.create();
        Journal one = store.connect();
        Journal other = store.connect();
        one.append("a", 0, 1, EVENT);
        assertThat(other.read("a")).isEqualTo(one.read("a")).hasSize(1);
        assertThat(store.rolloutIds()).containsExactly("a");
    }

    @Test
    void cut_oneConnection_failsUntilItIsMended() {
        SharedMemoryStore store = SharedMemoryStore.create();
        SharedMemoryStore.Connection one = store.connect();
        SharedMemoryStore.Connection other = store.connect();
        AtomicInteger told = new AtomicInteger();
        one.watch(told::incrementAndGet);
        one.cut();

        assertThatThrownBy(() -> one.append("a", 0, 1, EVENT)).isInstanceOf(RollbackException.class);
        assertThatThrownBy(() -> one.read("a")).isInstanceOf(RollbackException.class);
        assertThatThrownBy(() -> one.readAfter("a", 0)).isInstanceOf(RollbackException.class);
        assertThatThrownBy(one::rolloutIds).isInstanceOf(RollbackException.class);
        assertThatThrownBy(() -> one.fleet().members("a")).isInstanceOf(RollbackException.class);
        other.append("a", 0, 1, EVENT);
        assertThat(told).hasValue(0);

        one.mend();
        assertThat(one.read("a")).hasSize(1);
        one.append("a", 1, 1, EVENT);
        assertThat(told).hasValue(1);
    }

    @Test
    void watch_anyAppend_isToldUntilUnregistered() throws Exception {
        SharedMemoryStore store = SharedMemoryStore.create();
        AtomicInteger seen = new AtomicInteger();
        AutoCloseable watch = store.watch(() -> seen.set(store.read("a").size()));
        store.connect().append("a", 0, 1, EVENT);
        assertThat(seen).hasValue(1);
        watch.close();
        store.append("a", 1, 1, EVENT);
        assertThat(seen).hasValue(1);
    }
}
