package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Relation.Facts;
import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.judgement.Relation.TableKey;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What became of the columns of a table that the previous release knows, and what new ones mean for it. */
final class ColumnEffects {

    /** Types that PostgreSQL cannot compare for equality, so that DISTINCT, UNION and GROUP BY over them fail. */
    private static final Set<String> WITHOUT_EQUALITY =
            Set.of("json", "xml", "point", "polygon", "box", "line", "lseg", "path", "circle");

    private static final Pattern ARITHMETIC =
            Pattern.compile("[*+/]|\\s-\\s|\\)\\s*-|power|cast|::", Pattern.CASE_INSENSITIVE);

    private final SchemaState state;
    private final Findings findings;
    private final Alternatives alternatives;
    private final Map<String, List<Relation>> oldTables = new HashMap<>();

    ColumnEffects(SchemaState state, Findings findings) {
        this.state = state;
        this.findings = findings;
        this.alternatives = new Alternatives(state.dialect());
    }

    /**
     * @param now what bears the table's name
     * @param byName whether columns are found by name alone, since the table is another, or a view
     */
    void compare(Relation table, Relation now, boolean byName) {
        for (TableColumn column : List.copyOf(table.columns)) {
            Facts before = column.before;
            if (before == null) {
                continue;
            }
            TableColumn today = now == table && byName ? (column.isGone ? null : column) : now.column(before.name());
            if (today == null && now != table && !now.isComplete) {
                continue;
            }
            if (today == null || (today != column && now == table)) {
                missing(table, column, before, today);
            } else {
                changed(now, today, before);
            }
        }
        for (TableColumn column : List.copyOf(now.columns)) {
            boolean isNew = now == table ? !column.isOld() : hadNot(table, column.name);
            boolean takesOldName = table.columns.stream()
                    .anyMatch(old -> old.before != null && old.before.name().equals(column.name));
            if (isNew && !column.isGone) {
                newColumn(now, column, takesOldName);
            }
        }
    }

    private static boolean hadNot(Relation table, String name) {
        return table.isComplete
                && table.columns.stream()
                        .noneMatch(column ->
                                column.before != null && column.before.name().equals(name));
    }

    private void missing(Relation table, TableColumn column, Facts before, @Nullable TableColumn today) {
        Subject subject = Subject.column(table.before == null ? table.name : table.before.name(), before.name());
        if (!column.isGone) {
            String instead = today == null
                    ? "every statement of the previous release that names " + before.name() + " fails."
                    : "the previous release reads and writes another column of the old name, which does not have its values.";
            findings.add(
                    Rule.RENAME_COLUMN,
                    Effect.BREAKS,
                    column.touched,
                    subject,
                    subject + " is " + column.name + " now: " + instead,
                    alternatives.newColumnInsteadOfRename(table.name, before, column.name));
            return;
        }
        findings.add(
                Rule.DROP_COLUMN,
                Effect.BREAKS,
                column.touched,
                subject,
                subject + " is gone: every statement of the previous release that names it fails.",
                alternatives.keepColumn(table.name, before));
        boolean isKept = column.copies.stream().anyMatch(copy -> !copy.isGone) || table.isKept("");
        boolean isComputed = SchemaState.isComputed(before.generation());
        if (!isKept && !isComputed) {
            findings.add(
                    Rule.DROP_COLUMN,
                    Effect.LOSES_DATA,
                    column.touched,
                    subject,
                    "The values of " + subject + " are kept nowhere.",
                    alternatives.keepColumn(table.name, before));
        }
    }

    private void changed(Relation table, TableColumn column, Facts before) {
        Subject subject = Subject.column(table.before == null ? table.name : table.before.name(), before.name());
        compareType(table, column, before, subject);
        compareNullability(table, column, before, subject);
        compareDefault(column, before, subject);
        compareGeneration(column, before, subject);
        if (column.wasRedefined && !before.isDefaultKnown() && state.isMySql() && column.defaultValue == null) {
            findings.add(
                    Rule.MODIFY_RESETS_ATTRIBUTES,
                    Effect.ADVICE,
                    column.touchedType,
                    subject,
                    "What the definition does not repeat is lost: a default value, NOT NULL, AUTO_INCREMENT, the comment.",
                    "Repeat all that the column has.");
        }
    }

