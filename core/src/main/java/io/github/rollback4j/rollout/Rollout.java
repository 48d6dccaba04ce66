package io.github.rollback4j.rollout;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.PushedSignal;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.OutcomeRules;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Subject;
import io.github.rollback4j.traffic.Tally;
import io.github.rollback4j.traffic.Ticket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * A live rollout: decides for each call which release serves it, watches what comes of it, and takes the candidate back.
 *
 * <p>Made by {@link Rollouts#start}. Thread-safe. The calls ({@code call}, {@code callAsync}, {@code callIdempotent},
 * {@code route}, {@code enter}, {@code exit}) take no lock, allocate nothing of their own, log nothing, and pass results
 * and exceptions of the host's code on unchanged. A key keeps its release while the share grows. A call begins when it
 * reads the routing table: after a rollback was decided no call that begins gets the candidate.
 *
 * <p>What people do (pause, resume, promote, roll back, approve, acknowledge) takes effect at once in this process, and is
 * journalled with who did it.
 */
public final class Rollout {

    /**
     * Runs one release's version of a call.
     *
     * @param <T> the result
     * @param <X> the checked exception that it may throw; inferred as unchecked where there is none
     */
    @FunctionalInterface
    public interface Body<T extends @Nullable Object, X extends Throwable> {

        /** Runs the call; what it returns or throws is passed on unchanged. */
        T run() throws X;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

    /**
     * Where a rollout stands, for people and dashboards. Immutable.
     *
     * @param id the rollout's id
     * @param state the state
     * @param share of the coin's calls that gets the candidate now, 0 to 1
     * @param stepName the strategy's step
     * @param totals calls and failures of both releases
     * @param assessments what each signal says, in the plan's order
     * @param elapsed since the start, downtime not counted
     * @param startedAt when it started; null while it has not
     * @param decision why it was rolled back, or why that is recommended; empty where it is neither
     * @param awaitsApproval whether a person must approve the rollback
     * @param awaitsAcknowledgement the step back that a person must do, or the gate that a person must open, the first of them;
     *     empty where there is none
     * @param needsHuman what is known and what a person can do, where the rollback cannot go on by itself; empty where it can
     * @param notStarted what is missing for the start; empty where nothing is
     * @param allToStable whether a break-glass control, or somebody through the journal, sends all calls to stable
     * @param automationOff whether a break-glass control keeps the library from acting by itself
     * @param messages those to people that wait for a person
     */
    public record Status(
            String id,
            RolloutState state,
            double share,
            String stepName,
            Tally.Totals totals,
            List<Assessment> assessments,
            Duration elapsed,
            @Nullable Instant startedAt,
            String decision,
            boolean awaitsApproval,
            String awaitsAcknowledgement,
            String needsHuman,
            List<String> notStarted,
            boolean allToStable,
            boolean automationOff,
            List<WaitingMessage> messages) {}

    /**
     * A message to people that waits for a person. Immutable.
     *
     * @param deliveryId the message
     * @param group who is told, or is to be told
     * @param occasion what is told
     * @param forApproval whether it waits to be approved, {@link #approveMessage}; else to be acknowledged, {@link
     *     #acknowledgeMessage}
     * @param subject as it is sent; after a restart, of a message that was sent before, as it would be now
     * @param text likewise
     * @param until when it is acknowledged at the latest, or another group is told; null where it was not sent yet
     */
    public record WaitingMessage(
            String deliveryId,
            String group,
            Communication.Occasion occasion,
            boolean forApproval,
            String subject,
            String text,
            @Nullable Instant until) {}

    /**
     * Which release a key gets, and got.
     *
     * @param now the release that a call of the key would get now
     * @param exposed whether calls of the key went to the candidate at any time of this attempt: in this process, or before it, in any
     *     process whose journal this is
     * @param from when they first did; null where they did not
     * @param until when they last did; null where they did not, or still do
     */
    public record Affected(
            Arm now,
            boolean exposed,
            @Nullable Instant from,
            @Nullable Instant until) {}

    /**
     * How the evidence went. Immutable.
     *
     * @param signals the comparative ones, in the plan's order
     * @param log10Threshold where the candidate is rolled back, as a power of ten
     * @param points in their order, up to 512
     */
    public record EvidenceCurve(List<String> signals, double log10Threshold, List<EvidencePoint> points) {

        /** Copies the lists. */
        public EvidenceCurve {
            signals = List.copyOf(signals);
            points = List.copyOf(points);
        }
    }

