package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LaneTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
    private final Deque<Runnable> queued = new ArrayDeque<>();
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    private Lane lane(boolean waitsForLost) {
        return new Lane(queued::add, nanos::get, waitsForLost);
    }

    private void runQueued() {
        for (Runnable next = queued.poll(); next != null; next = queued.poll()) {
            next.run();
        }
    }

    private void add(Lane lane, String name) {
        lane.add(SECOND, () -> log.add("run " + name), (result, thrown) -> note(name, thrown));
    }

    private void note(String name, Throwable thrown) {
        log.add(name + ": " + (thrown == null ? "done" : thrown.getClass().getSimpleName()));
    }

    @Nested
    class OnOneThread {

        @Test
        void pump_severalTasks_runOneAfterTheOther() {
            Lane lane = lane(true);
            add(lane, "a");
            add(lane, "b");
            assertThat(log).as("add only queues").isEmpty();
            lane.pump();
            lane.pump();
            assertThat(queued).as("one at a time").hasSize(1);
            runQueued();
            assertThat(log).containsExactly("run a", "a: done", "run b", "b: done");
            assertThat(lane.isIdle()).isTrue();
        }

        @Test
        void then_throws_theNextRunsAllTheSame() {
            Lane lane = lane(true);
            lane.add(SECOND, () -> true, (ok, thrown) -> {
                throw new IllegalStateException("a bug");
            });
            add(lane, "b");
            lane.pump();
            assertThatThrownBy(LaneTest.this::runQueued).hasMessage("a bug");
            runQueued();
            assertThat(log).containsExactly("run b", "b: done");
        }

        @Test
        void then_addsAnother_itRuns() {
            Lane lane = lane(true);
            lane.add(SECOND, () -> true, (ok, thrown) -> add(lane, "b"));
            lane.pump();
            runQueued();
            assertThat(log).containsExactly("run b", "b: done");
        }

        @Test
        void task_throwsAnError_thenIsTold() {
            Lane lane = lane(true);
            lane.add(
                    SECOND,
                    () -> {
                        throw new NoClassDefFoundError("gone");
                    },
                    (ok, thrown) -> note("a", thrown));
            lane.pump();
            runQueued();
            assertThat(log).containsExactly("a: NoClassDefFoundError");
        }

        @Test
        void checkDeadline_beforeTheTaskBegan_itNeverRuns() {
            Lane lane = lane(true);
            add(lane, "a");
            lane.pump();
            nanos.addAndGet(999_999_999);
            lane.checkDeadline();
            assertThat(log).isEmpty();
            nanos.addAndGet(1);
            lane.checkDeadline();
            lane.checkDeadline();
            runQueued();
            assertThat(log).containsExactly("a: NeverBeganException");
            assertThat(lane.isIdle()).isTrue();
        }

        @Test
        void hasLost_whatWasGivenUpAndStillRuns_untilItEnds() {
            Lane lane = lane(false);
            lane.add(
                    SECOND,
                    () -> {
                        nanos.addAndGet(2_000_000_000L);
                        lane.checkDeadline();
                        assertThat(lane.hasLost()).isTrue();
                        return true;
                    },
                    (ok, thrown) -> note("a", thrown));
            lane.pump();
            assertThat(lane.hasLost()).isFalse();
            runQueued();
            assertThat(log).containsExactly("a: TimeoutException");
            assertThat(lane.hasLost()).isFalse();
        }

        @Test
        void runHere_whatWaitsAndWhatNoThreadHasBegun_runsOnce() {
            Lane lane = lane(true);
            add(lane, "a");
            add(lane, "b");
            lane.pump();
            assertThat(log).as("the pool has it, and has not begun").isEmpty();
            lane.runHere();
            assertThat(log).containsExactly("run a", "a: done", "run b", "b: done");
            runQueued();
            assertThat(log).as("once each").hasSize(4);
            assertThat(lane.isInline()).as("the pool ran none of them here").isFalse();
        }

        @Test
        void isInline_poolThatRunsTasksInTheThreadThatHandsThemOver_isTrue() {
            Lane lane = new Lane(Runnable::run, nanos::get, true);
            assertThat(lane.isInline()).isFalse();
            add(lane, "a");
            lane.pump();
            assertThat(lane.isInline()).isTrue();
        }

        @Test
        void isInline_threadThatHandsOverAndRunsLater_isFalse() {
            Lane lane = lane(true);
            add(lane, "a");
            lane.pump();
            runQueued();
            assertThat(log).containsExactly("run a", "a: done");
            assertThat(lane.isInline()).isFalse();
        }

        @Test
        void add_moreThanTheLongestQueue_theOldestIsTold() {
            Lane lane = lane(true);
            add(lane, "oldest");
            for (int i = 0; i < Lane.LONGEST_QUEUE; i++) {
                lane.add(SECOND, () -> true, (ok, thrown) -> {});
            }
            assertThat(log).as("add only queues").isEmpty();
            lane.pump();
            assertThat(log).containsExactly("oldest: RejectedExecutionException");
        }

        @Test
        @Tag("R-6")
        void pump_rejectingPool_allAreToldAndTheStackHolds() {
            AtomicBoolean rejects = new AtomicBoolean(true);
            Lane lane = new Lane(
                    task -> {
                        if (rejects.get()) {
                            throw new RejectedExecutionException("full");
                        }
                        queued.add(task);
                    },
                    nanos::get,
                    true);
            AtomicInteger told = new AtomicInteger();
            for (int i = 0; i < Lane.LONGEST_QUEUE; i++) {
                lane.add(SECOND, () -> true, (ok, thrown) -> {
                    assertThat(thrown).isInstanceOf(RejectedExecutionException.class);
                    told.incrementAndGet();
                });
            }
            lane.pump();
            assertThat(told).hasValue(Lane.LONGEST_QUEUE);

            rejects.set(false);
            add(lane, "a");
            lane.pump();
            runQueued();
            assertThat(log).containsExactly("run a", "a: done");
        }

        @Test
        @Tag("R-6")
        void pump_noMemoryForAThread_isToldAndHurtsNobody() {
            Lane lane = new Lane(
                    task -> {
                        throw new InternalError("unable to create native thread");
                    },
                    nanos::get,
                    true);
            add(lane, "a");
            lane.pump();
            assertThat(log).containsExactly("a: InternalError");
            assertThat(lane.isIdle()).isTrue();
        }
    }

    @Nested
    class OnThreads {

        private final ExecutorService pool = Executors.newCachedThreadPool();
        private final CountDownLatch began = new CountDownLatch(1);
        private final CountDownLatch never = new CountDownLatch(1);

        @AfterEach
        void stop() {
            never.countDown();
            pool.shutdownNow();
        }

        private void addHanging(Lane lane) {
            lane.add(
                    SECOND,
                    () -> {
                        began.countDown();
                        boolean hangs = true;
                        while (hangs) {
                            try {
                                never.await();
                                hangs = false;
                            } catch (InterruptedException ignored) {
                                log.add("interrupted");
                            }
                        }
                        return true;
                    },
                    (ok, thrown) -> note("hanging", thrown));
        }

        private void giveUp(Lane lane) throws InterruptedException {
            lane.pump();
            began.await();
            nanos.addAndGet(SECOND.toNanos());
            lane.checkDeadline();
        }

        private void addAndAwait(Lane lane, String name) throws InterruptedException {
            CountDownLatch told = new CountDownLatch(1);
            lane.add(SECOND, () -> log.add("run " + name), (ok, thrown) -> {
                note(name, thrown);
                told.countDown();
            });
            lane.pump();
            told.await();
        }

        @Test
        void checkDeadline_hangingTask_isInterruptedAndGivenUp() throws InterruptedException {
            Lane lane = new Lane(pool, nanos::get, false);
            CountDownLatch interrupted = new CountDownLatch(1);
            lane.add(
                    SECOND,
                    () -> {
                        began.countDown();
                        try {
                            never.await();
                        } catch (InterruptedException expected) {
                            interrupted.countDown();
                        }
                        return true;
                    },
                    (ok, thrown) -> note("hanging", thrown));
            giveUp(lane);
            interrupted.await();
            assertThat(log).containsExactly("hanging: TimeoutException");
        }

        @Test
        void pump_whileOneIsLost_furtherOnesAreGivenUp_untilItComesBack() throws InterruptedException {
            Lane lane = new Lane(pool, nanos::get, true);
            addHanging(lane);
            giveUp(lane);
            addAndAwait(lane, "b");
            assertThat(log).contains("b: NeverBeganException").doesNotContain("run b");
            assertThat(lane.isIdle()).isFalse();

            never.countDown();
            while (!lane.isIdle()) {
                Thread.onSpinWait();
            }
            addAndAwait(lane, "c");
            assertThat(log).contains("c: done").containsOnlyOnce("hanging: TimeoutException");
        }

        @Test
        void pump_whileOneIsLost_furtherOnesRun_whereTheLaneDoesNotWait() throws InterruptedException {
            Lane lane = new Lane(pool, nanos::get, false);
            addHanging(lane);
            giveUp(lane);
            addAndAwait(lane, "b");
            assertThat(log).contains("b: done");
        }

        @Test
        void interrupt_doesNotReachTheNextTaskOnTheSameThread() throws Exception {
            ExecutorService one = Executors.newSingleThreadExecutor();
            try {
                Lane lane = new Lane(one, nanos::get, false);
                lane.add(
                        SECOND,
                        () -> {
                            began.countDown();
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.onSpinWait();
                            }
                            return true;
                        },
                        (ok, thrown) -> {});
                giveUp(lane);
                assertThat(one.submit(() -> Thread.currentThread().isInterrupted())
                                .get())
                        .isFalse();
            } finally {
                one.shutdownNow();
            }
        }

        @Test
        void then_deadlineAndEndMeet_isToldExactlyOnce() throws Exception {
            int tasks = 2_000;
            AtomicIntegerArray told = new AtomicIntegerArray(tasks);
            AtomicInteger meantForAnother = new AtomicInteger();
            // Not a pool of the JDK's: these clear interrupts themselves.
            Queue<Runnable> handedOver = new ConcurrentLinkedQueue<>();
            AtomicBoolean stopped = new AtomicBoolean();
            Thread worker = new Thread(() -> {
                while (!stopped.get()) {
                    Runnable next = handedOver.poll();
                    if (next != null) {
                        next.run();
                    }
                }
            });
            worker.start();
            Lane lane = new Lane(handedOver::add, nanos::get, false);
            for (int i = 0; i < tasks; i++) {
                int task = i;
                lane.add(
                        Duration.ofNanos(5),
                        () -> {
                            boolean before = Thread.currentThread().isInterrupted();
                            // Every other is late, and ends about when that is found out; the next comes in time.
                            if (task % 2 == 1) {
                                nanos.addAndGet(10);
                                for (int spin = 0; spin < 300; spin++) {
                                    Thread.onSpinWait();
                                }
                            }
                            return before;
                        },
                        (interrupted, thrown) -> {
                            assertThat(thrown == null || thrown instanceof TimeoutException)
                                    .isTrue();
                            // Whoever was interrupted and yet came in time was not the one who was given up.
                            meantForAnother.addAndGet(Boolean.TRUE.equals(interrupted) ? 1 : 0);
                            told.incrementAndGet(task);
                        });
            }
            lane.pump();
            while (!lane.isIdle()) {
                lane.checkDeadline();
            }
            stopped.set(true);
            worker.join();
            for (int i = 0; i < tasks; i++) {
                assertThat(told.get(i)).as("task %d", i).isEqualTo(1);
            }
            assertThat(meantForAnother).as("an interrupt meant for another").hasValue(0);
        }
    }
}
