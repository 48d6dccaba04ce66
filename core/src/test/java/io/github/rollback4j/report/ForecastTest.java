package io.github.rollback4j.report;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.blueGreen;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.shadow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.Forecast.Row;
import io.github.rollback4j.report.Forecast.Traffic;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForecastTest {

    private static final RolloutStrategy RAMP =
            canary(5, 50).bake(Duration.ofMinutes(10)).thenPromote();

    private static RollbackPlan plan(RolloutStrategy strategy, ErrorRate signal) {
        return RollbackPlan.from(Release.of("checkout", "1"))
                .to(Release.of("checkout", "2"))
                .strategy(strategy)
                .watch(signal)
                .build();
    }

    private static Forecast forecast(double callsPerSecond, double failureRate) {
        return Forecast.of(plan(RAMP, errorRate().shareOfKeyedCalls(1)), Traffic.of(callsPerSecond, failureRate));
    }

    private static Row row(Forecast forecast, String step, double times) {
        return forecast.rows().stream()
                .filter(row -> row.step().equals(step) && row.times() == times)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void rows_areEachStepAndEachRate() {
        Forecast forecast = forecast(1_000, .001);
        assertThat(forecast.rows())
                .extracting(Row::step)
                .containsExactly("5 %", "5 %", "5 %", "5 %", "50 %", "50 %", "50 %", "50 %");
        assertThat(forecast.rows()).extracting(Row::failureRate).startsWith(.002, .005, .01, 1.0);
    }

    @Test
    void totalFailure_isFoundAfterAHandfulOfCalls() {
        Row row = row(forecast(1_000, .001), "5 %", Double.POSITIVE_INFINITY);
        assertThat(row.found()).isEqualTo(1);
        assertThat(row.failedCalls()).isBetween(3.0, 4.0);
        assertThat(row.until()).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void largerRegressions_areFoundSooner_andCostLess() {
        Forecast forecast = forecast(1_000, .001);
        assertThat(row(forecast, "5 %", 5).until())
                .isGreaterThan(row(forecast, "5 %", 10).until());
        assertThat(row(forecast, "5 %", 10).failedCalls())
                .isGreaterThan(row(forecast, "5 %", Double.POSITIVE_INFINITY).failedCalls());
    }

    @Test
    void aThousandTimesLessTraffic_seesLess_andSaysSo() {
        Forecast forecast = forecast(1, .001);
        assertThat(row(forecast, "5 %", 2).found()).isLessThan(.05);
        assertThat(row(forecast, "5 %", 2).until()).isNull();
        assertThat(forecast.unseen())
                .anyMatch(line -> line.startsWith("A candidate that fails 2 times as often: found in at most"))
                .noneMatch(line -> line.contains("always"));
        assertThat(forecast.toPromotion())
                .as("100 calls take longer than the bake time at 5 %")
                .isEqualTo(Duration.ofSeconds(2_000 + 600));
    }

    @Test
    void heldLastStep_isWatchedOn() {
        Traffic traffic = Traffic.of(10, .001);
        ErrorRate signal = errorRate().shareOfKeyedCalls(1);
        double promoted =
                row(Forecast.of(plan(RAMP, signal), traffic), "50 %", 5).found();
        double held = row(Forecast.of(plan(RAMP.thenHold(), signal), traffic), "50 %", 5)
                .found();
        assertThat(held).isGreaterThan(promoted);
    }

    @Test
    void callsWithoutKeys_areWeighedAsSuch() {
        RollbackPlan plan = plan(RAMP, errorRate().shareOfKeyedCalls(0));
        Forecast keyed = Forecast.of(plan, Traffic.of(1_000, .001));
        assertThat(keyed.rows()).isEmpty();
        assertThat(keyed.unseen())
                .contains("Errors: the plan's error rate weighs no calls with keys (share of keyed calls 0.0).");
        Forecast unkeyed = Forecast.of(plan, Traffic.of(1_000, .001).withoutKeys());
        assertThat(row(unkeyed, "5 %", 10).found()).isEqualTo(1);
    }

    /** With every failure drawn by itself this would take minutes. */
    @Test
    void hugeTraffic_hardlyOutsideTheMargin_isForecastToo() {
        Row row = row(forecast(1_000_000, .0006), "50 %", 2);
        assertThat(row.failedCalls()).isGreaterThan(1_000);
    }

    @Test
    void worth_isThePriceOfTheFailedCalls() {
        Row row = row(
                Forecast.of(
                        plan(RAMP, errorRate().shareOfKeyedCalls(1)),
                        Traffic.of(100, .01).worth(2.5)),
                "50 %",
                10);
        assertThat(row.cost()).isCloseTo(2.5 * row.failedCalls(), within(1e-9));
    }

    @Test
    void sameQuestion_hasTheSameAnswer() {
        assertThat(forecast(200, .002)).isEqualTo(forecast(200, .002));
    }

    @Test
    void stableThatNeverFails_leavesTotalFailureOnly() {
        assertThat(forecast(100, 0).rows()).extracting(Row::times).containsOnly(Double.POSITIVE_INFINITY);
        assertThat(forecast(100, .3).rows())
                .as("5 times 30 % is none")
                .extracting(Row::times)
                .containsOnly(2.0, Double.POSITIVE_INFINITY);
    }

    @Test
    @Tag("R-5")
    void stepsWithoutControl_haveNoRows() {
        Traffic traffic = Traffic.of(100, .01);
        Forecast forecast = Forecast.of(plan(blueGreen(), errorRate()), traffic);
        assertThat(forecast.rows()).isEmpty();
        assertThat(forecast.unseen())
                .anyMatch(
                        line -> line.endsWith("nothing is left to compare with, and the plan has no limit on a meter or"
                                + " a health check."));
        assertThat(Forecast.of(plan(shadow(10).then(canary(5)), errorRate()), traffic)
                        .rows())
                .extracting(Row::step)
                .containsOnly("5 %");
    }

    @Test
    void planWithoutErrorRate_saysSo() {
        RollbackPlan plan = RollbackPlan.from(Release.of("checkout", "1"))
                .to(Release.of("checkout", "2"))
                .strategy(RAMP)
                .watch(Signals.healthCheck("alive", () -> true))
                .build();
        Forecast forecast = Forecast.of(plan, Traffic.of(100, .01));
        assertThat(forecast.rows()).isEmpty();
        assertThat(forecast.unseen())
                .contains("Errors: the plan watches no error rate.")
                .anyMatch(line -> line.endsWith("; the plan's limits see what they measure."));
    }

    @Test
    void toPromotion_ofAStrategyThatHolds_isUnknown() {
        Traffic traffic = Traffic.of(100, .01);
        assertThat(Forecast.of(plan(RAMP.thenHold(), errorRate()), traffic).toPromotion())
                .isNull();
        assertThat(Forecast.of(plan(RolloutStrategy.featureFlag(5).thenPromote(), errorRate()), traffic)
                        .toPromotion())
                .isNull();
        assertThat(forecast(100, .01).toPromotion()).isEqualTo(Duration.ofMinutes(20));
    }

    /** The bound is on a random walk; half of the rollouts are there before the forecast, half after it. */
    @ParameterizedTest
    @CsvSource({"true, .001", "true, .01", "false, .001", "false, .01"})
    void toPromotion_byEvidence_isWhatSimulatedRolloutsTake(boolean keyed, double failureRate) {
        double callsPerSecond = 100;
        RolloutStrategy strategy = canary(10, 20)
                .bake(Duration.ofHours(20))
                .leastCalls(0)
                .byEvidence(.002, Duration.ofSeconds(1))
                .thenPromote();
        Traffic traffic = new Traffic(callsPerSecond, failureRate, keyed, 0);
        Duration forecast = Forecast.of(plan(strategy, errorRate()), traffic).toPromotion();

        SplittableRandom random = new SplittableRandom(1);
        double[] seconds = new double[41];
        for (int i = 0; i < seconds.length; i++) {
            long[] counts = new long[4];
            do {
                for (int call = 0; call < callsPerSecond; call++) {
                    int at = random.nextDouble() < .1 ? 2 : 0;
                    counts[at]++;
                    counts[at + 1] += random.nextDouble() < failureRate ? 1 : 0;
                }
                seconds[i]++;
            } while (.2 * Evidence.highestExcess(.05, .1, counts[0], counts[1], counts[2], counts[3]) > .002);
        }
        Arrays.sort(seconds);

        assertThat((double) forecast.minus(Duration.ofHours(20)).toSeconds())
                .isCloseTo(seconds[seconds.length / 2], withinPercentage(15));
    }

    @Test
    void toPromotion_byEvidenceThatDoesNotSuffice_isTheBakeTime() {
        RolloutStrategy strategy = RAMP.byEvidence();
        assertThat(Forecast.of(plan(strategy, errorRate()), Traffic.of(1, .01)).toPromotion())
                .isEqualTo(
                        Forecast.of(plan(RAMP, errorRate()), Traffic.of(1, .01)).toPromotion());
    }

    @Test
    void stepsThatAreTooShort_areSaidToBe_andLongerOnesSuggested() {
        Traffic traffic = Traffic.of(2, .001);
        Forecast forecast = Forecast.of(plan(RAMP, errorRate().shareOfKeyedCalls(1)), traffic);
        assertThat(forecast.unseen())
                .anyMatch(line -> line.matches(
                        "The steps are too short for this traffic; to find a candidate that fails 5 times as often"
                                + " takes: .* %, .* each\\."));
    }

    @ParameterizedTest
    @CsvSource({"1000, .001, 40", "10, .01, 600", "1, .001, 40000", "1, .01, 4000"})
    void suggestCanary_withTimeEnough_finds5Times(double callsPerSecond, double failureRate, long minutes) {
        Traffic traffic = Traffic.of(callsPerSecond, failureRate);
        RolloutStrategy canary = Forecast.suggestCanary(traffic, Duration.ofMinutes(minutes));

        assertThat(canary.bakeTime()).isLessThanOrEqualTo(Duration.ofMinutes(minutes));
        Forecast forecast = Forecast.of(plan(canary, errorRate().shareOfKeyedCalls(1)), traffic);
        assertThat(row(forecast, forecast.rows().get(0).step(), 5).found()).isGreaterThan(.85);
    }

    @Test
    void suggestCanary_withoutTimeEnough_isHalfOfTheCalls() {
        RolloutStrategy canary = Forecast.suggestCanary(Traffic.of(.01, .001), Duration.ofMinutes(10));
        assertThat(canary.steps()).extracting(RolloutStrategy.Step::name).containsExactly("50 %");
        assertThat(canary.bakeTime()).isEqualTo(Duration.ofMinutes(10));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Forecast.suggestCanary(Traffic.of(1, .001), Duration.ofSeconds(59)))
                .withMessage("within PT59S is not allowed: a minute or more is");
    }

    @Test
    void unseen_ofSignals_isWhatTheyLeave() {
        RollbackPlan plan = RollbackPlan.from(Release.of("checkout", "1"))
                .to(Release.of("checkout", "2"))
                .strategy(RAMP)
                .watch(errorRate().shareOfKeyedCalls(1))
                .watch(Signals.latency())
                .watch(Signals.conversion("ordered"))
                .build();
        List<String> unseen = Forecast.of(plan, Traffic.of(1_000, .001)).unseen();
        assertThat(unseen)
                .contains("Answers that get slow in the middle of a step, for keys that have all called in it before.")
                .noneMatch(line -> line.startsWith("Wrong answers"))
                .noneMatch(line -> line.startsWith("Slow answers"));
    }

    @Test
    void otherSignals_shareTheRate_soThatErrorsAreFoundLater() {
        RollbackPlan alone = plan(RAMP, errorRate().shareOfKeyedCalls(1));
        RollbackPlan withOthers = RollbackPlan.from(Release.of("checkout", "1"))
                .to(Release.of("checkout", "2"))
                .strategy(RAMP)
                .watch(errorRate().shareOfKeyedCalls(1))
                .watch(Signals.latency(), 50)
                .build();
        Traffic traffic = Traffic.of(1_000, .001);
        assertThat(row(Forecast.of(withOthers, traffic), "5 %", 5).until())
                .isGreaterThan(row(Forecast.of(alone, traffic), "5 %", 5).until());
    }

    @Test
    void markdown_hasAllThatIsKnown() {
        String text = Forecast.of(
                        plan(RAMP, errorRate().shareOfKeyedCalls(1)),
                        Traffic.of(1_000, .001).worth(.5))
                .markdown();
        assertThat(text)
                .startsWith("At 1,000 calls a second, of which stable fails 0.1 %:\n\n| Worse from step |")
                .contains("| 5 % | 10 times as often (1 %) | 100 % | ")
                .contains("| 50 % | always (100 %) | 100 % | 0.0 s | ")
                .contains("A healthy candidate: promoted after 20:00 min at the earliest.\n")
                .contains("- Slow answers: the plan watches no latency.\n")
                .contains("- Wrong answers and lost business: no signal compares them.\n")
                .doesNotContain("too short");
        assertThat(text.lines().filter(line -> line.startsWith("|")))
                .hasSize(10)
                .allSatisfy(line -> assertThat(
                                line.chars().filter(letter -> letter == '|').count())
                        .isEqualTo(7));
    }

    @Test
    @Tag("R-12")
    void traffic_outOfRange_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Traffic.of(0, .01))
                .withMessage("callsPerSecond 0.0 is not allowed: more than 0 and at most 10000000 is");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Traffic.of(Double.NaN, .01))
                .withMessageStartingWith("callsPerSecond NaN");
        for (double rate : List.of(-.1, 1.0, Double.NaN)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Traffic.of(1, rate))
                    .withMessage("failureRate " + rate + " is not allowed: 0 to less than 1 is");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Traffic.of(1, .01).worth(-1))
                .withMessage("worthOfCall -1.0 is not allowed: 0 or more is");
    }
}
