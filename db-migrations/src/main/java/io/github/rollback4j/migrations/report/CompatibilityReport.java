package io.github.rollback4j.migrations.report;

import io.github.rollback4j.migrations.judgement.Breaks;
import io.github.rollback4j.migrations.judgement.Finding;
import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.Judgement;
import io.github.rollback4j.migrations.judgement.Rule;
import io.github.rollback4j.migrations.proof.ProofResult;
import io.github.rollback4j.migrations.proof.StatementProof;
import io.github.rollback4j.migrations.proof.UndoProof;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.statements.Coverage;
import io.github.rollback4j.migrations.verdict.Compatibility;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Writes what was found: as text for people, as JSON, and as SARIF 2.1.0 for the tools that show findings beside the code. Immutable
 * and thread-safe.
 */
public final class CompatibilityReport {

    private static final String SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
    private static final int LONGEST_STATEMENT = 160;
    private static final int MOST_DIVERGENCES = 3;

    private final Compatibility compatibility;

    private CompatibilityReport(Compatibility compatibility) {
        this.compatibility = compatibility;
    }

    /** Returns the report. */
    public static CompatibilityReport of(Compatibility compatibility) {
        return new CompatibilityReport(Objects.requireNonNull(compatibility, "compatibility"));
    }

    // Text.

    /** Returns the report as text of lines: the verdict, then what was found, the worst first. */
    public String text() {
        StringBuilder out = new StringBuilder();
        out.append(compatibility.verdict()).append('\n');
        compatibility
                .reasons()
                .forEach(reason -> out.append("  ").append(reason).append('\n'));
        for (List<Finding> together : grouped()) {
            append(out, together);
        }
        ProofResult proof = compatibility.proof();
        if (proof != null) {
            append(out, proof);
        }
        Coverage coverage = compatibility.coverage();
        if (coverage != null) {
            out.append('\n').append(coverage).append(".\n");
        }
        Judgement judgement = compatibility.judgement();
        int statements = compatibility.migrations().pending().stream()
                .mapToInt(migration -> migration.statements().size())
                .sum();
        out.append('\n')
                .append(counted(compatibility.migrations().pending().size(), "migration"))
                .append(", ")
                .append(counted(statements, "statement"))
                .append(". Previous release breaks: ")
                .append(judgement.breaks().name().toLowerCase(Locale.ROOT))
                .append(". Loses data: ")
                .append(judgement.losesData() ? "yes" : "no")
                .append(". Blocks others: ")
                .append(judgement.locks() ? "yes" : "no")
                .append(". Not understood: ")
                .append(count(Effect.UNKNOWN))
                .append(". Suppressed: ")
                .append(judgement.suppressed().size())
                .append(".\n");
        return out.toString();
    }

