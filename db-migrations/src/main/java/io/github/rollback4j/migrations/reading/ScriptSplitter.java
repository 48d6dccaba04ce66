package io.github.rollback4j.migrations.reading;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Splits a script into its statements, as the dialect's own client and the migration tools do. Whatever does not end runs to the
 * end of the script. For one script; for one thread.
 */
final class ScriptSplitter {

    /**
     * A statement as it stands in its script.
     *
     * @param text as written, without the delimiter at its end
     * @param code the same without comments, and with what executable comments hold: what grammars read
     * @param line the line where its first token stands, from 1
     * @param comments the comments between the statement before and this one
     * @param kind whether it is one for the database
     * @param nesting how many brackets are open where the most are
     * @param problem why it cannot be read; empty if it can
     */
    record Piece(String text, String code, int line, List<Comment> comments, Kind kind, int nesting, String problem) {

        /** For whom a statement is. */
        enum Kind {
            /** For the database. */
            STATEMENT,
            /** For the client, and known to leave the database alone. */
            CLIENT_ONLY
        }
    }

    /**
     * A comment.
     *
     * @param text as written, with its marks
     * @param line the line where it begins, from 1
     */
    record Comment(String text, int line) {}

    private static final int MYSQL_VERSION = 80499;
    private static final int MARIADB_VERSION = 110499;

    /** The settings and commands of SQL*Plus that nothing but its output depends on. */
    private static final Set<String> PLUS_COMMANDS =
            Set.of("PROMPT", "SPOOL", "SHOW", "WHENEVER", "PAUSE", "COLUMN", "TTITLE");

    private static final Set<String> PLUS_SETTINGS = Set.of(
            "DEFINE",
            "SERVEROUTPUT",
            "ECHO",
            "FEEDBACK",
            "FEED",
            "VERIFY",
            "SCAN",
            "SQLBLANKLINES",
            "HEADING",
            "PAGESIZE",
            "LINESIZE",
            "TIMING",
            "TERMOUT",
            "TRIMSPOOL",
            "DEF",
            "ESCAPE",
            "SQLPROMPT");

    private final String script;
    private final SqlDialect dialect;
    private final List<Piece> pieces = new ArrayList<>();

    private int at;
    private int line = 1;
    private int counted;
    private String delimiter = ";";

    // The statement under way.
    private final StringBuilder code = new StringBuilder();
    private final List<String> words = new ArrayList<>();
    private List<Comment> comments = new ArrayList<>();
    private int start = -1;
    private int startLine;
    private int brackets;
    private int nesting;
    private int blocks;
    private final BitSet caseExpressions = new BitSet();
    private boolean hasBlock;
    private int copyWords;
    private String lastWord = "";
    private boolean isExecutableComment;
    private String problem = "";

    private ScriptSplitter(String script, SqlDialect dialect) {
        this.script = script;
        this.dialect = dialect;
    }

    /** Splits a script. */
    static List<Piece> split(String script, SqlDialect dialect) {
        ScriptSplitter splitter = new ScriptSplitter(script, dialect);
        splitter.run();
        return List.copyOf(splitter.pieces);
    }

    private boolean is(SqlDialect... dialects) {
        return List.of(dialects).contains(dialect);
    }

    private boolean isMySql() {
        return dialect == SqlDialect.MYSQL || dialect == SqlDialect.MARIADB;
    }

    private void run() {
        if (script.startsWith("\uFEFF")) {
            at = 1;
        }
        while (at < script.length()) {
            step();
        }
        if (start >= 0 && problem.isEmpty() && isExecutableComment) {
            problem = "an executable comment does not end";
        }
        end(script.length(), script.length());
    }

    private void step() {
        char c = script.charAt(at);
        if (Character.isWhitespace(c)) {
            if (start >= 0) {
                code.append(c);
            }
            at++;
        } else if (isCommentHere()) {
            comment();
        } else if (start < 0 && isClientCommand()) {
            clientCommand();
        } else if (isLineSeparator()) {
            int end = at;
            at = endOfLine(at);
            end(end, at);
        } else if (isDelimiterHere()) {
            int end = at;
            at += delimiter.length();
            end(end, at);
        } else {
            begin();
            token(c);
        }
    }

    // Beginning and end of a statement.

    private void begin() {
        if (start < 0) {
            start = at;
            startLine = lineOf(at);
        }
    }

