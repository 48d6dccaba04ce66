package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.antlr.v4.runtime.CommonTokenStream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prints what is understood of the statements in a folder: one file of JSON for each dialect, each statement under {@code sql}. */
@EnabledIfSystemProperty(named = "rollback4j.corpus", matches = ".+")
class GrammarsOverCorpusTest {

    private static final Pattern SQL = Pattern.compile("\"sql\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    @ParameterizedTest
    @CsvSource({"mysql, 0.98", "mariadb, 0.98", "oracle, 0.96", "h2, 0.97", "sqlserver, 0.97"})
    void statementsOfADialect_areUnderstood_andNeitherThrowNorHang(String dialect, double least) throws IOException {
        List<String> statements = statements(Path.of(System.getProperty("rollback4j.corpus"), dialect + ".json"));
        Grammar grammar = grammar(SqlDialect.named(dialect));
        int understood = 0;
        int inPart = 0;
        long longest = 0;
        for (String statement : statements) {
            long start = System.nanoTime();
            String shown = Shown.of(grammar, statement);
            longest = Math.max(longest, System.nanoTime() - start);
            inPart += shown.contains("NotUnderstood") ? 1 : 0;
            understood += shown.contains("NotUnderstood") || shown.equals("syntax") ? 0 : 1;
        }
        System.out.printf(
                "%-10s %5d statements, %5.1f %% understood, %d in part, longest %d ms%n",
                dialect, statements.size(), 100.0 * understood / statements.size(), inPart, longest / 1_000_000);

        assertThat(understood).isGreaterThanOrEqualTo((int) (least * statements.size()));
        assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofSeconds(5));
    }

    private static Grammar grammar(SqlDialect dialect) {
        return switch (dialect) {
            case MYSQL -> DebeziumGrammar.ofMySql(CommonTokenStream::new);
            case MARIADB -> DebeziumGrammar.ofMariaDb(CommonTokenStream::new);
            case ORACLE -> new OracleGrammar(CommonTokenStream::new);
            default -> JSqlParserGrammar.of(dialect);
        };
    }

    private static List<String> statements(Path file) throws IOException {
        List<String> statements = new ArrayList<>();
        Matcher matcher = SQL.matcher(Files.readString(file));
        while (matcher.find()) {
            statements.add(unescaped(matcher.group(1)));
        }
        return statements;
    }

    private static String unescaped(String json) {
        return json.replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\r", "\r")
                .replace("\\\"", "\"")
                .replace("\\\\", "\\");
    }
}
