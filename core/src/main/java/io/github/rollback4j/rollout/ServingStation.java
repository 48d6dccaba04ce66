package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.release.Release;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tells how this process serves as one release: to other instances, by the store that they share, and to the release after this one, by
 * a baseline in the journal. Both are under an id of the release's own, {@link #id}, since the next release is another process under
 * another rollout. What may block is on a lane. Thread-safe.
 *
 * <p>The baseline of several instances is written by one of them, the one that gets the lease of that id at the time: the sum of what
 * all have told. It is written anew when it has grown by half, at least by an hour, so that a journal does not fill.
 */
final class ServingStation {

    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final long TELL_NANOS = 1_000_000_000L;

    /** The windows of other instances are told a little after they are over. */
    private static final long KEEP_AFTER_NANOS = 30_000_000_000L;

    private final Surroundings surroundings;
    private final String id;
    private final String release;
    private final Lane lane;
    private final @Nullable Fleet fleet;

    private final Windows slices = new Windows();
    private final Windows windows = new Windows();
    private long calls;
    private long bad;
    private boolean isRefusing;

    /** Whether the release is one that others may be held against. */
    private boolean isStable;

    private long tellAt;
    private long keepAt;
    private long windowKept;
    private boolean isLeaving;

    /** What the journal had of the baseline, and up to where it was read; on the lane alone. */
    private volatile Windows kept = new Windows();

    private volatile long lastRead;
    private volatile boolean hasJoined;
    private volatile boolean isAwayTold;

    ServingStation(Surroundings surroundings, Release release) {
        this.surroundings = surroundings;
        this.id = id(release);
        this.release = release.toString();
        this.lane = new Lane(surroundings.pool(), surroundings.ticker(), true);
        this.fleet = surroundings.journal().fleet();
        this.tellAt = surroundings.ticker().getAsLong();
        this.keepAt = tellAt;
        this.windowKept = Windows.number(surroundings.clock().instant(), Windows.WINDOW);
    }

    /** Returns under which id a release tells how it serves. */
    static String id(Release release) {
        return "serving:" + release.component() + ":" + release.identity();
    }

