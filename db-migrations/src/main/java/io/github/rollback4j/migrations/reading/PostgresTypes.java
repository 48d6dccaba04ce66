package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.PostgresTokens.Kind;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads the types of PostgreSQL. */
final class PostgresTypes {

    private static final Map<String, String> SYNONYMS = Map.ofEntries(
            Map.entry("int", "integer"),
            Map.entry("int4", "integer"),
            Map.entry("int2", "smallint"),
            Map.entry("int8", "bigint"),
            Map.entry("float4", "real"),
            Map.entry("float8", "double"),
            Map.entry("decimal", "numeric"),
            Map.entry("dec", "numeric"),
            Map.entry("bool", "boolean"),
            Map.entry("character", "char"),
            Map.entry("nchar", "char"));

    /** The serial types, which are integers that a sequence of their own fills. */
    private static final Map<String, String> SERIALS = Map.of(
            "smallserial", "smallint",
            "serial2", "smallint",
            "serial", "integer",
            "serial4", "integer",
            "bigserial", "bigint",
            "serial8", "bigint");

    private static final Set<String> INTERVAL_FIELDS = Set.of("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO");

    private PostgresTypes() {}

    /** Returns whether the type is one of the serial ones. */
    static boolean isSerial(ColumnType type) {
        return SERIALS.containsKey(type.name());
    }

    /** Returns the integer behind a serial type, and every other type as it is. */
    static ColumnType stored(ColumnType type) {
        String integer = SERIALS.get(type.name());
        return integer == null ? type : ColumnType.of(integer);
    }

    /** Takes a type, without its collation. */
    static ColumnType type(PostgresTokens tokens) throws SyntaxException {
        boolean isQuoted = tokens.token().kind() == Kind.QUOTED;
        String name;
        List<Integer> arguments = new ArrayList<>();
        if (isQuoted || tokens.token(1).word().equals(".")) {
            ObjectName qualified = tokens.qualifiedName();
            boolean isBuiltIn = qualified.schema().equals("pg_catalog");
            // The type "char" in quotes is one of a single byte, and not the one without quotes.
            boolean isByte = qualified.name().equals("char") && !isBuiltIn;
            name = isBuiltIn ? canonical(qualified.name()) : isByte ? "\"char\"" : qualified.toString();
            if (tokens.at("%", "TYPE")) {
                tokens.take("%", "TYPE");
                name += "%type";
            }
            name += arguments(tokens, arguments);
        } else {
            name = plain(tokens, arguments);
        }
        return new ColumnType(name, arguments, List.of(), false, dimensions(tokens), "");
    }

    private static String plain(PostgresTokens tokens, List<Integer> arguments) throws SyntaxException {
        if (tokens.take("DOUBLE", "PRECISION")) {
            return "double";
        }
        boolean isNational = tokens.at("NATIONAL", "CHARACTER") || tokens.at("NATIONAL", "CHAR");
        if (isNational) {
            tokens.take("NATIONAL");
        }
        if (tokens.take("CHARACTER", "VARYING") || tokens.take("CHAR", "VARYING") || tokens.take("NCHAR", "VARYING")) {
            return "varchar" + arguments(tokens, arguments);
        }
        if (tokens.take("BIT", "VARYING")) {
            return "varbit" + arguments(tokens, arguments);
        }
        if (tokens.at("TIMESTAMP") || tokens.at("TIME")) {
            String name = tokens.name() + arguments(tokens, arguments);
            if (tokens.take("WITH", "TIME", "ZONE")) {
                return name + "tz";
            }
            tokens.take("WITHOUT", "TIME", "ZONE");
            return name;
        }
        if (tokens.take("INTERVAL")) {
            StringBuilder name = new StringBuilder("interval");
            while (tokens.atAny(INTERVAL_FIELDS)) {
                name.append(' ').append(tokens.name());
            }
            return name + arguments(tokens, arguments);
        }
        boolean isBlankPadded = tokens.at("CHAR") || tokens.at("CHARACTER") || tokens.at("NCHAR");
        String written = tokens.name();
        if (tokens.take("%", "TYPE") || tokens.take("%", "ROWTYPE")) {
            return written + "%type";
        }
        String name = canonical(written) + arguments(tokens, arguments);
        if (written.equals("float") && arguments.size() == 1) {
            boolean isReal = arguments.get(0) <= 24;
            arguments.clear();
            return isReal ? "real" : "double";
        }
        if (isBlankPadded && arguments.isEmpty()) {
            arguments.add(1);
        }
        if (name.equals("numeric") && arguments.size() == 2 && arguments.get(1) == 0) {
            arguments.subList(1, 2).clear();
        }
        return name;
    }

    private static String canonical(String name) {
        return switch (name) {
            case "float" -> "double";
            case "bpchar" -> "char";
            default -> SYNONYMS.getOrDefault(name, name);
        };
    }

    /** Takes what stands in brackets behind a type; returns it folded where it is not made of whole numbers. */
    private static String arguments(PostgresTokens tokens, List<Integer> arguments) throws SyntaxException {
        if (!tokens.at("(")) {
            return "";
        }
        PostgresTokens inside = tokens.brackets();
        String written = inside.written();
        do {
            boolean isNegative = inside.take("-");
            String digits = inside.token().value();
            boolean isNumber = inside.token().kind() == Kind.NUMBER && digits.matches("\\d{1,9}");
            if (!isNumber) {
                arguments.clear();
                return "(" + written.toLowerCase(Locale.ROOT).replaceAll("\\s+", "") + ")";
            }
            inside.next();
            arguments.add(isNegative ? -Integer.parseInt(digits) : Integer.parseInt(digits));
        } while (inside.take(","));
        inside.expectEnd();
        return "";
    }

    private static int dimensions(PostgresTokens tokens) throws SyntaxException {
        int dimensions = 0;
        if (tokens.take("ARRAY")) {
            dimensions = 1;
            if (tokens.at("[")) {
                tokens.brackets();
            }
        }
        while (tokens.at("[")) {
            tokens.brackets();
            dimensions++;
        }
        return dimensions;
    }
}
