package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The columns of each table that are unique together, by key or by index.
 *
 * @param byTable the sets of columns
 */
record UniqueKeys(Map<ObjectName, Set<Set<String>>> byTable) {

    static UniqueKeys of(Connection connection, Tables tables) throws SQLException {
        Map<ObjectName, Set<Set<String>>> byTable = new HashMap<>();
        DatabaseMetaData catalog = connection.getMetaData();
        for (ObjectName table : tables.byName().keySet()) {
            Map<String, Set<String>> byIndex = new HashMap<>();
            try (ResultSet columns = catalog.getIndexInfo(
                    connection.getCatalog(),
                    table.schema().isEmpty() ? null : table.schema(),
                    table.name(),
                    true,
                    true)) {
                while (columns.next()) {
                    String index = columns.getString("INDEX_NAME");
                    String column = columns.getString("COLUMN_NAME");
                    if (index != null && column != null) {
                        byIndex.computeIfAbsent(index, key -> new HashSet<>()).add(column);
                    }
                }
            }
            byTable.put(table, new HashSet<>(byIndex.values()));
        }
        return new UniqueKeys(byTable);
    }

    Set<Set<String>> of(ObjectName table) {
        return byTable.getOrDefault(table, Set.of());
    }

    /** Whether some of these columns are unique already, so that all of them are. */
    boolean hold(ObjectName table, Set<String> columns) {
        return of(table).stream().anyMatch(columns::containsAll);
    }
}
