package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.judgement.Relation.TableKey;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The schema while migrations are gone through. An object that a pending migration names and that nothing created is taken for
 * one of the previous release's, of which nothing else is known.
 */
final class SchemaState {

    /** An enum, domain or other type. */
    static final class NamedType {
        ObjectName name;
        List<String> values;
        final boolean isEnum;

        @Nullable
        ObjectName nameBefore;

        List<String> valuesBefore = List.of();
        /** What each old value is called now. */
        final Map<String, String> renamed = new LinkedHashMap<>();

        boolean isGone;

        @Nullable
        Place touched;

        @Nullable
        Place tightened;

        @Nullable
        Place defaultChanged;

        @Nullable
        Place attributesChanged;

        NamedType(ObjectName name, List<String> values, boolean isEnum) {
            this.name = name;
            this.values = values;
            this.isEnum = isEnum;
        }
    }

    /** A sequence. */
    static final class Sequence {
        ObjectName name;

        @Nullable
        ObjectName nameBefore;

        boolean isGone;

        @Nullable
        Place touched;

        @Nullable
        Place numbersChanged;

        Sequence(ObjectName name) {
            this.name = name;
        }
    }

    /** A function or procedure. */
    static final class Routine {
        ObjectName name;
        /** Null where the previous release's is known by its name alone. */
        final @Nullable List<CreateRoutine.Parameter> parameters;

        String returns;
        String body;

        @Nullable
        ObjectName nameBefore;

        String returnsBefore = "";
        String bodyBefore = "";
        boolean isGone;

        @Nullable
        Place touched;

        Routine(ObjectName name, @Nullable List<CreateRoutine.Parameter> parameters, String returns, String body) {
            this.name = name;
            this.parameters = parameters;
            this.returns = returns;
            this.body = body;
        }

        boolean isOld() {
            return nameBefore != null;
        }
    }

    /** A right that was taken away. */
    record Right(String privilege, String object, String role) {}

    private final SqlDialect dialect;
    private final boolean isHistoryComplete;
    private boolean isPending;
    private final String defaultSchema;
    private String searchedSchema;

    final List<Relation> relations = new ArrayList<>();
    final List<NamedType> types = new ArrayList<>();
    final List<Sequence> sequences = new ArrayList<>();
    final List<Routine> routines = new ArrayList<>();
    final Map<Right, Place> revoked = new LinkedHashMap<>();
    private final Set<String> schemas = new HashSet<>();
    private final Set<String> createdInThisSet = new HashSet<>();
    final Map<String, Place> goneSchemas = new LinkedHashMap<>();
    final Map<String, Place> renamedSchemas = new LinkedHashMap<>();
    final Map<Relation, Place> detached = new LinkedHashMap<>();

    SchemaState(SqlDialect dialect, boolean isHistoryComplete) {
        this.dialect = dialect;
        this.isHistoryComplete = isHistoryComplete;
        this.defaultSchema = dialect == SqlDialect.POSTGRESQL ? "public" : dialect == SqlDialect.SQLSERVER ? "dbo" : "";
        this.searchedSchema = defaultSchema;
    }

    SqlDialect dialect() {
        return dialect;
    }

    boolean isMySql() {
        return dialect == SqlDialect.MYSQL || dialect == SqlDialect.MARIADB;
    }

    /** Remembers how everything is, before the first pending migration. */
    void freeze() {
        isPending = true;
        relations.removeIf(relation -> relation.isGone);
        types.removeIf(type -> type.isGone);
        sequences.removeIf(sequence -> sequence.isGone);
        routines.removeIf(routine -> routine.isGone);
        relations.forEach(SchemaState::remember);
        types.forEach(type -> {
            type.nameBefore = type.name;
            type.valuesBefore = type.values;
            type.values.forEach(value -> type.renamed.put(value, value));
        });
        sequences.forEach(sequence -> sequence.nameBefore = sequence.name);
        routines.forEach(routine -> {
            routine.nameBefore = routine.name;
            routine.returnsBefore = routine.returns;
            routine.bodyBefore = routine.body;
        });
        revoked.clear();
        goneSchemas.clear();
        renamedSchemas.clear();
        detached.clear();
    }

