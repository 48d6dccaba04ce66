package io.github.rollback4j.samples.checkout.show;

/**
 * What a terminal can show.
 *
 * @param colours whether it shows them
 * @param blocks whether it shows the block characters of Unicode
 */
record Ink(boolean colours, boolean blocks) {

    private static final int WIDTH = 36;
    private static final int EIGHTHS = 8;
    private static final char FULL = '\u2588';
    private static final char REST = '\u2591';

    String bold(String text) {
        return escaped("1", text);
    }

    String red(String text) {
        return escaped("1;31", text);
    }

    String green(String text) {
        return escaped("32", text);
    }

    String yellow(String text) {
        return escaped("33", text);
    }

    /** Draws a part of one as a bar; what is outside 0 to 1 is drawn as if it were at the end. */
    String bar(double part) {
        int eighths = (int) Math.round(Math.max(0, Math.min(1, part)) * WIDTH * EIGHTHS);
        if (!blocks) {
            int full = eighths / EIGHTHS;
            return "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "]";
        }
        StringBuilder bar = new StringBuilder(String.valueOf(FULL).repeat(eighths / EIGHTHS));
        if (eighths % EIGHTHS > 0) {
            // The partial blocks go from seven eighths, one after the full block, down to one.
            bar.append((char) (FULL + EIGHTHS - eighths % EIGHTHS));
        }
        return bar.append(String.valueOf(REST).repeat(WIDTH - bar.length())).toString();
    }

    private String escaped(String code, String text) {
        return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
