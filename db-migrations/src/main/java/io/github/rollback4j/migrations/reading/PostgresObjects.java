package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.PostgresColumns.SequenceOptions;
import io.github.rollback4j.migrations.reading.PostgresTokens.Kind;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.AddEnumValue;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterCompositeType;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterDomain;
import io.github.rollback4j.migrations.schema.SchemaChange.AlterSequence;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateDomain;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine.Parameter;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateSchema;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateSequence;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateTrigger;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateType;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateView;
import io.github.rollback4j.migrations.schema.SchemaChange.Drop;
import io.github.rollback4j.migrations.schema.SchemaChange.MoveToSchema;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.RenameEnumValue;
import io.github.rollback4j.migrations.schema.SchemaChange.RewriteTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what PostgreSQL makes, alters and drops, apart from tables. */
final class PostgresObjects {

    private PostgresObjects() {}

    // What is made.

    /** Takes what follows {@code CREATE}. */
    static List<SchemaChange> create(PostgresTokens tokens) throws SyntaxException {
        boolean orReplace = tokens.take("OR", "REPLACE");
        if (!tokens.take("GLOBAL")) {
            tokens.take("LOCAL");
        }
        boolean isTemporary = tokens.take("TEMPORARY") || tokens.take("TEMP");
        tokens.take("UNLOGGED");
        if (tokens.take("TABLE") || tokens.take("FOREIGN", "TABLE")) {
            return PostgresTables.createTable(tokens, isTemporary);
        }
        boolean isUnique = tokens.take("UNIQUE");
        if (tokens.take("INDEX")) {
            return PostgresTables.createIndex(tokens, isUnique);
        }
        if (tokens.take("SEQUENCE")) {
            boolean ifNotExists = tokens.take("IF", "NOT", "EXISTS");
            ObjectName name = tokens.qualifiedName();
            SequenceOptions.of(tokens);
            return List.of(new CreateSequence(name, ifNotExists));
        }
        boolean isRecursive = tokens.take("RECURSIVE");
        if (tokens.take("VIEW")) {
            return view(tokens, false, orReplace, isRecursive);
        }
        if (tokens.take("MATERIALIZED", "VIEW")) {
            return view(tokens, true, false, false);
        }
        if (tokens.take("FUNCTION")) {
            return List.of(routine(tokens, orReplace, false));
        }
        if (tokens.take("PROCEDURE")) {
            return List.of(routine(tokens, orReplace, true));
        }
        boolean isConstraint = tokens.take("CONSTRAINT");
        if (tokens.take("TRIGGER")) {
            return List.of(trigger(tokens, orReplace));
        }
        if (isConstraint) {
            throw tokens.stopped("TRIGGER");
        }
        if (tokens.take("TYPE")) {
            return List.of(type(tokens));
        }
        if (tokens.take("DOMAIN")) {
            return List.of(domain(tokens));
        }
        if (tokens.take("SCHEMA")) {
            return List.of(schema(tokens));
        }
        if (tokens.take("POLICY")) {
            return PostgresRights.createPolicy(tokens);
        }
        if (tokens.take("AGGREGATE")) {
            return List.of(aggregate(tokens, orReplace));
        }
        return List.of(createOther(tokens));
    }

    private static final Set<String> NEW_AND_UNUSED = Set.of(
            "DATABASE",
            "EXTENSION",
            "ROLE",
            "USER",
            "GROUP",
            "STATISTICS",
            "COLLATION",
            "LANGUAGE",
            "SERVER",
            "TABLESPACE");

