package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.conversion;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.signal.Signals.percentagePoints;
import static io.github.rollback4j.signal.Signals.shadowMismatch;
import static io.github.rollback4j.signal.Signals.value;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.shadow;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each comparative signal does in a whole rollout: routed, counted, weighed, decided. */
class SignalsInRolloutsTest {

    private static final Release V1 = Release.of("checkout", "1.4.2");
    private static final Release V2 = Release.of("checkout", "1.5.0");
    private static final double NANOS_A_MILLI = 1e6;

    private final VirtualTime time = VirtualTime.create();
    private final SplittableRandom random = new SplittableRandom(7);
    private final Journal journal = Journal.inMemory();
    private final Rollouts rollouts = time.rollouts(42).journal(journal).build();
    private final List<RolloutEvent> events = new ArrayList<>();

    SignalsInRolloutsTest() {
        rollouts.addListener((rollout, event) -> events.add(event));
    }

    @AfterEach
    void close() {
        rollouts.close();
    }

    private static RollbackPlan.Builder plan() {
        return RollbackPlan.from(V1)
                .to(V2)
                .strategy(canary(25).bake(Duration.ofMinutes(10)).thenHold());
    }

    private Rollout watching(FailureSignal... signals) {
        RollbackPlan.Builder plan = plan();
        for (FailureSignal signal : signals) {
            plan.watch(signal);
        }
        return rollouts.start(plan.build());
    }

    /** What becomes of a call. */
    private interface World {
        void call(Rollout rollout, long ticket, String user);
    }

    /** Makes calls at 100 a second until the rollout is over, or time is. */
    private void traffic(Rollout rollout, Duration duration, boolean keyed, int users, World world) {
        long end = time.nanos() + duration.toNanos();
        while (time.nanos() < end && rollout.state().phase() == Phase.RUNNING) {
            time.advance(Duration.ofMillis(10));
            String user = "user-" + random.nextInt(users);
            world.call(rollout, keyed ? rollout.enter(user) : rollout.enter(), user);
        }
    }

    private long logNormal(double medianMillis) {
        return (long) (NANOS_A_MILLI * medianMillis * Math.exp(.5 * random.nextGaussian()));
    }

    private Assessment assessment(Rollout rollout, String signal) {
        return rollout.status().assessments().stream()
                .filter(assessment -> assessment.signal().equals(signal))
                .findFirst()
                .orElseThrow();
    }

    private RolloutEvent.Decided decided() {
        return events.stream()
                .filter(RolloutEvent.Decided.class::isInstance)
                .map(RolloutEvent.Decided.class::cast)
                .findFirst()
                .orElseThrow();
    }

    @Nested
    class Latencies {

