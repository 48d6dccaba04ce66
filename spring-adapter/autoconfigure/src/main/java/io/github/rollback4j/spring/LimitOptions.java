package io.github.rollback4j.spring;

import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Options;
import io.github.rollback4j.signal.LimitSignal;
import java.time.Duration;

/** The options that all signals with a limit have. */
final class LimitOptions {

    static final String NAME = "name";

    private static final String READINGS = "readings";
    private static final String DURING = "during";
    private static final String EVERY = "every";

    private LimitOptions() {}

    static Option name() {
        return Option.required(NAME, PlanPartProvider.Type.TEXT, "The signal's name; unique in the plan.")
                .matching("[a-z0-9][a-z0-9-]{0,62}", "1 to 63 lower-case letters, digits and hyphens, no hyphen first");
    }

    static Option readings(String byDefault) {
        return Option.withDefault(
                        READINGS,
                        PlanPartProvider.Type.WHOLE_NUMBER,
                        byDefault,
                        "How many readings in a row must be beyond the limit.")
                .atLeast(1)
                .atMost(10_000);
    }

    static Option during(String byDefault) {
        return Option.withDefault(
                        DURING, PlanPartProvider.Type.DURATION, byDefault, "How long they must span at least.")
                .atLeast(Duration.ZERO)
                .atMost(Duration.ofDays(60));
    }

    static Option every() {
        return Option.withDefault(
                        EVERY,
                        PlanPartProvider.Type.DURATION,
                        "1s",
                        "How often a reading is taken, and how long it may take.")
                .atLeast(Duration.ofMillis(100))
                .atMost(Duration.ofHours(1));
    }

    static LimitSignal judged(LimitSignal signal, Options values) {
        return signal.forAtLeast(Math.toIntExact(values.wholeNumber(READINGS)), values.duration(DURING))
                .every(values.duration(EVERY));
    }
}
