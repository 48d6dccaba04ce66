package io.github.rollback4j.traffic;

import static io.github.rollback4j.traffic.TestTraffic.DEADLINE;
import static io.github.rollback4j.traffic.TestTraffic.MILLIS;
import static io.github.rollback4j.traffic.TestTraffic.SECONDS;
import static io.github.rollback4j.traffic.TestTraffic.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.traffic.Router.Metric;
import io.github.rollback4j.traffic.TestTraffic.Closed;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is recorded of calls after they have ended, and to which of them it belongs. */
class AttributionTest {

    private static final int ORDER = 0;
    private static final int REVENUE = 1;
    private static final int SIGNUP = 2;
    private static final long WINDOW = 16 * SECONDS;
    private static final long LONG_WINDOW = 48 * SECONDS;

    private static TestTraffic recording(Audience audience, Metric... metrics) {
        return new TestTraffic(
                audience,
                1,
                10_000,
                SECONDS,
                new Router.Compared(0, 0, 1 << 16, List.of(metrics)),
                new SplittableRandom(8)::nextLong);
    }

    private final TestTraffic traffic = recording(
            Audience.everyone(),
            new Metric("order", false, .95, WINDOW),
            new Metric("revenue", true, .5, WINDOW),
            new Metric("signup", false, 1, LONG_WINDOW));
    private final Router router = traffic.router;

    private long enter(Arm arm) {
        while (true) {
            long ticket = router.enter();
            if (Ticket.arm(ticket) == arm) {
                return ticket;
            }
            // A coin of the wrong side is a call too: it ends, and does not convert.
            traffic.exit(ticket, Outcome.SUCCESS);
        }
    }

    /** Adds up what was handed over of a metric under a weight: not converted and converted, by arm. */
    private static long[][] closed(TestTraffic of, int metric, double weight) {
        long[][] sums = new long[2][];
        for (Closed each : of.closed) {
            if (each.metric() == metric && Math.abs(each.weight() - weight) < 1e-9) {
                sums[0] = sum(sums[0], each.stable());
                sums[1] = sum(sums[1], each.candidate());
            }
        }
        return sums;
    }

