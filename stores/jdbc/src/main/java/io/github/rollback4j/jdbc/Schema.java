package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the tables, or brings them up to date, before they are first used. The tables say which version they have, and from
 * which version of this library on they can be read and written: after a rollback the previous release, with an older version
 * of this library, goes on with tables that a newer one has extended.
 */
final class Schema {

    /** What brings the tables from one version to the next, the first from none to 1. */
    interface Step {
        List<String> statements(Dialect dialect, Tables tables);
    }

    /** The steps that this version of the library knows; the number of them is the version of its tables. */
    static final List<Step> STEPS = List.of(Schema::first);

    /** The oldest version of this library's tables that can use tables of this version. */
    static final int COMPATIBLE_FROM = 1;

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    /** How long the tables may take, once. */
    static final Duration LONGEST_SET_UP = Duration.ofSeconds(30);

    private final Tables tables;
    private final boolean isFile;
    private final List<Step> steps;
    private final int compatibleFrom;
    private final ReentrantLock setUp = new ReentrantLock();
    private volatile @Nullable Dialect dialect;
    private volatile boolean isReady;
    private volatile boolean isInMemory;

    /**
     * Names the tables.
     *
     * @param isFile whether the store's own file holds them, which sees to it itself that what is committed is on the disk
     */
    Schema(Tables tables, boolean isFile, List<Step> steps, int compatibleFrom) {
        this.tables = tables;
        this.isFile = isFile;
        this.steps = steps;
        this.compatibleFrom = compatibleFrom;
    }

    // ---- The tables.

    private static List<String> first(Dialect dialect, Tables tables) {
        String options = dialect.tableOptions();
        return List.of(
                "CREATE TABLE IF NOT EXISTS " + tables.store() + " ("
                        + "name " + dialect.text(40) + " NOT NULL PRIMARY KEY, "
                        + "amount BIGINT NOT NULL, "
                        + "changed_at " + dialect.moment() + " NOT NULL"
                        + ")" + options,
                "CREATE TABLE IF NOT EXISTS " + tables.rollout() + " ("
                        + "id " + dialect.identity() + " PRIMARY KEY, "
                        + "name " + dialect.text(512) + " NOT NULL, "
                        + "begun BIGINT, "
                        + "last_sequence BIGINT NOT NULL, "
                        + "last_type " + dialect.text(200) + ", "
                        + "written_at " + dialect.moment() + ", "
                        + "finished_at " + dialect.moment() + ", "
                        + "highest_token BIGINT NOT NULL, "
                        + "lease_holder " + dialect.text(200) + ", "
                        + "lease_token BIGINT NOT NULL, "
                        + "lease_until " + dialect.moment() + ", "
                        + "members INTEGER NOT NULL, "
                        + "UNIQUE (name)"
                        + ")" + options,
                "CREATE TABLE IF NOT EXISTS " + tables.event() + " ("
                        + "rollout BIGINT NOT NULL, "
                        + "sequence BIGINT NOT NULL, "
                        + "token BIGINT NOT NULL, "
                        + "type " + dialect.text(200) + " NOT NULL, "
                        + "version INTEGER NOT NULL, "
                        + "happened_at " + dialect.text(40) + " NOT NULL, "
                        + "elapsed " + dialect.text(40) + " NOT NULL, "
                        + "written_at " + dialect.moment() + " NOT NULL, "
                        + "data " + dialect.longText() + " NOT NULL, "
                        + "PRIMARY KEY (rollout, sequence), "
                        + belongsTo(tables)
                        + ")" + options,
                "CREATE TABLE IF NOT EXISTS " + tables.member() + " ("
                        + "rollout BIGINT NOT NULL, "
                        + "member INTEGER NOT NULL, "
                        + "instance " + dialect.text(200) + " NOT NULL, "
                        + "host " + dialect.text(200) + " NOT NULL, "
                        + "joined_at " + dialect.moment() + " NOT NULL, "
                        + "heard_at " + dialect.moment() + " NOT NULL, "
                        + "left_at " + dialect.moment() + ", "
                        + "PRIMARY KEY (rollout, member), "
                        + "UNIQUE (rollout, instance), "
                        + belongsTo(tables)
                        + ")" + options,
                "CREATE TABLE IF NOT EXISTS " + tables.page() + " ("
                        + "rollout BIGINT NOT NULL, "
                        + "member INTEGER NOT NULL, "
                        + "name " + dialect.text(200) + " NOT NULL, "
                        + "content " + dialect.bytes() + " NOT NULL, "
                        + "changed_at " + dialect.moment() + " NOT NULL, "
                        + "PRIMARY KEY (rollout, member, name), "
                        + belongsTo(tables)
                        + ")" + options,
                insert(dialect, tables, "last-token", 0),
                insert(dialect, tables, "last-begun", 0),
                insert(dialect, tables, "tidied", 0),
                insert(dialect, tables, "compatible-from", 1),
                // The last: where it is, so is all before it.
                insert(dialect, tables, "version", 1));
    }

