package io.github.rollback4j.migrations.verdict;

import io.github.rollback4j.migrations.judgement.Finding;
import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Judgement;
import io.github.rollback4j.migrations.judgement.Rule;
import io.github.rollback4j.migrations.judgement.Subject;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.reading.UsedObjects;
import io.github.rollback4j.migrations.reading.UsedObjects.Conflict;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import io.github.rollback4j.migrations.statements.StatementCatalogue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Weighs what was judged for the worst against what the previous release's statements use. A statement that was not understood uses
 * everything.
 */
final class Usage {

    private final List<UsedObjects> statements;
    private final List<String> notUnderstood;

    Usage(SqlDialect dialect, StatementCatalogue catalogue) {
        this.statements = catalogue.statements().stream()
                .map(statement -> UsedObjects.of(dialect, statement.sql()))
                .toList();
        this.notUnderstood = catalogue.statements().stream()
                .map(RecordedStatement::sql)
                .filter(sql -> !UsedObjects.of(dialect, sql).isUnderstood())
                .map(sql ->
                        "This recorded statement was not understood, and counts as one that uses everything: " + sql)
                .toList();
    }

    /** Returns which statements count as using everything, for people. */
    List<String> notUnderstood() {
        return notUnderstood;
    }

    /** Makes advice of what no statement can notice. */
    Judgement weighed(Judgement judgement) {
        List<Finding> findings = judgement.findings().stream()
                .map(finding -> isBreak(finding) && !isNoticed(finding) ? asAdvice(finding) : finding)
                .toList();
        return new Judgement(findings, judgement.suppressed());
    }

    /** Finds statements that give or take columns by their position, on tables whose columns change. */
    List<Finding> positional(MigrationSet migrations) {
        List<Finding> findings = new ArrayList<>();
        for (Migration migration : migrations.pending()) {
            for (Statement statement : migration.statements()) {
                for (SchemaChange change : statement.changes()) {
                    ObjectName table = tableWhoseColumnsChange(change);
                    if (table != null) {
                        positional(migration, statement, table, findings);
                    }
                }
            }
        }
        return findings;
    }

    private static @Nullable ObjectName tableWhoseColumnsChange(SchemaChange change) {
        if (change instanceof SchemaChange.AddColumn add) {
            return add.table();
        }
        return change instanceof SchemaChange.DropColumn drop ? drop.table() : null;
    }

    private void positional(Migration migration, Statement statement, ObjectName table, List<Finding> findings) {
        boolean isInserted =
                statements.stream().anyMatch(used -> used.insertsWithoutNames() && isAmong(used.inserts(), table));
        boolean isStarred = statements.stream().anyMatch(used -> used.selectsStar() && isAmong(used.reads(), table));
        if (isInserted || isStarred) {
            findings.add(new Finding(
                    Rule.POSITIONAL_OR_STAR,
                    isInserted ? Effect.BREAKS : Effect.ADVICE,
                    migration.id(),
                    migration.file(),
                    statement.line(),
                    statement.text(),
                    new Subject(table, "", table.toString()),
                    isInserted
                            ? "A recorded INSERT into " + table
                                    + " does not name its columns: their number is another now."
                            : "A recorded query takes all columns of " + table
                                    + ": code that goes by their position or number gets others.",
                    "Name the columns in the statement."));
        }
    }

    private static boolean isBreak(Finding finding) {
        return finding.effect() == Effect.BREAKS || finding.effect() == Effect.MAY_BREAK;
    }

    private static Finding asAdvice(Finding finding) {
        return new Finding(
                finding.rule(),
                Effect.ADVICE,
                finding.migration(),
                finding.file(),
                finding.line(),
                finding.statement(),
                finding.subject(),
                finding.explanation() + " No recorded statement of the previous release does that.",
                finding.alternative());
    }

    private boolean isNoticed(Finding finding) {
        Subject subject = finding.subject();
        ObjectName object = subject.object();
        if (object == null) {
            return true;
        }
        return statements.stream().anyMatch(used -> !used.isUnderstood() || isNoticed(finding, object, used));
    }

