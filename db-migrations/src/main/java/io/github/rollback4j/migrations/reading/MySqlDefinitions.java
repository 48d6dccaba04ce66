package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnDefinition;
import io.github.rollback4j.migrations.schema.ColumnDefinition.Generation;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.Constraint.Kind;
import io.github.rollback4j.migrations.schema.Constraint.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Columns, constraints and indexes as MySQL and MariaDB define them. */
final class MySqlDefinitions {

    private final boolean isMariaDb;

    MySqlDefinitions(boolean isMariaDb) {
        this.isMariaDb = isMariaDb;
    }

    /**
     * A column, and what its definition says beyond.
     *
     * @param isNullable whether {@code NULL} is written
     * @param notUnderstood what has no counterpart, for people
     */
    record Column(ColumnDefinition definition, boolean isNullable, List<String> notUnderstood) {

        boolean isComputed() {
            return definition.generation() == Generation.STORED || definition.generation() == Generation.VIRTUAL;
        }
    }

    /** Reads the rule {@code columnDefinition}. */
    Column column(String name, SyntaxTree tree) {
        SyntaxTree dataType = tree.one("dataType");
        ColumnType type = MySqlTypes.of(dataType);
        List<String> notUnderstood = new ArrayList<>();
        if (type == null) {
            notUnderstood.add("the type " + dataType.text());
        }
        boolean isSerial = dataType.has("SERIAL");
        boolean isRequired = isSerial;
        boolean isNullable = false;
        String defaultValue = null;
        String onUpdate = null;
        Generation generation = isSerial ? Generation.IDENTITY_BY_DEFAULT : Generation.NONE;
        List<Constraint> constraints = new ArrayList<>();
        if (isSerial) {
            constraints.add(Constraint.of(Kind.UNIQUE, name, List.of(name)));
        }
        for (SyntaxTree part : tree.all("columnConstraint")) {
            switch (part.form()) {
                case "nullColumnConstraint" -> {
                    isRequired = part.one("nullNotnull").has("NOT");
                    isNullable = !isRequired;
                }
                case "defaultColumnConstraint" -> {
                    SyntaxTree value = part.one("defaultValue");
                    defaultValue = defaultValue(value);
                    if (value.has("ON")) {
                        onUpdate = value.all("currentTimestamp").get(1).text();
                    }
                }
                case "autoIncrementColumnConstraint" -> {
                    if (part.has("ON")) {
                        onUpdate = part.one("currentTimestamp").text();
                    } else {
                        generation = Generation.IDENTITY_BY_DEFAULT;
                    }
                }
                case "serialDefaultColumnConstraint" -> {
                    isRequired = true;
                    generation = Generation.IDENTITY_BY_DEFAULT;
                    constraints.add(Constraint.of(Kind.UNIQUE, name, List.of(name)));
                }
                case "primaryKeyColumnConstraint" ->
                    constraints.add(Constraint.of(Kind.PRIMARY_KEY, "", List.of(name)));
                case "uniqueKeyColumnConstraint" -> constraints.add(Constraint.of(Kind.UNIQUE, name, List.of(name)));
                case "generatedColumnConstraint" -> {
                    generation = part.has("STORED") || part.has("PERSISTENT") ? Generation.STORED : Generation.VIRTUAL;
                    defaultValue = part.one("expression").text();
                }
                case "checkColumnConstraint" ->
                    constraints.add(check(nameOf(part), List.of(name), part.one("expression"), true));
                case "referenceColumnConstraint" -> {
                    // MySQL 8 parses it, and makes no foreign key of it.
                    if (isMariaDb) {
                        constraints.add(foreignKey("", List.of(name), part.one("referenceDefinition")));
                    }
                }
                case "collateColumnConstraint" -> {
                    if (type != null) {
                        type = type.collated(MySqlNames.folded(part.one("collationName")));
                    }
                }
                case "invisibilityColumnConstraint" ->
                    notUnderstood.add("an invisible column: SELECT * and INSERT without names pass over " + name);
                case "visibilityColumnConstraint",
                        "commentColumnConstraint",
                        "formatColumnConstraint",
                        "storageColumnConstraint" -> {}
                default -> notUnderstood.add(part.text());
            }
        }
        if (tree.has("NOT") && tree.has("ENFORCED") && !constraints.isEmpty()) {
            constraints.set(constraints.size() - 1, notEnforced(constraints.get(constraints.size() - 1)));
        }
        return new Column(
                new ColumnDefinition(name, type, isRequired, defaultValue, onUpdate, generation, constraints),
                isNullable,
                notUnderstood);
    }

