package io.github.rollback4j.migrations.proof;

import java.util.List;
import java.util.Objects;

/**
 * What the proof says of the declared undo: it ran right after the migration, and again after the new release had written.
 * Immutable.
 *
 * @param outcome what came of it
 * @param restoresSchema whether the schema is as before, apart from the order of columns
 * @param restoresOrder whether the order of columns is as before too
 * @param restoresData whether every row is as before, if the new release has not written
 * @param losesNewWrites whether values are lost that the new release wrote
 * @param differences what is left of the migration ({@code +}) and missing of the old schema ({@code -}), a line each
 * @param lostWrites the values of the new release that are lost
 * @param failure which statement failed, with the SQLSTATE; empty if none did
 */
public record UndoProof(
        Outcome outcome,
        boolean restoresSchema,
        boolean restoresOrder,
        boolean restoresData,
        boolean losesNewWrites,
        List<String> differences,
        List<LostValues> lostWrites,
        String failure) {

    /** What came of the undo. */
    public enum Outcome {
        /** Schema and data are as before, and nothing of what the new release wrote is lost. */
        PROVED,
        /** Something of the schema is not as before. */
        INCOMPLETE,
        /** The schema is as before, but old rows are not, or what the new release wrote is lost. */
        LOSES,
        /** A statement of it fails, right after the migration or after the new release has written. */
        FAILS,
        /** None is declared, by some migration. */
        MISSING,
        /** It is declared to be empty, though there is something to undo. */
        EMPTY
    }

    /** Checks, and copies. */
    public UndoProof {
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(failure, "failure");
        differences = List.copyOf(differences);
        lostWrites = List.copyOf(lostWrites);
    }
}
