package io.github.rollback4j.migrations.proof;

import java.math.BigDecimal;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values for a statement's parameters, as text, and how they are handed over.
 *
 * @param values the values
 * @param isRecorded whether the release was seen with them
 */
record Parameters(Row values, boolean isRecorded) {

    /** Hands the values over as the release does; or without a type, so that the database finds one. */
    void bind(Engine engine, PreparedStatement statement, List<JDBCType> types, boolean isTyped) throws SQLException {
        for (int i = 0; i < values.values().size(); i++) {
            JDBCType type = isTyped && i < types.size() ? types.get(i) : JDBCType.OTHER;
            String value = values.at(i);
            if (value == null) {
                statement.setNull(i + 1, isUnknown(type) ? Types.NULL : type.getVendorTypeNumber());
            } else {
                bind(engine, statement, i + 1, type, value);
            }
        }
    }

    private static boolean isUnknown(JDBCType type) {
        return switch (type) {
            case OTHER, NULL, JAVA_OBJECT, ARRAY, STRUCT, DISTINCT, REF, SQLXML, ROWID, DATALINK, REF_CURSOR -> true;
            default -> false;
        };
    }

    private static void bind(Engine engine, PreparedStatement statement, int place, JDBCType type, String value)
            throws SQLException {
        try {
            switch (type) {
                case TINYINT, SMALLINT -> statement.setShort(place, Short.parseShort(value));
                case INTEGER -> statement.setInt(place, Integer.parseInt(value));
                case BIGINT -> statement.setLong(place, Long.parseLong(value));
                case DECIMAL, NUMERIC -> statement.setBigDecimal(place, new BigDecimal(value));
                case REAL -> statement.setFloat(place, Float.parseFloat(value));
                case FLOAT, DOUBLE -> statement.setDouble(place, Double.parseDouble(value));
                case BIT, BOOLEAN -> statement.setBoolean(place, value.matches("(?i)t|true|1|y|yes|on"));
                case DATE -> statement.setObject(place, LocalDate.parse(value));
                case TIME -> statement.setObject(place, LocalTime.parse(value));
                case TIMESTAMP -> statement.setObject(place, LocalDateTime.parse(value.replace(' ', 'T')));
                case TIMESTAMP_WITH_TIMEZONE ->
                    statement.setObject(place, OffsetDateTime.parse(value.replace(' ', 'T')));
                case BINARY, VARBINARY, LONGVARBINARY, BLOB ->
                    statement.setBytes(place, HexFormat.of().parseHex(value.replaceFirst("^(\\\\x|0x)", "")));
                case CHAR, VARCHAR, LONGVARCHAR, NCHAR, NVARCHAR, LONGNVARCHAR, CLOB, NCLOB ->
                    statement.setString(place, value);
                default -> engine.bindUntyped(statement, place, value);
            }
        } catch (DateTimeException | IllegalArgumentException notOfThatForm) {
            engine.bindUntyped(statement, place, value);
        }
    }

    /** Returns the types that a recorded statement names, by the names of {@link JDBCType}; what is none is {@code OTHER}. */
    static List<JDBCType> types(List<String> names) {
        return names.stream().map(Parameters::type).toList();
    }

    private static JDBCType type(String name) {
        try {
            return JDBCType.valueOf(name);
        } catch (IllegalArgumentException unknown) {
            return JDBCType.OTHER;
        }
    }

    List<@Nullable String> asList() {
        return values.values();
    }
}
