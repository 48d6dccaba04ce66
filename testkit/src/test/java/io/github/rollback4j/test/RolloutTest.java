package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.percentagePoints;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Subject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RolloutTest {

    private static final Release V1 = Release.of("checkout", "1.4.2");
    private static final Release V2 = Release.of("checkout", "1.5.0");

    private final VirtualTime time = VirtualTime.create();
    private final Journal journal = Journal.inMemory();
    private final List<RolloutEvent> events = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(1);
    private Rollouts rollouts = start();

    private Rollouts start() {
        Rollouts started = time.rollouts(7).journal(journal).build();
        started.addListener((rollout, event) -> events.add(event));
        return started;
    }

    @AfterEach
    void close() {
        rollouts.close();
    }

    private static RollbackPlan.Builder plan() {
        return RollbackPlan.from(V1)
                .to(V2)
                .strategy(canary(5, 25, 50).bake(Duration.ofMinutes(1)).thenPromote())
                .watch(errorRate().notAboveStableBy(percentagePoints(0.1)));
    }

    /** Makes calls at 100 a second, of 2,000 users, and returns how many of them the candidate failed. */
    private int traffic(Rollout rollout, Duration duration, double stableErrors, double candidateErrors) {
        int failed = 0;
        for (long i = 0; i < duration.toMillis() / 10; i++) {
            time.advance(Duration.ofMillis(10));
            String user = "user-" + random.nextInt(2_000);
            try {
                rollout.call(user, () -> maybeFail(stableErrors), () -> maybeFail(candidateErrors));
            } catch (IOException expected) {
                failed++;
            }
        }
        return failed;
    }

    private String maybeFail(double rate) throws IOException {
        if (random.nextDouble() < rate) {
            throw new IOException("broken");
        }
        return "fine";
    }

    @Nested
    class Canary {

        @Test
        void healthyCandidate_isExposedStepByStepAndPromoted() {
            Rollout rollout = rollouts.start(plan().build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.status().share()).isEqualTo(0.05);

            traffic(rollout, Duration.ofSeconds(59), 0.001, 0.001);
            assertThat(rollout.status().share()).isEqualTo(0.05);
            traffic(rollout, Duration.ofSeconds(60), 0.001, 0.001);
            assertThat(rollout.status().share()).isEqualTo(0.25);
            traffic(rollout, Duration.ofSeconds(90), 0.001, 0.001);

            assertThat(rollout.state().phase()).isEqualTo(Phase.PROMOTED);
            assertThat(rollout.status().share()).isEqualTo(1);
            assertThat(events).hasAtLeastOneElementOfType(RolloutEvent.Promoted.class);
        }

        @Test
        void brokenCandidate_isRolledBackAfterAHandfulOfCalls() {
            Rollout rollout = rollouts.start(plan().build());

            int failed = traffic(rollout, Duration.ofMinutes(1), 0, 1);

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(failed).isLessThanOrEqualTo(6);
            assertThat(rollout.status().decision()).contains("the candidate " + failed + " of " + failed);
        }

        @Test
        @Tag("R-5")
        void noTraffic_neitherGrowsNorRollsBack() {
            Rollout rollout = rollouts.start(plan().build());

            time.advance(Duration.ofDays(2));

            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.status().share()).isEqualTo(0.05);
            assertThat(rollout.status().assessments().get(0).verdict()).isEqualTo(Verdict.NO_DATA);
        }

        @Test
        void promoted_windowOver_cannotBeRolledBackButStoppedByControl() {
            Rollout rollout = rollouts.start(plan().strategy(
                            canary(50).bake(Duration.ofMinutes(1)).thenPromote().rollbackWindow(Duration.ofMinutes(5)))
                    .build());
            traffic(rollout, Duration.ofMinutes(2), 0, 0);
            time.advance(Duration.ofMinutes(6));

            assertThatThrownBy(() -> rollout.rollBack("ann", "too late"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("all-to-stable");
            assertThat(rollout.route("anyone")).isEqualTo(Arm.CANDIDATE);
            rollouts.allToStable("ann", "bad prices");
            assertThat(rollout.route("anyone")).isEqualTo(Arm.STABLE);
        }

        @Test
        void promoted_withinWindow_isRolledBackByAPerson() {
            Rollout rollout = rollouts.start(plan().build());
            rollout.promote("ann");
            rollout.rollBack("ann", "prices are wrong");

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(rollout.route("anyone")).isEqualTo(Arm.STABLE);
        }
    }

    @Nested
    class AfterTheDecision {

        @Test
        @Tag("R-2")
        void noCallThatBeginsGetsTheCandidate_forcedOnesNeither() {
            Rollout rollout = rollouts.start(
                    plan().audience(Audience.everyone().candidateFor("tester")).build());
            assertThat(rollout.route("tester")).isEqualTo(Arm.CANDIDATE);

            rollout.rollBack("ann", "no");

            assertThat(rollout.route("tester")).isEqualTo(Arm.STABLE);
            for (int i = 0; i < 10_000; i++) {
                assertThat(rollout.route("user-" + i)).isEqualTo(Arm.STABLE);
            }
        }

        @Test
        @Tag("R-2")
        void aRestart_doesNotExposeAgain() {
            rollouts.start(plan().build()).rollBack("ann", "no");
            rollouts.close();
            rollouts = start();

            Rollout again = rollouts.start(plan().build());

            assertThat(again.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(again.id()).endsWith("#1");
            assertThat(again.route("user")).isEqualTo(Arm.STABLE);
        }

        @Test
        void retry_opensTheNextAttemptWithAnotherSplit() {
            rollouts.start(plan().build()).rollBack("ann", "no");

            Rollout next = rollouts.retry(plan().build(), "ann", "it was the network");

            assertThat(next.id()).endsWith("#2");
            assertThat(next.state().phase()).isEqualTo(Phase.RUNNING);
        }

        @Test
        void retry_runningRollout_isRefused() {
            rollouts.start(plan().build());
            assertThatThrownBy(() -> rollouts.retry(plan().build(), "ann", "why not"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("RUNNING");
        }
    }

    @Nested
    class Identity {

        @Test
        void start_twice_returnsTheLiveOne() {
            assertThat(rollouts.start(plan().build())).isSameAs(rollouts.start(plan().build()));
        }

        @Test
        void start_changedPlan_isRefusedNamingTheDifference() {
            rollouts.start(plan().build());
            assertThatThrownBy(
                            () -> rollouts.start(plan().falseRollbackRate(0.05).build()))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("falseRollbackRate was '0.01' and is '0.05'");
        }

        @Test
        void start_afterARestart_resumesStepShareAndSides() {
            Rollout before = rollouts.start(plan().build());
            traffic(before, Duration.ofSeconds(90), 0.001, 0.001);
            assertThat(before.status().share()).isEqualTo(0.25);
            List<Arm> sides = sides(before);
            rollouts.close();
            rollouts = start();

            Rollout after = rollouts.start(plan().build());

            assertThat(after.id()).isEqualTo(before.id());
            assertThat(after.status().share()).isEqualTo(0.25);
            assertThat(sides(after)).isEqualTo(sides);
        }

        private List<Arm> sides(Rollout rollout) {
            List<Arm> sides = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                sides.add(rollout.route("user-" + i));
            }
            return sides;
        }
    }

    @Nested
    class Modes {

        @Test
        void observe_regression_isJournalledAndNothingIsTakenBack() {
            Rollout rollout = rollouts.start(plan().mode(Mode.OBSERVE).build());

            traffic(rollout, Duration.ofMinutes(5), 0, 1);

            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.status().share())
                    .as("a regressed candidate grows no further")
                    .isEqualTo(0.05);
            assertThat(events)
                    .filteredOn(event -> event instanceof RolloutEvent.Decided decided && !decided.acted())
                    .hasSize(1);
        }

        @Test
        void recommend_approved_isRolledBackInThePersonsName() {
            Rollout rollout = rollouts.start(plan().mode(Mode.RECOMMEND).build());
            assertThatThrownBy(() -> rollout.approve("ann")).isInstanceOf(RollbackException.class);
            traffic(rollout, Duration.ofMinutes(1), 0, 1);
            assertThat(rollout.status().awaitsApproval()).isTrue();

            rollout.approve("ann");

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(events)
                    .anySatisfy(event -> assertThat(event)
                            .isInstanceOfSatisfying(RolloutEvent.Decided.class, decided -> {
                                assertThat(decided.acted()).isTrue();
                                assertThat(decided.by()).isEqualTo("ann");
                            }));
        }

        @Test
        void recommend_dismissed_goesOnAndRecommendsAgain() {
            Rollout rollout = rollouts.start(plan().mode(Mode.RECOMMEND).build());
            traffic(rollout, Duration.ofMinutes(1), 0, 1);

            rollout.dismiss("ann", "known");
            traffic(rollout, Duration.ofMinutes(1), 0, 1);

            assertThat(events)
                    .filteredOn(event -> event instanceof RolloutEvent.Decided)
                    .hasSize(2);
        }
    }

    @Nested
    class Paused {

        @Test
        @Tag("R-11")
        void pause_regression_stillRollsBack() {
            Rollout rollout = rollouts.start(plan().build());
            rollout.pause("ann", "lunch");
            assertThat(rollout.status().share()).isEqualTo(0.05);

            traffic(rollout, Duration.ofMinutes(1), 0, 1);

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void pause_healthyTraffic_doesNotGrow() {
            Rollout rollout = rollouts.start(plan().build());
            rollout.pause("ann", "lunch");
            traffic(rollout, Duration.ofMinutes(10), 0, 0);
            assertThat(rollout.status().share()).isEqualTo(0.05);

            rollout.resume("ann");
            traffic(rollout, Duration.ofSeconds(90), 0, 0);
            assertThat(rollout.status().share()).isEqualTo(0.25);
        }

        @Test
        void pauseAndStopTraffic_takesTheTrafficUntilResumed() {
            Rollout rollout = rollouts.start(plan().build());
            rollout.pauseAndStopTraffic("ann", "odd");
            assertThat(rollout.status().share()).isZero();
            rollout.resume("ann");
            assertThat(rollout.status().share()).isEqualTo(0.05);
        }
    }

    @Nested
    class OtherStrategies {

        @Test
        void featureFlag_isOffUntilResumedAndOffAgainOnRegression() {
            Rollout rollout = rollouts.start(
                    plan().strategy(RolloutStrategy.featureFlag(50)).build());
            assertThat(rollout.status().share()).isZero();
            rollout.resume("ann");
            assertThat(rollout.status().share()).isEqualTo(0.5);
            traffic(rollout, Duration.ofMinutes(1), 0, 1);
            assertThat(rollout.status().share()).isZero();
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void blueGreen_verificationFails_staysOnBlueAndStartsOnceItPasses() {
            AtomicBoolean ready = new AtomicBoolean();
            Rollout rollout = rollouts.start(plan().strategy(RolloutStrategy.blueGreen()
                            .verify("smoke", () -> new Check.Result(ready.get(), "smoke test of green")))
                    .build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            assertThat(rollout.status().notStarted()).containsExactly("verification smoke: smoke test of green");
            assertThat(rollout.route("anyone")).isEqualTo(Arm.STABLE);

            ready.set(true);
            time.advance(Duration.ofSeconds(6));

            assertThat(rollout.route("anyone")).isEqualTo(Arm.CANDIDATE);
            assertThat(rollout.state().phase()).isEqualTo(Phase.PROMOTED);
            rollout.rollBack("ann", "prices are wrong");
            assertThat(rollout.route("anyone")).isEqualTo(Arm.STABLE);
        }

        @Test
        void shadow_runsTheCandidateBesideAndReturnsStablesResult() {
            AtomicInteger shadowed = new AtomicInteger();
            Rollout rollout =
                    rollouts.start(plan().strategy(RolloutStrategy.shadow(50)).build());
            for (int i = 0; i < 1_000; i++) {
                String answer = rollout.call("user-" + i, () -> "stable", () -> {
                    shadowed.incrementAndGet();
                    throw new IllegalStateException("broken in the dark");
                });
                assertThat(answer).isEqualTo("stable");
            }
            assertThat(shadowed.get()).isBetween(430, 570);
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }

        @Test
        void shadowThenCanary_exposesAfterTheShadow() {
            Rollout rollout = rollouts.start(plan().strategy(RolloutStrategy.shadow(10)
                            .bake(Duration.ofMinutes(1))
                            .then(canary(5).bake(Duration.ofMinutes(1))))
                    .build());
            assertThat(rollout.status().share()).isZero();
            traffic(rollout, Duration.ofMinutes(2), 0, 0);
            assertThat(rollout.status().share()).isEqualTo(0.05);
        }
    }

    @Nested
    class Signalled {

        @Test
        void limit_brokenLongEnough_rollsBack() {
            AtomicInteger queue = new AtomicInteger(10);
            Rollout rollout = rollouts.start(plan().watch(
                            Signals.reading("queue", queue::get).notAbove(100).forAtLeast(3, Duration.ofSeconds(10)))
                    .build());
            time.advance(Duration.ofMinutes(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            queue.set(1_000);
            time.advance(Duration.ofSeconds(9));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            time.advance(Duration.ofSeconds(5));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(rollout.status().decision()).contains("above 100");
        }

        @Test
        @Tag("R-5")
        void limit_missingReading_isNoDataAndRollsNothingBack() {
            double[] queue = {7};
            Rollout rollout = rollouts.start(
                    plan().watch(Signals.reading("queue", () -> queue[0]).notAbove(100))
                            .build());
            queue[0] = Double.NaN;
            time.advance(Duration.ofMinutes(5));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(rollout.status().assessments().get(1).verdict()).isEqualTo(Verdict.NO_DATA);
        }

        @Test
        void report_ofAPerson_rollsBack() {
            Rollout rollout = rollouts.start(plan().watch(Signals.report()).build());
            rollout.raise("report", "support", "three customers see wrong prices");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void report_mustBeAgreedByTwo_sameReporterTwiceIsOne() {
            Rollout rollout = rollouts.start(plan().watch(Signals.report().agreedBy(2, Duration.ofMinutes(10)))
                    .build());
            rollout.raise("report", "ann", "wrong price");
            rollout.raise("report", "ann", "wrong price again");
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            rollout.raise("report", "bob", "wrong price here too");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        @Tag("R-12")
        void raise_unknownSignal_namesTheKnownOnes() {
            Rollout rollout =
                    rollouts.start(plan().watch(Signals.external("smoke-test")).build());
            assertThatThrownBy(() -> rollout.raise("smoke", "ci", "red"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'smoke'")
                    .hasMessageContaining("[smoke-test]");
        }
    }

    @Nested
    class StepsBack {

        private final List<String> done = new ArrayList<>();

        private RollbackStrategy step(String name, int failures) {
            AtomicInteger left = new AtomicInteger(failures);
            return new RollbackStrategy() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public String description() {
                    return "notes " + name;
                }

                @Override
                public Check.Result check(Context context) {
                    return Check.Result.pass("open");
                }

                @Override
                public Done rollBack(Context context) throws Exception {
                    if (left.getAndDecrement() > 0) {
                        throw new IOException("not yet");
                    }
                    done.add(context.idempotencyKey());
                    return Done.done("noted");
                }
            };
        }

        @Test
        void rollBack_stepsInOrder_afterTheTraffic() {
            Rollout rollout = rollouts.start(
                    plan().thenRun(step("flag", 0)).thenRun(step("pipeline", 2)).build());
            rollout.rollBack("ann", "no");
            assertThat(rollout.route("anyone")).isEqualTo(Arm.STABLE);
            time.advance(Duration.ofMinutes(1));

            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(done).containsExactly(rollout.id() + "/flag", rollout.id() + "/pipeline");
        }

        @Test
        void rollBack_stepFailsToTheEnd_callsAHumanWhoAcknowledges() {
            Rollout rollout =
                    rollouts.start(plan().thenRun(step("pipeline", 99)).build());
            rollout.rollBack("ann", "no");
            time.advance(Duration.ofMinutes(10));

            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(rollout.route("anyone")).isEqualTo(Arm.STABLE);
            rollout.acknowledge("pipeline", "bob", "deployed 1.4.2 by hand");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @Nested
    class Calls {

        @Test
        @Tag("R-7")
        void call_resultsAndExceptions_passUnchanged() {
            Rollout rollout = rollouts.start(plan().strategy(canary(100)).build());
            Object result = new Object();
            assertThat(rollout.<Object, RuntimeException>call("user", () -> "stable", () -> result))
                    .isSameAs(result);
            IOException thrown = new IOException("mine");
            assertThatThrownBy(() -> rollout.call("user", () -> "stable", () -> {
                        throw thrown;
                    }))
                    .isSameAs(thrown);
            assertThat(rollout.<Object, RuntimeException>call("user", () -> "stable", () -> null))
                    .isNull();
        }

        @Test
        @Tag("R-6")
        void call_nullKey_isACallWithoutAKey() {
            Rollout rollout = rollouts.start(plan().strategy(canary(50)).build());
            String nobody = null;
            for (int i = 0; i < 100; i++) {
                assertThat(rollout.call(nobody, () -> "stable", () -> "candidate"))
                        .isIn("stable", "candidate");
            }
            assertThat(rollout.status().totals().candidateCalls()).isBetween(30L, 70L);
            assertThat(rollout.route(nobody)).isEqualTo(Arm.STABLE);
        }

        @Test
        @Tag("R-7")
        void callAsync_returnsTheHostsOwnStage() throws Exception {
            Rollout rollout = rollouts.start(plan().strategy(canary(100)).build());
            CompletableFuture<String> mine = new CompletableFuture<>();
            CompletableFuture<String> theirs =
                    rollout.callAsync("user", () -> CompletableFuture.completedFuture("stable"), () -> mine);
            assertThat(theirs).isSameAs(mine);
            mine.complete("fine");
            assertThat(rollout.status().totals().candidateApart()).isEqualTo(1);
        }

        @Test
        void callIdempotent_candidateFails_stableAnswersAndTheFailureCounts() {
            Rollout rollout = rollouts.start(
                    plan().mode(Mode.OBSERVE).strategy(canary(50)).build());
            for (int i = 0; i < 200; i++) {
                time.advance(Duration.ofMillis(10));
                String answer = rollout.callIdempotent("user-" + i, () -> "stable", () -> {
                    throw new IllegalStateException("broken");
                });
                assertThat(answer).isEqualTo("stable");
            }
            assertThat(rollout.status().totals().candidateFailures()).isBetween(70L, 130L);
            assertThat(rollout.status().totals().stableCalls())
                    .isEqualTo(200 - rollout.status().totals().candidateFailures());
        }

        @Test
        void callIdempotent_candidateTimesOut_isNotRepeated() {
            Rollout rollout = rollouts.start(plan().strategy(canary(100)).build());
            assertThatThrownBy(() -> rollout.callIdempotent("user", () -> "stable", () -> {
                        throw new TimeoutException("slow");
                    }))
                    .isInstanceOf(TimeoutException.class);
        }

        @Test
        @Tag("R-3")
        void growing_neverMovesAKeyBack_andRolloutsAreIndependent() {
            Rollout rollout = rollouts.start(plan().build());
            List<String> exposed = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                if (rollout.route("user-" + i) == Arm.CANDIDATE) {
                    exposed.add("user-" + i);
                }
            }
            traffic(rollout, Duration.ofMinutes(4), 0, 0);
            assertThat(rollout.status().share()).isGreaterThan(0.05);
            assertThat(exposed).allMatch(user -> rollout.route(user) == Arm.CANDIDATE);

            Rollout other = rollouts.start(RollbackPlan.from(Release.of("search", "1"))
                    .to(Release.of("search", "2"))
                    .strategy(canary(50))
                    .watch(errorRate())
                    .build());
            long both = exposed.stream()
                    .filter(user -> other.route(user) == Arm.CANDIDATE)
                    .count();
            assertThat((double) both / exposed.size()).isBetween(0.43, 0.57);
        }

        @Test
        void affected_key_saysSinceWhenAndUntilWhen() {
            Rollout rollout = rollouts.start(
                    plan().strategy(canary(50).bake(Duration.ofHours(1))).build());
            String hit = "";
            for (int i = 0; hit.isEmpty(); i++) {
                hit = rollout.route("user-" + i) == Arm.CANDIDATE ? "user-" + i : "";
            }
            var startedAt = time.now();
            time.advance(Duration.ofMinutes(3));
            assertThat(rollout.affected(Subject.of(hit)))
                    .isEqualTo(new Rollout.Affected(Arm.CANDIDATE, true, startedAt, null));
            rollout.rollBack("ann", "no");
            assertThat(rollout.affected(Subject.of(hit)))
                    .isEqualTo(
                            new Rollout.Affected(Arm.STABLE, true, startedAt, startedAt.plus(Duration.ofMinutes(3))));
        }

        /** Support asks after the night, when the process is another. */
        @Test
        void affected_afterARestart_isToldFromTheJournal() {
            RollbackPlan plan =
                    plan().strategy(canary(50).bake(Duration.ofHours(1))).build();
            Rollout rollout = rollouts.start(plan);
            String hit = "";
            String spared = "";
            for (int i = 0; hit.isEmpty() || spared.isEmpty(); i++) {
                if (rollout.route("user-" + i) == Arm.CANDIDATE) {
                    hit = "user-" + i;
                } else {
                    spared = "user-" + i;
                }
            }
            var startedAt = time.now();
            time.advance(Duration.ofMinutes(3));
            rollouts.close();
            time.advance(Duration.ofMinutes(1));

            rollouts = start();
            Rollout goesOn = rollouts.start(plan);
            time.advance(Duration.ofMinutes(1));
            assertThat(goesOn.affected(Subject.of(hit)))
                    .isEqualTo(new Rollout.Affected(Arm.CANDIDATE, true, startedAt, null));
            goesOn.rollBack("ann", "no");
            time.advance(Duration.ofMinutes(1));
            rollouts.close();

            rollouts = start();
            Rollout over = rollouts.start(plan);
            assertThat(over.affected(Subject.of(hit)))
                    .isEqualTo(
                            new Rollout.Affected(Arm.STABLE, true, startedAt, startedAt.plus(Duration.ofMinutes(5))));
            assertThat(over.affected(Subject.of(spared)))
                    .isEqualTo(new Rollout.Affected(Arm.STABLE, false, null, null));
        }
    }
}
