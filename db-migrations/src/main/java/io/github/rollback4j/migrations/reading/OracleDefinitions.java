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

/** Columns, types and constraints as Oracle defines them. */
final class OracleDefinitions {

    /** The widest {@code NUMBER}: what {@code INTEGER} is. */
    private static final int WIDEST = 38;

    private OracleDefinitions() {}

    /**
     * A column, and what its definition says beyond.
     *
     * @param isNullable whether {@code NULL} is written
     * @param notUnderstood what has no counterpart, for people
     */
    record Column(ColumnDefinition definition, boolean isNullable, List<String> notUnderstood) {}

    /** Reads the rules {@code column_definition}, {@code virtual_column_definition}, {@code modify_col_properties}. */
    static Column column(SyntaxTree tree) {
        String name = OracleNames.last(tree.one("column_name"));
        List<String> notUnderstood = new ArrayList<>();
        ColumnType type = null;
        SyntaxTree written = tree.first("datatype");
        if (written == null) {
            written = tree.first("type_name");
        }
        if (written != null) {
            type = type(written);
        }
        SyntaxTree collation = tree.first("collation_name");
        if (type != null && collation != null) {
            type = type.collated(collation.text().toLowerCase(Locale.ROOT));
        }
        SyntaxTree value = tree.first("column_default_value");
        SyntaxTree identity = tree.first("identity_clause");
        Generation generation = Generation.NONE;
        if (tree.rule().equals("virtual_column_definition")) {
            generation = Generation.VIRTUAL;
        } else if (identity != null) {
            boolean isDefault = identity.has("DEFAULT");
            generation = isDefault ? Generation.IDENTITY_BY_DEFAULT : Generation.IDENTITY_ALWAYS;
        }
        if (tree.has("ON")) {
            notUnderstood.add("a default in place of a NULL that is given: " + tree.text());
        }
        if (tree.has("INVISIBLE") || tree.has("VISIBLE")) {
            notUnderstood.add("whether SELECT * and INSERT without names see the column " + name);
        }
        if (tree.has("inline_ref_constraint")) {
            notUnderstood.add(tree.text());
        }
        boolean isRequired = false;
        boolean isNullable = false;
        List<Constraint> constraints = new ArrayList<>();
        for (SyntaxTree part : tree.all("inline_constraint")) {
            if (part.has("NULL")) {
                isRequired = part.has("NOT");
                isNullable = !isRequired;
                SyntaxTree state = part.first("constraint_state");
                if (isRequired && state != null && (state.has("DISABLE") || state.has("NOVALIDATE"))) {
                    isRequired = false;
                    constraints.add(withState(Constraint.of(Kind.NOT_NULL, nameOf(part), List.of(name)), part));
                }
                continue;
            }
            Constraint constraint = constraint(part, List.of(name));
            if (constraint == null) {
                notUnderstood.add(part.text());
            } else {
                constraints.add(constraint);
            }
        }
        return new Column(
                new ColumnDefinition(
                        name, type, isRequired, value == null ? null : value.text(), null, generation, constraints),
                isNullable,
                notUnderstood);
    }

    /** Reads the rules {@code inline_constraint} and {@code out_of_line_constraint}; null where it is none that is known. */
    static @Nullable Constraint constraint(SyntaxTree tree, List<String> inline) {
        List<String> columns =
                tree.all("column_name").stream().map(OracleNames::last).toList();
        List<String> of = columns.isEmpty() ? inline : columns;
        String name = nameOf(tree);
        SyntaxTree state = tree.first("constraint_state");
        if (state != null && state.has("DISABLE") && state.has("VALIDATE")) {
            return null;
        }
        if (tree.has("PRIMARY")) {
            return withState(Constraint.of(Kind.PRIMARY_KEY, name, of), tree);
        }
        if (tree.has("UNIQUE")) {
            return withState(Constraint.of(Kind.UNIQUE, name, of), tree);
        }
        SyntaxTree check = tree.has("check_constraint") ? tree.one("check_constraint") : tree;
        if (check.has("CHECK")) {
            Constraint constraint = new Constraint(
                    Kind.CHECK,
                    name,
                    inline,
                    check.one("condition").text(),
                    null,
                    "",
                    true,
                    !check.has("DISABLE"),
                    false);
            return withState(constraint, tree);
        }
        SyntaxTree foreign = tree.first("foreign_key_clause");
        SyntaxTree references = foreign == null ? tree.first("references_clause") : foreign.one("references_clause");
        if (references == null) {
            return null;
        }
        SyntaxTree to = references.first("paren_column_list");
        SyntaxTree action = foreign == null ? null : foreign.first("on_delete_clause");
        Reference reference = new Reference(
                OracleNames.object(references.one("tableview_name")),
                to == null ? List.of() : OracleNames.columns(to),
                onDelete(action == null ? references : action),
                "");
        List<String> from = foreign == null ? inline : OracleNames.columns(foreign.one("paren_column_list"));
        return withState(new Constraint(Kind.FOREIGN_KEY, name, from, "", reference, "", true, true, false), tree);
    }

