package io.github.rollback4j.migrations.statements;

import io.github.rollback4j.plan.PlanParts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the file of a catalogue, or a plain file of statements. For one file and one thread. */
final class CatalogueReader {

    private static final List<String> KEYS = List.of(
            CatalogueText.PARAMETERS,
            CatalogueText.SAMPLE,
            CatalogueText.READS,
            CatalogueText.SEEN_IN,
            CatalogueText.DELIMITER,
            CatalogueText.INCOMPLETE);

    private static final Pattern VERSION = Pattern.compile("--\\s*rollback4j statements\\s+(\\S+)\\s*");
    private static final Pattern HEADER = Pattern.compile("--\\s*([A-Za-z][A-Za-z ]*?)\\s*:\\s*(.*?)\\s*");

    private final String file;
    private final String text;
    private int at;
    private int line = 1;
    private boolean isComplete = true;

    CatalogueReader(String file, String text) {
        this.file = file;
        this.text = text.replace("\r\n", "\n").replace('\r', '\n');
    }

    /** Says whether the file says that it has everything; after {@link #read}. */
    boolean isComplete() {
        return isComplete;
    }

    /**
     * Reads all statements in the order of the file.
     *
     * @throws IllegalArgumentException if something cannot be read, with the file and the line
     */
    List<RecordedStatement> read() {
        List<RecordedStatement> statements = new ArrayList<>();
        Headers headers = new Headers();
        while (at < text.length()) {
            String current = currentLine();
            if (current.isBlank()) {
                nextLine();
            } else if (current.strip().startsWith("--")) {
                readComment(current.strip(), headers);
                nextLine();
            } else {
                RecordedStatement statement = readStatement(headers);
                if (statement != null) {
                    statements.add(statement);
                    headers = new Headers();
                }
            }
        }
        if (headers.isWritten) {
            throw notAllowed("headers without a statement after them are not allowed");
        }
        return statements;
    }

    private void readComment(String comment, Headers headers) {
        Matcher version = VERSION.matcher(comment);
        if (version.matches()) {
            if (!version.group(1).equals("1")) {
                throw notAllowed("format " + version.group(1) + " is not known: 1 is");
            }
            return;
        }
        Matcher header = HEADER.matcher(comment);
        if (!header.matches()) {
            return;
        }
        String key = header.group(1).toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        String value = header.group(2);
        switch (key) {
            case CatalogueText.PARAMETERS -> headers.parameters = types(value);
            case CatalogueText.SAMPLE -> headers.samples.put(line, new Values(value).samples());
            case CatalogueText.READS -> new Values(value).readers(headers.readers);
            case CatalogueText.SEEN_IN -> headers.origin = value;
            case CatalogueText.DELIMITER -> headers.delimiter = delimiter(value);
            case CatalogueText.INCOMPLETE -> isComplete = false;
            default -> {
                // What is no header is a comment, unless somebody meant a header.
                String nearest = PlanParts.nearest(key, KEYS);
                if (nearest != null) {
                    throw notAllowed("'" + key + "' is unknown, '" + nearest + "' is the nearest: "
                            + String.join(", ", KEYS) + " are allowed");
                }
                return;
            }
        }
        headers.isWritten |= !key.equals(CatalogueText.INCOMPLETE);
    }

    private List<String> types(String value) {
        List<String> types = new ArrayList<>();
        for (String type : value.split(",", -1)) {
            try {
                types.add(ParameterType.named(type.strip()));
            } catch (IllegalArgumentException e) {
                throw notAllowed(String.valueOf(e.getMessage()));
            }
        }
        return types;
    }

    private String delimiter(String value) {
        if (value.isEmpty() || value.contains(" ") || value.contains("'")) {
            throw notAllowed(
                    "delimiter '" + value + "' is not allowed: signs without spaces and quotes, for example //, are");
        }
        return value;
    }

    private @Nullable RecordedStatement readStatement(Headers headers) {
        String rest = text.substring(at);
        int end;
        if (headers.delimiter.equals(";")) {
            end = CatalogueText.end(rest);
        } else {
            Matcher delimiter = Pattern.compile(Pattern.quote(headers.delimiter) + "[ \\t]*(\\n|\\z)")
                    .matcher(rest);
            end = delimiter.find() ? delimiter.start() : -1;
        }
        if (end < 0) {
            if (SqlText.compared(rest).isEmpty()) {
                at = text.length();
                return null;
            }
            throw notAllowed("the statement that begins here has no end: '" + headers.delimiter
                    + "' as the last sign of a line, outside of quotes and comments, is needed");
        }
        String sql = SqlText.compared(rest.substring(0, end));
        if (headers.delimiter.equals(";") && CatalogueText.hasSemicolon(sql)) {
            throw notAllowed(
                    "a semicolon within a line is not allowed in the statement that begins here: lines of their own for"
                            + " each statement are, or a header as -- delimiter: // for a block");
        }
        RecordedStatement statement = sql.isEmpty() ? null : headers.statement(sql);
        if (statement == null && headers.isWritten) {
            throw notAllowed("headers without a statement after them are not allowed");
        }
        skip(end + headers.delimiter.length());
        // A comment after the delimiter belongs to the statement before it.
        nextLine();
        return statement;
    }

    private String currentLine() {
        int end = text.indexOf('\n', at);
        return text.substring(at, end < 0 ? text.length() : end);
    }

