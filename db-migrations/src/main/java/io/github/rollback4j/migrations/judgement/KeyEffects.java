package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Relation.Facts;
import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.judgement.Relation.TableKey;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** What became of the constraints and unique indexes of a table, and what new ones demand of the previous release. */
final class KeyEffects {

    private final SchemaState state;
    private final Findings findings;
    private final Alternatives alternatives;

    KeyEffects(SchemaState state, Findings findings) {
        this.state = state;
        this.findings = findings;
        this.alternatives = new Alternatives(state.dialect());
    }

    void compare(Relation table, Relation now) {
        for (TableKey key : List.copyOf(table.keys)) {
            Constraint before = key.before;
            if (before != null) {
                if (key.isGone || now != table) {
                    if (now == table || !survives(before, now)) {
                        lostKey(table, now, key, before);
                    }
                } else {
                    changedKey(table, key, before);
                }
            }
        }
        for (TableKey key : now.presentKeys()) {
            boolean isNew = now == table ? !key.isOld() : !wasThere(table, key.constraint);
            if (isNew) {
                newKey(now, table, key);
            }
        }
    }

    private static boolean survives(Constraint before, Relation now) {
        return now.presentKeys().stream()
                .anyMatch(key -> key.constraint.kind() == before.kind()
                        && key.constraint.columns().equals(before.columns())
                        && Objects.equals(key.constraint.reference(), before.reference()));
    }

    private static boolean wasThere(Relation table, Constraint constraint) {
        return table.keys.stream()
                .map(key -> key.before)
                .filter(Objects::nonNull)
                .anyMatch(before -> before.kind() == constraint.kind()
                        && Set.copyOf(before.columns()).equals(Set.copyOf(constraint.columns()))
                        && Objects.equals(
                                Expressions.normalised(before.expression()),
                                Expressions.normalised(constraint.expression())));
    }

    private void changedKey(Relation table, TableKey key, Constraint before) {
        Constraint now = key.constraint;
        Subject subject = Subject.part(table.name, before.name());
        if (!key.isIndex && !before.name().isEmpty() && !now.name().equals(before.name())) {
            findings.add(
                    Rule.RENAME_CONSTRAINT,
                    key.isUnique ? Effect.BREAKS : Effect.MAY_BREAK,
                    key.touched,
                    subject,
                    "ON CONFLICT ON CONSTRAINT " + before.name()
                            + " fails, and so does code that knows the error by this name.",
                    "Keep the name.");
        }
        boolean becomesPrimary = now.kind() == Kind.PRIMARY_KEY && before.kind() != Kind.PRIMARY_KEY;
        if (becomesPrimary && now.columns().isEmpty()) {
            findings.add(
                    Rule.ADD_PRIMARY_KEY,
                    Effect.MAY_BREAK,
                    key.touched,
                    subject,
                    "Which columns " + before.name() + " has is not known; they no longer take NULL.",
                    "Make them NOT NULL first, in a release of its own.");
        }
        if (now.isDeferrable() && !before.isDeferrable() && key.isUnique) {
            findings.add(
                    Rule.UNIQUE_DEFERRABLE,
                    Effect.BREAKS,
                    key.touched,
                    subject,
                    "ON CONFLICT cannot use a constraint that is deferrable.",
                    "Keep it as it is.");
        }
        if (now.isEnforced() && !before.isEnforced()) {
            newKey(table, table, key);
        }
    }

    private void lostKey(Relation table, Relation now, TableKey key, Constraint before) {
        Subject subject = Subject.part(
                table.name, before.name().isEmpty() ? before.columns().toString() : before.name());
        if (before.kind() == Kind.FOREIGN_KEY) {
            lostForeignKey(now, key, before, subject);
            return;
        }
        if (!key.isUnique) {
            return;
        }
        boolean columnsGone = before.columns().stream()
                .anyMatch(name -> table.columns.stream()
                        .anyMatch(column -> column.isGone
                                && column.before != null
                                && column.before.name().equals(name)));
        if (columnsGone) {
            return; // Found as a column that is gone.
        }
        boolean hasAnother = !before.columns().isEmpty()
                && now.presentKeys().stream()
                        .anyMatch(other -> other.isUniqueWithoutCondition()
                                && !other.constraint.isDeferrable()
                                && Set.copyOf(other.constraint.columns()).equals(Set.copyOf(before.columns())));
        if (hasAnother) {
            boolean hasName = now.presentKeys().stream()
                    .anyMatch(other -> other.constraint.name().equals(before.name()));
            if (!hasName && !key.isIndex && !before.name().isEmpty()) {
                findings.add(
                        Rule.RENAME_CONSTRAINT,
                        Effect.BREAKS,
                        key.touched,
                        subject,
                        "ON CONFLICT ON CONSTRAINT " + before.name() + " fails: the key has another name.",
                        "Keep the name.");
            }
            return;
        }
        boolean hasUpserts = state.isMySql() || state.dialect() == SqlDialect.POSTGRESQL;
        boolean isCertain = hasUpserts && !before.columns().isEmpty();
        findings.add(
                Rule.DROP_UNIQUE_ON_CONFLICT,
                isCertain ? Effect.BREAKS : Effect.MAY_BREAK,
                now == table ? key.touched : now.touched,
                subject,
                state.isMySql()
                        ? "An upsert of the previous release inserts a second row where it updated the first."
                        : "An upsert of the previous release (ON CONFLICT) fails without the key " + before.name()
                                + ", and duplicates are taken.",
                "Drop it one release after the last upsert.");
    }

