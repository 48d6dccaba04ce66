package io.github.rollback4j.traffic;

import static io.github.rollback4j.traffic.TestTraffic.DEADLINE;
import static io.github.rollback4j.traffic.TestTraffic.MILLIS;
import static io.github.rollback4j.traffic.TestTraffic.SECONDS;
import static io.github.rollback4j.traffic.TestTraffic.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which latencies are compared, and as what. */
class ComparedLatenciesTest {

    private static final int LAST = Evidence.BINS - 1;
    private static final long WARM_UP = 30 * SECONDS;

    private static TestTraffic comparing(double times, int oneIn) {
        return new TestTraffic(
                Audience.everyone(),
                oneIn,
                10_000,
                SECONDS,
                new Router.Compared(times, WARM_UP, 1 << 20, List.of()),
                new SplittableRandom(8)::nextLong);
    }

    private final TestTraffic traffic = comparing(1.25, 1);
    private final Router router = traffic.router;
    private final Tally tally = traffic.tally;

    private static boolean isCompared(long ticket) {
        return (ticket & Ticket.COMPARED) != 0;
    }

    /** Makes calls without a key until this many of stable have taken 1, 2, … milliseconds; others end at once. */
    private void stableTakes(int from, int to) {
        for (int i = from; i <= to; ) {
            long ticket = router.enter();
            boolean stable = !Ticket.isCandidate(ticket);
            router.exitAfter(ticket, stable ? i * MILLIS : 1, stable ? Outcome.SUCCESS : Outcome.IGNORED);
            i += stable ? 1 : 0;
        }
    }

    /** Gets warm with stable's latencies 1 to 1000 ms, and forgets what has settled. */
    private TestTraffic warm(double share) {
        traffic.expose(share);
        stableTakes(1, 1000);
        traffic.live(WARM_UP);
        assertThat(isCompared(router.enter(key(0, share, Arm.CANDIDATE)))).isTrue();
        return traffic;
    }

    private long enter(Arm arm) {
        while (true) {
            long ticket = router.enter();
            if (Ticket.arm(ticket) == arm) {
                return ticket;
            }
            router.exitAfter(ticket, 1, Outcome.IGNORED);
        }
    }

    private long[] live(boolean keyed, Arm arm) {
        long[][] sums = new long[2][Evidence.BINS];
        for (int i = 0; i < tally.live(); i++) {
            tally.addLatencies(i, keyed, traffic.nanos, sums[0], sums[1]);
        }
        return sums[arm.ordinal()];
    }

    private static long[] bins(int... binsAndCounts) {
        long[] bins = new long[Evidence.BINS];
        for (int i = 0; i < binsAndCounts.length; i += 2) {
            bins[binsAndCounts[i]] = binsAndCounts[i + 1];
        }
        return bins;
    }

    @Nested
    class WhenTheyCount {

        @Test
        void enter_beforeTheWarmUpIsOver_isNotCompared() {
            traffic.expose(.5);
            stableTakes(1, 1000);
            traffic.live(WARM_UP - 50 * MILLIS);
            assertThat(isCompared(router.enter())).isFalse();
            assertThat(live(false, Arm.STABLE)).containsOnly(0);
            traffic.live(300 * MILLIS);
            assertThat(isCompared(router.enter())).isTrue();
        }

        @Test
        void enter_beforeStableHasAnsweredAThousandCalls_isNotCompared() {
            traffic.expose(.5);
            stableTakes(1, 999);
            for (int i = 0; i < 2000; i++) {
                // None of these tells how long stable takes when all is well.
                router.exitAfter(enter(Arm.CANDIDATE), MILLIS, Outcome.SUCCESS);
                router.exitAfter(enter(Arm.STABLE), MILLIS, Outcome.FAILURE);
                router.exitAfter(enter(Arm.STABLE), MILLIS, Outcome.CANCELLED);
            }
            traffic.live(2 * WARM_UP);
            assertThat(isCompared(router.enter())).isFalse();
            stableTakes(1000, 1000);
            assertThat(isCompared(router.enter())).as("the cohort began before").isFalse();
            traffic.live(300 * MILLIS);
            assertThat(isCompared(router.enter())).isTrue();
        }

