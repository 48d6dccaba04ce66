package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Types of MySQL and MariaDB. A display width means nothing and is dropped, with one exception: drivers read {@code tinyint(1)} as
 * a boolean, so that {@code boolean} is {@code tinyint(1)} here, as it is for the server.
 */
final class MySqlTypes {

    private MySqlTypes() {}

    /** Reads the rule {@code dataType}; null where it was not understood. */
    static @Nullable ColumnType of(SyntaxTree dataType) {
        List<String> words = new ArrayList<>();
        for (SyntaxTree part : dataType.parts()) {
            if (part.isToken()) {
                words.add(part.rule());
            }
        }
        if (words.isEmpty()) {
            return null;
        }
        boolean isUnsigned = words.contains("UNSIGNED") || words.contains("ZEROFILL");
        List<Integer> numbers = numbers(dataType);
        String first = words.get(0);
        return switch (first) {
            case "TINYINT", "INT1" -> type("tinyint", numbers.equals(List.of(1)) ? numbers : List.of(), isUnsigned);
            case "BOOL", "BOOLEAN" -> ColumnType.of("tinyint", 1);
            case "SMALLINT", "INT2" -> type("smallint", List.of(), isUnsigned);
            case "MEDIUMINT", "MIDDLEINT", "INT3" -> type("mediumint", List.of(), isUnsigned);
            case "INT", "INTEGER", "INT4" -> type("integer", List.of(), isUnsigned);
            case "BIGINT", "INT8" -> type("bigint", List.of(), isUnsigned);
            case "SERIAL" -> type("bigint", List.of(), true);
            case "DOUBLE", "REAL", "FLOAT8" -> type("double", numbers, isUnsigned);
            case "FLOAT4" -> type("real", numbers, isUnsigned);
            case "FLOAT" -> floating(numbers, isUnsigned);
            case "DECIMAL", "DEC", "FIXED", "NUMERIC" -> type("numeric", decimals(numbers), isUnsigned);
            case "BIT" -> ColumnType.of("bit", numbers.isEmpty() ? 1 : numbers.get(0));
            case "BINARY" -> ColumnType.of("binary", numbers.isEmpty() ? 1 : numbers.get(0));
            case "DATE", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "YEAR", "JSON", "UUID" -> ColumnType.of(lower(first));
            case "TIME", "TIMESTAMP", "DATETIME" ->
                type(lower(first), numbers.equals(List.of(0)) ? List.of() : numbers, false);
            case "VARBINARY", "VECTOR" -> type(lower(first), numbers, false);
            case "BLOB" -> ofLength("blob", numbers);
            case "LONG" ->
                words.contains("VARBINARY") ? ColumnType.of("mediumblob") : text("mediumtext", List.of(), dataType);
            case "ENUM", "SET" -> listed(lower(first), dataType);
            case "TINYTEXT", "MEDIUMTEXT", "LONGTEXT" -> text(lower(first), List.of(), dataType);
            case "TEXT" -> text(ofLength("text", numbers).name(), List.of(), dataType);
            case "CHAR", "CHARACTER" -> character(words.contains("VARYING"), numbers, dataType);
            case "VARCHAR" -> character(true, numbers, dataType);
            case "NCHAR" -> national(words.contains("VARCHAR") || words.contains("VARYING"), numbers);
            case "NVARCHAR" -> national(true, numbers);
            case "NATIONAL" -> national(words.contains("VARCHAR") || words.contains("VARYING"), numbers);
            default -> dataType.form().equals("spatialDataType") ? ColumnType.of(lower(first)) : null;
        };
    }

    private static ColumnType type(String name, List<Integer> arguments, boolean isUnsigned) {
        return new ColumnType(name, arguments, List.of(), isUnsigned, 0, "");
    }

    /** A precision of more than 24 bits makes it double. */
    private static ColumnType floating(List<Integer> numbers, boolean isUnsigned) {
        if (numbers.size() == 1) {
            return type(numbers.get(0) > 24 ? "double" : "real", List.of(), isUnsigned);
        }
        return type("real", numbers, isUnsigned);
    }

    private static List<Integer> decimals(List<Integer> numbers) {
        return List.of(numbers.isEmpty() ? 10 : numbers.get(0), numbers.size() < 2 ? 0 : numbers.get(1));
    }

    /** A length makes it the smallest of the four types that holds so many. */
    private static ColumnType ofLength(String name, List<Integer> numbers) {
        if (numbers.isEmpty() || numbers.get(0) == 0) {
            return ColumnType.of(name);
        }
        int bytes = name.equals("text") ? 4 : 1;
        long length = (long) numbers.get(0) * bytes;
        if (length <= 255) {
            return ColumnType.of("tiny" + name);
        }
        return ColumnType.of(length <= 65_535 ? name : length <= 16_777_215 ? "medium" + name : "long" + name);
    }

    private static ColumnType character(boolean isVarying, List<Integer> numbers, SyntaxTree dataType) {
        return isVarying
                ? text("varchar", numbers, dataType)
                : text("char", numbers.isEmpty() ? List.of(1) : numbers, dataType);
    }

    private static ColumnType national(boolean isVarying, List<Integer> numbers) {
        return type(isVarying ? "varchar" : "char", numbers.isEmpty() && !isVarying ? List.of(1) : numbers, false)
                .collated("utf8mb3");
    }

    private static ColumnType text(String name, List<Integer> numbers, SyntaxTree dataType) {
        return type(name, numbers, false).collated(collation(dataType));
    }

    private static ColumnType listed(String name, SyntaxTree dataType) {
        List<String> values = dataType.one("collectionOptions").all("collectionOption").stream()
                .map(option -> unescaped(option.text()))
                .toList();
        return new ColumnType(name, List.of(), values, false, 0, collation(dataType));
    }

    private static String collation(SyntaxTree dataType) {
        SyntaxTree collation = dataType.first("collationName");
        if (collation != null) {
            return lower(unquoted(collation.text()));
        }
        SyntaxTree charset = dataType.first("charsetName");
        String named = charset == null ? "" : lower(unquoted(charset.text()));
        if (!dataType.has("BINARY")) {
            return named;
        }
        return named.isEmpty() ? "bin" : named + "_bin";
    }

    private static List<Integer> numbers(SyntaxTree dataType) {
        List<Integer> numbers = new ArrayList<>();
        for (SyntaxTree part : dataType.parts()) {
            if (part.rule().startsWith("length")) {
                for (SyntaxTree number : part.all("decimalLiteral")) {
                    numbers.add(Numbers.bounded(number.text()));
                }
            }
        }
        return numbers;
    }

    /** Returns a name or a text without its quotes. */
    static String unquoted(String written) {
        if (written.length() < 2) {
            return written;
        }
        char quote = written.charAt(0);
        if ((quote != '`' && quote != '"' && quote != '\'') || written.charAt(written.length() - 1) != quote) {
            return written;
        }
        String inside = written.substring(1, written.length() - 1);
        return inside.replace(String.valueOf(quote) + quote, String.valueOf(quote));
    }

    /** A backslash stands before what would end a text. */
    private static String unescaped(String written) {
        return unquoted(written).replaceAll("(?s)\\\\(.)", "$1");
    }

    private static String lower(String word) {
        return word.toLowerCase(Locale.ROOT);
    }
}
