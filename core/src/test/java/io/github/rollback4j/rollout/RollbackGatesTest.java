package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Signals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Gates before the steps of a rollback. Before the start each is open, unless a test says otherwise. */
class RollbackGatesTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";

    private final ByHand hand = new ByHand();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private Rollouts rollouts = open();
    private final TestWay undo = TestWay.done("undo");
    private final List<Gate.Question> questions = new ArrayList<>();

    private Rollouts open() {
        Rollouts opened = hand.rollouts();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
    }

    /** What a gate says once a rollback is under way. */
    @FunctionalInterface
    interface Says {
        Gate.Result at(Gate.Question question) throws Exception;
    }

    private Gate gate(String name, Says says) {
        return new Gate() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return name;
            }

            @Override
            public Result look(Question question) throws Exception {
                if (question.isRehearsal()) {
                    return Result.open("a rehearsal");
                }
                questions.add(question);
                return says.at(question);
            }
        };
    }

    private Rollout rolledBack(Gate... gates) {
        Step step = Step.of(undo);
        for (Gate gate : gates) {
            step = step.behind(gate);
        }
        Rollout rollout = rollouts.start(plan().thenRun(step).build());
        rollout.rollBack("ann", "wrong prices");
        return rollout;
    }

    private void restart() {
        rollouts.close();
        rollouts = open();
    }

    @Test
    void open_theStepIsTaken() {
        Rollout rollout = rolledBack(gate("database", question -> Gate.Result.open("only columns were added")));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(questions).containsExactly(new Gate.Question(ID, ByHand.V1, ByHand.V2, "undo", false, ByHand.NOON));
        assertThat(hand.types(ID)).endsWith("gate-opened", "step-intended", "step-done", "rolled-back");
        assertThat(heard)
                .contains(new RolloutEvent.GateOpened("database", "undo", "only columns were added", "rollback4j"));
    }

    @Test
    void several_areLookedAtInOrder_andNoneBehindAClosedOne() {
        rolledBack(
                gate("first", question -> Gate.Result.open("yes")),
                gate("second", question -> Gate.Result.blocked("no")),
                gate("third", question -> {
                    throw new AssertionError("is not asked");
                }));
        assertThat(questions).hasSize(2);
        assertThat(undo.gone).isEmpty();
    }

    @Nested
    @Tag("R-8")
    class Blocked {

        @Test
        void blocked_automaticRollback_neverGoesPast_andAPersonIsToldHowToGoOn() {
            Gate gate = gate("database", question -> Gate.Result.blocked("column price was dropped"));
            Rollout rollout = rollouts.start(plan().watch(Signals.report())
                    .thenRun(Step.of(undo).behind(gate).orElse(TestWay.failing("other")))
                    .build());
            rollout.raise("report", "ann", "wrong prices");
            hand.pass(Duration.ofDays(1).dividedBy(24));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(rollout.status().share()).isZero();
            assertThat(undo.gone).isEmpty();
            assertThat(questions).hasSize(1);
            assertThat(rollout.status().needsHuman())
                    .isEqualTo("gate database before step undo says blocked: column price was dropped. Once it may be"
                            + " passed, tryAgain(by) looks at it again, acknowledge(\"database\", by, note) opens it, or do"
                            + " step undo by hand and acknowledge(\"undo\", by, note)");
        }

        @Test
        void blocked_rollbackByAPerson_doesNotGoPastEither() {
            Rollout rollout = rolledBack(gate("database", question -> Gate.Result.blocked("column price was dropped")));
            hand.pass(Duration.ofMinutes(1));
            assertThat(undo.gone).isEmpty();
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
        }

        @Test
        void throwsOrSaysNothing_isBlocked() {
            Rollout rollout = rolledBack(gate("database", question -> {
                throw new IllegalStateException("connection refused");
            }));
            assertThat(rollout.status().needsHuman())
                    .contains("says blocked: it could not be asked: connection refused");
            restart();
            questions.clear();
            Rollout other = rollouts.retry(finished(rollout), "ann", "again");
            other.rollBack("ann", "wrong prices");
            assertThat(other.status().needsHuman()).contains("says blocked: it said nothing");
            assertThat(undo.gone).isEmpty();
        }

        private RollbackPlan finished(Rollout rollout) {
            rollout = rollouts.start(rollout.plan());
            rollout.acknowledge("undo", "bob", "by hand");
            return plan().thenRun(Step.of(undo).behind(gate("database", question -> null)))
                    .build();
        }

        @Test
        void hangs_isBlockedAfterThirtySeconds() {
            Rollout rollout = rolledBack(gate("database", question -> {
                hand.pass(Duration.ofSeconds(31));
                return Gate.Result.open("too late to be heard");
            }));
            assertThat(undo.gone).isEmpty();
            assertThat(rollout.status().needsHuman()).contains("no answer within PT30S");
        }

        @Test
        void blocked_acknowledged_isOpenedByThePerson_andTheStepIsTaken() {
            Rollout rollout = rolledBack(gate("database", question -> Gate.Result.blocked("column price was dropped")));
            rollout.acknowledge("database", "bob", "restored from the backup");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(undo.gone).hasSize(1);
            assertThat(heard)
                    .contains(new RolloutEvent.GateOpened("database", "undo", "restored from the backup", "bob"));
            assertThat(hand.types(ID))
                    .endsWith(
                            "gate-closed",
                            "needs-human",
                            "gate-opened",
                            "resumed",
                            "step-intended",
                            "step-done",
                            "rolled-back");
        }

        @Test
        void blocked_stepAcknowledged_isDoneByThePerson() {
            Rollout rollout = rolledBack(gate("database", question -> Gate.Result.blocked("column price was dropped")));
            rollout.acknowledge("undo", "bob", "by hand");
            assertThat(undo.gone).isEmpty();
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void blocked_triedAgain_isLookedAtAgain() {
            boolean[] open = {false};
            Rollout rollout = rolledBack(gate(
                    "database",
                    question -> open[0] ? Gate.Result.open("restored") : Gate.Result.blocked("column was dropped")));
            rollout.tryAgain("bob");
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            open[0] = true;
            rollout.tryAgain("bob");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(questions).hasSize(3);
        }

        @Test
        void blocked_afterARestart_stillIs_untilAPersonActs() {
            Rollout rollout = rolledBack(gate("database", question -> Gate.Result.blocked("column was dropped")));
            restart();
            rollout = rollouts.start(rollout.plan());
            hand.pass(Duration.ofHours(1));
            assertThat(questions).hasSize(1);
            assertThat(rollout.status().needsHuman()).startsWith("gate database before step undo says blocked: column");
            rollout.acknowledge("database", "bob", "restored");
            assertThat(undo.gone).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void otherGatesOpenedBefore_areLookedAtAgain_onceAPersonHasOpenedOne() {
            boolean[] open = {true};
            Rollout rollout = rolledBack(
                    gate("freeze", question -> open[0] ? Gate.Result.open("none") : Gate.Result.blocked("a freeze")),
                    gate("database", question -> Gate.Result.blocked("column was dropped")));
            open[0] = false;
            rollout.acknowledge("database", "bob", "restored");
            assertThat(undo.gone).as("hours may have passed").isEmpty();
            assertThat(rollout.status().needsHuman()).startsWith("gate freeze");
            rollout.acknowledge("freeze", "bob", "allowed");
            assertThat(undo.gone).as("what a person has opened stays open").hasSize(1);
        }
    }

    @Nested
    class Waiting {

        @Test
        void waits_isAskedEveryFiveSeconds_andSaidOnce() {
            int[] asked = {0};
            Rollout rollout = rolledBack(gate(
                    "replica",
                    question -> ++asked[0] < 4
                            ? Gate.Result.waiting("lag " + asked[0] + " s")
                            : Gate.Result.open("no lag")));
            hand.pass(Duration.ofSeconds(14));
            assertThat(undo.gone).isEmpty();
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLING_BACK);
            assertThat(rollout.status().awaitsAcknowledgement()).isEmpty();
            hand.pass(Duration.ofSeconds(2));
            assertThat(undo.gone).hasSize(1);
            assertThat(heard)
                    .filteredOn(RolloutEvent.GateClosed.class::isInstance)
                    .containsExactly(new RolloutEvent.GateClosed("replica", "undo", "wait", "lag 1 s"));
        }

        @Test
        void waits_longerThanThePlansPatience_isBlocked() {
            Gate gate = gate("replica", question -> Gate.Result.waiting("lag 7 s"));
            Rollout rollout =
                    rollouts.start(plan().thenRun(Step.of(undo).behind(gate).patience(Duration.ofSeconds(30)))
                            .build());
            rollout.rollBack("ann", "wrong prices");
            hand.pass(Duration.ofSeconds(29));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLING_BACK);
            hand.pass(Duration.ofSeconds(2));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(rollout.status().needsHuman())
                    .startsWith("gate replica before step undo says blocked: it did not open within PT30S: lag 7 s");
        }

        @Test
        void waits_acrossARestart_thePatienceGoesOn() {
            Gate gate = gate("replica", question -> Gate.Result.waiting("lag 7 s"));
            RollbackPlan plan = plan().thenRun(Step.of(undo).behind(gate).patience(Duration.ofSeconds(30)))
                    .build();
            rollouts.start(plan).rollBack("ann", "wrong prices");
            hand.pass(Duration.ofSeconds(20));
            restart();
            Rollout rollout = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(9));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLING_BACK);
            hand.pass(Duration.ofSeconds(3));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(heard)
                    .filteredOn(RolloutEvent.GateClosed.class::isInstance)
                    .extracting(event -> ((RolloutEvent.GateClosed) event).verdict())
                    .containsExactly("wait", "blocked");
        }

        @Test
        void waits_acknowledged_isOpened() {
            Rollout rollout = rolledBack(gate("replica", question -> Gate.Result.waiting("lag 7 s")));
            rollout.acknowledge("replica", "bob", "lag does not matter");
            assertThat(undo.gone).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @Nested
    class Asking {

        private final Gate approval = Gate.approval("approval", "the database administrator");

        @Test
        void asks_waitsForThatPerson_whoIsNamedInTheStatus() {
            Rollout rollout = rolledBack(approval);
            hand.pass(Duration.ofHours(3));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLING_BACK);
            assertThat(rollout.status().awaitsAcknowledgement()).isEqualTo("approval");
            assertThat(heard)
                    .contains(new RolloutEvent.GateClosed(
                            "approval", "undo", "ask", "the database administrator must approve"));
            assertThat(undo.gone).isEmpty();

            rollout.acknowledge("approval", "dba", "fine");

            assertThat(undo.gone).hasSize(1);
            assertThat(rollout.status().awaitsAcknowledgement()).isEmpty();
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThatThrownBy(() -> rollout.acknowledge("approval", "dba", "again"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("it does not wait for step or gate approval");
        }

        @Test
        void asked_afterARestart_staysAsked() {
            Rollout rollout = rolledBack(approval);
            restart();
            rollout = rollouts.start(rollout.plan());
            assertThat(rollout.status().awaitsAcknowledgement()).isEqualTo("approval");
            assertThat(hand.types(ID)).containsOnlyOnce("gate-closed");
            rollout.acknowledge("approval", "dba", "fine");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void openedByAPerson_staysOpenAfterARestart_thoughItsStepHasNotBegun() {
            TestWay first = TestWay.failing("first");
            Gate other = gate("other", question -> Gate.Result.waiting("not yet"));
            RollbackPlan plan = plan().thenRun(Step.of(undo).behind(approval).behind(other), Step.of(first))
                    .build();
            Rollout rollout = rollouts.start(plan);
            rollout.rollBack("ann", "wrong prices");
            rollout.acknowledge("approval", "dba", "fine");
            restart();
            rollout = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout.status().awaitsAcknowledgement()).isEmpty();
            assertThat(questions).hasSizeGreaterThanOrEqualTo(2);
        }

        @Test
        void sameGateBeforeTwoSteps_isOpenedForBoth() {
            TestWay second = TestWay.done("second");
            Rollout rollout = rollouts.start(plan().thenRun(
                            Step.of(undo).behind(approval), Step.of(second).behind(approval))
                    .build());
            rollout.rollBack("ann", "wrong prices");
            rollout.acknowledge("approval", "dba", "fine");
            assertThat(undo.gone).hasSize(1);
            assertThat(second.gone).hasSize(1);
            assertThat(heard)
                    .filteredOn(RolloutEvent.GateOpened.class::isInstance)
                    .hasSize(2);
        }

        @Test
        void stepAcknowledgedInsteadOfTheGate_isDone() {
            Rollout rollout = rolledBack(approval);
            rollout.acknowledge("undo", "dba", "did it myself");
            assertThat(undo.gone).isEmpty();
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }
}
