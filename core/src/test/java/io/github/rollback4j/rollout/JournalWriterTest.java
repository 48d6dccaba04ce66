package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class JournalWriterTest {

    private final ByHand hand = new ByHand();
    private final List<String> told = new ArrayList<>();
    private final JournalWriter writer = writer();

    private JournalWriter writer() {
        Surroundings surroundings = new Surroundings(
                () -> NOON,
                () -> hand.nanos,
                hand::execute,
                hand.journal,
                new BreakGlass(Map.of(), null, complaint -> {}),
                "here",
                "here",
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                new SplittableRandom(1),
                null,
                new CopyOnWriteArrayList<>(),
                new Semaphore(1),
                (what, thrown) -> hand.failures.add(what + ": " + thrown.getMessage()),
                BootLoopGuard.DEFAULT);
        return new JournalWriter(surroundings, "a", History.of(hand.memory.read("a")), () -> {});
    }

    private static Journal.Event event(String type) {
        return Journal.Event.of(type, NOON, Duration.ZERO, Map.of("is", type));
    }

    private void write(String type, boolean isKept) {
        writer.write(
                event(type),
                isKept,
                thrown -> told.add(type + ": " + (thrown == null ? "written" : thrown.getMessage())));
        writer.pump();
    }

    private void pass(Duration duration) {
        for (long end = hand.nanos + duration.toNanos(); hand.nanos < end; ) {
            hand.nanos += 100_000_000;
            writer.tick();
        }
    }

    @Test
    void write_inOrder_isWrittenInOrder() {
        assertThat(writer.hasBegun()).isFalse();
        write("planned", false);
        write("started", true);
        assertThat(hand.types("a")).containsExactly("planned", "started");
        assertThat(told).containsExactly("planned: written", "started: written");
        assertThat(writer.hasBegun()).isTrue();
        assertThat(writer.isIdle()).isTrue();
    }

    /** Else it would be written under the lease of somebody else, who may do the same. */
    @Test
    @Tag("R-4")
    void write_leaseIsLostWhileItIsOnItsWay_isNotWritten() {
        write("planned", false);
        hand.journal.refuses = event -> {
            if (hand.types("a").size() == 1) {
                hand.memory.append("a", 1, 9, event("led"));
                assertThat(writer.follow()).extracting(Journal.Event::type).containsExactly("step-intended");
            }
            return false;
        };
        write("step-intended", true);
        assertThat(hand.types("a")).containsExactly("planned", "led");
        assertThat(told).endsWith("step-intended: another instance leads a now, or may");
        write("requested", true);
        assertThat(hand.types("a")).containsExactly("planned", "led", "requested");
    }

    /** Whoever is told takes the rollout's lock, under which another thread may be about to write. */
    @Test
    @Tag("R-4")
    void write_leaseIsLost_isToldWithNothingLocked() throws Exception {
        write("planned", false);
        hand.journal.refuses = event -> {
            writer.follow();
            return true;
        };
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            List<Boolean> idle = new ArrayList<>();
            writer.write(event("step-intended"), true, thrown -> {
                try {
                    idle.add(other.submit(writer::isIdle).get(10, TimeUnit.SECONDS));
                } catch (Exception late) {
                    told.add("locked: " + late);
                }
            });
            writer.pump();
            assertThat(told).containsExactly("planned: written");
            assertThat(idle).hasSize(1);
        } finally {
            other.shutdownNow();
        }
    }

    @Test
    void write_kept_isTriedAgainEachSecondInOrder() {
        write("planned", false);
        hand.journal.refuses = event -> true;
        write("one", true);
        write("two", true);
        assertThat(told).endsWith("one: disk full", "two: disk full");
        assertThat(hand.failures)
                .containsExactly(
                        "the journal did not take one of a: disk full", "the journal did not take two of a: disk full");
        pass(Duration.ofSeconds(10));
        assertThat(hand.failures).as("said once each").hasSize(2);
        assertThat(writer.isIdle()).isFalse();

        hand.journal.refuses = event -> false;
        pass(Duration.ofMillis(1_100));

        assertThat(hand.types("a")).containsExactly("planned", "one", "two");
        assertThat(writer.isIdle()).isTrue();
    }

    @Test
    void write_notKept_isDroppedAndTold() {
        write("planned", false);
        hand.journal.refuses = event -> true;
        write("growing", false);
        assertThat(told).endsWith("growing: disk full");
        hand.journal.refuses = event -> false;
        pass(Duration.ofSeconds(5));
        assertThat(hand.types("a")).containsExactly("planned");
    }

    @Test
    void write_notKeptBehindWhatIsRefused_isNotWrittenOutOfOrder() {
        write("planned", false);
        hand.journal.refuses = event -> event.type().equals("one");
        write("one", true);
        write("growing", false);
        assertThat(told).endsWith("one: disk full", "growing: disk full");
        hand.journal.refuses = event -> false;
        write("two", true);
        assertThat(hand.types("a")).containsExactly("planned", "one", "two");
    }

    @Test
    void write_writtenButTheNextIsRefused_isToldApart() {
        write("planned", false);
        hand.journal.refuses = event -> event.type().equals("two");
        hand.hold();
        write("growing", false);
        write("two", true);
        hand.release();
        assertThat(told).containsExactly("planned: written", "growing: written", "two: disk full");
        assertThat(hand.failures).containsExactly("the journal did not take two of a: disk full");
    }

    @Test
    void write_somebodyElseWroteInBetween_isWrittenBehind() {
        write("planned", false);
        hand.memory.append("a", 1, 0, event("from elsewhere"));
        write("mine", true);
        write("mine too", true);
        assertThat(hand.types("a")).containsExactly("planned", "from elsewhere", "mine", "mine too");
    }

    @Test
    void write_somebodyHoldsANewerLease_isNotWritten() {
        write("planned", false);
        hand.memory.append("a", 1, 9, event("from the successor"));
        write("mine", true);
        assertThat(hand.types("a")).containsExactly("planned", "from the successor");
        assertThat(hand.failures).hasSize(1);
    }

    @Test
    @Tag("R-4")
    void write_answerIsLost_isNotWrittenTwice() {
        write("planned", false);
        hand.journal.losesAnswers = true;
        write("one", true);
        assertThat(told).endsWith("one: connection reset");
        hand.journal.losesAnswers = false;
        pass(Duration.ofSeconds(2));
        write("two", true);
        assertThat(hand.types("a")).containsExactly("planned", "one", "two");
    }

    @Test
    void write_planTwice_isWrittenOnce() {
        write("planned", false);
        write("planned", true);
        assertThat(hand.types("a")).containsExactly("planned");
        assertThat(told).containsExactly("planned: written", "planned: written");
    }

    @Test
    void write_neverPlanned_isNotRemembered() {
        write("controlled", true);
        write("closed", true);
        assertThat(hand.memory.rolloutIds()).isEmpty();
        assertThat(writer.isIdle()).isTrue();
    }

    @Test
    void write_plannedByAnEarlierProcess_isWrittenBehindIt() {
        hand.memory.append("a", 0, 0, event("planned"));
        hand.memory.append("a", 1, 0, event("started"));
        write("controlled", true);
        assertThat(hand.types("a")).containsExactly("planned", "started", "controlled");
    }

    @Test
    void write_poolHangs_isGivenUpAfterFiveSecondsAndWrittenLater() {
        write("planned", false);
        hand.hold();
        write("growing", false);
        write("decided", true);
        pass(Duration.ofMillis(4_900));
        assertThat(told).containsExactly("planned: written");
        pass(Duration.ofSeconds(6));
        assertThat(told)
                .containsExactly(
                        "planned: written", "growing: no answer within PT5S", "decided: no answer within PT5S");
        hand.release();
        pass(Duration.ofSeconds(7));
        assertThat(hand.types("a")).as("what was told not to be written is not").containsExactly("planned", "decided");
    }

    @Test
    void hasBegun_afterARestart_isTrue() {
        write("planned", false);
        JournalWriter next = writer();
        assertThat(next.hasBegun()).isTrue();
        next.write(event("continued"), true, thrown -> {});
        next.pump();
        assertThat(hand.types("a")).containsExactly("planned", "continued");
    }

    @Test
    void read_fencingToken_isThatOfTheLastWriter() {
        hand.memory.append("a", 0, 4, event("planned"));
        JournalWriter next = writer();
        next.write(event("continued"), true, thrown -> {});
        next.pump();
        assertThat(hand.memory.read("a"))
                .extracting(Journal.Entry::fencingToken)
                .containsExactly(4L, 4L);
    }
}
