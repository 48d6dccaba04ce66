package io.github.rollback4j.planfile;

import static io.github.rollback4j.signal.Signals.percentagePoints;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.shadow;

import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.plan.RollbackPlan.Touched;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.WaysBack;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The file of the documentation, and the same plan in Java. */
final class Example {

    static final Release STABLE = Release.of("checkout", "1.4.2").with(Release.COMMIT, "4d1f2c9");
    static final Release CANDIDATE = Release.of("checkout", "1.5.0");

    private static final LimitSignal QUEUE = Signals.reading("payment-queue", () -> 17);
    private static final RollbackStrategy FLAG = WaysBack.flagOff("new-prices-off", new AtomicBoolean(true));
    private static final Check FINE = () -> Check.Result.pass("fine");

    private Example() {}

    static String page() {
        try {
            return Files.readString(Path.of("..", "..", "docs", "plan-file.md"));
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    /** Returns the file of the documentation, with its secret where there is one. */
    static String file(Path secret) {
        Matcher yaml = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(page());
        if (!yaml.find()) {
            throw new IllegalStateException("the page has no example");
        }
        return yaml.group(1).replace("/run/secrets/ci", secret.toString());
    }

    /** A channel that sends nothing. */
    record Silent(String name) implements Notifier {
        @Override
        public String description() {
            return name + ": tells nobody";
        }

        @Override
        public Check.Result check() {
            return Check.Result.pass("silent");
        }

        @Override
        public void send(Message message) {}
    }

    /** Returns a reader with everything that the file wants bound, and the releases. */
    static PlanFile.Reader reader() {
        PlanFile.Reader reader = PlanFile.reader()
                .with(STABLE, CANDIDATE)
                .environment(Map.of("CDN_TOKEN", "t0p-s3cret")::get)
                .bind(FailureSignal.class, "payment-queue", QUEUE)
                .bind(RollbackStrategy.class, "new-prices-off", FLAG);
        for (String check : List.of("warmed-up", "orders-arrive", "previous-release", "nightly-backup")) {
            reader = reader.bind(Check.class, check, FINE);
        }
        for (String channel : List.of("pager", "team-chat", "mail", "status-page")) {
            reader = reader.bind(Notifier.class, channel, new Silent(channel));
        }
        return reader;
    }

    /** Returns what the file says, in Java. */
    static RollbackPlan plan(Supplier<String> secret) {
        Set<String> europe = Set.of("eu", "uk");
        return RollbackPlan.from(STABLE)
                .to(CANDIDATE)
                .mode(Mode.ACT)
                .falseRollbackRate(0.01)
                .strategy(shadow(5)
                        .bake(Duration.ofMinutes(30))
                        .then(canary(1, 5, 25, 50)
                                .bake(Duration.ofMinutes(15))
                                .leastCalls(500)
                                .thenPromote())
                        .verify("warmed-up", FINE))
                .watch(Signals.errorRate().notAboveStableBy(percentagePoints(0.1)), 0.5)
                .watch(Signals.latency().quantile(0.99).notAboveStableTimes(1.2), 0.2)
                .watch(Signals.conversion("ordered").within(Duration.ofMinutes(10)), 0.3)
                .watch(Signals.shadowMismatch())
                .watch(QUEUE.notAbove(1000).forAtLeast(3, Duration.ofSeconds(30)))
                .watch(Signals.report())
                .outcomes(OutcomeRules.defaults()
                        .ignore(InterruptedIOException.class)
                        .cancelledOn(CancellationException.class)
                        .timeoutOn(ConnectException.class))
                .outcomeDeadline(Duration.ofSeconds(10))
                .idempotentAfterTimeout()
                .mdcKey("release")
                .audience(Audience.everyone()
                        .stableFor("customer-17", 42)
                        .stableWhen("tier is gold", subject -> subject.has("tier", "gold"))
                        .candidateFor("tester-1")
                        .candidateWhen("tenant is our-own", subject -> subject.has("tenant", "our-own"))
                        .only(
                                "region is eu or uk",
                                subject -> europe.contains(subject.attributes().get("region")))
                        .holdBack("everything-new", 0.02))
                .timeStableOneIn(2)
                .failingKeys(65_536)
                .keysPerStep(262_144)
                .thenRun(
                        Step.of(FLAG).attempts(5).pause(Duration.ofMillis(500)),
                        Step.of(WaysBack.command(
                                        "purge-cache",
                                        List.of("/opt/bin/purge", "prices"),
                                        Map.of("TOKEN", "t0p-s3cret")))
                                .within(Duration.ofSeconds(30))
                                .repeatedWhenUncertain())
                .thenRun(Step.of(WaysBack.webhook(
                                "deploy-previous", URI.create("https://ci.example.com/hooks/rollback"), secret))
                        .orElse(WaysBack.manual("deploy-by-hand", "Deploy the previous version from the release page."))
                        .within(Duration.ofMinutes(10))
                        .behind(Gate.approval("product-owner", "Product Owner"))
                        .behind(Gate.freeze(
                                "freeze",
                                Instant.parse("2026-12-23T17:00:00Z"),
                                Instant.parse("2026-12-27T07:00:00Z"),
                                "nobody is there"))
                        .patience(Duration.ofHours(1)))
                .verifyWithin(Duration.ofMinutes(10))
                .verify("orders-arrive", FINE)
                .criteria(new RollbackPlan.Criteria(
                        "2026-3", "Product Owner", "Head of Operations", "carts of the last minute"))
                .touches(Touched.Kind.CACHE, "prices", "contract test PricesTest")
                .touches(Touched.Kind.TOPIC, "orders", "")
                .requiredBy("fulfilment")
                .beforeStart("previous-release", FINE)
                .beforeStart("restore-point", FINE)
                .drilledWithin(Duration.ofDays(30))
                .expectedTraffic(200, 0.001)
                .communication(communication())
                .build();
    }

    private static Communication communication() {
        return new Communication(List.of(
                Communication.Group.of("on-call", "on-call engineer", new Silent("pager"))
                        .orBy(new Silent("team-chat"))
                        .on(Occasion.RECOMMENDED, Occasion.ROLLBACK, Occasion.ASKED, Occasion.NEEDS_HUMAN)
                        .acknowledgedWithin(Duration.ofMinutes(5), "owner"),
                Communication.Group.of("owner", "Product Owner", new Silent("mail"))
                        .after(Duration.ofMinutes(5))
                        .updatesEvery(Duration.ofMinutes(30)),
                Communication.Group.of("customers", "customers", new Silent("status-page"))
                        .on(Occasion.SCOPE, Occasion.ROLLED_BACK)
                        .approvedBy("Head of Support")
                        .saying("{what}. Data loss: {data-loss}.")));
    }
}
