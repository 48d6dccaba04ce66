package io.github.rollback4j.benchmarks;

import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import java.util.concurrent.TimeUnit;
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
 * Measures what a tick reads and weighs: the counters of all cohorts that are live, and the error-rate signal at every
 * cut-off.
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
    private static final int TICKS = 300;
    private static final int CALLS_A_TICK = 100;

    /** Whether a call of each cohort is still pending, so that none of the last 30 seconds is settled. */
    @Param({"false", "true"})
    boolean pending;

    @Param({"false", "true"})
    boolean keyed;

    private long nanos;
    private Router router;
    private ErrorRate.Weighing weighing;

    @Setup
    public void open() {
        router = new Router(
                new Router.Settings(
                        "243f6a8885a308d313198a2e03707344",
                        Audience.everyone(),
                        4,
                        16_384,
                        DEADLINE_NANOS,
                        DEADLINE_NANOS,
                        () -> nanos,
                        null),
                () -> {});
        weighing = Signals.errorRate().weigh(router.tally(), .01);
        router.expose(.05, true, 0, nanos, nanos);
        for (int tick = 0; tick < TICKS; tick++) {
            for (int call = 0; call < CALLS_A_TICK; call++) {
                long ticket = keyed ? router.enter((long) tick * CALLS_A_TICK + call) : router.enter();
                if (!pending || call > 0) {
                    router.exitAfter(ticket, 0, call % 50 == 1 ? Outcome.FAILURE : Outcome.SUCCESS);
                }
            }
            nanos += TICK_NANOS;
            router.tick(nanos, nanos);
            weigh();
        }
    }

    @Benchmark
    public boolean weigh() {
        router.tally().read(nanos);
        return weighing.weigh(nanos);
    }
}
