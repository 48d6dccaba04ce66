package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.judgement.Breaks;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a proof found. Immutable.
 *
 * @param breaks whether the previous release's statements live with the migrated database; {@code UNKNOWN} if the migrations could
 *     not be run, or no statement could be tried
 * @param statements what it found of each statement, in their order
 * @param lost values that existed before the migration and are nowhere after it; empty if nothing is lost
 * @param undo what it found of the declared undo; null where it was not tried
 * @param obstacles what kept it from proving more; the result is {@code UNKNOWN} or in part so because of them
 * @param notes what it took for granted, and what it could not see
 */
public record ProofResult(
        Breaks breaks,
        List<StatementProof> statements,
        List<LostValues> lost,
        @Nullable UndoProof undo,
        List<String> obstacles,
        List<String> notes) {

    /** Checks, and copies. */
    public ProofResult {
        Objects.requireNonNull(breaks, "breaks");
        statements = List.copyOf(statements);
        lost = List.copyOf(lost);
        obstacles = List.copyOf(obstacles);
        notes = List.copyOf(notes);
    }

    /** Returns whether some old value exists nowhere after the migration. */
    public boolean losesData() {
        return !lost.isEmpty();
    }
}
