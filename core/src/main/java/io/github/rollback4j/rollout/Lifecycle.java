package io.github.rollback4j.rollout;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.RolloutState.Trigger;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.Latency;
import io.github.rollback4j.signal.PushedSignal;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Subject;
import io.github.rollback4j.traffic.Tally;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Moves one rollout through its states: starts it, lets its exposure grow, decides, rolls back, obeys people.
 *
 * <p>Everything here happens under one lock, held for microseconds, under which no foreign code runs: what is foreign is
 * queued on a lane, and the lanes are pumped after the lock is free. A caller's thread and the tick only ever try the
 * lock; people's commands wait for it.
 */
final class Lifecycle {

    /** The share of the coin's calls that got the candidate, from a time on. */
    private record Exposure(Instant at, double share, boolean open, double shadowShare) {}

    private static final String LIBRARY = "rollback4j";
    private static final String PERSON = "person";
    private static final String LATENCY = "latency";

    /**
     * How the false-rollback rate is divided where instances share a rollout: what they see together, and what each sees alone and acts
     * on here at once, with the store or without it.
     */
    private static final double TOGETHER = 0.9;

    private static final double ALONE = 0.1;

    /** Beyond the deadline of the last call that may have been under way at a decision. */
    private static final long COUNTED_AFTER_NANOS = 1_000_000_000L;

    private static final String BOOT_LOOP = "boot-loop";
    private static final Duration LISTENER_DEADLINE = Duration.ofSeconds(5);
    private static final long RETRY_NANOS = 5_000_000_000L;
    private static final long EXCESS_NANOS = 1_000_000_000L;

    /** As a logarithm: a chance of 1 in 10,000 for the calls that begin and those that are reported together. */
    private static final double WRONG_RATIO = Math.log(20_000);

    /** After so many restarts the rate is no longer halved: what is left of it makes no difference to the sum. */
    private static final int MOST_HALVINGS = 60;

    private final Rollout rollout;
    private final RollbackPlan plan;
    private final String id;
    private final Surroundings surroundings;
    private final Router router;
    private final Tally tally;
    private final long bucketNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final JournalWriter writer;
    private final PreflightCheck preflightCheck;
    private final SignalBoard signals;
    private final Shadows shadows;
    private final EvidenceLog evidenceLog;
    private final CaseFile caseFile;
    private final Announcements announcements;
    private final List<Exposure> exposures = new ArrayList<>();

    /** What the journal knew of before this process; ends closed. */
    private final List<Exposure> exposuresBefore;

    /** Another each time that this instance leads anew. */
    private volatile RollbackExecution execution;

    private final CompletableFuture<RolloutState> begun = new CompletableFuture<>();

    private volatile RolloutState state = RolloutState.PLANNED;
    private volatile boolean closed;

    /** Why a rollback is recommended or was observed; read without the lock to spare the callers' threads. */
    private volatile String held = "";

    /** What is different where this process is the candidate; null where both releases are in it. */
    private final @Nullable Deployment deployment;

    /** Why a rollback is under way whose steps begin once the traffic is drained; null where none waits. */
    private @Nullable String drainedFor;

    /** Takes part in what several instances share; null where this one is on its own. */
    private final @Nullable FleetMember member;

    /** What the journal says, kept up to date where others write, too. */
    private final History known;

    /** Whether this instance has begun to take part in what is shared: not where the journal could not be read at its start. */
    private volatile boolean isSharing;

    /** Whether it was taken in what the journal and the other instances say; nothing is exposed before. */
    private boolean isAdmitted;

    /** Whether entries are being taken in, of which only the last says what holds. */
    private boolean isReading;

    /** Whether this instance decides for all, and takes the steps. */
    private volatile boolean leads;

    /** Whether the candidate gets no calls here, since a regression was seen here of which the one that leads has yet to decide. */
    private boolean isStoppedHere;

    /** Whether the candidate gets no calls here until it is known what the one that leads has decided. */
    private boolean isStoppedUntilRead;

    private boolean isRegressionTold;
    private List<Fleet.Member> members = List.of();
    private boolean areEdgesProposed;
    private double[] ownRates = {0, 0};

    private BreakGlass.Setting control = BreakGlass.Setting.NONE;
    private long lastNanos;
    private long elapsedNanos;
    private long bakedNanos;
    private long ranNanos;
    private boolean isOverdue;
    private boolean isRatioWrong;
    private long excessReadAt;
    private boolean isEvidenceToBeKept;
    private long countedAt = Long.MAX_VALUE;
    private long promotedNanos;
    private long callsAtStep;
    private boolean growing;
    private long growNotBefore;
    private boolean starting;
    private long startNotBefore;

    /** The first event of the attempt; null until {@link #begin}. */
    private @Nullable RolloutEvent plannedEvent;

    /** That this process goes on, while the journal does not have it yet. */
    private @Nullable RolloutEvent unsaid;

    private @Nullable Instant startedAt;
    private String decision;
    private List<String> notStarted = List.of();
    private volatile Preflight preflight = new Preflight(List.of());

    /** Who lets the rollout start although its preflight has not passed; null where nobody does. */
    private RolloutEvent.@Nullable Overridden override;

    private boolean isPlanKept;

    /** Whether the journal could not be read, so that it is unknown what it says of this rollout. */
    private volatile boolean isUnread;

    Lifecycle(
            Rollout rollout,
            RollbackPlan plan,
            String id,
            String salt,
            History history,
            Shadows shadows,
            Surroundings surroundings) {
        this.rollout = rollout;
        this.plan = plan;
        this.id = id;
        this.surroundings = surroundings;
        this.lastNanos = surroundings.ticker().getAsLong();
        this.startNotBefore = lastNanos;
        this.growNotBefore = lastNanos;
        this.excessReadAt = lastNanos;
        this.shadows = shadows;
        this.elapsedNanos = history.elapsed.toNanos();
        this.ranNanos = history.ran.toNanos();
        this.isOverdue = history.isOverdue;
        this.decision = history.decision;
        this.held = history.held;
        this.bucketNanos = Math.max(1, plan.strategy().expectedDuration().toNanos() / StartMixture.PLANNED_BUCKETS);
        this.router = new Router(
                new Router.Settings(
                        salt,
                        plan.audience(),
                        plan.timeStableOneIn(),
                        plan.failingKeys(),
                        plan.outcomeDeadline().toNanos(),
                        bucketNanos,
                        compared(plan),
                        surroundings.ticker(),
                        surroundings.coin(),
                        surroundings.journal().fleet() != null),
                this::onCandidateFailures);
        this.tally = router.tally();
        this.known = history;
        this.exposuresBefore = exposuresIn(history, surroundings.clock().instant());
        this.member = surroundings.journal().fleet() == null ? null : member(history.sequence);
        this.isAdmitted = member == null;
        this.leads = member == null;
        if (member != null) {
            router.joinedAt(history.highestShare);
            router.divide(history.owners, member.instance());
        } else if (!history.isEmpty()) {
            router.exposedBefore(history.highestShare);
        }
        this.writer = new JournalWriter(surroundings, id, history, this::overtaken);
        this.deployment = Deployment.of(plan, surroundings, bucketNanos, deploying());
        this.preflightCheck = PreflightCheck.beforeStart(plan, id, surroundings, deployment);
        this.execution = new RollbackExecution(this, plan, surroundings);
        // After the i-th restart, without the counts of before, the part 2^-i of the rate is left.
        int restarts = member != null ? 0 : history.incarnations + (history.state.phase() == Phase.PLANNED ? 0 : 1);
        double rate = plan.falseRollbackRate() * Math.scalb(1.0, -Math.min(restarts, MOST_HALVINGS));
        this.signals = new SignalBoard(plan, tally, rate, surroundings, deployment);
        this.evidenceLog = new EvidenceLog(plan, rate);
        this.caseFile = new CaseFile(elapsedNanos);
        this.announcements = new Announcements(plan, id, surroundings, announcing());
        this.announcements.setOn(leads);
    }

