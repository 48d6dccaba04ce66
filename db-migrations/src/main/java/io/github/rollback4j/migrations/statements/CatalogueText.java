package io.github.rollback4j.migrations.statements;

import io.github.rollback4j.migrations.statements.SqlToken.Kind;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes statements as a catalogue's file, which {@link CatalogueReader} reads. */
final class CatalogueText {

    static final String FIRST_LINE = "-- rollback4j statements 1";
    static final String PARAMETERS = "parameters";
    static final String SAMPLE = "sample";
    static final String READS = "reads";
    static final String SEEN_IN = "seen in";
    static final String DELIMITER = "delimiter";
    static final String INCOMPLETE = "incomplete";

    static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    static final Pattern PLAIN_NAME = Pattern.compile("[\\p{L}\\p{N}_$#.-]+");

    private CatalogueText() {}

    static String of(StatementCatalogue catalogue) {
        StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
        if (!catalogue.isComplete()) {
            header(text, INCOMPLETE, "more was asked than was recorded");
        }
        for (RecordedStatement statement : catalogue.statements()) {
            text.append('\n');
            write(text, statement);
        }
        return text.toString();
    }

    private static void write(StringBuilder text, RecordedStatement statement) {
        if (!statement.parameterTypes().isEmpty()) {
            header(text, PARAMETERS, String.join(", ", statement.parameterTypes()));
        }
        for (List<@Nullable String> sample : statement.samples()) {
            if (!sample.isEmpty()) {
                header(text, SAMPLE, sample(sample, statement.parameterTypes()));
            }
        }
        if (!statement.readers().isEmpty()) {
            header(
                    text,
                    READS,
                    statement.readers().entrySet().stream()
                            .map(reader -> name(reader.getKey(), '"') + " = "
                                    + Stream.of(reader.getValue().split(","))
                                            .map(part -> name(part, '\''))
                                            .collect(Collectors.joining("|")))
                            .collect(Collectors.joining(", ")));
        }
        if (!statement.origin().isEmpty()) {
            header(text, SEEN_IN, statement.origin().replaceAll("\\s+", " "));
        }
        String delimiter = delimiter(statement.sql());
        if (!delimiter.equals(";")) {
            header(text, DELIMITER, delimiter);
        }
        text.append(statement.sql()).append(delimiter).append('\n');
    }

    private static void header(StringBuilder text, String key, String value) {
        text.append("-- ").append(key).append(": ").append(value).append('\n');
    }

    private static String sample(List<@Nullable String> sample, List<String> types) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sample.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(value(sample.get(i), types.get(i)));
        }
        return text.toString();
    }

    private static String value(@Nullable String value, String type) {
        if (value == null) {
            return "null";
        }
        boolean isPlain = ParameterType.isNumeric(type)
                ? NUMBER.matcher(value).matches()
                : type.equals("BOOLEAN") && (value.equals("true") || value.equals("false"));
        return isPlain ? value : quoted(value, '\'');
    }

    private static String name(String name, char quote) {
        return PLAIN_NAME.matcher(name).matches() ? name : quoted(name, quote);
    }

    private static String quoted(String value, char quote) {
        StringBuilder text = new StringBuilder().append(quote);
        value.chars().forEach(c -> {
            if (c == quote) {
                text.append(quote).append(quote);
            } else if (c == '\\') {
                text.append("\\\\");
            } else if (c == '\n') {
                text.append("\\n");
            } else if (c == '\r') {
                text.append("\\r");
            } else if (c == '\t') {
                text.append("\\t");
            } else if (Character.isISOControl(c) || Character.isSurrogate((char) c) || c == '\u2028' || c == '\u2029') {
                text.append(String.format("\\u%04x", c));
            } else {
                text.append((char) c);
            }
        });
        return text.append(quote).toString();
    }

    /** Returns how the statement has to end so that it is read as it is: by a semicolon wherever that will do. */
    private static String delimiter(String sql) {
        if (!hasSemicolon(sql) && end(sql + ";\n") == sql.length()) {
            return ";";
        }
        return Stream.concat(
                        Stream.of("//", "@@", "%%", "~~"),
                        Stream.iterate(1, i -> i + 1).map(i -> "/end" + i + "/"))
                .filter(delimiter -> !sql.contains(delimiter))
                .findFirst()
                .orElseThrow();
    }

    /** Says whether there is a semicolon outside of quotes and comments. */
    static boolean hasSemicolon(String sql) {
        return SqlToken.of(sql).stream().anyMatch(token -> token.is(";"));
    }

    /**
     * Finds the first semicolon that ends a line, outside of quotes and comments; a comment may follow it. Returns -1 where there is
     * none.
     */
    static int end(String text) {
        List<SqlToken> tokens = SqlToken.of(text);
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).is(";") && isLineEnd(tokens, i + 1)) {
                return tokens.get(i).start();
            }
        }
        return -1;
    }

    private static boolean isLineEnd(List<SqlToken> tokens, int from) {
        for (int i = from; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            if (token.kind() == Kind.COMMENT && token.text().startsWith("--")) {
                return true;
            }
            if (token.kind() != Kind.SPACE) {
                return false;
            }
            if (token.text().contains("\n")) {
                return true;
            }
        }
        return true;
    }
}
