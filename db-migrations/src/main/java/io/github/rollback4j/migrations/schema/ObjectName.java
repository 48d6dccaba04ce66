package io.github.rollback4j.migrations.schema;

import java.util.Objects;

/**
 * Names an object of a database, as the database itself would compare it: the reader of a dialect has folded the letters and
 * taken the quotes away.
 *
 * @param schema the schema, or the database on MySQL and MariaDB; empty where the statement named none
 * @param name the object's own name
 */
public record ObjectName(String schema, String name) {

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if the name is empty
     */
    public ObjectName {
        Objects.requireNonNull(schema, "schema");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a name without letters is not allowed");
        }
    }

    /** Returns a name without a schema. */
    public static ObjectName of(String name) {
        return new ObjectName("", name);
    }

    /** Returns the same name in another schema. */
    public ObjectName in(String other) {
        return new ObjectName(other, name);
    }

    /** Returns another name in the same schema. */
    public ObjectName named(String other) {
        return new ObjectName(schema, other);
    }

    /** Returns the name for people, for example {@code fleet.trip}. */
    @Override
    public String toString() {
        return schema.isEmpty() ? name : schema + "." + name;
    }
}
