package io.github.rollback4j.migrations.judgement;

/** What can be wrong with a migration. The names are the ids in reports and suppressions. */
public enum Rule {
    // What the previous release uses is gone.
    DROP_TABLE("a table that the previous release uses is gone"),
    DROP_COLUMN("a column that the previous release uses is gone"),
    RENAME_TABLE("a table has another name"),
    RENAME_COLUMN("a column has another name"),
    RENAME_SCHEMA("a schema has another name"),
    MOVE_SCHEMA("an object is in another schema"),
    RENAME_TYPE("a type has another name"),
    DROP_TYPE("a type is gone"),
    DROP_VIEW("a view is gone"),
    REPLACE_VIEW("a view shows something else"),
    DROP_FUNCTION("a routine is gone"),
    CHANGE_SIGNATURE("a routine cannot be called as before"),
    REPLACE_FUNCTION("a routine does something else"),
    DROP_SEQUENCE("a sequence is gone or has another name"),
    CHANGE_SEQUENCE("a sequence counts otherwise"),
    DROP_SCHEMA("a schema or database is gone"),
    DROP_CASCADE("what depends on a dropped object goes with it"),
    RECREATE_TABLE("a table is dropped and created anew"),
    DETACH_PARTITION("a part of a table is no longer in it"),
    DROP_PARTITION("a part of a table is gone, with its rows"),

    // What the previous release writes is refused, or becomes something else.
    ADD_REQUIRED_COLUMN("a new column needs a value that the previous release does not give"),
    SET_NOT_NULL("a column no longer takes NULL"),
    NARROW_TYPE("a column takes less than before"),
    CHANGE_TYPE("a column has another type"),
    ADD_UNIQUE("values must be unique that need not be before"),
    ADD_CHECK("values must pass a check that they need not pass before"),
    ADD_FOREIGN_KEY("values must refer to rows that they need not refer to before"),
    INBOUND_FK("rows of the new release keep rows from being deleted"),
    ADD_EXCLUSION("values exclude each other that did not before"),
    ADD_PRIMARY_KEY("values must be unique and not NULL"),
    DROP_DEFAULT("a default value is gone"),
    CHANGE_DEFAULT("a default value is another"),
    DROP_UNIQUE_ON_CONFLICT("an upsert no longer finds the key that it names"),
    UNIQUE_DEFERRABLE("an upsert cannot use a key that is deferrable"),
    RENAME_CONSTRAINT("a constraint has another name"),
    DROP_FOREIGN_KEY_ACTION("deleting a row no longer takes along, or sets free, what refers to it"),
    IDENTITY_ALWAYS("the database refuses a value for a column that took one"),
    IDENTITY_RESTART("generated numbers begin anew and meet those in use"),
    GENERATED_OVERFLOW("a generated column can refuse a row"),
    MODIFY_RESETS_ATTRIBUTES("what a column's new definition does not repeat is lost"),
    MYSQL_IMPLICIT_FILL("rows that exist get 0, an empty text or the first value"),
    ADD_TRIGGER("a trigger changes or refuses what is written"),
    DROP_TRIGGER("a trigger no longer does its work"),
    ENABLE_RLS("rows are hidden or refused by row-level security"),
    REVOKE("a right is taken away"),
    DOMAIN_CONSTRAINT("a domain refuses values that it took"),
    COLLATION_CHANGE("texts compare and sort otherwise"),

    // What the previous release reads is something else.
    ENUM_RENAME_VALUE("a value of an enum has another name"),
    ENUM_ADD_VALUE("the previous release may read a value that it does not know"),
    ENUM_DROP_VALUE("a value of an enum is gone"),
    AMBIGUOUS_COLUMN("a column's name is no longer unique in a join"),
    ADD_JSON_COLUMN("rows can no longer be compared as a whole"),
    POSITIONAL_OR_STAR("columns are used by position"),
    DATA_REWRITE("values that the previous release reads are rewritten"),
    WIDEN_TYPE_READER_HAZARD("a column may hold more than the previous release's variables take"),
    DROP_NOT_NULL_READER_HAZARD("the previous release may read NULL where it never did"),

    // Information is destroyed.
    TRUNCATE("all rows are destroyed"),
    DELETE_ROWS("rows are destroyed"),
    UPDATE_NO_BACKUP("values are overwritten and kept nowhere"),

    // The way back of the schema.
    UNDO_MISSING("no undo is declared"),
    UNDO_EMPTY("the declared undo does nothing"),
    UNDO_NOT_INVERSE("the declared undo does not bring back what was there"),
    UNDO_LOSES_NEW_WRITES("the undo destroys what the new release wrote"),
    UNDO_NOT_TRANSACTIONAL("an undo that fails halfway stays halfway"),
    REPEATABLE_NO_UNDO("a repeatable migration has no undo"),
    OLD_RELEASE_REFUSES_START("the previous release refuses to start on the new schema"),
    HISTORY_EDITED("a migration that has run is not what it was"),

    // Waiting time.
    INDEX_NOT_CONCURRENT("an index is built while writes wait"),
    CONCURRENTLY_IN_TRANSACTION("CONCURRENTLY is refused inside a transaction"),
    DROP_INDEX_NOT_CONCURRENT("everything waits while an index is dropped"),
    REINDEX_NOT_CONCURRENT("an index is rebuilt while writes wait"),
    CONSTRAINT_NOT_VALID_MISSING("the table is read while writes wait"),
    VALIDATE_IN_SAME_TX("a constraint is validated while an earlier lock is held"),
    STATEMENT_AFTER_EXCLUSIVE_LOCK("rows are read or written while an earlier lock is held"),
    UNIQUE_BUILDS_INDEX("an index is built while everything waits"),
    REWRITE_TYPE("the table is written anew for a column's type"),
    REWRITE_VOLATILE_DEFAULT("the table is written anew for a default value"),
    REWRITE_SERIAL("the table is written anew to number its rows"),
    REWRITE_STORED_GENERATED("the table is written anew for a stored generated column"),
    TABLE_REWRITE_MAINTENANCE("the table is written anew"),
    LOCK_TIMEOUT_MISSING("a lock may be waited for without limit, and everybody behind it"),
    BACKFILL_IN_DDL_TRANSACTION("rows are filled while the change of the schema is held"),
    MYSQL_COPY_ALGORITHM("the table is copied while writes wait"),
    MYSQL_LOCK_SHARED("writes wait as the statement asks for"),

    // What could not be judged.
    NOT_UNDERSTOOD("the statement was not understood");

    private final String summary;

    Rule(String summary) {
        this.summary = summary;
    }

    /** Returns the rule in half a sentence, for people. */
    public String summary() {
        return summary;
    }
}
