package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** H2 in memory, in its own mode. */
final class H2Engine extends Engine {

    private static final String OURS = " table_schema <> 'INFORMATION_SCHEMA' ";

    @Override
    SqlDialect dialect() {
        return SqlDialect.H2;
    }

    @Override
    Connection open(String database) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:h2:mem:" + database + ";DB_CLOSE_DELAY=-1", "sa", "");
        execute(
                connection,
                "SET LOCK_TIMEOUT " + 1_000 * LONGEST_LOCK_WAIT_SECONDS,
                "SET QUERY_TIMEOUT " + 1_000 * LONGEST_STATEMENT_SECONDS);
        return connection;
    }

    @Override
    void create(String database) throws SQLException {
        open(database).close();
    }

    @Override
    void drop(String database) throws SQLException {
        try (Connection connection = open(database)) {
            execute(connection, "SHUTDOWN");
        }
    }

    @Override
    List<TableRows> tables(Connection connection) throws SQLException {
        Map<ObjectName, List<String>> labels = new LinkedHashMap<>();
        for (Row row : query(
                connection,
                "SELECT object_schema || '.' || object_name || '.' || enum_identifier, value_name"
                        + " FROM information_schema.enum_values WHERE object_type = 'TABLE'"
                        + " ORDER BY object_schema, object_name, enum_identifier, value_ordinal")) {
            labels.computeIfAbsent(ObjectName.of(text(row, 0)), key -> new ArrayList<>())
                    .add(text(row, 1));
        }
        Map<ObjectName, List<Column>> columns = new LinkedHashMap<>();
        for (Row row : query(
                connection,
                "SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.is_nullable, c.column_default,"
                        + " c.is_identity, c.is_generated, c.identity_generation,"
                        + " coalesce(c.character_maximum_length, CASE WHEN c.data_type IN ('NUMERIC', 'DECIMAL')"
                        + " THEN c.numeric_precision END), coalesce(c.numeric_scale, 0), c.dtd_identifier,"
                        + " EXISTS (SELECT 1 FROM information_schema.table_constraints t"
                        + " JOIN information_schema.key_column_usage k ON k.constraint_schema = t.constraint_schema"
                        + " AND k.constraint_name = t.constraint_name WHERE t.constraint_type = 'PRIMARY KEY'"
                        + " AND t.table_schema = c.table_schema AND t.table_name = c.table_name"
                        + " AND k.column_name = c.column_name)"
                        + " FROM information_schema.columns c JOIN information_schema.tables b"
                        + " ON b.table_schema = c.table_schema AND b.table_name = c.table_name AND b.table_type = 'BASE TABLE'"
                        + " WHERE c." + OURS.strip() + " ORDER BY c.table_schema, c.table_name, c.ordinal_position")) {
            List<String> own = labels.getOrDefault(
                    ObjectName.of(text(row, 0) + "." + text(row, 1) + "." + text(row, 11)), List.of());
            boolean isIdentity = text(row, 6).equals("YES");
            columns.computeIfAbsent(new ObjectName(text(row, 0), text(row, 1)), table -> new ArrayList<>())
                    .add(new Column(
                            text(row, 2),
                            "",
                            text(row, 3),
                            Column.kindOf(text(row, 3)),
                            number(row, 9) >= 1_000_000 ? 0 : number(row, 9),
                            number(row, 10),
                            text(row, 4).equals("NO"),
                            text(row, 12).equalsIgnoreCase("true"),
                            text(row, 7).equals("ALWAYS") || text(row, 8).equals("ALWAYS"),
                            isIdentity ? "identity" : row.at(5),
                            own));
        }
        List<TableRows> tables = new ArrayList<>();
        columns.forEach((table, all) -> tables.add(new TableRows(table, "", all, List.of())));
        return tables;
    }

    @Override
    String foreignKeyQuery() {
        return "SELECT r.constraint_schema || '.' || r.constraint_name, k.table_schema, k.table_name, k.column_name,"
                + " o.table_schema, o.table_name, o.column_name FROM information_schema.referential_constraints r"
                + " JOIN information_schema.key_column_usage k ON k.constraint_schema = r.constraint_schema"
                + " AND k.constraint_name = r.constraint_name JOIN information_schema.key_column_usage o"
                + " ON o.constraint_schema = r.unique_constraint_schema"
                + " AND o.constraint_name = r.unique_constraint_name"
                + " AND o.ordinal_position = k.position_in_unique_constraint ORDER BY 1, k.ordinal_position";
    }

    @Override
    String checkQuery() {
        return "SELECT t.table_schema, t.table_name, c.check_clause FROM information_schema.check_constraints c"
                + " JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema"
                + " AND t.constraint_name = c.constraint_name";
    }

    @Override
    SortedSet<String> catalog(Connection connection) throws SQLException {
        SortedSet<String> lines = new TreeSet<>();
        for (Row row : query(
                connection,
                "SELECT 'COLUMN ' || table_schema || '.' || table_name || '.' || column_name || ' ' || data_type || ' '"
                        + " || coalesce(CAST(character_maximum_length AS VARCHAR), '') || ' '"
                        + " || coalesce(CAST(numeric_precision AS VARCHAR), '') || ' '"
                        + " || coalesce(CAST(numeric_scale AS VARCHAR), '') || ' ' || is_nullable || ' '"
                        + " || coalesce(column_default, '') || ' ' || coalesce(generation_expression, '') || ' '"
                        + " || coalesce(identity_generation, '') || ' ' || coalesce(column_on_update, '') || ' '"
                        + " || coalesce((SELECT LISTAGG(e.value_name, ',') WITHIN GROUP (ORDER BY e.value_ordinal)"
                        + " FROM information_schema.enum_values e WHERE e.object_schema = c.table_schema"
                        + " AND e.object_name = c.table_name AND e.enum_identifier = c.dtd_identifier), '')"
                        + " FROM information_schema.columns c WHERE" + OURS)) {
            lines.add(text(row, 0));
        }
        for (Row row : query(
                connection,
                "SELECT 'ORDER ' || table_schema || '.' || table_name || ' '"
                        + " || LISTAGG(column_name, ', ') WITHIN GROUP (ORDER BY ordinal_position)"
                        + " FROM information_schema.columns WHERE" + OURS + "GROUP BY table_schema, table_name")) {
            lines.add(text(row, 0));
        }
        for (Row row : query(connection, "SCRIPT NODATA NOPASSWORDS NOSETTINGS")) {
            String line = text(row, 0);
            // Tables are above, column by column; comments say how many rows there are; a sequence says where it is.
            if (!line.startsWith("--") && !line.matches("(?is)create (cached|memory) table.*")) {
                lines.add(line.replaceAll("(?i)\\s+(START|RESTART) WITH -?\\d+", "")
                        .replace('\n', ' '));
            }
        }
        return lines;
    }

    @Override
    boolean hasTriggers(Connection connection) throws SQLException {
        return !query(connection, "SELECT 1 FROM information_schema.triggers LIMIT 1")
                .isEmpty();
    }

    @Override
    String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
