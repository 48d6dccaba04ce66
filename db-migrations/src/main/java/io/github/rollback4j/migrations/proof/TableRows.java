package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table of a scratch database and what it holds.
 *
 * @param name the name, as the catalog has it
 * @param identity what stays the same when it is renamed; empty where the database has no such thing
 * @param columns its columns, in order
 * @param rows its rows, each in the order of the columns; empty where only the table was asked for
 */
record TableRows(ObjectName name, String identity, List<Column> columns, List<Row> rows) {

    TableRows {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    TableRows with(List<Row> other) {
        return new TableRows(name, identity, columns, other);
    }

    /** Returns where a column is; -1 if there is none of that name. */
    int indexOf(String column) {
        return IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).name().equals(column))
                .findFirst()
                .orElse(-1);
    }

    /** Returns where the columns of the primary key are. */
    List<Integer> key() {
        return IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).isKey())
                .boxed()
                .toList();
    }
}