    private void lostForeignKey(Relation now, TableKey key, Constraint before, Subject subject) {
        Constraint.Reference reference = before.reference();
        if (reference == null || !setsFree(reference.onDelete())) {
            return;
        }
        Constraint another = now.presentKeys().stream()
                .map(other -> other.constraint)
                .filter(other ->
                        other.kind() == Kind.FOREIGN_KEY && other.columns().equals(before.columns()))
                .findFirst()
                .orElse(null);
        boolean keepsAction = another != null
                && another.reference() != null
                && Objects.requireNonNull(another.reference()).onDelete().equals(reference.onDelete());
        if (!keepsAction) {
            findings.add(
                    Rule.DROP_FOREIGN_KEY_ACTION,
                    Effect.MAY_BREAK,
                    key.touched,
                    subject,
                    another == null
                            ? "Deleting from " + reference.table() + " leaves rows behind that went along before."
                            : "Deleting from " + reference.table() + " fails where it was allowed: ON DELETE "
                                    + reference.onDelete().toUpperCase(Locale.ROOT) + " is gone.",
                    "Repeat the action in the new foreign key.");
        }
    }

    private static boolean setsFree(String action) {
        return Set.of("cascade", "set null", "set default").contains(action.toLowerCase(Locale.ROOT));
    }

    private void newKey(Relation now, Relation table, TableKey key) {
        Constraint constraint = key.constraint;
        if (!constraint.isEnforced()) {
            return;
        }
        Subject subject = Subject.part(now.name, constraint.name());
        switch (constraint.kind()) {
            case PRIMARY_KEY, UNIQUE -> {
                if (key.isUnique) {
                    newUnique(now, table, key, subject);
                }
            }
            case CHECK -> newCheck(now, table, key, subject);
            case FOREIGN_KEY -> newForeignKey(now, key, subject);
            case EXCLUSION ->
                findings.add(
                        Rule.ADD_EXCLUSION,
                        Effect.MAY_BREAK,
                        key.touched,
                        subject,
                        "Rows of the previous release can exclude each other.",
                        "Add it one release later.");
            case NOT_NULL -> {
                // Found as the column's own property.
            }
        }
    }

    private boolean isNewColumn(Relation table, String name) {
        TableColumn column = table.column(name);
        return column != null && !column.isOld();
    }

    private void newUnique(Relation now, Relation table, TableKey key, Subject subject) {
        Constraint constraint = key.constraint;
        List<String> columns = constraint.columns();
        if (columns.isEmpty() && key.before == null && !constraint.usingIndex().isEmpty()) {
            return;
        }
        boolean wasUnique = table.keys.stream()
                .anyMatch(old -> old != key
                        && old.isUnique
                        && old.before != null
                        && old.before.expression().isEmpty()
                        && !old.before.columns().isEmpty()
                        && Set.copyOf(columns).containsAll(old.before.columns()));
        if (wasUnique) {
            return;
        }
        boolean staysApart = columns.stream().anyMatch(name -> isApart(now, name));
        if (staysApart) {
            return;
        }
        boolean isPrimary = constraint.kind() == Kind.PRIMARY_KEY;
        boolean onlyNew = !columns.isEmpty() && columns.stream().allMatch(name -> isNewColumn(now, name));
        findings.add(
                isPrimary ? Rule.ADD_PRIMARY_KEY : Rule.ADD_UNIQUE,
                onlyNew ? Effect.BREAKS : Effect.MAY_BREAK,
                key.touched,
                subject,
                onlyNew
                        ? "All rows of the previous release get the same value in " + String.join(", ", columns)
                                + ": the second insert fails."
                        : "The previous release may write values of " + String.join(", ", columns) + " twice.",
                "Keep them apart in the new release's code, and add the key one release later.");
    }

