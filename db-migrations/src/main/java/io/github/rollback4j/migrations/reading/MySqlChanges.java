package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateIndex;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateView;
import io.github.rollback4j.migrations.schema.SchemaChange.Drop;
import io.github.rollback4j.migrations.schema.SchemaChange.Grant;
import io.github.rollback4j.migrations.schema.SchemaChange.InsertRows;
import io.github.rollback4j.migrations.schema.SchemaChange.LockTable;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.OnlineMode;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.Revoke;
import io.github.rollback4j.migrations.schema.SchemaChange.RewriteTable;
import io.github.rollback4j.migrations.schema.SchemaChange.SetSession;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction;
import io.github.rollback4j.migrations.schema.SchemaChange.Transaction.Mark;
import io.github.rollback4j.migrations.schema.SchemaChange.TruncateTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a statement of MySQL or MariaDB changes. What is not named here is not understood. */
final class MySqlChanges {

    private final boolean isMariaDb;
    private final MySqlDefinitions definitions;
    private final List<SchemaChange> changes = new ArrayList<>();

    MySqlChanges(boolean isMariaDb) {
        this.isMariaDb = isMariaDb;
        this.definitions = new MySqlDefinitions(isMariaDb);
    }

    /** Reads the rule {@code root}. */
    List<SchemaChange> of(SyntaxTree root) {
        for (SyntaxTree statement : root.deep("sqlStatement")) {
            statement(statement);
        }
        if (changes.isEmpty()) {
            changes.add(new NoEffect("nothing but comments"));
        }
        return List.copyOf(changes);
    }

    private void statement(SyntaxTree statement) {
        for (SyntaxTree kind : statement.parts()) {
            if (kind.rule().equals("setStatementFor")) {
                add(new NoEffect("SET STATEMENT"));
                continue;
            }
            read(kind.parts().get(0));
        }
    }

    private void read(SyntaxTree tree) {
        switch (tree.rule()) {
            case "createTable" -> createTable(tree);
            case "alterTable" -> changes.addAll(new MySqlAlterTable(isMariaDb).of(tree));
            case "dropTable" -> dropTable(tree);
            case "renameTable" -> tree.all("renameTableClause").forEach(this::renameTable);
            case "truncateTable" -> add(new TruncateTable(table(tree), false));
            case "createIndex" -> createIndex(tree);
            case "dropIndex" -> dropIndex(tree);
            case "createView" -> createView(tree, tree.has("orReplace"));
            case "alterView" -> createView(tree, true);
            case "dropView" -> dropAll(ObjectKind.VIEW, tree);
            case "createSequence" -> createSequence(tree);
            case "alterSequence" ->
                add(new SchemaChange.AlterSequence(
                        MySqlNames.object(tree.one("fullId")),
                        tree.all("sequenceSpec").stream().anyMatch(MySqlChanges::changesNumbers)));
            case "dropSequence" -> dropAll(ObjectKind.SEQUENCE, tree);
            case "createDatabase" ->
                add(new SchemaChange.CreateSchema(MySqlNames.kept(tree.one("uid")), tree.has("ifNotExists")));
            case "alterDatabase" -> alterDatabase(tree);
            case "dropDatabase" -> drop(ObjectKind.SCHEMA, ObjectName.of(MySqlNames.kept(tree.one("uid"))), tree);
            case "createProcedure", "createFunction" -> createRoutine(tree);
            case "alterProcedure", "alterFunction" -> alterRoutine(tree);
            case "dropProcedure", "dropFunction" ->
                drop(ObjectKind.ROUTINE, MySqlNames.routine(tree.one("fullId")), tree);
            case "createTrigger" -> createTrigger(tree);
            case "dropTrigger" -> drop(ObjectKind.TRIGGER, MySqlNames.object(tree.one("fullId")), tree);
            case "insertStatement", "replaceStatement" -> insert(tree);
            case "loadDataStatement", "loadXmlStatement" ->
                add(new InsertRows(table(tree), List.of(), tree.has("REPLACE")));
            case "updateStatement" ->
                changes.addAll(MySqlRows.update(tree.parts().get(0)));
            case "deleteStatement" ->
                changes.addAll(MySqlRows.delete(tree.parts().get(0)));
            case "selectStatement", "withStatement", "valuesStatement", "tableStatement", "doStatement" -> select(tree);
            case "startTransaction", "beginWork" -> add(new Transaction(Mark.BEGIN));
            case "commitWork" -> add(new Transaction(Mark.COMMIT));
            case "rollbackWork" -> add(new Transaction(Mark.ROLLBACK));
            case "savepointStatement", "releaseStatement" -> add(new NoEffect("a savepoint"));
            case "rollbackStatement" -> not("a part of the transaction does not hold: " + tree.text());
            case "lockTables" -> tree.all("lockTableElement").forEach(this::lockTable);
            case "unlockTables" -> add(new NoEffect("UNLOCK TABLES"));
            case "setStatement" -> set(tree);
            case "useStatement" -> add(new SetSession("schema", MySqlNames.kept(tree.one("uid"))));
            case "grantStatement" -> grant(tree);
            case "revokeStatement" -> revoke(tree);
            case "createUser", "createRole" -> add(new NoEffect("a new account"));
            case "optimizeTable", "repairTable" -> rewrite(tree);
            case "analyzeTable", "checkTable", "checksumTable" -> add(new NoEffect(firstWords(tree)));
            case "flushStatement" -> flush(tree);
            case "showStatement",
                    "explainStatement",
                    "simpleDescribeStatement",
                    "fullDescribeStatement",
                    "helpStatement",
                    "deallocatePrepare",
                    "handlerStatement",
                    "cacheIndexStatement",
                    "loadIndexIntoCache" -> add(new NoEffect(firstWords(tree)));
            default -> not("what " + firstWords(tree) + " does is not known here");
        }
    }

