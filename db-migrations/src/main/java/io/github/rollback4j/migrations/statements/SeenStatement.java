package io.github.rollback4j.migrations.statements;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is known of one statement while it is recorded. Thread-safe. */
final class SeenStatement {

    /** Calls after this one are not looked at for samples: a loop in a test makes as many as it likes. */
    private static final int LOOKED_AT = 200;

    private final String sql;
    private final boolean keepsSamples;
    private final SortedMap<String, String> readers = new TreeMap<>();
    private final SortedSet<String> origins = new TreeSet<>();
    private List<String> types = List.of();
    private List<List<@Nullable String>> samples = List.of();
    private int calls;

    SeenStatement(String sql, boolean keepsSamples) {
        this.sql = sql;
        this.keepsSamples = keepsSamples;
    }

    /** Says whether calls still tell something. */
    synchronized boolean isOpen() {
        return calls < LOOKED_AT || types.contains(ParameterType.UNKNOWN);
    }

    synchronized void seenIn(String origin) {
        if (!origin.isEmpty()) {
            origins.add(origin);
        }
    }

    synchronized void called(List<ParameterValue> parameters) {
        calls++;
        List<String> before = types;
        types = StatementMerge.types(
                before, parameters.stream().map(ParameterValue::type).toList());
        boolean isKept = keepsSamples && parameters.stream().allMatch(ParameterValue::isKept);
        if (isKept && !parameters.isEmpty() && calls <= LOOKED_AT) {
            List<@Nullable String> sample = new ArrayList<>();
            parameters.forEach(parameter -> sample.add(parameter.text()));
            samples = StatementMerge.samples(
                    Stream.concat(samples.stream(), Stream.of(sample)), types.size(), StatementCatalogue.SAMPLES);
        }
    }

    synchronized void read(String label, String reader) {
        readers.merge(label, reader, StatementMerge::reader);
    }

    synchronized RecordedStatement recorded() {
        return new RecordedStatement(sql, types, samples, readers, StatementMerge.origin(origins));
    }
}
