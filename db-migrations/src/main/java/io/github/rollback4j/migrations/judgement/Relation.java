package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table or view while migrations are gone through, by what it is, not by what it is called: it keeps its identity when it is
 * renamed. What was there before the first pending migration remembers how it was.
 */
final class Relation {

    enum Kind {
        TABLE,
        VIEW,
        MATERIALIZED_VIEW
    }

    /** How an object was before. */
    record Before(ObjectName name, Set<String> triggers, Set<String> grants, boolean hadRowSecurity) {}

    Kind kind;
    ObjectName name;
    /** Null for what the pending migrations create. */
    @Nullable
    Before before;
    /** Whether all columns are known, rather than those alone that a pending migration named. */
    boolean isComplete;

    boolean isGone;
    boolean isRowSecurityOn;

    @Nullable
    Place rowSecurityAt;

    boolean letsEverythingThrough;
    /** Where its rows were copied to by this set, and under which condition; without one, all of them. */
    final Map<Relation, String> copies = new LinkedHashMap<>();

    final List<TableColumn> columns = new ArrayList<>();
    final List<TableKey> keys = new ArrayList<>();
    final Map<String, Place> triggers = new LinkedHashMap<>();
    /** Who may do what, for example {@code select by app}: it goes with the object, and not with its name. */
    final Set<String> grants = new LinkedHashSet<>();

    /** Triggers that a statement switched: on is true. */
    final Map<String, Boolean> switched = new LinkedHashMap<>();

    final Map<String, Place> switchedAt = new LinkedHashMap<>();
    /** Policies that were dropped, while others stay. */
    final Map<String, Place> droppedPolicies = new LinkedHashMap<>();

    String query = "";
    String queryBefore = "";
    List<String> viewColumns = List.of();
    List<String> viewColumnsBefore = List.of();
    List<ObjectName> sources = List.of();
    /** The last statement that changed what the object as a whole is. */
    @Nullable
    Place touched;

    Relation(Kind kind, ObjectName name, boolean isComplete) {
        this.kind = kind;
        this.name = name;
        this.isComplete = isComplete;
    }

    boolean isOld() {
        return before != null;
    }

    /** Returns whether the rows that meet a condition were copied to what is still there. */
    boolean isKept(String condition) {
        return copies.entrySet().stream()
                .anyMatch(copy -> !copy.getKey().isGone
                        && (copy.getValue().isEmpty() || copy.getValue().equals(condition)));
    }

    boolean isTable() {
        return kind == Kind.TABLE;
    }

    /** Returns the column of that name as it is now; null where there is none. */
    @Nullable
    TableColumn column(String column) {
        for (TableColumn each : columns) {
            if (!each.isGone && each.name.equals(column)) {
                return each;
            }
        }
        return null;
    }

    List<TableColumn> presentColumns() {
        return columns.stream().filter(column -> !column.isGone).toList();
    }

    @Nullable
    TableKey key(String key) {
        for (TableKey each : keys) {
            if (!each.isGone && each.constraint.name().equals(key)) {
                return each;
            }
        }
        return null;
    }

    List<TableKey> presentKeys() {
        return keys.stream().filter(key -> !key.isGone).toList();
    }

    /** A column. */
    static final class TableColumn {
        String name;

        @Nullable
        ColumnType type;
        /** Null where it is not known. */
        @Nullable
        Boolean isRequired;
        /** The expression, normalised; null for none. Not known where {@link #isDefaultKnown} is false. */
        @Nullable
        String defaultValue;

        boolean isDefaultKnown;
        Generation generation = Generation.NONE;
        boolean isGone;

        @Nullable
        Facts before;
        /** Other columns that got this column's values before they were changed. */
        final Set<TableColumn> copies = new HashSet<>();

        @Nullable
        Place touched;

        @Nullable
        Place touchedType;

        @Nullable
        Place touchedDefault;

        @Nullable
        Place touchedNullability;

        @Nullable
        Place touchedGeneration;

        /** What a generated column is computed from. */
        String expression = "";

        String using = "";
        boolean restartsNumbers;
        boolean wasRedefined;

        TableColumn(String name) {
            this.name = name;
        }

        boolean isOld() {
            return before != null;
        }

        Facts state() {
            return new Facts(name, type, isRequired, defaultValue, isDefaultKnown, generation);
        }
    }

    /** How a column was before. */
    record Facts(
            String name,
            @Nullable ColumnType type,
            @Nullable Boolean isRequired,
            @Nullable String defaultValue,
            boolean isDefaultKnown,
            Generation generation) {}

    /** A constraint or an index. */
    static final class TableKey {
        Constraint constraint;
        /** For an index that is not unique, or not a constraint. */
        final boolean isIndex;

        final boolean isUnique;

        @Nullable
        Constraint before;

        boolean isGone;

        @Nullable
        Place touched;

        TableKey(Constraint constraint, boolean isIndex, boolean isUnique) {
            this.constraint = constraint;
            this.isIndex = isIndex;
            this.isUnique = isUnique;
        }

        boolean isOld() {
            return before != null;
        }

        boolean isUniqueWithoutCondition() {
            return isUnique && constraint.expression().isEmpty();
        }
    }
}
