package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * How much of a corpus is understood: {@code ./mvnw test -pl db-migrations -am -Dtest=CorpusRates
 * -Drollback4j.corpus=FOLDER -Dsurefire.failIfNoSpecifiedTests=false}. The folder holds files of JSON, each a list of objects with
 * {@code dialect} and {@code sql}. With {@code -Drollback4j.corpus.reasons=true} each statement that is not understood is printed
 * with the reason.
 */
@EnabledIfSystemProperty(named = "rollback4j.corpus", matches = ".+")
class CorpusRates {

    private static final Pattern FIELD = Pattern.compile("\"(dialect|sql)\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(u[0-9a-fA-F]{4}|.)");
    private static final long LONGEST_MILLIS = 5_500;

    private record Entry(SqlDialect dialect, String sql) {}

    private static final class Rates {
        int statements;
        int understood;
        int notUnderstood;
        int failed;
        long longestNanos;
        long nanos;
    }

    @Test
    void read_corpus_neitherFailsNorHangs() throws IOException {
        Map<SqlDialect, SqlReader> readers = new EnumMap<>(SqlDialect.class);
        System.out.printf(
                "%-28s %10s %10s %14s %7s %7s %11s %9s%n",
                "file", "statements", "understood", "not understood", "rate %", "failed", "longest ms", "total ms");
        for (Path file : filesOf(Path.of(System.getProperty("rollback4j.corpus")))) {
            Rates rates = new Rates();
            for (Entry entry : entriesOf(Files.readString(file))) {
                SqlReader reader = readers.computeIfAbsent(entry.dialect(), SqlReader::of);
                count(reader, entry, rates);
            }
            System.out.printf(
                    "%-28s %10d %10d %14d %7.1f %7d %11d %9d%n",
                    file.getFileName(),
                    rates.statements,
                    rates.understood,
                    rates.notUnderstood,
                    100.0 * rates.understood / Math.max(1, rates.statements),
                    rates.failed,
                    rates.longestNanos / 1_000_000,
                    rates.nanos / 1_000_000);
            assertThat(rates.failed)
                    .as("statements of %s on which a grammar failed", file)
                    .isZero();
            assertThat(rates.longestNanos / 1_000_000).as("longest of %s", file).isLessThan(LONGEST_MILLIS);
        }
    }

    private static List<Path> filesOf(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private static void count(SqlReader reader, Entry entry, Rates rates) {
        long start = System.nanoTime();
        List<Statement> statements = reader.read(entry.sql());
        long nanos = System.nanoTime() - start;
        rates.nanos += nanos;
        rates.longestNanos = Math.max(rates.longestNanos, nanos);
        for (Statement statement : statements) {
            rates.statements++;
            List<String> reasons = reasonsOf(statement.changes());
            if (reasons.isEmpty()) {
                rates.understood++;
                continue;
            }
            rates.notUnderstood++;
            rates.failed += reasons.stream().anyMatch(reason -> reason.contains("the grammar failed")) ? 1 : 0;
            if (Boolean.getBoolean("rollback4j.corpus.reasons")) {
                System.out.println(statement.text().replaceAll("\\s+", " ") + "\n    " + String.join("; ", reasons));
            }
        }
    }

    private static List<String> reasonsOf(List<SchemaChange> changes) {
        return changes.stream()
                .filter(NotUnderstood.class::isInstance)
                .map(change -> ((NotUnderstood) change).reason())
                .toList();
    }

    private static List<Entry> entriesOf(String json) {
        List<Entry> entries = new ArrayList<>();
        String dialect = "";
        Matcher fields = FIELD.matcher(json);
        while (fields.find()) {
            String value = unescaped(fields.group(2));
            if (fields.group(1).equals("dialect")) {
                dialect = value;
            } else {
                entries.add(new Entry(SqlDialect.named(dialect), value));
            }
        }
        return entries;
    }

    private static String unescaped(String value) {
        return ESCAPE.matcher(value)
                .replaceAll(escape -> Matcher.quoteReplacement(
                        switch (escape.group(1).charAt(0)) {
                            case 'n' -> "\n";
                            case 't' -> "\t";
                            case 'r' -> "\r";
                            case 'b' -> "\b";
                            case 'f' -> "\f";
                            case 'u' ->
                                Character.toString(
                                        Integer.parseInt(escape.group(1).substring(1), 16));
                            default -> escape.group(1);
                        }));
    }
}
