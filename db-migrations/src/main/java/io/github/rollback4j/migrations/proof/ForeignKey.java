package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.List;

/** A foreign key of a scratch database: these columns of the table point to those of the other. */
record ForeignKey(ObjectName table, List<String> columns, ObjectName target, List<String> targetColumns) {

    ForeignKey {
        columns = List.copyOf(columns);
        targetColumns = List.copyOf(targetColumns);
    }
}
