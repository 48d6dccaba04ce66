package io.github.rollback4j.migrations.proof;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a statement did to a table.
 *
 * @param inserted rows that came, with all columns
 * @param deleted rows that went: the key's columns if there is a key, since only those are the statement's choice
 * @param changed rows of which other columns than the key's changed: the key and what changed
 */
record Effect(List<Row> inserted, List<Row> deleted, List<Row> changed) {

    private static final String UNCHANGED = "=";

    static final Effect NONE = new Effect(List.of(), List.of(), List.of());

    Effect {
        inserted = List.copyOf(inserted);
        deleted = List.copyOf(deleted);
        changed = List.copyOf(changed);
    }

    static Effect between(List<Row> before, List<Row> after, List<Integer> key) {
        List<Row> gone = minus(before, after);
        List<Row> come = minus(after, before);
        if (key.isEmpty()) {
            return new Effect(come, gone, List.of());
        }
        Map<Row, Row> goneByKey = new LinkedHashMap<>();
        gone.forEach(row -> goneByKey.put(only(row, key), row));
        List<Row> inserted = new ArrayList<>();
        List<Row> changed = new ArrayList<>();
        for (Row row : come) {
            Row old = goneByKey.remove(only(row, key));
            if (old == null) {
                inserted.add(row);
            } else {
                changed.add(change(old, row, key));
            }
        }
        return new Effect(
                inserted,
                goneByKey.values().stream().map(row -> others(row, key)).toList(),
                changed);
    }

    private static Row only(Row row, List<Integer> columns) {
        List<@Nullable String> values = new ArrayList<>();
        columns.forEach(column -> values.add(row.at(column)));
        return new Row(values);
    }

    private static Row others(Row row, List<Integer> key) {
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 0; i < row.values().size(); i++) {
            values.add(key.contains(i) ? row.at(i) : UNCHANGED);
        }
        return new Row(values);
    }

    private static Row change(Row before, Row after, List<Integer> key) {
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 0; i < after.values().size(); i++) {
            boolean isSame = !key.contains(i) && Objects.equals(before.at(i), after.at(i));
            values.add(isSame ? UNCHANGED : after.at(i));
        }
        return new Row(values);
    }

    /** Returns the rows of one list that are not in the other, as often as they are there more. */
    static List<Row> minus(List<Row> rows, List<Row> others) {
        Map<Row, Integer> left = new HashMap<>();
        others.forEach(row -> left.merge(row, 1, Integer::sum));
        List<Row> more = new ArrayList<>();
        for (Row row : rows) {
            Integer count = left.get(row);
            if (count == null || count == 0) {
                more.add(row);
            } else {
                left.put(row, count - 1);
            }
        }
        return more;
    }

    boolean isNone() {
        return inserted.isEmpty() && deleted.isEmpty() && changed.isEmpty();
    }

    @Override
    public String toString() {
        return "+" + inserted + " -" + deleted + " ~" + changed;
    }
}
