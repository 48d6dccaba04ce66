package io.github.rollback4j.migrations.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change that a statement makes, apart from its dialect. A statement makes several: {@code ALTER TABLE} one for each action.
 *
 * <p>A reader that cannot say what a statement does says {@link NotUnderstood}, and never leaves a part of a statement out. What a
 * reader knows to have no effect on statements, data or locks is {@link NoEffect}.
 */
public sealed interface SchemaChange {

    // Tables and columns.

    /**
     * {@code CREATE TABLE}.
     *
     * @param table the table
     * @param columns its columns; empty for {@code AS SELECT} and {@code PARTITION OF}
     * @param constraints the constraints written beside the columns' list, not those within a column
     * @param uniqueIndexes unique indexes written inside of it (MySQL), as constraints
     * @param likeTable the table of {@code LIKE}; null where there is none
     * @param partitionOf the parent of {@code PARTITION OF} or {@code INHERITS}; null where there is none
     * @param query the query of {@code AS SELECT}, as written; empty where there is none
     * @param ifNotExists whether a table that exists is left as it is
     * @param orReplace whether a table that exists is dropped first
     * @param isTemporary whether it ends with the session
     */
    record CreateTable(
            ObjectName table,
            List<ColumnDefinition> columns,
            List<Constraint> constraints,
            List<Constraint> uniqueIndexes,
            @Nullable ObjectName likeTable,
            @Nullable ObjectName partitionOf,
            String query,
            boolean ifNotExists,
            boolean orReplace,
            boolean isTemporary)
            implements SchemaChange {}

    /**
     * {@code ADD COLUMN}.
     *
     * @param position {@code first}, or the column after which it stands; empty for the end
     */
    record AddColumn(ObjectName table, ColumnDefinition column, boolean ifNotExists, String position)
            implements SchemaChange {}

    /** {@code DROP COLUMN}. */
    record DropColumn(ObjectName table, String column, boolean ifExists, boolean cascade) implements SchemaChange {}

    /** {@code RENAME COLUMN}, {@code sp_rename} of a column. */
    record RenameColumn(ObjectName table, String from, String to) implements SchemaChange {}

    /**
     * A new type for a column, its other attributes kept.
     *
     * @param using the expression of {@code USING}, as written; empty where there is none
     */
    record ChangeColumnType(ObjectName table, String column, ColumnType type, String using) implements SchemaChange {}

    /**
     * A column defined again as a whole: {@code MODIFY} and {@code CHANGE} of MySQL and MariaDB, {@code ALTER COLUMN} with a type of
     * SQL Server, {@code MODIFY} of Oracle.
     *
     * @param name the column's name before
     * @param definition the new definition, with its new name
     * @param resets whether what is not written is reset (MySQL, MariaDB: all; SQL Server: nullability), rather than kept (Oracle)
     * @param position {@code first}, or the column after which it stands; empty where it stays
     * @param isNullable whether {@code NULL} is written
     */
    record RedefineColumn(
            ObjectName table,
            String name,
            ColumnDefinition definition,
            boolean resets,
            String position,
            boolean isNullable)
            implements SchemaChange {}

    /** {@code SET NOT NULL}. */
    record SetNotNull(ObjectName table, String column) implements SchemaChange {}

    /** {@code DROP NOT NULL}. */
    record DropNotNull(ObjectName table, String column) implements SchemaChange {}

    /** {@code SET DEFAULT}, with the expression as written. */
    record SetDefault(ObjectName table, String column, String expression) implements SchemaChange {}

    /** {@code DROP DEFAULT}. */
    record DropDefault(ObjectName table, String column) implements SchemaChange {}

    /**
     * The generation of a column that exists is added, changed or dropped.
     *
     * @param generation what it becomes; NONE for {@code DROP IDENTITY} and {@code DROP EXPRESSION}
     * @param start the number after {@code START WITH} or {@code RESTART WITH}; null where none is written
     */
    record SetGeneration(
            ObjectName table,
            String column,
            ColumnDefinition.Generation generation,
            @Nullable Long start) implements SchemaChange {}

