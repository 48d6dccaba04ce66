package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.reading.ScriptSplitter.Comment;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.DropColumn;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SqlReaderTest {

    private static final SchemaChange KNOWN = new NoEffect("known");

    private static String reasonOf(SqlReader reader, String script) {
        List<SchemaChange> changes = reader.read(script).get(0).changes();
        assertThat(changes).singleElement().isInstanceOf(NotUnderstood.class);
        return ((NotUnderstood) changes.get(0)).reason();
    }

    private static SqlReader readerOf(Grammar... grammars) {
        return SqlReader.of(SqlDialect.H2, List.of(grammars));
    }

    private static Grammar failing(String reason) {
        return statement -> {
            throw new SyntaxException(reason);
        };
    }

    @Test
    void read_script_yieldsStatementsAsWrittenWithTheirLines() {
        List<Statement> statements = SqlReader.of(SqlDialect.POSTGRESQL)
                .read("-- why\nALTER TABLE a -- here\n  DROP b;\n\nALTER TABLE a DROP c");

        assertThat(statements)
                .containsExactly(
                        new Statement(
                                "ALTER TABLE a -- here\n  DROP b",
                                2,
                                List.of(new DropColumn(ObjectName.of("a"), "b", false, false))),
                        new Statement(
                                "ALTER TABLE a DROP c",
                                5,
                                List.of(new DropColumn(ObjectName.of("a"), "c", false, false))));
    }

    @Test
    void read_firstGrammarDoesNotKnow_nextIsAsked() {
        assertThat(readerOf(failing("first"), statement -> List.of(KNOWN))
                        .read("x")
                        .get(0)
                        .changes())
                .containsExactly(KNOWN);
    }

    @Test
    void read_noGrammarKnows_saysWhyOfEach() {
        assertThat(reasonOf(readerOf(failing("first"), failing("second")), "x")).isEqualTo("first; second");
    }

    @Test
    void read_grammarFails_isNotUnderstood() {
        Grammar broken = statement -> {
            throw new IllegalStateException("broken");
        };

        assertThat(reasonOf(readerOf(broken), "x"))
                .contains("the grammar failed")
                .contains("broken");
    }

    @Test
    void read_grammarFindsNothing_isNotUnderstood() {
        assertThat(reasonOf(readerOf(statement -> List.of()), "x")).contains("found nothing");
    }

    @Test
    void read_grammarOverflowsTheStack_isNotUnderstood() {
        Grammar endless = new Grammar() {
            @Override
            public List<SchemaChange> read(String statement) throws SyntaxException {
                List<SchemaChange> changes = read(statement + "x");
                return List.of(changes.get(0));
            }
        };

        assertThat(reasonOf(readerOf(endless), "x")).isEqualTo("it is nested too deeply");
    }

    @Test
    void read_grammarsLibraryIsMissing_isNotUnderstood() {
        Grammar absent = statement -> {
            throw new NoClassDefFoundError("some/Parser");
        };

        assertThat(reasonOf(readerOf(absent), "x"))
                .contains("not on the class path")
                .contains("some/Parser");
    }

    @Test
    void read_bracketsNestedDeeply_isNotUnderstoodAndQuick() {
        String deep = "SELECT " + "(".repeat(100_000) + "1" + ")".repeat(100_000);

        assertThat(reasonOf(SqlReader.of(SqlDialect.POSTGRESQL), deep)).isEqualTo("it is nested too deeply");
    }

    /** Found by {@link ReaderFuzz}: contexts were compared without end, and no deadline was asked. */
    @ParameterizedTest
    @EnumSource(names = {"MYSQL", "MARIADB", "ORACLE"})
    void read_sixtyBracketsThatDoNotEnd_areGivenUp(SqlDialect dialect) {
        String open = "CREATE TABLE a (b int, PRIMARY KEY (b" + "(".repeat(60) + "2), c))";

        assertThat(SqlReader.of(dialect).read(open).get(0).changes()).hasOnlyElementsOfType(NotUnderstood.class);
    }

    /** Found by {@link ReaderFuzz}: that nothing is done was taken for a failure of the grammar. */
    @Test
    void read_mergeWithoutWhen_isNotUnderstood() {
        assertThat(reasonOf(SqlReader.of(SqlDialect.H2), "MERGE INTO a USING (SELECT 1 AS id) b ON a.id = b.id"))
                .contains("MERGE without WHEN");
    }

    @Test
    void read_deadlinePasses_isNotUnderstood() {
        AtomicLong nanos = new AtomicLong();
        SqlReader reader = SqlReader.of(
                SqlDialect.POSTGRESQL,
                Duration.ofSeconds(5),
                () -> nanos.getAndAdd(Duration.ofSeconds(1).toNanos()));

        assertThat(reasonOf(reader, "SELECT 1" + " + 1".repeat(10_000))).isEqualTo("was given up after 5000 ms");
    }

    @Test
    void read_deadline_isOfEachStatementNotOfTheScript() {
        AtomicLong nanos = new AtomicLong();
        SqlReader reader = SqlReader.of(
                SqlDialect.POSTGRESQL,
                Duration.ofSeconds(5),
                () -> nanos.getAndAdd(Duration.ofSeconds(1).toNanos()));

        assertThat(reader.read("DROP TABLE a;".repeat(100)))
                .hasSize(100)
                .noneMatch(statement -> statement.changes().get(0) instanceof NotUnderstood);
    }

    @Test
    void commentsBefore_suppression_isHandedOver() {
        assertThat(SqlReader.of(SqlDialect.POSTGRESQL)
                        .commentsBefore("-- rollback4j:allow X until 2026-01-01: why\nDROP TABLE a; DROP TABLE b;"))
                .containsExactly(List.of(new Comment("-- rollback4j:allow X until 2026-01-01: why", 1)), List.of());
    }
}
