package io.github.rollback4j.migrations.statements;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoverageTest {

    private static final ObjectName GUEST = ObjectName.of("guest");

    @Test
    void change_ofATableThatIsAsked_isTouched() {
        Coverage coverage = coverage("guest", new SchemaChange.SetNotNull(GUEST, "name"));

        assertThat(coverage.touched()).containsExactly(GUEST);
        assertThat(coverage.untouched()).isEmpty();
        assertThat(coverage.isComplete()).isTrue();
        assertThat(coverage).hasToString("recorded statements touch 1 of 1 changed tables");
    }

    @Test
    void change_ofATableThatNobodyAsks_isUntouched() {
        Coverage coverage = coverage(
                "guest",
                new SchemaChange.DropColumn(ObjectName.of("room"), "size", false, false),
                new SchemaChange.SetNotNull(GUEST, "name"));

        assertThat(coverage.untouched()).containsExactly(ObjectName.of("room"));
        assertThat(coverage.isComplete()).isFalse();
        assertThat(coverage).hasToString("recorded statements touch 1 of 2 changed tables; none touches room");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hotel.guest", "guest"})
    void schema_thatIsNotSaid_isAny(String asked) {
        assertThat(coverage(asked, new SchemaChange.DropNotNull(GUEST, "name")).untouched())
                .isEmpty();
        assertThat(coverage(asked, new SchemaChange.DropNotNull(GUEST.in("hotel"), "name"))
                        .untouched())
                .isEmpty();
    }

    @Test
    void schema_thatIsAnother_isAnotherTable() {
        assertThat(coverage("motel.guest", new SchemaChange.DropNotNull(GUEST.in("hotel"), "name"))
                        .untouched())
                .hasSize(1);
    }

    @Test
    void table_thatTheChangeCreates_isNotAskedFor_butWhatItRefersToIs() {
        ObjectName stay = ObjectName.of("stay");
        Constraint reference = new Constraint(
                Constraint.Kind.FOREIGN_KEY,
                "",
                List.of("guest_id"),
                "",
                new Constraint.Reference(GUEST, List.of(), "", ""),
                "",
                true,
                true,
                false);
        ColumnDefinition column =
                new ColumnDefinition("guest_id", null, false, null, null, Generation.NONE, List.of(reference));

        Coverage coverage = coverage(
                "room",
                new SchemaChange.CreateTable(
                        stay, List.of(column), List.of(), List.of(), null, null, "", false, false, false),
                new SchemaChange.SetNotNull(stay, "guest_id"));

        assertThat(coverage.untouched()).containsExactly(GUEST);
    }

    @Test
    void table_thatIsRenamed_isKnownByItsOldName() {
        ObjectName visitor = ObjectName.of("visitor");
        ObjectName fresh = ObjectName.of("guest_new");

        assertThat(coverage("guest", rename(GUEST, visitor), new SchemaChange.SetNotNull(visitor, "name"))
                        .untouched())
                .isEmpty();
        // A swap: what has the old name now is new.
        assertThat(coverage(
                                "room",
                                new SchemaChange.CreateTable(
                                        fresh, List.of(), List.of(), List.of(), null, null, "", false, false, false),
                                rename(GUEST, visitor),
                                rename(fresh, GUEST),
                                new SchemaChange.SetNotNull(GUEST, "name"),
                                new SchemaChange.Drop(ObjectKind.TABLE, visitor, null, null, false, false, false))
                        .untouched())
                .containsExactly(GUEST);
    }

    @Test
    void objects_withoutATable_areSaidApart() {
        Coverage coverage = coverage(
                "guest",
                new SchemaChange.AddEnumValue(ObjectName.of("room_class"), "penthouse", false),
                new SchemaChange.Drop(ObjectKind.INDEX, ObjectName.of("i"), null, null, false, false, true),
                new SchemaChange.Drop(ObjectKind.INDEX, ObjectName.of("j"), GUEST, null, false, false, false),
                new SchemaChange.NotUnderstood("?"),
                new SchemaChange.NoEffect("a comment"));

        assertThat(coverage.touched()).containsExactly(GUEST);
        assertThat(coverage.unplaced())
                .containsExactly("dropped index i", "type room_class", "what was not understood");
        assertThat(coverage.isComplete()).isFalse();
        assertThat(coverage).asString().contains("nothing can be said of dropped index i, type room_class");
    }

    @Test
    void record_thatIsIncomplete_isNoFullCoverage() {
        StatementCatalogue catalogue = StatementCatalogue.parse("x", "-- incomplete: yes\nguest;");

        Coverage coverage =
                Coverage.of(List.of(new SchemaChange.SetNotNull(GUEST, "name")), catalogue, statement -> Set.of(GUEST));

        assertThat(coverage.isComplete()).isFalse();
        assertThat(coverage).asString().endsWith("; the record is incomplete");
    }

    /** Every kind of change either says its table, or says that it has none, or has no effect on old statements. */
    @Test
    void changes_ofEveryKind_areAccountedFor() {
        Set<String> withoutTables = Set.of(
                "CreateSchema",
                "CreateType",
                "CreateDomain",
                "CreateSequence",
                "Grant",
                "SetSession",
                "Transaction",
                "NoEffect",
                "Reindex",
                "OnlineMode",
                "CreateTable",
                "CreateView");

        Set<String> silent = Stream.of(SchemaChange.class.getPermittedSubclasses())
                .filter(kind -> {
                    ChangedTables changed = new ChangedTables(List.of(Examples.of(kind)));
                    return changed.tables().isEmpty() && changed.unplaced().isEmpty();
                })
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());

        assertThat(silent).isSubsetOf(withoutTables);
    }

    private static SchemaChange rename(ObjectName from, ObjectName to) {
        return new SchemaChange.Rename(ObjectKind.TABLE, from, to, null);
    }

    private static Coverage coverage(String asked, SchemaChange... changes) {
        String[] parts = asked.split("\\.");
        ObjectName table = parts.length == 1 ? ObjectName.of(asked) : new ObjectName(parts[0], parts[1]);
        return Coverage.of(
                List.of(changes),
                StatementCatalogue.parse("x", "SELECT * FROM " + asked + ";"),
                statement -> Set.of(table));
    }

    /** Makes a change of any kind, with something in each part. */
    private static final class Examples {

        private Examples() {}

        static SchemaChange of(Class<?> kind) {
            Object[] values = Stream.of(kind.getRecordComponents())
                    .map(component ->
                            component.getName().equals("objects") ? List.of(GUEST) : value(component.getType()))
                    .toArray();
            Class<?>[] types = Stream.of(kind.getRecordComponents())
                    .map(component -> component.getType())
                    .toArray(Class<?>[]::new);
            try {
                return (SchemaChange) kind.getDeclaredConstructor(types).newInstance(values);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }

        private static Object value(Class<?> type) {
            if (type == ObjectName.class) {
                return GUEST;
            } else if (type == String.class) {
                return "x";
            } else if (type == boolean.class) {
                return false;
            } else if (type == List.class) {
                return List.of();
            } else if (type == Constraint.class) {
                return Constraint.of(Constraint.Kind.CHECK, "c", List.of());
            } else if (type == ColumnDefinition.class) {
                return new ColumnDefinition("a", null, false, null, null, Generation.NONE, List.of());
            }
            return type.isEnum() ? type.getEnumConstants()[0] : null;
        }
    }
}
