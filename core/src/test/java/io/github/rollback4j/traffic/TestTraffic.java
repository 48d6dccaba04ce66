package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A router with a clock that only the test turns, and a sink that keeps what was settled. */
final class TestTraffic implements Tally.Sink {

    static final Split SPLIT = Split.parse("0123456789abcdeffedcba9876543210");
    static final long MILLIS = 1_000_000;
    static final long SECONDS = 1_000 * MILLIS;
    static final long DEADLINE = 30 * SECONDS;

    /** The counts of one settled cohort; arrays are indexed by stable and candidate. */
    record Cohort(int bucket, int stratum, long[] unkeyed, long[] unkeyedBad, long[] keyed, long[] keyedBad) {}

    /** What was recorded of the calls of some time, by category. */
    record Closed(int metric, int bucket, double weight, long[] stable, long[] candidate) {}

    final List<Cohort> settled = new ArrayList<>();

    final List<Closed> closed = new ArrayList<>();

    /** First calls of fresh keys, and how many of them were bad, by stratum, then by arm. */
    final Map<Integer, long[]> firstCalls = new TreeMap<>();

    final Map<Integer, long[]> badFirstCalls = new TreeMap<>();

    /** Latencies that were compared, by unit, arm and bin, over all settled cohorts. */
    final long[][][] latencies = new long[2][2][Evidence.BINS];

    /** First failures by start and arm, over all settled cohorts. */
    final long[][] firstFailures = new long[16][2];

    final List<Integer> checks = new ArrayList<>();
    final Router router;
    final Tally tally;
    long startNanos = -5 * SECONDS;
    long nanos = startNanos;
    int failures;

    TestTraffic() {
        this(Audience.everyone());
    }

    TestTraffic(Audience audience) {
        this(audience, 1, 10_000, SECONDS, null);
    }

    TestTraffic(Audience audience, int timeStableOneIn, int failingKeys, long bucket, @Nullable LongSupplier coin) {
        this(audience, timeStableOneIn, failingKeys, bucket, Router.Compared.NOTHING, coin);
    }

    TestTraffic(
            Audience audience,
            int timeStableOneIn,
            int failingKeys,
            long bucket,
            Router.Compared compared,
            @Nullable LongSupplier coin) {
        router = new Router(
                new Router.Settings(
                        SPLIT.toString(),
                        audience,
                        timeStableOneIn,
                        failingKeys,
                        DEADLINE,
                        bucket,
                        compared,
                        () -> nanos,
                        coin),
                () -> checks.add(failures));
        tally = router.tally();
        tally.addSink(this);
    }

    /** Compares more than errors, with a coin for calls without a key. */
    static TestTraffic comparing(Router.Compared compared) {
        return new TestTraffic(Audience.everyone(), 1, 10_000, SECONDS, compared, new SplittableRandom(8)::nextLong);
    }

    static TestTraffic withCoin(long seed) {
        return new TestTraffic(Audience.everyone(), 1, 10_000, SECONDS, new SplittableRandom(seed)::nextLong);
    }

    TestTraffic expose(double share) {
        router.expose(share, true, 0, nanos, nanos - startNanos);
        return this;
    }

    TestTraffic rollBack() {
        router.expose(0, false, 0, nanos, nanos - startNanos);
        return this;
    }

    /** Lets time pass, then ticks and reads. */
    TestTraffic pass(long duration) {
        nanos += duration;
        router.tick(nanos, nanos - startNanos);
        return read();
    }

    /** Lets time pass with a tick and a reading every 50 milliseconds. */
    TestTraffic live(long duration) {
        for (long end = nanos + duration; nanos < end; ) {
            pass(50 * MILLIS);
        }
        return this;
    }

    TestTraffic read() {
        tally.read(nanos);
        return this;
    }

    void exit(long ticket, Outcome outcome) {
        if (outcome == Outcome.FAILURE && Ticket.isCandidate(ticket) && Ticket.isWeighed(ticket)) {
            failures++;
        }
        router.exitAfter(ticket, MILLIS, outcome);
    }

    void call(long key, Outcome outcome) {
        exit(router.enter(key), outcome);
    }

    /** Returns the n-th key, from 0, that a share gives to an arm. */
    static long key(int n, double share, Arm arm) {
        int left = n;
        for (long key = 0; ; key++) {
            boolean candidate = Long.compareUnsigned(SPLIT.position(key), Split.threshold(share)) < 0;
            if (candidate == (arm == Arm.CANDIDATE) && left-- == 0) {
                return key;
            }
        }
    }

    long liveGood(boolean keyed, Arm arm) {
        long sum = 0;
        for (int i = 0; i < tally.live(); i++) {
            sum += tally.good(i, keyed, arm);
        }
        return sum;
    }

    long livePending(boolean keyed, Arm arm) {
        long sum = 0;
        for (int i = 0; i < tally.live(); i++) {
            sum += tally.pending(i, keyed, arm);
        }
        return sum;
    }

    long liveFirstFailures(int start, Arm arm) {
        long sum = 0;
        for (int i = 0; i < tally.live(); i++) {
            sum += tally.firstFailures(i, start, arm);
        }
        return sum;
    }

    @Override
    public void settled(Tally.Settled cohort) {
        settled.add(new Cohort(
                cohort.bucket(),
                cohort.stratum(),
                new long[] {cohort.calls(false, Arm.STABLE), cohort.calls(false, Arm.CANDIDATE)},
                new long[] {cohort.bad(false, Arm.STABLE), cohort.bad(false, Arm.CANDIDATE)},
                new long[] {cohort.calls(true, Arm.STABLE), cohort.calls(true, Arm.CANDIDATE)},
                new long[] {cohort.bad(true, Arm.STABLE), cohort.bad(true, Arm.CANDIDATE)}));
        long[] first = firstCalls.computeIfAbsent(cohort.stratum(), each -> new long[2]);
        long[] bad = badFirstCalls.computeIfAbsent(cohort.stratum(), each -> new long[2]);
        for (Arm arm : Arm.values()) {
            first[arm.ordinal()] += cohort.firstCalls(arm);
            bad[arm.ordinal()] += cohort.badFirstCalls(arm);
        }
        for (int unit = 0; unit < 2; unit++) {
            cohort.addLatencies(unit == 1, latencies[unit][0], latencies[unit][1]);
        }
        for (int start = 0; start < firstFailures.length; start++) {
            firstFailures[start][0] += cohort.firstFailures(start, Arm.STABLE);
            firstFailures[start][1] += cohort.firstFailures(start, Arm.CANDIDATE);
        }
    }

    @Override
    public void closed(int metric, int bucket, double weight, long[] stable, long[] candidate) {
        closed.add(new Closed(metric, bucket, weight, stable.clone(), candidate.clone()));
    }
}