        @Test
        void enter_callsBegunBeforeTheEdges_areInNoComparison() {
            traffic.expose(.5);
            long early = enter(Arm.CANDIDATE);
            stableTakes(1, 1000);
            traffic.live(DEADLINE - SECONDS);
            long before = enter(Arm.CANDIDATE);
            traffic.live(2 * SECONDS);
            assertThat(isCompared(enter(Arm.STABLE))).isTrue();
            traffic.exit(before, Outcome.SUCCESS);
            traffic.exit(early, Outcome.SUCCESS);
            traffic.live(DEADLINE + SECONDS);
            assertThat(Arrays.stream(traffic.latencies[0][1]).sum()).isZero();
        }

        @Test
        void expose_anotherShare_warmsUpAnew() {
            warm(.25);
            for (double share : new double[] {.5, .5, .25}) {
                traffic.expose(share);
                assertThat(isCompared(enter(Arm.CANDIDATE))).isFalse();
                traffic.live(WARM_UP - SECONDS);
                assertThat(isCompared(enter(Arm.CANDIDATE))).isFalse();
                traffic.live(2 * SECONDS);
                assertThat(isCompared(enter(Arm.CANDIDATE))).isTrue();
            }
        }

        @Test
        void expose_shareZero_comparesNothing() {
            warm(.25);
            traffic.expose(0).live(2 * WARM_UP);
            for (int i = 0; i < 100; i++) {
                assertThat(isCompared(router.enter())).isFalse();
            }
        }

        @Test
        void enter_whereLatenciesAreNotCompared_isNot() {
            TestTraffic without = TestTraffic.comparing(new Router.Compared(0, 0, 1000, List.of()))
                    .expose(.5);
            for (int i = 0; i < 3000; i++) {
                traffic.exit(without.router.enter(), Outcome.SUCCESS);
            }
            without.live(WARM_UP);
            assertThat(isCompared(without.router.enter())).isFalse();
            assertThat(isCompared(without.router.enter(4L))).isFalse();
            assertThat(without.latencies[0][0]).containsOnly(0);
        }

        @Test
        void enter_laterCallsOfAKey_areNotCompared() {
            warm(.5);
            for (Arm arm : Arm.values()) {
                for (int i = 1; i < 50; i++) {
                    assertThat(isCompared(router.enter(key(i, .5, arm)))).isTrue();
                    assertThat(isCompared(router.enter(key(i, .5, arm)))).isFalse();
                }
            }
        }

        @Test
        void enter_keysExposedBefore_areNotCompared() {
            warm(.2);
            traffic.expose(.5);
            stableTakes(1, 1000);
            traffic.live(WARM_UP + SECONDS);
            for (int i = 1; i < 50; i++) {
                assertThat(isCompared(router.enter(key(i, .2, Arm.CANDIDATE)))).isFalse();
            }
            assertThat(isCompared(router.enter(key(60, .2, Arm.STABLE)))).isTrue();
            assertThat(tally.timedWeight(1, true)).isCloseTo((.5 - .2) / (1 - .2), within(1e-12));
            assertThat(tally.timedWeight(1, false)).isCloseTo(.5, within(1e-12));
        }

        @Test
        void enter_forced_isNotCompared() {
            TestTraffic forced = new TestTraffic(
                            Audience.everyone().candidateFor("tester").stableFor("denied"),
                            1,
                            1000,
                            SECONDS,
                            new Router.Compared(1, 0, 1 << 20, List.of()),
                            new SplittableRandom(1)::nextLong)
                    .expose(.5);
            for (int i = 0; i < 3000; i++) {
                forced.exit(forced.router.enter("c" + i), Outcome.SUCCESS);
            }
            forced.live(SECONDS);
            assertThat(isCompared(forced.router.enter("tester"))).isFalse();
            assertThat(isCompared(forced.router.enter("denied"))).isFalse();
            assertThat(isCompared(forced.router.enter("another"))).isTrue();
        }
    }

    @Nested
    class TheirEdges {

