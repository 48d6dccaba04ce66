package io.github.rollback4j.traffic;

import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what counts as a failure. By default every exception does, except {@link CancellationException} and
 * {@link InterruptedException} (the caller gave up), and no result does.
 *
 * <p>An exception is first looked for among the ignored, then among the cancelled; then it fails unless
 * {@link #failOnlyOn} was given and none of its tests is true. {@link CompletionException} and
 * {@link ExecutionException} are judged by their cause, however deep. Immutable and thread-safe: each method returns new
 * rules. The tests run on the caller's thread: they should be quick. One that throws is taken as not given for this call
 * (so that an exception which {@link #failOnlyOn} cannot judge fails) and logged, the first time as a warning.
 */
public final class OutcomeRules {

    private static final Logger LOG = LoggerFactory.getLogger(OutcomeRules.class);
    private static final int DEEPEST = 16;
    private static final OutcomeRules DEFAULTS =
            new OutcomeRules(List.of(), List.of(), List.of(), List.of(), List.of(), "");

    private final List<Predicate<? super Throwable>> failing;
    private final List<Predicate<? super Throwable>> ignored;
    private final List<Predicate<? super Throwable>> cancelled;
    private final List<Predicate<? super Throwable>> timeouts;
    private final List<Predicate<@Nullable Object>> failingResults;
    private final String description;
    private final AtomicBoolean warned = new AtomicBoolean();

    private OutcomeRules(
            List<Predicate<? super Throwable>> failing,
            List<Predicate<? super Throwable>> ignored,
            List<Predicate<? super Throwable>> cancelled,
            List<Predicate<? super Throwable>> timeouts,
            List<Predicate<@Nullable Object>> failingResults,
            String description) {
        this.failing = failing;
        this.ignored = ignored;
        this.cancelled = cancelled;
        this.timeouts = timeouts;
        this.failingResults = failingResults;
        this.description = description;
    }

    /** Returns the default rules. */
    public static OutcomeRules defaults() {
        return DEFAULTS;
    }

    /** Counts only these exceptions as failures; others count as success. The name appears in the plan and its hash. */
    public OutcomeRules failOnlyOn(String name, Predicate<? super Throwable> test) {
        return new OutcomeRules(
                plus(failing, test), ignored, cancelled, timeouts, failingResults, described("fails only on " + name));
    }

    /** Takes exceptions of this type for neither success nor failure. */
    public OutcomeRules ignore(Class<? extends Throwable> type) {
        return ignore(type.getName(), type::isInstance);
    }

    /** Takes these exceptions for neither success nor failure. The name appears in the plan and its hash. */
    public OutcomeRules ignore(String name, Predicate<? super Throwable> test) {
        return new OutcomeRules(
                failing, plus(ignored, test), cancelled, timeouts, failingResults, described("ignores " + name));
    }

    /** Takes exceptions of this type for a call that its caller gave up. */
    public OutcomeRules cancelledOn(Class<? extends Throwable> type) {
        return new OutcomeRules(
                failing,
                ignored,
                plus(cancelled, type::isInstance),
                timeouts,
                failingResults,
                described("cancelled on " + type.getName()));
    }

    /** Counts these results as failures, for example an HTTP status of 500. The name appears in the plan and its hash. */
    public OutcomeRules failOnResult(String name, Predicate<@Nullable Object> test) {
        return new OutcomeRules(
                failing,
                ignored,
                cancelled,
                timeouts,
                plus(failingResults, test),
                described("fails on result " + name));
    }

    /**
     * Takes exceptions of this type for a time-out, after which an idempotent call is not tried on stable. Known by
     * default: {@link TimeoutException}, {@link SocketTimeoutException}, {@link HttpTimeoutException} and types whose
     * simple name contains {@code Timeout}.
     */
    public OutcomeRules timeoutOn(Class<? extends Throwable> type) {
        return new OutcomeRules(
                failing,
                ignored,
                cancelled,
                plus(timeouts, type::isInstance),
                failingResults,
                described("time-out on " + type.getName()));
    }

    /** Judges what a call threw. Never throws. */
    public Outcome ofException(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        if (any(ignored, cause, false)) {
            return Outcome.IGNORED;
        }
        if (cause instanceof CancellationException
                || cause instanceof InterruptedException
                || any(cancelled, cause, false)) {
            return Outcome.CANCELLED;
        }
        return failing.isEmpty() || any(failing, cause, true) ? Outcome.FAILURE : Outcome.SUCCESS;
    }

    /** Judges what a call returned. Never throws. */
    public Outcome ofResult(@Nullable Object result) {
        return failingResults.isEmpty() || !any(failingResults, result, false) ? Outcome.SUCCESS : Outcome.FAILURE;
    }

    /** Says whether an exception means that the call ran out of time, so that it may still be running. */
    public boolean isTimeout(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        return cause instanceof TimeoutException
                || cause instanceof SocketTimeoutException
                || cause instanceof HttpTimeoutException
                || cause.getClass().getSimpleName().contains("Timeout")
                || any(timeouts, cause, false);
    }

    private static Throwable unwrapped(Throwable thrown) {
        Throwable judged = thrown;
        // Causes may form a circle; nobody wraps as often as this.
        for (int depth = 0; depth < DEEPEST; depth++) {
            Throwable cause = judged.getCause();
            if (cause == null || !(judged instanceof CompletionException || judged instanceof ExecutionException)) {
                break;
            }
            judged = cause;
        }
        return judged;
    }

    private <T extends @Nullable Object> boolean any(
            List<? extends Predicate<? super T>> tests, T value, boolean ifOneThrows) {
        boolean any = false;
        for (int i = 0; i < tests.size(); i++) {
            try {
                if (tests.get(i).test(value)) {
                    return true;
                }
            } catch (Throwable thrown) {
                any = ifOneThrows;
                String message = "A rule for outcomes threw and is taken as not given for this call";
                if (warned.compareAndSet(false, true)) {
                    LOG.warn(message, thrown);
                } else {
                    LOG.debug(message, thrown);
                }
            }
        }
        return any;
    }

    private String described(String more) {
        return description + "; " + more;
    }

    private static <T> List<T> plus(List<T> list, T one) {
        List<T> more = new ArrayList<>(list);
        more.add(one);
        return List.copyOf(more);
    }

    /** Describes the rules by name, for the plan's hash and its readers. */
    @Override
    public String toString() {
        return (failing.isEmpty() ? "every exception fails" : "only named exceptions fail") + description;
    }
}
