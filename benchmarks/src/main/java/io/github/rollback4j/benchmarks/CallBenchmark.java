package io.github.rollback4j.benchmarks;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Outcome;
import java.time.Duration;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Measures whole calls around an empty body, in a live rollout that ticks. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class CallBenchmark {

    @Param({"0.05"})
    double share;

    private Rollouts rollouts;
    private Rollout timed;
    private Rollout sampled;

    @Setup
    public void start() {
        rollouts = Rollouts.create();
        timed = rollouts.start(plan("timed", 1));
        sampled = rollouts.start(plan("sampled", 4));
    }

    private RollbackPlan plan(String component, int timeStableOneIn) {
        return RollbackPlan.from(Release.of(component, "1"))
                .to(Release.of(component, "2"))
                .strategy(RolloutStrategy.canary(share * 100).bake(Duration.ofHours(24)))
                .watch(Signals.errorRate())
                .timeStableOneIn(timeStableOneIn)
                .build();
    }

    @TearDown
    public void close() {
        rollouts.close();
    }

    /** The floor: what a call that is timed cannot do without. */
    @Benchmark
    public long twoNanoTimeEnterExit(Keys keys) {
        long ticket = timed.enter(keys.nextString());
        long start = System.nanoTime();
        timed.exitAfter(ticket, System.nanoTime() - start, Outcome.SUCCESS);
        return ticket;
    }

    @Benchmark
    public int callAllTimed(Keys keys) {
        return timed.call(keys.nextString(), () -> 1, () -> 2);
    }

    @Benchmark
    public int callOneInFourTimed(Keys keys) {
        return sampled.call(keys.nextString(), () -> 1, () -> 2);
    }
}
