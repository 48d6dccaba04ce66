package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.judgement.Breaks;
import io.github.rollback4j.migrations.proof.ScratchCopy.Step;
import io.github.rollback4j.migrations.proof.ScratchCopy.StepException;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.reading.UsedObjects;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of a proof, and the databases that it makes. */
final class ProofRun implements AutoCloseable {

    private static final Pattern NO_ROLE = Pattern.compile("role \"([^\"]+)\" does not exist");

    private final Proof proof;
    private final Engine engine;
    private final List<ScratchCopy> copies = new ArrayList<>();
    private final List<String> rolesMade = new ArrayList<>();
    private final List<String> obstacles = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    ProofRun(Proof proof) throws SQLException {
        this.proof = proof;
        this.engine = proof.scratch().engine();
    }

    ProofResult result() throws SQLException {
        return result(true);
    }

    private ProofResult result(boolean makesUp) throws SQLException {
        // One database goes through it all, since making another costs more than everything that is asked of it.
        ScratchCopy database = keep(ScratchCopy.empty(engine));
        try {
            makeOldSchema(database);
        } catch (StepException failed) {
            return unknown("the old schema cannot be made: " + failed.getMessage());
        }
        RowMaker maker = new RowMaker(engine, database);
        boolean isMadeUp = makesUp && maker.fill(notes);
        Tables oldTables = state(database);
        SortedSet<String> oldCatalog = engine.catalog(database.connection());
        UniqueKeys oldKeys = UniqueKeys.of(database.connection(), oldTables);
        List<StatementTrial> trials = trials(oldTables, maker);
        before(database, oldTables, trials);
        List<StatementTrial> usable =
                trials.stream().filter(StatementTrial::isUsable).toList();

        try {
            for (Migration each : proof.migrations().pending()) {
                run(database, step(each));
            }
        } catch (StepException failed) {
            if (isMadeUp) {
                notes.add(
                        "the migration was run without made-up rows, since with them it fails: " + failed.getMessage());
                return result(false);
            }
            return unknown("the migration cannot be run: " + failed.getMessage());
        }
        Tables newTables = state(database);
        List<LostValues> lost = DataLoss.between(oldTables, newTables);
        UndoTrial undo =
                proof.provesUndo() ? new UndoTrial(engine, proof.migrations().pending(), oldTables, oldCatalog) : null;
        NewWrites derived = new NewWrites(engine, database, oldTables, newTables);
        List<String> updates = derived.updates();
        RowMaker newMaker = new RowMaker(engine, database);
        List<ForeignKey> pointers = derived.pointers(newMaker.foreignKeys());
        boolean isSeen = !updates.isEmpty() || !pointers.isEmpty();
        List<String> beyond = undo != null && undo.isDeclared() ? derived.beyondOldRules(oldKeys) : List.of();
        boolean isDerived = isSeen || !beyond.isEmpty();
        boolean isWritten = isDerived || !proof.newWrites().isEmpty();
        if (undo != null && (isWritten || !undo.isDeclared())) {
            undo.rightAway(database);
        }

        try (StatementProbe probe = probe(database, oldTables)) {
            for (StatementTrial each : usable) {
                each.after(probe);
                each.edges(probe);
            }
        }
        if (!proof.newWrites().isEmpty()) {
            write(database);
            afterNewWrites(database, oldTables, usable);
            if (undo != null) {
                undo.afterNewWrites(database, newTables, isDerived);
            }
        }
        if (isDerived) {
            for (ForeignKey each : pointers) {
                derived.point(each, newMaker);
            }
            if (isSeen) {
                afterNewWrites(database, oldTables, usable);
            }
            for (String each : updates) {
                derived.run(each);
                afterNewWrites(database, oldTables, usable);
            }
            if (undo != null) {
                for (String each : beyond) {
                    derived.run(each);
                }
                undo.afterDerivedWrites(database);
            }
        }
        if (undo != null && !isWritten && undo.isDeclared()) {
            undo.undoRightAway(database);
        }
        List<StatementProof> proofs = trials.stream().map(StatementTrial::proof).toList();
        UndoProof undoProof = undo == null ? null : undo.proof();
        if (undoProof != null && undoProof.restoresData() && !lost.isEmpty()) {
            notes.add("values that were nowhere after the migration came back with its undo, so none is lost: " + lost);
            lost = List.of();
        }
        return new ProofResult(breaks(proofs), proofs, lost, undoProof, obstacles, notes);
    }

    private void before(ScratchCopy database, Tables tables, List<StatementTrial> trials) throws SQLException {
        EdgeValues edges = new EdgeValues(tables);
        try (StatementProbe probe = probe(database, tables)) {
            for (StatementTrial each : trials) {
                each.before(probe);
                if (each.isUsable()) {
                    each.edgesBefore(probe, edges);
                }
            }
        }
    }

    private void afterNewWrites(ScratchCopy database, Tables oldTables, List<StatementTrial> usable)
            throws SQLException {
        try (StatementProbe probe = probe(database, oldTables)) {
            for (StatementTrial each : usable) {
                each.afterNewWrites(probe);
            }
        }
    }

    private StatementProbe probe(ScratchCopy database, Tables oldTables) throws SQLException {
        return new StatementProbe(engine, database.database(), oldTables, proof.role());
    }

    private ProofResult unknown(String why) {
        obstacles.add(why);
        List<StatementProof> none = proof.statements().stream()
                .map(each -> new StatementProof(each, Breaks.UNKNOWN, List.of(), List.of(), why))
                .toList();
        return new ProofResult(Breaks.UNKNOWN, none, List.of(), null, obstacles, notes);
    }

