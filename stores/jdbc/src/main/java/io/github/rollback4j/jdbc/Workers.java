package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs what waits for a database on a few threads of the store's own, so that whoever asks gets an answer in time, or may be
 * interrupted, whatever a driver or a pool does. What is given up ends by itself, and is not made final where that can still be
 * avoided.
 */
final class Workers implements AutoCloseable {

    private static final int MOST_WAITING = 1_000;
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor pool;
    private final long timeoutNanos;
    private final LongSupplier ticker;
    private final BooleanSupplier mayBeInterrupted;

    /** One thing that is to be done, until its time is over. */
    final class Task {
        private final long deadline;
        private volatile boolean isGivenUp;

        private Task(long timeoutNanos) {
            this.deadline = ticker.getAsLong() + timeoutNanos;
        }

        /** Returns the time that is left; zero where there is none, or nobody waits any more. */
        Duration remaining() {
            return isGivenUp ? Duration.ZERO : Duration.ofNanos(Math.max(0, deadline - ticker.getAsLong()));
        }

        boolean isOver() {
            return remaining().isZero();
        }
    }

    /** What is to be done. */
    interface Body<T extends @Nullable Object> {
        T run(Task task) throws Exception;
    }

    Workers(
            int threads,
            Duration timeout,
            ThreadFactory factory,
            LongSupplier ticker,
            BooleanSupplier mayBeInterrupted) {
        this.timeoutNanos = timeout.toNanos();
        this.ticker = ticker;
        this.mayBeInterrupted = mayBeInterrupted;
        this.pool = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), factory);
        pool.allowCoreThreadTimeOut(true);
    }

    /**
     * Does something and waits for it.
     *
     * @param what it is, in words that follow "could not"
     * @throws RollbackException if it fails, takes too long, or the waiting thread is interrupted, whose flag stays set
     */
    <T extends @Nullable Object> T run(String what, Body<T> body) {
        return run(what, Duration.ofNanos(timeoutNanos), body);
    }

    /** Does something that may take another time, and waits for it. */
    <T extends @Nullable Object> T run(String what, Duration timeout, Body<T> body) {
        if (Thread.currentThread().isInterrupted()) {
            // Else it would hang on which thread is faster.
            throw new RollbackException("could not " + what + ": interrupted");
        }
        Task task = new Task(timeout.toNanos());
        FutureTask<T> future = new FutureTask<>(() -> body.run(task));
        try {
            pool.execute(future);
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException full) {
            throw new RollbackException("could not " + what + ": "
                    + (pool.isShutdown() ? "the store is closed" : "too much waits for the database already"));
        } catch (TimeoutException late) {
            giveUp(task, future);
            throw new RollbackException("could not " + what + " within " + timeout + ": the database is late");
        } catch (InterruptedException interrupted) {
            giveUp(task, future);
            Thread.currentThread().interrupt();
            throw new RollbackException("could not " + what + ": interrupted");
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof RollbackException told) {
                throw told;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            // Its message may hold what nobody is to read, such as the URL of a pool that could not be set up.
            throw new RollbackException("could not " + what + ": "
                    + (cause == null ? failed : cause).getClass().getName());
        }
    }

    private void giveUp(Task task, FutureTask<?> future) {
        task.isGivenUp = true;
        future.cancel(mayBeInterrupted.getAsBoolean());
    }

    /** Does something once there is a thread for it, without waiting; it says itself how it went. */
    void later(Body<?> body) {
        Task task = new Task(timeoutNanos);
        try {
            pool.execute(new FutureTask<>(() -> body.run(task)));
        } catch (RejectedExecutionException busy) {
            // Another time.
        }
    }

    /** Takes nothing more, and waits a little for what is under way. */
    @Override
    public void close() {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(timeoutNanos, TimeUnit.NANOSECONDS) && mayBeInterrupted.getAsBoolean()) {
                pool.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
