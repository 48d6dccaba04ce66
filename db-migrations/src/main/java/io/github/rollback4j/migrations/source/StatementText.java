package io.github.rollback4j.migrations.source;

import io.github.rollback4j.migrations.reading.Statement;
import java.util.List;
import java.util.regex.Pattern;

/** What a statement says apart from its comments. */
final class StatementText {

    private static final Pattern LEADING_COMMENTS =
            Pattern.compile("\\A(?:\\s+|--[^\\n]*(?:\\n|\\z)|#[^\\n]*(?:\\n|\\z)|/\\*.*?\\*/)+", Pattern.DOTALL);

    private StatementText() {}

    /** Returns the text without the comments before it. */
    static String withoutComments(String text) {
        return LEADING_COMMENTS.matcher(text).replaceFirst("").strip();
    }

    /** Leaves out the statements that are comments alone. */
    static List<Statement> withoutMereComments(List<Statement> statements) {
        return statements.stream()
                .filter(statement -> !withoutComments(statement.text()).isEmpty())
                .toList();
    }
}
