package io.github.rollback4j.migrations.judgement;

/**
 * Whether statements of the previous release break on the migrated database: fail, or store or return something else. Judged by the
 * worst that the release may contain; proved by what it was seen with.
 */
public enum Breaks {
    /** None does. */
    NO,
    /** Some do, but only with some parameters, or only after the new release has written. */
    CONDITIONAL,
    /** Some do right after the migration, whatever their parameters. */
    YES,
    /** Nothing was proved; never judged. */
    UNKNOWN
}
