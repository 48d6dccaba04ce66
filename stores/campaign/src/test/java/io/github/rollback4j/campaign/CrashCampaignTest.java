package io.github.rollback4j.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short campaign; docs/results/crashes.md has a long one. */
@Tag("R-2")
@Tag("R-4")
class CrashCampaignTest {

    @TempDir
    Path folder;

    private Count run(String database, String fault, KillPoint... points) throws Exception {
        try (Place place = Place.open(database, folder);
                Trial trial = new Trial(place, Variant.ONE, "service", 1, fault, folder.resolve("log"))) {
            Count count = trial.at(points).run();
            assertThat(count.kills()).as(trial.findings().toString()).isEqualTo(points.length);
            assertThat(count.atBoundaries()).isEqualTo(points.length);
            return count;
        }
    }

    @Test
    void rollBack_killedAtTenBoundariesOnH2_losesNothingAndSendsNothingTwiceUnrecognised() throws Exception {
        Count count = run(
                "h2",
                "",
                KillPoint.after("planned", ""),
                KillPoint.before("exposed", ""),
                KillPoint.before("decided", ""),
                KillPoint.after("decided", ""),
                KillPoint.after("step-intended", Victim.WEBHOOK),
                KillPoint.before("step-done", Victim.WEBHOOK),
                KillPoint.before("step-done", Victim.LOOKED_UP),
                KillPoint.after("step-intended", Victim.PLAIN),
                KillPoint.after("needs-human", ""),
                KillPoint.before("rolled-back", ""));
        assertThat(count.isClean()).isTrue();
        assertThat(count.humans()).isPositive();
    }

    @Test
    void rollBack_killedAtFourBoundariesOnPostgres_losesNothingAndSendsNothingTwiceUnrecognised() throws Exception {
        Count count = run(
                "postgresql",
                "",
                KillPoint.after("exposed", ""),
                KillPoint.after("decided", ""),
                KillPoint.before("step-done", Victim.ROW),
                KillPoint.before("step-done", Victim.PLAIN));
        assertThat(count.isClean()).isTrue();
        assertThat(count.humans()).isPositive();
    }

    @Test
    void rollBack_intentsThatAreNotWritten_areCountedAsSentTwice() throws Exception {
        Count count = run("h2", "drop-intents", KillPoint.before("step-done", Victim.PLAIN));
        assertThat(count.twice()).isOne();
        assertThat(count.isClean()).isFalse();
    }

    @Test
    void rollBack_callsThatTheCandidateServesAfterwards_areCountedAsExposed() throws Exception {
        Count count = run("h2", "expose", KillPoint.after("decided", ""));
        assertThat(count.exposed()).isPositive();
        assertThat(count.isClean()).isFalse();
    }
}