    // Tables.

    private void createTable(SyntaxTree tree) {
        List<SyntaxTree> names = tree.all("tableName");
        ObjectName table = MySqlNames.object(names.get(0));
        ObjectName like = tree.form().equals("copyCreateTable") ? MySqlNames.object(names.get(1)) : null;
        List<ColumnDefinition> columns = new ArrayList<>();
        List<Constraint> constraints = new ArrayList<>();
        List<Constraint> uniqueIndexes = new ArrayList<>();
        List<SchemaChange> beside = new ArrayList<>();
        SyntaxTree inside = tree.first("createDefinitions");
        if (inside != null) {
            for (SyntaxTree definition : inside.all("createDefinition")) {
                switch (definition.form()) {
                    case "columnDeclaration" -> {
                        SyntaxTree name = definition.parts().get(0);
                        MySqlDefinitions.Column column =
                                definitions.column(MySqlNames.column(name), definition.one("columnDefinition"));
                        columns.add(column.definition());
                        column.notUnderstood().stream()
                                .filter(part -> !part.startsWith("an invisible"))
                                .forEach(part -> beside.add(new NotUnderstood(part)));
                    }
                    case "constraintDeclaration" -> {
                        Constraint constraint = definitions.constraint(definition.one("tableConstraint"));
                        if (constraint == null) {
                            beside.add(new NotUnderstood(definition.text()));
                        } else if (constraint.kind() == Constraint.Kind.UNIQUE) {
                            uniqueIndexes.add(constraint);
                        } else {
                            boolean isEnforced = !(definition.has("NOT") && definition.has("ENFORCED"));
                            constraints.add(isEnforced ? constraint : MySqlDefinitions.notEnforced(constraint));
                        }
                    }
                    case "indexDeclaration" -> beside.add(index(table, definition.one("indexColumnDefinition"), false));
                    default -> beside.add(new NotUnderstood(definition.text()));
                }
            }
        }
        SyntaxTree query = tree.first("selectStatement");
        add(new CreateTable(
                table,
                columns,
                constraints,
                uniqueIndexes,
                like,
                null,
                query == null ? "" : query.text(),
                tree.has("ifNotExists"),
                tree.has("orReplace"),
                tree.has("TEMPORARY")));
        changes.addAll(beside);
        for (SyntaxTree option : tree.all("tableOption")) {
            if (Set.of("tableOptionUnion", "tableOptionConnection", "tableOptionInsertMethod", "tableOptionTableType")
                    .contains(option.form())) {
                not("the rows of " + table + " are elsewhere: " + option.text());
            }
        }
    }

