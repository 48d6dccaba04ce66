package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.NOON;
import static io.github.rollback4j.rollout.ByHand.V1;
import static io.github.rollback4j.rollout.ByHand.V2;
import static io.github.rollback4j.rollout.ByHand.breakCandidate;
import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.rollout.ByHand.way;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.blueGreen;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.featureFlag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy.Otherwise;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

@Timeout(60)
class RolloutsTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";

    private final ByHand hand = new ByHand();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private Rollouts rollouts = open();

    private Rollouts open() {
        Rollouts opened = hand.rollouts();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
    }

    private void restart() {
        rollouts.close();
        rollouts = open();
    }

    private static Set<Arm> arms(Rollout rollout) {
        Set<Arm> arms = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            arms.add(rollout.route("user-" + i));
        }
        return arms;
    }

    private void journal(String type, Map<String, String> data) {
        long last = hand.memory.read(ID).size();
        hand.memory.append(ID, last, 0, Journal.Event.of(type, NOON, Duration.ofSeconds(last), data));
    }

    /** Writes what the library would have written at the start of this plan. */
    private void journalPlanned(RollbackPlan plan, String salt) {
        Map<String, String> data = new TreeMap<>();
        data.put("salt", salt);
        plan.describe().forEach((name, value) -> data.put("plan." + name, value));
        journal("planned", data);
    }

    @Nested
    class Start {

        @Test
        void start_eightThreadsAtOnce_givesOneRollout() throws Exception {
            int threads = 8;
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            try (Rollouts real = Rollouts.create()) {
                CountDownLatch go = new CountDownLatch(1);
                List<Callable<Rollout>> bodies = Collections.nCopies(threads, () -> {
                    go.await();
                    return real.start(plan().build());
                });
                List<Future<Rollout>> futures = new ArrayList<>();
                bodies.forEach(body -> futures.add(pool.submit(body)));
                go.countDown();
                Set<Rollout> started = Collections.newSetFromMap(new IdentityHashMap<>());
                for (Future<Rollout> future : futures) {
                    started.add(future.get());
                }
                assertThat(started)
                        .hasSize(1)
                        .allMatch(rollout -> rollout.state().phase() == Phase.RUNNING);
                assertThat(real.all()).hasSize(1);
                while (real.journal().read(ID).size() < 4) {
                    Thread.onSpinWait();
                }
                assertThat(real.journal().read(ID))
                        .extracting(entry -> entry.event().type())
                        .containsOnlyOnce("planned", "started");
            } finally {
                pool.shutdownNow();
            }
        }

        /** The registry's thread ticks what the starting thread has only just registered. */
        @Test
        void start_whileTheRegistryTicks_starts() {
            Rollout rollout =
                    rollouts.start(plan().thenRun(described(hand::tick)).build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }

        @Test
        @Tag("R-2")
        void restart_ofARolledBackOneWhileTheRegistryTicks_exposesNobody() {
            AtomicBoolean ticks = new AtomicBoolean();
            RollbackPlan plan = plan().thenRun(described(() -> {
                        if (ticks.get()) {
                            hand.tick();
                        }
                    }))
                    .build();
            rollouts.start(plan).rollBack("ann", "wrong prices");
            restart();
            ticks.set(true);
            Rollout rollout = rollouts.start(plan);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            assertThat(hand.types(ID)).containsOnlyOnce("started");
        }

        @Test
        @Tag("R-13")
        void allToStable_whileARolloutStarts_takesItsTrafficBack() {
            Rollout rollout =
                    rollouts.start(plan().thenRun(described(() -> rollouts.allToStable("ann", "wrong prices")))
                            .build());
            assertThat(rollout.status().allToStable()).isTrue();
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
        }

        /** Runs something when the start asks for the plan's description, between registering and beginning. */
        private RollbackStrategy described(Runnable meanwhile) {
            return new RollbackStrategy() {
                @Override
                public String name() {
                    return "step";
                }

                @Override
                public String description() {
                    meanwhile.run();
                    return "a step";
                }

                @Override
                public Check.Result check(Context context) {
                    return Check.Result.pass("open");
                }

                @Override
                public Done rollBack(Context context) {
                    return Done.done("done");
                }
            };
        }

        @Test
        void start_whileAnotherWaitsForItsChecks_doesNotWait() throws Exception {
            CountDownLatch checking = new CountDownLatch(1);
            CountDownLatch never = new CountDownLatch(1);
            ExecutorService pool = Executors.newSingleThreadExecutor();
            try (Rollouts real = Rollouts.create()) {
                Future<Rollout> slow =
                        pool.submit(() -> real.start(plan().strategy(blueGreen().verify("hangs", () -> {
                                    checking.countDown();
                                    never.await();
                                    return Check.Result.pass("never");
                                }))
                                .build()));
                checking.await();
                Rollout other = real.start(RollbackPlan.from(Release.of("search", "1"))
                        .to(Release.of("search", "2"))
                        .watch(errorRate())
                        .build());
                assertThat(other.state().phase()).isEqualTo(Phase.RUNNING);
                assertThat(slow).as("it waits up to five seconds").isNotDone();
                never.countDown();
                assertThat(slow.get().state().phase()).isIn(Phase.RUNNING, Phase.PROMOTED);
            } finally {
                never.countDown();
                pool.shutdownNow();
            }
        }

        @Test
        void start_rolledBackDuringItsChecks_waitsForNothing() {
            RollbackPlan plan = plan().strategy(blueGreen().verify("smoke", () -> {
                        rollouts.all().get(0).rollBack("ann", "not today");
                        return Check.Result.pass("fine");
                    }))
                    .build();
            long before = System.nanoTime();
            assertThat(rollouts.start(plan).state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(rollouts.start(plan).state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(4));
        }

        @Test
        void start_manyPlans_areIndependent() {
            for (int i = 0; i < 200; i++) {
                rollouts.start(RollbackPlan.from(Release.of("service-" + i, "1"))
                        .to(Release.of("service-" + i, "2"))
                        .strategy(canary(50))
                        .watch(errorRate())
                        .build());
            }
            assertThat(rollouts.all()).hasSize(200);
            Rollout first = rollouts.all().get(0);
            breakCandidate(first);
            assertThat(first.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(rollouts.all())
                    .filteredOn(rollout -> rollout != first)
                    .allMatch(rollout -> rollout.state().phase() == Phase.RUNNING);
        }

        @Test
        void start_afterClose_isRefused() {
            rollouts.close();
            assertThatThrownBy(() -> rollouts.start(plan().build()))
                    .isInstanceOf(RollbackException.class)
                    .hasMessage("the rollouts are closed");
        }

        @Test
        void start_stepsInAnotherOrder_isAnotherPlan() {
            RollbackStrategy a = way("a", context -> RollbackStrategy.Done.done("a"));
            RollbackStrategy b = way("b", context -> RollbackStrategy.Done.done("b"));
            rollouts.start(plan().thenRun(a).thenRun(b).build());
            restart();
            assertThatThrownBy(() -> rollouts.start(plan().thenRun(b).thenRun(a).build()))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("step a was 'no. 1, a")
                    .hasMessageContaining("and is 'no. 2, a");
        }

        @Test
        @Tag("R-12")
        void tickInterval_outsideItsRange_isRefused() {
            assertThatThrownBy(() -> Rollouts.builder().tickInterval(Duration.ofMillis(9)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tickInterval PT0.009S is not allowed: 10 ms to 10 s is");
            assertThatThrownBy(() -> Rollouts.builder().tickInterval(Duration.ofSeconds(11)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Retry {

        @Test
        void retry_afterARollback_isTheNextAttempt_andTheOldHandleStaysOnStable() {
            Rollout first = rollouts.start(plan().build());
            first.rollBack("ann", "no");
            Rollout second = rollouts.retry(plan().build(), "ann", "it was the network");
            assertThat(second.id()).endsWith("#2");
            assertThat(arms(second)).containsExactlyInAnyOrder(Arm.STABLE, Arm.CANDIDATE);
            assertThat(arms(first)).containsExactly(Arm.STABLE);
            assertThat(rollouts.all()).containsExactly(second);
            assertThat(rollouts.start(plan().build())).isSameAs(second);
            assertThat(hand.memory.read(second.id()).get(0).event().data())
                    .containsEntry("by", "ann")
                    .containsEntry("reason", "it was the network")
                    .containsEntry("attempt", "2");
        }

        @Test
        void retry_afterARestart_isTheNextAttempt() {
            rollouts.start(plan().build()).rollBack("ann", "no");
            restart();
            assertThat(rollouts.retry(plan().build(), "ann", "again").id()).endsWith("#2");
        }

        @Test
        void retry_nothingBefore_isRefused() {
            assertThatThrownBy(() -> rollouts.retry(plan().build(), "ann", "why not"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("its last attempt is none, ROLLED_BACK is allowed");
        }

        @Test
        void retry_runningWhileTheJournalIsAway_isRefusedAndHarmless() {
            Rollout running = rollouts.start(plan().build());
            hand.journal.refusesRead = () -> true;
            assertThatThrownBy(() -> rollouts.retry(plan().build(), "ann", "why not"))
                    .isInstanceOf(RollbackException.class);
            assertThat(rollouts.all()).containsExactly(running);
            assertThat(arms(running)).contains(Arm.CANDIDATE);
        }

        @Test
        void retry_rolledBackWhileTheJournalIsAway_isRefusedAndSaysWhy() {
            Rollout before = rollouts.start(plan().build());
            before.rollBack("ann", "no");
            hand.journal.refusesRead = () -> true;
            assertThatThrownBy(() -> rollouts.retry(plan().build(), "ann", "again"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("connection refused");
            assertThat(rollouts.all()).containsExactly(before);
        }
    }

    @Nested
    class Close {

        @Test
        void close_running_goesToStableAndCallsStillWork() {
            Rollout rollout = rollouts.start(plan().build());
            rollouts.close();
            rollouts.close();
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            assertThat(rollout.call("user", () -> "stable", () -> "candidate")).isEqualTo("stable");
            assertThat(rollout.status().share()).isZero();
            assertThat(hand.types(ID)).containsOnlyOnce("closed").endsWith("closed");
            assertThatThrownBy(() -> rollout.promote("ann"))
                    .isInstanceOf(RollbackException.class)
                    .hasMessage("rollout " + ID + " is closed");
        }

        @Test
        void close_promoted_keepsTheCandidate_andAPersonStillWins() {
            Rollout rollout = rollouts.start(plan().build());
            rollout.promote("ann");
            rollouts.close();
            assertThat(arms(rollout)).containsExactly(Arm.CANDIDATE);
            rollouts.allToStable("ann", "bad prices");
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            rollouts.readmit("ann", "good again");
            assertThat(arms(rollout)).containsExactly(Arm.CANDIDATE);
        }

        @Test
        void close_whileTheExposureIsAboutToGrow_staysOnStable() {
            Rollout rollout = rollouts.start(plan().build());
            hand.hold();
            hand.pass(Duration.ofSeconds(61));
            rollout.lifecycle().close();
            hand.release();
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
        }

        @Test
        void close_whileTheChecksAreUnderWay_doesNotStart() {
            AtomicBoolean closing = new AtomicBoolean();
            Rollout[] holder = new Rollout[1];
            Rollout rollout = rollouts.start(plan().strategy(blueGreen().verify("smoke", () -> {
                        if (closing.get()) {
                            holder[0].lifecycle().close();
                        }
                        return new Check.Result(closing.get(), "not yet");
                    }))
                    .build());
            holder[0] = rollout;
            closing.set(true);
            hand.pass(Duration.ofSeconds(6));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
        }

        @Test
        void close_ticksThatCameLate_neitherGrowNorRollBack() {
            Rollout rollout = rollouts.start(plan().build());
            rollout.lifecycle().close();
            hand.pass(Duration.ofMinutes(5));
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            assertThat(rollout.state()).isEqualTo(new RolloutState(Phase.RUNNING, 0, false, false));
        }

        @Test
        @Tag("R-2")
        void close_thenControlSetAndLifted_staysOnStable() {
            Rollout rollout = rollouts.start(plan().build());
            rollouts.close();
            rollouts.allToStable("ann", "wait");
            rollouts.readmit("ann", "go");
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
        }

        @Test
        @Tag("R-4")
        void close_whileRollingBack_theNextProcessDoesTheRest() {
            List<String> done = new ArrayList<>();
            RollbackPlan plan = plan().thenRun(way("a", context -> {
                        done.add(context.idempotencyKey());
                        rollouts.all().get(0).lifecycle().close();
                        return RollbackStrategy.Done.done("a");
                    }))
                    .thenRun(way("b", context -> {
                        done.add(context.idempotencyKey());
                        return RollbackStrategy.Done.done("b");
                    }))
                    .build();
            rollouts.start(plan).rollBack("ann", "no");
            hand.pass(Duration.ofMinutes(5));
            assertThat(done).as("b is left to the next process").containsExactly(ID + "/a");
            restart();
            Rollout again = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            assertThat(again.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(done).containsExactly(ID + "/a", ID + "/b");
        }
    }

    @Nested
    class JournalAway {

        @Test
        @Tag("R-2")
        void start_unreadable_staysOnStableForAsLongAsItTakes() {
            hand.journal.refusesRead = () -> true;
            Rollout rollout = rollouts.start(plan().build());
            hand.pass(Duration.ofMinutes(10));
            hand.journal.refusesRead = () -> false;
            hand.pass(Duration.ofMinutes(10));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            assertThat(rollout.status().notStarted().get(0)).contains("connection refused");
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
        }

        @Test
        void start_againOnceItCanBeRead_starts() {
            hand.journal.refusesRead = () -> true;
            Rollout before = rollouts.start(plan().build());
            assertThat(rollouts.start(plan().build())).as("still away").isSameAs(before);
            hand.journal.refusesRead = () -> false;
            Rollout rollout = rollouts.start(plan().build());
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(arms(before)).containsExactly(Arm.STABLE);
            assertThat(rollouts.all()).containsExactly(rollout);
            assertThat(hand.types(ID).get(0)).isEqualTo("planned");
        }

        @Test
        void start_unreadableThenControlledAndClosed_theNextProcessStarts() {
            hand.journal.refusesRead = () -> true;
            rollouts.start(plan().build());
            rollouts.allToStable("ann", "the database is down");
            hand.journal.refusesRead = () -> false;
            hand.pass(Duration.ofSeconds(5));
            restart();
            assertThat(rollouts.start(plan().build()).state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(hand.types(ID).get(0)).isEqualTo("planned");
        }

        @Test
        void start_secondAttemptUnreadable_isNotMixedWithTheFirst() {
            rollouts.start(plan().build()).rollBack("ann", "no");
            int events = hand.types(ID).size();
            restart();
            int[] reads = new int[1];
            hand.journal.refusesRead = () -> ++reads[0] == 2;
            Rollout rollout = rollouts.start(plan().build());
            hand.pass(Duration.ofSeconds(1));
            rollouts.allToStable("ann", "careful");
            restart();
            assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
            assertThat(hand.types(ID))
                    .startsWith(hand.types(ID).subList(0, events).toArray(new String[0]));
            assertThat(hand.memory.read("checkout:1.4.2..1.5.0#2")).isEmpty();
            assertThat(rollouts.start(plan().build()).state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        @Tag("R-2")
        void start_unwritable_aPersonsRollbackIsNotForgotten() {
            hand.journal.refuses = event -> true;
            Rollout rollout = rollouts.start(plan().build());
            assertThat(rollout.status().notStarted().get(0)).contains("disk full");
            rollout.rollBack("ann", "not today");
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(2));
            assertThat(hand.types(ID)).containsExactly("planned", "decided", "rolled-back");
            restart();
            assertThat(rollouts.start(plan().build()).state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        @Tag("R-2")
        void start_unreadable_aPersonsRollbackIsJournalledOnceItCanBe() {
            rollouts.start(plan().build());
            restart();
            hand.journal.refusesRead = () -> true;
            rollouts.start(plan().build()).rollBack("ann", "not today");
            hand.journal.refusesRead = () -> false;
            hand.pass(Duration.ofSeconds(2));
            assertThat(hand.types(ID)).endsWith("decided", "rolled-back");
            restart();
            assertThat(rollouts.start(plan().build()).state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void start_unwritableForAWhile_startsByItself_andIsPlannedOnce() {
            hand.journal.refuses = event -> true;
            Rollout rollout = rollouts.start(plan().build());
            rollouts.automationOff("ann", "careful");
            rollouts.readmit("ann", "go");
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(7));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(hand.types(ID)).containsOnlyOnce("planned").containsOnlyOnce("started");
            assertThat(hand.types(ID).get(0)).isEqualTo("planned");
        }

        @Test
        void start_controlSetBeforehand_thePlanStillComesFirst() {
            rollouts.automationOff("ann", "careful");
            rollouts.start(plan().build());
            assertThat(hand.types(ID))
                    .startsWith("planned")
                    .containsOnlyOnce("planned")
                    .contains("controlled");
        }

        @Test
        void grow_unwritable_doesNotGrow_andDoesOnceItCan() {
            Rollout rollout = rollouts.start(plan().build());
            hand.journal.refuses = event -> event.type().equals("growing");
            hand.pass(Duration.ofMinutes(3));
            assertThat(rollout.status().share()).isEqualTo(0.05);
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(6));
            assertThat(rollout.status().share()).isEqualTo(0.5);
            assertThat(hand.types(ID)).containsSubsequence("growing", "exposed", "growing", "exposed");
        }

        @Test
        void grow_controlSetWhileTheJournalWrites_doesNotGrow() {
            Rollout rollout = rollouts.start(plan().build());
            hand.hold();
            hand.pass(Duration.ofSeconds(61));
            rollouts.automationOff("ann", "known noise");
            hand.release();
            assertThat(rollout.status().share()).isEqualTo(0.05);
        }

        @Test
        @Tag("R-6")
        void rollBack_poolRejectsEverything_trafficGoesBackAndTheRestFollows() {
            List<String> done = new ArrayList<>();
            Rollout rollout = rollouts.start(plan().strategy(canary(50))
                    .thenRun(
                            way("flag", context -> {
                                done.add("flag");
                                return RollbackStrategy.Done.done("off");
                            }),
                            Duration.ofMinutes(1),
                            10)
                    .build());
            hand.poolRejects = true;
            breakCandidate(rollout);
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            hand.pass(Duration.ofSeconds(10));
            hand.poolRejects = false;
            hand.pass(Duration.ofMinutes(2));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(done).containsExactly("flag");
            assertThat(hand.types(ID)).containsSubsequence("decided", "step-intended", "step-done", "rolled-back");
        }
    }

    @Nested
    class Restart {

        @Test
        @Tag("R-1")
        void start_eachRestart_halvesTheRateThatIsLeft() {
            double needed = 2;
            for (int restarts = 0; restarts < 4; restarts++) {
                Rollout rollout = rollouts.start(plan().build());
                assertThat(rollout.status().assessments().get(0).log10Threshold())
                        .as("restart no. %d", restarts)
                        .isCloseTo(needed, within(1e-9));
                needed += Math.log10(2);
                restart();
            }
        }

        @Test
        void start_restartedTwoThousandTimes_canStillRollBack() {
            RollbackPlan plan = plan().build();
            journalPlanned(plan, "0123456789abcdeffedcba9876543210");
            journal("started", Map.of());
            journal("exposed", Map.of("step", "0"));
            for (int i = 0; i < 2_000; i++) {
                journal("continued", Map.of("incarnation", "" + (i + 1)));
            }
            Rollout rollout = rollouts.start(plan);
            assertThat(rollout.status().assessments().get(0).log10Threshold()).isBetween(19.0, 22.0);
        }

        @Test
        void start_recommendedBefore_stillWaitsForApproval() {
            RollbackPlan plan =
                    plan().mode(Mode.RECOMMEND).strategy(canary(20, 50)).build();
            Rollout before = rollouts.start(plan);
            breakCandidate(before);
            assertThat(before.status().awaitsApproval()).isTrue();
            restart();
            Rollout after = rollouts.start(plan);
            assertThat(after.status().awaitsApproval()).isTrue();
            assertThat(after.status().decision()).isEqualTo(before.status().decision());
            hand.pass(Duration.ofHours(1));
            assertThat(after.status().share()).as("it grows no further").isEqualTo(0.2);
            after.approve("ann");
            assertThat(after.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void start_recommendationDismissedBefore_goesOn() {
            RollbackPlan plan =
                    plan().mode(Mode.RECOMMEND).strategy(canary(20, 50)).build();
            Rollout before = rollouts.start(plan);
            breakCandidate(before);
            before.dismiss("ann", "known");
            restart();
            assertThat(rollouts.start(plan).status().awaitsApproval()).isFalse();
        }

        @Test
        @Tag("R-2")
        void start_killedBeforeTheSwitchWasJournalledAsOff_isOff() {
            RollbackPlan plan = plan().strategy(featureFlag(50)).build();
            hand.journal.refuses = event -> event.type().equals("paused");
            rollouts.start(plan);
            Rollouts killed = rollouts;
            rollouts = open();
            Rollout again = rollouts.start(plan);
            assertThat(arms(again)).as("nobody has switched it on").containsExactly(Arm.STABLE);
            hand.journal.refuses = event -> false;
            again.resume("ann");
            assertThat(arms(again)).contains(Arm.CANDIDATE);
            restart();
            assertThat(arms(rollouts.start(plan))).as("it was switched on").contains(Arm.CANDIDATE);
            killed.close();
        }

        @ParameterizedTest
        @CsvSource({"99", "-1", "two", "''"})
        void start_stepThatThePlanHasNot_isNoException(String step) {
            RollbackPlan plan = plan().build();
            journalPlanned(plan, "0123456789abcdeffedcba9876543210");
            journal("started", Map.of());
            journal("exposed", Map.of("step", step, "share", "many"));
            Rollout rollout = rollouts.start(plan);
            assertThat(rollout.state().step()).isBetween(0, 1);
            hand.pass(Duration.ofSeconds(1));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "abc", "not hexadecimal, not hexadecimal"})
        @Tag("R-3")
        void start_saltThatCannotBeRead_staysOnStableAndSaysWhy(String salt) {
            RollbackPlan plan = plan().build();
            journalPlanned(plan, salt);
            journal("started", Map.of());
            Rollout rollout = rollouts.start(plan);
            hand.pass(Duration.ofMinutes(1));
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
            assertThat(rollout.status().notStarted().get(0)).contains("salt");
        }

        @Test
        void start_saltThatCannotBeRead_aRollbackGoesOn() {
            List<String> done = new ArrayList<>();
            RollbackPlan plan = plan().thenRun(way("flag", context -> {
                        done.add("flag");
                        return RollbackStrategy.Done.done("off");
                    }))
                    .build();
            journalPlanned(plan, "");
            journal("started", Map.of());
            journal("decided", Map.of("acted", "true", "why", "broken"));
            Rollout rollout = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(done).containsExactly("flag");
        }

        @Test
        @Tag("R-3")
        void start_splitOfALaterVersion_staysOnStable() {
            RollbackPlan plan = plan().build();
            rollouts.start(plan);
            journal("planned", new TreeMap<>(Map.of()));
            hand.memory.append(
                    "checkout:1.4.2..1.5.0#2",
                    0,
                    0,
                    withSplitVersion(hand.memory.read(ID).get(0).event(), "2"));
            restart();
            Rollout rollout = rollouts.start(plan);
            assertThat(rollout.id()).endsWith("#2");
            assertThat(rollout.status().notStarted().get(0)).contains("version");
            assertThat(arms(rollout)).containsExactly(Arm.STABLE);
        }

        private Journal.Event withSplitVersion(Journal.Event planned, String version) {
            Map<String, String> data = new TreeMap<>(planned.data());
            data.put("splitVersion", version);
            return Journal.Event.of("planned", planned.at(), planned.elapsed(), data);
        }
    }

    @Nested
    class Listeners {

        @Test
        void addListener_closed_hearsNoMore() throws Exception {
            List<String> types = new ArrayList<>();
            AutoCloseable registration = rollouts.addListener((rollout, event) -> types.add(event.type()));
            Rollout rollout = rollouts.start(plan().build());
            registration.close();
            rollout.pause("ann", "lunch");
            assertThat(types).containsExactly("planned", "preflighted", "started", "exposed");
            assertThat(heard).last().isEqualTo(new RolloutEvent.Paused("ann", "lunch", false));
        }

        @Test
        void listener_rollsBackItself_isServed() {
            rollouts.addListener((rollout, event) -> {
                if (event instanceof RolloutEvent.Paused) {
                    rollout.rollBack("listener", "a pause is a no");
                }
            });
            Rollout rollout = rollouts.start(plan().build());
            rollout.pause("ann", "lunch");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @Nested
    class UnderTheLock {

        @Test
        @Tag("R-6")
        void affected_audienceHangs_aRegressionStillRollsBack() throws Exception {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch never = new CountDownLatch(1);
            Rollout rollout = rollouts.start(plan().strategy(canary(50))
                    .audience(Audience.everyone().stableWhen("slow", subject -> {
                        if (subject.key().equals("hangs")) {
                            asked.countDown();
                            try {
                                never.await();
                            } catch (InterruptedException stop) {
                                Thread.currentThread().interrupt();
                            }
                        }
                        return false;
                    }))
                    .build());
            Thread support = new Thread(() -> rollout.affected(Subject.of("hangs")));
            support.setDaemon(true);
            support.start();
            asked.await();
            try {
                for (int i = 0; i < 200; i++) {
                    try {
                        rollout.call("user-" + i, () -> "fine", () -> {
                            throw new IllegalStateException("broken");
                        });
                    } catch (IllegalStateException expected) {
                        // The candidate fails each time.
                    }
                }
                hand.pass(Duration.ofSeconds(1));
                assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            } finally {
                never.countDown();
                support.join();
            }
        }
    }

    @Nested
    class LongestTime {

        private final Duration longest = Duration.ofMinutes(5);

        private RollbackPlan.Builder within(Otherwise otherwise) {
            return plan().strategy(canary(5, 50)
                    .bake(Duration.ofMinutes(1))
                    .leastCalls(1_000_000)
                    .thenPromote()
                    .within(longest, otherwise));
        }

        private Rollout startWithCalls(RollbackPlan plan) {
            Rollout rollout = rollouts.start(plan);
            for (int i = 0; i < 500; i++) {
                rollout.call("user-" + i, () -> "fine", () -> "fine");
            }
            return rollout;
        }

        @Test
        void promote_forWantOfCalls_promotes() {
            Rollout rollout = startWithCalls(within(Otherwise.PROMOTE).build());
            hand.pass(longest.minusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            hand.pass(Duration.ofSeconds(2));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PROMOTED);
            assertThat(hand.types(ID)).endsWith("growing", "overdue", "promoted");
        }

        @Test
        void promote_whileTheJournalIsAway_isTriedEveryFiveSeconds() {
            Rollout rollout = startWithCalls(within(Otherwise.PROMOTE).build());
            int[] tries = {0};
            hand.journal.refuses = event -> event.type().equals("growing") && ++tries[0] > 0;
            hand.pass(longest.plusSeconds(12));
            assertThat(tries[0]).isBetween(2, 4);
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(6));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PROMOTED);
            assertThat(hand.types(ID)).containsOnlyOnce("overdue");
        }

        @Test
        void rollBack_inModeAct_rollsBack() {
            Rollout rollout = startWithCalls(within(Otherwise.ROLL_BACK).build());
            hand.pass(longest.plusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(rollout.status().decision()).isEqualTo("not promoted within PT5M");
            assertThat(hand.types(ID)).containsSubsequence("overdue", "decided", "rolled-back");
        }

        @Test
        void rollBack_inModeRecommend_isRecommendedOnce() {
            Rollout rollout = startWithCalls(
                    within(Otherwise.ROLL_BACK).mode(Mode.RECOMMEND).build());
            hand.pass(longest.plusSeconds(1));
            assertThat(rollout.status().awaitsApproval()).isTrue();
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            rollout.dismiss("ann", "let it run");
            hand.pass(longest);
            assertThat(rollout.status().awaitsApproval()).isFalse();
            assertThat(hand.types(ID)).containsOnlyOnce("overdue");
        }

        @Test
        void hold_holdsUntilAPersonGoesOn() {
            Rollout rollout = startWithCalls(within(Otherwise.HOLD).build());
            hand.pass(longest.plusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PAUSED);
            assertThat(rollout.status().share()).isEqualTo(0.05);
            rollout.resume("ann");
            hand.pass(longest);
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(hand.types(ID)).containsOnlyOnce("overdue");
        }

        @ParameterizedTest
        @EnumSource(Otherwise.class)
        @Tag("R-5")
        void any_withoutData_holds(Otherwise otherwise) {
            Rollout rollout = rollouts.start(within(otherwise).build());
            hand.pass(longest.plusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PAUSED);
            assertThat(heard)
                    .contains(
                            new RolloutEvent.Overdue(
                                    "hold",
                                    "not promoted within PT5M"
                                            + "; error-rate cannot be judged: the candidate has answered no call by the coin yet"));
        }

        @Test
        void promote_withAReportThatNobodyMade_promotes() {
            Rollout rollout = startWithCalls(
                    within(Otherwise.PROMOTE).watch(Signals.report()).build());
            hand.pass(longest.plusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PROMOTED);
        }

        @Test
        void any_whileAutomationIsOff_waits() {
            Rollout rollout = startWithCalls(within(Otherwise.ROLL_BACK).build());
            rollouts.automationOff("ann", "looking at it");
            hand.pass(longest.plusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            rollouts.readmit("ann", "seen");
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void pause_isNotCounted() {
            Rollout rollout = startWithCalls(within(Otherwise.ROLL_BACK).build());
            hand.pass(Duration.ofMinutes(1));
            rollout.pause("ann", "lunch");
            hand.pass(Duration.ofMinutes(30));
            rollout.resume("ann");
            hand.pass(longest.minusMinutes(1).minusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            hand.pass(Duration.ofSeconds(2));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void restart_keepsWhatIsLeftOfTheTime() {
            RollbackPlan plan = within(Otherwise.HOLD).build();
            Rollout rollout = startWithCalls(plan);
            hand.pass(Duration.ofMinutes(1));
            rollout.pause("ann", "lunch");
            hand.pass(Duration.ofMinutes(30));
            rollout.resume("ann");
            hand.pass(Duration.ofMinutes(2));
            restart();
            rollout = startWithCalls(plan);
            hand.pass(Duration.ofMinutes(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            hand.pass(Duration.ofMinutes(1).plusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.PAUSED);
            rollout.resume("ann");
            restart();
            rollout = startWithCalls(plan);
            hand.pass(longest);
            assertThat(rollout.state().phase()).as("once is enough").isEqualTo(Phase.RUNNING);
        }
    }

    @Nested
    class ManyThreads {

        private final ExecutorService pool = Executors.newCachedThreadPool();

        @AfterEach
        void stop() {
            pool.shutdownNow();
        }

        @Test
        @Tag("R-2")
        void rollBack_whileOthersCall_noCallThatBeginsLaterGetsTheCandidate() throws Exception {
            try (Rollouts real = Rollouts.create()) {
                for (int round = 0; round < 40; round++) {
                    Rollout rollout = real.start(RollbackPlan.from(Release.of("service-" + round, "1"))
                            .to(Release.of("service-" + round, "2"))
                            .strategy(canary(100))
                            .watch(errorRate())
                            .build());
                    AtomicBoolean decided = new AtomicBoolean();
                    CountDownLatch calling = new CountDownLatch(3);
                    List<Future<Boolean>> callers = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        callers.add(pool.submit(() -> {
                            calling.countDown();
                            while (!decided.get()) {
                                rollout.call("user", () -> Arm.STABLE, () -> Arm.CANDIDATE);
                            }
                            return rollout.call("user", () -> Arm.STABLE, () -> Arm.CANDIDATE) == Arm.STABLE;
                        }));
                    }
                    calling.await();
                    rollout.rollBack("ann", "no");
                    decided.set(true);
                    for (Future<Boolean> caller : callers) {
                        assertThat(caller.get()).isTrue();
                    }
                }
            }
        }

        /** Whatever people do at once, the journal tells in the end what the handle says. */
        @Test
        void commands_fromManyThreads_areJournalledInTheOrderInWhichTheyHappened() throws Exception {
            for (int round = 0; round < 10; round++) {
                Journal journal = Journal.inMemory();
                Rollout rollout;
                try (Rollouts real = Rollouts.builder()
                        .journal(journal)
                        .tickInterval(Duration.ofMillis(10))
                        .build()) {
                    rollout = real.start(plan().strategy(canary(1, 2, 5, 10, 50)
                                    .bake(Duration.ZERO)
                                    .leastCalls(0)
                                    .thenPromote())
                            .watch(Signals.report().agreedBy(3, Duration.ofMinutes(1)))
                            .build());
                    List<Consumer<Rollout>> commands = List.of(
                            each -> each.pause("a", "lunch"),
                            each -> each.resume("b"),
                            each -> each.pauseAndStopTraffic("c", "odd"),
                            each -> each.resume("d"),
                            Rollout::status,
                            each -> each.affected(Subject.of("user")),
                            each -> each.raise("report", "e", "wrong prices"),
                            each -> each.promote("f"));
                    boolean ends = round % 2 == 0;
                    List<Future<?>> people = new ArrayList<>();
                    for (Consumer<Rollout> command : commands) {
                        people.add(pool.submit(() -> {
                            for (int i = 0; i < 50; i++) {
                                try {
                                    command.accept(rollout);
                                } catch (RollbackException notNow) {
                                    // Not possible in that state.
                                }
                            }
                        }));
                    }
                    if (ends) {
                        rollout.rollBack("ann", "enough");
                    }
                    for (Future<?> person : people) {
                        person.get();
                    }
                    if (ends) {
                        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
                    }
                }
                History history = History.of(journal.read(rollout.id()));
                assertThat(history.state).isEqualTo(rollout.state());
                assertThat(journal.read(rollout.id()))
                        .last()
                        .extracting(entry -> entry.event().type())
                        .isEqualTo("closed");
            }
        }
    }

    @Nested
    class Calls {

        @Test
        void callIdempotent_mdcKey_namesTheVersionThatServes() {
            List<String> versions = new ArrayList<>();
            Rollout rollout = rollouts.start(
                    plan().strategy(canary(100)).mdcKey("release").build());
            rollout.callIdempotent("user", () -> versions.add(MDC.get("release")), () -> {
                versions.add(MDC.get("release"));
                throw new IllegalStateException("broken");
            });
            assertThat(versions).containsExactly("1.5.0", "1.4.2");
            assertThat(MDC.get("release")).isNull();
        }
    }

    @Nested
    class Raised {

        @Test
        void raise_longAgo_isForgotten() {
            Rollout rollout = rollouts.start(plan().mode(Mode.OBSERVE)
                    .watch(Signals.report().agreedBy(2, Duration.ofMinutes(5)))
                    .build());
            rollout.raise("report", "ann", "odd");
            rollout.raise("report", "bob", "odd");
            assertThat(rollout.status().assessments().get(1).verdict()).isEqualTo(Verdict.REGRESSED);
            hand.pass(Duration.ofMinutes(6));
            assertThat(rollout.status().assessments().get(1).verdict()).isEqualTo(Verdict.NO_DATA);
            assertThat(rollout.status().decision())
                    .as("what was decided stands")
                    .isNotEmpty();
        }
    }

    @Test
    void pair_releases_areNamedInTheId() {
        assertThat(rollouts.start(RollbackPlan.from(V1)
                                .to(V2.with(Release.COMMIT, "4d1f2c9"))
                                .watch(errorRate())
                                .build())
                        .id())
                .isEqualTo("checkout:1.4.2..1.5.0@4d1f2c9#1");
    }
}
