package io.github.rollback4j.migrations.statements;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes one statement of two with the same text. The order of the two does not matter, nor the grouping of many. */
final class StatementMerge {

    /** Readers that are no names of an enum; they stand before the names. */
    private static final List<String> WORDS = List.of("int", "notnull");

    private static final int MOST_ORIGINS = 5;

    private static final Comparator<List<@Nullable String>> BY_VALUES = (one, other) -> {
        for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
            int compared =
                    Comparator.nullsLast(Comparator.<String>naturalOrder()).compare(one.get(i), other.get(i));
            if (compared != 0) {
                return compared;
            }
        }
        return Integer.compare(one.size(), other.size());
    };

    private StatementMerge() {}

    /** Merges two statements with the same text; keeps at most so many samples. */
    static RecordedStatement of(RecordedStatement one, RecordedStatement other, int samples) {
        List<String> types = types(one.parameterTypes(), other.parameterTypes());
        return new RecordedStatement(
                one.sql(),
                types,
                samples(Stream.concat(one.samples().stream(), other.samples().stream()), types.size(), samples),
                readers(one.readers(), other.readers()),
                origin(List.of(one.origin(), other.origin())));
    }

    static List<String> types(List<String> one, List<String> other) {
        List<String> types = new ArrayList<>();
        for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
            types.add(
                    i >= one.size()
                            ? other.get(i)
                            : i >= other.size() ? one.get(i) : ParameterType.wider(one.get(i), other.get(i)));
        }
        return types;
    }

    /** Returns different samples with so many values, in a fixed order. */
    static List<List<@Nullable String>> samples(Stream<List<@Nullable String>> samples, int values, int most) {
        return samples.filter(sample -> sample.size() == values)
                .sorted(BY_VALUES)
                .distinct()
                .limit(most)
                .toList();
    }

    private static SortedMap<String, String> readers(SortedMap<String, String> one, SortedMap<String, String> other) {
        SortedMap<String, String> readers = new TreeMap<>(one);
        other.forEach((label, reader) -> readers.merge(label, reader, StatementMerge::reader));
        return readers;
    }

    /** Joins two readers of one column; names of an enum keep their order where one has more than the other. */
    static String reader(String one, String other) {
        if (one.equals(other)) {
            return one;
        }
        Set<String> parts = new LinkedHashSet<>(List.of(one.split(",")));
        Set<String> others = new LinkedHashSet<>(List.of(other.split(",")));
        if (parts.size() != others.size() && parts.containsAll(others)) {
            return one;
        }
        if (parts.size() != others.size() && others.containsAll(parts)) {
            return other;
        }
        SortedSet<String> all = new TreeSet<>(
                Comparator.comparingInt((String part) -> WORDS.contains(part) ? WORDS.indexOf(part) : WORDS.size())
                        .thenComparing(Comparator.naturalOrder()));
        all.addAll(parts);
        all.addAll(others);
        return String.join(",", all);
    }

    /** Joins places; the first few in the order of their names, since they are for people. */
    static String origin(Collection<String> origins) {
        return String.join(
                ", ",
                origins.stream()
                        .flatMap(origin -> Stream.of(origin.split(",")))
                        .map(String::strip)
                        .filter(origin -> !origin.isEmpty())
                        .sorted()
                        .distinct()
                        .limit(MOST_ORIGINS)
                        .toList());
    }

    static @Nullable RecordedStatement compared(RecordedStatement statement, int samples) {
        String sql = SqlText.compared(statement.sql());
        return sql.isEmpty()
                ? null
                : new RecordedStatement(
                        sql,
                        statement.parameterTypes(),
                        samples(
                                statement.samples().stream(),
                                statement.parameterTypes().size(),
                                samples),
                        statement.readers(),
                        origin(List.of(statement.origin())));
    }
}
