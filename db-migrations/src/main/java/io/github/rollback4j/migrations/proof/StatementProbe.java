package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.proof.Observation.Refusal;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import java.sql.Connection;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs the previous release's statements on one database, as the application's role, each in a transaction that is rolled back,
 * and says what came of it. What a statement stored is read by the names that the previous release knows, so that a table that
 * was renamed and bridged by a view is the same to it. For one thread.
 */
final class StatementProbe implements AutoCloseable {

    private final Engine engine;
    private final Tables old;
    private final Connection connection;
    private final String database;
    private @Nullable Connection explaining;
    private final @Nullable String role;
    private final Map<String, String> sequences;
    private final boolean hasTriggers;
    private final List<ForeignKey> foreignKeys;
    private final Set<ObjectName> unreadable = new HashSet<>();
    private final Map<ObjectName, List<Row>> contents = new HashMap<>();

    /**
     * @param old the tables of the previous release's schema, whose names are used
     * @param role whom the statements run as; null for who connects
     */
    StatementProbe(Engine engine, String database, Tables old, @Nullable String role) throws SQLException {
        this.engine = engine;
        this.old = old;
        this.role = role;
        this.database = database;
        this.connection = engine.open(database);
        try {
            this.sequences = engine.sequences(connection);
            this.hasTriggers = engine.hasTriggers(connection);
            this.foreignKeys = engine.foreignKeys(connection);
            engine.become(connection, role);
            connection.setAutoCommit(false);
            findUnreadable();
        } catch (SQLException failed) {
            connection.close();
            throw failed;
        }
    }

