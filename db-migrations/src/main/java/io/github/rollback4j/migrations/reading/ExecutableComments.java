package io.github.rollback4j.migrations.reading;

/**
 * The comments of MySQL and MariaDB that a server carries out: {@code /*!50100 PARTITION BY …}{@code *}{@code /}. The grammars pass
 * over them as over any other, and a part of the statement would be left out.
 */
final class ExecutableComments {

    private static final int RELEASE_OF_MYSQL = 80_499;
    private static final int RELEASE_OF_MARIADB = 110_499;

    /** MariaDB passes over what is meant for these releases: they are MySQL's own. */
    private static final int FIRST_OF_MYSQL_ALONE = 50_700;

    private static final int LAST_OF_MYSQL_ALONE = 99_999;

    private final String sql;
    private final boolean isMariaDb;
    private final StringBuilder opened;
    private boolean isInside;

    private ExecutableComments(String sql, boolean isMariaDb) {
        this.sql = sql;
        this.isMariaDb = isMariaDb;
        this.opened = new StringBuilder(sql.length());
    }

    /** Returns the statement as the server sees it, every character in its place. */
    static String opened(String sql, boolean isMariaDb) {
        return sql.contains("/*!") || sql.contains("/*M!") ? new ExecutableComments(sql, isMariaDb).open() : sql;
    }

    private String open() {
        int at = 0;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '\'' || c == '"' || c == '`') {
                at = copy(at, endOfQuoted(at, c));
            } else if (sql.startsWith("/*!", at) || sql.startsWith("/*M!", at)) {
                at = openAt(at);
            } else if (sql.startsWith("/*", at)) {
                at = copy(at, endOfComment(at));
            } else if (c == '#' || sql.startsWith("-- ", at)) {
                int end = sql.indexOf('\n', at);
                at = copy(at, end < 0 ? sql.length() : end);
            } else if (isInside && sql.startsWith("*/", at)) {
                isInside = false;
                at = blank(at, at + 2);
            } else {
                at = copy(at, at + 1);
            }
        }
        return opened.toString();
    }

    private int openAt(int at) {
        boolean isForMariaDb = sql.charAt(at + 2) == 'M';
        int digits = at + (isForMariaDb ? 4 : 3);
        int end = digits;
        while (end < sql.length() && end < digits + 6 && Character.isDigit(sql.charAt(end))) {
            end++;
        }
        int release = end - digits < 5 ? 0 : Integer.parseInt(sql.substring(digits, end));
        if (isCarriedOut(isForMariaDb, release)) {
            isInside = true;
            return blank(at, end - digits < 5 ? digits : end);
        }
        return blank(at, endOfComment(at));
    }

    private boolean isCarriedOut(boolean isForMariaDb, int release) {
        if (!isMariaDb) {
            return !isForMariaDb && release <= RELEASE_OF_MYSQL;
        }
        boolean isOfMySql = !isForMariaDb && release >= FIRST_OF_MYSQL_ALONE && release <= LAST_OF_MYSQL_ALONE;
        return release <= RELEASE_OF_MARIADB && !isOfMySql;
    }

    private int endOfComment(int at) {
        int end = sql.indexOf("*/", at + 2);
        return end < 0 ? sql.length() : end + 2;
    }

    private int endOfQuoted(int at, char quote) {
        int end = at + 1;
        while (end < sql.length() && sql.charAt(end) != quote) {
            end += quote != '`' && sql.charAt(end) == '\\' ? 2 : 1;
        }
        return Math.min(end + 1, sql.length());
    }

    private int copy(int from, int to) {
        opened.append(sql, from, to);
        return to;
    }

    private int blank(int from, int to) {
        for (int i = from; i < to; i++) {
            opened.append(sql.charAt(i) == '\n' ? '\n' : ' ');
        }
        return to;
    }
}
