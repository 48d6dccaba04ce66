package io.github.rollback4j.migrations.statements;

import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a release.
 *
 * @param sql the statement, with {@code ?} for its parameters
 * @param parameterTypes the parameters' types, as the names of {@link java.sql.JDBCType}; {@code OTHER} where one is not known
 * @param samples values that its parameters had, one list for each call, as text; null values are null; empty where none are kept
 * @param readers what the release does with a column that it reads, by the column's label: {@code int} for {@code getInt},
 *     {@code notnull} for a primitive, else the names of the enum that it is mapped to, with commas between them
 * @param origin where it was seen, for people: a test, a repository's method
 */
public record RecordedStatement(
        String sql,
        List<String> parameterTypes,
        List<List<@Nullable String>> samples,
        SortedMap<String, String> readers,
        String origin) {

    /** Checks, and copies. */
    public RecordedStatement {
        Objects.requireNonNull(sql, "sql");
        Objects.requireNonNull(origin, "origin");
        parameterTypes = List.copyOf(parameterTypes);
        samples = samples.stream()
                .map(sample -> java.util.Collections.unmodifiableList(new java.util.ArrayList<@Nullable String>(sample)))
                .toList();
        readers = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(readers));
    }
}