    /** Returns the last baseline of these entries; null where there is none, or none that can be read. */
    static @Nullable Windows baseline(List<Journal.Entry> entries) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (RolloutEvent.of(entries.get(i).event()) instanceof RolloutEvent.BaselineKept kept) {
                return Windows.of(kept.windows());
            }
        }
        return null;
    }

    Lane lane() {
        return lane;
    }

    /** Takes in how many calls there were so far, and how many of them failed. */
    synchronized void count(long callsSoFar, long badSoFar) {
        Windows.Count more = Windows.Count.of(callsSoFar - calls, badSoFar - bad);
        calls = callsSoFar;
        bad = badSoFar;
        Instant now = surroundings.clock().instant();
        slices.add(Windows.number(now, Windows.SLICE), more);
        slices.keepLast(ServingPage.SLICES);
        windows.add(Windows.number(now, Windows.WINDOW), more);
        windows.keepLast(Windows.MOST + 1);
    }

    /** Says whether the instance refuses traffic, so that nobody takes it for one that serves. */
    synchronized void setRefusing(boolean does) {
        if (does != isRefusing) {
            isRefusing = does;
            tellAt = surroundings.ticker().getAsLong();
        }
    }

    /** Says whether the release has proved itself, so that what it does is what the next one is held against. */
    synchronized void setStable(boolean is) {
        if (is != isStable) {
            isStable = is;
            tellAt = surroundings.ticker().getAsLong();
        }
    }

    /** Begins what is due. Neither waits nor runs foreign code; the lane is to be pumped. */
    void tick() {
        lane.checkDeadline();
        long now = surroundings.ticker().getAsLong();
        long window = Windows.number(surroundings.clock().instant(), Windows.WINDOW);
        boolean keeps;
        synchronized (this) {
            if (isLeaving || !lane.isIdle()) {
                return;
            }
            if (window != windowKept) {
                windowKept = window;
                keepAt = now + KEEP_AFTER_NANOS;
            }
            boolean tells = fleet != null && now - tellAt >= 0;
            keeps = isStable && keepAt != Long.MIN_VALUE && now - keepAt >= 0;
            if (!tells && !keeps) {
                return;
            }
            tellAt = now + TELL_NANOS;
            if (keeps) {
                keepAt = Long.MIN_VALUE;
            }
        }
        add(keeps, Windows.LEAST);
    }

    private void add(boolean keeps, int leastMore) {
        lane.add(
                DEADLINE,
                () -> {
                    tell();
                    if (keeps) {
                        keep(leastMore);
                    }
                    return true;
                },
                (ok, thrown) -> {
                    if (thrown == null) {
                        isAwayTold = false;
                    } else if (!isAwayTold) {
                        isAwayTold = true;
                        surroundings.failures().accept("how " + release + " serves cannot be told", thrown);
                    }
                });
    }

    private void tell() {
        Fleet of = fleet;
        if (of != null) {
            if (!hasJoined) {
                of.join(id, surroundings.instance(), surroundings.host());
                hasJoined = true;
            }
            of.publish(id, surroundings.instance(), Map.of(ServingPage.NAME, Fleet.Content.of(page().bytes())));
        }
    }

    private synchronized ServingPage page() {
        Windows told = over();
        told.keepLast(ServingPage.WINDOWS);
        Windows last = new Windows();
        last.addAll(slices);
        return new ServingPage(isStable, isRefusing, last, told);
    }

    private synchronized Windows over() {
        return windows.before(Windows.number(surroundings.clock().instant(), Windows.WINDOW));
    }

    /** Writes the baseline, where it has grown enough and nobody else does. */
    private void keep(int leastMore) {
        Journal journal = surroundings.journal();
        long token = 0;
        Windows all = over();
        Fleet of = fleet;
        if (of != null) {
            Fleet.Lease lease = of.tryLease(id, surroundings.instance(), surroundings.lease());
            if (lease == null) {
                return;
            }
            token = lease.token();
            for (Fleet.Page page : of.pages(id, null)) {
                if (page.name().equals(ServingPage.NAME) && !page.instance().equals(surroundings.instance())) {
                    ServingPage other = ServingPage.of(page.content().bytes());
                    if (other.isStable()) {
                        all.addAll(other.windows());
                    }
                }
            }
        }
        List<Journal.Entry> entries = journal.readAfter(id, lastRead);
        if (!entries.isEmpty()) {
            lastRead = entries.get(entries.size() - 1).sequence();
            Windows found = baseline(entries);
            kept = found == null ? kept : found;
        }
        int more = all.notIn(kept);
        all.merge(kept);
        all.keepLast(Windows.MOST);
        if (more < (leastMore == 1 ? 1 : Math.max(leastMore, kept.size() / 2)) || Double.isNaN(all.highRate())) {
            return;
        }
        RolloutEvent.BaselineKept event =
                new RolloutEvent.BaselineKept(release, all.size(), all.highRate(), all.text());
        journal.append(
                id,
                lastRead,
                token,
                Journal.Event.of(event.type(), surroundings.clock().instant(), Duration.ZERO, event.data()));
    }

    /** Says that this process leaves, and keeps what the baseline has beside what was kept. */
    void leave() {
        boolean keeps;
        synchronized (this) {
            if (isLeaving) {
                return;
            }
            isLeaving = true;
            keeps = isStable;
        }
        add(keeps, 1);
        Fleet of = fleet;
        if (of != null) {
            lane.add(
                    DEADLINE,
                    () -> {
                        if (hasJoined) {
                            of.leave(id, surroundings.instance());
                        }
                        return true;
                    },
                    (ok, thrown) -> {});
        }
        lane.pump();
    }

    /** Waits for what is under way, up to a time by {@link System#nanoTime}. */
    void await(long endNanos) {
        while (!lane.isIdle() && System.nanoTime() - endNanos < 0) {
            lane.pump();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
