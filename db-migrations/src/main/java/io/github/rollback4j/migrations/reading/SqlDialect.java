package io.github.rollback4j.migrations.reading;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The dialects of SQL that are read. */
public enum SqlDialect {
    /** PostgreSQL, judged as release 18. */
    POSTGRESQL,
    /** MySQL, judged as release 8. */
    MYSQL,
    /** MariaDB, judged as release 11.4. */
    MARIADB,
    /** H2, judged as release 2. */
    H2,
    /** Oracle, judged as release 23. */
    ORACLE,
    /** SQL Server, judged as release 2022. */
    SQLSERVER;

    /** Returns the dialect's name in options and reports, for example {@code postgresql}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Finds a dialect by its name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static SqlDialect named(String name) {
        for (SqlDialect dialect : values()) {
            if (dialect.toString().equals(name.toLowerCase(Locale.ROOT))) {
                return dialect;
            }
        }
        throw new IllegalArgumentException("dialect '" + name + "' is not known: "
                + Arrays.stream(values()).map(SqlDialect::toString).collect(Collectors.joining(", ")) + " are");
    }
}
