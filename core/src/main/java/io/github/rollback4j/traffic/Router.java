package io.github.rollback4j.traffic;

import io.github.rollback4j.traffic.Audience.Selection;
import io.github.rollback4j.traffic.Stripes.Stripe;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each call which release serves it, and counts what comes of it. This is the call path: {@code route},
 * {@code enter} and {@code exit} take no lock, allocate nothing, log nothing and never throw. (With audience rules a subject is made for a bare key, and
 * a rule that throws is logged.)
 *
 * <p>All methods may be called from any thread; {@link #expose} and the tally's methods by one thread at a time, which
 * the owner of the router sees to.
 */
public final class Router {

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    /** The version of hash and mixer by which keys are placed, written to the journal beside the salt. */
    public static final int SPLIT_VERSION = Split.VERSION;

    /**
     * The settings that a router keeps for life.
     *
     * @param salt what {@link #newSalt} drew for this attempt
     * @param compared what else than errors is compared
     * @param coin draws the positions of calls without a key; null for the thread's own generator
     * @param isShared whether other instances serve calls of the same rollout, and tell what they count
     */
    public record Settings(
            String salt,
            Audience audience,
            int timeStableOneIn,
            int failingKeys,
            long deadlineNanos,
            long bucketNanos,
            Compared compared,
            LongSupplier ticker,
            @Nullable LongSupplier coin,
            boolean isShared) {

        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if one is outside its range
         */
        public Settings {
            require("timeStableOneIn", timeStableOneIn, Integer.MAX_VALUE);
            require("failingKeys", failingKeys, 1 << 24);
            require("deadlineNanos", deadlineNanos, Long.MAX_VALUE);
            require("bucketNanos", bucketNanos, Long.MAX_VALUE);
        }

        /** The settings of a router that is on its own. */
        public Settings(
                String salt,
                Audience audience,
                int timeStableOneIn,
                int failingKeys,
                long deadlineNanos,
                long bucketNanos,
                Compared compared,
                LongSupplier ticker,
                @Nullable LongSupplier coin) {
            this(
                    salt,
                    audience,
                    timeStableOneIn,
                    failingKeys,
                    deadlineNanos,
                    bucketNanos,
                    compared,
                    ticker,
                    coin,
                    false);
        }

        /** The settings of a router that is on its own, for which nothing but errors is compared. */
        public Settings(
                String salt,
                Audience audience,
                int timeStableOneIn,
                int failingKeys,
                long deadlineNanos,
                long bucketNanos,
                LongSupplier ticker,
                @Nullable LongSupplier coin) {
            this(
                    salt,
                    audience,
                    timeStableOneIn,
                    failingKeys,
                    deadlineNanos,
                    bucketNanos,
                    Compared.NOTHING,
                    ticker,
                    coin);
        }

        private static void require(String name, long value, long most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(name + " is " + value + ", allowed is 1 to " + most);
            }
        }
    }

    /**
     * What else than errors is compared, each of which the call path does without where it is not.
     *
     * @param latencyTimes how many times stable's latency is tolerated, from 1; 0 where latencies are not compared
     * @param warmUpNanos how long after each change of the share latencies do not count
     * @param keys for how many keys a step there is room, of which the first call counts; 0 where none does
     * @param metrics what is recorded of calls after they have ended, at most 8
     */
    public record Compared(double latencyTimes, long warmUpNanos, int keys, List<Metric> metrics) {

        /** Nothing. */
        public static final Compared NOTHING = new Compared(0, 0, 0, List.of());

        /**
         * Checks and copies.
         *
         * @throws IllegalArgumentException if a number is outside its range
         */
        public Compared {
            if (!(latencyTimes == 0 || (latencyTimes >= 1 && latencyTimes <= 100))) {
                throw new IllegalArgumentException("latencyTimes is " + latencyTimes + ", allowed is 0 or 1 to 100");
            }
            if (warmUpNanos < 0) {
                throw new IllegalArgumentException("warmUpNanos is " + warmUpNanos + ", allowed is 0 or more");
            }
            if (keys < 0 || keys > 1 << 24) {
                throw new IllegalArgumentException("keys is " + keys + ", allowed is 0 to " + (1 << 24));
            }
            if (metrics.size() > AttributedKeys.METRICS) {
                throw new IllegalArgumentException(
                        metrics.size() + " metrics are too many, allowed are up to " + AttributedKeys.METRICS);
            }
            metrics = List.copyOf(metrics);
        }
    }

    /**
     * Something that is recorded of calls after they have ended.
     *
     * @param numeric whether it is a number, such as revenue; else it happened or not
     * @param times how much of stable's value is asked for: stable's numbers are multiplied by it, those below 0 divided
     * @param windowNanos how long after its call it is waited for
     */
    public record Metric(String name, boolean numeric, double times, long windowNanos) {

        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if one is outside its range
         */
        public Metric {
            if (!(times > 0 && times <= 1)) {
                throw new IllegalArgumentException("times is " + times + ", allowed is more than 0 and at most 1");
            }
            Settings.require("windowNanos", windowNanos, Long.MAX_VALUE);
        }
    }

    private static final int CHECKED_EACH = 16;

    /** A threshold, unsigned, above that of every share that leaves a control. */
    private static final long EVERYBODY = -1;

    private final Settings settings;
    private final Split split;
    private final @Nullable Audience audience;
    private final LongSupplier ticker;
    private final @Nullable LongSupplier coin;
    private final Stripes stripes;
    private final Tally tally;
    private final AtomicInteger failuresSinceTick = new AtomicInteger();
    private final LongAdder shadowSuccesses = new LongAdder();
    private final LongAdder shadowFailures = new LongAdder();
    private final LongAdder shadowsDropped = new LongAdder();
    private final Runnable onFailures;
    private final AtomicBoolean warned = new AtomicBoolean();

    private volatile RoutingTable table;
    private long floor;

    /** The highest threshold that ever was. */
    private long highest;

    /** The highest threshold before the one that is the highest now. */
    private long freshFloor;

    private @Nullable SeenKeys seenKeys;

    /** Which keys are this instance's to count in the step; null: all. */
    private @Nullable Slots slots;

    private @Nullable Slots slotsOfNextStep;

    /**
     * Makes a router that sends every call to stable until {@link #expose} is called.
     *
     * @param onFailures called in the caller's thread at the candidate's weighed failures no. 1 to 16, 24, 32, 48, 64, …
     *     since the last {@link #tick}
     */
    public Router(Settings settings, Runnable onFailures) {
        this.settings = settings;
        this.split = Split.parse(settings.salt());
        this.audience = settings.audience().isEveryone() ? null : settings.audience();
        this.ticker = settings.ticker();
        this.coin = settings.coin();
        this.onFailures = onFailures;
        this.stripes = new Stripes(Tally.COUNTERS, Runtime.getRuntime().availableProcessors());
        this.tally = new Tally(stripes, settings);
        this.slots = settings.isShared() ? Slots.NONE : null;
        this.slotsOfNextStep = slots;
        this.table = new RoutingTable(settings, split, false, false, 0, 0, 0, 0, false, 0, null, null, false, 0);
    }

    /** Draws the salt of an attempt: 32 hexadecimal digits that decide which keys go together. */
    public static String newSalt(RandomGenerator random) {
        return Split.random(random).toString();
    }

    // The call path.

    /** Says which release a key gets now, and counts nothing. */
    public Arm route(@Nullable String key) {
        if (key == null) {
            return Arm.STABLE;
        }
        RoutingTable now = table;
        return now.audience == null
                ? arm(now, now.position(key.hashCode()))
                : Ticket.arm(selected(now, Subject.of(key)));
    }

    /** Says which release a key gets now, and counts nothing. */
    public Arm route(long key) {
        RoutingTable now = table;
        return now.audience == null ? arm(now, now.position(key)) : Ticket.arm(selected(now, Subject.of(key)));
    }

    /** Says which release a subject gets now, and counts nothing. */
    public Arm route(@Nullable Subject subject) {
        if (subject == null) {
            return Arm.STABLE;
        }
        RoutingTable now = table;
        return now.audience == null ? arm(now, subject.position(split)) : Ticket.arm(selected(now, subject));
    }

    /** Begins a call for a key and returns its ticket; null is a call without a key. */
    public long enter(@Nullable String key) {
        if (key == null) {
            return enter();
        }
        RoutingTable now = table;
        long position = now.position(key.hashCode());
        return now.plain
                ? startedPlain(now, position)
                : started(
                        now,
                        now.audience == null ? now.keyed(position) : select(now, Subject.of(key), position),
                        position);
    }

    /** Begins a call for a key and returns its ticket. */
    public long enter(long key) {
        RoutingTable now = table;
        long position = now.position(key);
        return now.plain
                ? startedPlain(now, position)
                : started(
                        now,
                        now.audience == null ? now.keyed(position) : select(now, Subject.of(key), position),
                        position);
    }

    /** Begins a call for a key and returns its ticket. */
    public long enter(@Nullable UUID key) {
        if (key == null) {
            return enter();
        }
        RoutingTable now = table;
        long position = now.position(Split.bits(key));
        return now.plain
                ? startedPlain(now, position)
                : started(
                        now,
                        now.audience == null ? now.keyed(position) : select(now, Subject.of(key), position),
                        position);
    }

    /** Begins a call for a subject and returns its ticket. */
    public long enter(@Nullable Subject subject) {
        if (subject == null) {
            return enter();
        }
        RoutingTable now = table;
        long position = subject.position(split);
        return started(now, now.audience == null ? now.keyed(position) : select(now, subject, position), position);
    }

    /** Begins a call without a key, with a coin of its own, and returns its ticket. */
    public long enter() {
        RoutingTable now = table;
        long position = toss();
        return started(now, now.audience == null ? now.unkeyed(position) : select(now, null, position), position);
    }

    /**
     * Ends a call and reads the clock, where the ticket is timed.
     *
     * @param startNanos when the call began, by the ticker of the settings; unused where the ticket is not timed
     */
    public void exit(long ticket, long startNanos, Outcome outcome) {
        exitAfter(ticket, Ticket.isTimed(ticket) ? ticker.getAsLong() - startNanos : 0, outcome);
    }

    /** Ends a call that took this long; the time is unused where the ticket is not timed. */
    public void exitAfter(long ticket, long elapsedNanos, Outcome outcome) {
        Stripe stripe = stripes.mine();
        int arm = (int) (ticket & Ticket.CANDIDATE);
        if ((ticket & Ticket.TIMED) != 0 && outcome != Outcome.IGNORED) {
            stripe.increment(Tally.latencyCounter(arm, LatencyBins.bin(elapsedNanos)));
        }
        if ((ticket & Ticket.RARE) != 0) {
            endRare(ticket, elapsedNanos, outcome);
        }
        if ((ticket & Ticket.WEIGHED) == 0) {
            stripe.increment(Tally.apartCounter(arm, outcome));
            return;
        }
        int cohort = Ticket.cohort(ticket);
        RoutingTable now = table;
        int counter;
        if (cohort == now.ticketCohort) {
            counter = now.counter + Tally.GOOD;
        } else if (tally.isPastDeadline(cohort)) {
            tally.countLate();
            return;
        } else {
            counter = Tally.counter(cohort, false) + Tally.GOOD;
        }
        if (outcome != Outcome.SUCCESS) {
            notGood(ticket, cohort, outcome, stripe);
            return;
        }
        if ((ticket & Ticket.KEYED) == 0) {
            if (arm == 0) {
                stripe.increment(counter);
            } else {
                stripe.increment(counter + Tally.PER_ARM);
            }
        } else if (arm == 0) {
            stripe.increment(counter + Tally.PER_UNIT);
        } else {
            stripe.increment(counter + Tally.PER_UNIT + Tally.PER_ARM);
        }
    }

    /** Ends what only few calls take part in; before their outcome is counted. */
    private void endRare(long ticket, long elapsedNanos, Outcome outcome) {
        if ((ticket & Ticket.SAMPLED) != 0 && outcome == Outcome.SUCCESS) {
            tally.sample(elapsedNanos);
        }
        int cohort = Ticket.cohort(ticket);
        if (!Ticket.isWeighed(ticket) || tally.isPastDeadline(cohort)) {
            return;
        }
        if ((ticket & Ticket.WATCHED) != 0) {
            tally.endWatch(cohort, ticket);
        }
        if (Ticket.isCompared(ticket)) {
            tally.endCompared(cohort, ticket, elapsedNanos, outcome);
        }
    }

    private void notGood(long ticket, int cohort, Outcome outcome, Stripe stripe) {
        if (outcome != Outcome.FAILURE) {
            tally.countVoid(cohort, ticket);
            return;
        }
        if (Ticket.isKeyed(ticket)) {
            tally.noteFailingKey(cohort, ticket);
        }
        int arm = Ticket.isCandidate(ticket) ? Tally.PER_ARM : 0;
        stripe.increment(Tally.counter(cohort, Ticket.isKeyed(ticket)) + arm + Tally.BAD);
        if (Ticket.isCandidate(ticket) && isCheckpoint(failuresSinceTick.incrementAndGet())) {
            try {
                onFailures.run();
            } catch (Throwable thrown) {
                LOG.error("The check on failures threw; the next one is the tick's", thrown);
            }
        }
    }

    private static boolean isCheckpoint(int failures) {
        // Each of the first: what a candidate that fails always costs hangs on the failure at which it is noticed.
        if (failures <= CHECKED_EACH) {
            return true;
        }
        int thirds = failures / 3;
        return (failures & (failures - 1)) == 0 || (thirds * 3 == failures && (thirds & (thirds - 1)) == 0);
    }

    private static Arm arm(RoutingTable now, long position) {
        return now.isCandidate(position) ? Arm.CANDIDATE : Arm.STABLE;
    }

    private long toss() {
        return coin == null ? ThreadLocalRandom.current().nextLong() : coin.getAsLong();
    }

    private long selected(RoutingTable now, Subject subject) {
        return select(now, subject, subject.position(split));
    }

    private long select(RoutingTable now, @Nullable Subject subject, long position) {
        Selection selection = select(Objects.requireNonNull(now.audience), subject);
        if (selection != Selection.COIN) {
            return now.forced(selection == Selection.CANDIDATE, position);
        }
        return subject == null ? now.unkeyed(position) : now.keyed(position);
    }

    private Selection select(Audience audience, @Nullable Subject subject) {
        try {
            return audience.select(subject);
        } catch (Throwable thrown) {
            String message = "A rule of the audience threw; the call goes to stable";
            if (warned.compareAndSet(false, true)) {
                LOG.warn(message, thrown);
            } else {
                LOG.debug(message, thrown);
            }
            return Selection.STABLE;
        }
    }

    /** Begins a keyed call where nothing but the threshold matters, as in most rollouts most of the time. */
    private long startedPlain(RoutingTable now, long position) {
        Stripe stripe = stripes.mine();
        // A branch, since a processor foresees it; for an index computed from the position it would have to wait.
        if (now.isBelowThreshold(position)) {
            stripe.increment(now.counter + Tally.PER_UNIT + Tally.PER_ARM);
            return tally.watched(now.keyedCandidate(position));
        }
        stripe.increment(now.counter + Tally.PER_UNIT);
        return now.keyedStable(position);
    }

    private long started(RoutingTable now, long ticket, long position) {
        int arm = (int) (ticket & Ticket.CANDIDATE);
        Stripe stripe = stripes.mine();
        if ((ticket & Ticket.WEIGHED) == 0) {
            stripe.increment(Tally.apartCounter(arm));
            return ticket;
        }
        stripe.increment(now.counter + (Ticket.isKeyed(ticket) ? Tally.PER_UNIT : 0) + arm * Tally.PER_ARM);
        long compared = now.compared(ticket, position);
        if (compared != ticket) {
            tally.beginCompared(compared);
        }
        return arm != 0 && Ticket.isKeyed(ticket) ? tally.watched(compared) : compared;
    }

    /**
     * Records something of a call, now or within the metric's window. Of a call with a key it counts where that was the
     * key's first in the step.
     *
     * @param ticket the call's; give each metric once
     * @param metric the index of the metric in the settings
     */
    public void record(long ticket, int metric, double value) {
        tally.record(ticket, metric, value, ticker.getAsLong());
    }

    /** Records something for a key, once a step and metric; it belongs to the key's first call in the step. */
    public void record(Subject subject, int metric, double value) {
        tally.recordKey(
                Ticket.fingerprint(Ticket.fingerprintBits(subject.position(split))), metric, value, ticker.getAsLong());
    }

    /** Counts the outcome of a shadow run, apart from all evidence; one that is neither success nor failure is not. */
    public void shadowed(Outcome outcome) {
        if (outcome == Outcome.SUCCESS) {
            shadowSuccesses.increment();
        } else if (outcome == Outcome.FAILURE) {
            shadowFailures.increment();
        }
    }

    /** Counts a shadow run that did not take place, since too many were under way. */
    public void shadowDropped() {
        shadowsDropped.increment();
    }

    // The control path.

    /**
     * Sets who gets the candidate, for all calls that begin from now on.
     *
     * @param share the part of the coin's calls that gets the candidate, 0 to 1; at 0 and 1 nothing is weighed
     * @param open whether the candidate may serve at all (else the share is 0 and forced calls go to stable too)
     * @param shadowShare the part of the coin's calls beside which the candidate is run too, 0 to 1
     * @param nowNanos by the ticker
     * @param elapsedNanos since the rollout's start
     * @throws IllegalArgumentException if a share is not between 0 and 1
     */
    public void expose(double share, boolean open, double shadowShare, long nowNanos, long elapsedNanos) {
        requireShare("share", share);
        requireShare("shadowShare", shadowShare);
        boolean all = open && share >= 1;
        long threshold = open && !all ? Split.threshold(share) : 0;
        boolean weighed = threshold != 0;
        beginStep(all ? EVERYBODY : threshold);
        boolean areKeysFresh = seenKeys != null && threshold == highest;
        tally.warmUp(nowNanos);
        int cohort =
                tally.advance(weighed ? threshold : 0, areKeysFresh ? freshFloor : threshold, nowNanos, elapsedNanos);
        table = new RoutingTable(
                settings,
                split,
                open,
                all,
                threshold,
                Long.compareUnsigned(threshold, floor) <= 0 && floor != 0 ? -1 : floor,
                open ? Split.threshold(Math.min(shadowShare, 1 - 0x1p-53)) : 0,
                cohort,
                weighed,
                freshFloor,
                areKeysFresh ? seenKeys : null,
                slots,
                false,
                cohort);
        tally.published(ticker.getAsLong());
    }

    /** Lets keys count anew where the share is higher than ever: of those that it did not reach before, the first call. */
    private void beginStep(long threshold) {
        if (Long.compareUnsigned(threshold, highest) > 0) {
            freshFloor = highest;
            highest = threshold;
            slots = slotsOfNextStep;
            if (settings.compared().keys() > 0 && threshold != EVERYBODY) {
                seenKeys = new SeenKeys(settings.compared().keys());
                tally.beginStep();
            }
        }
    }

    /**
     * Says which share was the largest before the counts were lost, before the first {@link #expose}: keys below it may
     * have failed already and are evidence no more.
     */
    public void exposedBefore(double share) {
        floor = share >= 1 ? EVERYBODY : Split.threshold(share);
        highest = floor;
        tally.exposedBefore(floor);
    }

    /**
     * Says which share was the largest before this instance joined others that have counted all along: their failing keys are known, so
     * that keys below it are evidence; but their first calls were others' to count.
     */
    public void joinedAt(double share) {
        highest = share >= 1 ? EVERYBODY : Split.threshold(share);
    }

    /**
     * Divides the keys among instances, from the next step on: of each key one of them counts the first call in the step.
     *
     * @param owners the instances, in an order on which all agree
     * @param self this instance; where it is no owner it counts none
     */
    public void divide(List<String> owners, String self) {
        slotsOfNextStep = Slots.of(owners, self);
    }

    /** Begins the next start cohort with the same shares as before, and opens the next round of checks on failures. */
    public void tick(long nowNanos, long elapsedNanos) {
        failuresSinceTick.set(0);
        stripes.reclaim();
        RoutingTable before = table;
        if (before.threshold == 0) {
            table = before.next();
        } else if (tally.isCohortDue(nowNanos)) {
            boolean latencies = tally.freezeEdges(nowNanos);
            table = before.next(
                    tally.advance(
                            before.threshold, before.isFresh() ? freshFloor : before.threshold, nowNanos, elapsedNanos),
                    latencies);
            tally.published(ticker.getAsLong());
        }
    }

    private static void requireShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(name + " is " + share + ", allowed is 0 to 1");
        }
    }

    /** Says whether a subject's calls get the candidate under a share, by the audience's rules and the split. */
    public boolean wouldExpose(Subject subject, double share, boolean open) {
        Selection selection = audience == null ? Selection.COIN : select(audience, subject);
        return open
                && switch (selection) {
                    case CANDIDATE -> true;
                    case STABLE -> false;
                    case COIN ->
                        share >= 1 || Long.compareUnsigned(subject.position(split), Split.threshold(share)) < 0;
                };
    }

    /** Returns what came of the calls. */
    public Tally tally() {
        return tally;
    }

    /** Returns the number of shadow runs that ended well, failed, and were dropped. */
    public long[] shadows() {
        return new long[] {shadowSuccesses.sum(), shadowFailures.sum(), shadowsDropped.sum()};
    }
}
