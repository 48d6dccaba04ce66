package io.github.rollback4j.plan;

import io.github.rollback4j.release.Release;
import io.github.rollback4j.strategy.Check;
import java.time.Instant;
import java.util.Objects;

/**
 * A condition that must hold before a step back is taken: that the database lets the previous release live, that somebody
 * approves, that no freeze is in force. Looked at before the rollout starts, too, so that a closed gate is found by day.
 *
 * <p>Implementations are thread-safe. {@link #look} runs on the library's executor, with a deadline of 30 seconds, and changes
 * nothing. What it throws, and no answer in time, count as {@link Verdict#BLOCKED}: a gate that cannot be asked does not let
 * anything through.
 */
public interface Gate {

    /** Returns the name, unique within a plan: lower-case letters, digits and hyphens. */
    String name();

    /** Returns what is looked at in one line, for runbooks and the plan's hash; contains no secret. */
    String description();

    /** Looks whether the gate is open. */
    Result look(Question question) throws Exception;

    /**
     * What a gate is asked about.
     *
     * @param rolloutId the rollout
     * @param stable the release to go back to
     * @param candidate the release to leave
     * @param step the step behind the gate
     * @param isRehearsal whether nothing is going to be done: before the start, and in a drill
     * @param now the time
     */
    record Question(
            String rolloutId, Release stable, Release candidate, String step, boolean isRehearsal, Instant now) {}

    /** What a gate says. */
    enum Verdict {
        /** The step may be taken. */
        OPEN,
        /** Not now; it is asked again every few seconds, for as long as the step's plan says. */
        WAIT,
        /** A person must let the step through, by acknowledging the gate. Before the start it passes: people can be asked. */
        ASK,
        /** The step must not be taken: people are called. */
        BLOCKED
    }

    /**
     * What a gate found.
     *
     * @param verdict whether the step may be taken
     * @param detail one sentence for people; contains no secret
     */
    record Result(Verdict verdict, String detail) {

        /** Checks that there is a verdict. */
        public Result {
            Objects.requireNonNull(verdict, "verdict");
        }

        /** Returns that the gate is open. */
        public static Result open(String detail) {
            return new Result(Verdict.OPEN, detail);
        }

        /** Returns that the gate may open by itself. */
        public static Result waiting(String detail) {
            return new Result(Verdict.WAIT, detail);
        }

        /** Returns that a person must open the gate. */
        public static Result ask(String detail) {
            return new Result(Verdict.ASK, detail);
        }

        /** Returns that the gate is closed. */
        public static Result blocked(String detail) {
            return new Result(Verdict.BLOCKED, detail);
        }
    }

    /**
     * Makes a gate of a check: open where it passes, blocked where it does not.
     *
     * @throws IllegalArgumentException if the name is not allowed
     */
    static Gate of(String name, Check check) {
        return Gates.ofCheck(name, check);
    }

    /**
     * Makes a gate that a person opens, by acknowledging it in the rollout.
     *
     * @param who is asked, for people: a role rather than a person
     * @throws IllegalArgumentException if the name is not allowed, or nobody is named
     */
    static Gate approval(String name, String who) {
        return Gates.approval(name, who);
    }

    /**
     * Makes a gate that asks a person while a freeze is in force, and is open else.
     *
     * @param from the first instant of the freeze
     * @param until the first instant after it
     * @param why what is frozen and why, for people
     * @throws IllegalArgumentException if the name is not allowed, or the freeze ends before it begins
     */
    static Gate freeze(String name, Instant from, Instant until, String why) {
        return Gates.freeze(name, from, until, why);
    }
}
