package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.rollout.ByHand.way;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private static Step once(RollbackStrategy way) {
        return Step.of(way).attempts(1);
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
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("sent")
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
        void rollBack_triesUsedUp_callsAHuman_afterWhomTheRestGoesOn() {
            RollbackPlan plan = plan().thenRun(failing("a", 9), Duration.ofMinutes(1), 2)
                    .thenRun(step("b"))
                    .build();
            Rollout rollout = rolledBack(plan);
            hand.pass(Duration.ofMinutes(10));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(log).containsExactly("a at 0.0", "a at 1.0");
            String why = "step a failed 2 times, last: not yet. Do it by hand and acknowledge(\"a\", by, note), or"
                    + " tryAgain(by)";
            assertThat(heard).contains(new RolloutEvent.NeedsHuman(why));
            assertThat(rollout.status().needsHuman()).isEqualTo(why);

            rollout.acknowledge("a", "bob", "by hand");

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(rollout.status().needsHuman()).isEmpty();
            assertThat(log).last().asString().startsWith("b at");
            assertThat(hand.types(ID))
                    .endsWith("needs-human", "step-done", "resumed", "step-intended", "step-done", "rolled-back");
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
                    .hasMessage("rollout " + ID + " is ROLLING_BACK: it does not wait for step or gate cash");

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
                    .hasMessageContaining("is RUNNING step 1: it does not wait for step or gate a");
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
            assertThat(log).containsExactly("a at 0.0", "b at 0.0");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void tryAgain_whatFailed_hasAllItsTriesAgain() {
            RollbackPlan plan = plan().thenRun(failing("a", 3), Duration.ofMinutes(1), 2)
                    .thenRun(step("b"))
                    .build();
            Rollout rollout = rolledBack(plan);
            hand.pass(Duration.ofMinutes(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);

            rollout.tryAgain("bob");
            hand.pass(Duration.ofMinutes(1));

            assertThat(log).hasSize(5);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(heard).contains(new RolloutEvent.TriedAgain("bob", "a"));
            assertThat(hand.memory.read(ID))
                    .filteredOn(entry -> entry.event().type().equals("step-intended"))
                    .extracting(entry -> entry.event().data().get("attempt"))
                    .containsExactly("1", "2", "1", "2", "1");
        }

        @Test
        void tryAgain_whereNothingNeedsPeople_isRefused() {
            Rollout rollout = rolledBack(plan().thenRun(failing("a", 9)).build());
            assertThatThrownBy(() -> rollout.tryAgain("bob"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessage(
                            "rollout " + ID + " is ROLLING_BACK: NEEDS_HUMAN is where something can be tried again");
        }

        @Test
        void acknowledge_oneOfTwoThatFailed_stillNeedsTheOther() {
            Rollout rollout = rolledBack(plan().thenRun(once(TestWay.failing("a")), once(TestWay.failing("c")))
                    .build());
            assertThat(heard)
                    .filteredOn(RolloutEvent.NeedsHuman.class::isInstance)
                    .hasSize(2);
            assertThat(rollout.status().needsHuman()).contains("step a failed", "; and step c failed");

            rollout.acknowledge("a", "bob", "by hand");

            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(rollout.status().needsHuman()).startsWith("step c failed once: not yet");
            assertThat(hand.types(ID)).doesNotContain("resumed");
            rollout.acknowledge("c", "bob", "by hand");
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
            TestWay way = TestWay.done("a").recognisingKeys();
            RollbackPlan plan = plan().thenRun(way).build();
            hand.journal.refuses = event -> List.of("step-done", "rolled-back").contains(event.type());
            rolledBack(plan);
            hand.kill();
            rollouts = open();
            Rollout rollout = rollouts.start(plan);
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(59));
            assertThat(way.gone).as("until then it may still arrive").hasSize(1);
            hand.pass(Duration.ofSeconds(2));
            assertThat(way.gone)
                    .extracting(RollbackStrategy.Context::idempotencyKey)
                    .containsExactly(ID + "/a", ID + "/a");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void start_manualStepWasAsked_staysAsked() {
            RollbackPlan plan = plan().thenRun(way("cache", context -> Done.asked("clear the cache")))
                    .build();
            rolledBack(plan);
            Rollout rollout = restart(plan);
            assertThat(rollout.status().awaitsAcknowledgement()).isEqualTo("cache");
            assertThat(hand.types(ID)).containsOnlyOnce("step-intended").containsOnlyOnce("step-asked");
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

    @Nested
    class Stages {

        /** Notes when it begins and when it ends: it is asked of a person, so that the test ends it. */
        private RollbackStrategy asked(String name) {
            return way(name, context -> {
                log.add(name);
                return Done.asked("do " + name);
            });
        }

        @Test
        void stepsOfAStage_areTakenBesideEachOther_stagesOneAfterTheOther() {
            Rollout rollout = rolledBack(plan().thenRun(Step.of(asked("a")), Step.of(asked("b")), Step.of(asked("c")))
                    .thenRun(asked("d"))
                    .build());
            assertThat(log).containsExactly("a", "b", "c");
            assertThat(rollout.status().awaitsAcknowledgement())
                    .as("the first in the plan's order")
                    .isEqualTo("a");
            rollout.acknowledge("b", "bob", "done");
            rollout.acknowledge("c", "bob", "done");
            assertThat(log).hasSize(3);
            rollout.acknowledge("a", "bob", "done");
            assertThat(log).containsExactly("a", "b", "c", "d");
        }

        @Test
        void oneStepHangs_thoseBesideItGoOn() {
            Rollout rollout = rolledBack(plan().thenRun(
                            Step.of(way("hangs", context -> {
                                hand.pass(Duration.ofSeconds(10));
                                return Done.done("late");
                            })),
                            Step.of(failing("b", 1)))
                    .build());
            hand.pass(Duration.ofSeconds(1));
            assertThat(log).hasSize(2);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void oneStepFails_thoseBesideItGoOn_laterStagesDoNotBegin() {
            Rollout rollout = rolledBack(plan().thenRun(once(failing("a", 9)), Step.of(failing("b", 2)))
                    .thenRun(step("c"))
                    .build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            hand.pass(Duration.ofSeconds(10));
            assertThat(log).containsExactly("a at 0.0", "b at 0.0", "b at 1.0", "b at 3.0");
            rollout.acknowledge("a", "bob", "by hand");
            assertThat(log).hasSize(5).last().asString().startsWith("c at");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @Nested
    class OtherWays {

        @Test
        void otherwise_whereTheTriesAreUsedUp_isGoneAtOnceWithAllItsTries() {
            Rollout rollout = rolledBack(plan().thenRun(Step.of(failing("a", 9))
                            .attempts(2)
                            .orElse(failing("b", 1))
                            .orElse(step("c")))
                    .build());
            hand.pass(Duration.ofSeconds(10));
            assertThat(log).containsExactly("a at 0.0", "a at 1.0", "b at 1.0", "b at 2.0");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(heard)
                    .contains(
                            new RolloutEvent.StepIntended("a", "b", ID + "/b", 1, 60_000),
                            new RolloutEvent.StepFailed("a", "b", 1, "not yet"),
                            new RolloutEvent.StepDone("a", "b", "b is back", "rollback4j"));
        }

        @Test
        void allWaysUsedUp_callsAHuman_whoIsToldOfEach() {
            Rollout rollout =
                    rolledBack(plan().thenRun(once(TestWay.failing("a")).orElse(TestWay.failing("b")))
                            .build());
            assertThat(rollout.status().needsHuman())
                    .startsWith("step a failed: way a once: not yet; way b once: not yet. Do it by hand");
        }

        @Test
        void circuitBreakerIsOpen_takesTheNextWayAtOnce_andSaysSo() {
            CircuitBreaker breaker = CircuitBreaker.ofDefaults("pipeline");
            breaker.transitionToForcedOpenState();
            TestWay pipeline = new TestWay("pipeline", context -> breaker.executeCallable(() -> Done.done("deployed")));
            Rollout rollout = rolledBack(
                    plan().thenRun(Step.of(pipeline).orElse(step("undo"))).build());
            assertThat(log).containsExactly("undo at 0.0");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(heard)
                    .contains(new RolloutEvent.StepFailed(
                            "pipeline",
                            "pipeline",
                            1,
                            "its circuit breaker is open: CircuitBreaker 'pipeline' is FORCED_OPEN and does not permit"
                                    + " further calls"));
        }

        @Test
        void circuitBreakerOfTheLastWayIsOpen_isTriedAgainAsThePlanSays() {
            CircuitBreaker breaker = CircuitBreaker.ofDefaults("pipeline");
            breaker.transitionToOpenState();
            TestWay pipeline = new TestWay("pipeline", context -> breaker.executeCallable(() -> Done.done("deployed")));
            Rollout rollout = rolledBack(plan().thenRun(pipeline).build());
            breaker.transitionToClosedState();
            hand.pass(Duration.ofSeconds(2));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void firstPause_isThePlans() {
            rolledBack(plan().thenRun(Step.of(failing("a", 3)).attempts(4).pause(Duration.ofSeconds(10)))
                    .build());
            hand.pass(Duration.ofMinutes(2));
            assertThat(log).containsExactly("a at 0.0", "a at 10.0", "a at 30.0", "a at 70.0");
        }

        @Test
        void firstPause_none_triesAtOnce() {
            rolledBack(plan().thenRun(Step.of(failing("a", 2)).pause(Duration.ZERO))
                    .build());
            assertThat(log).containsExactly("a at 0.0", "a at 0.0", "a at 0.0");
        }

        @Test
        @Tag("R-4")
        void start_afterARestart_goesOnWithTheWayAndTryWhereItWas() {
            TestWay a = TestWay.failing("a");
            TestWay b = TestWay.failing("b");
            RollbackPlan plan = plan().thenRun(
                            Step.of(a).attempts(2).pause(Duration.ofMinutes(1)).orElse(b))
                    .build();
            rolledBack(plan);
            hand.pass(Duration.ofMinutes(1).plusSeconds(1));
            assertThat(b.gone).hasSize(1);
            rollouts.close();
            rollouts = open();
            Rollout rollout = rollouts.start(plan);
            hand.pass(Duration.ofMinutes(10));
            assertThat(a.gone).hasSize(2);
            assertThat(b.gone).hasSize(2);
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(rollout.status().needsHuman())
                    .startsWith("step a failed: way a 2 times, last: not yet; way b 2 times, last: not yet.");
        }
    }

    @Nested
    @Tag("R-4")
    class HandOver {

        @Test
        void handOver_nothingFurtherBegins_whoStartsFromTheJournalGoesOn() {
            RollbackPlan plan =
                    plan().thenRun(failing("a", 1)).thenRun(step("b")).build();
            Rollout rollout = rolledBack(plan);

            rollout.handOver("pipeline", "this process is replaced");

            hand.pass(Duration.ofMinutes(5));
            assertThat(log).containsExactly("a at 0.0");
            assertThat(hand.types(ID)).endsWith("step-failed", "handed-over");
            assertThat(heard).contains(new RolloutEvent.HandedOver("pipeline", "this process is replaced"));
            assertThatThrownBy(() -> rollout.acknowledge("a", "bob", "by hand"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("the rollback was handed over by pipeline: this process is replaced");
            rollouts.close();
            rollouts = open();
            Rollout next = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            assertThat(next.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(log).hasSize(3);
        }

        @Test
        void handOver_stepIsUnderWay_isWaitedFor() {
            Rollout[] rollout = new Rollout[1];
            List<String> meanwhile = new ArrayList<>();
            RollbackPlan plan = plan().thenRun(way("a", context -> {
                        rollout[0].handOver("pipeline", "this process is replaced");
                        hand.pass(Duration.ofSeconds(5));
                        meanwhile.addAll(hand.types(ID));
                        return Done.done("a is back");
                    }))
                    .thenRun(step("b"))
                    .build();
            rollout[0] = rollouts.start(plan);
            rollout[0].rollBack("ann", "wrong prices");
            hand.pass(Duration.ofSeconds(5));
            assertThat(meanwhile).doesNotContain("handed-over");
            assertThat(hand.types(ID)).endsWith("step-intended", "step-done", "handed-over");
            assertThat(log).isEmpty();
        }

        @Test
        void handOver_intentIsJustBeingWritten_isNotSent_andTheNextKnowsThat() {
            TestWay a = TestWay.done("a");
            RollbackPlan plan = plan().thenRun(once(a)).build();
            Rollout rollout = rollouts.start(plan);
            hand.hold();
            rollout.rollBack("ann", "wrong prices");
            rollout.handOver("pipeline", "this process is replaced");
            hand.release();
            hand.pass(Duration.ofSeconds(1));
            assertThat(a.gone).isEmpty();
            assertThat(hand.types(ID)).endsWith("step-intended", "step-looked-up", "handed-over");
            rollouts.close();
            rollouts = open();
            rollout = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            assertThat(a.gone).hasSize(1);
            assertThat(a.lookedUp).as("it is known not to have begun").isEmpty();
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void handOver_withoutARollback_isRefused() {
            Rollout rollout = rollouts.start(plan().build());
            assertThatThrownBy(() -> rollout.handOver("ann", "no"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("ROLLING_BACK and NEEDS_HUMAN are where it can be handed over");
        }

        @Test
        void close_intentIsJustBeingWritten_isNotSent_andTheNextKnowsThat() {
            TestWay a = TestWay.done("a");
            RollbackPlan plan = plan().thenRun(once(a)).build();
            Rollout rollout = rollouts.start(plan);
            hand.hold();
            rollout.rollBack("ann", "wrong prices");
            rollout.lifecycle().close();
            hand.release();
            hand.pass(Duration.ofSeconds(1));
            assertThat(a.gone).isEmpty();
            rollouts.close();
            rollouts = open();
            rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            assertThat(a.gone).hasSize(1);
            assertThat(a.lookedUp).isEmpty();
        }

        /** Somebody else has taken over and written under a newer token. */
        @Test
        void newerLease_intentIsRefused_nothingIsSent() {
            TestWay a = TestWay.done("a");
            Rollout rollout = rollouts.start(plan().thenRun(a).build());
            int last = hand.memory.read(ID).size();
            hand.memory.append(ID, last, 9, Journal.Event.of("led", ByHand.NOON, Duration.ofSeconds(last), Map.of()));
            rollout.rollBack("ann", "wrong prices");
            hand.pass(Duration.ofMinutes(1));
            assertThat(a.gone).isEmpty();
        }
    }
}
