package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.healthCheck;
import static io.github.rollback4j.signal.Signals.reading;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.WaysBack;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Everything that the host hands to the library throws, or hangs for good: with real threads and real time. */
@Tag("R-6")
class HostileSurroundingsTest {

    private final CountDownLatch never = new CountDownLatch(1);
    private Rollouts rollouts = Rollouts.builder().build();

    @AfterEach
    void close() {
        never.countDown();
        rollouts.close();
    }

    private void surroundedBy(Rollouts.Builder builder) {
        rollouts.close();
        rollouts = builder.tickInterval(Duration.ofMillis(10)).build();
    }

    private static RollbackPlan.Builder plan(String component) {
        return RollbackPlan.from(Release.of(component, "1"))
                .to(Release.of(component, "2"))
                .strategy(canary(50).bake(Duration.ofHours(1)))
                .watch(errorRate());
    }

    private double hang() {
        boolean interrupted = true;
        while (interrupted) {
            try {
                never.await();
                interrupted = false;
            } catch (InterruptedException ignored) {
                // As bad as it gets: an interrupt does not help.
            }
        }
        return 0;
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 20 s in vain").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Makes calls of which the candidate fails all, until the rollout reacts; stable's must all succeed. */
    private static void breakCandidate(Rollout rollout) {
        AtomicLong user = new AtomicLong();
        until(() -> {
            boolean[] candidate = new boolean[1];
            try {
                String answer = rollout.call("user-" + user.getAndIncrement(), () -> "stable", () -> {
                    candidate[0] = true;
                    throw new IllegalStateException("broken");
                });
                assertThat(answer).isEqualTo("stable");
            } catch (IllegalStateException broken) {
                assertThat(candidate[0])
                        .as("only the host's own exception comes through")
                        .isTrue();
            }
            return rollout.state().phase() != Phase.RUNNING;
        });
    }

    @Test
    void listener_throwsAndAnotherHangs_callsAndDecisionsGoOn() {
        surroundedBy(Rollouts.builder());
        AtomicBoolean heard = new AtomicBoolean();
        rollouts.addListener((rollout, event) -> {
            throw new IllegalStateException("listener");
        });
        rollouts.addListener((rollout, event) -> hang());
        rollouts.addListener((rollout, event) -> heard.set(true));

        Rollout rollout = rollouts.start(plan("checkout").build());
        breakCandidate(rollout);

        until(() -> rollout.state().phase() == Phase.ROLLED_BACK);
        assertThat(heard).isTrue();
    }

    @Test
    void gaugesAndHealthChecks_throwOrHang_areNoDataAndStopNothingElse() {
        surroundedBy(Rollouts.builder());
        AtomicBoolean isHostile = new AtomicBoolean();
        Rollout hostile = rollouts.start(watchingGauges("hostile", isHostile));
        Rollout other = rollouts.start(plan("other").build());
        until(() -> hostile.state().phase() == Phase.RUNNING);
        isHostile.set(true);
        until(() -> hostile.status().assessments().stream()
                .skip(1)
                .allMatch(found ->
                        found.verdict() == Verdict.NO_DATA && found.why().contains("no reading:")));

        breakCandidate(other);
        breakCandidate(hostile);

        assertThat(hostile.status().decision()).contains("evidence");
    }

    private RollbackPlan watchingGauges(String component, AtomicBoolean isHostile) {
        return plan(component)
                .watch(reading("hanging", () -> isHostile.get() ? hang() : 0)
                        .notAbove(1)
                        .every(Duration.ofMillis(100)))
                .watch(reading("throwing", () -> {
                            if (isHostile.get()) {
                                throw new IllegalStateException("gauge");
                            }
                            return 0;
                        })
                        .notAbove(1)
                        .every(Duration.ofMillis(100)))
                .watch(healthCheck("hanging-health", () -> !isHostile.get() || hang() > 0)
                        .every(Duration.ofMillis(100)))
                .build();
    }

    /** What cannot be watched is not exposed; nobody else has to wait for it. */
    @Test
    void gaugesAndHealthChecks_throwOrHangBeforeTheStart_keepThatRolloutFromStarting() {
        surroundedBy(Rollouts.builder());
        Rollout hostile = rollouts.start(watchingGauges("hostile", new AtomicBoolean(true)));
        Rollout other = rollouts.start(plan("other").build());

        breakCandidate(other);

        until(() -> hostile.status().notStarted().size() == 3);
        assertThat(hostile.status().notStarted())
                .containsExactly(
                        "meter hanging: no answer within PT0.1S",
                        "meter throwing: gauge",
                        "meter hanging-health: no answer within PT0.1S");
        assertThat(hostile.call("user", () -> "stable", () -> "candidate")).isEqualTo("stable");
        hostile.override("ann", "the meters are down, known");
        until(() -> hostile.state().phase() == Phase.RUNNING);
    }

    @Test
    void notifiers_ofAHundredGroupsHang_theRollbackRunsToItsEnd() {
        surroundedBy(Rollouts.builder());
        AtomicInteger hanging = new AtomicInteger();
        AtomicBoolean stepRan = new AtomicBoolean();
        Communication.Group[] groups = IntStream.range(0, 100)
                .mapToObj(i -> Communication.Group.of("group-" + i, "group", notifier(() -> {
                    hanging.incrementAndGet();
                    hang();
                })))
                .toArray(Communication.Group[]::new);
        Rollout rollout = rollouts.start(plan("checkout")
                .thenRun(WaysBack.switchBack("switch", () -> {
                    until(() -> hanging.get() >= 16);
                    stepRan.set(true);
                }))
                .communication(Communication.of(groups))
                .build());

        breakCandidate(rollout);

        until(() -> rollout.state().phase() == Phase.ROLLED_BACK);
        assertThat(stepRan).isTrue();
        until(() -> rollouts.journal().read(rollout.id()).stream()
                .anyMatch(entry -> entry.event().type().equals("rolled-back")));
        assertThat(hanging).as("the other threads are for journal and steps").hasValue(16);
        Rollout other = rollouts.start(plan("other").build());
        breakCandidate(other);
        until(() -> other.state().phase() == Phase.ROLLED_BACK);
    }

    private static Notifier notifier(Runnable sending) {
        return new Notifier() {
            @Override
            public String name() {
                return "hostile";
            }

            @Override
            public String description() {
                return "hostile: does what it likes";
            }

            @Override
            public Check.Result check() {
                return Check.Result.pass("it says");
            }

            @Override
            public void send(Message message) {
                sending.run();
            }
        };
    }

    @Test
    void journal_hangsAfterTheStart_trafficGoesBackAtOnce() {
        Journal memory = Journal.inMemory();
        AtomicBoolean hangs = new AtomicBoolean();
        surroundedBy(Rollouts.builder().journal(new FaultyJournal(memory) {
            @Override
            void fault() {
                if (hangs.get()) {
                    hang();
                }
            }
        }));
        Rollout rollout = rollouts.start(plan("checkout").build());
        hangs.set(true);

        breakCandidate(rollout);

        assertThat(rollout.status().share()).isZero();
        assertThat(rollout.status().decision()).contains("evidence");
    }

    @Test
    void journal_failsForAWhile_whatHappenedIsWrittenLater() {
        Journal memory = Journal.inMemory();
        AtomicBoolean fails = new AtomicBoolean();
        surroundedBy(Rollouts.builder().journal(new FaultyJournal(memory) {
            @Override
            void fault() {
                if (fails.get()) {
                    throw new IllegalStateException("disk full");
                }
            }
        }));
        Rollout rollout = rollouts.start(plan("checkout").build());
        fails.set(true);
        breakCandidate(rollout);
        until(() -> rollout.state().phase() == Phase.ROLLED_BACK);
        fails.set(false);

        until(() -> memory.read(rollout.id()).stream()
                .anyMatch(entry -> entry.event().type().equals("rolled-back")));

        assertThat(memory.read(rollout.id()))
                .extracting(entry -> entry.event().type())
                .containsSubsequence("decided", "rolled-back");
    }

    @Test
    @Tag("R-2")
    void journal_cannotBeRead_everythingStaysOnStable() {
        surroundedBy(Rollouts.builder().journal(new FaultyJournal(Journal.inMemory()) {
            @Override
            void fault() {
                throw new IllegalStateException("connection refused");
            }
        }));
        Rollout rollout = rollouts.start(plan("checkout").build());

        assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
        assertThat(rollout.status().notStarted().get(0)).contains("connection refused");
        assertThat(rollout.call("user", () -> "stable", () -> "candidate")).isEqualTo("stable");
    }

    @Test
    void rules_throw_callsPassUnharmed() {
        surroundedBy(Rollouts.builder());
        Rollout rollout = rollouts.start(plan("checkout")
                .audience(Audience.everyone().candidateWhen("throwing", subject -> {
                    throw new IllegalStateException("audience");
                }))
                .outcomes(OutcomeRules.defaults().failOnResult("throwing", result -> {
                    throw new IllegalStateException("predicate");
                }))
                .build());
        for (int i = 0; i < 100; i++) {
            assertThat(rollout.call("user-" + i, () -> "stable", () -> "candidate"))
                    .isEqualTo("stable");
        }
    }

    @Test
    void clock_goesBackwardsAndThrows_decidesAllTheSame() {
        AtomicLong nanos = new AtomicLong(1_000_000_000_000L);
        AtomicLong calls = new AtomicLong();
        surroundedBy(Rollouts.builder()
                .ticker(() -> {
                    long call = calls.incrementAndGet();
                    if (call % 5 == 0) {
                        throw new IllegalStateException("clock");
                    }
                    return call % 3 == 0 ? nanos.addAndGet(-50_000_000) : nanos.addAndGet(40_000_000);
                })
                .clock(() -> {
                    throw new IllegalStateException("wall clock");
                }));
        Rollout rollout = rollouts.start(plan("checkout").build());

        breakCandidate(rollout);

        assertThat(rollout.status().share()).isZero();
    }

    private abstract static class FaultyJournal implements Journal {
        private final Journal journal;

        FaultyJournal(Journal journal) {
            this.journal = journal;
        }

        abstract void fault();

        @Override
        public long append(String rolloutId, long expectedSequence, long fencingToken, Journal.Event event)
                throws RollbackException {
            fault();
            return journal.append(rolloutId, expectedSequence, fencingToken, event);
        }

        @Override
        public List<Entry> read(String rolloutId) {
            fault();
            return journal.read(rolloutId);
        }

        @Override
        public List<String> rolloutIds() {
            return journal.rolloutIds();
        }

        @Override
        public boolean isDurable() {
            return false;
        }
    }
}
