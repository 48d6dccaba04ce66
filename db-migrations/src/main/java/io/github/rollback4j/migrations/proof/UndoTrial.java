package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.proof.ScratchCopy.Step;
import io.github.rollback4j.migrations.proof.ScratchCopy.StepException;
import io.github.rollback4j.migrations.proof.UndoProof.Outcome;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.Undo;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The declared undo on its way through a proof: right after the migration, and after the new release has written. */
final class UndoTrial {

    private static final int MOST_ROWS_SHOWN = 10;

    private final Engine engine;
    private final List<Migration> pending;
    private final Tables oldTables;
    private final SortedSet<String> oldCatalog;
    private final List<String> differences = new ArrayList<>();
    private List<LostValues> lostWrites = List.of();
    private boolean isIncompleteLater;
    private boolean restoresSchema;
    private boolean restoresOrder;
    private boolean restoresData;
    private String failure = "";

    UndoTrial(Engine engine, List<Migration> pending, Tables oldTables, SortedSet<String> oldCatalog) {
        this.engine = engine;
        this.pending = pending;
        this.oldTables = oldTables;
        this.oldCatalog = oldCatalog;
    }

    /** Whether there is anything to run. */
    boolean isDeclared() {
        return pending.stream().anyMatch(each -> each.undo().state() == Undo.State.DECLARED);
    }

    /** Undoes a copy of what was migrated, and compares it with what was before; without an undo there is no need for a copy. */
    void rightAway(ScratchCopy migrated) throws SQLException {
        if (!isDeclared()) {
            compare(migrated);
            return;
        }
        try (ScratchCopy copy = migrated.copy()) {
            undoRightAway(copy);
        } catch (StepException failed) {
            failure = String.valueOf(failed.getMessage());
        }
    }

    /** Undoes what was migrated, and compares it with what was before. */
    void undoRightAway(ScratchCopy migrated) throws SQLException {
        failure = undo(migrated);
        compare(migrated);
    }

    private void compare(ScratchCopy undone) throws SQLException {
        List<String> schema = difference(oldCatalog, engine.catalog(undone.connection()));
        restoresSchema = schema.stream().allMatch(UndoTrial::isOrder);
        restoresOrder = schema.isEmpty();
        differences.addAll(schema);
        List<String> data = difference(rows(oldTables), rows(tables(undone)));
        restoresData = data.isEmpty();
        differences.addAll(data.subList(0, Math.min(MOST_ROWS_SHOWN, data.size())));
    }

    /**
     * Undoes what was migrated and then written to.
     *
     * @param before what the tables held before the new release wrote
     * @param isNeeded whether the database is needed afterwards, so that a copy of it is undone
     */
    void afterNewWrites(ScratchCopy migrated, Tables before, boolean isNeeded) throws SQLException {
        if (!isDeclared()) {
            return;
        }
        Tables written = tables(migrated);
        if (!isNeeded) {
            undoAfterWrites(migrated);
            lostWrites = Writes.lost(before, written, tables(migrated));
            return;
        }
        try (ScratchCopy copy = migrated.copy()) {
            undoAfterWrites(copy);
            lostWrites = Writes.lost(before, written, tables(copy));
        } catch (StepException failed) {
            failure = failure.isEmpty() ? String.valueOf(failed.getMessage()) : failure;
        }
    }

    /** Undoes what was migrated and then written to as the new release may; what it wrote is made up, so that its loss is none. */
    void afterDerivedWrites(ScratchCopy migrated) throws SQLException {
        if (isDeclared()) {
            undoAfterWrites(migrated);
        }
    }

    private void undoAfterWrites(ScratchCopy migrated) throws SQLException {
        String failed = undo(migrated);
        if (!failed.isEmpty()) {
            failure = failure.isEmpty() ? "after the new release has written: " + failed : failure;
            return;
        }
        if (restoresSchema && !isIncompleteLater) {
            List<String> schema = difference(oldCatalog, engine.catalog(migrated.connection())).stream()
                    .filter(line -> !isOrder(line))
                    .toList();
            isIncompleteLater = !schema.isEmpty();
            differences.addAll(schema);
        }
    }

