package io.github.rollback4j.migrations.proof;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One database of a proof, from what was run on it. Where the server cannot copy a database, another is made by running the
 * same again.
 */
final class ScratchCopy implements AutoCloseable {

    /**
     * What is run on a database.
     *
     * @param name what it is, for people
     * @param statements the statements, in order
     * @param isTransactional whether they are one transaction, where the database can
     */
    record Step(String name, List<String> statements, boolean isTransactional) {
        Step {
            statements = List.copyOf(statements);
        }
    }

    /** Says that a statement of a step failed. */
    static final class StepException extends Exception {
        private static final long serialVersionUID = 1L;

        final transient Step step;
        final String statement;
        final String state;

        StepException(Step step, String statement, String state, SQLException cause) {
            super(step.name() + ": " + state + " " + cause.getMessage() + " in: " + statement, cause);
            this.step = step;
            this.statement = statement;
            this.state = state;
        }
    }

    private final Engine engine;
    private final String database;
    private final List<Step> history;
    private @Nullable Connection connection;

    private ScratchCopy(Engine engine, String database, List<Step> history) {
        this.engine = engine;
        this.database = database;
        this.history = new ArrayList<>(history);
    }

    static ScratchCopy empty(Engine engine) throws SQLException {
        ScratchCopy copy = new ScratchCopy(engine, ScratchDatabase.randomName(), List.of());
        engine.create(copy.database);
        return copy;
    }

    /** Makes another like this one. Connections to this one are closed. */
    ScratchCopy copy() throws SQLException, StepException {
        ScratchCopy copy = new ScratchCopy(engine, ScratchDatabase.randomName(), history);
        if (engine.copies()) {
            release();
            engine.copy(database, copy.database);
            return copy;
        }
        engine.create(copy.database);
        try {
            for (Step step : history) {
                copy.carryOut(step);
            }
            return copy;
        } catch (StepException | SQLException failed) {
            copy.close();
            throw failed;
        }
    }

    String database() {
        return database;
    }

    /** Returns the connection of who may do everything. */
    Connection connection() throws SQLException {
        if (connection == null || connection.isClosed()) {
            connection = engine.open(database);
        }
        return connection;
    }

    /** Runs a step, and remembers it; what failed has left nothing behind where the database can undo it. */
    void run(Step step) throws SQLException, StepException {
        carryOut(step);
        history.add(step);
    }

    private void carryOut(Step step) throws SQLException, StepException {
        Connection own = connection();
        own.setAutoCommit(!(step.isTransactional() && engine.isTransactional()));
        try (Statement statement = own.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : step.statements()) {
                try {
                    statement.setQueryTimeout(Engine.LONGEST_MIGRATION_SECONDS);
                    statement.execute(sql);
                } catch (SQLException failed) {
                    throw new StepException(step, sql, engine.stateOf(failed), failed);
                }
            }
            if (!own.getAutoCommit()) {
                try {
                    own.commit();
                } catch (SQLException failed) {
                    throw new StepException(step, "COMMIT", engine.stateOf(failed), failed);
                }
            }
        } finally {
            if (!own.getAutoCommit()) {
                own.rollback();
                own.setAutoCommit(true);
            }
        }
        // What a step has set for its session is gone for the next, as with a tool that takes its connections from a
        // pool.
        if (engine.copies()) {
            engine.execute(own, "RESET search_path", "RESET ROLE");
        }
    }

    private void release() throws SQLException {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    @Override
    public void close() throws SQLException {
        try {
            release();
        } finally {
            engine.drop(database);
        }
    }
}
