package io.github.rollback4j.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence.Margin;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyedStartsTest {

    private static final Evidence EVIDENCE = Evidence.keyedErrors(Margin.DEFAULT);

    private final KeyedStarts starts = new KeyedStarts(EVIDENCE);

    private final Evidence.Factors factors = EVIDENCE.factors(0.05);

    @Nested
    class ReferenceValues {

        static List<Reference.Row> rows() {
            return Reference.rows("starts_keyed");
        }

        @Test
        void rows_ofTheFile_areAllRead() {
            assertThat(rows()).hasSize(20);
        }

        @ParameterizedTest
        @MethodSource("rows")
        void logEvidence_ofAllStarts_isTheReferenceValue(Reference.Row row) {
            Evidence evidence = Evidence.keyedErrors(row.margin());
            KeyedStarts fromReference = new KeyedStarts(evidence);
            for (int start = 0; start < row.data().size(); start++) {
                for (Counts counts : Reference.strata(row.data().get(start))) {
                    fromReference.add(
                            start,
                            evidence.factors(counts.weight()),
                            counts.stableCalls(),
                            counts.stableFailures(),
                            counts.candidateFailures());
                }
            }

            assertThat(fromReference.logEvidence()).isCloseTo(row.value(), within(row.tolerance()));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "15, 0", "16, 1", "31, 1", "239, 14", "240, 15", "255, 15", "256, 15", "511, 15"})
    void startOf_bucket_isTheLastStartThatHasBegun(int bucket, int start) {
        assertThat(KeyedStarts.startOf(bucket)).isEqualTo(start);
    }

    @Test
    void startOf_negativeBucket_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyedStarts.startOf(-1))
                .withMessage("bucket is -1, allowed is 0 or more");
    }

    @Test
    void logEvidence_withoutRequests_isTheShareOfTheFirstStart() {
        assertThat(starts.logEvidence()).isCloseTo(Math.log(0.6), within(1e-15));
        assertThat(starts.strongestStart()).isZero();
    }

    @Test
    void logEvidence_ofAStartThatHasNotBegun_takesNoPart() {
        starts.add(0, factors, 10_000_000, 0, 0);
        assertThat(starts.logEvidence()).isLessThan(-4);

        starts.add(1, factors, 0, 0, 0);

        double share = StartMixture.startWeight(0) - StartMixture.startWeight(16);
        assertThat(starts.logEvidence()).isCloseTo(Math.log(share), within(1e-12));
        assertThat(starts.strongestStart()).isEqualTo(1);
    }

    @Test
    void strongestStart_ofALateRegression_isTheStartItBeganWith() {
        for (int start = 0; start < KeyedStarts.STARTS; start++) {
            int periods = KeyedStarts.STARTS - start;
            int periodsOfRegression = Math.min(periods, KeyedStarts.STARTS - 9);
            starts.add(start, factors, 100_000L * periods, 50L * periods, 30L * periodsOfRegression);
        }

        assertThat(starts.strongestStart()).isEqualTo(9);
        assertThat(starts.logEvidence()).isGreaterThan(Math.log(100));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void add_inParts_equalsAddingAtOnce(long seed) {
        Random random = new Random(seed);
        KeyedStarts inParts = new KeyedStarts(EVIDENCE);
        for (int start = 0; start < KeyedStarts.STARTS; start++) {
            long stableCalls = 0;
            long stableFailures = 0;
            long candidateFailures = 0;
            for (int part = 0; part < 5; part++) {
                int calls = random.nextInt(10_000);
                int failures = random.nextInt(calls / 100 + 1);
                int failuresOfCandidate = random.nextInt(10);
                inParts.add(start, factors, calls, failures, failuresOfCandidate);
                stableCalls += calls;
                stableFailures += failures;
                candidateFailures += failuresOfCandidate;
            }
            starts.add(start, factors, stableCalls, stableFailures, candidateFailures);
        }

        assertThat(inParts.logEvidence()).isCloseTo(starts.logEvidence(), within(1e-9));
        assertThat(inParts.strongestStart()).isEqualTo(starts.strongestStart());
    }

    @Test
    void logEvidence_withinTheMarginWithFreshKeys_isExpectedToBeAtMostOne() {
        double[] weights = {0.05, 0.5, 0.25, 0.9, 0.5};
        double[] stableRates = {0.1, 0.9, 0.3, 0.001, 0.5};
        int[] startsOfCalls = {0, 1, 1, 9, 15};
        double expectation = 0;
        int paths = 1 << 2 * weights.length;
        for (int path = 0; path < paths; path++) {
            starts.reset();
            double probability = 1;
            for (int call = 0; call < weights.length; call++) {
                double stableRate = stableRates[call];
                boolean candidate = (path >> 2 * call & 1) == 1;
                boolean failed = (path >> 2 * call & 2) == 2;
                double rate = candidate
                        ? Math.min(1, Margin.DEFAULT.ratio() * stableRate + Margin.DEFAULT.difference())
                        : stableRate;
                probability *= (candidate ? weights[call] : 1 - weights[call]) * (failed ? rate : 1 - rate);
                for (int start = 0; start <= startsOfCalls[call]; start++) {
                    starts.add(
                            start,
                            EVIDENCE.factors(weights[call]),
                            candidate ? 0 : 1,
                            !candidate && failed ? 1 : 0,
                            candidate && failed ? 1 : 0);
                }
            }
            expectation += probability * Math.exp(starts.logEvidence());
        }

        assertThat(expectation).isLessThanOrEqualTo(1 + 1e-12).isGreaterThan(0.5);
    }

    @Test
    void reset_afterRequests_isAsNew() {
        starts.add(12, factors, 100, 1, 50);

        starts.reset();

        assertThat(starts.logEvidence()).isEqualTo(new KeyedStarts(EVIDENCE).logEvidence());
        assertThat(starts.strongestStart()).isZero();
    }

    @Test
    void create_withCatastropheAtoms_isRefused() {
        Evidence unkeyed = Evidence.errors(Margin.STRICT);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KeyedStarts(unkeyed))
                .withMessage(
                        "keyedEvidence is evidence of errors with Margin[ratio=1.0, difference=0.0], allowed is one"
                                + " made by Evidence.keyedErrors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-1 | 0 | 0 | 0 | start is -1, allowed is 0 to 15",
                "16 | 0 | 0 | 0 | start is 16, allowed is 0 to 15",
                "0 | -1 | 0 | 0 | stableCalls is -1, allowed is 0 or more",
                "0 | 3 | 4 | 0 | firstStableFailures is 4, allowed is 0 to stableCalls = 3",
                "0 | 3 | 0 | -1 | firstCandidateFailures is -1, allowed is 0 or more"
            })
    void add_withBadArgument_namesTheArgumentAndTheRange(
            int start, long stableCalls, long firstStableFailures, long firstCandidateFailures, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> starts.add(start, factors, stableCalls, firstStableFailures, firstCandidateFailures))
                .withMessage(message);
    }

    @Test
    void add_withFactorsOfOtherEvidence_isRefused() {
        Evidence.Factors others = Evidence.keyedErrors(Margin.STRICT).factors(0.05);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> starts.add(0, others, 1, 0, 0))
                .withMessageStartingWith("factors is over evidence of keyed errors with Margin[ratio=1.0");
    }
}
