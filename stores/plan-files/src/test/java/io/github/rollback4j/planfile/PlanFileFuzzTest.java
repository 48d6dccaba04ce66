package io.github.rollback4j.planfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.rollback4j.plan.RollbackPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Reads plans that were changed at random: what comes of it is a plan or a {@link PlanFileException}, never anything else. With
 * {@code -Drollback4j.fuzz.mutations=1000000} for longer; a mutation that fails is named by its seed.
 */
@Tag("R-12")
class PlanFileFuzzTest {

    private static final int MUTATIONS = Integer.getInteger("rollback4j.fuzz.mutations", 4000);
    private static final long SEED = Long.getLong("rollback4j.fuzz.seed", 20_260_401);

    private static final List<String> TOKENS = List.of(
            "~",
            "null",
            "true",
            "no",
            "0",
            "-1",
            "1e999",
            ".nan",
            ".inf",
            "0x1F",
            "99999999999999999999",
            "2026-01-31",
            "1:30",
            "10",
            "10s",
            "PT-1S",
            "[]",
            "{}",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            ": ",
            "- ",
            "? ",
            "&a ",
            "*a",
            "!!str ",
            "!x ",
            "|\n",
            ">-\n",
            "\"",
            "'",
            "#",
            " # ",
            "%YAML 1.1\n",
            "---\n",
            "...\n",
            "<<: ",
            "\t",
            "\r",
            "\n",
            "\n  ",
            "\\u202e",
            "\\0",
            "\\ud800",
            "\u0000",
            "\u001B",
            "\u202E",
            "\uFEFF",
            "\ud83d",
            "😀",
            "ü",
            "${env:CDN_TOKEN}",
            "${env:NOT_SET}",
            "${env:NOT_SET:-x}",
            "${file:/dev/zero}",
            "${",
            "$${",
            "bind",
            "bind: ",
            "beside: ",
            "run: ",
            "name: ",
            "error-rate",
            "latency",
            "canary",
            "webhook",
            "approval",
            "x".repeat(200),
            "9".repeat(200),
            "[".repeat(60),
            "{a: ".repeat(60));

    @TempDir
    private Path folder;

    private final Logger log = (Logger) LoggerFactory.getLogger(PlanFile.class);

    @BeforeEach
    void muteWarnings() {
        log.setLevel(Level.ERROR);
    }

    @AfterEach
    void unmuteWarnings() {
        log.setLevel(null);
    }

    @Test
    void parse_ofPlansChangedAtRandom_isAPlanOrAPlanFileException() throws IOException {
        Path secret = Files.writeString(folder.resolve("ci"), "f1le-s3cret");
        List<String> plans = ValidPlans.all(secret);
        PlanFile.Reader reader = Example.reader();
        plans.forEach(plan -> reader.parse("plan.yml", plan));
        int read = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            Random random = new Random(SEED + i);
            String mutated = mutated(plans.get(random.nextInt(plans.size())), plans, random);
            try {
                RollbackPlan plan = reader.parse("plan.yml", mutated);
                assertThat(plan.hash()).hasSize(64);
                read++;
            } catch (PlanFileException malformed) {
                requireGoodProblems(malformed, mutated);
            } catch (Throwable other) {
                fail("seed " + (SEED + i) + ":\n" + mutated, other);
            }
        }
        // Mutations that all break the file at its first character would show nothing.
        assertThat(read).isBetween(MUTATIONS / 20, MUTATIONS * 19 / 20);
    }

    private static void requireGoodProblems(PlanFileException malformed, String mutated) {
        long lines = mutated.chars().filter(c -> c == '\n' || c == '\r').count() + 1;
        assertThat(malformed.problems()).isNotEmpty();
        for (PlanFileException.Problem problem : malformed.problems()) {
            assertThat(problem.line()).isBetween(1, (int) lines);
            assertThat(problem.column()).isPositive();
            assertThat(problem.message()).isNotBlank();
            assertThat(problem.toString())
                    .doesNotContain("f1le-s3cret", "t0p-s3cret", "\n", "\u001B", "\u202E", "\u0000");
        }
    }

    private static String mutated(String plan, List<String> plans, Random random) {
        String mutated = plan;
        for (int i = random.nextInt(4); i >= 0; i--) {
            mutated = once(mutated, plans, random);
        }
        return mutated;
    }

    private static String once(String plan, List<String> plans, Random random) {
        int from = random.nextInt(plan.length() + 1);
        int to = Math.min(plan.length(), from + random.nextInt(12));
        String token = TOKENS.get(random.nextInt(TOKENS.size()));
        return switch (random.nextInt(10)) {
            case 0 -> plan.substring(0, from) + plan.substring(to);
            case 1 -> plan.substring(0, from) + token + plan.substring(from);
            case 2 -> plan.substring(0, from) + token + plan.substring(to);
            case 3 ->
                plan.substring(0, from)
                        + (char) (random.nextInt(10) == 0 ? random.nextInt(0x10000) : random.nextInt(0x80))
                        + plan.substring(from);
            case 4 ->
                plan.substring(0, from) + plan.substring(from, to).repeat(2 + random.nextInt(3)) + plan.substring(to);
            case 5 -> withLines(plan, random, Collections::swap);
            case 6 -> withLines(plan, random, (lines, a, b) -> lines.add(a, lines.get(b)));
            case 7 -> withLines(plan, random, (lines, a, b) -> lines.remove(a));
            case 8 ->
                withLines(plan, random, (lines, a, b) -> {
                    String line = lines.get(a);
                    int colon = line.indexOf(": ");
                    lines.set(a, colon < 0 ? "  " + line : line.substring(0, colon + 2) + token);
                });
            default -> {
                String other = plans.get(random.nextInt(plans.size()));
                int cut = random.nextInt(other.length());
                yield plan.substring(0, from)
                        + other.substring(cut, Math.min(other.length(), cut + 200))
                        + plan.substring(to);
            }
        };
    }

    private interface Change {
        void of(List<String> lines, int a, int b);
    }

    private static String withLines(String plan, Random random, Change change) {
        List<String> lines = new ArrayList<>(Arrays.asList(plan.split("\n", -1)));
        change.of(lines, random.nextInt(lines.size()), random.nextInt(lines.size()));
        return String.join("\n", lines);
    }
}
