package io.github.rollback4j.migrations.proof;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds what the new release wrote, and whether it outlives an undo. */
final class Writes {

    private Writes() {}

    /** Returns what is in {@code written} but not in {@code before}, and nowhere in {@code after}. */
    static List<LostValues> lost(Tables before, Tables written, Tables after) {
        List<TableRows> news = new ArrayList<>();
        for (TableRows table : written.byName().values()) {
            TableRows old = before.named(table.name());
            List<Row> rows = Effect.minus(table.rows(), old == null ? List.of() : old.rows());
            news.add(table.with(old == null ? rows : onlyChanges(table, rows, old)));
        }
        return DataLoss.between(Tables.of(news, written.labels()), after);
    }

    /** Leaves out of a row what it held before the new release wrote, so that only what was written can be lost. */
    private static List<Row> onlyChanges(TableRows table, List<Row> rows, TableRows old) {
        List<Integer> key = table.key();
        if (key.isEmpty()) {
            return rows;
        }
        Map<List<@Nullable String>, Row> byKey = new HashMap<>();
        old.rows().forEach(row -> byKey.put(keyOf(row, key), row));
        return rows.stream()
                .map(row -> {
                    Row was = byKey.get(keyOf(row, key));
                    if (was == null) {
                        return row;
                    }
                    List<@Nullable String> values = new ArrayList<>();
                    for (int i = 0; i < row.values().size(); i++) {
                        boolean isSame = java.util.Objects.equals(row.at(i), was.at(i));
                        values.add(isSame && !key.contains(i) ? null : row.at(i));
                    }
                    return new Row(values);
                })
                .toList();
    }

    private static List<@Nullable String> keyOf(Row row, List<Integer> key) {
        List<@Nullable String> values = new ArrayList<>();
        key.forEach(column -> values.add(row.at(column)));
        return values;
    }
}
