package io.github.rollback4j.rollout;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs foreign code one task after the other, each with a deadline, on the library's pool. A task that is late is
 * interrupted and given up; the next may begin. {@link #add} only queues, so that it may be called under a lock;
 * {@link #pump} starts what is due.
 */
final class Lane {

    static final int LONGEST_QUEUE = 10_000;

    /** Says that a task was given up before it had a thread: nothing of it has happened, and nothing will. */
    static final class NeverBeganException extends TimeoutException {
        private static final long serialVersionUID = 1;

        NeverBeganException(String message) {
            super(message);
        }
    }

    private final Executor pool;
    private final LongSupplier ticker;
    private final boolean waitsForLost;
    private final Deque<Task<?>> waiting = new ArrayDeque<>();
    private final Deque<Task<?>> dropped = new ArrayDeque<>();
    private @Nullable Task<?> active;
    private @Nullable Task<?> lost;
    private int lostTasks;
    private volatile boolean isInline;

    private final class Task<T> {
        final long deadlineNanos;
        final Callable<T> body;
        final BiConsumer<@Nullable T, @Nullable Throwable> then;
        long startedAt;
        boolean isBegun;
        boolean isDone;

        @Nullable
        Thread thread;

        /** Who is handing it to the pool at this moment. */
        volatile @Nullable Thread handedBy;

        Task(long deadlineNanos, Callable<T> body, BiConsumer<@Nullable T, @Nullable Throwable> then) {
            this.deadlineNanos = deadlineNanos;
            this.body = body;
            this.then = then;
        }

        void run() {
            synchronized (Lane.this) {
                if (isDone || isBegun) {
                    return;
                }
                isBegun = true;
                thread = Thread.currentThread();
                if (thread == handedBy) {
                    isInline = true;
                }
            }
            T result = null;
            Throwable thrown = null;
            try {
                result = body.call();
            } catch (Throwable failed) {
                thrown = failed;
            }
            boolean inTime;
            synchronized (Lane.this) {
                inTime = !isDone;
                thread = null;
                isDone = true;
                if (lost == this) {
                    lost = null;
                }
                if (!inTime) {
                    lostTasks--;
                }
            }
            // An interrupt meant for this task must not reach the next one on the same thread.
            Thread.interrupted();
            try {
                if (inTime) {
                    finish(result, thrown);
                }
            } finally {
                pump();
            }
        }

        void finish(@Nullable T result, @Nullable Throwable thrown) {
            try {
                then.accept(result, thrown);
            } finally {
                synchronized (Lane.this) {
                    if (active == this) {
                        active = null;
                    }
                }
            }
        }
    }

    /**
     * Creates a lane.
     *
     * @param waitsForLost whether further tasks are given up at once while one that was given up has not come back
     */
    Lane(Executor pool, LongSupplier ticker, boolean waitsForLost) {
        this.pool = pool;
        this.ticker = ticker;
        this.waitsForLost = waitsForLost;
    }

    /**
     * Queues a task. Where {@value #LONGEST_QUEUE} wait already, the one that waits longest is given up.
     *
     * @param then told once the result, or what was thrown: a {@link TimeoutException} for a task that was late (a {@link
     *     NeverBeganException} where it had not begun), in which case it is called on the thread that found out
     */
    synchronized <T> void add(Duration deadline, Callable<T> body, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        if (waiting.size() >= LONGEST_QUEUE) {
            dropped.addLast(waiting.removeFirst());
        }
        waiting.addLast(new Task<>(deadline.toNanos(), body, then));
    }

    synchronized boolean isIdle() {
        return active == null && waiting.isEmpty() && dropped.isEmpty() && lost == null;
    }

    /** Says whether a task that was given up still runs. */
    synchronized boolean hasLost() {
        return lostTasks > 0;
    }

    /** Starts the next task, if none is under way; those that cannot be started are given up. */
    void pump() {
        while (true) {
            Task<?> next;
            Throwable obstacle = null;
            synchronized (this) {
                if (!dropped.isEmpty()) {
                    next = dropped.removeFirst();
                    obstacle = new RejectedExecutionException("more than " + LONGEST_QUEUE + " others were waiting");
                } else if (active != null || waiting.isEmpty()) {
                    return;
                } else {
                    next = waiting.removeFirst();
                    next.startedAt = ticker.getAsLong();
                    active = next;
                    if (waitsForLost && lost != null) {
                        obstacle = new TimeoutException("an earlier task still hangs");
                    }
                }
            }
            if (obstacle == null) {
                try {
                    next.handedBy = Thread.currentThread();
                    pool.execute(next::run);
                    next.handedBy = null;
                    return;
                } catch (Throwable noThread) {
                    // Whatever it is, an error for want of memory too: the tick and the host's calls must go on.
                    obstacle = noThread;
                }
            }
            giveUp(next, obstacle);
        }
    }

    /** Says whether a pool runs tasks in the thread that hands them over, as it may in tests. */
    boolean isInline() {
        return isInline;
    }

    /** Runs in the caller's thread what is queued and what no thread has begun: where the pool has no other thread to do it. */
    void runHere() {
        while (true) {
            Task<?> next;
            synchronized (this) {
                if (active == null && !waiting.isEmpty() && !(waitsForLost && lost != null)) {
                    next = waiting.removeFirst();
                    next.startedAt = ticker.getAsLong();
                    active = next;
                } else if (active != null && !active.isBegun) {
                    next = active;
                } else {
                    return;
                }
            }
            next.run();
        }
    }

    /** Gives the task up that is late, and starts the next. */
    void checkDeadline() {
        Task<?> late;
        synchronized (this) {
            late = active;
            if (late == null || late.isDone || ticker.getAsLong() - late.startedAt < late.deadlineNanos) {
                return;
            }
        }
        try {
            giveUp(late, new TimeoutException("no answer within " + Duration.ofNanos(late.deadlineNanos)));
        } finally {
            pump();
        }
    }

    private void giveUp(Task<?> task, Throwable why) {
        Throwable told = why;
        synchronized (this) {
            if (task.isDone) {
                return;
            }
            task.isDone = true;
            if (task.thread != null) {
                lost = task;
                lostTasks++;
                task.thread.interrupt();
            } else if (why instanceof TimeoutException) {
                told = new NeverBeganException(String.valueOf(why.getMessage()));
            }
        }
        task.finish(null, told);
    }
}
