package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Names of Oracle: folded to capital letters, unless they are quoted. */
final class OracleNames {

    private OracleNames() {}

    /** Reads one word of a name. */
    static String folded(String written) {
        return written.startsWith("\"") ? MySqlTypes.unquoted(written) : written.toUpperCase(Locale.ROOT);
    }

    /** Reads a name with its schema, whatever rule holds it. */
    static ObjectName object(SyntaxTree tree) {
        List<String> words = words(tree);
        return words.size() == 1
                ? ObjectName.of(words.get(0))
                : new ObjectName(words.get(words.size() - 2), words.get(words.size() - 1));
    }

    /** Reads the last word of a name. */
    static String last(SyntaxTree tree) {
        List<String> words = words(tree);
        return words.get(words.size() - 1);
    }

    private static List<String> words(SyntaxTree tree) {
        if (tree.tokens().anyMatch(token -> token.startsWith("@"))) {
            throw new SyntaxTree.UnreadableTreeException("an object of another database: " + tree.text());
        }
        if (tree.has("partition_extension_clause")) {
            throw new SyntaxTree.UnreadableTreeException("a partition alone: " + tree.text());
        }
        List<String> words = new ArrayList<>();
        for (String part : split(tree.text())) {
            words.add(folded(part.strip()));
        }
        return words;
    }

    private static List<String> split(String written) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean isQuoted = false;
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            isQuoted ^= c == '"';
            if (c == '.' && !isQuoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    /** Reads the rule {@code paren_column_list}. */
    static List<String> columns(SyntaxTree parenthesised) {
        return parenthesised.one("column_list").all("column_name").stream()
                .map(OracleNames::last)
                .toList();
    }
}