    private static SchemaChange createOther(PostgresTokens tokens) throws SyntaxException {
        if (tokens.at("TRUSTED", "LANGUAGE") || tokens.at("PROCEDURAL", "LANGUAGE")) {
            tokens.next();
        }
        boolean isNewAndUnused = tokens.atAny(NEW_AND_UNUSED)
                || tokens.at("TEXT", "SEARCH")
                || tokens.at("FOREIGN", "DATA", "WRAPPER")
                || tokens.at("ACCESS", "METHOD");
        String what = tokens.token().value();
        if (isNewAndUnused) {
            tokens.next();
            if (!tokens.token().isName()) {
                throw tokens.stopped("a name");
            }
            tokens.writtenRest();
            return new NoEffect("a new " + what + ", which nothing uses yet");
        }
        if (tokens.atAny(Set.of(
                        "RULE", "CAST", "OPERATOR", "CONVERSION", "PUBLICATION", "SUBSCRIPTION", "EVENT", "TRANSFORM"))
                || tokens.at("USER", "MAPPING")
                || tokens.at("DEFAULT", "CONVERSION")) {
            tokens.writtenRest();
            return new NotUnderstood("CREATE " + what.toUpperCase(Locale.ROOT)
                    + " can change what other statements do, and has no counterpart here");
        }
        throw tokens.stopped("what is to be made");
    }

    private static List<SchemaChange> view(
            PostgresTokens tokens, boolean isMaterialized, boolean orReplace, boolean isRecursive)
            throws SyntaxException {
        boolean ifNotExists = tokens.take("IF", "NOT", "EXISTS");
        ObjectName name = tokens.qualifiedName();
        List<String> columns = tokens.at("(") ? tokens.namesInBrackets() : List.of();
        if (tokens.take("USING")) {
            tokens.name();
        }
        if (tokens.take("WITH")) {
            tokens.brackets();
        }
        if (tokens.take("TABLESPACE")) {
            tokens.name();
        }
        tokens.expect("AS");
        int start = tokens.position();
        if (!PostgresRows.isAtRows(tokens)) {
            throw tokens.stopped("a query");
        }
        while (!tokens.isAtEnd() && !isAtViewsEnd(tokens, isMaterialized)) {
            tokens.skipBalanced();
        }
        PostgresTokens query = tokens.between(start, tokens.position());
        if (tokens.take("WITH")) {
            boolean isData = tokens.take("DATA") || tokens.take("NO", "DATA");
            if (!isData) {
                if (!tokens.take("CASCADED")) {
                    tokens.take("LOCAL");
                }
                tokens.expect("CHECK", "OPTION");
            }
        }
        tokens.expectEnd();
        Map<String, List<ObjectName>> known = isRecursive ? Map.of(name.name(), List.of()) : Map.of();
        return List.of(new CreateView(
                name,
                columns.isEmpty() ? PostgresQueries.outputs(query) : columns,
                query.written(),
                PostgresQueries.in(query, known).tables(),
                isMaterialized,
                orReplace,
                ifNotExists));
    }

    private static boolean isAtViewsEnd(PostgresTokens tokens, boolean isMaterialized) {
        return isMaterialized
                ? tokens.at("WITH", "DATA") || tokens.at("WITH", "NO", "DATA")
                : tokens.at("WITH", "CHECK") || tokens.at("WITH", "LOCAL") || tokens.at("WITH", "CASCADED");
    }

    private static SchemaChange type(PostgresTokens tokens) throws SyntaxException {
        ObjectName name = tokens.qualifiedName();
        List<String> values = new ArrayList<>();
        if (tokens.take("AS", "ENUM")) {
            PostgresTokens inside = tokens.brackets();
            while (!inside.isAtEnd()) {
                values.add(inside.string());
                if (!inside.take(",")) {
                    inside.expectEnd();
                }
            }
        } else if (tokens.take("AS", "RANGE")) {
            tokens.brackets();
        } else if (tokens.take("AS")) {
            PostgresTokens inside = tokens.brackets();
            if (!inside.isAtEnd()) {
                do {
                    attribute(inside);
                } while (inside.take(","));
            }
            inside.expectEnd();
        } else if (tokens.at("(")) {
            tokens.brackets();
        }
        tokens.expectEnd();
        return new CreateType(name, values);
    }

    private static void attribute(PostgresTokens tokens) throws SyntaxException {
        tokens.name();
        PostgresTypes.type(tokens);
        if (tokens.take("COLLATE")) {
            tokens.qualifiedName();
        }
    }

