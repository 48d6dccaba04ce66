package io.github.rollback4j.migrations.statements;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a release.
 *
 * <p>Values are text as SQL reads it: {@code 12.50}, {@code true}, {@code 2026-03-01}, {@code 10:15:30},
 * {@code 2026-03-01 10:15:30.5}, with {@code +02:00} after it where there is an offset; bytes as hexadecimal digits.
 *
 * @param sql the statement, with {@code ?} for its parameters
 * @param parameterTypes the parameters' types, as the names of {@link java.sql.JDBCType}; {@code OTHER} where one is not known
 * @param samples values that its parameters had, one list for each call, as text; null values are null; empty where none are kept
 * @param readers what the release does with a column that it reads, by the column's label: {@code int} for {@code getInt}
 *     and smaller, {@code notnull} for a primitive, else the names of the enum that it is mapped to; with commas between them,
 *     since statements may read one column in several ways
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
        List<List<@Nullable String>> copies = new ArrayList<>();
        samples.forEach(sample -> copies.add(Collections.unmodifiableList(new ArrayList<>(sample))));
        samples = Collections.unmodifiableList(copies);
        readers = Collections.unmodifiableSortedMap(new TreeMap<>(readers));
    }
}
