package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.PostgresColumns.SequenceOptions;
import io.github.rollback4j.migrations.reading.PostgresTokens.Kind;
import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.AddColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.AddConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterSequence;
import io.github.rollback4j.migrations.schema.SchemaChange.AttachPartition;
import io.github.rollback4j.migrations.schema.SchemaChange.ChangeColumnType;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateIndex;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.DetachPartition;
import io.github.rollback4j.migrations.schema.SchemaChange.DropColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.DropConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.DropDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.DropNotNull;
import io.github.rollback4j.migrations.schema.SchemaChange.EnableTrigger;
import io.github.rollback4j.migrations.schema.SchemaChange.MoveToSchema;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameConstraint;
import io.github.rollback4j.migrations.schema.SchemaChange.RewriteTable;
import io.github.rollback4j.migrations.schema.SchemaChange.SetDefault;
import io.github.rollback4j.migrations.schema.SchemaChange.SetGeneration;
import io.github.rollback4j.migrations.schema.SchemaChange.SetInheritance;
import io.github.rollback4j.migrations.schema.SchemaChange.SetNotNull;
import io.github.rollback4j.migrations.schema.SchemaChange.SetRowSecurity;
import io.github.rollback4j.migrations.schema.SchemaChange.ValidateConstraint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what PostgreSQL makes and alters of tables and their indexes. */
final class PostgresTables {

    private static final int LONGEST_NAME = 63;

    private PostgresTables() {}

    /** Takes what follows {@code CREATE [TEMPORARY] TABLE}. */
    static List<SchemaChange> createTable(PostgresTokens tokens, boolean isTemporary) throws SyntaxException {
        boolean ifNotExists = tokens.take("IF", "NOT", "EXISTS");
        ObjectName table = tokens.qualifiedName();
        List<ColumnDefinition> columns = new ArrayList<>();
        List<Constraint> constraints = new ArrayList<>();
        List<ObjectName> likes = new ArrayList<>();
        List<ObjectName> parents = new ArrayList<>();
        if (tokens.take("OF")) {
            tokens.qualifiedName();
            if (tokens.at("(")) {
                typedElements(tokens.brackets(), columns, constraints);
            }
        } else if (tokens.take("PARTITION", "OF")) {
            parents.add(tokens.qualifiedName());
            if (tokens.at("(")) {
                typedElements(tokens.brackets(), columns, constraints);
            }
            bounds(tokens);
        } else if (tokens.at("(")) {
            int start = tokens.position();
            PostgresTokens inside = tokens.brackets();
            if (isAtQuery(tokens)) {
                tokens.moveTo(start);
                tokens.namesInBrackets()
                        .forEach(name -> columns.add(
                                new ColumnDefinition(name, null, false, null, null, Generation.NONE, List.of())));
            } else {
                elements(inside, columns, constraints, likes);
            }
        }
        if (tokens.take("INHERITS")) {
            PostgresTokens inside = tokens.brackets();
            parents.addAll(inside.isAtEnd() ? List.of() : inside.qualifiedNames());
        }
        storage(tokens);
        String query = "";
        boolean isExecuted = false;
        if (tokens.take("AS")) {
            isExecuted = tokens.at("EXECUTE");
            query = withoutData(tokens.writtenRest());
        }
        tokens.expectEnd();
        List<SchemaChange> changes = new ArrayList<>();
        changes.add(new CreateTable(
                table,
                columns,
                constraints,
                List.of(),
                likes.isEmpty() ? null : likes.get(0),
                parents.isEmpty() ? null : parents.get(0),
                query,
                ifNotExists,
                false,
                isTemporary));
        parents.stream().skip(1).forEach(parent -> changes.add(new SetInheritance(table, parent, true)));
        if (likes.size() > 1) {
            changes.add(new NotUnderstood("table " + table + " is like several tables at once"));
        }
        if (isExecuted) {
            changes.add(new NotUnderstood("table " + table + " is filled by a prepared statement"));
        }
        return changes;
    }

    /** Returns whether a query follows the column names of {@code CREATE TABLE (…) AS}, perhaps after its storage. */
    private static boolean isAtQuery(PostgresTokens tokens) throws SyntaxException {
        int start = tokens.position();
        storage(tokens);
        boolean isQuery = tokens.at("AS");
        tokens.moveTo(start);
        return isQuery;
    }

    private static String withoutData(String query) {
        return query.replaceFirst("(?is)\\s+WITH\\s+(NO\\s+)?DATA\\s*$", "");
    }

