package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Ticket;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The library's own router, tally and error-rate signal, driven as a live rollout drives them: looked at ten times a second
 * of simulated time, and in the caller's thread at some of the candidate's failures.
 */
final class Ours {

    private static final long DEADLINE_NANOS = 30_000_000_000L;
    private static final int BUCKETS = 256;

    private final Router router;
    private final List<ErrorRate.Weighing> weighings;
    private final boolean[] regressed;
    private long nanos;

    /**
     * Begins a rollout.
     *
     * @param signals each on its own, over the same calls
     * @param falseRollbackRate α
     * @param plannedNanos how long the rollout is planned to last
     */
    Ours(List<ErrorRate> signals, double falseRollbackRate, long plannedNanos, SplittableRandom random) {
        router = new Router(
                new Router.Settings(
                        Router.newSalt(random),
                        Audience.everyone(),
                        4,
                        1 << 16,
                        DEADLINE_NANOS,
                        plannedNanos / BUCKETS,
                        () -> nanos,
                        random.split()::nextLong),
                this::look);
        weighings = signals.stream()
                .map(signal -> signal.weigh(router.tally(), falseRollbackRate))
                .toList();
        regressed = new boolean[signals.size()];
    }

    /** Says which share of the keys was exposed before the counts were lost, as after a restart. */
    void exposedBefore(double share) {
        router.exposedBefore(share);
    }

    void expose(double share, long nowNanos) {
        nanos = nowNanos;
        router.expose(share, true, 0, nowNanos, nowNanos);
    }

    void tick(long nowNanos) {
        nanos = nowNanos;
        router.tick(nowNanos, nowNanos);
        look();
    }

    private void look() {
        router.tally().read(nanos);
        for (int i = 0; i < regressed.length; i++) {
            regressed[i] = regressed[i] || weighings.get(i).weigh(nanos);
        }
    }

    long enter(long nowNanos, long key) {
        nanos = nowNanos;
        return key < 0 ? router.enter() : router.enter(key);
    }

    void exit(long nowNanos, long ticket, boolean failed) {
        nanos = nowNanos;
        router.exitAfter(ticket, 0, failed ? Outcome.FAILURE : Outcome.SUCCESS);
    }

    boolean isAgainst(int signal) {
        return regressed[signal];
    }

    static boolean isCandidate(long ticket) {
        return Ticket.isCandidate(ticket);
    }
}
