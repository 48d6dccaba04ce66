package io.github.rollback4j.migrations.schema;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A constraint of a table.
 *
 * @param kind what it demands
 * @param name its name, folded; empty where the statement gave none
 * @param columns the columns, folded; for an index over expressions the expressions as written
 * @param expression the condition of a check, or the predicate of a partial unique index, as written; empty where there is none
 * @param reference what a foreign key refers to; null for all others
 * @param usingIndex the index that {@code USING INDEX} names; empty where none is named
 * @param isValidated false for {@code NOT VALID}, {@code WITH NOCHECK}, {@code NOVALIDATE}: rows that exist are not looked at
 * @param isEnforced false for {@code NOT ENFORCED}, {@code DISABLE}: nothing is looked at
 * @param isDeferrable whether {@code DEFERRABLE} is written
 */
public record Constraint(
        Kind kind,
        String name,
        List<String> columns,
        String expression,
        @Nullable Reference reference,
        String usingIndex,
        boolean isValidated,
        boolean isEnforced,
        boolean isDeferrable) {

    /** What a constraint demands. */
    public enum Kind {
        /** {@code PRIMARY KEY}. */
        PRIMARY_KEY,
        /** {@code UNIQUE}, as a constraint. */
        UNIQUE,
        /** {@code FOREIGN KEY}, {@code REFERENCES}. */
        FOREIGN_KEY,
        /** {@code CHECK}. */
        CHECK,
        /** {@code NOT NULL} as a constraint with a name (PostgreSQL 18). */
        NOT_NULL,
        /** {@code EXCLUDE}. */
        EXCLUSION
    }

    /**
     * What a foreign key refers to.
     *
     * @param table the table
     * @param columns its columns, folded; empty where the statement names none: its primary key
     * @param onDelete {@code cascade}, {@code set null}, {@code set default}, {@code restrict}, {@code no action}; empty where none
     *     is named
     * @param onUpdate the same for updates
     */
    public record Reference(ObjectName table, List<String> columns, String onDelete, String onUpdate) {

        /** Checks, and copies. */
        public Reference {
            Objects.requireNonNull(table, "table");
            columns = List.copyOf(columns);
        }
    }

    /** Checks, and copies. */
    public Constraint {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(expression, "expression");
        Objects.requireNonNull(usingIndex, "usingIndex");
        columns = List.copyOf(columns);
    }

    /** Returns a constraint that is validated, enforced and not deferrable. */
    public static Constraint of(Kind kind, String name, List<String> columns) {
        return new Constraint(kind, name, columns, "", null, "", true, true, false);
    }

    /** Returns the constraint under another name. */
    public Constraint named(String other) {
        return new Constraint(
                kind, other, columns, expression, reference, usingIndex, isValidated, isEnforced, isDeferrable);
    }

    /** Returns the constraint over other columns. */
    public Constraint over(List<String> others) {
        return new Constraint(
                kind, name, others, expression, reference, usingIndex, isValidated, isEnforced, isDeferrable);
    }

    /** Returns the constraint as it is once the rows that exist have been looked at. */
    public Constraint validated() {
        return new Constraint(kind, name, columns, expression, reference, usingIndex, true, isEnforced, isDeferrable);
    }

    /** Returns the constraint, enforced or not, deferrable or not. */
    public Constraint with(boolean enforced, boolean deferrable) {
        return new Constraint(
                kind, name, columns, expression, reference, usingIndex, isValidated, enforced, deferrable);
    }
}
