package io.github.rollback4j.campaign;

import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.databases.DatabaseServer.Engine;
import io.github.rollback4j.jdbc.JdbcStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.MariaDbDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database that journals are kept in: a file of H2's, which the processes share, or a server of its own. */
final class Place implements AutoCloseable {

    private static final String USER = "campaign";
    private static final int LOOKS = 50;
    private static final long LOOK_NANOS = 100_000_000;

    private final String name;
    private final @Nullable DatabaseServer server;
    private final @Nullable SmallDisk disk;
    private final Access access;

    /**
     * How a process reaches it. The service's own row is in the same database; on H2 it is in a file beside, since one process at a time
     * has that open.
     *
     * @param kind {@code h2}, {@code postgresql} or {@code mariadb}
     * @param where the folder, or the JDBC URL
     */
    record Access(String kind, String where) {

        static Access read(String text) {
            int bar = text.indexOf('|');
            return new Access(text.substring(0, bar), text.substring(bar + 1));
        }

        String written() {
            return kind + "|" + where;
        }

        JdbcStore store() {
            return kind.equals("h2")
                    ? JdbcStore.inFile(Path.of(where, "store")).build()
                    : JdbcStore.over(rows()).build();
        }

        DataSource rows() {
            switch (kind) {
                case "h2" -> {
                    JdbcDataSource source = new JdbcDataSource();
                    source.setURL("jdbc:h2:file:" + Path.of(where, "rows"));
                    source.setUser("sa");
                    return source;
                }
                case "postgresql" -> {
                    PGSimpleDataSource source = new PGSimpleDataSource();
                    source.setUrl(where);
                    source.setUser(USER);
                    source.setPassword(USER);
                    return source;
                }
                case "mariadb" -> {
                    try {
                        MariaDbDataSource source = new MariaDbDataSource(where);
                        source.setUser(USER);
                        source.setPassword(USER);
                        return source;
                    } catch (SQLException odd) {
                        throw new IllegalArgumentException("not a database: " + where, odd);
                    }
                }
                default ->
                    throw new IllegalArgumentException(
                            "database '" + kind + "' is not allowed: h2, postgresql and mariadb are");
            }
        }
    }

    private Place(String name, @Nullable DatabaseServer server, @Nullable SmallDisk disk, Access access) {
        this.name = name;
        this.server = server;
        this.disk = disk;
        this.access = access;
    }

    /**
     * Opens one.
     *
     * @param name {@code h2}, {@code postgresql} or {@code mariadb}
     * @param folder for its data
     */
    static Place open(String name, Path folder) {
        return open(name, folder, null);
    }

    /** Opens one on a disk that can be filled, where such a disk may be made. */
    static Place openOnSmallDisk(String name, Path folder) {
        return open(name, folder, SmallDisk.mount(folder));
    }

    private static Place open(String name, Path folder, @Nullable SmallDisk disk) {
        Place place;
        if (name.equals("h2")) {
            place = new Place(
                    name, null, disk, new Access(name, folder.toAbsolutePath().toString()));
        } else {
            Engine engine = Engine.valueOf(name.toUpperCase(Locale.ROOT));
            DatabaseServer server = DatabaseServer.start(engine, folder);
            String database = server.newDatabase();
            if (engine == Engine.POSTGRESQL) {
                server.execute(database, "CREATE ROLE campaign LOGIN SUPERUSER PASSWORD 'campaign'");
            } else {
                server.execute(
                        database,
                        "CREATE USER 'campaign'@'%' IDENTIFIED BY 'campaign'",
                        "GRANT ALL ON *.* TO 'campaign'@'%'");
            }
            place = new Place(name, server, disk, new Access(name, server.url(database)));
        }
        try {
            RowWay.prepare(place.access.rows());
        } catch (SQLException failed) {
            place.close();
            throw new IllegalStateException("no row on " + name, failed);
        }
        return place;
    }

    String name() {
        return name;
    }

    Access access() {
        return access;
    }

    boolean isServer() {
        return server != null;
    }

    boolean canFillDisk() {
        return disk != null;
    }

    /** Takes all room from the database. */
    void fillDisk() {
        if (disk != null) {
            disk.fill();
        }
    }

    /** Gives the room back, and starts the server again where it has not survived. */
    void emptyDisk() throws IOException {
        if (disk == null) {
            return;
        }
        disk.empty();
        if (server != null && !answers()) {
            server.restart();
        }
    }

    private boolean answers() {
        for (int look = 0; look < LOOKS; look++) {
            try {
                access.rows().getConnection().close();
                return true;
            } catch (SQLException notYet) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
        return false;
    }

    void killServer() {
        if (server != null) {
            server.kill();
        }
    }

    void restartServer() {
        if (server != null) {
            server.restart();
        }
    }

    /** Ends all other connections to the server. */
    void cutConnections() throws SQLException {
        try (Connection connection = access.rows().getConnection();
                Statement statement = connection.createStatement()) {
            if (name.equals("postgresql")) {
                statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE pid <> pg_backend_pid() AND datname = current_database()");
                return;
            }
            List<Long> others = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("SELECT id FROM information_schema.processlist"
                    + " WHERE id <> connection_id() AND user = 'campaign'")) {
                while (rows.next()) {
                    others.add(rows.getLong(1));
                }
            }
            for (long other : others) {
                try {
                    statement.execute("KILL " + other);
                } catch (SQLException gone) {
                    // It has ended by itself.
                }
            }
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        if (disk != null) {
            disk.close();
        }
    }
}