    private void nextLine() {
        skip(Math.min(currentLine().length() + 1, text.length() - at));
    }

    private void skip(int length) {
        line += (int)
                text.substring(at, at + length).chars().filter(c -> c == '\n').count();
        at += length;
    }

    private IllegalArgumentException notAllowed(String message) {
        return notAllowed(line, message);
    }

    private IllegalArgumentException notAllowed(int wrongLine, String message) {
        return new IllegalArgumentException(file + ", line " + wrongLine + ": " + message);
    }

    /** What is written before a statement. */
    private final class Headers {

        private @Nullable List<String> parameters;
        private final Map<Integer, List<@Nullable String>> samples = new LinkedHashMap<>();
        private final Map<String, String> readers = new TreeMap<>();
        private String origin = "";
        private String delimiter = ";";
        private boolean isWritten;

        RecordedStatement statement(String sql) {
            List<String> types = parameters;
            if (types == null) {
                types = samples.values().stream()
                        .findFirst()
                        .map(sample -> sample.stream()
                                .map(value -> ParameterType.UNKNOWN)
                                .toList())
                        .orElse(List.of());
            }
            int count = types.size();
            samples.forEach((at, sample) -> {
                if (sample.size() != count) {
                    throw notAllowed(
                            at,
                            "a sample of " + sample.size() + " values is not allowed: " + count
                                    + ", as many as there are parameters, are");
                }
            });
            return new RecordedStatement(sql, types, List.copyOf(samples.values()), new TreeMap<>(readers), origin);
        }
    }

    /** Values with commas between them. */
    private final class Values {

        private final String value;
        private int next;

        Values(String value) {
            this.value = value;
        }

        List<@Nullable String> samples() {
            List<@Nullable String> values = new ArrayList<>();
            if (value.isEmpty()) {
                return values;
            }
            do {
                skipSpace();
                values.add(isAt('\'') ? quoted('\'') : plainValue());
                skipSpace();
            } while (isThere(','));
            end();
            return values;
        }

        void readers(Map<String, String> readers) {
            do {
                skipSpace();
                String label = isAt('"') ? quoted('"') : plain();
                skipSpace();
                if (!isThere('=')) {
                    throw notAllowed("'" + value
                            + "' is not allowed: a column's label, =, and int, notnull or an enum's names with"
                            + " | between them, for example class = single|double, are");
                }
                List<String> parts = new ArrayList<>();
                do {
                    skipSpace();
                    parts.add(isAt('\'') ? quoted('\'') : plain());
                    skipSpace();
                } while (isThere('|'));
                readers.put(label, String.join(",", parts));
            } while (isThere(','));
            end();
        }

        private @Nullable String plainValue() {
            String plain = plain();
            if (plain.equalsIgnoreCase("null")) {
                return null;
            }
            boolean isKnown = CatalogueText.NUMBER.matcher(plain).matches()
                    || plain.equalsIgnoreCase("true")
                    || plain.equalsIgnoreCase("false");
            if (!isKnown) {
                throw notAllowed(
                        "value " + plain + " is not allowed without quotes: numbers, true, false and null are");
            }
            return plain;
        }

        private String plain() {
            int start = next;
            while (next < value.length() && ",=|'\" ".indexOf(value.charAt(next)) < 0) {
                next++;
            }
            if (start == next) {
                throw notAllowed("'" + value + "' has nothing at sign " + (start + 1) + ": a value is needed there");
            }
            return value.substring(start, next);
        }

        private String quoted(char quote) {
            StringBuilder quoted = new StringBuilder();
            next++;
            while (next < value.length()) {
                char c = value.charAt(next++);
                if (c == '\\') {
                    quoted.append(escaped());
                } else if (c != quote) {
                    quoted.append(c);
                } else if (isAt(quote)) {
                    quoted.append(c);
                    next++;
                } else {
                    return quoted.toString();
                }
            }
            throw notAllowed("a quote " + quote + " is not closed in the same line: write \\n for the end of a line");
        }

        private char escaped() {
            String escape = value.substring(next, Math.min(value.length(), next + 1));
            next++;
            switch (escape) {
                case "\\" -> {
                    return '\\';
                }
                case "n" -> {
                    return '\n';
                }
                case "r" -> {
                    return '\r';
                }
                case "t" -> {
                    return '\t';
                }
                case "u" -> {
                    String digits = value.substring(next, Math.min(value.length(), next + 4));
                    if (digits.matches("[0-9a-fA-F]{4}")) {
                        next += 4;
                        return (char) Integer.parseInt(digits, 16);
                    }
                }
                default -> {}
            }
            throw notAllowed(
                    "\\" + escape + " is not allowed: \\\\, \\n, \\r, \\t, and \\u with four hexadecimal digits are");
        }

        private void skipSpace() {
            while (next < value.length() && value.charAt(next) == ' ') {
                next++;
            }
        }

        private boolean isAt(char c) {
            return next < value.length() && value.charAt(next) == c;
        }

        private boolean isThere(char c) {
            if (isAt(c)) {
                next++;
                return true;
            }
            return false;
        }

        private void end() {
            if (next < value.length()) {
                throw notAllowed("'" + value.charAt(next) + "' at sign " + (next + 1) + " of '" + value
                        + "' is not allowed: commas between values are");
            }
        }
    }
}
