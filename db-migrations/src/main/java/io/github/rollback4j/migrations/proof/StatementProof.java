package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.judgement.Breaks;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import java.util.List;
import java.util.Objects;

/**
 * What the proof says of one statement. Immutable.
 *
 * @param statement the statement
 * @param breaks whether it breaks; {@code UNKNOWN} if it did not work before the migration either, or could not be tried
 * @param divergences the runs that show it
 * @param advice differences that most code does not notice, such as another type of a column
 * @param unusable why it could not be tried; empty if it was
 */
public record StatementProof(
        RecordedStatement statement,
        Breaks breaks,
        List<Divergence> divergences,
        List<String> advice,
        String unusable) {

    /** Checks, and copies. */
    public StatementProof {
        Objects.requireNonNull(statement, "statement");
        Objects.requireNonNull(breaks, "breaks");
        Objects.requireNonNull(unusable, "unusable");
        divergences = List.copyOf(divergences);
        advice = List.copyOf(advice);
    }
}
