package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.signal.Signals.reading;
import static io.github.rollback4j.strategy.RolloutStrategy.shadow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifierTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final Duration WITHIN = Duration.ofMinutes(2);

    private final ByHand hand = new ByHand();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private Rollouts rollouts = open();
    private int user;

    private Rollouts open() {
        Rollouts opened = hand.rollouts();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
    }

    private static RollbackPlan.Builder verified() {
        return plan().verifyWithin(WITHIN);
    }

    /** Makes calls of which stable fails the first few. */
    private void calls(Rollout rollout, int calls, int failures) {
        for (int i = 0; i < calls; i++) {
            boolean fails = i < failures;
            try {
                rollout.call(
                        "user-" + user++,
                        () -> {
                            if (fails) {
                                throw new IllegalStateException("stable fails");
                            }
                            return "fine";
                        },
                        () -> "fine");
            } catch (IllegalStateException expected) {
                // Stable's.
            }
        }
        hand.tick();
    }

    private Rollout started(RollbackPlan plan, int calls, int failures) {
        Rollout rollout = rollouts.start(plan);
        calls(rollout, calls, failures);
        return rollout;
    }

    private List<RolloutEvent.Verified> verifications() {
        return heard.stream()
                .filter(RolloutEvent.Verified.class::isInstance)
                .map(RolloutEvent.Verified.class::cast)
                .toList();
    }

    @Test
    void plan_withoutVerification_isRolledBackAtOnce() {
        Rollout rollout = started(plan().build(), 10, 0);
        rollout.rollBack("ann", "wrong prices");
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(hand.types(ID)).doesNotContain("baseline-noted", "verified");
    }

    @Test
    void healthy_endsAsSoonAsItIsKnown() {
        Rollout rollout = started(verified().build(), 1_000, 10);
        rollout.rollBack("ann", "wrong prices");
        hand.pass(Duration.ofSeconds(30));
        calls(rollout, 99, 0);
        hand.pass(Duration.ofSeconds(2));
        assertThat(rollout.state().phase()).as("one call is missing").isEqualTo(Phase.ROLLING_BACK);
        calls(rollout, 1, 0);
        hand.pass(Duration.ofSeconds(2));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(verifications()).singleElement().satisfies(verified -> {
            assertThat(verified.result()).isEqualTo("healthy");
            assertThat(verified.detail()).startsWith("stable failed 0 of 100 calls since the traffic is back, and ");
        });
        assertThat(hand.types(ID)).containsSubsequence("baseline-noted", "verified", "rolled-back");
    }

    /** Before, stable failed 2 of 100: twice that and one percentage point is 5 of 100. */
    @ParameterizedTest
    @CsvSource({"5, ROLLED_BACK", "6, NEEDS_HUMAN"})
    void errorRate_upToTwiceAndOnePointMore_isHealthy(int failures, Phase expected) {
        Rollout rollout = started(verified().strategy(shadow(1)).build(), 100, 2);
        rollout.rollBack("ann", "wrong prices");
        calls(rollout, 100, failures);
        hand.pass(WITHIN.plusSeconds(1));
        assertThat(rollout.state().phase()).isEqualTo(expected);
    }

    @Test
    void unhealthy_callsAHuman_andTryAgainLooksAgain() {
        Rollout rollout = started(verified().build(), 1_000, 0);
        rollout.rollBack("ann", "wrong prices");
        calls(rollout, 200, 100);
        hand.pass(WITHIN.minusSeconds(1));
        assertThat(rollout.state().phase()).as("it may get better").isEqualTo(Phase.ROLLING_BACK);
        hand.pass(Duration.ofSeconds(2));
        assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
        assertThat(rollout.status().share()).isZero();
        assertThat(rollout.status().needsHuman())
                .startsWith("stable is not healthy PT2M after the steps: stable failed 100 of 200 calls since")
                .endsWith(
                        "Find out why; tryAgain(by) looks again, acknowledge(\"verification\", by, note) accepts it as"
                                + " it is");

        rollout.tryAgain("bob");
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLING_BACK);
        assertThat(heard).contains(new RolloutEvent.TriedAgain("bob", "verification"));
        calls(rollout, 20_000, 0);
        hand.pass(Duration.ofSeconds(2));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(verifications()).extracting(RolloutEvent.Verified::result).containsExactly("unhealthy", "healthy");
    }

    @Test
    void unhealthy_acceptedByAPerson_isRolledBack() {
        Rollout rollout = started(verified().build(), 1_000, 0);
        rollout.rollBack("ann", "wrong prices");
        calls(rollout, 200, 100);
        hand.pass(WITHIN.plusSeconds(1));
        rollout.acknowledge("verification", "bob", "the partner is down, known");
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(heard).contains(new RolloutEvent.Verified("accepted", "by bob: the partner is down, known"));
    }

    @Test
    @Tag("R-5")
    void noCalls_isRolledBack_butSaid() {
        Rollout rollout = started(verified().build(), 1_000, 0);
        rollout.rollBack("ann", "wrong prices");
        hand.pass(WITHIN.plusSeconds(1));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(verifications())
                .containsExactly(new RolloutEvent.Verified(
                        "no-data",
                        "stable failed 0 of 0 calls since the traffic is back, at least 100 are needed to tell"));
    }

    @Test
    @Tag("R-5")
    void noCallsBefore_manyFailuresNow_isNoData() {
        Rollout rollout = started(verified().build(), 50, 0);
        rollout.rollBack("ann", "wrong prices");
        calls(rollout, 200, 100);
        hand.pass(WITHIN.plusSeconds(1));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(verifications()).singleElement().satisfies(verified -> {
            assertThat(verified.result()).isEqualTo("no-data");
            assertThat(verified.detail()).endsWith("and how it did before is not known");
        });
    }

    @ParameterizedTest
    @CsvSource({"4, ROLLED_BACK, healthy", "6, NEEDS_HUMAN, unhealthy", "NaN, ROLLED_BACK, no-data"})
    void limit_overItsLimit_isNotHealthy(double load, Phase expected, String result) {
        double[] value = {1};
        Rollout rollout = started(
                verified().watch(reading("load", () -> value[0]).notAbove(5)).build(), 1_000, 0);
        rollout.rollBack("ann", "wrong prices");
        value[0] = load;
        calls(rollout, 200, 0);
        hand.pass(WITHIN.plusSeconds(1));
        assertThat(rollout.state().phase()).isEqualTo(expected);
        assertThat(verifications()).extracting(RolloutEvent.Verified::result).containsExactly(result);
    }

    @Test
    void namedCheck_isLookedAtUntilItPasses() {
        int[] looks = {0};
        Rollout rollout = started(
                verified()
                        .verify("smoke", () -> new Check.Result(++looks[0] > 20, "look " + looks[0]))
                        .build(),
                1_000,
                0);
        rollout.rollBack("ann", "wrong prices");
        calls(rollout, 200, 0);
        hand.pass(Duration.ofSeconds(18));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLING_BACK);
        hand.pass(Duration.ofSeconds(5));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(looks[0]).as("about once a second").isEqualTo(21);
        assertThat(verifications().get(0).detail()).endsWith("; smoke: look 21");
    }

    @Test
    void namedCheck_throwsOrHangs_isNotHealthy_andStopsNothingElse() {
        boolean[] hangs = {true};
        Rollout rollout = started(
                verified()
                        .verify("throws", () -> {
                            throw new IllegalStateException("503");
                        })
                        .verify("hangs", () -> {
                            if (hangs[0]) {
                                hangs[0] = false;
                                hand.pass(Duration.ofSeconds(31));
                            }
                            return Check.Result.pass("too late");
                        })
                        .build(),
                1_000,
                0);
        rollout.rollBack("ann", "wrong prices");
        calls(rollout, 200, 0);
        hand.pass(WITHIN.plusSeconds(1));
        assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
        assertThat(rollout.status().needsHuman()).contains("throws: there is no answer: 503");
    }

    @Test
    @Tag("R-4")
    void restart_whileItIsLookedAt_goesOn_heldAgainstWhatWasNotedBefore() {
        RollbackPlan plan = verified().build();
        started(plan, 1_000, 100).rollBack("ann", "wrong prices");
        rollouts.close();
        rollouts = open();
        Rollout rollout = rollouts.start(plan);
        calls(rollout, 200, 30);
        hand.pass(Duration.ofSeconds(2));
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(verifications().get(0).detail())
                .startsWith("stable failed 30 of 200 calls since the traffic is back, and ")
                .endsWith(" before");
    }

    @Test
    @Tag("R-4")
    void restart_whereItWasUnhealthy_stillNeedsAHuman() {
        RollbackPlan plan = verified().build();
        Rollout rollout = started(plan, 1_000, 0);
        rollout.rollBack("ann", "wrong prices");
        calls(rollout, 200, 100);
        hand.pass(WITHIN.plusSeconds(1));
        rollouts.close();
        rollouts = open();
        rollout = rollouts.start(plan);
        hand.pass(Duration.ofHours(1));
        assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
        assertThat(rollout.status().needsHuman()).startsWith("stable is not healthy");
        rollout.acknowledge("verification", "bob", "the partner is down, known");
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
    }

    @Test
    void acknowledge_beforeAnythingIsVerified_isRefused() {
        Rollout rollout = started(verified().thenRun(TestWay.failing("a")).build(), 1_000, 0);
        rollout.rollBack("ann", "wrong prices");
        assertThatThrownBy(() -> rollout.acknowledge("verification", "bob", "fine"))
                .hasMessageContaining("it does not wait for step or gate verification");
    }
}
