package io.github.rollback4j.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence.Margin;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartMixtureTest {

    private static final Evidence EVIDENCE = Evidence.errors(Margin.DEFAULT);

    @Nested
    class ReferenceValues {

        static List<Reference.Row> rows() {
            return Reference.rows("start_mixture");
        }

        @Test
        void rows_ofTheFile_areAllRead() {
            assertThat(rows()).hasSize(40);
        }

        @ParameterizedTest
        @MethodSource("rows")
        void logEvidence_ofAllBuckets_isTheReferenceValue(Reference.Row row) {
            Evidence evidence = Evidence.errors(row.margin());
            StartMixture mixture = new StartMixture(evidence);
            for (int bucket = 0; bucket < row.data().size(); bucket++) {
                mixture.advanceTo(bucket);
                for (Counts counts : Reference.strata(row.data().get(bucket))) {
                    add(mixture, evidence.factors(counts.weight()), counts);
                }
            }

            assertThat(mixture.logEvidence()).isCloseTo(row.value(), within(row.tolerance()));
        }

        @ParameterizedTest
        @CsvSource({"0, 0, 3, 3, 6.342126279", "19000, 19, 1000, 5, 2.176586136"})
        void logEvidence_ofTheSmokeCounts_isTheirValue(
                long stableCalls, long stableFailures, long candidateCalls, long candidateFailures, double expected) {
            Evidence evidence = Evidence.errors(Margin.STRICT);
            StartMixture mixture = new StartMixture(evidence);

            mixture.add(evidence.factors(0.05), stableCalls, stableFailures, candidateCalls, candidateFailures);

            assertThat(mixture.logEvidence()).isCloseTo(expected, within(1e-9));
        }
    }

    @Nested
    class Properties {

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
        void logEvidence_ofARandomRollout_isTheMixtureByDefinition(long seed) {
            Random random = new Random(seed);
            List<List<Counts>> buckets = rollout(random, 1 + random.nextInt(40));

            StartMixture mixture = new StartMixture(EVIDENCE);
            fill(mixture, buckets, 0, buckets.size());

            assertThat(mixture.logEvidence()).isCloseTo(mixtureByDefinition(buckets), within(1e-9));
        }

        @ParameterizedTest
        @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28})
        void add_inParts_equalsAddingAtOnce(long seed) {
            Random random = new Random(seed);
            StartMixture atOnce = new StartMixture(EVIDENCE);
            StartMixture inParts = new StartMixture(EVIDENCE);
            for (int bucket = 0; bucket < 30; bucket++) {
                atOnce.advanceTo(bucket);
                inParts.advanceTo(bucket);
                double weight = weight(random);
                Evidence.Factors factors = EVIDENCE.factors(weight);
                long[] sum = new long[4];
                for (int part = 0; part < 4; part++) {
                    Counts counts = counts(random, weight);
                    add(inParts, factors, counts);
                    sum[0] += counts.stableCalls();
                    sum[1] += counts.stableFailures();
                    sum[2] += counts.candidateCalls();
                    sum[3] += counts.candidateFailures();
                }
                atOnce.add(factors, sum[0], sum[1], sum[2], sum[3]);
            }

            assertThat(inParts.logEvidence()).isCloseTo(atOnce.logEvidence(), within(1e-9));
        }

        @ParameterizedTest
        @ValueSource(longs = {31, 32, 33, 34, 35, 36, 37, 38})
        void copyFrom_settledPrefixAndContinuation_equalsTheFullEvaluation(long seed) {
            Random random = new Random(seed);
            List<List<Counts>> buckets = rollout(random, 300);
            int settledBuckets = random.nextInt(300);
            StartMixture full = new StartMixture(EVIDENCE);
            fill(full, buckets, 0, 300);
            StartMixture settled = new StartMixture(EVIDENCE);
            fill(settled, buckets, 0, settledBuckets);
            double settledValue = settled.logEvidence();
            StartMixture scratch = new StartMixture(EVIDENCE);
            fill(scratch, rollout(random, 400), 0, 400);

            scratch.copyFrom(settled);
            fill(scratch, buckets, settledBuckets, 300);

            assertThat(scratch.logEvidence()).isEqualTo(full.logEvidence());
            assertThat(scratch.bucket()).isEqualTo(full.bucket());
            assertThat(settled.logEvidence()).isEqualTo(settledValue);
        }

        @Test
        void logEvidence_withinTheMarginAndUnderDrift_isExpectedToBeAtMostOne() {
            double[] weights = {0.05, 0.5, 0.25, 0.9, 0.5};
            double[] stableRates = {0.1, 0.9, 0.3, 0.001, 0.5};
            int[] buckets = {0, 0, 17, 18, 400};

            double expectation = expectation(new StartMixture(EVIDENCE), weights, stableRates, buckets, 0);

            assertThat(expectation).isLessThanOrEqualTo(1 + 1e-12).isGreaterThan(0.5);
        }

        @Test
        void logEvidence_ofALateRegression_exceedsThatOfOneStart() {
            Evidence.Factors factors = EVIDENCE.factors(0.05);
            StartMixture mixture = new StartMixture(EVIDENCE);
            mixture.add(factors, 95_000_000, 950_000, 5_000_000, 50_000);
            mixture.advanceTo(128);
            mixture.add(factors, 9_500, 95, 500, 50);

            double oneStart = EVIDENCE.logEvidence(List.of(new Counts(0.05, 95_009_500, 950_095, 5_000_500, 50_050)));
            assertThat(mixture.logEvidence()).isGreaterThan(Math.log(100)).isGreaterThan(oneStart);
        }

        private static double expectation(
                StartMixture before, double[] weights, double[] stableRates, int[] buckets, int call) {
            if (call == weights.length) {
                return Math.exp(before.logEvidence());
            }
            double w = weights[call];
            double ps = stableRates[call];
            double pc = Math.min(1, Margin.DEFAULT.ratio() * ps + Margin.DEFAULT.difference());
            double[] probabilities = {w * pc, w * (1 - pc), (1 - w) * ps, (1 - w) * (1 - ps)};
            long[][] outcomes = {{0, 0, 1, 1}, {0, 0, 1, 0}, {1, 1, 0, 0}, {1, 0, 0, 0}};
            double sum = 0;
            for (int i = 0; i < outcomes.length; i++) {
                StartMixture after = new StartMixture(EVIDENCE);
                after.copyFrom(before);
                after.advanceTo(buckets[call]);
                after.add(EVIDENCE.factors(w), outcomes[i][0], outcomes[i][1], outcomes[i][2], outcomes[i][3]);
                sum += probabilities[i] * expectation(after, weights, stableRates, buckets, call + 1);
            }
            return sum;
        }

        /** Adds up the evidence of each start by itself, unlike the recursion under test. */
        private static double mixtureByDefinition(List<List<Counts>> buckets) {
            int last = buckets.size() - 1;
            double logSum = Math.log(StartMixture.startWeight(last));
            for (int start = 0; start <= last; start++) {
                double share = (start == 0 ? 1 : StartMixture.startWeight(start - 1)) - StartMixture.startWeight(start);
                List<Counts> since = buckets.subList(start, last + 1).stream()
                        .flatMap(List::stream)
                        .toList();
                logSum = LogSum.add(logSum, Math.log(share) + EVIDENCE.logEvidence(since));
            }
            return logSum;
        }

        private static List<List<Counts>> rollout(Random random, int buckets) {
            List<List<Counts>> rollout = new ArrayList<>();
            for (int bucket = 0; bucket < buckets; bucket++) {
                List<Counts> strata = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    strata.add(counts(random, weight(random)));
                }
                rollout.add(strata);
            }
            return rollout;
        }

        private static Counts counts(Random random, double weight) {
            int stableCalls = random.nextInt(300);
            int candidateCalls = random.nextInt(100);
            return new Counts(
                    weight,
                    stableCalls,
                    random.nextInt(stableCalls / 10 + 1),
                    candidateCalls,
                    random.nextInt(candidateCalls / 10 + 1));
        }

        private static double weight(Random random) {
            return new double[] {0.01, 0.05, 0.25, 0.5}[random.nextInt(4)];
        }

        private static void fill(StartMixture mixture, List<List<Counts>> buckets, int from, int to) {
            for (int bucket = from; bucket < to; bucket++) {
                mixture.advanceTo(bucket);
                for (Counts counts : buckets.get(bucket)) {
                    add(mixture, EVIDENCE.factors(counts.weight()), counts);
                }
            }
        }
    }

    @Nested
    class Buckets {

        private final StartMixture mixture = new StartMixture(EVIDENCE);
        private final Evidence.Factors factors = EVIDENCE.factors(0.05);

        @Test
        void startWeight_fromTheFirstBucketOn_fallsFromTwoFifths() {
            assertThat(StartMixture.startWeight(0)).isEqualTo(0.4);
            for (int bucket = 1; bucket <= StartMixture.LAST_BUCKET; bucket++) {
                assertThat(StartMixture.startWeight(bucket))
                        .isPositive()
                        .isLessThan(StartMixture.startWeight(bucket - 1));
            }
        }

        @Test
        void startWeight_ofANegativeBucket_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StartMixture.startWeight(-1))
                    .withMessage("bucket is -1, allowed is 0 or more");
        }

        @Test
        void logEvidence_withoutRequests_isZeroInEveryBucket() {
            for (int bucket = 0; bucket <= StartMixture.LAST_BUCKET; bucket++) {
                mixture.advanceTo(bucket);
                mixture.add(factors, 0, 0, 0, 0);

                assertThat(mixture.logEvidence()).isCloseTo(0, within(1e-12));
            }
        }

        @Test
        void advanceTo_overEmptyBuckets_equalsVisitingEach() {
            StartMixture visiting = new StartMixture(EVIDENCE);
            mixture.add(factors, 100, 1, 5, 2);
            visiting.add(factors, 100, 1, 5, 2);
            for (int bucket = 1; bucket <= 77; bucket++) {
                visiting.advanceTo(bucket);
            }
            mixture.advanceTo(77);
            mixture.add(factors, 100, 1, 5, 2);
            visiting.add(factors, 100, 1, 5, 2);

            assertThat(mixture.logEvidence()).isEqualTo(visiting.logEvidence());
            assertThat(mixture.bucket()).isEqualTo(77);
        }

        @Test
        void advanceTo_beyondTheLastBucket_keepsFillingTheLast() {
            mixture.advanceTo(StartMixture.LAST_BUCKET + 1000);
            mixture.add(factors, 100, 1, 5, 2);
            mixture.advanceTo(StartMixture.LAST_BUCKET + 1);
            mixture.add(factors, 100, 1, 5, 2);
            StartMixture inTheLast = new StartMixture(EVIDENCE);
            inTheLast.advanceTo(511);
            inTheLast.add(factors, 200, 2, 10, 4);

            assertThat(mixture.bucket()).isEqualTo(511);
            assertThat(mixture.logEvidence()).isCloseTo(inTheLast.logEvidence(), within(1e-12));
        }

        @Test
        void advanceTo_anEarlierBucket_isRefusedAndChangesNothing() {
            mixture.advanceTo(7);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mixture.advanceTo(6))
                    .withMessage("bucket is 6, allowed is the current one, 7, or a later one");
            assertThat(mixture.bucket()).isEqualTo(7);
        }

        @Test
        void advanceTo_aNegativeBucket_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mixture.advanceTo(-1))
                    .withMessage("bucket is -1, allowed is 0 or more");
        }

        @Test
        void reset_afterRequests_isAsNew() {
            mixture.advanceTo(100);
            mixture.add(factors, 100, 1, 5, 2);

            mixture.reset();

            assertThat(mixture.bucket()).isZero();
            assertThat(mixture.logEvidence()).isEqualTo(new StartMixture(EVIDENCE).logEvidence());
        }
    }

    @Nested
    class BadInput {

        private final StartMixture mixture = new StartMixture(EVIDENCE);

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "-1 | 0 | 0 | 0 | stableCalls is -1, allowed is 0 or more",
                    "3 | 4 | 0 | 0 | stableFailures is 4, allowed is 0 to stableCalls = 3",
                    "0 | 0 | -2 | 0 | candidateCalls is -2, allowed is 0 or more",
                    "0 | 0 | 1 | 2 | candidateFailures is 2, allowed is 0 to candidateCalls = 1"
                })
        void add_withImpossibleCount_namesTheCountAndTheRange(
                long stableCalls, long stableFailures, long candidateCalls, long candidateFailures, String message) {
            Evidence.Factors factors = EVIDENCE.factors(0.5);

            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> mixture.add(factors, stableCalls, stableFailures, candidateCalls, candidateFailures))
                    .withMessage(message);
        }

        @Test
        void add_withFactorsOfOtherEvidence_isRefused() {
            Evidence.Factors factors = Evidence.errors(Margin.STRICT).factors(0.5);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mixture.add(factors, 1, 0, 0, 0))
                    .withMessage("factors is over evidence of errors with Margin[ratio=1.0, difference=0.0], allowed is"
                            + " only evidence of errors with Margin[ratio=1.1, difference=5.0E-4]");
        }

        @Test
        void add_withFactorsOfEqualEvidence_isAllowed() {
            mixture.add(Evidence.errors(new Margin(1.1, 0.0005)).factors(0.5), 0, 0, 3, 3);

            assertThat(mixture.logEvidence()).isPositive();
        }

        @Test
        void copyFrom_aMixtureOverOtherEvidence_isRefused() {
            StartMixture other = new StartMixture(Evidence.keyedErrors(Margin.DEFAULT));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mixture.copyFrom(other))
                    .withMessageStartingWith("other is over evidence of keyed errors with Margin[")
                    .withMessageContaining("allowed is only evidence of errors with Margin[");
        }
    }

    @Nested
    class ByCategory {

        @ParameterizedTest
        @ValueSource(longs = {41, 42, 43, 44})
        void add_byTwoCategories_equalsCallsAndFailures(long seed) {
            Random random = new Random(seed);
            StartMixture byCategory = new StartMixture(EVIDENCE);
            StartMixture byFailures = new StartMixture(EVIDENCE);
            for (int bucket = 0; bucket < 50; bucket += 1 + random.nextInt(3)) {
                byCategory.advanceTo(bucket);
                byFailures.advanceTo(bucket);
                Evidence.Factors factors = EVIDENCE.factors(random.nextBoolean() ? .05 : .5);
                long[] stable = {random.nextInt(300), random.nextInt(5)};
                long[] candidate = {random.nextInt(100), random.nextInt(5)};
                byCategory.add(factors, stable, candidate);
                byFailures.add(factors, stable[0] + stable[1], stable[1], candidate[0] + candidate[1], candidate[1]);
                assertThat(byCategory.logEvidence()).isCloseTo(byFailures.logEvidence(), within(1e-9));
            }
        }

        @ParameterizedTest
        @ValueSource(longs = {51, 52, 53, 54})
        void add_byBins_isTheMixtureOverStartsOfPlainSums(long seed) {
            Random random = new Random(seed);
            Evidence evidence = Evidence.larger();
            Evidence.Factors[] factors = {evidence.factors(.1), evidence.factors(.4)};
            StartMixture mixture = new StartMixture(evidence);
            int buckets = 12;
            // By bucket and atom: what its requests add.
            double[][] added = new double[buckets][evidence.atoms()];
            for (int bucket = 0; bucket < buckets; bucket++) {
                mixture.advanceTo(bucket);
                for (Evidence.Factors of : factors) {
                    long[] stable = random.longs(Evidence.BINS, 0, 4).toArray();
                    long[] candidate = random.longs(Evidence.BINS, 0, 3).toArray();
                    mixture.add(of, stable, candidate);
                    for (int atom = 0; atom < evidence.atoms(); atom++) {
                        for (int bin = 0; bin < Evidence.BINS; bin++) {
                            added[bucket][atom] +=
                                    stable[bin] * of.stable[bin][atom] + candidate[bin] * of.candidate[bin][atom];
                        }
                    }
                }
            }
            double sum = StartMixture.startWeight(buckets - 1);
            for (int start = 0; start < buckets; start++) {
                double share = (start == 0 ? 1 : StartMixture.startWeight(start - 1)) - StartMixture.startWeight(start);
                for (int atom = 0; atom < evidence.atoms(); atom++) {
                    double log = 0;
                    for (int bucket = start; bucket < buckets; bucket++) {
                        log += added[bucket][atom];
                    }
                    sum += share * Math.exp(evidence.logPrior(atom) + log);
                }
            }
            assertThat(mixture.logEvidence()).isCloseTo(Math.log(sum), within(1e-9));
        }

        @Test
        void add_nothing_changesNothing() {
            StartMixture mixture = new StartMixture(EVIDENCE);
            mixture.advanceTo(7);
            mixture.add(EVIDENCE.factors(.5), new long[2], new long[2]);
            assertThat(mixture.logEvidence()).isCloseTo(0, within(1e-12));
        }

        @Test
        void add_otherThanOneCountACategory_isRefused() {
            StartMixture mixture = new StartMixture(EVIDENCE);
            Evidence.Factors factors = EVIDENCE.factors(.5);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mixture.add(factors, new long[3], new long[2]))
                    .withMessage("stableCounts has 3 counts, allowed are 2");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mixture.add(factors, new long[2], new long[1]))
                    .withMessage("candidateCounts has 1 counts, allowed are 2");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mixture.add(factors, new long[2], new long[] {0, -1}))
                    .withMessage("candidateCounts is -1, allowed is 0 or more");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> mixture.add(Evidence.larger().factors(.5), new long[2], new long[2]))
                    .withMessageStartingWith("factors is over evidence of larger values, allowed is only ");
        }
    }

    private static void add(StartMixture mixture, Evidence.Factors factors, Counts counts) {
        mixture.add(
                factors,
                counts.stableCalls(),
                counts.stableFailures(),
                counts.candidateCalls(),
                counts.candidateFailures());
    }
}
