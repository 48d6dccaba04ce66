package io.github.rollback4j.signal;

import java.time.Duration;

/**
 * A signal that somebody outside raises: a person's report, a smoke test, an alert. It reads REGRESSED once it was raised
 * a number of times, by different reporters, within a duration.
 *
 * @param name the signal's name
 * @param reporters how many different reporters it takes, at least 1
 * @param within the time within which they must report, more than 0 and at most 60 days
 */
public record PushedSignal(String name, int reporters, Duration within) implements FailureSignal {

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if a value is outside its range
     */
    public PushedSignal {
        LimitSignal.requireName(name);
        if (reporters < 1 || reporters > 1000) {
            throw new IllegalArgumentException(
                    "signal " + name + " needs " + reporters + " reporters: 1 to 1000 are allowed");
        }
        LimitSignal.requirePositive(name, "within", within);
    }

    /** Returns this signal, raised only when this many different reporters agree within a time. */
    public PushedSignal agreedBy(int count, Duration time) {
        return new PushedSignal(name, count, time);
    }

    @Override
    public String description() {
        return name + ": raised by " + reporters + " within " + within;
    }
}
