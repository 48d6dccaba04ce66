package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.ReleasePair;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CallPathTest {

    private static final int CALLS = 200_000;

    @Test
    @Tag("R-9")
    void call_severalRoundsOfCalls_allocatesNothing() {
        try (Rollouts rollouts = Rollouts.create()) {
            Rollout rollout = rollouts.start(RollbackPlan.from(Release.of("checkout", "1"))
                    .to(Release.of("checkout", "2"))
                    .strategy(canary(50).bake(Duration.ofHours(1)))
                    .watch(errorRate())
                    .build());
            ReleasePair<String> pair = rollout.between("stable", "candidate");
            String[] keys = new String[64];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = "user-" + i;
            }
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 5; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                int length = calls(rollout, pair, keys);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                assertThat(length).isPositive();
            }
            assertThat(least).as("bytes in %d calls", 3 * CALLS).isLessThan(1_000);
        }
    }

    private static int calls(Rollout rollout, ReleasePair<String> pair, String[] keys) {
        int length = 0;
        for (int i = 0; i < CALLS; i++) {
            length += pair.call(keys[i & 63], String::length);
            length += rollout.call(keys[i & 63], () -> 1, () -> 2);
            length += rollout.call(() -> 1, () -> 2);
        }
        return length;
    }
}
