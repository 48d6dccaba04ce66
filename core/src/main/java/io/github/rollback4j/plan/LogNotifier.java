package io.github.rollback4j.plan;

import io.github.rollback4j.strategy.Check;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes messages into the log, each in one line. */
record LogNotifier(String name) implements Notifier {

    private static final Pattern LINE_BREAKS = Pattern.compile("\\s*\\R\\s*");

    /** What could end the line, hide a part of it, or turn its direction. */
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");

    LogNotifier {
        Gates.requireName(name);
    }

    private Logger logger() {
        return LoggerFactory.getLogger(Notifier.class.getName() + "." + name);
    }

    @Override
    public String description() {
        return name + ": writes to the log";
    }

    @Override
    public Check.Result check() {
        Logger logger = logger();
        if (!logger.isErrorEnabled()) {
            return Check.Result.fail(
                    "the logger " + logger.getName() + " writes nothing: its level must be ERROR or below");
        }
        String least = logger.isInfoEnabled() ? "" : logger.isWarnEnabled() ? ", but for INFO" : " ERROR alone";
        return Check.Result.pass("the logger " + logger.getName() + " writes" + least);
    }

    @Override
    public void send(Message message) {
        Logger logger = logger();
        String line = "to " + message.group() + ", " + message.occasion() + ": " + oneLine(message.subject()) + ". "
                + oneLine(message.text()) + " (" + oneLine(message.deliveryId()) + ")";
        switch (message.severity()) {
            case INFO -> logger.info("{}", line);
            case WARNING -> logger.warn("{}", line);
            case CRITICAL -> logger.error("{}", line);
        }
    }

    private static String oneLine(String text) {
        String lines = LINE_BREAKS.matcher(text.strip()).replaceAll(" / ");
        return UNSEEN.matcher(lines).replaceAll(" ");
    }

    @Override
    public String toString() {
        return description();
    }
}
