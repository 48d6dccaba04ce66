package io.github.rollback4j.migrations.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.judgement.Breaks;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Undo;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Proves 50 pending changes with 200 statements on PostgreSQL. {@code -Drollback4j.table=true} prints the time. */
class ProofSpeedTest {

    @Test
    void proof_ofFiftyChangesAndTwoHundredStatements_takesLessThanThirtySeconds() {
        StringBuilder schema = new StringBuilder();
        List<Migration> pending = new ArrayList<>();
        List<RecordedStatement> statements = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String table = "t" + i;
            schema.append("CREATE TABLE ")
                    .append(table)
                    .append(" (id serial PRIMARY KEY, code varchar(20) UNIQUE, n int NOT NULL");
            schema.append(i == 0 ? "" : ", parent int REFERENCES t" + (i - 1)).append(", note text DEFAULT 'x');\n");
            String change = i % 10 == 9
                    ? "ALTER TABLE " + table + " DROP note"
                    : "ALTER TABLE " + table + " ADD c" + i + " text";
            String back = i % 10 == 9
                    ? "ALTER TABLE " + table + " ADD note text DEFAULT 'x'"
                    : "ALTER TABLE " + table + " DROP c" + i;
            pending.add(new Migration(
                    "V" + i,
                    "V" + i + ".sql",
                    MeasuredCase.split(change),
                    true,
                    false,
                    new Undo(Undo.State.DECLARED, "U" + i + ".sql", MeasuredCase.split(back)),
                    List.of()));
            statements.add(statement(
                    "SELECT id, code, n, note FROM " + table + " WHERE id = ?", List.of("INTEGER"), "1", "2"));
            statements.add(statement(
                    "UPDATE " + table + " SET n = ? WHERE code = ?", List.of("INTEGER", "VARCHAR"), "7", "code 1"));
            statements.add(statement(
                    "INSERT INTO " + table + " (code, n) VALUES (?, ?)", List.of("VARCHAR", "INTEGER"), "new", "5"));
            statements.add(statement("SELECT count(*) FROM " + table + " WHERE n > ?", List.of("INTEGER"), "0"));
        }
        long began = System.nanoTime();
        ProofResult result = Proof.of(new MigrationSet(SqlDialect.POSTGRESQL, List.of(), pending, false))
                .on(ProofTest.postgres())
                .oldSchema(schema.toString())
                .statements(statements)
                .run();
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (Boolean.getBoolean("rollback4j.table")) {
            System.out.println("50 changes, 200 statements: " + took.toMillis() + " ms");
        }
        assertThat(result.statements()).hasSize(200);
        assertThat(result.statements())
                .filteredOn(each -> each.breaks() == Breaks.YES)
                .hasSize(5)
                .allSatisfy(each -> assertThat(each.statement().sql()).contains("note"));
        assertThat(result.statements()).noneMatch(each -> each.breaks() == Breaks.UNKNOWN);
        assertThat(took).isLessThan(Duration.ofSeconds(30));
    }

    private static RecordedStatement statement(String sql, List<String> types, String... values) {
        List<List<String>> samples = new ArrayList<>();
        for (int i = 0; i < values.length; i += types.size()) {
            samples.add(List.of(values).subList(i, i + types.size()));
        }
        return new RecordedStatement(sql, types, samples, new TreeMap<>(), "");
    }
}
