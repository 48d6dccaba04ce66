package io.github.rollback4j.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.judgement.Rule;
import io.github.rollback4j.migrations.proof.ScratchDatabase;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Suppression;
import io.github.rollback4j.migrations.source.Undo;
import io.github.rollback4j.migrations.statements.StatementCatalogue;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reports are read by people, by scripts and by tools that know SARIF. */
class CompatibilityReportTest {

    private static CompatibilityReport report(String change, Suppression... suppressions) {
        SqlReader reader = SqlReader.of(SqlDialect.POSTGRESQL);
        String old = "CREATE TABLE booking (id int PRIMARY KEY, nights int, price numeric(8,2));";
        MigrationSet migrations = new MigrationSet(
                SqlDialect.POSTGRESQL,
                List.of(new Migration("1", "V1__old.sql", reader.read(old), true, false, Undo.NONE, List.of())),
                List.of(new Migration(
                        "2", "db/V2__a \"b\".sql", reader.read(change), true, false, Undo.NONE, List.of(suppressions))),
                true);
        return CompatibilityReport.of(CompatibilityCheck.of(migrations).run());
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> parsed(String json) {
        return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(json);
    }

    @Test
    void text_brokenAndLost_oneEntryForBoth() {
        assertThat(report("ALTER TABLE booking DROP price;").text())
                .startsWith("BLOCKED\n")
                .containsOnlyOnce("DROP_COLUMN (breaks the previous release, loses data)")
                .endsWith("1 migration, 1 statement. Previous release breaks: yes. Loses data: yes. Blocks others: no."
                        + " Not understood: 0. Suppressed: 0.\n");
    }

    @Test
    void json_anyReport_isJsonWithTheAnswers() {
        Map<String, Object> json = parsed(
                report("ALTER TABLE booking\n\tALTER COLUMN nights TYPE text;").json());

        assertThat(json)
                .containsEntry("verdict", "BLOCKED")
                .containsEntry("old_code_breaks", "yes")
                .containsEntry("data_loss", "no")
                .containsEntry("blocking_lock", "yes");
        assertThat(json.get("findings")).asString().contains("CHANGE_TYPE", "db/V2__a \"b\".sql");
    }

    @Test
    void sarif_suppressedFinding_isMarkedAndAllElseHasAPlace() {
        Suppression allowed = new Suppression(Rule.DROP_COLUMN.name(), 0, "unused", null);

        Map<String, Object> sarif =
                parsed(report("ALTER TABLE booking DROP price;", allowed).sarif());

        assertThat(sarif).containsEntry("version", "2.1.0");
        Map<?, ?> run = (Map<?, ?>) ((List<?>) sarif.get("runs")).get(0);
        assertThat((List<?>) run.get("results"))
                .anySatisfy(result -> assertThat(((Map<?, ?>) result).get("suppressions"))
                        .asString()
                        .contains("inSource"))
                .allSatisfy(result -> assertThat(((Map<?, ?>) result).get("locations"))
                        .asString()
                        .contains("startLine"));
    }

    @Test
    void sarif_sameMigrations_sameBytes() {
        assertThat(report("ALTER TABLE booking DROP price;").sarif())
                .isEqualTo(report("ALTER TABLE booking DROP price;").sarif());
    }

    @Test
    void report_proofAndStatements_areShown() throws Exception {
        SqlReader reader = SqlReader.of(SqlDialect.H2);
        MigrationSet migrations = new MigrationSet(
                SqlDialect.H2,
                List.of(new Migration(
                        "1",
                        "V1__old.sql",
                        reader.read(
                                "CREATE TABLE booking (id int PRIMARY KEY, nights int); CREATE TABLE guest (id int);"),
                        true,
                        false,
                        Undo.NONE,
                        List.of())),
                List.of(new Migration(
                        "2",
                        "V2__new.sql",
                        reader.read("ALTER TABLE booking DROP COLUMN nights; ALTER TABLE guest ADD COLUMN name text;"),
                        true,
                        false,
                        Undo.NONE,
                        List.of())),
                true);
        try (ScratchDatabase scratch = ScratchDatabase.h2()) {
            CompatibilityReport report = CompatibilityReport.of(CompatibilityCheck.of(migrations)
                    .statements(StatementCatalogue.parse("s.sql", "SELECT nights FROM booking;"))
                    .provedOn(scratch)
                    .run());

            assertThat(report.text())
                    .contains("Proof: 1 statement of the previous release tried, breaks: yes.")
                    .contains("    SELECT nights FROM booking\n        after migration: 42")
                    .contains("    undo: missing")
                    .contains("recorded statements touch 1 of 2 changed tables; none touches GUEST");
            assertThat(parsed(report.json()))
                    .containsEntry("untouched", List.of("GUEST"))
                    .hasEntrySatisfying(
                            "proof", proof -> assertThat(proof).asString().contains("undo=MISSING"));
        }
    }
}
