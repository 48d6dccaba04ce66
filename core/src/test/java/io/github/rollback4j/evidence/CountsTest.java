package io.github.rollback4j.evidence;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CountsTest {

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN})
    void create_withWeightThatLeavesOneReleaseWithoutRequests_isRefused(double weight) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Counts(weight, 0, 0, 0, 0))
                .withMessage("weight is " + weight + ", allowed is above 0 and below 1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-1 | 0 | 0 | 0 | stableCalls is -1, allowed is 0 or more",
                "3 | 4 | 0 | 0 | stableFailures is 4, allowed is 0 to stableCalls = 3",
                "3 | -4 | 0 | 0 | stableFailures is -4, allowed is 0 to stableCalls = 3",
                "0 | 0 | -2 | 0 | candidateCalls is -2, allowed is 0 or more",
                "0 | 0 | 1 | 2 | candidateFailures is 2, allowed is 0 to candidateCalls = 1",
                "0 | 0 | 1 | -1 | candidateFailures is -1, allowed is 0 to candidateCalls = 1"
            })
    void create_withImpossibleCount_namesTheCountAndTheRange(
            long stableCalls, long stableFailures, long candidateCalls, long candidateFailures, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Counts(0.5, stableCalls, stableFailures, candidateCalls, candidateFailures))
                .withMessage(message);
    }

    @Test
    void create_withOnlyFailures_isAllowed() {
        assertThatCode(() -> new Counts(Double.MIN_VALUE, 3, 3, 2, 2)).doesNotThrowAnyException();
    }

    @Test
    void requireCategories_asManyCountsAsCategories_isAllowed() {
        assertThatCode(() -> Counts.requireCategories("bins", new long[] {0, 3, Long.MAX_VALUE}, 3))
                .doesNotThrowAnyException();
    }

    @Test
    void requireCategories_anotherNumberOfCounts_namesBoth() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Counts.requireCategories("bins", new long[2], 20))
                .withMessage("bins has 2 counts, allowed are 20");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Counts.requireCategories("bins", new long[3], 2))
                .withMessage("bins has 3 counts, allowed are 2");
    }

    @Test
    void requireCategories_negativeCount_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Counts.requireCategories("bins", new long[] {1, -2}, 2))
                .withMessage("bins is -2, allowed is 0 or more");
    }
}
