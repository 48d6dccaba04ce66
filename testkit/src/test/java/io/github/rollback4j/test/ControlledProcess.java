package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A process of its own, in real time, that says which break-glass controls reach it from outside. */
final class ControlledProcess {

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private ControlledProcess() {}

    public static void main(String[] arguments) {
        try (Rollouts rollouts = Rollouts.create()) {
            Rollout rollout = rollouts.start(RollbackPlan.from(Release.of("checkout", "1.4.2"))
                    .to(Release.of("checkout", "1.5.0"))
                    .strategy(canary(50))
                    .watch(errorRate())
                    .build());
            long began = System.nanoTime();
            while (!rollout.status().allToStable() && System.nanoTime() - began < LONGEST.toNanos()) {
                LockSupport.parkNanos(10_000_000);
            }
            System.out.println(
                    rollout.status().allToStable() + " " + rollout.status().automationOff());
        }
    }
}
