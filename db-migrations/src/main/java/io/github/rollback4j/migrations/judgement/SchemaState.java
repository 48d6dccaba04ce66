package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Relation.TableColumn;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.ObjectName;
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
    final boolean isHistoryComplete;
    boolean isPending;
    final String defaultSchema;
    String searchedSchema;

    final List<Relation> relations = new ArrayList<>();
    final List<NamedType> types = new ArrayList<>();
    final List<Sequence> sequences = new ArrayList<>();
    final List<Routine> routines = new ArrayList<>();
    final Map<Right, Place> revoked = new LinkedHashMap<>();
    final Set<String> schemas = new HashSet<>();
    final Set<String> createdInThisSet = new HashSet<>();
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
        relation.before = new Relation.Before(
                relation.name,
                Set.copyOf(relation.triggers.keySet()),
                Set.copyOf(relation.grants),
                relation.isRowSecurityOn);
        relation.queryBefore = relation.query;
        relation.viewColumnsBefore = relation.viewColumns;
        relation.copies.clear();
        relation.droppedPolicies.clear();
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

    boolean isIn(ObjectName kept, String schema) {
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

    Relation suppose(Relation.Kind kind, ObjectName name) {
        Relation supposed = new Relation(kind, resolve(name), false);
        if (isPending) {
            supposed.before = new Relation.Before(supposed.name, Set.of(), Set.of(), false);
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

    NamedType typeOrSupposed(ObjectName name) {
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

    Sequence sequenceOrSupposed(ObjectName name) {
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

    /** Notes which tables a query copies, and which of their rows. */
    void copied(String query, Relation into) {
        String folded = query.toLowerCase(Locale.ROOT);
        if (folded.matches("(?s).*\\b(limit|fetch|join|group\\s+by|distinct)\\b.*")) {
            return;
        }
        String words = " " + folded.replaceAll("[\\s\"`()\\[\\],;]+", " ") + " ";
        int where = folded.indexOf("where");
        String condition =
                where < 0 ? "" : Objects.requireNonNullElse(Expressions.normalised(query.substring(where + 5)), "");
        for (Relation relation : relations) {
            String name = relation.name.name().toLowerCase(Locale.ROOT);
            boolean isRead = words.contains(" " + name + " ") || words.contains("." + name + " ");
            if (isRead && !relation.isGone && relation != into) {
                relation.copies.put(into, condition);
            }
        }
    }

    static boolean isComputed(Generation generation) {
        return generation == Generation.STORED || generation == Generation.VIRTUAL;
    }

    static List<String> typesOf(@Nullable List<CreateRoutine.Parameter> parameters) {
        return parameters == null
                ? List.of()
                : parameters.stream()
                        .map(parameter -> {
                            ColumnType type = parameter.type();
                            return type == null ? "?" : type.name();
                        })
                        .toList();
    }
}