    private void dropTable(SyntaxTree tree) {
        for (SyntaxTree table : tree.one("tables").all("tableName")) {
            if (tree.has("TEMPORARY")) {
                add(new NoEffect("a temporary table"));
            } else {
                drop(ObjectKind.TABLE, MySqlNames.object(table), tree);
            }
        }
    }

    private void renameTable(SyntaxTree clause) {
        List<SyntaxTree> names = clause.all("tableName");
        add(new Rename(ObjectKind.TABLE, MySqlNames.object(names.get(0)), MySqlNames.object(names.get(1)), null));
    }

    private void rewrite(SyntaxTree tree) {
        for (SyntaxTree table : tree.one("tables").all("tableName")) {
            add(new RewriteTable(MySqlNames.object(table), tree.parts().get(0).rule() + " TABLE", false));
        }
    }

    private void lockTable(SyntaxTree element) {
        add(new LockTable(table(element), element.one("lockAction").text().toLowerCase(Locale.ROOT)));
    }

    // Indexes.

    /**
     * Reads an index, unique or not, wherever it stands.
     *
     * @param ifNotExists whether it is left as it is where it exists
     */
    static CreateIndex index(ObjectName table, SyntaxTree tree, boolean ifNotExists) {
        List<SyntaxTree> names = tree.all("uid");
        // CONSTRAINT a UNIQUE KEY b: it is the second name that counts.
        List<String> columns = MySqlDefinitions.columns(tree);
        String name = names.isEmpty()
                ? MySqlDefinitions.nameOfIndexOver(columns)
                : MySqlNames.folded(names.get(names.size() - 1));
        return new CreateIndex(table.named(name), table, columns, "", tree.has("UNIQUE"), false, ifNotExists);
    }

    private void createIndex(SyntaxTree tree) {
        online(table(tree), tree);
        CreateIndex index = index(table(tree), tree, tree.has("ifNotExists"));
        if (tree.has("orReplace")) {
            add(new Drop(ObjectKind.INDEX, index.name(), index.table(), null, true, false, false));
        }
        add(index);
    }

    private void dropIndex(SyntaxTree tree) {
        ObjectName table = table(tree);
        online(table, tree);
        add(droppedIndex(table, MySqlNames.folded(tree.one("uid")), tree.has("ifExists")));
    }

    /** Returns the change that drops an index; the one named {@code PRIMARY} is the primary key. */
    static SchemaChange droppedIndex(ObjectName table, String name, boolean ifExists) {
        return name.equals("primary")
                ? new SchemaChange.DropConstraint(table, "", Constraint.Kind.PRIMARY_KEY, ifExists, false)
                : new Drop(ObjectKind.INDEX, table.named(name), table, null, ifExists, false, false);
    }

    private void online(ObjectName table, SyntaxTree tree) {
        String algorithm = after(tree, "ALGORITHM");
        String lock = after(tree, "LOCK");
        if (!algorithm.isEmpty() || !lock.isEmpty()) {
            add(new OnlineMode(table, algorithm, lock));
        }
    }