    // Constraints and indexes.

    /** {@code ADD CONSTRAINT}, {@code ADD PRIMARY KEY}, {@code ADD UNIQUE}, and so on. */
    record AddConstraint(ObjectName table, Constraint constraint) implements SchemaChange {}

    /**
     * {@code DROP CONSTRAINT}, {@code DROP PRIMARY KEY}, {@code DROP FOREIGN KEY}, {@code DROP CHECK}.
     *
     * @param name the constraint's name; empty for a primary key without one
     * @param kind the kind that the statement names; null where it names none
     */
    record DropConstraint(
            ObjectName table, String name, Constraint.@Nullable Kind kind, boolean ifExists, boolean cascade)
            implements SchemaChange {}

    /** {@code RENAME CONSTRAINT}. */
    record RenameConstraint(ObjectName table, String from, String to) implements SchemaChange {}

    /** {@code VALIDATE CONSTRAINT}, {@code WITH CHECK CHECK CONSTRAINT}. */
    record ValidateConstraint(ObjectName table, String name) implements SchemaChange {}

    /**
     * A constraint that exists is altered.
     *
     * @param isDeferrable what it becomes; null where that is not written
     * @param isEnforced what it becomes; null where that is not written
     */
    record AlterConstraint(
            ObjectName table,
            String name,
            @Nullable Boolean isDeferrable,
            @Nullable Boolean isEnforced) implements SchemaChange {}

    /**
     * {@code CREATE INDEX}, {@code ADD INDEX}.
     *
     * @param name its name; empty where none is given
     * @param columns the columns, folded, or expressions as written
     * @param predicate the condition of a partial index, as written; empty where there is none
     * @param concurrently whether {@code CONCURRENTLY} or {@code ONLINE = ON} is written
     */
    record CreateIndex(
            ObjectName name,
            ObjectName table,
            List<String> columns,
            String predicate,
            boolean isUnique,
            boolean concurrently,
            boolean ifNotExists)
            implements SchemaChange {}

    /**
     * {@code REINDEX}.
     *
     * @param what the index, table, schema or database
     */
    record Reindex(String what, boolean concurrently) implements SchemaChange {}

    // Objects of all kinds.

    /**
     * {@code DROP}.
     *
     * @param on the table, for indexes (MySQL), triggers and policies; null where the statement names none
     * @param parameters the types of a routine's parameters; null where the statement names none, and for all others
     * @param concurrently whether {@code CONCURRENTLY} is written
     */
    record Drop(
            ObjectKind kind,
            ObjectName name,
            @Nullable ObjectName on,
            @Nullable List<ColumnType> parameters,
            boolean ifExists,
            boolean cascade,
            boolean concurrently)
            implements SchemaChange {}

    /**
     * {@code RENAME TO}.
     *
     * @param on the table, for triggers, policies and indexes of MySQL; null where the statement names none
     */
    record Rename(
            ObjectKind kind,
            ObjectName from,
            ObjectName to,
            @Nullable ObjectName on) implements SchemaChange {}

    /** {@code SET SCHEMA}, {@code ALTER SCHEMA … TRANSFER}. */
    record MoveToSchema(ObjectKind kind, ObjectName name, String schema) implements SchemaChange {}

    /** {@code CREATE SCHEMA}, {@code CREATE DATABASE}. */
    record CreateSchema(String name, boolean ifNotExists) implements SchemaChange {}

    /**
     * {@code CREATE VIEW}, {@code CREATE MATERIALIZED VIEW}.
     *
     * @param columns the names of its columns, in order, as far as they can be read: from its list, or from what is selected;
     *     {@code *} for a star
     * @param query the query, as written
     * @param sources the tables and views that it selects from
     */
    record CreateView(
            ObjectName name,
            List<String> columns,
            String query,
            List<ObjectName> sources,
            boolean isMaterialized,
            boolean orReplace,
            boolean ifNotExists)
            implements SchemaChange {}

