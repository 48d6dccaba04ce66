package io.github.rollback4j.test;

import io.github.rollback4j.rollout.Rollouts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until it is told to pass: clock, ticker, scheduler and executor in one, all on the test's own
 * thread, so that hours pass in milliseconds and every run is the same. Not thread-safe.
 *
 * <p>What is executed runs at once, or, from within another task, right after it. What is scheduled runs during
 * {@link #advance}, in the order of its time.
 */
public final class VirtualTime {

    private final Instant start;
    private final Queue<Runnable> due = new ArrayDeque<>();
    private final PriorityQueue<Scheduled<?>> scheduled = new PriorityQueue<>();
    private final Scheduler scheduler = new Scheduler();
    private long nanos;
    private long count;
    private boolean running;

    private VirtualTime(Instant start) {
        this.start = start;
    }

    /** Returns a time that begins at an instant. */
    public static VirtualTime startingAt(Instant start) {
        return new VirtualTime(start);
    }

    /** Returns a time that begins on 1 January 2030, at noon UTC. */
    public static VirtualTime create() {
        return new VirtualTime(Instant.parse("2030-01-01T12:00:00Z"));
    }

    /** Begins a registry of rollouts that lives in this time, with salts and coins from this seed. */
    public Rollouts.Builder rollouts(long seed) {
        return Rollouts.builder()
                .clock(clock())
                .ticker(this::nanos)
                .scheduler(scheduler)
                .executor(executor())
                .random(new SplittableRandom(seed));
    }

    /** Returns the clock. */
    public InstantSource clock() {
        return this::now;
    }

    /** Returns the instant. */
    public Instant now() {
        return start.plusNanos(nanos);
    }

    /** Returns the nanoseconds since the beginning. */
    public long nanos() {
        return nanos;
    }

    /** Returns the executor. */
    public Executor executor() {
        return scheduler;
    }

    /** Returns the scheduler. */
    public ScheduledExecutorService scheduler() {
        return scheduler;
    }

    /**
     * Lets time pass, and runs what becomes due.
     *
     * @throws IllegalArgumentException if the duration is negative
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time cannot be advanced by " + duration + ": zero or more is allowed");
        }
        long end = nanos + duration.toNanos();
        while (!scheduled.isEmpty() && scheduled.peek().at <= end) {
            Scheduled<?> next = scheduled.remove();
            nanos = Math.max(nanos, next.at);
            run(next);
        }
        nanos = end;
    }

    private void run(Runnable task) {
        due.add(task);
        if (running) {
            return;
        }
        running = true;
        try {
            for (Runnable next = due.poll(); next != null; next = due.poll()) {
                next.run();
            }
        } finally {
            running = false;
        }
    }

    private final class Scheduled<V extends @Nullable Object> extends FutureTask<V> implements ScheduledFuture<V> {
        private final long period;
        private final long order = count++;
        private long at;

        Scheduled(Callable<V> body, long delay, long period) {
            super(body);
            this.at = nanos + Math.max(0, delay);
            this.period = period;
        }

        @Override
        public void run() {
            if (period == 0) {
                super.run();
            } else if (runAndReset()) {
                at = nanos + period;
                scheduled.add(this);
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            scheduled.remove(this);
            return super.cancel(mayInterruptIfRunning);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(at - nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            Scheduled<?> that = (Scheduled<?>) other;
            return at == that.at ? Long.compare(order, that.order) : Long.compare(at, that.at);
        }
    }

    private final class Scheduler extends AbstractExecutorService implements ScheduledExecutorService {
        private boolean shutdown;

        @Override
        public void execute(Runnable command) {
            VirtualTime.this.run(command);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            return add(new Scheduled<>(Executors.callable(command), unit.toNanos(delay), 0));
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
            return add(new Scheduled<>(callable, unit.toNanos(delay), 0));
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long delay, long period, TimeUnit unit) {
            return scheduleWithFixedDelay(command, delay, period, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long delay, long period, TimeUnit unit) {
            return add(new Scheduled<>(Executors.callable(command), unit.toNanos(delay), unit.toNanos(period)));
        }

        private <V extends @Nullable Object> Scheduled<V> add(Scheduled<V> task) {
            scheduled.add(task);
            return task;
        }

        @Override
        public void shutdown() {
            shutdown = true;
            scheduled.clear();
        }

        @Override
        public List<Runnable> shutdownNow() {
            shutdown();
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return shutdown;
        }

        @Override
        public boolean isTerminated() {
            return shutdown;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return shutdown;
        }
    }
}
