package io.github.rollback4j.report;

import io.github.rollback4j.report.Document.Piece;
import io.github.rollback4j.report.Document.Text;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes pages as Markdown (GitHub's, with tables). */
final class Markdown {

    private static final String MARKUP = "\\`*_{}[]#!~";

    /** In a code span these end it, or a table's cell. */
    private static final Pattern NO_CODE = Pattern.compile("[`|]");

    private static final Pattern BACKTICKS = Pattern.compile("`+");
    private static final Pattern BEGINS_A_LIST = Pattern.compile("(?:[-+=:]|\\d+[.)]).*", Pattern.DOTALL);
    private static final int MOST_ROWS = 12;

    private final StringBuilder out = new StringBuilder();

    private Markdown() {}

    static String of(Document document) {
        Markdown markdown = new Markdown();
        markdown.out.append("# ").append(escaped(document.title())).append("\n\n");
        markdown.out.append(escaped(document.kind()));
        if (!document.badge().isEmpty()) {
            markdown.out.append(" · ").append(escaped(document.badge()));
        }
        markdown.out.append('\n');
        document.blocks().forEach(markdown::write);
        return markdown.out.toString();
    }

    private void write(Document.Block block) {
        out.append('\n');
        if (block instanceof Document.Heading heading) {
            out.append("#".repeat(heading.level()))
                    .append(' ')
                    .append(escaped(heading.text()))
                    .append('\n');
        } else if (block instanceof Document.Paragraph paragraph) {
            out.append(line(paragraph.text())).append('\n');
        } else if (block instanceof Document.Figures figures) {
            write(figures);
        } else if (block instanceof Document.Facts facts) {
            facts.facts()
                    .forEach(fact -> out.append("- **")
                            .append(escaped(fact.label()))
                            .append(":** ")
                            .append(inline(fact.text()))
                            .append('\n'));
        } else if (block instanceof Document.Table table) {
            write(table);
        } else if (block instanceof Document.Items items) {
            write(items);
        } else if (block instanceof Document.Blank blank) {
            out.append("> **To fill in: ").append(escaped(blank.question())).append("**");
            out.append(blank.hint().isEmpty() ? "" : " " + escaped(blank.hint()));
            out.append("\n>\n");
            for (int place = 1; place <= blank.places(); place++) {
                out.append(blank.places() == 1 ? "> …\n" : "> " + place + ". …\n");
            }
        } else if (block instanceof Document.Code code) {
            // Longer than any that the lines have.
            int longest = code.lines().stream()
                    .flatMap(line -> BACKTICKS.matcher(line).results())
                    .mapToInt(run -> run.end() - run.start())
                    .max()
                    .orElse(0);
            String fence = "`".repeat(Math.max(2, longest) + 1);
            out.append(fence).append('\n');
            code.lines().forEach(line -> out.append(line).append('\n'));
            out.append(fence).append('\n');
        } else if (block instanceof Document.Chart chart) {
            write(chart.curve());
        } else if (block instanceof Document.TimelineOf timeline) {
            out.append(timeline.timeline().markdown());
        }
    }

    private void write(Document.Figures figures) {
        row(figures.figures().stream().map(figure -> escaped(figure.label())).toList());
        row(Collections.nCopies(figures.figures().size(), "---"));
        row(figures.figures().stream()
                .map(figure -> "**" + escaped(figure.value()) + "**")
                .toList());
        row(figures.figures().stream().map(figure -> escaped(figure.note())).toList());
    }

    private void write(Document.Table table) {
        if (!table.caption().isEmpty()) {
            out.append(escaped(table.caption())).append(table.caption().endsWith(".") ? "\n\n" : ":\n\n");
        }
        row(table.columns().stream().map(column -> escaped(column.name())).toList());
        row(table.columns().stream()
                .map(column -> column.isNumeric() ? "---:" : "---")
                .toList());
        table.rows().forEach(cells -> row(cells.stream().map(Markdown::inline).toList()));
    }

    private void row(List<String> cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private void write(Document.Items items) {
        int number = 1;
        for (Text item : items.items()) {
            out.append(
                            switch (items.mark()) {
                                case DOT -> "- ";
                                case NUMBER -> number++ + ". ";
                                case BOX -> "- [ ] ";
                            })
                    .append(line(item))
                    .append('\n');
        }
    }

    /** Writes some of the points, as a table: Markdown has no picture of its own. */
    private void write(EvidenceCurve curve) {
        out.append(String.format(
                Locale.ROOT,
                "Evidence that the candidate is worse, as a power of ten; it is taken back at %.2f:\n\n",
                curve.log10Threshold()));
        List<String> names = new ArrayList<>(List.of("Since start", "Share"));
        curve.signals().forEach(signal -> names.add(escaped(signal)));
        row(names);
        row(Collections.nCopies(names.size(), "---:"));
        for (EvidencePoint point : some(curve.points())) {
            List<String> cells = new ArrayList<>(List.of(Words.time(point.elapsed()), Words.percent(point.share())));
            point.log10Evidence().forEach(log10 -> cells.add(String.format(Locale.ROOT, "%.2f", log10)));
            row(cells);
        }
    }

    /** Returns the last point, and others evenly before it. */
    private static List<EvidencePoint> some(List<EvidencePoint> points) {
        List<EvidencePoint> some = new ArrayList<>();
        int rows = Math.min(MOST_ROWS, points.size());
        for (int i = 1; i <= rows; i++) {
            some.add(points.get((int) ((long) points.size() * i / rows) - 1));
        }
        return some;
    }

    /** Returns a text that begins a line: it does not begin a list by itself. */
    private static String line(Text text) {
        String inline = inline(text);
        if (!BEGINS_A_LIST.matcher(inline).matches()) {
            return inline;
        }
        int digits = 0;
        while (Character.isDigit(inline.charAt(digits))) {
            digits++;
        }
        return inline.substring(0, digits) + "\\" + inline.substring(digits);
    }

    static String inline(Text text) {
        return text.pieces().stream().map(Markdown::piece).collect(Collectors.joining());
    }

    private static String piece(Piece piece) {
        return switch (piece.style()) {
            case PLAIN -> escaped(piece.text());
            case STRONG ->
                piece.text().isBlank() ? "" : "**" + escaped(piece.text().strip()) + "**";
            case CODE ->
                piece.text().isBlank() || NO_CODE.matcher(piece.text()).find()
                        ? escaped(piece.text())
                        : "`" + piece.text() + "`";
            // An address has no character that ends it, see Document.
            case LINK -> "<" + piece.text() + ">";
        };
    }

    /** Escapes what would format, or become a link. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            switch (letter) {
                // Entities where a backslash is not understood by all: in HTML, and between the cells of a table.
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '|' -> escaped.append("&#124;");
                // Nor a link out of a bare address.
                case ':' -> escaped.append(text.startsWith("://", i) ? "&#58;" : ":");
                case '.' -> escaped.append(text.regionMatches(true, i - 3, "www", 0, 3) ? "&#46;" : ".");
                default -> {
                    if (MARKUP.indexOf(letter) >= 0) {
                        escaped.append('\\');
                    }
                    escaped.append(letter);
                }
            }
        }
        return escaped.toString();
    }
}
