package io.github.rollback4j.rollout;

import org.jspecify.annotations.Nullable;

/**
 * Where a rollout stands. Immutable; {@link #after} is a pure function.
 *
 * @param phase the phase
 * @param step the index of the strategy's step, from 0; the last one reached, where the phase has none
 * @param trafficStopped whether a pause took the traffic away, too
 * @param windowOpen whether a promotion can still be taken back
 */
public record RolloutState(Phase phase, int step, boolean trafficStopped, boolean windowOpen) {

    /** What a rollout is doing. */
    public enum Phase {
        /** Not started: something that is needed is missing. All calls go to stable. */
        PLANNED,
        /** The exposure is that of a step, and may grow. */
        RUNNING,
        /** The exposure stays as it is, or is taken away until the rollout is resumed; regressions still roll back. */
        PAUSED,
        /** The candidate serves all calls. */
        PROMOTED,
        /** The traffic is back on stable; the plan's steps are under way. */
        ROLLING_BACK,
        /** Everything is back. */
        ROLLED_BACK,
        /** The traffic is back on stable, but the rest cannot go on by itself: people must say how. */
        NEEDS_HUMAN
    }

    /** What moves a rollout from one state to the next. */
    public enum Trigger {
        /** Everything that is needed is there. */
        START,
        /** The step is over, and there is another. */
        STEP_UP,
        /** Somebody holds the exposure. */
        PAUSE,
        /** Somebody takes the exposure away for a time, or a step waits to be switched on. */
        PAUSE_AND_STOP_TRAFFIC,
        /** Somebody lets the rollout go on. */
        RESUME,
        /** The last step is over, or somebody decided so. */
        PROMOTE,
        /** The time in which the promotion can be taken back is over. */
        CLOSE_WINDOW,
        /** The candidate is to be taken back. */
        ROLL_BACK,
        /** All steps back are done. */
        FINISH,
        /** The rollback cannot go on by itself. */
        CALL_HUMAN,
        /** A person has done what could not be done, or wants it tried again: the rest goes on. */
        GO_ON
    }

    /** Where every rollout begins. */
    public static final RolloutState PLANNED = new RolloutState(Phase.PLANNED, 0, false, false);

    /** Returns the next state, or null where the trigger is not allowed in this one. */
    public @Nullable RolloutState after(Trigger trigger) {
        return switch (phase) {
            case PLANNED ->
                switch (trigger) {
                    case START -> to(Phase.RUNNING);
                    // Nothing was exposed, so there is nothing to take back but the intention.
                    case ROLL_BACK -> to(Phase.ROLLED_BACK);
                    default -> null;
                };
            case RUNNING, PAUSED ->
                switch (trigger) {
                    case STEP_UP -> phase == Phase.RUNNING ? new RolloutState(phase, step + 1, false, false) : null;
                    case PAUSE -> phase == Phase.RUNNING ? to(Phase.PAUSED) : null;
                    case PAUSE_AND_STOP_TRAFFIC ->
                        trafficStopped ? null : new RolloutState(Phase.PAUSED, step, true, false);
                    case RESUME -> phase == Phase.PAUSED ? to(Phase.RUNNING) : null;
                    case PROMOTE -> new RolloutState(Phase.PROMOTED, step, false, true);
                    case ROLL_BACK -> to(Phase.ROLLING_BACK);
                    default -> null;
                };
            case PROMOTED ->
                switch (trigger) {
                    case CLOSE_WINDOW -> windowOpen ? to(Phase.PROMOTED) : null;
                    case ROLL_BACK -> windowOpen ? to(Phase.ROLLING_BACK) : null;
                    default -> null;
                };
            case ROLLING_BACK ->
                switch (trigger) {
                    case FINISH -> to(Phase.ROLLED_BACK);
                    case CALL_HUMAN -> to(Phase.NEEDS_HUMAN);
                    default -> null;
                };
            case NEEDS_HUMAN ->
                switch (trigger) {
                    case GO_ON -> to(Phase.ROLLING_BACK);
                    // Older versions of this library end so, once people have done the rest.
                    case FINISH -> to(Phase.ROLLED_BACK);
                    default -> null;
                };
            case ROLLED_BACK -> null;
        };
    }

    /** Says whether signals are watched, and can roll the candidate back. */
    public boolean isWatched() {
        return phase == Phase.RUNNING || phase == Phase.PAUSED || (phase == Phase.PROMOTED && windowOpen);
    }

    private RolloutState to(Phase next) {
        return new RolloutState(next, step, false, false);
    }

    @Override
    public String toString() {
        return switch (phase) {
            case RUNNING -> "RUNNING step " + (step + 1);
            case PAUSED -> "PAUSED step " + (step + 1) + (trafficStopped ? ", traffic stopped" : "");
            case PROMOTED -> windowOpen ? "PROMOTED, rollback window open" : "PROMOTED";
            default -> phase.name();
        };
    }
}
