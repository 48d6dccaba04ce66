package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.deployment;
import static io.github.rollback4j.strategy.WaysBack.command;
import static io.github.rollback4j.strategy.WaysBack.flagOff;
import static io.github.rollback4j.strategy.WaysBack.manual;
import static io.github.rollback4j.strategy.WaysBack.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.traffic.Outcome;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps pages of the documentation true. */
class PagesTest {

    @Test
    void rollback_snippet_builds() {
        Release v1 = Release.of("shop", "1");
        Release v2 = Release.of("shop", "2");
        RollbackStrategy turnOff = flagOff("new-prices", new AtomicBoolean(true));
        RollbackStrategy deploy =
                webhook("deploy", URI.create("https://ci.example.com/hooks/rollback"), () -> "secret");
        RollbackStrategy undo = command("undo", List.of("helm", "rollback", "shop"));
        RollbackStrategy purge = manual("purge", "Purge the CDN.");

        RollbackPlan plan = RollbackPlan.from(v1)
                .to(v2)
                .watch(errorRate())
                .thenRun(Step.of(turnOff), Step.of(deploy).orElse(undo))
                .thenRun(Step.of(purge).behind(Gate.approval("approval", "the shop's owner")))
                .verifyWithin(Duration.ofMinutes(5))
                .drilledWithin(Duration.ofDays(90))
                .build();

        assertThat(plan.stages()).hasSize(2);
    }

    @Test
    void rollback_everyLineOfJava_standsHere() throws IOException {
        Page.of("docs/rollback.md").assertJavaStandsIn(getClass(), 6);
    }

    @Test
    void deployment_snippet_servesAndRefusesOnceItIsTakenBack() {
        Release stable = Release.of("shop", "1");
        Release candidate = Release.of("shop", "2");
        Check podsReady = () -> Check.Result.pass("3 pods of shop 1 are ready");
        RollbackStrategy deployPrevious = manual("deploy", "Deploy shop 1.");
        VirtualTime time = VirtualTime.create();
        try (Rollouts rollouts = time.rollouts(1).build()) {
            Rollouts.Serving serving = rollouts.serve(stable);
            serving.record(Outcome.SUCCESS);

            RollbackPlan plan = RollbackPlan.from(stable)
                    .to(candidate)
                    .strategy(deployment()
                            .bake(Duration.ofMinutes(30))
                            .maxRefusing(1)
                            .drain(Duration.ofSeconds(30))
                            .stableServes("pods-ready", podsReady))
                    .watch(errorRate())
                    .thenRun(deployPrevious)
                    .build();
            Rollout rollout = rollouts.start(plan);
            time.advance(Duration.ofSeconds(3));
            assertThat(rollout.deployment()).isNotNull();

            long ticket = rollout.enter();
            rollout.exit(ticket, System.nanoTime(), Outcome.SUCCESS);
            boolean isReady = !rollout.isRefusing();
            assertThat(isReady).isTrue();

            rollout.rollBack("ada", "I see it failing");
            time.advance(Duration.ofSeconds(3));
            assertThat(rollout.isRefusing()).isTrue();
        }
    }

    @Test
    void deployment_everyLineOfJava_standsHere() throws IOException {
        Page.of("docs/deployment.md").assertJavaStandsIn(getClass(), 16);
    }

    static Stream<Class<?>> events() {
        return Stream.of(RolloutEvent.class.getPermittedSubclasses());
    }

    /** Whoever reads a journal looks here. */
    @ParameterizedTest
    @MethodSource("events")
    void journal_eachEvent_standsThereWithAllItsData(Class<?> event) throws IOException {
        String type = event.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        List<String> about = Page.of("docs/journal.md").lines().stream()
                .filter(line -> line.contains("`" + type + "`"))
                .toList();
        assertThat(about).as("docs/journal.md says nothing of %s", type).isNotEmpty();
        for (RecordComponent part : event.getRecordComponents()) {
            assertThat(String.join(" ", about)).containsPattern("\\b" + part.getName() + "\\b");
        }
    }
}