    /** Returns the word after another and an equals sign, in small letters; empty where the first is not there. */
    static String after(SyntaxTree tree, String word) {
        List<SyntaxTree> parts = tree.parts();
        for (int i = 0; i + 1 < parts.size(); i++) {
            if (parts.get(i).rule().equals(word)) {
                int next = parts.get(i + 1).rule().equals("=") ? i + 2 : i + 1;
                return parts.get(next).text().toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    // Views, sequences, databases, routines, triggers.

    private void createView(SyntaxTree tree, boolean orReplace) {
        SyntaxTree select = tree.one("selectStatement");
        SyntaxTree named = tree.first("uidList");
        SyntaxTree with = tree.first("withClause");
        List<String> columns = named == null ? MySqlRows.selected(select) : MySqlNames.foldedList(named);
        List<ObjectName> sources = MySqlRows.sources(with == null ? List.of(select) : List.of(with, select));
        String query = with == null ? select.text() : with.text() + " " + select.text();
        add(new CreateView(MySqlNames.object(tree.one("fullId")), columns, query, sources, false, orReplace, false));
    }

    private void createSequence(SyntaxTree tree) {
        ObjectName name = MySqlNames.object(tree.one("fullId"));
        if (tree.has("orReplace")) {
            add(new Drop(ObjectKind.SEQUENCE, name, null, null, true, false, false));
        }
        add(new SchemaChange.CreateSequence(name, tree.has("ifNotExists")));
    }

    private static boolean changesNumbers(SyntaxTree spec) {
        String first = spec.parts().get(0).rule();
        return !first.equals("CACHE") && !first.equals("NOCACHE");
    }

    private void alterDatabase(SyntaxTree tree) {
        if (tree.tokens().anyMatch(token -> token.equals("READ") || token.equals("UPGRADE"))) {
            not("what " + tree.text() + " does is not known here");
        } else {
            add(new NoEffect("a default of new tables"));
        }
    }

    private void createRoutine(SyntaxTree tree) {
        List<CreateRoutine.Parameter> parameters = new ArrayList<>();
        for (SyntaxTree part : tree.parts()) {
            boolean isParameter =
                    part.rule().equals("procedureParameter") || part.rule().equals("functionParameter");
            if (isParameter && !part.has("OUT")) {
                parameters.add(new CreateRoutine.Parameter(
                        MySqlNames.folded(part.one("uid")), MySqlTypes.of(part.one("dataType")), false));
            }
        }
        SyntaxTree returns = tree.first("dataType");
        SyntaxTree body = tree.first("routineBody");
        if (body == null) {
            body = tree.one("returnStatement");
        }
        add(new CreateRoutine(
                MySqlNames.routine(tree.one("fullId")),
                parameters,
                returns == null ? "" : returns.text().toLowerCase(Locale.ROOT),
                body.text(),
                tree.has("orReplace")));
    }

    private void alterRoutine(SyntaxTree tree) {
        boolean changesRights = tree.all("routineOption").stream()
                .anyMatch(option -> option.form().equals("routineSecurity"));
        if (changesRights) {
            not("the rights that " + MySqlNames.object(tree.one("fullId")) + " has");
        } else {
            add(new NoEffect("a remark on a routine"));
        }
    }

    private void createTrigger(SyntaxTree tree) {
        add(new SchemaChange.CreateTrigger(MySqlNames.object(tree.one("fullId")), table(tree), tree.has("orReplace")));
    }

    private void dropAll(ObjectKind kind, SyntaxTree tree) {
        for (SyntaxTree name : tree.all("fullId")) {
            if (tree.has("TEMPORARY")) {
                add(new NoEffect("a temporary " + kind));
            } else {
                drop(kind, MySqlNames.object(name), tree);
            }
        }
    }

    private void drop(ObjectKind kind, ObjectName name, SyntaxTree tree) {
        // CASCADE is a word without effect in both.
        add(new Drop(kind, name, null, null, tree.has("ifExists"), false, false));
    }

    // Rows.

    private void insert(SyntaxTree tree) {
        SyntaxTree values = tree.first("insertStatementValue");
        SyntaxTree query = values == null ? null : values.first("selectStatement");
        SyntaxTree with = tree.first("withClause");
        List<SyntaxTree> queries = new ArrayList<>();
        if (query != null) {
            queries.add(query);
        }
        if (with != null) {
            queries.add(0, with);
        }
        boolean orReplaces = tree.has("DUPLICATE") || tree.rule().equals("replaceStatement");
        add(new InsertRows(table(tree), MySqlRows.sources(queries), orReplaces));
    }

    /** A query changes nothing, unless it calls something that may. */
    private void select(SyntaxTree tree) {
        String called = MySqlRows.ownFunction(tree);
        if (called == null) {
            add(new NoEffect("a query"));
        } else {
            not("what the function " + called + " does is not known here");
        }
    }

    // The session.

    private void set(SyntaxTree tree) {
        switch (tree.form()) {
            case "setVariable" -> variables(tree);
            case "setNewValueInsideTrigger" -> not("a value is set outside of a trigger: " + tree.text());
            case "setNames" -> add(new SetSession("names", rest(tree)));
            case "setCharset" -> add(new SetSession("character_set", rest(tree)));
            case "setTransaction" -> setTransaction(tree);
            case "setAutocommit" ->
                add(new SetSession(
                        "autocommit",
                        tree.one("setAutocommitStatement").parts().get(3).text()));
            default -> not("what " + firstWords(tree) + " does is not known here");
        }
    }

    private void variables(SyntaxTree tree) {
        List<SyntaxTree> parts = tree.parts();
        for (int i = 0; i + 2 < parts.size(); i++) {
            if (!parts.get(i).rule().equals("variableClause")) {
                continue;
            }
            SyntaxTree variable = parts.get(i);
            String value = parts.get(i + 2).text();
            String name = variable.text().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
            if (name.startsWith("@") && !name.startsWith("@@")) {
                add(new NoEffect("a variable of the session"));
            } else if (name.matches("(@@)?(global|persist|persist_only)\\b.*")) {
                not("a setting of the whole server: " + variable.text() + " = " + value);
            } else {
                String bare = name.replaceFirst("^@@", "").replaceFirst("^(session|local)[ .]", "");
                add(new SetSession(MySqlTypes.unquoted(bare), MySqlTypes.unquoted(value)));
            }
        }
    }

    private void setTransaction(SyntaxTree tree) {
        if (tree.one("setTransactionStatement").has("GLOBAL")) {
            not("a setting of the whole server: " + tree.text());
        } else {
            add(new SetSession("transaction", rest(tree)));
        }
    }

    private static String rest(SyntaxTree tree) {
        String[] words = tree.text().split("\\s+", 3);
        return words.length < 3 ? "" : MySqlTypes.unquoted(words[2]);
    }

    private void flush(SyntaxTree tree) {
        if (tree.tokens().anyMatch(token -> token.equals("LOCK") || token.equals("EXPORT"))) {
            not("locks of all tables: " + tree.text());
        } else {
            add(new NoEffect("FLUSH"));
        }
    }

    // Rights.

    private void grant(SyntaxTree tree) {
        SyntaxTree level = tree.first("privilegeLevel");
        if (level == null) {
            // A role to an account: what it has, it keeps.
            add(new NoEffect("GRANT of a role"));
            return;
        }
        List<String> to = tree.all("userAuthOption").stream()
                .map(option -> account(option.one("userName")))
                .toList();
        add(new Grant(privileges(tree), kindOf(tree, level), objects(level), to));
    }

    private void revoke(SyntaxTree tree) {
        SyntaxTree level = tree.first("privilegeLevel");
        if (level == null && !tree.form().equals("shortRevoke")) {
            not("what the role held is not known here: " + tree.text());
            return;
        }
        List<String> from =
                tree.all("userName").stream().map(MySqlChanges::account).toList();
        if (level == null) {
            add(new Revoke(List.of("all"), ObjectKind.DATABASE, List.of(ObjectName.of("*")), from));
        } else {
            add(new Revoke(privileges(tree), kindOf(tree, level), objects(level), from));
        }
    }

    private static List<String> privileges(SyntaxTree tree) {
        return tree.all("privelegeClause").stream()
                .map(clause -> clause.text().toLowerCase(Locale.ROOT))
                .map(name -> name.equals("all privileges") ? "all" : name)
                .toList();
    }

    private static ObjectKind kindOf(SyntaxTree tree, SyntaxTree level) {
        if (tree.has("FUNCTION") || tree.has("PROCEDURE")) {
            return ObjectKind.ROUTINE;
        }
        return switch (level.form()) {
            case "globalPrivLevel" -> ObjectKind.DATABASE;
            case "currentSchemaPriviLevel", "definiteSchemaPrivLevel" -> ObjectKind.SCHEMA;
            default -> ObjectKind.TABLE;
        };
    }

    /** The star is the name of all there is. */
    private static List<ObjectName> objects(SyntaxTree level) {
        return switch (level.form()) {
            case "globalPrivLevel", "currentSchemaPriviLevel" -> List.of(ObjectName.of("*"));
            default -> List.of(MySqlNames.object(level));
        };
    }

    private static String account(SyntaxTree userName) {
        return userName.text().replaceAll("['`\"]", "");
    }

    // Words.

    private void add(SchemaChange change) {
        changes.add(change);
    }

    private void not(String reason) {
        changes.add(new NotUnderstood(reason));
    }

    private static ObjectName table(SyntaxTree tree) {
        return MySqlNames.object(tree.one("tableName"));
    }

    private static String firstWords(SyntaxTree tree) {
        return String.join(" ", tree.tokens().limit(2).toList());
    }
}
