package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.PostgresTokens.Kind;
import io.github.rollback4j.migrations.reading.PostgresTokens.Token;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Looks through a query of PostgreSQL for the tables that it reads and the functions that it calls. For one query; for one thread.
 */
final class PostgresQueries {

    /**
     * A call.
     *
     * @param name the function, with its schema where one is written
     * @param arguments what stands in brackets
     */
    record Call(ObjectName name, PostgresTokens arguments) {}

    /** Words that a bracket may follow without being called. */
    private static final Set<String> NOT_CALLED = PostgresTokens.words("""
            ALL AND ANY ARRAY AS BETWEEN BY CASE CHECK COLUMNS CONFLICT CUBE DISTINCT ELSE EXCEPT EXISTS FILTER
            FIRST FROM GROUP GROUPING HAVING ILIKE IN INTERSECT INTERVAL INTO IS JOIN KEY LATERAL LIKE LIMIT
            MATERIALIZED NEXT NOT OF OFFSET ON OR OVER OVERLAPS PATH RETURNING ROLLUP ROW ROWS SELECT SET SETS
            SIMILAR SOME THEN TO UNION USING VALUES WHEN WHERE WINDOW WITH WITHIN ESCAPE COLLATE PARTITION
            REPEATABLE END OPERATOR PASSING ERROR EMPTY ABSENT FOR UPDATE INSERT DELETE MATCHED IF ELSIF WHILE
            LOOP RETURN PERFORM SLICE
            """);

    /** Functions whose arguments are parted by FROM. */
    private static final Set<String> PARTED_BY_FROM = Set.of("extract", "substring", "trim", "overlay", "position");

    private static final Set<String> AFTER_SOURCES = PostgresTokens.words("""
            WHERE GROUP HAVING WINDOW UNION INTERSECT EXCEPT ORDER LIMIT OFFSET FETCH FOR RETURNING SELECT SET
            WHEN
            """);

    private static final Set<String> NOT_ALIASES = PostgresTokens.words("""
            JOIN INNER LEFT RIGHT FULL CROSS NATURAL ON USING TABLESAMPLE WITH AS SET VALUES DEFAULT
            """);

    private final Set<ObjectName> tables = new LinkedHashSet<>();
    private final List<Call> calls = new ArrayList<>();

    /** Where the first output stands behind {@code DISTINCT ON (…)}, whose bracket is not the end of an operand. */
    private int afterDistinct = -1;

    private PostgresQueries() {}

    /**
     * Looks through a query, or any other part of a statement that queries may stand in.
     *
     * @param known what the names of WITH stand for
     */
    static PostgresQueries in(PostgresTokens tokens, Map<String, List<ObjectName>> known) throws SyntaxException {
        PostgresQueries queries = new PostgresQueries();
        queries.look(tokens.rest(), known, false);
        return queries;
    }

    /** Returns the tables and views that are read, in order. */
    List<ObjectName> tables() {
        return List.copyOf(tables);
    }

    /** Returns the functions that are called, in order. */
    List<Call> calls() {
        return List.copyOf(calls);
    }

    private void look(PostgresTokens tokens, Map<String, List<ObjectName>> known, boolean isPartedByFrom)
            throws SyntaxException {
        Map<String, List<ObjectName>> names = known;
        if (tokens.at("WITH")) {
            names = with(tokens, known);
        }
        if (tokens.take("TABLE")) {
            source(tokens, names);
        }
        boolean isAmongSources = false;
        while (!tokens.isAtEnd()) {
            if (tokens.at("(") || tokens.at("[")) {
                bracket(tokens, names, isAmongSources);
            } else if (tokens.take("DISTINCT", "ON")) {
                look(tokens.brackets(), names, false);
                afterDistinct = tokens.position();
            } else if (tokens.at("DISTINCT", "FROM")) {
                tokens.take("DISTINCT", "FROM");
            } else if ((tokens.at("FROM") && !isPartedByFrom) || tokens.at("JOIN")) {
                tokens.next();
                isAmongSources = true;
                source(tokens, names);
            } else if (tokens.at("USING") && !tokens.token(1).word().equals("(")) {
                tokens.next();
                isAmongSources = true;
                source(tokens, names);
            } else if (tokens.at(",") && isAmongSources) {
                tokens.next();
                source(tokens, names);
            } else {
                isAmongSources &= !tokens.atAny(AFTER_SOURCES);
                tokens.next();
            }
        }
    }

