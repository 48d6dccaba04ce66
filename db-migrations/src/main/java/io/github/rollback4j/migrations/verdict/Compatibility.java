package io.github.rollback4j.migrations.verdict;

import io.github.rollback4j.migrations.judgement.Judgement;
import io.github.rollback4j.migrations.proof.ProofResult;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.statements.Coverage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether the previous release can live with the migrated database, and why.
 *
 * @param verdict the answer
 * @param reasons why, one sentence each, for people
 * @param migrations what was looked at
 * @param judgement what was found by reading
 * @param coverage how far the previous release's statements reach; null where there are none
 * @param proof what was found by running; null where nothing ran
 */
public record Compatibility(
        Verdict verdict,
        List<String> reasons,
        MigrationSet migrations,
        Judgement judgement,
        @Nullable Coverage coverage,
        @Nullable ProofResult proof) {

    /** Checks, and copies. */
    public Compatibility {
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(migrations, "migrations");
        Objects.requireNonNull(judgement, "judgement");
        reasons = List.copyOf(reasons);
    }

    /** Returns the ids of the pending migrations. */
    public List<String> pending() {
        return migrations.pending().stream().map(Migration::id).toList();
    }

    /** Returns the declared statements that undo the pending migrations, the last migration's first. */
    public List<String> undo() {
        List<String> undo = new ArrayList<>();
        for (int i = migrations.pending().size() - 1; i >= 0; i--) {
            migrations.pending().get(i).undo().statements().stream()
                    .map(Statement::text)
                    .forEach(undo::add);
        }
        return undo;
    }
}
