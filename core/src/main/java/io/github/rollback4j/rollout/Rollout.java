package io.github.rollback4j.rollout;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.JournalEvent;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.RolloutState.Trigger;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.PushedSignal;
import io.github.rollback4j.signal.Verdict;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Body;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.OutcomeRules;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Split;
import io.github.rollback4j.traffic.Subject;
import io.github.rollback4j.traffic.Tally;
import io.github.rollback4j.traffic.Ticket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
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
     * @param awaitsAcknowledgement the step back that a person must do; empty where there is none
     * @param notStarted what is missing for the start; empty where nothing is
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
            List<String> notStarted) {}

    /**
     * Which release a key gets, and got.
     *
     * @param now the release that a call of the key would get now
     * @param exposed whether calls of the key went to the candidate at any time of this attempt in this process
     * @param from when they first did; null where they did not
     * @param until when they last did; null where they did not, or still do
     */
    public record Affected(
            Arm now,
            boolean exposed,
            @Nullable Instant from,
            @Nullable Instant until) {}

    private record Exposure(Instant at, double share, boolean open, double shadowShare) {}

    private static final Duration LISTENER_DEADLINE = Duration.ofSeconds(5);
    private static final Duration CHECK_DEADLINE = Duration.ofSeconds(30);
    private static final long RETRY_NANOS = 5_000_000_000L;

    private final RollbackPlan plan;
    private final String id;
    private final Surroundings surroundings;
    private final Router router;
    private final Tally tally;
    private final OutcomeRules outcomes;
    private final LongSupplier ticker;
    private final @Nullable String mdcKey;
    private final Shadows shadows;

    private final ReentrantLock lock = new ReentrantLock();
    private final JournalWriter writer;
    private final Lane checkLane;
    private final Lane stepLane;
    private final ErrorRate.@Nullable Weighing errors;
    private final Map<LimitSignal, Lane> limitLanes = new LinkedHashMap<>();
    private final Map<LimitSignal, LimitSignal.Watch> watches = new LinkedHashMap<>();
    private final Map<LimitSignal, Long> readAt = new LinkedHashMap<>();
    private final Map<PushedSignal, Map<String, Long>> reports = new LinkedHashMap<>();
    private final List<Exposure> exposures = new ArrayList<>();
    private final Set<String> stepsDone = new HashSet<>();

    private volatile RolloutState state = RolloutState.PLANNED;
    private volatile boolean closed;
    /** Why a rollback is recommended or was observed; read without the lock to spare the callers' threads. */
    private volatile String held = "";

    private @Nullable RollbackExecution execution;
    private BreakGlass.Setting control = BreakGlass.Setting.NONE;
    private long lastNanos;
    private long elapsedNanos;
    private long bakedNanos;
    private long promotedNanos;
    private long callsAtStep;
    private boolean growing;
    private long growNotBefore;
    private boolean starting;
    private long startNotBefore;
    private @Nullable RolloutEvent planned;
    private final CompletableFuture<RolloutState> begun = new CompletableFuture<>();
    private @Nullable Instant startedAt;
    private String decision = "";
    private List<String> notStarted = List.of();

    Rollout(RollbackPlan plan, String id, Split split, History history, Surroundings surroundings) {
        this.plan = plan;
        this.id = id;
        this.surroundings = surroundings;
        this.ticker = surroundings.ticker();
        this.outcomes = plan.outcomes();
        this.mdcKey = plan.mdcKey();
        this.lastNanos = ticker.getAsLong();
        this.startNotBefore = lastNanos;
        this.growNotBefore = lastNanos;
        this.elapsedNanos = history.elapsed.toNanos();
        this.decision = history.decision;
        this.stepsDone.addAll(history.stepsDone);
        this.router = new Router(
                new Router.Settings(
                        split,
                        plan.audience(),
                        plan.timeStableOneIn(),
                        plan.failingKeys(),
                        plan.outcomeDeadline().toNanos(),
                        Math.max(1, plan.strategy().expectedDuration().toNanos() / 256),
                        ticker,
                        surroundings.coin()),
                this::onCandidateFailures);
        this.tally = router.tally();
        if (!history.isEmpty()) {
            router.exposedBefore(history.highestShare);
        }
        this.writer = new JournalWriter(surroundings, id, history);
        this.checkLane = new Lane(surroundings.pool(), ticker, true);
        this.stepLane = new Lane(surroundings.pool(), ticker, false);
        this.shadows =
                new Shadows(surroundings.pool(), ticker, plan.outcomeDeadline().toNanos());
        ErrorRate errorRate = plan.errorRate();
        // After a restart without its counts, the i-th incarnation gets the part 2^-i of the rate.
        this.errors = errorRate == null
                ? null
                : errorRate.weigh(tally, plan.falseRollbackRate() * Math.scalb(1.0, -history.incarnations));
        for (FailureSignal signal : plan.signals()) {
            if (signal instanceof LimitSignal limit) {
                limitLanes.put(limit, new Lane(surroundings.pool(), ticker, true));
                watches.put(limit, limit.watch());
            } else if (signal instanceof PushedSignal pushed) {
                reports.put(pushed, new LinkedHashMap<>());
            }
        }
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
        return state;
    }

    /** Binds both versions of an object, stable first. */
    public <S> ReleasePair<S> between(S stable, S candidate) {
        return new ReleasePair<>(this, stable, candidate);
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            String key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return observed(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            long key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return observed(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a key. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            UUID key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return observed(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a subject. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            Subject subject, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return observed(enter(subject), stable, candidate, Body::run);
    }

    /** Makes a call without a key: each has a coin of its own. */
    public <T extends @Nullable Object, X extends Throwable> T call(
            Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return observed(enter(), stable, candidate, Body::run);
    }

    /** Makes a call for a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            String key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return answered(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            long key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return answered(enter(key), stable, candidate, Body::run);
    }

    /** Makes a call for a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            UUID key, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return answered(enter(key), stable, candidate, Body::run);
    }

    /**
     * Makes a call for a subject that may safely be made twice: where the candidate fails, stable answers, and the caller
     * sees no error. The failure counts as evidence, the second run does not. After a time-out or a cancellation nothing
     * is repeated (time-outs: unless the plan asks for it), nor after an error of the virtual machine.
     */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            Subject subject, Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return answered(enter(subject), stable, candidate, Body::run);
    }

    /** Makes a call without a key that may safely be made twice: where the candidate fails, stable answers. */
    public <T extends @Nullable Object, X extends Throwable> T callIdempotent(
            Body<? extends T, ? extends X> stable, Body<? extends T, ? extends X> candidate) throws X {
        return answered(enter(), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            String key, Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate) throws X {
        return followed(enter(key), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            long key, Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate) throws X {
        return followed(enter(key), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call for a key. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            UUID key, Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate) throws X {
        return followed(enter(key), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call for a subject. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            Subject subject, Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate) throws X {
        return followed(enter(subject), stable, candidate, Body::run);
    }

    /** Begins an asynchronous call without a key. Returns the host's own stage, and observes it on the side. */
    public <S extends @Nullable CompletionStage<?>, X extends Throwable> S callAsync(
            Body<? extends S, ? extends X> stable, Body<? extends S, ? extends X> candidate) throws X {
        return followed(enter(), stable, candidate, Body::run);
    }

    /** Says which release a key gets now, and counts nothing. */
    public Arm route(String key) {
        return router.route(key);
    }

    /** Says which release a key gets now, and counts nothing. */
    public Arm route(long key) {
        return router.route(key);
    }

    /** Says which release a subject gets now, and counts nothing. */
    public Arm route(Subject subject) {
        return router.route(subject);
    }

    /**
     * Begins a call that cannot be wrapped: {@link Ticket} says which release serves it. Give the ticket back to
     * {@link #exit} once, on any thread.
     */
    public long enter(String key) {
        return router.enter(key);
    }

    /** Begins a call that cannot be wrapped, see {@link #enter(String)}. */
    public long enter(long key) {
        return router.enter(key);
    }

    /** Begins a call that cannot be wrapped, see {@link #enter(String)}. */
    public long enter(UUID key) {
        return router.enter(key);
    }

    /** Begins a call that cannot be wrapped, see {@link #enter(String)}. */
    public long enter(Subject subject) {
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
        if (mdcKey != null) {
            return named(mdcKey, ticket, stable, candidate, use);
        }
        return timed(ticket, stable, candidate, use);
    }

    private <S, T extends @Nullable Object, X extends Throwable> T timed(
            long ticket, S stable, S candidate, ReleasePair.Use<? super S, ? extends T, ? extends X> use) throws X {
        if (Ticket.isShadowed(ticket)) {
            shadow(candidate, use);
        }
        long start = Ticket.isTimed(ticket) ? ticker.getAsLong() : 0;
        T result;
        try {
            result = use.with(Ticket.isCandidate(ticket) ? candidate : stable);
        } catch (Throwable thrown) {
            router.exit(ticket, start, outcomes.ofException(thrown));
            throw thrown;
        }
        router.exit(ticket, start, outcomes.ofResult(result));
        return result;
    }

    private <S, T extends @Nullable Object, X extends Throwable> T named(
            String key, long ticket, S stable, S candidate, ReleasePair.Use<? super S, ? extends T, ? extends X> use)
            throws X {
        String before = MDC.get(key);
        MDC.put(key, (Ticket.isCandidate(ticket) ? plan.candidate() : plan.stable()).version());
        try {
            return timed(ticket, stable, candidate, use);
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
            T result = use.with(candidate);
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
        return use.with(stable);
    }

    private <S extends @Nullable CompletionStage<?>, X extends Throwable, B> S followed(
            long ticket, B stable, B candidate, ReleasePair.Use<? super B, ? extends S, ? extends X> use) throws X {
        long start = Ticket.isTimed(ticket) ? ticker.getAsLong() : 0;
        S stage;
        try {
            stage = use.with(Ticket.isCandidate(ticket) ? candidate : stable);
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
        } catch (RuntimeException refused) {
            // A stage of the host's own making that cannot be observed: the call itself is unharmed.
        }
        router.exit(ticket, start, stage == null ? outcomes.ofResult(null) : Outcome.IGNORED);
    }

    private <S> void shadow(S candidate, ReleasePair.Use<? super S, ?, ?> use) {
        shadows.run(
                () -> {
                    try {
                        return outcomes.ofResult(use.with(candidate));
                    } catch (Throwable thrown) {
                        return outcomes.ofException(thrown);
                    }
                },
                router);
    }

    // ---- Watching and deciding.

    /** Runs in the caller's thread, at a few of the candidate's failures. Never throws, never waits. */
    private void onCandidateFailures() {
        try {
            if (errors == null || !state.isWatched() || !held.isEmpty() || !lock.tryLock()) {
                return;
            }
            try {
                weighErrors(advanceClock());
            } finally {
                lock.unlock();
            }
            pump();
        } catch (Throwable bug) {
            // Nothing of the library's may reach the host's call. The next tick weighs again, and logs.
        }
    }

    private void weighErrors(long now) {
        tally.read(now);
        if (errors != null && errors.weigh(now) && state.isWatched()) {
            Assessment found = errors.assessment();
            decide(found.signal(), found.why(), found.log10Evidence(), "rollback4j");
        }
    }

    /** Advances the rollout; called by the registry's tick. Neither waits nor runs foreign code. */
    void tick() {
        if (lock.tryLock()) {
            try {
                long now = advanceClock();
                router.tick(now, elapsedNanos);
                takeControl("", "");
                tryStart();
                if (state.isWatched()) {
                    weighErrors(now);
                    readLimits(now);
                    grow(now);
                } else {
                    tally.read(now);
                }
                if (execution != null && state.phase() == Phase.ROLLING_BACK) {
                    execution.advance(now);
                }
            } finally {
                lock.unlock();
            }
        }
        shadows.checkDeadlines();
        writer.tick();
        forEachLane(Lane::checkDeadline);
        pump();
    }

    private void forEachLane(Consumer<Lane> action) {
        action.accept(checkLane);
        action.accept(stepLane);
        limitLanes.values().forEach(action);
    }

    private void pump() {
        writer.pump();
        forEachLane(Lane::pump);
        surroundings.hearers().forEach(hearer -> hearer.lane().pump());
    }

    private long advanceClock() {
        long now = ticker.getAsLong();
        // A clock that goes backwards stands still for us.
        long passed = Math.max(0, now - lastNanos);
        lastNanos += passed;
        elapsedNanos += passed;
        if (!exposures.isEmpty()) {
            Exposure exposure = exposures.get(exposures.size() - 1);
            if (state.phase() == Phase.RUNNING && (exposure.share > 0 || exposure.shadowShare > 0)) {
                bakedNanos += passed;
            }
        }
        return lastNanos;
    }

    private void takeControl(String by, String reason) {
        BreakGlass.Setting setting =
                surroundings.breakGlass().setting(plan.stable().component());
        if (!setting.equals(control)) {
            control = setting;
            apply();
            emit(new RolloutEvent.Controlled(
                    setting.allToStable(), setting.automationOff(), setting.source(), by, reason));
        }
    }

    private void readLimits(long now) {
        limitLanes.forEach((limit, lane) -> {
            if (lane.isIdle()
                    && now - readAt.getOrDefault(limit, Long.MIN_VALUE / 2)
                            >= limit.every().toNanos()) {
                readAt.put(limit, now);
                lane.add(
                        limit.every(),
                        limit.probe()::read,
                        (reading, thrown) -> locked(() -> {
                            Assessment found =
                                    watches.get(limit).take(reading == null ? Double.NaN : reading, lastNanos);
                            if (found.verdict() == Verdict.REGRESSED && state.isWatched()) {
                                decide(found.signal(), found.why(), Double.NaN, "rollback4j");
                            }
                        }));
            }
        });
    }

    private void decide(String signal, String why, double log10Evidence, String by) {
        boolean acts = plan.mode() == Mode.ACT && !control.automationOff();
        if (acts) {
            rollBackNow(signal, why, log10Evidence, by);
        } else if (held.isEmpty()) {
            held = why;
            decision = why;
            emit(new RolloutEvent.Decided(signal, why, log10Evidence, plan.mode(), false, by));
        }
    }

    private void rollBackNow(String signal, String why, double log10Evidence, String by) {
        move(Trigger.ROLL_BACK);
        apply();
        decision = why;
        held = "";
        emit(new RolloutEvent.Decided(signal, why, log10Evidence, plan.mode(), true, by));
        if (state.phase() == Phase.ROLLED_BACK) {
            emit(new RolloutEvent.RolledBack());
            return;
        }
        execution = new RollbackExecution(this, plan, stepLane, stepsDone, why);
        execution.advance(lastNanos);
    }

    private void grow(long now) {
        RolloutStrategy strategy = plan.strategy();
        if (state.phase() == Phase.PROMOTED) {
            if (elapsedNanos - promotedNanos >= strategy.rollbackWindow().toNanos()) {
                move(Trigger.CLOSE_WINDOW);
                emit(new RolloutEvent.WindowClosed());
            }
            return;
        }
        boolean mayGrow = state.phase() == Phase.RUNNING
                && !growing
                && held.isEmpty()
                && !control.automationOff()
                && !control.allToStable()
                && now - growNotBefore >= 0;
        RolloutStrategy.Step step = strategy.steps().get(state.step());
        if (!mayGrow || bakedNanos < step.bake().toNanos() || candidateCalls() - callsAtStep < step.leastCalls()) {
            return;
        }
        boolean last = state.step() == strategy.steps().size() - 1;
        if (last && !strategy.promotes()) {
            return;
        }
        if (last) {
            growBy(new RolloutEvent.Promoted("rollback4j"), Trigger.PROMOTE);
        } else {
            growBy(exposed(state.step() + 1), Trigger.STEP_UP);
        }
    }

    /** Lets the exposure grow once the journal has it: a restart must know the highest share that ever was. */
    private void growBy(RolloutEvent event, Trigger trigger) {
        RolloutState from = state;
        growing = true;
        journalFirst(event, thrown -> {
            growing = false;
            if (thrown != null) {
                growNotBefore = lastNanos + RETRY_NANOS;
            } else if (state.equals(from) && held.isEmpty()) {
                hear(event);
                move(trigger);
                enterStep();
            }
        });
    }

    private void enterStep() {
        bakedNanos = 0;
        callsAtStep = candidateCalls();
        promotedNanos = elapsedNanos;
        boolean waits = state.phase() == Phase.RUNNING
                && plan.strategy().steps().get(state.step()).bySwitch();
        if (waits) {
            move(Trigger.PAUSE_AND_STOP_TRAFFIC);
            emit(new RolloutEvent.Paused("rollback4j", "waits to be switched on by resume", true));
        }
        apply();
    }

    private RolloutEvent exposed(int step) {
        RolloutStrategy.Step next = plan.strategy().steps().get(step);
        return new RolloutEvent.Exposed(step, next.name(), next.share(), next.shadowShare());
    }

    private long candidateCalls() {
        Tally.Totals totals = tally.totals();
        return totals.candidateCalls() + totals.candidateApart();
    }

    private void move(Trigger trigger) {
        RolloutState next = state.after(trigger);
        if (next == null) {
            throw new RollbackException(
                    "rollout " + id + " is " + state + ": " + trigger + " is not possible in that state");
        }
        state = next;
    }

    /** Brings the routing in line with state and controls. */
    private void apply() {
        Exposure wanted = wanted();
        Exposure last = exposures.isEmpty() ? null : exposures.get(exposures.size() - 1);
        if (last == null
                ? !wanted.open
                : last.share == wanted.share && last.open == wanted.open && last.shadowShare == wanted.shadowShare) {
            return;
        }
        exposures.add(wanted);
        router.expose(wanted.share, wanted.open, wanted.shadowShare, lastNanos, elapsedNanos);
    }

    private Exposure wanted() {
        Instant at = surroundings.clock().instant();
        boolean open = !control.allToStable()
                && switch (state.phase()) {
                    case RUNNING, PROMOTED -> true;
                    case PAUSED -> !state.trafficStopped();
                    default -> false;
                };
        if (!open) {
            return new Exposure(at, 0, false, 0);
        }
        if (state.phase() == Phase.PROMOTED) {
            return new Exposure(at, 1, true, 0);
        }
        RolloutStrategy.Step step = plan.strategy().steps().get(state.step());
        return new Exposure(at, step.share(), true, step.shadowShare());
    }

    // ---- Start, restart, close.

    /**
     * Begins newly, or in what the journal says.
     *
     * @param unread why the journal could not be read; null where it was
     */
    void begin(History history, RolloutEvent planned, @Nullable String unread) {
        locked(() -> {
            this.planned = planned;
            takeControl("", "");
            if (unread != null) {
                // Whether there was a rollback is unknown, so nothing is exposed in this process.
                notStart(List.of(unread + "; start it again once it can be"));
                startNotBefore = Long.MAX_VALUE;
            } else if (history.isEmpty()) {
                tryStart();
            } else {
                resume(history);
                if (state.phase() == Phase.PLANNED) {
                    tryStart();
                } else {
                    begun.complete(state);
                }
            }
        });
    }

    void awaitBegun(Duration longest) {
        try {
            begun.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException goesOnWithoutTheCaller) {
            // The handle works; the checks go on.
        }
    }

    private void resume(History history) {
        state = history.state;
        if (state.phase() == Phase.PLANNED) {
            return;
        }
        startedAt = surroundings.clock().instant();
        emit(new RolloutEvent.Continued(history.incarnations + 1, state.toString()));
        if (state.phase() == Phase.ROLLING_BACK) {
            execution = new RollbackExecution(this, plan, stepLane, stepsDone, decision);
            execution.advance(lastNanos);
        } else if (state.phase() == Phase.NEEDS_HUMAN) {
            execution = new RollbackExecution(this, plan, stepLane, stepsDone, decision);
        }
        callsAtStep = candidateCalls();
        promotedNanos = elapsedNanos;
        apply();
    }

    private void tryStart() {
        if (state.phase() != Phase.PLANNED || starting || closed || startNotBefore - lastNanos > 0) {
            return;
        }
        starting = true;
        if (writer.hasBegun()) {
            check();
            return;
        }
        RolloutEvent event = Objects.requireNonNull(planned);
        journalFirst(event, thrown -> {
            if (thrown == null) {
                hear(event);
                check();
            } else {
                starting = false;
                notStart(List.of("the journal cannot be written: " + message(thrown)));
            }
        });
    }

    private void check() {
        List<String> missing = new ArrayList<>();
        plan.strategy().verifications().forEach((name, check) -> addCheck("verification " + name, check, missing));
        for (RollbackPlan.Step step : plan.steps()) {
            RollbackStrategy way = step.way();
            RollbackStrategy.Context context = new RollbackStrategy.Context(
                    id, id + "/" + way.name(), plan.stable(), plan.candidate(), "check", step.deadline());
            addCheck("step " + way.name(), () -> way.check(context), missing);
        }
        checkLane.add(CHECK_DEADLINE, () -> true, (ok, thrown) -> locked(() -> checked(missing)));
    }

    private void notStart(List<String> reasons) {
        startNotBefore = lastNanos + RETRY_NANOS;
        if (!reasons.equals(notStarted)) {
            notStarted = List.copyOf(reasons);
            hear(new RolloutEvent.NotStarted(String.join("; ", reasons)));
        }
        begun.complete(state);
    }

    private void addCheck(String name, Check check, List<String> missing) {
        checkLane.add(CHECK_DEADLINE, check::run, (result, thrown) -> {
            if (thrown != null || result == null) {
                missing.add(name + ": " + (thrown == null ? "it returned nothing" : message(thrown)));
            } else if (!result.passed()) {
                missing.add(name + ": " + result.detail());
            }
        });
    }

    private void checked(List<String> missing) {
        starting = false;
        if (state.phase() != Phase.PLANNED) {
            return;
        }
        if (!missing.isEmpty()) {
            notStart(missing);
            return;
        }
        notStarted = List.of();
        starting = true;
        journalFirst(new RolloutEvent.Started(), thrown -> {
            if (thrown != null) {
                starting = false;
                notStart(List.of("the journal cannot be written: " + message(thrown)));
                return;
            }
            hear(new RolloutEvent.Started());
            RolloutEvent exposed = exposed(0);
            journalFirst(exposed, alsoThrown -> {
                starting = false;
                if (state.phase() != Phase.PLANNED) {
                    return;
                }
                if (alsoThrown != null) {
                    notStart(List.of("the journal cannot be written: " + message(alsoThrown)));
                    return;
                }
                hear(exposed);
                startedAt = surroundings.clock().instant();
                move(Trigger.START);
                enterStep();
                begun.complete(state);
            });
        });
    }

    void close() {
        locked(() -> {
            if (!closed) {
                closed = true;
                emit(new RolloutEvent.Closed(state.toString()));
                if (state.phase() != Phase.PROMOTED) {
                    router.expose(0, false, 0, lastNanos, elapsedNanos);
                }
            }
        });
    }

    // ---- What people do.

    /** Holds the exposure as it is; a regression still rolls back. */
    public void pause(String by, String reason) {
        command(() -> {
            move(Trigger.PAUSE);
            emit(new RolloutEvent.Paused(by, reason, false));
        });
    }

    /** Takes the exposure away until {@link #resume}; a regression still rolls back. */
    public void pauseAndStopTraffic(String by, String reason) {
        command(() -> {
            move(Trigger.PAUSE_AND_STOP_TRAFFIC);
            apply();
            emit(new RolloutEvent.Paused(by, reason, true));
        });
    }

    /** Lets a paused rollout go on, or switches a feature flag on. */
    public void resume(String by) {
        command(() -> {
            move(Trigger.RESUME);
            apply();
            emit(new RolloutEvent.Resumed(by));
        });
    }

    /** Promotes the candidate now: it serves all calls. */
    public void promote(String by) {
        command(() -> {
            move(Trigger.PROMOTE);
            held = "";
            enterStep();
            emit(new RolloutEvent.Promoted(by));
        });
    }

    /**
     * Rolls back now, whatever the mode and the evidence.
     *
     * @throws RollbackException if there is nothing to roll back, or the rollback window is over
     */
    public void rollBack(String by, String reason) {
        command(() -> {
            if (state.after(Trigger.ROLL_BACK) == null) {
                throw new RollbackException(
                        "rollout " + id + " is " + state
                                + ": it cannot be rolled back now; the control 'all-to-stable' takes the traffic back in any state");
            }
            rollBackNow("person", reason, Double.NaN, by);
        });
    }

    /**
     * Approves a rollback that the library recommends (mode RECOMMEND), or that it would have done (mode OBSERVE).
     *
     * @throws RollbackException if nothing is recommended
     */
    public void approve(String by) {
        command(() -> {
            requireRecommendation();
            rollBackNow("person", decision, Double.NaN, by);
        });
    }

    /**
     * Lets a recommendation pass: the rollout goes on, and signals that still read REGRESSED recommend again.
     *
     * @throws RollbackException if nothing is recommended
     */
    public void dismiss(String by, String reason) {
        command(() -> {
            requireRecommendation();
            held = "";
            decision = "";
            emit(new RolloutEvent.Dismissed(by, reason));
        });
    }

    private void requireRecommendation() {
        if (held.isEmpty() || !state.isWatched()) {
            throw new RollbackException("rollout " + id + " is " + state + ": no rollback is recommended");
        }
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
        PushedSignal pushed = reports.keySet().stream()
                .filter(known -> known.name().equals(signal))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("signal '" + signal + "' is not in the plan of " + id
                        + ": allowed are "
                        + reports.keySet().stream().map(PushedSignal::name).toList()));
        command(() -> {
            Map<String, Long> reporters = reports.get(pushed);
            reporters.put(by, lastNanos);
            reporters.values().removeIf(at -> lastNanos - at > pushed.within().toNanos());
            emit(new RolloutEvent.Reported(signal, by, what));
            if (reporters.size() >= pushed.reporters() && state.isWatched()) {
                decide(signal, reporters.size() + " reported, last " + by + ": " + what, Double.NaN, "rollback4j");
            }
        });
    }

    /**
     * Says that a person has done a step back: one that waits for it, or one that failed.
     *
     * @throws RollbackException if the rollout waits for no such step
     */
    public void acknowledge(String step, String by, String note) {
        command(() -> {
            RollbackExecution running = execution;
            if (running == null || !running.acknowledge(step, by, note)) {
                throw new RollbackException("rollout " + id + " is " + state + ": it does not wait for step " + step);
            }
            if (state.phase() == Phase.ROLLING_BACK) {
                running.advance(lastNanos);
            } else if (running.isComplete()) {
                rolledBack();
            }
        });
    }

    /** Says which release a key gets and got, so that support can find who was hit. */
    public Affected affected(Subject subject) {
        lock.lock();
        try {
            Instant from = null;
            Instant until = null;
            boolean now = false;
            for (Exposure exposure : exposures) {
                now = router.wouldExpose(subject, exposure.share, exposure.open);
                if (now) {
                    from = from == null ? exposure.at : from;
                    until = null;
                } else if (from != null && until == null) {
                    until = exposure.at;
                }
            }
            return new Affected(now && !closed ? Arm.CANDIDATE : router.route(subject), from != null, from, until);
        } finally {
            lock.unlock();
        }
    }

    /** Returns where the rollout stands. */
    public Status status() {
        lock.lock();
        try {
            tally.read(advanceClock());
            List<Assessment> assessments = new ArrayList<>();
            for (FailureSignal signal : plan.signals()) {
                if (signal instanceof LimitSignal limit) {
                    assessments.add(watches.get(limit).assessment());
                } else if (signal instanceof PushedSignal pushed) {
                    int raised = reports.get(pushed).size();
                    assessments.add(Assessment.of(
                            pushed.name(),
                            raised >= pushed.reporters() ? Verdict.REGRESSED : Verdict.NO_DATA,
                            raised + " of " + pushed.reporters() + " reports"));
                } else if (errors != null) {
                    assessments.add(errors.assessment());
                }
            }
            Exposure exposure = exposures.isEmpty() ? wanted() : exposures.get(exposures.size() - 1);
            String asked = execution == null ? null : execution.asked();
            return new Status(
                    id,
                    state,
                    exposure.share,
                    plan.strategy().steps().get(state.step()).name(),
                    tally.totals(),
                    List.copyOf(assessments),
                    Duration.ofNanos(elapsedNanos),
                    startedAt,
                    decision,
                    !held.isEmpty() && plan.mode() == Mode.RECOMMEND,
                    asked == null ? "" : asked,
                    notStarted);
        } finally {
            lock.unlock();
        }
    }

    /** Returns the latencies of a release's timed calls in nanoseconds, within 6.25 %. */
    public Histogram latency(Arm arm) {
        lock.lock();
        try {
            return tally.latency(arm);
        } finally {
            lock.unlock();
        }
    }

    // ---- For the parts of this package.

    /** Takes over at once what a person set or lifted. */
    void control(String by, String reason) {
        locked(() -> {
            advanceClock();
            takeControl(by, reason);
        });
    }

    /** Waits for the journal to take what is queued, up to a time by {@link System#nanoTime}. */
    void awaitJournal(long endNanos) {
        while (!writer.isIdle() && System.nanoTime() - endNanos < 0) {
            writer.tick();
            LockSupport.parkNanos(1_000_000);
        }
    }

    long now() {
        return lastNanos;
    }

    void rolledBack() {
        move(Trigger.FINISH);
        emit(new RolloutEvent.RolledBack());
    }

    void callHuman(String why) {
        move(Trigger.CALL_HUMAN);
        emit(new RolloutEvent.NeedsHuman(why));
    }

    private void command(Runnable action) {
        if (closed) {
            throw new RollbackException("rollout " + id + " is closed");
        }
        locked(() -> {
            advanceClock();
            action.run();
        });
    }

    void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
            pump();
        }
    }

    void emit(RolloutEvent event) {
        emit(event, () -> {});
    }

    /** Journals an event and tells it to the listeners; {@code then} runs when the journal has it, or has had its time. */
    void emit(RolloutEvent event, Runnable then) {
        writer.write(entry(event), true, thrown -> locked(then));
        hear(event);
    }

    private void hear(RolloutEvent event) {
        for (Surroundings.Hearer hearer : surroundings.hearers()) {
            hearer.lane()
                    .add(
                            LISTENER_DEADLINE,
                            () -> {
                                hearer.listener().onEvent(this, event);
                                return true;
                            },
                            (ok, thrown) -> {
                                if (thrown != null) {
                                    surroundings.failures().accept("a listener failed on " + event.type(), thrown);
                                }
                            });
        }
    }

    /** Journals what is only to happen once it is written; {@code then} is told why it is not, or null. */
    private void journalFirst(RolloutEvent event, Consumer<@Nullable Throwable> then) {
        writer.write(entry(event), false, thrown -> locked(() -> then.accept(thrown)));
    }

    private JournalEvent entry(RolloutEvent event) {
        return JournalEvent.of(
                event.type(), surroundings.clock().instant(), Duration.ofNanos(elapsedNanos), event.data());
    }

    static String message(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
    }
}
