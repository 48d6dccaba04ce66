package io.github.rollback4j.jdbc;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An event's data as a JSON object of strings, sorted by name, in one line: {@code {"share":"0.05","step":"1"}}. What a
 * database might not keep (control characters, halves of a surrogate pair) is escaped, so that every text comes back as it was.
 */
final class EventData {

    private EventData() {}

    static String write(SortedMap<String, String> data) {
        StringBuilder text = new StringBuilder("{");
        data.forEach((name, value) -> {
            if (text.length() > 1) {
                text.append(',');
            }
            write(name, text);
            text.append(':');
            write(value, text);
        });
        return text.append('}').toString();
    }

    private static void write(String value, StringBuilder text) {
        text.append('"');
        for (int index = 0; index < value.length(); index++) {
            char next = value.charAt(index);
            switch (next) {
                case '"', '\\' -> text.append('\\').append(next);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (Character.isHighSurrogate(next)
                            && index + 1 < value.length()
                            && Character.isLowSurrogate(value.charAt(index + 1))) {
                        text.append(next).append(value.charAt(++index));
                    } else if (isEscaped(next)) {
                        text.append(String.format("\\u%04x", (int) next));
                    } else {
                        text.append(next);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean isEscaped(char next) {
        return Character.isISOControl(next)
                || Character.isSurrogate(next)
                || next == '\u2028'
                || next == '\u2029'
                || next >= '\ufff0'
                || next == '\ufeff';
    }

    /**
     * Reads what {@link #write} wrote, white space between its parts too.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static SortedMap<String, String> read(String text) {
        return new Reader(text).data();
    }

    private static final class Reader {
        private final String text;
        private int place;

        Reader(String text) {
            this.text = text;
        }

        SortedMap<String, String> data() {
            SortedMap<String, String> data = new TreeMap<>();
            expect('{');
            if (next() == '}') {
                place++;
            } else {
                do {
                    String name = string();
                    expect(':');
                    if (data.put(name, string()) != null) {
                        throw odd();
                    }
                } while (more());
            }
            if (next() != 0) {
                throw odd();
            }
            return data;
        }

        /** Returns what comes next, white space left out; 0 at the end. */
        private char next() {
            while (place < text.length() && " \t\r\n".indexOf(text.charAt(place)) >= 0) {
                place++;
            }
            return place < text.length() ? text.charAt(place) : 0;
        }

        private void expect(char wanted) {
            if (next() != wanted) {
                throw odd();
            }
            place++;
        }

        private boolean more() {
            if (next() == ',') {
                place++;
                return true;
            }
            expect('}');
            return false;
        }

        private String string() {
            expect('"');
            int begin = place;
            int end = begin;
            while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\\') {
                end++;
            }
            StringBuilder value = new StringBuilder().append(text, begin, end);
            place = end;
            while (character() != '"') {
                char next = text.charAt(place - 1);
                value.append(next == '\\' ? escaped() : next);
            }
            return value.toString();
        }

        private char character() {
            if (place >= text.length()) {
                throw odd();
            }
            return text.charAt(place++);
        }

        private char escaped() {
            char next = character();
            return switch (next) {
                case '"', '\\', '/' -> next;
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'u' -> {
                    int code = 0;
                    for (int digit = 0; digit < 4; digit++) {
                        int value = Character.digit(character(), 16);
                        if (value < 0) {
                            throw odd();
                        }
                        code = code * 16 + value;
                    }
                    yield (char) code;
                }
                default -> throw odd();
            };
        }

        private IllegalArgumentException odd() {
            return new IllegalArgumentException("not a JSON object of strings, at character " + place);
        }
    }
}
