package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a statement of a release uses, as far as the statement says so itself; all names are folded as the dialect folds them.
 *
 * @param reads the tables and views that it reads
 * @param inserts those that it inserts into
 * @param updates those that it updates, by {@code ON CONFLICT DO UPDATE} and its like too
 * @param deletes those that it deletes from
 * @param columns the columns by table, as far as it is sure whose they are: qualified, or of the only table in question
 * @param unqualified the columns whose table the statement does not say
 * @param selectsStar whether it selects a star
 * @param insertedColumns the columns that an {@code INSERT} names; empty where it names none
 * @param insertsWithoutNames whether an {@code INSERT} does not name its columns
 * @param updatedColumns the columns that are set
 * @param conflict what of an {@code INSERT} happens to rows that exist
 * @param functions the functions and procedures that it calls
 * @param sequences the sequences that it takes numbers from
 * @param notUnderstood what was not understood, for people; nothing else is said about those parts
 */
public record UsedObjects(
        Set<ObjectName> reads,
        Set<ObjectName> inserts,
        Set<ObjectName> updates,
        Set<ObjectName> deletes,
        Map<ObjectName, Set<String>> columns,
        Set<UnqualifiedColumn> unqualified,
        boolean selectsStar,
        List<String> insertedColumns,
        boolean insertsWithoutNames,
        Set<String> updatedColumns,
        Conflict conflict,
        Set<Call> functions,
        Set<ObjectName> sequences,
        List<String> notUnderstood) {

    /**
     * A column whose table is not said.
     *
     * @param name the column
     * @param candidates the tables that it can be of, the innermost query's first; empty where there are queries alone
     */
    public record UnqualifiedColumn(String name, List<ObjectName> candidates) {

        /** Checks, and copies. */
        public UnqualifiedColumn {
            Objects.requireNonNull(name, "name");
            candidates = List.copyOf(candidates);
        }
    }

    /**
     * What an {@code INSERT} does with rows that exist.
     *
     * @param columns the columns of {@code ON CONFLICT (…)}, or of {@code MERGE … KEY (…)}; empty where none are named
     * @param constraint the constraint of {@code ON CONFLICT ON CONSTRAINT}; empty where none is named
     * @param kind what is done
     */
    public record Conflict(List<String> columns, String constraint, Kind kind) {

        /** What is done with a row that exists. */
        public enum Kind {
            /** The statement fails. */
            FAIL,
            /** It stays, and the new one is dropped. */
            IGNORE,
            /** It is changed, by whatever key it is found: {@code ON DUPLICATE KEY}, {@code REPLACE}. */
            UPDATE_BY_ANY_KEY,
            /** It is changed, found by the columns or the constraint named. */
            UPDATE
        }

        /** Checks, and copies. */
        public Conflict {
            Objects.requireNonNull(constraint, "constraint");
            Objects.requireNonNull(kind, "kind");
            columns = List.copyOf(columns);
        }
    }

    /**
     * A call of a function or a procedure.
     *
     * @param arguments how many are given; -1 where that is not known
     */
    public record Call(ObjectName name, int arguments) {}

    /** Checks, and copies. */
    public UsedObjects {
        reads = Set.copyOf(reads);
        inserts = Set.copyOf(inserts);
        updates = Set.copyOf(updates);
        deletes = Set.copyOf(deletes);
        Map<ObjectName, Set<String>> copied = new TreeMap<>(java.util.Comparator.comparing(ObjectName::toString));
        columns.forEach((table, names) -> copied.put(table, Set.copyOf(names)));
        columns = java.util.Collections.unmodifiableMap(copied);
        unqualified = Set.copyOf(unqualified);
        insertedColumns = List.copyOf(insertedColumns);
        updatedColumns = Set.copyOf(updatedColumns);
        functions = Set.copyOf(functions);
        sequences = Set.copyOf(sequences);
        notUnderstood = List.copyOf(notUnderstood);
    }

    /**
     * Reads a statement of a release, with {@code ?} or names for its parameters. Never throws for what it says.
     *
     * <p>{@snippet class="io.github.rollback4j.migrations.reading.UsedObjectsTest" region="used"}
     */
    public static UsedObjects of(SqlDialect dialect, String sql) {
        return new UsageReader(dialect).read(sql);
    }

    /** Returns whether all of the statement was understood. */
    public boolean isUnderstood() {
        return notUnderstood.isEmpty();
    }
}