    private int lineOf(int position) {
        for (; counted < position; counted++) {
            char c = script.charAt(counted);
            if (c == '\n' || (c == '\r' && !script.startsWith("\r\n", counted))) {
                line++;
            }
        }
        return line;
    }

    private void end(int to, int next) {
        if (start >= 0) {
            String text = script.substring(start, to).strip();
            if (isCopyOfLines() && problem.isEmpty() && next < script.length()) {
                at = skipCopiedLines(next);
            } else if (isCopyOfLines() && problem.isEmpty()) {
                problem = "the rows of COPY do not end";
            }
            String read = code.toString().strip();
            boolean isEndless =
                    dialect == SqlDialect.ORACLE && isPlSql() && !hasBlock && read.indexOf(';') < read.length() - 1;
            if (isEndless && read.indexOf(';') >= 0 && problem.isEmpty()) {
                problem = "a routine without a block is not parted from what follows by a slash";
            }
            if (!text.isEmpty() && (!read.isEmpty() || !problem.isEmpty())) {
                pieces.add(new Piece(
                        text, read, startLine, List.copyOf(comments), Piece.Kind.STATEMENT, nesting, problem));
                comments = new ArrayList<>();
            }
        }
        forget();
    }

    private void forget() {
        code.setLength(0);
        words.clear();
        start = -1;
        brackets = 0;
        nesting = 0;
        blocks = 0;
        hasBlock = false;
        copyWords = 0;
        lastWord = "";
        problem = "";
    }

    private boolean isCopyOfLines() {
        return dialect == SqlDialect.POSTGRESQL
                && !words.isEmpty()
                && words.get(0).equals("COPY")
                && copyWords == 2;
    }

    /** Skips the rows behind COPY … FROM STDIN, up to the line of a backslash and a dot. */
    private int skipCopiedLines(int from) {
        int position = endOfLine(from);
        while (position < script.length()) {
            int end = endOfLine(position);
            if (script.substring(position, end).strip().equals("\\.")) {
                return end;
            }
            position = end;
        }
        problem = "the rows of COPY do not end";
        return script.length();
    }

    /** Returns where the line ends, with its break. */
    private int endOfLine(int from) {
        int end = script.indexOf('\n', from);
        return end < 0 ? script.length() : end + 1;
    }

    private boolean isAloneInLine(int from, int length) {
        int end = endOfLine(from);
        return isFirstInLine(from) && script.substring(from + length, end).isBlank();
    }

    private boolean isFirstInLine(int position) {
        int before = position - 1;
        while (before >= 0 && script.charAt(before) != '\n') {
            if (!Character.isWhitespace(script.charAt(before)) && script.charAt(before) != '\uFEFF') {
                return false;
            }
            before--;
        }
        return true;
    }

    private String restOfLine(int from) {
        return script.substring(from, endOfLine(from)).strip();
    }

    // What separates statements.

    private boolean isDelimiterHere() {
        if (!script.startsWith(delimiter, at)) {
            return false;
        }
        if (!delimiter.equals(";")) {
            return true;
        }
        return switch (dialect) {
            case POSTGRESQL, H2 -> brackets == 0 && blocks == 0;
            case MYSQL, MARIADB -> blocks == 0 && !isExecutableComment;
            case SQLSERVER -> blocks == 0 && !isTransactSqlRoutine();
            case ORACLE -> !isPlSql() || isEndOfPlSql();
        };
    }

    /** Returns whether a line stands here that ends the statement: GO of SQL Server, a slash of Oracle. */
    private boolean isLineSeparator() {
        if (dialect == SqlDialect.ORACLE) {
            return script.charAt(at) == '/' && isAloneInLine(at, 1);
        }
        if (dialect == SqlDialect.SQLSERVER && isFirstInLine(at)) {
            return restOfLine(at).matches("(?i)GO(\\s+\\d+)?;?(\\s*--.*)?");
        }
        return false;
    }

    private boolean isRoutineOf(Set<String> kinds) {
        if (words.isEmpty() || (!words.get(0).equals("CREATE") && !words.get(0).equals("ALTER"))) {
            return false;
        }
        // What stands between CREATE and the kind is OR REPLACE, DEFINER = …, EDITIONABLE and the like.
        return words.stream().skip(1).limit(8).anyMatch(kinds::contains)
                && words.stream()
                        .skip(1)
                        .takeWhile(word -> !kinds.contains(word))
                        .noneMatch(
                                Set.of("TABLE", "INDEX", "VIEW", "USER", "SEQUENCE", "DATABASE", "SYNONYM", "TYPE")
                                        ::contains);
    }