    private static SchemaChange domain(PostgresTokens tokens) throws SyntaxException {
        ObjectName name = tokens.qualifiedName();
        tokens.take("AS");
        ColumnType base = PostgresTypes.type(tokens);
        boolean isConstrained = false;
        while (!tokens.isAtEnd()) {
            if (tokens.take("COLLATE")) {
                base = base.collated(tokens.qualifiedName().toString());
            } else if (tokens.take("CONSTRAINT")) {
                tokens.name();
            } else if (tokens.take("NOT", "NULL")) {
                isConstrained = true;
            } else if (tokens.take("CHECK")) {
                tokens.brackets();
                isConstrained = true;
            } else if (tokens.take("DEFAULT")) {
                tokens.expression(Set.of("NOT", "NULL", "CHECK", "CONSTRAINT", "COLLATE", "DEFAULT"));
            } else if (!tokens.take("NULL")) {
                throw tokens.stopped("a constraint of the domain");
            }
        }
        return new CreateDomain(name, base, isConstrained);
    }

    private static SchemaChange schema(PostgresTokens tokens) throws SyntaxException {
        boolean ifNotExists = tokens.take("IF", "NOT", "EXISTS");
        String name = "";
        if (!tokens.at("AUTHORIZATION")) {
            name = tokens.name();
        }
        if (tokens.take("AUTHORIZATION")) {
            String role = tokens.name();
            name = name.isEmpty() ? role : name;
        }
        if (!tokens.isAtEnd()) {
            tokens.writtenRest();
            return new NotUnderstood("schema " + name + " is made together with objects in it, which are not read");
        }
        return new CreateSchema(name, ifNotExists);
    }

    private static SchemaChange trigger(PostgresTokens tokens, boolean orReplace) throws SyntaxException {
        String name = tokens.name();
        if (!tokens.at("BEFORE") && !tokens.at("AFTER") && !tokens.at("INSTEAD", "OF")) {
            throw tokens.stopped("BEFORE, AFTER or INSTEAD OF");
        }
        while (!tokens.isAtEnd() && !tokens.at("ON")) {
            tokens.skipBalanced();
        }
        tokens.expect("ON");
        ObjectName table = tokens.qualifiedName();
        while (!tokens.isAtEnd() && !tokens.at("EXECUTE")) {
            tokens.skipBalanced();
        }
        tokens.expect("EXECUTE");
        if (!tokens.take("FUNCTION")) {
            tokens.expect("PROCEDURE");
        }
        tokens.qualifiedName();
        tokens.brackets();
        tokens.expectEnd();
        return new CreateTrigger(ObjectName.of(name), table, orReplace);
    }

    private static SchemaChange aggregate(PostgresTokens tokens, boolean orReplace) throws SyntaxException {
        ObjectName name = tokens.qualifiedName();
        PostgresTokens arguments = tokens.brackets();
        String definition = tokens.at("(") ? tokens.brackets().written() : "";
        tokens.expectEnd();
        boolean isOld = definition.isEmpty();
        List<Parameter> parameters = new ArrayList<>();
        if (!isOld && !arguments.at("*")) {
            parameters(arguments, parameters, new ArrayList<>());
        }
        return new CreateRoutine(name, parameters, "", isOld ? arguments.written() : definition, orReplace);
    }