    private static void remember(Relation relation) {
        relation.columns.removeIf(column -> column.isGone);
        relation.keys.removeIf(key -> key.isGone);
        relation.before = new Relation.Before(relation.name, Set.copyOf(relation.triggers.keySet()));
        relation.queryBefore = relation.query;
        relation.viewColumnsBefore = relation.viewColumns;
        relation.copies.clear();
        relation.columns.forEach(column -> {
            column.before = column.state();
            column.restartsNumbers = false;
            column.copies.clear();
        });
        relation.keys.forEach(key -> key.before = key.constraint);
    }

    // Finding things.

    /** Returns the name by which an object is kept: without its schema where that is the database's own default. */
    ObjectName resolve(ObjectName name) {
        String schema = name.schema().isEmpty() ? searchedSchema : name.schema();
        return name.in(schema.equals(defaultSchema) ? "" : schema);
    }

    boolean isInGoneSchema(ObjectName kept) {
        return goneSchemas.keySet().stream().anyMatch(schema -> isIn(kept, schema));
    }

    boolean isInRenamedSchema(ObjectName kept) {
        return renamedSchemas.keySet().stream().anyMatch(schema -> isIn(kept, schema));
    }

    private boolean isIn(ObjectName kept, String schema) {
        return kept.schema().equals(schema) || (kept.schema().isEmpty() && schema.equals(defaultSchema));
    }

    /** Returns what the name means now; null where nothing has it. */
    @Nullable
    Relation find(ObjectName name) {
        ObjectName resolved = resolve(name);
        for (Relation relation : relations) {
            if (!relation.isGone && relation.name.equals(resolved)) {
                return relation;
            }
        }
        return null;
    }

    /** Returns what the name means now, an old table where nothing is known by it. */
    Relation table(ObjectName name) {
        Relation known = find(name);
        return known != null ? known : suppose(Relation.Kind.TABLE, name);
    }

    private Relation suppose(Relation.Kind kind, ObjectName name) {
        Relation supposed = new Relation(kind, resolve(name), false);
        if (isPending) {
            supposed.before = new Relation.Before(supposed.name, Set.of());
        }
        relations.add(supposed);
        return supposed;
    }

    /** Returns the column, an old one of an incomplete table where it is not known. */
    TableColumn column(Relation relation, String name) {
        TableColumn known = relation.column(name);
        if (known != null) {
            return known;
        }
        TableColumn supposed = new TableColumn(name);
        if (isPending && relation.isOld()) {
            supposed.before = supposed.state();
        }
        relation.columns.add(supposed);
        return supposed;
    }

    @Nullable
    NamedType type(ObjectName name) {
        ObjectName resolved = resolve(name);
        return types.stream()
                .filter(type -> !type.isGone && type.name.equals(resolved))
                .findFirst()
                .orElse(null);
    }

    private NamedType typeOrSupposed(ObjectName name) {
        NamedType known = type(name);
        if (known != null) {
            return known;
        }
        NamedType supposed = new NamedType(resolve(name), List.of(), true);
        if (isPending) {
            supposed.nameBefore = supposed.name;
        }
        types.add(supposed);
        return supposed;
    }

    private Sequence sequenceOrSupposed(ObjectName name) {
        ObjectName resolved = resolve(name);
        for (Sequence sequence : sequences) {
            if (!sequence.isGone && sequence.name.equals(resolved)) {
                return sequence;
            }
        }
        Sequence supposed = new Sequence(resolved);
        if (isPending) {
            supposed.nameBefore = resolved;
        }
        sequences.add(supposed);
        return supposed;
    }

    List<Routine> routines(ObjectName name) {
        ObjectName resolved = resolve(name);
        return routines.stream()
                .filter(routine -> !routine.isGone && routine.name.equals(resolved))
                .toList();
    }

    // Going through a change.