    private boolean isTransactSqlRoutine() {
        return isRoutineOf(Set.of("PROC", "PROCEDURE", "FUNCTION", "TRIGGER"));
    }

    private boolean isMySqlRoutine() {
        return isRoutineOf(Set.of("PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"))
                || (words.size() > 2 && words.subList(0, 3).equals(List.of("BEGIN", "NOT", "ATOMIC")));
    }

    private boolean isPlSql() {
        if (words.isEmpty() || words.get(0).equals("ALTER")) {
            return false;
        }
        int type = words.indexOf("TYPE");
        boolean isBlock = words.get(0).equals("DECLARE") || words.get(0).equals("BEGIN");
        boolean isTypeBody = type > 0 && words.get(0).equals("CREATE") && words.indexOf("BODY") == type + 1;
        return isBlock || isTypeBody || isRoutineOf(Set.of("FUNCTION", "PROCEDURE", "PACKAGE", "TRIGGER"));
    }

    /** Returns whether a block ends with the semicolon here: the outermost does, but one of a routine inside of it does not. */
    private boolean isEndOfPlSql() {
        return hasBlock && blocks == 0 && (words.get(0).equals("BEGIN") || isFollowedByStatement(at + 1));
    }

    /** Returns whether nothing, a slash, or a statement that no block can hold comes next: a block without a slash ends then. */
    private boolean isFollowedByStatement(int from) {
        String rest =
                script.substring(from, Math.min(script.length(), from + 4000)).stripLeading();
        while (rest.startsWith("--") || rest.startsWith("/*")) {
            int end = rest.startsWith("--") ? rest.indexOf('\n') : rest.indexOf("*/");
            if (end < 0) {
                return true;
            }
            rest = rest.substring(end + (rest.startsWith("--") ? 1 : 2)).stripLeading();
        }
        return rest.isEmpty()
                || rest.startsWith("/")
                || rest.matches(
                        "(?is)(CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|TRUNCATE|RENAME|PROMPT|SET|INSERT|UPDATE|DELETE"
                                + "|MERGE|SELECT|WITH|DECLARE|COMMIT|ROLLBACK|LOCK|CALL|EXEC|ANALYZE|PURGE)\\b.*");
    }

    // What is for the client.

    private boolean isClientCommand() {
        return switch (dialect) {
            case POSTGRESQL -> script.charAt(at) == '\\';
            case MYSQL, MARIADB ->
                isFirstInLine(at)
                        && script.regionMatches(true, at, "DELIMITER", 0, 9)
                        && at + 9 < script.length()
                        && Character.isWhitespace(script.charAt(at + 9));
            case ORACLE -> isPlusCommand();
            case H2, SQLSERVER -> false;
        };
    }

    private boolean isPlusCommand() {
        if (!isFirstInLine(at)) {
            return false;
        }
        String[] first = restOfLine(at).toUpperCase(Locale.ROOT).split("[\\s;]+", 3);
        return script.charAt(at) == '@'
                || PLUS_COMMANDS.contains(first[0])
                || first[0].equals("REM")
                || first[0].equals("REMARK")
                || (first[0].equals("SET") && first.length > 1 && PLUS_SETTINGS.contains(first[1]));
    }

    private void clientCommand() {
        int from = at;
        String text = restOfLine(at);
        at = endOfLine(at);
        if (isMySql()) {
            String named = text.substring(9).strip();
            delimiter = named.isEmpty() ? ";" : named.split("\\s", 2)[0];
            return;
        }
        if (dialect == SqlDialect.ORACLE && text.toUpperCase(Locale.ROOT).matches("REM(ARK)?\\b.*")) {
            comments.add(new Comment(text, lineOf(from)));
            return;
        }
        boolean isHarmless = dialect == SqlDialect.ORACLE && text.charAt(0) != '@';
        pieces.add(new Piece(
                text,
                text,
                lineOf(from),
                List.copyOf(comments),
                isHarmless ? Piece.Kind.CLIENT_ONLY : Piece.Kind.STATEMENT,
                0,
                isHarmless ? "" : "a command for the client, which may do anything"));
        comments = new ArrayList<>();
        forget();
    }

