package io.github.rollback4j.rollout;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.report;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.RollbackPlan;
import java.time.Duration;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class EvidenceLogTest {

    private static EvidenceLog log(int seconds, DoubleUnaryOperator evidenceAt) {
        RollbackPlan plan = RollbackPlan.from(ByHand.V1)
                .to(ByHand.V2)
                .watch(errorRate())
                .watch(report())
                .build();
        EvidenceLog log = new EvidenceLog(plan, .01);
        for (int second = 0; second <= seconds; second++) {
            log.add(second * 1_000_000_000L, .05, new double[] {evidenceAt.applyAsDouble(second)});
        }
        return log;
    }

    /** The lowest is at the 20th second, long before anything changed. */
    @Test
    void risingSince_evidenceThatWandersAndThenRises_isWhereTheRiseBegan() {
        EvidenceLog log = log(
                320,
                second -> second < 300 ? -.4 - (second == 20 ? .1 : .05 * Math.sin(second)) : -.4 + (second - 300) / 8);

        assertThat(log.risingSince("error-rate")).isBetween(Duration.ofSeconds(297), Duration.ofSeconds(302));
    }

    @Test
    void risingSince_evidenceThatRisesFromTheFirstSecond_isThen() {
        assertThat(log(10, second -> second / 4.0).risingSince("error-rate")).isEqualTo(Duration.ZERO);
    }

    @Test
    void risingSince_evidenceThatJumps_isTheSecondBefore() {
        assertThat(log(60, second -> second < 60 ? 0 : 3).risingSince("error-rate"))
                .isBetween(Duration.ofSeconds(58), Duration.ofSeconds(60));
    }

    @Test
    void risingSince_whatDoesNotRise_isUnknown() {
        assertThat(log(60, second -> -second).risingSince("error-rate")).isNull();
        assertThat(log(60, second -> Double.NaN).risingSince("error-rate")).isNull();
        assertThat(log(60, second -> second).risingSince("report")).isNull();
        assertThat(log(60, second -> second).risingSince("person")).isNull();
        assertThat(log(-1, second -> second).risingSince("error-rate")).isNull();
    }
}