    private static void append(StringBuilder out, ProofResult proof) {
        long tried = proof.statements().stream()
                .filter(statement -> statement.unusable().isEmpty())
                .count();
        out.append("\nProof: ")
                .append(counted((int) tried, "statement"))
                .append(" of the previous release tried, breaks: ")
                .append(lower(proof.breaks()))
                .append(".\n");
        for (StatementProof statement : proof.statements()) {
            if (!statement.unusable().isEmpty()) {
                out.append("    ").append(oneLine(statement.statement().sql())).append('\n');
                out.append("        not tried: ").append(statement.unusable()).append('\n');
            } else if (statement.breaks() != Breaks.NO) {
                out.append("    ").append(oneLine(statement.statement().sql())).append('\n');
                statement.divergences().stream()
                        .limit(MOST_DIVERGENCES)
                        .forEach(divergence -> out.append("        ")
                                .append(lower(divergence.occasion()).replace('_', ' '))
                                .append(divergence.parameters().isEmpty() ? "" : " with " + divergence.parameters())
                                .append(": ")
                                .append(divergence.state())
                                .append(divergence.state().isEmpty() ? "" : " ")
                                .append(divergence.detail())
                                .append('\n'));
            }
        }
        proof.lost().forEach(lost -> out.append("    lost: ").append(lost).append('\n'));
        UndoProof undo = proof.undo();
        if (undo != null) {
            out.append("    undo: ").append(lower(undo.outcome()));
            out.append(undo.failure().isEmpty() ? "" : ", " + undo.failure()).append('\n');
            undo.differences()
                    .forEach(difference ->
                            out.append("        ").append(difference).append('\n'));
            undo.lostWrites()
                    .forEach(lost -> out.append("        lost: ").append(lost).append('\n'));
        }
        proof.obstacles()
                .forEach(obstacle ->
                        out.append("    obstacle: ").append(obstacle).append('\n'));
        proof.notes().forEach(note -> out.append("    note: ").append(note).append('\n'));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private long count(Effect effect) {
        return compatibility.judgement().findings().stream()
                .filter(finding -> finding.effect() == effect)
                .count();
    }

    /** Returns the findings, those of one statement and subject together, so that each is read once. */
    private List<List<Finding>> grouped() {
        Map<List<Object>, List<Finding>> groups = new LinkedHashMap<>();
        for (Finding finding : compatibility.judgement().findings()) {
            groups.computeIfAbsent(
                            List.of(finding.file(), finding.line(), finding.rule(), finding.subject()),
                            key -> new ArrayList<>())
                    .add(finding);
        }
        return groups.values().stream()
                .sorted(Comparator.comparing(CompatibilityReport::worst))
                .toList();
    }

    private static Effect worst(List<Finding> group) {
        return group.stream()
                .map(Finding::effect)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static void append(StringBuilder out, List<Finding> together) {
        Finding first = together.get(0);
        List<String> effects = together.stream()
                .map(finding -> words(finding.effect()))
                .distinct()
                .toList();
        out.append('\n');
        if (!first.file().isEmpty()) {
            out.append(first.file()).append(':').append(first.line()).append("  ");
        }
        out.append(first.rule()).append(" (").append(String.join(", ", effects)).append(")\n");
        if (!first.statement().isEmpty()) {
            out.append("    ").append(oneLine(first.statement())).append('\n');
        }
        together.stream()
                .map(Finding::explanation)
                .distinct()
                .forEach(explanation -> out.append("    ").append(explanation).append('\n'));
        together.stream()
                .map(Finding::alternative)
                .filter(alternative -> !alternative.isEmpty())
                .distinct()
                .forEach(alternative ->
                        out.append("    Instead: ").append(alternative).append('\n'));
    }

    private static String oneLine(String statement) {
        String line = statement.replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST_STATEMENT ? line : line.substring(0, LONGEST_STATEMENT - 1) + "…";
    }

    private static String words(Effect effect) {
        return switch (effect) {
            case BREAKS -> "breaks the previous release";
            case MAY_BREAK -> "can break the previous release";
            case LOSES_DATA -> "loses data";
            case LOCKS -> "blocks others";
            case FAILS -> "fails";
            case UNDO -> "cannot be undone";
            case UNKNOWN -> "not understood";
            case ADVICE -> "to know";
        };
    }

    // JSON.

    /** Returns the report as JSON. */
    public String json() {
        Judgement judgement = compatibility.judgement();
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("verdict", compatibility.verdict().name());
        root.put("reasons", compatibility.reasons());
        root.put("dialect", compatibility.migrations().dialect().toString());
        root.put("migrations", compatibility.pending());
        root.put("old_code_breaks", judgement.breaks().name().toLowerCase(Locale.ROOT));
        root.put("data_loss", judgement.losesData() ? "yes" : "no");
        root.put("blocking_lock", judgement.locks() ? "yes" : "no");
        root.put("understood", judgement.isComplete());
        root.put(
                "findings",
                judgement.findings().stream().map(CompatibilityReport::fields).toList());
        root.put(
                "suppressed",
                judgement.suppressed().stream().map(CompatibilityReport::fields).toList());
        root.put("undo", compatibility.undo());
        Coverage coverage = compatibility.coverage();
        if (coverage != null) {
            root.put(
                    "touched",
                    coverage.touched().stream().map(ObjectName::toString).toList());
            root.put(
                    "untouched",
                    coverage.untouched().stream().map(ObjectName::toString).toList());
        }
        ProofResult proof = compatibility.proof();
        if (proof != null) {
            root.put("proof", fields(proof));
        }
        return Json.of(root);
    }

    private static Map<String, Object> fields(Finding finding) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("rule", finding.rule().name());
        fields.put("effect", finding.effect().name());
        fields.put("migration", finding.migration());
        fields.put("file", finding.file());
        fields.put("line", finding.line());
        fields.put("statement", finding.statement());
        fields.put("subject", finding.subject().text());
        fields.put("explanation", finding.explanation());
        fields.put("alternative", finding.alternative());
        return fields;
    }

    private static Map<String, Object> fields(ProofResult proof) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("breaks", lower(proof.breaks()));
        fields.put("data_loss", proof.losesData() ? "yes" : "no");
        List<Object> statements = new ArrayList<>();
        for (StatementProof statement : proof.statements()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("sql", statement.statement().sql());
            entry.put("breaks", lower(statement.breaks()));
            entry.put("unusable", statement.unusable());
            entry.put(
                    "divergences",
                    statement.divergences().stream()
                            .map(divergence -> lower(divergence.occasion()) + ", " + lower(divergence.depth()) + ": "
                                    + divergence.state() + " " + divergence.detail())
                            .toList());
            statements.add(entry);
        }
        fields.put("statements", statements);
        fields.put("lost", proof.lost().stream().map(Object::toString).toList());
        UndoProof undo = proof.undo();
        if (undo != null) {
            fields.put("undo", undo.outcome().name());
            fields.put("undo_differences", undo.differences());
            fields.put(
                    "undo_lost_writes",
                    undo.lostWrites().stream().map(Object::toString).toList());
        }
        fields.put("obstacles", proof.obstacles());
        fields.put("notes", proof.notes());
        return fields;
    }

