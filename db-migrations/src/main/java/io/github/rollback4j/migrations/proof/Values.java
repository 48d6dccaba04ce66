package io.github.rollback4j.migrations.proof;

import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Brings values of different types into one form, so that the same value is the same text. */
final class Values {

    private static final Pattern LEAF = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|[^\\s,:{}\\[\\]\"]+");

    /** A number as a database writes it; what begins with zeros is rather a code. */
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?");

    private static final Pattern MOMENT = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");

    private Values() {}

    /** Returns a number without the zeros at its end. */
    static String number(String value) {
        try {
            BigDecimal number = new BigDecimal(value);
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        } catch (NumberFormatException infinity) {
            return value;
        }
    }

    /**
     * Returns the form that a value has in whatever type it is kept: 3 and 3.00, a day and its midnight, t and true and 1 are the
     * same, also where they are kept as text.
     */
    static String lasting(String value, Column column) {
        if (column.kind() == Column.Kind.BOOLEAN) {
            return value.toLowerCase(Locale.ROOT).matches("t|true|1") ? "1" : "0";
        }
        String text = column.kind() == Column.Kind.FIXED_TEXT ? value.stripTrailing() : value;
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true") ? "1" : "0";
        }
        if (column.isNumber() || NUMBER.matcher(text).matches()) {
            return number(text);
        }
        return MOMENT.matcher(text).lookingAt() ? moment(text) : text;
    }

    private static String moment(String value) {
        return value.replace('T', ' ')
                .replaceFirst("([+-]00(:?00)?|Z)$", "")
                .replaceFirst("(\\.\\d*?)0+$", "$1")
                .replaceFirst("\\.$", "")
                .replaceFirst(" 00:00(:00)?$", "");
    }

    /** Returns what a document or an array holds, the whole among it. */
    static Set<String> leaves(String value) {
        Set<String> leaves = new LinkedHashSet<>();
        leaves.add(value);
        if (value.startsWith("{") || value.startsWith("[")) {
            Matcher leaf = LEAF.matcher(value);
            while (leaf.find()) {
                String quoted = leaf.group(1);
                leaves.add(quoted == null ? leaf.group() : quoted.replaceAll("\\\\(.)", "$1"));
            }
        }
        return leaves;
    }
}
