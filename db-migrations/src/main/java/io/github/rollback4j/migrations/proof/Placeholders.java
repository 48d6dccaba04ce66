package io.github.rollback4j.migrations.proof;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Knows where a statement's parameters are: a question mark that is neither in quotes nor in a comment. */
final class Placeholders {

    private Placeholders() {}

    /** Returns the statement with {@code $1}, {@code $2}, … for its question marks; {@code ??} is the operator {@code ?}. */
    static String numbered(String sql) {
        StringBuilder text = new StringBuilder(sql.length() + 8);
        int from = 0;
        int number = 0;
        for (int at : positions(sql)) {
            text.append(sql, from, at);
            if (at + 1 < sql.length() && sql.charAt(at + 1) == '?') {
                text.append('?');
                from = at + 2;
            } else {
                text.append('$').append(++number);
                from = at + 1;
            }
        }
        return text.append(sql, from, sql.length()).toString();
    }

    /** Returns how many parameters a statement has. */
    static int count(String sql) {
        return (int) positions(sql).stream()
                .filter(at -> at + 1 >= sql.length() || sql.charAt(at + 1) != '?')
                .count();
    }

    private static List<Integer> positions(String sql) {
        List<Integer> found = new ArrayList<>();
        int i = 0;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == '\'' || c == '"' || c == '`') {
                i = afterQuote(sql, i);
            } else if (sql.startsWith("--", i)) {
                i = after(sql, "\n", i);
            } else if (sql.startsWith("/*", i)) {
                i = after(sql, "*/", i);
            } else if (c == '?') {
                found.add(i);
                i += sql.startsWith("??", i) ? 2 : 1;
            } else {
                String tag = c == '$' ? dollarTag(sql, i) : null;
                i = tag == null ? i + 1 : after(sql, tag, i + tag.length());
            }
        }
        return found;
    }

    private static int after(String sql, String end, int from) {
        int at = sql.indexOf(end, from);
        return at < 0 ? sql.length() : at + end.length();
    }

    private static int afterQuote(String sql, int from) {
        char quote = sql.charAt(from);
        boolean escapes = from > 0
                && (sql.charAt(from - 1) == 'E' || sql.charAt(from - 1) == 'e')
                && (from == 1 || !Character.isLetterOrDigit(sql.charAt(from - 2)));
        for (int i = from + 1; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == '\\' && escapes) {
                i++;
            } else if (c == quote) {
                return i + 1;
            }
        }
        return sql.length();
    }

    private static @Nullable String dollarTag(String sql, int from) {
        if (from > 0 && Character.isLetterOrDigit(sql.charAt(from - 1))) {
            return null;
        }
        for (int i = from + 1; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == '$') {
                return sql.substring(from, i + 1);
            }
            if (!Character.isLetter(c) && c != '_' && !(i > from + 1 && Character.isDigit(c))) {
                return null;
            }
        }
        return null;
    }
}
