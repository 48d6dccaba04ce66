package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.report.TrackRecord;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.strategy.WaysBack;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a rollout journals is enough for its post-mortem, in another process, too. */
class PostMortemOfRolloutTest {

    private static final Release V1 = Release.of("checkout", "1.4.2");
    private static final Release V2 =
            Release.of("checkout", "1.5.0").with(Release.LINK, "https://example.com/releases/1.5.0");

    private final VirtualTime time = VirtualTime.create();
    private final Journal journal = Journal.inMemory();
    private final SplittableRandom random = new SplittableRandom(3);
    private Rollouts rollouts = open();

    private Rollouts open() {
        return time.rollouts(7).journal(journal).build();
    }

    @AfterEach
    void close() {
        rollouts.close();
    }

    private static RollbackPlan.Builder plan() {
        return RollbackPlan.from(V1)
                .to(V2)
                .strategy(canary(10, 50).bake(Duration.ofMinutes(10)).thenPromote())
                .watch(errorRate())
                .watch(latency());
    }

    /** After a restart only calls without a key are weighed in the same step. */
    private boolean isKeyed = true;

    /** Makes calls of many users, a hundred a second, and returns how many the candidate failed. */
    private int traffic(Rollout rollout, Duration duration, double stableErrors, double candidateErrors) {
        int failed = 0;
        for (long i = 0; i < duration.toMillis() / 10; i++) {
            time.advance(Duration.ofMillis(10));
            boolean[] isCandidate = new boolean[1];
            try {
                rollout.call(
                        isKeyed ? "user-" + random.nextInt(1_000_000) : null, () -> maybeFail(stableErrors), () -> {
                            isCandidate[0] = true;
                            return maybeFail(candidateErrors);
                        });
            } catch (IOException expected) {
                failed += isCandidate[0] ? 1 : 0;
            }
        }
        return failed;
    }

    private String maybeFail(double rate) throws IOException {
        if (random.nextDouble() < rate) {
            throw new IOException("broken");
        }
        return "fine";
    }

    private PostMortem fromTheJournal(String id) {
        return PostMortem.of(journal.read(id));
    }

    @Test
    void candidateThatBreaksLater_fromTheJournalAlone_isDatedCountedAndDrawn() {
        Rollout rollout = rollouts.start(plan().build());
        int failed = traffic(rollout, Duration.ofMinutes(5), .002, .002);
        failed += traffic(rollout, Duration.ofMinutes(2), .002, .3);
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        String id = rollout.id();
        rollouts.close();

        PostMortem postMortem = fromTheJournal(id);

        assertThat(postMortem.subject().rollout()).isEqualTo(id);
        assertThat(postMortem.impact().candidateFailures()).isEqualTo(failed);
        assertThat(postMortem.impact().failingKeys()).isEqualTo(failed);
        assertThat(postMortem.impact().excess()).isBetween(failed - 12.0, failed - 3.0);
        assertThat(postMortem.impact().isFinal()).isTrue();
        assertThat(postMortem.impact().highestShare()).isEqualTo(.1);
        // It broke five minutes after the start; the first failures of before are those that stable has, too.
        assertThat(Duration.between(
                        Objects.requireNonNull(postMortem.times().started()),
                        Objects.requireNonNull(postMortem.times().harmed())))
                .isBetween(Duration.ofSeconds(298), Duration.ofSeconds(305));
        assertThat(postMortem.times().toDetect()).isBetween(Duration.ZERO, Duration.ofSeconds(15));
        assertThat(postMortem.times().toRestore()).isEqualTo(postMortem.times().toDetect());
        assertThat(Objects.requireNonNull(postMortem.trigger()).explanation())
                .startsWith("error-rate: the candidate is worse than is tolerated.");
        assertThat(Objects.requireNonNull(postMortem.evidence())).satisfies(curve -> {
            assertThat(curve.signals()).containsExactly("error-rate", "latency");
            assertThat(curve.points()).hasSizeBetween(5, 60);
            assertThat(curve.points()
                            .get(curve.points().size() - 1)
                            .log10Evidence()
                            .get(0))
                    .isGreaterThanOrEqualTo(curve.log10Threshold());
        });
        assertThat(postMortem.markdown()).contains("<https://example.com/releases/1.5.0>");
    }

