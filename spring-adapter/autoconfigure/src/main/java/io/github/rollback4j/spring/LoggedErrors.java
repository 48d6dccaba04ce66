package io.github.rollback4j.spring;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/** Counts what the service logs at level ERROR through Logback, but for what this library logs. Thread-safe. */
final class LoggedErrors extends UnsynchronizedAppenderBase<ILoggingEvent> implements AutoCloseable {

    private static final String OWN = "io.github.rollback4j.";

    private final List<Count> counts = new CopyOnWriteArrayList<>();
    private final LongSupplier ticker;

    LoggedErrors(LongSupplier ticker) {
        this.ticker = ticker;
        setName("rollback4j-errors");
    }

    /** Begins to listen, where Logback is what the service logs by. */
    static LoggedErrors listening() {
        LoggedErrors errors = new LoggedErrors(System::nanoTime);
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            errors.setContext(context);
            errors.start();
            context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(errors);
        }
        return errors;
    }

    /** How many there were lately. */
    static final class Count {

        private static final int BUCKETS = 60;

        private final Predicate<ILoggingEvent> which;
        private final LongSupplier ticker;
        private final long bucketNanos;
        private final long beganNanos;
        private final long[] numbers = new long[BUCKETS];
        private long newest;

        private Count(Predicate<ILoggingEvent> which, Duration within, LongSupplier ticker) {
            this.which = which;
            this.ticker = ticker;
            this.bucketNanos = within.toNanos() / BUCKETS;
            this.beganNanos = ticker.getAsLong();
        }

        private void take(ILoggingEvent event) {
            if (which.test(event)) {
                synchronized (this) {
                    advance();
                    numbers[(int) (newest % BUCKETS)]++;
                }
            }
        }

        /** Returns how many there were within the time. */
        synchronized long lately() {
            advance();
            long sum = 0;
            for (long number : numbers) {
                sum += number;
            }
            return sum;
        }

        private void advance() {
            long now = (ticker.getAsLong() - beganNanos) / bucketNanos;
            for (long bucket = Math.max(newest + 1, now - BUCKETS + 1); bucket <= now; bucket++) {
                numbers[(int) (bucket % BUCKETS)] = 0;
            }
            newest = Math.max(newest, now);
        }
    }

    /** Counts those that are asked for, within a time, to a sixtieth of it. */
    Count count(Predicate<ILoggingEvent> which, Duration within) {
        Count count = new Count(which, within, ticker);
        counts.add(count);
        return count;
    }

    /** Not as inherited: silent once it was stopped, and without a look at the thread, since it logs nothing itself. */
    @Override
    public void doAppend(ILoggingEvent event) {
        if (isStarted()) {
            append(event);
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getLevel().isGreaterOrEqual(Level.ERROR)
                && !event.getLoggerName().startsWith(OWN)) {
            counts.forEach(count -> count.take(event));
        }
    }

    @Override
    public void close() {
        if (getContext() instanceof LoggerContext context) {
            context.getLogger(Logger.ROOT_LOGGER_NAME).detachAppender(this);
        }
        stop();
    }
}
