package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.proof.ScratchCopy.Step;
import io.github.rollback4j.migrations.proof.ScratchCopy.StepException;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Derives from two schemas what the new release may write that the previous one has not seen: new labels of enums, nulls that
 * were not allowed, numbers that did not fit, and rows that point to old ones.
 */
final class NewWrites {

    private static final int MOST_TARGETS = 20;
    private static final String BEYOND_SHORT = "40000";
    private static final String BEYOND_INT = "3000000000";

    private final Engine engine;
    private final ScratchCopy database;
    private final Tables before;
    private final Tables after;

    NewWrites(Engine engine, ScratchCopy database, Tables before, Tables after) {
        this.engine = engine;
        this.database = database;
        this.before = before;
        this.after = after;
    }

    /** Returns what may be written to tables that were there before; nothing where the migration allows nothing new. */
    List<String> updates() {
        List<String> updates = new ArrayList<>();
        for (TableRows table : before.byName().values()) {
            TableRows now = after.successorOf(table);
            if (now == null) {
                continue;
            }
            for (int i = 0; i < table.columns().size(); i++) {
                int at = Tables.successorOf(table, i, now);
                if (at >= 0) {
                    updates.addAll(
                            updates(table.columns().get(i), now, now.columns().get(at)));
                }
            }
        }
        return updates;
    }

    private List<String> updates(Column old, TableRows table, Column now) {
        List<String> updates = new ArrayList<>();
        String update = "UPDATE " + engine.quoted(table.name()) + " SET " + engine.quoted(now.name()) + " = ";
        if (now.isGenerated()) {
            return updates;
        }
        if (old.isRequired() && !now.isRequired()) {
            updates.add(update + "NULL");
        }
        addedLabel(old, now).ifPresent(label -> updates.add(update + PostgresEngine.literal(label)));
        if (old.kind() == Column.Kind.SMALL_INTEGER && now.kind() == Column.Kind.INTEGER) {
            updates.add(update + BEYOND_SHORT);
        } else if (old.kind().compareTo(Column.Kind.INTEGER) <= 0 && holdsMoreThanInt(now)) {
            updates.add(update + BEYOND_INT);
        }
        return updates;
    }

    private static boolean holdsMoreThanInt(Column column) {
        boolean isLongDecimal = column.kind() == Column.Kind.DECIMAL && column.scale() == 0 && column.length() > 9;
        return column.kind() == Column.Kind.BIG_INTEGER || isLongDecimal;
    }

    private Optional<String> addedLabel(Column old, Column now) {
        Set<String> identities = new LinkedHashSet<>();
        before.labels().values().forEach(labels -> identities.addAll(labels.values()));
        Map<String, String> known = new LinkedHashMap<>();
        after.labels().values().forEach(known::putAll);
        return now.labels().stream()
                .filter(label -> !old.labels().isEmpty() && !old.labels().contains(label))
                // One that was only renamed has been there before.
                .filter(label -> !identities.contains(known.getOrDefault(label, "")))
                .findFirst();
    }

    /**
     * Returns what may be written now that an undo may not be able to take back: values twice that were unique, and texts that did
     * not fit.
     */
    List<String> beyondOldRules(UniqueKeys old) throws SQLException {
        UniqueKeys kept = UniqueKeys.of(database.connection(), after);
        List<String> writes = new ArrayList<>();
        for (TableRows table : before.byName().values()) {
            TableRows now = after.successorOf(table);
            if (now == null || now.rows().isEmpty()) {
                continue;
            }
            for (Set<String> key : old.of(table.name())) {
                Set<String> columns = successors(table, key, now);
                if (columns.size() == key.size() && !kept.hold(now.name(), columns)) {
                    writes.add(update(now, columns));
                }
            }
            for (int i = 0; i < table.columns().size(); i++) {
                int at = Tables.successorOf(table, i, now);
                if (at >= 0
                        && holdsLongerText(table.columns().get(i), now.columns().get(at))) {
                    String text = "x".repeat(table.columns().get(i).length() + 1);
                    writes.add("UPDATE " + engine.quoted(now.name()) + " SET "
                            + engine.quoted(now.columns().get(at).name()) + " = " + PostgresEngine.literal(text)
                            + ofFirstRow(now));
                }
            }
        }
        writes.removeIf(String::isEmpty);
        return writes;
    }

    private static boolean holdsLongerText(Column old, Column now) {
        boolean isText = now.kind() == Column.Kind.TEXT || now.kind() == Column.Kind.FIXED_TEXT;
        return isText && !now.isGenerated() && old.length() > 0 && (now.length() == 0 || now.length() > old.length());
    }

