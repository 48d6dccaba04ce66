package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.util.List;

/**
 * A signal that is watched in a rollout.
 *
 * @param share which part of the rollout's false-rollback rate it spends
 */
record Watched(FailureSignal.Comparative signal, double share) {

    /** Returns signals each of which is judged as if it were the only one, over the same calls. */
    static List<Watched> eachAlone(List<? extends FailureSignal.Comparative> signals) {
        return signals.stream().map(signal -> new Watched(signal, 1)).toList();
    }

    /** Returns signals that share the rate as those of a plan do. */
    static List<Watched> together(List<? extends FailureSignal.Comparative> signals) {
        RollbackPlan.Builder builder = RollbackPlan.from(Release.of("service", "1"))
                .to(Release.of("service", "2"))
                .strategy(RolloutStrategy.canary(5).thenPromote());
        for (FailureSignal signal : signals) {
            builder.watch(signal);
        }
        RollbackPlan plan = builder.build();
        return signals.stream()
                .map(signal -> new Watched(signal, plan.shareOf(signal)))
                .toList();
    }
}
