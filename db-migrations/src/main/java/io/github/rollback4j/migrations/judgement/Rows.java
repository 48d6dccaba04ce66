package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows.Assignment;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What statements do to rows that the previous release reads. */
final class Rows {

    private final SchemaState state;
    private final Findings findings;
    private final Alternatives alternatives;

    Rows(SchemaState state, Findings findings) {
        this.state = state;
        this.findings = findings;
        this.alternatives = new Alternatives(state.dialect());
    }

    void look(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.UpdateRows update) {
            update(update, place);
        } else if (change instanceof SchemaChange.DeleteRows delete) {
            delete(delete, place);
        } else if (change instanceof SchemaChange.TruncateTable truncate) {
            truncate(truncate, place);
        } else if (change instanceof SchemaChange.TruncatePartition truncate) {
            // A partition is emptied to make room, and queries go on without its rows.
            loses(
                    Rule.TRUNCATE,
                    state.table(truncate.table()),
                    place,
                    "The rows of " + truncate.partitions() + " are destroyed.");
        } else if (change instanceof SchemaChange.DropPartition drop) {
            Relation table = state.table(drop.table());
            if (table.isOld()) {
                findings.add(
                        Rule.DROP_PARTITION,
                        Effect.BREAKS,
                        place,
                        Subject.of(table.name),
                        "Queries no longer find the rows of " + drop.partitions()
                                + ", and inserts into their range can fail.",
                        "Drop it one release after the last use.");
                loses(Rule.DROP_PARTITION, table, place, "The rows of " + drop.partitions() + " are destroyed.");
            }
        } else if (change instanceof SchemaChange.InsertRows insert) {
            insert(insert, place);
        } else if (change instanceof SchemaChange.RewriteTable rewrite && rewrite.converts()) {
            convert(rewrite, place);
        }
    }

    private void convert(SchemaChange.RewriteTable rewrite, Place place) {
        if (rewrite.table() != null
                && state.table(Objects.requireNonNull(rewrite.table())).isOld()) {
            findings.add(
                    Rule.COLLATION_CHANGE,
                    Effect.MAY_BREAK,
                    place,
                    Subject.of(Objects.requireNonNull(rewrite.table())),
                    "Texts compare and sort otherwise, and letters that the new character set does not have are refused.",
                    "A new table, or a new column.");
        }
    }

    private void insert(SchemaChange.InsertRows insert, Place place) {
        Relation into = state.table(insert.table());
        if (!insert.sources().isEmpty()) {
            state.copied(place.statement().text(), into);
        }
        if (insert.orReplaces() && into.isOld()) {
            findings.add(
                    Rule.DATA_REWRITE,
                    Effect.MAY_BREAK,
                    place,
                    Subject.of(into.name),
                    "Rows of " + into.name + " that exist are overwritten.",
                    "Insert what is missing alone.");
        }
    }

    private void delete(SchemaChange.DeleteRows delete, Place place) {
        Relation table = state.table(delete.table());
        if (!table.isOld()) {
            return;
        }
        findings.add(
                Rule.DELETE_ROWS,
                Effect.BREAKS,
                place,
                Subject.of(table.name),
                "The previous release no longer finds rows of " + table.name + " that it found.",
                "Delete them one release later.");
        String condition = Objects.requireNonNullElse(Expressions.normalised(delete.where()), "");
        if (!table.isKept(condition)) {
            loses(Rule.DELETE_ROWS, table, place, "The rows are kept nowhere.");
        }
    }

    private void truncate(SchemaChange.TruncateTable truncate, Place place) {
        Relation table = state.table(truncate.table());
        if (!table.isOld()) {
            return;
        }
        findings.add(
                Rule.TRUNCATE,
                Effect.BREAKS,
                place,
                Subject.of(table.name),
                "The previous release finds no row of " + table.name
                        + (truncate.cascade() ? ", nor of any table that refers to it." : "."),
                "Empty it one release later.");
        if (!table.isKept("")) {
            loses(Rule.TRUNCATE, table, place, "All rows of " + table.name + " are destroyed.");
        }
    }

    private void loses(Rule rule, Relation table, Place place, String explanation) {
        if (table.isOld()) {
            findings.add(
                    rule,
                    Effect.LOSES_DATA,
                    place,
                    Subject.of(table.name),
                    explanation,
                    alternatives.backup(table.name));
        }
    }

    private void update(SchemaChange.UpdateRows update, Place place) {
        Relation table = state.table(update.table());
        if (!table.isOld()) {
            return;
        }
        for (Assignment assignment : update.assignments()) {
            TableColumn source = source(table, assignment.value());
            if (source != null && !source.name.equals(assignment.column())) {
                source.copies.add(state.column(table, assignment.column()));
            }
        }
        for (Assignment assignment : update.assignments()) {
            TableColumn column = state.column(table, assignment.column());
            String value = Objects.requireNonNullElse(Expressions.normalised(assignment.value()), "null");
            if (column.isOld() && !value.equals(column.name)) {
                rewrite(table, column, value, update.where(), place);
            }
        }
    }

    private void rewrite(Relation table, TableColumn column, String value, String where, Place place) {
        Subject subject = Subject.column(table.name, column.name);
        String quoted = "\"?" + Pattern.quote(column.name) + "\"?";
        boolean isBackfill = (Pattern.compile("(?is).*(^|[\\s(.\"`])" + quoted + "[\"`]?\\s+is\\s+null\\b.*")
                                .matcher(where)
                                .matches()
                        && !where.toLowerCase(java.util.Locale.ROOT).matches("(?s).*\\bor\\b.*"))
                || value.startsWith("coalesce(" + column.name + ",");
        if (isBackfill) {
            findings.add(
                    Rule.DATA_REWRITE,
                    Effect.MAY_BREAK,
                    place,
                    subject,
                    "The previous release reads " + value + " where " + subject + " was NULL.",
                    "Fill a new column.");
            return;
        }
        findings.add(
                Rule.DATA_REWRITE,
                Effect.BREAKS,
                place,
                subject,
                "The previous release reads other values of " + subject + " than it wrote.",
                "Fill a new column.");
        boolean isKept = column.copies.stream().anyMatch(copy -> !copy.isGone) || table.isKept("");
        if (!isKept) {
            findings.add(
                    Rule.UPDATE_NO_BACKUP,
                    Effect.LOSES_DATA,
                    place,
                    subject,
                    "The values that " + subject + " had are kept nowhere.",
                    alternatives.backup(table.name));
        }
    }

    /** Returns the column whose value an expression hands on unchanged; null where it is none. */
    private static @Nullable TableColumn source(Relation table, String expression) {
        String plain = Objects.requireNonNullElse(Expressions.normalised(expression), "")
                .replaceFirst("^coalesce\\(([^,]+),.*$", "$1")
                .replace("\"", "")
                .replace("`", "");
        String name = plain.substring(plain.lastIndexOf('.') + 1);
        for (TableColumn column : table.presentColumns()) {
            if (column.name.equalsIgnoreCase(name)) {
                return column;
            }
        }
        return null;
    }
}