    private static Breaks breaks(List<StatementProof> proofs) {
        Breaks worst = Breaks.UNKNOWN;
        for (StatementProof each : proofs) {
            if (each.breaks() != Breaks.UNKNOWN
                    && (worst == Breaks.UNKNOWN || each.breaks().compareTo(worst) > 0)) {
                worst = each.breaks();
            }
        }
        return worst;
    }

    private ScratchCopy keep(ScratchCopy copy) {
        copies.add(copy);
        return copy;
    }

    private Tables state(ScratchCopy copy) throws SQLException {
        return Tables.of(engine.tablesWithRows(copy.connection()), engine.labels(copy.connection()));
    }

    // ---- The old schema.

    private void makeOldSchema(ScratchCopy old) throws SQLException, StepException {
        String role = proof.role();
        boolean isMade = role != null && rolesMade.contains(role);
        if (role != null && !isMade) {
            isMade = engine.provide(old.connection(), role);
            if (isMade) {
                rolesMade.add(role);
            }
        }
        if (!proof.oldSchema().isEmpty()) {
            run(old, new Step("old schema", texts(proof.oldSchema()), false));
        }
        for (Migration each : proof.migrations().applied()) {
            run(old, step(each));
        }
        if (role != null && isMade && engine instanceof PostgresEngine postgres) {
            postgres.grantUsual(old.connection(), role);
            notes.add("role " + role + " was made, with the right to read and write all rows");
        }
        if (!proof.seed().isEmpty()) {
            old.run(new Step("seed", texts(proof.seed()), true));
        }
    }

    /** Runs a step; a role that it names is made where there is none, as who runs the database has done it elsewhere. */
    private void run(ScratchCopy database, Step step) throws SQLException, StepException {
        try {
            database.run(step);
        } catch (StepException failed) {
            Matcher role = NO_ROLE.matcher(String.valueOf(failed.getMessage()));
            if (failed.state.equals("42704") && role.find() && !rolesMade.contains(role.group(1))) {
                engine.provide(database.connection(), role.group(1));
                rolesMade.add(role.group(1));
                notes.add("role " + role.group(1) + " was made, since " + step.name() + " names it");
                run(database, step.isTransactional() ? step : rest(step, failed.statement));
            } else if (failed.state.equals("25001") && step.isTransactional()) {
                notes.add(step.name() + " was run without a transaction, which one of its statements does not bear");
                run(database, new Step(step.name(), step.statements(), false));
            } else {
                throw failed;
            }
        }
    }

    /** Returns what is left of a step whose statements have taken effect one by one until one failed. */
    private static Step rest(Step step, String failed) {
        int from = step.statements().indexOf(failed);
        return new Step(
                step.name(), step.statements().subList(from, step.statements().size()), false);
    }

    private static Step step(Migration migration) {
        return new Step(
                migration.file().isEmpty() ? migration.id() : migration.file(),
                texts(migration.statements()),
                migration.isTransactional());
    }

    static List<String> texts(List<Statement> statements) {
        return statements.stream().map(Statement::text).toList();
    }

    // ---- Statements.

    private List<StatementTrial> trials(Tables tables, RowMaker maker) throws SQLException {
        MadeUpParameters madeUp = new MadeUpParameters(tables, maker);
        List<StatementTrial> trials = new ArrayList<>();
        for (RecordedStatement each : proof.statements()) {
            List<Parameters> candidates = each.samples().stream()
                    .map(sample -> new Parameters(new Row(sample), true))
                    .distinct()
                    .toList();
            if (candidates.isEmpty() && Placeholders.count(each.sql()) == 0) {
                candidates = List.of(new Parameters(new Row(List.<@Nullable String>of()), true));
            } else if (candidates.isEmpty()) {
                candidates = madeUp.of(each.sql());
            }
            trials.add(new StatementTrial(each, candidates, readsWhatIsInserted(each)));
        }
        return trials;
    }

    private boolean readsWhatIsInserted(RecordedStatement statement) {
        Set<String> read = UsedObjects.of(proof.migrations().dialect(), statement.sql()).reads().stream()
                .map(ObjectName::name)
                .collect(Collectors.toSet());
        return proof.migrations().pending().stream()
                .flatMap(migration -> migration.statements().stream())
                .flatMap(each -> each.changes().stream())
                .anyMatch(change -> change instanceof SchemaChange.InsertRows insert
                        && read.contains(insert.table().name()));
    }

    /** Writes as the new release does. */
    private void write(ScratchCopy migrated) throws SQLException {
        for (String sql : proof.newWrites()) {
            try {
                migrated.run(new Step("write of the new release", List.of(sql), true));
            } catch (StepException failed) {
                obstacles.add(String.valueOf(failed.getMessage()));
            }
        }
    }

    @Override
    public void close() throws SQLException {
        SQLException first = null;
        for (ScratchCopy copy : copies) {
            try {
                copy.close();
            } catch (SQLException failed) {
                first = first == null ? failed : first;
            }
        }
        for (String role : rolesMade) {
            if (engine instanceof PostgresEngine postgres) {
                try {
                    postgres.dropRole(role);
                } catch (SQLException inUse) {
                    // Another proof on the same server has it too, and drops it.
                    if (!"2BP01".equals(inUse.getSQLState())) {
                        first = first == null ? inUse : first;
                    }
                }
            }
        }
        engine.close();
        if (first != null) {
            throw first;
        }
    }
}
