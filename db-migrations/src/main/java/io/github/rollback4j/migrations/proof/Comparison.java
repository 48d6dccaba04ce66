package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.proof.Divergence.Depth;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares what came of a statement after a migration with what came of it before. The statement ran twice before: what
 * differed between the two, such as the time or a sequence's number, is only compared by whether it is there.
 */
final class Comparison {

    private static final String VOLATILE = "(varies)";
    private static final Pattern LIMITED = Pattern.compile("(?is)\\b(limit|fetch\\s+(first|next))\\b");

    private final String sql;
    private final boolean mayGrow;
    private final Observation before;
    private final Set<Integer> volatileColumns;
    private final Map<ObjectName, Set<Integer>> volatileCells;

    /**
     * Remembers what happened before.
     *
     * @param mayGrow whether the migration itself inserts into what the statement reads: more rows are what was asked for then
     */
    Comparison(String sql, Observation first, Observation second, boolean mayGrow) {
        this.sql = sql;
        this.mayGrow = mayGrow;
        this.before = first;
        this.volatileColumns =
                varying(first.rows(), second.rows(), first.labels().size());
        this.volatileCells = new LinkedHashMap<>();
        first.effects().forEach((table, effect) -> {
            Effect again = second.effects().getOrDefault(table, Effect.NONE);
            Set<Integer> cells = new HashSet<>(varying(effect.inserted(), again.inserted(), -1));
            cells.addAll(varying(effect.changed(), again.changed(), -1));
            volatileCells.put(table, cells);
        });
    }

    Observation before() {
        return before;
    }

    /** A difference. */
    record Difference(Depth depth, String state, String detail) {}

    /** Returns the first difference that the previous release would notice; null if there is none. */
    @Nullable
    Difference with(Observation after) {
        if (after.refusal() != null) {
            return new Difference(
                    Depth.EXECUTE, after.refusal().state(), after.refusal().message());
        }
        if (before.updateCount() != after.updateCount()) {
            return new Difference(
                    Depth.RESULT, "", "writes " + after.updateCount() + " rows instead of " + before.updateCount());
        }
        Difference difference = ofShape(after);
        if (difference == null) {
            difference = ofRows(after);
        }
        return difference == null ? ofEffects(after) : difference;
    }

    private @Nullable Difference ofShape(Observation after) {
        int count = before.labels().size();
        if (after.labels().size() < count || !after.labels().subList(0, count).equals(before.labels())) {
            return new Difference(
                    Depth.RESULT, "", "returns the columns " + after.labels() + " instead of " + before.labels());
        }
        return null;
    }

    /** Returns what else is different about the columns, which most readers do not notice. */
    List<String> advice(Observation after) {
        List<String> advice = new ArrayList<>();
        if (after.refusal() != null || after.labels().size() < before.labels().size()) {
            return advice;
        }
        for (int i = 0; i < before.types().size(); i++) {
            if (!before.types().get(i).equals(after.types().get(i))) {
                advice.add("column " + before.labels().get(i) + " is of type "
                        + after.types().get(i) + " instead of " + before.types().get(i));
            }
        }
        if (after.labels().size() > before.labels().size()) {
            advice.add("returns more columns: "
                    + after.labels()
                            .subList(before.labels().size(), after.labels().size()));
        }
        return advice;
    }

    private @Nullable Difference ofRows(Observation after) {
        List<Row> old = masked(before.rows(), volatileColumns, before.labels().size());
        List<Row> now = masked(after.rows(), volatileColumns, before.labels().size());
        boolean isAnyChoice = LIMITED.matcher(sql).find() && !isOrdered(sql);
        if (isAnyChoice) {
            return old.size() == now.size()
                    ? null
                    : new Difference(Depth.RESULT, "", "returns " + now.size() + " rows instead of " + old.size());
        }
        List<Row> gone = Effect.minus(old, now);
        List<Row> come = Effect.minus(now, old);
        boolean onlyMore = mayGrow && gone.isEmpty();
        if (!onlyMore && (!gone.isEmpty() || !come.isEmpty())) {
            return new Difference(
                    Depth.RESULT, "", "returns other rows: " + shortened(come) + " instead of " + shortened(gone));
        }
        List<Integer> keys = sortKeys();
        if (come.isEmpty() && !keys.isEmpty() && !projected(old, keys).equals(projected(now, keys))) {
            return new Difference(Depth.RESULT, "", "returns the rows in another order");
        }
        return null;
    }

