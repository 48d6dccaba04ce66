package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.plan;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import io.github.rollback4j.strategy.RollbackStrategy.Found;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a try of which nobody saw how it ended. */
@Tag("R-4")
class UncertainStepTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final ByHand hand = new ByHand();
    private final List<RolloutEvent> heard = new ArrayList<>();
    private Rollouts rollouts = open();

    private Rollouts open() {
        Rollouts opened = hand.rollouts();
        opened.addListener((rollout, event) -> heard.add(event));
        return opened;
    }

    private static Step step(TestWay way) {
        return Step.of(way).within(DEADLINE);
    }

    private Rollout rolledBack(Step step) {
        Rollout rollout = rollouts.start(plan().thenRun(step).build());
        rollout.rollBack("ann", "wrong prices");
        return rollout;
    }

    /** A way that does not answer in time, for the first few tries. */
    private TestWay late(int tries) {
        int[] left = {tries};
        return new TestWay("deploy", context -> {
            if (left[0]-- > 0) {
                throw new TimeoutException("no answer");
            }
            return Done.done("deployed");
        });
    }

    private List<String> found() {
        return heard.stream()
                .filter(RolloutEvent.StepLookedUp.class::isInstance)
                .map(event -> ((RolloutEvent.StepLookedUp) event).found())
                .toList();
    }

    @Nested
    class InThisProcess {

        @Test
        void late_beforeItsDeadline_isNeitherLookedUpNorGoneAgain() {
            TestWay way = late(1).lookedUp(context -> Found.notDone("nothing there"));
            rolledBack(step(way));
            hand.pass(DEADLINE.minusMillis(100));
            assertThat(way.lookedUp).as("it may still arrive").isEmpty();
            assertThat(way.gone).hasSize(1);
            hand.pass(Duration.ofMillis(200));
            assertThat(way.lookedUp).hasSize(1);
        }

        @Test
        void late_lookedUpAsDone_isDone() {
            TestWay way = late(9).lookedUp(context -> Found.done("run 77 succeeded"));
            Rollout rollout = rolledBack(step(way));
            hand.pass(DEADLINE.plusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(way.gone).hasSize(1);
            assertThat(heard)
                    .contains(
                            new RolloutEvent.StepLookedUp("deploy", "deploy", "done", "run 77 succeeded"),
                            new RolloutEvent.StepDone("deploy", "deploy", "run 77 succeeded", "rollback4j"));
            assertThat(hand.types(ID)).doesNotContain("step-failed");
        }

        @Test
        void late_lookedUpAsNotDone_isGoneAgain() {
            TestWay way = late(1).lookedUp(context -> Found.notDone("nothing there"));
            Rollout rollout = rolledBack(step(way));
            hand.pass(DEADLINE.plusSeconds(3));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(way.gone).hasSize(2);
            assertThat(heard)
                    .contains(
                            new RolloutEvent.StepFailed("deploy", "deploy", 1, "no answer; looked up: nothing there"));
        }

        @Test
        void late_underWay_isLookedUpEveryFewSecondsUntilItIsNot() {
            int[] looks = {0};
            TestWay way = late(9).lookedUp(
                            context -> ++looks[0] < 5 ? Found.underWay("queued") : Found.done("run 77 succeeded"));
            Rollout rollout = rolledBack(step(way));
            hand.pass(DEADLINE.plusSeconds(21));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(way.gone).hasSize(1);
            assertThat(found()).as("said once each").containsExactly("under-way", "done");
        }

        @Test
        void late_underWayForever_callsAHuman_afterAllTries() {
            TestWay way = late(9).lookedUp(context -> Found.underWay("waits for a runner"));
            Rollout rollout = rolledBack(step(way).attempts(2));
            hand.pass(DEADLINE.multipliedBy(3).minusSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLING_BACK);
            hand.pass(Duration.ofSeconds(7));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(rollout.status().needsHuman()).contains("still under way after PT40S: waits for a runner");
            assertThat(way.gone).hasSize(1);
        }

        @Test
        void late_unknown_isNotGoneAgain_andAPersonIsToldAllThatIsKnown() {
            TestWay way = new TestWay("deploy", context -> {
                context.sent().accept("run 77");
                throw new TimeoutException("no answer within PT20S");
            });
            Rollout rollout = rolledBack(step(way));
            hand.pass(Duration.ofHours(1));
            assertThat(way.gone).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(rollout.status().needsHuman())
                    .isEqualTo("it is not known whether step deploy was done: way deploy was begun at"
                            + " 2030-01-01T12:00:00Z, key " + ID
                            + "/deploy, reference run 77, and no answer within PT20S;"
                            + " nobody can tell. Look there: if it was done, acknowledge(\"deploy\", by, note); if it was"
                            + " not, tryAgain(by)");
            rollout.acknowledge("deploy", "bob", "run 77 did it");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void late_unknownButThePersonSaysAgain_isLookedUpOnceMoreAndGoneAgain() {
            TestWay way = late(1);
            Rollout rollout = rolledBack(step(way));
            hand.pass(DEADLINE.plusSeconds(1));
            rollout.tryAgain("bob");
            hand.pass(Duration.ofSeconds(1));
            assertThat(way.lookedUp).hasSize(2);
            assertThat(way.gone).hasSize(2);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void late_thePersonSaysAgainButItWasDone_isNotGoneAgain() {
            boolean[] known = {false};
            TestWay way = late(9).lookedUp(
                            context -> known[0] ? Found.done("run 77 succeeded") : Found.unknown("nobody can tell"));
            Rollout rollout = rolledBack(step(way));
            hand.pass(DEADLINE.plusSeconds(1));
            known[0] = true;
            rollout.tryAgain("bob");
            assertThat(way.gone).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void late_unknownButTheKeyIsRecognised_isGoneAgain() {
            TestWay way = late(1).recognisingKeys();
            rolledBack(step(way));
            hand.pass(DEADLINE.plusSeconds(3));
            assertThat(way.gone).hasSize(2);
            assertThat(way.gone.get(0).idempotencyKey())
                    .isEqualTo(way.gone.get(1).idempotencyKey());
        }

        @Test
        void late_unknownButThePlanRepeats_isGoneAgain() {
            TestWay way = late(1);
            rolledBack(step(way).repeatedWhenUncertain());
            hand.pass(DEADLINE.plusSeconds(3));
            assertThat(way.gone).hasSize(2);
        }

        @Test
        void late_allTries_takesTheNextWay() {
            TestWay way = late(99).recognisingKeys();
            TestWay other = TestWay.done("undo");
            Rollout rollout = rolledBack(step(way).attempts(2).orElse(other));
            hand.pass(DEADLINE.multipliedBy(2).plusSeconds(3));
            assertThat(way.gone).hasSize(2);
            assertThat(other.gone).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void late_lookUpThrows_isRepeatedThriceAndThenUnknown() {
            TestWay way = late(9).lookedUp(context -> {
                throw new IOException("503");
            });
            Rollout rollout = rolledBack(step(way));
            hand.pass(DEADLINE.plusSeconds(12));
            assertThat(way.lookedUp).hasSize(3);
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(found()).containsExactly("unknown");
            assertThat(rollout.status().needsHuman()).contains("it could not be looked up: 503");
        }

        @Test
        void late_lookUpThrowsOnce_isLookedUpAgain() {
            int[] looks = {0};
            TestWay way = late(9).lookedUp(context -> {
                if (looks[0]++ == 0) {
                    throw new IOException("503");
                }
                return Found.done("run 77 succeeded");
            });
            Rollout rollout = rolledBack(step(way));
            hand.pass(DEADLINE.plusSeconds(6));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        /** The lane gives it up while its thread still runs. */
        @Test
        void hanging_isGivenUpAtTheDeadlineAndLookedUp() {
            TestWay way = new TestWay("deploy", context -> {
                hand.pass(DEADLINE.plusSeconds(1));
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                return Done.done("too late to be heard");
            });
            way.lookedUp(context -> Found.done("run 77 succeeded"));
            Rollout rollout = rolledBack(step(way));
            hand.pass(Duration.ofSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(way.lookedUp).hasSize(1);
            assertThat(heard).contains(new RolloutEvent.StepDone("deploy", "deploy", "run 77 succeeded", "rollback4j"));
        }

        /** It may still act, whatever the target knows: with threads of their own. */
        @Test
        void hanging_evenWhenInterrupted_isNotGoneAgainWhileItsThreadRuns() throws Exception {
            CountDownLatch never = new CountDownLatch(1);
            AtomicInteger ended = new AtomicInteger();
            TestWay way = new TestWay("deploy", context -> {
                boolean isReleased = false;
                while (!isReleased) {
                    try {
                        never.await();
                        isReleased = true;
                    } catch (InterruptedException ignored) {
                        // As bad as it gets.
                    }
                }
                ended.incrementAndGet();
                return Done.done("deployed");
            });
            way.lookedUp(context -> Found.notDone("nothing there"));
            ExecutorService pool = Executors.newCachedThreadPool();
            try (Rollouts threaded = hand.builder().executor(pool).build()) {
                Rollout rollout =
                        threaded.start(plan().thenRun(step(way).attempts(9)).build());
                rollout.rollBack("ann", "wrong prices");
                passUntil(() -> way.lookedUp.size() >= 3);
                assertThat(way.gone).hasSize(1);
                never.countDown();
                passUntil(() -> rollout.state().phase() == Phase.ROLLED_BACK);
                assertThat(way.gone).as("now it is known to be over").hasSize(2);
                assertThat(ended).hasValue(2);
            } finally {
                never.countDown();
                pool.shutdownNow();
            }
        }

        private void passUntil(BooleanSupplier condition) {
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (!condition.getAsBoolean()) {
                assertThat(System.nanoTime()).as("waited 20 s in vain").isLessThan(end);
                hand.pass(Duration.ofMillis(100));
                LockSupport.parkNanos(1_000_000);
            }
        }

        /** Nothing of it has happened, so there is nothing to look up. */
        @Test
        void poolIsFull_isNoUncertainty() {
            TestWay way = TestWay.done("deploy");
            Rollout rollout = rollouts.start(plan().thenRun(step(way)).build());
            hand.hold();
            rollout.rollBack("ann", "wrong prices");
            hand.pass(Duration.ofSeconds(31));
            hand.release();
            hand.pass(Duration.ofSeconds(7));
            assertThat(way.lookedUp).isEmpty();
            assertThat(way.gone).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        static Stream<Exception> uncertain() {
            return Stream.of(
                    new TimeoutException(),
                    new InterruptedException(),
                    new SocketTimeoutException(),
                    new HttpTimeoutException("late"),
                    new ExecutionException(new TimeoutException()));
        }

        @ParameterizedTest
        @MethodSource("uncertain")
        void thrown_timeOutOrInterrupt_isUncertain(Exception thrown) {
            TestWay way = new TestWay("deploy", context -> {
                throw thrown;
            });
            Rollout rollout = rolledBack(step(way));
            hand.pass(Duration.ofMinutes(5));
            assertThat(way.gone).hasSize(1);
            assertThat(rollout.status().needsHuman()).startsWith("it is not known whether");
        }

        static Stream<Exception> certain() {
            return Stream.of(
                    new IOException(new TimeoutException()),
                    new HttpConnectTimeoutException("no connection"),
                    new IllegalStateException("refused"));
        }

        @ParameterizedTest
        @MethodSource("certain")
        void thrown_anythingElse_hasFailed(Exception thrown) {
            TestWay way = new TestWay("deploy", context -> {
                throw thrown;
            });
            Rollout rollout = rolledBack(step(way));
            hand.pass(Duration.ofMinutes(5));
            assertThat(way.gone).hasSize(3);
            assertThat(way.lookedUp).isEmpty();
            assertThat(rollout.status().needsHuman()).startsWith("step deploy failed 3 times");
        }
    }

    @Nested
    class AfterARestart {

        /** Leaves an intent without a result in the journal. */
        private Rollout killedWhileUnderWay(Step step) {
            RollbackPlan plan = plan().thenRun(step).build();
            hand.journal.refuses = event -> List.of("step-done", "step-failed", "rolled-back", "needs-human")
                    .contains(event.type());
            rollouts.start(plan).rollBack("ann", "wrong prices");
            hand.kill();
            hand.journal.refuses = event -> false;
            rollouts = open();
            return rollouts.start(plan);
        }

        @Test
        void intentWithoutResult_lookedUpAsDone_isDone_withTheReference() {
            TestWay way = new TestWay("deploy", context -> {
                context.sent().accept("run 77");
                return Done.done("deployed");
            });
            way.lookedUp(context -> Found.done("run " + context.reference() + " succeeded"));
            Rollout rollout = killedWhileUnderWay(step(way));
            hand.pass(DEADLINE.minusSeconds(1));
            assertThat(way.lookedUp).as("it may still arrive").isEmpty();
            hand.pass(Duration.ofSeconds(2));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(way.gone).hasSize(1);
            assertThat(way.lookedUp.get(0).reference()).isEqualTo("run 77");
            assertThat(way.lookedUp.get(0).idempotencyKey()).isEqualTo(ID + "/deploy");
        }

        @Test
        void intentWithoutResult_unknown_callsAHuman_andIsNotGoneAgain() {
            TestWay way = TestWay.done("deploy");
            Rollout rollout = killedWhileUnderWay(step(way));
            hand.pass(Duration.ofHours(1));
            assertThat(way.gone).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(rollout.status().needsHuman())
                    .startsWith("it is not known whether step deploy was done: way deploy was begun at")
                    .contains("the process ended before its end was known");
        }

        @Test
        void intentWithoutResult_unknownAndRestartedOnceMore_stillNeedsTheHuman() {
            TestWay way = TestWay.done("deploy");
            Rollout rollout = killedWhileUnderWay(step(way));
            hand.pass(DEADLINE.plusSeconds(1));
            rollouts.close();
            rollouts = open();
            rollout = rollouts.start(rollout.plan());
            hand.pass(Duration.ofHours(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(way.lookedUp).as("nothing runs by itself").hasSize(1);
            assertThat(rollout.status().needsHuman()).startsWith("it is not known whether step deploy was done");

            rollout.tryAgain("bob");
            hand.pass(Duration.ofSeconds(1));
            assertThat(way.gone).hasSize(2);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }

        @Test
        void intentWithoutResult_theOneTryOfAStep_isGoneAgainWhereItWasNotDone() {
            TestWay way = TestWay.done("deploy").lookedUp(context -> Found.notDone("nothing there"));
            Rollout rollout = killedWhileUnderWay(step(way).attempts(1));
            hand.pass(DEADLINE.plusSeconds(1));
            assertThat(way.gone).as("it was not the way that failed").hasSize(2);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(hand.types(ID)).doesNotContain("step-failed");
        }

        /** A way that brings the process down each time it is gone. */
        @Test
        void intentWithoutResult_againAndAgain_endsWithAHuman() {
            TestWay way = TestWay.done("deploy").lookedUp(context -> Found.notDone("nothing there"));
            Rollout rollout = killedWhileUnderWay(step(way).attempts(2));
            for (int i = 0; i < 5; i++) {
                hand.journal.refuses =
                        event -> List.of("step-done", "rolled-back").contains(event.type());
                hand.pass(DEADLINE.plusSeconds(5));
                hand.kill();
                hand.journal.refuses = event -> false;
                rollouts = open();
                rollout = rollouts.start(rollout.plan());
            }
            hand.pass(DEADLINE.plusSeconds(5));
            assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
            assertThat(way.gone.size()).isBetween(3, 5);
        }

        @ParameterizedTest
        @ValueSource(longs = {-86_400, 86_400})
        void wallClockWasSet_waitsNeitherForAYearNorLess(long seconds) {
            TestWay way = TestWay.done("deploy").lookedUp(context -> Found.done("run 77 succeeded"));
            RollbackPlan plan = plan().thenRun(step(way)).build();
            hand.journal.refuses = event -> List.of("step-done", "rolled-back").contains(event.type());
            rollouts.start(plan).rollBack("ann", "wrong prices");
            hand.kill();
            hand.journal.refuses = event -> false;
            rollouts =
                    hand.builder().clock(() -> ByHand.NOON.plusSeconds(seconds)).build();
            Rollout rollout = rollouts.start(plan);
            hand.pass(Duration.ofSeconds(1));
            assertThat(way.lookedUp).hasSize(seconds > 0 ? 1 : 0);
            hand.pass(DEADLINE.plusSeconds(5));
            assertThat(way.lookedUp).hasSize(1);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }

    @Nested
    class Sent {

        @Test
        void sent_isJournalledBeforeTheWayGoesOn() {
            List<String> before = new ArrayList<>();
            TestWay way = new TestWay("deploy", context -> {
                context.sent().accept("run 77");
                before.addAll(hand.types(ID));
                return Done.done("deployed");
            });
            rolledBack(step(way));
            assertThat(before).endsWith("step-intended", "step-sent");
            assertThat(heard).contains(new RolloutEvent.StepSent("deploy", "deploy", "run 77"));
        }

        @Test
        void sent_theNextTryIsToldTheReference() {
            int[] tries = {0};
            TestWay way = new TestWay("deploy", context -> {
                if (tries[0]++ == 0) {
                    context.sent().accept("run 77");
                    throw new IOException("cut off");
                }
                return Done.done("deployed");
            });
            rolledBack(step(way));
            hand.pass(Duration.ofSeconds(2));
            assertThat(way.gone).extracting(context -> context.reference()).containsExactly("", "run 77");
        }

        @Test
        void sent_journalIsAway_theWayGoesOn() {
            TestWay way = new TestWay("deploy", context -> {
                context.sent().accept("run 77");
                return Done.done("deployed");
            });
            Rollout rollout = rollouts.start(plan().thenRun(step(way)).build());
            hand.journal.refuses = event -> true;
            rollout.rollBack("ann", "wrong prices");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        }
    }
}
