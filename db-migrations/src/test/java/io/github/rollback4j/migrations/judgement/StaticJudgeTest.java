package io.github.rollback4j.migrations.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Undo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What changes mean for the previous release: the cases of {@code semantics.txt}. */
class StaticJudgeTest {

    private static final Pattern CASE =
            Pattern.compile("== ([^\\n]+) \\[(\\w+)]\\n(.*?)---\\n(.*?)=> (.*?)\\n", Pattern.DOTALL);

    private final StaticJudge judge = new StaticJudge(InstantSource.fixed(Instant.parse("2026-11-25T00:00:00Z")));

    /** A case. */
    record Case(String name, SqlDialect dialect, String before, String change, String expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() throws IOException {
        try (InputStream in = StaticJudgeTest.class.getResourceAsStream("semantics.txt")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            List<Case> cases = new ArrayList<>();
            Matcher matcher = CASE.matcher(text);
            while (matcher.find()) {
                cases.add(new Case(
                        matcher.group(1),
                        SqlDialect.named(matcher.group(2)),
                        matcher.group(3),
                        matcher.group(4),
                        matcher.group(5).strip()));
            }
            assertThat(cases).hasSize(text.split("\n== ", -1).length - 1);
            return cases.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void judge_change_asItsMeaningIs(Case each) {
        Judgement judgement = judge.judge(migrations(each));

        assertThat(summary(judgement))
                .as(() -> judgement.findings().stream().map(Finding::toString).collect(Collectors.joining("\n")))
                .isEqualTo(each.expected());
    }

    private static MigrationSet migrations(Case each) {
        SqlReader reader = SqlReader.of(each.dialect());
        boolean isTransactional = !each.change().contains("CONCURRENTLY");
        return new MigrationSet(
                each.dialect(),
                List.of(new Migration(
                        "1", "V1__old.sql", reader.read(each.before()), true, false, Undo.NONE, List.of())),
                List.of(new Migration(
                        "2", "V2__new.sql", reader.read(each.change()), isTransactional, false, Undo.NONE, List.of())),
                true);
    }

    private static String summary(Judgement judgement) {
        String rules = judgement.findings().stream()
                .filter(finding -> finding.effect() != Effect.ADVICE && finding.effect() != Effect.UNDO)
                .map(finding -> finding.rule().name())
                .distinct()
                .sorted()
                .collect(Collectors.joining(" "));
        return (judgement.breaks().name().toLowerCase(Locale.ROOT) + ", " + (judgement.losesData() ? "yes" : "no")
                        + ", " + (judgement.locks() ? "yes" : "no") + ": " + rules)
                .strip();
    }
}