    // Comments.

    private boolean isCommentHere() {
        if (script.startsWith("--", at)) {
            // MySQL takes two hyphens for a comment only before white space.
            return !isMySql() || at + 2 >= script.length() || script.charAt(at + 2) <= ' ';
        }
        return script.startsWith("/*", at)
                || (script.charAt(at) == '#' && isMySql())
                || (script.startsWith("//", at) && dialect == SqlDialect.H2)
                || (script.startsWith("*/", at) && isExecutableComment);
    }

    private void comment() {
        int from = at;
        if (script.startsWith("*/", at)) {
            isExecutableComment = false;
            at += 2;
            code.append(' ');
            return;
        }
        boolean isLine = !script.startsWith("/*", at);
        if (isLine) {
            int end = script.indexOf('\n', at);
            at = end < 0 ? script.length() : end;
        } else if (isMySql() && isExecutedComment()) {
            begin();
            isExecutableComment = true;
            return;
        } else {
            at = endOfBlockComment();
        }
        if (start < 0) {
            comments.add(new Comment(script.substring(from, at).strip(), lineOf(from)));
            lineOf(from);
        } else {
            // Lines stay where they are, so that a grammar can say where it stopped.
            long breaks =
                    script.substring(from, at).chars().filter(c -> c == '\n').count();
            code.append(breaks == 0 ? " " : "\n".repeat((int) breaks));
        }
    }

    /** Skips the mark of a comment that the server executes; false if it is one that it does not. */
    private boolean isExecutedComment() {
        boolean isForAll = script.startsWith("/*!", at);
        boolean isForMariaDb = script.startsWith("/*M!", at);
        if (!isForAll && !isForMariaDb) {
            return false;
        }
        int digits = at + (isForAll ? 3 : 4);
        int end = digits;
        while (end < script.length() && end < digits + 6 && Character.isDigit(script.charAt(end))) {
            end++;
        }
        int version = end - digits >= 5 ? Integer.parseInt(script.substring(digits, end)) : 0;
        boolean isExecuted = dialect == SqlDialect.MARIADB
                // MariaDB leaves out what was meant for releases of MySQL that it has parted from.
                ? version <= MARIADB_VERSION && !(isForAll && version >= 50700 && version <= 99999)
                : isForAll && version <= MYSQL_VERSION;
        if (!isExecuted) {
            return false;
        }
        at = version == 0 ? digits : end;
        return true;
    }

    private int endOfBlockComment() {
        boolean isNested = is(SqlDialect.POSTGRESQL, SqlDialect.SQLSERVER, SqlDialect.H2);
        int depth = 0;
        int position = at;
        while (position < script.length()) {
            if (script.startsWith("/*", position) && (isNested || depth == 0)) {
                depth++;
                position += 2;
            } else if (script.startsWith("*/", position)) {
                position += 2;
                if (--depth == 0) {
                    return position;
                }
            } else {
                position++;
            }
        }
        begin();
        problem = "a comment does not end";
        return script.length();
    }

    // Tokens.

    private void token(char c) {
        int from = at;
        if (c == '\'' || c == '"' || (c == '`' && isMySql())) {
            quoted(c, c != '`' && isMySql());
        } else if (c == '[' && dialect == SqlDialect.SQLSERVER) {
            quoted(']', false);
        } else if (c == '$'
                && is(SqlDialect.POSTGRESQL, SqlDialect.H2)
                && !dollarTag().isEmpty()) {
            dollarQuoted(dollarTag());
        } else if (c == '\\' && dialect == SqlDialect.POSTGRESQL) {
            problem = "a command for the client, which may do anything";
            at = endOfLine(at);
            int end = at;
            code.append(script, from, at);
            end(end, at);
            return;
        } else if (isNamePart(c)) {
            word();
            return;
        } else {
            brackets += c == '(' ? 1 : c == ')' && brackets > 0 ? -1 : 0;
            nesting = Math.max(nesting, brackets);
            at++;
            if (!Character.isWhitespace(c)) {
                lastWord = String.valueOf(c);
            }
        }
        code.append(script, from, at);
    }

