package io.github.rollback4j.report;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Counts days, in UTC. Saturdays and Sundays are no working days; holidays are nobody's but a country's. */
final class WorkingDays {

    private WorkingDays() {}

    /** Returns the day so many days after an instant's; null where the calendar does not reach so far. */
    static @Nullable LocalDate daysAfter(Instant instant, int days) {
        try {
            return instant.atZone(ZoneOffset.UTC).toLocalDate().plusDays(days);
        } catch (DateTimeException beyondTheCalendar) {
            return null;
        }
    }

    /** Returns the working day so many working days after an instant's day, which does not count itself. */
    static @Nullable LocalDate workingDaysAfter(Instant instant, int days) {
        LocalDate day = daysAfter(instant, 0);
        // Two free days a week: that far the calendar must reach.
        if (day == null || day.isAfter(LocalDate.MAX.minusDays(2L * days + 2))) {
            return null;
        }
        for (int left = days; left > 0; ) {
            day = day.plusDays(1);
            left -= isWorkingDay(day) ? 1 : 0;
        }
        return day;
    }

    private static boolean isWorkingDay(LocalDate day) {
        return day.getDayOfWeek() != DayOfWeek.SATURDAY && day.getDayOfWeek() != DayOfWeek.SUNDAY;
    }
}
