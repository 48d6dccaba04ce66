package io.github.rollback4j.evidence;

import io.github.rollback4j.evidence.Evidence.Margin;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the reference values, which were computed with 60 digits. */
final class Reference {

    private static final String FILE = "reference.csv";

    private Reference() {}

    record Row(String kind, String id, Map<String, Object> params, List<?> data, Map<String, ?> named, double value) {

        Margin margin() {
            return new Margin((Double) params.get("rho"), (Double) params.get("d"));
        }

        double number(String param) {
            return (Double) params.get(param);
        }

        /** Returns the counts of a named part of the data. */
        long[] counts(String name) {
            return list(named.get(name)).stream().mapToLong(Reference::count).toArray();
        }

        double tolerance() {
            return 1e-9 + 1e-11 * Math.abs(value);
        }

        @Override
        public String toString() {
            return id;
        }
    }

    static List<Row> rows(String kind) {
        return text().lines()
                .skip(1)
                .map(Reference::fields)
                .filter(fields -> fields.get(0).equals(kind))
                .map(Reference::row)
                .toList();
    }

    /** Returns the counts of a list of strata, each {@code [w, ns, ks, nc, kc]}. */
    static List<Counts> strata(Object strata) {
        return list(strata).stream().map(Reference::counts).toList();
    }

    static List<?> list(Object json) {
        return (List<?>) json;
    }

    private static Counts counts(Object stratum) {
        List<?> parts = list(stratum);
        return new Counts(
                (Double) parts.get(0),
                count(parts.get(1)),
                count(parts.get(2)),
                count(parts.get(3)),
                count(parts.get(4)));
    }

    static long count(Object number) {
        double value = (Double) number;
        assert value == Math.rint(value) && Math.abs(value) < 1L << 53;
        return (long) value;
    }

    private static Row row(List<String> fields) {
        Object data = new Json(fields.get(3)).read();
        return new Row(
                fields.get(0),
                fields.get(1),
                named(new Json(fields.get(2)).read()),
                data instanceof List<?> elements ? elements : List.of(),
                data instanceof Map<?, ?> ? named(data) : Map.of(),
                Double.parseDouble(fields.get(4)));
    }

    private static Map<String, Object> named(Object json) {
        Map<String, Object> members = new LinkedHashMap<>();
        ((Map<?, ?>) json).forEach((name, value) -> members.put((String) name, value));
        return members;
    }

    private static String text() {
        try (InputStream in = Reference.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            boolean doubled = quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"';
            if (doubled) {
                field.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    /** Reads objects, arrays, strings without escapes, and numbers. */
    private static final class Json {

        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object read() {
            return switch (peek()) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                default -> number();
            };
        }

        private Map<String, Object> object() {
            Map<String, Object> members = new LinkedHashMap<>();
            expect('{');
            while (peek() != '}') {
                String name = string();
                expect(':');
                members.put(name, read());
                skipComma();
            }
            expect('}');
            return members;
        }

        private List<Object> array() {
            List<Object> elements = new ArrayList<>();
            expect('[');
            while (peek() != ']') {
                elements.add(read());
                skipComma();
            }
            expect(']');
            return elements;
        }

        private String string() {
            expect('"');
            int end = text.indexOf('"', at);
            String content = text.substring(at, end);
            at = end + 1;
            return content;
        }

        private Double number() {
            int begin = at;
            while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return Double.valueOf(text.substring(begin, at));
        }

        private char peek() {
            while (text.charAt(at) == ' ') {
                at++;
            }
            return text.charAt(at);
        }

        private void expect(char c) {
            if (peek() != c) {
                throw new IllegalStateException("expected " + c + " at " + at + " of " + text);
            }
            at++;
        }

        private void skipComma() {
            if (peek() == ',') {
                at++;
            }
        }
    }
}