    private void word() {
        int from = at;
        // A delimiter such as $$ may stand right behind a word, though its signs could be a part of it.
        boolean isDelimitedByDollars = delimiter.startsWith("$");
        while (at < script.length()
                && isNamePart(script.charAt(at))
                && !(isDelimitedByDollars && script.startsWith(delimiter, at))) {
            at++;
        }
        String word = script.substring(from, at).toUpperCase(Locale.ROOT);
        char next = at < script.length() ? script.charAt(at) : '\0';
        if (next == '\'' && dialect == SqlDialect.POSTGRESQL && word.equals("E")) {
            quoted('\'', true);
        } else if (next == '\'' && dialect == SqlDialect.ORACLE && (word.equals("Q") || word.equals("NQ"))) {
            alternativelyQuoted();
        } else {
            if (dialect == SqlDialect.SQLSERVER && isNextStatement(word, from)) {
                int end = from;
                int here = at;
                end(end, here);
                at = from;
                return;
            }
            if (words.size() < 12) {
                words.add(word);
            }
            countBlocks(word);
            if (word.equals("FROM")) {
                copyWords = 1;
            } else if (word.equals("STDIN") && copyWords == 1) {
                copyWords = 2;
            }
            lastWord = word;
        }
        code.append(script, from, at);
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c > 0x7F;
    }

    /** Moves behind a quoted part; a quote is doubled to stand for itself. */
    private void quoted(char quote, boolean hasBackslashes) {
        int opened = at;
        at++;
        while (at < script.length()) {
            char c = script.charAt(at);
            if (c == '\\' && hasBackslashes) {
                at += 2;
            } else if (c == quote) {
                if (at + 1 < script.length() && script.charAt(at + 1) == quote) {
                    at += 2;
                } else {
                    at++;
                    lastWord = "'";
                    return;
                }
            } else {
                at++;
            }
        }
        unended(opened);
    }

    private void unended(int opened) {
        at = script.length();
        problem = "what " + script.charAt(opened) + " opens at character " + (opened - start + 1) + " does not end";
    }

    private void alternativelyQuoted() {
        int opened = at;
        if (at + 1 >= script.length()) {
            unended(opened);
            return;
        }
        char open = script.charAt(at + 1);
        int pair = "[{(<".indexOf(open);
        char close = pair < 0 ? open : "]})>".charAt(pair);
        int end = script.indexOf(close + "'", at + 2);
        if (end < 0) {
            unended(opened);
        } else {
            at = end + 2;
            lastWord = "'";
        }
    }

    /** Returns the tag of a dollar quote that begins here, with both dollars; empty where none does. */
    private String dollarTag() {
        int end = at + 1;
        while (end < script.length() && isNamePart(script.charAt(end)) && script.charAt(end) != '$') {
            end++;
        }
        boolean isTag = end < script.length()
                && script.charAt(end) == '$'
                && (end == at + 1 || !Character.isDigit(script.charAt(at + 1)));
        return isTag ? script.substring(at, end + 1) : "";
    }

    private void dollarQuoted(String tag) {
        int opened = at;
        int end = script.indexOf(tag, at + tag.length());
        if (end < 0) {
            unended(opened);
        } else {
            at = end + tag.length();
            lastWord = "'";
        }
    }

    // Blocks.

    private void countBlocks(String word) {
        switch (dialect) {
            case POSTGRESQL -> countAtomic(word);
            case MYSQL, MARIADB -> {
                if (isMySqlRoutine()) {
                    countMySql(word);
                }
            }
            case SQLSERVER -> countTransactSql(word);
            case ORACLE -> {
                if (isPlSql()) {
                    countPlSql(word);
                }
            }
            case H2 -> {
                // H2 has no blocks.
            }
        }
    }

    private void countAtomic(String word) {
        if (word.equals("ATOMIC") && lastWord.equals("BEGIN")) {
            blocks++;
        } else if (blocks > 0 && word.equals("CASE")) {
            blocks++;
        } else if (blocks > 0 && word.equals("END")) {
            blocks--;
        }
    }

    private static final Set<String> OPENING = Set.of("IF", "LOOP", "REPEAT", "WHILE", "CASE");

    private static final Set<String> BEFORE_STATEMENT = Set.of(
            ";",
            "BEGIN",
            "THEN",
            "ELSE",
            "DO",
            "LOOP",
            "REPEAT",
            ":",
            "ROW",
            ")",
            "DETERMINISTIC",
            "SQL",
            "DATA",
            "DEFINER",
            "INVOKER",
            "ATOMIC");

