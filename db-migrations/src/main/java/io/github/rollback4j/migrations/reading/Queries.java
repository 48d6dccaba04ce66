package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.jsqlparser.JSQLParserException;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.parser.CCJSqlParserUtil;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.WithItem;
import net.sf.jsqlparser.util.TablesNamesFinder;
import org.jspecify.annotations.Nullable;

/** Queries as JSqlParser sees them. */
final class Queries {

    /** JSqlParser tries twice: together less than the five seconds that a statement has. */
    private static final long LONGEST_MILLIS = 2_000;

    /** What JSqlParser takes for words of its own although databases do not; texts, names in quotes and comments stay as they are. */
    private static final Pattern NAMES_AS_WORDS = Pattern.compile(
            "'(?:[^']++|'')*+'|\"[^\"]*\"|`[^`]*`|--[^\\n]*|/\\*.*?\\*/|\\b(number)\\b(?!\\s*\\()",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private Queries() {}

    /**
     * What a query selects.
     *
     * @param columns the names of its columns, folded; a star for a star, as written where one has none
     * @param sources the tables and views that it reads
     */
    record Query(List<String> columns, List<ObjectName> sources) {}

    /**
     * Parses a statement.
     *
     * @throws Grammar.SyntaxException if JSqlParser does not know it
     */
    static Statement parse(String sql, SqlDialect dialect) throws Grammar.SyntaxException {
        try {
            return parseAsWritten(sql, dialect);
        } catch (Grammar.SyntaxException exception) {
            String quoted = withNamesQuoted(sql, dialect);
            if (quoted.equals(sql)) {
                throw exception;
            }
            return parseAsWritten(quoted, dialect);
        }
    }

    private static String withNamesQuoted(String sql, SqlDialect dialect) {
        String quote = dialect == SqlDialect.MYSQL || dialect == SqlDialect.MARIADB ? "`" : "\"";
        return NAMES_AS_WORDS
                .matcher(sql)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group(1) == null
                                ? found.group()
                                : quote + Folding.of(dialect).object(found.group(1)) + quote));
    }

    private static Statement parseAsWritten(String sql, SqlDialect dialect) throws Grammar.SyntaxException {
        try {
            return CCJSqlParserUtil.parse(
                    sql,
                    parser -> parser.withSquareBracketQuotation(dialect == SqlDialect.SQLSERVER)
                            .withTimeOut(LONGEST_MILLIS));
        } catch (JSQLParserException | RuntimeException | StackOverflowError exception) {
            throw new Grammar.SyntaxException("JSqlParser does not know it: " + reason(exception));
        }
    }

    private static String reason(Throwable exception) {
        Throwable cause = exception.getCause() == null ? exception : exception.getCause();
        String line =
                String.valueOf(cause.getMessage()).strip().lines().findFirst().orElse("");
        return line.length() > 160 ? line.substring(0, 160) + "…" : line;
    }

    /** Reads a query; null where JSqlParser does not know it. */
    static @Nullable Query read(String sql, SqlDialect dialect) {
        try {
            Statement statement = parse(sql, dialect);
            if (statement instanceof Select select) {
                return new Query(columns(select, Folding.of(dialect)), sources(statement, Folding.of(dialect)));
            }
            return null;
        } catch (Grammar.SyntaxException | RuntimeException exception) {
            return null;
        }
    }

    /** Returns the tables that a statement names, without the queries named by {@code WITH}. */
    static List<ObjectName> sources(Statement statement, Folding folding) {
        Finder finder = new Finder(folding);
        finder.getTables(statement);
        return finder.found();
    }

    /** Returns the table's name, folded. */
    static ObjectName name(Table table, Folding folding) {
        String schema = table.getSchemaName();
        return new ObjectName(
                schema == null || schema.isEmpty() ? "" : folding.object(schema), folding.object(table.getName()));
    }

    private static List<String> columns(Select select, Folding folding) {
        if (select instanceof SetOperationList list) {
            return columns(list.getSelects().get(0), folding);
        }
        if (select instanceof ParenthesedSelect inner) {
            return columns(inner.getSelect(), folding);
        }
        List<String> columns = new ArrayList<>();
        if (select instanceof PlainSelect plain) {
            for (SelectItem<?> item : plain.getSelectItems()) {
                columns.add(column(item, folding));
            }
        }
        return columns;
    }

    private static String column(SelectItem<?> item, Folding folding) {
        Alias alias = item.getAlias();
        if (alias != null) {
            return folding.name(alias.getName());
        }
        Expression expression = item.getExpression();
        if (expression instanceof AllColumns) {
            return "*";
        }
        return expression instanceof Column column ? folding.name(column.getColumnName()) : expression.toString();
    }

    private static final class Finder extends TablesNamesFinder<Void> {

        private final Folding folding;
        private final Set<ObjectName> tables = new LinkedHashSet<>();
        private final Set<String> named = new HashSet<>();

        Finder(Folding folding) {
            this.folding = folding;
        }

        @Override
        public <S> Void visit(Table table, S context) {
            tables.add(name(table, folding));
            return super.visit(table, context);
        }

        @Override
        public <S> Void visit(WithItem<?> item, S context) {
            named.add(folding.object(item.getAliasName()));
            return super.visit(item, context);
        }

        List<ObjectName> found() {
            tables.removeIf(table -> table.schema().isEmpty() && named.contains(table.name()));
            return List.copyOf(tables);
        }
    }
}
