package io.github.rollback4j.reports;

import io.github.rollback4j.report.Timeline;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes what reports show as tables for a spreadsheet: RFC 4180, with a header line. A text that a spreadsheet would take for
 * a formula gets an apostrophe before it. Stateless.
 */
public final class Csv {

    private static final String FORMULA = "=+-@\t\r";

    private Csv() {}

    /**
     * Writes the points of a curve: {@code seconds} since the start, {@code share}, {@code threshold}, and a column for each
     * signal's evidence, both as a power of ten; empty where it is no number.
     */
    public static String evidence(EvidenceCurve curve) {
        StringBuilder csv = new StringBuilder();
        List<String> header = new ArrayList<>(List.of("seconds", "share", "threshold"));
        curve.signals().forEach(signal -> header.add(text(signal)));
        row(csv, header);
        for (EvidencePoint point : curve.points()) {
            List<String> cells = new ArrayList<>(List.of(
                    number(point.elapsed().toNanos() / 1e9), number(point.share()), number(curve.log10Threshold())));
            point.log10Evidence().forEach(log10 -> cells.add(number(log10)));
            row(csv, cells);
        }
        return csv.toString();
    }

    /** Writes the lines of a timeline: {@code time} in ISO 8601, {@code seconds} since the start, {@code type}, {@code what}. */
    public static String timeline(Timeline timeline) {
        StringBuilder csv = new StringBuilder();
        row(csv, List.of("time", "seconds", "type", "what"));
        for (Timeline.Line line : timeline.lines()) {
            row(
                    csv,
                    List.of(
                            line.at().toString(),
                            number(line.sinceStart().toSeconds()
                                    + line.sinceStart().toNanosPart() / 1e9),
                            text(line.type()),
                            text(line.what())));
        }
        return csv.toString();
    }

    private static void row(StringBuilder csv, List<String> cells) {
        csv.append(String.join(",", cells)).append("\r\n");
    }

    private static String number(double value) {
        return Double.isFinite(value)
                ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
                : "";
    }

    private static String text(String text) {
        String safe = !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return '"' + safe.replace("\"", "\"\"") + '"';
    }
}
