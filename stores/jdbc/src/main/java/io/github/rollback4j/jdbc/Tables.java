package io.github.rollback4j.jdbc;

import java.util.regex.Pattern;

/**
 * The names of the tables.
 *
 * @param prefix of all of them, a schema and a dot before it where they are not in the default one
 */
record Tables(String prefix) {

    private static final Pattern ALLOWED = Pattern.compile("([a-z_][a-z0-9_]{0,39}\\.)?[a-z_][a-z0-9_]{0,39}");

    Tables {
        if (!ALLOWED.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "table prefix '" + prefix + "' is not allowed: up to 40 lower-case letters a-z, "
                            + "digits and underscores are, not beginning with a digit, and before them, where the tables are in a schema of "
                            + "their own, its name and a dot, for example rollback4j_ or ops.rollback4j_");
        }
    }

    String store() {
        return prefix + "store";
    }

    String rollout() {
        return prefix + "rollout";
    }

    String event() {
        return prefix + "event";
    }

    String member() {
        return prefix + "member";
    }

    String page() {
        return prefix + "page";
    }

    /** Returns the channel on which PostgreSQL says that something was appended. */
    String channel() {
        return (prefix + "journal").replace('.', '_');
    }
}
