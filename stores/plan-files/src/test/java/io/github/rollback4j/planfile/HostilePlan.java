package io.github.rollback4j.planfile;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A plan that somebody wrote to do harm.
 *
 * @param name what harm
 * @param text the file
 * @param problem what is said of it, without the file's name
 */
record HostilePlan(String name, String text, String problem) {

    static final String NO_CHARACTER = ", which is not allowed: text without control characters, line separators,"
            + " changes of the direction of writing and halves of characters is";
    private static final String TOO_DEEP = "is nested deeper than 50 levels: up to that are allowed";
    private static final String TOO_MANY =
            "has more than 20000 values here, those behind aliases counted each time: up to that many are allowed";

    static Stream<HostilePlan> all() {
        String signals = "signals: [error-rate]\n";
        String long16 = "x".repeat(1 << 14);
        return Stream.of(
                plan("nothing", "", "1:1: is empty: a plan is needed"),
                plan("a comment", "# a plan\n", "1:1: is empty: a plan is needed"),
                plan("a byte order mark", "\uFEFF", "1:1: is empty: a plan is needed"),
                plan("spaces", " \n".repeat(500_000), "1:1: is empty: a plan is needed"),
                plan("line ends", "\n".repeat(1 << 20), "1:1: is empty: a plan is needed"),
                plan(
                        "a byte order mark inside",
                        signals + "mode: \uFEFFact",
                        "2:7: has the character U+FEFF" + NO_CHARACTER),
                plan("a NUL", signals + "mode: a\0ct", "2:8: has the character U+0000" + NO_CHARACTER),
                plan("an escape sequence", signals + "# \u001B[2J", "2:3: has the character U+001B" + NO_CHARACTER),
                plan(
                        "a delete character",
                        signals + "mode: act\u007F",
                        "2:10: has the character U+007F" + NO_CHARACTER),
                plan(
                        "a change of direction",
                        signals + "# \u202E} ⁦if (isAdmin)",
                        "2:3: has the character U+202E" + NO_CHARACTER),
                plan("an isolate", signals + "mdc-key: a\u2066b", "2:11: has the character U+2066" + NO_CHARACTER),
                plan(
                        "a line separator",
                        signals + "mdc-key: a\u2028b",
                        "2:11: has the character U+2028" + NO_CHARACTER),
                plan(
                        "half a character after whole ones",
                        signals + "mdc-key: 😀😀\ud83d",
                        "2:12: has the character U+D83D" + NO_CHARACTER),
                plan("the other half", "\ude00", "1:1: has the character U+DE00" + NO_CHARACTER),
                plan(
                        "more than a megabyte",
                        "#\n".repeat(600_000),
                        "1:1: is larger than 1048576 bytes: up to that many are allowed"),
                plan(
                        "a line without end",
                        signals + "mdc-key: " + long16,
                        "2:1: has a line of more than 16384 characters: up to that are allowed"),
                plan(
                        "a long value",
                        signals + "mdc-key: " + "x".repeat(16_000),
                        "2:10: mdc-key: the value '" + "x".repeat(100)
                                + "…' is not allowed: text with a length of 1 to 100, not blank is"),
                plan(
                        "a value of a megabyte",
                        signals + "mdc-key: >\n" + (" " + "x".repeat(16_000) + "\n").repeat(65),
                        "2:10: mdc-key: the value '" + "x".repeat(100)
                                + "…' is not allowed: text with a length of 1 to 100, not blank is"),
                plan(
                        "a number of a megabyte",
                        signals + "failing-keys: >\n" + (" " + "9".repeat(16_000) + "\n").repeat(65),
                        "2:15: failing-keys: the value '" + "9".repeat(100)
                                + "…' is not allowed: a whole number, 64 to 4194304 is"),
                plan(
                        "a placeholder of a megabyte",
                        signals + "mode: \"${env:\n" + ("x".repeat(16_000) + "\n").repeat(65) + "}\"",
                        "2:7: mode: placeholder '${env: " + "x".repeat(95) + "…}' is not allowed: "
                                + Placeholders.ALLOWED),
                plan(
                        "a long key",
                        signals + "\"" + "k".repeat(900) + "\": 1",
                        "2:1: " + "k".repeat(100) + "…: is unknown: "
                                + String.join(
                                        ", ",
                                        Layout.ROOT.fields().stream()
                                                .map(Shape.Field::name)
                                                .toList())
                                + " are allowed here"),
                plan("ten thousand lists", "[".repeat(10_000), "1:51: " + TOO_DEEP),
                plan("ten thousand mappings", "{a:\n".repeat(10_000), "50:2: " + TOO_DEEP),
                plan("eight thousand levels of items", "- ".repeat(8_000) + "x", "1:101: " + TOO_DEEP),
                plan(
                        "eight thousand keys that are mappings",
                        "? ".repeat(8_000) + "x",
                        "1:3: is a key that is no text: a text is allowed"),
                plan(
                        "a thousand levels of indentation",
                        IntStream.range(0, 1000)
                                .mapToObj(i -> " ".repeat(i) + "a:\n")
                                .collect(Collectors.joining()),
                        "50:50: " + TOO_DEEP),
                plan("a million brackets", "[\n".repeat(500_000), "51:1: " + TOO_DEEP),
                plan(
                        "a hundred thousand items",
                        signals + "steps:\n" + "- a\n".repeat(100_000),
                        "19997:3: " + TOO_MANY),
                plan(
                        "a million items",
                        signals + "steps: [\n" + ("a,".repeat(8_000) + "\n").repeat(60) + "]",
                        "5:7989: " + TOO_MANY),
                plan(
                        "a hundred thousand keys",
                        IntStream.range(0, 100_000)
                                .mapToObj(i -> "a" + i + ": b\n")
                                .collect(Collectors.joining()),
                        "10000:8: " + TOO_MANY),
                plan("a billion laughs", laughs(), "6:10: " + TOO_MANY),
                plan(
                        "aliases of much",
                        "x: &x [" + "a, ".repeat(1000) + "]\nsignals: [" + "*x, ".repeat(100) + "]",
                        "2:83: " + TOO_MANY),
                plan(
                        "aliases that nest",
                        "a: &a " + "[".repeat(40) + "]".repeat(40) + "\nsignals: " + "[".repeat(20) + "*a"
                                + "]".repeat(20),
                        "2:30: alias *a nests deeper than 50 levels: up to that are allowed"),
                plan(
                        "an anchor without end",
                        signals + "mode: &" + "x".repeat(16_000) + " act\nmdc-key: *y",
                        "3:10: alias *y stands for nothing: an anchor &… before it is needed"),
                plan(
                        "placeholders without end",
                        signals + "mdc-key: " + "${env:A:-}".repeat(21),
                        "2:10: mdc-key: has more than 20 placeholders: up to that many are allowed"),
                plan(
                        "a placeholder that grows",
                        signals + "mdc-key: ${env:LONG}${env:LONG}",
                        "2:10: mdc-key: is longer than 10000 characters with its placeholders filled in: up to that are allowed"),
                plan(
                        "a placeholder with a control character",
                        signals + "mdc-key: ${env:BELL}",
                        "2:10: mdc-key: with its placeholders filled in, has the character U+0007" + NO_CHARACTER),
                plan(
                        "a file without end",
                        signals + "mdc-key: ${file:/dev/zero}",
                        "2:10: mdc-key: file /dev/zero is no regular file: one is needed"),
                plan(
                        "a duration that takes time to read",
                        signals + "outcome-deadline: P" + "1".repeat(9000) + "D",
                        "2:19: outcome-deadline: the value 'P" + "1".repeat(99)
                                + "…' is not allowed: a duration of 1s to 1h (written as 500ms, 30s, 10m, 1h, 2d or PT10M) is"),
                plan(
                        "a thousand and one groups",
                        signals + "communication: {groups: [" + "a, ".repeat(1001) + "]}",
                        "2:25: communication.groups: a list of 1001 is not allowed: 0 to 1000 items are"));
    }

    private static String laughs() {
        StringBuilder text = new StringBuilder("a0: &a0 lol\n");
        for (int i = 1; i < 10; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [");
            text.append(("*a" + (i - 1) + ", ").repeat(10)).append("]\n");
        }
        return text.append("signals: *a9\n").toString();
    }

    private static HostilePlan plan(String name, String text, String problem) {
        return new HostilePlan(name, text, problem);
    }

    static PlanFile.Reader reader() {
        Function<String, @Nullable String> environment = Map.of("LONG", "x".repeat(9000), "BELL", "a\u0007")::get;
        return Example.reader().environment(environment);
    }

    /** Reads all of them, in a JVM that has little memory. */
    public static void main(String[] arguments) {
        long refused = all().filter(HostilePlan::isRefused).count();
        System.out.println("refused " + refused);
    }

    private boolean isRefused() {
        try {
            reader().parse("plan.yml", text);
        } catch (PlanFileException malformed) {
            return malformed.problems().get(0).toString().equals("plan.yml:" + problem);
        }
        return false;
    }

    @Override
    public String toString() {
        return name;
    }
}
