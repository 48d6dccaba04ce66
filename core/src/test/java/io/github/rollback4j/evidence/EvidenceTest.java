package io.github.rollback4j.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence.Margin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceTest {

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

    /** Evidence of errors, and the margin that it was made with. */
    record OfErrors(Margin margin, Evidence evidence) {

        @Override
        public String toString() {
            return evidence.toString();
        }
    }

    static Stream<OfErrors> ofErrors() {
        return margins()
                .flatMap(margin -> Stream.of(Evidence.errors(margin), Evidence.keyedErrors(margin))
                        .map(evidence -> new OfErrors(margin, evidence)));
    }

    /** What is worth nothing, then twice as much from bin to bin: half of that of a call is in the highest. */
    private static final double[] SCORES = IntStream.range(0, Evidence.BINS)
            .mapToDouble(bin -> bin == 0 ? 0 : Math.scalb(1.0, bin - Evidence.BINS + 1))
            .toArray();

    static Stream<Evidence> evidence() {
        return Stream.concat(
                ofErrors().map(OfErrors::evidence),
                Stream.of(
                        Evidence.larger(),
                        Evidence.exceedance(.99),
                        Evidence.largerByRank(),
                        Evidence.smaller(SCORES),
                        Evidence.lowerRate(1.1, 0.0005),
                        Evidence.lowerRate(0.95, 0),
                        Evidence.sampleRatio(),
                        Evidence.aboveLimit(.001),
                        Evidence.aboveLimit(.7)));
    }

    @Nested
    class ReferenceValues {

        static List<Reference.Row> unkeyedRows() {
            return Reference.rows("rollback");
        }

        static List<Reference.Row> keyedRows() {
            return Reference.rows("rollback_keyed");
        }

        static List<Reference.Row> lowerRateRows() {
            return Reference.rows("safe");
        }

        static List<Reference.Row> highestExcessRows() {
            return Reference.rows("harm_upper");
        }

        static List<Reference.Row> sampleRatioRows() {
            return Reference.rows("srm");
        }

        static List<Reference.Row> exceedanceRows() {
            return Reference.rows("latency_exceed");
        }

        static List<Reference.Row> rankRows() {
            return Reference.rows("latency_rank");
        }

        @Test
        void rows_ofTheFile_areAllRead() {
            assertThat(unkeyedRows()).hasSize(60);
            assertThat(keyedRows()).hasSize(30);
            assertThat(lowerRateRows()).hasSize(44);
            assertThat(highestExcessRows()).hasSize(14);
            assertThat(sampleRatioRows()).hasSize(42);
            assertThat(exceedanceRows()).hasSize(42);
            assertThat(rankRows()).hasSize(42);
        }

        @ParameterizedTest
        @MethodSource("lowerRateRows")
        void logEvidence_ofALowerRate_isTheReferenceValue(Reference.Row row) {
            Evidence evidence =
                    Evidence.lowerRate(row.margin().ratio(), row.margin().difference());

            assertThat(evidence.logEvidence(Reference.strata(row.data())))
                    .isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @MethodSource("highestExcessRows")
        void highestExcess_isTheReferenceValue(Reference.Row row) {
            assertThat(Evidence.highestExcess(row.number("beta"), Reference.strata(row.data())))
                    .isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @MethodSource("sampleRatioRows")
        void logEvidence_ofASampleRatioMismatch_isTheReferenceValue(Reference.Row row) {
            Evidence evidence = Evidence.sampleRatio();
            double[] logSums = priors(evidence);
            for (Object stratum : row.data()) {
                List<?> parts = Reference.list(stratum);
                evidence.factors((Double) parts.get(0))
                        .addTo(logSums, new long[] {Reference.count(parts.get(1))}, new long[] {
                            Reference.count(parts.get(2))
                        });
            }

            assertThat(LogSum.of(logSums, 0, logSums.length)).isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @MethodSource("exceedanceRows")
        void logEvidence_ofExceedances_isTheReferenceValue(Reference.Row row) {
            Evidence evidence = Evidence.exceedance(row.number("q"));
            double[] logSums = priors(evidence);
            List<Long> counts = row.data().stream().map(Reference::count).toList();
            long[] stable = new long[Evidence.BINS];
            long[] candidate = new long[Evidence.BINS];
            // Where in the bins of either side the values are makes no difference.
            stable[3] = counts.get(0) - counts.get(1);
            stable[Evidence.binAbove(row.number("q"))] = counts.get(1);
            candidate[0] = counts.get(2) - counts.get(3);
            candidate[Evidence.BINS - 1] = counts.get(3);
            evidence.factors(row.number("w")).addTo(logSums, stable, candidate);

            assertThat(LogSum.of(logSums, 0, logSums.length)).isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @MethodSource("rankRows")
        void logEvidence_ofRanks_isTheReferenceValue(Reference.Row row) {
            Evidence evidence = Evidence.largerByRank();
            double[] logSums = priors(evidence);
            evidence.factors(row.number("w")).addTo(logSums, row.counts("stable"), row.counts("candidate"));

            assertThat(LogSum.of(logSums, 0, logSums.length)).isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @MethodSource("unkeyedRows")
        void logEvidence_unkeyed_isTheReferenceValue(Reference.Row row) {
            double value = Evidence.errors(row.margin()).logEvidence(Reference.strata(row.data()));

            assertThat(value).isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @MethodSource("keyedRows")
        void logEvidence_keyed_isTheReferenceValue(Reference.Row row) {
            double value = Evidence.keyedErrors(row.margin()).logEvidence(Reference.strata(row.data()));

            assertThat(value).isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @CsvSource({"0, 0, 3, 3, 6.852247433", "19000, 19, 1000, 5, 2.640979014"})
        void logEvidence_ofTheSmokeCounts_isTheirValue(
                long stableCalls, long stableFailures, long candidateCalls, long candidateFailures, double expected) {
            List<Counts> strata =
                    List.of(new Counts(0.05, stableCalls, stableFailures, candidateCalls, candidateFailures));

            assertThat(Evidence.errors(Margin.STRICT).logEvidence(strata)).isCloseTo(expected, within(1e-9));
        }
    }

    @Nested
    @Tag("R-1")
    class Expectation {

        static Stream<OfErrors> ofErrors() {
            return EvidenceTest.ofErrors();
        }

        static Stream<Margin> margins() {
            return EvidenceTest.margins();
        }

        @ParameterizedTest
        @MethodSource("ofErrors")
        void factor_onTheBorderOfTheMargin_isExpectedToBeAtMostOne(OfErrors evidence) {
            for (double weight : WEIGHTS) {
                for (double stableRate : rates()) {
                    assertExpectationAtMostOne(evidence, weight, stableRate, 1);
                }
            }
        }

        @ParameterizedTest
        @MethodSource("ofErrors")
        void factor_insideTheMargin_isExpectedToBeAtMostOne(OfErrors evidence) {
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
            Evidence evidence = Evidence.keyedErrors(margin);
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
            Evidence evidence = Evidence.errors(Margin.STRICT);
            Evidence.Factors factors = evidence.factors(0.05);

            assertThat(IntStream.range(0, evidence.atoms()))
                    .anyMatch(atom -> expectedFactor(factors, atom, 0.001, 0.002) > 1);
        }

        static Stream<Evidence> ofLargerValues() {
            return Stream.of(
                    Evidence.larger(), Evidence.exceedance(.5), Evidence.exceedance(.99), Evidence.largerByRank());
        }

        @ParameterizedTest
        @MethodSource("ofLargerValues")
        void factor_ofValuesThatAreNotLarger_isExpectedToBeAtMostOne(Evidence evidence) {
            Random random = new Random(4);
            for (int i = 0; i < 50; i++) {
                double[] stable = distribution(random);
                double[] smaller = smaller(stable, random);
                for (double weight : WEIGHTS) {
                    assertExpectationAtMostOne(evidence, weight, stable, stable);
                    assertExpectationAtMostOne(evidence, weight, stable, smaller);
                }
            }
        }

        @Test
        void factor_ofValuesThatAreNotSmaller_isExpectedToBeAtMostOne() {
            Random random = new Random(5);
            for (int i = 0; i < 50; i++) {
                double[] candidate = distribution(random);
                double[] stable = smaller(candidate, random);
                for (double weight : WEIGHTS) {
                    assertExpectationAtMostOne(Evidence.smaller(SCORES), weight, candidate, candidate);
                    assertExpectationAtMostOne(Evidence.smaller(SCORES), weight, stable, candidate);
                }
            }
        }

        @ParameterizedTest
        @MethodSource("ofLargerValues")
        void factor_ofLargerValues_isExpectedToGrowForSomeAtom(Evidence evidence) {
            double[] stable = new double[Evidence.BINS];
            double[] candidate = new double[Evidence.BINS];
            for (int bin = 0; bin < Evidence.BINS; bin++) {
                stable[bin] = 1.0 / Evidence.BINS;
                candidate[bin] = bin < 2 ? 0 : bin < Evidence.BINS - 1 ? 1.0 / Evidence.BINS : 3.0 / Evidence.BINS;
            }
            Evidence.Factors factors = evidence.factors(.25);

            assertThat(IntStream.range(0, evidence.atoms()))
                    .anyMatch(atom -> expectedFactor(factors, atom, stable, candidate) > 1.001);
        }

        @Test
        void factor_ofALowerRate_isExpectedToBeExactlyOneOnItsBorderAndLessAbove() {
            for (double[] border : new double[][] {{1, 0}, {1.1, .0005}, {.95, 0}, {2, .3}}) {
                Evidence evidence = Evidence.lowerRate(border[0], border[1]);
                for (double weight : WEIGHTS) {
                    Evidence.Factors factors = evidence.factors(weight);
                    for (double stableRate : rates()) {
                        double candidateRate = border[0] * stableRate + border[1];
                        if (candidateRate <= 1) {
                            for (int atom = 0; atom < evidence.atoms(); atom++) {
                                assertThat(expectedFactor(factors, atom, stableRate, candidateRate))
                                        .isCloseTo(1, within(1e-9));
                                assertThat(expectedFactor(factors, atom, stableRate, (1 + candidateRate) / 2))
                                        .isLessThanOrEqualTo(1 + 1e-9);
                            }
                        }
                    }
                }
            }
        }

        @Test
        void factor_ofRequestsDividedAsTheWeightSays_isExpectedToBeExactlyOne() {
            Evidence evidence = Evidence.sampleRatio();
            for (double weight : WEIGHTS) {
                Evidence.Factors factors = evidence.factors(weight);
                for (int atom = 0; atom < evidence.atoms(); atom++) {
                    assertThat(weight * Math.exp(factors.candidate[0][atom])
                                    + (1 - weight) * Math.exp(factors.stable[0][atom]))
                            .isCloseTo(1, within(1e-12));
                }
            }
        }

        @ParameterizedTest
        @ValueSource(doubles = {1e-9, .0005, .001, .01, .1, .48, .5, .899})
        void factor_ofARateUpToTheLimit_isExpectedToBeAtMostOne(double limit) {
            Evidence evidence = Evidence.aboveLimit(limit);
            Evidence.Factors factors = evidence.factors(.5);
            for (int atom = 0; atom < evidence.atoms(); atom++) {
                double good = Math.exp(factors.candidate[Evidence.GOOD][atom]);
                double bad = Math.exp(factors.candidate[Evidence.BAD][atom]);
                assertThat(limit * bad + (1 - limit) * good).isCloseTo(1, within(1e-12));
                for (double part : new double[] {0, .1, .5, .9}) {
                    double rate = part * limit;
                    assertThat(rate * bad + (1 - rate) * good).isLessThan(1);
                }
                assertThat(bad).as("above the limit it grows").isGreaterThan(1);
            }
        }

        private static double[] distribution(Random random) {
            double[] shares = random.doubles(Evidence.BINS)
                    .map(share -> Math.pow(share, 4))
                    .toArray();
            double sum = Arrays.stream(shares).sum();
            return Arrays.stream(shares).map(share -> share / sum).toArray();
        }

        /** Moves a part of each bin to a lower one. */
        private static double[] smaller(double[] shares, Random random) {
            double[] smaller = shares.clone();
            for (int bin = 1; bin < smaller.length; bin++) {
                double moved = smaller[bin] * random.nextDouble();
                smaller[bin] -= moved;
                smaller[random.nextInt(bin)] += moved;
            }
            return smaller;
        }

        private static void assertExpectationAtMostOne(
                Evidence evidence, double weight, double[] stable, double[] candidate) {
            Evidence.Factors factors = evidence.factors(weight);
            for (int atom = 0; atom < evidence.atoms(); atom++) {
                assertThat(expectedFactor(factors, atom, stable, candidate))
                        .as("%s w=%s atom=%s", evidence, weight, atom)
                        .isLessThanOrEqualTo(1 + 1e-9);
            }
        }

        private static double expectedFactor(Evidence.Factors factors, int atom, double[] stable, double[] candidate) {
            double expected = 0;
            for (int bin = 0; bin < stable.length; bin++) {
                expected += factors.weight() * candidate[bin] * Math.exp(factors.candidate[bin][atom])
                        + (1 - factors.weight()) * stable[bin] * Math.exp(factors.stable[bin][atom]);
            }
            return expected;
        }

        private static void assertExpectationAtMostOne(
                OfErrors ofErrors, double weight, double stableRate, double shareOfBorder) {
            Margin margin = ofErrors.margin();
            Evidence evidence = ofErrors.evidence();
            double candidateRate = shareOfBorder * Math.min(1, margin.ratio() * stableRate + margin.difference());
            Evidence.Factors factors = evidence.factors(weight);
            for (int atom = 0; atom < evidence.atoms(); atom++) {
                assertThat(expectedFactor(factors, atom, stableRate, candidateRate))
                        .as("%s w=%s p_s=%s p_c=%s atom=%s", evidence, weight, stableRate, candidateRate, atom)
                        .isLessThanOrEqualTo(1 + 1e-12);
            }
        }

        private static double expectedFactor(
                Evidence.Factors factors, int atom, double stableRate, double candidateRate) {
            double a = Math.exp(factors.candidate[Evidence.BAD][atom]);
            double u = Math.exp(factors.candidate[Evidence.GOOD][atom]);
            double b = Math.exp(factors.stable[Evidence.BAD][atom]);
            double v = Math.exp(factors.stable[Evidence.GOOD][atom]);
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
    void logPrior_overAllAtoms_addsUpToOne(Evidence evidence) {
        double mass = IntStream.range(0, evidence.atoms())
                .mapToDouble(evidence::logPrior)
                .map(Math::exp)
                .sum();

        assertThat(mass).isCloseTo(1, within(1e-15 * evidence.atoms()));
    }

    @Test
    void highestExcess_ofMoreGoodCalls_falls() {
        double before = 1;
        for (long calls = 10; calls <= 1_000_000; calls *= 10) {
            double bound = Evidence.highestExcess(.05, .5, calls, calls / 1_000, calls, calls / 1_000);
            assertThat(bound).isLessThan(before).isPositive();
            before = bound;
        }
        assertThat(Evidence.highestExcess(.05, .5, 0, 0, 0, 0)).isEqualTo(1);
        assertThat(Evidence.highestExcess(.05, .5, 10_000, 2_000, 10_000, 10)).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -1, Double.NaN})
    void highestExcess_withBetaOutOfRange_isRefused(double beta) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Evidence.highestExcess(beta, .5, 10, 1, 10, 1))
                .withMessage("beta is " + beta + ", allowed is above 0 and below 1");
    }

    @Test
    void lowerRate_withPartsOutOfRange_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Evidence.lowerRate(0, 0))
                .withMessage("ratio is 0.0, allowed is above 0 and at most 100.0");
        assertThat(Evidence.lowerRate(100, 0).atoms()).isEqualTo(14);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Evidence.lowerRate(1, 1))
                .withMessage("difference is 1.0, allowed is 0 to below 1");
    }

    @Test
    void exceedance_ofAQuantileThatIsNoEdge_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Evidence.exceedance(.95))
                .withMessageStartingWith("quantile is 0.95, allowed is one of [0.0625,");
    }

    @Test
    void larger_isHalfTheMeanOfThreeExceedancesAndHalfTheRank() {
        Random random = new Random(6);
        for (int i = 0; i < 20; i++) {
            long[] stable = random.longs(Evidence.BINS, 0, 50).toArray();
            long[] candidate = random.longs(Evidence.BINS, 0, 20).toArray();
            double mean = (Math.exp(logEvidence(Evidence.exceedance(.5), stable, candidate))
                            + Math.exp(logEvidence(Evidence.exceedance(.9), stable, candidate))
                            + Math.exp(logEvidence(Evidence.exceedance(.99), stable, candidate)))
                    / 3;
            double rank = Math.exp(logEvidence(Evidence.largerByRank(), stable, candidate));
            assertThat(logEvidence(Evidence.larger(), stable, candidate))
                    .isCloseTo(Math.log((mean + rank) / 2), within(1e-9));
        }
    }

    /** One call in twenty is worth anything, on the candidate half as much: ranks alone hardly see it. */
    @Test
    void smaller_ofRareValuesThatHalve_isFoundByWhatTheyAreWorth() {
        long[] stable = new long[Evidence.BINS];
        long[] candidate = new long[Evidence.BINS];
        stable[0] = 9_500;
        candidate[0] = 9_500;
        stable[Evidence.BINS - 1] = 500;
        candidate[Evidence.BINS - 2] = 500;
        Evidence evidence = Evidence.smaller(SCORES);
        double[] logSums = priors(evidence);
        evidence.factors(.5).addTo(logSums, stable, candidate);
        assertThat(LogSum.of(logSums, 0, logSums.length)).isGreaterThan(Math.log(1e6));
    }

    @Test
    @Tag("R-12")
    void smaller_scoresThatDoNotGrow_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Evidence.smaller(new double[3]))
                .withMessage("scores has 3 scores, allowed are 20");
        for (double bad : new double[] {-.1, 1.1, Double.NaN}) {
            double[] scores = SCORES.clone();
            scores[Evidence.BINS - 1] = bad;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Evidence.smaller(scores))
                    .withMessage("scores has " + bad + " after 0.5, allowed is that or more, up to 1");
        }
    }

    @Test
    void smaller_ofValuesInTheLowestBin_growsWithEach() {
        long[] stable = new long[Evidence.BINS];
        long[] candidate = new long[Evidence.BINS];
        double before = 0;
        for (candidate[0] = 1; candidate[0] <= 10; candidate[0]++) {
            double value = logEvidence(Evidence.smaller(SCORES), stable, candidate);
            assertThat(value).isGreaterThan(before);
            before = value;
        }
        stable[0] = 100;
        assertThat(logEvidence(Evidence.smaller(SCORES), stable, candidate)).isLessThan(before);
    }

    private static double logEvidence(Evidence evidence, long[] stable, long[] candidate) {
        double[] logSums = priors(evidence);
        evidence.factors(.3).addTo(logSums, stable, candidate);
        return LogSum.of(logSums, 0, logSums.length);
    }

    private static double[] priors(Evidence evidence) {
        return IntStream.range(0, evidence.atoms())
                .mapToDouble(evidence::logPrior)
                .toArray();
    }

    @Test
    void edgeQuantiles_grow_andAreOneFewerThanTheBins() {
        double[] edges = Evidence.edgeQuantiles();
        assertThat(edges).hasSize(Evidence.BINS - 1).isSorted().doesNotHaveDuplicates();
        assertThat(Evidence.binAbove(.9)).isEqualTo(15);
    }

    @Test
    void atoms_ofKeyedAndUnkeyedEvidence_differByTheCatastropheAtoms() {
        assertThat(Evidence.keyedErrors(Margin.DEFAULT).atoms()).isEqualTo(14);
        assertThat(Evidence.errors(Margin.DEFAULT).atoms()).isEqualTo(19);
    }

    @ParameterizedTest
    @MethodSource("evidence")
    void factors_atAnyWeight_areFinite(Evidence evidence) {
        for (double weight : new double[] {Double.MIN_VALUE, 1e-300, 0.05, 0.5, Math.nextDown(1.0)}) {
            Evidence.Factors factors = evidence.factors(weight);

            assertThat(factors.weight()).isEqualTo(weight);
            for (int category = 0; category < evidence.categories(); category++) {
                for (int atom = 0; atom < evidence.atoms(); atom++) {
                    assertThat(factors.stable[category][atom]).isFinite();
                    assertThat(factors.candidate[category][atom]).isFinite();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ofErrors")
    void factors_ofEveryAtom_rewardCandidateFailuresAndNothingElseOfTheCandidate(OfErrors ofErrors) {
        Evidence.Factors factors = ofErrors.evidence().factors(0.05);
        for (int atom = 0; atom < ofErrors.evidence().atoms(); atom++) {
            assertThat(factors.candidate[Evidence.BAD][atom]).isGreaterThanOrEqualTo(0);
            assertThat(factors.candidate[Evidence.GOOD][atom]).isLessThanOrEqualTo(0);
        }
    }

    @Test
    void factors_ofAnAllowedCatastrophe_areOne() {
        Evidence evidence = Evidence.errors(new Margin(1, 0.97));
        Evidence.Factors factors = evidence.factors(0.25);

        assertThat(factors.candidate[Evidence.BAD]).endsWith(0, 0, 0, 0, 0);
        assertThat(factors.stable[Evidence.BAD]).endsWith(0, 0, 0, 0, 0);
        assertThat(factors.stable[Evidence.GOOD]).endsWith(0, 0, 0, 0, 0);
        assertThat(factors.candidate[Evidence.GOOD]).endsWith(0, 0, 0, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void factors_withWeightOutOfRange_areRefused(double weight) {
        Evidence evidence = Evidence.errors(Margin.DEFAULT);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> evidence.factors(weight))
                .withMessage("weight is " + weight + ", allowed is above 0 and below 1");
    }

    @Test
    void logPrior_ofAnAtomThatDoesNotExist_isRefused() {
        Evidence evidence = Evidence.keyedErrors(Margin.DEFAULT);

        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> evidence.logPrior(14));
    }

    @Test
    void logEvidence_withoutRequests_isZero() {
        assertThat(Evidence.errors(Margin.DEFAULT).logEvidence(List.of())).isCloseTo(0, within(1e-15));
        assertThat(Evidence.errors(Margin.DEFAULT).logEvidence(List.of(new Counts(0.5, 0, 0, 0, 0))))
                .isCloseTo(0, within(1e-15));
    }

    @Test
    void logEvidence_ofTheLargestCounts_isFinite() {
        long most = Long.MAX_VALUE;

        for (Counts counts : List.of(
                new Counts(0.5, most, most, most, most),
                new Counts(0.01, most, 0, most, 0),
                new Counts(0.99, most, 0, most, most))) {
            assertThat(Evidence.errors(Margin.DEFAULT).logEvidence(List.of(counts)))
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
        Evidence evidence = Evidence.errors(Margin.DEFAULT);
        double inOrder = evidence.logEvidence(strata);

        Collections.shuffle(strata, random);

        assertThat(evidence.logEvidence(strata)).isCloseTo(inOrder, within(1e-9));
    }

    @Nested
    class AboveALimit {

        @Test
        void aboveLimit_atAnyWeight_isTheMeanOfTheLikelihoodRatios() {
            Evidence evidence = Evidence.aboveLimit(.02);
            long calls = 100;
            long bad = 9;
            double sum = 0;
            for (int i = 1; i <= 6; i++) {
                double rate = Math.min(.97, .02 * Math.pow(2, i));
                sum += Math.exp(bad * Math.log(rate / .02) + (calls - bad) * Math.log((1 - rate) / .98)) / 6;
            }
            assertThat(sum).isGreaterThan(1);
            for (double weight : WEIGHTS) {
                assertThat(evidence.logEvidence(weight, 1000, 30, calls, bad)).isCloseTo(Math.log(sum), within(1e-9));
            }
        }

        @Test
        void aboveLimit_whereRatesWouldReachOne_betsOnTheHighest() {
            Evidence.Factors factors = Evidence.aboveLimit(.3).factors(.5);
            double[] rates = {.6, .97, .97, .97, .97, .97};
            for (int atom = 0; atom < rates.length; atom++) {
                assertThat(factors.candidate[Evidence.BAD][atom]).isCloseTo(Math.log(rates[atom] / .3), within(1e-12));
                assertThat(factors.candidate[Evidence.GOOD][atom])
                        .isCloseTo(Math.log((1 - rates[atom]) / .7), within(1e-12));
                assertThat(factors.stable[Evidence.GOOD][atom]).isZero();
                assertThat(factors.stable[Evidence.BAD][atom]).isZero();
            }
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, -.1, .9, 1, Double.NaN})
        void aboveLimit_outOfRange_isRefused(double limit) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Evidence.aboveLimit(limit))
                    .withMessage("limit is " + limit + ", allowed is above 0 and below 0.9");
        }
    }

    @Nested
    class Growth {

        private static double divergence(double rate, double other) {
            double bad = rate == 0 ? 0 : rate * Math.log(rate / other);
            double good = rate == 1 ? 0 : (1 - rate) * Math.log((1 - rate) / (1 - other));
            return bad + good;
        }

        /** Looks for the nearest pair of rates within the margin by halving a grid again and again. */
        private static double bruteForce(Margin margin, double weight, double stableRate, double candidateRate) {
            double low = 0;
            double high = Math.min(1, (1 - margin.difference()) / margin.ratio());
            double least = Double.POSITIVE_INFINITY;
            double best = low;
            for (int round = 0; round < 60; round++) {
                for (int i = 1; i < 20; i++) {
                    double q = low + (high - low) * i / 20;
                    double value = weight * divergence(candidateRate, margin.ratio() * q + margin.difference())
                            + (1 - weight) * divergence(stableRate, q);
                    if (value < least) {
                        least = value;
                        best = q;
                    }
                }
                double width = (high - low) / 10;
                low = Math.max(low, best - width);
                high = Math.min(high, best + width);
            }
            return least;
        }

        @ParameterizedTest
        @CsvSource({
            "1, 0, 0.05, 0.001, 0.005",
            "1, 0, 0.5, 0.001, 0.01",
            "1.1, 0.0005, 0.05, 0.001, 0.01",
            "1.1, 0.0005, 0.25, 0.01, 0.1",
            "2, 0.01, 0.9, 0.1, 0.5",
            "1, 0.001, 0.01, 0, 0.3",
            "1, 0, 0.1, 0, 0.01",
            "1, 0, 0.5, 0.2, 1",
            "1.1, 0.0005, 0.001, 0.001, 1"
        })
        void growth_outsideTheMargin_isTheDivergenceFromTheNearestRatesWithin(
                double ratio, double difference, double weight, double stableRate, double candidateRate) {
            Margin margin = new Margin(ratio, difference);
            double expected = bruteForce(margin, weight, stableRate, candidateRate);
            assertThat(Evidence.growth(margin, weight, stableRate, candidateRate))
                    .isPositive()
                    .isCloseTo(expected, within(1e-9 + 1e-7 * expected));
        }

        @Test
        void growth_ofAnyAtom_isNoFaster() {
            Random random = new Random(9);
            for (int i = 0; i < 200; i++) {
                Margin margin = i % 2 == 0 ? Margin.STRICT : Margin.DEFAULT;
                double weight = WEIGHTS[random.nextInt(WEIGHTS.length)];
                double stableRate = Math.pow(10, -4 * random.nextDouble()) * .9;
                double candidateRate = stableRate + (1 - stableRate) * Math.pow(10, -3 * random.nextDouble());
                Evidence evidence = Evidence.errors(margin);
                Evidence.Factors factors = evidence.factors(weight);
                double growth = Evidence.growth(margin, weight, stableRate, candidateRate);
                for (int atom = 0; atom < evidence.atoms(); atom++) {
                    double expected = weight
                                    * (candidateRate * factors.candidate[Evidence.BAD][atom]
                                            + (1 - candidateRate) * factors.candidate[Evidence.GOOD][atom])
                            + (1 - weight)
                                    * (stableRate * factors.stable[Evidence.BAD][atom]
                                            + (1 - stableRate) * factors.stable[Evidence.GOOD][atom]);
                    assertThat(expected)
                            .as("%s w=%s p_s=%s p_c=%s", evidence, weight, stableRate, candidateRate)
                            .isLessThanOrEqualTo(growth + 1e-12);
                }
            }
        }

        @ParameterizedTest
        @CsvSource({"0.01, 0.0115", "0.01, 0.001", "0, 0.0005", "1, 1", "0.95, 1"})
        void growth_withinTheMargin_isZero(double stableRate, double candidateRate) {
            assertThat(Evidence.growth(Margin.DEFAULT, .05, stableRate, candidateRate))
                    .isZero();
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, 1, -.1, Double.NaN})
        void growth_weightOutOfRange_isRefused(double weight) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Evidence.growth(Margin.STRICT, weight, .1, .2))
                    .withMessage("weight is " + weight + ", allowed is above 0 and below 1");
        }
    }

    @Test
    void equals_ofEvidence_comparesMarginAndAtoms() {
        assertThat(Evidence.errors(new Margin(1.1, 0.0005)))
                .isEqualTo(Evidence.errors(Margin.DEFAULT))
                .hasSameHashCodeAs(Evidence.errors(Margin.DEFAULT))
                .isNotEqualTo(Evidence.keyedErrors(Margin.DEFAULT))
                .isNotEqualTo(Evidence.errors(Margin.STRICT));
    }
}
