package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.benchmarks.decisions.Scenario.World;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A service of which calls fail, take their time and are good for something, and a candidate that differs from it in the
 * stated ways only. Immutable but for {@link #with}, which changes a copy before anybody sees it.
 */
final class Service implements World, Cloneable {

    /** Log-normal; the 99th percentile is at 320 ms. */
    static final Amounts LOG_NORMAL = Amounts.logNormal(100, .5);

    /** With a heavy tail; the 99th percentile is at 380 ms. */
    static final Amounts PARETO = Amounts.pareto(60, 2.5);

    /** Nine calls in ten are answered by a cache; the 99th percentile is at 290 ms. */
    static final Amounts BIMODAL = Amounts.bimodal(20, 200, .1, .3);

    /** Answers at once. */
    static final Amounts NONE = Amounts.none();

    /** The key of a bot, which is behind those of the users. */
    static final int BOT = 20_000;

    private static final double NANOS_A_MILLI = 1e6;
    private static final double HOUR_OF_MILLIS = 3_600_000;

    /** What stable's calls are worth that are worth something, as many as convert. */
    private static final Amounts ORDERS = Amounts.logNormal(40, 1);

    /** Of stable, in milliseconds. */
    private final Amounts latencies;

    private double slower = 1;
    private double tail;
    private double hangsFrom = 1;
    private double failureRate;
    private long stableTimeOutMillis;
    private double conversionRate = .05;
    private double convertsTimes = 1;
    private double worthTimes = 1;
    private boolean drifts;
    private boolean differsByKey;

    private Service(Amounts latencies) {
        this.latencies = latencies;
    }

    /** A service that never fails, and a candidate that is like it. */
    static Service of(Amounts latencies) {
        return new Service(latencies);
    }

    Amounts latencies() {
        return latencies;
    }

    double hangsFrom() {
        return hangsFrom;
    }

    private Service with(Consumer<Service> change) {
        try {
            Service copy = (Service) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Returns the same with a candidate whose latencies are so many times stable's. */
    Service slower(double times) {
        return with(copy -> copy.slower = times);
    }

    /** Returns the same with a candidate that takes ten times as long in this part of its calls. */
    Service withTail(double part) {
        return with(copy -> copy.tail = part);
    }

    /** Returns the same with a candidate whose calls do not end any more after this part of the rollout. */
    Service hangingFrom(double part) {
        return with(copy -> copy.hangsFrom = part);
    }

    /** Returns the same in which calls of both fail, stable's after so long; 0 where they take as long as others. */
    Service failing(double rate, long timeOutMillis) {
        return with(copy -> {
            copy.failureRate = rate;
            copy.stableTimeOutMillis = timeOutMillis;
        });
    }

    /** Returns the same with a candidate that converts so many times as often, and whose orders are worth so many times. */
    Service converting(double times, double timesWorth) {
        return with(copy -> {
            copy.convertsTimes = times;
            copy.worthTimes = timesWorth;
        });
    }

    /** Returns the same with this part of the calls that convert, and are worth something. */
    Service earningIn(double part) {
        return with(copy -> copy.conversionRate = part);
    }

    /** Returns the same in which all of this changes in the course of the rollout, for both. */
    Service drifting() {
        return with(copy -> copy.drifts = true);
    }

    /** Returns the same in which all of this differs from key to key, and stays so. */
    Service differingByKey() {
        return with(copy -> copy.differsByKey = true);
    }

    @Override
    public double failureRate(boolean candidate, long key, double part) {
        double rate = failureRate;
        if (differsByKey) {
            rate *= key == BOT ? 5 : hash(key, 50) == 0 ? 30 : .2;
        }
        return drifts ? rate * (.5 + part) : rate;
    }

    @Override
    public long nanos(boolean candidate, long key, double part, boolean failed, SplittableRandom random) {
        if (failed && !candidate && stableTimeOutMillis > 0) {
            return (long) (stableTimeOutMillis * NANOS_A_MILLI);
        }
        if (candidate && part >= hangsFrom) {
            return (long) (HOUR_OF_MILLIS * NANOS_A_MILLI);
        }
        double millis = latencies.next(random);
        if (candidate) {
            millis *= tail > 0 && random.nextDouble() < tail ? 10 * slower : slower;
        }
        if (differsByKey) {
            millis *= key == BOT ? .25 : .25 * (1 << hash(key, 5));
        }
        if (drifts) {
            millis *= part >= .6 && part < .65 ? 8 : 1 + 2 * part;
        }
        return (long) (millis * NANOS_A_MILLI);
    }

    @Override
    public double conversionRate(boolean candidate, long key, double part) {
        return (candidate ? convertsTimes : 1) * conversionRate(key, part);
    }

    private double conversionRate(long key, double part) {
        double rate = differsByKey ? conversionRate * (key == BOT ? 0 : hash(key, 4)) : conversionRate;
        return drifts ? rate * (1.5 - part) : rate;
    }

    @Override
    public double worth(boolean candidate, long key, double part, SplittableRandom random) {
        if (random.nextDouble() >= conversionRate(key, part)) {
            return 0;
        }
        double value = ORDERS.next(random) * (differsByKey ? 1 << hash(key, 3) : 1);
        return candidate ? value * worthTimes : value;
    }

    /** Returns what stays the same for a key, below a bound. */
    private static int hash(long key, int bound) {
        return (int) (((key + 1) * 0x9E3779B97F4A7C15L) >>> 40) % bound;
    }
}
