package io.github.rollback4j.migrations.verdict;

/** Whether the previous release can come back. */
public enum Verdict {
    /** The previous release lives with the migrated database: roll the code back freely. */
    COMPATIBLE,
    /** The previous release breaks, but the declared undo was proved: schema and data come back. */
    UNDO_NEEDED,
    /** The previous release breaks, and there is no proved undo. */
    BLOCKED,
    /** Something was not understood, and nothing proved that it is harmless. */
    UNKNOWN
}