    private static SchemaChange routine(PostgresTokens tokens, boolean orReplace, boolean isProcedure)
            throws SyntaxException {
        ObjectName name = tokens.qualifiedName();
        List<Parameter> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        parameters(tokens.brackets(), inputs, outputs);
        String returns =
                isProcedure || outputs.isEmpty() ? "" : outputs.stream().collect(Collectors.joining(", ", "(", ")"));
        String body = "";
        boolean isAny = false;
        while (!tokens.isAtEnd()) {
            isAny = true;
            if (tokens.take("RETURNS", "TABLE")) {
                List<String> columns = new ArrayList<>();
                PostgresTokens inside = tokens.brackets();
                do {
                    columns.add(inside.name() + " " + PostgresTypes.type(inside));
                } while (inside.take(","));
                returns = columns.stream().collect(Collectors.joining(", ", "table (", ")"));
            } else if (!tokens.at("RETURNS", "NULL", "ON") && tokens.take("RETURNS")) {
                boolean isSet = tokens.take("SETOF");
                returns = (isSet ? "setof " : "") + PostgresTypes.type(tokens);
            } else if (tokens.take("AS")) {
                body = tokens.string();
                if (tokens.take(",")) {
                    body += ", " + tokens.string();
                }
            } else if (tokens.at("RETURN") || tokens.at("BEGIN", "ATOMIC")) {
                body = tokens.writtenRest();
            } else if (tokens.take("SET")) {
                setting(tokens);
            } else if (tokens.take("TRANSFORM")) {
                do {
                    tokens.expect("FOR", "TYPE");
                    PostgresTypes.type(tokens);
                } while (tokens.take(","));
            } else if (!takeRoutineOption(tokens)) {
                throw tokens.stopped("an option of the routine");
            }
        }
        if (!isAny) {
            throw tokens.stopped("the routine's body");
        }
        return new CreateRoutine(name, inputs, returns, body, orReplace);
    }

    private static void setting(PostgresTokens tokens) throws SyntaxException {
        tokens.qualifiedName();
        if (tokens.take("FROM", "CURRENT")) {
            return;
        }
        if (!tokens.take("TO")) {
            tokens.expect("=");
        }
        do {
            tokens.take("-");
            tokens.nameOrString();
        } while (tokens.take(","));
    }

    /** Takes an option that changes how the planner sees a routine, or how it is run. */
    private static boolean takeRoutineOption(PostgresTokens tokens) throws SyntaxException {
        if (tokens.take("LANGUAGE") || tokens.take("PARALLEL")) {
            tokens.nameOrString();
            return true;
        }
        if (tokens.take("COST") || tokens.take("ROWS")) {
            tokens.nameOrString();
            return true;
        }
        if (tokens.take("SUPPORT")) {
            tokens.qualifiedName();
            return true;
        }
        return tokens.take("IMMUTABLE")
                || tokens.take("STABLE")
                || tokens.take("VOLATILE")
                || tokens.take("WINDOW")
                || tokens.take("STRICT")
                || tokens.take("LEAKPROOF")
                || tokens.take("NOT", "LEAKPROOF")
                || tokens.take("CALLED", "ON", "NULL", "INPUT")
                || tokens.take("RETURNS", "NULL", "ON", "NULL", "INPUT")
                || tokens.take("SECURITY", "DEFINER")
                || tokens.take("SECURITY", "INVOKER")
                || tokens.take("EXTERNAL", "SECURITY", "DEFINER")
                || tokens.take("EXTERNAL", "SECURITY", "INVOKER");
    }

    private static void parameters(PostgresTokens inside, List<Parameter> inputs, List<String> outputs)
            throws SyntaxException {
        for (PostgresTokens element : inside.elements()) {
            if (element.take("ORDER", "BY")) {
                element.writtenRest();
                continue;
            }
            String mode = mode(element);
            String name = "";
            ColumnType type;
            int start = element.position();
            @Nullable ColumnType unnamed = typeAlone(element);
            if (unnamed == null) {
                element.moveTo(start);
                name = element.name();
                mode = mode.isEmpty() ? mode(element) : mode;
                type = PostgresTypes.type(element);
            } else {
                type = unnamed;
            }
            boolean hasDefault = element.take("DEFAULT") || element.take("=") || element.take(":=");
            if (hasDefault) {
                element.expression(Set.of());
            }
            element.expectEnd();
            if (!mode.equals("OUT")) {
                inputs.add(new Parameter(name, type, hasDefault));
            }
            if (mode.endsWith("OUT")) {
                outputs.add((name + " " + type).strip());
            }
        }
    }

    private static String mode(PostgresTokens tokens) {
        if (tokens.token(1).kind() == Kind.END) {
            return "";
        }
        if (tokens.take("IN", "OUT")) {
            return "INOUT";
        }
        return tokens.takeAny("IN", "OUT", "INOUT", "VARIADIC");
    }

