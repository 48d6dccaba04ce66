package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Shows changes in a line each: what is not said, false or usual is left out. */
final class Shown {

    private Shown() {}

    /** What a grammar makes of a statement; {@code syntax} where it does not know it. */
    static String of(Grammar grammar, String statement) {
        try {
            return grammar.read(statement).stream().map(Shown::of).collect(Collectors.joining("\n"));
        } catch (Grammar.SyntaxException exception) {
            return "syntax";
        }
    }

    static String of(SchemaChange change) {
        if (change instanceof SchemaChange.NotUnderstood) {
            return "NotUnderstood";
        }
        return change instanceof SchemaChange.NoEffect ? "NoEffect" : value(change);
    }

    private static String value(Object value) {
        if (value instanceof ColumnType type) {
            return type + (type.collation().isEmpty() ? "" : " " + type.collation());
        }
        if (value instanceof ObjectName) {
            return value.toString();
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Shown::value).collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof Record part ? shown(part) : String.valueOf(value);
    }

    private static String shown(Record change) {
        List<String> parts = new ArrayList<>();
        for (RecordComponent component : change.getClass().getRecordComponents()) {
            Object value = valueOf(component, change);
            boolean isUsuallyTrue = Set.of("isValidated", "isEnforced").contains(component.getName());
            if (value instanceof Boolean is && is != isUsuallyTrue) {
                parts.add((is ? "" : "!") + component.getName());
            } else if (!(value instanceof Boolean) && isSaid(value)) {
                parts.add(value(value));
            }
        }
        return change.getClass().getSimpleName() + "(" + String.join(", ", parts) + ")";
    }

    private static boolean isSaid(Object value) {
        return value != null
                && !value.equals("")
                && !value.equals(List.of())
                && !value.toString().equals("NONE");
    }

    private static Object valueOf(RecordComponent component, Record change) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(change);
        } catch (ReflectiveOperationException exception) {
            throw new IllegalStateException(exception);
        }
    }
}
