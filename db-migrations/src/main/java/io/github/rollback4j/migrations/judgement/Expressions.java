package io.github.rollback4j.migrations.judgement;

import org.jspecify.annotations.Nullable;

/** Compares expressions as far as their texts allow. */
final class Expressions {

    private Expressions() {}

    /** Writes an expression so that spaces, letters outside of quotes and needless casts do not count. */
    static @Nullable String normalised(@Nullable String expression) {
        if (expression == null) {
            return null;
        }
        String text = expression.strip();
        StringBuilder out = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter == '\'') {
                quoted = !quoted;
            }
            if (quoted || letter == '\'') {
                out.append(letter);
            } else if (!Character.isWhitespace(letter)) {
                out.append(Character.toLowerCase(letter));
            }
        }
        String plain = out.toString().replaceFirst("^('(?:[^']++|'')*+')::[a-z_\" .]+$", "$1");
        while (plain.startsWith("(") && plain.endsWith(")") && closes(plain)) {
            plain = plain.substring(1, plain.length() - 1);
        }
        return plain.equals("null") ? null : plain;
    }

    private static boolean closes(String text) {
        int depth = 0;
        for (int i = 0; i < text.length() - 1; i++) {
            depth += text.charAt(i) == '(' ? 1 : text.charAt(i) == ')' ? -1 : 0;
            if (depth == 0) {
                return false;
            }
        }
        return true;
    }
}
