package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.traffic.Arm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("R-13")
class BreakGlassTest {

    private final VirtualTime time = VirtualTime.create();
    private final Journal journal = Journal.inMemory();

    @TempDir
    private Path folder;

    private Rollouts rollouts;
    private Rollout checkout;
    private Rollout search;

    @BeforeEach
    void start() {
        rollouts = time.rollouts(7)
                .journal(journal)
                .controlFile(folder.resolve("control"))
                .build();
        checkout = rollouts.start(plan("checkout"));
        search = rollouts.start(plan("search"));
    }

    @AfterEach
    void close() {
        System.clearProperty("rollback4j.control");
        System.clearProperty("rollback4j.enabled");
        rollouts.close();
    }

    private static RollbackPlan plan(String component) {
        return RollbackPlan.from(Release.of(component, "1"))
                .to(Release.of(component, "2"))
                .strategy(canary(50, 100).bake(Duration.ofMinutes(1)))
                .watch(errorRate())
                .build();
    }

    /** Returns a key that the coin gave the candidate. */
    private static String exposedKey(Rollout rollout) {
        for (int i = 0; ; i++) {
            if (rollout.route("user-" + i) == Arm.CANDIDATE) {
                return "user-" + i;
            }
        }
    }

    @Test
    void allToStable_api_actsAtOnceAndIsJournalled_readmitLiftsIt() {
        String user = exposedKey(checkout);
        rollouts.allToStable("ann", "wrong prices");
        assertThat(checkout.route(user)).isEqualTo(Arm.STABLE);
        assertThat(search.status().share()).isZero();
        assertThat(journal.read(checkout.id()))
                .last()
                .satisfies(entry -> assertThat(entry.event().data())
                        .containsEntry("allToStable", "true")
                        .containsEntry("by", "ann")
                        .containsEntry("reason", "wrong prices"));

        rollouts.readmit("ann", "prices are right again");

        assertThat(checkout.route(user)).isEqualTo(Arm.CANDIDATE);
    }

    @Test
    void allToStable_oneComponent_leavesTheOther() {
        rollouts.allToStable("checkout", "ann", "wrong prices");
        assertThat(checkout.status().share()).isZero();
        assertThat(search.status().share()).isEqualTo(0.5);
        rollouts.readmit("checkout", "ann", "fine");
        assertThat(checkout.status().share()).isEqualTo(0.5);
    }

    @Test
    void allToStable_systemProperty_actsAtTheNextTick() {
        System.setProperty("rollback4j.control", "all-to-stable:checkout");
        time.advance(Duration.ofMillis(100));
        assertThat(checkout.status().share()).isZero();
        assertThat(search.status().share()).isEqualTo(0.5);
        System.clearProperty("rollback4j.control");
        time.advance(Duration.ofMillis(100));
        assertThat(checkout.status().share()).isEqualTo(0.5);
    }

    @Test
    void allToStable_file_actsWithinTwoSeconds_deletedIsLifted() throws IOException {
        Files.writeString(folder.resolve("control"), "# the prices are wrong, Ann\nall-to-stable\n");
        time.advance(Duration.ofSeconds(2));
        assertThat(checkout.status().share()).isZero();
        Files.delete(folder.resolve("control"));
        time.advance(Duration.ofSeconds(2));
        assertThat(checkout.status().share()).isEqualTo(0.5);
    }

    @Test
    void file_nonsense_hasNoEffect() throws IOException {
        Files.writeString(folder.resolve("control"), "all-to-stabel");
        time.advance(Duration.ofSeconds(2));
        assertThat(checkout.status().share()).isEqualTo(0.5);
    }

    @Test
    void enabledFalse_property_putsEverythingOnStable() {
        System.setProperty("rollback4j.enabled", "false");
        time.advance(Duration.ofMillis(100));
        assertThat(checkout.status().share()).isZero();
        assertThat(search.status().share()).isZero();
    }

    @Test
    void automationOff_brokenCandidate_isObservedOnly_andAPersonStillCan() {
        rollouts.automationOff("ann", "known noise");
        for (int i = 0; i < 2_000; i++) {
            time.advance(Duration.ofMillis(50));
            try {
                checkout.call("user-" + i, () -> "fine", () -> {
                    throw new IllegalStateException("broken");
                });
            } catch (IllegalStateException expected) {
                // The candidate fails each time.
            }
        }
        assertThat(checkout.state().phase()).isEqualTo(Phase.RUNNING);
        assertThat(checkout.status().share()).as("does not grow either").isEqualTo(0.5);

        checkout.rollBack("ann", "it is real");

        assertThat(checkout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
    }

    @Test
    void allToStable_runningStep_doesNotBake() {
        rollouts.allToStable("ann", "wait");
        time.advance(Duration.ofMinutes(10));
        rollouts.readmit("ann", "go");
        assertThat(checkout.status().stepName()).isEqualTo("50 %");
    }
}
