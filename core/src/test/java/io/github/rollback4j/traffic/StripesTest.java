package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StripesTest {

    private static final int COUNTERS = 4;

    @Test
    void mine_sameThread_isTheSameStripe() {
        Stripes stripes = new Stripes(COUNTERS, 2);
        assertThat(stripes.mine()).isSameAs(stripes.mine());
    }

    @Test
    void increment_oneThread_countsThatCounter() {
        Stripes stripes = new Stripes(COUNTERS, 1);
        stripes.mine().increment(3);
        stripes.mine().increment(3);
        assertThat(sums(stripes)).containsExactly(0, 0, 0, 2);
    }

    @Test
    void addTo_everySecondCounter_leavesTheOthers() {
        Stripes stripes = new Stripes(COUNTERS, 1);
        for (int i = 0; i < COUNTERS; i++) {
            stripes.mine().increment(i);
        }
        int[] sums = {7, 7, 7, 7};
        stripes.addTo(sums, 1, 4, 2);
        assertThat(sums).containsExactly(7, 8, 7, 8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void increment_moreThreadsThanStripes_losesNothing(int cores) throws InterruptedException {
        Stripes stripes = new Stripes(COUNTERS, cores);
        run(16, 20_000, stripes);
        assertThat(sums(stripes)).containsExactly(80_000, 80_000, 80_000, 80_000);
    }

    @Test
    void reclaim_threadsEndAndOthersBegin_losesNothing() throws InterruptedException {
        Stripes stripes = new Stripes(COUNTERS, 2);
        Thread reclaimer = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                stripes.reclaim();
                Thread.onSpinWait();
            }
        });
        reclaimer.start();
        for (int round = 0; round < 100; round++) {
            run(4, 1000, stripes);
        }
        reclaimer.interrupt();
        reclaimer.join();
        assertThat(sums(stripes)).containsExactly(100_000, 100_000, 100_000, 100_000);
    }

    @Test
    void reclaim_ownerEnded_givesItsStripeToAnother() throws InterruptedException {
        Stripes stripes = new Stripes(COUNTERS, 1);
        Stripes.Stripe[] seen = new Stripes.Stripe[3];
        join(new Thread(() -> seen[0] = stripes.mine()));
        join(new Thread(() -> seen[1] = stripes.mine()));
        stripes.reclaim();
        join(new Thread(() -> seen[2] = stripes.mine()));
        assertThat(seen[1]).as("the owner's stripe before it is reclaimed").isNotSameAs(seen[0]);
        assertThat(seen[2]).isSameAs(seen[0]);
    }

    @Test
    void reclaim_ownerAlive_leavesItsStripe() throws InterruptedException {
        Stripes stripes = new Stripes(COUNTERS, 1);
        Stripes.Stripe mine = stripes.mine();
        stripes.reclaim();
        Stripes.Stripe[] other = new Stripes.Stripe[1];
        join(new Thread(() -> other[0] = stripes.mine()));
        assertThat(other[0]).isNotSameAs(mine);
        assertThat(stripes.mine()).isSameAs(mine);
    }

    @Test
    void increment_virtualThreads_losesNothing() throws Exception {
        ExecutorService executor;
        try {
            executor = (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException before21) {
            Assumptions.abort("no virtual threads on this JDK");
            return;
        }
        Stripes stripes = new Stripes(COUNTERS, 2);
        for (int i = 0; i < 1000; i++) {
            executor.execute(() -> {
                for (int n = 0; n < 100; n++) {
                    stripes.mine().increment(n % COUNTERS);
                    if (n % 10 == 0) {
                        Thread.yield();
                    }
                }
            });
        }
        executor.shutdown();
        assertThat(executor.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(sums(stripes)).containsExactly(25_000, 25_000, 25_000, 25_000);
    }

    @Test
    void router_manyThreadsEnterHereAndExitThere_losesNothing() throws InterruptedException {
        TestTraffic traffic = new TestTraffic().expose(0.25);
        int threads = 8;
        int calls = 10_000;
        long[][] tickets = new long[threads][calls];
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int mine = t;
            all.add(new Thread(() -> {
                for (int i = 0; i < calls; i++) {
                    tickets[mine][i] = traffic.router.enter("customer-" + mine + "-" + i);
                }
            }));
        }
        startAndJoin(all);
        all.clear();
        traffic.read();
        assertThat(traffic.livePending(true, Arm.STABLE) + traffic.livePending(true, Arm.CANDIDATE))
                .isEqualTo(threads * calls);
        for (int t = 0; t < threads; t++) {
            int others = (t + 1) % threads;
            all.add(new Thread(() -> {
                for (int i = 0; i < calls; i++) {
                    traffic.router.exitAfter(tickets[others][i], 1, i % 10 == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
                }
            }));
        }
        startAndJoin(all);
        Tally.Totals totals = traffic.read().tally.totals();
        assertThat(totals.stableCalls() + totals.candidateCalls()).isEqualTo(threads * calls);
        assertThat(totals.stableFailures() + totals.candidateFailures()).isEqualTo(threads * calls / 10);
        assertThat(totals.stablePending() + totals.candidatePending()).isZero();
        assertThat(traffic.liveFirstFailures(0, Arm.STABLE) + traffic.liveFirstFailures(0, Arm.CANDIDATE))
                .isEqualTo(threads * calls / 10);
    }

    private static void run(int threads, int times, Stripes stripes) throws InterruptedException {
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            all.add(new Thread(() -> {
                for (int i = 0; i < times; i++) {
                    stripes.mine().increment(i % COUNTERS);
                }
            }));
        }
        startAndJoin(all);
    }

    private static void startAndJoin(List<Thread> threads) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(threads.size());
        for (Thread thread : threads) {
            thread.start();
            started.countDown();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void join(Thread thread) throws InterruptedException {
        thread.start();
        thread.join();
    }

    private static int[] sums(Stripes stripes) {
        int[] sums = new int[COUNTERS];
        stripes.addTo(sums, 0, COUNTERS, 1);
        return sums;
    }
}
