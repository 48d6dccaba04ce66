package io.github.rollback4j.planfile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes nodes of values that were never in a file, and so have no place in one. */
final class ValueTree {

    /** Deeper than any plan, and less deep than what would exhaust a thread. */
    private static final int DEEPEST = 50;

    private ValueTree() {}

    /**
     * Returns the node of a value.
     *
     * @throws IllegalArgumentException if it, or something in it, is neither a map with texts as keys, a list, a text, a number nor a
     *     boolean, or it is nested too deeply
     */
    static Node node(@Nullable Object value) {
        return node(value, 0);
    }

    private static Node node(@Nullable Object value, int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException(
                    "a value is nested more than " + DEEPEST + " levels deep: up to that many are allowed");
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Node.Entry> entries = new LinkedHashMap<>();
            map.forEach((key, its) -> entries.put(String.valueOf(key), new Node.Entry(0, 0, node(its, depth + 1))));
            return new Node.Mapping(0, 0, entries, Map.of());
        }
        if (value instanceof List<?> list) {
            List<Node> items = new ArrayList<>();
            list.forEach(item -> items.add(node(item, depth + 1)));
            return new Node.Sequence(0, 0, items);
        }
        if (value == null || value.equals("")) {
            return new Node.Scalar(0, 0, "", true);
        }
        if (value instanceof CharSequence text) {
            // Nothing in it is a placeholder.
            return new Node.Scalar(0, 0, text.toString().replace("${", "$${"), false);
        }
        if (value instanceof Number || value instanceof Boolean) {
            return new Node.Scalar(0, 0, value.toString(), true);
        }
        throw new IllegalArgumentException("a value of type " + value.getClass().getName()
                + " is not allowed: a map, a list, a text, a number or a boolean is");
    }
}
