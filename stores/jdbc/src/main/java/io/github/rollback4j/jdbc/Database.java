package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements on a database, each body in one transaction, on one connection. What the database undid so that others could
 * go on is repeated, and what fails on a connection that turns out to be dead is tried on another: never after the change may
 * have been made final.
 *
 * <p>Correct at each isolation level from READ COMMITTED on, since it does not set one: what is decided is decided by rows that
 * are locked.
 */
final class Database {

    private static final long SHORTEST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 50_000_000;
    private static final int MOST_CONNECTIONS = 3;

    /** How often a connection is asked for while somebody has the database for themselves: for about a second. */
    private static final int MOST_MOMENTS = 25;

    private static final Duration GRACE = Duration.ofSeconds(1);

    /** Gives connections, and what else a kind of database needs. */
    interface Source {
        Connection connection() throws SQLException;

        /**
         * Waits until nobody else uses the database, where it bears only one who does.
         *
         * @return ends the turn; null where it did not come in time
         */
        default @Nullable Turn turn(Duration longest) {
            return () -> {};
        }

        /** Makes durable what was committed, where the commit alone does not. */
        default void persist(Connection connection) throws SQLException {}
    }

    /** The time in which nobody else uses the database. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** What is run in a transaction. */
    interface Body<T extends @Nullable Object> {
        T run(Session session) throws SQLException;
    }

    /** Makes an object of a row. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Says that nobody waits for the outcome any more, so that nothing is made final. */
    private static final class GivenUpException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final Source source;
    private final Schema schema;
    private final RandomGenerator random;

    Database(Source source, Schema schema, RandomGenerator random) {
        this.source = source;
        this.schema = schema;
        this.random = random;
    }

    /** A connection, with which kind of database it leads to. */
    static final class Session {
        private final Connection connection;
        private final Dialect dialect;
        private final Supplier<Duration> longest;

        Session(Connection connection, Dialect dialect, Supplier<Duration> longest) {
            this.connection = connection;
            this.dialect = dialect;
            this.longest = longest;
        }

        Dialect dialect() {
            return dialect;
        }

        Connection connection() {
            return connection;
        }

        /** Runs a statement and returns how many rows it changed. */
        int update(String sql, Object... parameters) throws SQLException {
            try (PreparedStatement statement = prepare(sql, parameters)) {
                return statement.executeUpdate();
            }
        }

        /** Runs a statement, whatever it returns. */
        void execute(String sql, Object... parameters) throws SQLException {
            try (PreparedStatement statement = prepare(sql, parameters)) {
                statement.execute();
            }
        }

        <T> List<T> query(Row<T> row, String sql, Object... parameters) throws SQLException {
            try (PreparedStatement statement = prepare(sql, parameters);
                    ResultSet rows = statement.executeQuery()) {
                List<T> results = new ArrayList<>();
                while (rows.next()) {
                    results.add(row.read(rows));
                }
                return results;
            }
        }

        /** Returns what the only row says; null where there is none. */
        <T> @Nullable T find(Row<T> row, String sql, Object... parameters) throws SQLException {
            List<T> rows = query(row, sql, parameters);
            return rows.isEmpty() ? null : rows.get(0);
        }

        /** Runs a statement once for each list of parameters. */
        void updateEach(String sql, List<Object[]> each) throws SQLException {
            if (each.isEmpty()) {
                return;
            }
            try (PreparedStatement statement = prepare(sql)) {
                for (Object[] parameters : each) {
                    bind(statement, parameters);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
        }

        private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(sql);
            try {
                if (dialect.hasStatementTimeouts()) {
                    // In whole seconds, and 0 is without a limit.
                    statement.setQueryTimeout((int) longest.get().toSeconds() + 1);
                }
                bind(statement, parameters);
                return statement;
            } catch (SQLException failed) {
                statement.close();
                throw failed;
            }
        }

        private static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
            for (int index = 0; index < parameters.length; index++) {
                Object parameter = parameters[index];
                if (parameter instanceof Long number) {
                    statement.setLong(index + 1, number);
                } else if (parameter instanceof Integer number) {
                    statement.setInt(index + 1, number);
                } else if (parameter instanceof byte[] bytes) {
                    statement.setBytes(index + 1, bytes);
                } else {
                    statement.setString(index + 1, (String) parameter);
                }
            }
        }
    }

    /** Runs a body that only reads, with one statement. */
    <T extends @Nullable Object> T read(String what, Workers.Task task, Body<T> body) {
        return repeat(what, task, body, false, true);
    }

    /** Runs a body and makes final what it changed, unless nobody waits for it any more. */
    <T extends @Nullable Object> T write(String what, Workers.Task task, Body<T> body) {
        return repeat(what, task, body, true, false);
    }

    /** The same for a body that may be done twice: where it is not known whether it was, it is done again. */
    <T extends @Nullable Object> T writeAgain(String what, Workers.Task task, Body<T> body) {
        return repeat(what, task, body, true, true);
    }

