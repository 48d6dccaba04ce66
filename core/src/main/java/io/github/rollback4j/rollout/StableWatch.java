package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks what stable does, for a process that is the candidate: which of its instances serve, how many of their calls fail, which baseline
 * it left behind, and what the operator's check says. What may block is on lanes. Thread-safe.
 */
final class StableWatch {

    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final long LOOK_NANOS = 1_000_000_000L;
    private static final long CHECK_NANOS = 2_000_000_000L;
    private static final long BASELINE_NANOS = 60_000_000_000L;

    /** How long a check that has passed holds. */
    private static final long PASSED_NANOS = 10_000_000_000L;

    /** Longer than the time between two looks, as a page may be seen later than it is dated. */
    private static final Duration RECENTLY = Duration.ofSeconds(30);

    /** A page says what was counted until a moment before it was published. */
    private static final Duration UNDER_WAY = Duration.ofSeconds(1);

    private final Surroundings surroundings;
    private final String stableId;
    private final RolloutStrategy.Deployed deployed;
    private final Lane lane;
    private final Lane checkLane;
    private final @Nullable Fleet fleet;
    private final Map<String, ServingPage> pages = new HashMap<>();

    private volatile StableView view = StableView.UNKNOWN;
    private volatile boolean hasPassed;
    private volatile long passedAt;
    private volatile String checked = "the check was not made yet";
    private Windows baseline = new Windows();
    private long baselineRead;
    private volatile long lookAt;
    private long checkAt;
    private long baselineAt;
    private boolean hasAllPages;
    private volatile boolean isAwayTold;

    StableWatch(Surroundings surroundings, Release stable, RolloutStrategy.Deployed deployed) {
        this.surroundings = surroundings;
        this.stableId = ServingStation.id(stable);
        this.deployed = deployed;
        this.lane = new Lane(surroundings.pool(), surroundings.ticker(), true);
        this.checkLane = new Lane(surroundings.pool(), surroundings.ticker(), true);
        this.fleet = surroundings.journal().fleet();
        this.lookAt = surroundings.ticker().getAsLong();
        this.checkAt = lookAt;
        this.baselineAt = lookAt;
    }

    void forEachLane(Consumer<Lane> action) {
        action.accept(lane);
        action.accept(checkLane);
    }

    /** Begins the looks that are due. Neither waits nor runs foreign code. */
    void tick() {
        long now = surroundings.ticker().getAsLong();
        lane.checkDeadline();
        checkLane.checkDeadline();
        if (now - lookAt >= 0 && lane.isIdle()) {
            lookAt = now + (fleet == null ? BASELINE_NANOS : LOOK_NANOS);
            lane.add(DEADLINE, () -> look(now), (seen, thrown) -> {
                if (seen != null) {
                    isAwayTold = false;
                    view = seen;
                } else {
                    lookAt = now + LOOK_NANOS;
                    tellAway(thrown == null ? new IllegalStateException("nothing came of it") : thrown);
                }
            });
        }
        Check check = deployed.stableServes();
        if (check != null && now - checkAt >= 0 && checkLane.isIdle()) {
            checkAt = now + CHECK_NANOS;
            checkLane.add(DEADLINE, check::run, (result, thrown) -> take(now, result, thrown));
        }
    }

    private void tellAway(Throwable why) {
        if (!isAwayTold) {
            isAwayTold = true;
            surroundings.failures().accept("how stable serves cannot be read, " + stableId, why);
        }
    }

    /** Looks at once, on a thread where it may block. */
    private synchronized StableView look(long now) {
        Journal journal = surroundings.journal();
        if (now - baselineAt >= 0) {
            List<Journal.Entry> entries = journal.readAfter(stableId, baselineRead);
            if (!entries.isEmpty()) {
                baselineRead = entries.get(entries.size() - 1).sequence();
                Windows found = ServingStation.baseline(entries);
                baseline = found == null ? baseline : found;
            }
            baselineAt = now + BASELINE_NANOS;
        }
        Fleet of = fleet;
        if (of == null) {
            return new StableView(true, 0, new Windows(), baseline, now, 0);
        }
        Instant at = surroundings.clock().instant();
        for (Fleet.Page page : of.pages(stableId, hasAllPages ? RECENTLY : null)) {
            if (page.name().equals(ServingPage.NAME)) {
                pages.put(page.instance(), ServingPage.of(page.content().bytes()));
            }
        }
        hasAllPages = true;
        int serving = 0;
        Duration silent = Duration.ZERO;
        Duration leastSilent = surroundings.lease();
        Set<String> members = new HashSet<>();
        Windows slices = new Windows();
        Windows windows = new Windows();
        for (Fleet.Member member : of.members(stableId)) {
            members.add(member.instance());
            ServingPage page = pages.get(member.instance());
            boolean isHeard = !member.hasLeft() && member.silentFor().compareTo(surroundings.lease()) < 0;
            if (page == null || !page.isStable() || !isHeard) {
                continue;
            }
            silent = silent.compareTo(member.silentFor()) < 0 ? member.silentFor() : silent;
            slices.addAll(page.slices());
            windows.addAll(page.windows());
            if (!page.isRefusing()) {
                serving++;
                leastSilent = leastSilent.compareTo(member.silentFor()) > 0 ? member.silentFor() : leastSilent;
            }
        }
        pages.keySet().retainAll(members);
        windows.merge(baseline);
        windows.keepLast(Windows.MOST);
        long told = Windows.number(at.minus(silent).minus(UNDER_WAY), Windows.SLICE);
        long heardAt = serving == 0 ? now : now - leastSilent.toNanos();
        return new StableView(true, serving, slices, windows, heardAt, told);
    }

    /** Looks at everything at once, on a thread where it may block: before the first tick, too. */
    void lookNow() throws Exception {
        long now = surroundings.ticker().getAsLong();
        view = look(now);
        Check check = deployed.stableServes();
        if (check != null) {
            take(now, check.run(), null);
        }
    }

    private void take(long askedAt, Check.@Nullable Result result, @Nullable Throwable thrown) {
        hasPassed = result != null && result.passed();
        passedAt = askedAt;
        checked = result != null ? result.detail() : thrown == null ? "it returned nothing" : Lifecycle.message(thrown);
    }

    /** Returns what is known; of other instances nothing where the last that serves was heard of a lease ago. */
    StableView view(long nowNanos) {
        StableView seen = view;
        return fleet != null
                        && seen.isRead()
                        && nowNanos - seen.heardAtNanos()
                                >= surroundings.lease().toNanos()
                ? seen.withoutOthers()
                : seen;
    }

    /** Says whether stable capacity is known to serve at this moment. */
    boolean serves(long nowNanos) {
        return view(nowNanos).serving() > 0 || hasPassedLately(nowNanos);
    }

    private boolean hasPassedLately(long nowNanos) {
        return hasPassed && nowNanos - passedAt < PASSED_NANOS;
    }

    /** Says for people whether stable capacity is known to serve, and by what. */
    String words(long nowNanos) {
        StableView seen = view(nowNanos);
        if (seen.serving() > 0) {
            return seen.serving() + (seen.serving() == 1 ? " instance" : " instances") + " of stable by the store";
        }
        if (hasPassedLately(nowNanos)) {
            return "by the check " + deployed.checkName() + ": " + checked;
        }
        return "not known"
                + (deployed.stableServes() == null
                        ? "; the plan has no check that says so, see stableServes"
                        : "; the check " + deployed.checkName() + ": " + checked)
                + (fleet == null
                        ? "; the instances share no store"
                        : "; the store knows no instance of stable that serves");
    }
}
