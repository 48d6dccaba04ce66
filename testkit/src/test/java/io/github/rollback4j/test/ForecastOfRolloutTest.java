package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.Forecast;
import io.github.rollback4j.report.Forecast.Traffic;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.traffic.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ForecastOfRolloutTest {

    private final VirtualTime time = VirtualTime.create();
    private final Rollouts rollouts = time.rollouts(1).build();
    private final RollbackPlan plan = RollbackPlan.from(Release.of("checkout", "1.4.2"))
            .to(Release.of("checkout", "1.5.0"))
            .strategy(canary(20).bake(Duration.ofMinutes(10)).thenHold())
            .watch(errorRate())
            .build();

    @AfterEach
    void close() {
        rollouts.close();
    }

    @Test
    void seenIn_aRollout_isItsTraffic() {
        Rollout rollout = rollouts.start(plan);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Traffic.seenIn(rollout.status()))
                .withMessageEndingWith("has seen no call of stable yet: one that has is allowed");
        for (int i = 0; i < 10_000; i++) {
            time.advance(Duration.ofMillis(20));
            rollout.exitAfter(rollout.enter(i), 1, i % 100 == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
        }

        Traffic traffic = Traffic.seenIn(rollout.status());

        assertThat(traffic.callsPerSecond()).isCloseTo(50, within(.1));
        assertThat(traffic.failureRate()).isCloseTo(.01, within(.002));
    }

    @Test
    void atStart_logsWhatThePlanSeesAndWhatNot() {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(Forecast.class);
        logger.setLevel(Level.INFO);
        lines.start();
        logger.addAppender(lines);
        try {
            rollouts.addListener(Forecast.atStart(Traffic.of(1, .001)));
            rollouts.start(plan);
        } finally {
            logger.detachAppender(lines);
            logger.setLevel(null);
        }

        assertThat(lines.list)
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage())
                        .startsWith("checkout:1.4.2..1.5.0#1: what its plan sees.\nAt 1 calls a second")
                        .contains("too short for this traffic"));
    }
}
