package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.featureFlag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.traffic.Arm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A candidate that brings the process down. */
class BootLoopGuardTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";

    private final ByHand hand = new ByHand();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private Rollouts rollouts = open(hand.builder());

    private Rollouts open(Rollouts.Builder builder) {
        Rollouts opened = builder.build();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
    }

    /** Ends the process without a word, and starts it again. */
    private Rollout killAndStart(RollbackPlan plan) {
        hand.kill();
        rollouts = open(hand.builder());
        return rollouts.start(plan);
    }

    private Rollout killed(RollbackPlan plan, int times) {
        Rollout rollout = rollouts.start(plan);
        for (int i = 0; i < times; i++) {
            hand.pass(Duration.ofSeconds(20));
            rollout = killAndStart(plan);
        }
        return rollout;
    }

    private static Set<Arm> arms(Rollout rollout) {
        Set<Arm> arms = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            arms.add(rollout.route("user-" + i));
        }
        return arms;
    }

    @Nested
    @Tag("R-2")
    class InModeAct {

        private final RollbackPlan plan = plan().thenRun(TestWay.done("flag")).build();

        @Test
        void killedTwice_goesOn() {
            Rollout rollout = killed(plan, 2);
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(arms(rollout)).contains(Arm.CANDIDATE);
        }

        @Test
        void killedThrice_isRolledBackBeforeAnyCall() {
            Rollout rollout = killed(plan, 3);
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(rollout.status().decision())
                    .isEqualTo(
                            "the process was started 3 times within PT10M without having been stopped in order, while"
                                    + " the candidate served: it may be what brings it down");
            assertThat(hand.types(ID)).endsWith("continued", "decided", "step-intended", "step-done", "rolled-back");
            assertThat(heard)
                    .filteredOn(RolloutEvent.Decided.class::isInstance)
                    .extracting(event -> ((RolloutEvent.Decided) event).signal())
                    .containsExactly("boot-loop");
        }

        @Test
        void killedThrice_whileTheJournalIsAway_isRolledBackAllTheSame() {
            killed(plan, 2);
            hand.kill();
            hand.journal.refuses = event -> true;
            rollouts = open(hand.builder());
            Rollout rollout = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void closedInOrder_isNoUncleanStart() {
            rollouts.start(plan);
            for (int i = 0; i < 5; i++) {
                rollouts.close();
                rollouts = open(hand.builder());
                assertThat(rollouts.start(plan).state().phase()).isEqualTo(Phase.RUNNING);
            }
        }

        @Test
        void killedThrice_butSeldom_goesOn() {
            RollbackPlan slow =
                    plan().strategy(canary(5).bake(Duration.ofDays(1))).build();
            Rollout rollout = rollouts.start(slow);
            for (int i = 0; i < 6; i++) {
                hand.nanos += Duration.ofMinutes(5).plusSeconds(1).toNanos();
                rollout = killAndStart(slow);
            }
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }

        @Test
        void killedByTheFirstCall_isFound() {
            // What comes after the exposure is not written any more.
            hand.journal.refuses = event -> List.of("exposed", "closed").contains(event.type());
            rollouts.start(plan);
            Rollout rollout = null;
            for (int i = 0; i < 3; i++) {
                rollout = killAndStart(plan);
            }
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"RECOMMEND", "OBSERVE"})
    void killedThrice_inOtherModes_isHeldWithoutTraffic_untilAPersonDecides(Mode mode) {
        RollbackPlan plan = plan().mode(mode).build();
        Rollout rollout = killed(plan, 3);
        assertThat(arms(rollout)).containsExactly(Arm.STABLE);
        assertThat(rollout.state()).isEqualTo(new RolloutState(Phase.PAUSED, 0, true, false));
        assertThat(hand.types(ID)).endsWith("continued", "decided", "paused");
        assertThat(rollout.status().decision()).contains("was started 3 times");

        rollout = killAndStart(plan);
        assertThat(hand.types(ID)).as("without traffic it is not the candidate").endsWith("continued");
        rollout.approve("ann");
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
    }

    @Test
    void killedThrice_whileTheFlagIsOff_isNotTheCandidates() {
        RollbackPlan plan = plan().strategy(featureFlag(50)).build();
        Rollout rollout = killed(plan, 5);
        assertThat(rollout.state()).isEqualTo(new RolloutState(Phase.PAUSED, 0, true, false));
        assertThat(hand.types(ID)).doesNotContain("decided");
    }

    @Test
    void killedThrice_promotedWithinItsWindow_isRolledBack() {
        RollbackPlan plan = plan().build();
        rollouts.start(plan).promote("ann");
        assertThat(killed(plan, 3).state().phase()).isEqualTo(Phase.ROLLED_BACK);
    }

    @Test
    void killedThrice_promotedForGood_servesAtOnce() {
        RollbackPlan plan = plan().strategy(canary(5, 50).thenPromote().rollbackWindow(Duration.ofSeconds(10)))
                .build();
        rollouts.start(plan).promote("ann");
        hand.pass(Duration.ofSeconds(11));
        Rollout rollout = killed(plan, 4);
        assertThat(arms(rollout)).containsExactly(Arm.CANDIDATE);
    }

    @Test
    void bootLoopGuard_startsAndTime_areTheApplications() {
        RollbackPlan plan = plan().build();
        rollouts.close();
        rollouts = open(hand.builder().bootLoopGuard(1, Duration.ofMinutes(1)));
        rollouts.start(plan);
        hand.kill();
        rollouts = open(hand.builder().bootLoopGuard(1, Duration.ofMinutes(1)));
        assertThat(rollouts.start(plan).state().phase()).isEqualTo(Phase.ROLLED_BACK);
    }

    @ParameterizedTest
    @CsvSource({"0, PT10M", "101, PT10M", "3, PT0.9S", "3, PT25H"})
    @Tag("R-12")
    void bootLoopGuard_outsideItsRange_isRefused(int starts, Duration within) {
        assertThatThrownBy(() -> Rollouts.builder().bootLoopGuard(starts, within))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bootLoopGuard of " + starts + " starts within " + within
                        + " is not allowed: 1 to 100 starts within 1 s to 24 h are");
    }

    @Nested
    @Tag("R-2")
    class GoingOn {

        @Test
        void start_again_exposesNobodyUntilTheJournalKnows() {
            RollbackPlan plan = plan().build();
            rollouts.start(plan);
            rollouts.close();
            hand.journal.refuses = event -> event.type().equals("continued");
            rollouts = open(hand.builder());
            Rollout rollout = rollouts.start(plan);
            hand.pass(Duration.ofMinutes(3));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.status().share()).isZero();
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(6));
            assertThat(rollout.status().share()).isEqualTo(0.05);
            assertThat(hand.types(ID)).containsOnlyOnce("continued");
        }

        @Test
        void start_promotedAgain_exposesNobodyUntilTheJournalKnows() {
            RollbackPlan plan = plan().build();
            rollouts.start(plan).promote("ann");
            rollouts.close();
            hand.journal.refuses = event -> true;
            rollouts = open(hand.builder());
            Rollout rollout = rollouts.start(plan);
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(6));
            assertThat(arms(rollout)).containsExactly(Arm.CANDIDATE);
        }

        @Test
        void start_again_aPersonCanRollBackMeanwhile() {
            RollbackPlan plan = plan().build();
            rollouts.start(plan);
            rollouts.close();
            hand.journal.refuses = event -> true;
            rollouts = open(hand.builder());
            Rollout rollout = rollouts.start(plan);
            rollout.rollBack("ann", "wrong prices");
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(6));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            assertThat(hand.types(ID)).endsWith("continued", "decided", "rolled-back");
        }
    }
}
