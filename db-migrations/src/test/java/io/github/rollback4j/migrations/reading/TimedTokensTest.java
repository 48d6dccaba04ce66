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
    private long nanosPerLook;

    private TimedTokens tokensOf(String statement) {
        Deadline deadline = Deadline.after(Duration.ofSeconds(5), () -> nanos.getAndAdd(nanosPerLook));
        return new TimedTokens(new PostgreSQLStatementLexer(CharStreams.fromString(statement)), deadline);
    }

    @Test
    void fill_deadlinePasses_isGivenUp() {
        TimedTokens tokens = tokensOf("SELECT 1" + " + 1".repeat(5_000));
        nanosPerLook = 1_000_000_000;

        assertThatThrownBy(tokens::fill).isInstanceOf(Deadline.Passed.class).hasMessage("was given up after 5000 ms");
    }

    @Test
    void parse_deadlinePassesAmongTokensThatAreRead_isGivenUp() {
        TimedTokens tokens = tokensOf("SELECT 1" + " + 1".repeat(5_000));
        tokens.fill();
        nanosPerLook = 1_000_000_000;

        assertThatThrownBy(new PostgreSQLStatementParser(tokens)::execute).isInstanceOf(Deadline.Passed.class);
    }

    @Test
    void parse_enoughTime_isDone() {
        PostgreSQLStatementParser parser = new PostgreSQLStatementParser(tokensOf("SELECT 1 + 1"));

        assertThat(parser.execute().select()).isNotNull();
        assertThat(parser.getNumberOfSyntaxErrors()).isZero();
    }
}
