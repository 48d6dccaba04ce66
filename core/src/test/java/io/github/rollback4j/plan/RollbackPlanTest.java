package io.github.rollback4j.plan;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.strategy.WaysBack;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RollbackPlanTest {

    private static final Release V1 = Release.of("checkout", "1.4.2");
    private static final Release V2 = Release.of("checkout", "1.5.0");

    private static RollbackPlan.Builder plan() {
        return RollbackPlan.from(V1).to(V2).watch(errorRate());
    }

    private static RollbackStrategy way(String name) {
        return new RollbackStrategy() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return name + ": does nothing";
            }

            @Override
            public Check.Result check(Context context) {
                return Check.Result.pass("fine");
            }

            @Override
            public Done rollBack(Context context) {
                return Done.done("nothing");
            }
        };
    }

    @Test
    void build_defaults_areThoseOfTheDocumentation() {
        RollbackPlan plan = plan().build();
        assertThat(plan.strategy())
                .hasToString(canary(1, 5, 25, 50).thenPromote().toString());
        assertThat(plan.mode()).isEqualTo(Mode.ACT);
        assertThat(plan.falseRollbackRate()).isEqualTo(0.01);
        assertThat(plan.outcomeDeadline()).isEqualTo(Duration.ofSeconds(30));
        assertThat(plan.timeStableOneIn()).isEqualTo(4);
        assertThat(plan.failingKeys()).isEqualTo(16_384);
        assertThat(plan.isIdempotentAfterTimeout()).isFalse();
        assertThat(plan.mdcKey()).isNull();
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.errorRate()).isNotNull();
        assertThat(RollbackPlan.from(V1).to(V2).watch(Signals.report()).build().errorRate())
                .isNull();
    }

    @Test
    void thenRun_defaults_areOneMinuteAndThreeTries() {
        assertThat(plan().thenRun(way("flag")).build().steps())
                .extracting(step -> step.way().name(), RollbackPlan.Step::deadline, RollbackPlan.Step::attempts)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("flag", Duration.ofMinutes(1), 3));
    }

    @Test
    void build_builderChangedLater_planStays() {
        RollbackPlan.Builder builder = plan();
        RollbackPlan plan = builder.build();
        String before = plan.hash();
        builder.watch(Signals.report()).thenRun(way("flag")).mode(Mode.OBSERVE);
        assertThat(plan.hash()).isEqualTo(before);
        assertThat(plan.signals()).hasSize(1);
        assertThatThrownBy(() -> plan.describe().put("a", "b")).isInstanceOf(UnsupportedOperationException.class);
    }

    /** The journal keeps it: another hash for the same plan would refuse to go on with a rollout. */
    @Test
    void hash_samePlan_isTheSameInEveryBuild() {
        RollbackPlan plan = plan().strategy(canary(5, 50))
                .watch(Signals.report())
                .thenRun(way("flag"))
                .build();
        assertThat(plan.describe())
                .containsExactly(
                        Map.entry("stable", "checkout 1.4.2"),
                        Map.entry("candidate", "checkout 1.5.0"),
                        Map.entry(
                                "strategy",
                                "canary; 5 % for PT10M and 100 calls; 50 % for PT10M and 100 calls; then hold; rollback window PT1H"),
                        Map.entry("mode", "ACT"),
                        Map.entry("falseRollbackRate", "0.01"),
                        Map.entry(
                                "signal error-rate",
                                "error-rate: not above stable times 1.1 plus 5.0E-4, at least 3 failures, share of keyed calls 0.5"),
                        Map.entry("signal report", "report: raised by 1 within PT30M"),
                        Map.entry("step flag", "no. 1, flag: does nothing, deadline PT1M, attempts 3"),
                        Map.entry("audience", "everyone"),
                        Map.entry("outcomes", "every exception fails"),
                        Map.entry("outcomeDeadline", "PT30S"),
                        Map.entry("timeStableOneIn", "4"),
                        Map.entry("failingKeys", "16384"),
                        Map.entry("idempotentAfterTimeout", "false"));
        assertThat(plan.hash()).isEqualTo("a524811083c1059b23debe5d2e9f9a8c3d9de4af0c059a6cf7b9c08b6b708861");
    }

    static Stream<UnaryOperator<RollbackPlan.Builder>> changes() {
        return Stream.of(
                plan -> plan.strategy(canary(5)),
                plan -> plan.strategy(canary(1, 5, 25, 50)),
                plan -> plan.mode(Mode.OBSERVE),
                plan -> plan.mode(Mode.RECOMMEND),
                plan -> plan.falseRollbackRate(0.02),
                plan -> plan.watch(Signals.report()),
                plan -> plan.watch(Signals.external("report-too")),
                plan -> plan.watch(Signals.reading("queue", () -> 0).notAbove(1)),
                plan -> plan.watch(Signals.reading("queue", () -> 0).notAbove(2)),
                plan -> plan.thenRun(way("a")),
                plan -> plan.thenRun(way("b")),
                plan -> plan.thenRun(way("a"), Duration.ofMinutes(2), 3),
                plan -> plan.thenRun(way("a"), Duration.ofMinutes(1), 4),
                plan -> plan.thenRun(way("a")).thenRun(way("b")),
                plan -> plan.thenRun(way("b")).thenRun(way("a")),
                plan -> plan.audience(Audience.everyone().candidateFor("tester")),
                plan -> plan.audience(Audience.everyone().holdBack("all", 0.1)),
                plan -> plan.outcomes(OutcomeRules.defaults().ignore(IOException.class)),
                plan -> plan.outcomeDeadline(Duration.ofSeconds(31)),
                plan -> plan.timeStableOneIn(8),
                plan -> plan.failingKeys(1_000),
                plan -> plan.idempotentAfterTimeout());
    }

    @Test
    void hash_eachPart_changesIt() {
        List<RollbackPlan> plans = Stream.concat(
                        Stream.of(
                                plan().build(),
                                RollbackPlan.from(V1)
                                        .to(V2.with(Release.COMMIT, "1"))
                                        .watch(errorRate())
                                        .build()),
                        changes().map(change -> change.apply(plan()).build()))
                .toList();

        assertThat(plans)
                .extracting(RollbackPlan::hash)
                .doesNotHaveDuplicates()
                .allMatch(hash -> hash.matches("[0-9a-f]{64}"));
        assertThat(plans)
                .as("as a map too: it is what a difference is told from")
                .extracting(RollbackPlan::describe)
                .doesNotHaveDuplicates();
    }

    @Test
    void hash_mdcKey_doesNotChangeIt() {
        assertThat(plan().mdcKey("release").build().hash())
                .isEqualTo(plan().build().hash());
    }

    @Test
    @Tag("R-10")
    void describe_secrets_areNotTold() {
        RollbackPlan plan = plan().thenRun(WaysBack.webhook(
                        "pipeline",
                        URI.create("https://example.org/hook/t0psecret?token=t0psecret"),
                        () -> "t0psecret"))
                .thenRun(WaysBack.command("deploy", List.of("/bin/true"), Map.of("TOKEN", "t0psecret")))
                .thenRun(WaysBack.flagOff("flag", new AtomicBoolean()))
                .build();
        assertThat(plan.describe().toString())
                .contains("pipeline", "deploy", "flag")
                .doesNotContain("t0psecret");
    }

    static Stream<Arguments> badInput() {
        return Stream.of(
                bad(
                        () -> RollbackPlan.from(V1).to(Release.of("search", "1.5.0")),
                        "candidate search 1.5.0 is of another component than stable checkout 1.4.2: the same component is allowed"),
                bad(
                        () -> RollbackPlan.from(V1).to(Release.of("checkout", "1.4.2")),
                        "candidate checkout 1.4.2 is the same release as stable: another version or commit is allowed"),
                bad(
                        () -> RollbackPlan.from(V1).to(V1.with(Release.LINK, "https://example.org")),
                        "candidate checkout 1.4.2 is the same release as stable"),
                bad(
                        () -> RollbackPlan.from(V1).to(V2).build(),
                        "plan checkout 1.4.2 to checkout 1.5.0 watches nothing: at least one signal is needed"),
                bad(() -> plan().watch(errorRate().atLeast(5)).build(), "signal error-rate is watched twice"),
                bad(
                        () -> plan().watch(Signals.report())
                                .watch(Signals.external("report"))
                                .build(),
                        "signal report is watched twice: each name once is allowed"),
                bad(
                        () -> plan().watch(Signals.report())
                                .strategy(RolloutStrategy.canary(5, 50)
                                        .within(Duration.ofMinutes(19), RolloutStrategy.Otherwise.HOLD))
                                .build(),
                        "strategy may take PT19M, less than its bake times together, PT20M: it could never be promoted;"
                                + " that or more is allowed"),
                bad(
                        () -> plan().watch(Signals.reading("queue", () -> 0)).build(),
                        "signal queue has no limit: notAbove(value) or notBelow(value) is needed"),
                bad(() -> plan().falseRollbackRate(0), "falseRollbackRate 0.0 is not allowed: 1e-9 to 0.2 is"),
                bad(() -> plan().falseRollbackRate(0.21), "falseRollbackRate 0.21"),
                bad(() -> plan().falseRollbackRate(1), "falseRollbackRate 1.0"),
                bad(() -> plan().falseRollbackRate(Double.NaN), "falseRollbackRate NaN"),
                bad(() -> plan().falseRollbackRate(-0.01), "falseRollbackRate -0.01"),
                bad(
                        () -> plan().outcomeDeadline(Duration.ofMillis(999)),
                        "outcomeDeadline PT0.999S is not allowed: 1 s to 1 h is"),
                bad(() -> plan().outcomeDeadline(Duration.ofMinutes(61)), "outcomeDeadline PT1H1M"),
                bad(() -> plan().outcomeDeadline(Duration.ofSeconds(-5)), "outcomeDeadline PT-5S"),
                bad(
                        () -> plan().timeStableOneIn(0),
                        "timeStableOneIn 0 is not allowed: a power of two from 1 to 1024 is"),
                bad(() -> plan().timeStableOneIn(3), "timeStableOneIn 3"),
                bad(() -> plan().timeStableOneIn(2048), "timeStableOneIn 2048"),
                bad(() -> plan().timeStableOneIn(-4), "timeStableOneIn -4"),
                bad(() -> plan().failingKeys(63), "failingKeys 63 is not allowed: 64 to 4194304 is"),
                bad(() -> plan().failingKeys(1 << 23), "failingKeys 8388608"),
                bad(() -> plan().mdcKey(" "), "mdcKey ' ' is not allowed: 1 to 100 characters, not blank, are"),
                bad(() -> plan().mdcKey("a".repeat(101)), "mdcKey 'aaa"),
                bad(() -> plan().thenRun(way("Flag")), "step name 'Flag' is not allowed: 1 to 63 lower-case letters"),
                bad(() -> plan().thenRun(way("")), "step name ''"),
                bad(() -> plan().thenRun(way("a".repeat(64))), "step name 'aaa"),
                bad(
                        () -> plan().thenRun(way("flag"), Duration.ZERO, 1),
                        "step flag has deadline PT0S: more than 0 and at most 24 h is allowed"),
                bad(() -> plan().thenRun(way("flag"), Duration.ofHours(25), 1), "step flag has deadline PT25H"),
                bad(() -> plan().thenRun(way("flag"), Duration.ofSeconds(-1), 1), "step flag has deadline PT-1S"),
                bad(
                        () -> plan().thenRun(way("flag"), Duration.ofMinutes(1), 0),
                        "step flag has 0 attempts: 1 to 100 are allowed"),
                bad(() -> plan().thenRun(way("flag"), Duration.ofMinutes(1), 101), "step flag has 101 attempts"),
                bad(
                        () -> plan().thenRun(way("flag")).thenRun(way("flag")).build(),
                        "step flag is named twice: each name once is allowed"),
                bad(
                        () -> plan().thenRun(way("verification")).build(),
                        "step or gate verification is not allowed: another name is"));
    }

    private static Arguments bad(ThrowingCallable action, String message) {
        return arguments(message, action);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badInput")
    @Tag("R-12")
    void plan_badInput_namesOptionValueAndWhatIsAllowed(String message, ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
    }

    static Stream<Arguments> missing() {
        return Stream.of(
                bad(() -> RollbackPlan.from(null), "stable"),
                bad(() -> plan().strategy(null), "strategy"),
                bad(() -> plan().mode(null), "mode"),
                bad(() -> plan().watch(null), "signal"),
                bad(() -> plan().audience(null), "audience"),
                bad(() -> plan().outcomes(null), "outcomes"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("missing")
    @Tag("R-12")
    void plan_nullPart_isNamedAtOnceAndNotAtTheStart(String name, ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(NullPointerException.class).hasMessage(name);
    }

    @Test
    void stepsHash_ofTheNextReleaseUnderTheSameSteps_isTheSame() {
        String hash = plan().thenRun(way("flag")).build().stepsHash();
        assertThat(hash).matches("[0-9a-f]{64}");
        assertThat(RollbackPlan.from(Release.of("checkout", "7"))
                        .to(Release.of("checkout", "8"))
                        .watch(errorRate().notAboveStableBy(.2))
                        .thenRun(way("flag"))
                        .build()
                        .stepsHash())
                .isEqualTo(hash);
        assertThat(plan().thenRun(way("flag")).thenRun(way("switch")).build().stepsHash())
                .isNotEqualTo(hash);
        assertThat(plan().thenRun(way("flag"), Duration.ofMinutes(1), 4).build().stepsHash())
                .isNotEqualTo(hash);
    }
}
