package io.github.rollback4j.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.rollback4j.databases.DatabaseServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.mariadb.jdbc.MariaDbDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The databases that the store is tested on. Tests share one of each, and are apart by the tables' prefix. */
enum TestDatabase {
    H2_IN_MEMORY(Dialect.H2),
    H2_IN_A_FILE(Dialect.H2),
    FILE(Dialect.H2),
    POSTGRESQL(Dialect.POSTGRESQL),
    MARIADB(Dialect.MARIADB);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Dialect dialect;
    private DataSource shared;
    private DataSource pool;
    private Path folder;

    TestDatabase(Dialect dialect) {
        this.dialect = dialect;
    }

    Dialect dialect() {
        return dialect;
    }

    /** Begins a store in the database that tests share. */
    JdbcStore.Builder store() {
        return switch (this) {
            case FILE -> JdbcStore.inFile(folder().resolve("store"));
            case H2_IN_MEMORY, H2_IN_A_FILE -> JdbcStore.over(dataSource());
            case POSTGRESQL, MARIADB -> JdbcStore.over(pool());
        };
    }

    /** Returns connections as services have them. */
    private synchronized DataSource pool() {
        if (pool == null) {
            HikariConfig config = new HikariConfig();
            config.setDataSource(dataSource());
            pool = new HikariDataSource(config);
        }
        return pool;
    }

    private synchronized Path folder() {
        if (folder == null) {
            folder = temporaryFolder();
        }
        return folder;
    }

    /** Returns connections to the database that tests share. */
    synchronized DataSource dataSource() {
        if (shared == null) {
            shared = empty();
        }
        return shared;
    }

    /** Returns connections to a new database, where a prefix does not keep tests apart. */
    DataSource empty() {
        return switch (this) {
            case H2_IN_MEMORY -> h2("jdbc:h2:mem:test" + COUNT.incrementAndGet() + ";DB_CLOSE_DELAY=-1");
            case FILE -> throw new IllegalStateException("the store's own: see store()");
            case H2_IN_A_FILE -> h2("jdbc:h2:file:" + temporaryFolder() + "/test;DB_CLOSE_DELAY=-1");
            case POSTGRESQL -> on(DatabaseServer.shared(DatabaseServer.Engine.POSTGRESQL));
            case MARIADB -> on(DatabaseServer.shared(DatabaseServer.Engine.MARIADB));
        };
    }

    private static DataSource on(DatabaseServer server) {
        return server.dataSource(server.newDatabase());
    }

    static DataSource h2(String url) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(url);
        source.setUser("sa");
        return source;
    }

    /** Returns connections to a server's database in another process than the one that started the server. */
    static DataSource dataSource(String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(url);
            source.setUser("postgres");
            return source;
        }
        try {
            return new MariaDbDataSource(url + "&user=tester&password=tester");
        } catch (SQLException odd) {
            throw new IllegalArgumentException(odd);
        }
    }

    static Path temporaryFolder() {
        try {
            Path folder = Files.createTempDirectory("rollback4j-jdbc");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                for (File file : folder.toFile().listFiles()) {
                    file.delete();
                }
                folder.toFile().delete();
            }));
            return folder;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Returns a prefix that no other test has. */
    static String newPrefix() {
        return "t" + COUNT.incrementAndGet() + "_";
    }

    private Connection connection() throws SQLException {
        // While a store holds the file, it is open in this process, and another connection to it is let in.
        return this == FILE
                ? h2("jdbc:h2:file:" + folder().resolve("store") + ";IFEXISTS=TRUE")
                        .getConnection()
                : dataSource().getConnection();
    }

    /** Dates everything under a prefix back, so that for the store this much time has passed. */
    void pass(String prefix, Duration time) throws SQLException {
        String[][] moments = {
            {"store", "changed_at"},
            {"rollout", "written_at", "finished_at", "lease_until"},
            {"event", "written_at"},
            {"member", "joined_at", "heard_at", "left_at"},
            {"page", "changed_at"}
        };
        try (Connection connection = connection()) {
            for (String[] table : moments) {
                for (int column = 1; column < table.length; column++) {
                    String earlier = switch (dialect) {
                        case H2 -> "DATEADD(MICROSECOND, -CAST(? AS BIGINT), " + table[column] + ")";
                        case POSTGRESQL -> table[column] + " - ? * interval '1 microsecond'";
                        case MARIADB, MYSQL -> "TIMESTAMPADD(MICROSECOND, -?, " + table[column] + ")";
                    };
                    try (PreparedStatement statement = connection.prepareStatement(
                            "UPDATE " + prefix + table[0] + " SET " + table[column] + " = " + earlier)) {
                        statement.setLong(1, time.toNanos() / 1_000);
                        statement.executeUpdate();
                    }
                }
            }
        }
    }

    static void execute(DataSource source, String... statements) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Returns the first column of all rows. */
    static List<String> select(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }
}
