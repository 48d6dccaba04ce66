package io.github.rollback4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.time.Duration;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrackRecordTest {

    private final Journal journal = Journal.inMemory();

    private void keep(String id, Told told) {
        List<Journal.Entry> entries = told.entries();
        for (int i = 0; i < entries.size(); i++) {
            journal.append(id, i, 0, entries.get(i).event());
        }
    }

    /** Returns a rollout that was taken back so long after its first harm. */
    private static Told takenBack(long seconds) {
        return Told.rollout().pass("99s").decided(true, 100 - seconds).now(new RolloutEvent.RolledBack());
    }

    private static Told promoted() {
        return Told.rollout()
                .after("1h", new RolloutEvent.Promoted("rollback4j"))
                .after("1h", new RolloutEvent.WindowClosed())
                .now(new RolloutEvent.Counted(Told.counts(10, 0, 5_000, 3)));
    }

    @Test
    void of_baselineOfARelease_hasNoRowForIt() {
        keep(
                "serving:checkout:1.4.2",
                new Told().now(new RolloutEvent.BaselineKept("checkout 1.4.2", 1, 0, "7:300:0")));
        keep("checkout:1.4.2..1.5.0@c0ffee#1", takenBack(10));
        assertThat(TrackRecord.of(journal).rows())
                .extracting(TrackRecord.Row::rollout)
                .containsExactly("checkout:1.4.2..1.5.0@c0ffee#1");
    }

    @Test
    void of_aJournal_hasARowForEachRollout() {
        keep("checkout:1.4.2..1.5.0@c0ffee#1", takenBack(10));
        keep("checkout:1.4.2..1.5.0@c0ffee#2", promoted());

        TrackRecord record = TrackRecord.of(journal);

        assertThat(record.rows()).hasSize(2);
        assertThat(record.rows().get(0)).satisfies(row -> {
            assertThat(row.rollout()).isEqualTo("checkout:1.4.2..1.5.0@c0ffee#1");
            assertThat(row.component()).isEqualTo("checkout");
            assertThat(row.phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(row.cause()).isEqualTo("error-rate");
            assertThat(row.toDetect()).isEqualTo(Duration.ofSeconds(10));
            assertThat(row.toRestore()).isEqualTo(Duration.ofSeconds(10));
            assertThat(row.failedCalls()).isEqualTo(8);
        });
        assertThat(record.rows().get(1)).satisfies(row -> {
            assertThat(row.phase()).isEqualTo(Phase.PROMOTED);
            assertThat(row.cause()).isEmpty();
            assertThat(row.toDetect()).isNull();
            assertThat(row.failedCalls()).isEqualTo(3);
        });
        assertThat(record.failedCalls()).isEqualTo(11);
    }

    @Test
    void changeFailureRate_countsWhatCameToAnEnd() {
        keep("a#1", takenBack(10));
        keep("a#2", promoted());
        keep("a#3", promoted());
        keep("a#4", Told.rollout());
        keep("a#5", Told.rollout().decided(true, 0).now(new RolloutEvent.NeedsHuman("why")));

        assertThat(TrackRecord.of(journal).changeFailureRate()).isEqualTo(.5);
        assertThat(new TrackRecord(List.of()).changeFailureRate()).isNaN();
    }

    @Test
    void medians_areOfWhatIsKnown() {
        keep("a#1", takenBack(10));
        keep("a#2", takenBack(60));
        keep("a#3", promoted());
        assertThat(TrackRecord.of(journal).medianToDetect()).isEqualTo(Duration.ofSeconds(35));

        keep("a#4", takenBack(20));
        assertThat(TrackRecord.of(journal).medianToDetect()).isEqualTo(Duration.ofSeconds(20));
        assertThat(TrackRecord.of(journal).medianToRestore()).isEqualTo(Duration.ofSeconds(20));
        assertThat(new TrackRecord(List.of()).medianToRestore()).isNull();
    }

    @Test
    void byMonth_laterMonthsFirst() {
        keep("a#1", takenBack(10));
        keep("a#2", new Told().wallClock("2030-02-28T23:59:59Z").now(new RolloutEvent.Started()));
        keep("a#3", new Told().wallClock("2030-03-01T00:00:00Z").now(new RolloutEvent.Started()));

        assertThat(TrackRecord.of(journal).byMonth().keySet())
                .containsExactly(YearMonth.of(2030, 3), YearMonth.of(2030, 2), YearMonth.of(2030, 1));
        assertThat(TrackRecord.of(journal).rows())
                .extracting(TrackRecord.Row::rollout)
                .containsExactly("a#3", "a#2", "a#1");
    }

    @Test
    void ofComponent_leavesOutTheOthers() {
        keep("checkout#1", takenBack(10));
        keep("other#1", new Told().now("planned", Map.of("stable", "other 1", "candidate", "other 2")));

        assertThat(TrackRecord.of(journal).ofComponent("other").rows()).hasSize(1);
    }

    @Test
    void markdown_tellsAllOfIt() {
        keep("checkout:1.4.2..1.5.0@c0ffee#1", takenBack(10));
        keep("checkout:1.4.2..1.5.0@c0ffee#2", promoted());
        keep("x#1", new Told().wallClock("2030-02-01T00:00:00Z").now("planned", Map.of("candidate", "<b> | x")));

        assertThat(TrackRecord.of(journal).markdown())
                .contains("Track record")
                .contains("| **3** | **50 %** | **10 s** | **10 s** |")
                .contains("| January 2030 | 2 | 1 | 50 % | 10 s | 10 s | 11 |")
                .contains("| checkout | 1.4.2 | 1.5.0@c0ffee | taken back | error-rate | 10 s | 10 s | 8 |")
                .contains("| promoted | – | – | – | 3 |")
                .doesNotContain("<b>");
    }

    @Test
    void nothing_isATrackRecordToo() {
        assertThat(TrackRecord.of(journal).markdown()).contains("The journal knows no rollout.");
    }
}
