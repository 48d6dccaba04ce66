package io.github.rollback4j.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers and times as people read them, the same in every locale. */
final class Words {

    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SAID = DateTimeFormatter.ofPattern(
                    "HH:mm:ss 'UTC on' d MMMM uuuu", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("EEEE, d MMMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMMM uuuu", Locale.ENGLISH);
    private static final int MINUTE = 60;
    private static final int HOUR = 60 * MINUTE;
    private static final int DAY_SECONDS = 24 * HOUR;
    private static final int DIGITS = 3;
    private static final double WRITTEN_OUT = 1e6;

    private Words() {}

    /** Returns an instant, in UTC. */
    static String at(Instant instant) {
        try {
            return SECOND.format(instant);
        } catch (DateTimeException beyondTheCalendar) {
            return instant.toString();
        }
    }

    /** Returns an instant as it is said: {@code 22:03:14 UTC on 3 January 2030}. */
    static String saidAt(Instant instant) {
        try {
            return SAID.format(instant);
        } catch (DateTimeException beyondTheCalendar) {
            return instant.toString();
        }
    }

    static String day(LocalDate date) {
        return DAY.format(date);
    }

    static String month(YearMonth month) {
        return MONTH.format(month);
    }

    /** Returns a duration in its two largest units, the rest cut off: {@code 4 min 3 s}. */
    static String time(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%d.%d s", seconds, duration.toMillisPart() / 100);
        }
        if (seconds < MINUTE) {
            return seconds + " s";
        }
        if (seconds < HOUR) {
            return both(seconds / MINUTE, "min", seconds % MINUTE, "s");
        }
        if (seconds < DAY_SECONDS) {
            return both(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min");
        }
        return both(seconds / DAY_SECONDS, "d", seconds % DAY_SECONDS / HOUR, "h");
    }

    private static String both(long large, String unit, long small, String smallUnit) {
        return large + " " + unit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }

    /** Returns a duration as it is spoken, in its two largest units: {@code 1 hour 30 minutes}. */
    static String spoken(Duration duration) {
        long seconds = duration.toSeconds();
        List<String> parts = new ArrayList<>();
        add(parts, seconds / DAY_SECONDS, "day");
        add(parts, seconds % DAY_SECONDS / HOUR, "hour");
        add(parts, seconds % HOUR / MINUTE, "minute");
        add(parts, seconds % MINUTE, "second");
        if (parts.isEmpty()) {
            return duration.isZero() ? "no time" : "less than a second";
        }
        return String.join(" ", parts.subList(0, Math.min(2, parts.size())));
    }

    private static void add(List<String> parts, long count, String unit) {
        if (count > 0) {
            parts.add(count + " " + unit + (count == 1 ? "" : "s"));
        }
    }

    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Returns a number of things, for example {@code 1 call}. */
    static String count(long count, String one, String several) {
        return count(count) + " " + (count == 1 ? one : several);
    }

    /** Returns a part of one in percent, with up to three digits. */
    static String percent(double part) {
        return number(100 * part) + " %";
    }

    static String rate(long part, long all) {
        return all <= 0 ? "–" : percent((double) part / all);
    }

    /** Returns a number with up to three significant digits. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "unknown" : value < 0 ? "less than anything" : "more than anything";
        }
        return Math.abs(value) >= 100
                ? String.format(Locale.ROOT, "%,.0f", value)
                : new BigDecimal(value, new MathContext(DIGITS, RoundingMode.HALF_UP))
                        .stripTrailingZeros()
                        .toPlainString();
    }

    /** Returns a power of ten as a count: {@code 204}, or {@code 10^7.25} where it is large. */
    static String power(double log10) {
        double value = Math.pow(10, log10);
        return value < WRITTEN_OUT ? number(value) : String.format(Locale.ROOT, "10^%.2f", log10);
    }

    /** Returns the text, beginning with a capital letter. */
    static String capital(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /** Returns the text with a full stop, if it has none. */
    static String sentence(String text) {
        String sentence = capital(text.strip());
        return sentence.isEmpty() || ".!?…".indexOf(sentence.charAt(sentence.length() - 1)) >= 0
                ? sentence
                : sentence + ".";
    }

    /** Returns the words as one enumeration: {@code a, b and c}. */
    static String all(List<String> words) {
        return words.size() < 2
                ? String.join("", words)
                : String.join(", ", words.subList(0, words.size() - 1)) + " and " + words.get(words.size() - 1);
    }
}
