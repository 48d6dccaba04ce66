package io.github.rollback4j.strategy;

import io.github.rollback4j.release.Release;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A way back, beyond taking the traffic away, which always comes first and needs none of these: a flag, a switch, a
 * pipeline, a person.
 *
 * <p>Implementations are thread-safe. Both methods run on the library's executor, never on a caller's thread, and are
 * interrupted at their deadline.
 */
public interface RollbackStrategy {

    /** Returns the name, unique within a plan: lower-case letters, digits and hyphens. */
    String name();

    /** Returns what the step does in one line, for runbooks and the plan's hash; contains no secret. */
    String description();

    /** Looks whether this way is open now, without going it (a dry run). */
    Check.Result check(Context context) throws Exception;

    /**
     * Goes the way back. Idempotent by {@link Context#idempotencyKey()}: it may be called again with the same key after a
     * failure, a time-out or a crash.
     *
     * @return what was done, with a link where there is one
     * @throws Exception if it failed; the step is repeated as the plan says, then people are called
     */
    Done rollBack(Context context) throws Exception;

    /**
     * Says whether the target acts once for each idempotency key, so that to go the way again under the same key is harmless.
     * Default: it does not.
     */
    default boolean recognisesKey() {
        return false;
    }

    /**
     * Looks whether the way was gone under {@link Context#idempotencyKey()} already, or is being gone. Asked where that is
     * uncertain: after a time-out, and after the process that went it has died. Changes nothing. Default: unknown, so that a
     * person is asked, unless the target {@linkplain #recognisesKey recognises keys} or the plan says to repeat.
     */
    default Found lookUp(Context context) throws Exception {
        return Found.unknown("the way cannot be looked up");
    }

    /**
     * What a step is told.
     *
     * @param rolloutId the rollout
     * @param idempotencyKey the same at each try of the same step of the same rollout
     * @param stable the release to go back to
     * @param candidate the release to leave
     * @param reason why, for people
     * @param deadline how long the step may take
     * @param reference what the target called it at an earlier try, for example a pipeline's number; empty where that is not
     *     known
     * @param sent takes the target's reference as soon as it is known, and returns when it is journalled, or the journal has had
     *     its time; so that a successor can follow what was begun instead of beginning it again
     */
    record Context(
            String rolloutId,
            String idempotencyKey,
            Release stable,
            Release candidate,
            String reason,
            Duration deadline,
            String reference,
            Consumer<String> sent) {

        /** Creates the context of a first try whose reference nobody keeps. */
        public Context(
                String rolloutId,
                String idempotencyKey,
                Release stable,
                Release candidate,
                String reason,
                Duration deadline) {
            this(rolloutId, idempotencyKey, stable, candidate, reason, deadline, "", reference -> {});
        }
    }

    /**
     * What a look-up found.
     *
     * @param state what became of the earlier try
     * @param detail one sentence for people; contains no secret
     */
    record Found(State state, String detail) {

        /** What became of an earlier try. */
        public enum State {
            /** It did what it was to do. */
            DONE,
            /** It is still being done. */
            UNDER_WAY,
            /** The target knows nothing of it, or it failed there: the way may be gone again. */
            NOT_DONE,
            /** The target cannot tell. */
            UNKNOWN
        }

        /** Checks that there is a state. */
        public Found {
            Objects.requireNonNull(state, "state");
        }

        /** Returns that it was done. */
        public static Found done(String detail) {
            return new Found(State.DONE, detail);
        }

        /** Returns that it is being done. */
        public static Found underWay(String detail) {
            return new Found(State.UNDER_WAY, detail);
        }

        /** Returns that it was not done, and may be gone again. */
        public static Found notDone(String detail) {
            return new Found(State.NOT_DONE, detail);
        }

        /** Returns that nobody can tell. */
        public static Found unknown(String detail) {
            return new Found(State.UNKNOWN, detail);
        }
    }

    /**
     * What a step did.
     *
     * @param detail one sentence for people; contains no secret
     * @param byPerson whether the step is only done when a person acknowledges it
     */
    record Done(String detail, boolean byPerson) {

        /** Returns that the step is done. */
        public static Done done(String detail) {
            return new Done(detail, false);
        }

        /** Returns that a person was asked, and that the step is done when they acknowledge it. */
        public static Done asked(String detail) {
            return new Done(detail, true);
        }
    }
}
