package io.github.rollback4j.samples.evolution;

import io.github.rollback4j.migrations.statements.StatementRecorder;
import io.github.rollback4j.migrations.verdict.Compatibility;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import io.github.rollback4j.migrations.verdict.Verdict;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * A release that is brought to a database of the one before it, and taken back: what was said of it, and what happened.
 *
 * @param release the release's number
 * @param change what it changes
 * @param server where
 * @param failures what the previous release could not do on the migrated database; empty if it works
 * @param read the verdict by reading alone: with the previous release's statements, which are not said to be complete
 * @param weighed the verdict with these statements, said to be complete
 * @param proved the verdict with these statements and a proof
 * @param failuresAfterUndo what it could not do once the declared undo had run; empty if it works, or nothing is declared
 */
record Trial(
        int release,
        String change,
        Server server,
        List<String> failures,
        Compatibility read,
        Compatibility weighed,
        Compatibility proved,
        List<String> failuresAfterUndo) {

    static Trial of(Application application, int number, Server server) throws SQLException {
        Release before = application.release(number - 1);
        Release now = application.release(number);
        StatementRecorder recorder = new StatementRecorder();

        DataSource database = migrated(application, number, server, recorder);
        List<String> failures = failures(database, before, "back");

        CompatibilityCheck check = CompatibilityCheck.of(application.broughtBy(number, server.dialect()))
                .statements(recorder.catalogue());
        Compatibility read = check.run();
        Compatibility weighed = check.statementsAreComplete().run();
        Compatibility proved = check.provedOn(server.scratch()).run();

        List<String> failuresAfterUndo = List.of();
        if (!read.undo().isEmpty()) {
            DataSource undone = migrated(application, number, server, new StatementRecorder());
            failuresAfterUndo = undo(undone, read.undo());
            if (failuresAfterUndo.isEmpty()) {
                failuresAfterUndo = failures(undone, before, "back");
            }
        }
        return new Trial(number, now.change(), server, failures, read, weighed, proved, failuresAfterUndo);
    }

    /** Makes a database on which the previous release has worked, then the new one. */
    private static DataSource migrated(Application application, int number, Server server, StatementRecorder recorder)
            throws SQLException {
        DataSource database = server.emptyDatabase();
        application.migrate(database, server.dialect(), number - 1);
        exercise(recorder.record(database), application.release(number - 1), "old");
        application.migrate(database, server.dialect(), number);
        exercise(database, application.release(number), "new");
        return database;
    }

    private static void exercise(DataSource database, Release release, String run) throws SQLException {
        try (Connection connection = database.getConnection()) {
            release.exercise(connection, run);
        }
    }

    private static List<String> failures(DataSource database, Release release, String run) throws SQLException {
        try {
            exercise(database, release, run);
            return List.of();
        } catch (NotWorkingException notWorking) {
            return notWorking.failures();
        }
    }

    private static List<String> undo(DataSource database, List<String> undo) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : undo) {
                statement.execute(sql);
            }
            return List.of();
        } catch (SQLException refused) {
            return List.of("undo: " + NotWorkingException.shown(refused));
        }
    }

    boolean isWorking() {
        return failures.isEmpty();
    }

    boolean isUndoDeclared() {
        return !read.undo().isEmpty();
    }

    List<Verdict> verdicts() {
        return List.of(read.verdict(), weighed.verdict(), proved.verdict());
    }

    String row() {
        return "| " + (release - 1) + " → " + release + " | " + change + " | " + server.title() + " | "
                + (isWorking() ? "works" : String.join("; ", failures)) + " | "
                + undone() + " | "
                + verdicts().stream().map(Verdict::name).collect(Collectors.joining(" | ")) + " |";
    }

    private String undone() {
        if (!isUndoDeclared()) {
            return "";
        }
        return failuresAfterUndo.isEmpty() ? "works" : String.join("; ", failuresAfterUndo);
    }
}
