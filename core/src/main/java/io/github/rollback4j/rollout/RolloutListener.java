package io.github.rollback4j.rollout;

/**
 * Hears what happens to rollouts, in order, on a thread of the library. One that throws or hangs hurts nobody else: after
 * five seconds it is interrupted and passed over, and while it does not come back it hears nothing more.
 */
@FunctionalInterface
public interface RolloutListener {

    /** Hears of one event. */
    void onEvent(Rollout rollout, RolloutEvent event) throws Exception;
}