    private void countMySql(String word) {
        if (OPENING.contains(word) && lastWord.equals("END")) {
            return;
        }
        boolean isInExpression = blocks > 0 && caseExpressions.get(blocks - 1);
        // THEN and ELSE of a CASE within an expression are followed by an expression, which may call IF and REPEAT.
        boolean isAtStatement = BEFORE_STATEMENT.contains(lastWord) && !isInExpression;
        if (word.equals("CASE") || word.equals("BEGIN") || (OPENING.contains(word) && isAtStatement)) {
            caseExpressions.set(blocks, word.equals("CASE") && !isAtStatement);
            blocks++;
        } else if (word.equals("END") && blocks > 0) {
            blocks--;
        }
    }

    private void countTransactSql(String word) {
        boolean isTransaction = Set.of("TRAN", "TRANSACTION", "DISTRIBUTED", "DIALOG", "CONVERSATION")
                .contains(word);
        if (lastWord.equals("BEGIN") && isTransaction && blocks > 0) {
            blocks--;
        } else if (word.equals("BEGIN") || word.equals("CASE")) {
            blocks++;
        } else if (word.equals("END") && blocks > 0) {
            blocks--;
        }
    }

    private void countPlSql(String word) {
        if (lastWord.equals("END") && Set.of("IF", "LOOP", "CASE").contains(word)) {
            return;
        }
        if (word.equals("BEGIN") || word.equals("CASE") || word.equals("IF") || word.equals("LOOP")) {
            blocks++;
            hasBlock |= word.equals("BEGIN");
        } else if (word.equals("END")) {
            hasBlock = true;
            blocks = Math.max(0, blocks - 1);
        }
    }

    // SQL Server needs no semicolons.

    private static final Set<String> BEGINNING = Set.of(
            "CREATE",
            "TRUNCATE",
            "EXEC",
            "EXECUTE",
            "DECLARE",
            "PRINT",
            "USE",
            "IF",
            "WHILE",
            "BEGIN",
            "COMMIT",
            "ROLLBACK");

    private static final Set<String> ALTERED = Set.of(
            "TABLE",
            "VIEW",
            "PROC",
            "PROCEDURE",
            "FUNCTION",
            "TRIGGER",
            "SCHEMA",
            "SEQUENCE",
            "DATABASE",
            "ROLE",
            "USER",
            "INDEX",
            "TYPE",
            "SYNONYM",
            "LOGIN",
            "AUTHORIZATION",
            "DEFAULT");

    /**
     * Returns whether a word at the beginning of a line begins another statement: one that cannot go on the statement under way.
     */
    private boolean isNextStatement(String word, int from) {
        if (words.isEmpty() || blocks > 0 || brackets > 0 || !isFirstInLine(from) || isTransactSqlRoutine()) {
            return false;
        }
        String verb = words.get(0);
        if (Set.of("IF", "WHILE", "BEGIN", "WITH").contains(verb)
                || Set.of("AS", "ON", "WITH", "THEN", "ELSE", "FOR", ",", "=", "(")
                        .contains(lastWord)) {
            return false;
        }
        String following =
                script.substring(at, Math.min(script.length(), at + 80)).strip().toUpperCase(Locale.ROOT);
        String next = following.split("[^A-Z]+", 2)[0];
        return switch (word) {
            case "ALTER" -> ALTERED.contains(next);
            // ALTER TABLE can drop an index too, whose name stands alone then.
            case "DROP" ->
                ALTERED.contains(next)
                        && (!verb.equals("ALTER")
                                || !next.equals("INDEX")
                                || following.matches("(?s)INDEX\\s+\\S+(\\.|\\s+ON\\s).*"));
            case "INSERT", "UPDATE", "DELETE", "MERGE" ->
                Set.of(
                                "ALTER",
                                "CREATE",
                                "DROP",
                                "INSERT",
                                "UPDATE",
                                "DELETE",
                                "EXEC",
                                "SET",
                                "TRUNCATE",
                                "DECLARE",
                                "PRINT")
                        .contains(verb);
            case "SET" -> verb.equals("SET") || verb.equals("DECLARE") || verb.equals("PRINT") || verb.equals("USE");
            case "CREATE" -> !(verb.equals("CREATE") && words.contains("SCHEMA") && words.size() < 4);
            case "EXECUTE" -> !verb.equals("GRANT") && !verb.equals("REVOKE");
            default -> BEGINNING.contains(word);
        };
    }
}