    private void bracket(PostgresTokens tokens, Map<String, List<ObjectName>> names, boolean isAmongSources)
            throws SyntaxException {
        boolean isRound = tokens.at("(");
        int name = isRound ? nameBefore(tokens) : 0;
        boolean isPartedByFrom = name < 0
                && PARTED_BY_FROM.contains(tokens.token(-1).value())
                && tokens.token(-1).kind() == Kind.WORD;
        ObjectName called = ObjectName.of("?");
        if (name < 0) {
            PostgresTokens before = tokens.between(tokens.position() + name, tokens.position());
            called = before.qualifiedName();
        }
        PostgresTokens inside = tokens.brackets();
        if (name < 0) {
            calls.add(new Call(called, inside.rest()));
        }
        // A bracket among the sources holds a query or sources.
        if (isRound
                && name == 0
                && isAmongSources
                && inside.token().isName()
                && !inside.at("SELECT")
                && !inside.at("WITH")
                && !inside.at("VALUES")
                && !inside.at("TABLE")
                && hasJoin(inside)) {
            source(inside, names);
        }
        look(inside, names, isPartedByFrom);
    }

    private static boolean hasJoin(PostgresTokens inside) {
        for (int i = 0; inside.position() + i < inside.end(); i++) {
            if (inside.token(i).word().equals("JOIN")) {
                return true;
            }
        }
        return false;
    }

    /** Returns how many tokens before a bracket the name begins that is called by it, as a negative number; 0 if none is. */
    private int nameBefore(PostgresTokens tokens) {
        Token last = tokens.token(-1);
        if (!last.isName() || NOT_CALLED.contains(last.word())) {
            return 0;
        }
        int name = -1;
        while (tokens.token(name - 1).word().equals(".")
                && tokens.token(name - 2).isName()) {
            name -= 2;
        }
        Token before = tokens.token(name - 1);
        boolean isAliasOrType = before.word().equals("::")
                || before.word().equals("AS")
                || before.word().equals("TABLESAMPLE")
                || (before.word().equals(")") && tokens.position() + name != afterDistinct);
        return isAliasOrType ? 0 : name;
    }

    private void source(PostgresTokens tokens, Map<String, List<ObjectName>> names) throws SyntaxException {
        tokens.take("LATERAL");
        tokens.take("ONLY");
        if (!tokens.token().isName()
                || tokens.at("ROWS", "FROM")
                || tokens.atAny(Set.of("SELECT", "VALUES", "TABLE"))) {
            return;
        }
        int start = tokens.position();
        ObjectName name = tokens.qualifiedName();
        if (tokens.at("(")) {
            tokens.moveTo(start);
            while (!tokens.at("(")) {
                tokens.next();
            }
            return;
        }
        List<ObjectName> meant = name.schema().isEmpty() ? names.get(name.name()) : null;
        if (meant == null) {
            tables.add(name);
        } else {
            tables.addAll(meant);
        }
        tokens.take("*");
        boolean isAlias = tokens.take("AS");
        boolean isNamed = tokens.token().isName() && !tokens.atAny(NOT_ALIASES) && !tokens.atAny(AFTER_SOURCES);
        if (isAlias || isNamed) {
            tokens.name();
            if (tokens.at("(")) {
                tokens.brackets();
            }
        }
    }

    /** Takes WITH and its queries; returns what all names stand for: the tables that are read behind them. */
    private Map<String, List<ObjectName>> with(PostgresTokens tokens, Map<String, List<ObjectName>> known)
            throws SyntaxException {
        Map<String, List<ObjectName>> names = new HashMap<>(known);
        for (NamedQuery query : namedQueries(tokens)) {
            // A recursive query reads itself.
            names.put(query.name(), List.of());
            PostgresQueries inside = in(query.query(), names);
            tables.addAll(inside.tables);
            calls.addAll(inside.calls);
            names.put(query.name(), inside.tables());
        }
        return names;
    }

    /**
     * A query of WITH.
     *
     * @param name its name
     * @param query what stands in brackets
     */
    record NamedQuery(String name, PostgresTokens query) {}

    private static final Set<String> VERBS =
            Set.of("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE", "(");

    /** Takes WITH and its queries. */
    static List<NamedQuery> namedQueries(PostgresTokens tokens) throws SyntaxException {
        tokens.expect("WITH");
        tokens.take("RECURSIVE");
        List<NamedQuery> queries = new ArrayList<>();
        do {
            String name = tokens.name();
            if (tokens.at("(")) {
                tokens.brackets();
            }
            tokens.expect("AS");
            tokens.take("NOT");
            tokens.take("MATERIALIZED");
            queries.add(new NamedQuery(name, tokens.brackets()));
            if (tokens.at("SEARCH") || tokens.at("CYCLE")) {
                while (!tokens.isAtEnd() && !tokens.atAny(VERBS) && !isAtNamedQuery(tokens)) {
                    tokens.skipBalanced();
                }
            }
        } while (tokens.take(","));
        return queries;
    }

    private static boolean isAtNamedQuery(PostgresTokens tokens) {
        return tokens.at(",")
                && tokens.token(1).isName()
                && tokens.token(2).word().equals("AS");
    }

    private static final Set<String> AFTER_OUTPUTS = PostgresTokens.words("""
            FROM INTO WHERE GROUP HAVING WINDOW UNION INTERSECT EXCEPT ORDER LIMIT OFFSET FETCH FOR
            """);

