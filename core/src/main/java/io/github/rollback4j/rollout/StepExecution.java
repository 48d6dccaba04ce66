package io.github.rollback4j.rollout;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.core.IntervalFunction;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import io.github.rollback4j.strategy.RollbackStrategy.Found;
import java.io.InterruptedIOException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes one step back: looks at its gates, then goes its ways, one after the other, each with its tries: intent to the journal,
 * the way, its result to the journal. What nobody saw the end of is looked up before it is gone again. All methods are called
 * under the rollout's lock; what is foreign runs on a lane of the step's own.
 */
final class StepExecution {

    private static final Duration GATE_DEADLINE = Duration.ofSeconds(30);
    private static final Duration LOOK_UP_DEADLINE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration SENT_GRACE = Duration.ofSeconds(5);
    private static final long AGAIN_NANOS = 5_000_000_000L;
    private static final int MOST_FAILED_LOOK_UPS = 3;
    private static final int MOST_CAUSES = 8;

    private enum State {
        /** Its gates are looked at, one after the other. */
        AT_GATES,
        /** A gate waits for a person. */
        GATE_ASKED,
        /** The next try is due, now or after a pause. */
        DUE,
        /** A try is under way. */
        UNDER_WAY,
        /** A try is over of which nobody knows how it ended. */
        UNCERTAIN,
        /** A person does it. */
        ASKED,
        /** It cannot go on by itself. */
        STUCK,
        /** It is done. */
        DONE
    }

    /** Why a step cannot go on by itself. */
    private enum Obstacle {
        GATE,
        USED_UP,
        UNCERTAIN
    }

    /** One try of one way. */
    private static final class Try {
        final RollbackStrategy way;
        final String name;
        final String key;

        /** Read by the thread of the way, so that it ends where it is late. */
        volatile boolean isOver;

        Try(RollbackStrategy way, String name, String key) {
            this.way = way;
            this.name = name;
            this.key = key;
        }
    }

    private final RollbackExecution execution;
    private final Lifecycle lifecycle;
    private final RollbackPlan plan;
    private final RollbackPlan.Step step;
    private final Lane lane;
    private final List<RollbackStrategy> ways;

    // What the parts say of themselves is foreign code: asked once, before there is a lock.
    private final String name;
    private final List<String> wayNames;
    private final List<String> gateNames;

    private State state = State.AT_GATES;
    private Obstacle obstacle = Obstacle.USED_UP;
    private String why = "";
    private boolean isTold;

    /** Counts what changes the step's course, so that the answer to a question of before is known to be one. */
    private long turn;

    private boolean isAsking;
    private long notBefore;

    private int gate;
    private final Set<String> opened = new HashSet<>();
    private final Set<String> openedByPerson = new HashSet<>();
    private final Set<String> saidToBeOpen = new HashSet<>();
    private String closedGate = "";
    private String closedVerdict = "";
    private long closedSince;

    private int way;
    private int attempt;
    private @Nullable Try current;
    private @Nullable Instant triedAt;
    private long triedAtNanos;
    private String reference = "";
    private final Map<String, String> failures = new LinkedHashMap<>();

    private String uncertainty = "";
    private int cutOff;
    private boolean isCutOff;
    private boolean isRepeatable;
    private int failedLookUps;
    private boolean isSaidToBeUnderWay;
    private @Nullable Long underWaySince;

    StepExecution(
            RollbackExecution execution, Lifecycle lifecycle, RollbackPlan plan, RollbackPlan.Step step, Lane lane) {
        this.execution = execution;
        this.lifecycle = lifecycle;
        this.plan = plan;
        this.step = step;
        this.lane = lane;
        this.ways = step.ways();
        this.name = step.name();
        this.wayNames = ways.stream().map(RollbackStrategy::name).toList();
        this.gateNames = step.gates().stream().map(Gate::name).toList();
    }

    String name() {
        return name;
    }

