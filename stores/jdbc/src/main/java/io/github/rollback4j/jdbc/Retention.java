package io.github.rollback4j.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Deletes what nobody needs any more: rollouts that are at their end and have been quiet for a long time, and the pages of
 * those that have been at their end for a day. One rollout a transaction, so that nobody waits long.
 *
 * <p>Attempts of a pair are deleted from the last to the first: whoever looks for the last one counts up from the first.
 */
final class Retention {

    private static final Duration PAGES = Duration.ofDays(1);
    private static final Duration PAUSE = Duration.ofHours(1);
    private static final int MOST_AT_ONCE = 100;
    private static final Pattern ATTEMPT = Pattern.compile("(.*#)(\\d{1,9})");

    private final Tables tables;
    private final Database database;
    private final Duration age;

    Retention(Tables tables, Database database, Duration age) {
        this.tables = tables;
        this.database = database;
        this.age = age;
    }

    private record Finished(long id, String name) {}

    /** Says whether it is this instance's turn: one of all, once an hour. */
    boolean isDue(Workers.Task task) {
        return database.write(
                        "see whose turn it is to delete old rollouts",
                        task,
                        session -> session.update(
                                "UPDATE " + tables.store() + " SET amount = amount + 1, changed_at = "
                                        + session.dialect().now() + " WHERE name = 'tidied' AND (amount = 0 OR "
                                        + session.dialect().since("changed_at") + " >= ?)",
                                micros(PAUSE)))
                == 1;
    }

    /** Deletes up to a hundred rollouts, and returns how many; less than that means that no more are there. */
    int delete(Workers.Task task) {
        deletePages(task);
        List<Finished> old = database.read(
                "find old rollouts",
                task,
                session -> session.query(
                        row -> new Finished(row.getLong(1), row.getString(2)),
                        "SELECT id, name FROM " + tables.rollout() + " WHERE " + isOld(session.dialect())
                                + " ORDER BY begun DESC",
                        micros(age)));
        int deleted = 0;
        for (Finished each : old) {
            if (deleted == MOST_AT_ONCE || task.isOver()) {
                break;
            }
            deleted += database.write(
                    "delete old rollout " + each.name,
                    task,
                    session -> isLastAttempt(session, each) ? delete(session, each) : 0);
        }
        return deleted;
    }

    private static String isOld(Dialect dialect) {
        return "finished_at IS NOT NULL AND " + dialect.since("written_at") + " >= ?";
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    private boolean isLastAttempt(Database.Session session, Finished rollout) throws SQLException {
        Matcher attempt = ATTEMPT.matcher(rollout.name);
        if (!attempt.matches()) {
            return true;
        }
        String next = attempt.group(1) + (Long.parseLong(attempt.group(2)) + 1);
        return session.find(row -> 1, "SELECT id FROM " + tables.rollout() + " WHERE name = ?", next) == null;
    }

    /** Deletes a rollout with all that belongs to it, if it is still old; the tokens that it saw are remembered. */
    private int delete(Database.Session session, Finished rollout) throws SQLException {
        Long highest = session.find(
                row -> row.getLong(1),
                "SELECT highest_token FROM " + tables.rollout() + " WHERE id = ? AND " + isOld(session.dialect())
                        + " FOR UPDATE",
                rollout.id,
                micros(age));
        if (highest == null) {
            return 0;
        }
        session.update("DELETE FROM " + tables.rollout() + " WHERE id = ?", rollout.id);
        session.update(
                "UPDATE " + tables.store() + " SET amount = ? WHERE name = 'last-token' AND amount < ?",
                highest,
                highest);
        return 1;
    }

    private void deletePages(Workers.Task task) {
        database.write(
                "delete old pages",
                task,
                session -> session.update(
                        "DELETE FROM " + tables.page() + " WHERE "
                                + session.dialect().since("changed_at")
                                + " >= ? AND rollout IN (SELECT id FROM " + tables.rollout()
                                + " WHERE finished_at IS NOT NULL AND "
                                + session.dialect().since("finished_at") + " >= ?)",
                        micros(PAGES),
                        micros(PAGES)));
    }
}
