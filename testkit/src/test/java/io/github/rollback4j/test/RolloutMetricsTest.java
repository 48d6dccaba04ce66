package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.percentagePoints;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.metrics.RolloutMetrics;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Ticket;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RolloutMetricsTest {

    private static final Release V1 = Release.of("checkout", "1.4.2");
    private static final Release V2 = Release.of("checkout", "1.5.0").with(Release.COMMIT, "c0ffee");

    private final VirtualTime time = VirtualTime.create();
    private final Rollouts rollouts = time.rollouts(7).build();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final RolloutMetrics metrics = new RolloutMetrics(rollouts, time::nanos);

    @AfterEach
    void close() {
        metrics.close();
        rollouts.close();
    }

    private static RollbackPlan.Builder plan() {
        return RollbackPlan.from(V1)
                .to(V2)
                .strategy(canary(50).bake(Duration.ofHours(1)))
                .watch(errorRate().notAboveStableBy(percentagePoints(0.1)))
                .watch(Signals.report());
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    private double counter(String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }

    private double calls(String release, String outcome, String weighed) {
        return counter("rollback4j.calls", "release", release, "outcome", outcome, "weighed", weighed);
    }

    /** Makes calls without a key, each of 20 milliseconds, and returns how many of them the candidate got. */
    private int call(Rollout rollout, int calls, Outcome stable, Outcome candidate) {
        int onCandidate = 0;
        for (int i = 0; i < calls; i++) {
            long ticket = rollout.enter();
            onCandidate += Ticket.isCandidate(ticket) ? 1 : 0;
            rollout.exitAfter(ticket, 20_000_000, Ticket.isCandidate(ticket) ? candidate : stable);
        }
        time.advance(Duration.ofSeconds(1));
        return onCandidate;
    }

    @Test
    void meters_ofARollout_haveItsTags() {
        rollouts.start(plan().build());
        metrics.bindTo(registry);

        assertThat(registry.getMeters()).hasSizeGreaterThan(20).allSatisfy(meter -> {
            assertThat(meter.getId().getTag("component")).isEqualTo("checkout");
            assertThat(meter.getId().getTag("stable")).isEqualTo("1.4.2");
            assertThat(meter.getId().getTag("candidate")).isEqualTo("1.5.0@c0ffee");
            assertThat(meter.getId().getDescription()).isNotBlank();
        });
    }

    @Test
    void meters_ofOneName_haveTheSameTagKeys() {
        // Prometheus insists on it.
        rollouts.start(plan().thenRun(broken()).communication(onCall()).build());
        metrics.bindTo(registry);

        assertThat(registry.getMeters().stream()
                        .map(Meter::getId)
                        .map(id -> id.getName()
                                + id.getTags().stream().map(tag -> tag.getKey()).toList())
                        .distinct())
                .hasSize((int) registry.getMeters().stream()
                        .map(meter -> meter.getId().getName())
                        .distinct()
                        .count());
    }

    @Test
    void meters_ofARollout_areDocumented() throws Exception {
        rollouts.start(plan().thenRun(broken()).communication(onCall()).build());
        metrics.bindTo(registry);
        String page = Files.readString(Path.of("..", "docs", "metrics.md"));

        assertThat(registry.getMeters()).allSatisfy(meter -> {
            assertThat(page).contains("`" + meter.getId().getName() + "`");
            meter.getId().getTags().forEach(tag -> assertThat(page).contains("`" + tag.getKey() + "`"));
        });
    }

    @Test
    void calls_thatEnded_areCountedByReleaseAndOutcome() {
        Rollout rollout = rollouts.start(plan().mode(Mode.OBSERVE).build());
        metrics.bindTo(registry);
        int candidate = call(rollout, 100, Outcome.SUCCESS, Outcome.FAILURE);

        assertThat(candidate).isBetween(30, 70);
        assertThat(calls("stable", "success", "true")).isEqualTo(100 - candidate);
        assertThat(calls("stable", "failure", "true")).isZero();
        assertThat(calls("candidate", "success", "true")).isZero();
        assertThat(calls("candidate", "failure", "true")).isEqualTo(candidate);
        assertThat(Stream.of("stable", "candidate")
                        .mapToDouble(
                                release -> calls(release, "success", "false") + calls(release, "failure", "false")))
                .containsOnly(0.0);
    }

    @Test
    void calls_thatAreUnderWay_arePending() {
        Rollout rollout = rollouts.start(plan().build());
        metrics.bindTo(registry);
        for (int i = 0; i < 10; i++) {
            rollout.enter();
        }
        time.advance(Duration.ofSeconds(1));

        assertThat(gauge("rollback4j.pending", "release", "stable")
                        + gauge("rollback4j.pending", "release", "candidate"))
                .isEqualTo(10);
    }

    @Test
    void gauges_ofARollout_showWhereItStands() {
        rollouts.start(plan().build());
        metrics.bindTo(registry);

        assertThat(gauge("rollback4j.share")).isEqualTo(0.5);
        assertThat(gauge("rollback4j.state", "state", "running")).isOne();
        assertThat(registry.get("rollback4j.state").gauges()).hasSize(Phase.values().length);
        assertThat(registry.get("rollback4j.state").gauges().stream()
                        .mapToDouble(gauge -> gauge.value())
                        .sum())
                .isOne();
        assertThat(gauge("rollback4j.signal", "signal", "report", "verdict", "no_data"))
                .isOne();
        assertThat(gauge("rollback4j.signal", "signal", "report", "verdict", "regressed"))
                .isZero();
        assertThat(gauge("rollback4j.evidence", "signal", "error-rate")).isZero();
        assertThat(gauge("rollback4j.evidence.threshold", "signal", "error-rate"))
                .isEqualTo(2, within(1e-9));
    }

    @Test
    void latency_ofTimedCalls_isInSeconds_andNotANumberBefore() {
        Rollout rollout = rollouts.start(plan().build());
        metrics.bindTo(registry);
        assertThat(gauge("rollback4j.latency", "release", "candidate", "quantile", "0.99"))
                .isNaN();

        call(rollout, 100, Outcome.SUCCESS, Outcome.SUCCESS);

        assertThat(gauge("rollback4j.latency", "release", "candidate", "quantile", "0.99"))
                .isEqualTo(0.02, within(0.0013));
        assertThat(gauge("rollback4j.latency", "release", "stable", "quantile", "0.5"))
                .isEqualTo(0.02, within(0.0013));
    }

    @Test
    void rollback_isCountedAndShown() {
        Rollout rollout = rollouts.start(plan().build());
        metrics.bindTo(registry);
        assertThat(counter("rollback4j.decisions", "signal", "error-rate", "acted", "true"))
                .isZero();

        call(rollout, 100, Outcome.SUCCESS, Outcome.FAILURE);

        assertThat(counter("rollback4j.decisions", "signal", "error-rate", "acted", "true"))
                .isOne();
        assertThat(counter("rollback4j.decisions", "signal", "error-rate", "acted", "false"))
                .isZero();
        assertThat(gauge("rollback4j.state", "state", "rolled_back")).isOne();
        assertThat(gauge("rollback4j.share")).isZero();
        assertThat(gauge("rollback4j.evidence", "signal", "error-rate")).isGreaterThanOrEqualTo(2);
    }

    @Test
    void recommendation_isCountedAsNotActed() {
        Rollout rollout = rollouts.start(plan().mode(Mode.RECOMMEND).build());
        metrics.bindTo(registry);

        call(rollout, 100, Outcome.SUCCESS, Outcome.FAILURE);
        assertThat(counter("rollback4j.decisions", "signal", "error-rate", "acted", "false"))
                .isOne();

        rollout.approve("ada");
        assertThat(counter("rollback4j.decisions", "signal", "person", "acted", "true"))
                .isOne();
    }

    @Test
    void stepThatFails_isCounted() {
        Rollout rollout = rollouts.start(
                plan().thenRun(broken(), Duration.ofSeconds(5), 3).build());
        metrics.bindTo(registry);
        assertThat(counter("rollback4j.step.failures", "step", "broken")).isZero();

        rollout.rollBack("ada", "seen enough");
        time.advance(Duration.ofMinutes(5));

        assertThat(counter("rollback4j.step.failures", "step", "broken")).isEqualTo(3);
        assertThat(gauge("rollback4j.state", "state", "needs_human")).isOne();
    }

    @Test
    void messageToPeople_isCountedByGroupAndChannel() {
        Rollout rollout = rollouts.start(plan().communication(onCall()).build());
        metrics.bindTo(registry);
        assertThat(counter("rollback4j.notifications", "group", "on-call", "channel", "log", "outcome", "sent"))
                .isZero();

        rollout.rollBack("ada", "seen enough");
        time.advance(Duration.ofMinutes(1));

        assertThat(counter("rollback4j.notifications", "group", "on-call", "channel", "pager", "outcome", "failed"))
                .isEqualTo(2);
        assertThat(counter("rollback4j.notifications", "group", "on-call", "channel", "pager", "outcome", "sent"))
                .isZero();
        assertThat(counter("rollback4j.notifications", "group", "on-call", "channel", "log", "outcome", "sent"))
                .isEqualTo(2);
    }

    /** A group whose first channel has no secret to sign with. */
    private static Communication onCall() {
        return Communication.of(Communication.Group.of(
                        "on-call",
                        "on-call",
                        Notifier.webhook("pager", URI.create("https://pager.example.com/"), () -> ""))
                .orBy(Notifier.log("log")));
    }

    private static RollbackStrategy broken() {
        return new RollbackStrategy() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public String description() {
                return "broken";
            }

            @Override
            public Check.Result check(Context context) {
                return Check.Result.pass("fine");
            }

            @Override
            public Done rollBack(Context context) throws IOException {
                throw new IOException("broken");
            }
        };
    }

    @Test
    void rolloutThatStartsLater_isBound() {
        metrics.bindTo(registry);
        assertThat(registry.getMeters()).isEmpty();

        rollouts.start(plan().build());
        time.advance(Duration.ofSeconds(1));

        assertThat(gauge("rollback4j.share")).isEqualTo(0.5);
    }

    @Test
    void nextAttempt_goesOnCounting_andIsShown() {
        Rollout first = rollouts.start(plan().build());
        metrics.bindTo(registry);
        call(first, 100, Outcome.SUCCESS, Outcome.FAILURE);
        assertThat(first.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        double before = calls("stable", "success", "true") + calls("candidate", "failure", "true");
        int meters = registry.getMeters().size();

        Rollout second = rollouts.retry(plan().build(), "ada", "fixed");
        time.advance(Duration.ofSeconds(1));
        int candidate = call(second, 50, Outcome.SUCCESS, Outcome.SUCCESS);

        assertThat(registry.getMeters()).hasSize(meters);
        assertThat(gauge("rollback4j.state", "state", "running")).isOne();
        assertThat(calls("candidate", "success", "true")).isEqualTo(candidate);
        assertThat(calls("stable", "success", "true") + calls("candidate", "failure", "true"))
                .isEqualTo(before + 50 - candidate);
    }

    @Test
    void nextAttempt_underAPlanWithMoreSteps_getsTheirMeters() {
        Rollout first = rollouts.start(plan().build());
        metrics.bindTo(registry);
        first.rollBack("ada", "seen enough");
        time.advance(Duration.ofSeconds(1));

        rollouts.retry(plan().thenRun(broken()).build(), "ada", "fixed");
        time.advance(Duration.ofSeconds(1));

        assertThat(counter("rollback4j.step.failures", "step", "broken")).isZero();
    }

    @Test
    void values_withinAScrape_areReadOnce() {
        Rollout rollout = rollouts.start(plan().build());
        metrics.bindTo(registry);
        assertThat(gauge("rollback4j.state", "state", "paused")).isZero();

        rollout.pause("ada", "lunch");
        assertThat(gauge("rollback4j.state", "state", "paused")).isZero();
        time.advance(Duration.ofMillis(100));
        assertThat(gauge("rollback4j.state", "state", "paused")).isOne();
    }

    @Test
    void close_removesTheMeters_andBindsNothingMore() {
        rollouts.start(plan().build());
        metrics.bindTo(registry);
        assertThat(registry.getMeters()).isNotEmpty();

        metrics.close();
        metrics.bindTo(registry);
        rollouts.start(RollbackPlan.from(Release.of("cart", "1"))
                .to(Release.of("cart", "2"))
                .watch(Signals.report())
                .build());
        time.advance(Duration.ofSeconds(1));

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void close_leavesTheHostsMeters() {
        registry.counter("orders");
        rollouts.start(plan().build());
        metrics.bindTo(registry);

        metrics.close();

        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getName())
                .containsExactly("orders");
    }

    @Test
    void severalRegistries_eachGetAllMeters() {
        SimpleMeterRegistry other = new SimpleMeterRegistry();
        metrics.bindTo(registry);
        metrics.bindTo(other);
        metrics.bindTo(other);

        rollouts.start(plan().build());
        time.advance(Duration.ofSeconds(1));

        assertThat(other.getMeters()).isNotEmpty().hasSameSizeAs(registry.getMeters());
    }

    @Test
    @Tag("R-6")
    void registryThatThrows_hurtsNobody() {
        AtomicInteger thrown = new AtomicInteger();
        SimpleMeterRegistry broken = new SimpleMeterRegistry();
        broken.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                thrown.incrementAndGet();
                throw new IllegalStateException("broken");
            }
        });
        metrics.bindTo(broken);
        metrics.bindTo(registry);

        Rollout rollout = rollouts.start(plan().build());
        time.advance(Duration.ofSeconds(1));
        int candidate = call(rollout, 10, Outcome.SUCCESS, Outcome.SUCCESS);

        assertThat(thrown).hasPositiveValue();
        assertThat(broken.getMeters()).isEmpty();
        assertThat(calls("candidate", "success", "true")).isEqualTo(candidate);
        metrics.close();
        assertThat(List.of(broken, registry))
                .allSatisfy(each -> assertThat(each.getMeters()).isEmpty());
    }
}
