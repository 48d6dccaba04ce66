package io.github.rollback4j.migrations.gate;

import io.github.rollback4j.plan.Gate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Keeps a rollback from crossing a database change that the previous release cannot live with. Looked at before the rollout
 * starts and again just before the step behind it. Thread-safe.
 *
 * <p>It goes by the verdict that was {@linkplain VerdictTable#record recorded} for the candidate when its migrations ran:
 *
 * <ul>
 *   <li>{@code COMPATIBLE}: open.
 *   <li>{@code UNDO_NEEDED}: open where a step of the plan {@linkplain #undoneBy carries the undo out}; else a person is
 *       asked, who acknowledges the gate when it is done.
 *   <li>{@code BLOCKED} and {@code UNKNOWN}: closed. People are told why.
 *   <li>no verdict: closed, since nobody has looked.
 * </ul>
 */
public final class DatabaseGate implements Gate {

    /** The name that the gate has by default. */
    public static final String DEFAULT_NAME = "database";

    private final String name;
    private final VerdictTable verdicts;
    private final String undoStep;

    private DatabaseGate(String name, VerdictTable verdicts, String undoStep) {
        this.name = name;
        this.verdicts = verdicts;
        this.undoStep = undoStep;
    }

    /** Creates the gate of the name {@value #DEFAULT_NAME}, which goes by the verdicts of a table. */
    public static DatabaseGate of(VerdictTable verdicts) {
        return new DatabaseGate(DEFAULT_NAME, Objects.requireNonNull(verdicts, "verdicts"), "");
    }

    /** Returns the gate under another name: one that a plan with several databases can tell apart. */
    public DatabaseGate named(String other) {
        return new DatabaseGate(other, verdicts, undoStep);
    }

    /**
     * Returns the gate for a plan that carries out the undo itself, in a step before the one that is behind the gate.
     *
     * @param step the step's name
     */
    public DatabaseGate undoneBy(String step) {
        return new DatabaseGate(name, verdicts, Objects.requireNonNull(step, "step"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return name + ": the previous release lives with the migrated database, by the verdict in " + verdicts
                + (undoStep.isEmpty() ? "" : "; an undo is carried out by " + undoStep);
    }

    @Override
    public Result look(Question question) {
        Optional<RecordedVerdict> found = verdicts.find(question.candidate());
        if (found.isEmpty()) {
            return Result.blocked("no verdict is recorded for the migrations of "
                    + question.candidate() + ": nobody has looked whether "
                    + question.stable() + " lives with the database");
        }
        RecordedVerdict verdict = found.get();
        String why = verdict.reasons().isEmpty() ? "" : ": " + String.join(" ", verdict.reasons());
        return switch (verdict.verdict()) {
            case COMPATIBLE ->
                Result.open(question.stable() + " lives with the database of " + question.candidate() + why);
            case UNDO_NEEDED -> undo(question, verdict, why);
            case BLOCKED ->
                Result.blocked(question.stable() + " does not live with the database of " + question.candidate()
                        + ", and no undo is proved" + why);
            case UNKNOWN ->
                Result.blocked("whether " + question.stable() + " lives with the database of " + question.candidate()
                        + " is not known" + why);
        };
    }

    private Result undo(Question question, RecordedVerdict verdict, String why) {
        List<String> undo = verdict.undo();
        String what = undo.size() + " statements undo " + String.join(", ", verdict.migrations())
                + ", proved and kept in " + verdicts;
        return undoStep.isEmpty()
                ? Result.ask("the database must go back before " + question.stable() + " does: " + what + why)
                : Result.open(what + "; " + undoStep + " carries them out" + why);
    }

    /** Returns the description. */
    @Override
    public String toString() {
        return description();
    }
}
