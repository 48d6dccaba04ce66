package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.Latency;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Subject;
import io.github.rollback4j.traffic.Ticket;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The library's own router, tally and signals, driven as a live rollout drives them: looked at ten times a second of
 * simulated time, and in the caller's thread at some of the candidate's failures.
 */
final class Ours {

    private static final long DEADLINE_NANOS = 30_000_000_000L;
    private static final int BUCKETS = 256;
    private static final int KEYS_A_STEP = 65_536;

    /** The logarithm of the evidence at which a rollout pauses: 1 in 10,000 for two ratios. */
    private static final double WRONG_RATIO = Math.log(20_000);

    private final Router router;
    private final List<FailureSignal.Weighing> weighings;
    private final boolean[] regressed;
    private boolean hasData;
    private long nanos;

    /**
     * Begins a rollout.
     *
     * @param watched over the same calls; at most one of them compares latencies
     * @param falseRollbackRate α
     * @param byEvidence whether {@link #highestExcess} is asked for
     * @param plannedNanos how long the rollout is planned to last
     */
    Ours(
            List<Watched> watched,
            double falseRollbackRate,
            boolean byEvidence,
            long plannedNanos,
            SplittableRandom random) {
        router = new Router(
                new Router.Settings(
                        Router.newSalt(random),
                        Audience.everyone(),
                        4,
                        1 << 16,
                        DEADLINE_NANOS,
                        plannedNanos / BUCKETS,
                        compared(watched, byEvidence),
                        () -> nanos,
                        random.split()::nextLong),
                this::look);
        weighings = watched.stream()
                .map(one -> one.signal().weigh(router.tally(), falseRollbackRate * one.share()))
                .toList();
        regressed = new boolean[watched.size()];
    }

    private static Router.Compared compared(List<Watched> watched, boolean byEvidence) {
        double latencyTimes = 0;
        long warmUpNanos = 0;
        List<Router.Metric> metrics = new ArrayList<>();
        for (Watched one : watched) {
            if (one.signal() instanceof Latency latency) {
                latencyTimes = latency.times();
                warmUpNanos = latency.warmUp().toNanos();
            } else if (one.signal() instanceof BusinessMetric metric) {
                metrics.add(new Router.Metric(
                        metric.name(),
                        metric.isNumeric(),
                        metric.times(),
                        metric.window().toNanos()));
            }
        }
        boolean byFirstCall = byEvidence || latencyTimes > 0 || !metrics.isEmpty();
        return new Router.Compared(latencyTimes, warmUpNanos, byFirstCall ? KEYS_A_STEP : 0, metrics);
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

    void exit(long nowNanos, long ticket, long elapsedNanos, boolean failed) {
        nanos = nowNanos;
        router.exitAfter(ticket, elapsedNanos, failed ? Outcome.FAILURE : Outcome.SUCCESS);
    }

    /** Records a metric: of a call with a key for its key, as a host does that knows no ticket any more. */
    void record(long nowNanos, long ticket, long key, int metric, double value) {
        nanos = nowNanos;
        if (key < 0) {
            router.record(ticket, metric, value);
        } else {
            router.record(Subject.of(key), metric, value);
        }
    }

    /** Returns the index of a business metric. */
    int metric(BusinessMetric metric) {
        return router.tally().metric(metric.name());
    }

    boolean isAgainst(int signal) {
        return regressed[signal];
    }

    /** Returns by how much the candidate's error rate is above stable's at most; 1 where a signal has nothing to judge by. */
    double highestExcess() {
        // What has had data has it for good.
        hasData = hasData
                || weighings.stream()
                        .noneMatch(weighing -> weighing.assessment().verdict() == Verdict.NO_DATA);
        if (!hasData) {
            return 1;
        }
        double excess = 1;
        for (FailureSignal.Weighing weighing : weighings) {
            if (weighing instanceof ErrorRate.Weighing errors) {
                excess = errors.highestExcess();
            }
        }
        return excess;
    }

    /** Says whether the rollout would have been paused, since the calls do not fall as the share says. */
    boolean isRatioWrong() {
        return router.tally().sampleRatioEvidence() >= WRONG_RATIO;
    }

    static boolean isCandidate(long ticket) {
        return Ticket.isCandidate(ticket);
    }
}
