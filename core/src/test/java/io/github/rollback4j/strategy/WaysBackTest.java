package io.github.rollback4j.strategy;

import static io.github.rollback4j.strategy.WaysBack.command;
import static io.github.rollback4j.strategy.WaysBack.flagOff;
import static io.github.rollback4j.strategy.WaysBack.manual;
import static io.github.rollback4j.strategy.WaysBack.switchBack;
import static io.github.rollback4j.strategy.WaysBack.webhook;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.release.Release;
import io.github.rollback4j.strategy.RollbackStrategy.Context;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import io.github.rollback4j.strategy.RollbackStrategy.Found;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaysBackTest {

    static Context context(String reason, Duration deadline) {
        return new Context(
                "rollout-7",
                "rollout-7/step-1",
                Release.of("checkout", "1.4.2"),
                Release.of("checkout", "1.5.0").with(Release.COMMIT, "c0ffee"),
                reason,
                deadline);
    }

    private static final Context CONTEXT = context("error rate", Duration.ofSeconds(20));

    @Test
    void example_ofEach_isAStep() throws Exception {
        AtomicReference<String> url = new AtomicReference<>("https://green.example.com");
        AtomicBoolean newPricing = new AtomicBoolean(true);

        // @start region="ways-back"
        List<RollbackStrategy> wayBack = List.of(
                flagOff("pricing-flag", newPricing),
                switchBack("base-url", () -> url.set("https://blue.example.com")),
                command("helm", List.of("helm", "rollback", "checkout"), Map.of("KUBECONFIG", "/etc/checkout/kube")),
                webhook("pager", URI.create("https://hooks.example.com/T0/B0"), () -> System.getenv("PAGER_SECRET")),
                manual("cdn", "Purge /checkout in the CDN's console."));
        // @end

        assertThat(wayBack)
                .extracting(RollbackStrategy::description)
                .containsExactly(
                        "pricing-flag: turns the feature flag off and verifies that it is",
                        "base-url: switches back to stable in this process",
                        "helm: runs helm rollback checkout, with KUBECONFIG set",
                        "pager: posts a signed webhook to https://hooks.example.com",
                        "cdn: asks a person: Purge /checkout in the CDN's console.");
        assertThat(wayBack).allSatisfy(each -> assertThat(each).hasToString(each.description()));
        assertThat(wayBack)
                .extracting(RollbackStrategy::name)
                .containsExactly("pricing-flag", "base-url", "helm", "pager", "cdn");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Flag",
                "a b",
                "-a",
                "a_b",
                "ä",
                "a\n",
                "0123456789012345678901234567890123456789012345678901234567890123"
            })
    void create_withANameThatIsNotAllowed_namesItAndWhatIs(String name) {
        List<Runnable> creations = List.of(
                () -> switchBack(name, () -> {}),
                () -> flagOff(name, new AtomicBoolean()),
                () -> command(name, List.of("true")),
                () -> webhook(name, URI.create("https://hooks.example.com"), () -> "secret"),
                () -> manual(name, "Do it."));

        assertThat(creations)
                .allSatisfy(creation -> assertThatIllegalArgumentException()
                        .isThrownBy(creation::run)
                        .withMessage(
                                "way back's name '" + name + "' is not allowed: 1 to 63 lower-case letters, digits and"
                                        + " hyphens are (for example 'flag-off')"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "1", "flag-off", "012345678901234567890123456789012345678901234567890123456789012"})
    void create_withANameAtTheEndsOfWhatIsAllowed_keepsIt(String name) {
        assertThat(manual(name, "Do it.").name()).isEqualTo(name);
    }

    @Nested
    class SwitchingBack {

        @Test
        void rollBack_twice_switchesAndSaysToWhat() throws Exception {
            AtomicReference<String> url = new AtomicReference<>("green");
            RollbackStrategy way = switchBack("base-url", () -> url.set("blue"));

            assertThat(way.rollBack(CONTEXT)).isEqualTo(Done.done("switched back to checkout 1.4.2"));
            assertThat(way.rollBack(CONTEXT)).isEqualTo(Done.done("switched back to checkout 1.4.2"));
            assertThat(url).hasValue("blue");
        }

        @Test
        void rollBack_whenTheSwitchThrows_failsWithIt() {
            RollbackStrategy way = switchBack("base-url", () -> {
                throw new IllegalStateException("pool is closed");
            });

            assertThatIllegalStateException()
                    .isThrownBy(() -> way.rollBack(CONTEXT))
                    .withMessage("pool is closed");
        }

        @Test
        void check_withoutOne_passesWithoutSwitching() throws Exception {
            AtomicInteger switches = new AtomicInteger();

            assertThat(switchBack("base-url", switches::incrementAndGet).check(CONTEXT))
                    .isEqualTo(Check.Result.pass("the switch is in this process and needs nothing else"));
            assertThat(switches).hasValue(0);
        }

        @Test
        void check_withOne_isTheOneGiven() throws Exception {
            Check.Result cold = Check.Result.fail("blue has no connections");

            assertThat(switchBack("base-url", () -> {}, () -> cold).check(CONTEXT))
                    .isEqualTo(cold);
        }
    }

    @Nested
    class TurningAFlagOff {

        @Test
        void rollBack_ofAnOwnFlag_setsItFalse() throws Exception {
            AtomicBoolean flag = new AtomicBoolean(true);

            assertThat(flagOff("pricing", flag).rollBack(CONTEXT)).isEqualTo(Done.done("the flag is off"));
            assertThat(flag).isFalse();
        }

        @Test
        void rollBack_whenTheFlagStaysOn_fails() {
            assertThatIllegalStateException()
                    .isThrownBy(() -> flagOff("pricing", () -> true, () -> {}).rollBack(CONTEXT))
                    .withMessage("flag pricing still reads on after it was turned off");
        }

        @Test
        void rollBack_whenTheFlagReadsOffAlready_turnsItOffAllTheSame() throws Exception {
            AtomicInteger calls = new AtomicInteger();

            flagOff("pricing", () -> false, calls::incrementAndGet).rollBack(CONTEXT);

            assertThat(calls).hasValue(1);
        }

        @Test
        void check_ofAFlagThatIsOn_passesAndLeavesItOn() throws Exception {
            AtomicBoolean flag = new AtomicBoolean(true);

            assertThat(flagOff("pricing", flag).check(CONTEXT))
                    .isEqualTo(Check.Result.pass("the flag can be read, it is on"));
            assertThat(flag).isTrue();
        }

        @Test
        void check_whenTheFlagCannotBeRead_throws() {
            RollbackStrategy way = flagOff(
                    "pricing",
                    () -> {
                        throw new IllegalStateException("no flag client");
                    },
                    () -> {});

            assertThatThrownBy(() -> way.check(CONTEXT)).hasMessage("no flag client");
        }
    }

    @Nested
    class AskingAPerson {

        @Test
        void rollBack_asksWithTheInstruction() throws Exception {
            assertThat(manual("cdn", "Purge it.\nThen look.").rollBack(CONTEXT))
                    .isEqualTo(Done.asked("Purge it.\nThen look."));
        }

        @Test
        void check_passes() throws Exception {
            assertThat(manual("cdn", "Purge it.").check(CONTEXT))
                    .isEqualTo(Check.Result.pass("a person will be asked"));
        }

        @Test
        void description_ofSeveralLines_isOne() {
            assertThat(manual("cdn", " Purge it.\n\tThen look. ").description())
                    .isEqualTo("cdn: asks a person: Purge it. Then look.");
        }

        @Test
        void create_withAnInstructionOfTheWrongLength_namesTheLength() {
            assertThat(manual("cdn", "x".repeat(2000))).isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> manual("cdn", "x".repeat(2001)))
                    .withMessage(
                            "instruction of manual step cdn has 2001 characters: 1 to 2000 that are not all blank are"
                                    + " allowed");
            assertThatIllegalArgumentException().isThrownBy(() -> manual("cdn", " \n"));
        }
    }

    @Nested
    @Tag("R-4")
    class Uncertain {

        @Test
        void recognisesKey_ofEach_isWhatItDocuments() {
            assertThat(flagOff("pricing", new AtomicBoolean()).recognisesKey()).isTrue();
            assertThat(switchBack("base-url", () -> {}).recognisesKey()).isTrue();
            assertThat(webhook("pager", URI.create("https://hooks.example.com"), () -> "secret")
                            .recognisesKey())
                    .isTrue();
            assertThat(manual("cdn", "Purge it.").recognisesKey()).isTrue();
            assertThat(command("helm", List.of("true")).recognisesKey()).isFalse();
        }

        @Test
        void lookUp_ofAFlag_readsItAndLeavesItAsItIs() throws Exception {
            AtomicBoolean flag = new AtomicBoolean(true);
            RollbackStrategy way = flagOff("pricing", flag);

            assertThat(way.lookUp(CONTEXT)).isEqualTo(Found.notDone("the flag reads on"));
            assertThat(flag).isTrue();
            flag.set(false);
            assertThat(way.lookUp(CONTEXT)).isEqualTo(Found.done("the flag reads off"));
        }

        @Test
        void lookUp_ofACommand_isUnknown() throws Exception {
            assertThat(command("helm", List.of("true")).lookUp(CONTEXT))
                    .isEqualTo(Found.unknown("the way cannot be looked up"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void rollBack_withoutTimeLeft_beginsNothing(Duration deadline) {
        Context late = context("error rate", deadline);

        assertThatThrownBy(() -> command("helm", List.of("/no/such/program")).rollBack(late))
                .isInstanceOf(TimeoutException.class)
                .hasMessage("step helm was not begun, its time left is " + deadline);
        assertThatThrownBy(() -> webhook("pager", URI.create("http://localhost:1"), () -> "secret")
                        .rollBack(late))
                .isInstanceOf(TimeoutException.class)
                .hasMessage("step pager was not begun, its time left is " + deadline);
    }
}
