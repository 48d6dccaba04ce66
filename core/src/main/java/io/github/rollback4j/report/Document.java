package io.github.rollback4j.report;

import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A page for people, before it has a form: Markdown here, HTML in the module {@code reports}, whatever else a connector
 * needs. What it says is said once, in the order in which it should be read. Immutable and thread-safe.
 *
 * <p>Parts of it come from outside: from a journal, a plan, a target. All of it is plain text; who gives it a form escapes it.
 *
 * @param kind what it is, for example {@code Post-mortem}
 * @param title what it is about
 * @param badge how far it is, in one or two words; empty where that is no question
 * @param blocks what it says
 */
public record Document(String kind, String title, String badge, List<Block> blocks) {

    /** A part of a page. */
    public sealed interface Block
            permits Heading, Paragraph, Figures, Facts, Table, Items, Blank, Code, Chart, TimelineOf {}

    /**
     * Begins a section.
     *
     * @param level 2, or 3 for a part of one
     */
    public record Heading(int level, String text) implements Block {

        /** Makes one line of it. */
        public Heading {
            text = Timeline.clean(text);
        }
    }

    /** Some sentences. */
    public record Paragraph(Text text) implements Block {}

    /** The few numbers that most readers come for. */
    public record Figures(List<Figure> figures) implements Block {

        /** Copies the list. */
        public Figures {
            figures = List.copyOf(figures);
        }
    }

    /**
     * One number.
     *
     * @param label what it is of
     * @param value the number with its unit, or that it is not known
     * @param note a few words on it; may be empty
     */
    public record Figure(String label, String value, String note) {

        /** Makes one line of each. */
        public Figure {
            label = Timeline.clean(label);
            value = Timeline.clean(value);
            note = Timeline.clean(note);
        }
    }

    /** What is known, by name. */
    public record Facts(List<Fact> facts) implements Block {

        /** Copies the list. */
        public Facts {
            facts = List.copyOf(facts);
        }
    }

    /** One thing that is known. */
    public record Fact(String label, Text text) {

        /** Makes one line of the label. */
        public Fact {
            label = Timeline.clean(label);
        }
    }

    /**
     * A table.
     *
     * @param caption what it shows
     * @param columns at least one
     * @param rows each with a cell for each column
     */
    public record Table(String caption, List<Column> columns, List<List<Text>> rows) implements Block {

        /**
         * Copies the lists.
         *
         * @throws IllegalArgumentException if a row has not a cell for each column
         */
        public Table {
            caption = Timeline.clean(caption);
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
            for (List<Text> row : rows) {
                if (row.size() != columns.size()) {
                    throw new IllegalArgumentException("table " + caption + " has a row of " + row.size() + " cells: "
                            + columns.size() + ", as many as columns, are needed");
                }
            }
        }
    }

    /**
     * A column of a table.
     *
     * @param isNumeric whether its cells are compared from row to row, so that they stand at the right
     */
    public record Column(String name, boolean isNumeric) {

        /** Makes one line of the name. */
        public Column {
            name = Timeline.clean(name);
        }

        /** Returns a column of text. */
        public static Column of(String name) {
            return new Column(name, false);
        }

        /** Returns a column of numbers. */
        public static Column numeric(String name) {
            return new Column(name, true);
        }
    }

    /** A list. */
    public record Items(Mark mark, List<Text> items) implements Block {

        /** What stands before each item. */
        public enum Mark {
            /** A dot. */
            DOT,
            /** Its number: the order matters. */
            NUMBER,
            /** A box to be ticked. */
            BOX
        }

        /** Copies the list. */
        public Items {
            items = List.copyOf(items);
        }
    }

    /**
     * A place that people fill in: no journal knows it.
     *
     * @param question what is to be written there
     * @param hint how; may be empty
     * @param places how many; more than one are numbered
     */
    public record Blank(String question, String hint, int places) implements Block {

        /** Makes one line of each. */
        public Blank {
            question = Timeline.clean(question);
            hint = Timeline.clean(hint);
        }
    }

    /** Lines to be typed as they are. */
    public record Code(List<String> lines) implements Block {

        /** Makes one line of each. */
        public Code {
            lines = lines.stream().map(Timeline::clean).toList();
        }
    }

    /** How the evidence went. */
    public record Chart(EvidenceCurve curve) implements Block {}

