package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.judgement.Relation.TableKey;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who waits, and whether for a time that grows with a table: statement by statement, since a lock is held from its statement to the
 * end of the transaction, whatever is undone later. Measured on PostgreSQL 18 and MariaDB 11.4; MySQL, Oracle and SQL Server by
 * their manuals.
 */
final class Locks {

    private static final Pattern CALL = Pattern.compile("([a-z_][a-z0-9_.]*)\\(");

    /** Functions that give one value for a whole statement, or always the same. */
    private static final Set<String> NOT_VOLATILE = Set.of(
            "now",
            "current_timestamp",
            "current_date",
            "localtimestamp",
            "localtime",
            "transaction_timestamp",
            "statement_timestamp",
            "date_trunc",
            "to_timestamp",
            "to_date",
            "make_date",
            "make_interval",
            "coalesce",
            "lower",
            "upper",
            "length",
            "concat",
            "md5",
            "abs",
            "round",
            "floor",
            "ceil",
            "jsonb_build_object",
            "jsonb_build_array",
            "json_build_object",
            "array_fill",
            "timezone",
            "cast",
            "numeric",
            "varchar",
            "char",
            "current_user",
            "current_setting",
            "string_to_array",
            "to_jsonb",
            "decode",
            "encode",
            "nullif",
            "greatest",
            "least",
            "interval",
            "date",
            "timestamp",
            "timestamptz",
            "point",
            "box",
            "int4range",
            "daterange",
            "tstzrange");

    private final SchemaState state;
    private final Findings findings;
    /** Whether an earlier statement of the same transaction keeps others out of a table of the previous release. */
    private boolean isHeld;

    private boolean isTransaction;
    private boolean hasTimeout;
    private boolean saidTimeout;
    private boolean zoneIsUtc;

    Locks(SchemaState state, Findings findings) {
        this.state = state;
        this.findings = findings;
    }

    /** Returns whether a default value is computed anew for each row. Expects it normalised. */
    static boolean isVolatile(String expression) {
        var calls = CALL.matcher(expression);
        while (calls.find()) {
            String name = calls.group(1).substring(calls.group(1).lastIndexOf('.') + 1);
            if (!NOT_VOLATILE.contains(name)) {
                return true;
            }
        }
        return false;
    }

    void beginMigration(boolean transactional) {
        isTransaction = transactional && holdsLocks();
        isHeld = false;
        hasTimeout = false;
        saidTimeout = false;
    }

    private boolean holdsLocks() {
        return state.dialect() == SqlDialect.POSTGRESQL || state.dialect() == SqlDialect.SQLSERVER;
    }

