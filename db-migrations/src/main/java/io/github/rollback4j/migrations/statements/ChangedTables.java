package io.github.rollback4j.migrations.statements;

import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects which tables and views of the previous release a change touches, by the names that the previous release has for them.
 * For one thread.
 */
final class ChangedTables {

    private final Set<ObjectName> tables = new LinkedHashSet<>();
    private final Set<ObjectName> created = new LinkedHashSet<>();
    private final Set<String> unplaced = new LinkedHashSet<>();

    private record Renamed(ObjectName before, ObjectName after) {}

    private final List<Renamed> renamed = new ArrayList<>();

    ChangedTables(Collection<SchemaChange> changes) {
        changes.forEach(this::add);
    }

    Set<ObjectName> tables() {
        return tables;
    }

    /** Returns what is changed and of whose tables nothing is known, for people. */
    Set<String> unplaced() {
        return unplaced;
    }

    /** Says whether two names may be one object's: a schema that is not said may be any. */
    static boolean isSame(ObjectName one, ObjectName other) {
        return one.name().equals(other.name())
                && (one.schema().isEmpty()
                        || other.schema().isEmpty()
                        || one.schema().equals(other.schema()));
    }

    private void add(SchemaChange change) {
        if (!addOfObject(change) && !addOfTable(change)) {
            addOther(change);
        }
    }

    /** Objects come, go and get other names. */
    private boolean addOfObject(SchemaChange change) {
        if (change instanceof SchemaChange.CreateTable create) {
            created.add(create.table());
            create.columns().forEach(column -> column.constraints().forEach(this::addReference));
            create.constraints().forEach(this::addReference);
            touch(create.partitionOf());
        } else if (change instanceof SchemaChange.CreateView create) {
            if (create.orReplace()) {
                touch(create.name());
            } else {
                created.add(create.name());
            }
        } else if (change instanceof SchemaChange.Drop drop) {
            addNamed(drop.kind(), drop.name(), drop.on(), "dropped");
        } else if (change instanceof SchemaChange.Rename rename) {
            addNamed(rename.kind(), rename.from(), rename.on(), "renamed");
            if (isTable(rename.kind())) {
                follow(rename.from(), rename.to());
            }
        } else if (change instanceof SchemaChange.MoveToSchema move) {
            addNamed(move.kind(), move.name(), null, "moved");
            if (isTable(move.kind())) {
                follow(move.name(), move.name().in(move.schema()));
            }
        } else if (change instanceof SchemaChange.Revoke revoke) {
            revoke.objects().forEach(object -> addNamed(revoke.kind(), object, null, "revoked"));
        } else {
            return false;
        }
        return true;
    }

    private boolean addOfTable(SchemaChange change) {
        if (change instanceof SchemaChange.AddConstraint add) {
            touch(add.table());
            addReference(add.constraint());
        } else if (change instanceof SchemaChange.AddColumn add) {
            touch(add.table());
            add.column().constraints().forEach(this::addReference);
        } else if (change instanceof SchemaChange.AttachPartition attach) {
            touch(attach.table());
            touch(attach.partition());
        } else if (change instanceof SchemaChange.DetachPartition detach) {
            touch(detach.table());
            touch(detach.partition());
        } else if (change instanceof SchemaChange.SetInheritance inherit) {
            touch(inherit.table());
            touch(inherit.parent());
        } else {
            ObjectName table = table(change);
            touch(table);
            return table != null;
        }
        return true;
    }