    Lane lane() {
        return lane;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /** Says whether a try is under way, which ends by itself. */
    boolean isUnderWay() {
        return state == State.UNDER_WAY;
    }

    boolean isStuck() {
        return state == State.STUCK;
    }

    /** Says once that the step cannot go on by itself. */
    boolean isNewlyStuck() {
        boolean isNew = state == State.STUCK && !isTold;
        isTold |= isNew;
        return isNew;
    }

    /** Returns why the step cannot go on by itself, and what a person can do. */
    String why() {
        return why;
    }

    /** Returns what a person is asked to acknowledge: the step, or a gate before it; null where nobody is asked. */
    @Nullable
    String asked() {
        return switch (state) {
            case ASKED -> name;
            case GATE_ASKED -> closedGate;
            default -> null;
        };
    }

    /** Lets the step begin, once its stage is reached. */
    void start() {
        notBefore = lifecycle.now();
    }

    /** Goes on as far as that is possible now. */
    void advance(long nowNanos) {
        if (isAsking || nowNanos - notBefore < 0) {
            return;
        }
        if (state == State.AT_GATES) {
            advanceAtGates();
        }
        if (state == State.DUE) {
            begin();
        } else if (state == State.UNCERTAIN) {
            lookUp();
        }
    }

    private void enter(State next) {
        state = next;
        isAsking = false;
        current = null;
        turn++;
    }

    private void stick(Obstacle what, String known) {
        enter(State.STUCK);
        obstacle = what;
        why = known;
        isTold = false;
    }

    private void done(String way, String detail, String by) {
        enter(State.DONE);
        lifecycle.emit(new RolloutEvent.StepDone(name, way, detail, by));
    }

    // ---- Gates.

    private void advanceAtGates() {
        while (gate < gateNames.size() && opened.contains(gateNames.get(gate))) {
            gate++;
        }
        if (gate == gateNames.size()) {
            enter(State.DUE);
            return;
        }
        Gate asked = step.gates().get(gate);
        Gate.Question question =
                new Gate.Question(lifecycle.id(), plan.stable(), plan.candidate(), name, false, lifecycle.instant());
        isAsking = true;
        long asking = turn;
        lane.add(
                GATE_DEADLINE,
                () -> asked.look(question),
                (result, thrown) -> lifecycle.locked(() -> {
                    if (turn == asking) {
                        isAsking = false;
                        if (execution.mayBegin()) {
                            looked(result, thrown);
                        }
                    }
                }));
    }

    private void looked(Gate.@Nullable Result result, @Nullable Throwable thrown) {
        String asked = gateNames.get(gate);
        if (opened.contains(asked)) {
            // A person was faster.
            execution.advance();
            return;
        }
        long now = lifecycle.now();
        if (thrown != null || result == null) {
            blocked(thrown == null ? "it said nothing" : "it could not be asked: " + Lifecycle.message(thrown));
            return;
        }
        switch (result.verdict()) {
            case OPEN -> {
                opened.add(asked);
                forgetGate(asked);
                if (saidToBeOpen.add(asked)) {
                    lifecycle.emit(new RolloutEvent.GateOpened(asked, name, result.detail(), StepHistory.LIBRARY));
                }
                execution.advance();
            }
            case WAIT -> {
                closed("wait", result.detail());
                if (now - closedSince >= step.patience().toNanos()) {
                    blocked("it did not open within " + step.patience() + ": " + result.detail());
                } else {
                    notBefore = now + AGAIN_NANOS;
                }
            }
            case ASK -> {
                closed("ask", result.detail());
                enter(State.GATE_ASKED);
            }
            case BLOCKED -> blocked(result.detail());
        }
    }

    private void closed(String verdict, String detail) {
        String asked = gateNames.get(gate);
        if (!asked.equals(closedGate)) {
            closedGate = asked;
            closedVerdict = "";
            closedSince = lifecycle.now();
            saidToBeOpen.remove(asked);
        }
        if (!verdict.equals(closedVerdict)) {
            closedVerdict = verdict;
            lifecycle.emit(new RolloutEvent.GateClosed(asked, name, verdict, detail));
        }
    }

    private void forgetGate(String opened) {
        if (opened.equals(closedGate)) {
            closedGate = "";
            closedVerdict = "";
        }
    }

    private void blocked(String detail) {
        closed("blocked", detail);
        stickAtGate(detail);
        execution.advance();
    }

    private void stickAtGate(String detail) {
        String closed = closedGate;
        stick(
                Obstacle.GATE,
                "gate " + closed + " before step " + name + " says blocked: " + detail + ". Once it may be passed,"
                        + " tryAgain(by) looks at it again, acknowledge(\"" + closed
                        + "\", by, note) opens it, or do step "
                        + name + " by hand and acknowledge(\"" + name + "\", by, note)");
    }

    // ---- Tries.

    private String key(int index) {
        return lifecycle.id() + "/" + wayNames.get(index);
    }

    private void begin() {
        Try next = new Try(ways.get(way), wayNames.get(way), key(way));
        enter(State.UNDER_WAY);
        current = next;
        attempt++;
        triedAt = lifecycle.instant();
        triedAtNanos = lifecycle.now();
        // The way is gone once its intent is in the journal. Where this process is on its own, also once the journal
        // has had its time: a rollback does not wait for a journal that is away.
        lifecycle.emit(
                new RolloutEvent.StepIntended(
                        name, next.name, next.key, attempt, step.deadline().toMillis()),
                notWritten -> send(next, notWritten));
    }

    private void send(Try next, @Nullable Throwable notWritten) {
        if (current != next) {
            // A person was faster.
            return;
        }
        if (notWritten instanceof Journal.ConflictException) {
            // Somebody holds a newer lease: the step is theirs.
            attempt--;
            enter(State.DUE);
            execution.leave(Lifecycle.message(notWritten));
            return;
        }
        if (lifecycle.isShared() && execution.isLeft()) {
            // Whoever leads now may have begun it: nothing is said of a try that theirs could be taken for.
            attempt--;
            enter(State.DUE);
            return;
        }
        if (lifecycle.isShared() && (notWritten != null || !lifecycle.holdsLease())) {
            // Whoever leads next would not know of it, and take the step, too; or leads already, since this process
            // stood still.
            attempt--;
            enter(State.DUE);
            notBefore = lifecycle.now() + AGAIN_NANOS;
            lifecycle.emit(new RolloutEvent.StepLookedUp(name, next.name, "not-done", "it was not begun"));
            return;
        }
        if (!execution.mayBegin()) {
            attempt--;
            enter(State.DUE);
            lifecycle.emit(new RolloutEvent.StepLookedUp(name, next.name, "not-done", "it was not begun"));
            execution.advance();
            return;
        }
        if (notWritten != null) {
            lifecycle.complain(
                    "step " + name + " is taken all the same, though its intent is not journalled", notWritten);
        }
        triedAtNanos = lifecycle.advanceClock();
        RollbackStrategy.Context context = context(next.key, sent -> sent(next, sent));
        lane.add(
                step.deadline(),
                () -> {
                    if (!lifecycle.holdsLease()) {
                        throw new Lane.NeverBeganException("somebody else may lead by now");
                    }
                    return next.way.rollBack(context);
                },
                (result, thrown) -> lifecycle.locked(() -> ended(next, result, thrown)));
    }

    private RollbackStrategy.Context context(String key, Consumer<String> sent) {
        return new RollbackStrategy.Context(
                lifecycle.id(),
                key,
                plan.stable(),
                plan.candidate(),
                execution.reason(),
                step.deadline(),
                reference,
                sent);
    }

    /** Keeps what the target calls the try; on the way's own thread, which waits until that is written. */
    private void sent(Try of, String called) {
        CountDownLatch written = new CountDownLatch(1);
        lifecycle.locked(() -> {
            if (current == of) {
                reference = called;
            }
            lifecycle.emit(new RolloutEvent.StepSent(name, of.name, called), notWritten -> written.countDown());
        });
        lifecycle.awaitWritten(written);
        if (of.isOver) {
            // The journal's lane may have taken the interrupt for its own.
            Thread.currentThread().interrupt();
        }
    }

    private void ended(Try of, @Nullable Done result, @Nullable Throwable thrown) {
        of.isOver = true;
        if (current != of) {
            // A person has acknowledged it in the meantime.
            return;
        }
        if (result == null && lifecycle.isShared() && execution.isLeft()) {
            // Whoever leads now has it looked up; that it failed here says nothing of a try of theirs.
            enter(State.DUE);
            return;
        }
        if (result != null) {
            if (result.byPerson()) {
                enter(State.ASKED);
                lifecycle.emit(new RolloutEvent.StepAsked(name, result.detail()));
            } else {
                done(of.name, result.detail(), StepHistory.LIBRARY);
            }
        } else if (thrown == null) {
            failed("the step returned nothing", false);
        } else if (isUncertain(thrown)) {
            // Until then it may still arrive.
            uncertain(Lifecycle.message(thrown), triedAtNanos + step.deadline().toNanos());
        } else {
            CallNotPermittedException refused = refused(thrown);
            if (refused == null) {
                failed(Lifecycle.message(thrown), false);
            } else {
                failed("its circuit breaker is open: " + Lifecycle.message(refused), true);
            }
        }
        execution.advance();
    }

    /** Says whether nobody saw how the try ended. What never began has certainly not been done. */
    private static boolean isUncertain(Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; i < MOST_CAUSES && cause.getCause() != null; i++) {
            if (!(cause instanceof ExecutionException || cause instanceof CompletionException)) {
                break;
            }
            cause = cause.getCause();
        }
        return (cause instanceof TimeoutException && !(cause instanceof Lane.NeverBeganException))
                || cause instanceof InterruptedException
                || cause instanceof InterruptedIOException
                || (cause instanceof HttpTimeoutException && !(cause instanceof HttpConnectTimeoutException));
    }

