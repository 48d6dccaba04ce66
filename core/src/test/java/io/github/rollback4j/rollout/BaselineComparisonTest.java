package io.github.rollback4j.rollout;

import static io.github.rollback4j.signal.Signals.errorRate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.rollout.Windows.Count;
import io.github.rollback4j.signal.Assessment.Verdict;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class BaselineComparisonTest {

    private static final double ALPHA = .01;
    private static final long DEADLINE = 30_000_000_000L;

    private final SplittableRandom random = new SplittableRandom(11);
    private Windows slices = new Windows();

    private BaselineComparison comparison = new BaselineComparison(errorRate().forDeployment(), ALPHA);
    private DeployedCalls counted = new DeployedCalls(DEADLINE);
    private long calls;
    private long bad;

    private static Windows baseline(double rate) {
        Windows windows = new Windows();
        for (int i = 0; i < 100; i++) {
            windows.add(i, Count.of(10_000, Math.round(10_000 * rate)));
        }
        return windows;
    }

    private static StableView alone(double rate) {
        return new StableView(true, 0, new Windows(), baseline(rate), 0, 0);
    }

    private void again() {
        comparison = new BaselineComparison(errorRate().forDeployment(), ALPHA);
        counted = new DeployedCalls(DEADLINE);
        calls = 0;
        bad = 0;
    }

    private boolean serve(long slice, int number, double rate) {
        for (int i = 0; i < number; i++) {
            calls++;
            bad += random.nextDouble() < rate ? 1 : 0;
        }
        counted.take(slice * 5_000_000_000L, calls, calls - bad, bad, 0);
        comparison.take(slice, (int) Math.min(511, slice / 4), counted);
        return comparison.weigh(0);
    }

    @Nested
    class AgainstWhatWasBefore {

        /** 1,000 rollouts on the very limit, looked at after every 20 calls: a bound of 1 % with a 99.9 % upper allowance for chance. */
        @Test
        void weigh_rateAtTheLimit_falseAlarmsAreAtMostAlpha() {
            int alarms = 0;
            for (int run = 0; run < 1_000; run++) {
                again();
                comparison.compareWith(alone(.002));
                boolean isFound = false;
                for (int slice = 0; slice < 400 && !isFound; slice++) {
                    isFound = serve(slice, 20, 2 * .002 + .005);
                }
                alarms += isFound ? 1 : 0;
            }
            assertThat(alarms).isLessThanOrEqualTo(20);
        }

        @Test
        void weigh_everythingFails_isFoundWithinThreeCalls() {
            comparison.compareWith(alone(.001));
            int needed = 0;
            while (!serve(0, 1, 1)) {
                needed++;
                assertThat(needed).isLessThan(10);
            }
            assertThat(needed + 1).isEqualTo(3);
        }

        /** 0.1 % before and 5 % now: seven times what is tolerated. */
        @Test
        void weigh_seventyTimesTheRate_isFoundWithinHundredsOfCalls() {
            long sum = 0;
            for (int run = 0; run < 200; run++) {
                again();
                comparison.compareWith(alone(.001));
                while (!serve(0, 1, .05)) {
                    assertThat(calls).isLessThan(3_000);
                }
                sum += calls;
            }
            assertThat(sum / 200.0).isBetween(50.0, 200.0);
        }

        @Test
        void weigh_regressionThatBeginsLate_isFound() {
            comparison.compareWith(alone(.001));
            for (int slice = 0; slice < 1_000; slice++) {
                assertThat(serve(slice, 100, .001)).isFalse();
            }
            long before = calls;
            for (int slice = 1_000; !serve(slice, 10, .2); slice++) {
                assertThat(calls - before).isLessThan(500);
            }
        }

        @Test
        void assessment_fewerThanTwelveWindows_isNoData() {
            Windows few = new Windows();
            for (int i = 0; i < 11; i++) {
                few.add(i, Count.of(10_000, 0));
            }
            comparison.compareWith(new StableView(true, 0, new Windows(), few, 0, 0));
            assertThat(serve(0, 1_000, 1)).isFalse();
            assertThat(comparison.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
            assertThat(comparison.assessment().why())
                    .contains("11 windows with enough calls, 12 are needed", BaselineComparison.LABEL);
        }

        @Test
        void weigh_baselineNotReadYet_waitsForIt() {
            assertThat(serve(0, 100, 1)).isFalse();
            comparison.compareWith(alone(.001));
            assertThat(comparison.weigh(0)).isTrue();
        }

        @Test
        void weigh_stableFailedAlmostAlways_findsNothing() {
            comparison.compareWith(alone(.6));
            assertThat(serve(0, 10_000, 1)).isFalse();
            assertThat(comparison.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
        }

        @Test
        void assessment_regressed_saysWhatItWasHeldAgainst() {
            comparison.compareWith(alone(.001));
            assertThat(serve(0, 100, 1)).isTrue();
            assertThat(comparison.assessment().verdict()).isEqualTo(Verdict.REGRESSED);
            assertThat(comparison.assessment().why())
                    .contains(
                            "failed 100 of 100 calls",
                            "2.0 times stable's rate plus 0.005",
                            "of 100, at most 0.100 %",
                            "no instance of it is known to serve at the same time",
                            BaselineComparison.LABEL);
        }

        @Test
        void weigh_twoFailures_areTooFew() {
            comparison.compareWith(alone(0));
            assertThat(serve(0, 2, 1)).isFalse();
        }
    }

    @Nested
    class AgainstWhatServesAtTheSameTime {

        private void compareWith(long toldUntil, double baselineRate) {
            comparison.compareWith(new StableView(
                    true,
                    3,
                    slices,
                    Double.isNaN(baselineRate) ? new Windows() : baseline(baselineRate),
                    0,
                    toldUntil));
        }

        @Test
        void weigh_calls_waitUntilStableHasToldOfThem() {
            slices.add(10, Count.of(1_000, 0));
            slices.add(11, Count.of(1_000, 0));
            compareWith(11, .001);
            assertThat(serve(10, 100, 1)).isFalse();
            compareWith(12, .001);
            assertThat(comparison.weigh(0)).isTrue();
        }

        /** A dependency that both use dies in the middle of a slice: stable's slice is half good. */
        @Test
        void weigh_outageOfBoth_isNoRegression() {
            for (int slice = 10; slice < 60; slice++) {
                slices.add(slice, Count.of(1_000, slice < 20 ? 1 : slice == 20 ? 100 : 1_000));
            }
            for (int slice = 10; slice < 50; slice++) {
                compareWith(slice + 2, .001);
                assertThat(serve(slice, 200, slice < 20 ? .001 : slice == 20 ? .1 : 1))
                        .isFalse();
            }
            assertThat(comparison.log10Evidence()).isCloseTo(0, within(.5));
        }

        @Test
        void weigh_outageOfTheCandidateAlone_isFound() {
            for (int slice = 10; slice < 60; slice++) {
                slices.add(slice, Count.of(1_000, 1));
            }
            compareWith(60, .001);
            assertThat(serve(20, 20, 1)).isTrue();
        }

        /** Few calls of stable's show no failure by chance; the candidate, which has ten times as many, is not held to that. */
        @Test
        void weigh_noBaselineAndFewCallsOfStable_falseAlarmsAreAtMostAlpha() {
            int alarms = 0;
            for (int run = 0; run < 500; run++) {
                again();
                slices = new Windows();
                boolean isFound = false;
                for (int slice = 0; slice < 100; slice++) {
                    long failed = 0;
                    for (int i = 0; i < 70; i++) {
                        failed += random.nextDouble() < .01 ? 1 : 0;
                    }
                    slices.add(slice, Count.of(70, failed));
                }
                for (int slice = 1; slice < 99 && !isFound; slice++) {
                    compareWith(100, Double.NaN);
                    isFound = serve(slice, 700, .01);
                }
                alarms += isFound ? 1 : 0;
            }
            assertThat(alarms).isLessThanOrEqualTo(5);
        }

        @Test
        void weigh_noBaseline_goesByStablesCallsWhereTheyAreEnough() {
            slices.add(10, Count.of(60, 0));
            slices.add(11, Count.of(60, 0));
            compareWith(20, Double.NaN);
            assertThat(serve(10, 50, 1)).isFalse();
            assertThat(comparison.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
            slices.add(12, Count.of(100, 0));
            assertThat(serve(11, 50, 1)).isTrue();
        }
    }

    @Nested
    class Counting {

        @Test
        void take_callsUnderWay_areGood() {
            counted.take(0, 10, 2, 3, 0);
            assertThat(counted.calls()).isEqualTo(10);
            assertThat(counted.bad()).isEqualTo(3);
        }

        @Test
        void take_callsThatHang_areBadAfterTheDeadline() {
            counted.take(0, 10, 0, 0, 0);
            counted.take(DEADLINE - 1, 30, 15, 0, 0);
            assertThat(counted.bad()).isZero();
            counted.take(DEADLINE, 30, 4, 0, 0);
            assertThat(counted.bad()).isEqualTo(6);
        }

        /** Of 10 that were late 4 end well after all, and one of the others fails: it was counted. */
        @Test
        void take_lateOnesThatEnd_areCountedOnce() {
            counted.take(0, 10, 0, 0, 0);
            counted.take(DEADLINE, 10, 0, 0, 0);
            assertThat(counted.bad()).isEqualTo(10);
            counted.take(DEADLINE + 1, 10, 4, 1, 0);
            assertThat(counted.bad()).isEqualTo(10);
            assertThat(counted.calls()).isEqualTo(10);
        }

        @Test
        void take_cancelledCalls_areNone() {
            counted.take(0, 10, 2, 3, 5);
            assertThat(counted.calls()).isEqualTo(5);
            assertThat(counted.bad()).isEqualTo(3);
        }
    }
}
