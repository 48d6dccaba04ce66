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

/**
 * What every {@link Journal} must do. Extend it and give it an empty journal. One whose {@link Journal#fleet} is not null also
 * passes {@link FleetContract}.
 */
public abstract class JournalContract {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    /** Creates the contract. */
    protected JournalContract() {}

    /** Returns a journal without events, new for each test. */
    protected abstract Journal emptyJournal() throws Exception;

    private static Journal.Event event(String type) {
        return Journal.Event.of(type, NOON, Duration.ofSeconds(1), Map.of("key", "value of " + type));
    }

    private static Journal.Event planned(String id) {
        return Journal.Event.of("planned", NOON, Duration.ofSeconds(1), Map.of("id", id));
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
    void append_highestTokenAgain_isTakenAndLowerOnesAreNot() throws Exception {
        Journal journal = emptyJournal();
        journal.append("a", 0, 7, event("planned"));
        journal.append("a", 1, 7, event("started"));
        journal.append("b", 0, 1, event("planned"));

        assertThatThrownBy(() -> journal.append("a", 2, 6, event("closed")))
                .isInstanceOf(Journal.ConflictException.class);
        assertThat(journal.read("a")).extracting(Journal.Entry::fencingToken).containsExactly(7L, 7L);
    }

    @Test
    void append_negativeSequence_isRefused() throws Exception {
        Journal journal = emptyJournal();
        assertThatThrownBy(() -> journal.append("a", -1, 1, event("planned")))
                .isInstanceOf(Journal.ConflictException.class);
        assertThat(journal.rolloutIds()).isEmpty();
    }

    @Test
    void append_anyText_isReadBackAsItWas() throws Exception {
        Journal journal = emptyJournal();
        Map<String, String> data = new TreeMap<>();
        data.put("", "an empty name");
        data.put("empty", "");
        data.put("Case", "1");
        data.put("case", "2");
        data.put("space ", " before and after ");
        data.put(
                "na=me\n#!:\\",
                "tab\t, line\r\n, bell\u0007, quotes \"'`, braces {}[], backslash \\, \\n, \\u0041, percent %s ? $1");
        data.put("composed", "\u00e9");
        data.put("decomposed", "e\u0301");
        data.put("beyond", "\ud83d\udd04 \ud83d\udc69\u200d\ud83d\ude80 \ud834\udd1e");
        data.put("edges", "\u0000\u0001\u007f\u0080\u2028\ufeff\ufffe\uffff");
        data.put("half", "\ud83d and \udd04");
        data.put("null", "null");
        Journal.Event event = Journal.Event.of("planned", NOON, Duration.ofSeconds(1), data);
        journal.append("a", 0, 1, event);

        assertThat(journal.read("a").get(0).event()).isEqualTo(event);
    }

    @Test
    void append_muchText_isReadBackAsItWas() throws Exception {
        Journal journal = emptyJournal();
        Map<String, String> data = new TreeMap<>();
        for (int part = 0; part < 500; part++) {
            data.put("plan." + part, "step \u00fc " + "x".repeat(part));
        }
        data.put("counts", "1234567890\ud83d\udd04".repeat(80_000));
        Journal.Event event = Journal.Event.of("planned", NOON, Duration.ofSeconds(1), data);
        journal.append("a", 0, 1, event);

        assertThat(journal.read("a").get(0).event()).isEqualTo(event);
    }

    @Test
    void append_anyTimes_areReadBackToTheNanosecond() throws Exception {
        Journal journal = emptyJournal();
        List<Journal.Event> events = List.of(
                Journal.Event.of("a", Instant.parse("2030-03-31T01:30:00.123456789Z"), Duration.ofNanos(1), Map.of()),
                Journal.Event.of(
                        "b",
                        Instant.EPOCH.minusNanos(1),
                        Duration.ofDays(36_500).plusNanos(7),
                        Map.of()),
                Journal.Event.of("c", Instant.parse("2030-10-27T00:30:00Z"), Duration.ZERO, Map.of()),
                Journal.Event.of("d", Instant.MAX, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999), Map.of()),
                Journal.Event.of("e", Instant.MIN, Duration.ofSeconds(Long.MIN_VALUE), Map.of()));
        for (int index = 0; index < events.size(); index++) {
            journal.append("a", index, 1, events.get(index));
        }
        assertThat(journal.read("a")).extracting(Journal.Entry::event).containsExactlyElementsOf(events);
    }

    @Test
    void append_similarRolloutIds_areDifferentRollouts() throws Exception {
        Journal journal = emptyJournal();
        String longest = "\u00fc".repeat(500) + "..\ud83d\udd04#1";
        List<String> ids = List.of(
                "shop:1..2#1",
                "Shop:1..2#1",
                "shop:1..2#1 ",
                "sh\u00f6p:1..2#1",
                "sho\u0308p:1..2#1",
                "shop:1..2#1'; --",
                "shop:1..2#_",
                "shop:1..2#%",
                longest + "a".repeat(512 - longest.length()),
                longest + "b".repeat(512 - longest.length()));
        for (String id : ids) {
            assertThat(journal.append(id, 0, 1, planned(id))).isEqualTo(1);
        }
        for (String id : ids) {
            assertThat(journal.read(id)).containsExactly(new Journal.Entry(1, 1, planned(id)));
        }
        assertThat(journal.rolloutIds()).containsExactlyElementsOf(ids);
    }

    @Test
    void readAfter_anySequence_returnsWhatCameBehindIt() throws Exception {
        Journal journal = emptyJournal();
        for (int index = 0; index < 5; index++) {
            journal.append("a", index, 1, event("event-" + index));
        }
        List<Journal.Entry> all = journal.read("a");
        assertThat(journal.readAfter("a", 0)).isEqualTo(all);
        assertThat(journal.readAfter("a", 3)).isEqualTo(all.subList(3, 5));
        assertThat(journal.readAfter("a", 5)).isEmpty();
        assertThat(journal.readAfter("a", 99)).isEmpty();
        assertThat(journal.readAfter("nobody", 0)).isEmpty();
    }

    @Test
    void read_whileOthersAppend_seesAPrefixWithoutGaps() throws Exception {
        Journal journal = emptyJournal();
        int events = 60;
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            Future<?> writer = pool.submit(() -> {
                for (int index = 0; index < events; index++) {
                    journal.append("a", index, 1, event("event-" + index));
                }
            });
            Future<Integer> reader = pool.submit(() -> {
                int seen = 0;
                while (seen < events && !writer.isDone()) {
                    List<Journal.Entry> entries = journal.read("a");
                    assertThat(entries).hasSizeGreaterThanOrEqualTo(seen);
                    assertThat(entries)
                            .extracting(Journal.Entry::sequence)
                            .containsExactlyElementsOf(LongStream.rangeClosed(1, entries.size())
                                    .boxed()
                                    .toList());
                    seen = entries.size();
                }
                return seen;
            });
            writer.get();
            reader.get();
            assertThat(journal.read("a")).hasSize(events);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void watch_somethingAppended_doesNotFailAndCanBeUnregistered() throws Exception {
        Journal journal = emptyJournal();
        AutoCloseable watch = journal.watch(() -> {});
        journal.append("a", 0, 1, event("planned"));
        watch.close();
        watch.close();
        assertThat(journal.append("a", 1, 1, event("started"))).isEqualTo(2);
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