        @Test
        void edges_onceFrozen_stayWhateverStableDoes() {
            warm(.5);
            router.exitAfter(enter(Arm.STABLE), 63 * MILLIS, Outcome.SUCCESS);
            for (int i = 0; i < 5000; i++) {
                router.exitAfter(enter(Arm.STABLE), 9999 * MILLIS, Outcome.SUCCESS);
            }
            traffic.live(WARM_UP);
            router.exitAfter(enter(Arm.STABLE), 63 * MILLIS, Outcome.SUCCESS);
            router.exitAfter(enter(Arm.STABLE), 64 * MILLIS, Outcome.SUCCESS);
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.latencies[0][0]).isEqualTo(bins(0, 2, 1, 1, LAST, 5000));
        }

        @Test
        void edges_afterAnotherShare_areFrozenAnewFromWhatStableDoesSince() {
            warm(.25);
            traffic.expose(.5);
            for (int i = 0; i < 1000; i++) {
                router.exitAfter(enter(Arm.STABLE), 5000 * MILLIS, Outcome.SUCCESS);
            }
            traffic.live(WARM_UP + SECONDS);
            router.exitAfter(enter(Arm.STABLE), 5000 * MILLIS, Outcome.SUCCESS);
            router.exitAfter(enter(Arm.STABLE), 5001 * MILLIS, Outcome.SUCCESS);
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.latencies[0][0]).isEqualTo(bins(0, 1, LAST, 1));
        }

        @Test
        void edges_afterAnotherShareWithTooFewCalls_areTheOldOnes() {
            warm(.25);
            traffic.expose(.5);
            for (int i = 0; i < 999; i++) {
                router.exitAfter(enter(Arm.STABLE), 5000 * MILLIS, Outcome.SUCCESS);
            }
            traffic.live(WARM_UP + SECONDS);
            router.exitAfter(enter(Arm.STABLE), 63 * MILLIS, Outcome.SUCCESS);
            router.exitAfter(enter(Arm.STABLE), 64 * MILLIS, Outcome.SUCCESS);
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.latencies[0][0]).isEqualTo(bins(0, 1, 1, 1));
        }
    }

    @Nested
    class AsWhatTheyCount {

        @ParameterizedTest
        @CsvSource({
            // 1000 ms are in the highest bin of stable, and so are 1250 ms of a candidate that may take 1.25 times as
            // long.
            "STABLE, SUCCESS, 500, 7",
            "STABLE, SUCCESS, 501, 8",
            "STABLE, SUCCESS, 996, 19",
            "CANDIDATE, SUCCESS, 500, 6",
            "CANDIDATE, SUCCESS, 625, 7",
            "CANDIDATE, SUCCESS, 626, 8",
            "CANDIDATE, SUCCESS, 1243, 18",
            "CANDIDATE, SUCCESS, 1244, 19",
            // Failures are the error rate's: here they speak for the candidate only.
            "STABLE, FAILURE, 1, 19",
            "CANDIDATE, FAILURE, 2000, 0",
            // It would have taken longer.
            "STABLE, CANCELLED, 1, 19",
            "CANDIDATE, CANCELLED, 625, 7",
            "CANDIDATE, CANCELLED, 626, 8"
        })
        void exit_ofEachOutcome_isInItsBin(Arm arm, Outcome outcome, long millis, int bin) {
            warm(.5);
            router.exitAfter(enter(arm), millis * MILLIS, outcome);
            traffic.read();
            assertThat(live(false, arm)).isEqualTo(bins(bin, 1));
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.latencies[0][arm.ordinal()]).isEqualTo(bins(bin, 1));
            assertThat(traffic.latencies[0][1 - arm.ordinal()]).containsOnly(0);
        }

        @Test
        void exit_ignored_isInNone() {
            warm(.5);
            for (Arm arm : Arm.values()) {
                router.exitAfter(enter(arm), 500 * MILLIS, Outcome.IGNORED);
            }
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.latencies[0][0]).containsOnly(0);
            assertThat(traffic.latencies[0][1]).containsOnly(0);
        }

        @Test
        void exit_keyed_isApart() {
            warm(.5);
            traffic.nanos += 300 * MILLIS;
            traffic.pass(0);
            router.exitAfter(router.enter(key(5, .5, Arm.STABLE)), 500 * MILLIS, Outcome.SUCCESS);
            router.exitAfter(router.enter(key(5, .5, Arm.CANDIDATE)), 500 * MILLIS, Outcome.SUCCESS);
            router.exitAfter(router.enter(key(5, .5, Arm.CANDIDATE)), 900 * MILLIS, Outcome.SUCCESS);
            traffic.read();
            int last = tally.live() - 1;
            long[][] sums = new long[2][Evidence.BINS];
            assertThat(tally.addLatencies(last, true, traffic.nanos, sums[0], sums[1]))
                    .isTrue();
            assertThat(sums[0]).isEqualTo(bins(7, 1));
            assertThat(sums[1]).isEqualTo(bins(6, 1));
            assertThat(tally.addLatencies(last, false, traffic.nanos, sums[0], sums[1]))
                    .isFalse();
        }

        @Test
        void addLatencies_pending_isSlowestOnStableAndAsFastAsItCanBeOnTheCandidate() {
            warm(.5);
            long[] tickets = {enter(Arm.STABLE), enter(Arm.CANDIDATE)};
            traffic.read();
            assertThat(live(false, Arm.STABLE)).isEqualTo(bins(LAST, 1));
            assertThat(live(false, Arm.CANDIDATE))
                    .as("it may have begun just now")
                    .isEqualTo(bins(0, 1));
            traffic.pass(250 * MILLIS);
            long cohortEnd = traffic.nanos;
            assertThat(live(false, Arm.CANDIDATE)).isEqualTo(bins(0, 1));
            for (int[] elapsedAndBin : new int[][] {{78, 0}, {79, 1}, {625, 7}, {626, 8}, {1243, 18}, {1244, 19}}) {
                traffic.nanos = cohortEnd + elapsedAndBin[0] * MILLIS;
                traffic.read();
                assertThat(live(false, Arm.CANDIDATE)).isEqualTo(bins(elapsedAndBin[1], 1));
                assertThat(live(false, Arm.STABLE)).isEqualTo(bins(LAST, 1));
            }
            router.exitAfter(tickets[0], 1500 * MILLIS, Outcome.SUCCESS);
            router.exitAfter(tickets[1], 1500 * MILLIS, Outcome.SUCCESS);
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.latencies[0][0]).isEqualTo(bins(LAST, 1));
            assertThat(traffic.latencies[0][1]).isEqualTo(bins(LAST, 1));
        }

        @Test
        void addLatencies_tableSeenLate_isNoOlderThanThat() {
            warm(.5);
            enter(Arm.CANDIDATE);
            // The tick's time is taken before its work: a call may begin under the old table until the new one is seen.
            long tick = traffic.nanos + 300 * MILLIS;
            traffic.nanos = tick + 400 * MILLIS;
            router.tick(tick, tick - traffic.startNanos);
            long seen = traffic.nanos;
            assertThat(tally.startNanos(tally.live() - 1)).isEqualTo(seen);
            traffic.nanos = seen + 625 * MILLIS;
            traffic.read();
            assertThat(live(false, Arm.CANDIDATE)).isEqualTo(bins(7, 1));
            traffic.nanos = seen + 626 * MILLIS;
            traffic.read();
            assertThat(live(false, Arm.CANDIDATE)).isEqualTo(bins(8, 1));
        }

        @Test
        void settled_pastTheDeadline_isSlowestInBothArms() {
            warm(.5);
            for (int i = 0; i < 3; i++) {
                enter(Arm.STABLE);
                enter(Arm.CANDIDATE);
            }
            long late = enter(Arm.CANDIDATE);
            traffic.live(DEADLINE + SECONDS);
            router.exitAfter(late, 1, Outcome.SUCCESS);
            traffic.live(SECONDS);
            assertThat(traffic.latencies[0][0]).isEqualTo(bins(LAST, 3));
            assertThat(traffic.latencies[0][1]).isEqualTo(bins(LAST, 4));
        }

        @Test
        void clear_slotUsedAgain_beginsWithNothing() {
            warm(.5);
            for (int i = 0; i < 200; i++) {
                router.exitAfter(enter(Arm.STABLE), 500 * MILLIS, Outcome.SUCCESS);
                enter(Arm.CANDIDATE);
                traffic.live(250 * MILLIS);
            }
            traffic.live(2 * DEADLINE);
            assertThat(traffic.latencies[0][0]).isEqualTo(bins(7, 200));
            assertThat(traffic.latencies[0][1]).isEqualTo(bins(LAST, 200));
        }
    }

    @Nested
    class Sampled {

        @Tag("R-1")
        @ParameterizedTest
        @CsvSource({"1, 1, 0.05", "4, 4, 0.05", "7, 4, 0.25", "16, 16, 0.5"})
        void timedWeight_stableTimedOneIn_isTheCandidatesShareOfWhatIsCompared(int oneIn, int used, double share) {
            TestTraffic sampled = comparing(1, oneIn).expose(share);
            for (int i = 0; i < 40_000; i++) {
                sampled.exit(sampled.router.enter(), Outcome.SUCCESS);
            }
            sampled.live(WARM_UP + SECONDS);
            double weight = share / (share + (1 - share) / used);
            assertThat(sampled.tally.timedWeight(0, false)).isCloseTo(weight, within(1e-12));
            assertThat(sampled.tally.timedWeight(0, true)).isCloseTo(weight, within(1e-12));
            for (int unit = 0; unit < 2; unit++) {
                int candidate = 0;
                int compared = 0;
                for (int i = 0; i < 40_000; i++) {
                    long ticket = unit == 0 ? sampled.router.enter() : sampled.router.enter((long) i);
                    if (isCompared(ticket)) {
                        compared++;
                        candidate += Ticket.isCandidate(ticket) ? 1 : 0;
                    }
                    if (i % 20 == 0) {
                        sampled.pass(20 * MILLIS);
                    }
                }
                assertThat((double) candidate / compared)
                        .isCloseTo(weight, within(4 * Math.sqrt(weight * (1 - weight) / compared)));
                assertThat((double) compared)
                        .isCloseTo(40_000 * (share + (1 - share) / used), within(4 * Math.sqrt(40_000)));
            }
        }

        @Test
        void enter_stableNotTimed_isNotCompared() {
            TestTraffic sampled = comparing(1, 4).expose(.5);
            for (int i = 0; i < 20_000; i++) {
                sampled.exit(sampled.router.enter(), Outcome.SUCCESS);
            }
            sampled.live(WARM_UP + SECONDS);
            for (int i = 0; i < 1000; i++) {
                long ticket = sampled.router.enter();
                assertThat(isCompared(ticket)).isEqualTo(Ticket.isTimed(ticket));
            }
        }
    }

    /** What is shown while calls are pending is never more than what the same calls settle at. */
    @Nested
    @Tag("R-1")
    class TheFillIsABound {

        private record Shown(long cohortStart, double evidence, long at) {}

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
        void addLatencies_randomTraffic_neverShowsMoreThanItSettlesAt(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            Evidence evidence = Evidence.larger();
            Map<Double, Evidence.Factors> factors = new HashMap<>();
            TestTraffic random4 = comparing(1 + random.nextInt(3) / 4.0, 1 << random.nextInt(3));
            Tally of = random4.tally;
            // By start of the cohort: bucket, weights and what has settled.
            TreeMap<Long, Object[]> settled = new TreeMap<>();
            of.addSink(cohort -> {
                long[][][] sums = new long[2][2][Evidence.BINS];
                for (int unit = 0; unit < 2; unit++) {
                    cohort.addLatencies(unit == 1, sums[unit][0], sums[unit][1]);
                }
                settled.put(of.startNanos(0), new Object[] {
                    cohort.bucket(),
                    of.timedWeight(cohort.stratum(), false),
                    of.timedWeight(cohort.stratum(), true),
                    sums
                });
            });
            record Pending(long ticket, long start, long end, Outcome outcome) {}
            PriorityQueue<Pending> pending = new PriorityQueue<>((one, other) -> Long.compare(one.end(), other.end()));
            List<Shown> shown = new ArrayList<>();
            for (double share : new double[] {.1, .5}) {
                random4.expose(share);
                for (int i = 0; i < 12_000; i++) {
                    if (i % 3 == 0) {
                        random4.pass(random.nextInt(40) * MILLIS);
                    }
                    boolean keyed = random.nextBoolean();
                    long ticket = keyed ? random4.router.enter(random.nextLong(4000)) : random4.router.enter();
                    boolean candidate = Ticket.isCandidate(ticket);
                    double draw = random.nextDouble();
                    Outcome outcome = draw < .05
                            ? Outcome.CANCELLED
                            : draw < .1 && !candidate
                                    ? Outcome.FAILURE
                                    : draw < .12 && !candidate ? Outcome.IGNORED : Outcome.SUCCESS;
                    double seconds = .2
                            * Math.exp(1.5 * (random.nextDouble() + random.nextDouble() - 1))
                            * (draw > .98 ? 30 + 200 * random.nextDouble() : candidate ? 3 : 1);
                    pending.add(
                            new Pending(ticket, random4.nanos, random4.nanos + (long) (seconds * SECONDS), outcome));
                    while (pending.peek().end() <= random4.nanos) {
                        Pending next = pending.remove();
                        random4.router.exitAfter(next.ticket(), random4.nanos - next.start(), next.outcome());
                    }
                    if (i % 150 == 0) {
                        random4.read();
                        show(random4, settled, evidence, factors, shown);
                    }
                }
            }
            random4.live(2 * DEADLINE);
            Map<Long, Double> settledAt = new TreeMap<>();
            StartMixture mixture = new StartMixture(evidence);
            settled.forEach((start, cohort) -> {
                addSettled(mixture, cohort, evidence, factors);
                settledAt.put(start, mixture.logEvidence());
            });
            int cutOffs = 0;
            double largest = 0;
            for (Shown each : shown) {
                Double end = settledAt.get(each.cohortStart());
                assertThat(each.evidence())
                        .as("shown at %d ms of calls before %d", each.at() / MILLIS, each.cohortStart() / MILLIS)
                        .isLessThanOrEqualTo(end + 1e-9);
                cutOffs++;
                largest = Math.max(largest, each.evidence());
            }
            assertThat(cutOffs).isGreaterThan(2000);
            assertThat(largest).as("the candidate is slower").isGreaterThan(1);
        }

        private void addSettled(
                StartMixture mixture, Object[] cohort, Evidence evidence, Map<Double, Evidence.Factors> factors) {
            mixture.advanceTo((Integer) cohort[0]);
            for (int unit = 0; unit < 2; unit++) {
                double weight = (Double) cohort[1 + unit];
                long[][] sums = ((long[][][]) cohort[3])[unit];
                if (weight > 0) {
                    mixture.add(factors.computeIfAbsent(weight, evidence::factors), sums[0], sums[1]);
                }
            }
        }

        /** Weighs what is settled and live up to each live cohort, and keeps what that shows. */
        private void show(
                TestTraffic from,
                TreeMap<Long, Object[]> settled,
                Evidence evidence,
                Map<Double, Evidence.Factors> factors,
                List<Shown> shown) {
            Tally of = from.tally;
            StartMixture mixture = new StartMixture(evidence);
            settled.values().forEach(cohort -> addSettled(mixture, cohort, evidence, factors));
            // Calls may still begin in the last one.
            for (int i = 0; i < of.live() - 1; i++) {
                if (of.isWeighed(i)) {
                    mixture.advanceTo(of.bucket(i));
                    for (int unit = 0; unit < 2; unit++) {
                        long[][] sums = new long[2][Evidence.BINS];
                        double weight = of.timedWeight(of.stratum(i), unit == 1);
                        if (of.addLatencies(i, unit == 1, from.nanos, sums[0], sums[1]) && weight > 0) {
                            mixture.add(factors.computeIfAbsent(weight, evidence::factors), sums[0], sums[1]);
                        }
                    }
                    shown.add(new Shown(of.startNanos(i), mixture.logEvidence(), from.nanos));
                }
            }
        }
    }
}
