package io.github.rollback4j.migrations.judgement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the conditions of checks say, as far as it can be read off them. */
final class Checks {

    private static final Pattern WORD =
            Pattern.compile("'(?:[^']++|'')*+'|\"([^\"]+)\"|`([^`]+)`|([A-Za-z_][A-Za-z0-9_$]*)");
    private static final Pattern ONE_OF = Pattern.compile(
            "\\(*([a-z_][a-z0-9_]*)\\)*(?:::text)?(?:in\\(|=any\\(\\(?array\\[)(.+?)[\\])]+(?:::text\\[\\]\\)?)?\\)*");
    private static final Pattern BOUND =
            Pattern.compile("\\(*([a-z_][a-z0-9_]*)\\)*(>=|<=|>|<)\\(*(-?[0-9]+(?:\\.[0-9]+)?)\\)*");

    private Checks() {}

    /** Returns the columns of the table that an expression names. */
    static List<String> columns(String expression, Relation table) {
        List<String> columns = new ArrayList<>();
        Matcher words = WORD.matcher(expression);
        while (words.find()) {
            String word =
                    words.group(1) != null ? words.group(1) : words.group(2) != null ? words.group(2) : words.group(3);
            if (word == null) {
                continue;
            }
            Relation.TableColumn column = table.column(word);
            column = column != null ? column : table.column(word.toLowerCase(Locale.ROOT));
            column = column != null ? column : table.column(word.toUpperCase(Locale.ROOT));
            if (column != null && !columns.contains(column.name)) {
                columns.add(column.name);
            }
        }
        return columns;
    }

    /** Returns whether what passes the old condition passes the new one, as far as it is sure. Both are normalised. */
    static boolean demandsNoMore(String now, String before) {
        if (now.equals(before)) {
            return true;
        }
        Matcher nowOneOf = ONE_OF.matcher(now);
        Matcher oneOf = ONE_OF.matcher(before);
        if (nowOneOf.matches() && oneOf.matches() && nowOneOf.group(1).equals(oneOf.group(1))) {
            return values(nowOneOf.group(2)).containsAll(values(oneOf.group(2)));
        }
        Matcher nowBound = BOUND.matcher(now);
        Matcher bound = BOUND.matcher(before);
        if (nowBound.matches() && bound.matches() && nowBound.group(1).equals(bound.group(1))) {
            return isLooser(
                    nowBound.group(2),
                    Double.parseDouble(nowBound.group(3)),
                    bound.group(2),
                    Double.parseDouble(bound.group(3)));
        }
        return false;
    }

    private static List<String> values(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(value -> value.replaceFirst("::[a-z ]+$", ""))
                .toList();
    }

    private static boolean isLooser(String now, double limitNow, String before, double limitBefore) {
        if (now.charAt(0) != before.charAt(0)) {
            return false;
        }
        boolean isFloor = now.charAt(0) == '>';
        boolean isFurther = isFloor ? limitNow < limitBefore : limitNow > limitBefore;
        return isFurther || (limitNow == limitBefore && now.length() >= before.length());
    }
}