    /** Takes a type if nothing but a default value follows; else returns null. */
    private static @Nullable ColumnType typeAlone(PostgresTokens tokens) {
        try {
            ColumnType type = PostgresTypes.type(tokens);
            boolean isAlone = tokens.isAtEnd() || tokens.at("DEFAULT") || tokens.at("=") || tokens.at(":=");
            return isAlone ? type : null;
        } catch (SyntaxException e) {
            return null;
        }
    }

    // What is dropped.

    /** Takes what follows {@code DROP}. */
    static List<SchemaChange> drop(PostgresTokens tokens) throws SyntaxException {
        if (tokens.at("OWNED", "BY")) {
            tokens.writtenRest();
            return List.of(new NotUnderstood("all that a role owns is dropped, whatever that is"));
        }
        ObjectKind kind = kind(tokens);
        boolean concurrently = tokens.take("CONCURRENTLY");
        boolean ifExists = tokens.take("IF", "EXISTS");
        List<Drop> drops = new ArrayList<>();
        do {
            drops.add(dropOne(tokens, kind, ifExists, concurrently));
        } while (tokens.take(","));
        boolean cascade = PostgresTables.cascade(tokens);
        while (!tokens.isAtEnd()) {
            // DROP DATABASE has an option of its own.
            if (kind != ObjectKind.DATABASE || !(tokens.take("WITH") || tokens.at("("))) {
                throw tokens.stopped("the end");
            }
            if (tokens.at("(")) {
                tokens.brackets();
            }
        }
        return drops.stream()
                .<SchemaChange>map(drop -> new Drop(
                        drop.kind(), drop.name(), drop.on(), drop.parameters(), ifExists, cascade, concurrently))
                .toList();
    }

    private static Drop dropOne(PostgresTokens tokens, ObjectKind kind, boolean ifExists, boolean concurrently)
            throws SyntaxException {
        ObjectName name;
        @Nullable List<ColumnType> parameters = null;
        if (kind == ObjectKind.OTHER && (tokens.at("(") || tokens.token().kind() == Kind.SYMBOL)) {
            // Casts and operators have no name.
            String written = tokens.expression(Set.of("CASCADE", "RESTRICT", "USING"));
            name = ObjectName.of(written);
        } else {
            name = tokens.qualifiedName();
        }
        if (kind == ObjectKind.ROUTINE && tokens.at("(")) {
            parameters = parameterTypes(tokens.brackets());
        }
        if (kind == ObjectKind.OTHER && tokens.at("(")) {
            tokens.brackets();
        }
        if (kind == ObjectKind.OTHER && tokens.take("USING")) {
            tokens.name();
        }
        @Nullable ObjectName on = null;
        boolean isOnTable = kind == ObjectKind.TRIGGER || kind == ObjectKind.POLICY;
        if (isOnTable) {
            tokens.expect("ON");
            on = tokens.qualifiedName();
        } else if (kind == ObjectKind.OTHER && tokens.take("ON")) {
            on = tokens.qualifiedName();
        }
        return new Drop(kind, name, on, parameters, ifExists, false, concurrently);
    }

    private static @Nullable List<ColumnType> parameterTypes(PostgresTokens inside) throws SyntaxException {
        if (inside.at("*")) {
            return null;
        }
        List<Parameter> inputs = new ArrayList<>();
        parameters(inside, inputs, new ArrayList<>());
        List<ColumnType> types = new ArrayList<>();
        for (Parameter input : inputs) {
            if (input.type() != null) {
                types.add(input.type());
            }
        }
        return types;
    }

