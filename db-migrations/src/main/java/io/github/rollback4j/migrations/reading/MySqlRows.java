package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.DeleteRows;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows;
import io.github.rollback4j.migrations.schema.SchemaChange.UpdateRows.Assignment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rows as statements of MySQL and MariaDB read, update and delete them. */
final class MySqlRows {

    private MySqlRows() {}

    /** Returns the tables that queries read from, without the queries named by {@code WITH}. */
    static List<ObjectName> sources(List<SyntaxTree> queries) {
        Set<String> named = new HashSet<>();
        Set<ObjectName> sources = new java.util.LinkedHashSet<>();
        for (SyntaxTree query : queries) {
            query.deep("cteName").forEach(name -> named.add(name.text()));
            query.deep("tableName").forEach(name -> sources.add(MySqlNames.object(name)));
        }
        sources.removeIf(name -> name.schema().isEmpty() && named.contains(name.name()));
        return List.copyOf(sources);
    }

    /** Returns the names of what a query selects: folded, a star for a star, as written where it has none. */
    static List<String> selected(SyntaxTree select) {
        List<SyntaxTree> elements = select.deep("selectElements");
        if (elements.isEmpty()) {
            throw new SyntaxTree.UnreadableTreeException("nothing is selected by " + select.text());
        }
        return elements.get(0).parts().stream()
                .filter(part -> !part.rule().equals(","))
                .map(MySqlRows::selectedName)
                .toList();
    }

    private static String selectedName(SyntaxTree element) {
        if (element.isToken() || element.form().equals("selectStarElement")) {
            return "*";
        }
        SyntaxTree alias = element.first("uid");
        if (alias != null) {
            return MySqlNames.folded(alias);
        }
        return element.has("fullColumnName") ? MySqlNames.column(element.one("fullColumnName")) : element.text();
    }

    /** Returns the first function called that is none of the server's own; null where there is none. */
    static @Nullable String ownFunction(SyntaxTree tree) {
        if (tree.form().equals("udfFunctionCall")) {
            return tree.one("fullId").text();
        }
        for (SyntaxTree part : tree.parts()) {
            String found = ownFunction(part);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Reads {@code UPDATE} of one table or several. */
    static List<SchemaChange> update(SyntaxTree tree) {
        Map<String, ObjectName> aliases = new LinkedHashMap<>();
        SyntaxTree single = tree.first("tableName");
        if (single != null) {
            alias(aliases, single, tree.first("uid"));
        } else {
            tables(tree.one("tableSources"), aliases);
            List<SyntaxTree> behind = tree.all("uid");
            if (!behind.isEmpty() && aliases.size() == 1) {
                aliases.put(key(behind.get(0)), aliases.values().iterator().next());
            }
        }
        Set<ObjectName> all = new HashSet<>(aliases.values());
        Map<ObjectName, List<Assignment>> assignments = new LinkedHashMap<>();
        List<SchemaChange> changes = new ArrayList<>();
        for (SyntaxTree element : tree.all("updatedElement")) {
            SyntaxTree column = element.one("fullColumnName");
            List<String> names = MySqlNames.dotted(column);
            ObjectName table = names.size() == 1
                    ? all.size() == 1 ? all.iterator().next() : null
                    : aliases.get(names.get(names.size() - 2).toLowerCase(Locale.ROOT));
            if (table == null) {
                changes.add(new NotUnderstood("which table has the column " + column.text()));
            } else {
                assignments
                        .computeIfAbsent(table, key -> new ArrayList<>())
                        .add(new Assignment(
                                MySqlNames.column(column),
                                element.parts().get(2).text()));
            }
        }
        String where = where(tree);
        assignments.forEach((table, of) -> changes.add(new UpdateRows(table, of, where)));
        return changes;
    }

    /** Reads {@code DELETE} from one table or several. */
    static List<SchemaChange> delete(SyntaxTree tree) {
        String where = where(tree);
        if (tree.rule().equals("singleDeleteStatement")) {
            boolean isPartial = tree.has("LIMIT") && where.isEmpty();
            return List.of(new DeleteRows(MySqlNames.object(tree.one("tableName")), isPartial ? "LIMIT" : where));
        }
        Map<String, ObjectName> aliases = new LinkedHashMap<>();
        tables(tree.one("tableSources"), aliases);
        List<SchemaChange> changes = new ArrayList<>();
        for (SyntaxTree name : tree.all("tableName")) {
            ObjectName written = MySqlNames.object(name);
            ObjectName table =
                    written.schema().isEmpty() ? aliases.get(written.name().toLowerCase(Locale.ROOT)) : written;
            changes.add(new DeleteRows(
                    table == null ? written : table, where.isEmpty() && aliases.size() > 1 ? "a join" : where));
        }
        return changes;
    }

    private static String where(SyntaxTree tree) {
        SyntaxTree where = tree.first("WHERE");
        return where == null ? "" : tree.one("expression").text();
    }

    private static void tables(SyntaxTree tree, Map<String, ObjectName> aliases) {
        if (tree.form().equals("atomTableItem")) {
            alias(aliases, tree.one("tableName"), tree.first("uid"));
            return;
        }
        if (tree.rule().equals("selectStatement") || tree.rule().equals("expression")) {
            return;
        }
        tree.parts().forEach(part -> tables(part, aliases));
    }

    private static void alias(Map<String, ObjectName> aliases, SyntaxTree tableName, @Nullable SyntaxTree alias) {
        ObjectName table = MySqlNames.object(tableName);
        aliases.put(alias == null ? table.name().toLowerCase(Locale.ROOT) : key(alias), table);
    }

    private static String key(SyntaxTree uid) {
        return MySqlNames.folded(uid);
    }
}