    private static String onDelete(SyntaxTree tree) {
        return tree.has("CASCADE") ? "cascade" : tree.has("SET") ? "set null" : "";
    }

    private static String nameOf(SyntaxTree tree) {
        SyntaxTree name = tree.first("constraint_name");
        return name == null ? "" : OracleNames.last(name);
    }

    private static Constraint withState(Constraint constraint, SyntaxTree tree) {
        SyntaxTree state = tree.first("constraint_state");
        if (state == null) {
            return constraint;
        }
        SyntaxTree using = state.first("using_index_clause");
        SyntaxTree index = using == null ? null : using.first("index_name");
        List<SyntaxTree> parts = state.parts();
        boolean isDeferrable = false;
        for (int i = 0; i < parts.size(); i++) {
            boolean isNegated = i > 0 && parts.get(i - 1).rule().equals("NOT");
            isDeferrable |= parts.get(i).rule().equals("DEFERRABLE") && !isNegated;
            isDeferrable |= parts.get(i).rule().equals("DEFERRED");
        }
        return new Constraint(
                constraint.kind(),
                constraint.name(),
                constraint.columns(),
                constraint.expression(),
                constraint.reference(),
                index == null ? "" : OracleNames.last(index),
                !state.has("NOVALIDATE"),
                constraint.isEnforced() && !state.has("DISABLE"),
                isDeferrable);
    }

    // Types.

    /** Reads the rules {@code datatype} and {@code type_name}. */
    static ColumnType type(SyntaxTree tree) {
        if (tree.rule().equals("type_name")) {
            String name = OracleNames.object(tree).toString();
            return ColumnType.of(name.equals("JSON") || name.equals("XMLTYPE") ? builtIn(name) : name);
        }
        if (tree.has("INTERVAL")) {
            return ColumnType.of("interval " + (tree.has("YEAR") ? "year to month" : "day to second"));
        }
        List<Integer> numbers = new ArrayList<>();
        SyntaxTree precision = tree.first("precision_part");
        boolean isAny = precision != null && precision.has("*");
        if (precision != null) {
            for (SyntaxTree part : precision.parts()) {
                if (part.rule().startsWith("numeric")) {
                    numbers.add(Numbers.bounded(part.text()));
                }
            }
        }
        String words =
                String.join(" ", tree.one("native_datatype_element").tokens().toList());
        ColumnType type = switch (words) {
            case "NUMBER" -> number(isAny ? List.of(WIDEST, numbers.isEmpty() ? 0 : numbers.get(0)) : numbers);
            case "INTEGER", "INT", "SMALLINT" -> ColumnType.of("numeric", WIDEST, 0);
            case "DECIMAL", "DEC", "NUMERIC" -> number(numbers.isEmpty() ? List.of(WIDEST, 0) : numbers);
            case "FLOAT", "DOUBLE PRECISION", "DOUBLE" ->
                ColumnType.of("float", numbers.isEmpty() ? 126 : numbers.get(0));
            case "REAL" -> ColumnType.of("float", 63);
            case "BINARY_FLOAT" -> ColumnType.of("real");
            case "BINARY_DOUBLE" -> ColumnType.of("double");
            case "VARCHAR2", "VARCHAR", "STRING", "CHARACTER VARYING" -> with("varchar", numbers);
            case "CHAR", "CHARACTER" -> with("char", numbers.isEmpty() ? List.of(1) : numbers);
            case "NVARCHAR2" -> with("varchar", numbers).collated("national");
            case "NCHAR" ->
                with("char", numbers.isEmpty() ? List.of(1) : numbers).collated("national");
            case "CLOB" -> ColumnType.of("text");
            case "NCLOB" -> ColumnType.of("text").collated("national");
            case "RAW" -> with("varbinary", numbers);
            case "XMLTYPE" -> ColumnType.of("xml");
            case "TIMESTAMP" -> timestamp(tree, numbers);
            default -> with(words.toLowerCase(Locale.ROOT), numbers);
        };
        // Lengths in characters and in bytes are not the same, and nothing else of a type tells them apart.
        boolean isInCharacters = precision != null && precision.has("CHAR");
        return isInCharacters ? type.collated("char") : type;
    }

    private static String builtIn(String name) {
        return name.equals("JSON") ? "json" : "xml";
    }

    private static ColumnType number(List<Integer> numbers) {
        return numbers.size() == 1 ? ColumnType.of("numeric", numbers.get(0), 0) : with("numeric", numbers);
    }

    private static ColumnType timestamp(SyntaxTree tree, List<Integer> numbers) {
        String name = tree.has("LOCAL") ? "timestampltz" : tree.has("ZONE") ? "timestamptz" : "timestamp";
        return with(name, numbers.equals(List.of(6)) ? List.of() : numbers);
    }

    private static ColumnType with(String name, List<Integer> numbers) {
        return ColumnType.of(name, numbers.toArray(Integer[]::new));
    }
}
