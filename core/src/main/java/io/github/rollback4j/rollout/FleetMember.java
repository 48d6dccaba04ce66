package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes part in a rollout that several instances share: reads what the others have journalled, tells what was counted here, and holds
 * the lease where it can be had. Everything that may block is on a lane of its own; what comes of it is handed over as a {@link Round}.
 *
 * <p>The lease expires by the store's clock. Here it counts as held for half of its length since the moment at which it was asked for, by
 * the monotonic clock: so that whoever holds it next never meets a holder who still believes in it, unless a process was stopped for
 * half a lease between looking at its clock and acting; then the fencing token keeps it from writing.
 */
final class FleetMember {

    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final long LONGEST_PUBLISH_NANOS = 1_000_000_000L;
    private static final long AWAY_NANOS = 60_000_000_000L;
    private static final long ALL_PAGES_NANOS = 60_000_000_000L;

    /** Larger than the time that a page may take from being written to being seen by the store's clock. */
    private static final Duration RECENTLY = Duration.ofSeconds(10);

    /** So many members ask for the lease each fifth of its length; the more there are, the rarer each. */
    private static final int MEMBERS_ASKING = 50;

    /**
     * What one exchange with the store has brought.
     *
     * @param begunAt when, by the ticker, before the entries were read
     * @param entries of the journal that were not known
     * @param pages of other instances; only where this one leads
     * @param members all that there are; only where this one leads
     * @param leads whether this instance held the lease before the entries were read, so that they are all there are
     * @param hasAllPages whether the pages are all there are; else those that have changed lately
     */
    record Round(
            long begunAt,
            List<Journal.Entry> entries,
            List<Fleet.Page> pages,
            List<Fleet.Member> members,
            boolean leads,
            boolean hasAllPages) {}

    private final Fleet fleet;
    private final Journal journal;
    private final String id;
    private final String instance;
    private final String host;
    private final Lane lane;
    private final LongSupplier ticker;
    private final long pollNanos;

    /** How long a lease holds, by the store's clock. */
    private final Duration leaseDuration;

    private final long renewNanos;
    private final long publishNanos;
    private final Supplier<Map<String, byte[]>> toPublish;
    private final Consumer<Map<String, byte[]>> notPublished;
    private final Consumer<Round> then;
    private final Consumer<Throwable> away;

    private volatile Fleet.@Nullable Member self;
    private volatile Fleet.@Nullable Lease lease;
    private volatile long leaseAskedAt;

    /** When what reached the store last was sent; only where anything has. */
    private volatile long publishedAt;

    private volatile boolean hasPublished;

    /** When the exchange began of which all was taken in last; only where any was. */
    private volatile long takenInAt;

    private volatile boolean hasTakenIn;
    private volatile boolean isLeaving;
    private volatile long toldAwayAt = Long.MIN_VALUE;

    /** What is on its way to the store. */
    private final AtomicReference<@Nullable Map<String, byte[]>> published = new AtomicReference<>();

    private volatile long sequence;
    private boolean isUnderWay;
    private long pollAt;
    private long publishAt;
    private long leaseAt;
    private volatile long allPagesAt;
    private volatile boolean wantsAllPages = true;
    private boolean isWoken;

    /**
     * Begins.
     *
     * @param sequence of the last entry that is known
     * @param toPublish returns what has changed since it was last asked; called with no lock of ours held
     * @param notPublished told what did not reach the store
     * @param then told what each exchange has brought
     * @param away told why the store could not be reached
     */
    FleetMember(
            Surroundings surroundings,
            String id,
            long sequence,
            Supplier<Map<String, byte[]>> toPublish,
            Consumer<Map<String, byte[]>> notPublished,
            Consumer<Round> then,
            Consumer<Throwable> away) {
        this.journal = surroundings.journal();
        this.fleet = Objects.requireNonNull(journal.fleet());
        this.id = id;
        this.instance = surroundings.instance();
        this.host = surroundings.host();
        this.lane = new Lane(surroundings.pool(), surroundings.ticker(), true);
        this.ticker = surroundings.ticker();
        this.pollNanos = surroundings.poll().toNanos();
        this.leaseDuration = surroundings.lease();
        this.renewNanos = leaseDuration.toNanos() / 5;
        this.publishNanos = Math.min(LONGEST_PUBLISH_NANOS, leaseDuration.toNanos() / 10);
        this.sequence = sequence;
        this.toPublish = toPublish;
        this.notPublished = notPublished;
        this.then = then;
        this.away = away;
        long now = ticker.getAsLong();
        this.pollAt = now;
        this.publishAt = now + publishNanos;
        this.leaseAt = now;
        this.allPagesAt = now;
    }

    /** Returns this instance as the store knows it, or null where it has not joined yet. */
    Fleet.@Nullable Member self() {
        return self;
    }

    String instance() {
        return instance;
    }

    /** Says whether a member was heard of lately; one that was not counts no keys in the next step. */
    boolean isHeard(Fleet.Member of) {
        return !of.hasLeft() && of.silentFor().compareTo(leaseDuration) < 0;
    }

