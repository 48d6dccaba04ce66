package io.github.rollback4j.strategy;

import static io.github.rollback4j.strategy.RolloutStrategy.blueGreen;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.featureFlag;
import static io.github.rollback4j.strategy.RolloutStrategy.shadow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.rollback4j.strategy.RolloutStrategy.Otherwise;
import java.time.Duration;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RolloutStrategyTest {

    private static final Check PASSES = () -> Check.Result.pass("fine");

    @Test
    void canary_steps_haveSharesNamesAndDefaults() {
        RolloutStrategy strategy = canary(0.5, 5, 100);
        assertThat(strategy.steps())
                .containsExactly(
                        new RolloutStrategy.Step("0.5 %", 0.005, 0, Duration.ofMinutes(10), 100, false),
                        new RolloutStrategy.Step("5 %", 0.05, 0, Duration.ofMinutes(10), 100, false),
                        new RolloutStrategy.Step("100 %", 1, 0, Duration.ofMinutes(10), 100, false));
        assertThat(strategy.promotes()).isFalse();
        assertThat(strategy.thenPromote().promotes()).isTrue();
        assertThat(strategy.thenPromote().thenHold().promotes()).isFalse();
        assertThat(strategy.rollbackWindow()).isEqualTo(Duration.ofHours(1));
        assertThat(strategy.expectedDuration()).isEqualTo(Duration.ofMinutes(30));
    }

    @Test
    void within_isKeptByAllThatFollows_andSaid() {
        RolloutStrategy strategy = canary(5)
                .within(Duration.ofHours(2), Otherwise.ROLL_BACK)
                .thenPromote()
                .rollbackWindow(Duration.ofMinutes(5))
                .bake(Duration.ofMinutes(1))
                .verify("ready", PASSES);
        assertThat(strategy.longest()).isEqualTo(Duration.ofHours(2));
        assertThat(strategy.otherwise()).isEqualTo(Otherwise.ROLL_BACK);
        assertThat(strategy.rollbackWindow()).isEqualTo(Duration.ofMinutes(5));
        assertThat(strategy)
                .asString()
                .endsWith("; then promote; rollback window PT5M; within PT2H, otherwise ROLL_BACK");
        assertThat(shadow(5)
                        .within(Duration.ofHours(1), Otherwise.HOLD)
                        .then(strategy)
                        .longest())
                .isEqualTo(Duration.ofHours(2));
        assertThat(canary(5).longest()).isNull();
        assertThat(canary(5).otherwise()).isEqualTo(Otherwise.HOLD);
    }

    @Test
    void blueGreen_isOneSwitchThatPromotes() {
        assertThat(blueGreen().steps())
                .containsExactly(new RolloutStrategy.Step("green", 1, 0, Duration.ZERO, 0, false));
        assertThat(blueGreen().promotes()).isTrue();
        assertThat(blueGreen().expectedDuration()).isEqualTo(Duration.ofHours(24));
    }

    @Test
    void then_continuesWithStepsVerificationsAndEndOfTheNext() {
        RolloutStrategy both = shadow(10)
                .verify("warm", PASSES)
                .then(canary(5).verify("ready", PASSES).thenPromote().rollbackWindow(Duration.ofMinutes(5)));
        assertThat(both.steps()).extracting(RolloutStrategy.Step::name).containsExactly("shadow 10 %", "5 %");
        assertThat(both.verifications()).containsOnlyKeys("warm", "ready");
        assertThat(both.verifications().keySet()).containsExactly("warm", "ready");
        assertThat(both.promotes()).isTrue();
        assertThat(both.rollbackWindow()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void holdBack_addsAStepWithAControl() {
        assertThat(canary(5, 50)
                        .bake(Duration.ofMinutes(1))
                        .leastCalls(7)
                        .holdBack(1)
                        .steps())
                .last()
                .isEqualTo(new RolloutStrategy.Step("all but 1 %", 0.99, 0, Duration.ofMinutes(1), 7, false));
    }

    @Test
    void bakeAndLeastCalls_changeEachStep() {
        assertThat(canary(5, 50).bake(Duration.ofSeconds(1)).leastCalls(3).steps())
                .allMatch(step -> step.bake().equals(Duration.ofSeconds(1)) && step.leastCalls() == 3);
        assertThat(featureFlag(50).bake(Duration.ofSeconds(1)).steps()).allMatch(RolloutStrategy.Step::bySwitch);
    }

    @Test
    void verifications_cannotBeChanged() {
        assertThatThrownBy(() -> canary(5).verifications().put("a", PASSES))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    /** It goes into the plan's hash: whatever a rollout would do differently must change it. */
    @Test
    void toString_eachSetting_changesIt() {
        assertThat(Stream.of(
                                canary(5),
                                canary(50),
                                canary(5, 50),
                                canary(0.00001),
                                canary(0.00002),
                                canary(5).bake(Duration.ofMinutes(11)),
                                canary(5).leastCalls(101),
                                canary(5).thenPromote(),
                                canary(5).rollbackWindow(Duration.ofMinutes(61)),
                                canary(5).verify("ready", PASSES),
                                canary(5).verify("other", PASSES),
                                canary(5).holdBack(1),
                                canary(5).holdBack(2),
                                blueGreen(),
                                blueGreen().thenHold(),
                                featureFlag(10),
                                featureFlag(50),
                                shadow(10),
                                shadow(50),
                                shadow(10).then(canary(5)),
                                shadow(10).then(featureFlag(5)),
                                featureFlag(5).then(canary(5)))
                        .map(RolloutStrategy::toString))
                .doesNotHaveDuplicates();
        assertThat(canary(5).verify("ready", PASSES).thenPromote())
                .hasToString("canary after [ready]; 5 % for PT10M and 100 calls; then promote; rollback window PT1H");
        assertThat(featureFlag(50))
                .hasToString(
                        "feature flag; on, share 0.5 once switched on, for PT10M and 100 calls; then hold; rollback window PT1H");
    }

    static Stream<Arguments> badInput() {
        return Stream.of(
                bad(() -> canary(), "strategy canary has no step: at least one is needed"),
                bad(() -> canary(0), "canary step 0.0 % after 0.0 % is not allowed: growing numbers of more than 0"),
                bad(() -> canary(-1), "canary step -1.0 %"),
                bad(() -> canary(Double.NaN), "canary step NaN %"),
                bad(() -> canary(5, 5), "canary step 5.0 % after 5.0 %"),
                bad(() -> canary(5, 1), "canary step 1.0 % after 5.0 %"),
                bad(() -> canary(5, 101), "canary step 101.0 % after 5.0 %"),
                bad(() -> featureFlag(0), "feature flag at 0.0 % is not allowed: more than 0 and at most 100 is"),
                bad(() -> featureFlag(100.5), "feature flag at 100.5 %"),
                bad(() -> shadow(0), "shadow at 0.0 % is not allowed: more than 0 and at most 100 is"),
                bad(() -> shadow(Double.NaN), "shadow at NaN %"),
                bad(() -> canary(5).bake(Duration.ofSeconds(-1)), "step 5 % bakes for PT-1S: 0 to 60 days are allowed"),
                bad(() -> canary(5).bake(Duration.ofDays(61)), "step 5 % bakes for PT1464H: 0 to 60 days"),
                bad(() -> canary(5).leastCalls(-1), "step 5 % asks for at least -1 calls: 0 or more are allowed"),
                bad(() -> canary(5).holdBack(0), "a holdback of 0.0 % is not allowed: more than 0 and at most 50 is"),
                bad(() -> canary(5).holdBack(51), "a holdback of 51.0 %"),
                bad(
                        () -> canary(100).holdBack(5),
                        "strategy canary has step all but 5 % with a share of 0.95 after one of 1.0: shares that do not fall are allowed"),
                bad(() -> blueGreen().holdBack(5), "strategy blue/green has step all but 5 %"),
                bad(
                        () -> canary(50).then(canary(5)),
                        "strategy canary then canary has step 5 % with a share of 0.05 after one of 0.5"),
                bad(() -> canary(50).then(shadow(5)), "strategy canary then shadow has step shadow 5 %"),
                bad(
                        () -> canary(5).rollbackWindow(Duration.ofSeconds(-1)),
                        "strategy canary has a rollback window of PT-1S: 0 to 60 days are allowed"),
                bad(() -> canary(5).rollbackWindow(Duration.ofDays(61)), "strategy canary has a rollback window of"),
                bad(
                        () -> canary(5).within(Duration.ZERO, Otherwise.HOLD),
                        "strategy canary may take PT0S: more than 0 and at most 60 days are allowed"),
                bad(() -> canary(5).within(Duration.ofDays(61), Otherwise.HOLD), "strategy canary may take PT1464H"),
                bad(
                        () -> canary(5).verify("ready", PASSES).verify("ready", PASSES),
                        "verification ready is named twice: each name once is allowed"),
                bad(
                        () -> shadow(5).verify("ready", PASSES).then(canary(5).verify("ready", PASSES)),
                        "verification ready is named twice: each name once is allowed"),
                bad(() -> canary(5).verify(" ", PASSES), "verification name ' ' is not allowed"),
                bad(
                        () -> new RolloutStrategy.Step("mine", 1.5, 0, Duration.ZERO, 0, false),
                        "step mine has a share of 1.5: 0 to 1 is allowed"),
                bad(
                        () -> new RolloutStrategy.Step("mine", 0, Double.NaN, Duration.ZERO, 0, false),
                        "step mine has a shadow share of NaN: 0 to 1 is allowed"));
    }

    private static Arguments bad(ThrowingCallable action, String message) {
        return arguments(message, action);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badInput")
    @Tag("R-12")
    void strategy_badInput_namesOptionValueAndWhatIsAllowed(String message, ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
    }
}