    private static @Nullable CallNotPermittedException refused(Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
            if (cause instanceof CallNotPermittedException refused) {
                return refused;
            }
            cause = cause.getCause();
        }
        return null;
    }

    /**
     * Takes in that a try certainly failed.
     *
     * @param isFutile whether the next way, where there is one, is better than another try of this one
     */
    private void failed(String error, boolean isFutile) {
        String failed = wayNames.get(way);
        failures.put(failed, StepHistory.failure(attempt, error));
        enter(State.DUE);
        lifecycle.emit(new RolloutEvent.StepFailed(name, failed, attempt, error));
        notBefore = lifecycle.now();
        boolean isLast = way == ways.size() - 1;
        if (attempt < step.attempts() && (isLast || !isFutile)) {
            notBefore += pause(attempt);
        } else {
            takeNextWay();
        }
    }

    private long pause(int failedAttempts) {
        Duration first = step.pause();
        return first.toMillis() == 0
                ? first.toNanos()
                : IntervalFunction.ofExponentialBackoff(first, 2, LONGEST_PAUSE).apply(Math.max(1, failedAttempts))
                        * 1_000_000;
    }

    private void takeNextWay() {
        if (way < ways.size() - 1) {
            way++;
            attempt = 0;
            cutOff = 0;
            reference = "";
            return;
        }
        String last = wayNames.get(way);
        String what = ways.size() == 1
                ? " failed " + failures.getOrDefault(last, StepHistory.failure(attempt, "unknown"))
                : " failed: "
                        + failures.entrySet().stream()
                                .map(failure -> "way " + failure.getKey() + " " + failure.getValue())
                                .collect(Collectors.joining("; "));
        stick(
                Obstacle.USED_UP,
                "step " + name + what + ". Do it by hand and acknowledge(\"" + name + "\", by, note), or tryAgain(by)");
    }

    // ---- Tries of which nobody saw the end.

    private void uncertain(String known, long endNanos) {
        enter(State.UNCERTAIN);
        uncertainty = known;
        failedLookUps = 0;
        isSaidToBeUnderWay = false;
        underWaySince = null;
        notBefore = Math.max(lifecycle.now(), endNanos);
    }

    private void lookUp() {
        RollbackStrategy asked = ways.get(way);
        RollbackStrategy.Context context = context(key(way), sent -> {});
        AtomicBoolean recognises = new AtomicBoolean();
        isAsking = true;
        long asking = turn;
        lane.add(
                LOOK_UP_DEADLINE,
                () -> {
                    recognises.set(asked.recognisesKey());
                    return asked.lookUp(context);
                },
                (found, thrown) -> lifecycle.locked(() -> {
                    if (turn == asking) {
                        isAsking = false;
                        if (execution.mayBegin()) {
                            lookedUp(found, thrown, recognises.get());
                        }
                    }
                }));
    }

    private void lookedUp(@Nullable Found found, @Nullable Throwable thrown, boolean recognises) {
        long now = lifecycle.now();
        Found known = found;
        if (known == null) {
            if (++failedLookUps < MOST_FAILED_LOOK_UPS) {
                notBefore = now + AGAIN_NANOS;
                return;
            }
            known = Found.unknown("it could not be looked up: "
                    + (thrown == null ? "nothing was returned" : Lifecycle.message(thrown)));
        }
        failedLookUps = 0;
        String asked = wayNames.get(way);
        switch (known.state()) {
            case DONE -> {
                say(asked, "done", known.detail());
                done(asked, known.detail(), StepHistory.LIBRARY);
            }
            case UNDER_WAY -> underWay(asked, known.detail());
            case NOT_DONE -> {
                if (lane.hasLost() && !recognises && !step.repeatWhenUncertain()) {
                    underWay(asked, known.detail() + ", but the thread that went it still runs");
                } else {
                    say(asked, "not-done", known.detail());
                    goAgain(known.detail());
                }
            }
            case UNKNOWN -> {
                say(asked, "unknown", known.detail());
                if (recognises || step.repeatWhenUncertain() || isRepeatable) {
                    goAgain(known.detail());
                } else {
                    stickUncertain(known.detail());
                }
            }
        }
        execution.advance();
    }

    private void underWay(String asked, String detail) {
        long now = lifecycle.now();
        if (!isSaidToBeUnderWay) {
            isSaidToBeUnderWay = true;
            say(asked, "under-way", detail);
        }
        if (underWaySince == null) {
            underWaySince = now;
        }
        Duration most = step.deadline().multipliedBy(step.attempts());
        if (now - underWaySince >= most.toNanos()) {
            stickUncertain("it is still under way after " + most + ": " + detail);
        } else {
            notBefore = now + AGAIN_NANOS;
        }
    }

    private void say(String asked, String found, String detail) {
        lifecycle.emit(new RolloutEvent.StepLookedUp(name, asked, found, detail));
    }

    private void goAgain(String found) {
        isRepeatable = false;
        if (isCutOff && cutOff <= step.attempts()) {
            // It was not the way that failed; but one that brings the process down each time must end, too.
            isCutOff = false;
            attempt = Math.max(0, attempt - 1);
            enter(State.DUE);
            notBefore = lifecycle.now();
        } else {
            failed(uncertainty + "; looked up: " + found, false);
        }
    }

    private void stickUncertain(String unknown) {
        stick(
                Obstacle.UNCERTAIN,
                "it is not known whether step " + name + " was done: way " + wayNames.get(way) + " was begun"
                        + (triedAt == null ? "" : " at " + triedAt) + ", key " + key(way)
                        + (reference.isEmpty() ? "" : ", reference " + reference) + ", and " + uncertainty + "; "
                        + unknown + ". Look there: if it was done, acknowledge(\"" + name
                        + "\", by, note); if it was not, tryAgain(by)");
    }

    // ---- What people do, and a restart.

    /** Marks the step as done by a person; says whether it was not done yet. */
    boolean acknowledge(String by, String note) {
        if (state == State.DONE) {
            return false;
        }
        done("", note, by);
        return true;
    }

    /** Opens the gate that the step stands at, if it is this one and not open. */
    boolean openGate(String named, String by, String note) {
        boolean isAtGate = state == State.AT_GATES
                || state == State.GATE_ASKED
                || (state == State.STUCK && obstacle == Obstacle.GATE);
        if (!isAtGate || !named.equals(closedGate)) {
            return false;
        }
        openedByPerson.add(named);
        saidToBeOpen.add(named);
        forgetGate(named);
        lifecycle.emit(new RolloutEvent.GateOpened(named, name, note, by));
        notBefore = lifecycle.now();
        startAtGates();
        return true;
    }

    /** Begins anew what cannot go on. */
    void tryAgain() {
        failures.clear();
        notBefore = lifecycle.now();
        attempt = 0;
        cutOff = 0;
        if (obstacle == Obstacle.UNCERTAIN) {
            isRepeatable = true;
            isCutOff = true;
            uncertain(uncertainty, notBefore);
        } else {
            way = 0;
            reference = "";
            closedGate = "";
            closedVerdict = "";
            startAtGates();
        }
    }

    /** Looks at all gates again that no person has opened: while people were waited for, they may have closed. */
    private void startAtGates() {
        opened.clear();
        opened.addAll(openedByPerson);
        gate = 0;
        enter(State.AT_GATES);
    }

    /**
     * Goes on from what the journal says.
     *
     * @param elapsed since the rollout began, by the journal
     * @param isHeld whether nothing may happen until a person has acted
     */
    void resume(StepHistory known, Duration elapsed, boolean isHeld) {
        notBefore = lifecycle.now();
        failures.clear();
        failures.putAll(known.failures);
        way = Math.max(0, wayNames.indexOf(known.way));
        attempt = known.attempt;
        cutOff = known.cutOff;
        reference = known.reference;
        triedAt = known.triedAt;
        isRepeatable = known.isRepeatable;
        isCutOff = false;
        openedByPerson.clear();
        openedByPerson.addAll(known.openedByPerson);
        saidToBeOpen.clear();
        saidToBeOpen.addAll(known.opened);
        closedGate = gateNames.contains(known.closedGate) ? known.closedGate : "";
        closedVerdict = known.closedVerdict;
        closedSince = lifecycle.now() - elapsed.minus(known.closedAt).toNanos();
        if (known.isDone) {
            enter(State.DONE);
        } else if (known.isAsked) {
            enter(State.ASKED);
        } else if (known.isOpen) {
            isCutOff = true;
            uncertain(
                    "the process ended before its end was known",
                    lifecycle.now() + left(known).toNanos());
            if (isHeld) {
                stickUncertain("nobody has said yet how it goes on");
                isTold = true;
            }
        } else if (known.way.isEmpty()) {
            resumeAtGates(known, isHeld);
        } else {
            gate = gateNames.size();
            enter(State.DUE);
            if (attempt >= step.attempts()) {
                takeNextWay();
                isTold = isHeld;
            }
        }
    }

    private void resumeAtGates(StepHistory known, boolean isHeld) {
        startAtGates();
        if (closedGate.isEmpty()) {
            return;
        }
        if (known.isGateAsked()) {
            enter(State.GATE_ASKED);
        } else if (known.isGateBlocked()) {
            stickAtGate(known.closedDetail);
            isTold = isHeld;
        }
    }

    /** Returns how long a try of before may still arrive: by the wall clock, which may have been set. */
    private Duration left(StepHistory known) {
        Duration deadline = known.deadline == null ? step.deadline() : known.deadline;
        Duration most = deadline.plus(SENT_GRACE);
        Instant began = Objects.requireNonNullElse(known.triedAt, lifecycle.instant());
        Duration left = Duration.between(lifecycle.instant(), began.plus(deadline));
        return left.isNegative() ? Duration.ZERO : left.compareTo(most) > 0 ? most : left;
    }
}