    private static void elements(
            PostgresTokens inside, List<ColumnDefinition> columns, List<Constraint> constraints, List<ObjectName> likes)
            throws SyntaxException {
        if (inside.isAtEnd()) {
            return;
        }
        do {
            if (PostgresColumns.isAtConstraint(inside)) {
                constraints.add(PostgresColumns.tableConstraint(inside));
            } else if (inside.take("LIKE")) {
                likes.add(inside.qualifiedName());
                while (!inside.takeAny("INCLUDING", "EXCLUDING").isEmpty()) {
                    inside.name();
                }
            } else {
                columns.add(PostgresColumns.column(inside));
            }
        } while (inside.take(","));
        inside.expectEnd();
    }

    private static void typedElements(
            PostgresTokens inside, List<ColumnDefinition> columns, List<Constraint> constraints)
            throws SyntaxException {
        do {
            if (PostgresColumns.isAtConstraint(inside)) {
                constraints.add(PostgresColumns.tableConstraint(inside));
            } else {
                columns.add(PostgresColumns.columnOfType(inside));
            }
        } while (inside.take(","));
        inside.expectEnd();
    }

    private static void bounds(PostgresTokens tokens) throws SyntaxException {
        if (tokens.take("DEFAULT")) {
            return;
        }
        tokens.expect("FOR", "VALUES");
        if (tokens.take("FROM")) {
            tokens.brackets();
            tokens.expect("TO");
        } else if (!tokens.take("IN")) {
            tokens.expect("WITH");
        }
        tokens.brackets();
    }

    private static void storage(PostgresTokens tokens) throws SyntaxException {
        while (true) {
            if (tokens.take("PARTITION", "BY")) {
                tokens.name();
                tokens.brackets();
            } else if (tokens.take("USING") || tokens.take("TABLESPACE") || tokens.take("SERVER")) {
                tokens.name();
            } else if (tokens.take("WITH") || tokens.take("OPTIONS")) {
                tokens.brackets();
            } else if (tokens.take("ON", "COMMIT")) {
                if (!tokens.take("DROP") && !tokens.take("DELETE", "ROWS")) {
                    tokens.expect("PRESERVE", "ROWS");
                }
            } else if (!tokens.take("WITHOUT", "OIDS")) {
                return;
            }
        }
    }

    /** Takes what follows {@code CREATE [UNIQUE] INDEX}. */
    static List<SchemaChange> createIndex(PostgresTokens tokens, boolean isUnique) throws SyntaxException {
        boolean concurrently = tokens.take("CONCURRENTLY");
        boolean ifNotExists = tokens.take("IF", "NOT", "EXISTS");
        String name = tokens.at("ON") ? "" : tokens.qualifiedName().name();
        tokens.expect("ON");
        tokens.take("ONLY");
        ObjectName table = tokens.qualifiedName();
        if (tokens.take("USING")) {
            tokens.name();
        }
        List<String> columns = PostgresColumns.indexColumns(tokens.brackets());
        if (tokens.take("INCLUDE")) {
            tokens.brackets();
        }
        if (tokens.take("NULLS")) {
            tokens.take("NOT");
            tokens.expect("DISTINCT");
        }
        if (tokens.take("WITH")) {
            tokens.brackets();
        }
        if (tokens.take("TABLESPACE")) {
            tokens.name();
        }
        String predicate = tokens.take("WHERE") ? tokens.writtenRest() : "";
        tokens.expectEnd();
        ObjectName index = table.named(name.isEmpty() ? indexName(table, columns) : name);
        return List.of(new CreateIndex(index, table, columns, predicate, isUnique, concurrently, ifNotExists));
    }

