package io.github.rollback4j.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.rollback4j.signal.Assessment.Counts;
import io.github.rollback4j.signal.Assessment.Details;
import io.github.rollback4j.signal.Assessment.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssessmentTest {

    private static final String TOLERATED =
            "a candidate that fails 1.1 times as often as stable plus 0.05 percentage points";

    @Test
    void explain_regressed_saysHowManyFailedAndHowRareThatIs() {
        Assessment regressed = new Assessment(
                "error-rate",
                Verdict.REGRESSED,
                3.5,
                2,
                "not shown",
                new Details(
                        List.of(
                                new Counts(.05, true, 19_000, 19, 1_000, 12),
                                new Counts(.25, false, 7_500, 8, 2_500, 150)),
                        TOLERATED,
                        1,
                        ""));
        assertThat(regressed.explain())
                .isEqualTo(
                        "error-rate: the candidate is worse than is tolerated. At a share of 5 %, of calls with a key,"
                                + " stable failed 19 of 19,000 (0.1 %) and the candidate 12 of 1,000 (1.2 %). At a share of 25 %,"
                                + " of calls without a key, stable failed 8 of 7,500 (0.107 %) and the candidate 150 of 2,500"
                                + " (6 %). Tolerated is a candidate that fails 1.1 times as often as stable plus 0.05 percentage"
                                + " points. Were the candidate no worse than that, a difference as clear as this would ever show"
                                + " in at most 1 of 3,162 rollouts; it is acted upon at 1 of 100.");
    }

    @Test
    void explain_inconclusive_saysWhatWouldSettleIt() {
        Assessment inconclusive = new Assessment(
                "error-rate",
                Verdict.INCONCLUSIVE,
                .3,
                2.7,
                "not shown",
                new Details(
                        List.of(new Counts(.01, false, 990, 1, 10, 1)),
                        TOLERATED,
                        .35,
                        "About 20 more of its calls settle it."));
        assertThat(inconclusive.explain())
                .isEqualTo(
                        "error-rate: it cannot be told yet whether the candidate is worse. At a share of 1 %, of calls"
                                + " without a key, stable failed 1 of 990 (0.101 %) and the candidate 1 of 10 (10 %). Tolerated is"
                                + " a candidate that fails 1.1 times as often as stable plus 0.05 percentage points. Were the"
                                + " candidate no worse than that, a difference as clear as this would ever show in at most 1 of 2"
                                + " rollouts; it is acted upon at 1 of 501. In this step the candidate fails at most 35 percentage"
                                + " points more often than stable (95 % sure). About 20 more of its calls settle it.");
    }

    @Test
    void explain_notWorse_saysHowMuchWorseItCanBeAtMost() {
        Assessment notWorse = new Assessment(
                "error-rate",
                Verdict.NOT_WORSE,
                -.4,
                2,
                "not shown",
                new Details(List.of(new Counts(.5, true, 0, 0, 2_000_000, 0)), TOLERATED, .0005, ""));
        assertThat(notWorse.explain())
                .isEqualTo(
                        "error-rate: the candidate is not worse than is tolerated. At a share of 50 %, of calls with a"
                                + " key, stable failed 0 of 0 and the candidate 0 of 2,000,000 (0 %). Tolerated is a candidate"
                                + " that fails 1.1 times as often as stable plus 0.05 percentage points. So far nothing speaks for"
                                + " a regression. In this step the candidate fails at most 0.05 percentage points more often than"
                                + " stable (95 % sure).");
    }

    @Test
    void explain_noData_saysWhy() {
        assertThat(new Assessment("latency", Verdict.NO_DATA, 0, 2, "no latencies are compared yet").explain())
                .isEqualTo("latency: there is nothing to judge by. No latencies are compared yet.");
        assertThat(Assessment.of("queue", Verdict.NO_DATA, "The meter is missing.")
                        .explain())
                .isEqualTo("queue: there is nothing to judge by. The meter is missing.");
    }

    @Test
    void explain_withoutASentence_isTheVerdict() {
        assertThat(Assessment.of("queue", Verdict.NO_DATA, "").explain())
                .isEqualTo("queue: there is nothing to judge by.");
    }

    @Test
    void explain_withoutEvidence_isTheSentence() {
        assertThat(Assessment.of("queue", Verdict.REGRESSED, "1,200 is above 1,000")
                        .explain())
                .isEqualTo("queue: the candidate is worse than is tolerated. 1,200 is above 1,000.");
        assertThat(Assessment.of("queue", Verdict.INCONCLUSIVE, "900").log10Evidence())
                .isNaN();
    }

    @Test
    void explain_inconclusiveWithoutEvidenceForARegression_saysSo() {
        assertThat(new Assessment("latency", Verdict.INCONCLUSIVE, 0, 2, "half took 3 ms").explain())
                .isEqualTo(
                        "latency: it cannot be told yet whether the candidate is worse. Half took 3 ms. So far nothing"
                                + " speaks for a regression.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.1 | 1.26",
                "1 | 10",
                "1.5 | 31.6",
                "2 | 100",
                "3 | 1,000",
                "5.9 | 794,328",
                "6 | 10^6",
                "12.2 | 10^12"
            })
    void explain_evidence_isWrittenAsANumberOfRollouts(double log10, String written) {
        assertThat(new Assessment("s", Verdict.INCONCLUSIVE, log10, 2, "why").explain())
                .contains("in at most 1 of " + written + " rollouts;");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | 10 | 10 %",
                "1 | 3 | 33.3 %",
                "1 | 1000000 | 0.0001 %",
                "1 | 100000000 | 0.000001 %",
                "3 | 3 | 100 %",
                "1999 | 2000 | 100 %"
            })
    void explain_rate_hasThreeDigits(long bad, long calls, String written) {
        Details details = new Details(List.of(new Counts(.5, false, calls, bad, 0, 0)), "", Double.NaN, "");
        assertThat(new Assessment("s", Verdict.INCONCLUSIVE, Double.NaN, 2, "why", details).explain())
                .endsWith("stable failed %,d of %,d (%s) and the candidate 0 of 0.".formatted(bad, calls, written));
    }

    @Test
    void details_counts_areCopied() {
        List<Counts> counts = new ArrayList<>(List.of(new Counts(.5, false, 1, 0, 1, 0)));
        Details details = new Details(counts, "", 1, "");
        counts.clear();
        assertThat(details.counts()).hasSize(1);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> details.counts().clear());
        assertThat(new Assessment("s", Verdict.NO_DATA, 0, 2, "why").details()).isEqualTo(Details.NONE);
    }
}