        private World times(double factor) {
            return (rollout, ticket, user) -> rollout.exitAfter(
                    ticket, logNormal(Ticket.isCandidate(ticket) ? 20 * factor : 20), Outcome.SUCCESS);
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void candidateTwiceAsSlow_isRolledBackForItsLatency(boolean keyed) {
            Rollout rollout = watching(errorRate(), latency());

            traffic(rollout, Duration.ofMinutes(9), keyed, 100_000, times(2));

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(decided().signal()).isEqualTo("latency");
            assertThat(decided().why()).contains("half, 90 % and 99 % of stable's calls took up to");
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void candidateWithinTheMargin_isNot(boolean keyed) {
            Rollout rollout = watching(errorRate(), latency().notAboveStableTimes(1.2));

            traffic(rollout, Duration.ofMinutes(9), keyed, 100_000, times(1.1));

            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(assessment(rollout, "latency").verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        }

        @Test
        void candidateThatHangs_isNoticedWhileItsCallsAreUnderWay() {
            Rollout rollout = watching(latency());
            traffic(rollout, Duration.ofMinutes(2), false, 1, times(1));
            long since = time.nanos();

            traffic(rollout, Duration.ofMinutes(2), false, 1, (at, ticket, user) -> {
                if (!Ticket.isCandidate(ticket)) {
                    at.exitAfter(ticket, logNormal(20), Outcome.SUCCESS);
                }
            });

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(Duration.ofNanos(time.nanos() - since)).isLessThan(Duration.ofSeconds(3));
        }

        @Test
        @Tag("R-5")
        void beforeTheCodeIsWarm_nothingCounts() {
            Rollout rollout = watching(latency());

            traffic(rollout, Duration.ofSeconds(29), false, 1, times(10));

            assertThat(assessment(rollout, "latency").verdict()).isEqualTo(Verdict.NO_DATA);
        }

        @Test
        void usersWhoWereAllSeenBefore_areNoEvidence() {
            Rollout rollout = watching(latency());

            traffic(rollout, Duration.ofMinutes(9), true, 50, times(3));

            assertThat(assessment(rollout, "latency").verdict()).isEqualTo(Verdict.NO_DATA);
        }
    }

    @Nested
    class BusinessMetrics {

        private World converting(double stableRate, double candidateRate) {
            return (rollout, ticket, user) -> {
                rollout.exitAfter(ticket, 1, Outcome.SUCCESS);
                if (random.nextDouble() < (Ticket.isCandidate(ticket) ? candidateRate : stableRate)) {
                    rollout.record(ticket, "ordered", 1);
                }
            };
        }

        @Test
        void conversionThatHalves_isRolledBack() {
            Rollout rollout = watching(errorRate(), conversion("ordered").within(Duration.ofSeconds(20)));

            traffic(rollout, Duration.ofMinutes(9), false, 1, converting(.2, .1));

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(decided().signal()).isEqualTo("ordered");
            assertThat(decided().why()).contains("converted");
        }

        @Test
        void conversionAsGood_isNot() {
            Rollout rollout = watching(errorRate(), conversion("ordered").within(Duration.ofSeconds(20)));

            traffic(rollout, Duration.ofMinutes(9), false, 1, converting(.2, .2));

            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(assessment(rollout, "ordered").verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        }

        @Test
        void conversionRecordedByKey_isRolledBack() {
            Rollout rollout = watching(conversion("ordered").within(Duration.ofSeconds(20)));

            traffic(rollout, Duration.ofMinutes(9), true, 100_000, (at, ticket, user) -> {
                at.exitAfter(ticket, 1, Outcome.SUCCESS);
                if (random.nextDouble() < (Ticket.isCandidate(ticket) ? .1 : .3)) {
                    at.recordFor(user, "ordered", 1);
                    at.recordFor(user, "ordered", 1);
                }
            });

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void revenueThatHalves_isRolledBack() {
            Rollout rollout = watching(value("revenue").within(Duration.ofSeconds(10)));

            traffic(rollout, Duration.ofMinutes(9), false, 1, (at, ticket, user) -> {
                at.exitAfter(ticket, 1, Outcome.SUCCESS);
                double worth = 30 * Math.exp(random.nextGaussian());
                at.record(ticket, "revenue", Ticket.isCandidate(ticket) ? worth / 2 : worth);
            });

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(decided().signal()).isEqualTo("revenue");
        }

        @Test
        @Tag("R-6")
        void metricThatThePlanDoesNotWatch_isDropped() {
            Rollout rollout = watching(errorRate());
            long ticket = rollout.enter("ann");

            rollout.record(ticket, "ordered", 1);
            rollout.recordFor("ann", "ordered", 1);

            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }
    }

    @Nested
    class ShadowResults {

        private Rollout rollout() {
            return rollouts.start(
                    plan().strategy(shadow(50).bake(Duration.ofMinutes(10)).thenHold())
                            .watch(shadowMismatch().notAbove(percentagePoints(1)))
                            .build());
        }

        private void calls(Rollout rollout, double differing) {
            for (int i = 0; i < 2_000 && rollout.state().phase() == Phase.RUNNING; i++) {
                time.advance(Duration.ofMillis(10));
                String price = "price " + i;
                boolean differs = random.nextDouble() < differing;
                assertThat(rollout.<String, RuntimeException>call(() -> price, () -> differs ? "another" : price))
                        .isEqualTo(price);
            }
        }

        @Test
        void resultsThatDiffer_areRolledBack() {
            Rollout rollout = rollout();

            calls(rollout, .1);

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(decided().signal()).isEqualTo("shadow-mismatch");
        }

        @Test
        void resultsThatHardlyDiffer_areNot() {
            Rollout rollout = rollout();

            calls(rollout, .005);

            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(assessment(rollout, "shadow-mismatch").why()).contains("results differed, 1.0 % are tolerated");
        }

        @Test
        void candidateThatFailsWhereStableDoesNot_differs() {
            Rollout rollout = rollout();

            for (int i = 0; i < 200; i++) {
                time.advance(Duration.ofMillis(10));
                rollout.<String, RuntimeException>call(() -> "fine", () -> {
                    throw new IllegalStateException("broken");
                });
            }

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @Nested
    class SampleRatio {

        @Test
        void outcomesThatGetLostInOneArm_pauseTheRollout() {
            Rollout rollout = watching(errorRate().notAboveStableBy(.5));

            traffic(rollout, Duration.ofMinutes(9), false, 1, (at, ticket, user) -> {
                if (!Ticket.isCandidate(ticket) || random.nextDouble() < .7) {
                    at.exitAfter(ticket, 1, Outcome.SUCCESS);
                }
            });

            assertThat(rollout.state().phase()).isEqualTo(Phase.PAUSED);
            assertThat(events)
                    .anySatisfy(event -> assertThat(event)
                            .isInstanceOfSatisfying(
                                    RolloutEvent.Paused.class,
                                    paused -> assertThat(paused.reason()).isEqualTo("sample ratio mismatch")));
        }

        @Test
        @Tag("R-11")
        void regressionWhilePaused_stillRollsBack() {
            Rollout rollout = watching(errorRate().notAboveStableBy(.5));
            traffic(rollout, Duration.ofMinutes(9), false, 1, (at, ticket, user) -> {
                if (!Ticket.isCandidate(ticket) || random.nextDouble() < .7) {
                    at.exitAfter(ticket, 1, Outcome.SUCCESS);
                }
            });
            assertThat(rollout.state().phase()).isEqualTo(Phase.PAUSED);

            for (int i = 0; i < 2_000; i++) {
                time.advance(Duration.ofMillis(10));
                long ticket = rollout.enter();
                rollout.exitAfter(ticket, 1, Ticket.isCandidate(ticket) ? Outcome.FAILURE : Outcome.SUCCESS);
            }

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void resumed_isNotPausedAgain() {
            Rollout rollout = watching(errorRate().notAboveStableBy(.5));
            World losing = (at, ticket, user) -> {
                if (!Ticket.isCandidate(ticket) || random.nextDouble() < .7) {
                    at.exitAfter(ticket, 1, Outcome.SUCCESS);
                }
            };
            traffic(rollout, Duration.ofMinutes(9), false, 1, losing);

            rollout.resume("ann");
            traffic(rollout, Duration.ofMinutes(1), false, 1, losing);

            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }
    }

    @Nested
    class GrowthByEvidence {

        private Rollout rollout(Duration bake) {
            return rollouts.start(plan().strategy(canary(10, 20)
                            .bake(bake)
                            .byEvidence(.005, Duration.ofSeconds(40))
                            .thenHold())
                    .watch(errorRate())
                    .build());
        }

        private List<String> reasons(Rollout rollout) {
            return journal.read(rollout.id()).stream()
                    .map(Journal.Entry::event)
                    .filter(event -> event.type().equals("growing"))
                    .map(event -> event.data().getOrDefault("why", ""))
                    .toList();
        }

        private World failing(double rate) {
            return (rollout, ticket, user) ->
                    rollout.exitAfter(ticket, 1, random.nextDouble() < rate ? Outcome.FAILURE : Outcome.SUCCESS);
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void stepWhoseHarmIsBounded_endsBeforeItsBakeTime(boolean keyed) {
            Rollout rollout = rollout(Duration.ofHours(1));

            traffic(rollout, Duration.ofSeconds(39), keyed, 100_000, failing(.001));
            assertThat(rollout.status().share()).isEqualTo(.1);
            traffic(rollout, Duration.ofMinutes(10), keyed, 100_000, failing(.001));

            assertThat(rollout.status().share()).isEqualTo(.2);
            assertThat(reasons(rollout).get(1)).matches("at most 0\\.[0-9]+ % of all calls can be harmed by it");
        }

        @Test
        void stepWhoseCallsDoNotSuffice_endsWithItsBakeTimeAndSaysSo() {
            Rollout rollout = rollout(Duration.ofSeconds(50));

            traffic(rollout, Duration.ofSeconds(51), false, 1, failing(.05));

            assertThat(rollout.status().share()).isEqualTo(.2);
            assertThat(reasons(rollout).get(1)).contains("inconclusive: up to ");
        }

        @Test
        void lastStep_isHeldForItsTime() {
            Rollout rollout = rollout(Duration.ofHours(1));

            traffic(rollout, Duration.ofMinutes(30), false, 1, failing(.001));

            assertThat(rollout.state().step()).isEqualTo(1);
            assertThat(assessment(rollout, "error-rate").details().highestExcess())
                    .isLessThan(.05);
            assertThat(assessment(rollout, "error-rate").verdict()).isEqualTo(Verdict.NOT_WORSE);
        }
    }

    @Nested
    class BeforeTheStart {

        @Test
        @Tag("R-12")
        void errorRateThatCouldNeverFire_keepsTheRolloutFromStarting() {
            boolean[] isReady = {false};
            Rollout rollout = rollouts.start(plan().strategy(canary(5)
                            .verify(
                                    "ready",
                                    () -> isReady[0] ? Check.Result.pass("yes") : Check.Result.fail("not yet")))
                    .watch(errorRate())
                    .build());
            for (int i = 0; i < 200; i++) {
                rollout.exitAfter(rollout.enter(i), 1, i % 20 == 0 ? Outcome.SUCCESS : Outcome.FAILURE);
            }

            isReady[0] = true;
            time.advance(Duration.ofSeconds(10));

            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            assertThat(rollout.status().notStarted())
                    .containsExactly(
                            "signal error-rate: it could never fire: stable failed 190 of 200 calls, and 1.1 times"
                                    + " that plus 5.0E-4 is tolerated");
        }
    }

    @Nested
    class SeveralSignals {

        @Test
        void evidence_isRememberedForEach() {
            Rollout rollout = watching(errorRate(), latency(), conversion("ordered"));

            traffic(
                    rollout,
                    Duration.ofMinutes(5),
                    false,
                    1,
                    (at, ticket, user) -> at.exitAfter(
                            ticket,
                            logNormal(20),
                            Ticket.isCandidate(ticket) && random.nextDouble() < .02
                                    ? Outcome.FAILURE
                                    : Outcome.SUCCESS));

            Rollout.EvidenceCurve curve = rollout.evidence();
            assertThat(curve.signals()).containsExactly("error-rate", "latency", "ordered");
            assertThat(curve.log10Threshold()).isEqualTo(2);
            assertThat(curve.points()).hasSizeBetween(2, 512);
            assertThat(curve.points())
                    .allSatisfy(point -> assertThat(point.log10Evidence()).hasSize(3));
            assertThat(decided().signal()).isEqualTo("error-rate");
            assertThat(curve.points()
                            .get(curve.points().size() - 1)
                            .log10Evidence()
                            .get(0))
                    .as("the last point is the one that decided")
                    .isGreaterThanOrEqualTo(2);
        }

        @Test
        void longRollout_keepsUpTo512PointsFromItsWholeTime() {
            Rollout rollout = watching(errorRate());
            for (int i = 0; i < 4_000; i++) {
                time.advance(Duration.ofSeconds(1));
                rollout.exitAfter(rollout.enter(), 1, Outcome.SUCCESS);
            }
            List<Rollout.EvidencePoint> points = rollout.evidence().points();
            assertThat(points).hasSizeBetween(256, 512);
            assertThat(points.get(0).elapsed()).isLessThan(Duration.ofSeconds(2));
            assertThat(points.get(points.size() - 1).elapsed()).isGreaterThan(Duration.ofSeconds(3_980));
        }
    }
}
