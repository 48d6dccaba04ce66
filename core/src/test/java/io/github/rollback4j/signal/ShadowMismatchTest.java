package io.github.rollback4j.signal;

import static io.github.rollback4j.signal.Signals.shadowMismatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.signal.Assessment.Verdict;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShadowMismatchTest {

    @Nested
    class Watching {

        private final ShadowMismatch.Watch watch = shadowMismatch().watch();

        @Test
        @Tag("R-5")
        void assessment_nothingCompared_isNoData() {
            watch.take(0, 0, 0);
            assertThat(watch.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
            assertThat(watch.assessment().log10Evidence()).isZero();
            assertThat(watch.assessment().log10Threshold()).isCloseTo(3, within(1e-12));
            assertThat(watch.assessment().signal()).isEqualTo("shadow-mismatch");
        }

        @Test
        void assessment_asManyAsAreTolerated_isInconclusive() {
            watch.take(0, 100_000, 100);
            assertThat(watch.assessment().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            assertThat(watch.assessment().why())
                    .matches("100 of 100,000 results differed, 0.1 % are tolerated; evidence 10\\^-?0.[0-9]{2} of"
                            + " 10\\^3.00 needed");
        }

        @Test
        void assessment_moreThanAreTolerated_regresses() {
            watch.take(0, 10_000, 50);
            assertThat(watch.assessment().verdict()).isEqualTo(Verdict.REGRESSED);
            assertThat(watch.assessment().log10Evidence()).isGreaterThan(3);
        }

        @Test
        void assessment_twoMismatches_areNotEnough() {
            ShadowMismatch.Watch strict = shadowMismatch().notAbove(1e-6).watch();
            strict.take(0, 2, 2);
            assertThat(strict.assessment().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            strict.take(0, 3, 3);
            assertThat(strict.assessment().verdict()).isEqualTo(Verdict.REGRESSED);
        }

        @Test
        void assessment_onceRegressed_staysSo() {
            watch.take(0, 1_000, 20);
            double highest = watch.assessment().log10Evidence();
            assertThat(highest).isGreaterThan(3);
            watch.take(1, 1_000_000, 20);
            assertThat(watch.assessment().verdict()).isEqualTo(Verdict.REGRESSED);
            assertThat(watch.assessment().log10Evidence()).isEqualTo(highest);
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4})
        void take_countsThatGrow_isTheHighestOfTheStartMixture(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            ShadowMismatch.Watch any = shadowMismatch().notAbove(.01).watch();
            Evidence evidence = Evidence.aboveLimit(.01);
            StartMixture mixture = new StartMixture(evidence);
            long compared = 0;
            long mismatches = 0;
            double highest = Double.NEGATIVE_INFINITY;
            for (int bucket = 0; bucket < 200; bucket++) {
                int more = random.nextInt(50);
                int bad = 0;
                for (int i = 0; i < more; i++) {
                    bad += random.nextDouble() < (bucket < 100 ? .008 : .03) ? 1 : 0;
                }
                compared += more;
                mismatches += bad;
                any.take(bucket, compared, mismatches);
                any.take(bucket, compared, mismatches); // nothing new
                if (more > 0) {
                    mixture.advanceTo(bucket);
                    mixture.add(evidence.factors(.3), 0, 0, more, bad);
                    highest = Math.max(highest, mixture.logEvidence());
                }
                assertThat(any.assessment().log10Evidence())
                        .isCloseTo(Double.isInfinite(highest) ? 0 : highest / Math.log(10), within(1e-9));
            }
            assertThat(highest).isPositive();
        }

        @Test
        void take_mismatchesThatAreReadBeforeTheirCalls_doNoHarm() {
            watch.take(0, 10, 12);
            watch.take(0, 10, 13);
            watch.take(0, 20, 5);
            assertThat(watch.assessment().verdict()).isEqualTo(Verdict.REGRESSED);
        }

        @Tag("R-1")
        @Test
        void assessment_ratesUpToTheLimit_hardlyEverRegress() {
            SplittableRandom random = new SplittableRandom(7);
            int regressed = 0;
            int above10 = 0;
            for (int run = 0; run < 400; run++) {
                ShadowMismatch.Watch any = shadowMismatch().notAbove(.01).watch();
                long mismatches = 0;
                for (int bucket = 0; bucket < 40; bucket++) {
                    for (int i = 0; i < 50; i++) {
                        mismatches += random.nextDouble() < .01 ? 1 : 0;
                    }
                    any.take(bucket, 50L * (bucket + 1), mismatches);
                }
                regressed += any.assessment().verdict() == Verdict.REGRESSED ? 1 : 0;
                above10 += any.assessment().log10Evidence() >= 1 ? 1 : 0;
            }
            // By Ville's inequality at most 1 in 1,000 and 1 in 10; with some room for chance.
            assertThat(regressed).isLessThanOrEqualTo(2);
            assertThat(above10).isLessThan(65);
        }
    }

    @Nested
    class Comparing {

        @Test
        void isSame_byDefault_asksEquals() {
            assertThat(shadowMismatch().isSame("a", new String("a"))).isTrue();
            assertThat(shadowMismatch().isSame("a", "b")).isFalse();
            assertThat(shadowMismatch().isSame(null, null)).isTrue();
            assertThat(shadowMismatch().isSame(null, "b")).isFalse();
        }

        @Test
        void comparing_anotherWay_givesStablesResultFirst() {
            ShadowMismatch signal = shadowMismatch()
                    .comparing("prefix", (stable, candidate) -> ((String) candidate).startsWith((String) stable));
            assertThat(signal.isSame("ab", "abc")).isTrue();
            assertThat(signal.isSame("abc", "ab")).isFalse();
            assertThat(signal.notAbove(.2).isSame("ab", "abc")).isTrue();
        }

        @Test
        void isSame_comparisonThrows_isFalse() {
            assertThat(shadowMismatch()
                            .comparing("broken", (stable, candidate) -> {
                                throw new AssertionError("broken");
                            })
                            .isSame(1, 1))
                    .isFalse();
        }

        @Test
        void description_eachSetting_isInIt() {
            assertThat(shadowMismatch().description()).isEqualTo("shadow-mismatch: not above 0.001, compared by equal");
            assertThat(shadowMismatch()
                            .comparing("rounded", (stable, candidate) -> true)
                            .notAbove(.5)
                            .description())
                    .isEqualTo("shadow-mismatch: not above 0.5, compared by rounded");
        }

        @ParameterizedTest
        @Tag("R-12")
        @ValueSource(doubles = {0, -.1, .5001, Double.NaN})
        void notAbove_outsideItsRange_isRefused(double part) {
            assertThatThrownBy(() -> shadowMismatch().notAbove(part))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "shadow-mismatch tolerates a part of " + part + ": more than 0 and at most 0.5 is allowed");
        }

        @Test
        @SuppressWarnings("NullAway")
        void comparing_null_isRefused() {
            assertThatNullPointerException()
                    .isThrownBy(() -> shadowMismatch().comparing("none", null))
                    .withMessage("isSame");
        }
    }
}
