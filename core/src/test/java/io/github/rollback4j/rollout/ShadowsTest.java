package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import io.github.rollback4j.traffic.Router;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ShadowsTest {

    private static final long DEADLINE = 1_000_000_000L;
    private static final OutcomeRules RULES = OutcomeRules.defaults();

    private final AtomicLong nanos = new AtomicLong();
    private final Router router = new Router(
            new Router.Settings("0".repeat(32), Audience.everyone(), 1, 64, DEADLINE, 1, nanos::get, null), () -> {});
    private final Deque<Runnable> queued = new ArrayDeque<>();
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void stop() {
        never.countDown();
        pool.shutdownNow();
    }

    private static Object failed() {
        throw new IllegalStateException("failed");
    }

    private static Object cancelled() {
        throw new CancellationException("cancelled");
    }

    @Test
    void run_outcomes_areCountedApart() {
        Shadows shadows = new Shadows(Runnable::run, nanos::get, DEADLINE, null);
        shadows.run(() -> "done", RULES, router);
        shadows.run(ShadowsTest::failed, RULES, router);
        shadows.run(ShadowsTest::failed, RULES, router);
        shadows.run(ShadowsTest::cancelled, RULES, router);
        assertThat(router.shadows()).containsExactly(1, 2, 0);
    }

    @Test
    void run_moreThanSixteenAtATime_areDropped() {
        Shadows shadows = new Shadows(queued::add, nanos::get, DEADLINE, null);
        for (int i = 0; i < 20; i++) {
            shadows.run(() -> "done", RULES, router);
        }
        assertThat(queued).hasSize(16);
        assertThat(router.shadows()).containsExactly(0, 0, 4);

        queued.forEach(Runnable::run);
        queued.clear();
        shadows.run(() -> "done", RULES, router);

        assertThat(queued).as("places are free again").hasSize(1);
    }

    @Test
    @Tag("R-6")
    void run_poolRejectsOrHasNoMemory_isDroppedAndKeepsNoPlace() {
        AtomicInteger tries = new AtomicInteger();
        Shadows shadows = new Shadows(
                task -> {
                    if (tries.getAndIncrement() % 2 == 0) {
                        throw new RejectedExecutionException("full");
                    }
                    throw new InternalError("unable to create native thread");
                },
                nanos::get,
                DEADLINE,
                null);
        for (int i = 0; i < 40; i++) {
            shadows.run(() -> "done", RULES, router);
        }
        assertThat(tries).as("no place is lost").hasValue(40);
        assertThat(router.shadows()).containsExactly(0, 0, 40);
    }

    @Test
    void checkDeadlines_late_isInterruptedAndHasFailed() throws InterruptedException {
        Shadows shadows = new Shadows(pool, nanos::get, DEADLINE, null);
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        shadows.run(
                () -> {
                    began.countDown();
                    try {
                        never.await();
                    } catch (InterruptedException expected) {
                        ended.countDown();
                    }
                    return cancelled();
                },
                RULES,
                router);
        began.await();
        nanos.addAndGet(DEADLINE - 1);
        shadows.checkDeadlines();
        assertThat(ended.getCount()).isEqualTo(1);
        nanos.addAndGet(1);
        shadows.checkDeadlines();
        ended.await();
        while (router.shadows()[1] == 0) {
            Thread.onSpinWait();
        }
        assertThat(router.shadows()).containsExactly(0, 1, 0);
    }

    /** The deadline finds a run late just as it ends: its thread may do something else by then. */
    @Test
    void checkDeadlines_whileRunsEnd_interruptsNoOtherTask() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        try {
            AtomicInteger leaked = new AtomicInteger();
            AtomicInteger done = new AtomicInteger();
            Shadows shadows = new Shadows(
                    task -> one.execute(() -> {
                        task.run();
                        for (int i = 0; i < 20; i++) {
                            leaked.addAndGet(Thread.interrupted() ? 1 : 0);
                        }
                        done.incrementAndGet();
                    }),
                    nanos::get,
                    0,
                    null);
            int runs = 0;
            while (done.get() < 3_000) {
                if (runs - done.get() < 8) {
                    shadows.run(() -> "done", RULES, router);
                    runs++;
                }
                shadows.checkDeadlines();
            }
            assertThat(leaked).hasValue(0);
        } finally {
            one.shutdownNow();
        }
    }
}
