package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of running a statement once.
 *
 * @param refusal why the database refused it; null if it did not
 * @param labels the labels of the columns that it returned; empty if it returned no rows
 * @param types the names of their types
 * @param rows the rows that it returned
 * @param updateCount how many rows it says to have written; -1 if it returned rows
 * @param effects what it did to the tables, as the release sees them
 */
record Observation(
        @Nullable Refusal refusal,
        List<String> labels,
        List<String> types,
        List<Row> rows,
        long updateCount,
        Map<ObjectName, Effect> effects) {

    /**
     * A database's refusal.
     *
     * @param state the SQLSTATE, where the product has none of its own with the vendor's code
     */
    record Refusal(String state, String message) {}

    Observation {
        labels = List.copyOf(labels);
        types = List.copyOf(types);
        rows = List.copyOf(rows);
        effects = Map.copyOf(effects);
    }

    static Observation refused(Refusal refusal) {
        return new Observation(refusal, List.of(), List.of(), List.of(), -1, Map.of());
    }
}