    /** {@code REFRESH MATERIALIZED VIEW}. */
    record RefreshView(ObjectName name, boolean concurrently) implements SchemaChange {}

    /**
     * {@code CREATE TYPE}.
     *
     * @param values the values of an enum, without quotes; empty for all other types
     */
    record CreateType(ObjectName name, List<String> values) implements SchemaChange {}

    /**
     * {@code ALTER TYPE … ADD VALUE}.
     *
     * @param ifNotExists whether a value that exists is left as it is
     */
    record AddEnumValue(ObjectName type, String value, boolean ifNotExists) implements SchemaChange {}

    /** {@code ALTER TYPE … RENAME VALUE}. */
    record RenameEnumValue(ObjectName type, String from, String to) implements SchemaChange {}

    /**
     * Attributes of a composite type are added, dropped, renamed or given another type.
     *
     * @param breaksReaders whether one is dropped, renamed or given another type
     */
    record AlterCompositeType(ObjectName type, boolean breaksReaders) implements SchemaChange {}

    /** {@code CREATE DOMAIN}. */
    record CreateDomain(ObjectName name, @Nullable ColumnType base, boolean isConstrained) implements SchemaChange {}

    /**
     * {@code ALTER DOMAIN}.
     *
     * @param tightens whether a constraint or NOT NULL is added
     * @param isValidated false for {@code NOT VALID}
     * @param changesDefault whether its default is set or dropped
     */
    record AlterDomain(ObjectName name, boolean tightens, boolean isValidated, boolean changesDefault)
            implements SchemaChange {}

    /** {@code CREATE SEQUENCE}. */
    record CreateSequence(ObjectName name, boolean ifNotExists) implements SchemaChange {}

    /**
     * {@code ALTER SEQUENCE}.
     *
     * @param changesNumbers whether increment, limits or the next number are changed, rather than the owner, the cache and the like
     */
    record AlterSequence(ObjectName name, boolean changesNumbers) implements SchemaChange {}

    /**
     * {@code CREATE FUNCTION}, {@code CREATE PROCEDURE}.
     *
     * @param parameters the input parameters, in order
     * @param returns the type it returns, as written and folded; empty where there is none
     * @param body the body, as written
     */
    record CreateRoutine(ObjectName name, List<Parameter> parameters, String returns, String body, boolean orReplace)
            implements SchemaChange {

        /**
         * A parameter.
         *
         * @param name its name, folded; empty where it has none
         * @param type its type; null where it was not understood
         */
        public record Parameter(String name, @Nullable ColumnType type, boolean hasDefault) {}
    }

    /** {@code CREATE TRIGGER}. */
    record CreateTrigger(ObjectName name, ObjectName table, boolean orReplace) implements SchemaChange {}

    /**
     * {@code ENABLE TRIGGER}, {@code DISABLE TRIGGER}.
     *
     * @param name the trigger, {@code all} or {@code user}
     */
    record EnableTrigger(ObjectName table, String name, boolean isEnabled) implements SchemaChange {}

    /** {@code ENABLE ROW LEVEL SECURITY}, and with {@code isForced} for the owner too; or {@code DISABLE}. */
    record SetRowSecurity(ObjectName table, boolean isEnabled, boolean isForced) implements SchemaChange {}

    /**
     * {@code CREATE POLICY}, {@code ALTER POLICY}.
     *
     * @param isPermissive whether it lets rows through, rather than holding them back
     * @param letsEverythingThrough whether its conditions are all {@code true}, for all commands and everybody
     */
    record CreatePolicy(String name, ObjectName table, boolean isPermissive, boolean letsEverythingThrough)
            implements SchemaChange {}

    /** {@code GRANT}. */
    record Grant(List<String> privileges, ObjectKind kind, List<ObjectName> objects, List<String> roles)
            implements SchemaChange {}

    /** {@code REVOKE}. */
    record Revoke(List<String> privileges, ObjectKind kind, List<ObjectName> objects, List<String> roles)
            implements SchemaChange {}

    // Partitions and storage.

