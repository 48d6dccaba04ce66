package io.github.rollback4j.signal;

import io.github.rollback4j.signal.Assessment.Verdict;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A signal against an absolute limit: a health check, a meter, a circuit breaker. It reads REGRESSED when a number of
 * readings in a row, over a duration, lie beyond the limit; NO_DATA when the reading is missing, NaN, late, or throws.
 *
 * <p>Immutable and thread-safe: each method returns a new signal. Readings are taken on the library's executor, each with
 * a deadline; a reading that hangs delays no other signal.
 */
public final class LimitSignal implements FailureSignal {

    /** Takes a reading. */
    @FunctionalInterface
    public interface Probe {
        /** Returns the value now; NaN where there is none. */
        double read() throws Exception;
    }

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Duration LONGEST = Duration.ofDays(60);

    private final String name;
    private final String source;
    private final Probe probe;
    private final boolean above;
    private final double limit;
    private final boolean perSecond;
    private final int readings;
    private final Duration during;
    private final Duration every;

    private LimitSignal(
            String name,
            String source,
            Probe probe,
            boolean above,
            double limit,
            boolean perSecond,
            int readings,
            Duration during,
            Duration every) {
        this.name = requireName(name);
        this.source = source;
        this.probe = Objects.requireNonNull(probe, "probe");
        this.above = above;
        this.limit = limit;
        this.perSecond = perSecond;
        this.readings = readings;
        this.during = during;
        this.every = every;
    }

    static LimitSignal of(String name, String source, Probe probe) {
        return new LimitSignal(
                name, source, probe, true, Double.NaN, false, 3, Duration.ofSeconds(10), Duration.ofSeconds(1));
    }

    /** Tolerates readings up to this value. */
    public LimitSignal notAbove(double value) {
        return new LimitSignal(name, source, probe, true, requireLimit(value), perSecond, readings, during, every);
    }

    /** Tolerates readings down to this value. */
    public LimitSignal notBelow(double value) {
        return new LimitSignal(name, source, probe, false, requireLimit(value), perSecond, readings, during, every);
    }

    /** Looks at the increase per second between two readings instead of the reading itself; for counters. */
    public LimitSignal perSecond() {
        return new LimitSignal(name, source, probe, above, limit, true, readings, during, every);
    }

    /**
     * Says how long the limit must be broken: this many readings in a row that span at least this time. Default: 3
     * readings over 10 seconds.
     *
     * @throws IllegalArgumentException if fewer than 1 or more than 10,000 readings are asked for, or the time is not
     *     between 0 and 60 days
     */
    public LimitSignal forAtLeast(int count, Duration time) {
        if (count < 1 || count > 10_000) {
            throw new IllegalArgumentException(
                    "signal " + name + " asks for " + count + " readings: 1 to 10000 are allowed");
        }
        if (time.isNegative() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "signal " + name + " asks for a duration of " + time + ": 0 to 60 days are allowed");
        }
        return new LimitSignal(name, source, probe, above, limit, perSecond, count, time, every);
    }

    /**
     * Says how often a reading is taken, and how long it may take. Default: every second.
     *
     * @throws IllegalArgumentException if the time is not between 100 ms and 1 hour
     */
    public LimitSignal every(Duration time) {
        if (time.compareTo(Duration.ofMillis(100)) < 0 || time.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException(
                    "signal " + name + " is read every " + time + ": 100 ms to 1 h are allowed");
        }
        return new LimitSignal(name, source, probe, above, limit, perSecond, readings, during, time);
    }

    @Override
    public String name() {
        return name;
    }

    /** Returns the time between two readings, which is also a reading's deadline. */
    public Duration every() {
        return every;
    }

    /** Returns what is read, in words. */
    public String source() {
        return source;
    }

    /** Returns the limit; NaN where none was set. */
    public double limit() {
        return limit;
    }

    /** Says whether readings must not be above the limit; else not below. */
    public boolean isUpperLimit() {
        return above;
    }

    /** Says whether the increase per second between two readings is looked at. */
    public boolean isPerSecond() {
        return perSecond;
    }

    /** Returns how many readings in a row must be beyond the limit. */
    public int readings() {
        return readings;
    }

    /** Returns how long they must span at least. */
    public Duration during() {
        return during;
    }

    /** Returns what takes the readings. */
    public Probe probe() {
        return probe;
    }

    /** Returns a watch that has seen nothing yet. */
    public Watch watch() {
        return new Watch();
    }

    /** Says whether a limit was set; a plan refuses the signal otherwise. */
    public boolean hasLimit() {
        return !Double.isNaN(limit);
    }

    @Override
    public String description() {
        return name + ": " + source + (perSecond ? " per second" : "") + (above ? " not above " : " not below ") + limit
                + ", read every " + every + ", judged over " + readings + " readings and " + during;
    }

    /** Remembers the readings of one rollout. For one thread at a time. */
    public final class Watch {
        private int beyond;
        private long beyondSince;
        private double lastValue = Double.NaN;
        private long lastNanos;
        private Assessment assessment =
                Assessment.of(LimitSignal.this.name, Verdict.NO_DATA, "no reading has been taken yet");

        private Watch() {}

        /** Takes one reading into account; NaN for one that is missing, was late or threw. */
        public Assessment take(double reading, long nowNanos) {
            double value = reading;
            if (perSecond) {
                // Where the clock stands still there is no rate.
                value = nowNanos == lastNanos ? Double.NaN : (reading - lastValue) / ((nowNanos - lastNanos) / 1e9);
                if (!Double.isNaN(reading)) {
                    lastValue = reading;
                    lastNanos = nowNanos;
                }
            }
            if (Double.isNaN(value)) {
                // Neither health nor a regression: what was seen before stands, and is not added to.
                assessment = Assessment.of(name, Verdict.NO_DATA, "there is no reading: missing, late or not a number");
                return assessment;
            }
            boolean broken = above ? value > limit : value < limit;
            if (!broken) {
                beyond = 0;
                assessment = Assessment.of(name, Verdict.INCONCLUSIVE, reads(value) + ", within its limit");
                return assessment;
            }
            if (beyond++ == 0) {
                beyondSince = nowNanos;
            }
            boolean longEnough = beyond >= readings && nowNanos - beyondSince >= during.toNanos();
            assessment = Assessment.of(
                    name,
                    longEnough ? Verdict.REGRESSED : Verdict.INCONCLUSIVE,
                    reads(value) + (above ? ", above " : ", below ") + limit + " in " + beyond + " readings over "
                            + (nowNanos - beyondSince) / 1_000_000_000 + " s");
            return assessment;
        }

        /** Returns what the readings say. */
        public Assessment assessment() {
            return assessment;
        }

        private String reads(double value) {
            return String.format(Locale.ROOT, "%s reads %.6g", source, value);
        }
    }

    static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "signal name '" + name
                            + "' is not allowed: 1 to 63 lower-case letters, digits and hyphens are (for example 'smoke-test')");
        }
        return name;
    }

    static void requirePositive(String name, String option, Duration value) {
        if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "signal " + name + " has " + option + " " + value + ": more than 0 and at most 60 days is allowed");
        }
    }

    private double requireLimit(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    "signal " + name + " has limit " + value + ": a finite number is allowed");
        }
        return value;
    }
}
