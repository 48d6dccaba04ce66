package io.github.rollback4j.reports;

import io.github.rollback4j.report.Document;
import io.github.rollback4j.report.Document.Block;
import io.github.rollback4j.report.Document.Column;
import io.github.rollback4j.report.Document.Piece;
import io.github.rollback4j.report.Document.Text;
import io.github.rollback4j.report.Timeline;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Gives the template what it asks for, by name. */
final class PageView {

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("EEEE, d MMMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** What a phone has room for: numbers take one part, text takes two. */
    private static final int MOST_PARTS = 5;

    private static final int LONG_VALUE = 12;

    /** Broken anywhere, since a table else gets too wide for it; other words are not. */
    private static final Pattern LONG_WORD = Pattern.compile("\\S{20}");

    private static final Set<String> TURNS =
            Set.of("decided", "needs-human", "rolled-back", "promoted", "controlled", "not-started");
    private static final Set<String> MINOR =
            Set.of("growing", "evidence-kept", "counted", "step-intended", "edges-frozen", "divided", "led");

    private PageView() {}

    static Map<String, Object> of(Document document) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("kind", document.kind());
        view.put("title", document.title());
        view.put("badge", orNothing(document.badge()));
        view.put("sections", sections(document.blocks()));
        return view;
    }

    /** A template leaves out what is false. */
    private static Object orNothing(String text) {
        return text.isBlank() ? false : text;
    }

    private static List<Map<String, Object>> sections(List<Block> blocks) {
        List<Map<String, Object>> sections = new ArrayList<>();
        List<Map<String, Object>> current = new ArrayList<>();
        sections.add(section("", 0, current));
        for (Block block : blocks) {
            if (block instanceof Document.Heading heading && heading.level() <= 2) {
                current = new ArrayList<>();
                sections.add(section(heading.text(), sections.size(), current));
            } else {
                current.add(block(block));
            }
        }
        return sections;
    }

    private static Map<String, Object> section(String heading, int number, List<Map<String, Object>> blocks) {
        return Map.of("heading", orNothing(heading), "id", "section-" + number, "blocks", blocks);
    }

    private static Map<String, Object> block(Block block) {
        if (block instanceof Document.Heading heading) {
            return Map.of("part", heading.text());
        }
        if (block instanceof Document.Paragraph paragraph) {
            return Map.of("paragraph", text(paragraph.text()));
        }
        if (block instanceof Document.Figures figures) {
            return Map.of(
                    "figures",
                    each(figures.figures().stream().map(PageView::figure).toList()));
        }
        if (block instanceof Document.Facts facts) {
            return Map.of(
                    "facts", each(facts.facts().stream().map(PageView::fact).toList()));
        }
        if (block instanceof Document.Table table) {
            return Map.of("table", table(table));
        }
        if (block instanceof Document.Items items) {
            return Map.of("items", items(items));
        }
        if (block instanceof Document.Blank blank) {
            return Map.of("blank", blank(blank));
        }
        if (block instanceof Document.Code code) {
            return Map.of("code", String.join("\n", code.lines()));
        }
        if (block instanceof Document.Chart chart) {
            return Map.of("chart", Map.of("svg", EvidenceChart.of(chart.curve()).svg()));
        }
        return Map.of("timeline", each(timeline(((Document.TimelineOf) block).timeline())));
    }

    private static Map<String, Object> each(List<Map<String, Object>> all) {
        return Map.of("each", all);
    }

    private static Map<String, Object> text(Text text) {
        return Map.of("pieces", text.pieces().stream().map(PageView::piece).toList());
    }

    private static Map<String, Object> piece(Piece piece) {
        return Map.of(
                switch (piece.style()) {
                    case PLAIN -> "plain";
                    case STRONG -> "strong";
                    case CODE -> "typed";
                    case LINK -> "link";
                },
                unbroken(piece.text()));
    }

    /** Keeps a number and its sign on one line. */
    private static String unbroken(String text) {
        return text.replace(" %", "\u00A0%");
    }

    private static Map<String, Object> figure(Document.Figure figure) {
        return Map.of(
                "label",
                figure.label(),
                "value",
                unbroken(figure.value()),
                "note",
                orNothing(figure.note()),
                "long",
                figure.value().length() > LONG_VALUE);
    }

    private static Map<String, Object> fact(Document.Fact fact) {
        return with(text(fact.text()), "label", fact.label());
    }

    private static Map<String, Object> with(Map<String, Object> view, String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(view);
        more.put(name, value);
        return more;
    }

    private static Map<String, Object> table(Document.Table table) {
        List<Map<String, Object>> columns = table.columns().stream()
                .map(column -> Map.<String, Object>of("name", column.name(), "numeric", column.isNumeric()))
                .toList();
        List<Map<String, Object>> rows = table.rows().stream()
                .map(row -> Map.<String, Object>of("cells", cells(table.columns(), row)))
                .toList();
        return Map.of(
                "caption",
                table.caption(),
                "columns",
                columns,
                "rows",
                rows,
                "style",
                table.columns().stream()
                                        .mapToInt(column -> column.isNumeric() ? 1 : 2)
                                        .sum()
                                > MOST_PARTS
                        ? "wide"
                        : "narrow");
    }

    private static List<Map<String, Object>> cells(List<Column> columns, List<Text> row) {
        List<Map<String, Object>> cells = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            Map<String, Object> cell = new LinkedHashMap<>(text(row.get(i)));
            cell.put("column", columns.get(i).name());
            cell.put("numeric", columns.get(i).isNumeric());
            cell.put("long", LONG_WORD.matcher(row.get(i).toString()).find());
            cell.put("empty", row.get(i).toString().isEmpty() && !columns.get(i).isNumeric());
            cells.add(cell);
        }
        return cells;
    }

    private static Map<String, Object> items(Document.Items items) {
        return Map.of(
                "element",
                items.mark() == Document.Items.Mark.NUMBER ? "ol" : "ul",
                "style",
                items.mark().name().toLowerCase(Locale.ROOT),
                "each",
                items.items().stream().map(PageView::text).toList());
    }

    private static Map<String, Object> blank(Document.Blank blank) {
        return Map.of(
                "question",
                blank.question(),
                "hint",
                orNothing(blank.hint()),
                "numbered",
                blank.places() > 1,
                "places",
                Collections.nCopies(Math.max(1, blank.places()), ""));
    }

    private static List<Map<String, Object>> timeline(Timeline timeline) {
        List<Map<String, Object>> lines = new ArrayList<>();
        String before = "";
        for (Timeline.Line line : timeline.lines()) {
            String day = written(DAY, line.at());
            lines.add(Map.of(
                    "day",
                    day.equals(before) ? false : day,
                    "instant",
                    line.at().toString(),
                    "time",
                    written(TIME, line.at()),
                    "since",
                    "+" + since(line.sinceStart()),
                    "what",
                    line.what(),
                    "weight",
                    TURNS.contains(line.type()) ? "turn" : MINOR.contains(line.type()) ? "minor" : "event"));
            before = day;
        }
        return lines;
    }

    private static String since(Duration duration) {
        return duration.isNegative() ? "?" : TimeAxis.words(duration);
    }

    private static String written(DateTimeFormatter form, Instant instant) {
        try {
            return form.format(instant);
        } catch (DateTimeException beyondTheCalendar) {
            return instant.toString();
        }
    }
}
