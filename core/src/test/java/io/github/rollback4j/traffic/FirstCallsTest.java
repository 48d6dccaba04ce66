package io.github.rollback4j.traffic;

import static io.github.rollback4j.traffic.TestTraffic.DEADLINE;
import static io.github.rollback4j.traffic.TestTraffic.MILLIS;
import static io.github.rollback4j.traffic.TestTraffic.SECONDS;
import static io.github.rollback4j.traffic.TestTraffic.SPLIT;
import static io.github.rollback4j.traffic.TestTraffic.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which calls of keys count, and in which cohorts: the first of a fresh key in a step. */
class FirstCallsTest {

    private static final int KEYS = 2000;
    private static final Router.Compared BY_FIRST_CALL = new Router.Compared(0, 0, 1 << 20, List.of());

    private final TestTraffic traffic = TestTraffic.comparing(BY_FIRST_CALL);
    private final Router router = traffic.router;
    private final Tally tally = traffic.tally;

    private static boolean isFirstCall(long ticket) {
        return (ticket & Ticket.FIRST_CALL) != 0;
    }

    private static boolean isBelow(long key, double share) {
        return Long.compareUnsigned(SPLIT.position(key), Split.threshold(share)) < 0;
    }

    /** Makes one call of each key, and returns the keys for which it counts. */
    private Set<Long> callEach(long from, long to) {
        Set<Long> counted = new HashSet<>();
        for (long key = from; key < to; key++) {
            long ticket = router.enter(key);
            if (isFirstCall(ticket)) {
                counted.add(key);
            }
            traffic.exit(ticket, Outcome.SUCCESS);
        }
        return counted;
    }

    private static Set<Long> keysAbove(double share, long from, long to) {
        Set<Long> keys = new HashSet<>();
        for (long key = from; key < to; key++) {
            if (!isBelow(key, share)) {
                keys.add(key);
            }
        }
        return keys;
    }

    @Nested
    class InOneStep {

        @Test
        void enter_firstCallOfAKey_countsAndNoOther() {
            traffic.expose(.2);
            assertThat(callEach(0, KEYS)).isEqualTo(keysAbove(0, 0, KEYS));
            assertThat(callEach(0, KEYS)).isEmpty();
            traffic.pass(300 * MILLIS);
            assertThat(callEach(0, KEYS)).as("in the next cohort").isEmpty();
            assertThat(callEach(KEYS, KEYS + 10)).hasSize(10);
        }

        @Test
        void freshWeight_firstStep_isTheShare() {
            traffic.expose(.2);
            assertThat(tally.freshWeight(0)).isEqualTo(.2);
        }

        @Test
        void enter_anyKindOfKey_countsOnce() {
            traffic.expose(.5);
            for (int i = 0; i < 100; i++) {
                String text = "customer-" + i;
                UUID uuid = new UUID(i + 1, 7L << 40);
                assertThat(isFirstCall(router.enter(text))).isTrue();
                assertThat(isFirstCall(router.enter(Subject.of(text)))).isFalse();
                assertThat(isFirstCall(router.enter(uuid))).isTrue();
                assertThat(isFirstCall(router.enter(uuid))).isFalse();
                assertThat(isFirstCall(router.enter(Subject.of(uuid)))).isFalse();
                assertThat(isFirstCall(router.enter(Subject.of((long) i)))).isTrue();
                assertThat(isFirstCall(router.enter((long) i))).isFalse();
            }
        }

        @Test
        void enter_withoutKey_neverCounts() {
            traffic.expose(.5);
            for (int i = 0; i < 100; i++) {
                assertThat(isFirstCall(router.enter())).isFalse();
            }
        }

        @Test
        void enter_whereNoKeysAreCompared_neverCounts() {
            TestTraffic plain = new TestTraffic().expose(.5);
            for (long key = 0; key < 100; key++) {
                assertThat(Ticket.isCompared(plain.router.enter(key))).isFalse();
            }
            plain.live(DEADLINE + SECONDS);
            assertThat(plain.firstCalls.get(0)).containsExactly(0, 0);
            assertThat(plain.badFirstCalls.get(0)).containsExactly(0, 0);
        }

