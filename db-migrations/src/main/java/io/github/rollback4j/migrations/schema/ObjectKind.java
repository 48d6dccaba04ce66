package io.github.rollback4j.migrations.schema;

/** The kinds of objects that can be dropped, renamed or moved. */
public enum ObjectKind {
    /** A table. */
    TABLE,
    /** A view. */
    VIEW,
    /** A materialised view. */
    MATERIALIZED_VIEW,
    /** An index. */
    INDEX,
    /** A sequence. */
    SEQUENCE,
    /** An enum, composite or range type. */
    TYPE,
    /** A domain. */
    DOMAIN,
    /** A function, procedure or aggregate. */
    ROUTINE,
    /** A trigger, on a table. */
    TRIGGER,
    /** A policy of row-level security, on a table. */
    POLICY,
    /** A schema, or a database on MySQL and MariaDB. */
    SCHEMA,
    /** A whole database, where schemas are inside of it. */
    DATABASE,
    /** An extension (PostgreSQL). */
    EXTENSION,
    /** A rewrite rule (PostgreSQL), a synonym, an operator, a collation and the like. */
    OTHER;

    /** Returns the kind for people, for example {@code materialized view}. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
