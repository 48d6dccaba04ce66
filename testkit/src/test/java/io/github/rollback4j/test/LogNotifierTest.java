package io.github.rollback4j.test;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.rollback4j.plan.Notifier;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.slf4j.LoggerFactory;

class LogNotifierTest extends NotifierContract {

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.rollback4j.plan.Notifier.ops");

    @BeforeEach
    void start() {
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    @Override
    protected Notifier notifier() {
        return Notifier.log("ops");
    }

    @Override
    protected @Nullable Notifier brokenNotifier() {
        return null;
    }

    @Override
    protected List<String> received() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
