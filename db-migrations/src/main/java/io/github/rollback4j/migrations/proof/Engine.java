package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the proof has to know of a database product: how databases are made and copied, and what is in them. Thread-safe. */
abstract class Engine implements AutoCloseable {

    /** The longest that one statement of a migration may take, so that nothing hangs. */
    static final int LONGEST_MIGRATION_SECONDS = 60;

    /** The longest that one statement of the application may take. */
    static final int LONGEST_STATEMENT_SECONDS = 10;

    /** The longest that a statement may wait for a lock; nobody but the proof itself could hold one. */
    static final int LONGEST_LOCK_WAIT_SECONDS = 5;

    /** The most rows of a table or an answer that are looked at. */
    static final int MOST_ROWS = 10_000;

    abstract SqlDialect dialect();

    /** Opens a connection that can neither wait nor run without end. */
    abstract Connection open(String database) throws SQLException;

    /** Opens one for {@code EXPLAIN}, which may need another protocol. */
    Connection openForExplain(String database) throws SQLException {
        return open(database);
    }

    /** Creates an empty database. */
    abstract void create(String database) throws SQLException;

    /** Whether {@link #copy} exists here; else a copy is made by running everything again. */
    boolean copies() {
        return false;
    }

    /** Creates a database like another, to which nobody is connected. */
    void copy(String from, String to) throws SQLException {
        throw new UnsupportedOperationException("databases of " + dialect() + " are not copied");
    }

    abstract void drop(String database) throws SQLException;

    /** Returns whether a migration is undone as a whole where a statement of it fails. */
    boolean isTransactional() {
        return false;
    }

    /** Lets what follows on the connection run as a role, or as who connected again. */
    void become(Connection connection, @Nullable String role) throws SQLException {
        if (role != null) {
            throw new IllegalArgumentException("applicationRole '" + role + "' cannot be taken on " + dialect()
                    + ": only PostgreSQL has SET ROLE");
        }
    }

    /** Makes sure that there is a role; returns whether it had to be made, with the usual rights on everything. */
    boolean provide(Connection connection, String role) throws SQLException {
        throw new IllegalArgumentException(
                "applicationRole '" + role + "' cannot be taken on " + dialect() + ": only PostgreSQL has SET ROLE");
    }

    /** Returns the tables, without their rows. */
    abstract List<TableRows> tables(Connection connection) throws SQLException;

    final List<ForeignKey> foreignKeys(Connection connection) throws SQLException {
        Map<String, List<Row>> byKey = new LinkedHashMap<>();
        for (Row row : query(connection, foreignKeyQuery())) {
            byKey.computeIfAbsent(text(row, 0), key -> new ArrayList<>()).add(row);
        }
        return byKey.values().stream()
                .map(rows -> new ForeignKey(
                        new ObjectName(text(rows.get(0), 1), text(rows.get(0), 2)),
                        rows.stream().map(row -> text(row, 3)).toList(),
                        new ObjectName(text(rows.get(0), 4), text(rows.get(0), 5)),
                        rows.stream().map(row -> text(row, 6)).toList()))
                .toList();
    }

    /** Returns what asks for foreign keys: which one, schema, table, column; and schema, table, column that it refers to; in order. */
    abstract String foreignKeyQuery();

    /** Returns the conditions of the tables' {@code CHECK} constraints. */
    final Map<ObjectName, List<String>> checks(Connection connection) throws SQLException {
        Map<ObjectName, List<String>> checks = new LinkedHashMap<>();
        for (Row row : query(connection, checkQuery())) {
            checks.computeIfAbsent(new ObjectName(text(row, 0), text(row, 1)), table -> new ArrayList<>())
                    .add(text(row, 2));
        }
        return checks;
    }

    /** Returns what asks for the conditions of checks: schema, table, condition. */
    abstract String checkQuery();

    /**
     * Returns everything that a catalog says of a database but for its rows, a line each. Lines that begin with {@code ORDER} say
     * in which order a table's columns are.
     */
    abstract SortedSet<String> catalog(Connection connection) throws SQLException;

    /** Returns the tables that the transaction has written to, perhaps more; null where the database does not tell. */
    @Nullable
    Set<ObjectName> touched(Connection connection) throws SQLException {
        return null;
    }

    /** Whether a trigger may write to other tables than a statement names. Asked only where {@link #touched} does not tell. */
    boolean hasTriggers(Connection connection) throws SQLException {
        return true;
    }

    /** Makes constraints that wait for the commit speak now. */
    void checkDeferred(Connection connection) throws SQLException {}

    /** Returns where the sequences are, by their quoted names. */
    Map<String, String> sequences(Connection connection) throws SQLException {
        return Map.of();
    }

    /** Sets sequences that have moved to where they were. */
    void reset(Connection connection, Map<String, String> sequences) throws SQLException {}

    /**
     * Returns the statement that explains another without values for its parameters.
     *
     * @return null where this is not possible
     */
    @Nullable
    String explained(String sql) {
        return null;
    }

    /** Hands over a value whose type the database is to find. */
    void bindUntyped(PreparedStatement statement, int place, String value) throws SQLException {
        statement.setString(place, value);
    }

    /** Returns the state of a failure as people of this product know them. */
    String stateOf(SQLException failed) {
        String state = failed.getSQLState();
        return state == null ? "HY000/" + failed.getErrorCode() : state;
    }

    /** Returns what a label of an enum was called before, where labels can be renamed. */
    Map<String, Map<String, String>> labels(Connection connection) throws SQLException {
        return Map.of();
    }

    abstract String quoted(String name);

    final String quoted(ObjectName name) {
        return name.schema().isEmpty() ? quoted(name.name()) : quoted(name.schema()) + "." + quoted(name.name());
    }

    @Override
    public void close() {}

    // ---- Reading.

    final List<Row> query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet rows = statement.executeQuery(sql)) {
                return rowsOf(rows);
            }
        }
    }

    final List<Row> query(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            return rowsOf(rows);
        }
    }

    static List<Row> rowsOf(ResultSet rows) throws SQLException {
        int count = rows.getMetaData().getColumnCount();
        List<Row> all = new ArrayList<>();
        while (rows.next() && all.size() < MOST_ROWS) {
            List<@Nullable String> values = new ArrayList<>(count);
            for (int i = 1; i <= count; i++) {
                values.add(rows.getString(i));
            }
            all.add(new Row(values));
        }
        return all;
    }

    final void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Returns what reads a table's columns by these names. */
    final String reading(TableRows table) {
        return "SELECT "
                + (table.columns().isEmpty()
                        ? "1"
                        : table.columns().stream()
                                .map(column -> quoted(column.name()))
                                .collect(Collectors.joining(", ")))
                + " FROM " + quoted(table.name());
    }

    final List<TableRows> tablesWithRows(Connection connection) throws SQLException {
        List<TableRows> filled = new ArrayList<>();
        for (TableRows table : tables(connection)) {
            filled.add(table.with(query(connection, reading(table))));
        }
        return filled;
    }

    static String text(Row row, int index) {
        String value = row.at(index);
        return value == null ? "" : value;
    }

    static int number(Row row, int index) {
        String value = row.at(index);
        return value == null || value.isEmpty() ? 0 : (int) Math.min(Integer.MAX_VALUE, Long.parseLong(value));
    }
}