    private static @Nullable ObjectName table(SchemaChange change) {
        if (change instanceof SchemaChange.DropColumn of) {
            return of.table();
        } else if (change instanceof SchemaChange.RenameColumn of) {
            return of.table();
        } else if (change instanceof SchemaChange.ChangeColumnType of) {
            return of.table();
        } else if (change instanceof SchemaChange.RedefineColumn of) {
            return of.table();
        } else if (change instanceof SchemaChange.SetNotNull of) {
            return of.table();
        } else if (change instanceof SchemaChange.DropNotNull of) {
            return of.table();
        } else if (change instanceof SchemaChange.SetDefault of) {
            return of.table();
        } else if (change instanceof SchemaChange.DropDefault of) {
            return of.table();
        } else if (change instanceof SchemaChange.SetGeneration of) {
            return of.table();
        } else if (change instanceof SchemaChange.DropConstraint of) {
            return of.table();
        } else if (change instanceof SchemaChange.RenameConstraint of) {
            return of.table();
        } else if (change instanceof SchemaChange.ValidateConstraint of) {
            return of.table();
        } else if (change instanceof SchemaChange.AlterConstraint of) {
            return of.table();
        } else if (change instanceof SchemaChange.CreateIndex of) {
            return of.table();
        } else if (change instanceof SchemaChange.RefreshView of) {
            return of.name();
        } else if (change instanceof SchemaChange.CreateTrigger of) {
            return of.table();
        } else if (change instanceof SchemaChange.EnableTrigger of) {
            return of.table();
        } else if (change instanceof SchemaChange.SetRowSecurity of) {
            return of.table();
        } else if (change instanceof SchemaChange.CreatePolicy of) {
            return of.table();
        } else if (change instanceof SchemaChange.DropPartition of) {
            return of.table();
        } else if (change instanceof SchemaChange.TruncatePartition of) {
            return of.table();
        } else if (change instanceof SchemaChange.RewriteTable of) {
            return of.table();
        } else if (change instanceof SchemaChange.LockTable of) {
            return of.table();
        } else if (change instanceof SchemaChange.InsertRows of) {
            return of.table();
        } else if (change instanceof SchemaChange.UpdateRows of) {
            return of.table();
        } else if (change instanceof SchemaChange.DeleteRows of) {
            return of.table();
        }
        return change instanceof SchemaChange.TruncateTable of ? of.table() : null;
    }

    /** What has no table of its own, but may concern statements; what is new to the previous release does not. */
    private void addOther(SchemaChange change) {
        if (change instanceof SchemaChange.AddEnumValue of) {
            unplaced.add("type " + of.type());
        } else if (change instanceof SchemaChange.RenameEnumValue of) {
            unplaced.add("type " + of.type());
        } else if (change instanceof SchemaChange.AlterCompositeType of) {
            unplaced.add("type " + of.type());
        } else if (change instanceof SchemaChange.AlterDomain of) {
            unplaced.add("domain " + of.name());
        } else if (change instanceof SchemaChange.AlterSequence of) {
            unplaced.add("sequence " + of.name());
        } else if (change instanceof SchemaChange.CreateRoutine of) {
            unplaced.add("routine " + of.name());
        } else if (change instanceof SchemaChange.RewriteTable of) {
            unplaced.add(of.how());
        } else if (change instanceof SchemaChange.NotUnderstood) {
            unplaced.add("what was not understood");
        }
    }

    private void addNamed(ObjectKind kind, ObjectName name, @Nullable ObjectName on, String what) {
        if (isTable(kind)) {
            touch(name);
        } else if (on != null) {
            touch(on);
        } else {
            unplaced.add(what + " " + kind + " " + name);
        }
    }

    private static boolean isTable(ObjectKind kind) {
        return kind == ObjectKind.TABLE || kind == ObjectKind.VIEW || kind == ObjectKind.MATERIALIZED_VIEW;
    }

    private void addReference(Constraint constraint) {
        if (constraint.reference() != null) {
            touch(constraint.reference().table());
        }
    }

    private void touch(@Nullable ObjectName name) {
        if (name == null) {
            return;
        }
        ObjectName before = name;
        for (int i = renamed.size() - 1; i >= 0; i--) {
            if (isSame(renamed.get(i).after(), before)) {
                before = renamed.get(i).before();
            }
        }
        if (!isAmong(created, before) && !isAmong(tables, before)) {
            tables.add(before);
        }
    }

    private void follow(ObjectName from, ObjectName to) {
        renamed.add(new Renamed(from, to));
    }

    private static boolean isAmong(Set<ObjectName> names, ObjectName name) {
        return names.stream().anyMatch(other -> isSame(other, name));
    }
}
