package io.github.rollback4j.benchmarks;

import static io.github.rollback4j.signal.Signals.conversion;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;

import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.Latency;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures what a tick reads and weighs: the counters of all cohorts that are live, and each signal at every cut-off; and
 * what is asked once a second where steps end by evidence.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class WeighingBenchmark {

    private static final long TICK_NANOS = 100_000_000L;
    private static final long DEADLINE_NANOS = 30_000_000_000L;
    private static final int TICKS = 600;
    private static final double LOG_OF_MEDIAN_NANOS = Math.log(20e6);

    @Param({"errors", "latency", "errors, latency and conversion"})
    String signals;

    @Param({"1000", "10000"})
    int callsPerSecond;

    /** Whether a call of each cohort is still pending, so that none of the last 30 seconds is settled. */
    @Param({"false", "true"})
    boolean pending;

    @Param({"false", "true"})
    boolean keyed;

    private long nanos;
    private Router router;
    private FailureSignal.Weighing[] weighings;
    private ErrorRate.@Nullable Weighing errors;

    @Setup
    public void open() {
        SplittableRandom random = new SplittableRandom(1);
        List<FailureSignal.Comparative> all = comparative();
        router = new Router(
                new Router.Settings(
                        "243f6a8885a308d313198a2e03707344",
                        Audience.everyone(),
                        4,
                        16_384,
                        DEADLINE_NANOS,
                        2 * DEADLINE_NANOS,
                        compared(all),
                        () -> nanos,
                        random.split()::nextLong),
                () -> {});
        weighings = all.stream()
                .map(signal -> signal.weigh(router.tally(), .01 / all.size()))
                .toArray(FailureSignal.Weighing[]::new);
        errors = weighings[0] instanceof ErrorRate.Weighing first ? first : null;
        router.expose(.05, true, 0, nanos, nanos);
        int callsATick = callsPerSecond / 10;
        for (int tick = 0; tick < TICKS; tick++) {
            for (int call = 0; call < callsATick; call++) {
                long ticket = keyed ? router.enter((long) tick * callsATick + call) : router.enter();
                if (!pending || call > 0) {
                    long took = (long) Math.exp(LOG_OF_MEDIAN_NANOS + .5 * random.nextGaussian());
                    router.exitAfter(ticket, took, call % 50 == 1 ? Outcome.FAILURE : Outcome.SUCCESS);
                    if (all.size() > 2 && call % 20 == 2) {
                        router.record(ticket, 0, 1);
                    }
                }
            }
            nanos += TICK_NANOS;
            router.tick(nanos, nanos);
            weigh();
        }
    }

    private List<FailureSignal.Comparative> comparative() {
        Latency latency = latency().warmUp(Duration.ZERO);
        return switch (signals) {
            case "errors" -> List.of(errorRate());
            case "latency" -> List.of(latency);
            default -> List.of(errorRate(), latency, conversion("orders").within(Duration.ofSeconds(10)));
        };
    }

    private static Router.Compared compared(List<FailureSignal.Comparative> all) {
        double latencyTimes = 0;
        List<Router.Metric> metrics = List.of();
        for (FailureSignal.Comparative signal : all) {
            if (signal instanceof Latency latency) {
                latencyTimes = latency.times();
            } else if (signal instanceof BusinessMetric metric) {
                metrics = List.of(new Router.Metric(
                        metric.name(),
                        metric.isNumeric(),
                        metric.times(),
                        metric.window().toNanos()));
            }
        }
        return new Router.Compared(latencyTimes, 0, latencyTimes > 0 ? 65_536 : 0, metrics);
    }

    @Benchmark
    public boolean weigh() {
        router.tally().read(nanos);
        boolean regressed = false;
        for (FailureSignal.Weighing weighing : weighings) {
            regressed |= weighing.weigh(nanos);
        }
        return regressed;
    }

    @Benchmark
    public double highestExcess() {
        return errors == null ? 1 : errors.highestExcess();
    }
}
