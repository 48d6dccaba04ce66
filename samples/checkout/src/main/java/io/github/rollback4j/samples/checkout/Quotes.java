package io.github.rollback4j.samples.checkout;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.WaysBack.webhook;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.ReleasePair;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Service;

/**
 * Serves quotes, by one release alone or by whichever of two the rollout under way picks for the customer.
 *
 * <p>A service of one's own contains two releases and starts the rollout when it starts. This one contains three, so that
 * one run can show a good and a bad end.
 */
@Service
class Quotes {

    private static final String COMPONENT = "checkout";

    /** Has one of the releases at hand answer a customer. */
    private interface Serving {
        Quote call(long customer, ReleasePair.Use<QuoteService, Quote, RuntimeException> use);
    }

    private final Rollouts rollouts;
    private final QuoteBook book;
    private final boolean idempotent;
    private final URI pipeline;
    private final Map<String, QuoteService> versions;
    private volatile Serving serving;

    Quotes(Rollouts rollouts, Carts carts, Warehouse warehouse, QuoteBook book, CheckoutProperties properties) {
        this.rollouts = rollouts;
        this.book = book;
        this.idempotent = properties.idempotent();
        this.pipeline = properties.pipeline();
        QuoteService first = new QuotesV1(carts, warehouse, book);
        this.versions = Stream.of(first, new QuotesV2(carts, warehouse, book), new QuotesV3(carts, warehouse, book))
                .collect(Collectors.toUnmodifiableMap(QuoteService::release, Function.identity()));
        this.serving = (customer, use) -> use.with(first);
    }

    Quote call(long customer, ReleasePair.Use<QuoteService, Quote, RuntimeException> use) {
        return serving.call(customer, use);
    }

    /** Serves all customers by one release, without a rollout. */
    void serve(String version) {
        QuoteService service = version(version);
        serving = (customer, use) -> use.with(service);
    }

    /** Starts to roll a release out, or goes on with it where the journal has it, and serves by both. */
    Rollout rollOut(Course course) {
        RollbackPlan plan = RollbackPlan.from(Release.of(COMPONENT, course.stable()))
                .to(Release.of(COMPONENT, course.candidate()))
                .strategy(course.strategy())
                .mode(course.mode())
                // Every call has a key, so calls without one need no share of the false-rollback rate.
                .watch(errorRate().shareOfKeyedCalls(1))
                .thenRun(new WithdrawQuotes(book))
                .thenRun(Step.of(webhook("deploy-previous", pipeline, Quotes::pipelineSecret))
                        .within(Duration.ofSeconds(5)))
                .build();
        Rollout rollout = rollouts.start(plan);
        ReleasePair<QuoteService> pair = rollout.between(version(course.stable()), version(course.candidate()));
        serving = idempotent ? pair::callIdempotent : pair::call;
        return rollout;
    }

    private static String pipelineSecret() {
        return Objects.requireNonNullElse(System.getenv(CheckoutProperties.PIPELINE_SECRET), "");
    }

    private QuoteService version(String version) {
        return Objects.requireNonNull(versions.get(version), () -> "there is no release " + version);
    }
}
