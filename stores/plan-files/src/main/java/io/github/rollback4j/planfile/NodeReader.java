package io.github.rollback4j.planfile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.SpecVersion;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;

/**
 * Reads YAML 1.2, of which JSON is a part, into nodes. Nothing that a file says is created but text: there are no tags. All is
 * bounded, since a file may have been written by anybody: bytes, line length, depth, and values, those behind aliases counted
 * as often as they are named.
 */
final class NodeReader {

    /** How many bytes, and how many characters, a file has at most. */
    static final int MOST_CHARACTERS = 1 << 20;

    /** Above this the scanner's time and memory are no longer in proportion. A plan in JSON on one line has room. */
    static final int LONGEST_LINE = 1 << 14;

    static final int DEEPEST = 50;
    static final int MOST_VALUES = 20_000;

    private static final String NOT_YAML = "is neither YAML 1.2 nor JSON: ";
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** A node that an alias may name; null while it is not complete. */
    private record Anchored(@Nullable Node node, int values, int height) {}

    private final Problems problems;
    private final Iterator<Event> events;
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private int values;
    private int height;
    private int line = 1;
    private int column = 1;

    private NodeReader(Problems problems, Iterator<Event> events) {
        this.problems = problems;
        this.events = events;
    }

    /**
     * Reads a file's text.
     *
     * @throws PlanFileException if there is no such file, it is too large, or it is not UTF-8
     */
    static String text(Path file, Problems problems) {
        byte[] bytes;
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw problems.only(1, 1, "is no regular file: one is allowed");
            }
            try (InputStream stream = Files.newInputStream(file)) {
                bytes = stream.readNBytes(MOST_CHARACTERS + 1);
            }
        } catch (IOException unreadable) {
            problems.causedBy(unreadable);
            throw problems.only(
                    1,
                    1,
                    "cannot be read: "
                            + (unreadable instanceof NoSuchFileException
                                    ? "there is no such file"
                                    : unreadable.getClass().getName()));
        }
        if (bytes.length > MOST_CHARACTERS) {
            throw problems.only(1, 1, tooLarge());
        }
        return decoded(bytes, problems);
    }

    private static String decoded(byte[] bytes, Problems problems) {
        if (bytes.length >= 2 && ((bytes[0] == -1 && bytes[1] == -2) || (bytes[0] == -2 && bytes[1] == -1))) {
            throw problems.only(1, 1, "is written in UTF-16 or UTF-32: UTF-8 is allowed");
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer left = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(left, text, true);
        text.flip();
        if (result.isError()) {
            int[] place = place(text, text.length());
            throw problems.only(place[0], place[1], "is not written in UTF-8 from here on: UTF-8 is allowed");
        }
        return text.toString();
    }

    private static String tooLarge() {
        return "is larger than " + MOST_CHARACTERS + " bytes: up to that many are allowed";
    }

    /**
     * Reads a text.
     *
     * @throws PlanFileException if it is not allowed as a whole; single keys and values are left to others
     */
    static Node read(String text, Problems problems) {
        String body = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        if (body.length() > MOST_CHARACTERS) {
            throw problems.only(1, 1, tooLarge());
        }
        requireText(body, problems);
        LoadSettings settings = LoadSettings.builder()
                .setLabel(problems.file())
                .setCodePointLimit(2 * MOST_CHARACTERS)
                .build();
        NodeReader reader =
                new NodeReader(problems, new Parse(settings).parseString(body).iterator());
        try {
            return reader.document();
        } catch (PlanFileException said) {
            throw said;
        } catch (MarkedYamlEngineException malformed) {
            Mark at = malformed.getProblemMark().orElse(null);
            throw problems.only(
                    at == null ? 1 : at.getLine() + 1,
                    at == null ? 1 : at.getColumn() + 1,
                    NOT_YAML + Problems.clipped(malformed.getProblem()));
        } catch (YamlVersionException other) {
            SpecVersion version = other.getSpecVersion();
            throw problems.only(
                    1, 1, "asks for YAML " + version.getMajor() + "." + version.getMinor() + ": 1.2 is allowed");
        } catch (RuntimeException malformed) {
            // Of the scanner, for what it did not think of, such as the number of a character beyond all characters.
            throw reader.malformed();
        }
    }

    private static void requireText(String text, Problems problems) {
        int lineStart = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r') {
                lineStart = i + 1;
            } else if (i - lineStart >= LONGEST_LINE) {
                int[] place = place(text, i);
                throw problems.only(
                        place[0], 1, "has a line of more than " + LONGEST_LINE + " characters: up to that are allowed");
            }
        }
        int wrong = notAllowed(text, "\t\r\n");
        if (wrong >= 0) {
            int[] place = place(text, wrong);
            throw problems.only(place[0], place[1], named(text, wrong));
        }
    }

    /**
     * Returns the index of the first character that could deceive whoever reads the file, the log or a report: control
     * characters but for the given, those that turn the direction of writing, line separators that editors do not show, and
     * halves of characters. Negative where there is none.
     */
    static int notAllowed(String text, String allowedControls) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7F) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            boolean deceives = (Character.isISOControl(c) && allowedControls.indexOf(c) < 0)
                    || Character.isSurrogate(c)
                    || (c >= '\u202A' && c <= '\u202E')
                    || (c >= '\u2066' && c <= '\u2069')
                    || c == '\u2028'
                    || c == '\u2029'
                    || c == BYTE_ORDER_MARK
                    || c >= '\uFFFE';
            if (deceives) {
                return i;
            }
        }
        return -1;
    }

    static String named(String text, int index) {
        return String.format(
                "has the character U+%04X, which is not allowed: text without control characters, line separators,"
                        + " changes of the direction of writing and halves of characters is",
                (int) text.charAt(index));
    }

    /** Returns line and column of an index, from 1. */
    private static int[] place(CharSequence text, int index) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < index; i++) {
            char c = text.charAt(i);
            boolean endsLine = c == '\n' || (c == '\r' && !(i + 1 < text.length() && text.charAt(i + 1) == '\n'));
            line += endsLine ? 1 : 0;
            column = endsLine ? 1 : Character.isLowSurrogate(c) ? column : column + 1;
        }
        return new int[] {line, column};
    }

    private PlanFileException malformed() {
        return problems.only(line, column, NOT_YAML + "what stands behind this is malformed");
    }

    private Event next() {
        Event event = events.next();
        line = line(event);
        column = column(event);
        return event;
    }

    private Node document() {
        Node root = null;
        while (events.hasNext()) {
            Event event = next();
            if (event instanceof DocumentStartEvent start) {
                if (root != null) {
                    throw refused(start, "a second document begins here: one is allowed");
                }
                requireVersion(start);
                root = node(next(), 1);
            }
        }
        if (root == null) {
            throw problems.only(1, 1, "is empty: a plan is needed");
        }
        return root;
    }

    private void requireVersion(DocumentStartEvent start) {
        Optional<SpecVersion> version = start.getSpecVersion();
        if (version.isPresent() && version.get().getMinor() < 2) {
            throw refused(
                    start,
                    "asks for YAML " + version.get().getMajor() + "."
                            + version.get().getMinor()
                            + ", in which the same text means something else: 1.2 is allowed");
        }
    }

    private Node node(Event event, int depth) {
        if (event instanceof AliasEvent alias) {
            return aliased(alias, depth);
        }
        if (depth > DEEPEST) {
            throw refused(event, "is nested deeper than " + DEEPEST + " levels: up to that are allowed");
        }
        count(event, 1);
        int before = values;
        requireNoTag(event);
        Anchor anchor = event instanceof NodeEvent node ? node.getAnchor().orElse(null) : null;
        if (anchor != null) {
            anchors.put(anchor, new Anchored(null, 0, 0));
        }
        height = 1;
        Node node = event instanceof ScalarEvent scalar
                ? scalar(scalar)
                : event.getEventId() == Event.ID.SequenceStart ? sequence(event, depth) : mapping(event, depth);
        if (anchor != null) {
            anchors.put(anchor, new Anchored(node, values - before + 1, height));
        }
        return node;
    }

    private Node aliased(AliasEvent alias, int depth) {
        String name = "alias *" + Problems.clipped(alias.getAlias().getValue());
        Anchored anchored = anchors.get(alias.getAlias());
        if (anchored == null) {
            throw refused(alias, name + " stands for nothing: an anchor &… before it is needed");
        }
        if (anchored.node == null) {
            throw refused(alias, name + " stands for what it is part of: an anchor that is complete is needed");
        }
        if (depth + anchored.height - 1 > DEEPEST) {
            throw refused(alias, name + " nests deeper than " + DEEPEST + " levels: up to that are allowed");
        }
        count(alias, anchored.values);
        height = anchored.height;
        return anchored.node;
    }

    private void count(Event event, int more) {
        values += more;
        if (values > MOST_VALUES) {
            throw refused(
                    event,
                    "has more than " + MOST_VALUES
                            + " values here, those behind aliases counted each time: up to that many are allowed");
        }
    }

    private void requireNoTag(Event event) {
        Optional<String> tag = event instanceof ScalarEvent scalar
                ? scalar.getTag()
                : event instanceof CollectionStartEvent collection ? collection.getTag() : Optional.empty();
        if (tag.isPresent()) {
            throw refused(event, "has the tag '" + Problems.clipped(tag.get()) + "': values without a tag are allowed");
        }
    }

    private Node.Scalar scalar(ScalarEvent event) {
        int wrong = notAllowed(event.getValue(), "\t\n");
        if (wrong >= 0) {
            throw refused(event, named(event.getValue(), wrong));
        }
        return new Node.Scalar(line(event), column(event), event.getValue(), event.isPlain());
    }

    private Node.Sequence sequence(Event start, int depth) {
        List<Node> items = new ArrayList<>();
        int highest = 0;
        for (Event event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
            items.add(node(event, depth + 1));
            highest = Math.max(highest, height);
        }
        height = highest + 1;
        return new Node.Sequence(line(start), column(start), Collections.unmodifiableList(items));
    }

    private Node.Mapping mapping(Event start, int depth) {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        Map<String, Node.Repeated> repeated = new LinkedHashMap<>();
        int highest = 0;
        for (Event event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
            if (!(event instanceof ScalarEvent)) {
                throw refused(event, "is a key that is no text: a text is allowed");
            }
            Node.Scalar key = (Node.Scalar) node(event, depth + 1);
            Node value = node(next(), depth + 1);
            Node.Entry entry = new Node.Entry(key.line(), key.column(), value);
            Node.Entry before = entries.putIfAbsent(key.text(), entry);
            if (before != null) {
                repeated.putIfAbsent(key.text(), new Node.Repeated(key.line(), key.column(), before.line()));
            }
            highest = Math.max(highest, height);
        }
        height = highest + 1;
        return new Node.Mapping(
                line(start),
                column(start),
                Collections.unmodifiableMap(entries),
                Collections.unmodifiableMap(repeated));
    }

    private PlanFileException refused(Event event, String message) {
        return problems.only(line(event), column(event), message);
    }

    private static int line(Event event) {
        return event.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    private static int column(Event event) {
        return event.getStartMark().map(Mark::getColumn).orElse(0) + 1;
    }
}
