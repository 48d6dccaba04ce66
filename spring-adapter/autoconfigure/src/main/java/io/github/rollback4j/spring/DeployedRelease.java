package io.github.rollback4j.spring;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutListener;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Ticket;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;

/**
 * The release that this process is, where a rollout is a deployment: counts what it is asked, and makes the service's readiness
 * follow the rollout. Thread-safe.
 */
final class DeployedRelease implements RolloutListener {

    /** A call that has begun. */
    record Begun(@Nullable Rollout rollout, long ticket, long startNanos) {}

    private final ApplicationContext service;
    private volatile @Nullable Rollout rollout;
    private volatile Rollouts.@Nullable Serving serving;

    DeployedRelease(ApplicationContext service) {
        this.service = service;
    }

    /** This process is the candidate of a rollout. */
    void isCandidateOf(Rollout started) {
        rollout = started;
    }

    /** This process serves as a release to which no rollout leads. */
    void serves(Rollouts.Serving as) {
        serving = as;
    }

    /** Says whether anybody counts. */
    boolean isCounted() {
        return rollout != null || serving != null;
    }

    /** Begins a call; null where nobody counts. */
    @Nullable
    Begun begin() {
        Rollout now = rollout;
        if (now == null) {
            return serving == null ? null : new Begun(null, 0, 0);
        }
        long ticket = now.enter();
        return new Begun(now, ticket, Ticket.isTimed(ticket) ? System.nanoTime() : 0);
    }

    /** Ends a call. */
    void end(Begun call, Outcome outcome) {
        if (call.rollout() != null) {
            call.rollout().exit(call.ticket(), call.startNanos(), outcome);
            return;
        }
        Rollouts.Serving now = serving;
        if (now != null) {
            now.record(outcome);
        }
    }

    @Override
    public void onEvent(Rollout of, RolloutEvent event) {
        if (event instanceof RolloutEvent.TrafficRefused) {
            AvailabilityChangeEvent.publish(service, ReadinessState.REFUSING_TRAFFIC);
        } else if (event instanceof RolloutEvent.TrafficResumed) {
            AvailabilityChangeEvent.publish(service, ReadinessState.ACCEPTING_TRAFFIC);
        }
    }
}