    // SARIF.

    /** Returns the report as SARIF 2.1.0. Advice is a note, what can break or block a warning, all else an error. */
    public String sarif() {
        Judgement judgement = compatibility.judgement();
        Set<Rule> rules = EnumSet.noneOf(Rule.class);
        judgement.findings().forEach(finding -> rules.add(finding.rule()));
        judgement.suppressed().forEach(finding -> rules.add(finding.rule()));
        List<Object> results = new ArrayList<>();
        judgement.findings().forEach(finding -> results.add(result(finding, false)));
        judgement.suppressed().forEach(finding -> results.add(result(finding, true)));
        Map<String, Object> driver = new LinkedHashMap<>();
        driver.put("name", "rollback4j");
        driver.put("informationUri", "https://github.com/rollback4j/rollback4j");
        driver.put("rules", rules.stream().map(CompatibilityReport::described).toList());
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("tool", Map.of("driver", driver));
        run.put("results", results);
        run.put("properties", Map.of("verdict", compatibility.verdict().name()));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("$schema", SARIF_SCHEMA);
        root.put("version", "2.1.0");
        root.put("runs", List.of(run));
        return Json.of(root);
    }

    private static Map<String, Object> described(Rule rule) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("id", rule.name());
        described.put("shortDescription", Map.of("text", rule.summary()));
        return described;
    }

    private static Map<String, Object> result(Finding finding, boolean isSuppressed) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("ruleId", finding.rule().name());
        result.put("level", level(finding.effect()));
        String instead = finding.alternative().isEmpty() ? "" : " Instead: " + finding.alternative();
        result.put("message", Map.of("text", finding.explanation() + instead));
        if (!finding.file().isEmpty()) {
            Map<String, Object> place = new LinkedHashMap<>();
            place.put("artifactLocation", Map.of("uri", finding.file().replace('\\', '/')));
            place.put("region", Map.of("startLine", finding.line()));
            result.put("locations", List.of(Map.of("physicalLocation", place)));
        }
        result.put("properties", Map.of("effect", finding.effect().name()));
        if (isSuppressed) {
            result.put("suppressions", List.of(Map.of("kind", "inSource")));
        }
        return result;
    }

    private static String level(Effect effect) {
        return switch (effect) {
            case BREAKS, LOSES_DATA, UNKNOWN, FAILS -> "error";
            case MAY_BREAK, LOCKS, UNDO -> "warning";
            case ADVICE -> "note";
        };
    }
}
