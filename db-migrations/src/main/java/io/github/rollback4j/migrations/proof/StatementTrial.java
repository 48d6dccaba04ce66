package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.judgement.Breaks;
import io.github.rollback4j.migrations.proof.Comparison.Difference;
import io.github.rollback4j.migrations.proof.Divergence.Depth;
import io.github.rollback4j.migrations.proof.Divergence.Occasion;
import io.github.rollback4j.migrations.proof.Observation.Refusal;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One statement on its way through a proof: before the migration, after it, and after the new release has written. */
final class StatementTrial {

    private static final String PRIMITIVE = "notnull";
    private static final String INT = "int";

    private static final Parameters NOTHING = new Parameters(new Row(List.<@Nullable String>of()), false);

    private final RecordedStatement statement;
    private final List<Parameters> candidates;
    private final boolean mayGrow;
    private final Map<Parameters, Comparison> usable = new LinkedHashMap<>();
    private final List<Divergence> divergences = new ArrayList<>();
    private final List<Parameters> edges = new ArrayList<>();
    private final Set<Parameters> diverged = new LinkedHashSet<>();
    private final Set<String> advice = new LinkedHashSet<>();
    private final Set<String> readers = new LinkedHashSet<>();
    private boolean isTyped = true;
    private boolean isParsed;
    private String unusable = "";

    StatementTrial(RecordedStatement statement, List<Parameters> candidates, boolean mayGrow) {
        this.statement = statement;
        this.mayGrow = mayGrow;
        this.candidates = candidates;
        int count = Placeholders.count(statement.sql());
        for (Parameters each : candidates) {
            if (each.values().values().size() != count) {
                unusable = "has " + count + " parameters, but "
                        + each.values().values().size() + " values";
            }
        }
        if (candidates.isEmpty()) {
            unusable = "has parameters, but no values were recorded and none could be made up";
        }
    }

    // ---- Before.

    /** Runs it twice on the old schema with each of its parameters. What does not work there cannot break. */
    void before(StatementProbe probe) throws SQLException {
        if (!unusable.isEmpty()) {
            beforeParsing(probe);
            return;
        }
        Refusal first = null;
        for (boolean typed : List.of(true, false)) {
            isTyped = typed;
            for (Parameters each : candidates) {
                Observation once = probe.execute(statement, each, typed);
                if (once.refusal() == null) {
                    Observation twice = probe.execute(statement, each, typed);
                    if (twice.refusal() == null) {
                        usable.put(each, new Comparison(statement.sql(), once, twice, mayGrow));
                    }
                } else if (first == null) {
                    first = once.refusal();
                }
                probe.resetSequences();
            }
            if (!usable.isEmpty()) {
                break;
            }
        }
        if (usable.isEmpty()) {
            unusable = "does not work before the migration either"
                    + (first == null ? "" : ": " + first.state() + " " + first.message());
            beforeParsing(probe);
            return;
        }
        if (usable.size() < candidates.size() && candidates.get(0).isRecorded()) {
            advice.add((candidates.size() - usable.size()) + " of " + candidates.size()
                    + " recorded calls do not work before the migration either");
        }
        readers.addAll(statement.readers().keySet());
        for (Comparison each : usable.values()) {
            readers.removeIf(label -> !problem(each.before(), label).isEmpty());
        }
    }

    private void beforeParsing(StatementProbe probe) throws SQLException {
        isTyped = false;
        isParsed = probe.parse(statement, NOTHING, false) == null && probe.explain(statement) == null;
        if (isParsed) {
            unusable = "is only parsed and planned: " + unusable;
        }
    }

    /** Finds which values at the edges work on the old schema. */
    void edgesBefore(StatementProbe probe, EdgeValues values) throws SQLException {
        if (usable.isEmpty()) {
            return;
        }
        Parameters usual = usable.keySet().iterator().next();
        for (Parameters edge : values.around(usual, Parameters.types(statement.parameterTypes()))) {
            if (probe.refusalOf(statement, edge, isTyped) == null) {
                edges.add(edge);
            }
        }
        probe.resetSequences();
    }

    boolean isUsable() {
        return !usable.isEmpty() || isParsed;
    }

    RecordedStatement statement() {
        return statement;
    }

    // ---- After.

    /** Runs it on the migrated schema with each of the parameters that worked; if none did, it is at least parsed and planned. */
    void after(StatementProbe probe) throws SQLException {
        if (usable.isEmpty()) {
            afterParsing(probe);
            return;
        }
        for (Map.Entry<Parameters, Comparison> each : usable.entrySet()) {
            Observation now = probe.execute(
                    statement,
                    each.getKey(),
                    isTyped,
                    each.getValue().before().effects().keySet(),
                    true);
            probe.resetSequences();
            Difference difference = each.getValue().with(now);
            if (difference == null) {
                difference = readerProblem(now);
            }
            if (difference == null) {
                advice.addAll(each.getValue().advice(now));
            } else {
                add(Occasion.AFTER_MIGRATION, depth(probe, each.getKey(), difference), each.getKey(), difference);
            }
        }
    }

