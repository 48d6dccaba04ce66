package io.github.rollback4j.migrations.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.migrations.proof.Divergence.Depth;
import io.github.rollback4j.migrations.proof.Observation.Refusal;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Which of parsing, planning and running notices each change of a schema: 16 statements of an old release against 43 changes, on
 * PostgreSQL 18. {@code -Drollback4j.table=true} prints the matrix.
 */
class OldStatementMatrixTest {

    private static final List<String> SCHEMA = List.of(
            "CREATE TYPE state AS ENUM ('new', 'paid', 'done')",
            "CREATE TABLE p (id int PRIMARY KEY, label text)",
            "CREATE TABLE t (id int PRIMARY KEY, code varchar(20) CONSTRAINT t_code_key UNIQUE, n int, note text,"
                    + " b text DEFAULT 'b', s state NOT NULL DEFAULT 'new', p_id int NOT NULL)",
            "CREATE VIEW v AS SELECT id, n FROM t",
            "CREATE SEQUENCE q",
            "CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT x + 1'",
            "CREATE INDEX t_n ON t (n)",
            "CREATE SCHEMA other",
            "INSERT INTO p VALUES (1, 'one'), (2, 'two')",
            "INSERT INTO t VALUES (1, 'c1', 10, '1', 'b1', 'new', 1), (2, 'c2', 20, '2', 'b2', 'new', 2)");

    private static final List<RecordedStatement> STATEMENTS = List.of(
            statement("SELECT * FROM t"),
            statement("SELECT DISTINCT * FROM t"),
            statement("SELECT id, note FROM t WHERE n = ?", "INTEGER", "10"),
            statement("SELECT sum(n) FROM t"),
            statement("SELECT label, b FROM t JOIN p ON p.id = t.p_id ORDER BY n"),
            // No row is in that state.
            statement("SELECT id FROM t WHERE s = 'done'"),
            statement("UPDATE t SET note = ? WHERE id = ?", "VARCHAR", "5", "INTEGER", "1"),
            statement("DELETE FROM t WHERE id = ?", "INTEGER", "2"),
            statement("INSERT INTO t VALUES (?, 'c3', 30, NULL, 'b3', 'new', 99)", "INTEGER", "3"),
            statement(
                    "INSERT INTO t (id, code, n, b, p_id) VALUES (?, ?, ?, 'b4', 99)",
                    "INTEGER",
                    "4",
                    "VARCHAR",
                    "a longer code",
                    "INTEGER",
                    "400"),
            statement(
                    "INSERT INTO t (id, code, n, p_id) VALUES (?, ?, 50, 99) ON CONFLICT (code) DO NOTHING",
                    "INTEGER",
                    "5",
                    "VARCHAR",
                    "c1"),
            statement(
                    "INSERT INTO t (id, code, n, p_id) VALUES (?, 'c6', 60, 99)"
                            + " ON CONFLICT ON CONSTRAINT t_code_key DO UPDATE SET n = excluded.n",
                    "INTEGER",
                    "6"),
            statement("SELECT id, n FROM v"),
            statement("SELECT nextval('q')"),
            statement("SELECT f(?)", "INTEGER", "1"),
            statement("SELECT CAST(? AS state)", "OTHER", "paid"));

    private static final Map<String, List<String>> CHANGES = changes();

