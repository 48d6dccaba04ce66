package io.github.rollback4j.signal;

/**
 * Says what may go wrong, and by how much more than stable, or beyond which limit, it is tolerated. Made by
 * {@link Signals}. Immutable and thread-safe.
 */
public sealed interface FailureSignal permits ErrorRate, LimitSignal, PushedSignal {

    /** Returns the name, unique within a plan: lower-case letters, digits and hyphens. */
    String name();

    /** Returns the signal and its settings in one line, for the plan's hash and its readers. */
    String description();
}
