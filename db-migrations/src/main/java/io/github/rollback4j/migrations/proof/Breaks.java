package io.github.rollback4j.migrations.proof;

/** Whether the previous release's statements live with the migrated database. */
public enum Breaks {
    /** All that were tried do what they did. */
    NO,
    /** Some fail or do something else, but only with some parameters, or only after the new release has written. */
    CONDITIONAL,
    /** Some statement fails or does something else right after the migration, whatever its parameters. */
    YES,
    /** Nothing was proved. */
    UNKNOWN
}