    /**
     * The evidence at one time.
     *
     * @param elapsed since the start
     * @param share of the coin's calls that got the candidate
     * @param log10Evidence of each signal as a power of ten, times the signal's share of the false-rollback rate; of
     *     business metrics, whose calls are weighed once each, the highest so far
     */
    public record EvidencePoint(Duration elapsed, double share, List<Double> log10Evidence) {

        /** Copies the list. */
        public EvidencePoint {
            log10Evidence = List.copyOf(log10Evidence);
        }
    }

    /**
     * What is known in a rollout whose process is the candidate, see {@code RolloutStrategy.deployment}. Immutable.
     *
     * @param refusing whether this process is to take no traffic
     * @param stableServes whether stable capacity is known to serve
     * @param stable by what that is known, or why it is not, for people
     * @param windows how many windows of stable's there are to hold the candidate against; fewer than 12 are none
     * @param highRate which part of stable's calls failed at most in 99 of 100 windows; NaN where there are too few
     * @param mode who acts, at this moment
     * @param label what kind of comparison it is, and what is not promised of it
     */
    public record Deployment(
            boolean refusing,
            boolean stableServes,
            String stable,
            int windows,
            double highRate,
            Mode mode,
            String label) {}

    private final RollbackPlan plan;
    private final String id;
    private final OutcomeRules outcomes;
    private final LongSupplier ticker;
    private final @Nullable String mdcKey;
    private final Lifecycle lifecycle;
    private final Router router;
    private final Shadows shadows;

    /** In the order of the router's. */
    private final List<String> metrics;

    private final AtomicBoolean warned = new AtomicBoolean();

    Rollout(RollbackPlan plan, String id, String salt, History history, Surroundings surroundings) {
        this.plan = plan;
        this.id = id;
        this.outcomes = plan.outcomes();
        this.ticker = surroundings.ticker();
        this.mdcKey = plan.mdcKey();
        this.shadows =
                new Shadows(surroundings.pool(), ticker, plan.outcomeDeadline().toNanos(), plan.shadowMismatch());
        this.lifecycle = new Lifecycle(this, plan, id, salt, history, shadows, surroundings);
        this.router = lifecycle.router();
        List<String> names = new ArrayList<>();
        for (FailureSignal signal : plan.signals()) {
            if (signal instanceof BusinessMetric) {
                names.add(signal.name());
            }
        }
        this.metrics = List.copyOf(names);
    }

    // ---- The calls.

    /** Returns the id: component, releases and attempt. */
    public String id() {
        return id;
    }

    /** Returns the plan. */
    public RollbackPlan plan() {
        return plan;
    }

    /** Returns the state. */
    public RolloutState state() {
        return lifecycle.state();
    }

