package io.github.rollback4j.rollout;

import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is different for a rollout whose process is the candidate: its calls are held against what stable does elsewhere or did before,
 * and to take it back means that it refuses traffic, where stable capacity is known to serve.
 *
 * <p>Who refuses: where instances share a journal, whoever leads writes who may, and an instance refuses no sooner than it has read
 * that it may. As the journal takes that of one leader only, in one order, no more may than the plan allows, and no two can both become
 * the last. What an instance may it does only as long as it sees itself that stable serves, and as it was in touch with the store within
 * a lease: where it is in doubt it serves. So its place goes to another no sooner than two leases after it was told to serve, or was
 * heard of last. An instance that shares no journal goes by what it sees, and knows of no others.
 *
 * <p>All methods are called under the rollout's lock, but for those that say otherwise; what may block is on lanes.
 */
final class Deployment {

    /** What the rollout does for it. */
    interface Host {
        /** Journals an event and tells it to the listeners. */
        void emit(RolloutEvent event);

        /** Journals an event, tells it to nobody, and then says whether that was possible. */
        void journal(RolloutEvent event, Runnable then);

        /** Tells an event to the listeners alone. */
        void tell(RolloutEvent event);
    }

    /**
     * Where the rollout stands.
     *
     * @param state of the rollout
     * @param isAllToStable whether a person has sent all calls to stable
     * @param leads whether this instance decides for all
     * @param knowsAll whether it has read all that it has written
     * @param member takes part in what the instances share; null where this one is on its own
     * @param members of the rollout; only where this instance leads
     * @param allowed the instances that may refuse, by the journal
     */
    record Standing(
            RolloutState state,
            boolean isAllToStable,
            boolean leads,
            boolean knowsAll,
            @Nullable FleetMember member,
            List<Fleet.Member> members,
            Set<String> allowed) {}

    private static final long LONGEST_UNTIL_REFUSED_NANOS = 10_000_000_000L;

    /** Leases: in one an instance that is told nothing serves again by itself, the other is for clocks and for what is on its way. */
    private static final int TWO = 2;

    private final RollbackPlan plan;
    private final RolloutStrategy.Deployed deployed;
    private final Surroundings surroundings;
    private final Host host;
    private final ServingStation station;
    private final StableWatch stable;
    private final DeployedCalls calls;
    private final long bucketNanos;
    private @Nullable BaselineComparison comparison;

    /** Read by callers, without the lock. */
    private volatile boolean isRefusing;

    /** Until when, by the ticker, instances that were told to serve may not have read it. */
    private final Map<String, Long> mayRefuseUntil = new HashMap<>();

    /** Until when instances may refuse that were told to serve before this one began to lead. */
    private long unknownUntil;

    private Set<String> allowedLast = Set.of();
    private boolean isReadmitted;
    private boolean isWriting;
    private boolean isDraining;
    private boolean hasRefused;
    private long drainedAt;

    private Deployment(
            RollbackPlan plan,
            RolloutStrategy.Deployed deployed,
            Surroundings surroundings,
            long bucketNanos,
            Host host) {
        this.plan = plan;
        this.deployed = deployed;
        this.surroundings = surroundings;
        this.host = host;
        this.station = new ServingStation(surroundings, plan.candidate());
        this.stable = new StableWatch(surroundings, plan.stable(), deployed);
        this.calls = new DeployedCalls(plan.outcomeDeadline().toNanos());
        this.bucketNanos = bucketNanos;
        this.unknownUntil =
                surroundings.ticker().getAsLong() + TWO * surroundings.lease().toNanos();
    }

    /** Begins, or returns null where both releases of a plan are in one process. */
    static @Nullable Deployment of(RollbackPlan plan, Surroundings surroundings, long bucketNanos, Host host) {
        RolloutStrategy.Deployed deployed = plan.strategy().deployed();
        return deployed == null ? null : new Deployment(plan, deployed, surroundings, bucketNanos, host);
    }

    // ---- Watching.

    /** Returns what weighs the error rate. */
    BaselineComparison weigh(ErrorRate signal, double rate) {
        BaselineComparison weighing = new BaselineComparison(signal, rate);
        comparison = weighing;
        return weighing;
    }