    private void compareType(Relation table, TableColumn column, Facts before, Subject subject) {
        ColumnType type = column.type;
        if (column.touchedType == null || type == null || Objects.equals(before.type(), type)) {
            return;
        }
        if (before.type() == null && column.wasRedefined && state.isMySql()) {
            // MODIFY restates the type; that it changes is not said by the statement.
            return;
        }
        TypeChange change = new TypeChange(state.dialect(), before.type(), type, column.using);
        String was = before.type() == null ? "another type" : before.type().toString();
        String alternative = alternatives.newColumn(table.name, column.name, type);
        switch (change.relation()) {
            case SAME -> {}
            case WIDER ->
                findings.add(
                        Rule.WIDEN_TYPE_READER_HAZARD,
                        Effect.ADVICE,
                        column.touchedType,
                        subject,
                        subject + " may hold more than " + was + " does, once the new release writes it.",
                        "Widen the variables of the code one release before.");
            case NARROWER ->
                findings.add(
                        Rule.NARROW_TYPE,
                        Effect.MAY_BREAK,
                        column.touchedType,
                        subject,
                        subject + " was " + was + " and is " + type + ": what the previous release writes may not fit.",
                        alternative);
            case OTHER ->
                findings.add(
                        Rule.CHANGE_TYPE,
                        Effect.BREAKS,
                        column.touchedType,
                        subject,
                        subject + " was " + was + " and is " + type
                                + ": parameters and readers of the previous release no longer match.",
                        alternative);
            case UNKNOWN -> unknownType(column, subject, type, alternative);
            case MORE_VALUES ->
                findings.add(
                        Rule.ENUM_ADD_VALUE,
                        Effect.MAY_BREAK,
                        column.touchedType,
                        subject,
                        subject + " takes values that an enum of the previous release does not know.",
                        "Release code that reads unknown values first.");
            case FEWER_VALUES ->
                findings.add(
                        Rule.ENUM_DROP_VALUE,
                        Effect.BREAKS,
                        column.touchedType,
                        subject,
                        subject + " no longer takes all values that it took.",
                        "Keep the values for one release.");
            case OTHER_ORDER ->
                findings.add(
                        Rule.COLLATION_CHANGE,
                        Effect.MAY_BREAK,
                        column.touchedType,
                        subject,
                        subject + " compares and sorts otherwise.",
                        alternative);
        }
        if (change.losesData()) {
            findings.add(
                    change.relation() == TypeChange.Relation.NARROWER ? Rule.NARROW_TYPE : Rule.CHANGE_TYPE,
                    Effect.LOSES_DATA,
                    column.touchedType,
                    subject,
                    "What " + type + " cannot hold of the values of " + subject + " is kept nowhere.",
                    alternative);
        }
    }

    private void unknownType(TableColumn column, Subject subject, ColumnType type, String alternative) {
        boolean limitsTexts =
                TypeChange.isText(type.name()) && !type.arguments().isEmpty();
        findings.add(
                limitsTexts ? Rule.NARROW_TYPE : Rule.CHANGE_TYPE,
                Effect.MAY_BREAK,
                column.touchedType,
                subject,
                subject + " is " + type
                        + " now; what it was is not known, so that values and parameters of the previous"
                        + " release may not fit.",
                alternative);
    }

    private void compareNullability(Relation table, TableColumn column, Facts before, Subject subject) {
        boolean isRequired = Boolean.TRUE.equals(column.isRequired) || isCheckedForNull(table, column, false);
        boolean wasRequired = Boolean.TRUE.equals(before.isRequired()) || isCheckedForNull(table, column, true);
        if (isRequired && !wasRequired && column.generation != Generation.IDENTITY_ALWAYS) {
            Place place = column.touchedNullability != null ? column.touchedNullability : column.touchedType;
            if (place == null) {
                return; // By a check alone: found as a check.
            }
            findings.add(
                    Rule.SET_NOT_NULL,
                    Effect.MAY_BREAK,
                    place,
                    subject,
                    subject
                            + " no longer takes NULL: an insert or update of the previous release that leaves it out or sets"
                            + " it to NULL fails.",
                    alternatives.notNullLater(table.name, column.name));
        } else if ((wasRequired && Boolean.FALSE.equals(column.isRequired))
                || (column.touchedNullability != null && !isRequired)) {
            findings.add(
                    Rule.DROP_NOT_NULL_READER_HAZARD,
                    Effect.ADVICE,
                    column.touchedNullability,
                    subject,
                    "The previous release may read NULL from " + subject
                            + " once the new one has written it, and the undo fails" + " then.",
                    "Release code that reads NULL first.");
        }
    }