    void apply(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.CreateTable create) {
            createTable(create, place);
        } else if (change instanceof SchemaChange.AddColumn add) {
            addColumn(add, place);
        } else if (change instanceof SchemaChange.DropColumn drop) {
            dropColumn(drop, place);
        } else if (change instanceof SchemaChange.RenameColumn rename) {
            TableColumn column = column(table(rename.table()), rename.from());
            column.name = rename.to();
            column.touched = place;
            renameInKeys(table(rename.table()), rename.from(), rename.to());
        } else if (change instanceof SchemaChange.ChangeColumnType type) {
            changeType(column(table(type.table()), type.column()), type.type(), type.using(), place);
        } else if (change instanceof SchemaChange.RedefineColumn redefine) {
            redefine(redefine, place);
        } else if (change instanceof SchemaChange.SetNotNull set) {
            require(column(table(set.table()), set.column()), true, place);
        } else if (change instanceof SchemaChange.DropNotNull drop) {
            require(column(table(drop.table()), drop.column()), false, place);
        } else if (change instanceof SchemaChange.SetDefault set) {
            setDefault(column(table(set.table()), set.column()), set.expression(), place);
        } else if (change instanceof SchemaChange.DropDefault drop) {
            setDefault(column(table(drop.table()), drop.column()), null, place);
        } else if (change instanceof SchemaChange.SetGeneration set) {
            setGeneration(set, place);
        } else {
            applyToKeys(change, place);
        }
    }

    private void applyToKeys(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.AddConstraint add) {
            addConstraint(table(add.table()), add.constraint(), place);
        } else if (change instanceof SchemaChange.DropConstraint drop) {
            dropConstraint(drop, place);
        } else if (change instanceof SchemaChange.RenameConstraint rename) {
            TableKey key = keyOrSupposed(table(rename.table()), rename.from(), null);
            key.constraint = renamed(key.constraint, rename.to());
            key.touched = place;
        } else if (change instanceof SchemaChange.ValidateConstraint validate) {
            TableKey key = keyOrSupposed(table(validate.table()), validate.name(), Constraint.Kind.CHECK);
            key.constraint = validated(key.constraint);
        } else if (change instanceof SchemaChange.AlterConstraint alter) {
            alterConstraint(alter, place);
        } else if (change instanceof SchemaChange.CreateIndex create) {
            createIndex(create, place);
        } else {
            applyToObjects(change, place);
        }
    }

    private void applyToObjects(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.Drop drop) {
            drop(drop, place);
        } else if (change instanceof SchemaChange.Rename rename) {
            rename(rename.kind(), rename.from(), rename.to(), rename.on(), place);
        } else if (change instanceof SchemaChange.MoveToSchema move) {
            rename(move.kind(), move.name(), move.name().in(move.schema()), null, place);
        } else if (change instanceof SchemaChange.CreateSchema create) {
            if (schemas.add(create.name()) && isPending && !create.ifNotExists()) {
                createdInThisSet.add(create.name());
            }
            goneSchemas.remove(create.name());
        } else if (change instanceof SchemaChange.CreateView create) {
            createView(create, place);
        } else if (change instanceof SchemaChange.CreateType create) {
            types.add(new NamedType(
                    resolve(create.name()), create.values(), !create.values().isEmpty()));
        } else if (change instanceof SchemaChange.CreateDomain create) {
            types.add(new NamedType(resolve(create.name()), List.of(), false));
        } else if (change instanceof SchemaChange.AddEnumValue add) {
            NamedType type = typeOrSupposed(add.type());
            List<String> values = new ArrayList<>(type.values);
            values.add(add.value());
            type.values = values;
            type.touched = place;
        } else if (change instanceof SchemaChange.RenameEnumValue rename) {
            renameValue(typeOrSupposed(rename.type()), rename, place);
        } else if (change instanceof SchemaChange.AlterCompositeType alter) {
            if (alter.breaksReaders()) {
                typeOrSupposed(alter.type()).attributesChanged = place;
            }
        } else if (change instanceof SchemaChange.AlterDomain alter) {
            NamedType type = typeOrSupposed(alter.name());
            type.tightened = alter.tightens() ? place : type.tightened;
            type.defaultChanged = alter.changesDefault() ? place : type.defaultChanged;
        } else if (change instanceof SchemaChange.CreateSequence create) {
            Sequence sequence = new Sequence(resolve(create.name()));
            sequences.add(sequence);
        } else if (change instanceof SchemaChange.AlterSequence alter) {
            if (alter.changesNumbers()) {
                sequenceOrSupposed(alter.name()).numbersChanged = place;
            }
        } else {
            applyToTheRest(change, place);
        }
    }

    private void applyToTheRest(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.CreateRoutine create) {
            createRoutine(create, place);
        } else if (change instanceof SchemaChange.CreateTrigger create) {
            table(create.table()).triggers.put(create.name().name(), place);
        } else if (change instanceof SchemaChange.SetRowSecurity set) {
            Relation table = table(set.table());
            table.isRowSecurityOn = set.isEnabled();
            table.touched = place;
        } else if (change instanceof SchemaChange.CreatePolicy create) {
            Relation table = table(create.table());
            table.policies.put(create.name(), create.isPermissive());
            table.letsEverythingThrough |= create.isPermissive() && create.letsEverythingThrough();
        } else if (change instanceof SchemaChange.Grant grant) {
            rights(grant.privileges(), grant.kind(), grant.objects(), grant.roles())
                    .forEach(revoked::remove);
        } else if (change instanceof SchemaChange.Revoke revoke) {
            rights(revoke.privileges(), revoke.kind(), revoke.objects(), revoke.roles())
                    .forEach(right -> revoked.put(right, place));
        } else if (change instanceof SchemaChange.AttachPartition attach) {
            Relation partition = table(attach.partition());
            partition.partitionOf = table(attach.table());
            detached.remove(partition);
        } else if (change instanceof SchemaChange.DetachPartition detach) {
            table(detach.table());
            Relation partition = table(detach.partition());
            partition.partitionOf = null;
            if (partition.isOld()) {
                detached.put(partition, place);
            }
        } else if (change instanceof SchemaChange.SetInheritance set) {
            Relation child = table(set.table());
            child.partitionOf = set.inherits() ? table(set.parent()) : null;
            if (!set.inherits() && child.isOld()) {
                detached.put(child, place);
            }
        } else if (change instanceof SchemaChange.SetSession set && set.name().equals("search_path")) {
            searchedSchema =
                    set.value().split(",", 2)[0].strip().replace("\"", "").replace("'", "");
        }
    }

    // Tables and columns.

    private void createTable(SchemaChange.CreateTable create, Place place) {
        Relation existing = find(create.table());
        if (create.isTemporary() || (existing != null && create.ifNotExists())) {
            return;
        }
        if (existing != null) {
            existing.isGone = true;
            existing.touched = place;
        } else if (create.orReplace() && isPending && !isHistoryComplete) {
            Relation replaced = suppose(Relation.Kind.TABLE, create.table());
            replaced.isGone = true;
            replaced.touched = place;
        }
        Relation table = new Relation(
                Relation.Kind.TABLE, resolve(create.table()), create.query().isEmpty());
        table.touched = place;
        relations.add(table);
        for (ColumnDefinition definition : create.columns()) {
            define(table, definition, place);
        }
        create.constraints().forEach(constraint -> addConstraint(table, constraint, place));
        create.uniqueIndexes().forEach(index -> addKey(table, new TableKey(index, true, true), place));
        inheritColumns(table, create, place);
        if (create.query().isEmpty()) {
            return;
        }
        copied(create.query(), table);
    }

    private void inheritColumns(Relation table, SchemaChange.CreateTable create, Place place) {
        ObjectName model = create.likeTable() != null ? create.likeTable() : create.partitionOf();
        if (model == null) {
            return;
        }
        Relation of = table(model);
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
            table.partitionOf = of;
            return;
        }
        // LIKE INCLUDING ALL takes keys, checks and indexes along, never foreign keys.
        for (TableKey key : of.presentKeys()) {
            if (key.constraint.kind() != Constraint.Kind.FOREIGN_KEY) {
                table.keys.add(new TableKey(key.constraint, key.isIndex, key.isUnique));
            }
        }
    }

    /** Notes which tables a query copies, and which of their rows. */
    void copied(String query, Relation into) {
        String folded = query.toLowerCase(Locale.ROOT);
        if (folded.matches("(?s).*\\b(limit|fetch|join|group\\s+by|distinct)\\b.*")) {
            return;
        }
        String words = " " + folded.replaceAll("[\\s\"`()\\[\\],;]+", " ") + " ";
        int where = folded.indexOf("where");
        String condition = where < 0 ? "" : Objects.requireNonNullElse(normalised(query.substring(where + 5)), "");
        for (Relation relation : relations) {
            String name = relation.name.name().toLowerCase(Locale.ROOT);
            boolean isRead = words.contains(" " + name + " ") || words.contains("." + name + " ");
            if (isRead && !relation.isGone && relation != into) {
                relation.copies.put(into, condition);
            }
        }
    }

    private void define(Relation table, ColumnDefinition definition, Place place) {
        TableColumn column = new TableColumn(definition.name());
        column.type = definition.type();
        column.isRequired = definition.isRequired();
        column.defaultValue = isComputed(definition.generation()) ? null : normalised(definition.defaultValue());
        column.isDefaultKnown = true;
        column.generation = definition.generation();
        column.touched = place;
        table.columns.add(column);
        definition.constraints().forEach(constraint -> addConstraint(table, constraint, place));
    }

    static boolean isComputed(Generation generation) {
        return generation == Generation.STORED || generation == Generation.VIRTUAL;
    }

    private void addColumn(SchemaChange.AddColumn add, Place place) {
        Relation table = table(add.table());
        if (add.ifNotExists() && table.column(add.column().name()) != null) {
            return;
        }
        define(table, add.column(), place);
    }

    private void dropColumn(SchemaChange.DropColumn drop, Place place) {
        Relation table = table(drop.table());
        TableColumn known = table.column(drop.column());
        if (known == null && drop.ifExists() && table.isComplete) {
            return;
        }
        TableColumn column = column(table, drop.column());
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
                key.constraint = withColumns(
                        key.constraint,
                        key.constraint.columns().stream()
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

    private static void setDefault(TableColumn column, @Nullable String expression, Place place) {
        column.defaultValue = normalised(expression);
        column.isDefaultKnown = true;
        column.touchedDefault = place;
    }

    private void redefine(SchemaChange.RedefineColumn redefine, Place place) {
        Relation table = table(redefine.table());
        TableColumn column = column(table, redefine.name());
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
        // On MySQL what is not restated is lost; on SQL Server only whether NULL is allowed; on Oracle nothing.
        boolean resetsAll = redefine.resets() && isMySql();
        boolean isRequired = definition.isRequired() || isPartOfPrimaryKey(table, column);
        if (redefine.resets() || isRequired || redefine.isNullable()) {
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
        TableColumn column = column(table(set.table()), set.column());
        boolean startsAnew = set.start() == null
                && column.generation == Generation.NONE
                && set.generation() != Generation.NONE
                && !isComputed(set.generation());
        boolean wasSerial = startsAnew
                || (column.generation == Generation.IDENTITY_BY_DEFAULT
                        && column.before != null
                        && set.start() == null
                        && set.generation() != column.generation
                        && column.defaultValue != null);
        column.restartsNumbers = wasSerial && column.isOld();
        column.generation = set.generation();
        if (set.generation() != Generation.NONE) {
            column.isRequired = isComputed(set.generation()) ? column.isRequired : Boolean.TRUE;
        }
        column.touchedGeneration = place;
    }

    // Keys.

    void addConstraint(Relation table, Constraint constraint, Place place) {
        Constraint added = constraint;
        if (!constraint.usingIndex().isEmpty()) {
            TableKey index = table.key(constraint.usingIndex());
            if (index == null) {
                index = new TableKey(
                        Constraint.of(Constraint.Kind.UNIQUE, constraint.usingIndex(), constraint.columns()),
                        true,
                        true);
                if (isPending && table.isOld()) {
                    index.before = index.constraint;
                }
                table.keys.add(index);
            }
            added = withColumns(constraint, index.constraint.columns());
            TableKey key = new TableKey(added, false, true);
            key.before = index.before;
            index.isGone = true;
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
                TableColumn required = column(table, column);
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
        if (isPending && table.isOld()) {
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
        Relation table = table(drop.table());
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
        TableKey key = keyOrSupposed(table(alter.table()), alter.name(), Constraint.Kind.FOREIGN_KEY);
        Constraint was = key.constraint;
        key.constraint = new Constraint(
                was.kind(),
                was.name(),
                was.columns(),
                was.expression(),
                was.reference(),
                was.usingIndex(),
                was.isValidated(),
                alter.isEnforced() != null ? alter.isEnforced() : was.isEnforced(),
                alter.isDeferrable() != null ? alter.isDeferrable() : was.isDeferrable());
        key.touched = place;
    }

    private void createIndex(SchemaChange.CreateIndex create, Place place) {
        Relation table = table(create.table());
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

    private static Constraint renamed(Constraint was, String name) {
        return new Constraint(
                was.kind(),
                name,
                was.columns(),
                was.expression(),
                was.reference(),
                was.usingIndex(),
                was.isValidated(),
                was.isEnforced(),
                was.isDeferrable());
    }

    private static Constraint withColumns(Constraint was, List<String> columns) {
        return new Constraint(
                was.kind(),
                was.name(),
                columns,
                was.expression(),
                was.reference(),
                was.usingIndex(),
                was.isValidated(),
                was.isEnforced(),
                was.isDeferrable());
    }

    private static Constraint validated(Constraint was) {
        return new Constraint(
                was.kind(),
                was.name(),
                was.columns(),
                was.expression(),
                was.reference(),
                was.usingIndex(),
                true,
                was.isEnforced(),
                was.isDeferrable());
    }

    // Objects of all kinds.

    private void drop(SchemaChange.Drop drop, Place place) {
        switch (drop.kind()) {
            case TABLE, VIEW, MATERIALIZED_VIEW -> dropRelation(drop, place);
            case INDEX -> dropIndex(drop, place);
            case TYPE, DOMAIN -> {
                if (type(drop.name()) != null || !drop.ifExists() || !isHistoryComplete) {
                    NamedType type = typeOrSupposed(drop.name());
                    type.isGone = true;
                    type.touched = place;
                }
            }
            case SEQUENCE -> {
                Sequence sequence = sequenceOrSupposed(drop.name());
                sequence.isGone = true;
                sequence.touched = place;
            }
            case ROUTINE -> dropRoutine(drop, place);
            case TRIGGER -> {
                ObjectName on = drop.on();
                Relation table =
                        on != null ? table(on) : tableOfTrigger(drop.name().name());
                if (table != null
                        && table.triggers.remove(drop.name().name()) == null
                        && !table.isComplete
                        && table.before != null) {
                    table.before = new Relation.Before(
                            table.before.name(),
                            plus(table.before.triggers(), drop.name().name()));
                }
                if (table != null) {
                    table.touched = place;
                }
            }
            case POLICY -> {
                ObjectName on = drop.on();
                if (on != null) {
                    Relation table = table(on);
                    table.policies.remove(drop.name().name());
                    table.letsEverythingThrough = false;
                }
            }
            case SCHEMA, DATABASE -> dropSchema(drop, place);
            case EXTENSION, OTHER -> {}
        }
    }

    private static Set<String> plus(Set<String> names, String name) {
        Set<String> more = new HashSet<>(names);
        more.add(name);
        return Set.copyOf(more);
    }

    private @Nullable Relation tableOfTrigger(String trigger) {
        return relations.stream()
                .filter(relation -> relation.triggers.containsKey(trigger))
                .findFirst()
                .orElse(null);
    }

    private void dropRelation(SchemaChange.Drop drop, Place place) {
        Relation known = find(drop.name());
        if (known == null && drop.ifExists() && isHistoryComplete) {
            return;
        }
        Relation.Kind kind = drop.kind() == ObjectKind.TABLE
                ? Relation.Kind.TABLE
                : drop.kind() == ObjectKind.VIEW ? Relation.Kind.VIEW : Relation.Kind.MATERIALIZED_VIEW;
        Relation relation = known != null ? known : suppose(kind, drop.name());
        relation.isGone = true;
        relation.touched = place;
        if (!drop.cascade()) {
            return;
        }
        for (Relation other : relations) {
            if (!other.isGone
                    && !other.isTable()
                    && other.sources.stream().anyMatch(source -> resolve(source).equals(relation.name))) {
                other.isGone = true;
                other.touched = place;
            }
            for (TableKey key : other.presentKeys()) {
                Constraint.Reference reference = key.constraint.reference();
                if (reference != null && resolve(reference.table()).equals(relation.name)) {
                    key.isGone = true;
                    key.touched = place;
                }
            }
        }
    }

    private void dropIndex(SchemaChange.Drop drop, Place place) {
        ObjectName on = drop.on();
        if (on != null) {
            Relation table = table(on);
            TableKey key = table.key(drop.name().name());
            if (key == null) {
                key = new TableKey(
                        Constraint.of(Constraint.Kind.UNIQUE, drop.name().name(), List.of()), true, false);
                if (table.isOld()) {
                    key.before = key.constraint;
                }
                table.keys.add(key);
            }
            key.isGone = true;
            key.touched = place;
            return;
        }
        for (Relation relation : relations) {
            TableKey key = relation.key(drop.name().name());
            if (!relation.isGone && key != null) {
                key.isGone = true;
                key.touched = place;
                return;
            }
        }
    }

    private void dropRoutine(SchemaChange.Drop drop, Place place) {
        List<Routine> named = routines(drop.name());
        List<ColumnType> parameters = drop.parameters();
        List<Routine> meant = parameters == null
                ? named
                : named.stream()
                        .filter(routine -> routine.parameters == null
                                || typesOf(routine.parameters).equals(namesOf(parameters)))
                        .toList();
        if (meant.isEmpty() && isPending && !(drop.ifExists() && isHistoryComplete)) {
            List<CreateRoutine.Parameter> known = parameters == null
                    ? null
                    : parameters.stream()
                            .map(type -> new CreateRoutine.Parameter("", type, false))
                            .toList();
            Routine supposed = new Routine(resolve(drop.name()), known, "", "");
            supposed.nameBefore = supposed.name;
            routines.add(supposed);
            meant = List.of(supposed);
        }
        meant.forEach(routine -> {
            routine.isGone = true;
            routine.touched = place;
        });
    }

    private static List<String> namesOf(List<ColumnType> types) {
        return types.stream().map(ColumnType::name).toList();
    }

    static List<String> typesOf(@Nullable List<CreateRoutine.Parameter> parameters) {
        return parameters == null
                ? List.of()
                : parameters.stream()
                        .map(parameter -> parameter.type() == null
                                ? "?"
                                : Objects.requireNonNull(parameter.type()).name())
                        .toList();
    }

    private void dropSchema(SchemaChange.Drop drop, Place place) {
        String schema = drop.name().name();
        if (!createdInThisSet.contains(schema)) {
            goneSchemas.put(schema, place);
        }
        for (Relation relation : relations) {
            if (isIn(relation.name, schema)) {
                relation.isGone = true;
                relation.touched = place;
            }
        }
    }

    private void rename(ObjectKind kind, ObjectName from, ObjectName to, @Nullable ObjectName on, Place place) {
        switch (kind) {
            case TABLE, VIEW, MATERIALIZED_VIEW -> {
                Relation known = find(from);
                Relation relation = known != null
                        ? known
                        : suppose(kind == ObjectKind.TABLE ? Relation.Kind.TABLE : Relation.Kind.VIEW, from);
                relation.name = to.schema().isEmpty() ? relation.name.named(to.name()) : resolve(to);
                relation.touched = place;
            }
            case INDEX -> {
                for (Relation relation : relations) {
                    TableKey key = relation.key(from.name());
                    if (key != null && (on == null || relation.name.equals(resolve(on)))) {
                        key.constraint = renamed(key.constraint, to.name());
                        key.touched = place;
                    }
                }
            }
            case TYPE, DOMAIN -> {
                NamedType type = typeOrSupposed(from);
                type.name = to.schema().isEmpty() ? type.name.named(to.name()) : resolve(to);
                type.touched = place;
            }
            case SEQUENCE -> {
                Sequence sequence = sequenceOrSupposed(from);
                sequence.name = to.schema().isEmpty() ? sequence.name.named(to.name()) : resolve(to);
                sequence.touched = place;
            }
            case ROUTINE -> {
                List<Routine> named = routines(from);
                if (named.isEmpty()) {
                    Routine supposed = new Routine(resolve(from), null, "", "");
                    supposed.nameBefore = isPending ? supposed.name : null;
                    routines.add(supposed);
                    named = List.of(supposed);
                }
                named.forEach(routine -> {
                    routine.name = to.schema().isEmpty() ? routine.name.named(to.name()) : resolve(to);
                    routine.touched = place;
                });
            }
            case SCHEMA, DATABASE -> renameSchema(from.name(), to.name(), place);
            case TRIGGER, POLICY, EXTENSION, OTHER -> {}
        }
    }

    private void renameSchema(String from, String to, Place place) {
        renamedSchemas.put(from, place);
        for (Relation relation : relations) {
            if (isIn(relation.name, from)) {
                relation.name = resolve(relation.name.in(to));
                relation.touched = place;
            }
        }
        types.stream().filter(type -> isIn(type.name, from)).forEach(type -> {
            type.name = type.name.in(to);
            type.touched = place;
        });
        sequences.stream().filter(sequence -> isIn(sequence.name, from)).forEach(sequence -> {
            sequence.name = sequence.name.in(to);
            sequence.touched = place;
        });
        routines.stream().filter(routine -> isIn(routine.name, from)).forEach(routine -> {
            routine.name = routine.name.in(to);
            routine.touched = place;
        });
    }

    private void createView(SchemaChange.CreateView create, Place place) {
        Relation existing = find(create.name());
        if (existing != null && create.ifNotExists()) {
            return;
        }
        if (existing != null && !existing.isTable() && create.orReplace()) {
            existing.query = create.query();
            existing.viewColumns = create.columns();
            existing.sources = create.sources();
            existing.touched = place;
            return;
        }
        if (existing != null) {
            existing.isGone = true;
            existing.touched = place;
        }
        Relation view = new Relation(
                create.isMaterialized() ? Relation.Kind.MATERIALIZED_VIEW : Relation.Kind.VIEW,
                resolve(create.name()),
                true);
        view.query = create.query();
        view.viewColumns = create.columns();
        view.sources = create.sources();
        view.touched = place;
        relations.add(view);
    }

    private static void renameValue(NamedType type, SchemaChange.RenameEnumValue rename, Place place) {
        if (!type.values.contains(rename.from()) && type.nameBefore != null) {
            type.renamed.put(rename.from(), rename.from());
            type.valuesBefore = new ArrayList<>(type.valuesBefore);
            type.valuesBefore.add(rename.from());
            type.values = new ArrayList<>(type.values);
            type.values.add(rename.from());
        }
        type.values = type.values.stream()
                .map(value -> value.equals(rename.from()) ? rename.to() : value)
                .toList();
        type.renamed.replaceAll((old, now) -> now.equals(rename.from()) ? rename.to() : now);
        type.touched = place;
    }

    private void createRoutine(CreateRoutine create, Place place) {
        for (Routine routine : routines(create.name())) {
            if (routine.parameters != null && typesOf(routine.parameters).equals(typesOf(create.parameters()))) {
                routine.returns = create.returns();
                routine.body = create.body();
                routine.touched = place;
                return;
            }
        }
        Routine routine = new Routine(resolve(create.name()), create.parameters(), create.returns(), create.body());
        routine.touched = place;
        routines.add(routine);
    }

    private List<Right> rights(List<String> privileges, ObjectKind kind, List<ObjectName> objects, List<String> roles) {
        List<Right> rights = new ArrayList<>();
        for (String privilege : privileges) {
            for (ObjectName object : objects) {
                String named = kind == ObjectKind.SCHEMA
                        ? object.toString()
                        : resolve(object).toString();
                for (String role : roles) {
                    rights.add(new Right(privilege.toLowerCase(Locale.ROOT), kind + " " + named, role));
                }
            }
        }
        return rights;
    }

    /** Writes an expression so that spaces, letters outside of quotes and needless casts do not count. */
    static @Nullable String normalised(@Nullable String expression) {
        if (expression == null) {
            return null;
        }
        String text = expression.strip();
        StringBuilder out = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter == '\'') {
                quoted = !quoted;
            }
            if (quoted || letter == '\'') {
                out.append(letter);
            } else if (!Character.isWhitespace(letter)) {
                out.append(Character.toLowerCase(letter));
            }
        }
        String plain = out.toString().replaceFirst("^('(?:[^']|'')*')::[a-z_\" .]+$", "$1");
        while (plain.startsWith("(") && plain.endsWith(")") && closes(plain)) {
            plain = plain.substring(1, plain.length() - 1);
        }
        return plain.equals("null") ? null : plain;
    }

    private static boolean closes(String text) {
        int depth = 0;
        for (int i = 0; i < text.length() - 1; i++) {
            depth += text.charAt(i) == '(' ? 1 : text.charAt(i) == ')' ? -1 : 0;
            if (depth == 0) {
                return false;
            }
        }
        return true;
    }
}
