package io.github.rollback4j.reports;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Writes SVG: well-formed whatever the texts hold, and the same for the same calls. */
final class Svg {

    private static final String REPLACEMENT = "\uFFFD";

    private final StringBuilder out = new StringBuilder();

    /** Begins a picture: a single one to those who hear it, described by what {@link #title} says. */
    void begin(String cssClass, double width, double height) {
        out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
        attribute("class", cssClass);
        attribute("viewBox", "0 0 " + number(width) + " " + number(height));
        attribute("width", number(width));
        attribute("height", number(height));
        out.append(">\n");
    }

    void end() {
        out.append("</svg>\n");
    }

    void title(String title, String description) {
        element("title", title);
        element("desc", description);
    }

    void style(String css) {
        element("style", css);
    }

    void line(String cssClass, double x1, double y1, double x2, double y2) {
        start("line", cssClass, "x1", x1, "y1", y1, "x2", x2, "y2", y2);
        out.append("/>\n");
    }

    void rectangle(String cssClass, double x, double y, double width, double height) {
        start("rect", cssClass, "x", x, "y", y, "width", width, "height", height);
        out.append("/>\n");
    }

    void dot(String cssClass, double x, double y, double radius) {
        start("circle", cssClass, "cx", x, "cy", y, "r", radius);
        out.append("/>\n");
    }

    void path(String cssClass, String dashes, String path) {
        start("path", cssClass);
        attribute("stroke-dasharray", dashes);
        attribute("d", path);
        out.append("/>\n");
    }

    /** Writes a text; {@code y} is its baseline. */
    void text(String cssClass, double x, double y, String text) {
        start("text", cssClass, "x", x, "y", y);
        out.append('>').append(escaped(text)).append("</text>\n");
    }

    /** Returns a coordinate, to a tenth of a pixel. */
    static String number(double value) {
        return BigDecimal.valueOf(value)
                .setScale(1, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }

    /** Returns what was written. */
    @Override
    public String toString() {
        return out.toString();
    }

    private void start(String element, String cssClass, Object... numbers) {
        out.append("  <").append(element);
        attribute("class", cssClass);
        for (int i = 0; i < numbers.length; i += 2) {
            attribute((String) numbers[i], number((double) numbers[i + 1]));
        }
    }

    private void element(String element, String content) {
        out.append("  <").append(element).append('>');
        out.append(escaped(content)).append("</").append(element).append(">\n");
    }

    private void attribute(String name, String value) {
        out.append(' ').append(name).append("=\"").append(escaped(value)).append('"');
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> {
                    if (isAllowed(c)) {
                        escaped.appendCodePoint(c);
                    } else {
                        escaped.append(REPLACEMENT);
                    }
                }
            }
        });
        return escaped.toString();
    }

    /** Char of XML 1.0, https://www.w3.org/TR/xml/#NT-Char: what else a text holds cannot be written, escaped neither. */
    private static boolean isAllowed(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= 0x20 && c <= 0xD7FF)
                || (c >= 0xE000 && c <= 0xFFFD)
                || (c >= 0x10000 && c <= 0x10FFFF);
    }
}