    private static boolean isCheckedForNull(Relation table, TableColumn column, boolean before) {
        Pattern demand = Pattern.compile("\\(*\"?" + Pattern.quote(column.name) + "\"?isnotnull\\)*");
        for (TableKey key : table.keys) {
            Constraint constraint = before ? key.before : key.isGone ? null : key.constraint;
            if (constraint != null
                    && constraint.kind() == Kind.CHECK
                    && demand.matcher(Objects.requireNonNullElse(Expressions.normalised(constraint.expression()), ""))
                            .matches()) {
                return true;
            }
            // A constraint of the previous release that is validated now, and of which no more is known, is what made
            // it safe.
            if (before
                    && constraint != null
                    && constraint.kind() == Kind.CHECK
                    && constraint.expression().isEmpty()
                    && constraint.columns().isEmpty()
                    && key.constraint.name().contains(column.name)) {
                return true;
            }
        }
        return false;
    }

    private void compareDefault(TableColumn column, Facts before, Subject subject) {
        if (column.touchedDefault == null && !column.wasRedefined) {
            if (before.isDefaultKnown()
                    && column.isDefaultKnown
                    && !Objects.equals(before.defaultValue(), column.defaultValue)) {
                // Another table of the same name.
                changedDefault(column, before, subject, column.touched);
            }
            return;
        }
        boolean isSame = before.isDefaultKnown() && Objects.equals(before.defaultValue(), column.defaultValue);
        if (isSame || column.touchedDefault == null) {
            return;
        }
        boolean neverWorked = before.isDefaultKnown()
                && before.defaultValue() == null
                && Boolean.TRUE.equals(before.isRequired())
                && before.generation() == Generation.NONE;
        if (neverWorked || (!before.isDefaultKnown() && column.wasRedefined && column.defaultValue == null)) {
            return;
        }
        changedDefault(column, before, subject, column.touchedDefault);
    }

    private void changedDefault(TableColumn column, Facts before, Subject subject, @Nullable Place place) {
        if (column.generation != Generation.NONE && column.defaultValue == null) {
            return; // Numbered by the database, as before or as the generation's own finding says.
        }
        String keep = alternatives.keepDefault(subject.text(), before.defaultValue());
        if (column.defaultValue == null) {
            findings.add(
                    Rule.DROP_DEFAULT,
                    Effect.BREAKS,
                    place,
                    subject,
                    subject + " has no default value any more: an insert that leaves it out "
                            + (Boolean.TRUE.equals(column.isRequired) ? "fails." : "stores NULL."),
                    keep);
            if (column.wasRedefined && state.isMySql()) {
                findings.add(
                        Rule.MODIFY_RESETS_ATTRIBUTES,
                        Effect.BREAKS,
                        place,
                        subject,
                        "The new definition does not repeat the default value of " + subject + ".",
                        "Repeat all that the column has.");
            }
        } else {
            findings.add(
                    Rule.CHANGE_DEFAULT,
                    Effect.BREAKS,
                    place,
                    subject,
                    "An insert that leaves " + subject + " out stores " + column.defaultValue + ".",
                    "Set the value in the new release's code.");
        }
    }

    private void compareGeneration(TableColumn column, Facts before, Subject subject) {
        Generation was = before.generation();
        Generation is = column.generation;
        if (column.touchedGeneration == null || (was == is && !column.restartsNumbers)) {
            return;
        }
        if (SchemaState.isComputed(is) || is == Generation.IDENTITY_ALWAYS) {
            if (was != is) {
                findings.add(
                        Rule.IDENTITY_ALWAYS,
                        Effect.BREAKS,
                        column.touchedGeneration,
                        subject,
                        "The database refuses an insert that gives a value for " + subject + ".",
                        "GENERATED BY DEFAULT takes values, too.");
            }
        } else if (is == Generation.IDENTITY_BY_DEFAULT && column.restartsNumbers) {
            findings.add(
                    Rule.IDENTITY_RESTART,
                    Effect.MAY_BREAK,
                    column.touchedGeneration,
                    subject,
                    "The numbers of " + subject
                            + " begin anew: inserts of the previous release meet numbers that are in use.",
                    "START WITH a number above the largest.");
        } else if (is == Generation.NONE && column.defaultValue == null) {
            findings.add(
                    state.isMySql() && column.wasRedefined ? Rule.MODIFY_RESETS_ATTRIBUTES : Rule.DROP_DEFAULT,
                    Effect.BREAKS,
                    column.touchedGeneration,
                    subject,
                    "The database no longer makes a value for " + subject + ": an insert that leaves it out fails.",
                    "Keep the generation for one release.");
        }
    }

