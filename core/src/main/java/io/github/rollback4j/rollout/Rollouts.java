package io.github.rollback4j.rollout;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts rollouts and keeps them going: one for a process is enough. Thread-safe.
 *
 * <p>It has one thread that ticks, ten times a second, and up to 64 threads for foreign code (health checks, gauges,
 * listeners, journal, steps), which end when they are idle. All are daemons.
 */
public final class Rollouts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rollouts.class);
    private static final Duration LONGEST_START = Duration.ofSeconds(5);
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);
    private static final long CONTROL_FILE_NANOS = 1_000_000_000L;
    private static final int MOST_THREADS = 64;
    private static final Pattern HOST = Pattern.compile("\\S{1,200}");
    private static final Pattern SALT = Pattern.compile("[0-9A-Fa-f]{32}");

    private final Surroundings surroundings;
    private final Lane logLane;
    private final Lane controlLane;
    private final ScheduledFuture<?> ticking;
    private final @Nullable ScheduledExecutorService ownScheduler;
    private final @Nullable ExecutorService ownPool;
    private final Map<String, Rollout> live = new ConcurrentHashMap<>();
    private final List<Drill> drills = new CopyOnWriteArrayList<>();
    private final List<Serving> servings = new CopyOnWriteArrayList<>();
    private final Object starts = new Object();
    private final AutoCloseable watch;
    private volatile boolean closed;
    private long controlReadAt;
    private volatile String controlFailure = "";

    /** Collects what a registry stands on. For one thread. */
    public static final class Builder {
        private InstantSource clock = InstantSource.system();
        private @Nullable LongSupplier ticker;
        private @Nullable ScheduledExecutorService scheduler;
        private @Nullable Executor executor;
        private @Nullable Journal journal;
        private @Nullable RandomGenerator random;
        private @Nullable Path controlFile;
        private Duration tickInterval = Duration.ofMillis(100);
        private @Nullable String host;
        private Duration pollInterval = Duration.ofMillis(500);
        private Duration leaseDuration = Duration.ofSeconds(10);
        private Map<String, String> environment = System.getenv();
        private BootLoopGuard bootLoopGuard = BootLoopGuard.DEFAULT;

        private Builder() {}

        /** Sets the clock for the times that people read. Default: the system's. */
        public Builder clock(InstantSource value) {
            this.clock = value;
            return this;
        }

        /** Sets what durations are measured by, in nanoseconds. Default: {@link System#nanoTime}. */
        public Builder ticker(LongSupplier value) {
            this.ticker = value;
            return this;
        }

        /** Sets the thread that ticks. Default: a daemon thread of its own. Not closed by {@link Rollouts#close}. */
        public Builder scheduler(ScheduledExecutorService value) {
            this.scheduler = value;
            return this;
        }

        /**
         * Sets the threads for foreign code. Default: up to 64 daemon threads. Not closed by {@link Rollouts#close}. It must not
         * run a task in the thread that hands it over: that may be the thread of a host's call.
         */
        public Builder executor(Executor value) {
            this.executor = value;
            return this;
        }

        /** Sets the journal. Default: in memory, which promises nothing across restarts. */
        public Builder journal(Journal value) {
            this.journal = value;
            return this;
        }

        /** Sets the source of salts and coins, thread-safe. Default: {@link SecureRandom}, and the thread's own for coins. */
        public Builder random(RandomGenerator value) {
            this.random = value;
            return this;
        }

        /**
         * Sets the file that is watched for break-glass controls, once a second. Default: what the system property
         * {@code rollback4j.control-file} or the environment variable {@code ROLLBACK4J_CONTROL_FILE} names.
         */
        public Builder controlFile(Path value) {
            this.controlFile = value;
            return this;
        }

        /**
         * Sets the time between two ticks. Default 100 ms.
         *
         * @throws IllegalArgumentException if it is not between 10 ms and 10 s
         */
        public Builder tickInterval(Duration value) {
            if (value.compareTo(Duration.ofMillis(10)) < 0 || value.compareTo(Duration.ofSeconds(10)) > 0) {
                throw new IllegalArgumentException("tickInterval " + value + " is not allowed: 10 ms to 10 s is");
            }
            this.tickInterval = value;
            return this;
        }

        /**
         * Names the place where this process runs, so that a restart in the same place is recognised: a pod, a machine with a port.
         * Default: what the environment variable {@code HOSTNAME} says, else {@code COMPUTERNAME}, else {@code localhost}.
         *
         * @throws IllegalArgumentException if it is not 1 to 200 characters without white space
         */
        public Builder host(String value) {
            this.host = requireHost(value);
            return this;
        }

        /**
         * Sets how often the journal is read for what other instances and people have written, where instances share it. What one
         * decides holds in all within this time, the store's answer and a tick; sooner where the store tells. Default 500 ms.
         *
         * @throws IllegalArgumentException if it is not between 50 ms and 1 minute
         */
        public Builder pollInterval(Duration value) {
            if (value.compareTo(Duration.ofMillis(50)) < 0 || value.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException("pollInterval " + value + " is not allowed: 50 ms to 1 min is");
            }
            this.pollInterval = value;
            return this;
        }

        /**
         * Sets how long the right to decide for a rollout holds that is not renewed, where instances share a journal: so long nobody
         * leads after the process that led was killed. Renewed each fifth of it; who is not sure of it for half of it, for example
         * because the store is slow, leads no longer. An instance that was silent for as long counts no keys in the next step. Let it be
         * the same in all instances, and at least four times the {@link #pollInterval}. Default 10 s.
         *
         * @throws IllegalArgumentException if it is not between 1 s and 5 minutes
         */
        public Builder leaseDuration(Duration value) {
            if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofMinutes(5)) > 0) {
                throw new IllegalArgumentException("leaseDuration " + value + " is not allowed: 1 s to 5 min is");
            }
            this.leaseDuration = value;
            return this;
        }

        private static String requireHost(String value) {
            if (!HOST.matcher(value).matches()) {
                throw new IllegalArgumentException(
                        "host '" + value + "' is not allowed: 1 to 200 characters without white space are");
            }
            return value;
        }

        private String hostName() {
            if (host != null) {
                return host;
            }
            String name = environment.getOrDefault("HOSTNAME", environment.getOrDefault("COMPUTERNAME", ""));
            return HOST.matcher(name).matches() ? name : "localhost";
        }
        /**
         * Takes the candidate back, or in the modes RECOMMEND and OBSERVE takes its traffic away until a person decides, when a process
         * was started so often within a time without having been stopped in order ({@link Rollouts#close}) while the candidate
         * served: it may be what brings the process down. Needs a journal that survives the process; where several instances share one
         * ({@link Journal#fleet}) those in one place ({@link #host}) are counted together. Default: 3 starts within 10 minutes.
         *
         * @param starts 1 to 100
         * @param within 1 second to 24 hours
         * @throws IllegalArgumentException if a value is outside its range
         */
        public Builder bootLoopGuard(int starts, Duration within) {
            this.bootLoopGuard = new BootLoopGuard(starts, within, true);
            return this;
        }

        Builder environment(Map<String, String> value) {
            this.environment = value;
            return this;
        }

        /**
         * Starts the registry.
         *
         * @throws IllegalArgumentException if the journal is read too rarely for the lease to be kept
         */
        public Rollouts build() {
            if (journal != null
                    && journal.fleet() != null
                    && pollInterval.multipliedBy(4).compareTo(leaseDuration) > 0) {
                throw new IllegalArgumentException("pollInterval " + pollInterval + " with leaseDuration "
                        + leaseDuration + " is not allowed: a quarter of it at most is, since the lease is renewed as"
                        + " the journal is read");
            }
            return new Rollouts(this);
        }
    }

    /**
     * Tells how a process serves that is a release to which nothing leads: the first one under this library. Counting takes no lock,
     * logs nothing and never throws. Thread-safe.
     */
    public static final class Serving implements AutoCloseable {
        private final ServingStation station;
        private final LongAdder good = new LongAdder();
        private final LongAdder failed = new LongAdder();
        private final Runnable closing;

        private Serving(ServingStation station, Runnable closing) {
            this.station = station;
            this.closing = closing;
        }

        /** Counts a call that has ended; one that is neither success nor failure is not. */
        public void record(Outcome outcome) {
            if (outcome == Outcome.SUCCESS) {
                good.increment();
            } else if (outcome == Outcome.FAILURE) {
                failed.increment();
            }
        }

        private void tick() {
            // Failures first: so that there are never more of them than calls.
            long bad = failed.sum();
            station.count(bad + good.sum(), bad);
            station.tick();
            station.lane().pump();
        }

        private void leave(long endNanos) {
            station.leave();
            station.await(endNanos);
        }

        /** Says that it serves no more, and keeps the baseline. Waits up to two seconds for the store. */
        @Override
        public void close() {
            closing.run();
            leave(System.nanoTime() + LAST_WORDS.toNanos());
        }
    }

    private Rollouts(Builder builder) {
        LongSupplier ticker = builder.ticker == null ? System::nanoTime : steady(builder.ticker);
        Executor pool = builder.executor;
        ExecutorService own = null;
        if (pool == null) {
            own = new ThreadPoolExecutor(
                    0, MOST_THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("rollback4j-worker"));
            pool = own;
        }
        this.ownPool = own;
        RandomGenerator random = builder.random;
        Journal journal = builder.journal == null ? Journal.inMemory() : builder.journal;
        this.logLane = new Lane(pool, ticker, true);
        this.controlLane = new Lane(pool, ticker, true);
        RandomGenerator source = random == null ? new SecureRandom() : random;
        String host = builder.hostName();
        this.surroundings = new Surroundings(
                steady(builder.clock),
                ticker,
                pool,
                journal,
                new BreakGlass(builder.environment, builder.controlFile, this::complain),
                journal.fleet() == null ? host : host + "-" + String.format(Locale.ROOT, "%016x", source.nextLong()),
                host,
                builder.pollInterval,
                builder.leaseDuration,
                source,
                random == null ? null : random::nextLong,
                new CopyOnWriteArrayList<>(),
                new Semaphore(Announcements.MOST_SENDING),
                this::log,
                builder.bootLoopGuard.on(journal.fleet() == null));
        if (builder.journal == null) {
            LOG.info("The journal is in memory: rollouts do not survive a restart of the process");
        }
        addListener(new OperatorLog());
        ScheduledExecutorService scheduler = builder.scheduler;
        ScheduledExecutorService ownOne = null;
        if (scheduler == null) {
            ownOne = new ScheduledThreadPoolExecutor(1, daemons("rollback4j-tick"));
            scheduler = ownOne;
        }
        this.ownScheduler = ownOne;
        this.watch = journal.watch(
                () -> live.values().forEach(rollout -> rollout.lifecycle().wake()));
        this.controlReadAt = ticker.getAsLong() - CONTROL_FILE_NANOS;
        CountDownLatch controlRead =
                new CountDownLatch(surroundings.breakGlass().watchesFile() ? 1 : 0);
        readControlFile(controlRead::countDown);
        awaitControl(controlRead);
        long nanos = builder.tickInterval.toNanos();
        this.ticking = scheduler.scheduleWithFixedDelay(this::tick, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    /** Waits a little for the control file, so that what it takes from the candidate is taken from the first call on. */
    private static void awaitControl(CountDownLatch read) {
        try {
            read.await(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts a registry with everything at its default: in memory, real time. */
    public static Rollouts create() {
        return builder().build();
    }

    /** Begins a registry with parts of one's own. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts the plan's rollout, or returns it where it is live, or goes on with it where the journal has it. Waits some
     * seconds for the checks; where something is missing, the handle works, all calls go to stable, the reasons are in its
     * status, and it starts by itself once they are gone. A pair that was rolled back stays on stable, see {@link #retry}.
     * Where the journal cannot be read, nothing is ever exposed through the handle, since that might be what was rolled
     * back: starting again gives another once it can be read.
     *
     * @throws RollbackException if the rollout is unfinished under another plan; it names what differs
     */
    public Rollout start(RollbackPlan plan) {
        return begin(plan, false, "", "");
    }

    /**
     * Opens the next attempt of a pair that was rolled back, with a false-rollback rate of its own: n attempts of the same
     * build are rolled back falsely with a probability of up to n times the plan's rate.
     *
     * @throws RollbackException if the last attempt was not rolled back
     */
    public Rollout retry(RollbackPlan plan, String by, String reason) {
        return begin(plan, true, by, reason);
    }

    private Rollout begin(RollbackPlan plan, boolean retry, String by, String reason) {
        Rollout rollout;
        synchronized (starts) {
            rollout = find(plan, retry, by, reason);
        }
        rollout.lifecycle().awaitBegun(LONGEST_START);
        return rollout;
    }

    private Rollout find(RollbackPlan plan, boolean retry, String by, String reason) {
        if (closed) {
            throw new RollbackException("the rollouts are closed");
        }
        String pair = pair(plan);
        Rollout known = live.get(pair);
        // Another instance may have opened the next attempt.
        boolean mayBeOver = known != null
                && surroundings.journal().fleet() != null
                && known.state().phase() == Phase.ROLLED_BACK;
        if (known != null && !retry && !mayBeOver && !known.lifecycle().isUnread()) {
            requireSamePlan(known.id(), known.plan().describe(), plan, isFinished(known.state()));
            return known;
        }
        if (known != null && retry && known.state().phase() != Phase.ROLLED_BACK) {
            throw notToBeRetried(pair, known.state().phase().name());
        }
        Journal journal = surroundings.journal();
        int attempt = 0;
        History history = new History();
        String unread = null;
        try {
            while (true) {
                String next = id(pair, attempt + 1);
                List<Journal.Entry> entries = inTime(() -> journal.read(next));
                if (entries.isEmpty()) {
                    break;
                }
                history = History.of(entries);
                attempt++;
            }
        } catch (RollbackException away) {
            if (retry) {
                throw new RollbackException(
                        "rollout " + pair + " cannot be tried again now: " + Lifecycle.message(away), away);
            }
            unread = Lifecycle.message(away) + "; start it again once it can be";
        }
        boolean joins = mayBeOver && known != null && attempt > attempt(known.id());
        if (retry && !joins) {
            if (attempt == 0 || (known == null && history.state.phase() != Phase.ROLLED_BACK)) {
                throw notToBeRetried(
                        pair, attempt == 0 ? "none" : history.state.phase().name());
            }
            history = new History();
            attempt++;
        } else if (unread != null) {
            // What was read of an attempt before says nothing of the one that could not be read.
            history = new History();
            attempt++;
        } else if (attempt > 0) {
            requireSamePlan(id(pair, attempt), history.plan, plan, isFinished(history.state));
        } else {
            attempt = 1;
        }
        if (known != null && (unread != null || (mayBeOver && !retry && !joins))) {
            return known;
        }
        String salt = history.salt;
        if (!isSalt(history)) {
            salt = Router.newSalt(surroundings.random());
            if (!history.isEmpty() && isSplitNeeded(history.state.phase())) {
                unread = "the journal has salt '" + history.salt + "' of split version '" + history.splitVersion
                        + "', of which this version of the library cannot tell who was exposed";
                history = new History();
            }
        }
        RolloutEvent planned = new RolloutEvent.Planned(
                plan.stable().toString(),
                plan.candidate().toString(),
                attempt,
                plan.hash(),
                plan.describe(),
                salt,
                Router.SPLIT_VERSION,
                by,
                reason,
                CaseFile.about(plan));
        if (journal.fleet() != null && history.isEmpty() && unread == null) {
            // Of several instances that start at once one plans, and all others take over its salt.
            history = planTogether(id(pair, attempt), planned);
            requireSamePlan(id(pair, attempt), history.plan, plan, isFinished(history.state));
            salt = history.salt;
        }
        Rollout rollout = new Rollout(plan, id(pair, attempt), salt, history, surroundings);
        if (known != null) {
            known.lifecycle().close();
            known.lifecycle().awaitJournal(System.nanoTime() + LAST_WORDS.toNanos());
            known.lifecycle().leave(System.nanoTime() + LAST_WORDS.toNanos());
        }
        live.put(pair, rollout);
        rollout.lifecycle().begin(history, planned, unread);
        return rollout;
    }

    private History planTogether(String id, RolloutEvent planned) {
        return inTime(() -> {
            Journal journal = surroundings.journal();
            try {
                Journal.Event event =
                        Journal.Event.of(planned.type(), surroundings.clock().instant(), Duration.ZERO, planned.data());
                journal.append(id, 0, 0, event);
            } catch (Journal.ConflictException somebodyWasFirst) {
                LOG.debug("{} was planned by another instance", id);
            }
            return History.of(journal.read(id));
        });
    }

    private static RollbackException notToBeRetried(String pair, String last) {
        return new RollbackException(
                "rollout " + pair + " cannot be tried again: its last attempt is " + last + ", ROLLED_BACK is allowed");
    }

    /** Says whether the journal names a salt that can be used. */
    private static boolean isSalt(History history) {
        return SALT.matcher(history.salt).matches()
                && (history.splitVersion.isEmpty()
                        || history.splitVersion.equals(String.valueOf(Router.SPLIT_VERSION)));
    }

    /** Says whether a key's side matters: not where all keys have the same. */
    private static boolean isSplitNeeded(Phase phase) {
        return phase == Phase.PLANNED || phase == Phase.RUNNING || phase == Phase.PAUSED;
    }

    private <T> T inTime(java.util.concurrent.Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        try {
            surroundings.pool().execute(task);
            return task.get(LONGEST_START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RollbackException("interrupted while the journal was read", interrupted);
        } catch (Exception away) {
            task.cancel(true);
            Throwable cause = away.getCause() == null ? away : away.getCause();
            throw new RollbackException("the journal cannot be read: " + Lifecycle.message(cause), cause);
        }
    }

    private static String pair(RollbackPlan plan) {
        return plan.stable().component() + ":" + plan.stable().identity() + ".."
                + plan.candidate().identity();
    }

    private static int attempt(String id) {
        return Integer.parseInt(id.substring(id.lastIndexOf('#') + 1));
    }

    private static String id(String pair, int attempt) {
        return pair + "#" + attempt;
    }

    private static boolean isFinished(RolloutState state) {
        return state.phase() == Phase.ROLLED_BACK || (state.phase() == Phase.PROMOTED && !state.windowOpen());
    }

    private static void requireSamePlan(String id, Map<String, String> before, RollbackPlan plan, boolean finished) {
        Map<String, String> now = plan.describe();
        if (finished || now.equals(before)) {
            return;
        }
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(now.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            if (!Objects.equals(before.get(name), now.get(name))) {
                differences.add(name + " was '" + before.getOrDefault(name, "absent") + "' and is '"
                        + now.getOrDefault(name, "absent") + "'");
            }
        }
        throw new RollbackException("rollout " + id + " is unfinished under another plan: "
                + String.join("; ", differences)
                + ". Roll it back or promote it first, or start it with the plan that it began with");
    }

    /**
     * Rehearses a plan's rollback without doing anything: looks at each way back, gate, verification, check that the plan demands and
     * channel, as the preflight does. What was found is journalled, so that the preflight of each release under the same steps knows
     * when they were last drilled. Runs on threads of the library's.
     *
     * @return completes with what was found, after some 30 seconds for each thing that hangs at the latest; with a {@link
     *     RollbackException} if the rollouts are closed before
     */
    public CompletableFuture<Preflight> drill(RollbackPlan plan, String by) {
        if (closed) {
            throw new RollbackException("the rollouts are closed");
        }
        Drill drill = new Drill(plan, by, surroundings);
        drills.add(drill);
        return drill.start().whenComplete((found, thrown) -> drills.remove(drill));
    }

    /**
     * Tells how this process serves as a release, so that the next one can be held against it, and knows that it is there, where it is
     * deployed, see {@code RolloutStrategy.deployment}. It is for a release to which no such rollout leads; one that was promoted by a
     * rollout does so by itself. Ends with {@link #close}.
     */
    public Serving serve(Release release) {
        if (closed) {
            throw new RollbackException("the rollouts are closed");
        }
        ServingStation station = new ServingStation(surroundings, release);
        station.setStable(true);
        Serving[] self = new Serving[1];
        Serving serving = new Serving(station, () -> servings.remove(self[0]));
        self[0] = serving;
        servings.add(serving);
        return serving;
    }

    /** Returns the rollouts that are live in this process, finished ones included. */
    public List<Rollout> all() {
        return List.copyOf(live.values());
    }

    /** Returns the journal. */
    public Journal journal() {
        return surroundings.journal();
    }

    /**
     * Registers a listener for all rollouts.
     *
     * @return closes to unregister it
     */
    public AutoCloseable addListener(RolloutListener listener) {
        Surroundings.Hearer hearer =
                new Surroundings.Hearer(listener, new Lane(surroundings.pool(), surroundings.ticker(), true));
        surroundings.hearers().add(hearer);
        return () -> surroundings.hearers().remove(hearer);
    }

    // ---- Break glass: a person always wins.

    /** Sends all calls of all rollouts to stable, at once, until {@link #readmit}. */
    public void allToStable(String by, String reason) {
        set(BreakGlass.ALL_TO_STABLE, by, reason);
    }

    /** Sends all calls of one component to stable, at once, until {@link #readmit}. */
    public void allToStable(String component, String by, String reason) {
        set(BreakGlass.ALL_TO_STABLE + ":" + component, by, reason);
    }

    /** Lets the library neither grow an exposure nor roll back by itself, until {@link #readmit}. People still can. */
    public void automationOff(String by, String reason) {
        set(BreakGlass.AUTOMATION_OFF, by, reason);
    }

    /**
     * Lifts what was set through the API; what file, property or variable say still holds. A process that is the candidate itself takes
     * traffic again, and refuses it no more in this attempt unless a person sends all calls to stable.
     */
    public void readmit(String by, String reason) {
        surroundings.breakGlass().lift(null);
        takeControl(by, reason);
        live.values().forEach(rollout -> rollout.lifecycle().readmit());
    }

    /** Lifts what was set through the API for one component, see {@link #readmit(String, String)}. */
    public void readmit(String component, String by, String reason) {
        surroundings.breakGlass().lift(component);
        takeControl(by, reason);
        live.values().stream()
                .filter(rollout -> rollout.plan().stable().component().equals(component))
                .forEach(rollout -> rollout.lifecycle().readmit());
    }

    private void set(String word, String by, String reason) {
        surroundings.breakGlass().set(word);
        takeControl(by, reason);
    }

    private void takeControl(String by, String reason) {
        live.values().forEach(rollout -> rollout.lifecycle().control(by, reason));
    }

    // ---- Time.

    private void tick() {
        try {
            readControlFile(() -> {});
            logLane.checkDeadline();
            logLane.pump();
            controlLane.checkDeadline();
            controlLane.pump();
            surroundings.hearers().forEach(hearer -> hearer.lane().checkDeadline());
            drills.forEach(Drill::tick);
            servings.forEach(Serving::tick);
        } catch (Throwable bug) {
            log("a tick failed", bug);
        }
        for (Rollout rollout : live.values()) {
            try {
                rollout.tick();
            } catch (Throwable bug) {
                log("a tick of " + rollout.id() + " failed", bug);
            }
        }
    }

    private void readControlFile(Runnable then) {
        long now = surroundings.ticker().getAsLong();
        if (surroundings.breakGlass().watchesFile()
                && now - controlReadAt >= CONTROL_FILE_NANOS
                && controlLane.isIdle()) {
            controlReadAt = now;
            controlLane.add(Duration.ofSeconds(5), surroundings.breakGlass()::readFile, (ok, thrown) -> {
                String failure = thrown == null ? "" : Lifecycle.message(thrown);
                if (thrown != null && !failure.equals(controlFailure)) {
                    log("the control file cannot be read; its last content stays in force", thrown);
                }
                controlFailure = failure;
                then.run();
            });
            controlLane.pump();
        }
    }

    private void log(String what, Throwable thrown) {
        logLater(() -> LOG.warn("{}: {}", what, Lifecycle.message(thrown), thrown));
    }

    private void complain(String what) {
        logLater(() -> LOG.error(what));
    }

    /** Logs on a thread of its own: an appender may block. */
    private void logLater(Runnable line) {
        logLane.add(
                Duration.ofSeconds(5),
                () -> {
                    line.run();
                    return true;
                },
                (ok, failed) -> {});
        logLane.pump();
    }

    /**
     * Stops: each rollout keeps serving its last verdict, promoted ones the candidate, all others stable; calls still work.
     * Waits up to two seconds for the journal.
     */
    @Override
    public void close() {
        synchronized (starts) {
            if (closed) {
                return;
            }
            closed = true;
        }
        drills.forEach(Drill::cancel);
        live.values().forEach(rollout -> rollout.lifecycle().close());
        long end = System.nanoTime() + LAST_WORDS.toNanos();
        live.values().forEach(rollout -> rollout.lifecycle().awaitJournal(end));
        live.values().forEach(rollout -> rollout.lifecycle().leave(end));
        servings.forEach(serving -> serving.leave(end));
        closeWatch();
        ticking.cancel(false);
        if (ownScheduler != null) {
            ownScheduler.shutdownNow();
        }
        if (ownPool != null) {
            ownPool.shutdown();
        }
    }

    private void closeWatch() {
        try {
            watch.close();
        } catch (Exception failed) {
            log("the journal's watch could not be closed", failed);
        }
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return runnable -> {
            Thread thread = new Thread(runnable, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Protects us from a ticker that throws: time stands still then. */
    private static LongSupplier steady(LongSupplier ticker) {
        AtomicLong last = new AtomicLong();
        return () -> {
            try {
                long now = ticker.getAsLong();
                last.lazySet(now);
                return now;
            } catch (RuntimeException broken) {
                return last.get();
            }
        };
    }

    private static InstantSource steady(InstantSource clock) {
        return () -> {
            try {
                return clock.instant();
            } catch (RuntimeException broken) {
                return Instant.now();
            }
        };
    }
}