    private static Set<String> successors(TableRows table, Set<String> columns, TableRows now) {
        Set<String> successors = new LinkedHashSet<>();
        for (String column : columns) {
            int i = table.indexOf(column);
            int at = i < 0 ? -1 : Tables.successorOf(table, i, now);
            if (at >= 0 && !now.columns().get(at).isGenerated()) {
                successors.add(now.columns().get(at).name());
            }
        }
        return successors;
    }

    /** Gives all rows the values of one; empty where none has a value in each column. */
    private String update(TableRows table, Set<String> columns) {
        for (Row row : table.rows()) {
            List<String> sets = new ArrayList<>();
            for (String column : columns) {
                String value = row.at(table.indexOf(column));
                if (value != null) {
                    sets.add(engine.quoted(column) + " = " + PostgresEngine.literal(value));
                }
            }
            if (sets.size() == columns.size()) {
                return "UPDATE " + engine.quoted(table.name()) + " SET " + String.join(", ", sets);
            }
        }
        return "";
    }

    private String ofFirstRow(TableRows table) {
        List<String> conditions = new ArrayList<>();
        for (int column : table.key()) {
            conditions.add(engine.quoted(table.columns().get(column).name()) + " = "
                    + PostgresEngine.literal(String.valueOf(table.rows().get(0).at(column))));
        }
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    /** Returns the foreign keys that were added and point to tables that were there before. */
    List<ForeignKey> pointers(List<ForeignKey> keys) {
        Set<ObjectName> survivors = new LinkedHashSet<>();
        Set<String> oldColumns = new LinkedHashSet<>();
        for (TableRows table : before.byName().values()) {
            TableRows now = after.successorOf(table);
            if (now != null) {
                survivors.add(now.name());
                for (int i = 0; i < table.columns().size(); i++) {
                    int at = Tables.successorOf(table, i, now);
                    if (at >= 0) {
                        oldColumns.add(now.name() + "." + now.columns().get(at).name());
                    }
                }
            }
        }
        return keys.stream()
                .filter(key -> survivors.contains(key.target()))
                .filter(key ->
                        key.columns().stream().noneMatch(column -> oldColumns.contains(key.table() + "." + column)))
                .toList();
    }

    /** Lets rows point to each row of the key's target, as the new release will; returns whether any does. */
    boolean point(ForeignKey key, RowMaker maker) throws SQLException {
        TableRows table = after.named(key.table());
        if (table == null) {
            return false;
        }
        List<Row> targets = engine.query(
                database.connection(),
                "SELECT "
                        + String.join(
                                ", ",
                                key.targetColumns().stream().map(engine::quoted).toList())
                        + " FROM " + engine.quoted(key.target()));
        boolean isOld = before.byName().values().stream().anyMatch(old -> {
            TableRows now = after.successorOf(old);
            return now != null && now.name().equals(table.name());
        });
        List<Integer> own = table.key();
        boolean isAny = false;
        for (int i = 0; i < Math.min(MOST_TARGETS, targets.size()); i++) {
            Map<String, String> values = new LinkedHashMap<>();
            for (int c = 0; c < key.columns().size(); c++) {
                String value = targets.get(i).at(c);
                if (value != null) {
                    values.put(key.columns().get(c), value);
                }
            }
            if (isOld) {
                isAny |= i < table.rows().size()
                        && !own.isEmpty()
                        && update(table, table.rows().get(i), own, values, maker);
            } else {
                isAny |= maker.insert(table, 500 + i, values).isEmpty();
            }
        }
        return isAny;
    }

    private boolean update(TableRows table, Row row, List<Integer> own, Map<String, String> values, RowMaker maker)
            throws SQLException {
        List<String> sets = new ArrayList<>();
        values.forEach((column, value) -> sets.add(engine.quoted(column) + " = " + maker.literal(value)));
        List<String> conditions = new ArrayList<>();
        for (int column : own) {
            @Nullable String value = row.at(column);
            conditions.add(
                    engine.quoted(table.columns().get(column).name()) + " = " + maker.literal(String.valueOf(value)));
        }
        return run("UPDATE " + engine.quoted(table.name()) + " SET " + String.join(", ", sets) + " WHERE "
                + String.join(" AND ", conditions));
    }

    /** Runs one of the {@link #updates}; returns whether the database let it. */
    boolean run(String sql) throws SQLException {
        try {
            database.run(new Step("write that the new release may make", List.of(sql), true));
            return true;
        } catch (StepException refused) {
            // Then the new release cannot write so either.
            return false;
        }
    }
}