    /** Reads the rule {@code defaultValue}, without {@code ON UPDATE} behind it. */
    static String defaultValue(SyntaxTree tree) {
        return tree.has("ON") ? tree.one("currentTimestamp").text() : tree.text();
    }

    /**
     * Reads the rule {@code tableConstraint}, and the specifications of {@code ALTER TABLE} that hold the same; null where it is no
     * constraint that is known.
     */
    @Nullable
    Constraint constraint(SyntaxTree tree) {
        String name = nameOf(tree);
        if (tree.has("PRIMARY")) {
            return Constraint.of(Kind.PRIMARY_KEY, name, columns(tree));
        }
        if (tree.has("UNIQUE")) {
            List<SyntaxTree> names = tree.all("uid");
            List<String> columns = columns(tree);
            String index = names.isEmpty() ? nameOfIndexOver(columns) : MySqlNames.folded(names.get(names.size() - 1));
            return Constraint.of(Kind.UNIQUE, index, columns);
        }
        if (tree.has("FOREIGN")) {
            return foreignKey(name, columns(tree), tree.one("referenceDefinition"));
        }
        if (tree.has("CHECK") && tree.has("expression")) {
            return check(name, List.of(), tree.one("expression"), !(tree.has("NOT") && tree.has("ENFORCED")));
        }
        return null;
    }

    static Constraint notEnforced(Constraint constraint) {
        return new Constraint(
                constraint.kind(),
                constraint.name(),
                constraint.columns(),
                constraint.expression(),
                constraint.reference(),
                "",
                true,
                false,
                false);
    }

    private static Constraint check(String name, List<String> columns, SyntaxTree expression, boolean isEnforced) {
        return new Constraint(Kind.CHECK, name, columns, expression.text(), null, "", true, isEnforced, false);
    }

    private static Constraint foreignKey(String name, List<String> columns, SyntaxTree reference) {
        SyntaxTree named = reference.first("indexColumnNames");
        Reference to = new Reference(
                MySqlNames.object(reference.one("tableName")),
                named == null ? List.of() : indexColumns(named),
                action(reference, "DELETE"),
                action(reference, "UPDATE"));
        return new Constraint(Kind.FOREIGN_KEY, name, columns, "", to, "", true, true, false);
    }

    private static String action(SyntaxTree reference, String event) {
        SyntaxTree action = reference.first("referenceAction");
        if (action == null) {
            return "";
        }
        List<SyntaxTree> parts = action.parts();
        for (int i = 0; i + 1 < parts.size(); i++) {
            if (parts.get(i).rule().equals(event)) {
                return String.join(" ", parts.get(i + 1).tokens().toList()).toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    /** Returns the name after {@code CONSTRAINT}; empty where there is none. */
    private static String nameOf(SyntaxTree tree) {
        List<SyntaxTree> parts = tree.parts();
        for (int i = 0; i + 1 < parts.size(); i++) {
            if (parts.get(i).rule().equals("CONSTRAINT")) {
                return parts.get(i + 1).rule().equals("uid") ? MySqlNames.folded(parts.get(i + 1)) : "";
            }
        }
        return "";
    }

    static List<String> columns(SyntaxTree tree) {
        return indexColumns(tree.one("indexColumnNames"));
    }

    /** Reads the rule {@code indexColumnNames}: columns without the length of a prefix, and expressions. */
    private static List<String> indexColumns(SyntaxTree tree) {
        return tree.all("indexColumnName").stream()
                .map(column -> {
                    SyntaxTree expression = column.first("expression");
                    return expression == null ? MySqlNames.folded(column.parts().get(0)) : expression.text();
                })
                .toList();
    }

    /** Returns the name that the server gives to an index without one. */
    static String nameOfIndexOver(List<String> columns) {
        return columns.get(0).startsWith("(") ? "functional_index" : columns.get(0);
    }
}
