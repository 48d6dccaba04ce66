package io.github.rollback4j.migrations.gate;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.migrations.verdict.Verdict;
import io.github.rollback4j.release.Release;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * Keeps verdicts in a table beside those of the service, {@code rollback4j_verdict} unless it is named otherwise, so that they are
 * where the migrated database is. The table is created when the first verdict is recorded, in the connection's schema. Texts are
 * kept in pieces that every database takes. Thread-safe.
 *
 * <p>Every statement is given 10 seconds. What fails is a {@link RollbackException}.
 */
public final class VerdictTable {

    /** The name that the table has by default. */
    public static final String DEFAULT_NAME = "rollback4j_verdict";

    private static final Pattern NAME = Pattern.compile("([A-Za-z_][A-Za-z0-9_]{0,62}\\.)?[A-Za-z_][A-Za-z0-9_]{0,62}");
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int PIECE = 1000;

    private final DataSource dataSource;
    private final String table;

    private VerdictTable(DataSource dataSource, String table) {
        this.dataSource = dataSource;
        this.table = table;
    }

    /** Keeps verdicts in the table of the default name. */
    public static VerdictTable in(DataSource dataSource) {
        return in(dataSource, DEFAULT_NAME);
    }

    /**
     * Keeps verdicts in a table of another name.
     *
     * @param table letters, digits and underscores, no digit first, 63 at most; a schema and a dot may stand before
     * @throws IllegalArgumentException if the name is not allowed
     */
    public static VerdictTable in(DataSource dataSource, String table) {
        if (!NAME.matcher(table).matches()) {
            throw new IllegalArgumentException(
                    "table '" + table
                            + "' is not allowed: 1 to 63 letters, digits and underscores are, no digit first, a schema and a dot before");
        }
        return new VerdictTable(Objects.requireNonNull(dataSource, "dataSource"), table);
    }

    /** The kinds of texts that are kept. */
    private enum Part {
        VERDICT,
        RECORDED_AT,
        UNDO_HASH,
        REASON,
        MIGRATION,
        UNDO
    }

    /**
     * Records a verdict, in place of what was recorded for the same release.
     *
     * @throws RollbackException if the database does not take it; nothing is changed then
     */
    public void record(RecordedVerdict verdict) {
        try (Connection connection = dataSource.getConnection()) {
            create(connection);
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                write(connection, verdict);
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            throw new RollbackException(
                    "the verdict of " + verdict.release() + " was not recorded: " + e.getMessage(), e);
        }
    }

    private void write(Connection connection, RecordedVerdict verdict) throws SQLException {
        try (PreparedStatement delete =
                prepared(connection, "DELETE FROM " + table + " WHERE component = ? AND version = ?")) {
            delete.setString(1, verdict.release().component());
            delete.setString(2, verdict.release().version());
            delete.executeUpdate();
        }
        try (PreparedStatement insert = prepared(
                connection,
                "INSERT INTO " + table
                        + " (component, version, part, entry, piece, content) VALUES (?, ?, ?, ?, ?, ?)")) {
            add(insert, verdict, Part.VERDICT, List.of(verdict.verdict().name()));
            add(insert, verdict, Part.RECORDED_AT, List.of(verdict.recordedAt().toString()));
            add(insert, verdict, Part.UNDO_HASH, List.of(verdict.undoHash()));
            add(insert, verdict, Part.REASON, verdict.reasons());
            add(insert, verdict, Part.MIGRATION, verdict.migrations());
            add(insert, verdict, Part.UNDO, verdict.undo());
            insert.executeBatch();
        }
    }

    private static void add(PreparedStatement insert, RecordedVerdict verdict, Part part, List<String> texts)
            throws SQLException {
        for (int entry = 0; entry < texts.size(); entry++) {
            String text = texts.get(entry);
            int piece = 0;
            // Spaces at the end of a piece would not survive every database: a mark closes it.
            for (int from = 0; from < text.length() || piece == 0; from += PIECE) {
                insert.setString(1, verdict.release().component());
                insert.setString(2, verdict.release().version());
                insert.setString(3, part.name());
                insert.setInt(4, entry);
                insert.setInt(5, piece++);
                insert.setString(6, text.substring(from, Math.min(text.length(), from + PIECE)) + "|");
                insert.addBatch();
            }
        }
    }

