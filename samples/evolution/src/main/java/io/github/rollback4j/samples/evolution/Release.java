package io.github.rollback4j.samples.evolution;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One release of an application: what it asks of the database, and how it reads the answers. */
public interface Release {

    /** Returns its number, from 1. */
    int number();

    /** Says in a few words what its migrations change. */
    String change();

    /** Returns what the application does, by name, in the order in which a smoke run does it. */
    Map<String, Work> work();

    /** One thing that the application does, in a transaction of its own. */
    @FunctionalInterface
    interface Work {

        /** Does it, and looks at what came of it. */
        void run(Session session) throws SQLException;
    }

    /**
     * Does all of the release's work, as a smoke run does, and leaves rows behind.
     *
     * @param run a word that no other run on this database uses
     * @throws NotWorkingException if some of it fails, or comes to a wrong result; the rest is done all the same
     */
    default void exercise(Connection connection, String run) throws SQLException {
        connection.setAutoCommit(false);
        List<String> failures = new ArrayList<>();
        for (Map.Entry<String, Work> each : work().entrySet()) {
            try {
                each.getValue().run(new Session(connection, run));
                connection.commit();
            } catch (SQLException refused) {
                connection.rollback();
                failures.add(each.getKey() + ": " + NotWorkingException.shown(refused));
            } catch (RuntimeException wrong) {
                connection.rollback();
                failures.add(each.getKey() + ": " + wrong.getMessage());
            }
        }
        if (!failures.isEmpty()) {
            throw new NotWorkingException(failures);
        }
    }
}