    private static boolean isNoticed(Finding finding, ObjectName object, UsedObjects used) {
        String column = finding.subject().column();
        return switch (finding.rule()) {
            case DROP_COLUMN,
                    RENAME_COLUMN,
                    CHANGE_TYPE,
                    NARROW_TYPE,
                    ENUM_DROP_VALUE,
                    COLLATION_CHANGE,
                    DATA_REWRITE -> column.isEmpty() ? touches(used, object) : names(used, object, column);
            case DROP_TABLE,
                    RENAME_TABLE,
                    RECREATE_TABLE,
                    MOVE_SCHEMA,
                    DROP_VIEW,
                    REPLACE_VIEW,
                    DROP_CASCADE,
                    DETACH_PARTITION,
                    DROP_PARTITION,
                    TRUNCATE,
                    DELETE_ROWS,
                    ENABLE_RLS -> touches(used, object);
            case ADD_REQUIRED_COLUMN,
                    DROP_DEFAULT,
                    CHANGE_DEFAULT,
                    IDENTITY_ALWAYS,
                    IDENTITY_RESTART,
                    MODIFY_RESETS_ATTRIBUTES -> isAmong(used.inserts(), object);
            case SET_NOT_NULL,
                    ADD_UNIQUE,
                    ADD_CHECK,
                    ADD_FOREIGN_KEY,
                    ADD_PRIMARY_KEY,
                    ADD_EXCLUSION,
                    GENERATED_OVERFLOW,
                    ADD_TRIGGER,
                    DROP_TRIGGER -> writes(used, object);
            case DROP_UNIQUE_ON_CONFLICT, UNIQUE_DEFERRABLE, RENAME_CONSTRAINT ->
                isAmong(used.inserts(), object) && used.conflict().kind() != Conflict.Kind.FAIL;
            case ADD_JSON_COLUMN -> used.selectsStar() && isAmong(used.reads(), object);
            case DROP_SEQUENCE, CHANGE_SEQUENCE -> isAmong(used.sequences(), object);
            case DROP_FUNCTION, CHANGE_SIGNATURE ->
                used.functions().stream().anyMatch(call -> isSame(call.name(), object));
            case AMBIGUOUS_COLUMN -> isAmbiguous(used, object, finding.subject().text());
            // What else there is may be met by a parameter's value, a row of the new release, a cast: no text shows
            // that.
            default -> true;
        };
    }

    private static boolean touches(UsedObjects used, ObjectName object) {
        return isAmong(used.reads(), object) || writes(used, object) || isAmong(used.deletes(), object);
    }

    private static boolean writes(UsedObjects used, ObjectName object) {
        return isAmong(used.inserts(), object) || isAmong(used.updates(), object);
    }

    private static boolean names(UsedObjects used, ObjectName object, String column) {
        if (!touches(used, object)) {
            return false;
        }
        boolean byStar = used.selectsStar() && isAmong(used.reads(), object);
        boolean byPosition = used.insertsWithoutNames() && isAmong(used.inserts(), object);
        boolean byTable = used.columns().entrySet().stream()
                .filter(entry -> isSame(entry.getKey(), object))
                .map(Map.Entry::getValue)
                .anyMatch(names -> contains(names, column));
        boolean byItself = used.unqualified().stream()
                .anyMatch(name -> name.name().equalsIgnoreCase(column) && mayBeOf(name.candidates(), object));
        boolean isWritten = (isAmong(used.inserts(), object) && contains(used.insertedColumns(), column))
                || (isAmong(used.updates(), object) && contains(used.updatedColumns(), column));
        return byStar || byPosition || byTable || byItself || isWritten;
    }

    private static boolean isAmbiguous(UsedObjects used, ObjectName object, String text) {
        String column = text.substring(text.lastIndexOf('.') + 1);
        Predicate<UsedObjects.UnqualifiedColumn> isIt = name -> name.name().equalsIgnoreCase(column)
                && name.candidates().size() != 1
                && mayBeOf(name.candidates(), object);
        return used.unqualified().stream().anyMatch(isIt);
    }

    private static boolean mayBeOf(List<ObjectName> candidates, ObjectName object) {
        return candidates.isEmpty() || isAmong(candidates, object);
    }

    private static boolean contains(Collection<String> names, String column) {
        return names.stream().anyMatch(name -> name.equalsIgnoreCase(column));
    }

    private static boolean isAmong(Collection<ObjectName> names, ObjectName object) {
        return names.stream().anyMatch(name -> isSame(name, object));
    }

    /** A name without a schema may be in any. */
    private static boolean isSame(ObjectName one, ObjectName other) {
        boolean isOneSchema = one.schema().isEmpty()
                || other.schema().isEmpty()
                || one.schema().equalsIgnoreCase(other.schema());
        return isOneSchema && one.name().equalsIgnoreCase(other.name());
    }

    /** Returns the tables and views that a statement touches. */
    static Set<ObjectName> tables(UsedObjects used) {
        Set<ObjectName> tables = new java.util.HashSet<>(used.reads());
        tables.addAll(used.inserts());
        tables.addAll(used.updates());
        tables.addAll(used.deletes());
        return tables;
    }
}