        @Test
        void settled_firstCalls_areCountedByHowTheyEnded() {
            traffic.expose(.5);
            for (int arm = 0; arm < 2; arm++) {
                Arm which = Arm.values()[arm];
                int at = 0;
                for (int i = 0; i < 7 + arm; i++) {
                    traffic.call(key(at++, .5, which), Outcome.SUCCESS);
                }
                for (int i = 0; i < 4 + arm; i++) {
                    traffic.call(key(at++, .5, which), Outcome.FAILURE);
                }
                for (int i = 0; i < 2; i++) {
                    traffic.call(key(at++, .5, which), Outcome.CANCELLED);
                    traffic.call(key(at++, .5, which), Outcome.IGNORED);
                }
                for (int i = 0; i < 2 + arm; i++) {
                    router.enter(key(at++, .5, which)); // never ends
                }
                for (int i = 0; i < at; i++) {
                    traffic.call(key(i, .5, which), Outcome.FAILURE); // no first call
                }
            }
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstCalls.get(0)).containsExactly(7 + 4 + 2, 8 + 5 + 3);
            assertThat(traffic.badFirstCalls.get(0)).containsExactly(4 + 2, 5 + 3);
        }

        @Test
        void exit_afterTheDeadline_changesNothing() {
            traffic.expose(.5);
            long late = router.enter(key(0, .5, Arm.CANDIDATE));
            traffic.live(DEADLINE + SECONDS);
            traffic.exit(late, Outcome.SUCCESS);
            traffic.live(DEADLINE + SECONDS);
            assertThat(traffic.firstCalls.get(0)).containsExactly(0, 1);
            assertThat(traffic.badFirstCalls.get(0)).containsExactly(0, 1);
        }
    }

    @Nested
    class AcrossSteps {

        @Test
        void enter_higherShare_countsKeysThatNoShareReachedBefore() {
            traffic.expose(.2);
            callEach(0, KEYS / 2);
            traffic.expose(.5);
            assertThat(callEach(0, KEYS)).isEqualTo(keysAbove(.2, 0, KEYS));
            assertThat(tally.freshWeight(1)).isCloseTo((.5 - .2) / (1 - .2), within(1e-12));
            traffic.expose(.6);
            assertThat(callEach(0, KEYS)).isEqualTo(keysAbove(.5, 0, KEYS));
            assertThat(tally.freshWeight(2)).isCloseTo((.6 - .5) / (1 - .5), within(1e-12));
        }

        @Tag("R-1")
        @Test
        void freshWeight_higherShare_isTheFreshKeysChanceToGetTheCandidate() {
            traffic.expose(.1);
            callEach(0, 100);
            traffic.expose(.4);
            int candidate = 0;
            int counted = 0;
            for (long key = 0; key < 20_000; key++) {
                long ticket = router.enter(key);
                if (isFirstCall(ticket)) {
                    counted++;
                    candidate += Ticket.isCandidate(ticket) ? 1 : 0;
                }
            }
            double fresh = tally.freshWeight(1);
            assertThat((double) candidate / counted).isCloseTo(fresh, within(4 * Math.sqrt(fresh / counted)));
        }

        @Test
        void expose_pausedAndResumedAtTheSameShare_keepsWhatWasSeen() {
            traffic.expose(.2);
            callEach(0, 100);
            traffic.expose(.5);
            callEach(0, 1000);
            traffic.expose(0);
            assertThat(callEach(0, KEYS)).as("paused").isEmpty();
            traffic.expose(.5);
            assertThat(callEach(0, KEYS)).isEqualTo(keysAbove(.2, 1000, KEYS));
            assertThat(tally.strata()).as("the resumed step is the same").isEqualTo(2);
        }

        @Test
        void expose_lowerShare_countsNothingUntilAHigherOne() {
            traffic.expose(.5);
            callEach(0, 100);
            traffic.expose(.2);
            assertThat(callEach(0, KEYS)).isEmpty();
            assertThat(tally.freshWeight(1)).isZero();
            traffic.pass(300 * MILLIS);
            assertThat(tally.strata()).as("the next cohort is of the same kind").isEqualTo(2);
            traffic.expose(.4);
            assertThat(callEach(0, KEYS)).isEmpty();
            assertThat(tally.freshWeight(2)).isZero();
            traffic.expose(.7);
            assertThat(callEach(0, KEYS)).isEqualTo(keysAbove(.5, 0, KEYS));
            assertThat(tally.freshWeight(3)).isCloseTo((.7 - .5) / (1 - .5), within(1e-12));
        }

        @Test
        void expose_backAtTheHighestShare_goesOnWithItsStep() {
            traffic.expose(.2);
            traffic.expose(.5);
            callEach(0, 100);
            traffic.expose(.3);
            callEach(0, KEYS);
            traffic.expose(.5);
            assertThat(callEach(0, KEYS)).isEqualTo(keysAbove(.2, 100, KEYS));
        }

        @ParameterizedTest
        @ValueSource(doubles = {.3, .9})
        void expose_afterEverybodyGotTheCandidate_countsNothing(double share) {
            traffic.expose(.3);
            traffic.expose(1);
            assertThat(callEach(0, 100)).isEmpty();
            traffic.expose(share);
            assertThat(callEach(0, KEYS)).isEmpty();
            assertThat(tally.freshWeight(tally.strata() - 1)).isZero();
        }

        @ParameterizedTest
        @ValueSource(doubles = {.1, .3})
        void exposedBefore_shareUpToThat_countsNothing(double share) {
            router.exposedBefore(.3);
            traffic.expose(share);
            assertThat(callEach(0, KEYS)).isEmpty();
            assertThat(tally.freshWeight(0)).isZero();
        }

        @Test
        void exposedBefore_higherShare_countsTheKeysAbove() {
            router.exposedBefore(.3);
            traffic.expose(.3);
            callEach(0, KEYS);
            traffic.expose(.5);
            assertThat(callEach(0, KEYS)).isEqualTo(keysAbove(.3, 0, KEYS));
            assertThat(tally.freshWeight(1)).isCloseTo((.5 - .3) / (1 - .3), within(1e-12));
        }

        @Test
        void exposedBefore_everybody_countsNothing() {
            router.exposedBefore(1);
            traffic.expose(.5);
            assertThat(callEach(0, KEYS)).isEmpty();
            traffic.expose(.9);
            assertThat(callEach(0, KEYS)).isEmpty();
            assertThat(tally.freshWeight(0)).isZero();
            assertThat(tally.freshWeight(1)).isZero();
        }
    }

    @Nested
    class WhatDoesNotCount {

        @Test
        void route_andWouldExpose_markNoKeyAsSeen() {
            traffic.expose(.5);
            for (long key = 0; key < KEYS; key++) {
                router.route(key);
                router.route(Subject.of(key));
                router.wouldExpose(Subject.of(key), .5, true);
            }
            assertThat(callEach(0, KEYS)).hasSize(KEYS);
        }

        @Test
        void route_whereAnAudienceSelects_marksNoKeyAsSeen() {
            TestTraffic limited = withAudience(Audience.everyone().candidateFor("tester"));
            for (int i = 0; i < 200; i++) {
                limited.router.route("customer-" + i);
                limited.router.route(Subject.of("customer-" + i));
                limited.router.route(i);
            }
            for (int i = 0; i < 200; i++) {
                assertThat(isFirstCall(limited.router.enter("customer-" + i))).isTrue();
                assertThat(isFirstCall(limited.router.enter("customer-" + i))).isFalse();
                assertThat(isFirstCall(limited.router.enter((long) i))).isTrue();
            }
        }

        @Test
        void enter_forcedDeniedOrHeldBack_neverCounts() {
            TestTraffic limited = withAudience(Audience.everyone()
                    .candidateFor("tester")
                    .stableFor("denied")
                    .only("not us", subject -> !subject.has("region", "us"))
                    .holdBack("everyone's", .5));
            int held = 0;
            for (int i = 0; i < 100; i++) {
                long tester = limited.router.enter("tester");
                long denied = limited.router.enter("denied");
                long outside = limited.router.enter(Subject.of("a" + i).with("region", "us"));
                assertThat(Ticket.isCandidate(tester)).isTrue();
                assertThat(List.of(tester, denied, outside)).noneMatch(FirstCallsTest::isFirstCall);
                long any = limited.router.enter("customer-" + i);
                assertThat(isFirstCall(any)).isEqualTo(Ticket.isWeighed(any));
                held += Ticket.isWeighed(any) ? 0 : 1;
                for (long ticket : new long[] {tester, denied, outside, any}) {
                    limited.exit(ticket, Outcome.FAILURE);
                }
            }
            assertThat(held).isBetween(30, 70);
            limited.live(DEADLINE + SECONDS);
            assertThat(limited.firstCalls.get(0)[0] + limited.firstCalls.get(0)[1])
                    .isEqualTo(100 - held);
        }

        private TestTraffic withAudience(Audience audience) {
            return new TestTraffic(audience, 1, 10_000, SECONDS, BY_FIRST_CALL, null).expose(.5);
        }
    }

    @Nested
    class SampleRatios {

        @ParameterizedTest
        @ValueSource(doubles = {.05, .5})
        void sampleRatioEvidence_callsAsTheWeightSays_isQuiet(double share) {
            traffic.expose(share / 2);
            run(2_000, false, false);
            run(2_000, false, true);
            traffic.expose(share);
            run(8_000, false, true);
            run(8_000, false, false);
            assertThat(tally.sampleRatioEvidence()).isLessThan(Math.log(100));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void sampleRatioEvidence_outcomesOfTheCandidateGetLost_isFound(boolean keyed) {
            traffic.expose(.25);
            run(30_000, true, keyed);
            traffic.live(DEADLINE + SECONDS);
            assertThat(tally.sampleRatioEvidence()).isGreaterThan(Math.log(10_000));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void sampleRatioEvidence_callsOfTheCandidateAreMissing_isFound(boolean keyed) {
            traffic.expose(.25);
            long missing = 0;
            for (long key = 0; key < 20_000; key++) {
                boolean candidate = keyed && isBelow(key, .25);
                if (candidate && key % 4 == 0) {
                    missing++; // never arrives, for a reason that hangs on the arm
                } else {
                    long ticket = keyed ? router.enter(key) : router.enter();
                    traffic.exit(ticket, Outcome.SUCCESS);
                    if (!keyed && !Ticket.isCandidate(ticket) && key % 4 == 0) {
                        repeatOnStable();
                    }
                }
                if (key % 100 == 0) {
                    traffic.pass(100 * MILLIS);
                }
            }
            traffic.pass(SECONDS);
            assertThat(missing > 0).isEqualTo(keyed);
            assertThat(tally.sampleRatioEvidence()).isGreaterThan(Math.log(10_000));
        }

        /** Of stable's calls as many never end as the candidate's are missing: what is reported looks right. */
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void sampleRatioEvidence_onlyTheCallsAreUneven_isFound(boolean keyed) {
            traffic.expose(.25);
            for (long key = 0; key < 20_000; key++) {
                boolean isFourth = key % 4 == 0;
                if (!keyed || !isFourth || !isBelow(key, .25)) {
                    long ticket = keyed ? router.enter(key) : router.enter();
                    boolean candidate = Ticket.isCandidate(ticket);
                    if (candidate || !keyed || !isFourth) {
                        traffic.exit(ticket, Outcome.SUCCESS);
                    }
                    if (!keyed && !candidate && isFourth) {
                        stripes().mine().increment(Tally.counter(Ticket.cohort(ticket), false));
                    }
                }
                if (key % 100 == 0) {
                    traffic.pass(100 * MILLIS);
                }
            }
            traffic.live(DEADLINE + SECONDS);
            assertThat(tally.sampleRatioEvidence()).isGreaterThan(Math.log(10_000));
        }

        /** Counts a call for stable for which no coin was tossed, as a host does that retries in one arm. */
        private void repeatOnStable() {
            long ticket = router.enter(key(0, .25, Arm.STABLE));
            traffic.exit(ticket, Outcome.SUCCESS);
            Stripes.Stripe stripe = stripes().mine();
            stripe.increment(Tally.counter(Ticket.cohort(ticket), false));
            stripe.increment(Tally.counter(Ticket.cohort(ticket), false) + Tally.GOOD);
        }

        private Stripes stripes() {
            try {
                var field = Tally.class.getDeclaredField("stripes");
                field.setAccessible(true);
                return (Stripes) field.get(tally);
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        }

        private void run(int calls, boolean loses, boolean keyed) {
            for (int i = 0; i < calls; i++) {
                long ticket = keyed ? router.enter((long) i) : router.enter();
                if (!loses || !Ticket.isCandidate(ticket) || i % 10 != 0) {
                    traffic.exit(ticket, i % 7 == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
                }
                if (i % 100 == 0) {
                    traffic.pass(100 * MILLIS);
                }
            }
            traffic.pass(SECONDS);
        }
    }
}
