package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.ddl.parser.mysql.generated.MySqlLexer;
import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.antlr.v4.runtime.CharStreams;
import org.junit.jupiter.api.Test;

class TimedTokensTest {

    private final AtomicLong nanos = new AtomicLong();
    private long nanosPerLook;

    private TimedTokens tokensOf(String statement) {
        Deadline deadline = Deadline.after(Duration.ofSeconds(5), () -> nanos.getAndAdd(nanosPerLook));
        return new TimedTokens(new MySqlLexer(CharStreams.fromString(statement)), deadline);
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

        assertThatThrownBy(new MySqlParser(tokens)::root).isInstanceOf(Deadline.Passed.class);
    }

    @Test
    void parse_enoughTime_isDone() {
        MySqlParser parser = new MySqlParser(tokensOf("SELECT 1 + 1"));

        assertThat(parser.root().sqlStatements()).isNotNull();
        assertThat(parser.getNumberOfSyntaxErrors()).isZero();
    }
}
