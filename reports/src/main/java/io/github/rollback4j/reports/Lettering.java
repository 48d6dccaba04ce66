package io.github.rollback4j.reports;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Makes texts fit. Which font a viewer takes is not known, so widths are estimates for a wide one (DejaVu Sans), which
 * narrower fonts do not use up.
 */
final class Lettering {

    private static final String NARROW = " .,:;|!'ijlI()[]/-";
    private static final String ELLIPSIS = "…";

    private Lettering() {}

    /** Returns at most how wide a text is. */
    static double width(String text, double fontSize) {
        return fontSize * text.codePoints().mapToDouble(Lettering::width).sum();
    }

    /** Returns the text, shortened to the width where it is wider. */
    static String shortened(String text, double fontSize, double width) {
        if (width(text, fontSize) <= width) {
            return text;
        }
        StringBuilder shortened = new StringBuilder();
        double left = width - width(ELLIPSIS, fontSize);
        for (int c : text.codePoints().toArray()) {
            left -= fontSize * width(c);
            if (left < 0) {
                break;
            }
            shortened.appendCodePoint(c);
        }
        return shortened.append(ELLIPSIS).toString();
    }

    /**
     * Returns where to write lines of text so that they keep their distance, each as near to where it is wanted as its
     * neighbours let it.
     *
     * @param wanted where each should be
     * @param distance of two lines
     * @param top the least, {@code bottom} the most; all lines must fit between them
     */
    static double[] apart(double[] wanted, double distance, double top, double bottom) {
        Integer[] order = IntStream.range(0, wanted.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> wanted[i]))
                .toArray(Integer[]::new);
        double[] sorted = Arrays.stream(order).mapToDouble(i -> wanted[i]).toArray();
        double[] down = pushedDown(sorted, distance, Double.NEGATIVE_INFINITY);
        double[] up = pushedUp(sorted, distance, Double.POSITIVE_INFINITY);
        // Both keep the distance, so their middle does, and a cluster stays around where it is wanted.
        Arrays.setAll(sorted, i -> (down[i] + up[i]) / 2);
        double[] placed = pushedUp(pushedDown(sorted, distance, top), distance, bottom);
        double[] apart = new double[wanted.length];
        for (int i = 0; i < placed.length; i++) {
            apart[order[i]] = placed[i];
        }
        return apart;
    }

    private static double[] pushedDown(double[] sorted, double distance, double top) {
        double[] pushed = sorted.clone();
        double least = top;
        for (int i = 0; i < pushed.length; i++) {
            pushed[i] = Math.max(pushed[i], least);
            least = pushed[i] + distance;
        }
        return pushed;
    }

    private static double[] pushedUp(double[] sorted, double distance, double bottom) {
        double[] pushed = sorted.clone();
        double most = bottom;
        for (int i = pushed.length - 1; i >= 0; i--) {
            pushed[i] = Math.min(pushed[i], most);
            most = pushed[i] - distance;
        }
        return pushed;
    }

    private static double width(int c) {
        if (NARROW.indexOf(c) >= 0) {
            return .42;
        }
        if ((c >= 'a' && c <= 'z' && c != 'm' && c != 'w') || (c >= '0' && c <= '9')) {
            return .7;
        }
        // Capitals, m, w, signs, and scripts with wide letters.
        return 1;
    }
}