    /** Returns whether rows that leave the column out never share its value. */
    private boolean isApart(Relation table, String name) {
        TableColumn column = table.column(name);
        if (column == null || column.isOld()) {
            return false;
        }
        if (column.generation == Generation.IDENTITY_ALWAYS || column.generation == Generation.IDENTITY_BY_DEFAULT) {
            return true;
        }
        if (column.defaultValue == null && column.generation == Generation.NONE) {
            // NULLs are different from each other, but on SQL Server.
            return state.dialect() != SqlDialect.SQLSERVER && !Boolean.TRUE.equals(column.isRequired);
        }
        return column.defaultValue != null && Locks.isVolatile(column.defaultValue);
    }

    private void newCheck(Relation now, Relation table, TableKey key, Subject subject) {
        Constraint constraint = key.constraint;
        String expression = Objects.requireNonNullElse(Expressions.normalised(constraint.expression()), "");
        List<String> used = Checks.columns(constraint.expression(), now);
        boolean onlyNew = !used.isEmpty() && used.stream().allMatch(name -> isNewColumn(now, name));
        if (onlyNew) {
            return; // Left out it is NULL, or its default value, which the migration itself has tried. NOT NULL is
            // found there.
        }
        for (TableKey old : table.keys) {
            Constraint before = old.before;
            if (before != null
                    && before.kind() == Kind.CHECK
                    && Checks.demandsNoMore(
                            expression, Objects.requireNonNullElse(Expressions.normalised(before.expression()), ""))) {
                return;
            }
        }
        for (String name : used) {
            TableColumn column = now.column(name);
            Facts before = column == null ? null : column.before;
            if (before != null && Boolean.TRUE.equals(before.isRequired()) && expression.equals(name + "isnotnull")) {
                return;
            }
        }
        findings.add(
                Rule.ADD_CHECK,
                Effect.MAY_BREAK,
                key.touched,
                subject,
                "The previous release may write rows that the check refuses"
                        + (constraint.isValidated() ? "." : ": NOT VALID spares only the rows that exist."),
                "Check it in the new release's code, and add the constraint one release later.");
    }

    private void newForeignKey(Relation now, TableKey key, Subject subject) {
        Constraint.Reference reference = key.constraint.reference();
        if (reference == null) {
            return;
        }
        Relation target = state.find(reference.table());
        boolean toOld = target == null || target.isOld();
        boolean fromNewColumns = !key.constraint.columns().isEmpty()
                && key.constraint.columns().stream().allMatch(name -> isNewColumn(now, name));
        boolean fromOld = now.isOld() && !fromNewColumns;
        boolean wasThere = fromOld
                && now.keys.stream()
                        .anyMatch(old -> old.before != null
                                && old.before.kind() == Kind.FOREIGN_KEY
                                && old.before.columns().equals(key.constraint.columns())
                                && old.before.reference() != null
                                && Objects.requireNonNull(old.before.reference())
                                        .table()
                                        .equals(reference.table()));
        if (wasThere) {
            return; // Recreated: what it lost is found there.
        }
        if (fromOld) {
            findings.add(
                    Rule.ADD_FOREIGN_KEY,
                    Effect.MAY_BREAK,
                    key.touched,
                    subject,
                    "The previous release may write values that refer to no row of " + reference.table()
                            + ", or delete rows that are referred to"
                            + (key.constraint.isValidated() ? "." : ": NOT VALID spares only the rows that exist."),
                    "Add it one release later.");
        } else if (toOld && !setsFree(reference.onDelete())) {
            findings.add(
                    Rule.INBOUND_FK,
                    Effect.MAY_BREAK,
                    key.touched,
                    subject,
                    "Rows that the new release writes to " + now.name
                            + " keep the previous release from deleting rows of " + reference.table() + ".",
                    alternatives.cascading(now.name, key.constraint));
        }
    }

    void ofNewTable(Relation table) {
        for (TableKey key : table.presentKeys()) {
            if (key.constraint.kind() == Kind.FOREIGN_KEY) {
                newForeignKey(table, key, Subject.part(table.name, key.constraint.name()));
            }
        }
    }
}
