package io.github.rollback4j.reports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {

    @ParameterizedTest
    @CsvSource({
        "2, 1 in 100",
        "1, 1 in 10",
        "1.30103, 1 in 20",
        "1.522878745, 1 in 33.3",
        "2.30103, 1 in 200",
        "0.05, 1 in 1.12",
        "4, '1 in 10,000'",
        "6, '1 in 1,000,000'",
        "7.309, 1 in 10^7.30"
    })
    void chance_ofAThreshold_isNeverSaidSmallerThanItIs(double log10, String chance) {
        assertThat(Amounts.chance(log10)).isEqualTo(chance);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 %", "1, 100 %", "0.05, 5 %", "0.125, 12.5 %", "0.001, 0.1 %", "0.3333333, 33.3 %"})
    void percent_ofAShare_hasThreeDigits(double share, String percent) {
        assertThat(Amounts.percent(share)).isEqualTo(percent);
    }

    @ParameterizedTest
    @CsvSource({"-0.001, 10^0.00", "1.306, 10^1.31", "NaN, unknown", "-Infinity, 0", "Infinity, infinite"})
    void evidence_ofAPower_isAsInTheJournal(double log10, String evidence) {
        assertThat(Amounts.evidence(log10)).isEqualTo(evidence);
    }
}
