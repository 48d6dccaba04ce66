package io.github.rollback4j.migrations.source;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.Statement;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads suppressions out of a script's comments. One is for the whole file where it stands before the first statement and an
 * empty line follows the block of comments that it is in; else it is for the first statement that begins on its line or below.
 */
final class SuppressionComments {

    private static final String MARK = "rollback4j:";
    private static final Pattern SHAPE = Pattern.compile(
            "rollback4j:allow\\s+([A-Z][A-Z0-9_]*(?:\\s*,\\s*[A-Z][A-Z0-9_]*)*)(?:\\s+until\\s+(\\S+?))?\\s*:\\s*(\\S.*)");
    private static final Pattern DOLLAR_QUOTE = Pattern.compile("\\$(?:[A-Za-z_][A-Za-z0-9_]*)?\\$");

    private final SqlDialect dialect;

    SuppressionComments(SqlDialect dialect) {
        this.dialect = dialect;
    }

    /**
     * Reads a script's suppressions.
     *
     * @throws MigrationSourceException if one has an unknown shape, no reason, a bad date or no statement
     */
    List<Suppression> read(String file, String script, List<Statement> statements) {
        List<Suppression> suppressions = new ArrayList<>();
        String[] lines = script.split("\n", -1);
        List<Line> comments = comments(script);
        int firstCode = firstLineOfCode(script);
        for (Line comment : comments) {
            if (!comment.text().startsWith(MARK)) {
                continue;
            }
            int line = comment.number() < firstCode && isFollowedByEmptyLine(comment.number(), lines, comments)
                    ? 0
                    : lineOfStatement(file, comment.number(), statements);
            suppressions.addAll(parse(file, comment.number(), comment.text(), line));
        }
        return suppressions;
    }

    /** Reads the suppressions of a script of which all are for the whole migration. */
    List<Suppression> ofWhole(String file, int at, String script) {
        return comments(script).stream()
                .flatMap(comment -> ofComment(file, at, comment.text()).stream())
                .toList();
    }

    /** Reads the suppressions of a comment that is no part of a script; they are for the whole migration. */
    static List<Suppression> ofComment(String file, int at, String comment) {
        return comment.lines()
                .map(String::strip)
                .filter(text -> text.startsWith(MARK))
                .flatMap(text -> parse(file, at, text, 0).stream())
                .toList();
    }

    private static List<Suppression> parse(String file, int at, String text, int line) {
        Matcher shape = SHAPE.matcher(text);
        if (!shape.matches()) {
            throw new MigrationSourceException(file + ":" + at + ": '" + text
                    + "' is not allowed: 'rollback4j:allow RULE[, RULE] [until YYYY-MM-DD]: reason' is");
        }
        LocalDate until = date(file, at, shape.group(2));
        String reason = shape.group(3).strip();
        return Pattern.compile("\\s*,\\s*")
                .splitAsStream(shape.group(1))
                .map(rule -> new Suppression(rule, line, reason, until))
                .toList();
    }

    private static @Nullable LocalDate date(String file, int at, @Nullable String text) {
        try {
            return text == null ? null : LocalDate.parse(text);
        } catch (DateTimeException bad) {
            throw new MigrationSourceException(
                    file + ":" + at + ": until '" + text + "' is not allowed: a day such as 2027-03-01 is", bad);
        }
    }

    private static int lineOfStatement(String file, int comment, List<Statement> statements) {
        return statements.stream()
                .mapToInt(Statement::line)
                .filter(line -> line >= comment)
                .findFirst()
                .orElseThrow(() -> new MigrationSourceException(file + ":" + comment
                        + ": a suppression without a statement below it is not allowed: before the statement that it is for, or"
                        + " at the file's head with an empty line after it, is"));
    }

    private static boolean isFollowedByEmptyLine(int number, String[] lines, List<Line> comments) {
        int next = number + 1;
        while (isComment(next, comments)) {
            next++;
        }
        return next <= lines.length && lines[next - 1].isBlank();
    }

    private static boolean isComment(int number, List<Line> comments) {
        return comments.stream().anyMatch(comment -> comment.number() == number);
    }

    // ---- Where the comments are.

    /** A line of a comment, without what begins and ends it. */
    private record Line(int number, String text) {}

    private List<Line> comments(String script) {
        List<Line> comments = new ArrayList<>();
        int at = 0;
        while (at < script.length()) {
            int end = endOfToken(script, at);
            if (isCommentAt(script, at)) {
                int line = lineAt(script, at);
                for (String text : script.substring(at, end).split("\n", -1)) {
                    comments.add(new Line(
                            line++,
                            text.strip()
                                    .replaceFirst("^(--+|#+|/\\*+|\\*(?!/))", "")
                                    .replaceFirst("\\*/$", "")
                                    .strip()));
                }
            }
            at = end;
        }
        return comments;
    }

    private int firstLineOfCode(String script) {
        int at = 0;
        while (at < script.length()) {
            if (!Character.isWhitespace(script.charAt(at)) && !isCommentAt(script, at)) {
                return lineAt(script, at);
            }
            at = endOfToken(script, at);
        }
        return Integer.MAX_VALUE;
    }

    private boolean isCommentAt(String script, int at) {
        return script.startsWith("--", at) || script.startsWith("/*", at) || (isMySql() && script.charAt(at) == '#');
    }

    /** Returns where the comment, the literal or the single character ends that begins there. */
    private int endOfToken(String script, int at) {
        char first = script.charAt(at);
        if (script.startsWith("/*", at)) {
            return endOfBlock(script, at);
        }
        if (isCommentAt(script, at)) {
            int end = script.indexOf('\n', at);
            return end < 0 ? script.length() : end;
        }
        if (first == '\'' || first == '"' || (isMySql() && first == '`')) {
            return endOfQuote(script, at, first);
        }
        if (first == '$' && (dialect == SqlDialect.POSTGRESQL || dialect == SqlDialect.H2)) {
            Matcher quote = DOLLAR_QUOTE.matcher(script).region(at, script.length());
            if (quote.lookingAt()) {
                int end = script.indexOf(quote.group(), quote.end());
                return end < 0 ? script.length() : end + quote.group().length();
            }
        }
        return at + 1;
    }

    /** PostgreSQL and SQL Server nest such comments. */
    private int endOfBlock(String script, int start) {
        boolean nests = dialect == SqlDialect.POSTGRESQL || dialect == SqlDialect.SQLSERVER;
        int depth = 1;
        int at = start + 2;
        while (at < script.length() && depth > 0) {
            if (script.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else if (nests && script.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else {
                at++;
            }
        }
        return at;
    }

    private int endOfQuote(String script, int start, char quote) {
        boolean hasEscapes = (isMySql() && quote != '`')
                || (dialect == SqlDialect.POSTGRESQL && quote == '\'' && isEscapeString(script, start));
        for (int at = start + 1; at < script.length(); at++) {
            if (hasEscapes && script.charAt(at) == '\\') {
                at++;
            } else if (script.charAt(at) == quote) {
                return at + 1;
            }
        }
        return script.length();
    }

    private static boolean isEscapeString(String script, int quote) {
        return quote > 0
                && (script.charAt(quote - 1) == 'E' || script.charAt(quote - 1) == 'e')
                && (quote == 1 || !Character.isJavaIdentifierPart(script.charAt(quote - 2)));
    }

    private boolean isMySql() {
        return dialect == SqlDialect.MYSQL || dialect == SqlDialect.MARIADB;
    }

    private static int lineAt(String script, int at) {
        return 1 + (int) script.substring(0, at).chars().filter(c -> c == '\n').count();
    }
}
