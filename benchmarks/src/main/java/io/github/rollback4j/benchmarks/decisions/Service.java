package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.benchmarks.decisions.Scenario.World;
import java.util.SplittableRandom;

/**
 * A service of which calls fail, take their time and are good for something, and a candidate that differs from it in the
 * stated ways only. Immutable.
 *
 * @param latencies of stable, in milliseconds
 * @param slower how many times stable's the candidate's latencies are
 * @param tail in which part of its calls the candidate takes ten times as long
 * @param hangsFrom after which part of the rollout the candidate's calls do not end any more; 1 for never
 * @param failureRate of both
 * @param stableTimeOutMillis how long stable's failed calls take; 0 where they take as long as others
 * @param conversionRate of stable
 * @param convertsTimes how many times as often the candidate's calls convert
 * @param worth of stable's calls that are worth something, as many as convert
 * @param worthTimes how many times as much as these as many of the candidate's are worth
 * @param drifts whether all of this changes in the course of the rollout, for both
 * @param differsByKey whether all of this differs from key to key, and stays so
 */
record Service(
        Amounts latencies,
        double slower,
        double tail,
        double hangsFrom,
        double failureRate,
        long stableTimeOutMillis,
        double conversionRate,
        double convertsTimes,
        Amounts worth,
        double worthTimes,
        boolean drifts,
        boolean differsByKey)
        implements World {

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
    private static final Amounts ORDERS = Amounts.logNormal(40, 1);

    /** A service that never fails, and a candidate that is like it. */
    static Service of(Amounts latencies) {
        return new Service(latencies, 1, 0, 1, 0, 0, .05, 1, ORDERS, 1, false, false);
    }

    Service slower(double times) {
        return new Service(
                latencies,
                times,
                tail,
                hangsFrom,
                failureRate,
                stableTimeOutMillis,
                conversionRate,
                convertsTimes,
                worth,
                worthTimes,
                drifts,
                differsByKey);
    }

    Service withTail(double part) {
        return new Service(
                latencies,
                slower,
                part,
                hangsFrom,
                failureRate,
                stableTimeOutMillis,
                conversionRate,
                convertsTimes,
                worth,
                worthTimes,
                drifts,
                differsByKey);
    }

    Service hangingFrom(double part) {
        return new Service(
                latencies,
                slower,
                tail,
                part,
                failureRate,
                stableTimeOutMillis,
                conversionRate,
                convertsTimes,
                worth,
                worthTimes,
                drifts,
                differsByKey);
    }

    Service failing(double rate, long timeOutMillis) {
        return new Service(
                latencies,
                slower,
                tail,
                hangsFrom,
                rate,
                timeOutMillis,
                conversionRate,
                convertsTimes,
                worth,
                worthTimes,
                drifts,
                differsByKey);
    }

    Service converting(double times, double timesWorth) {
        return new Service(
                latencies,
                slower,
                tail,
                hangsFrom,
                failureRate,
                stableTimeOutMillis,
                conversionRate,
                times,
                worth,
                timesWorth,
                drifts,
                differsByKey);
    }

    /** Returns the same with this part of the calls that convert, and are worth something. */
    Service earningIn(double part) {
        return new Service(
                latencies,
                slower,
                tail,
                hangsFrom,
                failureRate,
                stableTimeOutMillis,
                part,
                convertsTimes,
                worth,
                worthTimes,
                drifts,
                differsByKey);
    }

    Service drifting() {
        return new Service(
                latencies,
                slower,
                tail,
                hangsFrom,
                failureRate,
                stableTimeOutMillis,
                conversionRate,
                convertsTimes,
                worth,
                worthTimes,
                true,
                differsByKey);
    }

    Service differingByKey() {
        return new Service(
                latencies,
                slower,
                tail,
                hangsFrom,
                failureRate,
                stableTimeOutMillis,
                conversionRate,
                convertsTimes,
                worth,
                worthTimes,
                drifts,
                true);
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
        double value = worth.next(random) * (differsByKey ? 1 << hash(key, 3) : 1);
        return candidate ? value * worthTimes : value;
    }

    /** Returns what stays the same for a key, below a bound. */
    private static int hash(long key, int bound) {
        return (int) (((key + 1) * 0x9E3779B97F4A7C15L) >>> 40) % bound;
    }
}
