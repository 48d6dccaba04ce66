package io.github.rollback4j.planfile;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Writes maps, lists, texts, numbers and booleans as JSON, indented; what is short stays on one line. */
final class JsonText {

    private static final int SHORT = 100;

    private final StringBuilder text = new StringBuilder();
    private final boolean onOneLine;

    private JsonText(boolean onOneLine) {
        this.onOneLine = onOneLine;
    }

    static String of(Object value) {
        JsonText json = new JsonText(false);
        json.write(value, "\n");
        return json.text.append('\n').toString();
    }

    private void write(Object value, String lineStart) {
        if (!onOneLine && (value instanceof Map || value instanceof List)) {
            JsonText line = new JsonText(true);
            line.write(value, "");
            if (line.text.length() <= SHORT) {
                text.append(line.text);
                return;
            }
        }
        if (value instanceof Map<?, ?> map) {
            writeAll('{', map.entrySet().iterator(), '}', lineStart);
        } else if (value instanceof List<?> list) {
            writeAll('[', list.iterator(), ']', lineStart);
        } else if (value instanceof Map.Entry<?, ?> entry) {
            quote(entry.getKey().toString());
            text.append(": ");
            write(entry.getValue(), lineStart);
        } else if (value instanceof Double number) {
            // 1.0E-9 is JSON, and 16384.0 is what nobody writes.
            text.append(
                    number == Math.rint(number)
                            ? BigDecimal.valueOf(number).toBigInteger().toString()
                            : BigDecimal.valueOf(number).stripTrailingZeros().toPlainString());
        } else if (value instanceof Number || value instanceof Boolean) {
            text.append(value);
        } else {
            quote(value.toString());
        }
    }

    private void writeAll(char begin, Iterator<?> items, char end, String lineStart) {
        String inner = onOneLine ? " " : lineStart + "  ";
        text.append(begin);
        boolean any = false;
        while (items.hasNext()) {
            text.append(any ? "," : "").append(any || !onOneLine ? inner : "");
            any = true;
            write(items.next(), onOneLine ? "" : inner);
        }
        text.append(any ? lineStart : "").append(end);
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c == '\n') {
                text.append("\\n");
            } else if (c < ' ' || c == 0x7F || c == '\u2028' || c == '\u2029' || Character.isSurrogate(c)) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