    /** Looks at a change before the state goes through it. */
    void look(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.Transaction transaction) {
            isTransaction = transaction.mark() == SchemaChange.Transaction.Mark.BEGIN && holdsLocks();
            isHeld = false;
        } else if (change instanceof SchemaChange.SetSession set) {
            hasTimeout |= set.name().contains("lock_timeout") || set.name().contains("lock_wait_timeout");
            zoneIsUtc = set.name().equals("timezone") ? set.value().equalsIgnoreCase("utc") : zoneIsUtc;
        } else {
            switch (state.dialect()) {
                case POSTGRESQL -> onPostgres(change, place);
                case MYSQL, MARIADB -> onMySql(change, place);
                case ORACLE, SQLSERVER, H2 -> elsewhere(change, place);
            }
        }
    }

    private void locks(Rule rule, Place place, Subject subject, String explanation, String alternative) {
        findings.add(rule, Effect.LOCKS, place, subject, explanation, alternative);
    }

    // PostgreSQL.

    private void onPostgres(SchemaChange change, Place place) {
        concurrently(change, place);
        if (change instanceof SchemaChange.Reindex reindex && !reindex.concurrently()) {
            locks(
                    Rule.REINDEX_NOT_CONCURRENT,
                    place,
                    Subject.named(reindex.what()),
                    "Writes wait while the index is built anew.",
                    "REINDEX … CONCURRENTLY, outside of a transaction.");
        }
        Relation table = lockedTable(change);
        boolean isOld = table != null && table.isOld();
        Work work = workOf(change);
        Subject subject = table == null ? Subject.NONE : Subject.of(table.name);
        if (isOld && work != null) {
            locks(work.rule(), place, subject, work.explanation(), work.alternative());
        } else if (isHeld && readsRows(change)) {
            boolean validates = change instanceof SchemaChange.ValidateConstraint;
            locks(
                    validates ? Rule.VALIDATE_IN_SAME_TX : Rule.STATEMENT_AFTER_EXCLUSIVE_LOCK,
                    place,
                    subject,
                    "A lock that an earlier statement of the transaction took is held while rows are read or written.",
                    "A migration of its own.");
            if (change instanceof SchemaChange.UpdateRows) {
                findings.add(
                        Rule.BACKFILL_IN_DDL_TRANSACTION,
                        Effect.ADVICE,
                        place,
                        subject,
                        "Rows are filled in the transaction that changes the schema: nobody sees or writes the table until all are.",
                        "Fill them in batches, outside of it.");
            }
        }
        if (change instanceof SchemaChange.Drop drop && drop.kind() == ObjectKind.INDEX && !drop.concurrently()) {
            findings.add(
                    Rule.DROP_INDEX_NOT_CONCURRENT,
                    Effect.ADVICE,
                    place,
                    Subject.of(drop.name()),
                    "Everything that uses the table waits while the index is dropped, and behind a long query for that one, too.",
                    "DROP INDEX CONCURRENTLY, outside of a transaction.");
        }
        if (isOld) {
            timeout(place, subject);
            isHeld |= isTransaction;
        }
        isHeld |= isTransaction && change instanceof SchemaChange.LockTable lock && keepsOthersOut(lock.mode());
    }

    private static boolean keepsOthersOut(String mode) {
        String folded = mode.toLowerCase(Locale.ROOT);
        return !folded.contains("access share")
                && !folded.matches("row (share|exclusive)")
                && !folded.contains("share update");
    }

    private void concurrently(SchemaChange change, Place place) {
        boolean isConcurrent = (change instanceof SchemaChange.CreateIndex create && create.concurrently())
                || (change instanceof SchemaChange.Drop drop && drop.concurrently())
                || (change instanceof SchemaChange.Reindex reindex && reindex.concurrently())
                || (change instanceof SchemaChange.DetachPartition detach && detach.concurrently());
        if (isConcurrent && isTransaction) {
            findings.add(
                    Rule.CONCURRENTLY_IN_TRANSACTION,
                    Effect.FAILS,
                    place,
                    Subject.NONE,
                    "PostgreSQL refuses CONCURRENTLY inside a transaction (25001).",
                    "Flyway: executeInTransaction=false; Liquibase: runInTransaction=\"false\".");
        }
    }

    private void timeout(Place place, Subject subject) {
        if (!hasTimeout && !saidTimeout) {
            saidTimeout = true;
            findings.add(
                    Rule.LOCK_TIMEOUT_MISSING,
                    Effect.ADVICE,
                    place,
                    subject,
                    "Behind a long query the statement waits without limit for its lock, and everybody behind it.",
                    "SET lock_timeout = '2s'; and repeat.");
        }
    }

    /** Returns the table that others are kept out of, or whose writers are; null where nobody is. */
    private @Nullable Relation lockedTable(SchemaChange change) {
        ObjectName name = null;
        if (change instanceof SchemaChange.AddColumn add) {
            name = add.table();
        } else if (change instanceof SchemaChange.DropColumn drop) {
            name = drop.table();
        } else if (change instanceof SchemaChange.RenameColumn rename) {
            name = rename.table();
        } else if (change instanceof SchemaChange.ChangeColumnType type) {
            name = type.table();
        } else if (change instanceof SchemaChange.RedefineColumn redefine) {
            name = redefine.table();
        } else if (change instanceof SchemaChange.SetNotNull set) {
            name = set.table();
        } else if (change instanceof SchemaChange.DropNotNull drop) {
            name = drop.table();
        } else if (change instanceof SchemaChange.SetDefault set) {
            name = set.table();
        } else if (change instanceof SchemaChange.DropDefault drop) {
            name = drop.table();
        } else if (change instanceof SchemaChange.SetGeneration set) {
            name = set.table();
        } else if (change instanceof SchemaChange.AddConstraint add) {
            name = add.table();
        } else if (change instanceof SchemaChange.DropConstraint drop) {
            name = drop.table();
        } else if (change instanceof SchemaChange.RenameConstraint rename) {
            name = rename.table();
        } else if (change instanceof SchemaChange.AlterConstraint alter) {
            name = alter.table();
        } else if (change instanceof SchemaChange.CreateIndex create) {
            name = create.concurrently() ? null : create.table();
        } else if (change instanceof SchemaChange.CreateTrigger create) {
            name = create.table();
        } else if (change instanceof SchemaChange.SetRowSecurity set) {
            name = set.table();
        } else if (change instanceof SchemaChange.DetachPartition detach) {
            name = detach.concurrently() ? null : detach.table();
        } else if (change instanceof SchemaChange.AttachPartition attach) {
            name = attach.partition();
        } else if (change instanceof SchemaChange.RewriteTable rewrite) {
            name = rewrite.table();
        } else if (change instanceof SchemaChange.TruncateTable truncate) {
            name = truncate.table();
        } else if (change instanceof SchemaChange.RefreshView refresh) {
            name = refresh.concurrently() ? null : refresh.name();
        } else if (change instanceof SchemaChange.Rename rename && rename.kind() == ObjectKind.TABLE) {
            name = rename.from();
        } else if (change instanceof SchemaChange.Drop drop && drop.kind() == ObjectKind.TABLE) {
            return state.find(drop.name());
        } else if (change instanceof SchemaChange.CreateTable create) {
            return referred(create);
        } else {
            return null;
        }
        return name == null ? null : state.table(name);
    }

    private @Nullable Relation referred(SchemaChange.CreateTable create) {
        for (Constraint constraint : create.constraints()) {
            Constraint.Reference reference = constraint.reference();
            if (reference != null) {
                return state.table(reference.table());
            }
        }
        for (ColumnDefinition column : create.columns()) {
            for (Constraint constraint : column.constraints()) {
                Constraint.Reference reference = constraint.reference();
                if (reference != null) {
                    return state.table(reference.table());
                }
            }
        }
        return null;
    }

    /** Returns whether rows are read or written by a statement that keeps nobody out itself. */
    private boolean readsRows(SchemaChange change) {
        if (change instanceof SchemaChange.UpdateRows update) {
            return state.table(update.table()).isOld();
        }
        if (change instanceof SchemaChange.DeleteRows delete) {
            return state.table(delete.table()).isOld();
        }
        if (change instanceof SchemaChange.InsertRows insert) {
            return insert.sources().stream()
                    .anyMatch(source -> state.table(source).isOld());
        }
        if (change instanceof SchemaChange.CreateTable create) {
            return !create.query().isEmpty();
        }
        if (change instanceof SchemaChange.ValidateConstraint validate) {
            return state.table(validate.table()).isOld();
        }
        return (change instanceof SchemaChange.CreateView create && create.isMaterialized())
                || change instanceof SchemaChange.RefreshView;
    }

    /** Work that grows with the table. */
    private record Work(Rule rule, String explanation, String alternative) {}

    private @Nullable Work workOf(SchemaChange change) {
        if (change instanceof SchemaChange.AddColumn add) {
            return workOfColumn(add.column());
        }
        if (change instanceof SchemaChange.ChangeColumnType type) {
            TableColumn column = state.table(type.table()).column(type.column());
            ColumnType from = column == null ? null : column.type;
            return new TypeChange(state.dialect(), from, type.type(), type.using()).rewritesOnPostgres(zoneIsUtc)
                    ? new Work(
                            Rule.REWRITE_TYPE,
                            "The whole table is written anew while everything waits.",
                            "A new column, filled in batches.")
                    : null;
        }
        if (change instanceof SchemaChange.SetNotNull set) {
            return scansForNull(state.table(set.table()), set.column())
                    ? new Work(
                            Rule.CONSTRAINT_NOT_VALID_MISSING,
                            "All rows are read while everything waits.",
                            "ADD CONSTRAINT … CHECK (" + set.column()
                                    + " IS NOT NULL) NOT VALID; VALIDATE CONSTRAINT in a migration of its own; then SET NOT NULL reads nothing.")
                    : null;
        }
        if (change instanceof SchemaChange.SetGeneration set) {
            return set.generation() == Generation.STORED
                    ? new Work(Rule.REWRITE_STORED_GENERATED, "The whole table is written anew.", "A new column.")
                    : null;
        }
        if (change instanceof SchemaChange.AddConstraint add) {
            return workOfConstraint(state.table(add.table()), add.constraint());
        }
        if (change instanceof SchemaChange.CreateIndex create && !create.concurrently()) {
            return new Work(
                    Rule.INDEX_NOT_CONCURRENT,
                    "Writes wait while the index is built.",
                    "CREATE INDEX CONCURRENTLY, outside of a transaction.");
        }
        if (change instanceof SchemaChange.AttachPartition) {
            return new Work(
                    Rule.CONSTRAINT_NOT_VALID_MISSING,
                    "The rows of the partition are read while it is locked.",
                    "Add a CHECK of its bounds first, NOT VALID, and validate it.");
        }
        if (change instanceof SchemaChange.RewriteTable rewrite) {
            return new Work(
                    Rule.TABLE_REWRITE_MAINTENANCE,
                    rewrite.how() + " writes the whole table anew while everything waits.",
                    "");
        }
        if (change instanceof SchemaChange.RefreshView refresh && !refresh.concurrently()) {
            return new Work(
                    Rule.TABLE_REWRITE_MAINTENANCE,
                    "The view is filled anew while its readers wait.",
                    "REFRESH MATERIALIZED VIEW CONCURRENTLY.");
        }
        return null;
    }

    private @Nullable Work workOfColumn(ColumnDefinition column) {
        String value =
                SchemaState.isComputed(column.generation()) ? null : Expressions.normalised(column.defaultValue());
        if (column.generation() == Generation.STORED) {
            return new Work(
                    Rule.REWRITE_STORED_GENERATED, "The whole table is written anew.", "A virtual column, or a view.");
        }
        if (column.generation() == Generation.IDENTITY_ALWAYS
                || column.generation() == Generation.IDENTITY_BY_DEFAULT) {
            return new Work(
                    Rule.REWRITE_SERIAL,
                    "The whole table is written anew to number its rows.",
                    "A nullable column, filled in batches.");
        }
        if (value != null && isVolatile(value)) {
            return new Work(
                    Rule.REWRITE_VOLATILE_DEFAULT,
                    "The default value is computed for each row: the whole table is written anew.",
                    "Add the column without the default value, then SET DEFAULT, then fill it in batches.");
        }
        for (Constraint constraint : column.constraints()) {
            boolean readsNothing = constraint.kind() == Kind.NOT_NULL
                    || (constraint.kind() == Kind.FOREIGN_KEY && value == null)
                    || !constraint.isValidated();
            if (!readsNothing) {
                boolean isUnique = constraint.kind() == Kind.UNIQUE || constraint.kind() == Kind.PRIMARY_KEY;
                return new Work(
                        isUnique ? Rule.UNIQUE_BUILDS_INDEX : Rule.CONSTRAINT_NOT_VALID_MISSING,
                        isUnique
                                ? "The index is built while everything waits."
                                : "All rows are read while everything waits.",
                        isUnique
                                ? "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX."
                                : "Add the constraint NOT VALID, and validate it in a migration of its own.");
            }
        }
        return null;
    }

    private @Nullable Work workOfConstraint(Relation table, Constraint constraint) {
        if (!constraint.usingIndex().isEmpty()) {
            TableKey index = table.key(constraint.usingIndex());
            boolean reads = constraint.kind() == Kind.PRIMARY_KEY
                    && (index == null
                            || index.constraint.columns().isEmpty()
                            || index.constraint.columns().stream().anyMatch(column -> scansForNull(table, column)));
            return reads
                    ? new Work(
                            Rule.CONSTRAINT_NOT_VALID_MISSING,
                            "All rows are read for NULL while everything waits.",
                            "Make the column NOT NULL first, by a validated check.")
                    : null;
        }
        if (!constraint.isEnforced()) {
            return null;
        }
        return switch (constraint.kind()) {
            case PRIMARY_KEY, UNIQUE, EXCLUSION ->
                new Work(
                        Rule.UNIQUE_BUILDS_INDEX,
                        "The index is built while everything waits.",
                        "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX.");
            case CHECK, FOREIGN_KEY ->
                constraint.isValidated()
                        ? new Work(
                                Rule.CONSTRAINT_NOT_VALID_MISSING,
                                "All rows are read while writes wait.",
                                "ADD CONSTRAINT … NOT VALID; VALIDATE CONSTRAINT in a migration of its own.")
                        : null;
            case NOT_NULL ->
                constraint.isValidated()
                                && constraint.columns().stream().anyMatch(column -> scansForNull(table, column))
                        ? new Work(
                                Rule.CONSTRAINT_NOT_VALID_MISSING,
                                "All rows are read while everything waits.",
                                "NOT VALID, and validate it in a migration of its own.")
                        : null;
        };
    }

    private static boolean scansForNull(Relation table, String name) {
        TableColumn column = table.column(name);
        if (column != null && Boolean.TRUE.equals(column.isRequired)) {
            return false;
        }
        for (TableKey key : table.presentKeys()) {
            Constraint constraint = key.constraint;
            String condition = Objects.requireNonNullElse(Expressions.normalised(constraint.expression()), "")
                    .replace("\"", "");
            boolean says = condition.equals(name + "isnotnull")
                    || (condition.isEmpty()
                            && constraint.columns().isEmpty()
                            && constraint.name().contains(name));
            if (constraint.kind() == Kind.CHECK && constraint.isValidated() && says) {
                return false;
            }
        }
        return true;
    }

    // MySQL and MariaDB.

    private void onMySql(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.OnlineMode mode
                && state.table(mode.table()).isOld()) {
            boolean waits = mode.lock().equals("shared") || mode.lock().equals("exclusive");
            boolean copies = mode.algorithm().equals("copy") && (state.dialect() == SqlDialect.MYSQL);
            if (waits || copies) {
                locks(
                        waits ? Rule.MYSQL_LOCK_SHARED : Rule.MYSQL_COPY_ALGORITHM,
                        place,
                        Subject.of(mode.table()),
                        "Writes wait until the statement is done, as it asks for.",
                        "ALGORITHM=INPLACE, LOCK=NONE; or gh-ost, pt-online-schema-change.");
            }
            return;
        }
        // MariaDB copies online since 11.2: writes go on.
        Relation table = lockedTable(change);
        if (table == null || !table.isOld() || state.dialect() == SqlDialect.MARIADB) {
            return;
        }
        if (copies(change, table)) {
            locks(
                    Rule.MYSQL_COPY_ALGORITHM,
                    place,
                    Subject.of(table.name),
                    "The whole table is copied while writes wait.",
                    "A new column, filled in batches; or gh-ost, pt-online-schema-change.");
        }
    }

    private boolean copies(SchemaChange change, Relation table) {
        if (change instanceof SchemaChange.RedefineColumn redefine) {
            TableColumn column = table.column(redefine.name());
            ColumnType type = redefine.definition().type();
            ColumnType from = column == null ? null : column.type;
            // Of what is not known MODIFY most often changes nothing but NULL and the default value.
            return from != null && type != null && new TypeChange(SqlDialect.MYSQL, from, type, "").copiesOnMySql();
        }
        if (change instanceof SchemaChange.AddColumn add) {
            Generation generation = add.column().generation();
            return generation == Generation.STORED || generation == Generation.IDENTITY_BY_DEFAULT;
        }
        if (change instanceof SchemaChange.AddConstraint add) {
            return add.constraint().isEnforced()
                    && (add.constraint().kind() == Kind.FOREIGN_KEY
                            || add.constraint().kind() == Kind.CHECK);
        }
        if (change instanceof SchemaChange.DropConstraint drop) {
            return drop.kind() == Kind.PRIMARY_KEY;
        }
        return change instanceof SchemaChange.RewriteTable rewrite && rewrite.converts();
    }

    // Oracle, SQL Server and H2.

    private void elsewhere(SchemaChange change, Place place) {
        Relation table = lockedTable(change);
        if (table == null || !table.isOld()) {
            return;
        }
        Work work = workOf(change);
        if (work == null && change instanceof SchemaChange.RedefineColumn redefine) {
            work = workOfRedefinition(table, redefine);
        }
        boolean copies = state.dialect() == SqlDialect.H2
                && (change instanceof SchemaChange.AddColumn || change instanceof SchemaChange.DropColumn);
        boolean isSpared = change instanceof SchemaChange.AddColumn && !copies && state.dialect() != SqlDialect.H2;
        if ((work != null && !isSpared) || copies) {
            locks(
                    work == null ? Rule.TABLE_REWRITE_MAINTENANCE : work.rule(),
                    place,
                    Subject.of(table.name),
                    "The table is read or copied while others wait.",
                    state.dialect() == SqlDialect.SQLSERVER ? "WITH (ONLINE = ON), WITH NOCHECK." : "");
        }
    }

    private @Nullable Work workOfRedefinition(Relation table, SchemaChange.RedefineColumn redefine) {
        TableColumn column = table.column(redefine.name());
        ColumnType from = column == null ? null : column.type;
        ColumnType type = redefine.definition().type();
        boolean reads = redefine.definition().isRequired() && scansForNull(table, redefine.name());
        boolean converts = type != null
                && from != null
                && new TypeChange(state.dialect(), from, type, "").rewritesOnPostgres(true);
        return reads || converts
                ? new Work(Rule.REWRITE_TYPE, "All rows are read or written while others wait.", "A new column.")
                : null;
    }
}
