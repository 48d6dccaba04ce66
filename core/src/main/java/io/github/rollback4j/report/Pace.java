package io.github.rollback4j.report;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.report.Forecast.Traffic;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.util.List;

/** How long the steps of a strategy last at a given traffic. */
final class Pace {

    private static final double NANOS_A_SECOND = 1e9;

    private static final double MOST_CALLS = 1e12;
    private static final double PRECISION = 1.01;

    private final RolloutStrategy strategy;
    private final Traffic traffic;

    Pace(RolloutStrategy strategy, Traffic traffic) {
        this.strategy = strategy;
        this.traffic = traffic;
    }

    /** Returns how long a step lasts that the evidence does not end; without an end where the candidate gets no call. */
    double bakedSeconds(int step) {
        RolloutStrategy.Step of = strategy.steps().get(step);
        double bake = of.bake().toNanos() / NANOS_A_SECOND;
        return of.leastCalls() == 0 ? bake : Math.max(bake, of.leastCalls() / (traffic.callsPerSecond() * of.share()));
    }

    /** Returns how long a step lasts for a candidate that fails as often as stable. */
    double healthySeconds(int step) {
        double baked = bakedSeconds(step);
        RolloutStrategy.Early early = strategy.early();
        List<RolloutStrategy.Step> steps = strategy.steps();
        RolloutStrategy.Step of = steps.get(step);
        if (early == null
                || step == steps.size() - 1
                || of.share() <= 0
                || of.share() > RolloutStrategy.Early.MOST_SHARE) {
            return baked;
        }
        double evidence = calls(step, early.harm() / steps.get(step + 1).share()) / traffic.callsPerSecond();
        double least = of.leastCalls() / (traffic.callsPerSecond() * of.share());
        return Math.min(baked, Math.max(Math.max(early.notBefore().toNanos() / NANOS_A_SECOND, least), evidence));
    }

    /** Returns after how many calls, of as many keys where there are keys, the excess is bounded by this. */
    private double calls(int step, double excess) {
        double before =
                traffic.keyed() && step > 0 ? strategy.steps().get(step - 1).share() : 0;
        double share = strategy.steps().get(step).share();
        if (share <= before) {
            return Double.POSITIVE_INFINITY;
        }
        double weight = (share - before) / (1 - before);
        double high = 1;
        while (high < MOST_CALLS && bound(weight, high) > excess) {
            high *= 2;
        }
        double low = high / 2;
        while (high / low > PRECISION) {
            double middle = Math.sqrt(low * high);
            if (bound(weight, middle) > excess) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high >= MOST_CALLS ? Double.POSITIVE_INFINITY : high / (1 - before);
    }

    /** Returns the bound on the excess after so many calls that go and fail as is expected. */
    private double bound(double weight, double calls) {
        long candidate = Math.round(weight * calls);
        long stable = Math.round((1 - weight) * calls);
        return Evidence.highestExcess(
                ErrorRate.FALSE_PROMOTION_RATE,
                weight,
                stable,
                Math.round(traffic.failureRate() * stable),
                candidate,
                Math.round(traffic.failureRate() * candidate));
    }
}