    /** Takes in what was counted of this process's calls: begun, ended well, badly, and as neither. */
    void take(long nowNanos, long elapsedNanos, long[] counted) {
        calls.take(nowNanos, counted[0], counted[1], counted[2], counted[3]);
        station.count(calls.calls(), calls.bad());
        BaselineComparison weighing = comparison;
        if (weighing != null) {
            weighing.compareWith(stable.view(nowNanos));
            weighing.take(
                    Windows.number(surroundings.clock().instant(), Windows.SLICE),
                    (int) Math.min(StartMixture.LAST_BUCKET, elapsedNanos / bucketNanos),
                    calls);
        }
    }

    /** Begins what is due beside the rollout. May be called without the lock. */
    void tick() {
        station.tick();
        stable.tick();
    }

    /** May be called without the lock. */
    void forEachLane(Consumer<Lane> action) {
        action.accept(station.lane());
        stable.forEachLane(action);
    }

    /** Says who acts at this moment: what the plan says, else the library only where stable capacity is known to serve. */
    Mode mode(long nowNanos) {
        return plan.isModeStated() ? plan.mode() : stable.serves(nowNanos) ? Mode.ACT : Mode.RECOMMEND;
    }

    // ---- Refusing traffic.

    /** Says whether the process is to refuse traffic. May be called without the lock. */
    boolean isRefusing() {
        return isRefusing;
    }

    /** Serves again, since a person wants it, until a person sends all calls to stable. */
    void readmit() {
        isReadmitted = true;
    }

    /** Forgets that a person wanted it to serve, since a person now wants the opposite. */
    void forgetReadmission() {
        isReadmitted = false;
    }

    void advance(long nowNanos, Standing standing) {
        station.setStable(standing.state().phase() == Phase.PROMOTED);
        boolean isWanted = isWanted(standing) && !isReadmitted;
        boolean isAllowed;
        String why = "";
        FleetMember member = standing.member();
        if (member == null) {
            isAllowed = isWanted;
        } else {
            noteAllowed(nowNanos, standing.allowed());
            isAllowed = isWanted && standing.allowed().contains(member.instance());
            if (isAllowed && !member.isInTouch(nowNanos)) {
                isAllowed = false;
                why = "the store cannot be reached, so that it is not known who else serves";
            }
            if (!standing.leads()) {
                unknownUntil = nowNanos + TWO * surroundings.lease().toNanos();
            } else if (standing.knowsAll()) {
                allow(nowNanos, member, standing, isWanted);
            }
        }
        if (isAllowed && !stable.serves(nowNanos)) {
            isAllowed = false;
            why = "stable capacity is no longer known to serve";
        }
        if (!hasRefused && (isAllowed || !standing.allowed().isEmpty())) {
            hasRefused = true;
            drainedAt = nowNanos + deployed.drain().toNanos();
        }
        if (isAllowed && !isRefusing) {
            setRefusing(true);
            say(
                    member,
                    new RolloutEvent.TrafficRefused(
                            surroundings.instance(), "stable serves: " + stable.words(nowNanos)));
        } else if (!isAllowed && isRefusing) {
            setRefusing(false);
            say(
                    member,
                    new RolloutEvent.TrafficResumed(
                            surroundings.instance(),
                            !why.isEmpty()
                                    ? why
                                    : isReadmitted ? "a person wants it to serve" : "it is to serve again"));
        }
    }

    /** Journals it where the process is on its own; else the journal has what whoever leads has allowed. */
    private void say(@Nullable FleetMember member, RolloutEvent event) {
        if (member == null) {
            host.emit(event);
        } else {
            host.tell(event);
        }
    }

    private void setRefusing(boolean does) {
        isRefusing = does;
        station.setRefusing(does);
    }

    private static boolean isWanted(Standing standing) {
        return standing.isAllToStable()
                || standing.state().trafficStopped()
                || switch (standing.state().phase()) {
                    case ROLLING_BACK, ROLLED_BACK, NEEDS_HUMAN -> true;
                    default -> false;
                };
    }

    /** Notes who was told to serve. */
    private void noteAllowed(long nowNanos, Set<String> allowed) {
        for (String instance : allowedLast) {
            if (!allowed.contains(instance)) {
                mayRefuseUntil.put(
                        instance, nowNanos + TWO * surroundings.lease().toNanos());
            }
        }
        allowedLast = Set.copyOf(allowed);
        mayRefuseUntil.values().removeIf(until -> nowNanos - until >= 0);
    }

    /** Says whether there is a place for an instance among those that may refuse, or may not know yet that they may not. */
    private boolean isPlaceFor(String instance, Standing standing) {
        Set<String> others = new HashSet<>(standing.allowed());
        mayRefuseUntil.keySet().stream()
                .filter(other -> gone(other, standing.members()) == null)
                .forEach(others::add);
        others.remove(instance);
        return others.size() < deployed.maxRefusing();
    }

