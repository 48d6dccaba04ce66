package io.github.rollback4j.databases;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.opentest4j.TestAbortedException;

/**
 * A database server in a process of its own, on a free port of this machine, with its data in a temporary folder. It runs as
 * root too, needs no Docker and nothing installed, and is stopped with the JVM.
 *
 * <p>{@link #shared} starts one a JVM, which tests share; each takes a {@link #newDatabase} of its own. {@link #start} starts
 * another, to be killed or set up differently. Where there are no binaries for the platform, both print a line and abort the
 * test, which is then skipped.
 */
public abstract class DatabaseServer implements AutoCloseable {

    /** The servers that there are. */
    public enum Engine {
        /** PostgreSQL 18. */
        POSTGRESQL("postgres"),
        /** MariaDB 11.4. */
        MARIADB("mariadb");

        private final String folder;

        Engine(String folder) {
            this.folder = folder;
        }
    }

    private static final AtomicInteger COUNT = new AtomicInteger();

    DatabaseServer() {}

    /** Returns the server that all tests of this JVM share. It is fast rather than safe: it does not wait for the disk. */
    public static DatabaseServer shared(Engine engine) {
        requirePlatform(engine);
        return engine == Engine.POSTGRESQL ? SharedPostgres.SERVER : SharedMariaDb.SERVER;
    }

    /**
     * Starts a server with these settings over those that make it fast, for example {@code fsync} or
     * {@code innodb-flush-log-at-trx-commit}.
     */
    public static DatabaseServer start(Engine engine, Map<String, String> settings) {
        requirePlatform(engine);
        return start(engine, Folders.temporary(engine.folder), settings);
    }

    private static DatabaseServer start(Engine engine, Path data, Map<String, String> settings) {
        return engine == Engine.POSTGRESQL ? PostgresServer.start(data, settings) : MariaDbServer.start(data, settings);
    }

    /** Starts a server for what only it can do, such as being killed. */
    public static DatabaseServer start(Engine engine) {
        return start(engine, Map.of());
    }

    /** Starts a server that has its data in a folder within this one, which may be on a disk of its own. */
    public static DatabaseServer start(Engine engine, Path within) {
        requirePlatform(engine);
        return start(engine, Folders.temporary(within, engine.folder), Map.of());
    }

    private static final class SharedPostgres {
        static final DatabaseServer SERVER = DatabaseServer.start(Engine.POSTGRESQL, Map.of());
    }

    private static final class SharedMariaDb {
        static final DatabaseServer SERVER = DatabaseServer.start(Engine.MARIADB, Map.of());
    }

    private static void requirePlatform(Engine engine) {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (!system.toLowerCase(Locale.ROOT).matches("linux (amd64|x86_64)")) {
            String why = "skipped: no binaries of " + engine + " for " + system;
            System.out.println(why);
            throw new TestAbortedException(why);
        }
    }

    /** Returns which it is. */
    public abstract Engine engine();

    /** Returns the port that it listens on, the same after a restart. */
    public abstract int port();

    /** Returns the JDBC URL of a database, without user and password. */
    public abstract String url(String database);

    /** Returns connections to a database, a new one each time that one is asked for. */
    public abstract DataSource dataSource(String database, String user, String password);

    /** Returns connections to a database for who may do everything. */
    public abstract DataSource dataSource(String database);

    /** Ends the process at once, as a crash does. What it has told the operating system to write stays. */
    public abstract void kill();

    /** Starts the process again, on the same data and the same port. */
    public abstract void restart();

    /** Stops the process and deletes its data. */
    @Override
    public abstract void close();

    /** Creates an empty database and returns its name. */
    public final String newDatabase() {
        String name = "test" + COUNT.incrementAndGet();
        execute(administration(), "CREATE DATABASE " + name);
        return name;
    }

    /** Returns the name of the database that is always there. */
    abstract String administration();

    /** Runs statements on a database, for who may do everything. */
    public final void execute(String database, String... statements) {
        try (Connection connection = dataSource(database).getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException failed) {
            throw new IllegalStateException("the test's statement failed: " + failed.getMessage(), failed);
        }
    }
}
