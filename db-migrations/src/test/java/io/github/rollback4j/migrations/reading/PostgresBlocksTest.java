package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterSequence;
import io.github.rollback4j.migrations.schema.SchemaChange.ChangeColumnType;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateType;
import io.github.rollback4j.migrations.schema.SchemaChange.DeleteRows;
import io.github.rollback4j.migrations.schema.SchemaChange.Drop;
import io.github.rollback4j.migrations.schema.SchemaChange.DropColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.DropDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.InsertRows;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.SetDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostgresBlocksTest {

    private static final ObjectName SHIP = ObjectName.of("ship");

    private static List<SchemaChange> read(String body) {
        List<Statement> statements = SqlReader.of(SqlDialect.POSTGRESQL).read("DO $do$" + body + "$do$");
        assertThat(statements).hasSize(1);
        return statements.get(0).changes();
    }

    private static Drop drop(String table) {
        return new Drop(ObjectKind.TABLE, ObjectName.of(table), null, null, false, false, false);
    }

    @Test
    void read_statementsOnEveryPath_countAsIfTheyRan() {
        assertThat(read("""
                        DECLARE
                          n integer := 0;
                          r record;
                          c CURSOR FOR SELECT * FROM ship;
                        BEGIN
                          IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'rank') THEN
                            CREATE TYPE rank AS ENUM ('mate');
                          ELSIF n > CASE WHEN true THEN 1 ELSE 2 END THEN
                            DROP TABLE a;
                          ELSE
                            DROP TABLE b;
                          END IF;
                          <<outside>>
                          FOR i IN REVERSE 10..1 LOOP
                            DELETE FROM ship WHERE no = i;
                            EXIT outside WHEN i = 3;
                          END LOOP outside;
                          FOR r IN SELECT * FROM ship LOOP
                            INSERT INTO port SELECT * FROM harbour;
                          END LOOP;
                          CASE n WHEN 1, 2 THEN DROP TABLE c; ELSE NULL; END CASE;
                          WHILE n < 3 LOOP n := n + 1; END LOOP;
                          BEGIN
                            ALTER TABLE ship ALTER a TYPE bigint;
                          EXCEPTION WHEN undefined_column OR others THEN
                            DROP TABLE d;
                          END;
                          COMMIT;
                        END
                        """))
                .containsExactly(
                        new CreateType(ObjectName.of("rank"), List.of("mate")),
                        drop("a"),
                        drop("b"),
                        new DeleteRows(SHIP, "no = i"),
                        new InsertRows(ObjectName.of("port"), List.of(ObjectName.of("harbour")), false),
                        drop("c"),
                        new ChangeColumnType(SHIP, "a", ColumnType.of("bigint"), ""),
                        drop("d"),
                        new Transaction(Transaction.Mark.COMMIT));
    }

    @Test
    void read_sameChangeTwice_isKeptInItsOrder() {
        assertThat(read("BEGIN ALTER TABLE ship ALTER a SET DEFAULT 1; ALTER TABLE ship ALTER a DROP DEFAULT;"
                        + " ALTER TABLE ship ALTER a SET DEFAULT 1; END;"))
                .containsExactly(
                        new SetDefault(SHIP, "a", "1"), new DropDefault(SHIP, "a"), new SetDefault(SHIP, "a", "1"));
    }

    @Test
    void read_executedLiteral_isRead() {
        assertThat(read(
                        "BEGIN EXECUTE 'ALTER TABLE ship DROP a; DROP TABLE \"it''s\"'; EXECUTE format($$DROP TABLE b$$);"
                                + " EXECUTE ('DROP TABLE c') USING 1; EXECUTE 'DROP ' || 'TABLE d'; END"))
                .containsExactly(
                        new DropColumn(SHIP, "a", false, false), drop("it's"), drop("b"), drop("c"), drop("d"));
    }

    @Test
    void read_executedTextThatIsWorkedOut_isNotUnderstood() {
        assertThat(read("BEGIN EXECUTE 'DROP TABLE ' || name; END"))
                .singleElement()
                .isInstanceOf(NotUnderstood.class);
        assertThat(read("BEGIN EXECUTE format('DROP TABLE %I', name); END"))
                .singleElement()
                .isInstanceOf(NotUnderstood.class);
        assertThat(read("BEGIN EXECUTE format('DROP TABLE \"a%%b\"'); END"))
                .singleElement()
                .isInstanceOf(NotUnderstood.class);
        assertThat(read("BEGIN EXECUTE statement; END")).singleElement().isInstanceOf(NotUnderstood.class);
        assertThat(read("DECLARE r record; BEGIN FOR r IN EXECUTE 'SELECT ' || x LOOP NULL; END LOOP; END"))
                .singleElement()
                .isInstanceOf(NotUnderstood.class);
    }

    @Test
    void read_statementsThatOnlyLook_haveNoEffect() {
        assertThat(read("""
                        DECLARE v int; m text;
                        BEGIN
                          SELECT count(*) INTO STRICT v FROM ship;
                          PERFORM 1 FROM ship WHERE a = v;
                          v := v + length('x');
                          m = upper('y');
                          RAISE NOTICE 'ship %', v USING HINT = 'none';
                          GET DIAGNOSTICS v = ROW_COUNT;
                          ASSERT v > 0, 'none';
                          NULL;
                          RETURN;
                        END
                        """)).singleElement().isInstanceOf(NoEffect.class);
    }

    @Test
    void read_calls_countForWhatTheyDo() {
        for (String statement : List.of(
                "IF rebuild() THEN NULL; END IF", "ASSERT rebuild()", "SELECT INTO v rebuild()", "RETURN rebuild()")) {
            assertThat(read("BEGIN " + statement + "; END"))
                    .as(statement)
                    .singleElement()
                    .isInstanceOf(NotUnderstood.class);
        }
        assertThat(read("DECLARE x int := rebuild(); BEGIN PERFORM setval('ship_seq', 9); END"))
                .hasSize(2)
                .contains(new AlterSequence(ObjectName.of("ship_seq"), true))
                .anyMatch(change -> change instanceof NotUnderstood);
    }

    @Test
    void read_partThatIsNotUnderstood_doesNotHideTheRest() {
        assertThat(read("BEGIN DROP TABLE a; FROBNICATE b; DROP TABLE c; END"))
                .hasSize(3)
                .contains(drop("a"), drop("c"))
                .anyMatch(change -> change instanceof NotUnderstood);
        assertThat(read("BEGIN DROP TABLE a; IF x THEN DROP TABLE b;"))
                .hasSize(3)
                .startsWith(drop("a"), drop("b"))
                .last()
                .isInstanceOf(NotUnderstood.class);
    }
}