    private static long[] sum(long[] one, long[] other) {
        long[] sum = one == null ? new long[other.length] : one;
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other[i];
        }
        return sum;
    }

    private long[][] orders() {
        return closed(traffic, ORDER, .5);
    }

    private boolean isClosed(int metric) {
        return traffic.closed.stream().anyMatch(each -> each.metric() == metric);
    }

    /** Calls of fresh keys that the share .5 gives to each arm, the first of which convert. */
    private long[] callKeys(Arm arm, int count) {
        long[] tickets = new long[count];
        for (int i = 0; i < count; i++) {
            tickets[i] = router.enter(key(i, .5, arm));
            traffic.exit(tickets[i], Outcome.SUCCESS);
        }
        return tickets;
    }

    @Nested
    class ByTicket {

        @Test
        void record_ofCallsWithoutKeys_convertsThem() {
            traffic.expose(.5);
            int[] calls = new int[2];
            int[] converted = new int[2];
            for (int i = 0; i < 300; i++) {
                long ticket = router.enter();
                int arm = Ticket.arm(ticket).ordinal();
                traffic.exit(ticket, Outcome.SUCCESS);
                calls[arm]++;
                if (i % (3 + arm) == 0) {
                    converted[arm]++;
                    router.record(ticket, ORDER, 1);
                }
                traffic.pass(10 * MILLIS);
            }
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[0]).containsExactly(calls[0] - converted[0], converted[0]);
            assertThat(orders()[1]).containsExactly(calls[1] - converted[1], converted[1]);
        }

        @Test
        void record_ofFirstCallsOfKeys_convertsThem() {
            traffic.expose(.5);
            long[] stable = callKeys(Arm.STABLE, 10);
            long[] candidate = callKeys(Arm.CANDIDATE, 8);
            for (int i = 0; i < 4; i++) {
                router.record(stable[i], ORDER, 1);
            }
            router.record(candidate[7], ORDER, 99);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[0]).containsExactly(6, 4);
            assertThat(orders()[1]).containsExactly(7, 1);
        }

        @Test
        void record_ofALaterCallOfAKey_isDropped() {
            traffic.expose(.5);
            callKeys(Arm.STABLE, 3);
            for (long ticket : callKeys(Arm.STABLE, 3)) {
                router.record(ticket, ORDER, 1);
            }
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[0]).containsExactly(3, 0);
        }

        @Test
        void record_moreOftenThanThereAreCalls_isNoMoreThanAll() {
            traffic.expose(.5);
            for (long ticket : callKeys(Arm.CANDIDATE, 3)) {
                for (int i = 0; i < 5; i++) {
                    router.record(ticket, ORDER, 1);
                }
            }
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[1]).containsExactly(0, 3);
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
        void record_whatIsNoConversion_isDropped(double value) {
            traffic.expose(.5);
            router.record(callKeys(Arm.CANDIDATE, 1)[0], ORDER, value);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[1]).containsExactly(1, 0);
        }

        @Test
        void record_callsThatDidNotEndWell_areCallsAllTheSame() {
            traffic.expose(.5);
            Outcome[] outcomes = Outcome.values();
            for (int i = 0; i < outcomes.length; i++) {
                traffic.call(key(i, .5, Arm.CANDIDATE), outcomes[i]);
                traffic.exit(enter(Arm.CANDIDATE), outcomes[i]);
            }
            router.record(router.enter(key(20, .5, Arm.CANDIDATE)), ORDER, 1); // never ends
            traffic.live(DEADLINE + 2 * WINDOW);
            assertThat(orders()[1]).containsExactly(2L * outcomes.length, 1);
        }

        @Test
        void record_forced_isDropped() {
            TestTraffic forced = recording(
                            Audience.everyone().candidateFor("tester"), new Metric("order", false, 1, WINDOW))
                    .expose(.5);
            for (int i = 0; i < 5; i++) {
                long ticket = forced.router.enter("tester");
                forced.exit(ticket, Outcome.SUCCESS);
                forced.router.record(ticket, 0, 1);
                forced.call(i, Outcome.SUCCESS);
            }
            forced.router.record(Subject.of("tester"), 0, 1);
            forced.live(WINDOW + 2 * SECONDS);
            long[][] sums = closed(forced, 0, .5);
            assertThat(sums[0][1] + sums[1][1]).isZero();
            assertThat(sums[0][0] + sums[1][0]).isEqualTo(5);
        }

        @Test
        void record_whereNothingIsWeighed_isDropped() {
            traffic.expose(1);
            long ticket = router.enter(3L);
            traffic.exit(ticket, Outcome.SUCCESS);
            router.record(ticket, ORDER, 1);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(traffic.closed).isEmpty();
        }

        @Test
        void record_whereNoMetricIsCompared_doesNothing() {
            TestTraffic without = new TestTraffic().expose(.5);
            without.router.record(without.router.enter(3L), 0, 1);
            without.router.record(Subject.of(3L), 0, 1);
            without.live(WINDOW);
            assertThat(without.closed).isEmpty();
        }
    }

    @Nested
    class Windows {

        @Test
        void record_upToTheEndOfTheWindow_counts() {
            traffic.expose(.5);
            long[] tickets = callKeys(Arm.CANDIDATE, 3);
            traffic.pass(SECONDS); // a sixteenth: the cohort ends
            long end = traffic.nanos;
            traffic.nanos = end + WINDOW - 1;
            router.record(tickets[0], ORDER, 1);
            router.record(tickets[0], SIGNUP, 1);
            router.record(Subject.of(key(1, .5, Arm.CANDIDATE)), ORDER, 1);
            traffic.nanos = end + WINDOW;
            router.record(tickets[2], ORDER, 1);
            router.record(tickets[2], SIGNUP, 1);
            traffic.live(LONG_WINDOW);
            assertThat(orders()[1]).containsExactly(1, 2);
            assertThat(closed(traffic, SIGNUP, .5)[1]).containsExactly(1, 2);
        }

        @Test
        void closed_eachMetric_whenItsWindowIsOver() {
            traffic.expose(.5);
            callKeys(Arm.CANDIDATE, 3);
            traffic.pass(SECONDS);
            long end = traffic.nanos;
            traffic.live(WINDOW - 50 * MILLIS);
            assertThat(traffic.nanos).isEqualTo(end + WINDOW - 50 * MILLIS);
            assertThat(traffic.closed).isEmpty();
            traffic.live(50 * MILLIS);
            assertThat(isClosed(ORDER)).isTrue();
            assertThat(isClosed(SIGNUP)).isFalse();
            traffic.live(LONG_WINDOW - WINDOW - 50 * MILLIS);
            assertThat(isClosed(SIGNUP)).isFalse();
            traffic.live(50 * MILLIS);
            assertThat(isClosed(SIGNUP)).isTrue();
            traffic.live(LONG_WINDOW);
            assertThat(traffic.closed).as("each once").hasSize(2);
        }

        @Test
        void closed_callsStillUnderWay_waitsForThem() {
            traffic.expose(.5);
            long ticket = router.enter(key(0, .5, Arm.CANDIDATE));
            traffic.live(SECONDS + WINDOW + 5 * SECONDS);
            assertThat(isClosed(ORDER)).isFalse();
            traffic.exit(ticket, Outcome.SUCCESS);
            traffic.live(SECONDS);
            assertThat(isClosed(ORDER)).isTrue();
        }

        @Test
        void closed_inTheOrderOfTheirStart_withTheirBuckets() {
            traffic.expose(.25);
            for (int i = 0; i < 200; i++) {
                if (i == 120) {
                    traffic.expose(.5);
                }
                traffic.exit(router.enter(), Outcome.SUCCESS);
                traffic.pass(100 * MILLIS);
            }
            traffic.live(WINDOW + 2 * SECONDS);
            List<Integer> buckets = traffic.closed.stream()
                    .filter(each -> each.metric() == ORDER)
                    .map(Closed::bucket)
                    .toList();
            assertThat(buckets).isSorted().hasSizeBetween(16, 20).startsWith(0).endsWith(19);
            assertThat(closed(traffic, ORDER, .25)[0][0] + closed(traffic, ORDER, .25)[1][0])
                    .isEqualTo(120);
            assertThat(closed(traffic, ORDER, .5)[0][0] + closed(traffic, ORDER, .5)[1][0])
                    .isEqualTo(80);
        }

        @Test
        void expose_paused_handsOverWhatWasBefore() {
            traffic.expose(.5);
            long[] tickets = callKeys(Arm.CANDIDATE, 3);
            traffic.pass(300 * MILLIS);
            traffic.expose(0);
            long end = traffic.nanos;
            traffic.nanos = end + WINDOW - 1;
            router.record(tickets[0], ORDER, 1);
            traffic.nanos++;
            router.record(tickets[1], ORDER, 1);
            traffic.read();
            assertThat(orders()[1]).containsExactly(2, 1);
        }

        @Test
        void expose_oftenWithinAWindow_keepsTheLatest() {
            TestTraffic often = recording(Audience.everyone(), new Metric("late", false, 1, 3600 * SECONDS));
            for (int i = 0; i < 600; i++) {
                often.expose(i % 2 == 0 ? .5 : .25);
                long ticket = often.router.enter();
                often.exit(ticket, Outcome.SUCCESS);
                often.router.record(ticket, 0, 1);
                often.pass(300 * MILLIS);
            }
            for (int i = 0; i < 3700; i++) {
                often.pass(SECONDS);
            }
            long converted = 0;
            for (Closed each : often.closed) {
                assertThat(each.stable()[0] + each.candidate()[0]).isZero();
                converted += each.stable()[1] + each.candidate()[1];
            }
            // There is room for 256 at a time, and 16 have begun since.
            assertThat(converted).isEqualTo(240);
        }

        /** One metric that is known soon, and one that is known late: neither loses its calls. */
        @Test
        void closed_windowsOfVeryDifferentLength_losesNothing() {
            TestTraffic both = recording(
                            Audience.everyone(),
                            new Metric("soon", false, 1, SECONDS),
                            new Metric("late", false, 1, 3600 * SECONDS))
                    .expose(.5);
            int calls = 0;
            for (int i = 0; i < 3600; i++) {
                long ticket = both.router.enter();
                both.exit(ticket, Outcome.SUCCESS);
                both.router.record(ticket, 1, 1);
                calls++;
                both.pass(SECONDS);
            }
            for (int i = 0; i < 2 * 3600; i++) {
                both.pass(SECONDS);
            }
            for (int metric = 0; metric < 2; metric++) {
                long[][] sums = closed(both, metric, .5);
                assertThat(sums[0][0] + sums[1][0] + sums[0][1] + sums[1][1])
                        .as("metric %d", metric)
                        .isEqualTo(calls);
                assertThat(sums[0][metric] + sums[1][metric]).isEqualTo(calls);
            }
        }
    }

    @Nested
    class ByKey {

        @Test
        void record_key_belongsToItsFirstCall() {
            traffic.expose(.5);
            callKeys(Arm.STABLE, 5);
            callKeys(Arm.CANDIDATE, 4);
            traffic.pass(3 * SECONDS);
            callKeys(Arm.STABLE, 5);
            router.record(Subject.of(key(2, .5, Arm.STABLE)), ORDER, 1);
            router.record(Subject.of(key(0, .5, Arm.CANDIDATE)), ORDER, 1);
            router.record(Subject.of(key(3, .5, Arm.CANDIDATE)), ORDER, 1);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[0]).containsExactly(4, 1);
            assertThat(orders()[1]).containsExactly(2, 2);
        }

        @Test
        void record_keyAgain_countsOnceEachMetric() {
            traffic.expose(.5);
            callKeys(Arm.CANDIDATE, 4);
            for (int i = 0; i < 4; i++) {
                router.record(Subject.of(key(0, .5, Arm.CANDIDATE)), ORDER, 1);
                router.record(Subject.of(key(0, .5, Arm.CANDIDATE)), SIGNUP, 1);
            }
            traffic.live(LONG_WINDOW + 2 * SECONDS);
            assertThat(orders()[1]).containsExactly(3, 1);
            assertThat(closed(traffic, SIGNUP, .5)[1]).containsExactly(3, 1);
        }

        @Test
        void record_keyThatDidNotCall_isDropped() {
            traffic.expose(.5);
            callKeys(Arm.CANDIDATE, 4);
            router.record(Subject.of(key(7, .5, Arm.CANDIDATE)), ORDER, 1);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[1]).containsExactly(4, 0);
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
        void record_keyWithWhatIsNoConversion_leavesItToALaterOne(double value) {
            traffic.expose(.5);
            callKeys(Arm.CANDIDATE, 2);
            router.record(Subject.of(key(0, .5, Arm.CANDIDATE)), ORDER, value);
            router.record(Subject.of(key(0, .5, Arm.CANDIDATE)), ORDER, 1);
            router.record(Subject.of(key(1, .5, Arm.CANDIDATE)), ORDER, value);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[1]).containsExactly(1, 1);
        }

        @Tag("R-1")
        @Test
        void record_keyThatCalledInTwoSteps_belongsToBoth() {
            traffic.expose(.2);
            long stable = key(0, .5, Arm.STABLE);
            long moved = movedKey(0);
            traffic.call(stable, Outcome.SUCCESS);
            traffic.call(moved, Outcome.SUCCESS);
            traffic.live(2 * SECONDS);
            traffic.expose(.5);
            traffic.call(stable, Outcome.SUCCESS);
            traffic.call(moved, Outcome.SUCCESS);
            traffic.call(movedKey(1), Outcome.SUCCESS);
            router.record(Subject.of(moved), ORDER, 1);
            router.record(Subject.of(movedKey(1)), ORDER, 1);
            traffic.live(WINDOW + 3 * SECONDS);
            assertThat(closed(traffic, ORDER, .2)[0]).containsExactly(1, 1);
            assertThat(closed(traffic, ORDER, .2)[1]).containsExactly(0, 0);
            double fresh = (.5 - .2) / (1 - .2);
            assertThat(closed(traffic, ORDER, fresh)[0]).containsExactly(1, 0);
            assertThat(closed(traffic, ORDER, fresh)[1]).containsExactly(0, 2);
        }

        @Test
        void record_windowOfTheFirstStepIsOver_belongsToTheSecond() {
            traffic.expose(.2);
            long moved = movedKey(0);
            traffic.call(moved, Outcome.SUCCESS);
            traffic.live(WINDOW + 2 * SECONDS);
            traffic.expose(.5);
            traffic.call(moved, Outcome.SUCCESS);
            router.record(Subject.of(moved), ORDER, 1);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(closed(traffic, ORDER, .2)[0]).containsExactly(1, 0);
            assertThat(closed(traffic, ORDER, (.5 - .2) / (1 - .2))[1]).containsExactly(0, 1);
        }

        @Test
        void record_thirdStep_noLongerBelongsToTheFirst() {
            traffic.expose(.1);
            long key = key(0, .5, Arm.STABLE);
            for (double share : new double[] {.1, .2, .4}) {
                traffic.expose(share);
                traffic.call(key, Outcome.SUCCESS);
                traffic.pass(300 * MILLIS);
            }
            router.record(Subject.of(key), ORDER, 1);
            traffic.live(WINDOW + 3 * SECONDS);
            assertThat(closed(traffic, ORDER, .1)[0]).containsExactly(1, 0);
            assertThat(closed(traffic, ORDER, (.2 - .1) / (1 - .1))[0]).containsExactly(0, 1);
            assertThat(closed(traffic, ORDER, (.4 - .2) / (1 - .2))[0]).containsExactly(0, 1);
        }

        @Test
        void expose_pausedAndResumed_keepsWhatWasRecorded() {
            traffic.expose(.5);
            callKeys(Arm.CANDIDATE, 3);
            router.record(Subject.of(key(0, .5, Arm.CANDIDATE)), ORDER, 1);
            traffic.pass(300 * MILLIS);
            traffic.expose(0);
            traffic.pass(300 * MILLIS);
            traffic.expose(.5);
            callKeys(Arm.CANDIDATE, 4);
            router.record(Subject.of(key(0, .5, Arm.CANDIDATE)), ORDER, 1);
            router.record(Subject.of(key(1, .5, Arm.CANDIDATE)), ORDER, 1);
            router.record(Subject.of(key(3, .5, Arm.CANDIDATE)), ORDER, 1);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(orders()[1]).containsExactly(1, 3);
        }

        /** Returns the n-th key that a share of .2 gives to stable and one of .5 to the candidate. */
        private long movedKey(int n) {
            int left = n;
            for (long key = 0; ; key++) {
                long position = TestTraffic.SPLIT.position(key);
                if (Long.compareUnsigned(position, Split.threshold(.2)) >= 0
                        && Long.compareUnsigned(position, Split.threshold(.5)) < 0
                        && left-- == 0) {
                    return key;
                }
            }
        }
    }

    @Nested
    class Numbers {

        private long[][] revenue() {
            return closed(traffic, REVENUE, .5);
        }

        /** Lets stable make this many calls; four in ten of them are worth 2, 4, … twice their number. */
        private void learn(int calls) {
            for (int i = 0; i < calls; ) {
                long ticket = router.enter();
                traffic.exit(ticket, Outcome.SUCCESS);
                if (!Ticket.isCandidate(ticket)) {
                    if (i % 10 < 4) {
                        router.record(ticket, REVENUE, 2 * (1 + i / 10 * 4 + i % 10));
                    }
                    i++;
                } else {
                    router.record(ticket, REVENUE, 1e9); // teaches nothing
                }
            }
        }

        @Test
        void closed_beforeStableMadeAThousandCalls_isNothing() {
            traffic.expose(.5);
            learn(999);
            traffic.live(WINDOW + 2 * SECONDS);
            callKeys(Arm.STABLE, 1); // the thousandth, known when its window is over
            traffic.pass(SECONDS + 300 * MILLIS);
            callKeys(Arm.CANDIDATE, 5);
            traffic.live(2 * WINDOW);
            assertThat(isClosed(REVENUE)).isFalse();
            for (int i = 10; i < 17; i++) {
                traffic.call(key(i, .5, Arm.CANDIDATE), Outcome.SUCCESS);
            }
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(revenue()[1][0]).isEqualTo(7);
        }

        @Test
        void closed_stableIsWorthNothing_isNothing() {
            traffic.expose(.5);
            for (int i = 0; i < 4000; i++) {
                traffic.exit(router.enter(), Outcome.SUCCESS);
            }
            traffic.live(WINDOW + 2 * SECONDS);
            callKeys(Arm.STABLE, 5);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(isClosed(REVENUE)).isFalse();
        }

        @Test
        void closed_afterStableMadeAThousandCalls_isByQuantilesOfThoseThatAreWorthAnything() {
            traffic.expose(.5);
            learn(1000);
            traffic.live(WINDOW + 2 * SECONDS);
            // Stable's values are halved by what is asked for: 400 of them, 1 to 400, and 600 times 0.
            record(Arm.STABLE, 98, 102); // 49 and 51 are below and above the quantile .125, which is 50
            record(Arm.CANDIDATE, 49, 51, 393, 394, 399, 0);
            traffic.live(DEADLINE + WINDOW + 2 * SECONDS);
            long[] stable = new long[Evidence.BINS];
            stable[1] = 1;
            stable[2] = 1;
            long[] candidate = new long[Evidence.BINS];
            candidate[1] = 1;
            candidate[2] = 1;
            candidate[17] = 2;
            candidate[19] = 1;
            candidate[0] = 1;
            assertThat(revenue()[1]).isEqualTo(candidate);
            assertThat(revenue()[0]).isEqualTo(stable);
        }

        private void record(Arm arm, double... values) {
            int at = 0;
            for (double value : values) {
                long ticket = router.enter(key(at++, .5, arm));
                assertThat(Ticket.arm(ticket)).isEqualTo(arm);
                traffic.exit(ticket, Outcome.SUCCESS);
                router.record(ticket, REVENUE, value);
            }
        }

        @Test
        void closed_nothingRecorded_isZero() {
            traffic.expose(.5);
            learn(1000);
            traffic.live(WINDOW + 2 * SECONDS);
            callKeys(Arm.STABLE, 5);
            callKeys(Arm.CANDIDATE, 6);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(revenue()[0][0]).isEqualTo(5);
            assertThat(revenue()[1][0]).isEqualTo(6);
        }

        @ParameterizedTest
        @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
        void record_noNumber_isDroppedAndLeavesItToALaterOne(double value) {
            traffic.expose(.5);
            learn(1000);
            traffic.live(WINDOW + 2 * SECONDS);
            router.record(callKeys(Arm.CANDIDATE, 2)[0], REVENUE, value);
            router.record(Subject.of(key(1, .5, Arm.CANDIDATE)), REVENUE, value);
            router.record(Subject.of(key(1, .5, Arm.CANDIDATE)), REVENUE, 1e6);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(revenue()[1][0]).isEqualTo(1);
            assertThat(revenue()[1][Evidence.BINS - 1]).isEqualTo(1);
        }

        @Test
        void record_belowZero_countsAsNothing() {
            traffic.expose(.5);
            learn(1000);
            traffic.live(WINDOW + 2 * SECONDS);
            record(Arm.STABLE, -10, -100);
            record(Arm.CANDIDATE, -10, -100, -400);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(revenue()[0][0]).isEqualTo(2);
            assertThat(revenue()[1][0]).isEqualTo(3);
        }

        @Test
        void closed_fewerThanAHundredAreWorthAnything_isNothing() {
            traffic.expose(.5);
            for (int i = 0; i < 4000; i++) {
                long ticket = router.enter();
                traffic.exit(ticket, Outcome.SUCCESS);
                if (i % 100 == 0) {
                    router.record(ticket, REVENUE, 10);
                }
            }
            traffic.live(WINDOW + 2 * SECONDS);
            callKeys(Arm.STABLE, 5);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(isClosed(REVENUE)).isFalse();
        }

        @Test
        void scores_areKnownOnceTheEdgesAre() {
            assertThat(traffic.tally.scores(REVENUE)).isNull();
            traffic.expose(.5);
            learn(1000);
            traffic.live(WINDOW + 2 * SECONDS);
            assertThat(traffic.tally.scores(REVENUE))
                    .hasSize(Evidence.BINS)
                    .isSorted()
                    .endsWith(1);
            assertThat(traffic.tally.scores(ORDER)).isNull();
        }
    }

    @Nested
    class Settings {

        @Test
        void metric_name_isItsIndex() {
            assertThat(traffic.tally.metric("order")).isEqualTo(ORDER);
            assertThat(traffic.tally.metric("signup")).isEqualTo(SIGNUP);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> traffic.tally.metric("other"))
                    .withMessage("metric other is not recorded: allowed are [order, revenue, signup]");
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, -1, 1.001, Double.NaN})
        void metric_timesOutOfRange_saysWhatIsAllowed(double times) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Metric("order", false, times, 1))
                    .withMessage("times is " + times + ", allowed is more than 0 and at most 1");
        }

        @Test
        void metric_windowOutOfRange_saysWhatIsAllowed() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Metric("order", false, 1, 0))
                    .withMessage("windowNanos is 0, allowed is 1 to " + Long.MAX_VALUE);
        }

        @ParameterizedTest
        @ValueSource(doubles = {-1, .5, .999, 100.1, Double.NaN})
        void compared_latencyTimesOutOfRange_saysWhatIsAllowed(double times) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Router.Compared(times, 0, 0, List.of()))
                    .withMessage("latencyTimes is " + times + ", allowed is 0 or 1 to 100");
        }

        @Test
        void compared_otherPartsOutOfRange_saysWhatIsAllowed() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Router.Compared(1, -1, 0, List.of()))
                    .withMessage("warmUpNanos is -1, allowed is 0 or more");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Router.Compared(1, 0, -1, List.of()))
                    .withMessage("keys is -1, allowed is 0 to 16777216");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Router.Compared(1, 0, (1 << 24) + 1, List.of()))
                    .withMessage("keys is 16777217, allowed is 0 to 16777216");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Router.Compared(
                            1, 0, 0, java.util.Collections.nCopies(9, new Metric("m", false, 1, 1))))
                    .withMessage("9 metrics are too many, allowed are up to 8");
            assertThat(new Router.Compared(
                                    100, 0, 1 << 24, java.util.Collections.nCopies(8, new Metric("m", false, 1, 1)))
                            .metrics())
                    .hasSize(8);
        }

        @Test
        void compared_atTheEndsOfTheRanges_isAllowed() {
            assertThat(new Router.Compared(0, 0, 0, List.of())).isEqualTo(Router.Compared.NOTHING);
            assertThat(new Router.Compared(1, 1, 1, List.of()).latencyTimes()).isCloseTo(1, within(0.0));
        }
    }
}
