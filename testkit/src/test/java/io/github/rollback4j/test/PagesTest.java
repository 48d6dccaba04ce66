package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.WaysBack.command;
import static io.github.rollback4j.strategy.WaysBack.flagOff;
import static io.github.rollback4j.strategy.WaysBack.manual;
import static io.github.rollback4j.strategy.WaysBack.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.strategy.RollbackStrategy;
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