    private static ObjectKind kind(PostgresTokens tokens) throws SyntaxException {
        if (tokens.take("TABLE") || tokens.take("FOREIGN", "TABLE")) {
            return ObjectKind.TABLE;
        }
        if (tokens.take("MATERIALIZED", "VIEW")) {
            return ObjectKind.MATERIALIZED_VIEW;
        }
        if (tokens.take("EVENT", "TRIGGER")) {
            return ObjectKind.OTHER;
        }
        if (tokens.take("FOREIGN", "DATA", "WRAPPER")
                || tokens.take("ACCESS", "METHOD")
                || tokens.take("PROCEDURAL", "LANGUAGE")
                || tokens.take("TEXT", "SEARCH", "CONFIGURATION")
                || tokens.take("TEXT", "SEARCH", "DICTIONARY")
                || tokens.take("TEXT", "SEARCH", "PARSER")
                || tokens.take("TEXT", "SEARCH", "TEMPLATE")
                || tokens.take("OPERATOR", "CLASS")
                || tokens.take("OPERATOR", "FAMILY")) {
            return ObjectKind.OTHER;
        }
        ObjectKind kind = switch (tokens.token().word()) {
            case "VIEW" -> ObjectKind.VIEW;
            case "INDEX" -> ObjectKind.INDEX;
            case "SEQUENCE" -> ObjectKind.SEQUENCE;
            case "TYPE" -> ObjectKind.TYPE;
            case "DOMAIN" -> ObjectKind.DOMAIN;
            case "FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE" -> ObjectKind.ROUTINE;
            case "TRIGGER" -> ObjectKind.TRIGGER;
            case "POLICY" -> ObjectKind.POLICY;
            case "SCHEMA" -> ObjectKind.SCHEMA;
            case "DATABASE" -> ObjectKind.DATABASE;
            case "EXTENSION" -> ObjectKind.EXTENSION;
            case "RULE",
                    "COLLATION",
                    "CONVERSION",
                    "CAST",
                    "OPERATOR",
                    "LANGUAGE",
                    "SERVER",
                    "ROLE",
                    "USER",
                    "GROUP",
                    "STATISTICS",
                    "TABLESPACE",
                    "PUBLICATION",
                    "SUBSCRIPTION",
                    "TRANSFORM" -> ObjectKind.OTHER;
            default -> throw tokens.stopped("a kind of object");
        };
        tokens.next();
        return kind;
    }

    // What is altered.

    /** Takes what follows {@code ALTER}. */
    static List<SchemaChange> alter(PostgresTokens tokens) throws SyntaxException {
        if (tokens.take("TABLE") || tokens.take("FOREIGN", "TABLE")) {
            return PostgresTables.alterTable(tokens, ObjectKind.TABLE);
        }
        if (tokens.take("DEFAULT", "PRIVILEGES")) {
            tokens.writtenRest();
            return List.of(new NoEffect("rights to objects that are made later"));
        }
        if (tokens.take("INDEX")) {
            return alterIndex(tokens);
        }
        if (tokens.take("VIEW")) {
            return PostgresTables.alterTable(tokens, ObjectKind.VIEW);
        }
        if (tokens.take("MATERIALIZED", "VIEW")) {
            return PostgresTables.alterTable(tokens, ObjectKind.MATERIALIZED_VIEW);
        }
        if (tokens.take("POLICY")) {
            return PostgresRights.alterPolicy(tokens);
        }
        if (tokens.take("SYSTEM") || tokens.take("LARGE", "OBJECT") || tokens.at("USER", "MAPPING")) {
            tokens.writtenRest();
            return List.of(new NotUnderstood("it alters the server's configuration or large objects"));
        }
        ObjectKind kind = kind(tokens);
        tokens.take("IF", "EXISTS");
        if (kind == ObjectKind.OTHER) {
            return alterOther(tokens);
        }
        ObjectName name = tokens.qualifiedName();
        if (kind == ObjectKind.ROUTINE && tokens.at("(")) {
            tokens.brackets();
        }
        @Nullable ObjectName on = null;
        if (kind == ObjectKind.TRIGGER) {
            tokens.expect("ON");
            on = tokens.qualifiedName();
        }
        if (tokens.take("RENAME", "TO")) {
            return List.of(new Rename(kind, name, name.named(tokens.name()), on));
        }
        if (tokens.take("SET", "SCHEMA")) {
            return List.of(new MoveToSchema(kind, name, tokens.name()));
        }
        if (tokens.at("OWNER", "TO")) {
            return PostgresRights.owner(tokens, kind, name);
        }
        if (tokens.take("NO", "DEPENDS") || tokens.take("DEPENDS")) {
            tokens.writtenRest();
            return List.of(new NoEffect("which extension " + name + " depends on"));
        }
        return switch (kind) {
            case SEQUENCE -> {
                tokens.take("SET");
                yield List.of(new AlterSequence(name, SequenceOptions.of(tokens).changesNumbers()));
            }
            case TYPE -> alterType(tokens, name);
            case DOMAIN -> List.of(alterDomain(tokens, name));
            case ROUTINE -> List.of(alterRoutine(tokens, name));
            case TRIGGER, EXTENSION, DATABASE -> {
                String how = tokens.writtenRest();
                if (how.isEmpty()) {
                    throw tokens.stopped("what is to become of it");
                }
                yield List.of(new NotUnderstood(kind + " " + name + " is altered: " + how));
            }
            default -> throw tokens.stopped("RENAME, OWNER or SET SCHEMA");
        };
    }

