package io.github.rollback4j.signal;

import static io.github.rollback4j.signal.Signals.reading;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.signal.Assessment.Verdict;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitSignalTest {

    private static final long SECOND = 1_000_000_000L;

    private final LimitSignal queue = reading("queue", () -> 0).notAbove(100).forAtLeast(3, Duration.ofSeconds(10));

    private static Verdict[] verdicts(LimitSignal signal, long startNanos, double[] readings) {
        LimitSignal.Watch watch = signal.watch();
        Verdict[] verdicts = new Verdict[readings.length];
        for (int i = 0; i < readings.length; i++) {
            verdicts[i] = watch.take(readings[i], startNanos + i * 5 * SECOND).verdict();
            assertThat(watch.assessment().verdict()).isEqualTo(verdicts[i]);
        }
        return verdicts;
    }

    @Nested
    class Take {

        @Test
        @Tag("R-5")
        void assessment_nothingTaken_isNoData() {
            assertThat(queue.watch().assessment().verdict()).isEqualTo(Verdict.NO_DATA);
        }

        /** A reading every five seconds; b is beyond the limit, w is within, n is none. */
        @ParameterizedTest
        @CsvSource({
            "b b b, I I R",
            "b b w b b b, I I I I I R",
            "w w w w, I I I I",
            "b n b b, I N I R",
            "n n n, N N N",
            "b b b n b, I I R N R",
            "b b b w b, I I R I I",
            "b n n n b, I N N N I"
        })
        void take_countAndDuration_bothAreNeeded(String readings, String expected) {
            for (long start : new long[] {0, -7 * SECOND, Long.MAX_VALUE - 12 * SECOND}) {
                Verdict[] verdicts = verdicts(
                        queue,
                        start,
                        readings.chars()
                                .filter(each -> each != ' ')
                                .mapToDouble(each -> each == 'b' ? 101 : each == 'w' ? 100 : Double.NaN)
                                .toArray());
                StringBuilder found = new StringBuilder();
                for (Verdict verdict : verdicts) {
                    found.append(verdict.name().charAt(0)).append(' ');
                }
                assertThat(found.toString().trim()).isEqualTo(expected);
            }
        }

        @Test
        void take_manyReadingsInAShortTime_isNoRegressionYet() {
            LimitSignal.Watch watch = queue.watch();
            for (int i = 0; i < 99; i++) {
                assertThat(watch.take(1_000, i * SECOND / 10).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            }
            assertThat(watch.take(1_000, 10 * SECOND).verdict()).isEqualTo(Verdict.REGRESSED);
        }

        @Test
        void take_longTimeButFewReadings_isNoRegressionYet() {
            LimitSignal.Watch watch = queue.watch();
            watch.take(1_000, 0);
            assertThat(watch.take(1_000, 3_600 * SECOND).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        }

        @Test
        void take_oneReadingIsEnough_regressesAtTheFirst() {
            LimitSignal.Watch watch = queue.forAtLeast(1, Duration.ZERO).watch();
            assertThat(watch.take(101, 0).verdict()).isEqualTo(Verdict.REGRESSED);
        }

        @Test
        void take_below_isBrokenBelowTheLimitAlone() {
            LimitSignal.Watch watch = reading("stock", () -> 0)
                    .notBelow(5)
                    .forAtLeast(1, Duration.ZERO)
                    .watch();
            assertThat(watch.take(5, 0).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            Assessment found = watch.take(4.5, SECOND);
            assertThat(found.verdict()).isEqualTo(Verdict.REGRESSED);
            assertThat(found.why()).isEqualTo("reading reads 4.50000, below 5.0 in 1 readings over 0 s");
        }

        @Test
        void take_infinite_isBeyond() {
            LimitSignal.Watch watch = queue.forAtLeast(1, Duration.ZERO).watch();
            assertThat(watch.take(Double.POSITIVE_INFINITY, 0).verdict()).isEqualTo(Verdict.REGRESSED);
        }

        @Test
        void take_perSecond_looksAtTheIncrease() {
            LimitSignal.Watch watch =
                    queue.perSecond().forAtLeast(1, Duration.ZERO).watch();
            assertThat(watch.take(1_000_000, 0).verdict())
                    .as("one reading is no rate")
                    .isEqualTo(Verdict.NO_DATA);
            assertThat(watch.take(1_000_200, 2 * SECOND).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            assertThat(watch.take(Double.NaN, 4 * SECOND).verdict()).isEqualTo(Verdict.NO_DATA);
            assertThat(watch.take(1_000_601, 6 * SECOND).why())
                    .as("over the gap")
                    .startsWith("reading reads 100.250, above 100");
        }

        @Test
        @Tag("R-5")
        void take_perSecondWhileTheClockStands_isNoData() {
            LimitSignal.Watch watch =
                    queue.perSecond().forAtLeast(1, Duration.ZERO).watch();
            watch.take(1, SECOND);
            assertThat(watch.take(2, SECOND).verdict()).isEqualTo(Verdict.NO_DATA);
        }

        @Test
        void watch_twoOfOneSignal_areIndependent() {
            LimitSignal once = queue.forAtLeast(2, Duration.ZERO);
            LimitSignal.Watch first = once.watch();
            LimitSignal.Watch second = once.watch();
            first.take(101, 0);
            assertThat(second.take(101, 0).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        }
    }

    @Test
    void description_eachSetting_changesIt() {
        assertThat(queue.description())
                .isEqualTo("queue: reading not above 100.0, read every PT1S, judged over 3 readings and PT10S")
                .isNotEqualTo(queue.notAbove(101).description())
                .isNotEqualTo(queue.notBelow(100).description())
                .isNotEqualTo(queue.perSecond().description())
                .isNotEqualTo(queue.every(Duration.ofSeconds(2)).description())
                .isNotEqualTo(queue.forAtLeast(4, Duration.ofSeconds(10)).description())
                .isNotEqualTo(queue.forAtLeast(3, Duration.ofSeconds(11)).description());
    }

    @Test
    void hasLimit_untilOneIsSet_isFalse() {
        assertThat(reading("queue", () -> 0).hasLimit()).isFalse();
        assertThat(queue.hasLimit()).isTrue();
    }

    @Nested
    @Tag("R-12")
    class BadInput {

        private void refused(ThrowingCallable action, String message) {
            assertThatThrownBy(action)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " ", "Queue", "-queue", "queue size", "queue_size", "ü"})
        void name_notAllowed_isRefused(String name) {
            refused(
                    () -> reading(name, () -> 0),
                    "signal name '" + name
                            + "' is not allowed: 1 to 63 lower-case letters, digits and hyphens are (for example 'smoke-test')");
        }

        @Test
        void name_of64Characters_isRefused() {
            assertThatThrownBy(() -> reading("a".repeat(64), () -> 0)).isInstanceOf(IllegalArgumentException.class);
            assertThat(reading("a".repeat(63), () -> 0).name()).hasSize(63);
        }

        @ParameterizedTest
        @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
        void limit_notFinite_isRefused(double value) {
            refused(() -> queue.notAbove(value), "signal queue has limit " + value + ": a finite number is allowed");
            refused(() -> queue.notBelow(value), "signal queue has limit " + value + ": a finite number is allowed");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, 10_001})
        void forAtLeast_readings_isRefused(int count) {
            refused(
                    () -> queue.forAtLeast(count, Duration.ZERO),
                    "signal queue asks for " + count + " readings: 1 to 10000 are allowed");
        }

        @ParameterizedTest
        @ValueSource(strings = {"-PT1S", "P61D", "P200000D"})
        void forAtLeast_duration_isRefused(Duration time) {
            refused(
                    () -> queue.forAtLeast(3, time),
                    "signal queue asks for a duration of " + time + ": 0 to 60 days are allowed");
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT0S", "PT0.099S", "PT1H0.001S", "-PT1S"})
        void every_outsideItsRange_isRefused(Duration time) {
            refused(() -> queue.every(time), "signal queue is read every " + time + ": 100 ms to 1 h are allowed");
        }
    }
}
