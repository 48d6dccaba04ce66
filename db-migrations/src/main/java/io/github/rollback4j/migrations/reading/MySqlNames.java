package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Names of MySQL and MariaDB. Those of columns, indexes, constraints and routines are compared without regard to case, and are
 * folded to small letters; those of databases, tables, views and triggers are files on most servers, and are kept.
 */
final class MySqlNames {

    private MySqlNames() {}

    /** Reads a name that is kept as written. */
    static String kept(SyntaxTree uid) {
        return MySqlTypes.unquoted(uid.text());
    }

    /** Reads a name that is folded. */
    static String folded(SyntaxTree uid) {
        return kept(uid).toLowerCase(Locale.ROOT);
    }

    /** Reads the rule {@code uidList} of names that are folded. */
    static List<String> foldedList(SyntaxTree uidList) {
        return uidList.all("uid").stream().map(MySqlNames::folded).toList();
    }

    /** Reads the rules {@code tableName}, {@code fullId}, {@code uid}. */
    static ObjectName object(SyntaxTree tree) {
        List<String> names = dotted(tree);
        return names.size() == 1
                ? ObjectName.of(names.get(0))
                : new ObjectName(names.get(names.size() - 2), names.get(names.size() - 1));
    }

    /** Reads the name of a routine, which is folded. */
    static ObjectName routine(SyntaxTree tree) {
        ObjectName name = object(tree);
        return name.named(name.name().toLowerCase(Locale.ROOT));
    }

    /** Reads the rule {@code fullColumnName}: its column, folded. */
    static String column(SyntaxTree tree) {
        List<String> names = dotted(tree);
        return names.get(names.size() - 1).toLowerCase(Locale.ROOT);
    }

    /** Reads the names between the dots, as written. */
    static List<String> dotted(SyntaxTree tree) {
        List<String> names = new ArrayList<>();
        collect(tree, names);
        if (names.isEmpty()) {
            throw new SyntaxTree.UnreadableTreeException("no name in " + tree.text());
        }
        return names;
    }

    private static void collect(SyntaxTree tree, List<String> names) {
        if (tree.rule().equals("uid")) {
            names.add(kept(tree));
        } else if (!tree.isToken()) {
            tree.parts().forEach(part -> collect(part, names));
        } else if (tree.text().length() > 1 && tree.text().startsWith(".")) {
            names.add(MySqlTypes.unquoted(tree.text().substring(1)));
        }
    }
}
