package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Relation.TableKey;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Goes through the changes of views, types, sequences, routines, schemas and rights, and what is dropped or renamed. */
final class ObjectSteps {

    private final SchemaState state;

    ObjectSteps(SchemaState state) {
        this.state = state;
    }

    /** Goes through a change; what is of no kind here leaves the schema as it is. */
    void apply(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.Drop drop) {
            drop(drop, place);
        } else if (change instanceof SchemaChange.Rename rename) {
            rename(rename.kind(), rename.from(), rename.to(), rename.on(), place);
        } else if (change instanceof SchemaChange.MoveToSchema move) {
            rename(move.kind(), move.name(), move.name().in(move.schema()), null, place);
        } else if (change instanceof SchemaChange.CreateSchema create) {
            if (state.schemas.add(create.name()) && state.isPending && !create.ifNotExists()) {
                state.createdInThisSet.add(create.name());
            }
            state.goneSchemas.remove(create.name());
        } else if (change instanceof SchemaChange.CreateView create) {
            createView(create, place);
        } else if (change instanceof SchemaChange.CreateType create) {
            state.types.add(new SchemaState.NamedType(
                    state.resolve(create.name()),
                    create.values(),
                    !create.values().isEmpty()));
        } else if (change instanceof SchemaChange.CreateDomain create) {
            state.types.add(new SchemaState.NamedType(state.resolve(create.name()), List.of(), false));
        } else if (change instanceof SchemaChange.AddEnumValue add) {
            SchemaState.NamedType type = state.typeOrSupposed(add.type());
            List<String> values = new ArrayList<>(type.values);
            values.add(add.value());
            type.values = values;
            type.touched = place;
        } else if (change instanceof SchemaChange.RenameEnumValue rename) {
            renameValue(state.typeOrSupposed(rename.type()), rename, place);
        } else if (change instanceof SchemaChange.AlterCompositeType alter) {
            if (alter.breaksReaders()) {
                state.typeOrSupposed(alter.type()).attributesChanged = place;
            }
        } else if (change instanceof SchemaChange.AlterDomain alter) {
            SchemaState.NamedType type = state.typeOrSupposed(alter.name());
            type.tightened = alter.tightens() ? place : type.tightened;
            type.defaultChanged = alter.changesDefault() ? place : type.defaultChanged;
        } else if (change instanceof SchemaChange.CreateSequence create) {
            SchemaState.Sequence sequence = new SchemaState.Sequence(state.resolve(create.name()));
            state.sequences.add(sequence);
        } else if (change instanceof SchemaChange.AlterSequence alter) {
            if (alter.changesNumbers()) {
                state.sequenceOrSupposed(alter.name()).numbersChanged = place;
            }
        } else {
            applyToTheRest(change, place);
        }
    }

    private void applyToTheRest(SchemaChange change, Place place) {
        if (change instanceof SchemaChange.CreateRoutine create) {
            createRoutine(create, place);
        } else if (change instanceof SchemaChange.CreateTrigger create) {
            state.table(create.table()).triggers.put(create.name().name(), place);
        } else if (change instanceof SchemaChange.EnableTrigger enable) {
            Relation table = state.table(enable.table());
            // Off and on again, as around a backfill, leaves everything as it was.
            if (!Boolean.valueOf(!enable.isEnabled()).equals(table.switched.remove(enable.name()))) {
                table.switched.put(enable.name(), enable.isEnabled());
                table.switchedAt.put(enable.name(), place);
            }
        } else if (change instanceof SchemaChange.SetRowSecurity set) {
            Relation table = state.table(set.table());
            table.isRowSecurityOn = set.isEnabled();
            table.rowSecurityAt = place;
        } else if (change instanceof SchemaChange.CreatePolicy create) {
            Relation table = state.table(create.table());
            table.droppedPolicies.remove(create.name());
            table.letsEverythingThrough |= create.isPermissive() && create.letsEverythingThrough();
        } else if (change instanceof SchemaChange.Grant grant) {
            grant.objects().stream()
                    .map(state::find)
                    .filter(Objects::nonNull)
                    .forEach(relation -> grant.roles()
                            .forEach(role -> grant.privileges()
                                    .forEach(privilege -> relation.grants.add(privilege + " by " + role))));
            rights(grant.privileges(), grant.kind(), grant.objects(), grant.roles())
                    .forEach(state.revoked::remove);
        } else if (change instanceof SchemaChange.Revoke revoke) {
            revoke.objects().stream()
                    .map(state::find)
                    .filter(Objects::nonNull)
                    .forEach(relation -> revoke.roles()
                            .forEach(role -> revoke.privileges()
                                    .forEach(privilege -> relation.grants.remove(privilege + " by " + role))));
            rights(revoke.privileges(), revoke.kind(), revoke.objects(), revoke.roles())
                    .forEach(right -> state.revoked.put(right, place));
        } else if (change instanceof SchemaChange.AttachPartition attach) {
            state.table(attach.table());
            state.detached.remove(state.table(attach.partition()));
        } else if (change instanceof SchemaChange.DetachPartition detach) {
            state.table(detach.table());
            Relation partition = state.table(detach.partition());
            if (partition.isOld()) {
                state.detached.put(partition, place);
            }
        } else if (change instanceof SchemaChange.SetInheritance set) {
            Relation child = state.table(set.table());
            if (!set.inherits() && child.isOld()) {
                state.detached.put(child, place);
            }
        } else if (change instanceof SchemaChange.SetSession set && set.name().equals("search_path")) {
            state.searchedSchema =
                    set.value().split(",", 2)[0].strip().replace("\"", "").replace("'", "");
        }
    }

    private void drop(SchemaChange.Drop drop, Place place) {
        switch (drop.kind()) {
            case TABLE, VIEW, MATERIALIZED_VIEW -> dropRelation(drop, place);
            case INDEX -> dropIndex(drop, place);
            case TYPE, DOMAIN -> {
                if (state.type(drop.name()) != null || !drop.ifExists() || !state.isHistoryComplete) {
                    SchemaState.NamedType type = state.typeOrSupposed(drop.name());
                    type.isGone = true;
                    type.touched = place;
                }
            }
            case SEQUENCE -> {
                SchemaState.Sequence sequence = state.sequenceOrSupposed(drop.name());
                sequence.isGone = true;
                sequence.touched = place;
            }
            case ROUTINE -> dropRoutine(drop, place);
            case TRIGGER -> {
                ObjectName on = drop.on();
                Relation table = on != null
                        ? state.table(on)
                        : tableOfTrigger(drop.name().name());
                if (table != null
                        && table.triggers.remove(drop.name().name()) == null
                        && !table.isComplete
                        && table.before != null) {
                    table.before = new Relation.Before(
                            table.before.name(),
                            plus(table.before.triggers(), drop.name().name()),
                            table.before.grants(),
                            table.before.hadRowSecurity());
                }
                if (table != null) {
                    table.touched = place;
                }
            }
            case POLICY -> {
                ObjectName on = drop.on();
                if (on != null) {
                    Relation table = state.table(on);
                    table.droppedPolicies.put(drop.name().name(), place);
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
        return state.relations.stream()
                .filter(relation -> relation.triggers.containsKey(trigger))
                .findFirst()
                .orElse(null);
    }

    private void dropRelation(SchemaChange.Drop drop, Place place) {
        Relation known = state.find(drop.name());
        if (known == null && drop.ifExists() && state.isHistoryComplete) {
            return;
        }
        Relation.Kind kind = drop.kind() == ObjectKind.TABLE
                ? Relation.Kind.TABLE
                : drop.kind() == ObjectKind.VIEW ? Relation.Kind.VIEW : Relation.Kind.MATERIALIZED_VIEW;
        Relation relation = known != null ? known : state.suppose(kind, drop.name());
        relation.isGone = true;
        relation.touched = place;
        if (!drop.cascade()) {
            return;
        }
        for (Relation other : state.relations) {
            if (!other.isGone
                    && !other.isTable()
                    && other.sources.stream()
                            .anyMatch(source -> state.resolve(source).equals(relation.name))) {
                other.isGone = true;
                other.touched = place;
            }
            for (TableKey key : other.presentKeys()) {
                Constraint.Reference reference = key.constraint.reference();
                if (reference != null && state.resolve(reference.table()).equals(relation.name)) {
                    key.isGone = true;
                    key.touched = place;
                }
            }
        }
    }

    private void dropIndex(SchemaChange.Drop drop, Place place) {
        ObjectName on = drop.on();
        if (on != null) {
            Relation table = state.table(on);
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
        for (Relation relation : state.relations) {
            TableKey key = relation.key(drop.name().name());
            if (!relation.isGone && key != null) {
                key.isGone = true;
                key.touched = place;
                return;
            }
        }
    }

    private void dropRoutine(SchemaChange.Drop drop, Place place) {
        List<SchemaState.Routine> named = state.routines(drop.name());
        List<ColumnType> parameters = drop.parameters();
        List<SchemaState.Routine> meant = parameters == null
                ? named
                : named.stream()
                        .filter(routine -> routine.parameters == null
                                || SchemaState.typesOf(routine.parameters).equals(namesOf(parameters)))
                        .toList();
        if (meant.isEmpty() && state.isPending && !(drop.ifExists() && state.isHistoryComplete)) {
            List<CreateRoutine.Parameter> known = parameters == null
                    ? null
                    : parameters.stream()
                            .map(type -> new CreateRoutine.Parameter("", type, false))
                            .toList();
            SchemaState.Routine supposed = new SchemaState.Routine(state.resolve(drop.name()), known, "", "");
            supposed.nameBefore = supposed.name;
            state.routines.add(supposed);
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

    private void dropSchema(SchemaChange.Drop drop, Place place) {
        String schema = drop.name().name();
        if (!state.createdInThisSet.contains(schema)) {
            state.goneSchemas.put(schema, place);
        }
        for (Relation relation : state.relations) {
            if (state.isIn(relation.name, schema)) {
                relation.isGone = true;
                relation.touched = place;
            }
        }
    }

    private void rename(ObjectKind kind, ObjectName from, ObjectName to, @Nullable ObjectName on, Place place) {
        switch (kind) {
            case TABLE, VIEW, MATERIALIZED_VIEW -> {
                Relation known = state.find(from);
                Relation relation = known != null
                        ? known
                        : state.suppose(kind == ObjectKind.TABLE ? Relation.Kind.TABLE : Relation.Kind.VIEW, from);
                relation.name = to.schema().isEmpty() ? relation.name.named(to.name()) : state.resolve(to);
                relation.touched = place;
            }
            case INDEX -> {
                for (Relation relation : state.relations) {
                    TableKey key = relation.key(from.name());
                    if (key != null && (on == null || relation.name.equals(state.resolve(on)))) {
                        key.constraint = key.constraint.named(to.name());
                        key.touched = place;
                    }
                }
            }
            case TYPE, DOMAIN -> {
                SchemaState.NamedType type = state.typeOrSupposed(from);
                type.name = to.schema().isEmpty() ? type.name.named(to.name()) : state.resolve(to);
                type.touched = place;
            }
            case SEQUENCE -> {
                SchemaState.Sequence sequence = state.sequenceOrSupposed(from);
                sequence.name = to.schema().isEmpty() ? sequence.name.named(to.name()) : state.resolve(to);
                sequence.touched = place;
            }
            case ROUTINE -> {
                List<SchemaState.Routine> named = state.routines(from);
                if (named.isEmpty()) {
                    SchemaState.Routine supposed = new SchemaState.Routine(state.resolve(from), null, "", "");
                    supposed.nameBefore = state.isPending ? supposed.name : null;
                    state.routines.add(supposed);
                    named = List.of(supposed);
                }
                named.forEach(routine -> {
                    routine.name = to.schema().isEmpty() ? routine.name.named(to.name()) : state.resolve(to);
                    routine.touched = place;
                });
            }
            case SCHEMA, DATABASE -> renameSchema(from.name(), to.name(), place);
            case TRIGGER, POLICY, EXTENSION, OTHER -> {}
        }
    }

    private void renameSchema(String from, String to, Place place) {
        state.renamedSchemas.put(from, place);
        for (Relation relation : state.relations) {
            if (state.isIn(relation.name, from)) {
                relation.name = state.resolve(relation.name.in(to));
                relation.touched = place;
            }
        }
        state.types.stream().filter(type -> state.isIn(type.name, from)).forEach(type -> {
            type.name = type.name.in(to);
            type.touched = place;
        });
        state.sequences.stream()
                .filter(sequence -> state.isIn(sequence.name, from))
                .forEach(sequence -> {
                    sequence.name = sequence.name.in(to);
                    sequence.touched = place;
                });
        state.routines.stream()
                .filter(routine -> state.isIn(routine.name, from))
                .forEach(routine -> {
                    routine.name = routine.name.in(to);
                    routine.touched = place;
                });
    }

    private void createView(SchemaChange.CreateView create, Place place) {
        Relation existing = state.find(create.name());
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
                state.resolve(create.name()),
                true);
        view.query = create.query();
        view.viewColumns = create.columns();
        view.sources = create.sources();
        view.touched = place;
        state.relations.add(view);
    }

    private static void renameValue(SchemaState.NamedType type, SchemaChange.RenameEnumValue rename, Place place) {
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
        for (SchemaState.Routine routine : state.routines(create.name())) {
            if (routine.parameters != null
                    && SchemaState.typesOf(routine.parameters).equals(SchemaState.typesOf(create.parameters()))) {
                routine.returns = create.returns();
                routine.body = create.body();
                routine.touched = place;
                return;
            }
        }
        SchemaState.Routine routine = new SchemaState.Routine(
                state.resolve(create.name()), create.parameters(), create.returns(), create.body());
        routine.touched = place;
        state.routines.add(routine);
    }

    /** What this set creates has no rights that could be missed. */
    private List<SchemaState.Right> rights(
            List<String> privileges, ObjectKind kind, List<ObjectName> objects, List<String> roles) {
        List<SchemaState.Right> rights = new ArrayList<>();
        List<String> named = roles.isEmpty() ? List.of("its owner") : roles;
        for (ObjectName object : objects) {
            Relation relation = kind == ObjectKind.SCHEMA ? null : state.find(object);
            if (relation != null && !relation.isOld()) {
                continue;
            }
            String name = kind + " " + (kind == ObjectKind.SCHEMA ? object : state.resolve(object));
            for (String privilege : privileges) {
                named.forEach(
                        role -> rights.add(new SchemaState.Right(privilege.toLowerCase(Locale.ROOT), name, role)));
            }
        }
        return rights;
    }
}
