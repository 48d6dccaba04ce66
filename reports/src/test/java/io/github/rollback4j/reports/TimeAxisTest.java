package io.github.rollback4j.reports;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeAxisTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0;1 s",
        "PT0.1S, 0;1 s",
        "PT8S, 0;1 s;2 s;3 s;4 s;5 s;6 s;7 s;8 s",
        "PT1M, 0;10 s;20 s;30 s;40 s;50 s;60 s",
        "PT4M17S, 0;1 min;2 min;3 min;4 min",
        "PT1H, 0;10 min;20 min;30 min;40 min;50 min;60 min",
        "PT9H, 0;2 h;4 h;6 h;8 h",
        "P3D, 0;12 h;24 h;36 h;48 h;60 h;72 h",
        "P10D, 0;2 d;4 d;6 d;8 d;10 d",
        "P100D, 0;20 d;40 d;60 d;80 d;100 d"
    })
    void of_anyDuration_countsInItsUnit(Duration duration, String labels) {
        assertThat(TimeAxis.of(duration).ticks())
                .extracting(TimeAxis.Tick::label)
                .containsExactly(labels.split(";"));
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.19S, 0.1 s",
        "PT59.9S, 59 s",
        "PT60S, 1 min",
        "PT4M3S, 4 min 3 s",
        "PT2H5M9S, 2 h 5 min",
        "P3DT4H50M, 3 d 4 h"
    })
    void words_anyDuration_areItsTwoLargestUnits(Duration duration, String words) {
        assertThat(TimeAxis.words(duration)).isEqualTo(words);
    }
}
