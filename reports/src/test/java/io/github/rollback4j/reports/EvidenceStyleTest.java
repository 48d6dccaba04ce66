package io.github.rollback4j.reports;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceStyleTest {

    /** Normal sight, and none of one kind of cone: Machado et al., "A Physiologically-based Model", 2009, severity 1. */
    private static final double[][][] SIGHTS = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}},
        {{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.011820, .042940, .968881}},
        {{1.255528, -.076749, -.178779}, {-.078411, .930809, .147602}, {.004733, .691367, .303900}}
    };

    /** Of CIE 1976; 2.3 is just noticeable side by side, thin lines that are apart need far more. */
    private static final double LEAST_DIFFERENCE = 25;

    /** Success criterion 1.4.3 of WCAG 2.2: a contrast of at least 4.5 between text and what is behind it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void style_textsInLightAndDark_haveEnoughContrast(boolean dark) {
        String scheme = scheme(dark);
        List<String> onIt =
                List.of("f0", "f1", "f2", "f3", "f4", "f5", "title", "threshold-label", "rollback4j-chart text");
        for (String selector : onIt) {
            for (String background : selector.startsWith("f") ? List.of("paper") : List.of("paper", "share")) {
                assertThat(contrast(fill(scheme, selector), fill(scheme, background)))
                        .as("%s on %s", selector, background)
                        .isGreaterThanOrEqualTo(4.5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void style_linesInLightAndDark_differWithAnyColourBlindness(boolean dark) {
        for (double[][] sight : SIGHTS) {
            for (int i = 0; i < 6; i++) {
                for (int j = 0; j < i; j++) {
                    double[] one = lab(sight, fill(scheme(dark), "f" + i));
                    double[] other = lab(sight, fill(scheme(dark), "f" + j));
                    assertThat(Math.hypot(Math.hypot(one[0] - other[0], one[1] - other[1]), one[2] - other[2]))
                            .as("%d and %d, %s", i, j, Arrays.deepToString(sight))
                            .isGreaterThanOrEqualTo(LEAST_DIFFERENCE);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void style_lineAndItsLabel_haveTheSameColour(boolean dark) {
        for (int i = 0; i < 6; i++) {
            assertThat(scheme(dark))
                    .containsPattern("c%d \\{ stroke: (#[0-9a-f]{6}); } \\S+ \\.f%d \\{ fill: \\1; }".formatted(i, i));
        }
    }

    private static String scheme(boolean dark) {
        int media = EvidenceStyle.CSS.indexOf("@media (prefers-color-scheme: dark)");
        return dark ? EvidenceStyle.CSS.substring(media) : EvidenceStyle.CSS.substring(0, media);
    }

    private static int fill(String css, String selector) {
        Matcher rule = Pattern.compile("\\.%s\\b[^}]*?\\bfill: #([0-9a-f]{6})".formatted(selector))
                .matcher(css);
        assertThat(rule.find()).as(selector).isTrue();
        return Integer.parseInt(rule.group(1), 16);
    }

    private static double contrast(int one, int other) {
        double light = Math.max(luminance(one), luminance(other));
        double dark = Math.min(luminance(one), luminance(other));
        return (light + .05) / (dark + .05);
    }

    private static double luminance(int colour) {
        return .2126 * linear(colour >> 16 & 0xFF) + .7152 * linear(colour >> 8 & 0xFF) + .0722 * linear(colour & 0xFF);
    }

    private static double linear(int channel) {
        double c = channel / 255.0;
        return c <= .04045 ? c / 12.92 : Math.pow((c + .055) / 1.055, 2.4);
    }

    private static double[] lab(double[][] sight, int colour) {
        double[] seen = new double[3];
        for (int i = 0; i < 3; i++) {
            double sum = 0;
            for (int j = 0; j < 3; j++) {
                sum += sight[i][j] * linear(colour >> (16 - 8 * j) & 0xFF);
            }
            seen[i] = Math.min(1, Math.max(0, sum));
        }
        double x = root((.4124 * seen[0] + .3576 * seen[1] + .1805 * seen[2]) / .95047);
        double y = root(.2126 * seen[0] + .7152 * seen[1] + .0722 * seen[2]);
        double z = root((.0193 * seen[0] + .1192 * seen[1] + .9505 * seen[2]) / 1.08883);
        return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
    }

    private static double root(double part) {
        return part > .008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116.0;
    }
}
