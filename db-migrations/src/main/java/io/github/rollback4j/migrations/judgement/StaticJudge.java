package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Observation;
import io.github.rollback4j.migrations.source.Suppression;
import io.github.rollback4j.migrations.source.Undo;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Judges pending migrations by what is written in them: whether the previous release breaks, by the net effect of all of them;
 * whether information is lost; who waits, statement by statement. The previous release is taken to name its columns and to use
 * every object, value and constraint that there was, and its tables to have rows. Thread-safe.
 */
public final class StaticJudge {

    private final InstantSource clock;

    /**
     * Creates a judge.
     *
     * @param clock says which suppressions have ended
     */
    public StaticJudge(InstantSource clock) {
        this.clock = clock;
    }

    /** Judges. Never throws for what the migrations say. */
    public Judgement judge(MigrationSet migrations) {
        SchemaState state = new SchemaState(migrations.dialect(), migrations.isHistoryComplete());
        SchemaSteps steps = new SchemaSteps(state);
        boolean isHistoryUnderstood = true;
        for (Migration migration : migrations.applied()) {
            for (Statement statement : migration.statements()) {
                Place place = new Place(migration, statement);
                for (SchemaChange change : statement.changes()) {
                    isHistoryUnderstood &= !(change instanceof SchemaChange.NotUnderstood);
                    steps.apply(change, place);
                }
            }
        }
        state.freeze();
        Findings findings = new Findings();
        Locks locks = new Locks(state, findings);
        Rows rows = new Rows(state, findings);
        for (Migration migration : migrations.pending()) {
            locks.beginMigration(migration.isTransactional());
            for (Statement statement : migration.statements()) {
                Place place = new Place(migration, statement);
                for (SchemaChange change : statement.changes()) {
                    look(change, place, findings);
                    locks.look(change, place);
                    rows.look(change, place);
                    steps.apply(change, place);
                }
            }
            undo(migrations.dialect(), migration, findings);
        }
        new NetEffect(state, findings).find();
        if (!isHistoryUnderstood && migrations.isHistoryComplete()) {
            findings.add(
                    Rule.NOT_UNDERSTOOD,
                    Effect.ADVICE,
                    null,
                    Subject.NONE,
                    "Some of the migrations that have run were not understood: the old schema is not known as a whole.",
                    "");
        }
        migrations.observations().forEach(observation -> observed(migrations, observation, findings));
        return sorted(migrations, findings.all());
    }

    /** Passes on what the source has seen: a release that refuses to start breaks, an edited history stops the tool itself. */
    private static void observed(MigrationSet migrations, Observation observation, Findings findings) {
        Rule rule = Rule.valueOf(observation.rule());
        Place place = Stream.concat(migrations.pending().stream(), migrations.applied().stream())
                .filter(migration -> migration.file().equals(observation.file()))
                .filter(migration -> !migration.statements().isEmpty())
                .findFirst()
                .map(migration -> new Place(migration, migration.statements().get(0)))
                .orElse(null);
        findings.add(
                rule,
                rule == Rule.OLD_RELEASE_REFUSES_START ? Effect.BREAKS : Effect.FAILS,
                place,
                Subject.named(observation.file()),
                observation.detail(),
                rule == Rule.OLD_RELEASE_REFUSES_START
                        ? "Keep *:future among the patterns that validation ignores."
                        : "Leave what has run as it is, and write a new migration.");
    }

    private static void look(SchemaChange change, Place place, Findings findings) {
        if (change instanceof SchemaChange.NotUnderstood unknown) {
            findings.add(Rule.NOT_UNDERSTOOD, Effect.UNKNOWN, place, Subject.NONE, unknown.reason(), "");
        } else if (change instanceof SchemaChange.Transaction transaction
                && transaction.mark() == SchemaChange.Transaction.Mark.ROLLBACK) {
            findings.add(
                    Rule.NOT_UNDERSTOOD,
                    Effect.UNKNOWN,
                    place,
                    Subject.NONE,
                    "What ROLLBACK takes back of the statements before it is not followed.",
                    "Leave out what is not to hold.");
        }
    }

    private static void undo(SqlDialect dialect, Migration migration, Findings findings) {
        if (migration.statements().isEmpty()) {
            return;
        }
        Place place = new Place(migration, migration.statements().get(0));
        boolean commitsEach =
                dialect == SqlDialect.MYSQL || dialect == SqlDialect.MARIADB || dialect == SqlDialect.ORACLE;
        if (commitsEach && migration.undo().statements().size() > 1) {
            findings.add(
                    Rule.UNDO_NOT_TRANSACTIONAL,
                    Effect.ADVICE,
                    place,
                    Subject.named(migration.id()),
                    "Each of the " + migration.undo().statements().size()
                            + " statements of the undo is committed by itself: one that fails leaves it halfway.",
                    "Write them so that they can be run again.");
        }
        if (migration.undo().state() == Undo.State.MISSING) {
            findings.add(
                    migration.isRepeatable() ? Rule.REPEATABLE_NO_UNDO : Rule.UNDO_MISSING,
                    Effect.UNDO,
                    place,
                    Subject.named(migration.id()),
                    "No undo is declared.",
                    "");
        } else if (migration.undo().state() == Undo.State.EMPTY) {
            findings.add(
                    Rule.UNDO_EMPTY,
                    Effect.UNDO,
                    place,
                    Subject.named(migration.id()),
                    "The declared undo has no statement.",
                    "Say why in it.");
        }
    }

    private Judgement sorted(MigrationSet migrations, List<Finding> all) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<Finding> hold = new ArrayList<>();
        List<Finding> suppressed = new ArrayList<>();
        for (Finding finding : all) {
            boolean isSuppressed = migrations.pending().stream()
                    .filter(migration -> migration.id().equals(finding.migration())
                            && migration.file().equals(finding.file()))
                    .flatMap(migration -> migration.suppressions().stream())
                    .anyMatch(suppression -> covers(suppression, finding, today));
            (isSuppressed ? suppressed : hold).add(finding);
        }
        return new Judgement(hold, suppressed);
    }

    private static boolean covers(Suppression suppression, Finding finding, LocalDate today) {
        LocalDate until = suppression.until();
        return suppression.rule().equals(finding.rule().name())
                && (suppression.line() == 0 || suppression.line() == finding.line())
                && (until == null || !today.isAfter(until));
    }
}
