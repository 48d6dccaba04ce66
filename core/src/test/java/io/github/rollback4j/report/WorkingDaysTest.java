package io.github.rollback4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkingDaysTest {

    @ParameterizedTest
    @CsvSource({
        // Monday to Friday: a weekend lies between.
        "2030-01-07T00:00:00Z, 5, 2030-01-14",
        "2030-01-11T23:59:59Z, 5, 2030-01-18",
        // On a Saturday or Sunday the count begins with Monday.
        "2030-01-12T12:00:00Z, 5, 2030-01-18",
        "2030-01-13T12:00:00Z, 5, 2030-01-18",
        "2030-01-13T12:00:00Z, 1, 2030-01-14",
        "2030-01-11T12:00:00Z, 1, 2030-01-14",
        "2030-01-07T12:00:00Z, 0, 2030-01-07",
        // Over the end of a leap year's February.
        "2028-02-28T12:00:00Z, 5, 2028-03-06"
    })
    void workingDaysAfter_leavesOutSaturdaysAndSundays(Instant from, int days, String due) {
        assertThat(WorkingDays.workingDaysAfter(from, days)).hasToString(due);
    }

    @ParameterizedTest
    @CsvSource({"2030-01-04T12:00:00Z, 3, 2030-01-07", "2029-12-31T23:59:59Z, 3, 2030-01-03"})
    void daysAfter_countsEachDay(Instant from, int days, String due) {
        assertThat(WorkingDays.daysAfter(from, days)).hasToString(due);
    }

    @Test
    void days_beyondTheCalendar_areNone() {
        assertThat(WorkingDays.daysAfter(Instant.MAX, 3)).isNull();
        assertThat(WorkingDays.workingDaysAfter(Instant.MAX, 5)).isNull();
        assertThat(WorkingDays.workingDaysAfter(Instant.parse("+999999999-12-30T00:00:00Z"), 5))
                .isNull();
    }
}