    /**
     * Finds what was recorded for a release.
     *
     * @throws RollbackException if the database does not answer, or what it holds is not what was recorded
     */
    public Optional<RecordedVerdict> find(Release release) {
        try (Connection connection = dataSource.getConnection()) {
            if (!exists(connection)) {
                return Optional.empty();
            }
            Map<Part, SortedMap<Integer, StringBuilder>> texts = read(connection, release);
            return texts.isEmpty() ? Optional.empty() : Optional.of(assembled(release, texts));
        } catch (SQLException e) {
            throw new RollbackException("the verdict of " + release + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Map<Part, SortedMap<Integer, StringBuilder>> read(Connection connection, Release release)
            throws SQLException {
        Map<Part, SortedMap<Integer, StringBuilder>> texts = new TreeMap<>();
        try (PreparedStatement select = prepared(
                connection,
                "SELECT part, entry, content FROM " + table
                        + " WHERE component = ? AND version = ? ORDER BY part, entry, piece")) {
            select.setString(1, release.component());
            select.setString(2, release.version());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    String piece = rows.getString(3);
                    texts.computeIfAbsent(Part.valueOf(rows.getString(1)), part -> new TreeMap<>())
                            .computeIfAbsent(rows.getInt(2), entry -> new StringBuilder())
                            .append(piece, 0, piece.length() - 1);
                }
            }
        }
        return texts;
    }

    private static RecordedVerdict assembled(Release release, Map<Part, SortedMap<Integer, StringBuilder>> texts) {
        RecordedVerdict verdict = new RecordedVerdict(
                release,
                Verdict.valueOf(only(release, texts, Part.VERDICT)),
                all(texts, Part.REASON),
                all(texts, Part.MIGRATION),
                all(texts, Part.UNDO),
                Instant.parse(only(release, texts, Part.RECORDED_AT)));
        if (!verdict.undoHash().equals(only(release, texts, Part.UNDO_HASH))) {
            throw new RollbackException(
                    "the undo that is recorded for " + release + " is not the one that was recorded: its hash differs");
        }
        return verdict;
    }

    private static List<String> all(Map<Part, SortedMap<Integer, StringBuilder>> texts, Part part) {
        List<String> all = new ArrayList<>();
        texts.getOrDefault(part, new TreeMap<>()).values().forEach(text -> all.add(text.toString()));
        return all;
    }

    private static String only(Release release, Map<Part, SortedMap<Integer, StringBuilder>> texts, Part part) {
        List<String> all = all(texts, part);
        if (all.size() != 1) {
            throw new RollbackException(
                    "what is recorded for " + release + " is not whole: it has " + all.size() + " entries of " + part);
        }
        return all.get(0);
    }

    private boolean exists(Connection connection) throws SQLException {
        try (PreparedStatement select = prepared(connection, "SELECT 1 FROM " + table + " WHERE 1 = 0");
                ResultSet rows = select.executeQuery()) {
            return !rows.next();
        } catch (SQLException e) {
            if (isMissingTable(e)) {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                return false;
            }
            throw e;
        }
    }

    /** PostgreSQL and H2 say 42P01 and 42S02 or 42S04, MySQL and MariaDB 42S02, Oracle 942, SQL Server 208. */
    private static boolean isMissingTable(SQLException e) {
        String state = Objects.requireNonNullElse(e.getSQLState(), "");
        return state.equals("42P01") || state.startsWith("42S0") || e.getErrorCode() == 942 || e.getErrorCode() == 208;
    }

    private void create(Connection connection) throws SQLException {
        if (exists(connection)) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout((int) LONGEST.toSeconds());
            statement.execute(
                    "CREATE TABLE " + table + " (component VARCHAR(100) NOT NULL, version VARCHAR(100) NOT NULL,"
                            + " part VARCHAR(20) NOT NULL, entry INTEGER NOT NULL, piece INTEGER NOT NULL,"
                            + " content VARCHAR(" + (PIECE + 1)
                            + ") NOT NULL, PRIMARY KEY (component, version, part, entry, piece))");
        } catch (SQLException e) {
            // Another instance may have created it in between.
            if (!exists(connection)) {
                throw e;
            }
        }
    }

    private static PreparedStatement prepared(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setQueryTimeout((int) LONGEST.toSeconds());
        return statement;
    }

    /** Returns the table's name. */
    @Override
    public String toString() {
        return table;
    }
}
