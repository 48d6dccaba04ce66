package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Types of H2 and SQL Server, read from words. */
final class WordTypes {

    private final Words words;
    private final boolean isSqlServer;

    WordTypes(Words words, SqlDialect dialect) {
        this.words = words;
        this.isSqlServer = dialect == SqlDialect.SQLSERVER;
    }

    /** Takes a type. */
    ColumnType type() {
        String name = name();
        List<Integer> numbers = new ArrayList<>();
        List<String> values = new ArrayList<>();
        if (words.take("(")) {
            do {
                Words.Word word = words.next();
                if (word.kind() == Words.Kind.TEXT) {
                    values.add(MySqlTypes.unquoted(word.text()));
                } else if (word.is("MAX")) {
                    numbers.add(-1);
                } else if (word.kind() == Words.Kind.NUMBER) {
                    numbers.add(Numbers.bounded(word.text()));
                    words.takeOneOf("CHAR", "CHARACTERS", "BYTE", "OCTETS");
                } else {
                    throw words.unexpected();
                }
            } while (words.take(","));
            words.expect(")");
        }
        if (name.equals("time") || name.equals("timestamp")) {
            if (words.take("WITH", "TIME", "ZONE")) {
                name += "tz";
            } else if (!words.take("WITHOUT", "TIME", "ZONE")) {
                words.take("WITH", "LOCAL", "TIME", "ZONE");
            }
        }
        ColumnType type = isSqlServer ? sqlServer(name, numbers) : h2(name, numbers, values);
        if (!isSqlServer && words.take("ARRAY")) {
            if (words.take("[")) {
                words.next();
                words.expect("]");
            }
            return new ColumnType(type.name(), type.arguments(), type.values(), false, 1, "");
        }
        return type;
    }

    /** Takes the words of a type's name. */
    private String name() {
        if (words.take("DOUBLE", "PRECISION")) {
            return "double";
        }
        if (words.take("BINARY", "LARGE", "OBJECT")) {
            return "blob";
        }
        if (words.take("CHARACTER", "LARGE", "OBJECT") || words.take("NATIONAL", "CHARACTER", "LARGE", "OBJECT")) {
            return "clob";
        }
        if (words.take("BINARY", "VARYING")) {
            return "varbinary";
        }
        if (words.take("NATIONAL")) {
            words.next();
            return words.take("VARYING") ? "nvarchar" : "nchar";
        }
        if (words.isNext("CHARACTER", "VARYING") || words.isNext("CHAR", "VARYING")) {
            words.next();
            words.next();
            return "varchar";
        }
        if (words.take("INTERVAL")) {
            String from = words.name();
            String to = words.take("TO") ? " to " + words.name() : "";
            return ("interval " + from + to).toLowerCase(Locale.ROOT);
        }
        List<String> dotted = words.dotted();
        String last = dotted.get(dotted.size() - 1);
        return MySqlTypes.unquoted(last.replaceAll("^\\[|]$", "")).toLowerCase(Locale.ROOT);
    }

    private static ColumnType h2(String name, List<Integer> numbers, List<String> values) {
        return switch (name) {
            case "int", "integer", "int4", "mediumint", "signed", "serial" -> ColumnType.of("integer");
            case "smallint", "int2", "year" -> ColumnType.of("smallint");
            case "bigint", "int8", "identity", "bigserial" -> ColumnType.of("bigint");
            case "boolean", "bool", "bit" -> ColumnType.of("boolean");
            case "numeric", "decimal", "dec", "number" -> of("numeric", scaled(numbers));
            case "double", "float8" -> ColumnType.of("double");
            case "float" -> ColumnType.of(!numbers.isEmpty() && numbers.get(0) <= 24 ? "real" : "double");
            case "real", "float4" -> ColumnType.of("real");
            case "char", "character", "nchar", "bpchar" -> of("char", numbers.isEmpty() ? List.of(1) : numbers);
            case "varchar", "varchar2", "nvarchar", "nvarchar2", "longvarchar", "varchar_casesensitive" ->
                of("varchar", numbers);
            case "clob", "text", "tinytext", "mediumtext", "longtext", "ntext", "nclob" -> of("text", numbers);
            case "binary" -> of("binary", numbers.isEmpty() ? List.of(1) : numbers);
            case "varbinary", "raw", "bytea", "longvarbinary" -> of("varbinary", numbers);
            case "blob", "tinyblob", "mediumblob", "longblob", "image", "oid" -> of("blob", numbers);
            case "datetime", "datetime2", "smalldatetime", "timestamp" -> of("timestamp", fraction(numbers, 6));
            case "timestamptz" -> of("timestamptz", fraction(numbers, 6));
            case "time", "timetz" -> of(name, fraction(numbers, 0));
            case "enum" -> new ColumnType("enum", List.of(), values, false, 0, "");
            default -> of(name, numbers);
        };
    }

    private static ColumnType sqlServer(String name, List<Integer> numbers) {
        return switch (name) {
            case "int", "integer" -> ColumnType.of("integer");
            // From 0 to 255.
            case "tinyint" -> new ColumnType("tinyint", List.of(), List.of(), true, 0, "");
            case "bit" -> ColumnType.of("boolean");
            case "numeric", "decimal", "dec" -> of("numeric", numbers.isEmpty() ? List.of(18, 0) : scaled(numbers));
            case "float" -> ColumnType.of(!numbers.isEmpty() && numbers.get(0) <= 24 ? "real" : "double");
            case "double" -> ColumnType.of("double");
            case "char", "character" -> of("char", one(numbers));
            case "nchar" -> of("char", one(numbers)).collated("national");
            case "varchar" -> of("varchar", one(numbers));
            case "nvarchar" -> of("varchar", one(numbers)).collated("national");
            case "sysname" -> ColumnType.of("varchar", 128).collated("national");
            case "ntext" -> ColumnType.of("text").collated("national");
            case "binary", "varbinary" -> of(name, one(numbers));
            case "datetime2" -> of("timestamp", fraction(numbers, 7));
            case "datetimeoffset" -> of("timestamptz", fraction(numbers, 7));
            case "time" -> of("time", fraction(numbers, 7));
            case "timestamp", "rowversion" -> ColumnType.of("rowversion");
            case "uniqueidentifier" -> ColumnType.of("uuid");
            default -> of(name, numbers);
        };
    }

    private static List<Integer> one(List<Integer> numbers) {
        return numbers.isEmpty() ? List.of(1) : numbers;
    }

    private static List<Integer> scaled(List<Integer> numbers) {
        return numbers.size() == 1 ? List.of(numbers.get(0), 0) : numbers;
    }

    private static List<Integer> fraction(List<Integer> numbers, int usual) {
        return numbers.equals(List.of(usual)) ? List.of() : numbers;
    }

    private static ColumnType of(String name, List<Integer> numbers) {
        return ColumnType.of(name, numbers.toArray(Integer[]::new));
    }
}
