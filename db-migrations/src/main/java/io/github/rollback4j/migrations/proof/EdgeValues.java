package io.github.rollback4j.migrations.proof;

import java.sql.JDBCType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes parameters at the edges of what a statement was given: the values that worked before, with one of them at the end of its
 * type's range. Whether an edge worked before the migration is for the caller to find out; only then it counts.
 */
final class EdgeValues {

    /** Edges cost time, and most of them show nothing. */
    private static final int MOST_PER_STATEMENT = 16;

    /** Enough for a text without a limit: indexes refuse what does not fit on a page. */
    private static final int LONG_TEXT = 300;

    private final List<Integer> lengths;
    private final List<String> labels;

    /**
     * @param tables the tables of the previous release's schema, whose lengths and labels are edges
     */
    EdgeValues(Tables tables) {
        Set<Integer> limits = new TreeSet<>();
        Set<String> names = new LinkedHashSet<>();
        for (TableRows table : tables.byName().values()) {
            for (Column column : table.columns()) {
                if (column.length() > 0 && column.length() <= LONG_TEXT && !column.isNumber()) {
                    limits.add(column.length());
                }
                names.addAll(column.labels());
            }
        }
        limits.add(LONG_TEXT);
        this.lengths = limits.stream()
                .sorted(java.util.Comparator.reverseOrder())
                .limit(4)
                .toList();
        this.labels = List.copyOf(names);
    }

    List<Parameters> around(Parameters usual, List<JDBCType> types) {
        List<List<@Nullable String>> edges = new ArrayList<>();
        int count = usual.values().values().size();
        for (int i = 0; i < count; i++) {
            edges.add(edgesOf(
                    i < types.size() ? types.get(i) : JDBCType.OTHER,
                    usual.values().at(i)));
        }
        List<Parameters> all = new ArrayList<>();
        // Each parameter gets its first edge before any gets its second.
        for (int round = 0; all.size() < MOST_PER_STATEMENT; round++) {
            boolean isAnyLeft = false;
            for (int i = 0; i < count && all.size() < MOST_PER_STATEMENT; i++) {
                if (round < edges.get(i).size()) {
                    isAnyLeft = true;
                    List<@Nullable String> values =
                            new ArrayList<>(usual.values().values());
                    values.set(i, edges.get(i).get(round));
                    all.add(new Parameters(new Row(values), false));
                }
            }
            if (!isAnyLeft) {
                break;
            }
        }
        return all;
    }

    private List<@Nullable String> edgesOf(JDBCType type, @Nullable String usual) {
        List<@Nullable String> edges = new ArrayList<>();
        edges.add(null);
        switch (type) {
            case TINYINT, SMALLINT, INTEGER -> edges.addAll(List.of("0", "-1", "2147483647", "32767", "-2147483648"));
            case BIGINT -> edges.addAll(List.of("0", "-1", "9223372036854775807", "2147483647"));
            case DECIMAL, NUMERIC -> edges.addAll(List.of("0", "-1", "0.01", "999999.99", "99999999999.99"));
            case REAL, FLOAT, DOUBLE -> edges.addAll(List.of("0", "-1", "1.0E30"));
            case BIT, BOOLEAN -> edges.addAll(List.of("true", "false"));
            case DATE -> edges.addAll(List.of("1000-01-01", "9999-12-31"));
            case TIMESTAMP -> edges.addAll(List.of("1000-01-01T00:00:00", "9999-12-31T23:59:59"));
            case CHAR, VARCHAR, LONGVARCHAR, NCHAR, NVARCHAR, LONGNVARCHAR, CLOB, NCLOB -> addTexts(edges);
            default -> addUnknown(edges, usual);
        }
        return edges;
    }

    private void addTexts(List<@Nullable String> edges) {
        edges.add("");
        lengths.forEach(length -> edges.add("x".repeat(length)));
    }

    private void addUnknown(List<@Nullable String> edges, @Nullable String usual) {
        if (usual != null && labels.contains(usual)) {
            edges.addAll(labels);
        } else if (usual != null && usual.matches("-?\\d+")) {
            edges.addAll(List.of("0", "-1", "2147483647", "9223372036854775807"));
        } else if (usual != null && usual.matches("-?\\d+\\.\\d+")) {
            edges.addAll(List.of("0", "-1", "999999.99"));
        } else if (usual != null && !usual.matches("[\\[{].*|[0-9a-fA-F-]{36}|\\d{4}-\\d\\d-\\d\\d.*")) {
            addTexts(edges);
        }
    }
}
