package io.github.rollback4j.benchmarks;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Measures what no call path can do without, and what services already pay for a metric. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class FloorBenchmark {

    /** Stands for an immutable routing table. */
    private record Table(long threshold, long first, long second) {}

    private volatile Table table = new Table((long) (0.05 * 0x1p64), 0x243F6A8885A308D3L, 0x13198A2E03707344L);
    private final LongAdder adder = new LongAdder();
    private final AtomicLong atomic = new AtomicLong();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Counter counter = registry.counter("calls");
    private final Timer timer = registry.timer("calls.time");

    @Benchmark
    public Object volatileRead() {
        return table;
    }

    @Benchmark
    public long mixLong(Keys keys) {
        return mix(keys.nextLong(), 0x243F6A8885A308D3L, 0x13198A2E03707344L);
    }

    @Benchmark
    public long mixString(Keys keys) {
        return mix(keys.nextString().hashCode(), 0x243F6A8885A308D3L, 0x13198A2E03707344L);
    }

    @Benchmark
    public boolean readMixCompareLong(Keys keys) {
        Table now = table;
        return Long.compareUnsigned(mix(keys.nextLong(), now.first, now.second), now.threshold) < 0;
    }

    @Benchmark
    public boolean readMixCompareString(Keys keys) {
        Table now = table;
        return Long.compareUnsigned(mix(keys.nextString().hashCode(), now.first, now.second), now.threshold) < 0;
    }

    @Benchmark
    public void longAdder() {
        adder.increment();
    }

    @Benchmark
    public long atomicLong() {
        return atomic.incrementAndGet();
    }

    @Benchmark
    public long nanoTime() {
        return System.nanoTime();
    }

    @Benchmark
    public long nanoTimeTwice() {
        long start = System.nanoTime();
        return System.nanoTime() - start;
    }

    @Benchmark
    public void micrometerCounter() {
        counter.increment();
    }

    @Benchmark
    public void micrometerTimer() {
        timer.record(1_000_000, TimeUnit.NANOSECONDS);
    }

    private static long mix(long key, long first, long second) {
        long z = key ^ first;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L ^ second;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
