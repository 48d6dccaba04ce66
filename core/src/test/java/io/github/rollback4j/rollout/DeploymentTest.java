package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.V1;
import static io.github.rollback4j.rollout.ByHand.V2;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.deployment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.Forecast;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.report.Runbook;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A process that is the candidate, on its own. */
class DeploymentTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final String STABLE = "serving:checkout:1.4.2";
    private static final String CANDIDATE = "serving:checkout:1.5.0";

    private final ByHand hand = new ByHand();
    private final SplittableRandom random = new SplittableRandom(3);
    private final List<String> stepsTaken = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private boolean doesStableServe = true;
    private Rollouts rollouts = hand.rollouts();

    private Check.Result stableServes() {
        return doesStableServe ? Check.Result.pass("3 pods are ready") : Check.Result.fail("no pod is ready");
    }

    private RolloutStrategy checked() {
        return deployment()
                .bake(Duration.ofMinutes(30))
                .drain(Duration.ofSeconds(20))
                .stableServes("pods", this::stableServes);
    }

    private RollbackPlan.Builder plan(RolloutStrategy strategy) {
        return RollbackPlan.from(V1)
                .to(V2)
                .strategy(strategy)
                .watch(errorRate())
                .thenRun(ByHand.way("pipeline", context -> {
                    stepsTaken.add(context.idempotencyKey());
                    return RollbackStrategy.Done.done("started");
                }));
    }

    private Rollout start(RollbackPlan plan) {
        rollouts.addListener((rollout, event) -> heard.add(event.type()));
        Rollout rollout = rollouts.start(plan);
        hand.pass(Duration.ofSeconds(1));
        return rollout;
    }

    private void serve(Rollout rollout, Duration duration, double failing) {
        for (long tenths = duration.toMillis() / 100; tenths > 0; tenths--) {
            for (int i = 0; i < 5; i++) {
                long ticket = rollout.enter();
                assertThat(Ticket.isCandidate(ticket)).isTrue();
                rollout.exit(ticket, hand.nanos, random.nextDouble() < failing ? Outcome.FAILURE : Outcome.SUCCESS);
            }
            hand.pass(Duration.ofMillis(100));
        }
    }

    /** Lets stable leave a baseline behind, of a process that ends then. */
    private void leaveBaseline(double failing) {
        Rollouts.Serving serving = rollouts.serve(V1);
        for (int second = 0; second < 61 * 60 + 300; second++) {
            for (int i = 0; i < 3; i++) {
                serving.record(random.nextDouble() < failing ? Outcome.FAILURE : Outcome.SUCCESS);
            }
            hand.pass(Duration.ofSeconds(1));
        }
        serving.close();
    }

    private void restart() {
        rollouts.close();
        hand.kill();
        rollouts = hand.rollouts();
    }

    @AfterEach
    void close() {
        rollouts.close();
    }

    @Nested
    class Baseline {

        @Test
        void serve_anHourOfCalls_isKeptForTheNextRelease() {
            leaveBaseline(.001);
            assertThat(hand.types(STABLE)).isNotEmpty().containsOnly("baseline-kept");
            restart();
            Rollout rollout = start(plan(checked()).build());
            Rollout.Deployment known = rollout.deployment();
            assertThat(known).isNotNull();
            assertThat(known.windows()).isGreaterThanOrEqualTo(12);
            assertThat(known.highRate()).isBetween(.0005, .01);
            assertThat(known.label()).contains("outside R-1");
        }

        @Test
        void start_noBaseline_isNoData() {
            Rollout rollout = start(plan(checked()).build());
            serve(rollout, Duration.ofSeconds(10), 1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.status().assessments().get(0).verdict()).isEqualTo(Verdict.NO_DATA);
        }

        @Test
        void promoted_candidate_leavesItsOwnForTheReleaseAfterIt() {
            leaveBaseline(.001);
            restart();
            Rollout rollout = start(plan(checked()).build());
            serve(rollout, Duration.ofMinutes(31), .001);
            assertThat(rollout.state().phase()).isEqualTo(Phase.PROMOTED);
            assertThat(hand.types(CANDIDATE)).isEmpty();
            serve(rollout, Duration.ofMinutes(62), .001);
            assertThat(hand.types(CANDIDATE)).contains("baseline-kept");
            restart();
            Release next = Release.of("checkout", "1.6.0");
            Rollout after = start(RollbackPlan.from(V2)
                    .to(next)
                    .strategy(checked())
                    .watch(errorRate())
                    .build());
            assertThat(after.deployment().windows()).isGreaterThanOrEqualTo(12);
        }

        @Test
        void rolledBack_candidate_leavesNone() {
            leaveBaseline(.001);
            restart();
            Rollout rollout = start(plan(checked()).build());
            serve(rollout, Duration.ofMinutes(1), .5);
            serve(rollout, Duration.ofMinutes(80), .5);
            rollouts.close();
            assertThat(hand.types(CANDIDATE)).isEmpty();
        }
    }

    @Nested
    class TakenBack {

        private Rollout started(RolloutStrategy strategy) {
            leaveBaseline(.001);
            restart();
            return start(plan(strategy).build());
        }

        @Test
        void healthyCandidate_isPromotedAndNeverRefuses() {
            Rollout rollout = started(checked());
            serve(rollout, Duration.ofMinutes(31), .001);
            assertThat(rollout.state().phase()).isEqualTo(Phase.PROMOTED);
            assertThat(heard).doesNotContain("traffic-refused", "decided");
        }

        @Test
        @Tag("R-14")
        void brokenCandidate_stableServes_refusesThenDrainsThenTakesTheSteps() {
            Rollout rollout = started(checked());
            serve(rollout, Duration.ofSeconds(30), .001);
            serve(rollout, Duration.ofSeconds(5), 1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLING_BACK);
            assertThat(rollout.isRefusing()).isTrue();
            assertThat(stepsTaken).isEmpty();
            serve(rollout, Duration.ofSeconds(25), 1);
            assertThat(stepsTaken).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(rollout.isRefusing()).isTrue();
            assertThat(hand.types(ID))
                    .containsSubsequence("decided", "traffic-refused", "step-intended", "step-done", "rolled-back");
            assertThat(rollout.status().decision()).contains("outside R-1");
        }

        @Test
        @Tag("R-14")
        void brokenCandidate_stableNotKnownToServe_recommendsAndServesOn() {
            doesStableServe = false;
            Rollout rollout = started(checked());
            serve(rollout, Duration.ofMinutes(2), 1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.status().awaitsApproval()).isTrue();
            assertThat(rollout.deployment().mode()).isEqualTo(Mode.RECOMMEND);
            rollout.approve("ada");
            serve(rollout, Duration.ofSeconds(5), 1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(stepsTaken).hasSize(1);
            assertThat(heard).doesNotContain("traffic-refused");
        }

        @Test
        @Tag("R-14")
        void brokenCandidate_modeActStated_triggersTheWayBackAndServesOn() {
            leaveBaseline(.001);
            restart();
            Rollout rollout = start(plan(deployment()).mode(Mode.ACT).build());
            serve(rollout, Duration.ofSeconds(10), 1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(stepsTaken).hasSize(1);
            assertThat(rollout.isRefusing()).isFalse();
        }

        @Test
        @Tag("R-14")
        void refusingInstance_stableDisappears_servesAgain() {
            Rollout rollout = started(checked());
            serve(rollout, Duration.ofSeconds(5), 1);
            assertThat(rollout.isRefusing()).isTrue();
            doesStableServe = false;
            hand.pass(Duration.ofMillis(2_200));
            assertThat(rollout.isRefusing()).isFalse();
            assertThat(hand.types(ID)).contains("traffic-resumed");
            doesStableServe = true;
            hand.pass(Duration.ofMillis(2_200));
            assertThat(rollout.isRefusing()).isTrue();
        }

        @Test
        @Tag("R-14")
        void refusingInstance_checkHangs_servesAgain() {
            Rollout rollout = started(checked());
            serve(rollout, Duration.ofSeconds(5), 1);
            assertThat(rollout.isRefusing()).isTrue();
            hand.hold();
            hand.pass(Duration.ofSeconds(11));
            assertThat(rollout.isRefusing()).isFalse();
            hand.release();
        }

        @Test
        @Tag("R-2")
        void restart_afterARollback_refusesAgain() {
            Rollout rollout = started(checked());
            serve(rollout, Duration.ofSeconds(60), 1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            restart();
            Rollout again = start(plan(checked()).build());
            hand.pass(Duration.ofSeconds(3));
            assertThat(again.isRefusing()).isTrue();
        }

        @Test
        void closed_refusingInstance_servesAgain() {
            Rollout rollout = started(checked());
            serve(rollout, Duration.ofSeconds(5), 1);
            rollouts.close();
            assertThat(rollout.isRefusing()).isFalse();
        }

        @Test
        void callsThatHang_areFoundAfterTheirDeadline() {
            Rollout rollout = started(checked());
            for (int i = 0; i < 350; i++) {
                rollout.enter();
                hand.pass(Duration.ofMillis(100));
            }
            assertThat(rollout.state().phase()).isNotEqualTo(Phase.RUNNING);
        }
    }

    @Nested
    class BreakGlass {

        @Test
        @Tag("R-13")
        void allToStable_stableServes_refusesUntilItIsLifted() {
            Rollout rollout = start(plan(checked()).build());
            rollouts.allToStable("ada", "incident");
            hand.pass(Duration.ofSeconds(3));
            assertThat(rollout.isRefusing()).isTrue();
            rollouts.readmit("ada", "over");
            assertThat(rollout.isRefusing()).isFalse();
        }

        @Test
        @Tag("R-13")
        @Tag("R-14")
        void allToStable_stableNotKnownToServe_servesOn() {
            doesStableServe = false;
            Rollout rollout = start(plan(checked()).build());
            rollouts.allToStable("ada", "incident");
            hand.pass(Duration.ofSeconds(3));
            assertThat(rollout.isRefusing()).isFalse();
        }

        @Test
        @Tag("R-13")
        void readmit_afterARollback_servesAndStaysSo() {
            Rollout rollout = start(plan(checked()).build());
            hand.pass(Duration.ofSeconds(3));
            rollout.rollBack("ada", "I see it failing");
            hand.pass(Duration.ofSeconds(30));
            assertThat(rollout.isRefusing()).isTrue();
            rollouts.readmit("ada", "stable is worse");
            hand.pass(Duration.ofSeconds(30));
            assertThat(rollout.isRefusing()).isFalse();
            rollouts.allToStable("ada", "no, it is not");
            hand.pass(Duration.ofSeconds(3));
            assertThat(rollout.isRefusing()).isTrue();
        }

        @Test
        @Tag("R-13")
        void automationOff_brokenCandidate_isOnlyRecommended() {
            leaveBaseline(.001);
            restart();
            Rollout rollout = start(plan(checked()).build());
            rollouts.automationOff("ada", "we look ourselves");
            serve(rollout, Duration.ofSeconds(20), 1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.isRefusing()).isFalse();
        }

        @Test
        void pauseAndStopTraffic_refusesUntilItIsResumed() {
            Rollout rollout = start(plan(checked()).build());
            rollout.pauseAndStopTraffic("ada", "a look");
            hand.pass(Duration.ofSeconds(3));
            assertThat(rollout.isRefusing()).isTrue();
            rollout.resume("ada");
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout.isRefusing()).isFalse();
        }
    }

    @Nested
    class Told {

        @Test
        void preflight_stableServes_hasIt() {
            Rollout rollout = start(plan(checked()).build());
            assertThat(rollout.preflight().items())
                    .filteredOn(item -> item.name().equals("stable-capacity"))
                    .singleElement()
                    .satisfies(item -> {
                        assertThat(item.outcome()).isEqualTo(Preflight.Outcome.PASSED);
                        assertThat(item.detail()).contains("pods", "3 pods are ready", "share no store");
                    });
        }

        @Test
        void preflight_nothingIsKnown_saysWhatFollows() {
            Rollout rollout = start(plan(deployment()).build());
            assertThat(rollout.preflight().outcomes())
                    .containsEntry("stable-capacity", Preflight.Outcome.NOT_CHECKED)
                    .containsEntry("baseline", Preflight.Outcome.NOT_CHECKED);
            assertThat(rollout.preflight().data().get("stable-capacity"))
                    .contains("no instance refuses traffic", "recommended only");
            assertThat(rollout.preflight().data().get("baseline")).contains("outside R-1");
        }

        @Test
        void reports_ofADeployment_promiseNoRateOfFalseRollbacks() {
            leaveBaseline(.001);
            restart();
            Rollout rollout = start(plan(checked()).build());
            serve(rollout, Duration.ofSeconds(60), 1);
            assertThat(PostMortem.of(hand.journal.read(ID)).markdown())
                    .contains("outside R-1", "The process was the candidate itself", "was deployed, and watched for")
                    .doesNotContain("The traffic went first");
            assertThat(Runbook.of(rollout.plan()).markdown())
                    .contains("outside R-1", "while stable capacity is known to serve", "rollout.approve")
                    .doesNotContain("by mistake in at most");
            assertThat(Runbook.criteriaSheet(rollout.plan()).markdown())
                    .contains("is not promised", "while today's version is known to serve")
                    .doesNotContain("by mistake in at most");
            assertThat(Forecast.of(rollout.plan(), Forecast.Traffic.of(50, .001))
                            .rows())
                    .isEmpty();
            assertThat(Forecast.of(rollout.plan(), Forecast.Traffic.of(50, .001))
                            .unseen())
                    .anyMatch(line -> line.contains("a deployment is compared with what stable does elsewhere"))
                    .noneMatch(line -> line.contains("nothing is left to compare"));
        }

        @Test
        void preflight_statedTraffic_saysWhatIsSeen() {
            Rollout rollout = start(plan(checked()).expectedTraffic(50, .001).build());
            assertThat(rollout.preflight().data().get("detection")).contains("1.4 %");
            assertThat(rollout.preflight().outcomes()).containsEntry("detection", Preflight.Outcome.PASSED);
        }

        @Test
        void deployment_ofACanary_isNone() {
            Rollout rollout = start(ByHand.plan().build());
            assertThat(rollout.deployment()).isNull();
            assertThat(rollout.isRefusing()).isFalse();
        }

        @Test
        void describe_unstatedMode_saysOnWhatItHangs() {
            assertThat(plan(deployment()).build().describe())
                    .containsEntry("mode", "ACT while stable capacity is known to serve, else RECOMMEND")
                    .containsEntry(
                            "signal error-rate",
                            "error-rate: not above stable times 2.0 plus 0.005, at least 3 failures, share of keyed calls"
                                    + " 0.5");
        }
    }

    @Nested
    class Refused {

        @Test
        void build_signalThatNeedsACoin_isRefused() {
            assertThatThrownBy(() -> plan(deployment()).watch(latency()).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("signal latency is watched in a deployment");
        }

        @Test
        void then_deployment_isRefused() {
            assertThatThrownBy(() -> canary(5).then(deployment()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("stands on its own");
        }

        @Test
        void maxRefusing_ofACanary_isRefused() {
            assertThatThrownBy(() -> canary(5).maxRefusing(2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("deployment() alone");
        }

        @Test
        void maxRefusing_none_isRefused() {
            assertThatThrownBy(() -> deployment().maxRefusing(0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0 instances", "1 to 1000");
        }

        @Test
        void holdBack_ofADeployment_isRefused() {
            assertThatThrownBy(() -> deployment().holdBack(5)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