    private static List<SchemaChange> alterOther(PostgresTokens tokens) throws SyntaxException {
        boolean hasName = tokens.token().isName();
        ObjectName name = ObjectName.of("it");
        if (hasName) {
            name = tokens.qualifiedName();
        }
        @Nullable ObjectName on = tokens.take("ON") ? tokens.qualifiedName() : null;
        if (hasName && tokens.take("RENAME", "TO")) {
            return List.of(new Rename(ObjectKind.OTHER, name, name.named(tokens.name()), on));
        }
        if (tokens.take("REFRESH", "VERSION") || tokens.take("SET", "STATISTICS")) {
            tokens.writtenRest();
            return List.of(new NoEffect("what is kept about " + name));
        }
        // What follows may hold a password.
        tokens.writtenRest();
        return List.of(new NotUnderstood(
                "ALTER of " + name + " can change what other statements do, and has no counterpart here"));
    }

    private static List<SchemaChange> alterIndex(PostgresTokens tokens) throws SyntaxException {
        if (tokens.take("ALL", "IN", "TABLESPACE")) {
            tokens.writtenRest();
            return List.of(new RewriteTable(null, "ALTER INDEX ALL IN TABLESPACE", false));
        }
        tokens.take("IF", "EXISTS");
        ObjectName name = tokens.qualifiedName();
        if (tokens.take("RENAME", "TO")) {
            return List.of(new Rename(ObjectKind.INDEX, name, name.named(tokens.name()), null));
        }
        if (tokens.take("SET", "TABLESPACE")) {
            tokens.name();
            return List.of(new RewriteTable(null, "ALTER INDEX " + name + " SET TABLESPACE", false));
        }
        if (tokens.take("ATTACH", "PARTITION")) {
            tokens.qualifiedName();
            return List.of(new NoEffect("an index of a partition becomes part of " + name));
        }
        if (tokens.at("OWNER", "TO")) {
            return PostgresRights.owner(tokens, ObjectKind.INDEX, name);
        }
        boolean isKnown = tokens.at("SET", "(")
                || tokens.at("RESET", "(")
                || tokens.at("DEPENDS")
                || tokens.at("NO", "DEPENDS")
                || tokens.at("ALTER");
        if (!isKnown) {
            throw tokens.stopped("what is to become of the index");
        }
        tokens.writtenRest();
        return List.of(new NoEffect("how index " + name + " is stored"));
    }

