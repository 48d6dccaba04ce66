package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class DurabilityWarningTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(Schema.class);
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    @BeforeEach
    void listen() {
        logger.setLevel(Level.WARN);
        logger.setAdditive(false);
        said.start();
        logger.addAppender(said);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(said);
        logger.setAdditive(true);
        logger.setLevel(Level.ERROR);
    }

    @ParameterizedTest
    @CsvSource({
        "H2_IN_MEMORY, ''",
        "FILE, ''",
        "H2_IN_A_FILE, WRITE_DELAY = 500",
        "POSTGRESQL, fsync = off",
        "MARIADB, innodb_flush_log_at_trx_commit = 2"
    })
    void prepare_databaseThatForgetsInACrash_warnsOfTheSetting(TestDatabase database, String setting) {
        try (JdbcStore store =
                database.store().tablePrefix(TestDatabase.newPrefix()).build()) {
            store.prepare();
            store.prepare();
            assertThat(said.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .isEqualTo(
                            setting.isEmpty()
                                    ? List.of()
                                    : List.of("The database runs with " + setting
                                            + ": after a crash it may have forgotten what was journalled last"));
        }
    }
}