    /** Returns what else than errors the plan compares. */
    private static Router.Compared compared(RollbackPlan plan) {
        double latencyTimes = 0;
        long warmUpNanos = 0;
        List<Router.Metric> metrics = new ArrayList<>();
        for (FailureSignal signal : plan.signals()) {
            if (signal instanceof Latency latency) {
                latencyTimes = latency.times();
                warmUpNanos = latency.warmUp().toNanos();
            } else if (signal instanceof BusinessMetric metric) {
                metrics.add(new Router.Metric(
                        metric.name(),
                        metric.isNumeric(),
                        metric.times(),
                        metric.window().toNanos()));
            }
        }
        return new Router.Compared(
                latencyTimes, warmUpNanos, plan.isKeyedByFirstCall() ? plan.keysPerStep() : 0, metrics);
    }

    String id() {
        return id;
    }

    Router router() {
        return router;
    }

    RolloutState state() {
        return state;
    }

    // ---- Watching and deciding.

    /** Runs in the caller's thread, at a few of the candidate's failures. Never throws, never waits. */
    private void onCandidateFailures() {
        try {
            if (closed || !state.isWatched() || !held.isEmpty() || isRegressionTold || !lock.tryLock()) {
                return;
            }
            try {
                if (!closed) {
                    long now = advanceClock();
                    tally.read(now);
                    found(signals.weighErrors(now));
                }
            } finally {
                lock.unlock();
            }
            pump();
        } catch (Throwable bug) {
            // Nothing of the library's may reach the host's call. The next tick weighs again, and logs.
        }
    }

    private void weigh(long now) {
        tally.read(now);
        countDeployed(now);
        if (caseFile.isUnharmed()) {
            caseFile.note(tally.totals(), elapsedNanos);
        }
        found(signals.weigh(now));
    }

    private void countDeployed(long now) {
        if (deployment != null) {
            deployment.take(now, elapsedNanos, tally.candidateApart());
        }
    }

    private void rememberEvidence() {
        double share = exposures.isEmpty() ? 0 : exposures.get(exposures.size() - 1).share;
        evidenceLog.add(elapsedNanos, share, signals.log10Evidence());
    }

    /** Weighs what only the tick looks at. */
    private void weighTheRest() {
        long[] compared = shadows.compared();
        int bucket = (int) Math.min(StartMixture.LAST_BUCKET, elapsedNanos / bucketNanos);
        found(signals.takeShadows(bucket, compared[0], compared[1]));
        if (evidenceLog.isDue(elapsedNanos)) {
            rememberEvidence();
        }
        if (!isRatioWrong
                && state.phase() == Phase.RUNNING
                && tally.sampleRatioEvidence() >= WRONG_RATIO + (leads ? 0 : logOfNumbers())) {
            isRatioWrong = true;
            ratioIsWrong();
        }
    }

    private void ratioIsWrong() {
        if (!leads) {
            ask("ratio-mismatch", "", "sample ratio mismatch");
        } else if (state.phase() == Phase.RUNNING) {
            move(Trigger.PAUSE);
            String why =
                    "the releases do not get the calls, or report the outcomes, that the share says, so that nothing can"
                            + " be compared; find out why, then resume or roll back";
            emit(new RolloutEvent.RatioMismatch(why));
            emit(new RolloutEvent.Paused(LIBRARY, "sample ratio mismatch", false));
        }
    }

    /** Takes in what a signal says; a regression outranks whatever else the rollout is doing. */
    private void found(@Nullable Assessment assessment) {
        if (assessment != null && assessment.verdict() == Verdict.REGRESSED && state.isWatched() && !closed) {
            decide(assessment);
        }
    }

    /** Advances the rollout; called by the registry's tick. Neither waits nor runs foreign code. */
    void tick() {
        try {
            if (lock.tryLock()) {
                try {
                    advance(advanceClock());
                } finally {
                    lock.unlock();
                }
            }
        } finally {
            if (member != null && isSharing && !closed) {
                member.tick();
            }
            writer.tick();
            if (deployment != null && !closed) {
                deployment.tick();
            }
            forEachLane(Lane::checkDeadline);
            pump();
        }
    }

    private void advance(long now) {
        if (plannedEvent == null) {
            // The registry knows of it, so that it ticks; what the journal says of it is only taken over by begin.
            return;
        }
        router.tick(now, elapsedNanos);
        takeControl("", "");
        if (closed || !isAdmitted) {
            return;
        }
        if (member != null && leads && member.lease() == null) {
            stepDown();
        }
        if (leads) {
            tryStart();
        }
        sayThatItGoesOn();
        if (state.isWatched()) {
            signals.readLimits(now, reading -> locked(() -> found(reading.get())));
            weigh(now);
            weighTheRest();
            if (leads) {
                proposeEdges(now);
                grow(now);
            }
        } else {
            tally.read(now);
            countDeployed(now);
        }
        keepForReports();
        advanceDeployment(now);
        if (leads) {
            execution.advance(now);
        }
        announcements.advance(elapsedNanos);
    }

    private void advanceDeployment(long now) {
        Deployment of = deployment;
        if (of == null) {
            return;
        }
        of.advance(
                now,
                new Deployment.Standing(
                        state,
                        control.allToStable() || known.isAllToStable,
                        leads,
                        known.sequence >= writer.sequence(),
                        member,
                        members,
                        known.refusing));
        String why = drainedFor;
        if (why != null && leads && of.isDrained(now)) {
            drainedFor = null;
            execution.begin(why);
        }
    }

    private Deployment.Host deploying() {
        return new Deployment.Host() {
            @Override
            public void emit(RolloutEvent event) {
                Lifecycle.this.emit(event);
            }

            @Override
            public void journal(RolloutEvent event, Runnable then) {
                journalFirst(event, thrown -> then.run());
            }

            @Override
            public void tell(RolloutEvent event) {
                hear(event);
            }
        };
    }

