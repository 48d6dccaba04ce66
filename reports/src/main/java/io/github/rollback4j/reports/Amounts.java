package io.github.rollback4j.reports;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
final class Amounts {

    private static final double LARGEST_WRITTEN_OUT = 6;
    private static final double LARGEST_EXPONENT_WRITTEN_OUT = 10_000;
    private static final int DIGITS = 3;

    private Amounts() {}

    /** Returns an e-value as the log and the journal show it: {@code 10^1.30}. */
    static String evidence(double log10) {
        if (Double.isNaN(log10)) {
            return "unknown";
        }
        if (Double.isInfinite(log10)) {
            return log10 < 0 ? "0" : "infinite";
        }
        String format = Math.abs(log10) < LARGEST_EXPONENT_WRITTEN_OUT ? "%.2f" : "%.1e";
        String exponent = String.format(Locale.ROOT, format, log10);
        return "10^" + (exponent.equals("-0.00") ? "0.00" : exponent);
    }

    /** Returns an axis mark: {@code 10²}. */
    static String powerOfTen(int exponent) {
        if (exponent == 0) {
            return "1";
        }
        StringBuilder power = new StringBuilder("10");
        for (char c : Integer.toString(exponent).toCharArray()) {
            power.append(c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(c - '0'));
        }
        return power.toString();
    }

    /** Returns the chance that an e-value of 1 ever becomes so large: {@code 1 in 100}. Never less than it is. */
    static String chance(double log10) {
        if (log10 > LARGEST_WRITTEN_OUT) {
            return "1 in " + evidence(Math.floor(100 * log10) / 100);
        }
        // A hair more, so that the power of 10 to the 2 is 100.
        double times = Math.pow(10, log10) * (1 + 1e-12);
        if (times >= 100) {
            return String.format(Locale.ROOT, "1 in %,d", (long) times);
        }
        return "1 in " + plain(times, RoundingMode.DOWN);
    }

    /** Returns a part of one in percent: {@code 12.5 %}. */
    static String percent(double share) {
        return plain(100 * share, RoundingMode.HALF_UP) + " %";
    }

    private static String plain(double number, RoundingMode rounding) {
        return BigDecimal.valueOf(number)
                .round(new MathContext(DIGITS, rounding))
                .stripTrailingZeros()
                .toPlainString();
    }
}
