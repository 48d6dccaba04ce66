package io.github.rollback4j.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorEvidenceTest {

    static final double[] WEIGHTS = {1e-9, 0.001, 0.01, 0.0404040404, 0.05, 0.25, 0.5, 0.75, 0.9, 0.99, 1 - 1e-9};

    static Stream<Margin> margins() {
        return Stream.of(
                Margin.STRICT,
                Margin.DEFAULT,
                new Margin(1, 0.001),
                new Margin(1.25, 0.0005),
                new Margin(1.5, 0.005),
                new Margin(2, 0.01),
                new Margin(5, 0),
                new Margin(1, 0.3),
                new Margin(1, 0.97),
                new Margin(100, 0.5));
    }

    static Stream<ErrorEvidence> evidence() {
        return margins().flatMap(margin -> Stream.of(ErrorEvidence.unkeyed(margin), ErrorEvidence.keyed(margin)));
    }

    @Nested
    class ReferenceValues {

        static List<Reference.Row> unkeyedRows() {
            return Reference.rows("rollback");
        }

        static List<Reference.Row> keyedRows() {
            return Reference.rows("rollback_keyed");
        }

        @Test
        void rows_ofTheFile_areAllRead() {
            assertThat(unkeyedRows()).hasSize(60);
            assertThat(keyedRows()).hasSize(30);
        }

        @ParameterizedTest
        @MethodSource("unkeyedRows")
        void logEvidence_unkeyed_isTheReferenceValue(Reference.Row row) {
            double value = ErrorEvidence.unkeyed(row.margin()).logEvidence(Reference.strata(row.data()));

            assertThat(value).isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @MethodSource("keyedRows")
        void logEvidence_keyed_isTheReferenceValue(Reference.Row row) {
            double value = ErrorEvidence.keyed(row.margin()).logEvidence(Reference.strata(row.data()));

            assertThat(value).isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @CsvSource({"0, 0, 3, 3, 6.852247433", "19000, 19, 1000, 5, 2.640979014"})
        void logEvidence_ofTheSmokeCounts_isTheirValue(
                long stableCalls, long stableFailures, long candidateCalls, long candidateFailures, double expected) {
            List<Counts> strata =
                    List.of(new Counts(0.05, stableCalls, stableFailures, candidateCalls, candidateFailures));

            assertThat(ErrorEvidence.unkeyed(Margin.STRICT).logEvidence(strata)).isCloseTo(expected, within(1e-9));
        }
    }

    @Nested
    class Expectation {

        static Stream<ErrorEvidence> evidence() {
            return ErrorEvidenceTest.evidence();
        }

        static Stream<Margin> margins() {
            return ErrorEvidenceTest.margins();
        }

        @ParameterizedTest
        @MethodSource("evidence")
        void factor_onTheBorderOfTheMargin_isExpectedToBeAtMostOne(ErrorEvidence evidence) {
            for (double weight : WEIGHTS) {
                for (double stableRate : rates()) {
                    assertExpectationAtMostOne(evidence, weight, stableRate, 1);
                }
            }
        }

        @ParameterizedTest
        @MethodSource("evidence")
        void factor_insideTheMargin_isExpectedToBeAtMostOne(ErrorEvidence evidence) {
            for (double weight : WEIGHTS) {
                for (double stableRate : rates()) {
                    assertExpectationAtMostOne(evidence, weight, stableRate, 0.5);
                    assertExpectationAtMostOne(evidence, weight, stableRate, 0);
                }
            }
        }

        @ParameterizedTest
        @MethodSource("margins")
        void ratioFactor_onTheBorderOfTheMargin_isExpectedToBeExactlyOne(Margin margin) {
            ErrorEvidence evidence = ErrorEvidence.keyed(margin);
            for (double weight : WEIGHTS) {
                for (double stableRate : rates()) {
                    double border = margin.ratio() * stableRate + margin.difference();
                    if (border <= 1) {
                        for (int atom = 0; atom < evidence.atoms(); atom++) {
                            assertThat(expectedFactor(evidence.factors(weight), atom, stableRate, border))
                                    .as("%s w=%s p_s=%s atom=%s", evidence, weight, stableRate, atom)
                                    .isCloseTo(1, within(1e-12));
                        }
                    }
                }
            }
        }

        @Test
        void factor_outsideTheMargin_isExpectedToGrowForSomeAtom() {
            ErrorEvidence evidence = ErrorEvidence.unkeyed(Margin.STRICT);
            ErrorEvidence.Factors factors = evidence.factors(0.05);

            assertThat(IntStream.range(0, evidence.atoms()))
                    .anyMatch(atom -> expectedFactor(factors, atom, 0.001, 0.002) > 1);
        }

        private static void assertExpectationAtMostOne(
                ErrorEvidence evidence, double weight, double stableRate, double shareOfBorder) {
            Margin margin = evidence.margin();
            double candidateRate = shareOfBorder * Math.min(1, margin.ratio() * stableRate + margin.difference());
            ErrorEvidence.Factors factors = evidence.factors(weight);
            for (int atom = 0; atom < evidence.atoms(); atom++) {
                assertThat(expectedFactor(factors, atom, stableRate, candidateRate))
                        .as("%s w=%s p_s=%s p_c=%s atom=%s", evidence, weight, stableRate, candidateRate, atom)
                        .isLessThanOrEqualTo(1 + 1e-12);
            }
        }

        private static double expectedFactor(
                ErrorEvidence.Factors factors, int atom, double stableRate, double candidateRate) {
            double a = Math.exp(factors.candidateFailure[atom]);
            double u = Math.exp(factors.candidateSuccess[atom]);
            double b = Math.exp(factors.stableFailure[atom]);
            double v = Math.exp(factors.stableSuccess[atom]);
            double weight = factors.weight();
            return weight * (candidateRate * a + (1 - candidateRate) * u)
                    + (1 - weight) * (stableRate * b + (1 - stableRate) * v);
        }

        private static double[] rates() {
            return new double[] {0, 1e-6, 1e-4, 1e-3, 0.005, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99, 1};
        }
    }

    @ParameterizedTest
    @MethodSource("evidence")
    void logPrior_overAllAtoms_addsUpToOne(ErrorEvidence evidence) {
        double mass = IntStream.range(0, evidence.atoms())
                .mapToDouble(evidence::logPrior)
                .map(Math::exp)
                .sum();

        assertThat(mass).isCloseTo(1, within(1e-15 * evidence.atoms()));
    }

    @Test
    void atoms_ofKeyedAndUnkeyedEvidence_differByTheCatastropheAtoms() {
        assertThat(ErrorEvidence.keyed(Margin.DEFAULT).atoms()).isEqualTo(14);
        assertThat(ErrorEvidence.unkeyed(Margin.DEFAULT).atoms()).isEqualTo(19);
    }

    @ParameterizedTest
    @MethodSource("evidence")
    void factors_atAnyWeight_areFinite(ErrorEvidence evidence) {
        for (double weight : new double[] {Double.MIN_VALUE, 1e-300, 0.05, 0.5, Math.nextDown(1.0)}) {
            ErrorEvidence.Factors factors = evidence.factors(weight);

            assertThat(factors.weight()).isEqualTo(weight);
            for (int atom = 0; atom < evidence.atoms(); atom++) {
                assertThat(factors.stableFailure[atom]).isFinite();
                assertThat(factors.stableSuccess[atom]).isFinite();
                assertThat(factors.candidateFailure[atom]).isFinite();
                assertThat(factors.candidateSuccess[atom]).isFinite();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("evidence")
    void factors_ofEveryAtom_rewardCandidateFailuresAndNothingElseOfTheCandidate(ErrorEvidence evidence) {
        ErrorEvidence.Factors factors = evidence.factors(0.05);
        for (int atom = 0; atom < evidence.atoms(); atom++) {
            assertThat(factors.candidateFailure[atom]).isGreaterThanOrEqualTo(0);
            assertThat(factors.candidateSuccess[atom]).isLessThanOrEqualTo(0);
        }
    }

    @Test
    void factors_ofAnAllowedCatastrophe_areOne() {
        ErrorEvidence evidence = ErrorEvidence.unkeyed(new Margin(1, 0.97));
        ErrorEvidence.Factors factors = evidence.factors(0.25);

        assertThat(factors.candidateFailure).endsWith(0, 0, 0, 0, 0);
        assertThat(factors.stableFailure).endsWith(0, 0, 0, 0, 0);
        assertThat(factors.stableSuccess).endsWith(0, 0, 0, 0, 0);
        assertThat(factors.candidateSuccess).endsWith(0, 0, 0, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void factors_withWeightOutOfRange_areRefused(double weight) {
        ErrorEvidence evidence = ErrorEvidence.unkeyed(Margin.DEFAULT);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> evidence.factors(weight))
                .withMessage("weight is " + weight + ", allowed is above 0 and below 1");
    }

    @Test
    void logPrior_ofAnAtomThatDoesNotExist_isRefused() {
        ErrorEvidence evidence = ErrorEvidence.keyed(Margin.DEFAULT);

        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> evidence.logPrior(14));
    }

    @Test
    void logEvidence_withoutRequests_isZero() {
        assertThat(ErrorEvidence.unkeyed(Margin.DEFAULT).logEvidence(List.of())).isCloseTo(0, within(1e-15));
        assertThat(ErrorEvidence.unkeyed(Margin.DEFAULT).logEvidence(List.of(new Counts(0.5, 0, 0, 0, 0))))
                .isCloseTo(0, within(1e-15));
    }

    @Test
    void logEvidence_ofTheLargestCounts_isFinite() {
        long most = Long.MAX_VALUE;

        for (Counts counts : List.of(
                new Counts(0.5, most, most, most, most),
                new Counts(0.01, most, 0, most, 0),
                new Counts(0.99, most, 0, most, most))) {
            assertThat(ErrorEvidence.unkeyed(Margin.DEFAULT).logEvidence(List.of(counts)))
                    .isFinite();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16})
    void logEvidence_ofStrataInAnotherOrder_isTheSame(long seed) {
        Random random = new Random(seed);
        List<Counts> strata = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int stableCalls = random.nextInt(10_000);
            int candidateCalls = random.nextInt(1_000);
            strata.add(new Counts(
                    WEIGHTS[1 + random.nextInt(WEIGHTS.length - 2)],
                    stableCalls,
                    random.nextInt(stableCalls + 1) / 50,
                    candidateCalls,
                    random.nextInt(candidateCalls + 1) / 20));
        }
        ErrorEvidence evidence = ErrorEvidence.unkeyed(Margin.DEFAULT);
        double inOrder = evidence.logEvidence(strata);

        Collections.shuffle(strata, random);

        assertThat(evidence.logEvidence(strata)).isCloseTo(inOrder, within(1e-9));
    }

    @Test
    void equals_ofEvidence_comparesMarginAndAtoms() {
        assertThat(ErrorEvidence.unkeyed(new Margin(1.1, 0.0005)))
                .isEqualTo(ErrorEvidence.unkeyed(Margin.DEFAULT))
                .hasSameHashCodeAs(ErrorEvidence.unkeyed(Margin.DEFAULT))
                .isNotEqualTo(ErrorEvidence.keyed(Margin.DEFAULT))
                .isNotEqualTo(ErrorEvidence.unkeyed(Margin.STRICT));
    }
}