    private static String belongsTo(Tables tables) {
        return "FOREIGN KEY (rollout) REFERENCES " + tables.rollout() + " (id) ON DELETE CASCADE";
    }

    private static String insert(Dialect dialect, Tables tables, String name, long amount) {
        return "INSERT INTO " + tables.store() + " (name, amount, changed_at) SELECT '" + name + "', " + amount + ", "
                + dialect.now() + (dialect == Dialect.MARIADB || dialect == Dialect.MYSQL ? " FROM DUAL" : "")
                + " WHERE NOT EXISTS (SELECT 1 FROM " + tables.store() + " WHERE name = '" + name + "')";
    }

    /** Returns what creates the tables, for who wants to do it by hand. */
    static String script(Dialect dialect, Tables tables) {
        StringBuilder script = new StringBuilder();
        for (Step step : STEPS) {
            for (String statement : step.statements(dialect, tables)) {
                script.append(statement).append(";\n");
            }
        }
        return script.toString();
    }

    // ---- Whether they are as they should be.

    /** Returns which kind of database it is, looking once. */
    Dialect dialect(Connection connection) throws SQLException {
        Dialect known = dialect;
        if (known == null) {
            known = Dialect.of(connection.getMetaData());
            if (known == null) {
                throw new RollbackException("the database product '"
                        + connection.getMetaData().getDatabaseProductName()
                        + "' is not supported: H2, PostgreSQL, MariaDB and MySQL are");
            }
            isInMemory = known == Dialect.H2
                    && String.valueOf(connection.getMetaData().getURL()).startsWith("jdbc:h2:mem:");
            dialect = known;
        }
        return known;
    }

    /** Says whether threads that wait for the database may be interrupted; no, as long as it is not known which it is. */
    boolean mayBeInterrupted() {
        Dialect known = dialect;
        return known != null && known.mayBeInterrupted();
    }

    /** Says whether the database forgets all with its process. */
    boolean isInMemory() {
        return isInMemory;
    }

    /** Looks at the tables again before they are used next. */
    void forget() {
        isReady = false;
    }

