package io.github.rollback4j.reports;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.report.Timeline;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private static String timeline(String what) {
        return Csv.timeline(new Timeline(List.of(new Timeline.Line(NOON, Duration.ofMillis(1_500), "reported", what))));
    }

    @Test
    void evidence_hasAColumnForEachSignal() {
        EvidenceCurve curve = new EvidenceCurve(
                List.of("error-rate", "latency"),
                2,
                List.of(
                        new EvidencePoint(Duration.ofMillis(100), .01, List.of(-.301, 0.0)),
                        new EvidencePoint(Duration.ofHours(1), .25, List.of(2.5, Double.NaN))));

        assertThat(Csv.evidence(curve))
                .isEqualTo("seconds,share,threshold,\"error-rate\",\"latency\"\r\n"
                        + "0.1,0.01,2,-0.301,0\r\n"
                        + "3600,0.25,2,2.5,\r\n");
    }

    @Test
    void timeline_isOneLineAnEvent() {
        assertThat(timeline("the signal \"report\", raised"))
                .isEqualTo("time,seconds,type,what\r\n"
                        + "2030-01-01T12:00:00Z,1.5,\"reported\",\"the signal \"\"report\"\", raised\"\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"=HYPERLINK(\"x\")", "+1", "-1", "@SUM(A1)"})
    void text_thatASpreadsheetWouldTakeForAFormula_isText(String formula) {
        assertThat(timeline(formula)).contains(",\"'" + formula.replace("\"", "\"\"") + "\"\r\n");
    }
}