    /** Returns what notices a difference first. */
    private Depth depth(StatementProbe probe, Parameters parameters, Difference difference) throws SQLException {
        if (difference.depth() != Depth.EXECUTE) {
            return difference.depth();
        }
        Refusal parsed = probe.parse(statement, parameters, isTyped);
        if (parsed != null && parsed.state().equals(difference.state())) {
            return Depth.PARSE;
        }
        Refusal explained = probe.explain(statement);
        return explained != null && explained.state().equals(difference.state()) ? Depth.EXPLAIN : Depth.EXECUTE;
    }

    private void afterParsing(StatementProbe probe) throws SQLException {
        Refusal parsed = probe.parse(statement, NOTHING, isTyped);
        Refusal refusal = parsed == null ? probe.explain(statement) : parsed;
        if (refusal != null) {
            divergences.add(new Divergence(
                    Occasion.AFTER_MIGRATION,
                    parsed == null ? Depth.EXPLAIN : Depth.PARSE,
                    List.of(),
                    refusal.state(),
                    refusal.message()));
        }
    }

    /** Runs it on the migrated schema with the values at the edges that worked before. */
    void edges(StatementProbe probe) throws SQLException {
        if (diverged.size() == usable.size()) {
            return;
        }
        for (Parameters edge : edges) {
            Refusal refusal = probe.refusalOf(statement, edge, isTyped);
            if (refusal != null) {
                divergences.add(new Divergence(
                        Occasion.EDGE_VALUE, Depth.EXECUTE, edge.asList(), refusal.state(), refusal.message()));
            }
        }
        probe.resetSequences();
    }

    /** Runs it after the new release has written; that other rows are there now is no divergence, that it fails is. */
    void afterNewWrites(StatementProbe probe) throws SQLException {
        for (Parameters each : usable.keySet()) {
            if (diverged.contains(each)) {
                continue;
            }
            Observation now = probe.execute(statement, each, isTyped, Set.of(), false);
            probe.resetSequences();
            Refusal refusal = now.refusal();
            Difference difference = refusal != null
                    ? new Difference(Depth.EXECUTE, refusal.state(), refusal.message())
                    : readerProblem(now);
            if (difference != null) {
                add(Occasion.AFTER_NEW_WRITES, difference.depth(), each, difference);
            }
        }
    }

    private void add(Occasion occasion, Depth depth, Parameters parameters, Difference difference) {
        diverged.add(parameters);
        divergences.add(new Divergence(occasion, depth, parameters.asList(), difference.state(), difference.detail()));
    }

    // ---- Readers.

    private @Nullable Difference readerProblem(Observation observed) {
        for (String label : readers) {
            String problem = problem(observed, label);
            if (!problem.isEmpty()) {
                return new Difference(Depth.READER, "", problem);
            }
        }
        return null;
    }

    private String problem(Observation observed, String label) {
        int column = observed.labels().stream()
                .map(String::toLowerCase)
                .toList()
                .indexOf(label.toLowerCase(java.util.Locale.ROOT));
        String reader = statement.readers().getOrDefault(label, "");
        if (column < 0 || reader.isEmpty()) {
            return "";
        }
        // A column may be read in several ways, by several calls of the release.
        List<String> ways = List.of(reader.split("\\s*,\\s*", -1));
        List<String> names = ways.stream()
                .filter(way -> !way.equals(PRIMITIVE) && !way.equals(INT))
                .toList();
        for (Row row : observed.rows()) {
            String value = row.at(column);
            if (value == null) {
                if (ways.contains(PRIMITIVE)) {
                    return "reads NULL in " + label + " as a primitive";
                }
            } else if (ways.contains(INT) && !isInt(value)) {
                return "reads " + value + " in " + label + " as an int";
            } else if (!names.isEmpty() && !names.contains(value)) {
                return "reads " + value + " in " + label + ", which its enum does not have";
            }
        }
        return "";
    }

    private static boolean isInt(String value) {
        try {
            new java.math.BigDecimal(value).toBigInteger().intValueExact();
            return true;
        } catch (ArithmeticException | NumberFormatException outOfRange) {
            return false;
        }
    }

    // ---- The result.

    StatementProof proof() {
        return new StatementProof(statement, breaks(), divergences, List.copyOf(advice), unusable);
    }

    private Breaks breaks() {
        if (usable.isEmpty()) {
            return divergences.isEmpty() ? Breaks.UNKNOWN : Breaks.YES;
        }
        if (divergences.isEmpty()) {
            return Breaks.NO;
        }
        Set<Parameters> rightAway = new LinkedHashSet<>();
        for (Divergence each : divergences) {
            if (each.occasion() == Occasion.AFTER_MIGRATION) {
                rightAway.addAll(usable.keySet().stream()
                        .filter(parameters -> parameters.asList().equals(each.parameters()))
                        .toList());
            }
        }
        return rightAway.containsAll(telling()) && !rightAway.isEmpty() ? Breaks.YES : Breaks.CONDITIONAL;
    }

    /** Returns the parameters that tell whether it always breaks: made up ones that met no row do not. */
    private List<Parameters> telling() {
        List<Parameters> met = usable.entrySet().stream()
                .filter(each -> each.getKey().isRecorded()
                        || each.getValue().before().updateCount() > 0
                        || !each.getValue().before().rows().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        return met.isEmpty() ? List.copyOf(usable.keySet()) : met;
    }
}