    /** Sees to it, once, that the tables are there and can be used. The connection is left outside a transaction. */
    void prepare(Database.Session session) throws SQLException {
        if (isReady) {
            return;
        }
        try {
            if (!setUp.tryLock(LONGEST_SET_UP.toSeconds(), TimeUnit.SECONDS)) {
                throw new RollbackException("the tables " + tables.prefix() + "* are still being set up");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RollbackException("interrupted while the tables " + tables.prefix() + "* were set up");
        }
        try {
            if (!isReady) {
                setUp(session);
                warnOfCarelessness(session);
                if (!session.connection().getAutoCommit()) {
                    session.connection().rollback();
                }
                isReady = true;
            }
        } finally {
            setUp.unlock();
        }
    }

    boolean isReady() {
        return isReady;
    }

    private void setUp(Database.Session session) throws SQLException {
        try {
            if (!isUsable(session)) {
                bringUpToDate(session);
            }
        } catch (SQLException failed) {
            if (session.dialect().isUndone(failed) || SqlFailures.isConnectionLost(failed)) {
                throw failed;
            }
            throw new RollbackException(
                    "the tables " + tables.prefix() + "* cannot be set up: "
                            + SqlFailures.said(failed) + ": " + SqlFailures.kind(failed)
                            + ". Give the user the right to create, read and write them, or create them with what JdbcStore.ddl returns");
        }
    }

    /** Says whether the tables can be used as they are, and need no step. */
    private boolean isUsable(Database.Session session) throws SQLException {
        Map<String, Long> store = store(session);
        long version = store.getOrDefault("version", 0L);
        long from = store.getOrDefault("compatible-from", 0L);
        if (from > steps.size()) {
            throw new RollbackException("the tables " + tables.prefix() + "* have version " + version
                    + ", which needs a rollback4j that knows version " + from + " or later; this one knows "
                    + steps.size());
        }
        return version >= steps.size();
    }

    /** Returns what the table of the store says; nothing where it is not there. */
    private Map<String, Long> store(Database.Session session) throws SQLException {
        Connection connection = session.connection();
        // PostgreSQL would let nothing more into a transaction in which a statement has failed.
        Savepoint before = connection.getAutoCommit() ? null : connection.setSavepoint();
        Map<String, Long> store = new HashMap<>();
        try {
            session.query(
                    row -> store.put(row.getString(1), row.getLong(2)),
                    "SELECT name, amount FROM " + tables.store() + " WHERE name IN ('version', 'compatible-from')");
        } catch (SQLException failed) {
            if (!Dialect.isMissingTable(failed)) {
                throw failed;
            }
            if (before != null) {
                connection.rollback(before);
            }
        }
        return store;
    }

    private void bringUpToDate(Database.Session session) throws SQLException {
        Connection connection = session.connection();
        boolean auto = connection.getAutoCommit();
        if (auto) {
            connection.setAutoCommit(false);
        }
        try {
            lock(session, session.dialect().lockSetUp());
            // Others may have done it while we waited.
            if (!isUsable(session)) {
                step(session);
            }
            connection.commit();
            lock(session, session.dialect().unlockSetUp());
        } catch (SQLException | RollbackException failed) {
            connection.rollback();
            lock(session, session.dialect().unlockSetUp());
            throw failed;
        } finally {
            if (auto) {
                connection.setAutoCommit(true);
            }
        }
    }

    private void lock(Database.Session session, String sql) throws SQLException {
        if (!sql.isEmpty()) {
            session.execute(sql, tables.prefix());
        }
    }

    private void step(Database.Session session) throws SQLException {
        long version = store(session).getOrDefault("version", 0L);
        List<String> statements = new ArrayList<>();
        for (long next = version; next < steps.size(); next++) {
            statements.addAll(steps.get((int) next).statements(session.dialect(), tables));
        }
        for (String statement : statements) {
            session.execute(statement);
        }
        set(session, "compatible-from", compatibleFrom);
        set(session, "version", steps.size());
    }

    private void set(Database.Session session, String name, long amount) throws SQLException {
        session.update(
                "UPDATE " + tables.store() + " SET amount = ?, changed_at = "
                        + session.dialect().now() + " WHERE name = ? AND amount < ?",
                amount,
                name,
                amount);
    }

    // ---- What else a database may be unfit for.

    private void warnOfCarelessness(Database.Session session) {
        if (isInMemory || isFile) {
            return;
        }
        try {
            String setting =
                    session.find(row -> row.getString(1), session.dialect().carelessness());
            if (setting != null) {
                LOG.warn(
                        "The database runs with {}: after a crash it may have forgotten what was journalled last",
                        setting);
            }
        } catch (SQLException unknown) {
            LOG.debug("It is not known whether the database writes to the disk: {}", SqlFailures.kind(unknown));
        }
    }
}
