package io.github.rollback4j.rollout;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Surroundings that the test turns by hand, on its own thread: time, ticks, a pool that can hold tasks back or reject them,
 * and a journal that can fail. The ticker begins below zero, which {@link System#nanoTime} may, too.
 */
final class ByHand {

    static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");
    static final Release V1 = Release.of("checkout", "1.4.2");
    static final Release V2 = Release.of("checkout", "1.5.0");

    final Journal memory = Journal.inMemory();
    final FaultyJournal journal = new FaultyJournal();
    final List<String> failures = new CopyOnWriteArrayList<>();
    boolean poolRejects;
    volatile long nanos = -3_600_000_000_000L;

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Runnable> ticks = new ArrayList<>();
    private boolean holds;
    private boolean running;

    /** Passes on to {@link #memory}, unless it is told not to. */
    final class FaultyJournal implements Journal {
        BooleanSupplier refusesRead = () -> false;
        Function<Journal.Event, Boolean> refuses = event -> false;

        /** Says that it failed although it has written. */
        boolean losesAnswers;

        @Override
        public long append(String rolloutId, long expectedSequence, long fencingToken, Journal.Event event) {
            if (refuses.apply(event)) {
                throw new IllegalStateException("disk full");
            }
            long sequence = memory.append(rolloutId, expectedSequence, fencingToken, event);
            if (losesAnswers) {
                throw new IllegalStateException("connection reset");
            }
            return sequence;
        }

        @Override
        public List<Entry> read(String rolloutId) {
            if (refusesRead.getAsBoolean()) {
                throw new IllegalStateException("connection refused");
            }
            return memory.read(rolloutId);
        }

        @Override
        public List<String> rolloutIds() {
            return memory.rolloutIds();
        }

        @Override
        public boolean isDurable() {
            return false;
        }
    }

    void execute(Runnable task) {
        if (poolRejects) {
            throw new RejectedExecutionException("the pool is full");
        }
        tasks.add(task);
        run();
    }

    private void run() {
        if (running || holds) {
            return;
        }
        running = true;
        try {
            for (Runnable next = tasks.poll(); next != null; next = holds ? null : tasks.poll()) {
                next.run();
            }
        } finally {
            running = false;
        }
    }

    /** Lets no task of the pool begin until {@link #release}. */
    void hold() {
        holds = true;
    }

    void release() {
        holds = false;
        run();
    }

    Rollouts.Builder builder() {
        ScheduledExecutorService scheduler = mock(ScheduledExecutorService.class);
        when(scheduler.scheduleWithFixedDelay(any(), anyLong(), anyLong(), any()))
                .thenAnswer(call -> {
                    Runnable tick = call.getArgument(0);
                    ticks.add(tick);
                    ScheduledFuture<?> future = mock(ScheduledFuture.class);
                    when(future.cancel(false)).thenAnswer(cancel -> ticks.remove(tick));
                    return future;
                });
        return Rollouts.builder()
                .clock(() -> NOON.plusNanos(nanos + 3_600_000_000_000L))
                .ticker(() -> nanos)
                .scheduler(scheduler)
                .executor(this::execute)
                .journal(journal)
                .random(new SplittableRandom(7))
                .environment(Map.of());
    }

    Rollouts rollouts() {
        return builder().build();
    }

    /** Kills the processes that there were: their time stands still from now on. */
    void kill() {
        ticks.clear();
    }

    void tick() {
        List.copyOf(ticks).forEach(Runnable::run);
    }

    /** Lets time pass, with ten ticks a second. */
    void pass(Duration duration) {
        for (long end = nanos + duration.toNanos(); nanos < end; ) {
            nanos += Math.min(100_000_000, end - nanos);
            tick();
        }
    }

    List<String> types(String id) {
        return memory.read(id).stream().map(entry -> entry.event().type()).toList();
    }

    /** A plan with steps of a minute that do not wait for calls. */
    static RollbackPlan.Builder plan() {
        return RollbackPlan.from(V1)
                .to(V2)
                .strategy(
                        canary(5, 50).bake(Duration.ofMinutes(1)).leastCalls(0).thenPromote())
                .watch(errorRate());
    }

    /** Makes calls of different users that the candidate fails. */
    static void breakCandidate(Rollout rollout) {
        for (int i = 0; i < 2_000 && rollout.status().share() > 0; i++) {
            try {
                rollout.call("user-" + i, () -> "fine", () -> {
                    throw new IllegalStateException("broken");
                });
            } catch (IllegalStateException expected) {
                // The candidate fails each time.
            }
        }
    }

    /** What a step back does. */
    @FunctionalInterface
    interface Way {
        RollbackStrategy.Done go(RollbackStrategy.Context context) throws Exception;
    }

    static RollbackStrategy way(String name, Way way) {
        return new RollbackStrategy() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return name;
            }

            @Override
            public Check.Result check(Context context) {
                return Check.Result.pass("open");
            }

            @Override
            public Done rollBack(Context context) throws Exception {
                return way.go(context);
            }
        };
    }
}
