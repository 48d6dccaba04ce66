package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The tokens of one statement of PostgreSQL, read from left to right: words and names are taken, and an expression is what stands
 * until a word that ends it, brackets balanced. For one thread.
 */
final class PostgresTokens {

    /** What a token is. */
    enum Kind {
        /** A keyword or a name without quotes. */
        WORD,
        /** A name in double quotes. */
        QUOTED,
        /** A string of any notation. */
        STRING,
        /** A number. */
        NUMBER,
        /** Anything else: an operator, a bracket, a comma. */
        SYMBOL,
        /** After the last. */
        END
    }

    /**
     * A token.
     *
     * @param word a word in capitals, or the symbol; empty for all others
     * @param value a name folded, a string without its quotes, a number as written
     * @param start where it begins in the text
     * @param end where it ends, exclusive
     */
    record Token(Kind kind, String word, String value, int start, int end) {

        boolean isName() {
            return kind == Kind.WORD || kind == Kind.QUOTED;
        }
    }

    private static final String OPERATOR = "+-*/<>=~!@#%^&|`?";
    private static final Set<String> OPENING = Set.of("(", "[");
    private static final Set<String> CLOSING = Set.of(")", "]");

    private final String text;
    private final List<Token> tokens;
    private final int first;
    private final int last;
    private final Deadline deadline;
    private int position;

    private PostgresTokens(String text, List<Token> tokens, int first, int last, Deadline deadline) {
        this.text = text;
        this.tokens = tokens;
        this.first = first;
        this.last = last;
        this.position = first;
        this.deadline = deadline;
    }

    /**
     * Reads the tokens of a text.
     *
     * @throws SyntaxException if a string, a name or a comment does not end
     */
    static PostgresTokens of(String text, Deadline deadline) throws SyntaxException {
        List<Token> tokens = new Lexer(text, deadline).tokens();
        return new PostgresTokens(text, tokens, 0, tokens.size(), deadline);
    }

    Deadline deadline() {
        return deadline;
    }

    /** Returns the tokens from a position up to another, to be read by themselves. */
    PostgresTokens between(int from, int to) {
        return new PostgresTokens(text, tokens, from, to, deadline);
    }

    /** Returns all tokens that are not yet taken, to be read by themselves; takes none. */
    PostgresTokens rest() {
        return between(position, last);
    }

    int position() {
        return position;
    }

    int end() {
        return last;
    }

    void moveTo(int other) {
        position = other;
    }

    Token token() {
        return token(0);
    }

    /** Returns the token that many further on, or before. */
    Token token(int offset) {
        int index = position + offset;
        if (index < first || index >= last) {
            return new Token(Kind.END, "", "", textEnd(), textEnd());
        }
        return tokens.get(index);
    }

    private int textEnd() {
        return last > first ? tokens.get(last - 1).end() : text.length();
    }

    boolean isAtEnd() {
        return position >= last;
    }

