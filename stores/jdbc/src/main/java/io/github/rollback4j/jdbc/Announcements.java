package io.github.rollback4j.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears on one connection, which it keeps, that somebody has appended an event, and tells those who watch. Where the connection
 * is lost it connects again, after pauses that grow, and then tells them at once, since it may have missed something.
 *
 * <p>The only class that knows PostgreSQL's driver, so that the store works without it.
 */
final class Announcements implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);

    /** How long it hears before it asks whether the connection is still alive. */
    private static final int QUIET_MILLIS = 5_000;

    private static final int LIVENESS_SECONDS = 5;
    private static final long SHORTEST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 10_000_000_000L;

    private final Database.Source source;
    private final String channel;
    private final RandomGenerator random;
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean isClosed;
    private volatile @Nullable Connection connection;

    Announcements(Database.Source source, String channel, ThreadFactory threads, RandomGenerator random) {
        this.source = source;
        this.channel = channel;
        this.random = random;
        this.thread = threads.newThread(this::run);
    }

    void start() {
        thread.start();
    }

    void add(Runnable watcher) {
        watchers.add(watcher);
    }

    void remove(Runnable watcher) {
        watchers.remove(watcher);
    }

    private void run() {
        long pause = SHORTEST_PAUSE_NANOS;
        boolean isLost = false;
        while (!isClosed) {
            try (Connection held = source.connection()) {
                connection = held;
                if (Dialect.of(held.getMetaData()) != Dialect.POSTGRESQL) {
                    return;
                }
                PGConnection postgres = postgres(held);
                if (postgres == null) {
                    return;
                }
                listen(held);
                if (isLost) {
                    LOG.info("The store hears again what other instances append");
                }
                isLost = false;
                pause = SHORTEST_PAUSE_NANOS;
                tell();
                hear(held, postgres);
            } catch (SQLException | RuntimeException failed) {
                if (isClosed) {
                    return;
                }
                if (!isLost) {
                    LOG.warn(
                            "The store no longer hears what other instances append, and is told later: {}",
                            failed instanceof SQLException known
                                    ? SqlFailures.kind(known)
                                    : failed.getClass().getName());
                }
                isLost = true;
            } catch (LinkageError missing) {
                LOG.warn("The store cannot listen: PostgreSQL's driver is not on the class path");
                return;
            } finally {
                connection = null;
            }
            if (!isClosed) {
                LockSupport.parkNanos(this, pause / 2 + random.nextLong(pause));
                pause = Math.min(LONGEST_PAUSE_NANOS, pause * 2);
            }
        }
    }

    private @Nullable PGConnection postgres(Connection held) throws SQLException {
        if (!held.isWrapperFor(PGConnection.class)) {
            LOG.warn(
                    "The store cannot listen: the data source gives no connections of PostgreSQL's own driver, but {}",
                    held.getClass().getName());
            return null;
        }
        return held.unwrap(PGConnection.class);
    }

    private void listen(Connection held) throws SQLException {
        if (!held.getAutoCommit()) {
            held.setAutoCommit(true);
        }
        held.setNetworkTimeout(Runnable::run, 2 * LIVENESS_SECONDS * 1_000);
        try (Statement statement = held.createStatement()) {
            statement.execute("LISTEN " + channel);
        }
    }

    private void hear(Connection held, PGConnection postgres) throws SQLException {
        while (!isClosed) {
            PGNotification[] heard = postgres.getNotifications(QUIET_MILLIS);
            if (isClosed) {
                return;
            }
            if (heard != null && heard.length > 0) {
                tell();
            } else if (!held.isValid(LIVENESS_SECONDS)) {
                throw new SQLException("the connection is dead", "08006");
            }
        }
    }

    private void tell() {
        for (Runnable watcher : watchers) {
            try {
                watcher.run();
            } catch (RuntimeException failed) {
                LOG.warn(
                        "A watcher of the journal failed: {}", failed.getClass().getName());
            }
        }
    }

    @Override
    public void close() {
        isClosed = true;
        Connection held = connection;
        if (held != null) {
            try {
                // Ends the waiting for the next announcement, which an interrupt does not.
                held.abort(Runnable::run);
            } catch (SQLException gone) {
                // It is.
            }
        }
        LockSupport.unpark(thread);
    }
}
