package io.github.rollback4j.migrations.statements;

import java.sql.JDBCType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Knows the types of parameters by their names. */
final class ParameterType {

    static final String UNKNOWN = JDBCType.OTHER.getName();

    /** Of two types that one parameter was set with, the later one is taken: it can hold the values of the earlier. */
    private static final List<JDBCType> WIDENING = List.of(
            JDBCType.NULL,
            JDBCType.OTHER,
            JDBCType.BIT,
            JDBCType.BOOLEAN,
            JDBCType.TINYINT,
            JDBCType.SMALLINT,
            JDBCType.INTEGER,
            JDBCType.BIGINT,
            JDBCType.REAL,
            JDBCType.FLOAT,
            JDBCType.DOUBLE,
            JDBCType.DECIMAL,
            JDBCType.NUMERIC,
            JDBCType.TIME,
            JDBCType.TIME_WITH_TIMEZONE,
            JDBCType.DATE,
            JDBCType.TIMESTAMP,
            JDBCType.TIMESTAMP_WITH_TIMEZONE,
            JDBCType.BINARY,
            JDBCType.VARBINARY,
            JDBCType.LONGVARBINARY,
            JDBCType.BLOB,
            JDBCType.ROWID,
            JDBCType.DATALINK,
            JDBCType.REF,
            JDBCType.REF_CURSOR,
            JDBCType.JAVA_OBJECT,
            JDBCType.DISTINCT,
            JDBCType.STRUCT,
            JDBCType.ARRAY,
            JDBCType.SQLXML,
            JDBCType.CHAR,
            JDBCType.NCHAR,
            JDBCType.VARCHAR,
            JDBCType.NVARCHAR,
            JDBCType.LONGVARCHAR,
            JDBCType.LONGNVARCHAR,
            JDBCType.CLOB,
            JDBCType.NCLOB);

    private ParameterType() {}

    /**
     * Reads a type's name, in letters of any size.
     *
     * @throws IllegalArgumentException if JDBC has no such type
     */
    static String named(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        for (JDBCType type : JDBCType.values()) {
            if (type.getName().equals(upper)) {
                return upper;
            }
        }
        throw new IllegalArgumentException("type '" + name + "' is not allowed: "
                + Arrays.stream(JDBCType.values()).map(JDBCType::getName).collect(Collectors.joining(", ")) + " are");
    }

    /** Returns the name of a type of {@link java.sql.Types}. */
    static String numbered(int type) {
        for (JDBCType known : JDBCType.values()) {
            if (known.getVendorTypeNumber() == type && known != JDBCType.NULL) {
                return known.getName();
            }
        }
        return UNKNOWN;
    }

    static String wider(String one, String other) {
        return rank(one) >= rank(other) ? one : other;
    }

    static boolean isNumeric(String type) {
        int rank = rank(type);
        return rank >= rank(JDBCType.TINYINT.getName()) && rank <= rank(JDBCType.NUMERIC.getName());
    }

    private static int rank(String type) {
        return WIDENING.indexOf(JDBCType.valueOf(type));
    }
}
