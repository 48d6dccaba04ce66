package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a scratch database at one moment.
 *
 * @param byName by their names, in the catalog's order
 * @param labels what the labels of its enums are, by type, each label by what stays the same when it is renamed
 */
record Tables(Map<ObjectName, TableRows> byName, Map<String, Map<String, String>> labels) {

    static Tables of(List<TableRows> tables, Map<String, Map<String, String>> labels) {
        Map<ObjectName, TableRows> byName = new LinkedHashMap<>();
        tables.forEach(table -> byName.put(table.name(), table));
        return new Tables(byName, labels);
    }

    @Nullable
    TableRows named(ObjectName name) {
        return byName.get(name);
    }

    /** Returns the table that another has become: the same one under whatever name, else one of its name; null if there is none. */
    @Nullable
    TableRows successorOf(TableRows table) {
        if (!table.identity().isEmpty()) {
            for (TableRows each : byName.values()) {
                if (each.identity().equals(table.identity())) {
                    return each;
                }
            }
        }
        return byName.get(table.name());
    }

    /** Returns where the column of a table has gone in the table's successor; -1 if it is there no more. */
    static int successorOf(TableRows table, int column, TableRows successor) {
        Column old = table.columns().get(column);
        if (!old.identity().isEmpty() && table.identity().equals(successor.identity())) {
            for (int i = 0; i < successor.columns().size(); i++) {
                if (successor.columns().get(i).identity().equals(old.identity())) {
                    return i;
                }
            }
            return -1;
        }
        return successor.indexOf(old.name());
    }
}