    /** What happened. */
    public record TimelineOf(Timeline timeline) implements Block {}

    /**
     * A line of text.
     *
     * @param pieces in their order, none of them with a line break or another control character
     */
    public record Text(List<Piece> pieces) {

        /** No text. */
        public static final Text NONE = new Text(List.of());

        /** Copies the list. */
        public Text {
            pieces = List.copyOf(pieces);
        }

        /** Returns plain text. */
        public static Text of(String text) {
            return NONE.then(text);
        }

        /** Returns a link where the text is one that can be shown as it is ({@code http} or {@code https}), else plain text. */
        public static Text reference(String text) {
            return NONE.thenReference(text);
        }

        /** Adds plain text. */
        public Text then(String text) {
            return with(Style.PLAIN, text);
        }

        /** Adds text that stands out. */
        public Text thenStrong(String text) {
            return with(Style.STRONG, text);
        }

        /** Adds something that is typed as it is. */
        public Text thenCode(String text) {
            return with(Style.CODE, text);
        }

        /** Adds a link where the text is one that can be shown as it is ({@code http} or {@code https}), else plain text. */
        public Text thenReference(String text) {
            return with(isLink(text) ? Style.LINK : Style.PLAIN, text);
        }

        private Text with(Style style, String text) {
            List<Piece> more = new ArrayList<>(pieces);
            more.add(new Piece(style, text));
            return new Text(more);
        }

        /** Returns the text alone. */
        @Override
        public String toString() {
            StringBuilder plain = new StringBuilder();
            pieces.forEach(piece -> plain.append(piece.text));
            return plain.toString();
        }
    }

    /** A piece of a line. */
    public record Piece(Style style, String text) {

        /**
         * Makes one line of the text.
         *
         * @throws IllegalArgumentException if it is to be a link and is none
         */
        public Piece {
            text = oneLine(text);
            if (style == Style.LINK && !isLink(text)) {
                throw new IllegalArgumentException(
                        "'" + text + "' is no link: an absolute http or https URL of ASCII letters, without user, is");
            }
        }
    }

    /** How a piece of a line is meant. */
    public enum Style {
        /** Read. */
        PLAIN,
        /** Stands out. */
        STRONG,
        /** Typed as it is. */
        CODE,
        /** Followed; the text is the address, so that nobody is misled. */
        LINK
    }

    private static final Pattern ASCII = Pattern.compile("[!-~]{1,1000}");

    /** Copies the list, and makes one line of each text. */
    public Document {
        kind = Timeline.clean(kind);
        title = Timeline.clean(title);
        badge = Timeline.clean(badge);
        blocks = List.copyOf(blocks);
    }

    /** Returns the page as Markdown. What comes from outside is escaped: it neither formats nor links. */
    public String markdown() {
        return Markdown.of(this);
    }

    private static boolean isLink(String text) {
        if (!ASCII.matcher(text).matches()) {
            return false;
        }
        try {
            URI uri = new URI(text);
            return ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getUserInfo() == null;
        } catch (URISyntaxException none) {
            return false;
        }
    }

    /** Unlike {@link Timeline#clean} leaves a space at an end: it may stand between two pieces. */
    private static String oneLine(String text) {
        String line = Timeline.clean(text);
        return (text.startsWith(" ") && !line.isEmpty() ? " " : "") + line + (text.endsWith(" ") ? " " : "");
    }

    /** Collects blocks, in their order. For one thread. */
    static final class Builder {
        private final List<Block> blocks = new ArrayList<>();

        Builder heading(String text) {
            return add(new Heading(2, text));
        }

        Builder part(String text) {
            return add(new Heading(3, text));
        }

        Builder say(String text) {
            return say(Text.of(text));
        }

        Builder say(Text text) {
            return add(new Paragraph(text));
        }

        Builder items(Items.Mark mark, List<Text> items) {
            return items.isEmpty() ? this : add(new Items(mark, items));
        }

        Builder facts(List<Fact> facts) {
            return facts.isEmpty() ? this : add(new Facts(facts));
        }

        Builder blank(String question, String hint) {
            return add(new Blank(question, hint, 1));
        }

        Builder add(Block block) {
            blocks.add(Objects.requireNonNull(block));
            return this;
        }

        Document build(String kind, String title, String badge) {
            return new Document(kind, title, badge, blocks);
        }
    }
}