    /** Says who acts at this moment. */
    private Mode mode() {
        return deployment == null ? plan.mode() : deployment.mode(lastNanos);
    }

    private void forEachLane(Consumer<Lane> action) {
        if (deployment != null) {
            deployment.forEachLane(action);
        }
        preflightCheck.forEachLane(action);
        execution.forEachLane(action);
        signals.forEachLane(action);
        announcements.forEachLane(action);
    }

    private void pump() {
        if (member != null) {
            member.pump();
        }
        writer.pump();
        forEachLane(Lane::pump);
        surroundings.hearers().forEach(hearer -> hearer.lane().pump());
    }

    long advanceClock() {
        long now = surroundings.ticker().getAsLong();
        // A clock that goes backwards stands still for us.
        long passed = Math.max(0, now - lastNanos);
        lastNanos += passed;
        elapsedNanos += passed;
        if (state.phase() == Phase.RUNNING) {
            ranNanos += passed;
        }
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
            if (deployment != null && setting.allToStable()) {
                deployment.forgetReadmission();
            }
            control = setting;
            apply();
            emit(new RolloutEvent.Controlled(
                    setting.allToStable(), setting.automationOff(), setting.source(), by, reason));
        }
    }

    private void decide(Assessment found) {
        if (!leads) {
            tellRegression(found);
        } else if (mode() == Mode.ACT && !control.automationOff()) {
            rememberEvidence();
            rollBackNow(found, found.why(), LIBRARY);
        } else if (held.isEmpty()) {
            rememberEvidence();
            held = found.why();
            decision = found.why();
            emitDecision(found, found.why(), false, LIBRARY);
        }
    }

    private void emitDecision(Assessment found, String why, boolean acted, String by) {
        Map<String, String> facts = caseFile.counts(tally.totals(), signals.failingKeys(), elapsedNanos);
        if (!found.signal().equals(PERSON)) {
            CaseFile.add(facts, found, evidenceLog.risingSince(found.signal()));
        }
        emit(new RolloutEvent.Decided(found.signal(), why, found.log10Evidence(), mode(), acted, by, facts));
        // At the next tick: this may be a caller's thread.
        isEvidenceToBeKept = true;
        countedAt = elapsedNanos + plan.outcomeDeadline().toNanos() + COUNTED_AFTER_NANOS;
    }

    /** Journals what would be gone with this process. */
    private void keepForReports() {
        if (isEvidenceToBeKept) {
            isEvidenceToBeKept = false;
            keepEvidence();
        }
        if (elapsedNanos >= countedAt && !state.isWatched()) {
            countedAt = Long.MAX_VALUE;
            keepCounts();
        }
    }

    private void keepEvidence() {
        Rollout.EvidenceCurve curve = evidenceLog.curve();
        if (curve.points().size() > 1) {
            emit(RolloutEvent.EvidenceKept.of(curve));
        }
    }

    private void keepCounts() {
        RolloutEvent.Counted counted =
                caseFile.counted(caseFile.counts(tally.totals(), signals.failingKeys(), elapsedNanos));
        if (counted != null) {
            emit(counted);
        }
    }

    private void rollBackNow(Assessment found, String why, String by) {
        move(Trigger.ROLL_BACK);
        apply();
        decision = why;
        held = "";
        begun.complete(state);
        if (unsaid != null && !starting) {
            emit(unsaid);
        }
        unsaid = null;
        emitDecision(found, why, true, by);
        if (state.phase() == Phase.ROLLED_BACK) {
            emit(new RolloutEvent.RolledBack());
            return;
        }
        if (deployment != null && deployment.drains(lastNanos)) {
            drainedFor = why;
        } else {
            execution.begin(why);
        }
    }

    private void grow(long now) {
        RolloutStrategy strategy = plan.strategy();
        if (state.phase() == Phase.PROMOTED) {
            if (elapsedNanos - promotedNanos >= strategy.rollbackWindow().toNanos()) {
                move(Trigger.CLOSE_WINDOW);
                emit(new RolloutEvent.WindowClosed());
                keepCounts();
            }
            return;
        }
        if (!mayGrow() || growing || now - growNotBefore < 0) {
            return;
        }
        Duration longest = strategy.longest();
        if (longest != null && !isOverdue && ranNanos >= longest.toNanos()) {
            endOverdue(longest, strategy.otherwise());
            return;
        }
        RolloutStrategy.Step step = strategy.steps().get(state.step());
        boolean last = state.step() == strategy.steps().size() - 1;
        if ((last && !strategy.promotes()) || callsInStep(step) < step.leastCalls()) {
            return;
        }
        boolean isBaked = bakedNanos >= step.bake().toNanos();
        RolloutStrategy.Early early = strategy.early();
        if (last) {
            if (isBaked) {
                growTo(1, "the last step's time is over, and no signal is against it", this::promoteNow);
            }
            return;
        }
        double next = strategy.steps().get(state.step() + 1).share();
        if (early == null) {
            if (isBaked) {
                growTo(next, "the step's time is over, and no signal is against it", this::stepUp);
            }
            return;
        }
        if (isBaked || (bakedNanos >= early.notBefore().toNanos() && now - excessReadAt >= EXCESS_NANOS)) {
            excessReadAt = now;
            double harm =
                    step.share() > 0 && step.share() <= RolloutStrategy.Early.MOST_SHARE && signals.blind(now) == null
                            ? next * signals.highestExcess()
                            : 1;
            if (harm <= early.harm()) {
                growTo(
                        next,
                        String.format(Locale.ROOT, "at most %.3g %% of all calls can be harmed by it", 100 * harm),
                        this::stepUp);
            } else if (isBaked) {
                growTo(
                        next,
                        String.format(
                                Locale.ROOT,
                                "the step's time is over, and no signal is against it; inconclusive: up to %.3g %% of all calls"
                                        + " can be harmed",
                                100 * harm),
                        this::stepUp);
            }
        }
    }

    private void stepUp() {
        move(Trigger.STEP_UP);
        enterStep();
    }

    private void endOverdue(Duration longest, RolloutStrategy.Otherwise otherwise) {
        Assessment blind = signals.blind(lastNanos);
        RolloutStrategy.Otherwise then = blind == null ? otherwise : RolloutStrategy.Otherwise.HOLD;
        String why = "not promoted within " + longest
                + (blind == null ? "" : "; " + blind.signal() + " cannot be judged: " + blind.why());
        RolloutEvent overdue =
                new RolloutEvent.Overdue(then.name().toLowerCase(Locale.ROOT).replace('_', '-'), why);
        switch (then) {
            case HOLD -> {
                isOverdue = true;
                emit(overdue);
                move(Trigger.PAUSE);
                emit(new RolloutEvent.Paused(LIBRARY, why, false));
            }
            case PROMOTE ->
                growTo(1, why, () -> {
                    isOverdue = true;
                    emit(overdue);
                    promoteNow();
                });
            case ROLL_BACK -> {
                isOverdue = true;
                emit(overdue);
                decide(Assessment.of("overdue", Verdict.INCONCLUSIVE, why));
            }
        }
    }

    private void promoteNow() {
        move(Trigger.PROMOTE);
        enterStep();
        emit(new RolloutEvent.Promoted(LIBRARY));
    }

    private boolean mayGrow() {
        return leads
                && state.phase() == Phase.RUNNING
                && !known.isAllToStable
                && unsaid == null
                && held.isEmpty()
                && !closed
                && !control.automationOff()
                && !control.allToStable();
    }

    /** Lets the exposure grow once the journal knows of it: a restart must know the highest share that ever was. */
    private void growTo(double share, String why, Runnable grow) {
        RolloutState from = state;
        growing = true;
        journalFirst(new RolloutEvent.Growing(share, why), thrown -> {
            growing = false;
            if (thrown != null) {
                growNotBefore = lastNanos + RETRY_NANOS;
            } else if (state.equals(from) && mayGrow()) {
                grow.run();
            }
        });
    }

    private long callsInStep(RolloutStrategy.Step step) {
        // A coin that decides nothing weighs no call.
        return member == null || deployment != null
                ? candidateCalls() - callsAtStep
                : tally.candidateCalls(step.share());
    }

    private void enterStep() {
        divide();
        bakedNanos = 0;
        callsAtStep = candidateCalls();
        promotedNanos = elapsedNanos;
        if (state.phase() == Phase.RUNNING) {
            RolloutStrategy.Step step = plan.strategy().steps().get(state.step());
            emit(new RolloutEvent.Exposed(state.step(), step.name(), step.share(), step.shadowShare()));
            if (step.bySwitch()) {
                move(Trigger.PAUSE_AND_STOP_TRAFFIC);
                emit(new RolloutEvent.Paused(LIBRARY, "waits to be switched on by resume", true));
            }
        }
        apply();
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
        if (isReading) {
            return;
        }
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
        if (deployment != null) {
            // The process is the candidate, and can be nothing else.
            return new Exposure(at, 1, true, 0);
        }
        boolean open = !control.allToStable()
                && isAdmitted
                && !isStoppedHere
                && !isStoppedUntilRead
                && !known.isAllToStable
                && (leads || !isWaitingForSwitch(known))
                && unsaid == null
                && switch (state.phase()) {
                    case RUNNING -> !closed;
                    case PAUSED -> !closed && !state.trafficStopped();
                    // The last durable verdict: it holds after the handle was closed, too.
                    case PROMOTED -> true;
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
            plannedEvent = planned;
            isUnread = unread != null;
            takeControl("", "");
            if (deployment != null) {
                apply();
            }
            if (unread != null) {
                // Whether there was a rollback is unknown, so nothing is exposed by this handle.
                notStart(List.of(unread));
            } else if (member != null) {
                // Goes on with the first exchange; until then nothing is exposed.
                isSharing = true;
                member.tick();
            } else if (history.isEmpty()) {
                tryStart();
            } else {
                announcements.resume(history, elapsedNanos);
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
        List<RolloutStrategy.Step> steps = plan.strategy().steps();
        int last = Math.min(history.state.step(), steps.size() - 1);
        state = new RolloutState(
                history.state.phase(), last, history.state.trafficStopped(), history.state.windowOpen());
        if (state.phase() == Phase.PLANNED) {
            return;
        }
        if (isWaitingForSwitch(history)) {
            // The process ended before the journal knew that the step waits to be switched on.
            move(Trigger.PAUSE_AND_STOP_TRAFFIC);
        }
        startedAt = surroundings.clock().instant();
        callsAtStep = candidateCalls();
        promotedNanos = elapsedNanos;
        RolloutEvent event = new RolloutEvent.Continued(history.incarnations + 1, state.toString());
        String loop = state.phase() == Phase.RUNNING || !state.trafficStopped()
                ? surroundings.bootLoopGuard().loop(history, startedAt)
                : null;
        if (state.isWatched() && loop == null) {
            unsaid = event;
            sayThatItGoesOn();
            return;
        }
        emit(event);
        if (state.phase() == Phase.ROLLING_BACK || state.phase() == Phase.NEEDS_HUMAN) {
            execution.resume(history);
        } else if (loop != null) {
            decideBootLoop(loop);
        }
        apply();
    }

    private boolean isWaitingForSwitch(History history) {
        return state.phase() == Phase.RUNNING
                && plan.strategy().steps().get(state.step()).bySwitch()
                && !history.isSwitchedOn;
    }

    /** Exposes nobody before the journal knows of this start: else a candidate that kills the process would not be found. */
    private void sayThatItGoesOn() {
        RolloutEvent event = unsaid;
        if (event == null || !state.isWatched() || starting || closed || startNotBefore - lastNanos > 0) {
            return;
        }
        starting = true;
        journalFirst(event, thrown -> {
            starting = false;
            if (thrown != null) {
                startNotBefore = lastNanos + RETRY_NANOS;
                return;
            }
            unsaid = null;
            hear(event);
            apply();
        });
    }

    private void decideBootLoop(String why) {
        if (mode() == Mode.ACT && !control.automationOff()) {
            rollBackNow(Assessment.of(BOOT_LOOP, Verdict.INCONCLUSIVE, why), why, LIBRARY);
            return;
        }
        held = why;
        decision = why;
        emitDecision(Assessment.of(BOOT_LOOP, Verdict.INCONCLUSIVE, why), why, false, LIBRARY);
        // A promotion cannot be held, and whoever switched the automation off wants the traffic as it is.
        if (!control.automationOff() && state.after(Trigger.PAUSE_AND_STOP_TRAFFIC) != null) {
            move(Trigger.PAUSE_AND_STOP_TRAFFIC);
            emit(new RolloutEvent.Paused(LIBRARY, why, true));
        }
    }

    private void tryStart() {
        if (state.phase() != Phase.PLANNED || starting || closed || isUnread || startNotBefore - lastNanos > 0) {
            return;
        }
        starting = true;
        if (writer.hasBegun()) {
            check();
            return;
        }
        RolloutEvent event = Objects.requireNonNull(plannedEvent);
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
        preflightCheck.run(signals.pointless(tally.totals()), found -> locked(() -> checked(found)));
    }

    private void notStart(List<String> reasons) {
        startNotBefore = lastNanos + RETRY_NANOS;
        if (!reasons.equals(notStarted)) {
            notStarted = List.copyOf(reasons);
            hear(new RolloutEvent.NotStarted(String.join("; ", reasons)));
        }
        begun.complete(state);
    }

    private void checked(Preflight found) {
        starting = false;
        if (state.phase() != Phase.PLANNED || closed || !leads) {
            return;
        }
        if (!found.outcomes().equals(preflight.outcomes())) {
            emit(new RolloutEvent.Preflighted(found.passed(), found.data()));
        }
        preflight = found;
        RolloutEvent.Overridden over = override;
        if (found.passed()) {
            start();
        } else if (over == null) {
            notStart(found.reasons());
        } else {
            override(over);
        }
    }

    private void start() {
        notStarted = List.of();
        double share = plan.strategy().steps().get(0).share();
        startWith(new RolloutEvent.Growing(share, "the first step"), () -> {
            // A process that is killed by the first call must find in the journal that it had started.
            RolloutEvent started = new RolloutEvent.Started();
            startWith(started, () -> {
                startedAt = surroundings.clock().instant();
                move(Trigger.START);
                hear(started);
                enterStep();
                begun.complete(state);
            });
        });
    }

    private void override(RolloutEvent.Overridden over) {
        startWith(over, () -> {
            hear(over);
            start();
        });
    }

    /** Does what the start needs next, once the journal has it. */
    private void startWith(RolloutEvent event, Runnable then) {
        starting = true;
        journalFirst(event, thrown -> {
            starting = false;
            if (state.phase() != Phase.PLANNED || closed || !leads) {
                return;
            }
            if (thrown == null) {
                then.run();
            } else {
                notStart(List.of("the journal cannot be written: " + message(thrown)));
            }
        });
    }

    void close() {
        locked(() -> {
            if (!closed) {
                keepAtClose();
                closed = true;
                begun.complete(state);
                apply();
                if (deployment != null) {
                    deployment.close();
                }
                if (leads) {
                    emit(new RolloutEvent.Closed(state.toString()));
                }
            }
        });
    }

    /** Journals what the next process, which counts and weighs from nothing, will not have. */
    private void keepAtClose() {
        if (!leads) {
            return;
        }
        if (state.isWatched() || isEvidenceToBeKept) {
            isEvidenceToBeKept = false;
            keepEvidence();
        }
        if (state.isWatched() || countedAt < Long.MAX_VALUE) {
            tally.read(advanceClock());
            keepCounts();
        }
    }

    // ---- What people do.

    void pause(String by, String reason) {
        command(() -> {
            if (isAskedFor("pause", "", by, reason)) {
                return;
            }
            move(Trigger.PAUSE);
            emit(new RolloutEvent.Paused(by, reason, false));
        });
    }

    void pauseAndStopTraffic(String by, String reason) {
        command(() -> {
            if (isAskedFor("pause-and-stop-traffic", "", by, reason)) {
                return;
            }
            move(Trigger.PAUSE_AND_STOP_TRAFFIC);
            apply();
            emit(new RolloutEvent.Paused(by, reason, true));
        });
    }

    void resume(String by) {
        command(() -> {
            if (isAskedFor("resume", "", by, "")) {
                return;
            }
            move(Trigger.RESUME);
            apply();
            emit(new RolloutEvent.Resumed(by));
        });
    }

    void promote(String by) {
        command(() -> {
            if (isAskedFor("promote", "", by, "")) {
                return;
            }
            move(Trigger.PROMOTE);
            held = "";
            enterStep();
            emit(new RolloutEvent.Promoted(by));
        });
    }

    void rollBack(String by, String reason) {
        command(() -> {
            if (isAskedFor("roll-back", "", by, reason)) {
                return;
            }
            if (state.after(Trigger.ROLL_BACK) == null) {
                throw new RollbackException(
                        "rollout " + id + " is " + state
                                + ": it cannot be rolled back now; the control 'all-to-stable' takes the traffic back in any state");
            }
            rollBackNow(Assessment.of(PERSON, Verdict.INCONCLUSIVE, reason), reason, by);
        });
    }

    void approve(String by) {
        command(() -> {
            if (isAskedFor("approve", "", by, "")) {
                return;
            }
            requireRecommendation();
            rollBackNow(Assessment.of(PERSON, Verdict.INCONCLUSIVE, decision), decision, by);
        });
    }

    void dismiss(String by, String reason) {
        command(() -> {
            if (isAskedFor("dismiss", "", by, reason)) {
                return;
            }
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

    void raise(String signal, String by, String what) {
        PushedSignal pushed = signals.pushed(signal, id);
        command(() -> {
            if (isAskedFor("raise", signal, by, what)) {
                return;
            }
            Assessment assessment = signals.raise(pushed, by, what, lastNanos);
            emit(new RolloutEvent.Reported(signal, by, what));
            found(assessment);
        });
    }

    void acknowledge(String stepOrGate, String by, String note) {
        command(() -> {
            if (isAskedFor("acknowledge", stepOrGate, by, note)) {
                return;
            }
            requireStepsHere();
            if (!execution.acknowledge(stepOrGate, by, note)) {
                throw new RollbackException(
                        "rollout " + id + " is " + state + ": it does not wait for step or gate " + stepOrGate);
            }
        });
    }

    void tryAgain(String by) {
        command(() -> {
            if (isAskedFor("try-again", "", by, "")) {
                return;
            }
            if (state.phase() != Phase.NEEDS_HUMAN) {
                throw new RollbackException(
                        "rollout " + id + " is " + state + ": NEEDS_HUMAN is where something can be tried again");
            }
            requireStepsHere();
            execution.tryAgain(by);
        });
    }

    void handOver(String by, String reason) {
        command(() -> {
            if (state.phase() != Phase.ROLLING_BACK && state.phase() != Phase.NEEDS_HUMAN) {
                throw new RollbackException("rollout " + id + " is " + state
                        + ": ROLLING_BACK and NEEDS_HUMAN are where it can be handed over");
            }
            execution.handOver(by, reason);
        });
    }

    void override(String by, String reason) {
        command(() -> {
            if (isAskedFor("override", "", by, reason)) {
                return;
            }
            List<String> failed = preflight.reasons();
            if (state.phase() != Phase.PLANNED || failed.isEmpty() || isUnread) {
                throw new RollbackException("rollout " + id + " is " + state
                        + ": one that is PLANNED, and whose preflight has failed, can be started all the same");
            }
            RolloutEvent.Overridden over = new RolloutEvent.Overridden(by, reason, String.join("; ", failed));
            override = over;
            if (!starting) {
                override(over);
            }
        });
    }

    Preflight preflight() {
        return preflight;
    }

    private void requireStepsHere() {
        String why = execution.handedOver();
        if (why != null) {
            throw new RollbackException(
                    "rollout " + id + ": " + why + "; say it where it goes on, or start this process again");
        }
    }

    void approveMessage(String deliveryId, String by) {
        command(() -> {
            if (!isAskedFor("approve-message", deliveryId, by, "")) {
                requireMessage(announcements.approve(deliveryId, by), deliveryId, "approval");
            }
        });
    }

    void acknowledgeMessage(String message, String by) {
        command(() -> {
            if (!isAskedFor("acknowledge-message", message, by, "")) {
                requireMessage(announcements.acknowledge(message, by), message, "acknowledgement");
            }
        });
    }

    private void requireMessage(boolean waits, String message, String what) {
        if (!waits) {
            throw new RollbackException(
                    "rollout " + id + " is " + state + ": no message '" + message + "' waits for " + what);
        }
    }

    private static List<Exposure> exposuresIn(History history, Instant until) {
        List<Exposure> before = new ArrayList<>();
        for (History.Exposure each : history.exposures) {
            before.add(new Exposure(each.at(), each.share(), each.open(), 0));
        }
        if (!before.isEmpty() && before.get(before.size() - 1).open) {
            before.add(new Exposure(until, 0, false, 0));
        }
        return List.copyOf(before);
    }

    Rollout.Affected affected(Subject subject) {
        List<Exposure> past;
        lock.lock();
        try {
            past = new ArrayList<>(exposuresBefore);
            past.addAll(exposures);
        } finally {
            lock.unlock();
        }
        // Not under the lock: the audience's rules are the host's code.
        Instant from = null;
        Instant until = null;
        boolean now = false;
        for (Exposure exposure : past) {
            now = router.wouldExpose(subject, exposure.share, exposure.open);
            if (now) {
                from = from == null ? exposure.at : from;
                until = null;
            } else if (from != null && until == null) {
                until = exposure.at;
            }
        }
        return new Rollout.Affected(now ? Arm.CANDIDATE : Arm.STABLE, from != null, from, until);
    }

    Rollout.Status status() {
        lock.lock();
        try {
            tally.read(advanceClock());
            Exposure exposure = exposures.isEmpty() ? wanted() : exposures.get(exposures.size() - 1);
            String asked = execution.asked();
            return new Rollout.Status(
                    id,
                    state,
                    exposure.share,
                    plan.strategy().steps().get(state.step()).name(),
                    tally.totals(),
                    signals.assessments(lastNanos),
                    Duration.ofNanos(elapsedNanos),
                    startedAt,
                    decision,
                    !held.isEmpty() && mode() != Mode.OBSERVE,
                    asked == null ? "" : asked,
                    state.phase() == Phase.NEEDS_HUMAN ? execution.needs() : "",
                    notStarted,
                    control.allToStable() || known.isAllToStable,
                    control.automationOff(),
                    announcements.waiting());
        } finally {
            lock.unlock();
        }
    }

    Rollout.EvidenceCurve evidence() {
        lock.lock();
        try {
            return evidenceLog.curve();
        } finally {
            lock.unlock();
        }
    }

    Histogram latency(Arm arm) {
        lock.lock();
        try {
            return tally.latency(arm);
        } finally {
            lock.unlock();
        }
    }

    // ---- For the parts of this package.

    Announcements announcements() {
        return announcements;
    }

    /** Takes over at once what a person set or lifted. */
    void control(String by, String reason) {
        locked(() -> {
            if (plannedEvent != null) {
                advanceClock();
                takeControl(by, reason);
            }
        });
    }

    /** Lets a process that is the candidate serve again, since a person wants it. */
    void readmit() {
        locked(() -> {
            if (deployment != null && !closed) {
                deployment.readmit();
                advanceDeployment(advanceClock());
            }
        });
    }

    boolean isRefusing() {
        return deployment != null && deployment.isRefusing();
    }

    Rollout.@Nullable Deployment deployment() {
        lock.lock();
        try {
            return deployment == null ? null : deployment.status(advanceClock());
        } finally {
            lock.unlock();
        }
    }

    /** Tells the other instances that this one leaves, and waits for that until a time by {@link System#nanoTime}. */
    void leave(long endNanos) {
        if (deployment != null) {
            deployment.leave(endNanos);
        }
        FleetMember of = member;
        if (of != null && isSharing) {
            of.leave();
            while (!of.isIdle() && System.nanoTime() - endNanos < 0) {
                of.pump();
                LockSupport.parkNanos(1_000_000);
            }
        }
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

    boolean isClosed() {
        return closed;
    }

    /** Says whether other instances take part, so that what is not journalled is not known to whoever leads next. */
    boolean isShared() {
        return member != null;
    }

    /** Says whether nobody else can lead at this moment. Needs no lock. */
    boolean holdsLease() {
        FleetMember of = member;
        return of == null || of.lease() != null;
    }

    /** Says whether the journal could not be read when the rollout was begun: it must be begun anew. */
    boolean isUnread() {
        return isUnread;
    }

    // ---- Several instances.

    private FleetMember member(long sequence) {
        return new FleetMember(
                surroundings,
                id,
                sequence,
                this::changedPages,
                pages -> locked(() -> tally.notShared(pages.keySet())),
                this::exchanged,
                thrown -> surroundings.failures().accept("the store of " + id + " cannot be reached", thrown));
    }

    /** Reads at once what others may have written. */
    void wake() {
        if (member != null && isSharing && !closed) {
            member.wake();
        }
    }

    private Map<String, byte[]> changedPages() {
        lock.lock();
        try {
            long now = advanceClock();
            tally.read(now);
            return tally.changedPages(now);
        } finally {
            lock.unlock();
        }
    }

    /** Takes in what an exchange with the store has brought. */
    private void exchanged(FleetMember.Round round) {
        List<Runnable> todo = new ArrayList<>();
        locked(() -> {
            FleetMember of = Objects.requireNonNull(member);
            advanceClock();
            Fleet.Member self = of.self();
            if (!isAdmitted && self != null) {
                // However many instances there are, and however often they are started again, they spend no more
                // than their part: 1 / (n (n + 1)) adds up to 1.
                double n = self.number();
                ownRates = new double[] {plan.falseRollbackRate() * ALONE / (n * (n + 1)), Math.log(n * (n + 1))};
                weighAgainst(ownRates[0]);
            }
            boolean isFirst = !isAdmitted;
            isAdmitted = true;
            // What was exposed and taken back since the last time is not exposed again for a moment.
            isReading = true;
            try {
                round.entries().forEach(entry -> follow(entry, todo));
            } finally {
                isReading = false;
            }
            if (known.sequence >= writer.sequence()) {
                // Else this was read before what we wrote last: perhaps that the candidate is taken back.
                isStoppedUntilRead = false;
            }
            if (isFirst) {
                sync();
            }
            if (round.leads() && !closed) {
                takePages(round.pages());
                members = round.members();
                tally.read(lastNanos);
                if (!leads) {
                    lead(of, todo);
                } else if (!round.pages().isEmpty()) {
                    tally.merge();
                }
            }
            apply();
            if (leads) {
                String loop = state.isWatched() && held.isEmpty() && wanted().open
                        ? surroundings.bootLoopGuard().loop(members)
                        : null;
                if (loop != null) {
                    decideBootLoop(loop);
                }
                tryStart();
            }
            if (state.phase() != Phase.PLANNED || !leads) {
                begun.complete(state);
            }
        });
        todo.forEach(Runnable::run);
    }

    private double logOfNumbers() {
        return ownRates[1];
    }

    private void weighAgainst(double rate) {
        signals.weighAgainst(rate);
        evidenceLog.weighAgainst(rate);
    }

    private void follow(Journal.Entry entry, List<Runnable> todo) {
        known.take(entry);
        elapsedNanos = Math.max(elapsedNanos, known.elapsed.toNanos());
        boolean isOwn = writer.isOwn(entry.sequence());
        RolloutEvent event = RolloutEvent.of(entry.event());
        if (deployment != null && event instanceof RolloutEvent.Requested asked) {
            if (asked.what().equals(History.READMIT)) {
                deployment.readmit();
            } else if (asked.what().equals(History.ALL_TO_STABLE)) {
                deployment.forgetReadmission();
            }
        }
        if (event instanceof RolloutEvent.Requested requested && leads) {
            // Our own, too: it may have been written just before we led.
            todo.add(() -> perform(entry.sequence(), requested));
        }
        if (isOwn) {
            if (!leads) {
                sync();
            }
            return;
        }
        if (event instanceof RolloutEvent.Divided) {
            router.divide(known.owners, Objects.requireNonNull(member).instance());
        } else if (event instanceof RolloutEvent.EdgesFrozen frozen) {
            useEdges(frozen);
        } else if (event instanceof RolloutEvent.Dismissed) {
            isStoppedHere = false;
            isRegressionTold = false;
        }
        if (!leads) {
            sync();
        } else {
            apply();
        }
        boolean isOfInstances =
                event instanceof RolloutEvent.TrafficRefused || event instanceof RolloutEvent.TrafficResumed;
        if (event != null && !isOfInstances) {
            hear(event);
        }
    }

    /** Takes over the state that the journal has. */
    private void sync() {
        if (known.sequence < writer.sequence()) {
            // Else what we wrote last, perhaps that the candidate is taken back, would be forgotten for a moment.
            return;
        }
        RolloutState before = state;
        int last = Math.min(known.state.step(), plan.strategy().steps().size() - 1);
        state = new RolloutState(known.state.phase(), last, known.state.trafficStopped(), known.state.windowOpen());
        decision = known.decision;
        held = known.held;
        isOverdue = known.isOverdue;
        if (before.phase() != state.phase() || before.step() != state.step()) {
            bakedNanos = 0;
            callsAtStep = candidateCalls();
            promotedNanos = elapsedNanos;
        }
        if (startedAt == null && state.phase() != Phase.PLANNED) {
            startedAt = surroundings.clock().instant();
        }
        apply();
    }

    /** Decides for all from now on. */
    private void lead(FleetMember of, List<Runnable> todo) {
        Fleet.Lease lease = of.lease();
        Fleet.Member self = of.self();
        if (lease == null || self == null || known.sequence < writer.sequence()) {
            // What was read is older than what we wrote last: the next time.
            return;
        }
        sync();
        leads = true;
        if (isWaitingForSwitch(known)) {
            move(Trigger.PAUSE_AND_STOP_TRAFFIC);
        }
        isRegressionTold = false;
        writer.lead(lease.token(), known.sequence);
        tally.merge();
        weighAgainst(plan.falseRollbackRate() * TOGETHER);
        starting = false;
        growing = false;
        announcements.setOn(true);
        announcements.resume(known, elapsedNanos);
        execution = new RollbackExecution(this, plan, surroundings);
        drainedFor = null;
        if (state.phase() == Phase.ROLLING_BACK || state.phase() == Phase.NEEDS_HUMAN) {
            execution.resume(known);
        }
        emit(new RolloutEvent.Led(self.instance(), self.host(), self.number()));
        new TreeMap<>(known.requests).forEach((sequence, event) -> {
            if (RolloutEvent.of(event) instanceof RolloutEvent.Requested requested) {
                todo.add(() -> perform(sequence, requested));
            }
        });
        if (isStoppedHere && state.isWatched()) {
            // It was seen here, and nobody has decided yet.
            found(signals.weigh(lastNanos));
        }
    }

    private void overtaken() {
        locked(() -> {
            if (leads && member != null) {
                stepDown();
            }
        });
    }

    /** Decides for nobody from now on. What was decided and could not be journalled is told to whoever leads. */
    private void stepDown() {
        boolean wasOpen = wanted().open;
        leads = false;
        drainedFor = null;
        execution.leave("another instance leads, or may");
        announcements.setOn(false);
        tally.separate();
        weighAgainst(ownRates[0]);
        isStoppedUntilRead = !wasOpen;
        for (Journal.Event lost : writer.follow()) {
            if (RolloutEvent.of(lost) instanceof RolloutEvent.Decided decided) {
                isStoppedHere |= decided.acted();
                isRegressionTold = true;
                ask(
                        decided.by().equals(LIBRARY) ? "regressed" : "roll-back",
                        decided.signal(),
                        decided.by().equals(LIBRARY)
                                ? Objects.requireNonNull(member).instance()
                                : decided.by(),
                        decided.why(),
                        decided.log10Evidence());
            }
        }
        apply();
    }

    /** Stops the candidate here, where the plan lets the library act, and tells whoever leads. */
    private void tellRegression(Assessment found) {
        if (isRegressionTold) {
            return;
        }
        isRegressionTold = true;
        if (mode() == Mode.ACT && !control.automationOff()) {
            isStoppedHere = true;
            apply();
        }
        ask("regressed", found.signal(), Objects.requireNonNull(member).instance(), found.why(), found.log10Evidence());
    }

    private void ask(String what, String subject, String reason) {
        ask(what, subject, Objects.requireNonNull(member).instance(), reason, Double.NaN);
    }

    private void ask(String what, String subject, String by, String reason, double log10Evidence) {
        emit(new RolloutEvent.Requested(what, subject, by, reason, log10Evidence));
    }

    /** Does what somebody asked for who does not lead. */
    private void perform(long sequence, RolloutEvent.Requested requested) {
        String outcome = "done";
        try {
            doWhatIsAsked(requested);
        } catch (RollbackException | IllegalArgumentException refused) {
            outcome = message(refused);
        }
        String answer = outcome;
        locked(() -> {
            if (leads) {
                emit(new RolloutEvent.Answered(sequence, answer));
            }
        });
    }

    private void doWhatIsAsked(RolloutEvent.Requested of) {
        switch (of.what()) {
            case "pause" -> pause(of.by(), of.reason());
            case "pause-and-stop-traffic" -> pauseAndStopTraffic(of.by(), of.reason());
            case "resume" -> resume(of.by());
            case "promote" -> promote(of.by());
            case "roll-back" -> rollBack(of.by(), of.reason());
            case "approve" -> approve(of.by());
            case "dismiss" -> dismiss(of.by(), of.reason());
            case "raise" -> raise(of.subject(), of.by(), of.reason());
            case "try-again" -> tryAgain(of.by());
            case "override" -> override(of.by(), of.reason());
            case "approve-message" -> approveMessage(of.subject(), of.by());
            case "acknowledge-message" -> acknowledgeMessage(of.subject(), of.by());
            case "acknowledge" -> acknowledge(of.subject(), of.by(), of.reason());
            case "regressed" ->
                command(() -> found(new Assessment(
                        of.subject(),
                        Verdict.REGRESSED,
                        of.log10Evidence(),
                        Double.NaN,
                        "seen by " + of.by() + ": " + of.reason())));
            case "ratio-mismatch" -> command(this::ratioIsWrong);
            case History.ALL_TO_STABLE, History.READMIT -> {
                // Each instance has done it as it read it.
            }
            default -> throw new RollbackException("'" + of.what() + "' is not known to this version");
        }
    }

    /**
     * Asks whoever leads to do something, and says so; where this instance leads it is to do it itself, under the same lock: in between
     * it might lead no longer.
     */
    private boolean isAskedFor(String what, String subject, String by, String reason) {
        if (leads) {
            return false;
        }
        if (what.equals("roll-back") && state.after(Trigger.ROLL_BACK) != null) {
            isStoppedHere = true;
            apply();
        }
        ask(what, subject, by, reason, Double.NaN);
        return true;
    }

    /** Divides the keys of the next step among the instances that are there. */
    private void divide() {
        if (member == null) {
            return;
        }
        List<String> owners = members.stream()
                .filter(member::isHeard)
                .map(Fleet.Member::instance)
                .toList();
        router.divide(owners, member.instance());
        emit(new RolloutEvent.Divided(String.join(" ", owners)));
    }

    /** Freezes the bins of what is compared, for all instances, as soon as enough is known. */
    private void proposeEdges(long now) {
        if (member == null || areEdgesProposed) {
            return;
        }
        double[] edges = tally.proposedEdges(now);
        if (edges != null) {
            freeze(new RolloutEvent.EdgesFrozen(LATENCY, joined(edges), ""));
            return;
        }
        for (FailureSignal signal : plan.signals()) {
            if (signal instanceof BusinessMetric metric && metric.isNumeric()) {
                double[][] scale = tally.proposedScale(tally.metric(metric.name()));
                if (scale != null) {
                    freeze(new RolloutEvent.EdgesFrozen(metric.name(), joined(scale[0]), joined(scale[1])));
                    return;
                }
            }
        }
    }

    private void freeze(RolloutEvent.EdgesFrozen frozen) {
        areEdgesProposed = true;
        journalFirst(frozen, thrown -> {
            areEdgesProposed = false;
            if (thrown == null) {
                useEdges(frozen);
                hear(frozen);
            }
        });
    }

    private void useEdges(RolloutEvent.EdgesFrozen frozen) {
        try {
            if (frozen.subject().equals(LATENCY)) {
                tally.useEdges(numbers(frozen.edges()));
            } else {
                tally.useScale(tally.metric(frozen.subject()), numbers(frozen.edges()), numbers(frozen.scores()));
            }
        } catch (IllegalArgumentException odd) {
            surroundings.failures().accept("the bins of " + frozen.subject() + " in " + id + " cannot be used", odd);
        }
    }

    private static String joined(double[] numbers) {
        return Arrays.stream(numbers).mapToObj(Double::toString).collect(Collectors.joining(" "));
    }

    private static double[] numbers(String text) {
        return History.words(text).stream().mapToDouble(Double::parseDouble).toArray();
    }

    private void takePages(List<Fleet.Page> pages) {
        for (Fleet.Page page : pages) {
            try {
                tally.take(page.instance(), page.name(), page.content().bytes());
            } catch (IOException unreadable) {
                surroundings
                        .failures()
                        .accept("page " + page.name() + " of " + page.instance() + " in " + id, unreadable);
            }
        }
    }

    private Announcements.Host announcing() {
        return new Announcements.Host() {
            @Override
            public void emit(RolloutEvent event) {
                Lifecycle.this.emit(event);
            }

            @Override
            public void locked(Runnable action) {
                Lifecycle.this.locked(action);
            }

            @Override
            public Wording.Scope scope(@Nullable Instant countedSince) {
                return new Wording.Scope(tally.totals(), signals.failingKeys(), countedSince);
            }
        };
    }

    void rolledBack() {
        move(Trigger.FINISH);
        emit(new RolloutEvent.RolledBack());
    }

    /** Calls people; once more where they are called already, since this is something else. */
    void callHuman(String why) {
        if (state.phase() != Phase.NEEDS_HUMAN) {
            move(Trigger.CALL_HUMAN);
        }
        emit(new RolloutEvent.NeedsHuman(why));
    }

    /** Goes on with the rollback, since nobody is needed any more. */
    void goOn(String by) {
        move(Trigger.GO_ON);
        emit(new RolloutEvent.Resumed(by));
    }

    void triedAgain(RolloutEvent.TriedAgain event) {
        move(Trigger.GO_ON);
        emit(event);
    }

    /** Takes in that this process takes no step any more. */
    void handedOver(RolloutEvent.HandedOver event) {
        emit(event);
    }

    Instant instant() {
        return surroundings.clock().instant();
    }

    Tally.Totals totals() {
        return tally.totals();
    }

    /** Logs what went wrong and hurts nobody else. */
    void complain(String what, Throwable thrown) {
        surroundings.failures().accept(id + ": " + what, thrown);
    }

    /** Waits, on a thread of the library's, until the journal has what is written, or has had its time. */
    void awaitWritten(CountDownLatch written) {
        writer.await(written);
    }

    private void command(Runnable action) {
        locked(() -> {
            if (closed) {
                throw new RollbackException("rollout " + id + " is closed");
            }
            tally.read(advanceClock());
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
        emit(event, notWritten -> {});
    }

    /**
     * Journals an event and tells it to the listeners; {@code then} is told null when the journal has it, or, when it has had
     * its time, why it has not.
     */
    void emit(RolloutEvent event, Consumer<@Nullable Throwable> then) {
        RolloutEvent planned = plannedEvent;
        if (planned != null && !isUnread && !isPlanKept && !writer.hasBegun()) {
            // What is to be kept before the journal has taken the plan comes behind it.
            isPlanKept = true;
            writer.write(entry(planned), true, thrown -> {});
        }
        writer.write(entry(event), true, thrown -> locked(() -> then.accept(thrown)));
        hear(event);
    }

    private void hear(RolloutEvent event) {
        announcements.take(event, elapsedNanos);
        for (Surroundings.Hearer hearer : surroundings.hearers()) {
            hearer.lane()
                    .add(
                            LISTENER_DEADLINE,
                            () -> {
                                hearer.listener().onEvent(rollout, event);
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

    private Journal.Event entry(RolloutEvent event) {
        return Journal.Event.of(
                event.type(), surroundings.clock().instant(), Duration.ofNanos(elapsedNanos), event.data());
    }

    static String message(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
    }
}
