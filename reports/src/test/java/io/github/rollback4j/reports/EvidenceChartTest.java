package io.github.rollback4j.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.rollback4j.reports.Picture.Box;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

class EvidenceChartTest {

    private static EvidencePoint point(double seconds, double share, Double... log10Evidence) {
        return new EvidencePoint(Duration.ofNanos((long) (seconds * 1e9)), share, List.of(log10Evidence));
    }

    private static EvidenceCurve curve(EvidencePoint... points) {
        int signals = points.length == 0 ? 1 : points[0].log10Evidence().size();
        return new EvidenceCurve(List.of("error-rate", "latency", "ordered").subList(0, signals), 2, List.of(points));
    }

    private static Picture draw(EvidenceCurve curve) {
        return Picture.of(EvidenceChart.of(curve).svg());
    }

    /** A candidate that fails more often from the third minute on. */
    private static EvidenceCurve typical() {
        List<EvidencePoint> points = new ArrayList<>();
        for (int i = 0; i <= 40; i++) {
            double seconds = 5 * i;
            double share = seconds < 60 ? .01 : seconds < 120 ? .05 : .25;
            double errors = seconds < 120 ? -.3 - seconds / 120 : -1.3 + .05 * (seconds - 120);
            points.add(point(seconds, share, errors, -.5 + .25 * Math.abs(i % 8 - 4) / 4.0, -.3 - i * .01));
        }
        return curve(points.toArray(EvidencePoint[]::new));
    }

    private static EvidenceCurve many(int signals, double log10) {
        List<String> names =
                IntStream.range(0, signals).mapToObj(i -> "signal-" + i).toList();
        return new EvidenceCurve(
                names,
                2,
                List.of(
                        new EvidencePoint(Duration.ZERO, .01, Collections.nCopies(signals, -.3)),
                        new EvidencePoint(Duration.ofMinutes(9), .01, Collections.nCopies(signals, log10))));
    }

    private static EvidenceCurve random(int points, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<EvidencePoint> drawn = new ArrayList<>();
        double[] log10 = {-.3, -.3, -.3};
        for (int i = 0; i < points; i++) {
            for (int j = 0; j < 3; j++) {
                log10[j] += random.nextDouble(-.3, .3);
            }
            drawn.add(point(.1 + i * 8, random.nextInt(20) / 20.0, log10[0], log10[1], log10[2]));
        }
        return curve(drawn.toArray(EvidencePoint[]::new));
    }

