package io.github.rollback4j.migrations.reading;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import io.github.rollback4j.migrations.schema.Constraint.Reference;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.AddColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.AddConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.AddEnumValue;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterCompositeType;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterDomain;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterSequence;
import io.github.rollback4j.migrations.schema.SchemaChange.AttachPartition;
import io.github.rollback4j.migrations.schema.SchemaChange.ChangeColumnType;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateDomain;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateIndex;
import io.github.rollback4j.migrations.schema.SchemaChange.CreatePolicy;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine.Parameter;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateSchema;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateSequence;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTrigger;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateType;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateView;
import io.github.rollback4j.migrations.schema.SchemaChange.DeleteRows;
import io.github.rollback4j.migrations.schema.SchemaChange.DetachPartition;
import io.github.rollback4j.migrations.schema.SchemaChange.Drop;
import io.github.rollback4j.migrations.schema.SchemaChange.DropColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.DropConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.DropDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.DropNotNull;
import io.github.rollback4j.migrations.schema.SchemaChange.EnableTrigger;
import io.github.rollback4j.migrations.schema.SchemaChange.Grant;
import io.github.rollback4j.migrations.schema.SchemaChange.InsertRows;
import io.github.rollback4j.migrations.schema.SchemaChange.LockTable;
import io.github.rollback4j.migrations.schema.SchemaChange.MoveToSchema;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.RefreshView;
import io.github.rollback4j.migrations.schema.SchemaChange.Reindex;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameEnumValue;
import io.github.rollback4j.migrations.schema.SchemaChange.Revoke;
import io.github.rollback4j.migrations.schema.SchemaChange.RewriteTable;
import io.github.rollback4j.migrations.schema.SchemaChange.SetDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.SetGeneration;
import io.github.rollback4j.migrations.schema.SchemaChange.SetInheritance;
import io.github.rollback4j.migrations.schema.SchemaChange.SetNotNull;
import io.github.rollback4j.migrations.schema.SchemaChange.SetRowSecurity;
import io.github.rollback4j.migrations.schema.SchemaChange.SetSession;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction;
import io.github.rollback4j.migrations.schema.SchemaChange.TruncateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows.Assignment;
import io.github.rollback4j.migrations.schema.SchemaChange.ValidateConstraint;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresGrammarTest {

    private static final SqlReader READER = SqlReader.of(SqlDialect.POSTGRESQL);
    private static final ObjectName SHIP = ObjectName.of("ship");
    private static final ObjectName PORT = ObjectName.of("port");
    private static final ObjectName HARBOUR_SHIP = new ObjectName("harbour", "ship");

    private static List<SchemaChange> read(String statement) {
        List<Statement> statements = READER.read(statement);
        assertThat(statements).as(statement).hasSize(1);
        return statements.get(0).changes();
    }

    private static Arguments row(String statement, SchemaChange... changes) {
        return Arguments.of(statement, List.of(changes));
    }

    private static ColumnDefinition column(String name, String type, Integer... arguments) {
        return new ColumnDefinition(
                name, ColumnType.of(type, arguments), false, null, null, Generation.NONE, List.of());
    }

    private static ColumnDefinition required(ColumnDefinition column) {
        return new ColumnDefinition(
                column.name(),
                column.type(),
                true,
                column.defaultValue(),
                null,
                column.generation(),
                column.constraints());
    }

    private static ColumnDefinition preset(ColumnDefinition column, String value) {
        return new ColumnDefinition(
                column.name(),
                column.type(),
                column.isRequired(),
                value,
                null,
                column.generation(),
                column.constraints());
    }

    private static ColumnDefinition generated(ColumnDefinition column, Generation generation) {
        return generated(column, null, generation);
    }

    private static ColumnDefinition generated(
            ColumnDefinition column, @Nullable String expression, Generation generation) {
        return new ColumnDefinition(
                column.name(), column.type(), column.isRequired(), expression, null, generation, column.constraints());
    }

    private static ColumnDefinition with(ColumnDefinition column, Constraint... constraints) {
        return new ColumnDefinition(
                column.name(),
                column.type(),
                column.isRequired(),
                column.defaultValue(),
                null,
                column.generation(),
                List.of(constraints));
    }

    private static Constraint check(String name, String condition, String... columns) {
        return new Constraint(Kind.CHECK, name, List.of(columns), condition, null, "", true, true, false);
    }

    private static Constraint reference(
            String name, String column, ObjectName table, String onDelete, String... columns) {
        return new Constraint(
                Kind.FOREIGN_KEY,
                name,
                List.of(column),
                "",
                new Reference(table, List.of(columns), onDelete, ""),
                "",
                true,
                true,
                false);
    }

    private static Constraint lasting(
            Constraint constraint, boolean isValidated, boolean isEnforced, boolean isDeferrable) {
        return new Constraint(
                constraint.kind(),
                constraint.name(),
                constraint.columns(),
                constraint.expression(),
                constraint.reference(),
                constraint.usingIndex(),
                isValidated,
                isEnforced,
                isDeferrable);
    }

    private static Constraint usingIndex(Kind kind, String name, String index) {
        return new Constraint(kind, name, List.of(), "", null, index, true, true, false);
    }

    private static AddColumn add(ColumnDefinition column) {
        return new AddColumn(SHIP, column, false, "");
    }

    private static CreateTable table(ObjectName name, List<ColumnDefinition> columns, Constraint... constraints) {
        return new CreateTable(name, columns, List.of(constraints), List.of(), null, null, "", false, false, false);
    }

    private static Drop drop(ObjectKind kind, String name) {
        return new Drop(kind, ObjectName.of(name), null, null, false, false, false);
    }

    private static Rename rename(ObjectKind kind, ObjectName from, String to) {
        return new Rename(kind, from, from.named(to), null);
    }

    @ParameterizedTest
    @MethodSource({
        "columns",
        "tables",
        "actions",
        "constraints",
        "indexes",
        "views",
        "objects",
        "routines",
        "rights",
        "drops",
        "renames",
        "rows",
        "upkeep",
        "sessions"
    })
    void read_statement_saysWhatItChanges(String statement, List<SchemaChange> changes) {
        assertThat(read(statement)).isEqualTo(changes);
    }

    static Stream<Arguments> columns() {
        return Stream.of(
                row("alter table ship add flag text", add(column("flag", "text"))),
                row("ALTER TABLE ship ADD COLUMN \"Flag\" TEXT", add(column("Flag", "text"))),
                row("ALTER TABLE ship ADD COLUMN U&\"fl\\0061g\" text", add(column("flag", "text"))),
                row("ALTER TABLE ship ADD U&\"fl!0061g\" UESCAPE '!' text", add(column("flag", "text"))),
                row(
                        "ALTER TABLE IF EXISTS ONLY harbour.Ship * ADD COLUMN IF NOT EXISTS flag text",
                        new AddColumn(HARBOUR_SHIP, column("flag", "text"), true, "")),
                row(
                        "ALTER TABLE ship ADD draught numeric(6, 2) NOT NULL DEFAULT 0.5 CHECK (draught > 0)",
                        add(with(
                                preset(required(column("draught", "numeric", 6, 2)), "0.5"),
                                check("", "draught > 0", "draught")))),
                row(
                        "ALTER TABLE ship ADD code varchar(8) DEFAULT 'a' || 'b' COLLATE \"C\" UNIQUE",
                        add(with(
                                preset(
                                        new ColumnDefinition(
                                                "code",
                                                ColumnType.of("varchar", 8).collated("C"),
                                                false,
                                                null,
                                                null,
                                                Generation.NONE,
                                                List.of()),
                                        "'a' || 'b'"),
                                Constraint.of(Kind.UNIQUE, "", List.of("code"))))),
                row(
                        "ALTER TABLE ship ADD port_id int CONSTRAINT home REFERENCES port ON DELETE SET NULL DEFERRABLE",
                        add(with(
                                column("port_id", "integer"),
                                lasting(reference("home", "port_id", PORT, "set null"), true, true, true)))),
                row(
                        "ALTER TABLE ship ADD no bigserial PRIMARY KEY",
                        add(with(
                                generated(required(column("no", "bigint")), Generation.IDENTITY_BY_DEFAULT),
                                Constraint.of(Kind.PRIMARY_KEY, "", List.of("no"))))),
                row(
                        "ALTER TABLE ship ADD no int GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY -5)",
                        add(generated(required(column("no", "integer")), Generation.IDENTITY_ALWAYS))),
                row(
                        "ALTER TABLE ship ADD no int GENERATED BY DEFAULT AS IDENTITY",
                        add(generated(required(column("no", "integer")), Generation.IDENTITY_BY_DEFAULT))),
                row(
                        "ALTER TABLE ship ADD area int GENERATED ALWAYS AS (len * beam) STORED",
                        add(generated(column("area", "integer"), "len * beam", Generation.STORED))),
                row(
                        "ALTER TABLE ship ADD area int GENERATED ALWAYS AS (len * beam)",
                        add(generated(column("area", "integer"), "len * beam", Generation.VIRTUAL))),
                row(
                        "ALTER TABLE ship ADD a int CONSTRAINT a_given NOT NULL",
                        add(with(
                                required(column("a", "integer")),
                                Constraint.of(Kind.NOT_NULL, "a_given", List.of("a"))))),
                row(
                        "ALTER TABLE ship ADD a text DEFAULT CASE WHEN true THEN 'x' ELSE NULL END NULL, ADD b bit DEFAULT B'1'",
                        add(preset(column("a", "text"), "CASE WHEN true THEN 'x' ELSE NULL END")),
                        add(preset(column("b", "bit"), "B'1'"))));
    }

    static Stream<Arguments> tables() {
        return Stream.of(
                row(
                        "CREATE TABLE IF NOT EXISTS ship (id uuid PRIMARY KEY, name text /* given */ NOT NULL,"
                                + " CONSTRAINT one_name UNIQUE NULLS NOT DISTINCT (name) INCLUDE (id)) WITH (fillfactor = 70)",
                        new CreateTable(
                                SHIP,
                                List.of(
                                        with(column("id", "uuid"), Constraint.of(Kind.PRIMARY_KEY, "", List.of("id"))),
                                        required(column("name", "text"))),
                                List.of(Constraint.of(Kind.UNIQUE, "one_name", List.of("name"))),
                                List.of(),
                                null,
                                null,
                                "",
                                true,
                                false,
                                false)),
                row(
                        "CREATE UNLOGGED TABLE ship (a int, FOREIGN KEY (a) REFERENCES harbour.ship (id) ON UPDATE NO ACTION ON DELETE"
                                + " CASCADE, EXCLUDE USING gist (a WITH =, tsrange(b, c) WITH &&) WHERE (a > 0))",
                        table(
                                SHIP,
                                List.of(column("a", "integer")),
                                new Constraint(
                                        Kind.FOREIGN_KEY,
                                        "",
                                        List.of("a"),
                                        "",
                                        new Reference(HARBOUR_SHIP, List.of("id"), "cascade", "no action"),
                                        "",
                                        true,
                                        true,
                                        false),
                                new Constraint(
                                        Kind.EXCLUSION,
                                        "",
                                        List.of("a", "tsrange(b, c)"),
                                        "a > 0",
                                        null,
                                        "",
                                        true,
                                        true,
                                        false))),
                row(
                        "CREATE TEMP TABLE ship ON COMMIT DROP AS SELECT * FROM port WITH NO DATA",
                        new CreateTable(
                                SHIP,
                                List.of(),
                                List.of(),
                                List.of(),
                                null,
                                null,
                                "SELECT * FROM port",
                                false,
                                false,
                                true)),
                row(
                        "CREATE TABLE ship (a) AS VALUES (1)",
                        new CreateTable(
                                SHIP,
                                List.of(new ColumnDefinition("a", null, false, null, null, Generation.NONE, List.of())),
                                List.of(),
                                List.of(),
                                null,
                                null,
                                "VALUES (1)",
                                false,
                                false,
                                false)),
                row(
                        "CREATE TABLE ship (LIKE port INCLUDING ALL EXCLUDING INDEXES, extra int) PARTITION BY RANGE (extra)",
                        new CreateTable(
                                SHIP,
                                List.of(column("extra", "integer")),
                                List.of(),
                                List.of(),
                                PORT,
                                null,
                                "",
                                false,
                                false,
                                false)),
                row(
                        "CREATE TABLE ship PARTITION OF port FOR VALUES FROM (MINVALUE) TO ('2030-01-01')",
                        new CreateTable(SHIP, List.of(), List.of(), List.of(), null, PORT, "", false, false, false)),
                row(
                        "CREATE TABLE ship (a int) INHERITS (port, harbour.ship)",
                        new CreateTable(
                                SHIP,
                                List.of(column("a", "integer")),
                                List.of(),
                                List.of(),
                                null,
                                PORT,
                                "",
                                false,
                                false,
                                false),
                        new SetInheritance(SHIP, HARBOUR_SHIP, true)),
                row(
                        "SELECT id INTO TEMP TABLE ship FROM port",
                        new CreateTable(
                                SHIP,
                                List.of(),
                                List.of(),
                                List.of(),
                                null,
                                null,
                                "SELECT id INTO TEMP TABLE ship FROM port",
                                false,
                                false,
                                true)));
    }

    static Stream<Arguments> actions() {
        return Stream.of(
                row("ALTER TABLE ship DROP flag", new DropColumn(SHIP, "flag", false, false)),
                row(
                        "ALTER TABLE ship DROP COLUMN IF EXISTS flag CASCADE, DROP \"Constraint\" RESTRICT",
                        new DropColumn(SHIP, "flag", true, true),
                        new DropColumn(SHIP, "Constraint", false, false)),
                row("ALTER TABLE ship RENAME flag TO \"Flag\"", new RenameColumn(SHIP, "flag", "Flag")),
                row(
                        "ALTER TABLE ship ALTER flag TYPE int USING coalesce(flag, '0')::int, ALTER COLUMN len SET DEFAULT 1, ALTER beam DROP"
                                + " NOT NULL",
                        new ChangeColumnType(SHIP, "flag", ColumnType.of("integer"), "coalesce(flag, '0')::int"),
                        new SetDefault(SHIP, "len", "1"),
                        new DropNotNull(SHIP, "beam")),
                row(
                        "ALTER TABLE ship ALTER flag SET DATA TYPE varchar(9) COLLATE pg_catalog.\"de_DE\"",
                        new ChangeColumnType(
                                SHIP, "flag", ColumnType.of("varchar", 9).collated("pg_catalog.de_DE"), "")),
                row(
                        "ALTER TABLE ship ALTER a SET NOT NULL, ALTER b DROP DEFAULT",
                        new SetNotNull(SHIP, "a"),
                        new DropDefault(SHIP, "b")),
                row(
                        "ALTER TABLE ship ALTER a ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 42)",
                        new SetGeneration(SHIP, "a", Generation.IDENTITY_BY_DEFAULT, 42L)),
                row(
                        "ALTER TABLE ship ALTER a SET GENERATED ALWAYS RESTART WITH 7",
                        new SetGeneration(SHIP, "a", Generation.IDENTITY_ALWAYS, 7L),
                        new AlterSequence(ObjectName.of("ship_a_seq"), true)),
                row(
                        "ALTER TABLE ship ALTER a DROP IDENTITY IF EXISTS",
                        new SetGeneration(SHIP, "a", Generation.NONE, null)),
                row("ALTER TABLE ship ALTER a DROP EXPRESSION", new SetGeneration(SHIP, "a", Generation.NONE, null)),
                row("ALTER TABLE ship DISABLE TRIGGER ALL", new EnableTrigger(SHIP, "all", false)),
                row("ALTER TABLE ship ENABLE REPLICA TRIGGER log", new EnableTrigger(SHIP, "log", false)),
                row("ALTER TABLE ship ENABLE ROW LEVEL SECURITY", new SetRowSecurity(SHIP, true, false)),
                row(
                        "ALTER TABLE ship FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
                        new SetRowSecurity(SHIP, true, true),
                        new SetRowSecurity(SHIP, false, false)),
                row(
                        "ALTER TABLE port ATTACH PARTITION ship FOR VALUES WITH (MODULUS 4, REMAINDER 1)",
                        new AttachPartition(PORT, SHIP)),
                row("ALTER TABLE port DETACH PARTITION ship CONCURRENTLY", new DetachPartition(PORT, SHIP, true)),
                row("ALTER TABLE ship NO INHERIT port", new SetInheritance(SHIP, PORT, false)),
                row("ALTER TABLE ship SET UNLOGGED", new RewriteTable(SHIP, "SET UNLOGGED", false)),
                row("ALTER TABLE ship SET TABLESPACE fast", new RewriteTable(SHIP, "SET TABLESPACE", false)),
                row("ALTER TABLE ship SET SCHEMA harbour", new MoveToSchema(ObjectKind.TABLE, SHIP, "harbour")));
    }

    static Stream<Arguments> constraints() {
        return Stream.of(
                row(
                        "ALTER TABLE ship ADD CONSTRAINT home FOREIGN KEY (port_id) REFERENCES port (id) ON DELETE SET DEFAULT NOT VALID",
                        new AddConstraint(
                                SHIP,
                                lasting(reference("home", "port_id", PORT, "set default", "id"), false, true, false))),
                row(
                        "ALTER TABLE ship ADD CHECK (len > 0) NOT ENFORCED",
                        new AddConstraint(SHIP, lasting(check("", "len > 0"), true, false, false))),
                row(
                        "ALTER TABLE ship ADD CONSTRAINT k PRIMARY KEY USING INDEX ship_id_idx, ADD UNIQUE USING INDEX u INITIALLY DEFERRED",
                        new AddConstraint(SHIP, usingIndex(Kind.PRIMARY_KEY, "k", "ship_id_idx")),
                        new AddConstraint(SHIP, lasting(usingIndex(Kind.UNIQUE, "", "u"), true, true, true))),
                row(
                        "ALTER TABLE ship ADD CONSTRAINT given NOT NULL flag NOT VALID",
                        new AddConstraint(
                                SHIP,
                                lasting(Constraint.of(Kind.NOT_NULL, "given", List.of("flag")), false, true, false))),
                row(
                        "ALTER TABLE ship ADD UNIQUE (a, b WITHOUT OVERLAPS)",
                        new AddConstraint(SHIP, Constraint.of(Kind.UNIQUE, "", List.of("a", "b")))),
                row(
                        "ALTER TABLE ship DROP CONSTRAINT IF EXISTS home CASCADE",
                        new DropConstraint(SHIP, "home", null, true, true)),
                row("ALTER TABLE ship RENAME CONSTRAINT a TO b", new RenameConstraint(SHIP, "a", "b")),
                row("ALTER TABLE ship VALIDATE CONSTRAINT a", new ValidateConstraint(SHIP, "a")),
                row(
                        "ALTER TABLE ship ALTER CONSTRAINT a DEFERRABLE INITIALLY DEFERRED",
                        new AlterConstraint(SHIP, "a", true, null)),
                row("ALTER TABLE ship ALTER CONSTRAINT a NOT ENFORCED", new AlterConstraint(SHIP, "a", null, false)));
    }

    static Stream<Arguments> indexes() {
        return Stream.of(
                row(
                        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY harbour.ship USING btree (lower(name) text_pattern_ops DESC"
                                + " NULLS LAST, flag COLLATE \"C\", (a + b)) INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor = 9) WHERE a IS NOT NULL",
                        new CreateIndex(
                                new ObjectName("harbour", "i"),
                                HARBOUR_SHIP,
                                List.of("lower(name)", "flag", "a + b"),
                                "a IS NOT NULL",
                                true,
                                true,
                                true)),
                row(
                        "CREATE INDEX ON ship (flag, lower(name), (a + b))",
                        new CreateIndex(
                                ObjectName.of("ship_flag_lower_expr_idx"),
                                SHIP,
                                List.of("flag", "lower(name)", "a + b"),
                                "",
                                false,
                                false,
                                false)),
                row("REINDEX INDEX CONCURRENTLY i", new Reindex("i", true)),
                row("REINDEX (VERBOSE, CONCURRENTLY) TABLE harbour.ship", new Reindex("harbour.ship", true)),
                row("REINDEX (CONCURRENTLY OFF) SYSTEM", new Reindex("system", false)),
                row("ALTER INDEX i RENAME TO j", rename(ObjectKind.INDEX, ObjectName.of("i"), "j")));
    }

    static Stream<Arguments> views() {
        return Stream.of(
                row(
                        "CREATE OR REPLACE VIEW fleet WITH (security_invoker) AS WITH big AS (SELECT * FROM ship WHERE len > 9)"
                                + " SELECT b.id, upper(b.name), b.len::text tall, p.*, count(*) AS n, 1 + 1 FROM big b JOIN harbour.port p ON"
                                + " p.id = b.port_id WHERE EXTRACT(year FROM built) IS DISTINCT FROM 3 WITH CHECK OPTION",
                        new CreateView(
                                ObjectName.of("fleet"),
                                List.of("id", "upper", "tall", "*", "n", "?column?"),
                                "WITH big AS (SELECT * FROM ship WHERE len > 9)"
                                        + " SELECT b.id, upper(b.name), b.len::text tall, p.*, count(*) AS n, 1 + 1 FROM big b JOIN harbour.port p ON"
                                        + " p.id = b.port_id WHERE EXTRACT(year FROM built) IS DISTINCT FROM 3",
                                List.of(SHIP, new ObjectName("harbour", "port")),
                                false,
                                true,
                                false)),
                row(
                        "CREATE MATERIALIZED VIEW IF NOT EXISTS fleet (a, b) AS TABLE ship WITH NO DATA",
                        new CreateView(
                                ObjectName.of("fleet"),
                                List.of("a", "b"),
                                "TABLE ship",
                                List.of(SHIP),
                                true,
                                false,
                                true)),
                row(
                        "CREATE VIEW v AS SELECT id FROM ship, ONLY port UNION SELECT 2 FROM (SELECT 1 FROM a.b) x",
                        new CreateView(
                                ObjectName.of("v"),
                                List.of("id"),
                                "SELECT id FROM ship, ONLY port UNION SELECT 2 FROM (SELECT 1 FROM a.b) x",
                                List.of(SHIP, PORT, new ObjectName("a", "b")),
                                false,
                                false,
                                false)),
                row("REFRESH MATERIALIZED VIEW CONCURRENTLY fleet", new RefreshView(ObjectName.of("fleet"), true)),
                row("ALTER VIEW fleet RENAME COLUMN a TO b", new RenameColumn(ObjectName.of("fleet"), "a", "b")),
                row("ALTER VIEW fleet ALTER a SET DEFAULT 3", new SetDefault(ObjectName.of("fleet"), "a", "3")));
    }

    static Stream<Arguments> objects() {
        ObjectName rank = ObjectName.of("rank");
        return Stream.of(
                row("CREATE TYPE rank AS ENUM ('mate', 'it''s')", new CreateType(rank, List.of("mate", "it's"))),
                row("CREATE TYPE rank AS (a int, b text COLLATE \"C\")", new CreateType(rank, List.of())),
                row(
                        "ALTER TYPE rank ADD VALUE IF NOT EXISTS 'cook' AFTER 'mate'",
                        new AddEnumValue(rank, "cook", true)),
                row("ALTER TYPE rank RENAME VALUE 'mate' TO 'Mate'", new RenameEnumValue(rank, "mate", "Mate")),
                row("ALTER TYPE rank ADD ATTRIBUTE c int", new AlterCompositeType(rank, false)),
                row(
                        "ALTER TYPE rank ADD ATTRIBUTE c int CASCADE, DROP ATTRIBUTE IF EXISTS d",
                        new AlterCompositeType(rank, true)),
                row("ALTER TYPE rank RENAME ATTRIBUTE a TO b CASCADE", new AlterCompositeType(rank, true)),
                row(
                        "CREATE DOMAIN rank AS int4 DEFAULT 0 CONSTRAINT some CHECK (VALUE >= 0)",
                        new CreateDomain(rank, ColumnType.of("integer"), true)),
                row("ALTER DOMAIN rank ADD CHECK (VALUE > 1) NOT VALID", new AlterDomain(rank, true, false, false)),
                row("ALTER DOMAIN rank DROP DEFAULT", new AlterDomain(rank, false, true, true)),
                row(
                        "CREATE SEQUENCE IF NOT EXISTS rank AS bigint START 5 OWNED BY ship.no",
                        new CreateSequence(rank, true)),
                row("ALTER SEQUENCE rank INCREMENT BY -1 NO MAXVALUE", new AlterSequence(rank, true)),
                row("ALTER SEQUENCE rank OWNED BY NONE", new AlterSequence(rank, false)),
                row(
                        "SELECT pg_catalog.setval('harbour.\"Rank\"', 7, true)",
                        new AlterSequence(new ObjectName("harbour", "Rank"), true)),
                row(
                        "SELECT setval(pg_get_serial_sequence('ship', 'no'), max(no)) FROM ship",
                        new AlterSequence(ObjectName.of("ship_no_seq"), true)),
                row("CREATE SCHEMA IF NOT EXISTS harbour AUTHORIZATION app", new CreateSchema("harbour", true)),
                row(
                        "CREATE CONSTRAINT TRIGGER log AFTER INSERT OR UPDATE OF a, b ON ship DEFERRABLE FOR EACH ROW WHEN (NEW.a > 0)"
                                + " EXECUTE FUNCTION log_it('x')",
                        new CreateTrigger(ObjectName.of("log"), SHIP, false)));
    }

    static Stream<Arguments> routines() {
        ObjectName tonnage = ObjectName.of("tonnage");
        return Stream.of(
                row(
                        "CREATE OR REPLACE FUNCTION tonnage(ship_id bigint, IN double precision, OUT a int, VARIADIC b text[] DEFAULT '{}')"
                                + " LANGUAGE plpgsql STABLE SET search_path = a, b AS $f$ BEGIN RETURN; DROP TABLE ship; END $f$",
                        new CreateRoutine(
                                tonnage,
                                List.of(
                                        new Parameter("ship_id", ColumnType.of("bigint"), false),
                                        new Parameter("", ColumnType.of("double"), false),
                                        new Parameter(
                                                "b", new ColumnType("text", List.of(), List.of(), false, 1, ""), true)),
                                "(a integer)",
                                " BEGIN RETURN; DROP TABLE ship; END ",
                                true)),
                row(
                        "CREATE FUNCTION tonnage(timestamp with time zone) RETURNS SETOF numeric(5,1) RETURN 1",
                        new CreateRoutine(
                                tonnage,
                                List.of(new Parameter("", ColumnType.of("timestamptz"), false)),
                                "setof numeric(5,1)",
                                "RETURN 1",
                                false)),
                row(
                        "CREATE FUNCTION tonnage() RETURNS TABLE (a int, b text) LANGUAGE sql BEGIN ATOMIC SELECT 1, 'x'; END",
                        new CreateRoutine(
                                tonnage,
                                List.of(),
                                "table (a integer, b text)",
                                "BEGIN ATOMIC SELECT 1, 'x'; END",
                                false)),
                row(
                        "DROP FUNCTION IF EXISTS tonnage(bigint, a character varying), other CASCADE",
                        new Drop(
                                ObjectKind.ROUTINE,
                                tonnage,
                                null,
                                List.of(ColumnType.of("bigint"), ColumnType.of("varchar")),
                                true,
                                true,
                                false),
                        new Drop(ObjectKind.ROUTINE, ObjectName.of("other"), null, null, true, true, false)),
                row("ALTER FUNCTION tonnage(int) RENAME TO weight", rename(ObjectKind.ROUTINE, tonnage, "weight")));
    }

    static Stream<Arguments> rights() {
        return Stream.of(
                row(
                        "GRANT SELECT, UPDATE (a, b) ON ship, TABLE_X.port TO app, PUBLIC WITH GRANT OPTION",
                        new Grant(
                                List.of("select", "update (a, b)"),
                                ObjectKind.TABLE,
                                List.of(SHIP, new ObjectName("table_x", "port")),
                                List.of("app", "public"))),
                row(
                        "GRANT ALL PRIVILEGES ON ALL SEQUENCES IN SCHEMA harbour TO app",
                        new Grant(
                                List.of("all"),
                                ObjectKind.SEQUENCE,
                                List.of(new ObjectName("harbour", "*")),
                                List.of("app"))),
                row(
                        "REVOKE EXECUTE ON FUNCTION f(int, text) FROM app CASCADE",
                        new Revoke(
                                List.of("execute"), ObjectKind.ROUTINE, List.of(ObjectName.of("f")), List.of("app"))),
                row(
                        "REVOKE crew FROM app",
                        new Revoke(
                                List.of("membership"),
                                ObjectKind.OTHER,
                                List.of(ObjectName.of("crew")),
                                List.of("app"))),
                row(
                        "ALTER TABLE ship OWNER TO admin",
                        new Revoke(List.of("ownership"), ObjectKind.TABLE, List.of(SHIP), List.of()),
                        new Grant(List.of("ownership"), ObjectKind.TABLE, List.of(SHIP), List.of("admin"))),
                row(
                        "CREATE POLICY own ON ship AS RESTRICTIVE FOR SELECT TO app USING (owner = current_user)",
                        new CreatePolicy("own", SHIP, false, false)),
                row(
                        "CREATE POLICY everything ON ship USING (true) WITH CHECK (true)",
                        new CreatePolicy("everything", SHIP, true, true)),
                row(
                        "CREATE POLICY shown ON ship FOR SELECT USING (true)",
                        new CreatePolicy("shown", SHIP, true, false)),
                row("CREATE POLICY some ON ship TO app USING (true)", new CreatePolicy("some", SHIP, true, false)));
    }

    static Stream<Arguments> drops() {
        return Stream.of(
                row(
                        "DROP TABLE IF EXISTS ship, harbour.ship CASCADE",
                        new Drop(ObjectKind.TABLE, SHIP, null, null, true, true, false),
                        new Drop(ObjectKind.TABLE, HARBOUR_SHIP, null, null, true, true, false)),
                row(
                        "DROP INDEX CONCURRENTLY i",
                        new Drop(ObjectKind.INDEX, ObjectName.of("i"), null, null, false, false, true)),
                row("DROP MATERIALIZED VIEW v RESTRICT", drop(ObjectKind.MATERIALIZED_VIEW, "v")),
                row("DROP TYPE rank", drop(ObjectKind.TYPE, "rank")),
                row("DROP EXTENSION hstore", drop(ObjectKind.EXTENSION, "hstore")),
                row("DROP SCHEMA harbour", drop(ObjectKind.SCHEMA, "harbour")),
                row(
                        "DROP TRIGGER log ON harbour.ship",
                        new Drop(ObjectKind.TRIGGER, ObjectName.of("log"), HARBOUR_SHIP, null, false, false, false)),
                row(
                        "DROP POLICY IF EXISTS own ON ship",
                        new Drop(ObjectKind.POLICY, ObjectName.of("own"), SHIP, null, true, false, false)));
    }

    static Stream<Arguments> renames() {
        return Stream.of(
                row("ALTER TABLE harbour.ship RENAME TO boat", rename(ObjectKind.TABLE, HARBOUR_SHIP, "boat")),
                row("ALTER MATERIALIZED VIEW ship RENAME TO boat", rename(ObjectKind.MATERIALIZED_VIEW, SHIP, "boat")),
                row("ALTER SEQUENCE ship RENAME TO boat", rename(ObjectKind.SEQUENCE, SHIP, "boat")),
                row("ALTER TYPE ship RENAME TO boat", rename(ObjectKind.TYPE, SHIP, "boat")),
                row("ALTER SCHEMA ship RENAME TO boat", rename(ObjectKind.SCHEMA, SHIP, "boat")),
                row(
                        "ALTER TRIGGER log ON ship RENAME TO write",
                        new Rename(ObjectKind.TRIGGER, ObjectName.of("log"), ObjectName.of("write"), SHIP)),
                row(
                        "ALTER POLICY own ON ship RENAME TO ours",
                        new Rename(ObjectKind.POLICY, ObjectName.of("own"), ObjectName.of("ours"), SHIP)),
                row("ALTER VIEW ship SET SCHEMA harbour", new MoveToSchema(ObjectKind.VIEW, SHIP, "harbour")),
                row("ALTER DOMAIN ship SET SCHEMA harbour", new MoveToSchema(ObjectKind.DOMAIN, SHIP, "harbour")));
    }

    static Stream<Arguments> rows() {
        return Stream.of(
                row(
                        "INSERT INTO ship (a) SELECT p.a FROM port p WHERE EXISTS (SELECT FROM harbour.ship) ON CONFLICT DO NOTHING",
                        new InsertRows(SHIP, List.of(PORT, HARBOUR_SHIP), false)),
                row(
                        "INSERT INTO ship AS s VALUES (1, 'FROM x') ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING a",
                        new InsertRows(SHIP, List.of(), true)),
                row(
                        "UPDATE ONLY ship s SET a = b IS DISTINCT FROM c, (d, e) = (1, f(2, 3)), g[1] = 'WHERE' FROM port WHERE s.id ="
                                + " port.id RETURNING *",
                        new UpdateRows(
                                SHIP,
                                List.of(
                                        new Assignment("a", "b IS DISTINCT FROM c"),
                                        new Assignment("d", "1"),
                                        new Assignment("e", "f(2, 3)"),
                                        new Assignment("g", "'WHERE'")),
                                "s.id = port.id")),
                row(
                        "UPDATE ship SET (a, b) = (SELECT c, d FROM port)",
                        new UpdateRows(
                                SHIP,
                                List.of(
                                        new Assignment("a", "(SELECT c, d FROM port)"),
                                        new Assignment("b", "(SELECT c, d FROM port)")),
                                "")),
                row("DELETE FROM ship USING port WHERE a = 1", new DeleteRows(SHIP, "a = 1")),
                row(
                        "WITH gone AS (DELETE FROM port WHERE old RETURNING *) INSERT INTO ship SELECT * FROM gone",
                        new DeleteRows(PORT, "old"),
                        new InsertRows(SHIP, List.of(PORT), false)),
                row(
                        "WITH marked AS (UPDATE port SET a = 1 RETURNING *) INSERT INTO ship SELECT * FROM marked",
                        new UpdateRows(PORT, List.of(new Assignment("a", "1")), ""),
                        new InsertRows(SHIP, List.of(PORT), false)),
                row(
                        "MERGE INTO ship s USING port p ON s.id = p.id WHEN MATCHED AND p.old THEN DELETE WHEN MATCHED THEN UPDATE SET a ="
                                + " p.a WHEN NOT MATCHED THEN INSERT (id) VALUES (p.id)",
                        new DeleteRows(SHIP, "s.id = p.id AND p.old"),
                        new UpdateRows(SHIP, List.of(new Assignment("a", "p.a")), "s.id = p.id"),
                        new InsertRows(SHIP, List.of(PORT), false)),
                row(
                        "TRUNCATE ONLY ship, port RESTART IDENTITY CASCADE",
                        new TruncateTable(SHIP, true),
                        new TruncateTable(PORT, true)),
                row("COPY ship (a, b) FROM '/rows.csv' WITH (FORMAT csv)", new InsertRows(SHIP, List.of(), false)));
    }

    static Stream<Arguments> upkeep() {
        return Stream.of(
                row("VACUUM (FULL, ANALYZE) ship", new RewriteTable(SHIP, "VACUUM FULL", false)),
                row("CLUSTER ship USING i", new RewriteTable(SHIP, "CLUSTER", false)),
                row(
                        "LOCK TABLE ship, ONLY port IN SHARE ROW EXCLUSIVE MODE NOWAIT",
                        new LockTable(SHIP, "share row exclusive"),
                        new LockTable(PORT, "share row exclusive")),
                row("LOCK ship", new LockTable(SHIP, "access exclusive")));
    }

    static Stream<Arguments> sessions() {
        return Stream.of(
                row("SET LOCAL Lock_Timeout TO '2s'", new SetSession("lock_timeout", "2s")),
                row("SET search_path = harbour, public", new SetSession("search_path", "harbour, public")),
                row("SET TIME ZONE 'UTC'", new SetSession("timezone", "UTC")),
                row("RESET lock_timeout", new SetSession("lock_timeout", "default")),
                row("SELECT set_config('search_path', '', false)", new SetSession("search_path", "")),
                row("START TRANSACTION ISOLATION LEVEL SERIALIZABLE", new Transaction(Transaction.Mark.BEGIN)),
                row("END", new Transaction(Transaction.Mark.COMMIT)),
                row(
                        "ROLLBACK AND CHAIN",
                        new Transaction(Transaction.Mark.ROLLBACK),
                        new Transaction(Transaction.Mark.BEGIN)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int4 | integer",
                "int8 | bigint",
                "smallint | smallint",
                "float | double",
                "float(20) | real",
                "float8 | double",
                "double precision[] | double[]",
                "decimal(5,0) | numeric(5)",
                "numeric(7, 2) | numeric(7,2)",
                "bool | boolean",
                "character varying (5) | varchar(5)",
                "pg_catalog.varchar(5) | varchar(5)",
                "char | char(1)",
                "bpchar | char",
                "timestamp(3) with time zone | timestamptz(3)",
                "timestamp without time zone | timestamp",
                "time with time zone | timetz",
                "interval day to second | interval day to second",
                "text ARRAY[4] | text[]",
                "int[3][] | integer[][]",
                "bit varying(5) | varbit(5)",
                "geometry(Point, 4326) | geometry(point,4326)",
                "harbour.\"Rank\" | harbour.Rank",
                "\"char\" | \"char\"",
                "jsonb | jsonb",
            })
    void read_type_hasItsCanonicalName(String written, String canonical) {
        ColumnDefinition column =
                ((AddColumn) read("ALTER TABLE ship ADD a " + written).get(0)).column();

        assertThat(requireNonNull(column.type())).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "COMMENT ON COLUMN ship.a IS 'it''s IS'",
                "COMMENT ON TABLE ship IS NULL",
                "ANALYZE ship",
                "VACUUM ship",
                "ALTER TABLE ship SET (fillfactor = 50)",
                "ALTER TABLE ship ALTER a SET STATISTICS -1",
                "ALTER TABLE ship CLUSTER ON i",
                "SELECT count(*), max(a) FROM ship",
                "SELECT harbour.a FROM harbour WHERE b IN (1, 2) AND (c) IS NULL",
                "WITH x (a) AS (SELECT 1) SELECT a FROM x AS y (b)",
                "VALUES (1), (2)",
                "SELECT x.a FROM (SELECT 1) x (a) JOIN unnest(b) AS y (c) ON true WHERE (a) OVERLAPS (b)",
                "SELECT CAST(a AS varchar(3)), b::numeric(4) FROM ship TABLESAMPLE bernoulli (10)",
                "CREATE EXTENSION IF NOT EXISTS pgcrypto",
                "CREATE ROLE app LOGIN",
                "SAVEPOINT a",
                "SHOW server_version",
                "EXPLAIN DELETE FROM ship",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA harbour GRANT SELECT ON TABLES TO app",
                "ALTER FUNCTION f(int) IMMUTABLE",
                "REVOKE GRANT OPTION FOR SELECT ON ship FROM app",
                "VACUUM (FULL false) ship",
                "COPY ship TO STDOUT",
            })
    void read_whatNobodyNotices_hasNoEffect(String statement) {
        assertThat(read(statement)).singleElement().isInstanceOf(NoEffect.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT harbour.rebuild()",
                "SELECT DISTINCT ON (a) rebuild(a) FROM ship",
                "SELECT a FROM ship, rebuild(1) x (a)",
                "SELECT json_rebuild()",
                "SELECT dblink_exec('x', 'DROP TABLE ship')",
                "SELECT setval(name, 1) FROM sequences",
                "CALL rebuild()",
                "CREATE RULE r AS ON INSERT TO ship DO INSTEAD NOTHING",
                "CREATE CAST (text AS ship) WITH INOUT AS IMPLICIT",
                "CREATE PUBLICATION p FOR TABLE ship",
                "ALTER SYSTEM SET work_mem = '1GB'",
                "ALTER DATABASE harbour SET search_path = x",
                "ALTER ROLE app NOLOGIN",
                "ALTER FUNCTION f(int) SECURITY DEFINER",
                "ALTER VIEW fleet SET (security_invoker = true)",
                "ALTER TABLE ship DISABLE RULE r",
                "ALTER TABLE ship REPLICA IDENTITY NOTHING",
                "ALTER TABLE ship NO FORCE ROW LEVEL SECURITY",
                "ROLLBACK TO SAVEPOINT a",
                "PREPARE TRANSACTION 'x'",
                "DROP OWNED BY app",
                "EXECUTE p",
                "CREATE SCHEMA s CREATE TABLE t (a int)",
                "DO LANGUAGE plpython3u $$ import os $$",
                "ALTER TABLE ship ADD COLUMN",
                "ALTER TABLE ship ADD COLUMN a int DEFALT 3",
                "ALTER TABLE ship ADD COLUMN a int, DROP",
                "CREATE TABLE ship (a int",
                "CREATE TABLE ship (a int) frobnicated",
                "UPDATE ship SET a",
                "DELETE ship",
                "DROP TABLE",
                "frobnicate",
                "42",
            })
    void read_whatMayDoAnythingOrIsNoSql_isNotUnderstood(String statement) {
        assertThat(read(statement)).singleElement().isInstanceOf(NotUnderstood.class);
    }

    @Test
    void read_wrongStatement_saysWhereItStopped() {
        assertThat(read("ALTER TABLE ship /* of\nours */\n  ADD COLUMN a int DEFALT 3"))
                .containsExactly(new NotUnderstood(
                        "line 3 of the statement: 'DEFALT', where a column's constraint was expected"));
        assertThat(read("ALTER TABLE ship"))
                .containsExactly(new NotUnderstood("the statement ends where an action of ALTER TABLE was expected"));
    }

    @Test
    void read_roleWithPassword_isNotRepeatedInTheReason() {
        assertThat(read("ALTER ROLE app PASSWORD 'sesame'"))
                .singleElement()
                .isInstanceOf(NotUnderstood.class)
                .asString()
                .doesNotContain("sesame");
    }

    @Test
    void read_partThatIsNotUnderstood_doesNotHideTheRest() {
        assertThat(read("SELECT setval('a_seq', 1), harbour.rebuild()"))
                .hasSize(2)
                .contains(new AlterSequence(ObjectName.of("a_seq"), true))
                .anyMatch(change -> change instanceof NotUnderstood);
    }

    @Test
    void read_statementCutAnywhere_neverThrows() {
        List<String> statements = Stream.of(
                        columns(), tables(), actions(), constraints(), indexes(), views(), routines(), rows())
                .flatMap(rows -> rows)
                .map(row -> (String) row.get()[0])
                .toList();
        for (String statement : statements) {
            for (int end = 1; end < statement.length(); end++) {
                List<Statement> read = READER.read(statement.substring(0, end));
                assertThat(read).noneMatch(one -> isFailure(one.changes()));
                READER.read(statement.substring(end));
            }
        }
    }

    private static boolean isFailure(List<SchemaChange> changes) {
        return changes.stream().anyMatch(change -> change.toString().contains("the grammar failed"));
    }
}
