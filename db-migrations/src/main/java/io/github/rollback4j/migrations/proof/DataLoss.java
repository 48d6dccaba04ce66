package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds values of one state of a database that exist nowhere in a later one.
 *
 * <p>A column is followed where it is renamed, and by its name where the database does not tell. What it no longer holds is not
 * lost if some column <em>gained</em> it: for the same row, where the row can be recognised by its key; else anywhere in the
 * column. It must be one column that gained all of it, or columns of the same name, since {@code true} is found in any other
 * column by accident. A column that was filled with its own default gained nothing.
 */
final class DataLoss {

    private static final int EXAMPLES = 3;

    private final Tables before;
    private final Tables after;
    private final List<Gain> gains = new ArrayList<>();

    /** What a column holds more than its predecessor. */
    private record Gain(TableRows table, int column, Set<String> values) {}

    private record Place(ObjectName table, int column) {}

    private DataLoss(Tables before, Tables after) {
        this.before = before;
        this.after = after;
    }

    static List<LostValues> between(Tables before, Tables after) {
        return new DataLoss(before, after).lost();
    }

    private List<LostValues> lost() {
        Map<Place, List<String>> missing = new LinkedHashMap<>();
        Map<Place, Place> predecessors = new HashMap<>();
        for (TableRows table : before.byName().values()) {
            TableRows successor = after.successorOf(table);
            for (int i = 0; i < table.columns().size(); i++) {
                int at = successor == null ? -1 : Tables.successorOf(table, i, successor);
                List<String> now = successor == null || at < 0 ? List.of() : values(true, successor, at);
                List<String> gone = minus(values(false, table, i), now);
                if (!gone.isEmpty()) {
                    missing.put(new Place(table.name(), i), gone);
                }
                if (successor != null && at >= 0) {
                    predecessors.put(new Place(successor.name(), at), new Place(table.name(), i));
                }
            }
        }
        if (missing.isEmpty()) {
            return List.of();
        }
        findGains(predecessors);
        List<LostValues> lost = new ArrayList<>();
        missing.forEach((place, gone) -> {
            TableRows table = before.named(place.table());
            if (table != null && !isFound(table, place.column(), gone)) {
                lost.add(new LostValues(
                        place.table(),
                        table.columns().get(place.column()).name(),
                        gone.size(),
                        gone.stream().distinct().limit(EXAMPLES).toList()));
            }
        });
        return lost;
    }

    private void findGains(Map<Place, Place> predecessors) {
        for (TableRows table : after.byName().values()) {
            for (int i = 0; i < table.columns().size(); i++) {
                List<String> values = values(true, table, i);
                Place place = predecessors.get(new Place(table.name(), i));
                TableRows old = place == null ? null : before.named(place.table());
                List<String> gained =
                        place == null || old == null ? values : minus(values, values(false, old, place.column()));
                boolean isFilled = place == null
                        && table.columns().get(i).defaultValue() != null
                        && new HashSet<>(values).size() == 1;
                if (!gained.isEmpty() && !isFilled) {
                    Set<String> all = new HashSet<>();
                    gained.forEach(value -> all.addAll(Values.leaves(value)));
                    gains.add(new Gain(table, i, all));
                }
            }
        }
    }

    private boolean isFound(TableRows table, int column, List<String> gone) {
        Set<String> ofThatName = new HashSet<>();
        for (Gain gain : gains) {
            if (gain.table()
                    .columns()
                    .get(gain.column())
                    .name()
                    .equals(table.columns().get(column).name())) {
                ofThatName.addAll(gain.values());
            }
            if (gain.values().containsAll(gone) && holdsForEachRow(gain, table, column, gone)) {
                return true;
            }
        }
        return ofThatName.containsAll(gone);
    }

    /** Where the gain is in the same table, the value must be in the row that lost it. */
    private boolean holdsForEachRow(Gain gain, TableRows table, int column, List<String> gone) {
        TableRows successor = after.successorOf(table);
        if (successor == null || !successor.name().equals(gain.table().name())) {
            return true;
        }
        List<Integer> key = table.key();
        List<Integer> keyNow = new ArrayList<>();
        for (int each : key) {
            keyNow.add(Tables.successorOf(table, each, successor));
        }
        if (key.isEmpty() || keyNow.contains(-1) || key.contains(column)) {
            return true;
        }
        Map<List<@Nullable String>, Row> rows = new HashMap<>();
        successor.rows().forEach(row -> rows.put(keyOf(successor, row, keyNow), row));
        int at = Tables.successorOf(table, column, successor);
        Set<String> candidates = new HashSet<>(gone);
        for (Row row : table.rows()) {
            String value = value(false, table, row, column);
            if (value == null || !candidates.contains(value)) {
                continue;
            }
            Row now = rows.get(keyOf(table, row, key));
            if (now == null) {
                return false;
            }
            boolean isStillThere = at >= 0 && value.equals(value(true, successor, now, at));
            String gained = value(true, successor, now, gain.column());
            if (!isStillThere && (gained == null || !Values.leaves(gained).contains(value))) {
                return false;
            }
        }
        return true;
    }

    private List<@Nullable String> keyOf(TableRows table, Row row, List<Integer> key) {
        List<@Nullable String> values = new ArrayList<>();
        for (int column : key) {
            String value = row.at(column);
            values.add(
                    value == null ? null : Values.lasting(value, table.columns().get(column)));
        }
        return values;
    }

    private List<String> values(boolean isLater, TableRows table, int column) {
        List<String> values = new ArrayList<>();
        for (Row row : table.rows()) {
            String value = value(isLater, table, row, column);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    private @Nullable String value(boolean isLater, TableRows table, Row row, int column) {
        String value = row.at(column);
        if (value == null) {
            return null;
        }
        Column of = table.columns().get(column);
        return isLater && of.kind() == Column.Kind.ENUM ? oldLabel(value) : Values.lasting(value, of);
    }

    /** Returns what a label was called before it was renamed. */
    private String oldLabel(String label) {
        for (Map.Entry<String, Map<String, String>> type : after.labels().entrySet()) {
            String identity = type.getValue().get(label);
            Map<String, String> old = before.labels().get(type.getKey());
            if (identity == null || old == null) {
                continue;
            }
            for (Map.Entry<String, String> each : old.entrySet()) {
                if (each.getValue().equals(identity)) {
                    return each.getKey();
                }
            }
        }
        return label;
    }

    private static List<String> minus(List<String> values, List<String> others) {
        Map<String, Integer> left = new HashMap<>();
        others.forEach(value -> left.merge(value, 1, Integer::sum));
        List<String> more = new ArrayList<>();
        for (String value : values) {
            int count = left.getOrDefault(value, 0);
            if (count == 0) {
                more.add(value);
            } else {
                left.put(value, count - 1);
            }
        }
        return more;
    }
}
