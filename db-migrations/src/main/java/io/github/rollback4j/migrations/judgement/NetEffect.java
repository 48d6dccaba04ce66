package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Relation.Facts;
import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.judgement.Relation.TableKey;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.Constraint;
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

    private static final Pattern NOT_SIMPLE = Pattern.compile(
            "\\b(join|union|intersect|except|group\\s+by|having|distinct|limit|over)\\b|,\\s*\\w+(\\s+\\w+)?\\s+where",
            Pattern.CASE_INSENSITIVE);

    private final SchemaState state;
    private final Findings findings;
    private final Alternatives alternatives;
    private final ColumnEffects columns;
    private final KeyEffects keys;

    NetEffect(SchemaState state, Findings findings) {
        this.state = state;
        this.findings = findings;
        this.alternatives = new Alternatives(state.dialect());
        this.columns = new ColumnEffects(state, findings);
        this.keys = new KeyEffects(state, findings);
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
                keys.ofNewTable(relation);
            }
        }
        new ObjectEffects(state, findings).find();
    }

    // Tables and views by name.

    private void compareTable(Relation table, Relation.Before before) {
        Relation now = state.find(before.name());
        if (now == table) {
            columns.compare(table, table, false);
            keys.compare(table, table);
            compareTriggers(table, before);
            rowSecurity(table, before);
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

    static boolean isCascade(@Nullable Place place) {
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
            boolean isWhole =
                    table.isComplete && table.isKept("") && before.triggers().isEmpty();
            findings.add(
                    Rule.RECREATE_TABLE,
                    isWhole ? Effect.ADVICE : Effect.MAY_BREAK,
                    now.touched,
                    Subject.of(before.name()),
                    name + " is another table now: what the old one had beyond its columns and keys is gone.",
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
        columns.compare(table, now, true);
        keys.compare(table, now);
        inboundKeys(table, now);
        lostRights(now, before);
        newNumbers(table, now, before);
    }

    /** Rights stay with the object that they were given on. */
    private void lostRights(Relation now, Relation.Before before) {
        List<String> lost = before.grants().stream()
                .filter(right -> !now.grants.contains(right))
                .sorted()
                .toList();
        if (!lost.isEmpty()) {
            findings.add(
                    Rule.REVOKE,
                    Effect.BREAKS,
                    now.touched,
                    Subject.of(before.name()),
                    before.name() + " is another object now, and nobody gave it the rights of the old one: "
                            + String.join(", ", lost) + ".",
                    "Grant them again in the same migration.");
        }
    }

    private void newNumbers(Relation table, Relation now, Relation.Before before) {
        boolean isNumbered = table.columns.stream()
                .map(column -> column.before)
                .anyMatch(old -> old != null
                        && (old.generation() == Generation.IDENTITY_ALWAYS
                                || old.generation() == Generation.IDENTITY_BY_DEFAULT));
        if (isNumbered && !state.isMySql()) {
            findings.add(
                    Rule.IDENTITY_RESTART,
                    Effect.MAY_BREAK,
                    now.touched,
                    Subject.of(before.name()),
                    "The new table numbers its rows from the beginning, and meets the numbers of the rows that were copied.",
                    "Set its sequence to the old one's number in the same migration.");
        }
    }

    /** Foreign keys that refer to the table follow it, and not the name. */
    private void inboundKeys(Relation table, Relation now) {
        for (Relation other : state.relations) {
            for (TableKey key : other.keys) {
                Constraint.Reference reference = key.constraint.reference();
                if (key.isOld()
                        && !key.isGone
                        && !other.isGone
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
        columns.compare(table, table, true);
        keys.compare(table, table);
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
        if (now != view) {
            lostRights(now, before);
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
                Objects.requireNonNullElse(Expressions.normalised(query.replaceAll("(?i)\\bfrom\\b", "\u0001")), "");
        int from = folded.indexOf('\u0001');
        return from < 0 ? folded : folded.substring(from).replace(";", "");
    }

    // Triggers and row-level security.

    private void compareTriggers(Relation table, Relation.Before before) {
        table.switched.forEach((trigger, isOn) -> findings.add(
                isOn ? Rule.ADD_TRIGGER : Rule.DROP_TRIGGER,
                Effect.MAY_BREAK,
                table.switchedAt.get(trigger),
                Subject.part(table.name, trigger),
                isOn
                        ? "The trigger " + trigger + " works again on what the previous release writes."
                        : "What the trigger " + trigger + " did for the previous release is no longer done.",
                "Leave it as it is for one release."));
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

    private void rowSecurity(Relation table, Relation.Before before) {
        boolean isNew = table.isRowSecurityOn && !before.hadRowSecurity();
        if (before.hadRowSecurity() && table.isRowSecurityOn) {
            table.droppedPolicies.forEach((policy, place) -> findings.add(
                    Rule.ENABLE_RLS,
                    Effect.MAY_BREAK,
                    place,
                    Subject.part(table.name, policy),
                    "Rows that the policy " + policy + " let through are hidden or refused.",
                    "Drop it one release later."));
        }
        if (isNew && !table.letsEverythingThrough) {
            findings.add(
                    Rule.ENABLE_RLS,
                    Effect.BREAKS,
                    table.rowSecurityAt,
                    Subject.of(table.name),
                    "The application's role, unless it owns " + table.name
                            + ", sees the rows alone that a policy shows it, and writes are refused.",
                    "CREATE POLICY everybody ON " + table.name
                            + " USING (true) WITH CHECK (true); before it is switched on.");
        }
    }
}