    private static Map<String, List<String>> changes() {
        Map<String, List<String>> changes = new LinkedHashMap<>();
        changes.put("add nullable column", List.of("ALTER TABLE t ADD COLUMN c int"));
        changes.put("add column not null default const", List.of("ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 1"));
        changes.put(
                "add column not null no default",
                List.of(
                        "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 1",
                        "ALTER TABLE t ALTER COLUMN c DROP DEFAULT"));
        changes.put("add column name colliding w/ join (ambiguous)", List.of("ALTER TABLE p ADD COLUMN b text"));
        changes.put("add json column", List.of("ALTER TABLE t ADD COLUMN c json"));
        changes.put(
                "add generated column", List.of("ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (id * 2) STORED"));
        changes.put("drop column", List.of("ALTER TABLE t DROP COLUMN note"));
        changes.put("drop unused column (b)", List.of("ALTER TABLE t DROP COLUMN b"));
        changes.put("rename column", List.of("ALTER TABLE t RENAME COLUMN n TO n2"));
        changes.put("rename table", List.of("ALTER TABLE t RENAME TO t2"));
        changes.put(
                "rename table + view",
                List.of("ALTER TABLE t RENAME TO t2", "CREATE VIEW t AS SELECT id, code, n, note, b, s, p_id FROM t2"));
        changes.put("set schema", List.of("ALTER TABLE t SET SCHEMA other"));
        changes.put("drop table", List.of("DROP TABLE t CASCADE"));
        changes.put("set not null", List.of("ALTER TABLE t ALTER COLUMN note SET NOT NULL"));
        changes.put("drop not null", List.of("ALTER TABLE t ALTER COLUMN p_id DROP NOT NULL"));
        changes.put("widen varchar", List.of("ALTER TABLE t ALTER COLUMN code TYPE varchar(40)"));
        changes.put("narrow varchar", List.of("ALTER TABLE t ALTER COLUMN code TYPE varchar(5)"));
        changes.put("int->bigint", List.of("ALTER TABLE t ALTER COLUMN p_id TYPE bigint"));
        changes.put(
                "int->text",
                List.of(
                        "DROP VIEW v",
                        "ALTER TABLE t ALTER COLUMN n TYPE text",
                        "CREATE VIEW v AS SELECT id, n FROM t"));
        changes.put("text->int (note)", List.of("ALTER TABLE t ALTER COLUMN note TYPE int USING note::int"));
        changes.put("set default", List.of("ALTER TABLE t ALTER COLUMN b SET DEFAULT 'c'"));
        changes.put("drop default", List.of("ALTER TABLE t ALTER COLUMN b DROP DEFAULT"));
        changes.put("add check not valid", List.of("ALTER TABLE t ADD CONSTRAINT n_small CHECK (n < 100) NOT VALID"));
        changes.put("add unique", List.of("ALTER TABLE t ADD CONSTRAINT t_n_key UNIQUE (n)"));
        changes.put("add fk", List.of("ALTER TABLE t ADD CONSTRAINT t_p_fk FOREIGN KEY (p_id) REFERENCES p (id)"));
        changes.put("drop unique used by on conflict", List.of("ALTER TABLE t DROP CONSTRAINT t_code_key"));
        changes.put(
                "rename constraint used by on conflict",
                List.of("ALTER TABLE t RENAME CONSTRAINT t_code_key TO t_code_uq"));
        changes.put(
                "make unique deferrable",
                List.of(
                        "ALTER TABLE t DROP CONSTRAINT t_code_key",
                        "ALTER TABLE t ADD CONSTRAINT t_code_key UNIQUE (code) DEFERRABLE"));
        changes.put("enum add value", List.of("ALTER TYPE state ADD VALUE 'gone'"));
        changes.put("enum rename value", List.of("ALTER TYPE state RENAME VALUE 'done' TO 'finished'"));
        changes.put("enum rename value used as bind", List.of("ALTER TYPE state RENAME VALUE 'paid' TO 'settled'"));
        changes.put("drop view", List.of("DROP VIEW v"));
        changes.put("replace view (fewer cols)", List.of("DROP VIEW v", "CREATE VIEW v AS SELECT id FROM t"));
        changes.put("drop sequence", List.of("DROP SEQUENCE q"));
        changes.put(
                "change function signature",
                List.of(
                        "DROP FUNCTION f(int)",
                        "CREATE FUNCTION f(x int, y int) RETURNS int LANGUAGE sql AS 'SELECT x + y'"));
        changes.put(
                "trigger raising",
                List.of(
                        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                                + " 'BEGIN RAISE EXCEPTION ''no''; END'",
                        "CREATE TRIGGER refuse BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION refuse()"));
        changes.put("enable RLS (non-owner)", List.of("ALTER TABLE t ENABLE ROW LEVEL SECURITY"));
        changes.put("revoke select", List.of("REVOKE SELECT ON t FROM app"));
        changes.put("create index", List.of("CREATE INDEX t_note ON t (note)"));
        changes.put("drop index", List.of("DROP INDEX t_n"));
        changes.put(
                "reorder/add column in middle n/a: identity always",
                List.of("ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY"));
        changes.put("truncate", List.of("TRUNCATE t"));
        changes.put("delete rows", List.of("DELETE FROM t"));
        return changes;
    }

