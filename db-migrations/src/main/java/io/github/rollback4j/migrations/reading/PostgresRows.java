package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.PostgresQueries.Call;
import io.github.rollback4j.migrations.reading.PostgresQueries.NamedQuery;
import io.github.rollback4j.migrations.reading.PostgresTokens.Kind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterSequence;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTable;
import io.github.rollback4j.migrations.schema.SchemaChange.DeleteRows;
import io.github.rollback4j.migrations.schema.SchemaChange.InsertRows;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.SetSession;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows.Assignment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what PostgreSQL's statements do to rows, and queries. */
final class PostgresRows {

    private static final Set<String> VERBS =
            Set.of("WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "VALUES", "TABLE", "(");

    private PostgresRows() {}

    /** Returns whether a statement about rows comes next. */
    static boolean isAtRows(PostgresTokens tokens) {
        return tokens.atAny(VERBS);
    }

    /**
     * Takes a statement about rows, up to the end.
     *
     * @param isInBlock whether it stands in a block, where INTO names variables
     */
    static List<SchemaChange> read(PostgresTokens tokens, boolean isInBlock) throws SyntaxException {
        return read(tokens, Map.of(), isInBlock);
    }

    private static List<SchemaChange> read(
            PostgresTokens tokens, Map<String, List<ObjectName>> known, boolean isInBlock) throws SyntaxException {
        List<SchemaChange> changes = new ArrayList<>();
        Map<String, List<ObjectName>> names = new HashMap<>(known);
        int start = tokens.position();
        if (tokens.at("WITH")) {
            for (NamedQuery query : PostgresQueries.namedQueries(tokens)) {
                names.put(query.name(), List.of());
                PostgresQueries inside = PostgresQueries.in(query.query(), names);
                Set<ObjectName> sources = new LinkedHashSet<>(inside.tables());
                if (query.query().at("SELECT") || !isAtRows(query.query())) {
                    changes.addAll(effects(inside.calls()));
                } else {
                    List<SchemaChange> made = read(query.query().rest(), names, isInBlock);
                    made.stream()
                            .filter(change -> !(change instanceof NoEffect))
                            .peek(change -> target(change, sources))
                            .forEach(changes::add);
                }
                names.put(query.name(), List.copyOf(sources));
            }
        }
        switch (tokens.token().word()) {
            case "INSERT" -> changes.addAll(insert(tokens, names));
            case "UPDATE" -> changes.addAll(update(tokens, names));
            case "DELETE" -> changes.addAll(delete(tokens, names));
            case "MERGE" -> changes.addAll(merge(tokens, names));
            case "SELECT", "VALUES", "TABLE", "(" ->
                changes.addAll(query(tokens.between(start, tokens.end()), tokens, names, isInBlock));
            default -> throw tokens.stopped("SELECT, INSERT, UPDATE, DELETE or MERGE");
        }
        tokens.moveTo(tokens.end());
        boolean isAnything = changes.stream().anyMatch(change -> !(change instanceof NoEffect));
        return isAnything
                ? changes.stream()
                        .filter(change -> !(change instanceof NoEffect))
                        .toList()
                : changes.subList(0, 1);
    }

    private static void target(SchemaChange change, Set<ObjectName> targets) {
        if (change instanceof DeleteRows deletion) {
            targets.add(deletion.table());
        } else if (change instanceof UpdateRows update) {
            targets.add(update.table());
        } else if (change instanceof InsertRows insertion) {
            targets.add(insertion.table());
        }
    }

    private static List<SchemaChange> query(
            PostgresTokens whole, PostgresTokens main, Map<String, List<ObjectName>> names, boolean isInBlock)
            throws SyntaxException {
        PostgresQueries queries = PostgresQueries.in(main, names);
        List<SchemaChange> changes = new ArrayList<>();
        if (main.at("SELECT") && !isInBlock) {
            into(whole, main.rest(), changes);
        }
        changes.addAll(effects(queries.calls()));
        if (changes.isEmpty()) {
            changes.add(new NoEffect("a query"));
        }
        return changes;
    }

    private static void into(PostgresTokens whole, PostgresTokens main, List<SchemaChange> changes)
            throws SyntaxException {
        while (!main.isAtEnd() && !main.at("FROM") && !main.at("UNION")) {
            if (main.take("INTO")) {
                boolean isTemporary = main.take("TEMP") || main.take("TEMPORARY");
                main.take("UNLOGGED");
                main.take("TABLE");
                changes.add(new CreateTable(
                        main.qualifiedName(),
                        List.of(),
                        List.of(),
                        List.of(),
                        null,
                        null,
                        whole.written(),
                        false,
                        false,
                        isTemporary));
                return;
            }
            main.skipBalanced();
        }
    }

    /** Returns what calls do beyond returning a value: as far as that is known; empty for what is known to do nothing. */
    static List<SchemaChange> effects(List<Call> calls) throws SyntaxException {
        List<SchemaChange> changes = new ArrayList<>();
        for (Call call : calls) {
            boolean isBuiltIn =
                    call.name().schema().isEmpty() || call.name().schema().equals("pg_catalog");
            String name = call.name().name();
            if (isBuiltIn && name.equals("setval")) {
                changes.add(setval(call.arguments()));
            } else if (isBuiltIn && name.equals("set_config")) {
                changes.add(setConfig(call.arguments()));
            } else if (!isBuiltIn || !PostgresFunctions.isHarmless(name)) {
                changes.add(new NotUnderstood("calls " + call.name() + ", which may do anything"));
            }
        }
        return changes;
    }

    private static SchemaChange setval(PostgresTokens arguments) throws SyntaxException {
        PostgresTokens sequence = arguments.elements().isEmpty()
                ? arguments
                : arguments.elements().get(0);
        if (sequence.token().kind() == Kind.STRING) {
            PostgresTokens name = PostgresTokens.of(sequence.string(), sequence.deadline());
            return new AlterSequence(name.qualifiedName(), true);
        }
        if (sequence.at("PG_GET_SERIAL_SEQUENCE", "(")) {
            sequence.next();
            PostgresTokens owner = sequence.brackets();
            if (owner.token().kind() == Kind.STRING && owner.token(2).kind() == Kind.STRING) {
                ObjectName table = PostgresTokens.of(owner.token().value(), owner.deadline())
                        .qualifiedName();
                return new AlterSequence(
                        table.named(table.name() + "_" + owner.token(2).value() + "_seq"), true);
            }
        }
        return new NotUnderstood("setval of a sequence whose name is worked out");
    }

    private static SchemaChange setConfig(PostgresTokens arguments) throws SyntaxException {
        List<PostgresTokens> elements = arguments.elements();
        boolean isLiteral = elements.size() == 3
                && elements.get(0).token().kind() == Kind.STRING
                && elements.get(1).token().kind() == Kind.STRING;
        return isLiteral
                ? new SetSession(
                        PostgresTokens.folded(elements.get(0).string()),
                        elements.get(1).string())
                : new NotUnderstood("set_config of a setting that is worked out");
    }

    private static void alias(PostgresTokens tokens, String... notAliases) throws SyntaxException {
        if (tokens.take("AS") || (tokens.token().isName() && !tokens.atAny(Set.of(notAliases)))) {
            tokens.name();
        }
    }

    private static List<SchemaChange> insert(PostgresTokens tokens, Map<String, List<ObjectName>> names)
            throws SyntaxException {
        tokens.expect("INSERT", "INTO");
        ObjectName table = tokens.qualifiedName();
        if (tokens.take("AS")) {
            tokens.name();
        }
        if (tokens.at("(")
                && !tokens.token(1).word().equals("SELECT")
                && !tokens.token(1).word().equals("WITH")
                && !tokens.token(1).word().equals("(")
                && !tokens.token(1).word().equals("VALUES")) {
            tokens.brackets();
        }
        if (tokens.take("OVERRIDING")) {
            tokens.name();
            tokens.expect("VALUE");
        }
        if (!tokens.atAny(Set.of("VALUES", "SELECT", "WITH", "TABLE", "(")) && !tokens.at("DEFAULT", "VALUES")) {
            throw tokens.stopped("VALUES or SELECT");
        }
        int start = tokens.position();
        while (!tokens.isAtEnd() && !tokens.at("ON", "CONFLICT") && !tokens.at("RETURNING")) {
            tokens.skipBalanced();
        }
        PostgresQueries queries = PostgresQueries.in(tokens.between(start, tokens.position()), names);
        boolean orReplaces = false;
        if (tokens.take("ON", "CONFLICT")) {
            while (!tokens.isAtEnd() && !tokens.at("DO")) {
                tokens.skipBalanced();
            }
            tokens.expect("DO");
            if (!tokens.take("NOTHING")) {
                tokens.expect("UPDATE", "SET");
                orReplaces = true;
                tokens.writtenRest();
            }
        }
        if (tokens.take("RETURNING")) {
            tokens.writtenRest();
        }
        tokens.expectEnd();
        List<SchemaChange> changes = new ArrayList<>();
        changes.add(new InsertRows(table, queries.tables(), orReplaces));
        changes.addAll(numbersAndSettings(queries.calls()));
        return changes;
    }

    /** Returns what calls within statements about rows do to sequences and the session; what others may do is not asked. */
    private static List<SchemaChange> numbersAndSettings(List<Call> calls) throws SyntaxException {
        return effects(calls.stream()
                .filter(call ->
                        Set.of("setval", "set_config").contains(call.name().name()))
                .toList());
    }

    private static final Set<String> AFTER_VALUE = Set.of("FROM", "WHERE", "RETURNING", "WHEN");

    private static List<SchemaChange> update(PostgresTokens tokens, Map<String, List<ObjectName>> names)
            throws SyntaxException {
        int start = tokens.position();
        tokens.expect("UPDATE");
        tokens.take("ONLY");
        ObjectName table = tokens.qualifiedName();
        tokens.take("*");
        alias(tokens, "SET");
        tokens.expect("SET");
        List<Assignment> assignments = assignments(tokens);
        if (tokens.take("FROM")) {
            while (!tokens.isAtEnd() && !tokens.at("WHERE") && !tokens.at("RETURNING")) {
                tokens.skipBalanced();
            }
        }
        String where = where(tokens);
        List<SchemaChange> changes = new ArrayList<>();
        changes.add(new UpdateRows(table, assignments, where));
        changes.addAll(numbersAndSettings(
                PostgresQueries.in(tokens.between(start, tokens.end()), names).calls()));
        return changes;
    }

    private static String where(PostgresTokens tokens) throws SyntaxException {
        String where = tokens.take("WHERE") ? tokens.expression(Set.of("RETURNING")) : "";
        if (tokens.take("RETURNING")) {
            tokens.writtenRest();
        }
        tokens.expectEnd();
        return where;
    }

    /** Takes assignments, also of several columns at once. */
    private static List<Assignment> assignments(PostgresTokens tokens) throws SyntaxException {
        List<Assignment> assignments = new ArrayList<>();
        do {
            if (tokens.at("(")) {
                List<String> columns = tokens.namesInBrackets();
                tokens.expect("=");
                PostgresTokens row = tokens.rest();
                row.take("ROW");
                List<PostgresTokens> values = row.at("(") ? row.brackets().elements() : List.of();
                String value = tokens.expression(AFTER_VALUE);
                boolean isPaired =
                        values.size() == columns.size() && !values.get(0).at("SELECT");
                for (int i = 0; i < columns.size(); i++) {
                    assignments.add(new Assignment(
                            columns.get(i), isPaired ? values.get(i).written() : value));
                }
            } else {
                String column = tokens.name();
                while (tokens.at("[") || tokens.at(".")) {
                    if (tokens.take(".")) {
                        tokens.name();
                    } else {
                        tokens.brackets();
                    }
                }
                if (!tokens.take("=")) {
                    tokens.expect(":=");
                }
                assignments.add(new Assignment(column, tokens.expression(AFTER_VALUE)));
            }
        } while (tokens.take(","));
        return assignments;
    }

    private static List<SchemaChange> delete(PostgresTokens tokens, Map<String, List<ObjectName>> names)
            throws SyntaxException {
        int start = tokens.position();
        tokens.expect("DELETE", "FROM");
        tokens.take("ONLY");
        ObjectName table = tokens.qualifiedName();
        tokens.take("*");
        alias(tokens, "USING", "WHERE", "RETURNING");
        if (tokens.take("USING")) {
            while (!tokens.isAtEnd() && !tokens.at("WHERE") && !tokens.at("RETURNING")) {
                tokens.skipBalanced();
            }
        }
        String where = where(tokens);
        List<SchemaChange> changes = new ArrayList<>();
        changes.add(new DeleteRows(table, where));
        changes.addAll(numbersAndSettings(
                PostgresQueries.in(tokens.between(start, tokens.end()), names).calls()));
        return changes;
    }

    private static List<SchemaChange> merge(PostgresTokens tokens, Map<String, List<ObjectName>> names)
            throws SyntaxException {
        tokens.expect("MERGE", "INTO");
        tokens.take("ONLY");
        ObjectName table = tokens.qualifiedName();
        tokens.take("*");
        alias(tokens, "USING");
        tokens.expect("USING");
        int start = tokens.position() - 1;
        tokens.expression(Set.of("ON"));
        List<ObjectName> sources = PostgresQueries.in(tokens.between(start, tokens.position()), names)
                .tables();
        tokens.expect("ON");
        String condition = tokens.expression(Set.of("WHEN"));
        List<SchemaChange> changes = new ArrayList<>();
        while (tokens.take("WHEN")) {
            boolean isMissing = tokens.take("NOT");
            tokens.expect("MATCHED");
            String where = isMissing ? "NOT (" + condition + ")" : condition;
            if (tokens.take("BY")) {
                tokens.name();
            }
            if (tokens.take("AND")) {
                where += " AND " + tokens.expression(Set.of("THEN"));
            }
            tokens.expect("THEN");
            if (tokens.take("UPDATE", "SET")) {
                changes.add(new UpdateRows(table, assignments(tokens), where));
            } else if (tokens.take("DELETE")) {
                changes.add(new DeleteRows(table, where));
            } else if (tokens.take("INSERT")) {
                while (!tokens.isAtEnd() && !tokens.at("WHEN") && !tokens.at("RETURNING")) {
                    tokens.skipBalanced();
                }
                changes.add(new InsertRows(table, sources, false));
            } else {
                tokens.expect("DO", "NOTHING");
            }
        }
        if (tokens.take("RETURNING")) {
            tokens.writtenRest();
        }
        tokens.expectEnd();
        if (changes.isEmpty()) {
            changes.add(new NoEffect("MERGE without an action"));
        }
        return changes;
    }

    /** Takes what follows {@code COPY}. */
    static List<SchemaChange> copy(PostgresTokens tokens) throws SyntaxException {
        if (tokens.at("(")) {
            List<SchemaChange> changes = read(tokens.brackets(), false);
            tokens.expect("TO");
            tokens.writtenRest();
            return changes;
        }
        ObjectName table = tokens.qualifiedName();
        if (tokens.at("(")) {
            tokens.brackets();
        }
        boolean isRead = tokens.take("FROM");
        if (!isRead) {
            tokens.expect("TO");
        }
        tokens.writtenRest();
        return List.of(isRead ? new InsertRows(table, List.of(), false) : new NoEffect("rows are copied out"));
    }
}