    @Test
    void liveRollout_saysMore_andTheSame() {
        Rollout rollout = rollouts.start(plan().build());
        traffic(rollout, Duration.ofMinutes(1), .002, .002);

        PostMortem running = PostMortem.of(journal.read(rollout.id()), rollout);
        assertThat(running.phase()).isEqualTo(Phase.RUNNING);
        assertThat(running.trigger()).isNull();
        assertThat(running.impact().stableCalls() + running.impact().candidateCalls())
                .isEqualTo(6_000);
        assertThat(running.assessments()).hasSize(2);
        assertThat(Objects.requireNonNull(running.evidence()).points()).hasSizeGreaterThan(50);

        traffic(rollout, Duration.ofMinutes(1), .002, 1);
        time.advance(Duration.ofMinutes(1));
        PostMortem live = PostMortem.of(journal.read(rollout.id()), rollout);
        PostMortem later = fromTheJournal(rollout.id());

        assertThat(live.times()).isEqualTo(later.times());
        assertThat(live.impact()).isEqualTo(later.impact());
        assertThat(live.trigger()).isEqualTo(later.trigger());
        assertThat(live.subject().plan()).isEqualTo(later.subject().plan());
        assertThat(Objects.requireNonNull(live.evidence()).points())
                .hasSizeGreaterThan(
                        Objects.requireNonNull(later.evidence()).points().size());
    }

    @Test
    void restartInTheMiddle_isOneRollout() {
        RollbackPlan plan =
                plan().thenRun(WaysBack.manual("purge", "Purge the cache.")).build();
        isKeyed = false;
        Rollout first = rollouts.start(plan);
        int failed = traffic(first, Duration.ofMinutes(2), .002, .002);
        rollouts.close();
        time.advance(Duration.ofMinutes(30));
        rollouts = open();
        Rollout second = rollouts.start(plan);
        failed += traffic(second, Duration.ofMinutes(2), .002, .5);
        assertThat(second.state().phase()).isEqualTo(Phase.ROLLING_BACK);
        rollouts.close();
        time.advance(Duration.ofMinutes(10));
        rollouts = open();
        Rollout third = rollouts.start(plan);
        time.advance(Duration.ofMinutes(1));
        third.acknowledge("purge", "ada", "purged");

        PostMortem postMortem = fromTheJournal(third.id());

        assertThat(postMortem.phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(postMortem.impact().candidateFailures()).isEqualTo(failed);
        assertThat(postMortem.impact().isAtLeast()).isFalse();
        assertThat(postMortem.times().toRestore()).isLessThan(Duration.ofSeconds(20));
        assertThat(postMortem.times().toBack()).isBetween(Duration.ofMinutes(11), Duration.ofMinutes(15));
        assertThat(Objects.requireNonNull(postMortem.evidence()).points().get(0).elapsed())
                .isLessThan(Duration.ofSeconds(2));
        assertThat(postMortem.measures().actions()).hasSize(1);
    }

    @Test
    void recommendation_thatIsApprovedLater_costsUntilThen() {
        Rollout rollout = rollouts.start(plan().mode(Mode.RECOMMEND).build());
        int failed = traffic(rollout, Duration.ofMinutes(1), 0, .5);
        rollout.approve("ann");
        time.advance(Duration.ofMinutes(1));

        PostMortem postMortem = fromTheJournal(rollout.id());

        assertThat(postMortem.impact().candidateFailures()).isEqualTo(failed);
        assertThat(Objects.requireNonNull(postMortem.trigger()).signal()).isEqualTo("error-rate");
        assertThat(Objects.requireNonNull(postMortem.times().toRestore()))
                .isGreaterThan(
                        Objects.requireNonNull(postMortem.times().toDetect()).plusSeconds(40));
    }

    @Test
    void trackRecord_ofPromotedAndTakenBack_knowsTheFailedCallsOfBoth() {
        Rollout bad = rollouts.start(plan().build());
        int badFailed = traffic(bad, Duration.ofMinutes(1), 0, 1);
        Rollout good = rollouts.retry(plan().build(), "ann", "mended");
        int goodFailed = traffic(good, Duration.ofMinutes(25), .01, .01);
        assertThat(good.state().phase()).isEqualTo(Phase.PROMOTED);
        time.advance(Duration.ofHours(2));

        TrackRecord record = TrackRecord.of(journal);

        assertThat(record.rows()).extracting(TrackRecord.Row::failedCalls).containsExactly((long) goodFailed, (long)
                badFailed);
        assertThat(record.rows()).extracting(TrackRecord.Row::phase).containsExactly(Phase.PROMOTED, Phase.ROLLED_BACK);
        assertThat(record.changeFailureRate()).isEqualTo(.5);
        assertThat(List.of(good.id(), bad.id()))
                .isEqualTo(record.rows().stream().map(TrackRecord.Row::rollout).toList());
    }
}