    private static RecordedStatement statement(String sql, String... typesAndValues) {
        List<String> types = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < typesAndValues.length; i += 2) {
            types.add(typesAndValues[i]);
            values.add(typesAndValues[i + 1]);
        }
        return new RecordedStatement(sql, types, List.of(values), new TreeMap<>(), "");
    }

    /** What noticed a change: how many statements at each depth, and by what. */
    private record Cells(int parse, int explain, int execute, TreeSet<String> marks) {}

    @Test
    void probe_ofSixteenStatementsAndFortyThreeChanges_noticesWhatWasMeasured() throws Exception {
        Map<String, Cells> expected = expected();
        Map<String, Cells> actual = new LinkedHashMap<>();
        DatabaseServer server = DatabaseServer.shared(DatabaseServer.Engine.POSTGRESQL);
        Engine engine = ScratchDatabase.at(server.url("postgres"), "postgres", "postgres")
                .mayContainTables()
                .engine();
        try (ScratchCopy old = ScratchCopy.empty(engine)) {
            boolean isMade = engine.provide(old.connection(), "app");
            old.run(new ScratchCopy.Step("schema", SCHEMA, true));
            Tables tables = Tables.of(engine.tablesWithRows(old.connection()), engine.labels(old.connection()));
            List<Comparison> before = before(engine, old, tables);
            for (Map.Entry<String, List<String>> each : CHANGES.entrySet()) {
                try (ScratchCopy changed = old.copy()) {
                    changed.run(new ScratchCopy.Step(each.getKey(), each.getValue(), true));
                    actual.put(each.getKey(), after(engine, changed, tables, before));
                }
            }
            assertThat(isMade).isTrue();
        } finally {
            ((PostgresEngine) engine).dropRole("app");
        }
        if (Boolean.getBoolean("rollback4j.table")) {
            actual.forEach((change, cells) -> System.out.printf("%-50s %s%n", change, cells));
        }
        assertThat(actual).containsExactlyEntriesOf(expected);
    }

    private static Parameters parameters(RecordedStatement statement) {
        return new Parameters(new Row(statement.samples().get(0)), true);
    }

    private static List<Comparison> before(Engine engine, ScratchCopy old, Tables tables) throws Exception {
        List<Comparison> before = new ArrayList<>();
        try (StatementProbe probe = new StatementProbe(engine, old.database(), tables, "app")) {
            for (RecordedStatement each : STATEMENTS) {
                assertThat(probe.parse(each, parameters(each), true))
                        .as(each.sql())
                        .isNull();
                assertThat(probe.explain(each)).as(each.sql()).isNull();
                Observation once = probe.execute(each, parameters(each), true);
                Observation twice = probe.execute(each, parameters(each), true);
                assertThat(once.refusal()).as(each.sql()).isNull();
                probe.resetSequences();
                before.add(new Comparison(each.sql(), once, twice, false));
            }
        }
        return before;
    }

    private static Cells after(Engine engine, ScratchCopy changed, Tables tables, List<Comparison> before)
            throws Exception {
        int parse = 0;
        int explain = 0;
        int execute = 0;
        TreeSet<String> marks = new TreeSet<>();
        try (StatementProbe probe = new StatementProbe(engine, changed.database(), tables, "app")) {
            for (int i = 0; i < STATEMENTS.size(); i++) {
                RecordedStatement each = STATEMENTS.get(i);
                parse += mark(marks, "P", probe.parse(each, parameters(each), true));
                explain += mark(marks, "E", probe.explain(each));
                Observation now = probe.execute(each, parameters(each), true);
                probe.resetSequences();
                Observation was = before.get(i).before();
                if (now.refusal() != null) {
                    execute += mark(marks, "X", now.refusal());
                } else if (!was.labels().equals(now.labels()) || !was.types().equals(now.types())) {
                    // Seen by who looks at the columns; the statement itself works.
                    marks.add("shape");
                } else {
                    Comparison.Difference difference = before.get(i).with(now);
                    if (difference != null && difference.depth() == Depth.RESULT) {
                        execute++;
                        marks.add(was.updateCount() == now.updateCount() ? "Xrows" : "Xupd");
                    }
                }
            }
        }
        return new Cells(parse, explain, execute, marks);
    }

    private static int mark(TreeSet<String> marks, String depth, Refusal refusal) {
        if (refusal == null) {
            return 0;
        }
        marks.add(depth + refusal.state());
        return 1;
    }

    private static Map<String, Cells> expected() throws IOException {
        Map<String, Cells> expected = new LinkedHashMap<>();
        try (InputStream file =
                Objects.requireNonNull(OldStatementMatrixTest.class.getResourceAsStream("old-statement-matrix.txt"))) {
            for (String line : new String(file.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                String name = line.substring(0, line.indexOf(" parse=")).strip();
                String[] cells = line.substring(line.indexOf("parse=")).split("[ =\\[]+", 7);
                TreeSet<String> marks = new TreeSet<>(Arrays.asList(
                        line.substring(line.indexOf('[') + 1, line.indexOf(']')).split(", ")));
                marks.remove("");
                expected.put(
                        name,
                        new Cells(
                                Integer.parseInt(cells[1]),
                                Integer.parseInt(cells[3]),
                                Integer.parseInt(cells[5]),
                                marks));
            }
        }
        return expected;
    }
}
