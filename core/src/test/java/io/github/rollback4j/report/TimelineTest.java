package io.github.rollback4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.rollout.RolloutEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TimelineTest {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private final List<Journal.Entry> entries = new ArrayList<>();

    private void happened(Duration sinceStart, Journal.Event event) {
        entries.add(new Journal.Entry(entries.size() + 1, 0, event));
    }

    private void happened(Duration sinceStart, RolloutEvent event) {
        happened(sinceStart, Journal.Event.of(event.type(), NOON.plus(sinceStart), sinceStart, event.data()));
    }

    private void happened(String type, Map<String, String> data) {
        happened(Duration.ZERO, Journal.Event.of(type, NOON, Duration.ZERO, data));
    }

    private String only() {
        return Timeline.of(entries).lines().get(0).what();
    }

    @Test
    void markdown_ofARollback_tellsItInOrder() {
        happened(
                Duration.ZERO,
                new RolloutEvent.Planned(
                        "checkout 1.4.2", "checkout 1.5.0", 1, "0123456789abcdef", Map.of(), "salt", 1, "", ""));
        happened(Duration.ofMillis(400), new RolloutEvent.Started());
        happened(Duration.ofMillis(400), new RolloutEvent.Exposed(0, "5 %", 0.05, 0));
        happened(
                Duration.ofSeconds(61),
                new RolloutEvent.Decided(
                        "error-rate", "the candidate failed 4 of 4", 2.5, Mode.ACT, true, "rollback4j"));
        happened(
                Duration.ofHours(1).plusSeconds(1),
                new RolloutEvent.StepDone("flag-off", "flag-off", "it is off", "ada"));

        assertThat(Timeline.of(entries).markdown()).isEqualTo("""
                | Time (UTC) | Since start | What happened |
                |---|---:|---|
                | 2030-01-01 12:00:00 | 0.0 s | Attempt 1 was planned: from checkout 1.4.2 to checkout 1.5.0, plan 0123456789ab |
                | 2030-01-01 12:00:00 | 0.4 s | The rollout started |
                | 2030-01-01 12:00:00 | 0.4 s | Step 5 % began: 5 % of the calls get the candidate |
                | 2030-01-01 12:01:01 | 1:01 min | ROLLBACK, all calls go to stable, signal error-rate: the candidate failed 4 of 4 |
                | 2030-01-01 13:00:01 | 1:00:01 h | Step flag-off was done, by ada: it is off |
                """);
    }

    static Stream<Arguments> events() {
        return Stream.of(
                Arguments.of(
                        new RolloutEvent.Planned("a 1", "a 2", 2, "ab", Map.of(), "s", 1, "ada", "fixed"),
                        "Attempt 2 was planned: from a 1 to a 2, plan ab, by ada: fixed"),
                Arguments.of(
                        new RolloutEvent.Exposed(1, "shadow 5 %", 0, 0.05),
                        "Step shadow 5 % began: 0 % of the calls get the candidate, beside 5 % it runs in the shadow"),
                Arguments.of(
                        new RolloutEvent.Growing(0.0125, "its time is over"),
                        "The exposure was about to grow to 1.25 % of the calls: its time is over"),
                Arguments.of(
                        new RolloutEvent.RatioMismatch("outcomes get lost"),
                        "The sample ratio is wrong: outcomes get lost"),
                Arguments.of(new RolloutEvent.Paused("ada", "lunch", false), "The exposure was held, by ada: lunch"),
                Arguments.of(new RolloutEvent.Paused("ada", "", true), "The exposure was taken away, by ada"),
                Arguments.of(
                        new RolloutEvent.Decided("report", "slow", Double.NaN, Mode.RECOMMEND, false, "rollback4j"),
                        "A rollback is recommended, a person must approve it, signal report: slow"),
                Arguments.of(
                        new RolloutEvent.Decided("report", "slow", Double.NaN, Mode.OBSERVE, false, "rollback4j"),
                        "A rollback would have been decided (mode OBSERVE), signal report: slow"),
                Arguments.of(
                        new RolloutEvent.Decided("report", "slow", Double.NaN, Mode.ACT, false, "rollback4j"),
                        "A rollback is recommended, a person must approve it, signal report: slow"),
                Arguments.of(
                        new RolloutEvent.Decided("person", "I saw it", Double.NaN, Mode.ACT, true, "ada"),
                        "ROLLBACK, all calls go to stable, by ada: I saw it"),
                Arguments.of(
                        new RolloutEvent.Controlled(true, false, "file /x", "", ""),
                        "Break glass: all calls go to stable (source: file /x)"),
                Arguments.of(
                        new RolloutEvent.Controlled(false, false, "nobody", "ada", "over"),
                        "Break glass: no control holds any more, by ada: over"),
                Arguments.of(
                        new RolloutEvent.Drafted("customers", "rollback", "id", "Product Owner", "s", "t"),
                        "A message to customers, rollback, waits for approval by Product Owner"),
                Arguments.of(
                        new RolloutEvent.Approved("customers", "id", "ada"),
                        "The message to customers was approved, by ada"),
                Arguments.of(
                        new RolloutEvent.Continued(2, "RUNNING step 1"),
                        "The process was started again (no. 2) and went on in state RUNNING step 1"));
    }

    @ParameterizedTest
    @MethodSource("events")
    void lines_ofAnEvent_sayWhatHappened(RolloutEvent event, String what) {
        happened(Duration.ZERO, event);

        assertThat(only()).isEqualTo(what);
    }

    static Stream<String> types() {
        return Arrays.stream(RolloutEvent.class.getPermittedSubclasses())
                .map(type ->
                        type.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }

    @ParameterizedTest
    @MethodSource("types")
    void lines_ofEveryTypeThatThereIs_knowItAndNeedNoData(String type) {
        happened(type, Map.of());

        assertThat(only()).isNotBlank().doesNotContain("does not know", "null");
    }

    @Test
    void lines_ofAnUnknownType_showTheType() {
        happened(
                Duration.ZERO,
                new Journal.Event("hand-over", 3, NOON, Duration.ZERO, new TreeMap<>(Map.of("to", "x"))));

        assertThat(Timeline.of(entries).lines())
                .containsExactly(new Timeline.Line(
                        NOON,
                        Duration.ZERO,
                        "hand-over",
                        "Event hand-over, version 3, which this version does not know"));
    }

    @Test
    void lines_ofDataInAnotherForm_showItAsItIs() {
        happened("growing", Map.of("share", "a quarter"));

        assertThat(only()).isEqualTo("The exposure was about to grow to a quarter of the calls");
    }

    @Test
    void lines_ofAValueWithLineBreaks_areOneLineEach() {
        happened(
                "step-failed",
                Map.of("step", "x", "attempt", "1", "error", "a\r\nb\u2028c\u009b\u202Ed" + "e".repeat(9000)));

        assertThat(only())
                .startsWith("Step x failed, try 1: a b c de")
                .hasSize(2001)
                .doesNotContain("\n", "\u202E", "\u009b");
    }

    @Test
    void markdown_ofValuesFromOutside_isEscaped() {
        happened(
                "reported",
                Map.of(
                        "signal", "report",
                        "by", "ada | <script>alert(1)</script>",
                        "what",
                                "**see** [this](https://evil.example) `x` www.evil.example ![i](x) \\| a_b ~~c~~ & # 1"));

        String row = Timeline.of(entries).markdown().lines().skip(2).findFirst().orElseThrow();

        assertThat(row)
                .isEqualTo("| 2030-01-01 12:00:00 | 0.0 s | Signal report was raised, by ada &#124;"
                        + " &lt;script&gt;alert(1)&lt;/script&gt;: \\*\\*see\\*\\*"
                        + " \\[this\\](https&#58;//evil.example) \\`x\\` www&#46;evil.example \\!\\[i\\](x)"
                        + " \\\\&#124; a\\_b \\~\\~c\\~\\~ &amp; \\# 1 |");
    }

    @Test
    void of_noEntries_hasNoLine() {
        assertThat(Timeline.of(List.of()).lines()).isEmpty();
        assertThat(Timeline.of(List.of()).markdown().lines()).hasSize(2);
    }
}
