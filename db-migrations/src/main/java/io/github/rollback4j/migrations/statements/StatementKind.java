package io.github.rollback4j.migrations.statements;

import io.github.rollback4j.migrations.statements.SqlToken.Kind;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Says which statements are a release's own. What is not known to be something else is one. */
final class StatementKind {

    /** Definitions, access, upkeep, and what concerns the session or its transaction. */
    private static final Set<String> OTHERS = Set.of(
            "CREATE",
            "ALTER",
            "DROP",
            "TRUNCATE",
            "RENAME",
            "COMMENT",
            "GRANT",
            "REVOKE",
            "DENY",
            "ANALYZE",
            "ANALYSE",
            "VACUUM",
            "REINDEX",
            "CLUSTER",
            "OPTIMIZE",
            "CHECKPOINT",
            "START",
            "COMMIT",
            "ROLLBACK",
            "ABORT",
            "END",
            "SAVEPOINT",
            "RELEASE",
            "SET",
            "RESET",
            "SHOW",
            "USE",
            "DISCARD",
            "DEALLOCATE",
            "EXPLAIN",
            "DESCRIBE",
            "DESC",
            "SHUTDOWN",
            "SCRIPT",
            "RUNSCRIPT",
            "KILL",
            "FLUSH",
            "UNLOCK",
            "LISTEN",
            "UNLISTEN",
            "NOTIFY");

    private static final Set<String> AFTER_BEGIN =
            Set.of("WORK", "TRAN", "TRANSACTION", "ISOLATION", "READ", "NOT", "DEFERRABLE", "IMMEDIATE", "EXCLUSIVE");

    private StatementKind() {}

    /**
     * Says whether a release asks this as a part of its work, and not of those tables.
     *
     * @param tables tables that are none of the release's, in small letters; with {@code *} at the end all that begin so
     */
    static boolean isOfRelease(List<SqlToken> statement, Collection<String> tables) {
        List<SqlToken> words =
                statement.stream().filter(token -> token.kind() == Kind.WORD).toList();
        if (words.isEmpty()) {
            return false;
        }
        String first = upper(words.get(0));
        if (OTHERS.contains(first) || (first.equals("BEGIN") && beginsTransaction(words))) {
            return false;
        }
        return statement.stream()
                .filter(token -> token.kind() == Kind.WORD || token.kind() == Kind.QUOTED_NAME)
                .noneMatch(token -> isAny(token.name(), tables));
    }

    private static boolean beginsTransaction(List<SqlToken> words) {
        return words.size() == 1 || AFTER_BEGIN.contains(upper(words.get(1)));
    }

    private static boolean isAny(String name, Collection<String> tables) {
        return tables.stream()
                .anyMatch(table -> table.endsWith("*")
                        ? name.startsWith(table.substring(0, table.length() - 1))
                        : name.equals(table));
    }

    private static String upper(SqlToken word) {
        return word.text().toUpperCase(Locale.ROOT);
    }

    /**
     * Returns what statements have in common that differ only in literals, in the length of lists, in spaces and in letters'
     * sizes.
     */
    static String shape(List<SqlToken> statement) {
        StringBuilder shape = new StringBuilder();
        for (SqlToken token : statement) {
            if (token.isBlank()) {
                continue;
            }
            boolean isLiteral = token.kind() == Kind.TEXT || token.kind() == Kind.NUMBER;
            shape.append(isLiteral ? "?" : token.text().toLowerCase(Locale.ROOT))
                    .append(' ');
            cut(shape, "? , ? ", "? ");
            cut(shape, "( ? ) , ( ? ) ", "( ? ) ");
        }
        return shape.toString();
    }

    /** Takes back what repeats the item before it. */
    private static void cut(StringBuilder shape, String repeated, String once) {
        int start = shape.length() - repeated.length();
        if (start >= 0 && shape.substring(start).equals(repeated)) {
            shape.setLength(start);
            shape.append(once);
        }
    }
}
