package io.github.rollback4j.signal;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Makes failure signals; meant for static import. */
public final class Signals {

    private Signals() {}

    /**
     * Watches the share of calls that fail, against stable's in the same time under the same split. As it is, it tolerates
     * a rate of 1.1 times stable's plus 0.05 percentage points; see {@link ErrorRate} for others.
     */
    public static ErrorRate errorRate() {
        return ErrorRate.WITH_DEFAULTS;
    }

    /**
     * Watches how long calls take, against stable's in the same time under the same split. As it is, it tolerates 1.1 times
     * stable's.
     */
    public static Latency latency() {
        return Latency.WITH_DEFAULTS;
    }

    /**
     * Watches how many calls convert, against stable's: what {@code record} and {@code recordFor} say. As it is, it
     * tolerates 0.95 times stable's.
     *
     * @param name the signal's name, under which is recorded
     */
    public static BusinessMetric conversion(String name) {
        return BusinessMetric.conversion(name);
    }

    /**
     * Watches how much a call is worth, against stable's: what {@code record} and {@code recordFor} say, such as revenue. As
     * it is, it tolerates 0.95 times stable's.
     *
     * @param name the signal's name, under which is recorded
     */
    public static BusinessMetric value(String name) {
        return BusinessMetric.value(name);
    }

    /**
     * Watches how often the candidate's result differs from stable's where it runs beside it, see
     * {@code RolloutStrategy.shadow}. As it is, it tolerates 0.1 % and asks {@code equals}.
     */
    public static ShadowMismatch shadowMismatch() {
        return ShadowMismatch.WITH_DEFAULTS;
    }

    /** Returns percentage points as a part of one: {@code percentagePoints(0.1)} is 0.001. */
    public static double percentagePoints(double points) {
        return points / 100;
    }

    /**
     * Watches a health check: REGRESSED when it says {@code false}, or throws, in 3 readings over 10 seconds, or as
     * {@link LimitSignal#forAtLeast} says. One that hangs, or returns {@code null}, is NO_DATA.
     */
    public static LimitSignal healthCheck(String name, Callable<@Nullable Boolean> check) {
        return LimitSignal.of(name, "health check", () -> health(check)).notBelow(1);
    }

    private static double health(Callable<@Nullable Boolean> check) {
        try {
            Boolean healthy = check.call();
            return healthy == null ? Double.NaN : healthy ? 1 : 0;
        } catch (Throwable unhealthy) {
            // Errors too: a class that is missing, an assertion that does not hold.
            return Thread.currentThread().isInterrupted() || unhealthy instanceof InterruptedException ? Double.NaN : 0;
        }
    }

    /**
     * Watches a gauge's value, a counter's count (see {@link LimitSignal#perSecond()}) or any other meter's first
     * measurement. Give it a limit: {@code meter("queue", registry, "queue.size").notAbove(1000)}. A meter that is missing
     * or NaN is NO_DATA.
     *
     * @param name the signal's name
     * @param registry where the meter is looked for at each reading
     * @param meter the meter's name
     * @param tags pairs of key and value that the meter must have
     */
    public static LimitSignal meter(String name, MeterRegistry registry, String meter, String... tags) {
        if (tags.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "signal " + name + " has " + tags.length + " tag parts: pairs of key and value are allowed");
        }
        String[] copy = tags.clone();
        StringJoiner described = new StringJoiner(", ", " {", "}").setEmptyValue("");
        for (int i = 0; i < copy.length; i += 2) {
            described.add(copy[i] + "=" + copy[i + 1]);
        }
        return LimitSignal.of(
                name,
                "meter " + meter + described,
                () -> value(registry.find(meter).tags(copy).meter()));
    }

    private static double value(@Nullable Meter meter) {
        if (meter == null) {
            return Double.NaN;
        }
        if (meter instanceof Gauge gauge) {
            return gauge.value();
        }
        if (meter instanceof Counter counter) {
            return counter.count();
        }
        for (Measurement measurement : meter.measure()) {
            return measurement.getValue();
        }
        return Double.NaN;
    }

    /** Watches any number: give it a limit with {@code notAbove} or {@code notBelow}. */
    public static LimitSignal reading(String name, LimitSignal.Probe probe) {
        return LimitSignal.of(name, "reading", probe);
    }

    /**
     * Watches a Resilience4j circuit breaker that guards the candidate: REGRESSED when it stays open, or is forced open.
     *
     * @param name the signal's name
     */
    public static LimitSignal circuitBreakerOpen(String name, CircuitBreaker breaker) {
        return LimitSignal.of(
                        name, "circuit breaker " + breaker.getName() + " open", () -> switch (breaker.getState()) {
                            case OPEN, FORCED_OPEN -> 1;
                            default -> 0;
                        })
                .notAbove(0);
    }

    /** Takes reports of people: REGRESSED at the first, or when several agree, see {@link PushedSignal#agreedBy}. */
    public static PushedSignal report() {
        return new PushedSignal("report", 1, Duration.ofMinutes(30));
    }

    /** Takes what another system says through the API: a smoke test, an alert. */
    public static PushedSignal external(String name) {
        return new PushedSignal(name, 1, Duration.ofMinutes(30));
    }
}
