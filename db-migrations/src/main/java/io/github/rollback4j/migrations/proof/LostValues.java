package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.List;
import java.util.Objects;

/**
 * Values of a column that are nowhere any more.
 *
 * @param table the table that held them
 * @param column the column that held them
 * @param count how many, at least one
 * @param examples some of them
 */
public record LostValues(ObjectName table, String column, int count, List<String> examples) {

    /** Checks, and copies. */
    public LostValues {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(column, "column");
        examples = List.copyOf(examples);
    }

    /** Says it for people, for example {@code guest.email: 2 values, such as a@b}. */
    @Override
    public String toString() {
        return table + "." + column + ": " + count + (count == 1 ? " value" : " values") + ", such as "
                + String.join(", ", examples);
    }
}
