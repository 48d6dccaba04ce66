package io.github.rollback4j.samples.checkout.show;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.signal.Assessment.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private static final Ink PLAIN = new Ink(false, false);

    private static Progress progress(double seconds, double log10Evidence) {
        return new Progress(
                Duration.ofMillis((long) (1000 * seconds)),
                0.05,
                new Progress.Served("1.5.0", 4_712, 5),
                new Progress.Served("1.6.0", 248, 12),
                log10Evidence,
                2,
                log10Evidence < 2 ? Verdict.INCONCLUSIVE : Verdict.REGRESSED);
    }

    @Test
    void line_hasShareCountsEvidenceAndVerdict() {
        assertThat(progress(12.34, 1.31).line())
                .isEqualTo(" 12.3 s    5 %   1.5.0   4,712 calls     5 failed   1.6.0     248 calls    12 failed"
                        + "   10^ 1.31 of 10^2.00 INCONCLUSIVE");
    }

    @Test
    void lines_plainInk_haveNoEscapes_andFitAnEightyColumnTerminal() {
        assertThat(progress(12.3, 1))
                .satisfies(half -> assertThat(half.lines(PLAIN))
                        .hasSize(4)
                        .allSatisfy(line ->
                                assertThat(line).hasSizeLessThanOrEqualTo(80).matches("\\p{ASCII}*"))
                        .anySatisfy(line -> assertThat(line).contains("4.84 %"))
                        .anySatisfy(line -> assertThat(line).contains("[##################..................]")));
    }

    @Test
    void bar_blocks_hasTheSameWidthForEveryPart_andNegativeIsEmpty() {
        Ink ink = new Ink(false, true);
        for (double part = -1; part <= 2; part += 0.01) {
            assertThat(ink.bar(part)).hasSize(36);
        }
        assertThat(ink.bar(-0.3)).isEqualTo("\u2591".repeat(36));
        assertThat(ink.bar(7)).isEqualTo("\u2588".repeat(36));
        assertThat(ink.bar(1.0 / 72)).startsWith("\u258c").doesNotContain("\u2588");
    }

    @Test
    void ink_colours_onlyWhereWanted() {
        assertThat(new Ink(true, false).red("x")).isEqualTo("\u001b[1;31mx\u001b[0m");
        assertThat(PLAIN.red("x")).isEqualTo("x");
    }

    @Test
    void screen_plain_showsALineASecond_withoutEscapes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Screen screen = Screen.plain(new PrintStream(out, true));
        for (double seconds = 0; seconds < 3; seconds += 0.1) {
            screen.show(progress(seconds, 1));
        }
        assertThat(out.toString().lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).doesNotContain("\u001b"));
    }

    @Test
    void screen_ofAProcessWithoutTerminal_isPlain() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Screen.ofProcess(new PrintStream(out, true), Map.of("TERM", "dumb")).show(progress(1, 1));
        assertThat(out.toString()).contains("INCONCLUSIVE").doesNotContain("\u001b");
    }

    @Test
    void wrapped_longText_breaksBetweenWords() {
        assertThat(Text.wrapped("all calls go to stable", 10)).containsExactly("all calls", "go to", "stable");
    }

    @Test
    void count_one_isSingular() {
        assertThat(Text.count(1, "customer")).isEqualTo("1 customer");
        assertThat(Text.count(1_234, "failed call")).isEqualTo("1,234 failed calls");
    }
}