    private static List<SchemaChange> alterType(PostgresTokens tokens, ObjectName name) throws SyntaxException {
        if (tokens.take("ADD", "VALUE")) {
            boolean ifNotExists = tokens.take("IF", "NOT", "EXISTS");
            String value = tokens.string();
            if (tokens.take("BEFORE") || tokens.take("AFTER")) {
                tokens.string();
            }
            return List.of(new AddEnumValue(name, value, ifNotExists));
        }
        if (tokens.take("RENAME", "VALUE")) {
            String from = tokens.string();
            tokens.expect("TO");
            return List.of(new RenameEnumValue(name, from, tokens.string()));
        }
        if (tokens.take("RENAME", "ATTRIBUTE")) {
            tokens.name();
            tokens.expect("TO");
            tokens.name();
            PostgresTables.cascade(tokens);
            return List.of(new AlterCompositeType(name, true));
        }
        if (tokens.at("SET", "(")) {
            tokens.next();
            return List.of(new NotUnderstood(
                    "type " + name + " is altered: " + tokens.brackets().written()));
        }
        boolean breaksReaders = false;
        do {
            if (tokens.take("ADD", "ATTRIBUTE")) {
                attribute(tokens);
            } else if (tokens.take("DROP", "ATTRIBUTE")) {
                tokens.take("IF", "EXISTS");
                tokens.name();
                breaksReaders = true;
            } else if (tokens.take("ALTER", "ATTRIBUTE")) {
                tokens.name();
                tokens.take("SET", "DATA");
                tokens.expect("TYPE");
                PostgresTypes.type(tokens);
                if (tokens.take("COLLATE")) {
                    tokens.qualifiedName();
                }
                breaksReaders = true;
            } else {
                throw tokens.stopped("what is to become of the type");
            }
            PostgresTables.cascade(tokens);
        } while (tokens.take(","));
        return List.of(new AlterCompositeType(name, breaksReaders));
    }

    private static SchemaChange alterDomain(PostgresTokens tokens, ObjectName name) throws SyntaxException {
        if (tokens.take("SET", "DEFAULT")) {
            tokens.expression(Set.of());
            return new AlterDomain(name, false, true, true);
        }
        if (tokens.take("DROP", "DEFAULT")) {
            return new AlterDomain(name, false, true, true);
        }
        if (tokens.take("SET", "NOT", "NULL")) {
            return new AlterDomain(name, true, true, false);
        }
        if (tokens.take("DROP", "NOT", "NULL")) {
            return new AlterDomain(name, false, true, false);
        }
        if (tokens.take("ADD")) {
            if (tokens.take("CONSTRAINT")) {
                tokens.name();
            }
            if (!tokens.take("NOT", "NULL")) {
                tokens.expect("CHECK");
                tokens.brackets();
            }
            return new AlterDomain(name, true, !tokens.take("NOT", "VALID"), false);
        }
        if (tokens.take("DROP", "CONSTRAINT")) {
            tokens.take("IF", "EXISTS");
            tokens.name();
            PostgresTables.cascade(tokens);
            return new AlterDomain(name, false, true, false);
        }
        if (tokens.take("VALIDATE", "CONSTRAINT")) {
            tokens.name();
            return new AlterDomain(name, false, true, false);
        }
        if (tokens.take("RENAME", "CONSTRAINT")) {
            tokens.name();
            tokens.expect("TO");
            tokens.name();
            return new NoEffect("the name of a domain's constraint");
        }
        throw tokens.stopped("what is to become of the domain");
    }

    private static SchemaChange alterRoutine(PostgresTokens tokens, ObjectName name) throws SyntaxException {
        int start = tokens.position();
        boolean isAboutPlanner = true;
        while (!tokens.isAtEnd()) {
            isAboutPlanner &= tokens.atAny(Set.of(
                            "IMMUTABLE", "STABLE", "VOLATILE", "LEAKPROOF", "PARALLEL", "COST", "ROWS", "SUPPORT"))
                    || tokens.at("NOT", "LEAKPROOF");
            if (tokens.take("SET")) {
                setting(tokens);
            } else if (tokens.take("RESET")) {
                tokens.name();
            } else if (!tokens.take("RESTRICT") && !takeRoutineOption(tokens)) {
                throw tokens.stopped("an option of the routine");
            }
        }
        if (tokens.position() == start) {
            throw tokens.stopped("what is to become of the routine");
        }
        String how = tokens.written(start, tokens.position());
        return isAboutPlanner
                ? new NoEffect("how calls of " + name + " are planned: " + how)
                : new NotUnderstood("routine " + name + " is run in another way: " + how);
    }
}
