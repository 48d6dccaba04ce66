package io.github.rollback4j.migrations.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.LabelledCase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What is judged without a database, against what is known. The measured cases are part of the build. Further ones are read from the
 * folder that the system property {@value #CASES} names; with {@value #PRINT} the table is printed.
 */
class LabelledCasesJudgementTest {

    static final String CASES = "rollback4j.migrations.cases";
    static final String PRINT = "rollback4j.migrations.print";

    /** What the further cases say of the old schema in words, as SQL. */
    private static final Map<String, String> ASSUMED = Map.ofEntries(
            Map.entry("M-148bf2e3", "CREATE TABLE app_drop_default_a (col varchar(10) NULL)"),
            Map.entry("M-31230139", "CREATE TABLE app_drop_default_a (col varchar(10) NULL)"),
            Map.entry("M-b16be75b", "CREATE TABLE reviews (rating text)"),
            Map.entry("M-09c8e9a1", "CREATE TABLE core_foo (kind varchar(255))"),
            Map.entry(
                    "M-1ede498f",
                    "CREATE TABLE foo (bar int); ALTER TABLE foo ADD CONSTRAINT foo_bar_not_null CHECK (bar IS NOT NULL) NOT VALID"),
            Map.entry(
                    "M-297dd3c5",
                    "CREATE TABLE account (id int NOT NULL); CREATE UNIQUE INDEX account_pk_idx ON account (id)"),
            Map.entry("M-2f8bf514", "CREATE TABLE items (id int NOT NULL); CREATE UNIQUE INDEX items_pk ON items (id)"),
            Map.entry("M-480354e7", "CREATE TABLE core_recipe (edits integer)"),
            Map.entry("M-96f26349", "CREATE TABLE app.users (created_ts timestamptz)"));

    private final StaticJudge judge = new StaticJudge(InstantSource.fixed(Instant.parse("2026-11-25T00:00:00Z")));

    /** A case whose judgement differs from its label. */
    private record Row(LabelledCase labelled, Judgement judgement, String oldSchema) {

        String breaks() {
            return judgement.breaks().name().toLowerCase(Locale.ROOT);
        }

        String expectedBreaks() {
            String worst = labelled.text("old_code_breaks_worst_case");
            return worst.isEmpty() ? labelled.text("old_code_breaks") : worst;
        }

        boolean breaksIsRight() {
            return breaks().equals("no") == expectedBreaks().equals("no");
        }

        boolean certaintyIsRight() {
            return labelled.text("old_code_breaks_worst_case").isEmpty() || breaks().equals(expectedBreaks());
        }

        boolean lossIsRight() {
            return judgement.losesData() == labelled.text("data_loss").equals("yes");
        }

        boolean lockIsRight() {
            return judgement.locks() == labelled.text("blocking_lock").equals("yes");
        }

        String line() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %s%s | %s%s | %s%s | %s |",
                    labelled.id(),
                    breaks(),
                    breaksIsRight() && certaintyIsRight() ? "" : " (" + expectedBreaks() + ")",
                    judgement.losesData() ? "yes" : "no",
                    lossIsRight() ? "" : " (" + labelled.text("data_loss") + ")",
                    judgement.locks() ? "yes" : "no",
                    lockIsRight() ? "" : " (" + labelled.text("blocking_lock") + ")",
                    judgement.findings().stream()
                            .filter(finding -> finding.effect() != Finding.Effect.ADVICE
                                    && finding.effect() != Finding.Effect.UNDO)
                            .map(finding -> finding.rule() + "/" + finding.effect())
                            .distinct()
                            .toList());
        }
    }

    private List<Row> judged(List<LabelledCase> cases) {
        List<Row> rows = new ArrayList<>();
        for (LabelledCase labelled : cases) {
            String assumed = labelled.has("files") ? labelled.text("assumes") : ASSUMED.getOrDefault(labelled.id(), "");
            rows.add(new Row(labelled, judge.judge(labelled.migrations(assumed)), assumed));
        }
        if (System.getProperty(PRINT) != null) {
            System.out.println("| case | old code breaks | data loss | blocking lock | rules |\n|---|---|---|---|---|");
            rows.forEach(row -> System.out.println(row.line()));
        }
        return rows;
    }

    @Test
    void judge_measuredCases_breaksAndLossAsMeasured() {
        List<Row> rows = judged(LabelledCase.measured());

        assertThat(rows).hasSize(56).allSatisfy(row -> {
            assertThat(row.breaksIsRight() && row.certaintyIsRight())
                    .as(row.line())
                    .isTrue();
            assertThat(row.lossIsRight()).as(row.line()).isTrue();
        });
        assertThat(rows).filteredOn(row -> !row.lockIsRight()).hasSizeLessThanOrEqualTo(rows.size() / 20);
    }

    @Test
    @EnabledIfSystemProperty(named = CASES, matches = ".+")
    void judge_furtherCases_breaksAndLossAsLabelled() throws IOException {
        List<Row> rows = judged(LabelledCase.of(Path.of(System.getProperty(CASES), "dev.json")));

        assertThat(rows).isNotEmpty().allSatisfy(row -> {
            assertThat(row.breaksIsRight()).as(row.line()).isTrue();
            assertThat(row.lossIsRight()).as(row.line()).isTrue();
        });
        assertThat(rows).filteredOn(row -> !row.lockIsRight()).hasSizeLessThanOrEqualTo(rows.size() / 20);
    }
}