    private Tables tables(ScratchCopy copy) throws SQLException {
        return Tables.of(engine.tablesWithRows(copy.connection()), engine.labels(copy.connection()));
    }

    /** Returns why it failed; empty if it did not. */
    private String undo(ScratchCopy copy) throws SQLException {
        for (int i = pending.size() - 1; i >= 0; i--) {
            Migration migration = pending.get(i);
            Undo undo = migration.undo();
            if (undo.state() != Undo.State.DECLARED) {
                continue;
            }
            Step step = new Step("undo of " + migration.id(), ProofRun.texts(undo.statements()), true);
            try {
                try {
                    copy.run(step);
                } catch (StepException failed) {
                    if (!failed.state.equals("25001")) {
                        throw failed;
                    }
                    // A statement that bears no transaction: the tools run such a script without one.
                    copy.run(new Step(step.name(), step.statements(), false));
                }
            } catch (StepException failed) {
                return String.valueOf(failed.getMessage());
            }
        }
        return "";
    }

    private static boolean isOrder(String line) {
        return line.startsWith("ORDER ", 2);
    }

    private static List<String> difference(SortedSet<String> before, SortedSet<String> after) {
        List<String> lines = new ArrayList<>();
        SortedSet<String> missing = new TreeSet<>(before);
        missing.removeAll(after);
        missing.forEach(line -> lines.add("- " + line));
        SortedSet<String> left = new TreeSet<>(after);
        left.removeAll(before);
        left.forEach(line -> lines.add("+ " + line));
        return lines;
    }

    /** Returns every row of the old tables, by the names of its old columns, and how often it is there. */
    private SortedSet<String> rows(Tables tables) {
        Map<String, Integer> counts = new HashMap<>();
        for (TableRows old : oldTables.byName().values()) {
            TableRows table = tables.named(old.name());
            if (table == null) {
                continue;
            }
            for (Row row : table.rows()) {
                Map<String, @Nullable String> cells = new TreeMap<>();
                for (Column column : old.columns()) {
                    int at = table.indexOf(column.name());
                    String value = at < 0 ? null : row.at(at);
                    if (value != null) {
                        cells.put(
                                column.name(),
                                Values.lasting(value, table.columns().get(at)));
                    }
                }
                counts.merge("ROW " + old.name() + " " + cells, 1, Integer::sum);
            }
        }
        SortedSet<String> rows = new TreeSet<>();
        counts.forEach((row, count) -> rows.add(row + (count == 1 ? "" : " × " + count)));
        return rows;
    }

    UndoProof proof() {
        boolean isMissing = pending.stream().anyMatch(each -> each.undo().state() == Undo.State.MISSING);
        boolean isAllMissing = pending.stream().allMatch(each -> each.undo().state() == Undo.State.MISSING);
        boolean isEmpty = pending.stream().anyMatch(each -> each.undo().state() == Undo.State.EMPTY);
        boolean isInverse = restoresSchema && restoresData;
        Outcome outcome;
        if (!failure.isEmpty()) {
            outcome = Outcome.FAILS;
        } else if (isAllMissing || (isMissing && !isInverse)) {
            outcome = Outcome.MISSING;
        } else if (isEmpty && !isInverse) {
            outcome = Outcome.EMPTY;
        } else if (!restoresSchema || isIncompleteLater) {
            outcome = Outcome.INCOMPLETE;
        } else {
            outcome = restoresData && lostWrites.isEmpty() ? Outcome.PROVED : Outcome.LOSES;
        }
        return new UndoProof(
                outcome,
                restoresSchema,
                restoresOrder,
                restoresData,
                !lostWrites.isEmpty(),
                differences,
                lostWrites,
                failure);
    }
}
