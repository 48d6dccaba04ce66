package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Fails a test in which telling people went wrong: such bugs are kept from everything else, and only logged. */
final class NoComplaints implements BeforeEachCallback, AfterEachCallback {

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(Rollouts.class);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        log.start();
        logger().addAppender(log);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        logger().detachAppender(log);
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .noneMatch(line -> line.startsWith("telling people about"));
    }
}
