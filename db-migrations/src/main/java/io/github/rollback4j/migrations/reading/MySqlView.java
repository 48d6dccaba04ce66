package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateView;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A view of MySQL and MariaDB in two parts: its query, which JSqlParser reads, and the statement without it, which is Debezium's.
 * Its grammars need some hundred times as long for a query, since a keyword such as {@code COUNT} can be a name in them: they then
 * look ahead with the whole context, anew for each statement.
 *
 * @param frame the statement with a query that is quick to read
 * @param namesColumns whether the statement has a list of the view's columns
 * @param text the view's query as written
 * @param query what it selects
 */
record MySqlView(String frame, boolean namesColumns, String text, Queries.Query query) {

    private static final Pattern VIEW = Pattern.compile(
            "(?is)(\\s*(?:CREATE|ALTER)\\b[^'\"();]*?\\bVIEW\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?[\\w$.`]+\\s*(\\([\\w$`,\\s]+\\)\\s*)?\\bAS\\s+)(SELECT\\b.*)");
    private static final Pattern CHECK =
            Pattern.compile("(?i)\\bWITH\\s+(?:(?:CASCADED|LOCAL)\\s+)?CHECK\\s+OPTION\\s*$");

    /** A name, with or without the table's, or what stands behind an alias: what both grammars call alike. */
    private static final Pattern NAME = Pattern.compile("[\\w$]+|\\*");

    /** Parts a statement; null where it is no view, or its query is one that JSqlParser does not read, or not as MySQL does. */
    static @Nullable MySqlView of(String statement, SqlDialect dialect) {
        Matcher view = VIEW.matcher(statement);
        if (!view.matches()) {
            return null;
        }
        String rest = view.group(3);
        Matcher check = CHECK.matcher(rest);
        int end = check.find() ? check.start() : rest.length();
        String text = rest.substring(0, end).strip();
        // Double quotes are strings' here, backslashes stand before a quote, a semicolon before another statement;
        // casts by colons
        // are PostgreSQL's.
        if (Stream.of("\"", "\\", ";", "::").anyMatch(text::contains)) {
            return null;
        }
        Queries.Query query = Queries.read(text, dialect);
        return query == null
                        || !query.columns().stream()
                                .allMatch(name -> NAME.matcher(name).matches())
                ? null
                : new MySqlView(view.group(1) + "SELECT 1 " + rest.substring(end), view.group(2) != null, text, query);
    }

    /** Puts the query into what the frame changes. */
    List<SchemaChange> completed(List<SchemaChange> changes) {
        return changes.stream().map(this::completed).toList();
    }

    private SchemaChange completed(SchemaChange change) {
        if (!(change instanceof CreateView view)) {
            return change;
        }
        return new CreateView(
                view.name(),
                namesColumns ? view.columns() : query.columns(),
                text,
                query.sources(),
                view.isMaterialized(),
                view.orReplace(),
                view.ifNotExists());
    }
}
