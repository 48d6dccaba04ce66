package io.github.rollback4j.migrations.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.databases.DatabaseServer.Engine;
import io.github.rollback4j.migrations.reading.SqlDialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Proves each case of {@code measured.json}, and compares with what was measured. {@code -Drollback4j.table=true} prints it. */
class MeasuredCasesProofTest {

    @Test
    void proof_ofEachMeasuredCaseOnPostgres_saysWhatWasMeasured() {
        prove(SqlDialect.POSTGRESQL, Engine.POSTGRESQL, "postgres", "postgres", 44);
    }

    @Test
    void proof_ofEachMeasuredCaseOnMariaDb_saysWhatWasMeasured() {
        prove(SqlDialect.MARIADB, Engine.MARIADB, "mysql", "tester", 12);
    }

    private static void prove(SqlDialect dialect, Engine engine, String database, String user, int count) {
        DatabaseServer server = DatabaseServer.shared(engine);
        ScratchDatabase scratch =
                ScratchDatabase.at(server.url(database), user, user).mayContainTables();
        Map<String, String> wrong = new TreeMap<>();
        List<String> lines = new ArrayList<>();
        int proved = 0;
        for (MeasuredCase each : MeasuredCase.all()) {
            if (each.dialect() != dialect) {
                continue;
            }
            proved++;
            Proof proof = Proof.of(each.migrations())
                    .on(scratch)
                    .oldSchema(each.text("assumes"))
                    .statements(each.statements())
                    .newWrites(each.newWrites());
            if (dialect == SqlDialect.POSTGRESQL) {
                proof.applicationRole("app");
            }
            ProofResult result = proof.run();
            String expected = labels(each, each.text("old_code_breaks"), each.text("data_loss"));
            String actual = labels(each, result);
            lines.add(
                    String.format("%-18s %-60s %s", each.id(), actual, expected.equals(actual) ? "" : "≠ " + expected));
            if (!expected.equals(actual)) {
                wrong.put(each.id(), actual + " instead of " + expected + "\n" + details(result));
            }
        }
        if (Boolean.getBoolean("rollback4j.table")) {
            lines.forEach(System.out::println);
        }
        assertThat(proved).isEqualTo(count);
        assertThat(wrong).isEmpty();
    }

    private static String labels(MeasuredCase each, String breaks, String loss) {
        StringBuilder labels = new StringBuilder("breaks=" + breaks + " loss=" + loss);
        for (String key : List.of(
                "undo_restores_schema", "undo_restores_schema_strict", "undo_restores_data", "undo_loses_new_writes")) {
            if (each.has(key)) {
                labels.append(' ').append(key.replace("undo_", "")).append('=').append(each.text(key));
            }
        }
        return labels.toString();
    }

    private static String labels(MeasuredCase each, ProofResult result) {
        StringBuilder labels = new StringBuilder("breaks="
                + result.breaks().name().toLowerCase(java.util.Locale.ROOT) + " loss=" + yes(result.losesData()));
        UndoProof undo = result.undo();
        if (undo != null) {
            Map<String, Boolean> all = Map.of(
                    "undo_restores_schema", undo.restoresSchema(),
                    "undo_restores_schema_strict", undo.restoresSchema() && undo.restoresOrder(),
                    "undo_restores_data", undo.restoresData(),
                    "undo_loses_new_writes", undo.losesNewWrites());
            for (String key : List.of(
                    "undo_restores_schema",
                    "undo_restores_schema_strict",
                    "undo_restores_data",
                    "undo_loses_new_writes")) {
                if (each.has(key)) {
                    labels.append(' ')
                            .append(key.replace("undo_", ""))
                            .append('=')
                            .append(yes(all.get(key)));
                }
            }
        }
        return labels.toString();
    }

    private static String yes(boolean value) {
        return value ? "yes" : "no";
    }

    private static String details(ProofResult result) {
        StringBuilder text = new StringBuilder();
        for (StatementProof each : result.statements()) {
            text.append("  ")
                    .append(each.breaks())
                    .append(' ')
                    .append(each.statement().sql());
            text.append(each.unusable().isEmpty() ? "" : " unusable: " + each.unusable())
                    .append('\n');
            each.divergences()
                    .forEach(one -> text.append("      ")
                            .append(one.depth())
                            .append(' ')
                            .append(one)
                            .append('\n'));
        }
        text.append("  lost ").append(result.lost()).append('\n');
        text.append("  undo ").append(result.undo()).append('\n');
        text.append("  ").append(result.obstacles()).append(result.notes());
        return text.toString();
    }
}
