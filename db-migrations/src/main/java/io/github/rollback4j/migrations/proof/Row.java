package io.github.rollback4j.migrations.proof;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row as text; null values are null. */
record Row(List<@Nullable String> values) {

    Row {
        values = Collections.unmodifiableList(new ArrayList<>(values));
    }

    @Nullable
    String at(int index) {
        return values.get(index);
    }

    @Override
    public String toString() {
        return values.stream()
                .map(value -> value == null ? "NULL" : value)
                .collect(java.util.stream.Collectors.joining(" | ", "[", "]"));
    }
}