    /** {@code ATTACH PARTITION}, {@code ADD PARTITION}, {@code EXCHANGE PARTITION}. */
    record AttachPartition(ObjectName table, ObjectName partition) implements SchemaChange {}

    /** {@code DETACH PARTITION}. */
    record DetachPartition(ObjectName table, ObjectName partition, boolean concurrently) implements SchemaChange {}

    /** {@code DROP PARTITION}, with the rows in it. */
    record DropPartition(ObjectName table, List<String> partitions) implements SchemaChange {}

    /** {@code TRUNCATE PARTITION}. */
    record TruncatePartition(ObjectName table, List<String> partitions) implements SchemaChange {}

    /** {@code INHERIT} and {@code NO INHERIT} of a table. */
    record SetInheritance(ObjectName table, ObjectName parent, boolean inherits) implements SchemaChange {}

    /**
     * Storage is changed so that the whole table is written anew or read: {@code SET UNLOGGED}, {@code ENGINE = …}, {@code ROW_FORMAT},
     * {@code SET TABLESPACE}, {@code VACUUM FULL}, {@code CLUSTER}, {@code OPTIMIZE TABLE}, {@code FORCE}.
     *
     * @param how in the statement's words
     * @param converts whether values are converted as well ({@code CONVERT TO CHARACTER SET})
     */
    record RewriteTable(@Nullable ObjectName table, String how, boolean converts) implements SchemaChange {}

    /**
     * How an {@code ALTER TABLE} or {@code CREATE INDEX} of MySQL or MariaDB is to be carried out.
     *
     * @param algorithm {@code copy}, {@code inplace}, {@code instant}, {@code nocopy}, {@code default}; empty where none is named
     * @param lock {@code none}, {@code shared}, {@code exclusive}, {@code default}; empty where none is named
     */
    record OnlineMode(ObjectName table, String algorithm, String lock) implements SchemaChange {}

    /** {@code LOCK TABLE}. */
    record LockTable(ObjectName table, String mode) implements SchemaChange {}

    // Rows.

    /**
     * {@code INSERT}, {@code COPY FROM}, {@code LOAD DATA}.
     *
     * @param sources the tables that rows are copied from
     * @param orReplaces whether rows that exist are changed ({@code ON CONFLICT DO UPDATE}, {@code REPLACE})
     */
    record InsertRows(ObjectName table, List<ObjectName> sources, boolean orReplaces) implements SchemaChange {}

    /**
     * {@code UPDATE}, and the part of {@code MERGE} that updates.
     *
     * @param where the condition, as written; empty where there is none
     */
    record UpdateRows(ObjectName table, List<Assignment> assignments, String where) implements SchemaChange {

        /**
         * An assignment.
         *
         * @param column the column, folded
         * @param value the expression, as written
         */
        public record Assignment(String column, String value) {}
    }

    /** {@code DELETE}, and the part of {@code MERGE} that deletes. */
    record DeleteRows(ObjectName table, String where) implements SchemaChange {}

    /** {@code TRUNCATE}. */
    record TruncateTable(ObjectName table, boolean cascade) implements SchemaChange {}

    // The session, and what is left.

    /**
     * A setting of the session.
     *
     * @param name folded, for example {@code lock_timeout}
     * @param value as written, without quotes
     */
    record SetSession(String name, String value) implements SchemaChange {}

    /** {@code BEGIN}, {@code COMMIT}, {@code ROLLBACK}; savepoints have no effect. */
    record Transaction(Mark mark) implements SchemaChange {

        /** Where a transaction begins or ends. */
        public enum Mark {
            /** It begins. */
            BEGIN,
            /** It ends, and holds. */
            COMMIT,
            /** It ends, and nothing of it holds. */
            ROLLBACK
        }
    }

    /** Nothing that a statement of the application, its data or its waiting time could notice. */
    record NoEffect(String what) implements SchemaChange {}

    /**
     * The statement, or a part of it, was not understood.
     *
     * @param reason why, for people: where the grammar stopped, or what has no counterpart here
     */
    record NotUnderstood(String reason) implements SchemaChange {}
}