    /** Says whether, within the time of a lease, the others can have heard of this instance, and this one has read all that they wrote. */
    boolean isInTouch(long nowNanos) {
        long lease = leaseDuration.toNanos();
        return hasPublished && nowNanos - publishedAt < lease && hasTakenIn && nowNanos - takenInAt < lease;
    }

    /** Returns the lease, or null where this instance does not lead, or can no longer be sure that it does. */
    Fleet.@Nullable Lease lease() {
        Fleet.Lease held = lease;
        return held != null && ticker.getAsLong() - leaseAskedAt < leaseDuration.toNanos() / 2 ? held : null;
    }

    /** Reads the journal as soon as possible: somebody has written. Called from any thread. */
    void wake() {
        synchronized (this) {
            isWoken = true;
        }
        tick();
        lane.pump();
    }

    /** Begins an exchange with the store if one is due. Neither waits nor runs foreign code. */
    void tick() {
        lane.checkDeadline();
        long now = ticker.getAsLong();
        synchronized (this) {
            if (isUnderWay || isLeaving || (!isWoken && now - pollAt < 0)) {
                return;
            }
            isUnderWay = true;
            isWoken = false;
            pollAt = now + pollNanos;
        }
        lane.add(DEADLINE, this::exchange, (round, thrown) -> {
            synchronized (this) {
                isUnderWay = false;
            }
            if (round == null) {
                giveBack();
                isAway(thrown == null ? new IllegalStateException("nothing came of it") : thrown);
            } else {
                toldAwayAt = Long.MIN_VALUE;
                takenIn(round);
                then.accept(round);
                takenInAt = round.begunAt;
                hasTakenIn = true;
            }
        });
    }

    /** Goes on behind what a round has brought: what of it is lost on the way is read again. */
    private void takenIn(Round round) {
        if (!round.entries.isEmpty()) {
            sequence = round.entries.get(round.entries.size() - 1).sequence();
        }
        if (!round.leads) {
            wantsAllPages = true;
        } else if (round.hasAllPages) {
            wantsAllPages = false;
            allPagesAt = ticker.getAsLong() + ALL_PAGES_NANOS;
        }
    }

    /** Gives back the pages of which it is not known whether they have reached the store. */
    private void giveBack() {
        Map<String, byte[]> pages = published.getAndSet(null);
        if (pages != null) {
            notPublished.accept(pages);
        }
    }

    /** Says that the store cannot be reached, at first and then once a minute. */
    private void isAway(Throwable why) {
        long now = ticker.getAsLong();
        if (toldAwayAt == Long.MIN_VALUE || now - toldAwayAt >= AWAY_NANOS) {
            toldAwayAt = now;
            away.accept(why);
        }
    }

    void pump() {
        lane.pump();
    }

    boolean isIdle() {
        return lane.isIdle();
    }

    private Round exchange() {
        if (self == null) {
            self = fleet.join(id, instance, host);
        }
        long now = ticker.getAsLong();
        if (now - leaseAt >= 0) {
            askForLease(now);
        }
        long begunAt = ticker.getAsLong();
        boolean leads = lease() != null;
        List<Journal.Entry> entries = journal.readAfter(id, sequence);
        if (now - publishAt >= 0) {
            publishAt = now + publishNanos;
            publish();
        }
        if (!leads) {
            return new Round(begunAt, entries, List.of(), List.of(), false, false);
        }
        boolean all = wantsAllPages || now - allPagesAt >= 0;
        List<Fleet.Page> pages = new ArrayList<>();
        for (Fleet.Page page : fleet.pages(id, all ? null : RECENTLY)) {
            if (!page.instance().equals(instance)) {
                pages.add(page);
            }
        }
        return new Round(begunAt, entries, pages, fleet.members(id), true, all);
    }

    private void askForLease(long now) {
        leaseAt = now + renewNanos;
        Fleet.Lease given = fleet.tryLease(id, instance, leaseDuration);
        leaseAskedAt = now;
        lease = given;
        Fleet.Member member = self;
        if (given == null && member != null) {
            leaseAt = now + renewNanos * (1 + Math.min(4, member.number() / MEMBERS_ASKING));
        }
    }

    private void publish() {
        Map<String, byte[]> pages = toPublish.get();
        if (pages.isEmpty()) {
            return;
        }
        Map<String, Fleet.Content> contents = new LinkedHashMap<>();
        pages.forEach((name, bytes) -> contents.put(name, Fleet.Content.of(bytes)));
        published.set(pages);
        long now = ticker.getAsLong();
        fleet.publish(id, instance, contents);
        published.set(null);
        publishedAt = now;
        hasPublished = true;
    }

    /** Publishes what there is, and says that this instance leaves; its lease is given up. */
    void leave() {
        isLeaving = true;
        lease = null;
        lane.add(
                DEADLINE,
                () -> {
                    if (self != null) {
                        publish();
                        fleet.leave(id, instance);
                    }
                    return true;
                },
                (ok, thrown) -> {
                    if (thrown != null) {
                        away.accept(thrown);
                    }
                });
        lane.pump();
    }
}
