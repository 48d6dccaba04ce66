package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.conversion;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.signal.Signals.percentagePoints;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.WaysBack.flagOff;
import static io.github.rollback4j.strategy.WaysBack.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.ReleasePair;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Keeps the README's Java compiling: each of its lines stands in this file, too. */
class ReadmeTest {

    private interface Quotes {
        int quote(String customer);
    }

    @Test
    void observe_snippet_runs() {
        Quotes oldQuotes = customer -> 100;
        Quotes newQuotes = customer -> 101;
        String customer = "customer-17";

        Rollouts rollouts = Rollouts.create();
        Rollout rollout = rollouts.start(RollbackPlan.from(Release.of("checkout", "1.4.2"))
                .to(Release.of("checkout", "1.5.0"))
                .strategy(canary(1, 5, 25, 50).thenPromote())
                .watch(errorRate().notAboveStableBy(percentagePoints(0.1)))
                .mode(Mode.OBSERVE)
                .build());

        ReleasePair<Quotes> quotes = rollout.between(oldQuotes, newQuotes);
        int price = quotes.call(customer, service -> service.quote(customer));

        assertThat(price).isIn(100, 101);
        rollouts.close();
    }

    @Test
    void steps_snippet_builds() {
        AtomicBoolean newPrices = new AtomicBoolean(true);
        Supplier<String> secret = () -> "secret";

        RollbackPlan plan = RollbackPlan.from(Release.of("checkout", "1.4.2"))
                .to(Release.of("checkout", "1.5.0"))
                .watch(errorRate())
                .watch(latency())
                .watch(conversion("ordered"))
                .thenRun(flagOff("new-prices", newPrices))
                .thenRun(webhook("deploy-previous", URI.create("https://ci.example.com/hooks/rollback"), secret))
                .build();

        assertThat(plan.steps()).hasSize(2);
    }

    @Test
    void readme_everyLineOfJava_standsHere() throws IOException {
        Page.of("README.md").assertJavaStandsIn(getClass(), 11);
    }
}
