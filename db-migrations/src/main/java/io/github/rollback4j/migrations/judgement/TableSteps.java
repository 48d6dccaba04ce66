package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.judgement.Relation.TableKey;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Goes through the changes of tables, columns, constraints and indexes. */
final class TableSteps {

    private final SchemaState state;

    TableSteps(SchemaState state) {
        this.state = state;
    }

    /** Goes through a change, and returns whether it is of this kind. */
    boolean apply(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.CreateTable create) {
            createTable(create, place);
        } else if (change instanceof SchemaChange.AddColumn add) {
            addColumn(add, place);
        } else if (change instanceof SchemaChange.DropColumn drop) {
            dropColumn(drop, place);
        } else if (change instanceof SchemaChange.RenameColumn rename) {
            TableColumn column = state.column(state.table(rename.table()), rename.from());
            column.name = rename.to();
            column.touched = place;
            renameInKeys(state.table(rename.table()), rename.from(), rename.to());
        } else if (change instanceof SchemaChange.ChangeColumnType type) {
            changeType(state.column(state.table(type.table()), type.column()), type.type(), type.using(), place);
        } else if (change instanceof SchemaChange.RedefineColumn redefine) {
            redefine(redefine, place);
        } else if (change instanceof SchemaChange.SetNotNull set) {
            require(state.column(state.table(set.table()), set.column()), true, place);
        } else if (change instanceof SchemaChange.DropNotNull drop) {
            require(state.column(state.table(drop.table()), drop.column()), false, place);
        } else if (change instanceof SchemaChange.SetDefault set) {
            setDefault(state.column(state.table(set.table()), set.column()), set.expression(), place);
        } else if (change instanceof SchemaChange.DropDefault drop) {
            setDefault(state.column(state.table(drop.table()), drop.column()), null, place);
        } else if (change instanceof SchemaChange.SetGeneration set) {
            setGeneration(set, place);
        } else {
            return applyToKeys(change, place);
        }
        return true;
    }

    private boolean applyToKeys(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.AddConstraint add) {
            addConstraint(state.table(add.table()), add.constraint(), place);
        } else if (change instanceof SchemaChange.DropConstraint drop) {
            dropConstraint(drop, place);
        } else if (change instanceof SchemaChange.RenameConstraint rename) {
            TableKey key = keyOrSupposed(state.table(rename.table()), rename.from(), null);
            key.constraint = key.constraint.named(rename.to());
            key.touched = place;
        } else if (change instanceof SchemaChange.ValidateConstraint validate) {
            TableKey key = keyOrSupposed(state.table(validate.table()), validate.name(), Constraint.Kind.CHECK);
            key.constraint = key.constraint.validated();
        } else if (change instanceof SchemaChange.AlterConstraint alter) {
            alterConstraint(alter, place);
        } else if (change instanceof SchemaChange.CreateIndex create) {
            createIndex(create, place);
        } else {
            return false;
        }
        return true;
    }

    private void createTable(SchemaChange.CreateTable create, Place place) {
        Relation existing = state.find(create.table());
        if (create.isTemporary() || (existing != null && create.ifNotExists())) {
            return;
        }
        if (existing != null) {
            existing.isGone = true;
            existing.touched = place;
        } else if (create.orReplace() && state.isPending && !state.isHistoryComplete) {
            Relation replaced = state.suppose(Relation.Kind.TABLE, create.table());
            replaced.isGone = true;
            replaced.touched = place;
        }
        Relation table = new Relation(
                Relation.Kind.TABLE,
                state.resolve(create.table()),
                create.query().isEmpty());
        table.touched = place;
        state.relations.add(table);
        for (ColumnDefinition definition : create.columns()) {
            define(table, definition, place);
        }
        create.constraints().forEach(constraint -> addConstraint(table, constraint, place));
        create.uniqueIndexes().forEach(index -> addKey(table, new TableKey(index, true, true), place));
        inheritColumns(table, create, place);
        if (create.query().isEmpty()) {
            return;
        }
        state.copied(create.query(), table);
    }

    private void inheritColumns(Relation table, SchemaChange.CreateTable create, Place place) {
        ObjectName model = create.likeTable() != null ? create.likeTable() : create.partitionOf();
        if (model == null) {
            return;
        }
        Relation of = state.table(model);
        table.isComplete = of.isComplete;
        for (TableColumn column : of.presentColumns()) {
            TableColumn copy = new TableColumn(column.name);
            copy.type = column.type;
            copy.isRequired = column.isRequired;
            copy.defaultValue = column.defaultValue;
            copy.isDefaultKnown = column.isDefaultKnown;
            copy.generation = column.generation;
            copy.touched = place;
            table.columns.add(copy);
        }
        if (create.partitionOf() != null) {
            return;
        }
        // LIKE INCLUDING ALL takes keys, checks and indexes along, never foreign keys.
        for (TableKey key : of.presentKeys()) {
            if (key.constraint.kind() != Constraint.Kind.FOREIGN_KEY) {
                table.keys.add(new TableKey(key.constraint, key.isIndex, key.isUnique));
            }
        }
    }

    private void define(Relation table, ColumnDefinition definition, Place place) {
        TableColumn column = new TableColumn(definition.name());
        column.type = definition.type();
        column.isRequired = definition.isRequired();
        column.defaultValue = SchemaState.isComputed(definition.generation())
                ? null
                : Expressions.normalised(definition.defaultValue());
        column.expression = Objects.requireNonNullElse(definition.defaultValue(), "");
        column.isDefaultKnown = true;
        column.generation = definition.generation();
        column.touched = place;
        table.columns.add(column);
        definition.constraints().forEach(constraint -> addConstraint(table, constraint, place));
    }

    private void addColumn(SchemaChange.AddColumn add, Place place) {
        Relation table = state.table(add.table());
        if (add.ifNotExists() && table.column(add.column().name()) != null) {
            return;
        }
        define(table, add.column(), place);
    }

    private void dropColumn(SchemaChange.DropColumn drop, Place place) {
        Relation table = state.table(drop.table());
        TableColumn known = table.column(drop.column());
        if (known == null && drop.ifExists() && table.isComplete) {
            return;
        }
        TableColumn column = state.column(table, drop.column());
        column.isGone = true;
        column.touched = place;
        for (TableKey key : table.presentKeys()) {
            if (key.constraint.columns().contains(drop.column())) {
                // PostgreSQL drops the whole key; MySQL takes the column out of it. Either way it is not what it was.
                key.isGone = true;
                key.touched = place;
            }
        }
    }

    private static void renameInKeys(Relation table, String from, String to) {
        for (TableKey key : table.presentKeys()) {
            if (key.constraint.columns().contains(from)) {
                key.constraint = key.constraint.over(key.constraint.columns().stream()
                        .map(column -> column.equals(from) ? to : column)
                        .toList());
            }
        }
    }

    private static void changeType(TableColumn column, ColumnType type, String using, Place place) {
        column.type = type.collation().isEmpty() && column.type != null ? type.collated(column.type.collation()) : type;
        column.using = using;
        column.touchedType = place;
    }

    private static void require(TableColumn column, boolean isRequired, Place place) {
        column.isRequired = isRequired;
        column.touchedNullability = place;
    }

    private void setDefault(TableColumn column, @Nullable String expression, Place place) {
        column.defaultValue = Expressions.normalised(expression);
        column.isDefaultKnown = true;
        column.touchedDefault = place;
        boolean wasSerial =
                state.dialect() == SqlDialect.POSTGRESQL && column.generation == Generation.IDENTITY_BY_DEFAULT;
        if (wasSerial) {
            // What numbers a serial column is its default value.
            column.generation = Generation.NONE;
            column.touchedGeneration = place;
        }
    }

    private void redefine(SchemaChange.RedefineColumn redefine, Place place) {
        Relation table = state.table(redefine.table());
        TableColumn column = state.column(table, redefine.name());
        ColumnDefinition definition = redefine.definition();
        if (!definition.name().equals(column.name)) {
            renameInKeys(table, column.name, definition.name());
            column.name = definition.name();
            column.touched = place;
        }
        ColumnType type = definition.type();
        if (type != null) {
            changeType(column, type, "", place);
        }
        column.wasRedefined = true;
        // On MySQL what is not restated is lost; on H2 all but NOT NULL; on SQL Server that alone; on Oracle nothing.
        boolean isH2 = state.dialect() == SqlDialect.H2;
        boolean resetsAll = redefine.resets() && (state.isMySql() || isH2);
        boolean isRequired = definition.isRequired() || isPartOfPrimaryKey(table, column);
        if ((redefine.resets() && !isH2) || isRequired || redefine.isNullable()) {
            require(column, isRequired, place);
        }
        if (resetsAll || definition.defaultValue() != null) {
            setDefault(column, definition.defaultValue(), place);
        }
        if (resetsAll || definition.generation() != Generation.NONE) {
            column.generation = definition.generation();
            column.touchedGeneration = place;
        }
        definition.constraints().forEach(constraint -> addConstraint(table, constraint, place));
    }

    private static boolean isPartOfPrimaryKey(Relation table, TableColumn column) {
        return table.presentKeys().stream()
                .anyMatch(key -> key.constraint.kind() == Constraint.Kind.PRIMARY_KEY
                        && key.constraint.columns().contains(column.name));
    }

    private void setGeneration(SchemaChange.SetGeneration set, Place place) {
        TableColumn column = state.column(state.table(set.table()), set.column());
        boolean startsAnew = set.start() == null
                && column.generation == Generation.NONE
                && set.generation() != Generation.NONE
                && !SchemaState.isComputed(set.generation());
        boolean wasSerial = startsAnew
                || (column.generation == Generation.IDENTITY_BY_DEFAULT
                        && column.before != null
                        && set.start() == null
                        && set.generation() != column.generation
                        && column.defaultValue != null);
        column.restartsNumbers = wasSerial && column.isOld();
        column.generation = set.generation();
        if (set.generation() != Generation.NONE) {
            column.isRequired = SchemaState.isComputed(set.generation()) ? column.isRequired : Boolean.TRUE;
        }
        column.touchedGeneration = place;
    }

    void addConstraint(Relation table, Constraint constraint, Place place) {
        Constraint added = constraint;
        if (!constraint.usingIndex().isEmpty()) {
            TableKey index = table.key(constraint.usingIndex());
            if (index == null) {
                index = new TableKey(
                        Constraint.of(Constraint.Kind.UNIQUE, constraint.usingIndex(), constraint.columns()),
                        true,
                        true);
                if (state.isPending && table.isOld()) {
                    index.before = index.constraint;
                }
                table.keys.add(index);
            }
            added = constraint.over(index.constraint.columns());
            // The index becomes the constraint: what was unique still is, and no more than that.
            TableKey key = new TableKey(added, index.isOld(), true);
            key.before = index.before;
            table.keys.remove(index);
            addKey(table, key, place);
            requireAll(table, added, place);
            return;
        }
        boolean isUnique = added.kind() == Constraint.Kind.PRIMARY_KEY || added.kind() == Constraint.Kind.UNIQUE;
        addKey(table, new TableKey(added, false, isUnique), place);
        requireAll(table, added, place);
    }

    private void requireAll(Relation table, Constraint constraint, Place place) {
        if (constraint.kind() == Constraint.Kind.PRIMARY_KEY || constraint.kind() == Constraint.Kind.NOT_NULL) {
            for (String column : constraint.columns()) {
                TableColumn required = state.column(table, column);
                if (!Boolean.TRUE.equals(required.isRequired)) {
                    require(required, true, place);
                }
            }
        }
    }

    private static void addKey(Relation table, TableKey key, Place place) {
        key.touched = place;
        table.keys.add(key);
    }

    TableKey keyOrSupposed(Relation table, String name, Constraint.@Nullable Kind kind) {
        TableKey known = table.key(name);
        if (known != null) {
            return known;
        }
        Constraint.Kind supposedKind = kind == null ? kindByName(name) : kind;
        boolean isUnique = supposedKind == Constraint.Kind.UNIQUE || supposedKind == Constraint.Kind.PRIMARY_KEY;
        TableKey supposed = new TableKey(Constraint.of(supposedKind, name, List.of()), false, isUnique);
        if (state.isPending && table.isOld()) {
            supposed.before = supposed.constraint;
        }
        table.keys.add(supposed);
        return supposed;
    }

    /** The names that databases and mappers give by themselves say what they stand for; all others may be unique. */
    private static Constraint.Kind kindByName(String name) {
        String folded = name.toLowerCase(Locale.ROOT);
        if (folded.matches(".*(_fkey\\d*|_fk|_foreign)|fk_.*|.*_fk_.*")) {
            return Constraint.Kind.FOREIGN_KEY;
        }
        if (folded.matches(".*(_check\\d*|_chk|_ck|_not_null)|(ck|chk|check)_.*|.*_chk_.*")) {
            return Constraint.Kind.CHECK;
        }
        if (folded.matches(".*(_pkey|_pk)|pk_.*|primary")) {
            return Constraint.Kind.PRIMARY_KEY;
        }
        return Constraint.Kind.UNIQUE;
    }

    private void dropConstraint(SchemaChange.DropConstraint drop, Place place) {
        Relation table = state.table(drop.table());
        TableKey key =
                drop.name().isEmpty() || drop.kind() == Constraint.Kind.PRIMARY_KEY ? primaryKey(table, drop) : null;
        if (key == null && drop.ifExists() && table.isComplete && table.key(drop.name()) == null) {
            return;
        }
        TableKey dropped = key != null ? key : keyOrSupposed(table, drop.name(), drop.kind());
        dropped.isGone = true;
        dropped.touched = place;
    }

    private @Nullable TableKey primaryKey(Relation table, SchemaChange.DropConstraint drop) {
        for (TableKey key : table.presentKeys()) {
            if (key.constraint.kind() == Constraint.Kind.PRIMARY_KEY) {
                return key;
            }
        }
        return drop.name().isEmpty() ? keyOrSupposed(table, "", Constraint.Kind.PRIMARY_KEY) : null;
    }

    private void alterConstraint(SchemaChange.AlterConstraint alter, Place place) {
        TableKey key = keyOrSupposed(state.table(alter.table()), alter.name(), Constraint.Kind.FOREIGN_KEY);
        Constraint was = key.constraint;
        key.constraint = was.with(
                alter.isEnforced() != null ? alter.isEnforced() : was.isEnforced(),
                alter.isDeferrable() != null ? alter.isDeferrable() : was.isDeferrable());
        key.touched = place;
    }

    private void createIndex(SchemaChange.CreateIndex create, Place place) {
        Relation table = state.table(create.table());
        if (create.ifNotExists() && table.key(create.name().name()) != null) {
            return;
        }
        Constraint index = new Constraint(
                Constraint.Kind.UNIQUE,
                create.name().name(),
                create.columns(),
                create.predicate(),
                null,
                "",
                true,
                true,
                false);
        addKey(table, new TableKey(index, true, create.isUnique()), place);
    }
}
