package io.github.rollback4j.rollout;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a plan would see a candidate that fails five times as often as stable at all, at the traffic that the plan states:
 * whether the evidence that the planned calls yield on average, until the exposure ends, suffices. The forecast says more, and takes
 * longer.
 */
final class Detection {

    /** Whether it would be seen, and why, with the numbers. */
    record Outlook(boolean isSeen, String words) {}

    private static final double TIMES = 5;

    /** What is looked for where stable never fails. */
    private static final double RATE_FOR_NONE = .005;

    /** The library needs up to one half more than the best possible test, see docs/evidence.md. */
    private static final double RESERVE = 1.5;

    private static final double NANOS_A_SECOND = 1e9;

    private Detection() {}

    /** Returns what the plan would see; null where it states no traffic. */
    static @Nullable Outlook of(RollbackPlan plan) {
        double callsPerSecond = plan.demands().callsPerSecond();
        double stableRate = plan.demands().failureRate();
        if (Double.isNaN(callsPerSecond)) {
            return null;
        }
        ErrorRate signal = plan.errorRate();
        if (signal == null) {
            return new Outlook(false, "the plan watches no error rate");
        }
        double rate = stableRate > 0 ? Math.min(1, TIMES * stableRate) : RATE_FOR_NONE;
        Evidence.Margin margin = signal.margin();
        boolean isDeployed = plan.strategy().deployed() != null;
        if (isDeployed) {
            rate = Math.max(rate, Math.min(1, 2 * limit(margin, stableRate)));
        }
        String what = "a candidate that fails " + percent(rate) + " of its calls, stable " + percent(stableRate) + ", ";
        if (rate <= limit(margin, stableRate)) {
            return new Outlook(false, what + "is within what the plan tolerates");
        }
        double part = isDeployed || signal.keyedShare() == 0 ? 1 : signal.keyedShare();
        double needed = -Math.log(plan.falseRollbackRate() * plan.shareOf(signal) * part);
        double gained = gained(plan.strategy(), margin, callsPerSecond, stableRate, rate);
        if (Double.isInfinite(gained)) {
            return new Outlook(true, what + "is seen: the last step is held until it is");
        }
        boolean isSeen = gained >= RESERVE * needed;
        return new Outlook(
                isSeen,
                what
                        + String.format(
                                Locale.ROOT,
                                "yields evidence of 10^%.1f until the exposure ends, and 10^%.1f is needed, with a reserve"
                                        + " 10^%.1f",
                                gained / Math.log(10),
                                needed / Math.log(10),
                                RESERVE * needed / Math.log(10))
                        + (isSeen ? "" : "; longer steps or larger shares see it"));
    }

    private static double gained(
            RolloutStrategy strategy, Evidence.Margin margin, double callsPerSecond, double stableRate, double rate) {
        List<RolloutStrategy.Step> steps = strategy.steps();
        double gained = 0;
        for (int i = 0; i < steps.size(); i++) {
            RolloutStrategy.Step step = steps.get(i);
            if (strategy.deployed() != null) {
                double calls =
                        Math.max(callsPerSecond * step.bake().toNanos() / NANOS_A_SECOND, (double) step.leastCalls());
                gained += divergence(rate, limit(margin, stableRate)) * calls;
            }
            // With no share nothing is seen of the candidate, with all of it nothing of stable.
            if (step.share() > 0 && step.share() < 1) {
                double growth = Evidence.growth(margin, step.share(), stableRate, rate);
                if (i == steps.size() - 1 && !strategy.promotes() && growth > 0) {
                    return Double.POSITIVE_INFINITY;
                }
                double baking = callsPerSecond * step.bake().toNanos() / NANOS_A_SECOND;
                gained += growth * Math.max(baking, step.leastCalls() / step.share());
            }
        }
        return gained;
    }

    private static double limit(Evidence.Margin margin, double stableRate) {
        return margin.ratio() * stableRate + margin.difference();
    }

    /** Returns by how much the evidence that a rate is above a limit grows with each call, at best. */
    private static double divergence(double rate, double limit) {
        double ofGood = rate >= 1 ? 0 : (1 - rate) * Math.log((1 - rate) / (1 - limit));
        return rate * Math.log(rate / limit) + ofGood;
    }

    private static String percent(double part) {
        return BigDecimal.valueOf(100 * part)
                        .round(new MathContext(3))
                        .stripTrailingZeros()
                        .toPlainString()
                + " %";
    }
}
