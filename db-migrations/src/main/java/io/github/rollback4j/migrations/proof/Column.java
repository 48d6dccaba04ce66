package io.github.rollback4j.migrations.proof;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of a scratch database.
 *
 * @param name the name, as the catalog has it
 * @param identity what stays the same when the column is renamed; empty where the database has no such thing
 * @param type the type as the catalog writes it, for example {@code numeric(8,2)}
 * @param kind what its values are
 * @param length the most characters or digits that it holds; 0 where there is no limit
 * @param scale the digits behind the point
 * @param isRequired whether it is {@code NOT NULL}
 * @param isKey whether it is of the primary key
 * @param isGenerated whether the database computes it, so that no value may be given
 * @param defaultValue the expression of its default; null where there is none
 * @param labels the labels of an enum, in order
 */
record Column(
        String name,
        String identity,
        String type,
        Kind kind,
        int length,
        int scale,
        boolean isRequired,
        boolean isKey,
        boolean isGenerated,
        @Nullable String defaultValue,
        List<String> labels) {

    /** What a column's values are. */
    enum Kind {
        SMALL_INTEGER,
        INTEGER,
        BIG_INTEGER,
        DECIMAL,
        FLOAT,
        BOOLEAN,
        TEXT,
        FIXED_TEXT,
        DATE,
        TIME,
        TIMESTAMP,
        UUID,
        JSON,
        BINARY,
        ENUM,
        OTHER
    }

    Column {
        labels = List.copyOf(labels);
    }

    boolean isNumber() {
        return kind == Kind.SMALL_INTEGER
                || kind == Kind.INTEGER
                || kind == Kind.BIG_INTEGER
                || kind == Kind.DECIMAL
                || kind == Kind.FLOAT;
    }

    /** Returns what a type's values are, by the name that the catalog has for it, without its length. */
    static Kind kindOf(String type) {
        String name =
                type.toLowerCase(java.util.Locale.ROOT).replaceAll("\\(.*", "").strip();
        return switch (name) {
            case "smallint", "tinyint", "int2" -> Kind.SMALL_INTEGER;
            case "integer", "int", "mediumint", "int4", "serial" -> Kind.INTEGER;
            case "bigint", "int8", "bigserial" -> Kind.BIG_INTEGER;
            case "numeric", "decimal" -> Kind.DECIMAL;
            case "real", "double precision", "double", "float", "float4", "float8", "decfloat" -> Kind.FLOAT;
            case "boolean", "bool", "bit" -> Kind.BOOLEAN;
            case "text",
                    "character varying",
                    "varchar",
                    "tinytext",
                    "mediumtext",
                    "longtext",
                    "citext",
                    "varchar_ignorecase",
                    "clob",
                    "character large object" -> Kind.TEXT;
            case "character", "char", "bpchar" -> Kind.FIXED_TEXT;
            case "date" -> Kind.DATE;
            case "time", "timetz", "time without time zone", "time with time zone" -> Kind.TIME;
            case "timestamp", "timestamptz", "timestamp without time zone", "timestamp with time zone", "datetime" ->
                Kind.TIMESTAMP;
            case "uuid" -> Kind.UUID;
            case "json", "jsonb" -> Kind.JSON;
            case "bytea", "blob", "longblob", "varbinary", "binary", "binary varying", "binary large object" ->
                Kind.BINARY;
            case "enum" -> Kind.ENUM;
            default -> Kind.OTHER;
        };
    }
}
