package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.breakCandidate;
import static io.github.rollback4j.rollout.ByHand.plan;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.traffic.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is journalled for reports alone: nothing else hangs on it. */
class KeptForReportsTest {

    private final ByHand hand = new ByHand();
    private Rollouts rollouts = hand.rollouts();

    @AfterEach
    void close() {
        rollouts.close();
    }

    private List<Map<String, String>> journalled(Rollout rollout, String type) {
        return hand.memory.read(rollout.id()).stream()
                .filter(entry -> entry.event().type().equals(type))
                .map(entry -> Map.copyOf(entry.event().data()))
                .toList();
    }

    private static void callWell(Rollout rollout, int calls) {
        for (int i = 0; i < calls; i++) {
            rollout.call("good-" + i, () -> "fine", () -> "fine");
        }
    }

    @Test
    void decided_ofASignal_carriesWhatItWasDecidedBy() {
        Rollout rollout = rollouts.start(plan().build());
        hand.pass(Duration.ofSeconds(10));
        callWell(rollout, 1_000);
        hand.pass(Duration.ofSeconds(10));
        breakCandidate(rollout);

        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        Map<String, String> decided = journalled(rollout, "decided").get(0);
        long failed = Long.parseLong(decided.get("facts.candidate-failures"));
        assertThat(failed).isBetween(3L, 20L);
        assertThat(decided)
                .containsEntry("facts.counted-since", "PT0S")
                .containsEntry("facts.stable-failures", "0")
                .containsEntry("facts.candidate-failing-keys", Long.toString(failed))
                .containsEntry("facts.first-failure", "PT20S")
                .hasEntrySatisfying(
                        "facts.explanation",
                        explanation -> assertThat(explanation).startsWith("error-rate: the candidate is worse"))
                .hasEntrySatisfying(
                        "facts.tolerated", tolerated -> assertThat(tolerated).contains("1.1 times as often"))
                .hasEntrySatisfying(
                        "facts.rising-since",
                        since -> assertThat(Duration.parse(since))
                                .isBetween(Duration.ofSeconds(18), Duration.ofSeconds(20)));
        assertThat(Long.parseLong(decided.get("facts.candidate-calls"))).isGreaterThan(failed);
    }

    @Test
    void evidence_isKeptAtTheTickAfterTheDecision() {
        Rollout rollout = rollouts.start(plan().build());
        hand.pass(Duration.ofSeconds(20));
        breakCandidate(rollout);
        assertThat(journalled(rollout, "evidence-kept")).isEmpty();

        hand.tick();

        Rollout.EvidenceCurve kept = Objects.requireNonNull(RolloutEvent.EvidenceKept.curve(
                journalled(rollout, "evidence-kept").get(0)));
        assertThat(kept.signals()).containsExactly("error-rate");
        assertThat(kept.log10Threshold()).isEqualTo(2);
        assertThat(kept.points()).hasSameSizeAs(rollout.evidence().points());
        assertThat(kept.points().get(kept.points().size() - 1).log10Evidence().get(0))
                .isGreaterThan(2);
    }

    @Test
    void evidence_ofAPlanThatComparesNothing_isNotKept() {
        Rollout rollout = rollouts.start(RollbackPlan.from(ByHand.V1)
                .to(ByHand.V2)
                .watch(Signals.report())
                .build());
        hand.pass(Duration.ofSeconds(20));
        rollout.rollBack("ann", "wrong prices");
        hand.pass(Duration.ofSeconds(1));

        assertThat(hand.types(rollout.id())).contains("decided").doesNotContain("evidence-kept");
    }

    @Test
    void counted_onceTheLastCallUnderWayHasEndedOrIsOverdue_hasItsFailure() {
        Rollout rollout = rollouts.start(plan().build());
        hand.pass(Duration.ofSeconds(2));
        long ticket = 0;
        for (int i = 0; ticket == 0 || !Ticket.isCandidate(ticket); i++) {
            ticket = rollout.enter("slow-" + i);
        }
        rollout.rollBack("ann", "wrong prices");
        assertThat(journalled(rollout, "decided").get(0))
                .containsEntry("facts.candidate-failures", "0")
                .containsEntry("facts.candidate-pending", "1")
                .doesNotContainKey("facts.explanation");

        hand.pass(Duration.ofSeconds(29));
        assertThat(journalled(rollout, "counted")).isEmpty();
        hand.pass(Duration.ofSeconds(3));

        assertThat(journalled(rollout, "counted"))
                .hasSize(1)
                .first()
                .satisfies(counted -> assertThat(counted)
                        .containsEntry("facts.candidate-failures", "1")
                        .containsEntry("facts.candidate-pending", "0"));
        hand.pass(Duration.ofMinutes(2));
        rollouts.close();
        assertThat(journalled(rollout, "counted")).hasSize(1);
    }

    @Test
    void counts_ofEachProcess_areKeptWhenItEnds() {
        Rollout rollout = rollouts.start(plan().build());
        callWell(rollout, 1_000);
        hand.pass(Duration.ofSeconds(10));
        rollouts.close();
        rollouts = hand.rollouts();
        Rollout again = rollouts.start(plan().build());
        callWell(again, 500);
        hand.pass(Duration.ofSeconds(10));
        again.rollBack("ann", "wrong prices");

        assertThat(again.id()).isEqualTo(rollout.id());
        assertThat(journalled(again, "counted"))
                .extracting(counted -> Long.parseLong(counted.get("facts.stable-calls"))
                        + Long.parseLong(counted.get("facts.candidate-calls")))
                .containsExactly(1_000L);
        assertThat(journalled(again, "evidence-kept")).hasSize(1);
        assertThat(journalled(again, "decided").get(0)).containsEntry("facts.counted-since", "PT10S");
    }

    @Test
    void recommendation_carriesFactsToo_andAgainWhenItIsApproved() {
        Rollout rollout = rollouts.start(plan().mode(Mode.RECOMMEND).build());
        hand.pass(Duration.ofSeconds(5));
        for (int i = 0; i < 2_000; i++) {
            String key = "user-" + i;
            try {
                rollout.call(key, () -> "fine", () -> {
                    throw new IllegalStateException("broken");
                });
            } catch (IllegalStateException expected) {
                // The candidate fails each time, also after the recommendation.
            }
        }
        hand.pass(Duration.ofSeconds(5));
        rollout.approve("ann");

        List<Map<String, String>> decided = journalled(rollout, "decided");
        assertThat(decided).extracting(each -> each.get("acted")).containsExactly("false", "true");
        assertThat(decided)
                .extracting(each -> Long.parseLong(each.get("facts.candidate-failures")))
                .isSortedAccordingTo(Long::compare)
                .doesNotHaveDuplicates();
    }

    @Test
    void planned_knowsWhatTheReleasesSayOfThemselves_butNothingElse() {
        RollbackPlan plan = RollbackPlan.from(ByHand.V1.with(Release.COMMIT, "4d1f2c9"))
                .to(ByHand.V2
                        .with(Release.LINK, "https://example.com/releases/1.5.0")
                        .with(Release.DIFF, "https://example.com/compare/1.4.2...1.5.0")
                        .with("built-by", "somebody"))
                .watch(Signals.errorRate())
                .build();

        Rollout rollout = rollouts.start(plan);

        assertThat(journalled(rollout, "planned").get(0))
                .containsEntry("about.stable.commit", "4d1f2c9")
                .containsEntry("about.candidate.link", "https://example.com/releases/1.5.0")
                .containsEntry("about.candidate.diff", "https://example.com/compare/1.4.2...1.5.0")
                .doesNotContainKey("about.candidate.built-by");
    }
}
