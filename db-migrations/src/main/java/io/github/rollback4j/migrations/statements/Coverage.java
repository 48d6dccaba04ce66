package io.github.rollback4j.migrations.statements;

import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Says how far the recorded statements reach over a change. What no statement touches is not proved by any; that may be since the
 * release does not use it, or since its tests do not.
 *
 * @param touched tables and views of the change that recorded statements touch, by the names that the previous release has for them
 * @param untouched those that no recorded statement touches
 * @param unplaced what is changed and is of no table that is known, for people: a type, a sequence, an index by its name alone, what
 *     was not understood; statements cannot be compared with it
 * @param isRecordComplete whether the recorder had room for all statements
 */
public record Coverage(
        List<ObjectName> touched, List<ObjectName> untouched, List<String> unplaced, boolean isRecordComplete) {

    /** Copies. */
    public Coverage {
        touched = List.copyOf(touched);
        untouched = List.copyOf(untouched);
        unplaced = List.copyOf(unplaced);
    }

    /**
     * Compares a change with statements. What the change itself creates is not asked for, since the previous release cannot know it.
     *
     * @param changes what is pending, in order
     * @param catalogue the previous release's statements
     * @param tables the tables and views that a statement reads or writes, folded as the changes' are; none where that is not
     *     understood
     */
    public static Coverage of(
            Collection<SchemaChange> changes,
            StatementCatalogue catalogue,
            Function<RecordedStatement, Set<ObjectName>> tables) {
        ChangedTables changed = new ChangedTables(changes);
        Set<ObjectName> used = new HashSet<>();
        catalogue.statements().forEach(statement -> used.addAll(tables.apply(statement)));
        List<ObjectName> all = changed.tables().stream()
                .sorted(Comparator.comparing(ObjectName::toString))
                .toList();
        return new Coverage(
                all.stream().filter(table -> isAmong(used, table)).toList(),
                all.stream().filter(table -> !isAmong(used, table)).toList(),
                changed.unplaced().stream().sorted().toList(),
                catalogue.isComplete());
    }

    private static boolean isAmong(Set<ObjectName> used, ObjectName table) {
        return used.stream().anyMatch(name -> ChangedTables.isSame(name, table));
    }

    /** Says whether recorded statements reach everything that is changed. */
    public boolean isComplete() {
        return isRecordComplete && untouched.isEmpty() && unplaced.isEmpty();
    }

    /** Returns one sentence for people. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("recorded statements touch ")
                .append(touched.size())
                .append(" of ")
                .append(touched.size() + untouched.size())
                .append(" changed tables");
        append(
                text,
                "; none touches ",
                untouched.stream().map(ObjectName::toString).toList());
        append(text, "; nothing can be said of ", unplaced);
        if (!isRecordComplete) {
            text.append("; the record is incomplete");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String before, List<String> names) {
        if (!names.isEmpty()) {
            text.append(before).append(String.join(", ", names));
        }
    }
}
