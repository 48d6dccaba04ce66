package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells of a database's failures without telling secrets. What a driver or a pool says while it connects may hold the URL, the
 * user and the password, so that only the kind of the failure is passed on; what the server says of a statement is passed on
 * but for what looks like a secret.
 */
final class SqlFailures {

    private static final int LONGEST = 200;
    private static final int H2_EXCLUSIVE = 90_135;
    private static final Pattern URL = Pattern.compile("(?i)\\bjdbc:\\S+|\\b[a-z][a-z0-9+.-]*://\\S+");
    private static final Pattern SECRET =
            Pattern.compile("(?i)\\b\\w*(password|passwd|pwd|secret|token|api.?key)\\w*\\s*[=:]\\s*\\S+");

    private SqlFailures() {}

    /** Says that there is no connection. */
    static RollbackException notConnected(String what, SQLException failed) {
        return new RollbackException("could not " + what + ": the database gives no connection: " + kind(failed));
    }

    /** Says that a statement failed, and that nothing was changed. */
    static RollbackException refused(String what, SQLException failed) {
        String said = said(failed);
        return new RollbackException("could not " + what + ": "
                + (isConnectionLost(failed) || said.isEmpty() ? "the connection to the database failed" : said) + ": "
                + kind(failed));
    }

    /** Says that the connection was lost while the change was made final: nobody knows whether it was. */
    static RollbackException unknown(String what, SQLException failed) {
        return new RollbackException("it is not known whether the database did " + what
                + ", since the connection failed while it did: " + kind(failed));
    }

    /** Returns the kind of a failure, in words that a driver's maker, or its manual, understands. */
    static String kind(SQLException failed) {
        StringBuilder kind = new StringBuilder(failed.getClass().getSimpleName())
                .append(", SQLState ")
                .append(failed.getSQLState())
                .append(", vendor code ")
                .append(failed.getErrorCode());
        Throwable cause = failed.getCause();
        if (cause != null) {
            kind.append(", from ").append(root(cause).getClass().getSimpleName());
        }
        return kind.toString();
    }

    private static Throwable root(Throwable failed) {
        Throwable root = failed;
        // A bound, since causes may go round in circles.
        for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
            root = root.getCause();
        }
        return root;
    }

    /** Returns what the server says of a statement, but for what looks like a secret. */
    static String said(SQLException failed) {
        String said = String.valueOf(failed.getMessage());
        int statement = said.indexOf("; SQL statement:");
        said = (statement < 0 ? said : said.substring(0, statement))
                .lines()
                .findFirst()
                .orElse("")
                .strip();
        said = SECRET.matcher(URL.matcher(said).replaceAll("***")).replaceAll("***");
        return said.length() <= LONGEST ? said : said.substring(0, LONGEST) + "...";
    }

    /** Says whether somebody has the database for themselves: with H2, as it is opened by several at once. */
    static boolean isTakenForAMoment(SQLException failed) {
        return failed.getErrorCode() == H2_EXCLUSIVE;
    }

    /** Says whether the connection is gone, so that another may do. */
    static boolean isConnectionLost(@Nullable SQLException failed) {
        if (failed == null) {
            return false;
        }
        String state = String.valueOf(failed.getSQLState()).toUpperCase(Locale.ROOT);
        return failed instanceof java.sql.SQLRecoverableException
                || failed instanceof java.sql.SQLNonTransientConnectionException
                || failed instanceof java.sql.SQLTransientConnectionException
                || state.startsWith("08")
                // PostgreSQL: the server is shut down, or ends the session. MariaDB: somebody killed the connection.
                || state.startsWith("57P")
                || state.equals("70100");
    }
}
