package io.github.rollback4j.spring;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.signal.Signals;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** What the service logs at level ERROR. */
record LoggedErrorsPart(LoggedErrors errors) implements PlanPartProvider {

    private static final String NOT_ABOVE = "not-above";
    private static final String WITHIN = "within";
    private static final String LOGGERS = "loggers";
    private static final String MDC = "mdc";

    @Override
    public Kind kind() {
        return Kind.SIGNAL;
    }

    @Override
    public String name() {
        return "logged-errors";
    }

    @Override
    public String description() {
        return "Watches how much the service logs at level ERROR, by Logback: the candidate is taken back when it is too much.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                LimitOptions.name(),
                Option.required(NOT_ABOVE, Type.WHOLE_NUMBER, "Tolerates so many within the time.")
                        .atLeast(0),
                Option.withDefault(WITHIN, Type.DURATION, "1m", "The time within which they are counted.")
                        .atLeast(Duration.ofSeconds(1))
                        .atMost(Duration.ofDays(1)),
                Option.optional(
                        LOGGERS,
                        Type.LIST_OF_TEXTS,
                        "Counts only what loggers log whose names begin with one of these."),
                Option.optional(
                                MDC,
                                Type.TEXT,
                                "Counts only what is logged with this in the MDC, written as key=value: with the plan's mdc-key"
                                        + " the candidate's calls.")
                        .matching("[^=]+=.+", "written as key=value"),
                LimitOptions.readings("1"),
                LimitOptions.during("0s"),
                LimitOptions.every());
    }

    @Override
    public Object create(Options values) {
        Predicate<ILoggingEvent> which = event -> true;
        if (values.has(LOGGERS)) {
            List<String> loggers = values.texts(LOGGERS);
            which = event -> loggers.stream().anyMatch(event.getLoggerName()::startsWith);
        }
        if (values.has(MDC)) {
            String[] pair = values.text(MDC).split("=", 2);
            which = which.and(event -> pair[1].equals(event.getMDCPropertyMap().get(pair[0])));
        }
        LoggedErrors.Count count = errors.count(which, values.duration(WITHIN));
        return LimitOptions.judged(
                Signals.reading(values.text(LimitOptions.NAME), count::lately)
                        .notAbove((double) values.wholeNumber(NOT_ABOVE)),
                values);
    }
}
