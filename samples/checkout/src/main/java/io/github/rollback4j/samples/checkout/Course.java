package io.github.rollback4j.samples.checkout;

import static io.github.rollback4j.strategy.RolloutStrategy.canary;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.time.Duration;
import java.util.List;

/**
 * How a release is rolled out. All instances of the service are given the same.
 *
 * @param stable the version that serves
 * @param candidate the version that is to serve
 * @param mode who acts on a regression
 * @param shares of the customers that get the candidate step by step, in percent, growing
 * @param stepSeconds how long each step takes at least
 * @param lastStepSeconds how long the last one does
 * @param promoted whether the candidate gets all customers after the last step; else it stays there
 */
public record Course(
        String stable,
        String candidate,
        Mode mode,
        List<Double> shares,
        int stepSeconds,
        int lastStepSeconds,
        boolean promoted) {

    private static final long LEAST_CALLS = 10;
    private static final Duration ROLLBACK_WINDOW = Duration.ofSeconds(3);

    /** Returns the course as rollback4j knows it. */
    public RolloutStrategy strategy() {
        int last = shares.size() - 1;
        RolloutStrategy lastStep = canary(shares.get(last)).bake(Duration.ofSeconds(lastStepSeconds));
        RolloutStrategy end = promoted
                ? lastStep.leastCalls(LEAST_CALLS).thenPromote().rollbackWindow(ROLLBACK_WINDOW)
                : lastStep.thenHold();
        if (last == 0) {
            return end;
        }
        double[] before =
                shares.stream().limit(last).mapToDouble(share -> share).toArray();
        return canary(before)
                .bake(Duration.ofSeconds(stepSeconds))
                .leastCalls(LEAST_CALLS)
                .then(end);
    }
}
