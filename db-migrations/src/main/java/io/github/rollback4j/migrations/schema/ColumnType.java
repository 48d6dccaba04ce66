package io.github.rollback4j.migrations.schema;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The type of a column or a parameter, in the words of the SQL standard as far as it has one, so that synonyms of the dialects
 * are equal: {@code int4} is {@code integer}, {@code character varying} is {@code varchar}.
 *
 * <p>Names used for what the dialects share: {@code boolean, tinyint, smallint, mediumint, integer, bigint, numeric, real, double,
 * char, varchar, text, binary, varbinary, blob, date, time, timetz, timestamp, timestamptz, interval, uuid, json, jsonb, xml, enum,
 * set}. {@code tinytext}, {@code mediumtext}, {@code longtext} and the blobs keep their own names. A type of the user's own has the
 * name that the statement gave, with its schema.
 *
 * @param name the type's name, folded
 * @param arguments what stood in brackets, for example {@code [10, 2]}; {@code -1} for {@code MAX}; empty where nothing did
 * @param values the values of an {@code enum} or {@code set}, without quotes; else empty
 * @param isUnsigned whether it is unsigned (MySQL, MariaDB)
 * @param dimensions how many dimensions an array has; 0 for what is none
 * @param collation the collation or character set, folded; empty where none was named
 */
public record ColumnType(
        String name,
        List<Integer> arguments,
        List<String> values,
        boolean isUnsigned,
        int dimensions,
        String collation) {

    /** Checks, and copies. */
    public ColumnType {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(collation, "collation");
        arguments = List.copyOf(arguments);
        values = List.copyOf(values);
    }

    /** Returns a plain type. */
    public static ColumnType of(String name, Integer... arguments) {
        return new ColumnType(name, List.of(arguments), List.of(), false, 0, "");
    }

    /** Returns the type with another collation. */
    public ColumnType collated(String other) {
        return new ColumnType(name, arguments, values, isUnsigned, dimensions, other);
    }

    /** Returns the type as a statement would write it, without its collation. */
    @Override
    public String toString() {
        String brackets = "";
        if (!values.isEmpty()) {
            brackets = values.stream()
                    .map(value -> "'" + value.replace("'", "''") + "'")
                    .collect(Collectors.joining(",", "(", ")"));
        } else if (!arguments.isEmpty()) {
            brackets = arguments.stream()
                    .map(argument -> argument == -1 ? "max" : argument.toString())
                    .collect(Collectors.joining(",", "(", ")"));
        }
        return name + brackets + (isUnsigned ? " unsigned" : "") + "[]".repeat(dimensions);
    }
}
