package io.github.rollback4j.spring;

import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.ReleasePair;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.traffic.Subject;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * Sends the calls of one annotated pair where its rollout says: to stable until the rollout has started. Thread-safe.
 *
 * @param <S> what stands for the two versions
 */
final class CallRouter<S> {

    private static final boolean TRANSACTIONS = ClassUtils.isPresent(
            "org.springframework.transaction.support.TransactionSynchronizationManager",
            CallRouter.class.getClassLoader());

    private record Opened(NamedRollouts rollouts, CallKeys keys, List<ReleaseLabel> labels) {}

    private record Live<S>(Rollout rollout, ReleasePair<S> pair) {}

    private static final Logger LOG = LoggerFactory.getLogger(CallRouter.class);

    private final AtomicBoolean isWarningDue = new AtomicBoolean(true);
    private final String rollout;
    private final String where;
    private final S stable;
    private final S candidate;
    private volatile @Nullable Opened opened;
    private volatile @Nullable Live<S> live;

    /** @param where the annotation stands, for people */
    CallRouter(String rollout, String where, S stable, S candidate) {
        this.rollout = rollout;
        this.where = where;
        this.stable = stable;
        this.candidate = candidate;
    }

    String rollout() {
        return rollout;
    }

    String where() {
        return where;
    }

    /**
     * Lets the rollout decide from its start on.
     *
     * @throws IllegalArgumentException if no rollout has the name
     */
    void open(NamedRollouts rollouts, CallKeys keys, List<ReleaseLabel> labels) {
        rollouts.plan(rollout);
        opened = new Opened(rollouts, keys, labels);
    }

    /** Makes a call; what it returns or throws is passed on unchanged. */
    @Nullable
    Object call(
            RoutedMethod method,
            @Nullable Object @Nullable [] arguments,
            ReleasePair.Use<S, @Nullable Object, Throwable> use)
            throws Throwable {
        Opened with = opened;
        Rollout started = with == null ? null : with.rollouts().find(rollout);
        if (with == null || started == null) {
            return use.with(stable);
        }
        if (method.verb() == RoutedMethod.Verb.CALL_IDEMPOTENT && isInTransaction()) {
            method.warnOfTransaction(rollout);
            return use.with(stable);
        }
        ReleasePair<S> pair = pair(started);
        Object key = with.keys().of(rollout, method, arguments);
        ReleasePair.Use<S, @Nullable Object, Throwable> labelled =
                with.labels().isEmpty() ? use : version -> labelled(with, started, version, use);
        return switch (method.verb()) {
            case CALL -> called(pair, key, labelled);
            case CALL_IDEMPOTENT -> calledIdempotent(pair, key, labelled);
            case CALL_ASYNC -> calledAsync(pair, key, labelled);
        };
    }

    @SuppressWarnings("ReferenceEquality") // One of two, however they compare.
    private @Nullable Object labelled(
            Opened with, Rollout started, S version, ReleasePair.Use<S, @Nullable Object, Throwable> use)
            throws Throwable {
        Release release = version == candidate
                ? started.plan().candidate()
                : started.plan().stable();
        for (ReleaseLabel label : with.labels()) {
            try {
                label.put(started.id(), release);
            } catch (RuntimeException | LinkageError broken) {
                // A call does not fail for its label.
                if (isWarningDue.compareAndSet(true, false)) {
                    LOG.warn("rollout '{}': a release could not be noted; said once", rollout, broken);
                }
            }
        }
        return use.with(version);
    }

    // A name may get another rollout while the service runs: the next attempt.
    private ReleasePair<S> pair(Rollout started) {
        Live<S> now = live;
        if (now == null || now.rollout() != started) {
            now = new Live<>(started, started.between(stable, candidate));
            live = now;
        }
        return now.pair();
    }

    private static boolean isInTransaction() {
        return TRANSACTIONS && TransactionSynchronizationManager.isActualTransactionActive();
    }

    private static <S> @Nullable Object called(
            ReleasePair<S> pair, @Nullable Object key, ReleasePair.Use<S, @Nullable Object, Throwable> use)
            throws Throwable {
        if (key == null) {
            return pair.call(use);
        } else if (key instanceof String text) {
            return pair.call(text, use);
        } else if (key instanceof Number number) {
            return pair.call(number.longValue(), use);
        } else if (key instanceof UUID uuid) {
            return pair.call(uuid, use);
        }
        return pair.call((Subject) key, use);
    }

    private static <S> @Nullable Object calledIdempotent(
            ReleasePair<S> pair, @Nullable Object key, ReleasePair.Use<S, @Nullable Object, Throwable> use)
            throws Throwable {
        if (key == null) {
            return pair.callIdempotent(use);
        } else if (key instanceof String text) {
            return pair.callIdempotent(text, use);
        } else if (key instanceof Number number) {
            return pair.callIdempotent(number.longValue(), use);
        } else if (key instanceof UUID uuid) {
            return pair.callIdempotent(uuid, use);
        }
        return pair.callIdempotent((Subject) key, use);
    }

    private static <S> @Nullable Object calledAsync(
            ReleasePair<S> pair, @Nullable Object key, ReleasePair.Use<S, @Nullable Object, Throwable> use)
            throws Throwable {
        // Both methods are declared to return a stage.
        @SuppressWarnings("unchecked")
        ReleasePair.Use<S, @Nullable CompletionStage<?>, Throwable> later =
                (ReleasePair.Use<S, @Nullable CompletionStage<?>, Throwable>) (ReleasePair.Use<S, ?, ?>) use;
        if (key == null) {
            return pair.callAsync(later);
        } else if (key instanceof String text) {
            return pair.callAsync(text, later);
        } else if (key instanceof Number number) {
            return pair.callAsync(number.longValue(), later);
        } else if (key instanceof UUID uuid) {
            return pair.callAsync(uuid, later);
        }
        return pair.callAsync((Subject) key, later);
    }
}