    private <T extends @Nullable Object> T repeat(
            String what, Workers.Task task, Body<T> body, boolean writes, boolean mayBeDoneTwice) {
        int connections = 0;
        long pause = SHORTEST_PAUSE_NANOS;
        while (true) {
            Turn turn = turn(what, task);
            try (Attempt attempt = new Attempt(connect(what), task)) {
                connections++;
                try {
                    return attempt.run(body, writes);
                } catch (SQLException failed) {
                    boolean isUndone = attempt.dialect != null && attempt.dialect.isUndone(failed);
                    if (!mayBeDoneTwice && (attempt.isCommitted || (attempt.isCommitting && !isUndone))) {
                        throw SqlFailures.unknown(what, failed);
                    }
                    boolean isWorthIt =
                            isUndone || (SqlFailures.isConnectionLost(failed) && connections < MOST_CONNECTIONS);
                    if (!isWorthIt || task.remaining().toNanos() <= pause) {
                        throw SqlFailures.refused(what, failed);
                    }
                } catch (GivenUpException nobodyWaits) {
                    throw new RollbackException("could not " + what + ": given up before it was done");
                }
            } finally {
                turn.close();
            }
            LockSupport.parkNanos(pause / 2 + random.nextLong(pause));
            pause = Math.min(LONGEST_PAUSE_NANOS, pause * 2);
        }
    }

    private Turn turn(String what, Workers.Task task) {
        Turn turn = source.turn(task.remaining());
        if (turn == null) {
            throw new RollbackException("could not " + what + ": others use the file all the time");
        }
        return turn;
    }

    private Connection connect(String what) {
        long pause = SHORTEST_PAUSE_NANOS;
        for (int attempt = 1; ; attempt++) {
            try {
                return source.connection();
            } catch (SQLException failed) {
                if (!SqlFailures.isTakenForAMoment(failed) || attempt == MOST_MOMENTS) {
                    throw SqlFailures.notConnected(what, failed);
                }
            }
            LockSupport.parkNanos(pause / 2 + random.nextLong(pause));
            pause = Math.min(LONGEST_PAUSE_NANOS, pause * 2);
        }
    }

    /** One use of a connection, which is given back as it was. */
    private final class Attempt implements AutoCloseable {
        private final Connection connection;
        private final Workers.Task task;
        private final int networkTimeout;
        private @Nullable Dialect dialect;
        private @Nullable Boolean commitsByItself;
        private boolean isCommitting;
        private boolean isCommitted;

        Attempt(Connection connection, Workers.Task task) {
            this.connection = connection;
            this.task = task;
            Duration longest = schema.isReady() ? task.remaining().plus(GRACE) : Schema.LONGEST_SET_UP;
            this.networkTimeout = limitNetwork((int) longest.toMillis());
        }

        <T extends @Nullable Object> T run(Body<T> body, boolean writes) throws SQLException {
            boolean auto = connection.getAutoCommit();
            commitsByItself = auto;
            Dialect known = schema.dialect(connection);
            dialect = known;
            schema.prepare(new Session(connection, known, () -> Schema.LONGEST_SET_UP));
            Session session = new Session(connection, known, task::remaining);
            if (auto && writes) {
                connection.setAutoCommit(false);
            }
            boolean isDone = false;
            try {
                T result = body.run(session);
                if (writes && task.isOver()) {
                    throw new GivenUpException();
                }
                if (writes || !auto) {
                    isCommitting = writes;
                    connection.commit();
                    isCommitted = writes;
                }
                if (writes) {
                    source.persist(connection);
                }
                isDone = true;
                return result;
            } catch (SQLException failed) {
                if (Dialect.isMissingTable(failed)) {
                    schema.forget();
                }
                throw failed;
            } finally {
                if (!isDone && (writes || !auto)) {
                    undo();
                }
            }
        }

        private void undo() {
            try {
                connection.rollback();
            } catch (SQLException gone) {
                // So is what was changed.
            }
        }

        /** Gives the connection back. */
        @Override
        public void close() {
            try {
                if (commitsByItself != null && connection.getAutoCommit() != commitsByItself) {
                    connection.setAutoCommit(commitsByItself);
                }
                if (networkTimeout >= 0) {
                    connection.setNetworkTimeout(Runnable::run, networkTimeout);
                }
            } catch (SQLException gone) {
                // A pool finds out.
            }
            try {
                connection.close();
            } catch (SQLException gone) {
                // It is.
            }
        }

        /**
         * Bounds how long an answer may take where the network swallows it; returns the former bound, or -1 where that cannot
         * be done.
         */
        private int limitNetwork(int millis) {
            try {
                int before = connection.getNetworkTimeout();
                connection.setNetworkTimeout(Runnable::run, millis);
                return before;
            } catch (SQLException | AbstractMethodError | UnsupportedOperationException old) {
                return -1;
            }
        }
    }
}