    /** Has the statement parsed, with the types of its parameters; returns why it was refused, or null. */
    @Nullable
    Refusal parse(RecordedStatement statement, Parameters parameters, boolean isTyped) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(statement.sql())) {
            parameters.bind(engine, prepared, types(statement), isTyped);
            prepared.getMetaData();
            return null;
        } catch (SQLException refused) {
            return refusal(refused);
        } finally {
            connection.rollback();
        }
    }

    /** Has the statement planned without values; returns why it was refused, or null; null as well where nothing is planned so. */
    @Nullable
    Refusal explain(RecordedStatement statement) throws SQLException {
        String sql = engine.explained(statement.sql());
        if (sql == null || !isPlanned(statement.sql())) {
            return null;
        }
        if (explaining == null) {
            explaining = engine.openForExplain(database);
            engine.become(explaining, role);
        }
        try {
            engine.query(explaining, sql);
            return null;
        } catch (SQLException refused) {
            return refusal(refused);
        }
    }

    private static boolean isPlanned(String sql) {
        return sql.strip().matches("(?is)(select|insert|update|delete|merge|with|values|table)\\b.*");
    }

    /** Runs the statement, and reads what it returned and did. */
    Observation execute(RecordedStatement statement, Parameters parameters, boolean isTyped) throws SQLException {
        return execute(statement, parameters, isTyped, Set.of(), true);
    }

    /** Runs the statement, without a look at what it did. */
    @Nullable
    Refusal refusalOf(RecordedStatement statement, Parameters parameters, boolean isTyped) throws SQLException {
        return execute(statement, parameters, isTyped, Set.of(), false).refusal();
    }

    /**
     * Runs the statement.
     *
     * @param touched tables that are looked at in any case
     */
    Observation execute(
            RecordedStatement statement, Parameters parameters, boolean isTyped, Set<ObjectName> touched, boolean looks)
            throws SQLException {
        Map<ObjectName, List<Row>> after = new LinkedHashMap<>();
        Observation observed;
        boolean writes = !statement.sql().strip().matches("(?is)select\\b[^(]*");
        try (PreparedStatement prepared = connection.prepareStatement(statement.sql())) {
            prepared.setQueryTimeout(Engine.LONGEST_STATEMENT_SECONDS);
            prepared.setMaxRows(Engine.MOST_ROWS);
            parameters.bind(engine, prepared, types(statement), isTyped);
            observed = answer(prepared, prepared.execute());
            if (writes) {
                engine.checkDeferred(connection);
            }
            if (looks && writes) {
                Set<ObjectName> looked = new LinkedHashSet<>(touched);
                if (role != null) {
                    engine.become(connection, null);
                }
                looked.addAll(touched(statement.sql()));
                for (ObjectName name : looked) {
                    TableRows table = old.named(name);
                    if (table != null && isReadable(table)) {
                        after.put(name, engine.query(connection, engine.reading(table)));
                    }
                }
            }
        } catch (SQLException refused) {
            observed = Observation.refused(refusal(refused));
        } finally {
            connection.rollback();
        }
        if (!looks) {
            return observed;
        }
        Map<ObjectName, Effect> effects = new LinkedHashMap<>();
        for (Map.Entry<ObjectName, List<Row>> each : after.entrySet()) {
            TableRows table = old.byName().get(each.getKey());
            if (table != null) {
                Effect effect = Effect.between(
                        canonical(table, contentsOf(table)), canonical(table, each.getValue()), table.key());
                effects.put(each.getKey(), effect);
            }
        }
        return new Observation(
                observed.refusal(),
                observed.labels(),
                observed.types(),
                observed.rows(),
                observed.updateCount(),
                effects);
    }

    private Set<ObjectName> touched(String sql) throws SQLException {
        Set<ObjectName> told = engine.touched(connection);
        if (told != null) {
            return told;
        }
        if (hasTriggers) {
            return old.byName().keySet();
        }
        Set<ObjectName> touched = new LinkedHashSet<>();
        for (ObjectName name : old.byName().keySet()) {
            if (Pattern.compile("(?i)(?<!\\w)" + Pattern.quote(name.name()) + "(?!\\w)")
                    .matcher(sql)
                    .find()) {
                touched.add(name);
            }
        }
        // A cascade goes from what a key points to, to what it stands in.
        boolean isAnyNew = true;
        while (isAnyNew) {
            isAnyNew = false;
            for (ForeignKey key : foreignKeys) {
                isAnyNew |= touched.contains(key.target()) && touched.add(key.table());
            }
        }
        return touched;
    }

    /** Sets the sequences to where they were when this began. */
    void resetSequences() throws SQLException {
        if (sequences.isEmpty()) {
            return;
        }
        asAdministrator(() -> engine.reset(connection, sequences));
        // Sequences do not follow a transaction; the role does.
        connection.rollback();
    }

    private interface Work {
        void run() throws SQLException;
    }

    private void asAdministrator(Work work) throws SQLException {
        if (role != null) {
            engine.become(connection, null);
        }
        work.run();
    }

    private static Observation answer(PreparedStatement prepared, boolean hasRows) throws SQLException {
        if (!hasRows) {
            return new Observation(null, List.of(), List.of(), List.of(), prepared.getUpdateCount(), Map.of());
        }
        try (ResultSet rows = prepared.getResultSet()) {
            ResultSetMetaData shape = rows.getMetaData();
            List<String> labels = new ArrayList<>();
            List<String> types = new ArrayList<>();
            for (int i = 1; i <= shape.getColumnCount(); i++) {
                labels.add(shape.getColumnLabel(i));
                types.add(shape.getColumnTypeName(i));
            }
            List<Row> all = Engine.rowsOf(rows);
            return new Observation(null, labels, types, canonical(types, all), -1, Map.of());
        }
    }

    private static List<Row> canonical(List<String> types, List<Row> rows) {
        return rows.stream()
                .map(row -> {
                    List<@Nullable String> values = new ArrayList<>();
                    for (int i = 0; i < types.size(); i++) {
                        boolean isDecimal = switch (Column.kindOf(types.get(i))) {
                            case DECIMAL, FLOAT -> true;
                            default -> false;
                        };
                        String value = row.at(i);
                        values.add(isDecimal && value != null ? Values.number(value) : value);
                    }
                    return new Row(values);
                })
                .toList();
    }

    private static List<Row> canonical(TableRows table, List<Row> rows) {
        return canonical(
                table.columns().stream()
                        .map(column -> column.kind() == Column.Kind.DECIMAL ? "numeric" : "other")
                        .toList(),
                rows);
    }

    private boolean isReadable(TableRows table) {
        return !unreadable.contains(table.name());
    }

    /** Finds the tables that cannot be read any more by the names that the previous release knows. */
    private void findUnreadable() throws SQLException {
        asAdministrator(() -> {
            for (TableRows table : old.byName().values()) {
                try {
                    engine.query(connection, engine.reading(table) + " WHERE 1 = 0");
                } catch (SQLException gone) {
                    unreadable.add(table.name());
                    connection.rollback();
                    if (role != null) {
                        engine.become(connection, null);
                    }
                }
            }
        });
        connection.rollback();
    }

    private List<Row> contentsOf(TableRows table) throws SQLException {
        List<Row> known = contents.get(table.name());
        if (known == null) {
            asAdministrator(() -> contents.put(table.name(), engine.query(connection, engine.reading(table))));
            connection.rollback();
            known = contents.getOrDefault(table.name(), List.of());
        }
        return known;
    }

    private static List<JDBCType> types(RecordedStatement statement) {
        return Parameters.types(statement.parameterTypes());
    }

    private Refusal refusal(SQLException refused) {
        String message = refused.getMessage();
        return new Refusal(
                engine.stateOf(refused),
                message == null ? "" : message.lines().findFirst().orElse(""));
    }

    @Override
    public void close() throws SQLException {
        try {
            connection.rollback();
            connection.close();
        } finally {
            if (explaining != null) {
                explaining.close();
            }
        }
    }
}
