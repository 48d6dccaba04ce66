package io.github.rollback4j.benchmarks;

import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Ticket;
import java.util.List;
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

/** Measures the call path of the library, without a body between its two halves. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class RouterBenchmark {

    private static final long ELAPSED = 1_000_000;
    private static final long COHORT = 1_000_000_000;

    /** 0 is what a service pays between two rollouts. */
    @Param({"0", "0.05", "0.5"})
    double share;

    private static final int KEYS_PER_STEP = 65_536;

    private Router router;

    /** Of a plan that compares latencies, too, past its warm-up. */
    private Router comparing;

    @Setup
    public void open() {
        router = open(Router.Compared.NOTHING);
        comparing = open(new Router.Compared(1.1, 0, KEYS_PER_STEP, List.of()));
        long now = System.nanoTime();
        for (int i = 0; i < KEYS_PER_STEP; i++) {
            comparing.exitAfter(comparing.enter(), ELAPSED + i, Outcome.SUCCESS);
        }
        comparing.tick(now + COHORT, COHORT);
    }

    private Router open(Router.Compared compared) {
        Router.Settings settings = new Router.Settings(
                "243f6a8885a308d313198a2e03707344",
                Audience.everyone(),
                4,
                10_000,
                30_000_000_000L,
                337_500_000_000L,
                compared,
                System::nanoTime,
                null);
        Router open = new Router(settings, () -> {});
        open.expose(share, true, 0, System.nanoTime(), 0);
        return open;
    }

    @Benchmark
    public Arm routeLong(Keys keys) {
        return router.route(keys.nextLong());
    }

    @Benchmark
    public Arm routeString(Keys keys) {
        return router.route(keys.nextString());
    }

    @Benchmark
    public long enterExitLong(Keys keys) {
        long ticket = router.enter(keys.nextLong());
        router.exitAfter(ticket, ELAPSED, Outcome.SUCCESS);
        return ticket;
    }

    @Benchmark
    public long enterExitString(Keys keys) {
        long ticket = router.enter(keys.nextString());
        router.exitAfter(ticket, ELAPSED, Outcome.SUCCESS);
        return ticket;
    }

    @Benchmark
    public long enterExitUnkeyed() {
        long ticket = router.enter();
        router.exitAfter(ticket, ELAPSED, Outcome.SUCCESS);
        return ticket;
    }

    @Benchmark
    public long enterExitComparingLatencyString(Keys keys) {
        long ticket = comparing.enter(keys.nextString());
        comparing.exitAfter(ticket, ELAPSED, Outcome.SUCCESS);
        return ticket;
    }

    @Benchmark
    public long enterExitComparingLatencyUnkeyed() {
        long ticket = comparing.enter();
        comparing.exitAfter(ticket, ELAPSED, Outcome.SUCCESS);
        return ticket;
    }

    @Benchmark
    public long enterExitClock(Keys keys) {
        long ticket = router.enter(keys.nextString());
        long start = Ticket.isTimed(ticket) ? System.nanoTime() : 0;
        router.exit(ticket, start, Outcome.SUCCESS);
        return ticket;
    }
}
