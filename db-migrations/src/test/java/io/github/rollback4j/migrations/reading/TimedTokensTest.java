package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.antlr.v4.runtime.CharStreams;
import org.apache.shardingsphere.sql.parser.autogen.PostgreSQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.PostgreSQLStatementParser;
import org.junit.jupiter.api.Test;

/** The parser is one that nothing but this test uses: any generated one would do. */
class TimedTokensTest {

    private final AtomicLong nanos = new AtomicLong();

    private PostgreSQLStatementParser parserOf(String statement, long nanosPerLook) {
        Deadline deadline = Deadline.after(Duration.ofSeconds(5), () -> nanos.getAndAdd(nanosPerLook));
        PostgreSQLStatementLexer lexer = new PostgreSQLStatementLexer(CharStreams.fromString(statement));
        return new PostgreSQLStatementParser(new TimedTokens(lexer, deadline));
    }

    @Test
    void parse_deadlinePasses_isGivenUp() {
        PostgreSQLStatementParser parser = parserOf("SELECT 1" + " + 1".repeat(5_000), 1_000_000_000);

        assertThatThrownBy(parser::execute)
                .isInstanceOf(Deadline.Passed.class)
                .hasMessage("was given up after 5000 ms");
    }

    @Test
    void parse_enoughTime_isDone() {
        PostgreSQLStatementParser parser = parserOf("SELECT 1 + 1", 1);

        assertThat(parser.execute().select()).isNotNull();
        assertThat(parser.getNumberOfSyntaxErrors()).isZero();
    }
}