    private void newColumn(Relation table, TableColumn column, boolean takesOldName) {
        Subject subject = Subject.part(table.name, column.name);
        boolean hasValue = column.defaultValue != null || column.generation != Generation.NONE;
        boolean isRequired = Boolean.TRUE.equals(column.isRequired) || isCheckedForNull(table, column, false);
        if (isRequired && !hasValue) {
            Place place = column.touchedNullability != null ? column.touchedNullability : column.touched;
            findings.add(
                    Rule.ADD_REQUIRED_COLUMN,
                    Effect.BREAKS,
                    column.touchedDefault != null ? column.touchedDefault : place,
                    subject,
                    subject
                            + " is required, has no default value, and the previous release does not know it: its inserts fail.",
                    alternatives.nullableColumn(table.name, column.name, column.type));
            if (state.isMySql()) {
                findings.add(
                        Rule.MYSQL_IMPLICIT_FILL,
                        Effect.ADVICE,
                        place,
                        subject,
                        "Rows that exist get 0, an empty text or the first value of the enum.",
                        "Say the value: DEFAULT …");
            }
        }
        ColumnType type = column.type;
        if (type == null) {
            return;
        }
        if (state.dialect() == SqlDialect.POSTGRESQL
                && WITHOUT_EQUALITY.contains(type.name())
                && type.dimensions() == 0) {
            findings.add(
                    Rule.ADD_JSON_COLUMN,
                    Effect.BREAKS,
                    column.touched,
                    subject,
                    "SELECT DISTINCT and UNION over all columns of " + table.name + " fail: " + type
                            + " has no equality.",
                    type.name().equals("json") ? alternatives.jsonb(table.name, column.name) : "");
        }
        if (column.generation == Generation.STORED && canOverflow(column, type)) {
            findings.add(
                    Rule.GENERATED_OVERFLOW,
                    Effect.MAY_BREAK,
                    column.touched,
                    subject,
                    "A row of the previous release for which the value of " + subject + " does not fit is refused.",
                    "A type without bounds, or a virtual column.");
        }
        if (!takesOldName) {
            ambiguity(table, column, subject);
        }
    }

    private static boolean canOverflow(TableColumn column, ColumnType type) {
        boolean isBounded = TypeChange.isInteger(type.name())
                || (type.name().equals("numeric") && !type.arguments().isEmpty())
                || (TypeChange.isText(type.name()) && !type.arguments().isEmpty());
        return isBounded && ARITHMETIC.matcher(column.expression).find();
    }

    /** Returns the old tables by the names that their columns had, in the order of the schema. */
    private Map<String, List<Relation>> oldTables() {
        if (oldTables.isEmpty()) {
            for (Relation relation : state.relations) {
                if (relation.isOld() && relation.isTable()) {
                    relation.columns.stream()
                            .filter(each -> each.before != null)
                            .map(each -> Objects.requireNonNull(each.before).name())
                            .distinct()
                            .forEach(name -> oldTables
                                    .computeIfAbsent(name, none -> new ArrayList<>())
                                    .add(relation));
                }
            }
        }
        return oldTables;
    }

    private void ambiguity(Relation table, TableColumn column, Subject subject) {
        for (Relation other : oldTables().getOrDefault(column.name, List.of())) {
            if (other != table) {
                findings.add(
                        Rule.AMBIGUOUS_COLUMN,
                        Effect.BREAKS,
                        column.touched,
                        subject,
                        "A join of " + table.name + " and " + other.name + " that names " + column.name
                                + " without its table fails: both have one now.",
                        "Another name; or recorded statements, which show that there is no such join.");
                return;
            }
        }
    }
}