    /** Returns whether these words or symbols come next. */
    boolean at(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (!token(i).word().equals(words[i])) {
                return false;
            }
        }
        return true;
    }

    boolean atAny(Set<String> words) {
        String word = token().word();
        return !word.isEmpty() && words.contains(word);
    }

    /** Takes these words or symbols if all of them come next. */
    boolean take(String... words) {
        if (!at(words)) {
            return false;
        }
        position += words.length;
        return true;
    }

    /** Takes the first of these words that comes next; returns it, or nothing. */
    String takeAny(String... words) {
        for (String word : words) {
            if (take(word)) {
                return word;
            }
        }
        return "";
    }

    void expect(String... words) throws SyntaxException {
        for (String word : words) {
            if (!take(word)) {
                throw stopped(word);
            }
        }
    }

    Token next() throws SyntaxException {
        if (isAtEnd()) {
            throw stopped("more");
        }
        if ((position & 63) == 0) {
            deadline.check();
        }
        return tokens.get(position++);
    }

    /** Takes a name, without quotes and folded. */
    String name() throws SyntaxException {
        if (!token().isName() || token().value().isEmpty()) {
            throw stopped("a name");
        }
        return next().value();
    }

    /** Takes a name with or without a schema; a database before it is left away. */
    ObjectName qualifiedName() throws SyntaxException {
        String schema = "";
        String name = name();
        while (take(".")) {
            schema = name;
            name = name();
        }
        return new ObjectName(schema, name);
    }

    List<ObjectName> qualifiedNames() throws SyntaxException {
        List<ObjectName> names = new ArrayList<>();
        do {
            names.add(qualifiedName());
        } while (take(","));
        return names;
    }

    String string() throws SyntaxException {
        if (token().kind() != Kind.STRING) {
            throw stopped("a string");
        }
        return next().value();
    }

    /** Takes a name, a string or a number, and returns its value. */
    String nameOrString() throws SyntaxException {
        if (token().kind() == Kind.STRING || token().kind() == Kind.NUMBER) {
            return next().value();
        }
        return name();
    }

    long number() throws SyntaxException {
        boolean isNegative = take("-");
        if (!isNegative) {
            take("+");
        }
        if (token().kind() != Kind.NUMBER) {
            throw stopped("a number");
        }
        String digits = next().value().replace("_", "");
        try {
            return Long.parseLong(isNegative ? "-" + digits : digits);
        } catch (NumberFormatException e) {
            throw new SyntaxException("the number " + digits + " is not one that fits");
        }
    }

    /** Takes names in brackets. */
    List<String> namesInBrackets() throws SyntaxException {
        expect("(");
        List<String> names = new ArrayList<>();
        do {
            names.add(name());
        } while (take(","));
        expect(")");
        return names;
    }

    /** Takes a bracket and all that is in it; returns what is in it, to be read by itself. */
    PostgresTokens brackets() throws SyntaxException {
        if (!at("(") && !at("[")) {
            throw stopped("(");
        }
        int start = position + 1;
        skipBalanced();
        return between(start, position - 1);
    }

    /** Takes one token, or a bracket with all that is in it. */
    void skipBalanced() throws SyntaxException {
        int depth = 0;
        do {
            if (depth > 0 && isAtEnd()) {
                throw stopped("a closing bracket");
            }
            String word = next().word();
            if (OPENING.contains(word)) {
                depth++;
            } else if (CLOSING.contains(word)) {
                depth--;
                if (depth < 0) {
                    position--;
                    throw stopped("an expression");
                }
            }
        } while (depth > 0);
    }

    /** Takes all that stands before a comma, a closing bracket, or one of the words outside of brackets; returns it as written. */
    String expression(Set<String> endings) throws SyntaxException {
        int start = position;
        int cases = 0;
        while (!isAtEnd() && !CLOSING.contains(token().word())) {
            String word = token().word();
            if (cases == 0 && (word.equals(",") || (position > start && endings.contains(word)))) {
                break;
            }
            if (at("DISTINCT", "FROM")) {
                position++;
            } else if (word.equals("CASE")) {
                cases++;
            } else if (word.equals("END") && cases > 0) {
                cases--;
            }
            skipBalanced();
        }
        if (position == start) {
            throw stopped("an expression");
        }
        return written(start, position);
    }

    /** Returns what stands from a position up to another, as written. */
    String written(int from, int to) {
        return to <= from
                ? ""
                : text.substring(tokens.get(from).start(), tokens.get(to - 1).end());
    }

    /** Returns all of it as written. */
    String written() {
        return written(first, last);
    }

    /** Takes what is left, and returns it as written. */
    String writtenRest() {
        String rest = written(position, last);
        position = last;
        return rest;
    }

    /** Splits all of it at the commas outside of brackets. */
    List<PostgresTokens> elements() throws SyntaxException {
        List<PostgresTokens> elements = new ArrayList<>();
        int start = first;
        position = first;
        while (!isAtEnd()) {
            if (at(",")) {
                elements.add(between(start, position));
                position++;
                start = position;
            } else {
                skipBalanced();
            }
        }
        if (start < last || !elements.isEmpty()) {
            elements.add(between(start, last));
        }
        return elements;
    }

    void expectEnd() throws SyntaxException {
        if (!isAtEnd()) {
            throw stopped("the end");
        }
    }

    /** Says where reading stopped, and what was expected there. */
    SyntaxException stopped(String expected) {
        if (isAtEnd()) {
            return new SyntaxException("the statement ends where " + expected + " was expected");
        }
        Token token = token();
        String found = text.substring(token.start(), Math.min(token.end(), token.start() + 40));
        return new SyntaxException("line " + lineOf(token.start()) + " of the statement: '" + found + "', where "
                + expected + " was expected");
    }

    private long lineOf(int position) {
        return 1 + text.substring(0, position).chars().filter(c -> c == '\n').count();
    }

    /** Makes tokens of a text. */
    private static final class Lexer {

        private final String text;
        private final Deadline deadline;
        private final List<Token> tokens = new ArrayList<>();
        private int at;

        Lexer(String text, Deadline deadline) {
            this.text = text;
            this.deadline = deadline;
        }

        List<Token> tokens() throws SyntaxException {
            while (true) {
                if ((tokens.size() & 255) == 0) {
                    deadline.check();
                }
                skipSpace();
                if (at >= text.length()) {
                    return tokens;
                }
                token();
            }
        }

        private void skipSpace() throws SyntaxException {
            while (at < text.length()) {
                char c = text.charAt(at);
                if (Character.isWhitespace(c) || c == '\uFEFF') {
                    at++;
                } else if (text.startsWith("--", at)) {
                    int end = text.indexOf('\n', at);
                    at = end < 0 ? text.length() : end;
                } else if (text.startsWith("/*", at)) {
                    at = endOfComment();
                } else {
                    return;
                }
            }
        }

        private int endOfComment() throws SyntaxException {
            int depth = 0;
            int i = at;
            while (i < text.length()) {
                if (text.startsWith("/*", i)) {
                    depth++;
                    i += 2;
                } else if (text.startsWith("*/", i)) {
                    i += 2;
                    if (--depth == 0) {
                        return i;
                    }
                } else {
                    i++;
                }
            }
            throw new SyntaxException("a comment does not end");
        }

        private void token() throws SyntaxException {
            int start = at;
            char c = text.charAt(at);
            char following = at + 1 < text.length() ? text.charAt(at + 1) : '\0';
            if (c == '\'') {
                add(Kind.STRING, "", quoted('\'', false), start);
            } else if ((c == 'e' || c == 'E') && following == '\'') {
                at++;
                add(Kind.STRING, "", quoted('\'', true), start);
            } else if ("bBxXnN".indexOf(c) >= 0 && following == '\'') {
                at++;
                add(Kind.STRING, "", quoted('\'', false), start);
            } else if ((c == 'u' || c == 'U')
                    && following == '&'
                    && at + 2 < text.length()
                    && (text.charAt(at + 2) == '\'' || text.charAt(at + 2) == '"')) {
                at += 2;
                char quote = text.charAt(at);
                String value = unicode(quoted(quote, false));
                add(quote == '"' ? Kind.QUOTED : Kind.STRING, "", value, start);
            } else if (c == '"') {
                add(Kind.QUOTED, "", quoted('"', false), start);
            } else if (c == '$' && dollarTag().length() > 0) {
                String tag = dollarTag();
                int end = text.indexOf(tag, at + tag.length());
                if (end < 0) {
                    throw new SyntaxException("the string that " + tag + " opens does not end");
                }
                String value = text.substring(at + tag.length(), end);
                at = end + tag.length();
                add(Kind.STRING, "", value, start);
            } else if (isDigit(c) || (c == '.' && isDigit(following))) {
                number();
                add(Kind.NUMBER, "", text.substring(start, at), start);
            } else if (isNameStart(c)) {
                while (at < text.length() && isNamePart(text.charAt(at))) {
                    at++;
                }
                String word = text.substring(start, at);
                add(Kind.WORD, word.toUpperCase(Locale.ROOT), folded(word), start);
            } else {
                symbol();
                add(Kind.SYMBOL, text.substring(start, at), "", start);
            }
        }

        private void add(Kind kind, String word, String value, int start) {
            if (kind == Kind.STRING && !tokens.isEmpty()) {
                Token before = tokens.get(tokens.size() - 1);
                if (before.kind() == Kind.STRING
                        && text.charAt(start) == '\''
                        && text.substring(before.end(), start).indexOf('\n') >= 0) {
                    tokens.set(
                            tokens.size() - 1, new Token(Kind.STRING, "", before.value() + value, before.start(), at));
                    return;
                }
            }
            tokens.add(new Token(kind, word, value, start, at));
        }

        private String quoted(char quote, boolean hasBackslashes) throws SyntaxException {
            int start = at++;
            StringBuilder value = new StringBuilder();
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c == quote) {
                    if (at < text.length() && text.charAt(at) == quote) {
                        at++;
                    } else {
                        return value.toString();
                    }
                } else if (c == '\\' && hasBackslashes && at < text.length()) {
                    escape(value);
                    continue;
                }
                value.append(c);
            }
            throw new SyntaxException(
                    "what the quote at character " + (start + 1) + " of the statement opens does not end");
        }

        private void escape(StringBuilder value) {
            char c = text.charAt(at++);
            int digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
            switch (c) {
                case 'n' -> value.append('\n');
                case 't' -> value.append('\t');
                case 'r' -> value.append('\r');
                case 'b' -> value.append('\b');
                case 'f' -> value.append('\f');
                case 'u', 'U' -> {
                    if (codePoint(text, at, digits, value)) {
                        at += digits;
                    }
                }
                default -> value.append(c);
            }
        }

        private static boolean codePoint(String text, int at, int digits, StringBuilder value) {
            if (at + digits > text.length()) {
                return false;
            }
            try {
                int point = Integer.parseInt(text.substring(at, at + digits), 16);
                if (Character.isValidCodePoint(point)) {
                    value.appendCodePoint(point);
                    return true;
                }
                return false;
            } catch (NumberFormatException e) {
                return false;
            }
        }

        /** The notation of U&: a backslash, or what UESCAPE names, before four digits, or a plus before six. */
        private String unicode(String raw) throws SyntaxException {
            char escape = '\\';
            int before = at;
            skipSpace();
            if (text.regionMatches(true, at, "UESCAPE", 0, 7)) {
                at += 7;
                skipSpace();
                if (at < text.length() && text.charAt(at) == '\'') {
                    String named = quoted('\'', false);
                    if (named.length() == 1) {
                        escape = named.charAt(0);
                    }
                }
            } else {
                at = before;
            }
            StringBuilder value = new StringBuilder();
            int i = 0;
            while (i < raw.length()) {
                char c = raw.charAt(i++);
                if (c != escape) {
                    value.append(c);
                } else if (i < raw.length() && raw.charAt(i) == escape) {
                    value.append(escape);
                    i++;
                } else if (i < raw.length() && raw.charAt(i) == '+' && codePoint(raw, i + 1, 6, value)) {
                    i += 7;
                } else if (codePoint(raw, i, 4, value)) {
                    i += 4;
                } else {
                    throw new SyntaxException("the escape at '" + raw + "' is none");
                }
            }
            return value.toString();
        }

        /** Returns the tag of a dollar quote that begins here, with both dollars; empty where none does. */
        private String dollarTag() {
            int end = at + 1;
            while (end < text.length() && isNamePart(text.charAt(end)) && text.charAt(end) != '$') {
                end++;
            }
            boolean isTag =
                    end < text.length() && text.charAt(end) == '$' && (end == at + 1 || !isDigit(text.charAt(at + 1)));
            return isTag ? text.substring(at, end + 1) : "";
        }

        private void number() {
            while (at < text.length()) {
                char c = text.charAt(at);
                boolean isSign = (c == '+' || c == '-') && (text.charAt(at - 1) == 'e' || text.charAt(at - 1) == 'E');
                boolean isRange = c == '.' && text.startsWith("..", at);
                if (isRange || !(isSign || c == '.' || c == '_' || Character.isLetterOrDigit(c))) {
                    return;
                }
                at++;
            }
        }

        private void symbol() {
            char c = text.charAt(at);
            if (c == '$') {
                at++;
                while (at < text.length() && isDigit(text.charAt(at))) {
                    at++;
                }
                return;
            }
            for (String symbol : List.of("::", ":=", "..")) {
                if (text.startsWith(symbol, at)) {
                    at += 2;
                    return;
                }
            }
            if (OPERATOR.indexOf(c) < 0) {
                at++;
                return;
            }
            while (at < text.length()
                    && OPERATOR.indexOf(text.charAt(at)) >= 0
                    && !text.startsWith("--", at)
                    && !text.startsWith("/*", at)) {
                at++;
                // A sign or a star that follows another operator is one by itself: a=-1, count(*)=1.
                if (at < text.length() && "-+*".indexOf(text.charAt(at)) >= 0) {
                    return;
                }
            }
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }

        private static boolean isNameStart(char c) {
            return Character.isLetter(c) || c == '_' || c > 0x7F;
        }

        private static boolean isNamePart(char c) {
            return isNameStart(c) || isDigit(c) || c == '$';
        }
    }

    /** Returns the words of a text that parts them by white space. */
    static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }

    /** Folds a name without quotes as PostgreSQL does: only the letters of ASCII. */
    static String folded(String word) {
        StringBuilder folded = new StringBuilder(word.length());
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            folded.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
        }
        return folded.toString();
    }
}
