package io.github.rollback4j.samples.checkout.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ThresholdRuleTest {

    /** Ten calls a second, of which every n-th fails because of the candidate, each for another customer. */
    private static Stream<CandidateCall> everyNthFails(int n) {
        return LongStream.iterate(0, i -> i + 1).mapToObj(i -> call(i, i % n == 0, false));
    }

    private static CandidateCall call(long number, boolean hit, boolean warehouse) {
        return new CandidateCall(Duration.ofMillis(100 * number), (int) number, hit, hit || warehouse);
    }

    @Test
    void flagger_twoPercentFail_reactsAfterFiveFailedChecksOfAMinute() {
        ThresholdRule.Cost cost = ThresholdRule.FLAGGER.costOn(everyNthFails(50));
        assertThat(cost.reaction()).isEqualTo(Duration.ofMinutes(5));
        assertThat(cost.failedCalls()).isEqualTo(60);
        assertThat(cost.customers()).isEqualTo(60);
    }

    @Test
    void flagger_exactlyOnePercentFails_neverReacts() {
        ThresholdRule.Cost cost = ThresholdRule.FLAGGER.costOn(everyNthFails(100));
        assertThat(cost.reaction()).isNull();
        assertThat(cost.failedCalls()).as("in half an hour").isEqualTo(180);
        assertThat(cost.success()).isEqualTo(0.99);
    }

    @Test
    void argo_everythingFails_reactsWhenTheFailureLimitOfThreeIsExceeded() {
        ThresholdRule.Cost cost = ThresholdRule.ARGO.costOn(everyNthFails(1));
        assertThat(cost.reaction()).isEqualTo(Duration.ofMinutes(20));
        assertThat(cost.failedCalls()).isEqualTo(12_000);
        assertThat(cost.success()).isZero();
    }

    @Test
    void argo_twoPercentFail_neverReacts() {
        assertThat(ThresholdRule.ARGO.costOn(everyNthFails(50)).reaction()).isNull();
    }

    @Test
    void anyRule_customerWhoFailsOften_isCountedOnce() {
        Stream<CandidateCall> oneCustomer = LongStream.iterate(0, i -> i + 1)
                .mapToObj(i -> new CandidateCall(Duration.ofMillis(100 * i), 17, true, true));
        assertThat(ThresholdRule.FLAGGER.costOn(oneCustomer).customers()).isEqualTo(1);
    }

    @Test
    void anyRule_warehouseFailures_countForTheRuleButNotAsHarm() {
        Stream<CandidateCall> calls = LongStream.iterate(0, i -> i + 1).mapToObj(i -> call(i, false, i % 20 == 0));
        ThresholdRule.Cost cost = ThresholdRule.FLAGGER.costOn(calls);
        assertThat(cost.reaction()).isEqualTo(Duration.ofMinutes(5));
        assertThat(cost.failedCalls()).isZero();
    }

    @Test
    void anyRule_intervalWithoutCalls_isNoFailedCheck() {
        Stream<CandidateCall> seldom = LongStream.iterate(0, i -> i + 1)
                .mapToObj(i -> new CandidateCall(Duration.ofMinutes(2 * i), (int) i, true, true));
        assertThat(ThresholdRule.FLAGGER.costOn(seldom).reaction()).isEqualTo(Duration.ofMinutes(9));
    }
}
