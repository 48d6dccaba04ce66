package io.github.rollback4j.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.rollback4j.evidence.Evidence.Margin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarginTest {

    @Test
    void constants_areTheDocumentedMargins() {
        assertThat(Margin.DEFAULT).isEqualTo(new Margin(1.1, 0.0005));
        assertThat(Margin.STRICT).isEqualTo(new Margin(1, 0));
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "100, 0", "1, 0.999", "2.5, 0.01"})
    void create_atTheEndsOfTheRanges_isAllowed(double ratio, double difference) {
        Margin margin = new Margin(ratio, difference);

        assertThat(margin.ratio()).isEqualTo(ratio);
        assertThat(margin.difference()).isEqualTo(difference);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.999, 0, -1, 100.1, Double.POSITIVE_INFINITY, Double.NaN})
    void create_withRatioOutOfRange_namesTheValueAndTheRange(double ratio) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Margin(ratio, 0))
                .withMessage("ratio is " + ratio + ", allowed is 1 to 100.0");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-9, 1, 5, Double.NaN})
    void create_withDifferenceOutOfRange_namesTheValueAndTheRange(double difference) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Margin(1, difference))
                .withMessage("difference is " + difference + ", allowed is 0 to below 1");
    }
}
