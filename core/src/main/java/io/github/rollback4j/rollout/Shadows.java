package io.github.rollback4j.rollout;

import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs the candidate beside stable, a few at a time and each for a bounded time; what is too much is dropped. */
final class Shadows {

    private static final int MOST_AT_A_TIME = 16;

    private final Executor pool;
    private final LongSupplier ticker;
    private final long deadlineNanos;
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME);
    private final Set<Run> underWay = ConcurrentHashMap.newKeySet();

    /** One run. Its monitor sees to it that no interrupt comes after its end. */
    private final class Run implements Runnable {
        private final Supplier<Outcome> candidate;
        private final Router router;
        private long since;
        private boolean isLate;
        private @Nullable Thread thread;

        Run(Supplier<Outcome> candidate, Router router) {
            this.candidate = candidate;
            this.router = router;
        }

        @Override
        public void run() {
            synchronized (this) {
                since = ticker.getAsLong();
                thread = Thread.currentThread();
            }
            underWay.add(this);
            try {
                Outcome outcome = candidate.get();
                router.shadowed(end() ? Outcome.FAILURE : outcome);
            } finally {
                end();
                underWay.remove(this);
                places.release();
                Thread.interrupted();
            }
        }

        /** Lets no more interrupts come, and says whether the run was late. */
        private synchronized boolean end() {
            thread = null;
            return isLate;
        }

        synchronized void checkDeadline(long now) {
            if (thread != null && now - since >= deadlineNanos) {
                isLate = true;
                thread.interrupt();
            }
        }
    }

    Shadows(Executor pool, LongSupplier ticker, long deadlineNanos) {
        this.pool = pool;
        this.ticker = ticker;
        this.deadlineNanos = deadlineNanos;
    }

    /** Begins a shadow run, if there is a place; never waits, and never throws. */
    void run(Supplier<Outcome> candidate, Router router) {
        if (!places.tryAcquire()) {
            router.shadowDropped();
            return;
        }
        try {
            pool.execute(new Run(candidate, router));
        } catch (Throwable noThread) {
            // Also an error for want of memory: it is the library's, and must not reach the host's call.
            places.release();
            router.shadowDropped();
        }
    }

    /** Interrupts the runs that take too long; they have failed. */
    void checkDeadlines() {
        if (!underWay.isEmpty()) {
            long now = ticker.getAsLong();
            underWay.forEach(run -> run.checkDeadline(now));
        }
    }
}
