package io.github.rollback4j.migrations.verdict;

import io.github.rollback4j.migrations.judgement.Breaks;
import io.github.rollback4j.migrations.judgement.Finding;
import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Judgement;
import io.github.rollback4j.migrations.judgement.Rule;
import io.github.rollback4j.migrations.judgement.StaticJudge;
import io.github.rollback4j.migrations.proof.Proof;
import io.github.rollback4j.migrations.proof.ProofResult;
import io.github.rollback4j.migrations.proof.ScratchDatabase;
import io.github.rollback4j.migrations.proof.UndoProof;
import io.github.rollback4j.migrations.reading.UsedObjects;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Undo;
import io.github.rollback4j.migrations.statements.Coverage;
import io.github.rollback4j.migrations.statements.StatementCatalogue;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Answers whether the previous release can live with the migrated database: by reading the migrations, and, where a scratch database
 * is given, by running them, the previous release's statements, and the declared undo.
 *
 * <p>{@snippet class="io.github.rollback4j.migrations.verdict.CompatibilityCheckTest" region="check"}
 *
 * <p>Not thread-safe; {@link #run} may be called again.
 */
public final class CompatibilityCheck {

    private static final int MOST_REASONS = 5;
    private static final Set<Rule> CHANGES_ROWS =
            Set.of(Rule.DATA_REWRITE, Rule.UPDATE_NO_BACKUP, Rule.DELETE_ROWS, Rule.TRUNCATE);

    private final MigrationSet migrations;
    private InstantSource clock = InstantSource.system();
    private @Nullable StatementCatalogue statements;
    private boolean areStatementsComplete;
    private @Nullable ScratchDatabase scratch;
    private UnaryOperator<Proof> proof = UnaryOperator.identity();

    private CompatibilityCheck(MigrationSet migrations) {
        this.migrations = migrations;
    }

    /** Names the migrations. */
    public static CompatibilityCheck of(MigrationSet migrations) {
        return new CompatibilityCheck(Objects.requireNonNull(migrations, "migrations"));
    }

    /** Gives the previous release's statements. They are run by the proof, and the report says which tables none of them touches. */
    public CompatibilityCheck statements(StatementCatalogue catalogue) {
        statements = Objects.requireNonNull(catalogue, "catalogue");
        return this;
    }

    /**
     * Says that the previous release has no other statements: what none of them uses it does not use. Then a column may be dropped
     * that nothing reads any more. To be said only where the tests reach every statement; it is not checked.
     */
    public CompatibilityCheck statementsAreComplete() {
        areStatementsComplete = true;
        return this;
    }

    /** Proves on a scratch database as well. */
    public CompatibilityCheck provedOn(ScratchDatabase database) {
        return provedOn(database, UnaryOperator.identity());
    }

    /** Proves on a scratch database as well, with rows, a role or writes of the new release that the proof is told of. */
    public CompatibilityCheck provedOn(ScratchDatabase database, UnaryOperator<Proof> settings) {
        scratch = Objects.requireNonNull(database, "database");
        proof = Objects.requireNonNull(settings, "settings");
        return this;
    }

    /** Says by which clock suppressions end; by default the system's. */
    public CompatibilityCheck clock(InstantSource source) {
        clock = Objects.requireNonNull(source, "source");
        return this;
    }

    /**
     * Looks.
     *
     * @throws IllegalStateException if the scratch database may not be used, or cannot be reached
     */
    public Compatibility run() {
        Judgement judgement = new StaticJudge(clock).judge(migrations);
        Coverage coverage = null;
        List<String> notUnderstood = List.of();
        StatementCatalogue catalogue = statements;
        if (catalogue != null) {
            coverage = coverage(catalogue);
            Usage usage = new Usage(migrations.dialect(), catalogue);
            // A recorder that was full has left statements out, whatever was said of them.
            boolean isWhole = areStatementsComplete && catalogue.isComplete();
            Judgement weighed = isWhole ? usage.weighed(judgement) : judgement;
            List<Finding> findings = new ArrayList<>(weighed.findings());
            findings.addAll(usage.positional(migrations));
            judgement = new Judgement(findings, weighed.suppressed());
            notUnderstood = areStatementsComplete ? usage.notUnderstood() : List.of();
        }
        ProofResult proved = scratch == null ? null : prove(scratch);
        judgement = withUndo(judgement, proved);
        List<String> reasons = new ArrayList<>();
        Verdict verdict = verdict(judgement, proved, reasons);
        if (verdict != Verdict.COMPATIBLE) {
            reasons.addAll(notUnderstood);
        }
        return new Compatibility(verdict, reasons, migrations, judgement, coverage, proved);
    }

    /** What the proof says of the undo is a finding as well, for the tools that read findings alone. */
    private static Judgement withUndo(Judgement judgement, @Nullable ProofResult proved) {
        UndoProof undo = proved == null ? null : proved.undo();
        if (undo == null) {
            return judgement;
        }
        List<Finding> findings = new ArrayList<>(judgement.findings());
        if (undo.outcome() == UndoProof.Outcome.INCOMPLETE || undo.outcome() == UndoProof.Outcome.FAILS) {
            String what = undo.failure().isEmpty() ? String.join("; ", undo.differences()) : undo.failure();
            findings.add(Finding.ofAll(
                    Rule.UNDO_NOT_INVERSE, Effect.UNDO, "The undo does not bring the schema back: " + what));
        }
        if (undo.losesNewWrites()) {
            findings.add(Finding.ofAll(
                    Rule.UNDO_LOSES_NEW_WRITES,
                    Effect.UNDO,
                    "The undo destroys what the new release wrote: " + undo.lostWrites()));
        }
        return new Judgement(findings, judgement.suppressed());
    }

    private Coverage coverage(StatementCatalogue catalogue) {
        List<SchemaChange> changes = migrations.pending().stream()
                .flatMap(migration -> migration.statements().stream())
                .flatMap(statement -> statement.changes().stream())
                .toList();
        return Coverage.of(
                changes, catalogue, statement -> Usage.tables(UsedObjects.of(migrations.dialect(), statement.sql())));
    }

    private ProofResult prove(ScratchDatabase database) {
        Proof prepared = Proof.of(migrations).on(database);
        StatementCatalogue catalogue = statements;
        if (catalogue != null) {
            prepared.statements(catalogue.statements());
        }
        return proof.apply(prepared).run();
    }

    private Verdict verdict(Judgement judgement, @Nullable ProofResult proved, List<String> reasons) {
        boolean isBroken = judgement.breaks() != Breaks.NO
                || (proved != null && (proved.breaks() == Breaks.YES || proved.breaks() == Breaks.CONDITIONAL));
        if (isBroken) {
            explainBreaks(judgement, proved, reasons);
            return undo(judgement, proved, reasons);
        }
        if (!judgement.isComplete() && !isProvedWhole(proved)) {
            judgement.findings().stream()
                    .filter(finding -> finding.effect() == Effect.UNKNOWN)
                    .limit(MOST_REASONS)
                    .forEach(finding -> reasons.add(place(finding) + " was not understood: " + finding.explanation()));
            return Verdict.UNKNOWN;
        }
        if (proved != null && proved.breaks() == Breaks.UNKNOWN) {
            reasons.add("The proof came to no result: " + String.join("; ", proved.obstacles()));
            return Verdict.UNKNOWN;
        }
        if (judgement.losesData() || (proved != null && proved.losesData())) {
            reasons.add(
                    "The previous release goes on, but the migration destroys information that no rollback brings back.");
        }
        return Verdict.COMPATIBLE;
    }

    /** What was not understood is known to be harmless only if it ran, and all that the previous release asks ran after it. */
    private boolean isProvedWhole(@Nullable ProofResult proved) {
        StatementCatalogue catalogue = statements;
        return proved != null
                && areStatementsComplete
                && catalogue != null
                && catalogue.isComplete()
                && proved.breaks() == Breaks.NO
                && proved.obstacles().isEmpty()
                && !proved.statements().isEmpty();
    }

    private static void explainBreaks(Judgement judgement, @Nullable ProofResult proved, List<String> reasons) {
        List<Finding> breaking = judgement.findings().stream()
                .filter(finding -> finding.effect() == Effect.BREAKS || finding.effect() == Effect.MAY_BREAK)
                .toList();
        breaking.stream()
                .limit(MOST_REASONS)
                .forEach(finding -> reasons.add(place(finding) + " " + finding.rule() + ": " + finding.explanation()));
        if (breaking.size() > MOST_REASONS) {
            reasons.add("And " + (breaking.size() - MOST_REASONS) + " more.");
        }
        if (proved != null) {
            proved.statements().stream()
                    .filter(statement -> statement.breaks() == Breaks.YES || statement.breaks() == Breaks.CONDITIONAL)
                    .limit(MOST_REASONS)
                    .forEach(statement ->
                            reasons.add("Proved: " + statement.statement().sql() + " "
                                    + (statement.divergences().isEmpty()
                                            ? ""
                                            : statement.divergences().get(0).detail())));
        }
    }

    private boolean isNeverTakenBack(Finding finding) {
        return CHANGES_ROWS.contains(finding.rule())
                && migrations.pending().stream()
                        .anyMatch(migration -> migration.id().equals(finding.migration())
                                && migration.undo().state() != Undo.State.DECLARED);
    }

    private static String place(Finding finding) {
        return finding.file().isEmpty() ? finding.subject().text() : finding.file() + ":" + finding.line();
    }

    private Verdict undo(Judgement judgement, @Nullable ProofResult proved, List<String> reasons) {
        UndoProof undo = proved == null ? null : proved.undo();
        if (undo == null) {
            reasons.add("No undo was proved.");
            return Verdict.BLOCKED;
        }
        switch (undo.outcome()) {
            case PROVED -> {
                Optional<Finding> kept = judgement.findings().stream()
                        .filter(this::isNeverTakenBack)
                        .findFirst();
                if (kept.isPresent()) {
                    // The proof's rows may be none of those that are rewritten.
                    reasons.add("The declared undo brings the schema back, but has nothing for the rows that "
                            + place(kept.get()) + " changes.");
                    return Verdict.BLOCKED;
                }
                reasons.add("The declared undo brings schema and data back, also after writes of the new release.");
                List<String> dropped = droppedByUndo();
                if (!dropped.isEmpty()) {
                    reasons.add(
                            "What the new release writes to " + String.join(", ", dropped) + " goes with the undo.");
                }
                return Verdict.UNDO_NEEDED;
            }
            case MISSING -> reasons.add("No undo is declared.");
            case EMPTY -> reasons.add("The declared undo does nothing.");
            case FAILS -> reasons.add("The declared undo fails: " + undo.failure());
            case INCOMPLETE ->
                reasons.add("The declared undo leaves a difference: " + String.join("; ", undo.differences()));
            case LOSES ->
                reasons.add(
                        undo.losesNewWrites()
                                ? "The declared undo loses what the new release wrote: " + undo.lostWrites()
                                : "The declared undo does not bring rows back: "
                                        + String.join("; ", undo.differences()));
        }
        return Verdict.BLOCKED;
    }

    /** What an undo drops held nothing of the previous release's, and may hold what the new one wrote. */
    private List<String> droppedByUndo() {
        List<String> dropped = new ArrayList<>();
        migrations.pending().stream()
                .flatMap(migration -> migration.undo().statements().stream())
                .flatMap(statement -> statement.changes().stream())
                .forEach(change -> {
                    if (change instanceof SchemaChange.DropColumn drop) {
                        dropped.add(drop.table() + "." + drop.column());
                    } else if (change instanceof SchemaChange.Drop drop && drop.kind() == ObjectKind.TABLE) {
                        dropped.add(drop.name().toString());
                    }
                });
        return dropped;
    }
}
