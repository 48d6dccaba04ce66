package io.github.rollback4j.migrations.statements;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.JDBCType;
import java.sql.SQLType;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A parameter as a release set it.
 *
 * @param type the type's name
 * @param text the value; null for null, and where it is not kept
 * @param isKept whether the value is kept: it is not where it is longer than {@value #LONGEST} signs, a stream, or of a class whose
 *     values have no text
 */
record ParameterValue(String type, @Nullable String text, boolean isKept) {

    static final int LONGEST = 1_000;

    private static final DateTimeFormatter LOCAL = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral(' ')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .toFormatter();

    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xxx");

    private static final Map<String, JDBCType> BY_METHOD = Map.ofEntries(
            Map.entry("setString", JDBCType.VARCHAR),
            Map.entry("setNString", JDBCType.NVARCHAR),
            Map.entry("setBoolean", JDBCType.BOOLEAN),
            Map.entry("setByte", JDBCType.TINYINT),
            Map.entry("setShort", JDBCType.SMALLINT),
            Map.entry("setInt", JDBCType.INTEGER),
            Map.entry("setLong", JDBCType.BIGINT),
            Map.entry("setFloat", JDBCType.REAL),
            Map.entry("setDouble", JDBCType.DOUBLE),
            Map.entry("setBigDecimal", JDBCType.NUMERIC),
            Map.entry("setDate", JDBCType.DATE),
            Map.entry("setTime", JDBCType.TIME),
            Map.entry("setTimestamp", JDBCType.TIMESTAMP),
            Map.entry("setBytes", JDBCType.VARBINARY),
            Map.entry("setBinaryStream", JDBCType.LONGVARBINARY),
            Map.entry("setAsciiStream", JDBCType.LONGVARCHAR),
            Map.entry("setUnicodeStream", JDBCType.LONGVARCHAR),
            Map.entry("setCharacterStream", JDBCType.LONGVARCHAR),
            Map.entry("setNCharacterStream", JDBCType.LONGNVARCHAR),
            Map.entry("setBlob", JDBCType.BLOB),
            Map.entry("setClob", JDBCType.CLOB),
            Map.entry("setNClob", JDBCType.NCLOB),
            Map.entry("setArray", JDBCType.ARRAY),
            Map.entry("setRef", JDBCType.REF),
            Map.entry("setRowId", JDBCType.ROWID),
            Map.entry("setSQLXML", JDBCType.SQLXML),
            Map.entry("setURL", JDBCType.DATALINK));

    /**
     * Reads a call that set a parameter.
     *
     * @param method the method's name
     * @param arguments its arguments: the parameter, the value, and what else the method has
     */
    static ParameterValue of(String method, @Nullable Object[] arguments) {
        Object value = arguments.length > 1 ? arguments[1] : null;
        switch (method) {
            case "setNull", "registerOutParameter" -> {
                return new ParameterValue(type(value), null, true);
            }
            case "setObject" -> {
                return of(arguments.length > 2 ? type(arguments[2]) : typeOf(value), value);
            }
            default -> {
                JDBCType type = BY_METHOD.get(method);
                return of(type == null ? ParameterType.UNKNOWN : type.getName(), value);
            }
        }
    }

    /** Makes a parameter whose value is unknown. */
    static ParameterValue unknown() {
        return new ParameterValue(ParameterType.UNKNOWN, null, false);
    }

    private static ParameterValue of(String type, @Nullable Object value) {
        String text = value == null ? null : text(value);
        boolean isKept = value == null || (text != null && text.length() <= LONGEST);
        return new ParameterValue(type, isKept ? text : null, isKept);
    }

    private static String type(@Nullable Object type) {
        if (type instanceof Integer number) {
            return ParameterType.numbered(number);
        }
        if (type instanceof SQLType sqlType && sqlType.getVendorTypeNumber() != null) {
            return ParameterType.numbered(sqlType.getVendorTypeNumber());
        }
        return ParameterType.UNKNOWN;
    }

    private static String typeOf(@Nullable Object value) {
        JDBCType type = JDBCType.OTHER;
        if (value instanceof CharSequence || value instanceof Character) {
            type = JDBCType.VARCHAR;
        } else if (value instanceof Integer) {
            type = JDBCType.INTEGER;
        } else if (value instanceof Long) {
            type = JDBCType.BIGINT;
        } else if (value instanceof Short) {
            type = JDBCType.SMALLINT;
        } else if (value instanceof Byte) {
            type = JDBCType.TINYINT;
        } else if (value instanceof Boolean) {
            type = JDBCType.BOOLEAN;
        } else if (value instanceof BigDecimal || value instanceof BigInteger) {
            type = JDBCType.NUMERIC;
        } else if (value instanceof Double) {
            type = JDBCType.DOUBLE;
        } else if (value instanceof Float) {
            type = JDBCType.REAL;
        } else if (value instanceof java.sql.Date || value instanceof LocalDate) {
            type = JDBCType.DATE;
        } else if (value instanceof java.sql.Time || value instanceof LocalTime) {
            type = JDBCType.TIME;
        } else if (value instanceof java.util.Date || value instanceof LocalDateTime) {
            type = JDBCType.TIMESTAMP;
        } else if (value instanceof OffsetDateTime || value instanceof ZonedDateTime || value instanceof Instant) {
            type = JDBCType.TIMESTAMP_WITH_TIMEZONE;
        } else if (value instanceof OffsetTime) {
            type = JDBCType.TIME_WITH_TIMEZONE;
        } else if (value instanceof byte[]) {
            type = JDBCType.VARBINARY;
        } else if (value instanceof java.sql.Blob) {
            type = JDBCType.BLOB;
        } else if (value instanceof java.sql.Clob) {
            type = JDBCType.CLOB;
        } else if (value instanceof java.sql.Array
                || (value != null && value.getClass().isArray())) {
            type = JDBCType.ARRAY;
        }
        return type.getName();
    }

    /** Returns a value as SQL reads it; null where it has no text. */
    private static @Nullable String text(Object value) {
        if (value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof UUID
                || value instanceof LocalDate
                || value instanceof java.sql.Date
                || value instanceof java.net.URL) {
            return value.toString();
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (value instanceof byte[] bytes) {
            return bytes.length > LONGEST / 2 ? null : HexFormat.of().formatHex(bytes);
        }
        if (value instanceof java.sql.Time time) {
            return time.toString();
        }
        if (value instanceof java.sql.Timestamp timestamp) {
            return LOCAL.format(timestamp.toLocalDateTime());
        }
        if (value instanceof java.util.Date date) {
            return LOCAL.format(java.sql.Timestamp.from(date.toInstant()).toLocalDateTime());
        }
        if (value instanceof LocalTime time) {
            return DateTimeFormatter.ISO_LOCAL_TIME.format(time);
        }
        if (value instanceof LocalDateTime dateTime) {
            return LOCAL.format(dateTime);
        }
        if (value instanceof OffsetTime time) {
            return DateTimeFormatter.ISO_LOCAL_TIME.format(time) + OFFSET.format(time.getOffset());
        }
        if (value instanceof Instant instant) {
            return text(instant.atOffset(ZoneOffset.UTC));
        }
        if (value instanceof ZonedDateTime dateTime) {
            return text(dateTime.toOffsetDateTime());
        }
        if (value instanceof OffsetDateTime dateTime) {
            return LOCAL.format(dateTime) + OFFSET.format(dateTime);
        }
        // PostgreSQL's own values (json, ranges, arrays) are text to its driver.
        return value.getClass().getName().startsWith("org.postgresql.") ? value.toString() : null;
    }
}
