package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import io.github.rollback4j.rollout.RolloutEvent.EvidenceKept;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptCurveTest {

    private static EvidencePoint point(long millis, double share, Double... log10) {
        return new EvidencePoint(Duration.ofMillis(millis), share, List.of(log10));
    }

    private static EvidenceCurve keptAndRead(EvidenceCurve curve) {
        return Objects.requireNonNull(EvidenceKept.curve(EvidenceKept.of(curve).data()));
    }

    @Test
    void curve_ofAFewPoints_isReadAsItWasButForItsLastDigits() {
        EvidenceCurve curve = new EvidenceCurve(
                List.of("error-rate", "latency"),
                2.1234,
                List.of(
                        point(100, 0.0125, -0.301, 0.0),
                        point(61_250, 0.05, 1.006, -3.5),
                        point(61_250, 0, 2.5, Double.NaN),
                        point(86_400_000, 1, Double.NEGATIVE_INFINITY, 12.0)));

        assertThat(EvidenceKept.of(curve).points())
                .isEqualTo("100 0.0125 -0.3 0;61250 0.05 1.01 -3.5;61250 0 2.5 NaN;86400000 1 -Infinity 12");
        assertThat(keptAndRead(curve))
                .isEqualTo(new EvidenceCurve(
                        List.of("error-rate", "latency"),
                        2.1234,
                        List.of(
                                point(100, 0.0125, -0.3, 0.0),
                                point(61_250, 0.05, 1.01, -3.5),
                                point(61_250, 0, 2.5, Double.NaN),
                                point(86_400_000, 1, Double.NEGATIVE_INFINITY, 12.0))));
    }

    @Test
    void curve_ofManyPoints_keepsItsEndsItsCornersAndItsShares() {
        List<EvidencePoint> points = new ArrayList<>();
        for (int i = 0; i < 512; i++) {
            double share = i < 100 ? 0.01 : i < 300 ? 0.05 : 0.25;
            double falling = -i / 100.0;
            double rising = i < 480 ? falling : -4.8 + (i - 480) / 4.0;
            points.add(point(i * 1_000L, share, rising, Math.sin(i / 3.0)));
        }

        EvidenceCurve kept = keptAndRead(new EvidenceCurve(List.of("error-rate", "latency"), 2, points));

        assertThat(kept.points()).hasSizeLessThanOrEqualTo(EvidenceKept.MOST_POINTS);
        assertThat(kept.points())
                .extracting(each -> each.elapsed().toSeconds())
                .startsWith(0L)
                .contains(100L, 300L)
                .endsWith(511L)
                .isSorted();
        double lowest = kept.points().stream()
                .mapToDouble(each -> each.log10Evidence().get(0))
                .min()
                .orElseThrow();
        assertThat(lowest).isLessThan(-4.6);
    }

    @Test
    void curve_thatIsStraight_needsItsEndsOnly() {
        List<EvidencePoint> points = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            points.add(point(i * 1_000L, 0.05, i / 100.0));
        }

        assertThat(keptAndRead(new EvidenceCurve(List.of("error-rate"), 2, points))
                        .points())
                .containsExactly(point(0, 0.05, 0.0), point(199_000, 0.05, 1.99));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ";",
                "100 0.05",
                "100 0.05 1 2",
                "100 1.5 1",
                "100 NaN 1",
                "200 0.05 1;100 0.05 1",
                "-1 0.05 1",
                "ten 0.05 1",
                "9223372036854775807 0.05 1",
                "100 0.05 <script>"
            })
    void curve_ofOtherForm_isNone(String points) {
        assertThat(EvidenceKept.curve(Map.of("signals", "error-rate", "log10Threshold", "2", "points", points)))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-2", "NaN", "Infinity", "two"})
    void curve_withoutAThreshold_isNone(String threshold) {
        assertThat(EvidenceKept.curve(
                        Map.of("signals", "error-rate", "log10Threshold", threshold, "points", "100 0.05 1")))
                .isNull();
        assertThat(EvidenceKept.curve(Map.of())).isNull();
    }
}