    /** Returns the name that the database gives to an index without one, as far as no other has it. */
    private static String indexName(ObjectName table, List<String> columns) {
        String name = columns.stream()
                .map(column -> column.matches("\\w+") ? column : column.replaceFirst("(?s)^(\\w+)\\(.*|.*", "$1"))
                .map(column -> column.isEmpty() ? "expr" : column)
                .collect(Collectors.joining("_", table.name() + "_", "_idx"));
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 4) + "_idx";
    }

    /** Takes what follows {@code ALTER TABLE}, and the like of views and sequences, which take some of the same actions. */
    static List<SchemaChange> alterTable(PostgresTokens tokens, ObjectKind kind) throws SyntaxException {
        if (tokens.take("ALL", "IN", "TABLESPACE")) {
            tokens.writtenRest();
            return List.of(new RewriteTable(null, "SET TABLESPACE", false));
        }
        tokens.take("IF", "EXISTS");
        tokens.take("ONLY");
        ObjectName table = tokens.qualifiedName();
        tokens.take("*");
        List<SchemaChange> changes = new ArrayList<>();
        do {
            changes.addAll(new Action(tokens, kind, table).read());
        } while (tokens.take(","));
        tokens.expectEnd();
        return changes;
    }

    /**
     * One action of ALTER TABLE.
     *
     * @param tokens where it is read from
     * @param kind what is altered
     * @param table its name
     */
    private record Action(PostgresTokens tokens, ObjectKind kind, ObjectName table) {

        List<SchemaChange> read() throws SyntaxException {
            String verb = tokens.token().word();
            return switch (verb) {
                case "ADD" -> add();
                case "DROP" -> List.of(drop());
                case "ALTER" -> tokens.at("ALTER", "CONSTRAINT") ? List.of(alterConstraint()) : alterColumn();
                case "RENAME" -> List.of(rename());
                case "VALIDATE" -> {
                    tokens.expect("VALIDATE", "CONSTRAINT");
                    yield List.of(new ValidateConstraint(table, tokens.name()));
                }
                case "ATTACH", "DETACH" -> List.of(partition());
                case "ENABLE", "DISABLE" -> List.of(enable());
                case "FORCE", "NO", "INHERIT" -> List.of(inheritOrForce());
                case "SET", "RESET" -> List.of(set());
                case "OWNER" -> PostgresRights.owner(tokens, kind, table);
                case "CLUSTER" -> {
                    tokens.expect("CLUSTER", "ON");
                    tokens.name();
                    yield List.of(new NoEffect("which index CLUSTER is to follow"));
                }
                case "REPLICA" -> List.of(replicaIdentity());
                case "OF" -> {
                    tokens.expect("OF");
                    tokens.qualifiedName();
                    yield List.of(new NoEffect("the table is bound to a type that it agrees with"));
                }
                case "DEPENDS" -> {
                    tokens.expect("DEPENDS", "ON", "EXTENSION");
                    yield List.of(new NoEffect("the extension that it depends on is " + tokens.name()));
                }
                case "NOT" -> {
                    tokens.expect("NOT", "OF");
                    yield List.of(new NoEffect("the table is no longer bound to a type"));
                }
                default -> throw tokens.stopped("an action of ALTER TABLE");
            };
        }

        private List<SchemaChange> add() throws SyntaxException {
            tokens.expect("ADD");
            if (PostgresColumns.isAtConstraint(tokens)) {
                return List.of(new AddConstraint(table, PostgresColumns.tableConstraint(tokens)));
            }
            tokens.take("COLUMN");
            boolean ifNotExists = tokens.take("IF", "NOT", "EXISTS");
            return List.of(new AddColumn(table, PostgresColumns.column(tokens), ifNotExists, ""));
        }

        private SchemaChange drop() throws SyntaxException {
            tokens.expect("DROP");
            boolean isConstraint = tokens.take("CONSTRAINT");
            if (!isConstraint) {
                tokens.take("COLUMN");
            }
            boolean ifExists = tokens.take("IF", "EXISTS");
            String name = tokens.name();
            boolean cascade = cascade(tokens);
            return isConstraint
                    ? new DropConstraint(table, name, null, ifExists, cascade)
                    : new DropColumn(table, name, ifExists, cascade);
        }

        private SchemaChange alterConstraint() throws SyntaxException {
            tokens.expect("ALTER", "CONSTRAINT");
            String name = tokens.name();
            @Nullable Boolean isDeferrable = null;
            @Nullable Boolean isEnforced = null;
            int start = tokens.position();
            while (true) {
                if (tokens.take("NOT", "DEFERRABLE")) {
                    isDeferrable = false;
                } else if (tokens.take("DEFERRABLE") || tokens.take("INITIALLY", "DEFERRED")) {
                    isDeferrable = true;
                } else if (tokens.take("NOT", "ENFORCED")) {
                    isEnforced = false;
                } else if (tokens.take("ENFORCED")) {
                    isEnforced = true;
                } else if (!tokens.take("INITIALLY", "IMMEDIATE")
                        && !tokens.take("NO", "INHERIT")
                        && !tokens.take("INHERIT")) {
                    break;
                }
            }
            if (tokens.position() == start) {
                throw tokens.stopped("an attribute of the constraint");
            }
            return new AlterConstraint(table, name, isDeferrable, isEnforced);
        }

        private List<SchemaChange> alterColumn() throws SyntaxException {
            tokens.expect("ALTER");
            tokens.take("COLUMN");
            String column = tokens.token().kind() == Kind.NUMBER ? tokens.next().value() : tokens.name();
            if (tokens.take("TYPE") || tokens.take("SET", "DATA", "TYPE")) {
                ColumnType type = PostgresTypes.type(tokens);
                if (tokens.take("COLLATE")) {
                    type = type.collated(tokens.qualifiedName().toString());
                }
                String using = tokens.take("USING") ? PostgresColumns.defaultValue(tokens) : "";
                return List.of(new ChangeColumnType(table, column, type, using));
            }
            if (tokens.take("SET", "DEFAULT")) {
                return List.of(new SetDefault(table, column, PostgresColumns.defaultValue(tokens)));
            }
            if (tokens.take("DROP", "DEFAULT")) {
                return List.of(new DropDefault(table, column));
            }
            if (tokens.take("SET", "NOT", "NULL")) {
                return List.of(new SetNotNull(table, column));
            }
            if (tokens.take("DROP", "NOT", "NULL")) {
                return List.of(new DropNotNull(table, column));
            }
            if (tokens.take("DROP", "IDENTITY") || tokens.take("DROP", "EXPRESSION")) {
                tokens.take("IF", "EXISTS");
                return List.of(new SetGeneration(table, column, Generation.NONE, null));
            }
            if (tokens.take("SET", "EXPRESSION", "AS")) {
                tokens.brackets();
                return List.of(new SetGeneration(table, column, Generation.STORED, null));
            }
            if (tokens.take("ADD", "GENERATED")) {
                Generation generation = identity();
                tokens.expect("AS", "IDENTITY");
                SequenceOptions options =
                        tokens.at("(") ? SequenceOptions.of(tokens.brackets()) : new SequenceOptions(false, null);
                return List.of(new SetGeneration(table, column, generation, options.start()));
            }
            if (tokens.take("SET", "STATISTICS")
                    || tokens.take("SET", "STORAGE")
                    || tokens.take("SET", "COMPRESSION")) {
                if (!tokens.take("-")) {
                    tokens.take("+");
                }
                tokens.next();
                return List.of(new NoEffect("how column " + column + " is stored and analysed"));
            }
            if (tokens.at("SET", "(") || tokens.at("RESET", "(")) {
                tokens.next();
                tokens.brackets();
                return List.of(new NoEffect("how column " + column + " is stored and analysed"));
            }
            return alterIdentity(column);
        }

        /** Takes a list of {@code SET GENERATED …}, {@code SET INCREMENT …}, {@code RESTART …}. */
        private List<SchemaChange> alterIdentity(String column) throws SyntaxException {
            @Nullable Generation generation = null;
            @Nullable Long start = null;
            boolean changesNumbers = false;
            boolean isAny = false;
            while (tokens.at("SET") || tokens.at("RESTART")) {
                isAny = true;
                if (tokens.take("SET", "GENERATED")) {
                    generation = identity();
                    continue;
                }
                tokens.take("SET");
                int before = tokens.position();
                SequenceOptions options = SequenceOptions.take(tokens);
                if (tokens.position() == before) {
                    throw tokens.stopped("an option of a sequence");
                }
                changesNumbers |= options.changesNumbers();
                start = options.start() == null ? start : options.start();
            }
            if (!isAny) {
                throw tokens.stopped("what is to become of column " + column);
            }
            List<SchemaChange> changes = new ArrayList<>();
            if (generation != null) {
                changes.add(new SetGeneration(table, column, generation, start));
            }
            if (generation == null || changesNumbers) {
                changes.add(new AlterSequence(table.named(table.name() + "_" + column + "_seq"), changesNumbers));
            }
            return changes;
        }

        private Generation identity() throws SyntaxException {
            if (tokens.take("ALWAYS")) {
                return Generation.IDENTITY_ALWAYS;
            }
            tokens.expect("BY", "DEFAULT");
            return Generation.IDENTITY_BY_DEFAULT;
        }

        private SchemaChange rename() throws SyntaxException {
            tokens.expect("RENAME");
            if (tokens.take("TO")) {
                return new Rename(kind, table, table.named(tokens.name()), null);
            }
            if (tokens.take("CONSTRAINT")) {
                String from = tokens.name();
                tokens.expect("TO");
                return new RenameConstraint(table, from, tokens.name());
            }
            tokens.take("COLUMN");
            String from = tokens.name();
            tokens.expect("TO");
            return new RenameColumn(table, from, tokens.name());
        }

        private SchemaChange partition() throws SyntaxException {
            if (tokens.take("ATTACH", "PARTITION")) {
                ObjectName partition = tokens.qualifiedName();
                if (kind != ObjectKind.INDEX) {
                    bounds(tokens);
                }
                return new AttachPartition(table, partition);
            }
            tokens.expect("DETACH", "PARTITION");
            ObjectName partition = tokens.qualifiedName();
            boolean concurrently = tokens.take("CONCURRENTLY") || tokens.take("FINALIZE");
            return new DetachPartition(table, partition, concurrently);
        }

        private SchemaChange enable() throws SyntaxException {
            boolean isEnabled = tokens.take("ENABLE");
            if (!isEnabled) {
                tokens.expect("DISABLE");
            }
            if (tokens.take("ROW", "LEVEL", "SECURITY")) {
                return new SetRowSecurity(table, isEnabled, false);
            }
            // A trigger for replicas does not fire in a session of the application.
            boolean isForReplicas = isEnabled && tokens.take("REPLICA");
            if (isEnabled && !isForReplicas) {
                tokens.take("ALWAYS");
            }
            if (tokens.take("RULE")) {
                return new NotUnderstood("rewrite rule " + tokens.name() + " of " + table
                        + (isEnabled ? " is enabled" : " is disabled"));
            }
            tokens.expect("TRIGGER");
            return new EnableTrigger(table, tokens.name(), isEnabled && !isForReplicas);
        }

        private SchemaChange inheritOrForce() throws SyntaxException {
            boolean isNegative = tokens.take("NO");
            if (isNegative && tokens.take("DEPENDS", "ON", "EXTENSION")) {
                return new NoEffect("it no longer depends on extension " + tokens.name());
            }
            if (tokens.take("FORCE")) {
                tokens.expect("ROW", "LEVEL", "SECURITY");
                return isNegative
                        ? new NotUnderstood("the owner of " + table + " may see rows that its policies held back")
                        : new SetRowSecurity(table, true, true);
            }
            tokens.expect("INHERIT");
            return new SetInheritance(table, tokens.qualifiedName(), !isNegative);
        }

        private SchemaChange set() throws SyntaxException {
            if (tokens.take("SET", "SCHEMA")) {
                return new MoveToSchema(kind, table, tokens.name());
            }
            if (tokens.take("SET", "LOGGED")) {
                return new RewriteTable(table, "SET LOGGED", false);
            }
            if (tokens.take("SET", "UNLOGGED")) {
                return new RewriteTable(table, "SET UNLOGGED", false);
            }
            if (tokens.take("SET", "TABLESPACE")) {
                tokens.name();
                tokens.take("NOWAIT");
                return new RewriteTable(table, "SET TABLESPACE", false);
            }
            if (tokens.take("SET", "ACCESS", "METHOD")) {
                tokens.name();
                return new RewriteTable(table, "SET ACCESS METHOD", false);
            }
            if (tokens.take("SET", "WITHOUT", "CLUSTER") || tokens.take("SET", "WITHOUT", "OIDS")) {
                return new NoEffect("how " + table + " is stored");
            }
            tokens.next();
            PostgresTokens options = tokens.brackets();
            boolean isAboutPlanner =
                    options.at("SECURITY_BARRIER") && options.elements().size() == 1;
            if (kind == ObjectKind.VIEW && !isAboutPlanner) {
                return new NotUnderstood("the options of view " + table + " change: " + options.written());
            }
            return new NoEffect("storage parameters of " + table + ": " + options.written());
        }

        private SchemaChange replicaIdentity() throws SyntaxException {
            tokens.expect("REPLICA", "IDENTITY");
            if (tokens.take("NOTHING")) {
                return new NotUnderstood(
                        "without a replica identity, UPDATE and DELETE fail where " + table + " is published");
            }
            if (tokens.take("USING", "INDEX")) {
                tokens.name();
            } else if (tokens.takeAny("DEFAULT", "FULL").isEmpty()) {
                throw tokens.stopped("DEFAULT, FULL, NOTHING or USING INDEX");
            }
            return new NoEffect("what is replicated of old rows of " + table);
        }
    }

    /** Takes CASCADE or RESTRICT; returns whether it is the former. */
    static boolean cascade(PostgresTokens tokens) {
        boolean cascade = tokens.take("CASCADE");
        if (!cascade) {
            tokens.take("RESTRICT");
        }
        return cascade;
    }
}
