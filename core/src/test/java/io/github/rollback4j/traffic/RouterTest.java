package io.github.rollback4j.traffic;

import static io.github.rollback4j.traffic.TestTraffic.DEADLINE;
import static io.github.rollback4j.traffic.TestTraffic.MILLIS;
import static io.github.rollback4j.traffic.TestTraffic.SECONDS;
import static io.github.rollback4j.traffic.TestTraffic.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {

    @Nested
    class Routing {

        @Test
        void enter_beforeTheFirstExpose_isStable() {
            TestTraffic traffic = new TestTraffic(Audience.everyone().candidateFor("tester"));
            assertThat(Ticket.arm(traffic.router.enter("a"))).isEqualTo(Arm.STABLE);
            assertThat(Ticket.arm(traffic.router.enter("tester"))).isEqualTo(Arm.STABLE);
            assertThat(traffic.router.route("tester")).isEqualTo(Arm.STABLE);
        }

        @Tag("R-3")
        @Test
        void enter_sameKey_isWhereRouteSays() {
            TestTraffic traffic = new TestTraffic().expose(0.3);
            for (int i = 0; i < 1000; i++) {
                UUID uuid = new UUID(i, -i);
                String text = "customer-" + i;
                Arm arm = traffic.router.route(text);
                assertThat(Ticket.arm(traffic.router.enter(text))).isEqualTo(arm);
                assertThat(Ticket.arm(traffic.router.enter(Subject.of(text)))).isEqualTo(arm);
                assertThat(traffic.router.route(Subject.of(text))).isEqualTo(arm);
                assertThat(Ticket.arm(traffic.router.enter((long) i))).isEqualTo(traffic.router.route(i));
                assertThat(Ticket.arm(traffic.router.enter(uuid))).isEqualTo(traffic.router.route(Subject.of(uuid)));
            }
        }

        @Tag("R-3")
        @Test
        void route_shareGrows_neverMovesAKeyBack() {
            TestTraffic traffic = new TestTraffic();
            boolean[] exposed = new boolean[2000];
            for (double share : new double[] {0, 0.01, 0.05, 0.25, 0.5, 1}) {
                traffic.expose(share);
                for (int key = 0; key < exposed.length; key++) {
                    boolean now = traffic.router.route(key) == Arm.CANDIDATE;
                    assertThat(exposed[key] && !now)
                            .as("key %d at %s", key, share)
                            .isFalse();
                    exposed[key] = now;
                }
            }
            assertThat(exposed).doesNotContain(false);
        }

        @ParameterizedTest
        @ValueSource(doubles = {0.01, 0.25, 0.9})
        void enter_withoutKey_tossesACoinForEachCall(double share) {
            TestTraffic traffic = TestTraffic.withCoin(11).expose(share);
            int candidate = 0;
            for (int i = 0; i < 20_000; i++) {
                candidate += Ticket.isCandidate(traffic.router.enter()) ? 1 : 0;
            }
            assertThat((double) candidate)
                    .isCloseTo(20_000 * share, within(4 * Math.sqrt(20_000 * share * (1 - share))));
        }

        @Test
        void enter_shareOne_isAlwaysTheCandidateAndNotWeighed() {
            TestTraffic traffic = new TestTraffic().expose(1);
            for (long key = 0; key < 100; key++) {
                long ticket = traffic.router.enter(key);
                assertThat(Ticket.isCandidate(ticket)).isTrue();
                assertThat(Ticket.isWeighed(ticket)).isFalse();
                traffic.exit(ticket, Outcome.FAILURE);
            }
            assertThat(Ticket.isCandidate(traffic.router.enter())).isTrue();
            assertThat(traffic.read().tally.totals().candidateApart()).isEqualTo(100);
            assertThat(traffic.tally.totals().candidateApartFailures()).isEqualTo(100);
            assertThat(traffic.checks).isEmpty();
        }

        @Test
        void enter_shareZeroOrTooSmallForAPosition_isStableAndNotWeighed() {
            for (double share : new double[] {0, 1e-20, Double.MIN_VALUE}) {
                TestTraffic traffic = new TestTraffic().expose(share);
                for (long key = 0; key < 100; key++) {
                    long ticket = traffic.router.enter(key);
                    assertThat(Ticket.isCandidate(ticket)).isFalse();
                    assertThat(Ticket.isWeighed(ticket)).isFalse();
                    traffic.exit(ticket, Outcome.SUCCESS);
                }
                assertThat(traffic.read().tally.totals().stableApart()).isEqualTo(100);
                assertThat(traffic.tally.strata()).isZero();
            }
        }

        @ParameterizedTest
        @ValueSource(doubles = {-0.01, 1.01, Double.NaN})
        void expose_shareOutOfRange_saysWhatIsAllowed(double share) {
            TestTraffic traffic = new TestTraffic();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> traffic.expose(share))
                    .withMessage("share is " + share + ", allowed is 0 to 1");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> traffic.router.expose(0, true, share, 0, 0))
                    .withMessage("shadowShare is " + share + ", allowed is 0 to 1");
        }

        @Tag("R-2")
        @Test
        void expose_closed_leavesNobodyOnTheCandidate() {
            TestTraffic traffic = new TestTraffic(Audience.everyone().candidateFor("tester")).expose(0.5);
            assertThat(Ticket.arm(traffic.router.enter("tester"))).isEqualTo(Arm.CANDIDATE);
            traffic.rollBack();
            for (long key = 0; key < 1000; key++) {
                assertThat(Ticket.arm(traffic.router.enter(key))).isEqualTo(Arm.STABLE);
                assertThat(Ticket.arm(traffic.router.enter())).isEqualTo(Arm.STABLE);
            }
            assertThat(Ticket.arm(traffic.router.enter("tester"))).isEqualTo(Arm.STABLE);
            assertThat(traffic.router.route("tester")).isEqualTo(Arm.STABLE);
        }

        @Test
        void expose_closedAtShareOne_isStable() {
            TestTraffic traffic = new TestTraffic();
            traffic.router.expose(1, false, 1, 0, 0);
            long ticket = traffic.router.enter(1L);
            assertThat(Ticket.isCandidate(ticket)).isFalse();
            assertThat(Ticket.isShadowed(ticket)).isFalse();
        }

        @Test
        void enter_shadowShare_shadowsStableCallsFromTheTop() {
            TestTraffic traffic = new TestTraffic();
            traffic.router.expose(0.5, true, 0.2, traffic.nanos, 0);
            int shadowed = 0;
            for (long key = 0; key < 10_000; key++) {
                long ticket = traffic.router.enter(key);
                assertThat(Ticket.isShadowed(ticket) && Ticket.isCandidate(ticket))
                        .isFalse();
                shadowed += Ticket.isShadowed(ticket) ? 1 : 0;
            }
            assertThat((double) shadowed).isCloseTo(2000, within(160.0));
            traffic.router.expose(0, true, 1, traffic.nanos, 0);
            assertThat(Ticket.isShadowed(traffic.router.enter(3L))).isTrue();
        }

        @Test
        void shadowed_outcomes_countApart() {
            TestTraffic traffic = new TestTraffic().expose(0.5);
            traffic.router.shadowed(Outcome.SUCCESS);
            traffic.router.shadowed(Outcome.SUCCESS);
            traffic.router.shadowed(Outcome.FAILURE);
            traffic.router.shadowed(Outcome.IGNORED);
            traffic.router.shadowDropped();
            assertThat(traffic.router.shadows()).containsExactly(2, 1, 1);
            assertThat(traffic.read().tally.totals().candidateCalls()).isZero();
        }

        @Test
        void wouldExpose_rulesAndShare_saysWhatRouteWouldSay() {
            TestTraffic traffic =
                    new TestTraffic(Audience.everyone().candidateFor("tester").stableFor("denied")).expose(0.4);
            for (int i = 0; i < 200; i++) {
                Subject subject = Subject.of("customer-" + i);
                assertThat(traffic.router.wouldExpose(subject, 0.4, true))
                        .isEqualTo(traffic.router.route(subject) == Arm.CANDIDATE);
                assertThat(traffic.router.wouldExpose(subject, 1, true)).isTrue();
                assertThat(traffic.router.wouldExpose(subject, 0, true)).isFalse();
                assertThat(traffic.router.wouldExpose(subject, 1, false)).isFalse();
            }
            assertThat(traffic.router.wouldExpose(Subject.of("tester"), 0, true))
                    .isTrue();
            assertThat(traffic.router.wouldExpose(Subject.of("denied"), 1, true))
                    .isFalse();
        }
    }

    @Nested
    class Audiences {

        private final Audience audience = Audience.everyone()
                .stableFor("denied")
                .candidateFor("denied", "tester")
                .only("not us", subject -> !subject.has("region", "us"));

        private final TestTraffic traffic = new TestTraffic(audience).expose(0.5);

        @Test
        void enter_forcedArm_isTalliedApartAndNeverWeighed() {
            long denied = traffic.router.enter("denied");
            long tester = traffic.router.enter("tester");
            long us = traffic.router.enter(Subject.of("x").with("region", "us"));
            assertThat(Ticket.arm(denied)).isEqualTo(Arm.STABLE);
            assertThat(Ticket.arm(tester)).isEqualTo(Arm.CANDIDATE);
            assertThat(Ticket.arm(us)).isEqualTo(Arm.STABLE);
            for (long ticket : new long[] {denied, tester, us}) {
                assertThat(Ticket.isWeighed(ticket)).isFalse();
                traffic.exit(ticket, Outcome.FAILURE);
            }
            Tally.Totals totals = traffic.live(DEADLINE + SECONDS).tally.totals();
            assertThat(totals.stableApart()).isEqualTo(2);
            assertThat(totals.stableApartFailures()).isEqualTo(2);
            assertThat(totals.candidateApart()).isEqualTo(1);
            assertThat(totals.candidateApartFailures()).isEqualTo(1);
            assertThat(totals.stableCalls() + totals.candidateCalls()).isZero();
            assertThat(traffic.settled).allMatch(cohort -> cohort.keyed()[0] + cohort.keyed()[1] == 0);
            assertThat(traffic.firstFailures[0]).containsExactly(0, 0);
            assertThat(traffic.checks).isEmpty();
        }

        @Test
        void enter_coinDecides_isWeighed() {
            assertThat(Ticket.isWeighed(traffic.router.enter("anyone"))).isTrue();
        }

        @Test
        void enter_withoutKeyWhereTheAudienceIsLimited_isStableApart() {
            long ticket = traffic.router.enter();
            assertThat(Ticket.isCandidate(ticket)).isFalse();
            assertThat(Ticket.isWeighed(ticket)).isFalse();
        }

        @Test
        void enter_ruleThrows_isStable() {
            TestTraffic broken = new TestTraffic(Audience.everyone().candidateWhen("broken", subject -> {
                        throw new IllegalStateException("broken");
                    }))
                    .expose(1);
            for (int i = 0; i < 3; i++) {
                long ticket = broken.router.enter("a");
                assertThat(Ticket.isCandidate(ticket)).isFalse();
                assertThat(Ticket.isWeighed(ticket)).isFalse();
            }
            assertThat(broken.router.route("a")).isEqualTo(Arm.STABLE);
            assertThat(Ticket.isCandidate(broken.router.enter())).isTrue();
        }
    }

    @Nested
    class Floor {

        @Test
        void exposedBefore_keysBelow_areApartAndOthersWeighedAnew() {
            TestTraffic traffic = new TestTraffic();
            traffic.router.exposedBefore(0.2);
            traffic.expose(0.6);
            int apart = 0;
            for (long key = 0; key < 10_000; key++) {
                long ticket = traffic.router.enter(key);
                boolean below = Long.compareUnsigned(TestTraffic.SPLIT.position(key), Split.threshold(0.2)) < 0;
                assertThat(Ticket.isWeighed(ticket)).isEqualTo(!below);
                apart += below ? 1 : 0;
            }
            assertThat((double) apart).isCloseTo(2000, within(160.0));
            assertThat(Ticket.isWeighed(traffic.router.enter())).isTrue();
            assertThat(traffic.tally.weight(0)).isEqualTo(0.6);
            assertThat(traffic.tally.keyedWeight(0)).isCloseTo(0.5, within(1e-12));
        }

        @ParameterizedTest
        @ValueSource(doubles = {0.2, 0.5, 1})
        void exposedBefore_asMuchAsNowOrMore_weighsNoKey(double before) {
            TestTraffic traffic = new TestTraffic();
            traffic.router.exposedBefore(before);
            traffic.expose(0.2);
            for (long key = 0; key < 1000; key++) {
                assertThat(Ticket.isWeighed(traffic.router.enter(key))).isFalse();
            }
            assertThat(Ticket.isWeighed(traffic.router.enter())).isTrue();
            assertThat(traffic.tally.keyedWeight(0)).isZero();
            assertThat(traffic.tally.weight(0)).isEqualTo(0.2);
        }
    }

    @Nested
    class Timing {

        @Test
        void enter_candidate_isAlwaysTimed() {
            TestTraffic traffic = new TestTraffic(Audience.everyone(), 4, 100, SECONDS, null).expose(0.5);
            for (long key = 0; key < 1000; key++) {
                long ticket = traffic.router.enter(key);
                assertThat(Ticket.isCandidate(ticket) && !Ticket.isTimed(ticket))
                        .isFalse();
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 4, 16})
        void enter_stable_isTimedAsOftenAsAskedFor(int oneIn) {
            TestTraffic traffic = new TestTraffic(Audience.everyone(), oneIn, 100, SECONDS, null).expose(0.25);
            int stable = 0;
            int timed = 0;
            for (long key = 0; key < 20_000; key++) {
                long ticket = traffic.router.enter(key);
                if (!Ticket.isCandidate(ticket)) {
                    stable++;
                    timed += Ticket.isTimed(ticket) ? 1 : 0;
                }
            }
            assertThat((double) timed).isCloseTo((double) stable / oneIn, within(4 * Math.sqrt(stable)));
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, 0.05})
        void enter_oneKeyOnStable_hasItsTurnEveryFewTables(double share) {
            TestTraffic traffic = new TestTraffic(Audience.everyone(), 4, 100, SECONDS, null).expose(share);
            long key = key(0, 0.05, Arm.STABLE);
            int timed = 0;
            for (int i = 0; i < 400; i++) {
                traffic.pass(250 * MILLIS);
                timed += Ticket.isTimed(traffic.router.enter(key)) ? 1 : 0;
            }
            assertThat(timed).isBetween(90, 110);
        }

        @Test
        void latency_timedCalls_areInTheHistogramsOfTheirArm() {
            TestTraffic traffic = new TestTraffic().expose(0.5);
            long stable = traffic.router.enter(key(0, 0.5, Arm.STABLE));
            long candidate = traffic.router.enter(key(0, 0.5, Arm.CANDIDATE));
            long ignored = traffic.router.enter(key(1, 0.5, Arm.CANDIDATE));
            long start = traffic.nanos;
            traffic.nanos += 10 * MILLIS;
            traffic.router.exit(stable, start, Outcome.SUCCESS);
            traffic.nanos += 90 * MILLIS;
            traffic.router.exit(candidate, start, Outcome.CANCELLED);
            traffic.router.exit(ignored, start, Outcome.IGNORED);
            assertThat(traffic.tally.latency(Arm.STABLE).getTotalCount()).isEqualTo(1);
            assertThat((double) traffic.tally.latency(Arm.STABLE).getMaxValue()).isCloseTo(1e7, within(7.3e5));
            assertThat(traffic.tally.latency(Arm.CANDIDATE).getTotalCount()).isEqualTo(1);
            assertThat((double) traffic.tally.latency(Arm.CANDIDATE).getMaxValue())
                    .isCloseTo(1e8, within(7.3e6));
        }

        @Test
        void exit_untimedTicket_readsNoClock() {
            AtomicInteger readings = new AtomicInteger();
            Router router = new Router(
                    new Router.Settings(
                            TestTraffic.SPLIT.toString(),
                            Audience.everyone(),
                            1 << 20,
                            100,
                            DEADLINE,
                            SECONDS,
                            readings::getAndIncrement,
                            null),
                    () -> {});
            router.expose(0.5, true, 0, 0, 0);
            readings.set(0);
            int untimed = 0;
            for (long key = 0; key < 100; key++) {
                long ticket = router.enter(key);
                if (!Ticket.isTimed(ticket)) {
                    router.exit(ticket, 0, Outcome.SUCCESS);
                    untimed++;
                }
            }
            assertThat(untimed).isPositive();
            assertThat(readings).hasValue(0);
        }

        /** Until the table of the next cohort can be seen calls begin in the one before: they are no older than that. */
        @Test
        void tick_thatIsHeldUp_takesCallsForNoOlderThanTheyMayBe() {
            AtomicLong nanos = new AtomicLong();
            Router router = new Router(
                    new Router.Settings(
                            TestTraffic.SPLIT.toString(),
                            Audience.everyone(),
                            1,
                            100,
                            DEADLINE,
                            SECONDS,
                            () -> nanos.addAndGet(SECONDS),
                            null),
                    () -> {});
            router.expose(0.5, true, 0, 0, 0);

            assertThat(router.tally().startNanos(router.tally().live() - 1)).isEqualTo(SECONDS);

            router.tick(10 * SECONDS, 10 * SECONDS);
            assertThat(router.tally().startNanos(router.tally().live() - 1)).isEqualTo(10 * SECONDS);
            nanos.set(20 * SECONDS);
            router.tick(20 * SECONDS, 20 * SECONDS);
            assertThat(router.tally().startNanos(router.tally().live() - 1)).isEqualTo(21 * SECONDS);
        }
    }

    @Nested
    class Checks {

        @Test
        void exit_candidateFailures_checksAtTheCheckpoints() {
            TestTraffic traffic = new TestTraffic().expose(0.5);
            List<Long> keys = new ArrayList<>();
            for (int i = 0; i < 130; i++) {
                keys.add(key(i, 0.5, Arm.CANDIDATE));
            }
            keys.forEach(key -> traffic.call(key, Outcome.FAILURE));
            assertThat(traffic.checks)
                    .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 32, 48, 64, 96, 128);
        }

        @Test
        void tick_afterFailures_opensTheNextRound() {
            TestTraffic traffic = new TestTraffic().expose(0.5);
            long key = key(0, 0.5, Arm.CANDIDATE);
            for (int i = 0; i < 5; i++) {
                traffic.call(key, Outcome.FAILURE);
            }
            traffic.pass(10 * MILLIS);
            traffic.failures = 0;
            traffic.checks.clear();
            traffic.call(key, Outcome.FAILURE);
            traffic.call(key, Outcome.FAILURE);
            assertThat(traffic.checks).containsExactly(1, 2);
        }

        @Test
        void exit_otherOutcomes_checksNothing() {
            TestTraffic traffic = new TestTraffic().expose(0.5);
            traffic.call(key(0, 0.5, Arm.CANDIDATE), Outcome.SUCCESS);
            traffic.call(key(0, 0.5, Arm.CANDIDATE), Outcome.CANCELLED);
            traffic.call(key(0, 0.5, Arm.CANDIDATE), Outcome.IGNORED);
            traffic.call(key(0, 0.5, Arm.STABLE), Outcome.FAILURE);
            assertThat(traffic.checks).isEmpty();
        }

        @Test
        void exit_checkThrows_doesNotReachTheCaller() {
            Router router = new Router(
                    new Router.Settings(
                            TestTraffic.SPLIT.toString(),
                            Audience.everyone(),
                            1,
                            100,
                            DEADLINE,
                            SECONDS,
                            () -> 0,
                            null),
                    () -> {
                        throw new IllegalStateException("broken");
                    });
            router.expose(0.5, true, 0, 0, 0);
            router.exitAfter(router.enter(key(0, 0.5, Arm.CANDIDATE)), 1, Outcome.FAILURE);
            router.tally().read(1);
            assertThat(router.tally().totals().candidateFailures()).isEqualTo(1);
        }
    }

    @Nested
    class SettingsChecks {

        @Test
        void settings_outOfRange_saysWhatIsAllowed() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings(0, 1, 1, 1))
                    .withMessage("timeStableOneIn is 0, allowed is 1 to 2147483647");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings(1, (1 << 24) + 1, 1, 1))
                    .withMessage("failingKeys is 16777217, allowed is 1 to 16777216");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings(1, 1, 0, 1))
                    .withMessageStartingWith("deadlineNanos is 0");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings(1, 1, 1, -1))
                    .withMessageStartingWith("bucketNanos is -1");
        }

        private Router.Settings settings(int oneIn, int keys, long deadline, long bucket) {
            return new Router.Settings(
                    TestTraffic.SPLIT.toString(), Audience.everyone(), oneIn, keys, deadline, bucket, () -> 0, null);
        }
    }
}
