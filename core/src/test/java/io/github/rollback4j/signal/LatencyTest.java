package io.github.rollback4j.signal;

import static io.github.rollback4j.signal.ComparedTraffic.MILLIS;
import static io.github.rollback4j.signal.Signals.latency;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Outcome;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyTest {

    private static final double LN10 = Math.log(10);

    @Nested
    class Weighing {

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
        void weigh_randomTraffic_isWhatAPlainLogOfAllCallsSays(long seed) {
            ComparedTraffic traffic = new ComparedTraffic(seed, seed % 3 == 0 ? 4 : 1, seed % 2 == 0 ? 1.1 : 1.8, 1);
            Latency signal = seed % 4 == 3 ? latency().quantile(.9) : latency();
            Evidence evidence = seed % 4 == 3 ? Evidence.exceedance(.9) : Evidence.larger();
            FailureSignal.Weighing weighing = signal.weigh(traffic.router.tally(), .01);
            int looks = 0;
            int compared = 0;
            int regressions = 0;
            for (double share : new double[] {.05, .25, 0, .25, .5, .3, 1, .6}) {
                traffic.expose(share);
                for (int i = 0; i < 1_100; i++) {
                    traffic.somethingHappens();
                    if (traffic.random.nextInt(110) == 0) {
                        traffic.read();
                        double expected = traffic.latency(evidence);
                        boolean regressed = weighing.weigh(traffic.nanos);
                        double log10 = Double.isInfinite(expected) ? 0 : expected / LN10;
                        assertThat(weighing.log10Evidence())
                                .as("evidence after %d ms", traffic.nanos / MILLIS)
                                .isCloseTo(log10, within(1e-9 + 1e-11 * Math.abs(log10)));
                        assertThat(regressed).isEqualTo(expected >= Math.log(100));
                        assertThat(weighing.assessment().log10Evidence()).isEqualTo(weighing.log10Evidence());
                        looks++;
                        compared += Double.isInfinite(expected) ? 0 : 1;
                        regressions += regressed ? 1 : 0;
                    }
                }
            }
            assertThat(looks).isGreaterThan(50);
            assertThat(compared).isBetween(35, looks);
            assertThat(traffic.leftOut).isLessThan(25);
            assertThat(traffic.overdue).as("calls past their deadline").isGreaterThan(20);
            if (seed % 2 == 0) {
                assertThat(regressions).as("it is within the margin").isZero();
            } else if (seed % 4 == 1) {
                assertThat(regressions).isPositive();
            }
        }

        @Test
        @Tag("R-5")
        void weigh_nothingCompared_isNoData() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), .01);
            traffic.call(Arm.STABLE, 3);
            traffic.call(Arm.CANDIDATE, 3000);
            traffic.read();

            assertThat(weighing.weigh(traffic.nanos)).isFalse();
            assertThat(weighing.log10Evidence()).isZero();
            assertThat(weighing.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
            assertThat(weighing.assessment().why())
                    .isEqualTo("no latencies are compared yet: the code is to be warm and stable to have answered 1,000"
                            + " timed calls");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        @Tag("R-5")
        void weigh_onlyOneRelease_isNoData(boolean candidate) {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), .01);
            traffic.warm();
            for (int i = 0; i < 5; i++) {
                traffic.call(candidate ? Arm.CANDIDATE : Arm.STABLE, 5);
            }
            traffic.read();
            weighing.weigh(traffic.nanos);

            assertThat(weighing.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
            assertThat(weighing.log10Evidence()).isNotZero();
        }

        @Test
        void weigh_candidateIsSlow_regresses() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), .01);
            traffic.warm();
            for (int i = 0; i < 40; i++) {
                traffic.call(Arm.STABLE, 25 * i);
                traffic.call(Arm.CANDIDATE, 25 * i + 3000);
            }
            traffic.pass(1000).read();

            assertThat(weighing.weigh(traffic.nanos)).isTrue();
            Assessment found = weighing.assessment();
            assertThat(found.verdict()).isEqualTo(Verdict.REGRESSED);
            assertThat(found.log10Evidence()).isGreaterThan(2);
            assertThat(found.details().tolerated()).isEqualTo("a candidate that is 1.1 times as slow as stable");
            assertThat(found.details().counts()).isEmpty();
            assertThat(found.why())
                    .matches("half, 90 % and 99 % of stable's calls took up to [0-9.]+, [0-9.]+ and [0-9.]+ ms, of the"
                            + " candidate's up to [0-9.e+]+, [0-9.e+]+ and [0-9.e+]+ ms; evidence 10\\^[0-9.]+ of"
                            + " 10\\^2.00 needed");
        }

        @Test
        void weigh_candidateIsWithinTheMargin_isInconclusive() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), .01);
            traffic.warm();
            for (int i = 1; i < 400; i++) {
                traffic.call(Arm.STABLE, 2 * i);
                traffic.call(Arm.CANDIDATE, (long) (2 * i * ComparedTraffic.TIMES));
            }
            traffic.pass(1000).read();

            assertThat(weighing.weigh(traffic.nanos)).isFalse();
            assertThat(weighing.assessment().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            assertThat(weighing.log10Evidence()).isLessThan(.5);
        }

        @Test
        void weigh_candidateHangs_isNoticedWhileItsCallsAreUnderWay() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), .01);
            traffic.warm();
            for (int i = 0; i < 40; i++) {
                traffic.call(Arm.STABLE, 25 * i);
                traffic.enter(Arm.CANDIDATE);
            }
            traffic.read();
            assertThat(weighing.weigh(traffic.nanos)).as("they began just now").isFalse();

            traffic.pass(2_000).read();
            assertThat(weighing.weigh(traffic.nanos)).isTrue();
        }

        @Test
        void weigh_bothHang_isNoRegression() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), .01);
            traffic.warm();
            for (int i = 0; i < 200; i++) {
                traffic.enter(Arm.STABLE);
                traffic.enter(Arm.CANDIDATE);
            }
            for (int i = 0; i < 40; i++) {
                traffic.pass(1_000).read();
                assertThat(weighing.weigh(traffic.nanos)).isFalse();
            }
            assertThat(weighing.log10Evidence()).isLessThan(.5);
        }

        @Test
        void weigh_candidateFails_isTheErrorRates() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), .01);
            traffic.warm();
            for (int i = 0; i < 200; i++) {
                traffic.call(Arm.STABLE, 1);
                traffic.router.exitAfter(traffic.enter(Arm.CANDIDATE), 9_000 * MILLIS, Outcome.FAILURE);
            }
            traffic.pass(1000).read();
            assertThat(weighing.weigh(traffic.nanos)).isFalse();
            assertThat(weighing.log10Evidence()).isLessThan(.5);
        }

        @ParameterizedTest
        @CsvSource({"0.01, 2", "0.003, 2.522878745280337", "0.5, 0.3010299956639812"})
        void weigh_falseRollbackRate_isTheThreshold(double rate, double log10) {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), rate);
            traffic.warm();
            int slow = 0;
            do {
                assertThat(weighing.log10Evidence()).isLessThan(log10);
                traffic.call(Arm.CANDIDATE, 20_000);
                traffic.call(Arm.STABLE, 1);
                traffic.read();
                slow++;
            } while (!weighing.weigh(traffic.nanos));
            assertThat(weighing.log10Evidence()).isGreaterThanOrEqualTo(log10);
            assertThat(weighing.assessment().log10Threshold()).isCloseTo(log10, within(1e-12));
            assertThat(slow).isBetween(2, 30);
        }

        @Test
        @Tag("R-9")
        void weigh_manyLiveCohortsAndStrata_makesNoGarbage() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1.2, 1);
            FailureSignal.Weighing weighing = latency().weigh(traffic.router.tally(), .01);
            for (double share : new double[] {.05, .25, .5}) {
                traffic.expose(share);
                for (int i = 0; i < 800; i++) {
                    traffic.somethingHappens();
                }
            }
            traffic.read();
            assertThat(traffic.router.tally().live()).isGreaterThan(40);
            for (int i = 0; i < 2_000; i++) {
                weighing.weigh(traffic.nanos);
            }
            assertThat(weighing.log10Evidence()).isNotZero();
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long thread = Thread.currentThread().getId();
            long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 1_000; i++) {
                weighing.weigh(traffic.nanos);
            }
            assertThat((threads.getThreadAllocatedBytes(thread) - before) / 1_000)
                    .isLessThanOrEqualTo(1_024);
        }
    }

    @Nested
    class Settings {

        @Test
        void defaults_areTheDocumentedOnes() {
            assertThat(latency().times()).isEqualTo(1.1);
            assertThat(latency().warmUp()).isEqualTo(Duration.ofSeconds(30));
            assertThat(latency().name()).isEqualTo("latency");
            assertThat(latency().weight()).isEqualTo(.3);
            assertThat(latency().description()).isEqualTo("latency: not above stable times 1.1, warm-up PT30S");
        }

        @Test
        void eachSetting_keepsTheOthersAndIsDescribed() {
            Latency signal = latency()
                    .quantile(.99)
                    .notAboveStableTimes(2)
                    .warmUp(Duration.ofHours(1))
                    .notAboveStableTimes(1.5)
                    .quantile(.9);
            assertThat(signal.times()).isEqualTo(1.5);
            assertThat(signal.warmUp()).isEqualTo(Duration.ofHours(1));
            assertThat(signal.description())
                    .isEqualTo("latency: not above stable times 1.5 at quantile 0.9, warm-up PT1H");
            assertThat(latency().warmUp(Duration.ZERO).warmUp()).isZero();
            assertThat(latency().notAboveStableTimes(1).times()).isEqualTo(1);
            assertThat(latency().notAboveStableTimes(100).times()).isEqualTo(100);
        }

        @ParameterizedTest
        @Tag("R-12")
        @ValueSource(doubles = {.999, 100.1, -1, Double.NaN})
        void notAboveStableTimes_outsideItsRange_isRefused(double ratio) {
            assertThatThrownBy(() -> latency().notAboveStableTimes(ratio))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("latency tolerates " + ratio + " times stable's: 1 to 100 is allowed");
        }

        @ParameterizedTest
        @Tag("R-12")
        @ValueSource(doubles = {.95, 0, 1, Double.NaN})
        void quantile_thatIsNoEdge_isRefused(double quantile) {
            assertThatThrownBy(() -> latency().quantile(quantile))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("quantile is " + quantile + ", allowed is one of [0.0625, ");
        }

        @ParameterizedTest
        @Tag("R-12")
        @ValueSource(strings = {"PT-0.001S", "PT1H0.001S"})
        void warmUp_outsideItsRange_isRefused(Duration time) {
            assertThatThrownBy(() -> latency().warmUp(time))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("latency has a warm-up of " + time + ": 0 to 1 h is allowed");
        }
    }
}
