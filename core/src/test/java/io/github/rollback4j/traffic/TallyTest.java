package io.github.rollback4j.traffic;

import static io.github.rollback4j.traffic.TestTraffic.DEADLINE;
import static io.github.rollback4j.traffic.TestTraffic.MILLIS;
import static io.github.rollback4j.traffic.TestTraffic.SECONDS;
import static io.github.rollback4j.traffic.TestTraffic.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TallyTest {

    private final TestTraffic traffic = TestTraffic.withCoin(3).expose(0.5);
    private final Router router = traffic.router;
    private final Tally tally = traffic.tally;
    private final long onStable = key(0, 0.5, Arm.STABLE);
    private final long onCandidate = key(0, 0.5, Arm.CANDIDATE);

    @Nested
    class Counting {

        @Test
        void read_callsOfBothArmsAndUnits_areCountedApart() {
            traffic.call(onStable, Outcome.SUCCESS);
            traffic.call(onStable, Outcome.SUCCESS);
            traffic.call(onStable, Outcome.FAILURE);
            traffic.call(onCandidate, Outcome.SUCCESS);
            router.enter(onCandidate);
            int[] unkeyed = new int[2];
            for (int i = 0; i < 20; i++) {
                long ticket = router.enter();
                unkeyed[Ticket.arm(ticket).ordinal()]++;
                traffic.exit(ticket, Outcome.SUCCESS);
            }
            traffic.read();
            assertThat(tally.live()).isEqualTo(1);
            assertThat(tally.isWeighed(0)).isTrue();
            assertThat(tally.good(0, true, Arm.STABLE)).isEqualTo(2);
            assertThat(tally.bad(0, true, Arm.STABLE)).isEqualTo(1);
            assertThat(tally.pending(0, true, Arm.STABLE)).isZero();
            assertThat(tally.good(0, true, Arm.CANDIDATE)).isEqualTo(1);
            assertThat(tally.bad(0, true, Arm.CANDIDATE)).isZero();
            assertThat(tally.pending(0, true, Arm.CANDIDATE)).isEqualTo(1);
            assertThat(tally.good(0, false, Arm.STABLE)).isEqualTo(unkeyed[0]);
            assertThat(tally.good(0, false, Arm.CANDIDATE)).isEqualTo(unkeyed[1]);
            assertThat(tally.startNanos(0)).isEqualTo(traffic.startNanos);
        }

        @Test
        void pending_cancelledAndIgnored_areNeitherPendingNorCounted() {
            traffic.call(onStable, Outcome.CANCELLED);
            traffic.call(onCandidate, Outcome.IGNORED);
            traffic.read();
            assertThat(traffic.livePending(true, Arm.STABLE)).isZero();
            assertThat(traffic.livePending(true, Arm.CANDIDATE)).isZero();
            Tally.Totals totals = tally.totals();
            assertThat(totals.stableCalls() + totals.candidateCalls()).isZero();
        }

        @Test
        void pending_callUnderWay_isBounded() {
            long one = router.enter(onStable);
            long two = router.enter(onCandidate);
            traffic.read();
            assertThat(traffic.livePending(true, Arm.STABLE)).isEqualTo(1);
            assertThat(traffic.livePending(true, Arm.CANDIDATE)).isEqualTo(1);
            assertThat(traffic.livePending(false, Arm.STABLE)).isZero();
            traffic.exit(one, Outcome.SUCCESS);
            traffic.exit(two, Outcome.FAILURE);
            traffic.exit(two, Outcome.FAILURE); // a caller's mistake must not make less than nothing pending
            traffic.read();
            assertThat(traffic.livePending(true, Arm.STABLE)).isZero();
            assertThat(traffic.livePending(true, Arm.CANDIDATE)).isZero();
        }

        @Test
        void totals_randomCalls_areExact() {
            SplittableRandom random = new SplittableRandom(17);
            long[] calls = new long[2];
            long[] failures = new long[2];
            long[] timed = new long[2];
            for (int i = 0; i < 50_000; i++) {
                long ticket = random.nextBoolean() ? router.enter() : router.enter(random.nextLong());
                int arm = Ticket.arm(ticket).ordinal();
                boolean fails = random.nextInt(10) == 0;
                calls[arm]++;
                failures[arm] += fails ? 1 : 0;
                timed[arm] += Ticket.isTimed(ticket) ? 1 : 0;
                traffic.exit(ticket, fails ? Outcome.FAILURE : Outcome.SUCCESS);
                if (i % 100 == 0) {
                    traffic.pass(random.nextInt(300) * MILLIS);
                }
                if (i % 5000 == 0) {
                    traffic.expose(random.nextDouble());
                }
            }
            Tally.Totals totals = traffic.read().tally.totals();
            assertThat(totals)
                    .isEqualTo(new Tally.Totals(calls[0], failures[0], calls[1], failures[1], 0, 0, 0, 0, 0, 0, 0));
            assertThat(tally.latency(Arm.STABLE).getTotalCount()).isEqualTo(timed[0]);
            assertThat(tally.latency(Arm.CANDIDATE).getTotalCount()).isEqualTo(timed[1]);
            traffic.live(DEADLINE + SECONDS);
            assertThat(tally.totals()).isEqualTo(totals);
            long settled = traffic.settled.stream()
                    .mapToLong(
                            cohort -> cohort.keyed()[0] + cohort.keyed()[1] + cohort.unkeyed()[0] + cohort.unkeyed()[1])
                    .sum();
            assertThat(settled).isEqualTo(50_000);
        }

        @Test
        void counts_settledAndLive_areByShareAndUnit() {
            for (int i = 0; i < 5; i++) {
                traffic.call(onStable, i < 2 ? Outcome.FAILURE : Outcome.SUCCESS);
                traffic.call(onCandidate, i < 1 ? Outcome.FAILURE : Outcome.SUCCESS);
            }
            int[] unkeyed = new int[2];
            for (int i = 0; i < 20; i++) {
                long ticket = router.enter();
                unkeyed[Ticket.arm(ticket).ordinal()]++;
                traffic.exit(ticket, Outcome.FAILURE);
            }
            traffic.live(2 * SECONDS);
            assertThat(traffic.settled).isNotEmpty();
            traffic.call(onStable, Outcome.FAILURE);
            traffic.call(onCandidate, Outcome.SUCCESS);
            router.enter(onCandidate); // under way: not among them
            traffic.expose(.9);
            traffic.call(onCandidate, Outcome.FAILURE);
            traffic.read();
            assertThat(tally.counts(0, true)).containsExactly(6, 3, 6, 1);
            assertThat(tally.counts(0, false)).containsExactly(unkeyed[0], unkeyed[0], unkeyed[1], unkeyed[1]);
            assertThat(tally.counts(1, true)).containsExactly(0, 0, 1, 1);
            assertThat(tally.counts(1, false)).containsExactly(0, 0, 0, 0);
            traffic.live(DEADLINE + SECONDS);
            assertThat(tally.counts(0, true)).as("past its deadline it failed").containsExactly(6, 3, 7, 2);
            assertThat(tally.counts(1, true)).containsExactly(0, 0, 1, 1);
        }

        @Test
        void exit_shareChangedSince_countsWhereTheCallBegan() {
            long ticket = router.enter(onCandidate);
            traffic.nanos += SECONDS;
            traffic.expose(0.9);
            long other = router.enter(onCandidate);
            traffic.exit(ticket, Outcome.FAILURE);
            traffic.exit(other, Outcome.SUCCESS);
            traffic.live(DEADLINE + SECONDS);
            assertThat(tally.strata()).isEqualTo(2);
            assertThat(tally.weight(0)).isEqualTo(0.5);
            assertThat(tally.weight(1)).isEqualTo(0.9);
            TestTraffic.Cohort first = traffic.settled.get(0);
            TestTraffic.Cohort second = traffic.settled.get(1);
            assertThat(first.stratum()).isZero();
            assertThat(first.keyed()[1]).isEqualTo(1);
            assertThat(first.keyedBad()[1]).isEqualTo(1);
            assertThat(second.stratum()).isEqualTo(1);
            assertThat(second.keyed()[1]).isEqualTo(1);
            assertThat(second.keyedBad()[1]).isZero();
        }

        @Test
        void exit_afterRollback_countsWhereTheCallBegan() {
            long ticket = router.enter(onCandidate);
            traffic.rollBack();
            traffic.exit(ticket, Outcome.FAILURE);
            assertThat(traffic.read().tally.totals().candidateFailures()).isEqualTo(1);
        }

        @Test
        void expose_sameShareAgain_isTheSameStratum() {
            traffic.expose(0.25).expose(0.5).expose(0).expose(0.25);
            assertThat(tally.strata()).isEqualTo(2);
        }

        @Test
        void bucket_longRollout_staysTheLast() {
            traffic.nanos += 10_000 * SECONDS;
            traffic.expose(0.5);
            assertThat(tally.bucket(tally.live() - 1)).isEqualTo(511);
        }
    }

    @Nested
    class Settling {

        @Test
        void read_allEnded_settlesAShortWhileLater() {
            traffic.call(onStable, Outcome.SUCCESS);
            traffic.pass(250 * MILLIS);
            assertThat(traffic.settled).isEmpty(); // a thread may still be about to count a start
            traffic.pass(250 * MILLIS);
            assertThat(traffic.settled).hasSize(1);
            assertThat(traffic.settled.get(0).keyed()).containsExactly(1, 0);
        }

        @Test
        void read_onePending_keepsItsCohortAndLaterOnesLive() {
            long slow = router.enter(onStable);
            for (int i = 0; i < 20; i++) {
                traffic.pass(250 * MILLIS);
                traffic.call(onStable, Outcome.SUCCESS);
            }
            assertThat(traffic.settled).isEmpty();
            traffic.exit(slow, Outcome.SUCCESS);
            traffic.read();
            assertThat(traffic.settled).hasSizeGreaterThan(15);
        }

        @Test
        void read_pastDeadline_pendingIsBadInBothArms() {
            router.enter(onStable);
            router.enter(onCandidate);
            int[] unkeyed = new int[2];
            for (int i = 0; i < 10; i++) {
                unkeyed[Ticket.arm(router.enter()).ordinal()]++;
            }
            traffic.live(DEADLINE - SECONDS);
            assertThat(traffic.settled).isEmpty();
            traffic.live(2 * SECONDS);
            TestTraffic.Cohort first = traffic.settled.get(0);
            assertThat(first.keyed()).containsExactly(1, 1);
            assertThat(first.keyedBad()).containsExactly(1, 1);
            assertThat(first.unkeyed()).containsExactly(unkeyed[0], unkeyed[1]);
            assertThat(first.unkeyedBad()).containsExactly(unkeyed[0], unkeyed[1]);
            Tally.Totals totals = tally.totals();
            assertThat(totals.stableFailures()).isEqualTo(1 + unkeyed[0]);
            assertThat(totals.stablePending() + totals.candidatePending()).isZero();
        }

        @Test
        void read_ticksLate_givesEveryCallItsFullDeadline() {
            traffic.nanos += 20 * SECONDS;
            long ticket = router.enter(onStable);
            traffic.pass(DEADLINE - MILLIS);
            assertThat(traffic.settled).isEmpty();
            traffic.exit(ticket, Outcome.SUCCESS);
            traffic.live(SECONDS);
            assertThat(traffic.settled.get(0).keyedBad()).containsExactly(0, 0);
        }

        @Test
        void exit_pastDeadline_isDropped() {
            long stable = router.enter(onStable);
            long candidate = router.enter(onCandidate);
            traffic.live(DEADLINE + SECONDS);
            Tally.Totals before = tally.totals();
            traffic.exit(stable, Outcome.SUCCESS);
            traffic.exit(candidate, Outcome.FAILURE);
            Tally.Totals after = traffic.read().tally.totals();
            assertThat(after.late()).isEqualTo(2);
            assertThat(after.stableFailures())
                    .isEqualTo(before.stableFailures())
                    .isEqualTo(1);
            assertThat(after.candidateFailures())
                    .isEqualTo(before.candidateFailures())
                    .isEqualTo(1);
            assertThat(traffic.checks).isEmpty();
            traffic.live(2 * DEADLINE);
            assertThat(tally.totals()).isEqualTo(after);
        }

        @Test
        void advance_slotUsedAgain_dropsWhatThreadsCountedTooLate() {
            long[] tickets = new long[10];
            for (int i = 0; i < tickets.length; i++) {
                tickets[i] = router.enter(onStable);
            }
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.settled.get(0).keyedBad()[0]).isEqualTo(10);
            // What a thread does that was held up between its look at the deadline and its count.
            for (long ticket : tickets) {
                stripes().mine().increment(Tally.counter(Ticket.cohort(ticket), true));
                tally.countVoid(Ticket.cohort(ticket), ticket);
                tally.noteFailingKey(Ticket.cohort(ticket), ticket);
            }
            traffic.settled.clear();
            traffic.live(3 * DEADLINE);
            assertThat(traffic.settled).hasSizeGreaterThan(200);
            assertThat(traffic.settled).allMatch(cohort -> cohort.keyed()[0] == 0);
            assertThat(traffic.livePending(true, Arm.STABLE)).isZero();
        }

        @Test
        void expose_tooOften_leavesCohortsOutWhole() {
            long[] tickets = new long[200];
            for (int i = 0; i < tickets.length; i++) {
                tickets[i] = router.enter(onStable);
                traffic.call(onCandidate, Outcome.SUCCESS);
                traffic.nanos += MILLIS;
                traffic.expose(0.5);
            }
            assertThat(tally.live()).isEqualTo(128);
            for (long ticket : tickets) {
                traffic.exit(ticket, Outcome.SUCCESS);
            }
            traffic.live(DEADLINE + SECONDS);
            // The current cohort and 127 before it were live; all but the one that the last expose began had calls.
            Tally.Totals totals = tally.totals();
            assertThat(totals.stableCalls()).isEqualTo(127);
            assertThat(totals.candidateCalls()).isEqualTo(127);
            assertThat(totals.stableFailures()).isZero();
            assertThat(totals.late()).isEqualTo(73);
        }

        @ParameterizedTest
        @ValueSource(ints = {(1 << 28) - 3, Integer.MAX_VALUE - 3, -3})
        void advance_cohortNumberWraps_losesNothing(int cohort) {
            traffic.live(2 * SECONDS);
            set(tally, "current", cohort);
            set(tally, "oldest", cohort);
            traffic.expose(0.5);
            Tally.Totals before = tally.totals();
            for (int i = 0; i < 40; i++) {
                long ticket = router.enter(onStable);
                traffic.pass(250 * MILLIS);
                traffic.exit(ticket, Outcome.FAILURE);
            }
            Tally.Totals after = traffic.read().tally.totals();
            assertThat(after.late()).isEqualTo(before.late());
            assertThat(after.stableFailures() - before.stableFailures()).isEqualTo(40);
        }

        @Test
        void read_countersWrap_losesNothing() {
            traffic.call(onStable, Outcome.SUCCESS); // makes the stripe
            Stripes.Stripe stripe = stripes().mine();
            int[] counters = (int[]) get(stripe, "counters");
            traffic.read().tally.totals();
            java.util.Arrays.fill(counters, Integer.MAX_VALUE - 2);
            traffic.read().tally.totals();
            tally.latency(Arm.STABLE);
            traffic.expose(0.5);
            Tally.Totals before = tally.totals();
            long latencies = tally.latency(Arm.STABLE).getTotalCount();
            for (int i = 0; i < 10; i++) {
                traffic.call(onStable, Outcome.FAILURE);
            }
            traffic.read();
            int last = tally.live() - 1;
            assertThat(tally.bad(last, true, Arm.STABLE)).isEqualTo(10);
            assertThat(tally.pending(last, true, Arm.STABLE)).isZero();
            assertThat(tally.totals().stableFailures() - before.stableFailures())
                    .isEqualTo(10);
            assertThat(tally.latency(Arm.STABLE).getTotalCount() - latencies).isEqualTo(10);
        }
    }

    @Nested
    class FirstFailures {

        @Test
        void firstFailures_sameKeyTwiceInAGroup_countsOnce() {
            for (int i = 0; i < 5; i++) {
                traffic.call(onStable, Outcome.FAILURE);
                traffic.call(onCandidate, Outcome.FAILURE);
                traffic.call(key(1, 0.5, Arm.CANDIDATE), Outcome.FAILURE);
                traffic.pass(250 * MILLIS);
            }
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstFailures[0]).containsExactly(1, 2);
            assertThat(traffic.firstFailures[1]).containsExactly(0, 0);
        }

        @Test
        void firstFailures_keyFailsInALaterGroup_belongsToTheStartsSince() {
            traffic.call(onStable, Outcome.FAILURE); // bucket 0, group 0
            traffic.live(50 * SECONDS);
            assertThat(tally.bucket(tally.live() - 1)).isBetween(48, 63); // group 3
            traffic.call(onStable, Outcome.FAILURE);
            traffic.call(key(1, 0.5, Arm.STABLE), Outcome.FAILURE);
            traffic.read();
            assertThat(traffic.liveFirstFailures(0, Arm.STABLE)).isEqualTo(1);
            assertThat(traffic.liveFirstFailures(1, Arm.STABLE)).isEqualTo(2);
            assertThat(traffic.liveFirstFailures(3, Arm.STABLE)).isEqualTo(2);
            assertThat(traffic.liveFirstFailures(4, Arm.STABLE)).isZero();
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstFailures[0][0]).isEqualTo(2);
            assertThat(traffic.firstFailures[2][0]).isEqualTo(2);
            assertThat(traffic.firstFailures[3][0]).isEqualTo(2);
            assertThat(traffic.firstFailures[4][0]).isZero();
        }

        @Test
        void firstFailures_unkeyedFailures_areNotAmongThem() {
            for (int i = 0; i < 20; i++) {
                traffic.exit(router.enter(), Outcome.FAILURE);
            }
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstFailures[0]).containsExactly(0, 0);
        }

        @Test
        void firstFailures_stablePastDeadline_countsEveryCall() {
            for (int i = 0; i < 7; i++) {
                router.enter(onStable);
            }
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstFailures[0]).containsExactly(7, 0);
        }
    }

    @Nested
    class HangingCandidate {

        private static final double SHARE = 0.05;

        @Test
        void read_everyCandidateCallHangs_notesKeysSoonAfterTheDeadline() {
            traffic.expose(SHARE);
            long key = 1_000_000;
            for (long begin = traffic.nanos; traffic.nanos < begin + DEADLINE + SECONDS; traffic.nanos += MILLIS) {
                long ticket = router.enter(key++);
                if (!Ticket.isCandidate(ticket)) {
                    traffic.exit(ticket, Outcome.SUCCESS);
                }
                if (key % 50 == 0) {
                    traffic.pass(0);
                }
            }
            assertThat(traffic.firstFailures[0][1]).isBetween(10L, 60L);
            assertThat(traffic.firstFailures[0][0]).isZero();
        }

        @Test
        void read_oneHeavyKeyHangs_countsOnce() {
            traffic.expose(SHARE);
            long heavy = key(0, SHARE, Arm.CANDIDATE);
            for (int i = 0; i < 1000; i++) {
                router.enter(heavy);
                traffic.pass(10 * MILLIS);
            }
            traffic.live(DEADLINE);
            assertThat(tally.totals().candidateFailures()).isEqualTo(1000);
            assertThat(traffic.firstFailures[0][1]).isEqualTo(1);
        }

        @Test
        void read_candidateCallsEndInTime_notesNothing() {
            traffic.expose(SHARE);
            long[] open = new long[50];
            for (int i = 0; i < 5000; i++) {
                if (open[i % 50] != 0) {
                    traffic.exit(open[i % 50], i % 7 == 0 ? Outcome.CANCELLED : Outcome.SUCCESS);
                }
                open[i % 50] = router.enter(key(i % 40, SHARE, Arm.CANDIDATE));
                traffic.pass(10 * MILLIS);
            }
            for (long ticket : open) {
                traffic.exit(ticket, Outcome.SUCCESS);
            }
            router.enter(onStable); // makes cohorts overdue
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstFailures[0][1]).isZero();
            assertThat(tally.totals().late()).isZero();
        }

        @Test
        void read_someHangAmongManyThatEnd_notesOnlyThose() {
            traffic.expose(SHARE);
            for (int i = 0; i < 3000; i++) {
                long ticket = router.enter(key(i % 100, SHARE, Arm.CANDIDATE));
                if (i % 100 >= 3) {
                    traffic.exit(ticket, Outcome.SUCCESS);
                }
                traffic.pass(5 * MILLIS);
            }
            traffic.live(DEADLINE);
            assertThat(traffic.firstFailures[0][1]).isEqualTo(3);
        }

        @Test
        void read_otherCallsOfTheCohortEnded_notesNoneOfTheirKeys() {
            traffic.expose(SHARE);
            long[] tickets = new long[12];
            for (int i = 0; i < tickets.length; i++) {
                tickets[i] = router.enter(key(i, SHARE, Arm.CANDIDATE));
            }
            for (long ticket : tickets) {
                assertThat(Ticket.isWeighed(ticket)).isTrue();
                traffic.exit(ticket, Outcome.SUCCESS);
            }
            long unwatched = router.enter(key(0, SHARE, Arm.CANDIDATE)); // its place is used
            assertThat(unwatched & Ticket.WATCHED).isZero();
            traffic.live(DEADLINE + SECONDS);
            assertThat(tally.totals().candidateFailures()).isEqualTo(1);
            assertThat(traffic.firstFailures[0][1]).isZero();
        }

        @Test
        void read_hangingKeyFailsElsewhereToo_countsOnce() {
            traffic.expose(SHARE);
            long key = key(0, SHARE, Arm.CANDIDATE);
            router.enter(key);
            traffic.pass(SECONDS);
            traffic.call(key, Outcome.FAILURE);
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstFailures[0][1]).isEqualTo(1);
        }

        @Test
        void exit_cohortSettled_leavesTheWatchOfTheSlotAlone() {
            traffic.expose(SHARE);
            long key = key(0, SHARE, Arm.CANDIDATE);
            long late = router.enter(key);
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstFailures[0][1]).isEqualTo(1);
            // The same slot, 128 cohorts later, and the same place in it.
            int slot = Ticket.cohort(late) % 128;
            while (Ticket.cohort(router.enter(onStable)) % 128 != slot) {
                traffic.pass(250 * MILLIS);
            }
            long pending = router.enter(key);
            assertThat(pending & Ticket.WATCHED).isNotZero();
            traffic.exit(late, Outcome.SUCCESS);
            assertThat(tally.totals().late()).isEqualTo(1);
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstFailures[2][1]).isEqualTo(1); // noted in its own group too
        }

        @Test
        void enter_unkeyedStableOrForced_isNotWatched() {
            TestTraffic forced = new TestTraffic(Audience.everyone().candidateFor("tester")).expose(0.5);
            assertThat(forced.router.enter("tester") & Ticket.WATCHED).isZero();
            for (int i = 0; i < 20; i++) {
                assertThat(router.enter() & Ticket.WATCHED).isZero();
            }
            assertThat(router.enter(onStable) & Ticket.WATCHED).isZero();
            assertThat(router.enter(onCandidate) & Ticket.WATCHED).isNotZero();
        }
    }

    private Stripes stripes() {
        return (Stripes) get(tally, "stripes");
    }

    private static Object get(Object of, String name) {
        try {
            Field field = of.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(of);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static void set(Object of, String name, int value) {
        try {
            Field field = of.getClass().getDeclaredField(name);
            field.setAccessible(true);
            field.setInt(of, value);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
