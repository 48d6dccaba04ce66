package io.github.rollback4j.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link Journal} must do. Extend it and give it an empty journal. */
public abstract class JournalContract {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    /** Creates the contract. */
    protected JournalContract() {}

    /** Returns a journal without events, new for each test. */
    protected abstract Journal emptyJournal() throws Exception;

    private static Journal.Event event(String type) {
        return Journal.Event.of(type, NOON, Duration.ofSeconds(1), Map.of("key", "value of " + type));
    }

    @Test
    void read_unknownRollout_isEmpty() throws Exception {
        assertThat(emptyJournal().read("nobody")).isEmpty();
        assertThat(emptyJournal().rolloutIds()).isEmpty();
    }

    @Test
    void append_inOrder_isReadBackInOrder() throws Exception {
        Journal journal = emptyJournal();
        assertThat(journal.append("a", 0, 1, event("planned"))).isEqualTo(1);
        assertThat(journal.append("a", 1, 1, event("started"))).isEqualTo(2);
        assertThat(journal.append("b", 0, 1, event("planned"))).isEqualTo(1);

        assertThat(journal.read("a"))
                .containsExactly(new Journal.Entry(1, 1, event("planned")), new Journal.Entry(2, 1, event("started")));
        assertThat(journal.rolloutIds()).containsExactly("a", "b");
    }

    @Test
    void append_unexpectedSequence_isRefusedAndNothingIsWritten() throws Exception {
        Journal journal = emptyJournal();
        journal.append("a", 0, 1, event("planned"));

        assertThatThrownBy(() -> journal.append("a", 0, 1, event("started")))
                .isInstanceOf(Journal.ConflictException.class);
        assertThatThrownBy(() -> journal.append("a", 2, 1, event("started")))
                .isInstanceOf(Journal.ConflictException.class);
        assertThat(journal.read("a")).hasSize(1);
    }

    @Test
    void append_outdatedToken_isRefusedAndNothingIsWritten() throws Exception {
        Journal journal = emptyJournal();
        journal.append("a", 0, 2, event("planned"));

        assertThatThrownBy(() -> journal.append("a", 1, 1, event("started")))
                .isInstanceOf(Journal.ConflictException.class);
        assertThat(journal.append("a", 1, 3, event("started"))).isEqualTo(2);
    }

    @Test
    void append_unknownTypeAndVersion_isKept() throws Exception {
        Journal journal = emptyJournal();
        Journal.Event fromTheFuture = new Journal.Event(
                "teleported",
                7,
                NOON,
                Duration.ofNanos(123_456_789_012L),
                new TreeMap<>(Map.of("where", "ünïcode\n\"'")));
        journal.append("a", 0, 1, fromTheFuture);

        assertThat(journal.read("a").get(0).event()).isEqualTo(fromTheFuture);
    }

    @Test
    void append_manyWritersAtOnce_exactlyOneWinsEachPlace() throws Exception {
        Journal journal = emptyJournal();
        int writers = 8;
        int events = 25;
        ExecutorService pool = Executors.newFixedThreadPool(writers);
        try {
            List<Callable<Integer>> bodies = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                String name = "writer-" + writer;
                bodies.add(() -> {
                    int won = 0;
                    while (true) {
                        long last = journal.read("a").size();
                        if (last >= events) {
                            return won;
                        }
                        try {
                            journal.append("a", last, 1, event(name));
                            won++;
                        } catch (Journal.ConflictException somebodyElseWon) {
                            // Read again.
                        }
                    }
                });
            }
            int won = 0;
            for (Future<Integer> future : pool.invokeAll(bodies)) {
                won += future.get();
            }
            assertThat(journal.read("a")).hasSize(won);
            assertThat(journal.read("a"))
                    .extracting(Journal.Entry::sequence)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, won).boxed().toList());
        } finally {
            pool.shutdownNow();
        }
    }
}