    /** Writes who may refuse, one instance at a time. */
    private void allow(long nowNanos, FleetMember self, Standing standing, boolean isWanted) {
        if (isWriting || !self.isInTouch(nowNanos)) {
            return;
        }
        boolean serves = stable.serves(nowNanos);
        for (String instance : standing.allowed()) {
            String why = !isWanted
                    ? "it is to serve again"
                    : serves ? gone(instance, standing.members()) : "stable capacity is no longer known to serve";
            if (why != null) {
                write(new RolloutEvent.TrafficResumed(instance, why));
                return;
            }
        }
        if (isWanted && serves && nowNanos - unknownUntil >= 0) {
            standing.members().stream()
                    .filter(self::isHeard)
                    .map(Fleet.Member::instance)
                    .filter(instance -> !standing.allowed().contains(instance) && isPlaceFor(instance, standing))
                    .findFirst()
                    .ifPresent(instance -> write(new RolloutEvent.TrafficRefused(
                            instance,
                            "no. " + (standing.allowed().size() + 1) + " of at most " + deployed.maxRefusing()
                                    + " at a time; stable serves: " + stable.words(nowNanos))));
        }
    }

    /** Returns why an instance that may refuse certainly does not any more; null where it may do so still. */
    private @Nullable String gone(String instance, List<Fleet.Member> members) {
        for (Fleet.Member member : members) {
            if (member.instance().equals(instance)) {
                Duration silent = surroundings.lease().multipliedBy(TWO);
                return member.hasLeft()
                        ? "it has left"
                        : member.silentFor().compareTo(silent) >= 0 ? "it was silent for " + silent : null;
            }
        }
        return null;
    }

    private void write(RolloutEvent event) {
        isWriting = true;
        host.journal(event, () -> isWriting = false);
    }

    // ---- Draining.

    /** Says whether there is traffic to be drained before the steps back; asked once they are decided on. */
    boolean drains(long nowNanos) {
        isDraining = !deployed.drain().isZero() && stable.serves(nowNanos);
        hasRefused = isRefusing;
        drainedAt = nowNanos + deployed.drain().toNanos() + (hasRefused ? 0 : LONGEST_UNTIL_REFUSED_NANOS);
        return isDraining;
    }

    /** Says whether the steps back may begin. */
    boolean isDrained(long nowNanos) {
        return !isDraining || !stable.serves(nowNanos) || nowNanos - drainedAt >= 0;
    }

    // ---- The end.

    /** Serves again, since nobody looks any more whether stable does; leaves what is shared. */
    void close() {
        if (isRefusing) {
            setRefusing(false);
            host.tell(new RolloutEvent.TrafficResumed(surroundings.instance(), "the process lets go of the rollout"));
        }
    }

    /** Leaves what is shared, and keeps the baseline; up to a time by {@link System#nanoTime}. Called without the lock. */
    void leave(long endNanos) {
        station.leave();
        station.await(endNanos);
    }

    // ---- For people.

    Rollout.Deployment status(long nowNanos) {
        StableView view = stable.view(nowNanos);
        return new Rollout.Deployment(
                isRefusing,
                stable.serves(nowNanos),
                stable.words(nowNanos),
                view.windows().rates().size(),
                view.windows().highRate(),
                mode(nowNanos),
                BaselineComparison.LABEL);
    }

    /** Looks for the preflight whether stable capacity is known to serve. May block; called without the lock. */
    Check.Result checkCapacity() throws Exception {
        stable.lookNow();
        long now = surroundings.ticker().getAsLong();
        String who = stable.words(now);
        String alone = surroundings.journal().fleet() == null
                ? "; the instances share no store, so that each refuses by itself, however many do"
                : "";
        return stable.serves(now)
                ? Check.Result.pass(who + alone)
                : Check.Result.fail(who + ": until it is, no instance refuses traffic"
                        + (plan.isModeStated() ? "" : ", and a rollback is recommended only"));
    }

    /** Looks for the preflight whether there is anything to hold the candidate against. May block; called without the lock. */
    Check.Result checkBaseline() throws Exception {
        stable.lookNow();
        StableView view = stable.view(surroundings.ticker().getAsLong());
        String words = view.words() + "; " + BaselineComparison.LABEL;
        return view.isConcurrent() || !Double.isNaN(view.windows().highRate())
                ? Check.Result.pass(words)
                : Check.Result.fail(words);
    }
}
