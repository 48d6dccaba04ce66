package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Relation.Facts;
import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.judgement.Relation.TableKey;
import io.github.rollback4j.migrations.judgement.SchemaState.Routine;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares what the pending migrations leave behind, together, with what was there before: each old object by its own identity, and
 * by the name under which the previous release asks for it.
 */
final class NetEffect {

    /** Types that PostgreSQL cannot compare for equality, so that DISTINCT, UNION and GROUP BY over them fail. */
    private static final Set<String> WITHOUT_EQUALITY =
            Set.of("json", "xml", "point", "polygon", "box", "line", "lseg", "path", "circle");

    private static final Pattern NOT_SIMPLE = Pattern.compile(
            "\\b(join|union|intersect|except|group\\s+by|having|distinct|limit|over)\\b|,\\s*\\w+(\\s+\\w+)?\\s+where",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern ARITHMETIC =
            Pattern.compile("[*+/]|\\s-\\s|\\)\\s*-|power|cast|::", Pattern.CASE_INSENSITIVE);

    private final SchemaState state;
    private final Findings findings;
    private final Alternatives alternatives;

    NetEffect(SchemaState state, Findings findings) {
        this.state = state;
        this.findings = findings;
        this.alternatives = new Alternatives(state.dialect());
    }

    void find() {
        for (Relation relation : List.copyOf(state.relations)) {
            Relation.Before before = relation.before;
            if (before != null) {
                if (relation.isTable()) {
                    compareTable(relation, before);
                } else {
                    compareView(relation, before);
                }
            } else if (relation.isTable() && !relation.isGone) {
                newTable(relation);
            }
        }
        types();
        sequences();
        routines();
        theRest();
    }

    // Tables and views by name.

    private void compareTable(Relation table, Relation.Before before) {
        Relation now = state.find(before.name());
        if (now == table) {
            compareColumns(table, table, false);
            compareKeys(table, table);
            compareTriggers(table, before);
            rowSecurity(table);
        } else if (now == null) {
            missing(table, before);
        } else {
            replaced(table, now, before);
        }
        newRowsGone(table);
    }

    private void newRowsGone(Relation table) {
        Place place = state.detached.get(table);
        if (place != null) {
            findings.add(
                    Rule.DETACH_PARTITION,
                    Effect.BREAKS,
                    place,
                    Subject.of(table.name),
                    "Queries of the parent no longer find the rows of " + table.name
                            + ", and inserts into its range fail. The rows themselves are kept.",
                    "Detach it one release after the last use.");
        }
    }

    private void missing(Relation table, Relation.Before before) {
        String name = before.name().toString();
        if (!table.isGone) {
            boolean moved = table.name.name().equals(before.name().name());
            Rule rule = !moved
                    ? Rule.RENAME_TABLE
                    : state.isInRenamedSchema(before.name()) ? Rule.RENAME_SCHEMA : Rule.MOVE_SCHEMA;
            findings.add(
                    rule,
                    Effect.BREAKS,
                    table.touched,
                    Subject.of(before.name()),
                    name + " is " + table.name + " now: every statement of the previous release on it fails.",
                    alternatives.bridge(before.name(), table));
            return;
        }
        if (state.isInGoneSchema(before.name())) {
            return;
        }
        findings.add(
                Rule.DROP_TABLE,
                Effect.BREAKS,
                table.touched,
                Subject.of(before.name()),
                name + " is gone: every statement of the previous release on it fails.",
                alternatives.keepTable(before.name()));
        losesTable(table, Rule.DROP_TABLE, before.name());
        if (isCascade(table.touched)) {
            findings.add(
                    Rule.DROP_CASCADE,
                    Effect.BREAKS,
                    table.touched,
                    Subject.of(before.name()),
                    "CASCADE drops the views and foreign keys that depend on " + name + " without naming them.",
                    "Name what is to be dropped, without CASCADE.");
        }
    }

    private void losesTable(Relation table, Rule rule, ObjectName name) {
        boolean isKept = table.isKept("");
        if (!isKept && table.isTable()) {
            findings.add(
                    rule,
                    Effect.LOSES_DATA,
                    table.touched,
                    Subject.of(name),
                    "The rows of " + name + " are kept nowhere.",
                    alternatives.backup(table.name));
        }
    }

    private static boolean isCascade(@Nullable Place place) {
        return place != null
                && place.statement().text().toLowerCase(Locale.ROOT).matches("(?s)drop\\b.*\\bcascade\\b.*");
    }

    private void replaced(Relation table, Relation now, Relation.Before before) {
        String name = before.name().toString();
        if (!now.isTable()) {
            bridge(table, now, before);
            return;
        }
        if (table.isGone) {
            findings.add(
                    Rule.RECREATE_TABLE,
                    Effect.MAY_BREAK,
                    now.touched,
                    Subject.of(before.name()),
                    name
                            + " is another table now: what the old one had beyond its columns (foreign keys, triggers, rights) is gone.",
                    "Change the table with ALTER TABLE.");
            losesTable(table, Rule.RECREATE_TABLE, before.name());
        } else if (!table.copies.containsKey(now)) {
            findings.add(
                    Rule.RENAME_TABLE,
                    Effect.BREAKS,
                    table.touched,
                    Subject.of(before.name()),
                    name + " is " + table.name
                            + " now, and another table has its name: the previous release reads and writes that.",
                    alternatives.bridge(before.name(), table));
            return;
        }
        compareColumns(table, now, true);
        compareKeys(table, now);
        inboundKeys(table, now);
    }

    /** Foreign keys that refer to the table follow it, and not the name. */
    private void inboundKeys(Relation table, Relation now) {
        for (Relation other : state.relations) {
            for (TableKey key : other.keys) {
                Constraint.Reference reference = key.constraint.reference();
                if (key.isOld()
                        && reference != null
                        && state.resolve(reference.table())
                                .equals(Objects.requireNonNull(table.before).name())) {
                    findings.add(
                            Rule.RECREATE_TABLE,
                            Effect.MAY_BREAK,
                            now.touched,
                            Subject.part(other.name, key.constraint.name()),
                            "The foreign key " + key.constraint.name() + " of " + other.name
                                    + " refers to the old table, not to the one that has its name now.",
                            "Recreate the foreign key in the same migration.");
                }
            }
        }
    }

    private void bridge(Relation table, Relation view, Relation.Before before) {
        boolean readsIt =
                view.sources.isEmpty() || view.sources.stream().anyMatch(source -> state.find(source) == table);
        if (table.isGone || !readsIt) {
            missingBehindView(table, view, before);
            return;
        }
        Set<String> shown = shown(view);
        for (TableColumn column : table.columns) {
            Facts old = column.before;
            if (old != null && !shown.contains("*") && !shown.contains(old.name())) {
                findings.add(
                        Rule.REPLACE_VIEW,
                        Effect.BREAKS,
                        view.touched,
                        Subject.column(before.name(), old.name()),
                        "The view that bears the table's old name does not show " + old.name() + ".",
                        "Add the column to the view.");
            }
        }
        if (NOT_SIMPLE.matcher(view.query).find()) {
            findings.add(
                    Rule.RENAME_TABLE,
                    Effect.BREAKS,
                    view.touched,
                    Subject.of(before.name()),
                    "The view that bears the table's old name cannot be written to.",
                    "A view of one table, without joins and groups, takes writes.");
        } else {
            findings.add(
                    Rule.RENAME_TABLE,
                    Effect.ADVICE,
                    view.touched,
                    Subject.of(before.name()),
                    "The view keeps the old name alive, for reads and writes; an upsert that names a constraint fails on it.",
                    "");
        }
        compareColumns(table, table, true);
        compareKeys(table, table);
    }

    private void missingBehindView(Relation table, Relation view, Relation.Before before) {
        findings.add(
                table.isGone ? Rule.DROP_TABLE : Rule.RENAME_TABLE,
                Effect.BREAKS,
                view.touched,
                Subject.of(before.name()),
                "A view of something else bears the table's name: the previous release cannot write to it as before.",
                "Keep the table for one release.");
        if (table.isGone) {
            losesTable(table, Rule.DROP_TABLE, before.name());
        }
    }

    private Set<String> shown(Relation view) {
        Set<String> shown = new HashSet<>(view.viewColumns);
        if (shown.contains("*")) {
            for (ObjectName source : view.sources) {
                Relation of = state.find(source);
                if (of != null && of.isTable() && of.isComplete) {
                    of.presentColumns().forEach(column -> shown.add(column.name));
                    shown.remove("*");
                }
            }
        }
        return shown;
    }

    private void compareView(Relation view, Relation.Before before) {
        Relation now = state.find(before.name());
        String name = before.name().toString();
        if (now == null) {
            if (!view.isGone) {
                boolean moved = view.name.name().equals(before.name().name());
                findings.add(
                        moved ? Rule.MOVE_SCHEMA : Rule.DROP_VIEW,
                        Effect.BREAKS,
                        view.touched,
                        Subject.of(before.name()),
                        "The view " + name + " is " + view.name + " now.",
                        "Keep a view of the old name for one release.");
            } else if (!state.isInGoneSchema(before.name())) {
                findings.add(
                        Rule.DROP_VIEW,
                        Effect.BREAKS,
                        view.touched,
                        Subject.of(before.name()),
                        "The view " + name + " is gone: every query of it fails.",
                        "Drop it one release after the last use.");
            }
            return;
        }
        if (now == view && view.query.equals(view.queryBefore)) {
            return;
        }
        compareShown(view, now, before.name());
    }

    private void compareShown(Relation view, Relation now, ObjectName name) {
        boolean isKnown = view.isComplete && !view.queryBefore.isEmpty();
        Set<String> shown = now.isTable() ? names(now) : shown(now);
        List<String> before = view.viewColumnsBefore.stream()
                .filter(column -> !column.equals("*"))
                .toList();
        List<String> missing =
                before.stream().filter(column -> !shown.contains(column)).toList();
        if (isKnown && !missing.isEmpty() && !shown.contains("*")) {
            findings.add(
                    Rule.REPLACE_VIEW,
                    Effect.BREAKS,
                    now.touched,
                    Subject.of(name),
                    "The view " + name + " no longer shows " + String.join(", ", missing) + ".",
                    "Add columns at the end; take some away one release after their last use.");
        } else if (!isKnown ? now != view : !restOf(view.queryBefore).equals(restOf(now.query))) {
            findings.add(
                    Rule.REPLACE_VIEW,
                    Effect.MAY_BREAK,
                    now.touched,
                    Subject.of(name),
                    "The view " + name + " selects something else than before.",
                    "Give the new view another name.");
        }
    }

    private static Set<String> names(Relation relation) {
        Set<String> names = new HashSet<>();
        relation.presentColumns().forEach(column -> names.add(column.name));
        return names;
    }

    /** Returns what follows the selected columns. */
    private static String restOf(String query) {
        String folded =
                Objects.requireNonNullElse(SchemaState.normalised(query.replaceAll("(?i)\\bfrom\\b", "\u0001")), "");
        int from = folded.indexOf('\u0001');
        return from < 0 ? folded : folded.substring(from).replace(";", "");
    }

    // Columns.

    /**
     * @param now what bears the table's name
     * @param byName whether columns are found by name alone, since the table is another, or a view
     */
    private void compareColumns(Relation table, Relation now, boolean byName) {
        for (TableColumn column : List.copyOf(table.columns)) {
            Facts before = column.before;
            if (before == null) {
                continue;
            }
            TableColumn today =
                    now == table ? (byName ? column : now.column(before.name())) : now.column(before.name());
            if (today == null && now != table && !now.isComplete) {
                continue;
            }
            if (today == null || (today != column && now == table)) {
                missing(table, column, before, today);
            } else {
                compare(now, today, before);
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

    private void compare(Relation table, TableColumn column, Facts before) {
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
                    && demand.matcher(Objects.requireNonNullElse(SchemaState.normalised(constraint.expression()), ""))
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
        return isBounded
                && ARITHMETIC
                        .matcher(Objects.requireNonNullElse(column.defaultValue, ""))
                        .find();
    }

    private void ambiguity(Relation table, TableColumn column, Subject subject) {
        for (Relation other : state.relations) {
            if (other == table || !other.isOld() || !other.isTable()) {
                continue;
            }
            boolean shares = other.columns.stream()
                    .anyMatch(each -> each.before != null && each.before.name().equals(column.name));
            if (shares) {
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

    // Keys.

    private void compareKeys(Relation table, Relation now) {
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
                                SchemaState.normalised(before.expression()),
                                SchemaState.normalised(constraint.expression())));
    }

    private void changedKey(Relation table, TableKey key, Constraint before) {
        Constraint now = key.constraint;
        Subject subject = Subject.part(table.name, before.name());
        if (!before.name().isEmpty() && !now.name().equals(before.name())) {
            boolean isIndexAlone = key.isIndex && !key.isUnique;
            if (!isIndexAlone) {
                findings.add(
                        Rule.RENAME_CONSTRAINT,
                        key.isUnique ? Effect.BREAKS : Effect.MAY_BREAK,
                        key.touched,
                        subject,
                        "ON CONFLICT ON CONSTRAINT " + before.name()
                                + " fails, and code that knows the error by this name no" + " longer does.",
                        "Keep the name.");
            }
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
        String expression = Objects.requireNonNullElse(SchemaState.normalised(constraint.expression()), "");
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
                            expression, Objects.requireNonNullElse(SchemaState.normalised(before.expression()), ""))) {
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

    private void newTable(Relation table) {
        for (TableKey key : table.presentKeys()) {
            if (key.constraint.kind() == Kind.FOREIGN_KEY) {
                newForeignKey(table, key, Subject.part(table.name, key.constraint.name()));
            }
        }
    }

    // Triggers and row-level security.

    private void compareTriggers(Relation table, Relation.Before before) {
        table.triggers.forEach((trigger, place) -> {
            boolean isOld =
                    before.triggers().contains(trigger) && !place.migration().equals(placeOf(table.touched));
            if (!isOld) {
                findings.add(
                        Rule.ADD_TRIGGER,
                        Effect.MAY_BREAK,
                        place,
                        Subject.part(table.name, trigger),
                        "The trigger " + trigger + " sees, changes or refuses rows that the previous release writes.",
                        "A trigger that leaves the previous release's rows as they are.");
            }
        });
        for (String trigger : before.triggers()) {
            if (!table.triggers.containsKey(trigger)) {
                findings.add(
                        Rule.DROP_TRIGGER,
                        Effect.MAY_BREAK,
                        table.touched,
                        Subject.part(table.name, trigger),
                        "What the trigger " + trigger + " did for the previous release is no longer done.",
                        "Keep it for one release.");
            }
        }
    }

    private static @Nullable Object placeOf(@Nullable Place place) {
        return place == null ? null : place.migration();
    }

    private void rowSecurity(Relation table) {
        if (table.isRowSecurityOn && table.touched != null && !table.letsEverythingThrough) {
            findings.add(
                    Rule.ENABLE_RLS,
                    Effect.BREAKS,
                    table.touched,
                    Subject.of(table.name),
                    "The application's role, unless it owns " + table.name
                            + ", sees the rows alone that a policy shows it, and writes are refused.",
                    "CREATE POLICY everybody ON " + table.name
                            + " USING (true) WITH CHECK (true); before it is switched on.");
        }
    }

    // Types, sequences, routines, rights.

    private void types() {
        for (SchemaState.NamedType type : state.types) {
            ObjectName before = type.nameBefore;
            if (before == null) {
                continue;
            }
            String name = before.toString();
            if (type.isGone) {
                findings.add(
                        Rule.DROP_TYPE,
                        Effect.BREAKS,
                        type.touched,
                        Subject.of(before),
                        "The type " + name + " is gone.",
                        "Keep it for one release.");
                continue;
            }
            if (!type.name.equals(before) && !state.isInRenamedSchema(before)) {
                findings.add(
                        Rule.RENAME_TYPE,
                        Effect.BREAKS,
                        type.touched,
                        Subject.of(before),
                        "The type " + name + " is " + type.name
                                + " now: casts of the previous release that name it fail.",
                        "CREATE DOMAIN " + name + " AS " + type.name + ";");
            }
            values(type, name);
            if (type.tightened != null) {
                findings.add(
                        Rule.DOMAIN_CONSTRAINT,
                        Effect.MAY_BREAK,
                        type.tightened,
                        Subject.of(before),
                        "The domain " + name + " refuses values that it took.",
                        "Tighten it one release later.");
            }
            if (type.defaultChanged != null) {
                findings.add(
                        Rule.CHANGE_DEFAULT,
                        Effect.BREAKS,
                        type.defaultChanged,
                        Subject.of(before),
                        "Columns of the domain " + name + " get another default value.",
                        "Set the value in the new release's code.");
            }
            if (type.attributesChanged != null) {
                findings.add(
                        Rule.CHANGE_TYPE,
                        Effect.BREAKS,
                        type.attributesChanged,
                        Subject.of(before),
                        "Values of the composite type " + name + " look otherwise.",
                        "A new type.");
            }
        }
    }

    private void values(SchemaState.NamedType type, String name) {
        type.renamed.forEach((old, now) -> {
            if (!old.equals(now)) {
                findings.add(
                        Rule.ENUM_RENAME_VALUE,
                        Effect.BREAKS,
                        type.touched,
                        Subject.named(name + " '" + old + "'"),
                        "The value '" + old + "' of " + name + " is '" + now + "' now: statements that name it fail.",
                        "ALTER TYPE " + name + " ADD VALUE '" + now + "'; and write the new value one release later.");
            }
        });
        List<String> known = List.copyOf(type.renamed.values());
        List<String> added =
                type.values.stream().filter(value -> !known.contains(value)).toList();
        if (!added.isEmpty()) {
            findings.add(
                    Rule.ENUM_ADD_VALUE,
                    Effect.MAY_BREAK,
                    type.touched,
                    Subject.named(name),
                    "An enum of the previous release does not know " + String.join(", ", added)
                            + ", and the value cannot be taken away again.",
                    "Release code that reads unknown values first.");
        }
    }

    private void sequences() {
        for (SchemaState.Sequence sequence : state.sequences) {
            ObjectName before = sequence.nameBefore;
            if (before == null) {
                continue;
            }
            if (sequence.isGone || (!sequence.name.equals(before) && !state.isInRenamedSchema(before))) {
                findings.add(
                        Rule.DROP_SEQUENCE,
                        Effect.BREAKS,
                        sequence.touched,
                        Subject.of(before),
                        "The sequence " + before + (sequence.isGone ? " is gone." : " is " + sequence.name + " now."),
                        "Drop it one release after the last use.");
            } else if (sequence.numbersChanged != null) {
                findings.add(
                        Rule.CHANGE_SEQUENCE,
                        Effect.MAY_BREAK,
                        sequence.numbersChanged,
                        Subject.of(before),
                        "The sequence " + before
                                + " hands out other numbers: a mapper that counts within its steps meets numbers in use.",
                        "A new sequence.");
            }
        }
    }

    private void routines() {
        for (Routine routine : state.routines) {
            ObjectName before = routine.nameBefore;
            if (before != null) {
                compareRoutine(routine, before);
            }
        }
    }

    private void compareRoutine(Routine routine, ObjectName before) {
        List<Routine> now = state.routines(before);
        String name = before.toString();
        int arguments = routine.parameters == null ? -1 : routine.parameters.size();
        List<Routine> callable = now.stream()
                .filter(other -> other == routine || takes(other, routine))
                .toList();
        if (callable.isEmpty()) {
            if (state.isInRenamedSchema(before)) {
                return; // Found there.
            }
            findings.add(
                    now.isEmpty() && !routine.isGone ? Rule.DROP_FUNCTION : Rule.CHANGE_SIGNATURE,
                    Effect.BREAKS,
                    routine.touched,
                    Subject.of(before),
                    now.isEmpty()
                            ? "The routine " + name + " is gone: calls of the previous release fail."
                            : "No routine " + name + " takes what the previous release calls it with.",
                    "Keep the old one beside the new one for one release.");
            return;
        }
        boolean isAmbiguous =
                arguments >= 0 && callable.size() > 1 && callable.stream().anyMatch(other -> !other.isOld());
        if (isAmbiguous) {
            Routine added = callable.stream()
                    .filter(other -> !other.isOld())
                    .findFirst()
                    .orElseThrow();
            findings.add(
                    Rule.CHANGE_SIGNATURE,
                    Effect.BREAKS,
                    added.touched,
                    Subject.of(before),
                    "A call of " + name + " with " + arguments
                            + " arguments could mean two routines now, for a default value of the new one.",
                    "Without the default value, or under another name.");
        }
        Routine answers = callable.contains(routine) ? routine : callable.get(0);
        boolean returnsOther = !routine.returnsBefore.isEmpty() && !answers.returns.equals(routine.returnsBefore);
        boolean isOtherTrigger = routine.returnsBefore.equals("trigger") && !answers.body.equals(routine.bodyBefore);
        if (returnsOther || isOtherTrigger) {
            findings.add(
                    isOtherTrigger ? Rule.ADD_TRIGGER : Rule.CHANGE_SIGNATURE,
                    Effect.MAY_BREAK,
                    answers.touched,
                    Subject.of(before),
                    isOtherTrigger
                            ? "Triggers that call " + name + " do something else with what the previous release writes."
                            : name + " returns " + answers.returns + " where it returned " + routine.returnsBefore
                                    + ".",
                    "A new routine under another name.");
        }
    }

    /** Returns whether a routine can be called with the arguments of another. */
    private static boolean takes(Routine other, Routine asBefore) {
        if (asBefore.parameters == null || other.parameters == null) {
            return false;
        }
        List<String> given = SchemaState.typesOf(asBefore.parameters);
        List<String> taken = SchemaState.typesOf(other.parameters);
        if (taken.size() < given.size() || !taken.subList(0, given.size()).equals(given)) {
            return false;
        }
        return other.parameters.subList(given.size(), taken.size()).stream()
                .allMatch(parameter -> parameter.hasDefault());
    }

    private void theRest() {
        state.goneSchemas.forEach((schema, place) -> {
            findings.add(
                    Rule.DROP_SCHEMA,
                    Effect.BREAKS,
                    place,
                    Subject.named(schema),
                    "The schema " + schema + " is gone, with all that the previous release may use in it.",
                    "Drop it one release after the last use.");
            boolean goesWithItsTables = state.isMySql() || isCascade(place);
            if (goesWithItsTables) {
                findings.add(
                        Rule.DROP_SCHEMA,
                        Effect.LOSES_DATA,
                        place,
                        Subject.named(schema),
                        "All tables of " + schema + " go with it.",
                        "");
            }
        });
        state.renamedSchemas.forEach((schema, place) -> findings.add(
                Rule.RENAME_SCHEMA,
                Effect.BREAKS,
                place,
                Subject.named(schema),
                "The schema " + schema + " has another name: every statement that names it fails.",
                "A new schema, with views in the old one."));
        state.revoked.forEach((right, place) -> findings.add(
                Rule.REVOKE,
                Effect.BREAKS,
                place,
                Subject.named(right.object()),
                right.role() + " may no longer " + right.privilege() + " " + right.object() + ".",
                "Take rights away one release later."));
    }
}