    private @Nullable Difference ofEffects(Observation after) {
        Set<ObjectName> tables = new HashSet<>(before.effects().keySet());
        tables.addAll(after.effects().keySet());
        for (ObjectName table : tables.stream()
                .sorted(java.util.Comparator.comparing(ObjectName::toString))
                .toList()) {
            Effect old = before.effects().getOrDefault(table, Effect.NONE);
            Effect now = after.effects().get(table);
            if (now == null) {
                // It cannot be read by its old name any more; who relies on that is told by another statement.
                continue;
            }
            Set<Integer> cells = volatileCells.getOrDefault(table, Set.of());
            for (Function<Effect, List<Row>> part :
                    List.<Function<Effect, List<Row>>>of(Effect::inserted, Effect::deleted, Effect::changed)) {
                List<Row> before = masked(part.apply(old), cells, -1);
                List<Row> then = masked(part.apply(now), cells, -1);
                if (!Effect.minus(before, then).isEmpty()
                        || !Effect.minus(then, before).isEmpty()) {
                    return new Difference(
                            Depth.EFFECT, "", "stores something else in " + table + ": " + now + " instead of " + old);
                }
            }
        }
        return null;
    }

    // ---- Order.

    private static boolean isOrdered(String sql) {
        return !orderBy(sql).isEmpty();
    }

    /** Returns what stands after the last {@code ORDER BY} that is not within parentheses; empty if there is none. */
    private static String orderBy(String sql) {
        StringBuilder outside = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            outside.append(depth > 0 ? '#' : c);
        }
        Matcher order = Pattern.compile(
                        "(?is)\\border\\s+by\\s+(.*?)(\\blimit\\b|\\boffset\\b|\\bfetch\\b|\\bfor\\b|;|$)")
                .matcher(outside);
        String found = "";
        while (order.find()) {
            found = order.group(1);
        }
        return found;
    }

    private List<Integer> sortKeys() {
        String by = orderBy(sql);
        List<Integer> keys = new ArrayList<>();
        for (String key : by.split(",", -1)) {
            String name = key.strip()
                    .replaceFirst("(?is)\\s+(asc|desc|nulls)\\b.*", "")
                    .replaceFirst("^.*\\.", "")
                    .replaceAll("[\"`]", "");
            int at = IntStream.range(0, before.labels().size())
                    .filter(i -> before.labels().get(i).equalsIgnoreCase(name))
                    .findFirst()
                    .orElse(-1);
            if (at < 0 || volatileColumns.contains(at)) {
                break;
            }
            keys.add(at);
        }
        return keys;
    }

    private static List<Row> projected(List<Row> rows, List<Integer> columns) {
        return rows.stream()
                .map(row -> {
                    List<@Nullable String> values = new ArrayList<>();
                    columns.forEach(column -> values.add(row.at(column)));
                    return new Row(values);
                })
                .toList();
    }

    // ---- What varies.

    private static Set<Integer> varying(List<Row> first, List<Row> second, int width) {
        Set<Integer> columns = new HashSet<>();
        int count =
                width >= 0 ? width : first.isEmpty() ? 0 : first.get(0).values().size();
        for (int i = 0; i < count; i++) {
            int column = i;
            if (!Objects.equals(
                    new java.util.TreeMap<>(counted(first, column)),
                    new java.util.TreeMap<>(counted(second, column)))) {
                columns.add(i);
            }
        }
        return columns;
    }

    private static Map<String, Integer> counted(List<Row> rows, int column) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Row row : rows) {
            counts.merge(String.valueOf(row.at(column)), 1, Integer::sum);
        }
        return counts;
    }

    private static List<Row> masked(List<Row> rows, Set<Integer> columns, int width) {
        return rows.stream()
                .map(row -> {
                    List<@Nullable String> values = new ArrayList<>();
                    int count = width >= 0 ? width : row.values().size();
                    for (int i = 0; i < count; i++) {
                        String value = row.at(i);
                        values.add(columns.contains(i) && value != null ? VOLATILE : value);
                    }
                    return new Row(values);
                })
                .toList();
    }

    private static String shortened(List<Row> rows) {
        return rows.size() <= 3 ? rows.toString() : rows.subList(0, 3) + " and " + (rows.size() - 3) + " more";
    }
}
