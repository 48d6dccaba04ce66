package io.github.rollback4j.rollout;

import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Runs the candidate beside stable, a few at a time and each for a bounded time; what is too much is dropped. */
final class Shadows {

    private static final int MOST_AT_A_TIME = 16;

    private final Executor pool;
    private final LongSupplier ticker;
    private final long deadlineNanos;
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME);
    private final Map<Thread, Long> underWay = new ConcurrentHashMap<>();

    Shadows(Executor pool, LongSupplier ticker, long deadlineNanos) {
        this.pool = pool;
        this.ticker = ticker;
        this.deadlineNanos = deadlineNanos;
    }

    /** Begins a shadow run, if there is a place; never waits. */
    void run(Supplier<Outcome> candidate, Router router) {
        if (!places.tryAcquire()) {
            router.shadowDropped();
            return;
        }
        try {
            pool.execute(() -> {
                Thread thread = Thread.currentThread();
                underWay.put(thread, ticker.getAsLong());
                try {
                    router.shadowed(candidate.get());
                } finally {
                    underWay.remove(thread);
                    places.release();
                    Thread.interrupted();
                }
            });
        } catch (RejectedExecutionException noThread) {
            places.release();
            router.shadowDropped();
        }
    }

    /** Interrupts the runs that take too long. */
    void checkDeadlines() {
        if (!underWay.isEmpty()) {
            long now = ticker.getAsLong();
            underWay.forEach((thread, since) -> {
                if (now - since > deadlineNanos) {
                    thread.interrupt();
                }
            });
        }
    }
}
