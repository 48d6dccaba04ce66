package io.github.rollback4j.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.UUID;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("R-9")
class RouterAllocationTest {

    private static final int CALLS = 1_000_000;
    private static final long TOLERATED_BYTES = 512;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final TestTraffic traffic = new TestTraffic(Audience.everyone(), 4, 1000, TestTraffic.SECONDS, null);
    private final Router router = traffic.router;

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05, 0.5, 1})
    void enterAndExit_millionCalls_allocatesNothing(double share) {
        traffic.expose(share);
        String[] strings = new String[64];
        UUID[] uuids = new UUID[64];
        for (int i = 0; i < 64; i++) {
            strings[i] = "customer-" + i;
            uuids[i] = new UUID(i, i);
        }
        assertThat(allocated(i -> router.enter(strings[i & 63]))).as("String").isLessThan(TOLERATED_BYTES);
        assertThat(allocated(i -> router.enter((long) i))).as("long").isLessThan(TOLERATED_BYTES);
        assertThat(allocated(i -> router.enter(uuids[i & 63]))).as("UUID").isLessThan(TOLERATED_BYTES);
        assertThat(allocated(i -> router.enter())).as("no key").isLessThan(TOLERATED_BYTES);
    }

    @Test
    void route_millionCalls_allocatesNothing() {
        traffic.expose(0.5);
        assertThat(allocated(i -> router.route(i).ordinal())).isLessThan(TOLERATED_BYTES);
        assertThat(allocated(i -> router.route("customer").ordinal())).isLessThan(TOLERATED_BYTES);
    }

    @Test
    void exit_failures_allocateNothing() {
        traffic.expose(0.5);
        failCalls(20_000);
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        failCalls(CALLS / 10);
        assertThat(threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before)
                .isLessThan(TOLERATED_BYTES);
    }

    @Test
    void enterAndExit_everythingCompared_allocatesNothing() {
        TestTraffic comparing = new TestTraffic(
                Audience.everyone(),
                1,
                1000,
                TestTraffic.SECONDS,
                new Router.Compared(
                        1.1,
                        TestTraffic.SECONDS,
                        1 << 16,
                        List.of(
                                new Router.Metric("order", false, 1, TestTraffic.SECONDS),
                                new Router.Metric("revenue", true, 1, TestTraffic.SECONDS))),
                null);
        Router all = comparing.router;
        comparing.expose(.25).expose(.5);
        callAll(all, 0, 20_000);
        comparing.live(5 * TestTraffic.SECONDS);
        callAll(all, 20_000, 20_000);
        long compared = all.enter() & Ticket.COMPARED;
        assertThat(compared).isNotZero();
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        callAll(all, 40_000, CALLS / 4);
        assertThat(threads.getThreadAllocatedBytes(thread) - before).isLessThan(TOLERATED_BYTES);
    }

    /** Begins, ends and records of fresh keys, known keys and calls without a key, on both releases. */
    private static void callAll(Router router, int from, int calls) {
        Outcome[] outcomes = Outcome.values();
        for (int i = from; i < from + calls; i++) {
            long ticket = (i & 3) == 0 ? router.enter() : router.enter((long) (i & ~7));
            router.exitAfter(ticket, i, outcomes[i >> 2 & 3]);
            router.record(ticket, 0, 1);
            router.record(ticket, 1, i);
        }
    }

    private void failCalls(int calls) {
        for (int i = 0; i < calls; i++) {
            router.exitAfter(router.enter((long) i), i, Outcome.FAILURE);
        }
    }

    private long allocated(IntToLongFunction enter) {
        calls(enter, 20_000);
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        calls(enter, CALLS);
        return threads.getThreadAllocatedBytes(thread) - before;
    }

    private void calls(IntToLongFunction enter, int calls) {
        for (int i = 0; i < calls; i++) {
            router.exit(enter.applyAsLong(i), 0, Outcome.SUCCESS);
        }
    }
}
