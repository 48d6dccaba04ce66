package io.github.rollback4j.rollout;

import io.github.rollback4j.traffic.Subject;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The stable and the candidate version of one service, client, model or other object, of which the rollout picks one for
 * each call. Immutable and thread-safe.
 *
 * @param <S> the type that both have
 */
public final class ReleasePair<S> {

    /**
     * Uses the version that was picked.
     *
     * @param <S> the version's type
     * @param <T> the result
     * @param <X> the checked exception that it may throw
     */
    @FunctionalInterface
    public interface Use<S, T extends @Nullable Object, X extends Throwable> {
        /** Makes the call; what it returns or throws is passed on unchanged. */
        T with(S version) throws X;
    }

    private final Rollout rollout;
    private final S stable;
    private final S candidate;

    ReleasePair(Rollout rollout, S stable, S candidate) {
        this.rollout = rollout;
        this.stable = stable;
        this.candidate = candidate;
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            @Nullable String key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.observed(rollout.enter(key), stable, candidate, use);
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            long key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.observed(rollout.enter(key), stable, candidate, use);
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            @Nullable UUID key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.observed(rollout.enter(key), stable, candidate, use);
    }

    /** Makes a call for a subject. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            @Nullable Subject subject, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.observed(rollout.enter(subject), stable, candidate, use);
    }

    /** Makes a call without a key: each has a coin of its own. */
    public <T extends @Nullable Object, X extends Throwable> T call(Use<? super S, ? extends T, ? extends X> use)
            throws X {
        return rollout.observed(rollout.enter(), stable, candidate, use);
    }

    /**
     * Makes a call that may safely be made twice: where the candidate fails, stable answers. See
     * {@link Rollout#callIdempotent(Subject, Rollout.Body, Rollout.Body)}.
     */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            @Nullable String key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.answered(rollout.enter(key), stable, candidate, use);
    }

    /** Makes a call that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            long key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.answered(rollout.enter(key), stable, candidate, use);
    }

    /** Makes a call that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            @Nullable UUID key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.answered(rollout.enter(key), stable, candidate, use);
    }

    /** Makes a call that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            @Nullable Subject subject, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.answered(rollout.enter(subject), stable, candidate, use);
    }

    /** Makes a call without a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.answered(rollout.enter(), stable, candidate, use);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <T extends @Nullable CompletionStage<?>, X extends Throwable> T callAsync(
            @Nullable String key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.followed(rollout.enter(key), stable, candidate, use);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <T extends @Nullable CompletionStage<?>, X extends Throwable> T callAsync(
            long key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.followed(rollout.enter(key), stable, candidate, use);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <T extends @Nullable CompletionStage<?>, X extends Throwable> T callAsync(
            @Nullable UUID key, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.followed(rollout.enter(key), stable, candidate, use);
    }

    /** Begins an asynchronous call for a subject. Returns the host's own stage, and observes it on the side. */
    public <T extends @Nullable CompletionStage<?>, X extends Throwable> T callAsync(
            @Nullable Subject subject, Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.followed(rollout.enter(subject), stable, candidate, use);
    }

    /** Begins an asynchronous call without a key. Returns the host's own stage, and observes it on the side. */
    public <T extends @Nullable CompletionStage<?>, X extends Throwable> T callAsync(
            Use<? super S, ? extends T, ? extends X> use) throws X {
        return rollout.followed(rollout.enter(), stable, candidate, use);
    }
}
