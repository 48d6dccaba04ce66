package io.github.rollback4j.strategy;

import io.github.rollback4j.release.Release;
import java.time.Duration;

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
     * What a step is told.
     *
     * @param rolloutId the rollout
     * @param idempotencyKey the same at each try of the same step of the same rollout
     * @param stable the release to go back to
     * @param candidate the release to leave
     * @param reason why, for people
     * @param deadline how long the step may take
     */
    record Context(
            String rolloutId,
            String idempotencyKey,
            Release stable,
            Release candidate,
            String reason,
            Duration deadline) {}

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
