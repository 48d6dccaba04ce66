package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.rollout.ByHand.way;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RollbackExecutionTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";

    private final ByHand hand = new ByHand();
    private final List<String> log = new ArrayList<>();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private Rollouts rollouts = open();

    private Rollouts open() {
        Rollouts opened = hand.rollouts();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
    }

    private RollbackStrategy step(String name) {
        return failing(name, 0);
    }

    /** A step that notes when it is tried, and fails at first. */
    private RollbackStrategy failing(String name, int failures) {
        int[] left = {failures};
        long began = hand.nanos;
        return way(name, context -> {
            log.add(name + " at " + (hand.nanos - began) / 1_000_000_000.0);
            if (left[0]-- > 0) {
                throw new IOException("not yet");
            }
            return Done.done(name + " is back");
        });
    }

    private Rollout rolledBack(RollbackPlan plan) {
        Rollout rollout = rollouts.start(plan);
        rollout.rollBack("ann", "wrong prices");
        return rollout;
    }

    @Nested
    class Order {

        @Test
        void rollBack_steps_runInThePlansOrder_eachWithItsIntentBefore() {
            Rollout rollout =
                    rolledBack(plan().thenRun(step("b")).thenRun(step("a")).build());
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(log).containsExactly("b at 0.0", "a at 0.0");
            assertThat(hand.types(ID))
                    .endsWith("decided", "step-intended", "step-done", "step-intended", "step-done", "rolled-back");
        }

        @Test
        void rollBack_noSteps_isDoneAtOnce() {
            assertThat(rolledBack(plan().build()).state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void rollBack_step_isToldAllThatItNeeds() {
            List<RollbackStrategy.Context> told = new ArrayList<>();
            RollbackPlan plan = plan().thenRun(
                            way("flag", context -> {
                                told.add(context);
                                return Done.done("off");
                            }),
                            Duration.ofSeconds(7),
                            1)
                    .build();
            rolledBack(plan);
            assertThat(told)
                    .containsExactly(new RollbackStrategy.Context(
                            ID, ID + "/flag", ByHand.V1, ByHand.V2, "wrong prices", Duration.ofSeconds(7)));
        }

        @Test
        void rollBack_journalIsAway_theStepsRunAllTheSame() {
            Rollout rollout = rollouts.start(plan().thenRun(step("a")).build());
            hand.journal.refuses = event -> true;
            rollout.rollBack("ann", "wrong prices");
            assertThat(log).containsExactly("a at 0.0");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(2));
            assertThat(hand.types(ID)).endsWith("decided", "step-intended", "step-done", "rolled-back");
        }
    }

    @Nested
    class Tries {

        @Test
        void rollBack_failingStep_isTriedAgainAfterGrowingPauses() {
            RollbackPlan plan =
                    plan().thenRun(failing("a", 8), Duration.ofMinutes(1), 10).build();
            Rollout rollout = rolledBack(plan);
            hand.pass(Duration.ofMinutes(10));
            assertThat(log)
                    .containsExactly(
                            "a at 0.0",
                            "a at 1.0",
                            "a at 3.0",
                            "a at 7.0",
                            "a at 15.0",
                            "a at 31.0",
                            "a at 63.0",
                            "a at 123.0",
                            "a at 183.0");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(heard)
                    .contains(
                            new RolloutEvent.StepFailed("a", "a", 1, "not yet"),
                            new RolloutEvent.StepIntended("a", "a", ID + "/a", 9, 60_000));
        }

        @Test
        void rollBack_triesUsedUp_callsAHuman_andTheRestIsTheirs() {
            RollbackPlan plan = plan().thenRun(failing("a", 9), Duration.ofMinutes(1), 2)
                    .thenRun(step("b"))
                    .build();
            Rollout rollout = rolledBack(plan);
            hand.pass(Duration.ofMinutes(10));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(log).containsExactly("a at 0.0", "a at 1.0");
            assertThat(heard).contains(new RolloutEvent.NeedsHuman("step a failed 2 times, last: not yet"));

            rollout.acknowledge("a", "bob", "by hand");
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            rollout.acknowledge("b", "bob", "by hand");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void rollBack_stepReturnsNothing_hasFailed() {
            Rollout rollout = rolledBack(plan().thenRun(way("a", context -> null), Duration.ofMinutes(1), 1)
                    .build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(heard).contains(new RolloutEvent.StepFailed("a", "a", 1, "the step returned nothing"));
        }

        @Test
        void rollBack_stepIsLate_hasFailedAndIsTriedAgain() {
            Rollout rollout = rollouts.start(
                    plan().thenRun(step("a"), Duration.ofSeconds(5), 3).build());
            hand.hold();
            rollout.rollBack("ann", "wrong prices");
            hand.pass(Duration.ofSeconds(16));
            assertThat(log)
                    .as("ten seconds for two events that the journal does not take, five for the step")
                    .isEmpty();
            hand.release();
            hand.pass(Duration.ofSeconds(2));
            assertThat(log).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(hand.memory.read(ID))
                    .extracting(entry -> entry.event().data().get("error"))
                    .contains("no answer within PT5S");
        }
    }

    @Nested
    class People {

        @Test
        void rollBack_manualStep_waitsUntilItIsAcknowledged() {
            RollbackPlan plan = plan().thenRun(way("cache", context -> Done.asked("clear the cache")))
                    .thenRun(step("b"))
                    .build();
            Rollout rollout = rolledBack(plan);
            hand.pass(Duration.ofHours(3));
            assertThat(rollout.status().awaitsAcknowledgement()).isEqualTo("cache");
            assertThat(log).isEmpty();
            assertThat(heard).contains(new RolloutEvent.StepAsked("cache", "clear the cache"));
            assertThatThrownBy(() -> rollout.acknowledge("cash", "bob", "done"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessage("rollout " + ID + " is ROLLING_BACK: it does not wait for step cash");

            rollout.acknowledge("cache", "bob", "cleared");

            assertThat(log).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(heard).contains(new RolloutEvent.StepDone("cache", "", "cleared", "bob"));
            assertThatThrownBy(() -> rollout.acknowledge("cache", "bob", "again"))
                    .isInstanceOf(RollbackException.class);
        }

        @Test
        void acknowledge_beforeThereIsARollback_isRefused() {
            Rollout rollout = rollouts.start(plan().thenRun(step("a")).build());
            assertThatThrownBy(() -> rollout.acknowledge("a", "bob", "done"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("is RUNNING step 1: it does not wait for step a");
        }

        @Test
        void acknowledge_whileTheStepIsUnderWayAndThenFails_isDone() {
            Rollout[] rollout = new Rollout[1];
            RollbackPlan plan = plan().thenRun(
                            way("a", context -> {
                                rollout[0].acknowledge("a", "bob", "done by hand");
                                throw new IOException("already done");
                            }),
                            Duration.ofMinutes(1),
                            1)
                    .thenRun(step("b"))
                    .build();
            rollout[0] = rollouts.start(plan);
            rollout[0].rollBack("ann", "wrong prices");
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout[0].state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(log).hasSize(1);
            assertThat(hand.types(ID)).doesNotContain("needs-human");
        }

        @Test
        void acknowledge_whileTheStepWaitsForItsNextTry_isNotTriedAgain() {
            RollbackPlan plan = plan().thenRun(failing("a", 99), Duration.ofMinutes(1), 5)
                    .thenRun(step("b"))
                    .build();
            Rollout rollout = rolledBack(plan);
            rollout.acknowledge("a", "bob", "by hand");
            hand.pass(Duration.ofMinutes(2));
            assertThat(log).containsExactly("a at 0.0", "b at 1.0");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @Nested
    @Tag("R-4")
    class Restart {

        private Rollout restart(RollbackPlan plan) {
            rollouts.close();
            rollouts = open();
            Rollout rollout = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            return rollout;
        }

        @Test
        void start_stepsDoneBefore_areNotDoneAgain() {
            boolean[] fails = {true};
            RollbackPlan plan = plan().thenRun(step("a"))
                    .thenRun(way("b", context -> {
                        log.add("b with " + context.idempotencyKey());
                        if (fails[0]) {
                            throw new IOException("not yet");
                        }
                        return Done.done("b");
                    }))
                    .thenRun(step("c"))
                    .build();
            rolledBack(plan);
            fails[0] = false;
            Rollout rollout = restart(plan);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(log)
                    .containsExactly("a at 0.0", "b with " + ID + "/b", "b with " + ID + "/b", log.get(log.size() - 1))
                    .last()
                    .asString()
                    .startsWith("c at");
        }

        /** Killed between the step and its result: it is sent again, with the same key, by which it is recognised. */
        @Test
        void start_resultWasNotJournalled_isSentAgainWithTheSameKey() {
            List<String> keys = new ArrayList<>();
            RollbackPlan plan = plan().thenRun(way("a", context -> {
                        keys.add(context.idempotencyKey());
                        return Done.done("a");
                    }))
                    .build();
            hand.journal.refuses =
                    event -> List.of("step-done", "rolled-back", "closed").contains(event.type());
            rolledBack(plan);
            Rollouts killed = rollouts;
            rollouts = open();
            Rollout rollout = rollouts.start(plan);
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(2));
            assertThat(keys).containsExactly(ID + "/a", ID + "/a");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            killed.close();
        }

        @Test
        void start_manualStepWasAsked_isAskedAgain() {
            RollbackPlan plan = plan().thenRun(way("cache", context -> Done.asked("clear the cache")))
                    .build();
            rolledBack(plan);
            Rollout rollout = restart(plan);
            assertThat(rollout.status().awaitsAcknowledgement()).isEqualTo("cache");
            assertThat(rollout.status().decision()).isEqualTo("wrong prices");
            rollout.acknowledge("cache", "bob", "cleared");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void start_neededAHumanBefore_stillDoes() {
            RollbackPlan plan =
                    plan().thenRun(failing("a", 99), Duration.ofMinutes(1), 1).build();
            rolledBack(plan);
            Rollout rollout = restart(plan);
            hand.pass(Duration.ofHours(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(log).as("not tried again").hasSize(1);
            rollout.acknowledge("a", "bob", "by hand");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }
}
