package io.github.rollback4j.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Options;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.strategy.WaysBack;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanPartsTest {

    // @start region="provider"
    /** Lets plans say {@code page: {team: checkout}}. */
    public static final class PageProvider implements PlanPartProvider {

        @Override
        public Kind kind() {
            return Kind.WAY_BACK;
        }

        @Override
        public String name() {
            return "page";
        }

        @Override
        public String description() {
            return "Asks a team to look.";
        }

        @Override
        public List<Option> options() {
            return List.of(Option.required("team", Type.TEXT, "The team that is asked.")
                    .atLeast(1)
                    .atMost(100));
        }

        @Override
        public Object create(Options values) {
            return WaysBack.manual("page", "Team " + values.text("team") + " looks at the dashboards.");
        }
    }
    // @end

    /** A provider that is made for one test. */
    private static class Made implements PlanPartProvider {
        private final Kind kind;
        private final String name;
        private final List<Option> options;
        private final Function<Options, @Nullable Object> creation;

        Made(Kind kind, String name, List<Option> options, Function<Options, @Nullable Object> creation) {
            this.kind = kind;
            this.name = name;
            this.options = options;
            this.creation = creation;
        }

        @Override
        public Kind kind() {
            return kind;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String description() {
            return "Made for a test.";
        }

        @Override
        public List<Option> options() {
            return options;
        }

        @Override
        public Object create(Options values) {
            return creation.apply(values);
        }
    }

    private static final PlanParts CORE = PlanParts.load();

    /** Reads one value through an option of its own, and returns what the provider saw. */
    private static Object read(Option option, Object raw, Function<Options, ?> as) {
        AtomicReference<Object> seen = new AtomicReference<>();
        PlanParts parts = PlanParts.of(List.of(new Made(Kind.SIGNAL, "made", List.of(option), values -> {
            seen.set(as.apply(values));
            return Signals.report();
        })));
        Map<String, Object> values = new HashMap<>();
        values.put(option.name(), raw);
        parts.create(FailureSignal.class, "made", values);
        return seen.get();
    }

    private static Option option(PlanPartProvider.Type type) {
        return Option.required("value", type, "A value.");
    }

    @Test
    void create_fromWhatAFileSays_isThePart() {
        // @start region="create"
        PlanParts parts = PlanParts.load();
        RolloutStrategy strategy =
                parts.create(RolloutStrategy.class, "canary", Map.of("steps", List.of(5, 25), "bake", "2m"));
        // @end

        assertThat(strategy)
                .hasToString(RolloutStrategy.canary(5, 25)
                        .bake(Duration.ofMinutes(2))
                        .thenPromote()
                        .toString());
    }

    @Nested
    class Core {

        @Test
        void names_ofCore_areSorted() {
            assertThat(CORE.names(Kind.STRATEGY))
                    .containsExactly("blue-green", "canary", "deployment", "feature-flag", "shadow");
            assertThat(CORE.names(Kind.SIGNAL))
                    .containsExactly(
                            "conversion", "error-rate", "external", "latency", "report", "shadow-mismatch", "value");
            assertThat(CORE.names(Kind.WAY_BACK)).containsExactly("command", "manual", "webhook");
            assertThat(CORE.names(Kind.GATE)).containsExactly("approval", "freeze");
        }

        @Test
        void strategy_withoutOptions_isWhatJavaHas() {
            assertThat(strategy("canary", Map.of()))
                    .isEqualTo(
                            RolloutStrategy.canary(1, 5, 25, 50).thenPromote().toString());
            assertThat(strategy("blue-green", Map.of()))
                    .isEqualTo(RolloutStrategy.blueGreen().toString());
            assertThat(strategy("feature-flag", Map.of("percent", 10)))
                    .isEqualTo(RolloutStrategy.featureFlag(10).toString());
            assertThat(strategy("deployment", Map.of()))
                    .isEqualTo(RolloutStrategy.deployment().toString());
            assertThat(strategy("shadow", Map.of("percent", "5")))
                    .isEqualTo(RolloutStrategy.shadow(5).toString());
        }

        @Test
        void deployment_withAllOptions_hasThem() {
            String strategy = strategy(
                    "deployment",
                    Map.of("bake", "2h", "least-calls", 5, "max-refusing", 3, "drain", "45s", "then", "hold"));
            assertThat(strategy)
                    .isEqualTo(RolloutStrategy.deployment()
                            .bake(Duration.ofHours(2))
                            .leastCalls(5)
                            .maxRefusing(3)
                            .drain(Duration.ofSeconds(45))
                            .thenHold()
                            .toString());
        }

        @Test
        void canary_withAllOptions_hasThem() {
            String strategy = strategy(
                    "canary",
                    Map.of(
                            "steps",
                            "2.5, 10",
                            "bake",
                            "PT30M",
                            "least-calls",
                            "500",
                            "hold-back",
                            5,
                            "then",
                            "hold",
                            "rollback-window",
                            "2d",
                            "longest",
                            "3h",
                            "otherwise",
                            "roll-back"));

            assertThat(strategy)
                    .isEqualTo(RolloutStrategy.canary(2.5, 10)
                            .bake(Duration.ofMinutes(30))
                            .leastCalls(500)
                            .holdBack(5)
                            .thenHold()
                            .rollbackWindow(Duration.ofDays(2))
                            .within(Duration.ofHours(3), RolloutStrategy.Otherwise.ROLL_BACK)
                            .toString());
        }

        @Test
        void canary_whoseStepsDoNotGrow_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> strategy("canary", Map.of("steps", List.of(5, 5))))
                    .withMessage(
                            "rollout strategy canary: option steps has the value '5, 5', which is not allowed: a list"
                                    + " of growing numbers is");
        }

        @Test
        void canary_whoseHoldBackIsLargerThanWhatIsLeft_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> strategy("canary", Map.of("steps", List.of(5, 95), "hold-back", 10)))
                    .withMessageContaining(
                            "option hold-back has the value '10.0', which is not allowed: less than the 5.0 %");
        }

        @Test
        void canary_thatGrowsByEvidence_doesSo() {
            assertThat(strategy("canary", Map.of("harm", 0.1, "not-before", "2m")))
                    .isEqualTo(RolloutStrategy.canary(1, 5, 25, 50)
                            .byEvidence(0.001, Duration.ofMinutes(2))
                            .thenPromote()
                            .toString());
            assertThat(strategy("canary", Map.of())).doesNotContain("earlier");
        }

        private String strategy(String name, Map<String, ?> values) {
            return CORE.create(RolloutStrategy.class, name, values).toString();
        }

        @Test
        void signal_withoutOptions_isWhatJavaHas() {
            assertThat(signal("error-rate", Map.of()))
                    .isEqualTo(Signals.errorRate().description());
            assertThat(signal("report", Map.of())).isEqualTo(Signals.report().description());
            assertThat(signal("external", Map.of("name", "smoke-test")))
                    .isEqualTo(Signals.external("smoke-test").description());
        }

        @Test
        void errorRate_withAllOptions_hasThem() {
            String signal = signal(
                    "error-rate",
                    Map.of(
                            "not-above-stable-by",
                            0.1,
                            "not-above-stable-times",
                            "1.2",
                            "at-least",
                            5,
                            "share-of-keyed-calls",
                            new BigDecimal("0.75")));

            assertThat(signal)
                    .isEqualTo(Signals.errorRate()
                            .notAboveStableBy(Signals.percentagePoints(0.1))
                            .notAboveStableTimes(1.2)
                            .atLeast(5)
                            .shareOfKeyedCalls(0.75)
                            .description());
        }

        @Test
        void comparativeSignals_withoutOptions_areWhatJavaHas() {
            assertThat(signal("latency", Map.of())).isEqualTo(Signals.latency().description());
            assertThat(signal("conversion", Map.of("name", "ordered")))
                    .isEqualTo(Signals.conversion("ordered").description());
            assertThat(signal("value", Map.of("name", "revenue")))
                    .isEqualTo(Signals.value("revenue").description());
            assertThat(signal("shadow-mismatch", Map.of()))
                    .isEqualTo(Signals.shadowMismatch().description());
        }

        @Test
        void comparativeSignals_withAllOptions_haveThem() {
            assertThat(signal("latency", Map.of("not-above-stable-times", 1.3, "quantile", 0.99, "warm-up", "5s")))
                    .isEqualTo("latency: not above stable times 1.3 at quantile 0.99, warm-up PT5S");
            Map<String, ?> metric = Map.of("name", "revenue", "not-below-stable-times", 0.9, "within", "1h");
            assertThat(signal("conversion", metric))
                    .isEqualTo("revenue: conversion not below stable times 0.9, recorded within PT1H");
            assertThat(signal("value", metric))
                    .isEqualTo("revenue: value not below stable times 0.9, recorded within PT1H");
            assertThat(signal("shadow-mismatch", Map.of("not-above", 2)))
                    .isEqualTo("shadow-mismatch: not above 0.02, compared by equal");
        }

        @Test
        void latency_atAQuantileThatIsNoEdge_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> signal("latency", Map.of("quantile", 0.42)))
                    .withMessage("signal latency: option quantile has the value '0.42', which is not allowed: 0.5, 0.9,"
                            + " 0.97, 0.99, 0.995 or a multiple of 1/16 is");
        }

        @Test
        void pushedSignal_withAgreement_hasIt() {
            assertThat(signal("external", Map.of("name", "alert", "reporters", 2, "within", "10m")))
                    .isEqualTo("alert: raised by 2 within PT10M");
            assertThat(signal("report", Map.of("reporters", 3, "within", "90s")))
                    .isEqualTo("report: raised by 3 within PT1M30S");
        }

        private String signal(String name, Map<String, ?> values) {
            return CORE.create(FailureSignal.class, name, values).description();
        }

        @Test
        void wayBack_ofEach_isWhatJavaHas() {
            assertThat(wayBack(
                            "command",
                            Map.of(
                                    "command-line", List.of("helm", "rollback", "checkout"),
                                    "environment", Map.of("KUBECONFIG", "/etc/kube"))))
                    .isEqualTo("command: runs helm rollback checkout, with KUBECONFIG set");
            assertThat(wayBack(
                            "webhook",
                            Map.of("name", "pager", "url", "https://hooks.example.com/T0/B0", "secret", "s3cr3t")))
                    .isEqualTo("pager: posts a signed webhook to https://hooks.example.com");
            assertThat(wayBack("manual", Map.of("name", "cdn", "instruction", "Purge the CDN.")))
                    .isEqualTo("cdn: asks a person: Purge the CDN.");
        }

        @Test
        void gate_ofEach_isWhatJavaHas() {
            assertThat(gate("approval", Map.of("who", "the Product Owner")))
                    .isEqualTo(Gate.approval("approval", "the Product Owner").description());
            assertThat(gate(
                            "freeze",
                            Map.of(
                                    "name", "christmas",
                                    "from", "2026-12-20T18:00:00+01:00",
                                    "until", Instant.parse("2027-01-04T06:00:00Z"),
                                    "why", "everybody is away")))
                    .isEqualTo(Gate.freeze(
                                    "christmas",
                                    Instant.parse("2026-12-20T17:00:00Z"),
                                    Instant.parse("2027-01-04T06:00:00Z"),
                                    "everybody is away")
                            .description());
        }

        @Test
        void freeze_thatEndsBeforeItBegins_isRefused() {
            assertThatExceptionOfType(PlanPartProvider.Refused.class)
                    .isThrownBy(() -> gate(
                            "freeze",
                            Map.of("from", "2026-12-20T18:00:00Z", "until", "2026-12-20T18:00:00Z", "why", "all away")))
                    .withMessage("gate freeze: option until has the value '2026-12-20T18:00:00Z', which is not allowed:"
                            + " a point in time after 2026-12-20T18:00:00Z, the beginning, is")
                    .satisfies(refused -> assertThat(refused.option()).isEqualTo("until"));
        }

        @Test
        void gate_withoutAReason_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> gate("approval", Map.of("who", " ")))
                    .withMessage("gate approval: option who has the value ' ', which is not allowed: text that is not"
                            + " blank is");
        }

        private String gate(String name, Map<String, ?> values) {
            return CORE.create(Gate.class, name, values).description();
        }

        private String wayBack(String name, Map<String, ?> values) {
            return CORE.create(RollbackStrategy.class, name, values).description();
        }

        @Test
        void webhook_toAForbiddenUrl_saysSoWithoutItsPath() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            wayBack("webhook", Map.of("url", "http://hooks.example.com/T0/B0", "secret", "s3cr3t")))
                    .withMessageContaining("way back webhook")
                    .withMessageContaining("is not https")
                    .satisfies(refused -> assertThat(refused.toString()).doesNotContain("T0", "s3cr3t"));
        }

        @ParameterizedTest
        @EnumSource(Kind.class)
        void options_ofEachPart_areDocumented(Kind kind) throws Exception {
            String page = Files.readString(Path.of("..", "docs", "plan.md"));
            for (String name : CORE.names(kind)) {
                assertThat(page).contains("`" + name + "`");
                for (Option option : CORE.provider(kind, name).options()) {
                    assertThat(page)
                            .as("%s %s", kind, name)
                            .contains("| `" + option.name() + "` | " + option.allowed() + " | "
                                    + (option.isRequired()
                                            ? "required"
                                            : option.defaultValue() == null ? "" : option.defaultValue())
                                    + " | " + option.description() + " |");
                }
            }
        }
    }

    @Nested
    class Values {

        @ParameterizedTest
        @CsvSource({
            "500ms, PT0.5S",
            "30s, PT30S",
            "10m, PT10M",
            "1h, PT1H",
            "2d, PT48H",
            "PT10M, PT10M",
            "' 10m ', PT10M",
            "0s, PT0S"
        })
        void duration_inEachForm_isRead(String text, Duration expected) {
            assertThat(read(option(PlanPartProvider.Type.DURATION), text, values -> values.duration("value")))
                    .isEqualTo(expected);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"10", "m", "10 m", "10M", "-10m", "PT-10M", "1h30m", "1.5h", "", "999999999999999999d", "٣m"
                })
        void duration_inAnotherForm_isRefused(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(option(PlanPartProvider.Type.DURATION), text, values -> ""))
                    .withMessage("signal made: option value has the value '" + text
                            + "', which is not allowed: a duration (written as 500ms, 30s, 10m, 1h, 2d or PT10M) is");
        }

        @Test
        void duration_asANumber_isRefusedForItsUnitIsUnknown() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(option(PlanPartProvider.Type.DURATION), 10, values -> ""));
        }

        @ParameterizedTest
        @ValueSource(strings = {"0s", "61m"})
        void duration_outsideItsRange_isRefused(String text) {
            Option option = option(PlanPartProvider.Type.DURATION).moreThan(0).atMost(Duration.ofHours(1));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(option, text, values -> ""))
                    .withMessageContaining("more than 0s and at most 1h");
        }

        @Test
        void wholeNumber_ofEachType_isRead() {
            Option option = option(PlanPartProvider.Type.WHOLE_NUMBER);
            for (Object raw : List.of(42, 42L, 42.0, "42", " 42 ", "42.0", "4.2e1", new BigDecimal("42"))) {
                assertThat(read(option, raw, values -> values.wholeNumber("value")))
                        .isEqualTo(42L);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", "4.5", "NaN", "Infinity", "1e999999999", "9223372036854775808", "0x10", "four", "1_000"})
        void wholeNumber_ofAnotherForm_isRefused(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(option(PlanPartProvider.Type.WHOLE_NUMBER), text, values -> ""))
                    .withMessageContaining("'" + text + "'");
        }

        @Test
        void number_thatIsNotFinite_isRefused() {
            Option option = option(PlanPartProvider.Type.NUMBER);
            for (Object raw : List.of(Double.NaN, Double.POSITIVE_INFINITY, "1e400", true, List.of(1))) {
                assertThatIllegalArgumentException().isThrownBy(() -> read(option, raw, values -> ""));
            }
            assertThat(read(option, "-2.5e-3", values -> values.number("value")))
                    .isEqualTo(-0.0025);
        }

        @Test
        void number_ofOneValue_isSaidToBeThat() {
            assertThat(option(PlanPartProvider.Type.WHOLE_NUMBER)
                            .atLeast(1)
                            .atMost(1)
                            .allowed())
                    .isEqualTo("a whole number, 1");
        }

        @ParameterizedTest
        @CsvSource({"0, false", "0.0001, true", "99.9999, true", "100, false", "-1, false"})
        void number_atTheEndsOfItsRange_isReadOrRefused(String text, boolean isAllowed) {
            Option option = option(PlanPartProvider.Type.NUMBER).moreThan(0).lessThan(100);
            if (isAllowed) {
                assertThat(read(option, text, values -> values.number("value"))).isEqualTo(Double.parseDouble(text));
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> read(option, text, values -> ""))
                        .withMessageContaining("a number, more than 0 and less than 100");
            }
        }

        @ParameterizedTest
        @CsvSource({
            "2026-12-20T18:00:00Z, 2026-12-20T18:00:00Z",
            "2026-12-20T18:00:00+01:00, 2026-12-20T17:00:00Z",
            "' 2026-12-20T18:00Z ', 2026-12-20T18:00:00Z"
        })
        void instant_inEachForm_isRead(String text, Instant expected) {
            Option option = option(PlanPartProvider.Type.INSTANT);

            assertThat(read(option, text, values -> values.instant("value"))).isEqualTo(expected);
            assertThat(read(option, expected, values -> values.instant("value")))
                    .isEqualTo(expected);
        }

        @ParameterizedTest
        @ValueSource(strings = {"2026-12-20", "2026-12-20T18:00:00", "18:00", "2026-13-20T18:00:00Z", "soon", ""})
        void instant_inAnotherForm_isRefused(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(option(PlanPartProvider.Type.INSTANT), text, values -> ""))
                    .withMessage("signal made: option value has the value '" + text + "', which is not allowed: a point"
                            + " in time (written as 2026-12-20T18:00:00Z or 2026-12-20T19:00:00+01:00) is");
        }

        @ParameterizedTest
        @CsvSource({"true, true", "Yes, true", "false, false", "NO, false"})
        void yesNo_inEachForm_isRead(String text, boolean expected) {
            assertThat(read(option(PlanPartProvider.Type.YES_NO), text, values -> values.yesNo("value")))
                    .isEqualTo(expected);
            assertThat(read(option(PlanPartProvider.Type.YES_NO), expected, values -> values.yesNo("value")))
                    .isEqualTo(expected);
        }

        @Test
        void yesNo_inAnotherForm_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(option(PlanPartProvider.Type.YES_NO), "maybe", values -> ""))
                    .withMessageContaining("true or false");
        }

        @Test
        void numbers_inEachForm_areRead() {
            Option option = option(PlanPartProvider.Type.LIST_OF_NUMBERS);
            for (Object raw : List.of(
                    List.of(1, 2.5), List.of("1", "2.5"), "1, 2.5", new double[] {1, 2.5}, new Object[] {1, "2.5"})) {
                assertThat(read(option, raw, values -> values.numbers("value"))).isEqualTo(new double[] {1, 2.5});
            }
            assertThat(read(option, 7, values -> values.numbers("value"))).isEqualTo(new double[] {7});
        }

        @Test
        void numbers_ofAnotherForm_areRefused() {
            Option option = option(PlanPartProvider.Type.LIST_OF_NUMBERS).atMost(100);
            for (Object raw : List.of(
                    List.of(),
                    "",
                    "1,,2",
                    Arrays.asList(1, null),
                    List.of(101),
                    List.of(List.of(1)),
                    Map.of(),
                    Collections.nCopies(1001, 1))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> read(option, raw, values -> ""))
                        .withMessageContaining("a list of numbers, each at most 100");
            }
        }

        @Test
        void texts_asAList_areRead() {
            assertThat(read(
                            option(PlanPartProvider.Type.LIST_OF_TEXTS),
                            List.of("a b", "", 3),
                            values -> values.texts("value")))
                    .isEqualTo(List.of("a b", "", "3"));
        }

        @Test
        void texts_asOneText_areRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            read(option(PlanPartProvider.Type.LIST_OF_TEXTS), "kubectl rollout undo", values -> ""))
                    .withMessageContaining("a list of texts");
        }

        @Test
        void text_outsideItsChoices_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.create(RolloutStrategy.class, "canary", Map.of("then", "retire")))
                    .withMessage(
                            "rollout strategy canary: option then has the value 'retire', which is not allowed: one of"
                                    + " promote, hold is");
        }

        @Test
        void text_thatDoesNotMatch_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.create(FailureSignal.class, "external", Map.of("name", "Smoke Test")))
                    .withMessageContaining("'Smoke Test'")
                    .withMessageContaining("1 to 63 lower-case letters");
        }

        @Test
        void text_ofAnotherLength_isRefused() {
            for (String instruction : List.of("", "x".repeat(2001), "  ")) {
                assertThatIllegalArgumentException()
                        .isThrownBy(
                                () -> CORE.create(RollbackStrategy.class, "manual", Map.of("instruction", instruction)))
                        .withMessageContaining("option instruction");
            }
        }

        @Test
        void text_thatAFilesReaderTookForANumber_isRead() {
            assertThat(read(option(PlanPartProvider.Type.TEXT), 1.0, values -> values.text("value")))
                    .isEqualTo("1.0");
        }

        @Test
        void value_withLineBreaksOrWithoutEnd_isShownInOneShortLine() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(
                            option(PlanPartProvider.Type.NUMBER),
                            "1\nWARN forged\u202E" + "9".repeat(500),
                            values -> ""))
                    .satisfies(refused -> assertThat(refused.getMessage())
                            .hasSizeLessThan(300)
                            .doesNotContain("\n", "\u202E"));
        }

        @Test
        void uri_thatIsNone_isRefusedWithoutBeingShown() {
            for (String raw : List.of("hooks.example.com/T0/B0", "https://exa mple.com/T0", "/T0")) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> read(option(PlanPartProvider.Type.URI), raw, values -> ""))
                        .withMessageContaining("an absolute URI")
                        .satisfies(refused -> assertThat(refused.toString()).doesNotContain("T0"));
            }
            assertThat(read(option(PlanPartProvider.Type.URI), "https://a.b/c", values -> values.uri("value")))
                    .isEqualTo(URI.create("https://a.b/c"));
        }

        @Test
        void read_ofOneOption_isWhatPartsSee() {
            Option option = option(PlanPartProvider.Type.DURATION).atMost(Duration.ofHours(1));

            assertThat(option.read("10m")).isEqualTo(Duration.ofMinutes(10));
            assertThatExceptionOfType(PlanPartProvider.Refused.class)
                    .isThrownBy(() -> option.read("2h"))
                    .withMessage("option value has the value '2h', which is not allowed: a duration of at most 1h"
                            + " (written as 500ms, 30s, 10m, 1h, 2d or PT10M) is")
                    .satisfies(refused -> {
                        assertThat(refused.option()).isEqualTo("value");
                        assertThat(refused.value()).isEqualTo("'2h'");
                        assertThat(refused.allowed()).isEqualTo(option.allowed());
                    });
            assertThatExceptionOfType(PlanPartProvider.Refused.class)
                    .isThrownBy(() -> option.read(null))
                    .satisfies(refused -> assertThat(refused.value()).isNull());
        }

        @Test
        void nullValue_isRefusedAsMissing() {
            Map<String, @Nullable Object> values = new HashMap<>();
            values.put("bake", null);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.create(RolloutStrategy.class, "canary", values))
                    .withMessage(
                            "rollout strategy canary: option bake has no value: a duration of 0s to 60d (written as"
                                    + " 500ms, 30s, 10m, 1h, 2d or PT10M) is needed");
        }

        @Test
        void requiredValue_thatIsMissing_isNamed() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.create(RolloutStrategy.class, "shadow", Map.of()))
                    .withMessage(
                            "rollout strategy shadow: option percent has no value: a number, more than 0 and at most"
                                    + " 100 is needed");
        }
    }

    @Nested
    @Tag("R-10")
    class Secrets {

        private final Option secret = option(PlanPartProvider.Type.SECRET);
        private final Option secrets = option(PlanPartProvider.Type.SECRETS_BY_NAME);

        @Test
        void secret_asText_isSuppliedAtEachUse() {
            assertThat(read(secret, "s3cr3t", values -> values.secret("value").get()))
                    .isEqualTo("s3cr3t");
        }

        @Test
        void secret_asSupplier_isAskedAtEachUseOnly() {
            Supplier<String> vault = () -> {
                throw new IllegalStateException("asked");
            };

            assertThat(read(secret, vault, values -> values.secret("value"))).isSameAs(vault);
        }

        @Test
        void secret_thatIsRefused_isNotShown() {
            for (Object raw : List.of(" ", List.of("s3cr3t"), "s3cr3t".repeat(5000))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> read(secret, raw, values -> ""))
                        .satisfies(refused -> assertThat(refused.toString()).doesNotContain("s3cr3t"));
            }
        }

        @Test
        void secretsByName_areRead_andOnlyTheirNamesShown() {
            AtomicReference<String> shown = new AtomicReference<>();
            Object read = read(secrets, Map.of("TOKEN", "s3cr3t", "PORT", 8080), values -> {
                shown.set(values.toString());
                Map<String, String> given = new HashMap<>();
                values.secrets("value").forEach((name, secret) -> given.put(name, secret.get()));
                return given;
            });

            assertThat(read).isEqualTo(Map.of("PORT", "8080", "TOKEN", "s3cr3t"));
            assertThat(shown.get()).contains("PORT", "TOKEN").doesNotContain("s3cr3t", "8080");
        }

        @Test
        void secretsByName_asSuppliers_areAskedAtEachUseOnly() {
            Supplier<String> vault = () -> {
                throw new IllegalStateException("asked");
            };

            assertThat(read(secrets, Map.of("TOKEN", vault), values -> values.secrets("value")))
                    .isEqualTo(Map.of("TOKEN", vault));
        }

        @Test
        void secretsByName_thatAreRefused_areNotShown() {
            Map<String, @Nullable Object> withNull = new HashMap<>();
            withNull.put("OTHER", "s3cr3t");
            withNull.put("TOKEN", null);
            for (Object raw : List.of("s3cr3t", withNull, Map.of("TOKEN", List.of("s3cr3t")))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> read(secrets, raw, values -> ""))
                        .satisfies(refused -> assertThat(refused.toString()).doesNotContain("s3cr3t"));
            }
        }

        @Test
        void secret_underAMisspeltName_isNotShown() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.create(
                            RollbackStrategy.class, "webhook", Map.of("url", "https://a.b/c", "secert", "s3cr3t")))
                    .withMessage(
                            "way back webhook: option 'secert' is unknown, 'secret' is the nearest; its options are"
                                    + " name, url, secret");
        }

        @Test
        void secret_thatTheProvidersExceptionQuotes_isStruckOut() {
            PlanParts parts = PlanParts.of(List.of(new Made(Kind.SIGNAL, "made", List.of(secret), values -> {
                throw new IllegalStateException(
                        "cannot log in with " + values.secret("value").get());
            })));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parts.create(FailureSignal.class, "made", Map.of("value", "s3cr3t")))
                    .withMessageContaining("cannot log in with")
                    .withNoCause()
                    .satisfies(refused -> assertThat(refused.toString()).doesNotContain("s3cr3t"));
        }
    }

    @Nested
    @Tag("R-12")
    class Mistakes {

        @Test
        void unknownPart_listsTheKnownAndTheNearest() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.provider(Kind.STRATEGY, "cannary"))
                    .withMessage("rollout strategy 'cannary' is unknown, 'canary' is the nearest; known are blue-green,"
                            + " canary, deployment, feature-flag, shadow");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.create(FailureSignal.class, "something-else", Map.of()))
                    .withMessage(
                            "signal 'something-else' is unknown; known are conversion, error-rate, external, latency,"
                                    + " report, shadow-mismatch, value");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PlanParts.of(List.of()).provider(Kind.SIGNAL, "x"))
                    .withMessage("signal 'x' is unknown; there is none");
        }

        @ParameterizedTest
        @CsvSource({"leastCalls, least-calls", "BAKE, bake", "rollback_window, rollback-window", "step, steps"})
        void unknownOption_namesTheNearest(String given, String nearest) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.create(RolloutStrategy.class, "canary", Map.of(given, "x")))
                    .withMessage("rollout strategy canary: option '" + given + "' is unknown, '" + nearest
                            + "' is the nearest; its options are steps, bake, least-calls, hold-back, harm,"
                            + " not-before, then, rollback-window, longest, otherwise");
        }

        @Test
        void create_ofAnotherType_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.create(String.class, "canary", Map.of()))
                    .withMessageContaining("java.lang.String")
                    .withMessageContaining(RolloutStrategy.class.getName());
        }

        @Test
        void providerThatThrows_isNamedWithTheValues() {
            RuntimeException cause = new IllegalStateException("no disk");
            PlanParts parts = PlanParts.of(
                    List.of(new Made(Kind.SIGNAL, "made", List.of(option(PlanPartProvider.Type.NUMBER)), values -> {
                        throw cause;
                    })));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parts.create(FailureSignal.class, "made", Map.of("value", 3)))
                    .withMessage("signal made cannot be created from signal made {value='3.0'}:"
                            + " java.lang.IllegalStateException: no disk")
                    .withCause(cause);
        }

        @Test
        void providerThatReturnsSomethingElse_isNamed() {
            PlanParts parts = PlanParts.of(List.of(
                    new Made(Kind.SIGNAL, "text", List.of(), values -> "text"),
                    new Made(Kind.SIGNAL, "nothing", List.of(), values -> null)));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parts.create(FailureSignal.class, "text", Map.of()))
                    .withMessageContaining("returned a java.lang.String");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parts.create(FailureSignal.class, "nothing", Map.of()))
                    .withMessageContaining("returned nothing");
        }

        @Test
        void partThatIsProvidedTwice_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CORE.with(List.of(new Made(Kind.STRATEGY, "canary", List.of(), values -> ""))))
                    .withMessageContaining("rollout strategy canary is provided twice")
                    .withMessageContaining(Made.class.getName());
        }

        @Test
        void sameNameInAnotherKind_isAllowed() {
            PlanParts parts =
                    CORE.with(List.of(new Made(Kind.SIGNAL, "canary", List.of(), values -> Signals.report())));

            assertThat(parts.names(Kind.SIGNAL)).contains("canary", "report");
            assertThat(CORE.names(Kind.SIGNAL)).doesNotContain("canary");
        }

        @Test
        void with_aProviderOfOnesOwn_createsItsPart() {
            assertThat(CORE.with(List.of(new PageProvider()))
                            .create(RollbackStrategy.class, "page", Map.of("team", "checkout"))
                            .description())
                    .isEqualTo("page: asks a person: Team checkout looks at the dashboards.");
        }

        @Test
        void providerThatContradictsItself_isRefused() {
            Option once = option(PlanPartProvider.Type.NUMBER);
            refused(new Made(Kind.SIGNAL, "made", List.of(once, once), values -> ""), "describes option value twice");
            refused(new Made(Kind.SIGNAL, "Made", List.of(), values -> ""), "name 'Made' is not allowed");
            refused(
                    new Made(
                            Kind.SIGNAL,
                            "made",
                            List.of(Option.withDefault("value", PlanPartProvider.Type.NUMBER, "5", "A value.")
                                    .atMost(3)),
                            values -> ""),
                    "signal made, default value: option value has the value '5'");
            refused(
                    new Made(Kind.SIGNAL, "made", List.of(), values -> "") {
                        @Override
                        public List<Option> options() {
                            throw new IllegalStateException("no options today");
                        }
                    },
                    "no options today");
        }

        private void refused(PlanPartProvider provider, String why) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PlanParts.of(List.of(provider)))
                    .withMessageContaining(provider.getClass().getName())
                    .withMessageContaining(why);
        }

        @Test
        void option_thatContradictsItself_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Option.required("Value", PlanPartProvider.Type.TEXT, "A value."));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Option.required("value", PlanPartProvider.Type.TEXT, " "));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> option(PlanPartProvider.Type.YES_NO).atLeast(1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            option(PlanPartProvider.Type.NUMBER).atLeast(2).atMost(1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> option(PlanPartProvider.Type.NUMBER).atLeast(Double.NaN));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> option(PlanPartProvider.Type.NUMBER).oneOf("1", "2"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> option(PlanPartProvider.Type.TEXT).matching("(", "a bracket"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Option.withDefault("value", PlanPartProvider.Type.SECRET, "s3cr3t", "A value."));
        }

        @Test
        void options_readInAnotherWayThanDescribed_sayTheProvidersMistake() {
            assertThatIllegalStateException().isThrownBy(() -> provider(values -> values.text("value")));
            assertThatIllegalStateException().isThrownBy(() -> provider(values -> values.number("other")));
            assertThatIllegalStateException().isThrownBy(() -> provider(values -> values.number("absent")));
            provider(values -> values.has("absent"));
        }

        private void provider(Function<Options, Object> reading) {
            PlanParts parts = PlanParts.of(List.of(new Made(
                    Kind.SIGNAL,
                    "made",
                    List.of(
                            option(PlanPartProvider.Type.NUMBER),
                            Option.optional("absent", PlanPartProvider.Type.NUMBER, "A value.")),
                    values -> {
                        reading.apply(values);
                        return Signals.report();
                    })));
            try {
                parts.create(FailureSignal.class, "made", Map.of("value", 1));
            } catch (IllegalArgumentException failed) {
                assertThat(failed).hasMessageContaining("signal made cannot be created");
                throw (RuntimeException) failed.getCause();
            }
        }
    }

    @Nested
    class Loading {

        @TempDir
        private Path folder;

        @Test
        void load_withAServiceFile_findsItsProvider() throws IOException {
            assertThat(loadedFrom(PageProvider.class.getName()).names(Kind.WAY_BACK))
                    .contains("page", "webhook");
        }

        @Test
        void load_withAServiceFileThatNamesNoClass_saysSo() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> loadedFrom("com.example.Missing"))
                    .withMessageContaining("com.example.Missing");
        }

        private PlanParts loadedFrom(String className) throws IOException {
            Path file = folder.resolve("META-INF/services/" + PlanPartProvider.class.getName());
            Files.createDirectories(file.getParent());
            Files.writeString(file, className);
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            try (URLClassLoader withFile =
                    new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
                thread.setContextClassLoader(withFile);
                return PlanParts.load();
            } finally {
                thread.setContextClassLoader(before);
            }
        }
    }
}