    /** Binds both versions of an object, stable first. */
    public <S> ReleasePair<S> between(S stable, S candidate) {
        return new ReleasePair<>(this, stable, candidate);
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            @Nullable String key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate)
            throws X {
        return observed(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            long key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return observed(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            @Nullable UUID key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate)
            throws X {
        return observed(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a subject. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            @Nullable Subject subject, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate)
            throws X {
        return observed(enter(subject), stable, candidate, Body::run);
    }

    /** Makes a call without a key: each has a coin of its own. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return observed(enter(), stable, candidate, Body::run);
    }

    /** Makes a call for a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            @Nullable String key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate)
            throws X {
        return answered(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            long key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return answered(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            @Nullable UUID key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate)
            throws X {
        return answered(enter(key), stable, candidate, Body::run);
    }

    /**
     * Makes a call for a subject that may safely be made twice: where the candidate fails, stable answers, and the caller
     * sees no error. The failure counts as evidence, the second run does not. After a time-out or a cancellation nothing
     * is repeated (time-outs: unless the plan asks for it), nor after an error of the virtual machine.
     */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            @Nullable Subject subject, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate)
            throws X {
        return answered(enter(subject), stable, candidate, Body::run);
    }

    /** Makes a call without a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return answered(enter(), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            @Nullable String key, Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate)
            throws X {
        return followed(enter(key), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            long key, Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate) throws X {
        return followed(enter(key), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            @Nullable UUID key, Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate)
            throws X {
        return followed(enter(key), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call for a subject. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            @Nullable Subject subject, Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate)
            throws X {
        return followed(enter(subject), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call without a key. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate) throws X {
        return followed(enter(), stable, candidate, Body::run);
    }

    /** Says which release a key gets now, and counts nothing. */
    public Arm route(@Nullable String key) {
        return router.route(key);
    }

    /** Says which release a key gets now, and counts nothing. */
    public Arm route(long key) {
        return router.route(key);
    }

    /** Says which release a subject gets now, and counts nothing. */
    public Arm route(@Nullable Subject subject) {
        return router.route(subject);
    }

    /**
     * Begins a call that cannot be wrapped: {@link Ticket} says which release serves it. Give the ticket back to
     * {@link #exit} once, on any thread.
     */
    public long enter(@Nullable String key) {
        return router.enter(key);
    }

    /** Begins a call that cannot be wrapped, see {@link #enter(String)}. */
    public long enter(long key) {
        return router.enter(key);
    }

    /** Begins a call that cannot be wrapped, see {@link #enter(String)}. */
    public long enter(@Nullable UUID key) {
        return router.enter(key);
    }

    /** Begins a call that cannot be wrapped, see {@link #enter(String)}. */
    public long enter(@Nullable Subject subject) {
        return router.enter(subject);
    }

    /** Begins a call without a key that cannot be wrapped, see {@link #enter(String)}. */
    public long enter() {
        return router.enter();
    }

    /**
     * Ends a call.
     *
     * @param ticket what {@code enter} returned
     * @param startNanos {@link System#nanoTime()} at its beginning, where {@link Ticket#isTimed}; else unused
     * @param outcome what came of it
     */
    public void exit(long ticket, long startNanos, Outcome outcome) {
        router.exit(ticket, startNanos, outcome);
    }

    /** Ends a call of which the caller knows how long it took, in nanoseconds. */
    public void exitAfter(long ticket, long elapsedNanos, Outcome outcome) {
        router.exitAfter(ticket, elapsedNanos, outcome);
    }

    <S, T extends @Nullable Object, X extends Throwable> T observed(
            long ticket, S stable, S candidate, ReleasePair.Use<? super S, ? extends T, ? extends X> use) throws X {
        Shadows.Beside beside = Ticket.isShadowed(ticket) ? shadow(candidate, use) : null;
        long start = Ticket.isTimed(ticket) ? ticker.getAsLong() : 0;
        T result;
        try {
            result = Ticket.isCandidate(ticket)
                    ? serve(plan.candidate(), candidate, use)
                    : serve(plan.stable(), stable, use);
        } catch (Throwable thrown) {
            router.exit(ticket, start, outcomes.ofException(thrown));
            if (beside != null) {
                beside.stableFailed();
            }
            throw thrown;
        }
        Outcome outcome = outcomes.ofResult(result);
        router.exit(ticket, start, outcome);
        if (beside != null) {
            if (outcome == Outcome.SUCCESS) {
                beside.stableReturned(result);
            } else {
                beside.stableFailed();
            }
        }
        return result;
    }

    private <S, T extends @Nullable Object, X extends Throwable> T serve(
            Release release, S version, ReleasePair.Use<? super S, ? extends T, ? extends X> use) throws X {
        return mdcKey == null ? use.with(version) : named(mdcKey, release, version, use);
    }

    private static <S, T extends @Nullable Object, X extends Throwable> T named(
            String key, Release release, S version, ReleasePair.Use<? super S, ? extends T, ? extends X> use) throws X {
        String before = MDC.get(key);
        MDC.put(key, release.version());
        try {
            return use.with(version);
        } finally {
            if (before == null) {
                MDC.remove(key);
            } else {
                MDC.put(key, before);
            }
        }
    }

    <S, T extends @Nullable Object, X extends Throwable> T answered(
            long ticket, S stable, S candidate, ReleasePair.Use<? super S, ? extends T, ? extends X> use) throws X {
        if (!Ticket.isCandidate(ticket)) {
            return observed(ticket, stable, candidate, use);
        }
        long start = ticker.getAsLong();
        try {
            T result = serve(plan.candidate(), candidate, use);
            Outcome outcome = outcomes.ofResult(result);
            router.exit(ticket, start, outcome);
            if (outcome != Outcome.FAILURE) {
                return result;
            }
        } catch (Throwable thrown) {
            Outcome outcome = outcomes.ofException(thrown);
            router.exit(ticket, start, outcome);
            boolean mayStillRun = !plan.isIdempotentAfterTimeout() && outcomes.isTimeout(thrown);
            if (outcome != Outcome.FAILURE || mayStillRun || thrown instanceof VirtualMachineError) {
                throw thrown;
            }
        }
        return serve(plan.stable(), stable, use);
    }

    <B, S extends @Nullable CompletionStage<?>, X extends Throwable> S followed(
            long ticket, B stable, B candidate, ReleasePair.Use<? super B, ? extends S, ? extends X> use) throws X {
        long start = Ticket.isTimed(ticket) ? ticker.getAsLong() : 0;
        S stage;
        try {
            stage = Ticket.isCandidate(ticket)
                    ? serve(plan.candidate(), candidate, use)
                    : serve(plan.stable(), stable, use);
        } catch (Throwable thrown) {
            router.exit(ticket, start, outcomes.ofException(thrown));
            throw thrown;
        }
        follow(ticket, start, stage);
        return stage;
    }

    private void follow(long ticket, long start, @Nullable CompletionStage<?> stage) {
        try {
            if (stage != null) {
                stage.whenComplete((result, thrown) -> router.exit(
                        ticket, start, thrown == null ? outcomes.ofResult(result) : outcomes.ofException(thrown)));
                return;
            }
        } catch (Throwable refused) {
            // A stage of the host's own making that cannot be observed: the call itself is unharmed.
        }
        router.exit(ticket, start, stage == null ? outcomes.ofResult(null) : Outcome.IGNORED);
    }

    private <S> Shadows.@Nullable Beside shadow(S candidate, ReleasePair.Use<? super S, ?, ?> use) {
        return shadows.run(() -> use.with(candidate), outcomes, router);
    }

    /**
     * Records what a call was good for, when that is known, within the metric's attribution window: that it converted
     * (a value above 0), or how much it is worth. Of a call with a key it counts where that was the key's first in its step.
     * Takes no lock and never throws; what the plan has no business metric for is dropped, with one warning.
     *
     * @param ticket what {@code enter} returned; give each metric once
     * @param metric the signal's name
     */
    public void record(long ticket, String metric, double value) {
        int index = metric(metric);
        if (index >= 0) {
            router.record(ticket, index, value);
        }
    }

    /**
     * Records what came of a key's first call in a step, see {@link #record}: once a step; what is recorded again is dropped.
     */
    public void recordFor(@Nullable String key, String metric, double value) {
        if (key != null) {
            recordFor(Subject.of(key), metric, value);
        }
    }

    /** Records what came of a key's first call in a step, see {@link #recordFor(String, String, double)}. */
    public void recordFor(long key, String metric, double value) {
        recordFor(Subject.of(key), metric, value);
    }

    /** Records what came of a key's first call in a step, see {@link #recordFor(String, String, double)}. */
    public void recordFor(@Nullable UUID key, String metric, double value) {
        if (key != null) {
            recordFor(Subject.of(key), metric, value);
        }
    }

    /** Records what came of a subject's first call in a step, see {@link #recordFor(String, String, double)}. */
    public void recordFor(@Nullable Subject subject, String metric, double value) {
        int index = metric(metric);
        if (index >= 0 && subject != null) {
            router.record(subject, index, value);
        }
    }

    private int metric(String name) {
        int index = metrics.indexOf(name);
        if (index < 0 && warned.compareAndSet(false, true)) {
            LOG.warn(
                    "{} was recorded for {}, whose plan watches no business metric of that name (it has {}); it is dropped",
                    name,
                    id,
                    metrics);
        }
        return index;
    }

    // ---- What people do.

    /** Holds the exposure as it is; a regression still rolls back. */
    public void pause(String by, String reason) {
        lifecycle.pause(by, reason);
    }

    /** Takes the exposure away until {@link #resume}; a regression still rolls back. */
    public void pauseAndStopTraffic(String by, String reason) {
        lifecycle.pauseAndStopTraffic(by, reason);
    }

    /** Lets a paused rollout go on, or switches a feature flag on. */
    public void resume(String by) {
        lifecycle.resume(by);
    }

    /** Promotes the candidate now: it serves all calls. */
    public void promote(String by) {
        lifecycle.promote(by);
    }

    /**
     * Rolls back now, whatever the mode and the evidence.
     *
     * @throws RollbackException if there is nothing to roll back, or the rollback window is over
     */
    public void rollBack(String by, String reason) {
        lifecycle.rollBack(by, reason);
    }

    /**
     * Approves a rollback that the library recommends (mode RECOMMEND), or that it would have done (mode OBSERVE).
     *
     * @throws RollbackException if nothing is recommended
     */
    public void approve(String by) {
        lifecycle.approve(by);
    }

    /**
     * Lets a recommendation pass: the rollout goes on, and signals that still read REGRESSED recommend again.
     *
     * @throws RollbackException if nothing is recommended
     */
    public void dismiss(String by, String reason) {
        lifecycle.dismiss(by, reason);
    }

    /**
     * Raises a signal from outside: a person's report, a smoke test, an alert.
     *
     * @param signal the name of a {@link PushedSignal} of the plan
     * @param by who raises it; several reports of one reporter count once
     * @param what was seen; no secret
     * @throws IllegalArgumentException if the plan has no such signal
     */
    public void raise(String signal, String by, String what) {
        lifecycle.raise(signal, by, what);
    }

    /**
     * Says that a person has done a step back (one that waits for it, one that failed, or one that is still to come), opens a gate
     * that asks or is blocked, or, as {@code verification}, accepts stable as it is. Once nothing else needs people, the
     * rollback goes on with what is left by itself.
     *
     * @param note what was done, for the journal; no secret
     * @throws RollbackException if the rollout waits for no such step or gate, or the rollback was handed over
     */
    public void acknowledge(String stepOrGate, String by, String note) {
        lifecycle.acknowledge(stepOrGate, by, note);
    }

    /**
     * Tries again what needs people ({@link RolloutState.Phase#NEEDS_HUMAN}): a step that failed with all its ways and tries, a
     * gate that was blocked, a verification. A step of which nobody knows whether it was done is looked up first, and gone again
     * unless it is found to be done or under way: look whether it was before.
     *
     * @throws RollbackException if nothing needs people, or the rollback was handed over
     */
    public void tryAgain(String by) {
        lifecycle.tryAgain(by);
    }

    /**
     * Lets this process take no further step back: what is under way ends, what has not begun does not begin. Who starts the
     * rollout from the journal next goes on with it. For a process that its own rollback is about to replace. Returns at once.
     *
     * @throws RollbackException if no rollback is under way
     */
    public void handOver(String by, String reason) {
        lifecycle.handOver(by, reason);
    }

    /**
     * Lets a message go out that waits for approval, in the words of {@link Status#messages}.
     *
     * @param deliveryId the message
     * @throws RollbackException if no such message waits for approval
     */
    public void approveMessage(String deliveryId, String by) {
        lifecycle.approveMessage(deliveryId, by);
    }

    /**
     * Says that somebody has read a message, so that it goes no further.
     *
     * @param message the message's delivery id, also where it has gone on to another group; or the name of a group, for all that
     *     it was told
     * @throws RollbackException if no such message waits to be acknowledged
     */
    public void acknowledgeMessage(String message, String by) {
        lifecycle.acknowledgeMessage(message, by);
    }

    /**
     * Returns what was found when everything that a rollback needs was last looked at, before the start. No item before that, and
     * after the process was started again.
     */
    public Preflight preflight() {
        return lifecycle.preflight();
    }

    /**
     * Lets the rollout start although its preflight has not passed; journalled with who wants it and what had failed. Returns at once:
     * it starts as soon as that is written.
     *
     * @throws RollbackException if the rollout is not {@link RolloutState.Phase#PLANNED}, if its preflight has not failed, or if the
     *     journal could not be read
     */
    public void override(String by, String reason) {
        lifecycle.override(by, reason);
    }

    /** Says which release a key gets and got, so that support can find who was hit. */
    public Affected affected(Subject subject) {
        return lifecycle.affected(subject);
    }

    /** Returns where the rollout stands. */
    public Status status() {
        return lifecycle.status();
    }

    /**
     * Says whether this process is to take no traffic, in a rollout whose process is the candidate: while the candidate is taken back, or
     * a person wants all calls on stable, and stable capacity is known to serve, and others of its kind are not too many already. Ask
     * about once a second at least: it ends as soon as stable is in doubt. Reads memory only; false in any other rollout.
     */
    public boolean isRefusing() {
        return lifecycle.isRefusing();
    }

    /** Returns what is known where this process is the candidate; null in any other rollout. */
    public @Nullable Deployment deployment() {
        return lifecycle.deployment();
    }

    /** Returns how the evidence went since the start, or since the process was started again. */
    public EvidenceCurve evidence() {
        return lifecycle.evidence();
    }

    /** Returns the latencies of a release's timed calls in nanoseconds, within 6.25 %. */
    public Histogram latency(Arm arm) {
        return lifecycle.latency(arm);
    }

    // ---- For the registry.

    Lifecycle lifecycle() {
        return lifecycle;
    }

    void tick() {
        shadows.checkDeadlines();
        lifecycle.tick();
    }
}
