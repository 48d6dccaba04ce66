package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The words of a statement, one after the other, without comments: for the forms of statements that no grammar knows. A reader that
 * has not come to the end has not understood the statement.
 */
final class Words {

    /** What a word is. */
    enum Kind {
        NAME,
        QUOTED,
        TEXT,
        NUMBER,
        SIGN
    }

    /**
     * A word.
     *
     * @param text as written, with its quotes
     * @param start where it begins in the statement
     * @param end where it ends
     */
    record Word(Kind kind, String text, int start, int end) {

        boolean is(String keyword) {
            return kind != Kind.QUOTED && kind != Kind.TEXT && text.equalsIgnoreCase(keyword);
        }
    }

    /** Says that a statement is not as its reader expects it. */
    static final class UnexpectedWordException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnexpectedWordException(String message) {
            super(message, null, false, false);
        }
    }

    /** The words that a statement begins with. */
    private static final Set<String> BEGINNINGS = Set.of(
            "ALTER",
            "BEGIN",
            "COMMIT",
            "CREATE",
            "DECLARE",
            "DELETE",
            "DENY",
            "DROP",
            "EXEC",
            "EXECUTE",
            "GRANT",
            "IF",
            "INSERT",
            "MERGE",
            "PRINT",
            "REVOKE",
            "ROLLBACK",
            "SELECT",
            "SET",
            "TRUNCATE",
            "UPDATE",
            "WHILE");

    private final String statement;
    private final Folding folding;
    private final List<Word> words;
    private int at;

    private Words(String statement, Folding folding, List<Word> words) {
        this.statement = statement;
        this.folding = folding;
        this.words = words;
    }

    /**
     * Splits a statement.
     *
     * @throws UnexpectedWordException if a quote or a comment does not end
     */
    static Words of(String statement, Folding folding) {
        List<Word> words = new ArrayList<>();
        int at = 0;
        while (at < statement.length()) {
            char c = statement.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (statement.startsWith("--", at)) {
                int end = statement.indexOf('\n', at);
                at = end < 0 ? statement.length() : end;
            } else if (statement.startsWith("/*", at)) {
                at = after(statement, "*/", at + 2);
            } else {
                int end = end(statement, at, c);
                words.add(new Word(kind(statement, at, c), statement.substring(at, end), at, end));
                at = end;
            }
        }
        return new Words(statement, folding, words);
    }

    private static int end(String statement, int at, char c) {
        boolean isNational = (c == 'N' || c == 'n') && at + 1 < statement.length() && statement.charAt(at + 1) == '\'';
        if (isNational || c == '\'') {
            return endOfQuoted(statement, isNational ? at + 1 : at, '\'');
        }
        if (c == '"' || c == '`') {
            return endOfQuoted(statement, at, c);
        }
        if (c == '[' && isBracketOfName(statement, at)) {
            return endOfQuoted(statement, at, ']');
        }
        int end = at + 1;
        if (isOfName(c)) {
            boolean isNumber = Character.isDigit(c);
            while (end < statement.length()
                    && (isOfName(statement.charAt(end)) || (isNumber && statement.charAt(end) == '.'))) {
                end++;
            }
        }
        return end;
    }

    private static Kind kind(String statement, int at, char c) {
        if (c == '\'' || ((c == 'N' || c == 'n') && at + 1 < statement.length() && statement.charAt(at + 1) == '\'')) {
            return Kind.TEXT;
        }
        if (c == '"' || c == '`' || (c == '[' && isBracketOfName(statement, at))) {
            return Kind.QUOTED;
        }
        return Character.isDigit(c) ? Kind.NUMBER : isOfName(c) ? Kind.NAME : Kind.SIGN;
    }

    /** {@code [name]} of SQL Server, rather than {@code ARRAY[3]}. */
    private static boolean isBracketOfName(String statement, int at) {
        return at + 1 < statement.length() && !Character.isDigit(statement.charAt(at + 1));
    }

    private static boolean isOfName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '#' || c == '@';
    }

    private static int endOfQuoted(String statement, int at, char quote) {
        int end = at + 1;
        while (true) {
            end = statement.indexOf(quote, end);
            if (end < 0) {
                throw new UnexpectedWordException("a quote does not end: " + shortened(statement.substring(at)));
            }
            if (end + 1 >= statement.length() || statement.charAt(end + 1) != quote) {
                return end + 1;
            }
            end += 2;
        }
    }

    private static int after(String statement, String mark, int from) {
        int end = statement.indexOf(mark, from);
        if (end < 0) {
            throw new UnexpectedWordException("a comment does not end");
        }
        return end + mark.length();
    }

    // Where the reader is.

    boolean isAtEnd() {
        return at >= words.size();
    }

    int position() {
        return at;
    }

    void back(int position) {
        at = position;
    }

    @Nullable
    Word peek() {
        return peek(0);
    }

    @Nullable
    Word peek(int ahead) {
        return at + ahead < words.size() ? words.get(at + ahead) : null;
    }

    /** Takes the next word. */
    Word next() {
        Word word = peek();
        if (word == null) {
            throw new UnexpectedWordException("the statement ends too early");
        }
        at++;
        return word;
    }

    /** Returns whether the next words are these keywords or signs. */
    boolean isNext(String... keywords) {
        for (int i = 0; i < keywords.length; i++) {
            Word word = peek(i);
            if (word == null || !word.is(keywords[i])) {
                return false;
            }
        }
        return true;
    }

    /** Takes the keywords or signs, if they are next. */
    boolean take(String... keywords) {
        if (!isNext(keywords)) {
            return false;
        }
        at += keywords.length;
        return true;
    }

    /** Takes one of the keywords, if it is next, and returns it in small letters; empty where none is. */
    String takeOneOf(String... keywords) {
        for (String keyword : keywords) {
            if (take(keyword)) {
                return keyword.toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    /** Takes the keywords, which have to be next. */
    void expect(String... keywords) {
        if (!take(keywords)) {
            throw unexpected();
        }
    }

    /** Checks that nothing is left. */
    void expectEnd() {
        if (!isAtEnd()) {
            throw unexpected();
        }
    }

    UnexpectedWordException unexpected() {
        Word word = peek();
        return new UnexpectedWordException(
                word == null
                        ? "the statement ends too early"
                        : "'" + shortened(statement.substring(word.start())) + "' is not understood");
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > 60 ? line.substring(0, 60) + "…" : line;
    }

    // Names and parts.

    /** Takes a name, folded. */
    String name() {
        Word word = next();
        if (word.kind() != Kind.NAME && word.kind() != Kind.QUOTED) {
            at--;
            throw unexpected();
        }
        return folding.name(word.text());
    }

    /** Takes the name of an object; of more than two words the last two. */
    ObjectName object() {
        List<String> names = dotted();
        String last = names.get(names.size() - 1);
        return names.size() == 1
                ? new ObjectName("", folding.object(last))
                : new ObjectName(folding.object(names.get(names.size() - 2)), folding.object(last));
    }

    /** Takes the words of a name with dots, without their quotes. */
    List<String> dotted() {
        List<String> names = new ArrayList<>();
        do {
            Word word = next();
            if (word.kind() != Kind.NAME && word.kind() != Kind.QUOTED) {
                at--;
                throw unexpected();
            }
            names.add(word.text());
        } while (take("."));
        return names;
    }

    /** Takes names in brackets, folded, without what stands behind each ({@code ASC}, {@code DESC}, {@code NULLS FIRST}). */
    List<String> columns() {
        expect("(");
        List<String> columns = new ArrayList<>();
        do {
            int start = at;
            Word word = next();
            boolean isName = (word.kind() == Kind.NAME || word.kind() == Kind.QUOTED)
                    && (isNext(",") || isNext(")") || isNext("ASC") || isNext("DESC") || isNext("NULLS"));
            if (isName) {
                columns.add(folding.name(word.text()));
            } else {
                at = start;
                columns.add(until(",", "ASC", "DESC", "NULLS"));
            }
            takeOneOf("ASC", "DESC");
            if (take("NULLS")) {
                takeOneOf("FIRST", "LAST");
            }
        } while (take(","));
        expect(")");
        return columns;
    }

    /** Takes what is in brackets, and returns it as written. */
    String inBrackets() {
        expect("(");
        if (take(")")) {
            return "";
        }
        String inside = until();
        expect(")");
        return inside;
    }

    /** Takes all up to one of the keywords, a closing bracket or the end, and returns it as written. At least one word is taken. */
    String until(String... keywords) {
        Word first = next();
        if (first.is(")") || first.is(",")) {
            at--;
            throw unexpected();
        }
        int depth = first.is("(") ? 1 : 0;
        Word last = first;
        while (!isAtEnd()) {
            if (depth == 0 && (isNext(")") || isOneOf(keywords))) {
                break;
            }
            last = next();
            depth += last.is("(") ? 1 : last.is(")") ? -1 : 0;
        }
        if (depth != 0) {
            throw new UnexpectedWordException("a bracket does not end");
        }
        return statement.substring(first.start(), last.end());
    }

    private boolean isOneOf(String... keywords) {
        for (String keyword : keywords) {
            if (isNext(keyword.split(" "))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes all that is left of a statement that holds no other: SQL Server needs nothing between two of them.
     *
     * @throws UnexpectedWordException if another statement may begin
     */
    String restOfOne() {
        for (int i = at; i < words.size(); i++) {
            Word word = words.get(i);
            if (word.kind() == Kind.NAME && BEGINNINGS.contains(word.text().toUpperCase(Locale.ROOT))) {
                at = i;
                throw unexpected();
            }
        }
        return rest();
    }

    /** Takes all that is left, and returns it as written; empty where nothing is. */
    String rest() {
        if (isAtEnd()) {
            return "";
        }
        int start = words.get(at).start();
        int end = words.get(words.size() - 1).end();
        at = words.size();
        return statement.substring(start, end);
    }
}
