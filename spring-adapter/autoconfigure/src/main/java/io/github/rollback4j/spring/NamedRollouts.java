package io.github.rollback4j.spring;

import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * The rollouts of this service by the names that {@code rollback4j.rollouts.*} gives them. They start when all beans are there and
 * before the service takes traffic; until then each call gets the stable release. Thread-safe.
 */
public final class NamedRollouts implements SmartInitializingSingleton {

    private final Rollouts rollouts;
    private final Map<String, RollbackPlan> plans;
    private final DeployedRelease deployed;
    private final @Nullable Release served;
    private final boolean isEnabled;
    private final ConcurrentMap<String, Rollout> started = new ConcurrentHashMap<>();

    NamedRollouts(
            Rollouts rollouts,
            Map<String, RollbackPlan> plans,
            DeployedRelease deployed,
            @Nullable Release served,
            boolean isEnabled) {
        this.rollouts = rollouts;
        this.deployed = deployed;
        this.served = served;
        this.isEnabled = isEnabled;
        this.plans = Collections.unmodifiableMap(new LinkedHashMap<>(plans));
    }

    /** Returns the names, in the order of the configuration. */
    public Set<String> names() {
        return plans.keySet();
    }

    /**
     * Returns a plan.
     *
     * @throws IllegalArgumentException if no rollout has this name
     */
    public RollbackPlan plan(String name) {
        RollbackPlan plan = plans.get(name);
        if (plan == null) {
            String nearest = PlanParts.nearest(name, plans.keySet());
            throw new IllegalArgumentException("rollout '" + name + "' is not configured"
                    + (nearest == null ? "" : ", '" + nearest + "' is the nearest")
                    + ": " + (plans.isEmpty() ? "no rollback4j.rollouts.* is" : String.join(", ", plans.keySet()))
                    + (plans.size() < 2 ? "" : " are"));
        }
        return plan;
    }

    /**
     * Returns a rollout, live or not started yet.
     *
     * @return null before all beans are there, and where {@code rollback4j.enabled} is false: each call gets the stable
     *     release then
     * @throws IllegalArgumentException if no rollout has this name
     */
    public @Nullable Rollout find(String name) {
        Rollout rollout = started.get(name);
        if (rollout == null) {
            plan(name);
        }
        return rollout;
    }

    /**
     * Returns a rollout.
     *
     * @throws IllegalArgumentException if no rollout has this name
     * @throws IllegalStateException if not all beans are there yet, or {@code rollback4j.enabled} is false
     */
    public Rollout get(String name) {
        Rollout rollout = find(name);
        if (rollout == null) {
            throw new IllegalStateException("rollout '" + name + "' has not started: "
                    + (isEnabled ? "not all beans are there yet" : "rollback4j.enabled is false"));
        }
        return rollout;
    }

    /** Starts the rollouts, or goes on with those that the journal has. */
    @Override
    public void afterSingletonsInstantiated() {
        if (isEnabled) {
            plans.forEach(this::start);
            if (served != null) {
                deployed.serves(rollouts.serve(served));
            }
        }
    }

    private void start(String name, RollbackPlan plan) {
        Rollout rollout = rollouts.start(plan);
        started.put(name, rollout);
        if (plan.strategy().deployed() != null) {
            deployed.isCandidateOf(rollout);
        }
    }
}
