package io.github.rollback4j.migrations.report;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes maps, lists, texts, numbers and booleans as JSON (RFC 8259), with two spaces a level. */
final class Json {

    private final StringBuilder out = new StringBuilder();

    private Json() {}

    static String of(@Nullable Object value) {
        Json json = new Json();
        json.write(value, 0);
        return json.out.append('\n').toString();
    }

    private void write(@Nullable Object value, int level) {
        if (value instanceof Map<?, ?> map) {
            Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
            all('{', '}', entries, level, entry -> {
                text(String.valueOf(entry.getKey()));
                out.append(": ");
                write(entry.getValue(), level + 1);
            });
        } else if (value instanceof List<?> list) {
            all('[', ']', list.iterator(), level, entry -> write(entry, level + 1));
        } else if (value instanceof Number || value instanceof Boolean || value == null) {
            out.append(value);
        } else {
            text(value.toString());
        }
    }

    @FunctionalInterface
    private interface Writer<T> {
        void write(T entry);
    }

    private <T> void all(char open, char close, Iterator<T> entries, int level, Writer<? super T> writer) {
        out.append(open);
        boolean isEmpty = !entries.hasNext();
        while (entries.hasNext()) {
            line(level + 1);
            writer.write(entries.next());
            out.append(entries.hasNext() ? "," : "");
        }
        if (!isEmpty) {
            line(level);
        }
        out.append(close);
    }

    private void line(int level) {
        out.append('\n').append("  ".repeat(level));
    }

    private void text(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            switch (letter) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    boolean mustBeEscaped =
                            letter < ' ' || Character.isSurrogate(letter) || letter == '\u2028' || letter == '\u2029';
                    out.append(mustBeEscaped ? String.format("\\u%04x", (int) letter) : String.valueOf(letter));
                }
            }
        }
        out.append('"');
    }
}
