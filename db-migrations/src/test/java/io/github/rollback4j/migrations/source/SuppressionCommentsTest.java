package io.github.rollback4j.migrations.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuppressionCommentsTest {

    @Test
    void read_beforeAStatement_isForThatStatement() {
        String script =
                "SELECT 1;\n-- rollback4j:allow DROP_COLUMN, DROP_TABLE until 2027-03-01: nothing reads: it\nSELECT 2;\n";
        assertThat(read(SqlDialect.POSTGRESQL, script, 1, 3))
                .containsExactly(
                        new Suppression("DROP_COLUMN", 3, "nothing reads: it", LocalDate.of(2027, 3, 1)),
                        new Suppression("DROP_TABLE", 3, "nothing reads: it", LocalDate.of(2027, 3, 1)));
    }

    @Test
    void read_atTheHead_isForTheFileOnlyWithAnEmptyLineAfterIt() {
        String allow = "/* rollback4j:allow DROP_COLUMN: unused */\n-- more\n";
        assertThat(read(SqlDialect.H2, allow + "\nSELECT 1", 4))
                .extracting(Suppression::line)
                .containsExactly(0);
        assertThat(read(SqlDialect.H2, allow + "SELECT 1", 3))
                .extracting(Suppression::line)
                .containsExactly(3);
    }

    @Test
    void read_hash_isACommentOfMySqlOnly() {
        String script = "# rollback4j:allow DROP_COLUMN: unused\nSELECT 1";
        assertThat(read(SqlDialect.MYSQL, script, 2)).hasSize(1);
        assertThat(read(SqlDialect.POSTGRESQL, script, 1)).isEmpty();
    }

    @Test
    void read_insideOfALiteral_isNoComment() {
        assertThat(read(SqlDialect.POSTGRESQL, "SELECT '\n-- rollback4j:allow X', $$\n-- rollback4j:allow Y$$", 1))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rollback4j:allow DROP_COLUMN",
                "rollback4j:allow DROP_COLUMN:  ",
                "rollback4j:allow: why",
                "rollback4j:allow drop_column: why",
                "rollback4j:allow DROP_COLUMN until 2027-02-30: why",
                "rollback4j:allow DROP_COLUMN until soon: why",
                "rollback4j:deny DROP_COLUMN: why"
            })
    void read_unknownShape_isRefusedWithItsLine(String comment) {
        assertThatThrownBy(() -> read(SqlDialect.H2, "SELECT 1;\n-- " + comment + "\nSELECT 2", 1, 3))
                .isInstanceOf(MigrationSourceException.class)
                .hasMessageStartingWith("a.sql:2: ")
                .hasMessageContaining("is not allowed");
    }

    @Test
    void read_withoutAStatementBelow_isRefused() {
        assertThatThrownBy(() -> read(SqlDialect.H2, "SELECT 1;\n-- rollback4j:allow DROP_COLUMN: why", 1))
                .isInstanceOf(MigrationSourceException.class)
                .hasMessageStartingWith("a.sql:2: ");
    }

    private static List<Suppression> read(SqlDialect dialect, String script, int... lines) {
        List<Statement> statements = IntStream.of(lines)
                .mapToObj(line -> new Statement("SELECT", line, List.of(new SchemaChange.NoEffect("a query"))))
                .toList();
        return new SuppressionComments(dialect).read("a.sql", script, statements);
    }
}
