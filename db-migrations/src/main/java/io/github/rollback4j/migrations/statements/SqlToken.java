package io.github.rollback4j.migrations.statements;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A piece of a statement, as far as all dialects agree on pieces.
 *
 * @param kind what it is
 * @param start where it begins, from 0
 * @param end where it ends, exclusive
 * @param text as it is written
 */
record SqlToken(Kind kind, int start, int end, String text) {

    enum Kind {
        SPACE,
        COMMENT,
        /** A comment that the database reads: a hint. */
        HINT,
        WORD,
        NUMBER,
        /** A text in single quotes, or between dollars. */
        TEXT,
        /** A name in quotes of any dialect. */
        QUOTED_NAME,
        SYMBOL
    }

    /** Returns the pieces of a text; one that is not closed goes on to the end. */
    static List<SqlToken> of(String sql) {
        List<SqlToken> tokens = new ArrayList<>();
        int at = 0;
        while (at < sql.length()) {
            Kind kind = kindAt(sql, at);
            int end = Math.max(at + 1, endOf(kind, sql, at));
            tokens.add(new SqlToken(kind, at, end, sql.substring(at, end)));
            at = end;
        }
        return tokens;
    }

    boolean isBlank() {
        return kind == Kind.SPACE || kind == Kind.COMMENT;
    }

    boolean is(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }

    /** Returns the text of a word or name in small letters, without its quotes. */
    String name() {
        String name = kind == Kind.QUOTED_NAME && text.length() > 2 ? text.substring(1, text.length() - 1) : text;
        return name.toLowerCase(Locale.ROOT);
    }

    private static Kind kindAt(String sql, int at) {
        char c = sql.charAt(at);
        if (Character.isWhitespace(c)) {
            return Kind.SPACE;
        }
        if (sql.startsWith("--", at)) {
            return Kind.COMMENT;
        }
        if (sql.startsWith("/*", at)) {
            return sql.startsWith("/*+", at) || sql.startsWith("/*!", at) ? Kind.HINT : Kind.COMMENT;
        }
        if (c == '\'' || (c == '$' && !dollarTag(sql, at).isEmpty())) {
            return Kind.TEXT;
        }
        if (c == '"' || c == '`') {
            return Kind.QUOTED_NAME;
        }
        if (Character.isDigit(c)) {
            return Kind.NUMBER;
        }
        return isWordStart(c) ? Kind.WORD : Kind.SYMBOL;
    }

    private static int endOf(Kind kind, String sql, int at) {
        return switch (kind) {
            case SPACE -> whileTrue(sql, at, Character::isWhitespace);
            case COMMENT, HINT -> endOfComment(sql, at);
            case TEXT -> sql.charAt(at) == '\'' ? endOfQuotes(sql, at) : endOfDollars(sql, at);
            case QUOTED_NAME -> endOfQuotes(sql, at);
            case WORD -> whileTrue(sql, at, c -> isWordStart(c) || Character.isDigit(c) || c == '$' || c == '#');
            case NUMBER -> endOfNumber(sql, at);
            case SYMBOL -> at + 1;
        };
    }

    private static boolean isWordStart(int c) {
        return Character.isLetter(c) || c == '_';
    }

    private static int whileTrue(String sql, int at, java.util.function.IntPredicate isPart) {
        int end = at;
        while (end < sql.length() && isPart.test(sql.charAt(end))) {
            end++;
        }
        return end;
    }

    private static int endOfNumber(String sql, int at) {
        int end = whileTrue(sql, at, c -> Character.isLetterOrDigit(c) || c == '.' || c == '_');
        boolean hasExponent = end < sql.length() - 1
                && "eE".indexOf(sql.charAt(end - 1)) >= 0
                && "+-".indexOf(sql.charAt(end)) >= 0
                && Character.isDigit(sql.charAt(end + 1));
        return hasExponent ? whileTrue(sql, end + 1, Character::isDigit) : end;
    }

    private static int endOfComment(String sql, int at) {
        if (sql.charAt(at) == '-') {
            int line = sql.indexOf('\n', at);
            return line < 0 ? sql.length() : line;
        }
        int end = sql.indexOf("*/", at + 2);
        return end < 0 ? sql.length() : end + 2;
    }

    private static int endOfQuotes(String sql, int at) {
        // Two quotes within quotes make two tokens side by side, which is as good.
        int end = sql.indexOf(sql.charAt(at), at + 1);
        return end < 0 ? sql.length() : end + 1;
    }

    private static int endOfDollars(String sql, int at) {
        String tag = dollarTag(sql, at);
        int end = sql.indexOf(tag, at + tag.length());
        return end < 0 ? sql.length() : end + tag.length();
    }

    /** Returns the quotes of a text between dollars, with its tag; empty where there is none. */
    private static String dollarTag(String sql, int at) {
        int end = whileTrue(sql, at + 1, c -> isWordStart(c) || Character.isDigit(c));
        boolean isTag = end < sql.length()
                && sql.charAt(end) == '$'
                && (end == at + 1 || !Character.isDigit(sql.charAt(at + 1)));
        return isTag ? sql.substring(at, end + 1) : "";
    }
}
