package io.github.rollback4j.reports;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.test.VirtualTime;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Ticket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Draws the evidence of a whole rollout. The candidate is no worse than stable at first, and fails more often from a time on. */
class EvidenceImageTest {

    private static final Duration BETWEEN_CALLS = Duration.ofMillis(10);
    private static final Duration GOOD = Duration.ofSeconds(210);
    private static final double FAILURE_RATE = .002;
    private static final double LATER_FAILURE_RATE = .015;

    private final VirtualTime time = VirtualTime.create();
    private final SplittableRandom random = new SplittableRandom(5);
    private final Rollouts rollouts = time.rollouts(7).build();

    @AfterEach
    void close() {
        rollouts.close();
    }

    @Test
    void svg_candidateRolledBack_lineOfTheErrorRateEndsAboveTheThreshold() throws IOException {
        Rollout rollout = rollouts.start(RollbackPlan.from(Release.of("checkout", "1.4.2"))
                .to(Release.of("checkout", "1.5.0"))
                .strategy(canary(1, 5, 25).bake(Duration.ofMinutes(1)).thenHold())
                .watch(errorRate())
                .watch(latency())
                .build());
        while (rollout.state().phase() == Phase.RUNNING) {
            call(rollout);
        }
        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);

        // @start region="chart"
        String svg = EvidenceChart.of(rollout.evidence()).title(rollout.id()).svg();
        // @end

        Picture picture = Picture.of(svg);
        double threshold = picture.number(picture.only("line", "threshold"), "y1");
        assertThat(picture.lineEnds()).hasSize(2);
        assertThat(picture.lineEnds().get(0)).as("error-rate").isLessThan(threshold);
        assertThat(picture.lineEnds().get(1)).as("latency").isGreaterThan(threshold);
        assertThat(picture.description())
                .containsPattern("error-rate: highest 10\\^2\\.\\d\\d after .*, at or above the threshold\\.")
                .containsPattern("latency: highest 10\\^-0\\.\\d\\d after .*, below the threshold\\.")
                .containsPattern(
                        "The candidate got 1 % of the calls from .*, 5 % of the calls from .*, 25 % of the calls from");
        assertIsTheFile(svg, "docs/images/evidence.svg");
    }

    private void call(Rollout rollout) {
        time.advance(BETWEEN_CALLS);
        long ticket = rollout.enter();
        boolean isBad = Ticket.isCandidate(ticket) && time.nanos() > GOOD.toNanos();
        boolean failed = random.nextDouble() < (isBad ? LATER_FAILURE_RATE : FAILURE_RATE);
        rollout.exitAfter(ticket, random.nextLong(10_000_000, 40_000_000), failed ? Outcome.FAILURE : Outcome.SUCCESS);
    }

    private static void assertIsTheFile(String svg, String file) throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        Path drawn = Files.writeString(Path.of("target", "evidence.svg").toAbsolutePath(), svg);
        assertThat(root.resolve(file))
                .as("%s is no longer what is drawn; if that is meant, copy %s over it", file, root.relativize(drawn))
                .content()
                .isEqualTo(svg);
    }
}
