package io.github.rollback4j.reports;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The time since the start, in marks that people count in. Immutable.
 *
 * @param seconds how long it is
 * @param ticks the marks
 */
record TimeAxis(double seconds, List<Tick> ticks) {

    /** A mark. */
    record Tick(double seconds, String label) {}

    private static final int MINUTE = 60;
    private static final int HOUR = 60 * MINUTE;
    private static final int DAY = 24 * HOUR;
    private static final int MOST_TICKS = 8;
    private static final double[] STEPS = {
        1,
        2,
        5,
        10,
        15,
        30,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY
    };

    /** Returns the axis of a duration; of a second at least. */
    static TimeAxis of(Duration duration) {
        double seconds = Math.max(1, seconds(duration));
        double step = step(seconds);
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i * step <= seconds; i++) {
            ticks.add(new Tick(i * step, label(i * step, step)));
        }
        return new TimeAxis(seconds, ticks);
    }

    static double seconds(Duration duration) {
        return duration.toSeconds() + duration.toNanosPart() / 1e9;
    }

    /** Returns a duration in its two largest units, the rest cut off: {@code 4 min 3 s}. */
    static String words(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%d.%d s", duration.toSecondsPart(), duration.toMillisPart() / 100);
        }
        if (seconds < MINUTE) {
            return seconds + " s";
        }
        if (seconds < HOUR) {
            return both(seconds / MINUTE, "min", seconds % MINUTE, "s");
        }
        if (seconds < DAY) {
            return both(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min");
        }
        return both(seconds / DAY, "d", seconds % DAY / HOUR, "h");
    }

    private static String both(long large, String unit, long small, String smallUnit) {
        return large + " " + unit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }

    private static double step(double seconds) {
        for (double step : STEPS) {
            if (seconds / step <= MOST_TICKS) {
                return step;
            }
        }
        double days = 1;
        while (true) {
            for (int times : new int[] {2, 5, 10}) {
                if (seconds / (days * times * DAY) <= MOST_TICKS) {
                    return days * times * DAY;
                }
            }
            days *= 10;
        }
    }

    private static String label(double seconds, double step) {
        if (seconds == 0) {
            return "0";
        }
        if (step < MINUTE) {
            return Math.round(seconds) + " s";
        }
        if (step < HOUR) {
            return Math.round(seconds / MINUTE) + " min";
        }
        return step < DAY ? Math.round(seconds / HOUR) + " h" : Math.round(seconds / DAY) + " d";
    }
}