    /** Returns the names of what a query puts out, as far as they can be read; {@code *} for a star. */
    static List<String> outputs(PostgresTokens query) throws SyntaxException {
        PostgresTokens tokens = query.rest();
        if (tokens.at("WITH")) {
            namedQueries(tokens);
        }
        while (tokens.at("(")) {
            tokens = tokens.brackets();
            if (tokens.at("WITH")) {
                namedQueries(tokens);
            }
        }
        if (tokens.take("TABLE")) {
            return List.of("*");
        }
        List<String> names = new ArrayList<>();
        if (tokens.take("VALUES")) {
            int count = tokens.brackets().elements().size();
            for (int i = 1; i <= count; i++) {
                names.add("column" + i);
            }
            return names;
        }
        tokens.expect("SELECT");
        tokens.take("ALL");
        if (tokens.take("DISTINCT") && tokens.take("ON")) {
            tokens.brackets();
        }
        if (tokens.isAtEnd() || tokens.atAny(AFTER_OUTPUTS)) {
            return names;
        }
        do {
            int start = tokens.position();
            int cases = 0;
            while (!tokens.isAtEnd() && !tokens.at(",") && (cases > 0 || !tokens.atAny(AFTER_OUTPUTS))) {
                cases += tokens.at("CASE") ? 1 : tokens.at("END") && cases > 0 ? -1 : 0;
                if (tokens.at("DISTINCT", "FROM")) {
                    tokens.next();
                }
                tokens.skipBalanced();
            }
            names.add(output(tokens.between(start, tokens.position())));
        } while (tokens.take(","));
        return names;
    }

    /** Words that a name may follow without naming what stands before them. */
    private static final Set<String> BEFORE_OPERANDS = PostgresTokens.words("""
            SELECT ALL DISTINCT AND OR NOT BETWEEN BY CASE ELSE FROM HAVING ILIKE IN IS JOIN LATERAL LIKE LIMIT
            OFFSET ON RETURNING SET SIMILAR THEN TO USING VALUES WHEN WHERE FOR ESCAPE SYMMETRIC IF ELSIF ELSEIF
            WHILE RETURN PERFORM LEADING TRAILING BOTH ZONE OPERATOR EXCEPT UNION INTERSECT DEFAULT FIRST NEXT
            UNTIL REVERSE ARRAY ISNULL NOTNULL
            """);

    private static final Set<String> NO_NAMES =
            Set.of("END", "NULL", "TRUE", "FALSE", "ISNULL", "NOTNULL", "UNKNOWN", "PRECISION", "VARYING", "ZONE");

    private static String output(PostgresTokens item) throws SyntaxException {
        int length = item.end() - item.position();
        if (length == 0) {
            throw item.stopped("an expression");
        }
        Token last = item.token(length - 1);
        Token before = item.token(length - 2);
        if (last.word().equals("*") && (length == 1 || before.word().equals("."))) {
            return "*";
        }
        boolean isAfterSymbol = before.kind() == Kind.SYMBOL
                && !before.word().equals(")")
                && !before.word().equals("]");
        boolean isOperand = isAfterSymbol || BEFORE_OPERANDS.contains(before.word());
        if (last.isName() && length > 1 && !isOperand && !NO_NAMES.contains(last.word())) {
            return last.value();
        }
        return unnamed(item);
    }

    /** Returns the name that the database gives to an expression without one. */
    private static String unnamed(PostgresTokens item) throws SyntaxException {
        String none = "?column?";
        String name = none;
        if (item.at("(")) {
            PostgresTokens inside = item.brackets();
            name = inside.at("SELECT") || inside.at("WITH") ? outputs(inside).get(0) : output(inside);
        } else if (item.at("CASE")) {
            return "case";
        } else if (item.token().isName() && !item.at("NULL") && !item.at("NOT")) {
            Token first = item.token();
            name = item.qualifiedName().name();
            if (first.word().equals("CAST") && item.at("(")) {
                PostgresTokens converted = item.brackets();
                int start = converted.position();
                converted.expression(Set.of("AS"));
                name = unnamed(converted.between(start, converted.position()));
            } else if (item.at("(")) {
                item.brackets();
                while (item.at("FILTER") || item.at("OVER") || item.at("WITHIN") || item.at("GROUP")) {
                    item.next();
                    if (item.at("(")) {
                        item.brackets();
                    } else if (item.token().isName() && !item.at("GROUP")) {
                        item.next();
                    }
                }
            }
        } else {
            item.next();
        }
        while (item.at("[")) {
            item.brackets();
        }
        if (item.take("::")) {
            String type = PostgresTypes.type(item).name().toLowerCase(Locale.ROOT);
            name = name.equals(none) ? type : name;
        }
        return item.isAtEnd() ? name : none;
    }
}
