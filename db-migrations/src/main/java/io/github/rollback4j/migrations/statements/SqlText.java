package io.github.rollback4j.migrations.statements;

import io.github.rollback4j.migrations.statements.SqlToken.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Brings a statement's text into the form in which a catalogue compares it. */
final class SqlText {

    private static final Set<String> BLOCKS = Set.of("BEGIN", "DECLARE");

    private SqlText() {}

    /**
     * Returns the text with line feeds only, without comments before and after it (where tracing writes what differs from call to
     * call) and without the semicolon at its end, unless that closes a block. Hints stay. Empty where nothing is left.
     */
    static String compared(String sql) {
        String text = sql.replace("\r\n", "\n").replace('\r', '\n');
        List<SqlToken> tokens = SqlToken.of(text);
        int first = 0;
        int last = tokens.size() - 1;
        while (first <= last && tokens.get(first).isBlank()) {
            first++;
        }
        boolean isBlock = first <= last
                && tokens.get(first).kind() == Kind.WORD
                && BLOCKS.contains(tokens.get(first).text().toUpperCase(Locale.ROOT));
        while (last >= first
                && (tokens.get(last).isBlank() || (!isBlock && tokens.get(last).is(";")))) {
            last--;
        }
        return first > last
                ? ""
                : text.substring(tokens.get(first).start(), tokens.get(last).end());
    }
}
