package io.github.rollback4j.migrations.reading;

import java.util.Locale;

/** How a dialect compares names. */
enum Folding {
    /** Small letters, unless quoted (PostgreSQL). */
    LOWER,
    /** Capital letters, unless quoted (H2, Oracle). */
    UPPER,
    /** Without regard to case, quoted or not (SQL Server, as it is installed). */
    IGNORED,
    /** Columns without regard to case, tables as written (MySQL, MariaDB). */
    KEPT;

    static Folding of(SqlDialect dialect) {
        return switch (dialect) {
            case POSTGRESQL -> LOWER;
            case H2, ORACLE -> UPPER;
            case SQLSERVER -> IGNORED;
            case MYSQL, MARIADB -> KEPT;
        };
    }

    /** Folds a name as written, with its quotes. */
    String name(String written) {
        String bare = bare(written);
        boolean isQuoted = !bare.equals(written);
        return switch (this) {
            case LOWER -> isQuoted ? bare : bare.toLowerCase(Locale.ROOT);
            case UPPER -> isQuoted ? bare : bare.toUpperCase(Locale.ROOT);
            case IGNORED, KEPT -> bare.toLowerCase(Locale.ROOT);
        };
    }

    /** Folds the name of a table, a view or a schema. */
    String object(String written) {
        return this == KEPT ? bare(written) : name(written);
    }

    private static String bare(String written) {
        if (written.length() > 2 && written.startsWith("[") && written.endsWith("]")) {
            return written.substring(1, written.length() - 1).replace("]]", "]");
        }
        return written.startsWith("'") ? written : MySqlTypes.unquoted(written);
    }
}