    static Stream<Arguments> curves() {
        double infinity = Double.POSITIVE_INFINITY;
        return Stream.of(
                Arguments.of("typical", typical()),
                Arguments.of("no point", curve()),
                Arguments.of("no signal", new EvidenceCurve(List.of(), 2, List.of())),
                Arguments.of("no signal, points", new EvidenceCurve(List.of(), 2, List.of(point(0, .5), point(9, .5)))),
                Arguments.of("one point at the start", curve(point(0, .05, -.3))),
                Arguments.of("one point", curve(point(.1, .05, -.3, 0.0, 2.5))),
                Arguments.of("512 points", random(512, 1)),
                Arguments.of("a year", curve(point(0, .01, -.3), point(366 * 86_400, .5, -.1))),
                Arguments.of("equal ends", curve(point(0, .5, .0, .0, .0), point(30, .5, 1.0, 1.0, 1.01))),
                Arguments.of("at the top", curve(point(0, .5, .0, .0, .0), point(30, .5, 9.0, 9.0, 9.0))),
                Arguments.of("at the bottom", curve(point(0, .5, .0, .0, .0), point(30, .5, -9.0, -7.0, -8.0))),
                Arguments.of(
                        "infinite", curve(point(0, .5, infinity, -infinity, .0), point(1, 1, -infinity, infinity, .0))),
                Arguments.of(
                        "huge", curve(point(0, .5, 1e300, -1e300, 12_345.0), point(9, .5, 1e300, -1e300, 12_345.0))),
                Arguments.of(
                        "unknown", curve(point(0, .5, Double.NaN, .1, Double.NaN), point(9, .5, Double.NaN, .3, 1.0))),
                Arguments.of("40 signals", many(40, 1.5)),
                Arguments.of("small threshold", new EvidenceCurve(List.of("a"), .05, List.of(point(0, 0, 3.0)))),
                Arguments.of("largest threshold", new EvidenceCurve(List.of("a"), 324, List.of(point(0, 1, 3.0)))),
                Arguments.of("large threshold", new EvidenceCurve(List.of("a"), 30, List.of(point(0, 1, 3.0)))),
                Arguments.of(
                        "long names",
                        new EvidenceCurve(
                                List.of("m".repeat(63), "i".repeat(200), "評価".repeat(40)),
                                2,
                                List.of(point(0, .5, .0, .1, .1), point(60, .5, .1, .1, .1)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("curves")
    void svg_anyCurve_isAWellFormedPictureThatStandsAlone(String name, EvidenceCurve curve) {
        String svg = EvidenceChart.of(curve).svg();

        Picture picture = Picture.of(svg);
        assertThat(picture.root().getNamespaceURI()).isEqualTo("http://www.w3.org/2000/svg");
        assertThat(picture.root().getAttribute("role")).isEqualTo("img");
        assertThat(picture.title()).isNotBlank();
        assertThat(picture.description()).isNotBlank();
        assertThat(picture.all("script")).isEmpty();
        assertThat(svg.replace("http://www.w3.org/2000/svg", ""))
                .doesNotContainIgnoringCase("href", "url(", "@import", "http:", "https:", "<!", "NaN");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("curves")
    void svg_anyCurve_everythingIsInThePicture(String name, EvidenceCurve curve) {
        Picture picture = draw(curve);

        for (Element line : picture.all("line")) {
            assertThat(picture.number(line, "x1")).isBetween(0.0, picture.width());
            assertThat(picture.number(line, "x2")).isBetween(0.0, picture.width());
            assertThat(picture.number(line, "y1")).isBetween(0.0, picture.height());
            assertThat(picture.number(line, "y2")).isBetween(0.0, picture.height());
        }
        for (Element share : picture.all("rect", "share")) {
            assertThat(picture.number(share, "width")).isNotNegative();
            assertThat(picture.number(share, "height")).isNotNegative();
        }
        List<Element> grid = picture.all("line", "grid");
        assertThat(grid).hasSizeBetween(2, 10);
        for (Element line : picture.all("path", "line")) {
            Matcher point = Pattern.compile("[ML](\\S+?) ([0-9.]+)").matcher(line.getAttribute("d"));
            while (point.find()) {
                assertThat(Double.parseDouble(point.group(1)))
                        .isBetween(picture.number(grid.get(0), "x1"), picture.number(grid.get(0), "x2"));
                assertThat(Double.parseDouble(point.group(2))).isBetween(0.0, picture.number(grid.get(0), "y1"));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("curves")
    void svg_anyCurve_textsNeitherOverlapNorLeaveThePicture(String name, EvidenceCurve curve) {
        Picture picture = draw(curve);

        List<Box> boxes = picture.boxes();
        for (Box box : boxes) {
            assertThat(box.left()).as(box.what()).isNotNegative();
            assertThat(box.right()).as(box.what()).isLessThanOrEqualTo(picture.width());
            assertThat(box.bottom()).as(box.what()).isLessThanOrEqualTo(picture.height());
            assertThat(boxes)
                    .filteredOn(other -> other != box && other.overlaps(box))
                    .as(box.what())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void svg_randomCurve_textsDoNotOverlap(int seed) {
        svg_anyCurve_textsNeitherOverlapNorLeaveThePicture("random", random(20 * seed, seed));
    }

    @Test
    void svg_typicalCurve_isThatOfTheFile() throws IOException {
        String svg =
                EvidenceChart.of(typical()).title("checkout:1.4.2..1.5.0#1").svg();
        Files.writeString(Path.of("target", "evidence-chart.svg"), svg);

        try (InputStream file = getClass().getResourceAsStream("evidence-chart.svg")) {
            assertThat(svg)
                    .as("if the change is meant, copy target/evidence-chart.svg over the file")
                    .isEqualTo(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void svg_anyLocale_isTheSame() {
        EvidenceCurve curve = random(100, 1);
        String svg = EvidenceChart.of(curve).svg();
        Locale before = Locale.getDefault();
        try {
            for (String tag : List.of("de-DE", "ar-EG-u-nu-arab", "tr-TR")) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                assertThat(EvidenceChart.of(curve).svg()).as(tag).isEqualTo(svg);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void svg_markupInTexts_isText() {
        String markup = "</title><script>alert('1')</script> & \"quoted\" ]]> &amp;";
        EvidenceCurve curve = new EvidenceCurve(List.of("<b>&"), 2, List.of(point(0, .5, 1.0)));

        Picture picture = Picture.of(EvidenceChart.of(curve).title(markup).svg());

        assertThat(picture.title()).isEqualTo(markup);
        assertThat(picture.texts("title")).containsExactly(markup);
        assertThat(picture.texts("label")).containsExactly("<b>&  10^1.00");
        assertThat(picture.description()).contains("<b>&: highest 10^1.00");
        assertThat(picture.all("script")).isEmpty();
    }

    @Test
    void svg_charactersThatXmlCannotHold_areReplaced() {
        Picture picture = Picture.of(EvidenceChart.of(typical())
                .title("a\0b\u0008c\uD800d\uFFFEe 😀")
                .svg());
        assertThat(picture.title()).isEqualTo("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe 😀");
    }

    @Test
    void svg_longTitle_isShortenedInThePictureOnly() {
        String title = "checkout:" + "1.4.2".repeat(50);
        Picture picture = Picture.of(EvidenceChart.of(typical()).title(title).svg());
        assertThat(picture.title()).isEqualTo(title);
        assertThat(picture.texts("title").get(0)).startsWith("checkout:1.4.2").endsWith("…");
    }

    @Test
    void svg_typicalCurve_isDescribed() {
        Picture picture = draw(typical());
        assertThat(picture.description())
                .isEqualTo(
                        "Evidence that the candidate is worse than stable, over time. Rollback threshold 10^2.00: a candidate"
                                + " that is no worse than tolerated gets there in at most 1 in 100 rollouts."
                                + " error-rate: highest 10^2.70 after 3 min 20 s, at or above the threshold."
                                + " latency: highest 10^-0.25 after 0.0 s, below the threshold."
                                + " ordered: highest 10^-0.30 after 0.0 s, below the threshold."
                                + " The candidate got 1 % of the calls from 0.0 s on, 5 % of the calls from 1 min on,"
                                + " 25 % of the calls from 2 min on.");
        assertThat(picture.texts("threshold-label")).containsExactly("Rollback threshold: at most 1 in 100 by chance");
        assertThat(picture.texts("share-label")).containsExactly("25 %", "1 %", "5 %");
        assertThat(picture.texts("label"))
                .containsExactly("error-rate  10^2.70", "latency  10^-0.25", "ordered  10^-0.70");
        assertThat(picture.texts("note")).containsExactly("grey: the candidate's share");
    }

    @Test
    void svg_exactlyAtTheThreshold_isAtOrAbove() {
        assertThat(draw(curve(point(0, .5, 2.0))).description()).contains("highest 10^2.00 after 0.0 s, at or above");
        assertThat(draw(curve(point(0, .5, 1.999999))).description()).contains("highest 10^2.00 after 0.0 s, below");
    }

    @Test
    void svg_manyChangesOfTheShare_theFirstAreTold() {
        assertThat(draw(random(512, 1)).description()).containsPattern("from 1 min 20 s on, and \\d+ more changes\\.$");
    }

    @Test
    void svg_changesOfTheShareThatDoNotAllFit_thoseOfTheLongestTimeAreWritten() {
        Picture picture = draw(curve(
                point(0, 0, .0),
                point(.1, .01, .0),
                point(.2, .05, .0),
                point(30, .25, .0),
                point(59, .5, .0),
                point(60, 1, .0)));
        assertThat(picture.texts("share-label")).containsExactly("5 %", "25 %", "50 %");
        assertThat(picture.description())
                .contains("The candidate got 0 % of the calls from 0.0 s on, 1 % of the calls from 0.1");
    }

    @Test
    void svg_nothingToDraw_saysWhy() {
        assertThat(draw(curve()).texts("nothing")).containsExactly("No evidence yet");
        assertThat(draw(curve()).description()).contains("No evidence yet.");
        assertThat(draw(new EvidenceCurve(List.of(), 2, List.of())).texts("nothing"))
                .containsExactly("No signal compares the releases");
    }

    @Test
    void svg_evidenceOffTheScale_isDrawnAtTheEdgeAndSaidAsItIs() {
        Picture picture = draw(curve(point(0, .5, .0, .0, .0), point(30, .5, -9.0, 40.0, Double.NEGATIVE_INFINITY)));

        assertThat(picture.texts("note")).contains("cut below 10^-2.00, above 10^4.00");
        assertThat(picture.texts("label")).containsExactly("error-rate  10^-9.00", "latency  10^40.00", "ordered  0");
        assertThat(picture.texts("power")).containsExactly("10⁻²", "10⁻¹", "1", "10¹", "10²", "10³", "10⁴");
        List<Double> ends = picture.lineEnds();
        assertThat(ends.get(0)).isEqualTo(ends.get(2)).isGreaterThan(ends.get(1));
        assertThat(picture.description()).contains("latency: highest 10^40.00");
    }

    @Test
    void svg_unknownEvidence_isAGapInTheLine() {
        Picture picture =
                draw(curve(point(0, .5, 1.0), point(1, .5, Double.NaN), point(2, .5, 1.0), point(3, .5, 1.0)));
        assertThat(picture.only("path", "line").getAttribute("d")).matches("M[^ML]+M[^ML]+L[^ML]+");
        assertThat(draw(curve(point(0, .5, Double.NaN))).description()).contains("error-rate: unknown.");
    }

    @Test
    void svg_manySignals_linesDifferInColourAndDashes() {
        Set<List<String>> looks = new HashSet<>();
        for (Element line : draw(many(36, 1)).all("path", "line")) {
            looks.add(List.of(line.getAttribute("class"), line.getAttribute("stroke-dasharray")));
        }
        assertThat(looks).hasSize(36);
        assertThat(draw(many(6, 1)).all("path", "line").stream().map(line -> line.getAttribute("stroke-dasharray")))
                .as("without colours")
                .doesNotHaveDuplicates();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(0, List.of(), "10^0.0: more than 10^0 and at most 10^324 is allowed"),
                Arguments.of(-1, List.of(), "10^-1.0: more than"),
                Arguments.of(Double.NaN, List.of(), "10^NaN: more than"),
                Arguments.of(Double.POSITIVE_INFINITY, List.of(), "10^Infinity: more than"),
                Arguments.of(2, List.of(point(-1, .5, 1.0)), "the point at PT-1S comes after that at PT0S"),
                Arguments.of(
                        2, List.of(point(3, .5, 1.0), point(2, .5, 1.0)), "the point at PT2S comes after that at PT3S"),
                Arguments.of(2, List.of(point(3, 1.1, 1.0)), "the share 1.1: 0 to 1 is allowed"),
                Arguments.of(2, List.of(point(3, Double.NaN, 1.0)), "the share NaN: 0 to 1 is allowed"),
                Arguments.of(2, List.of(point(3, .5)), "has the evidence of 0 signals: that of all 1 is needed"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void of_whatIsNoCurve_isRefused(double threshold, List<EvidencePoint> points, String message) {
        EvidenceCurve curve = new EvidenceCurve(List.of("error-rate"), threshold, points);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EvidenceChart.of(curve))
                .withMessageContaining(message);
    }
}
