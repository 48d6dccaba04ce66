package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Relation.Facts;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.schema.ColumnType;
import io.github.rollback4j.migrations.schema.Constraint;
import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What to do instead, as SQL with the names of the case. */
record Alternatives(SqlDialect dialect) {

    String bridge(ObjectName old, Relation table) {
        String columns = table.isComplete
                ? table.presentColumns().stream().map(column -> column.name).collect(Collectors.joining(", "))
                : "*";
        return "CREATE VIEW " + old + " AS SELECT " + columns + " FROM " + table.name
                + "; in the same migration, for one release.";
    }

    String keepTable(ObjectName table) {
        return "Drop " + table
                + " one release after its last use, when no release that could be gone back to reads it.";
    }

    String backup(ObjectName table) {
        return "CREATE TABLE " + table + "_backup AS SELECT * FROM " + table + "; first.";
    }

    String keepColumn(ObjectName table, Facts column) {
        boolean mustBeOptional = Boolean.TRUE.equals(column.isRequired()) && column.defaultValue() == null;
        return (mustBeOptional ? optional(table, column) + " now; " : "") + "drop " + column.name()
                + " one release after its last use.";
    }

    private String optional(ObjectName table, Facts column) {
        return switch (dialect) {
            case MYSQL, MARIADB ->
                "ALTER TABLE " + table + " MODIFY " + column.name() + " "
                        + (column.type() == null ? "…" : column.type()) + " NULL;";
            default -> "ALTER TABLE " + table + " ALTER COLUMN " + column.name() + " DROP NOT NULL;";
        };
    }

    String newColumnInsteadOfRename(ObjectName table, Facts before, String name) {
        return add(table, name, before.type()) + " write both, fill the new one; drop " + before.name()
                + " one release later.";
    }

    String newColumn(ObjectName table, String column, ColumnType type) {
        return add(table, column + "_new", type) + " write both, fill the new one; drop " + column
                + " one release later.";
    }

    String nullableColumn(ObjectName table, String column, @Nullable ColumnType type) {
        return add(table, column, type) + " and make it required one release later.";
    }

    private static String add(ObjectName table, String column, @Nullable ColumnType type) {
        return "ALTER TABLE " + table + " ADD COLUMN " + column + " " + (type == null ? "…" : type) + ";";
    }

    String notNullLater(ObjectName table, String column) {
        if (dialect == SqlDialect.POSTGRESQL) {
            return "One release later: ALTER TABLE " + table + " ADD CONSTRAINT " + column + "_not_null CHECK ("
                    + column + " IS NOT NULL) NOT VALID; then VALIDATE CONSTRAINT, then SET NOT NULL.";
        }
        return "Make it required one release later, when no release that could be gone back to leaves it out.";
    }

    String keepDefault(String column, @Nullable String value) {
        return "Keep the default value of " + column + (value == null ? "" : " (" + value + ")") + " for one release.";
    }

    String jsonb(ObjectName table, String column) {
        return "ALTER TABLE " + table + " ADD COLUMN " + column + " jsonb;";
    }

    String cascading(ObjectName table, Constraint constraint) {
        Constraint.Reference reference = constraint.reference();
        return "ALTER TABLE " + table + " ADD FOREIGN KEY (" + String.join(", ", constraint.columns()) + ") REFERENCES "
                + (reference == null ? "…" : reference.table())
                + " ON DELETE CASCADE; or SET NULL; or add it one release later.";
    }
}
