package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several processes that share one rollout, in virtual time. */
class FleetTest {

    private static final Release V1 = Release.of("checkout", "1.4.2");
    private static final Release V2 = Release.of("checkout", "1.5.0");
    private static final String ID = "checkout:1.4.2..1.5.0#1";

    private final VirtualTime time = VirtualTime.create();
    private final SharedMemoryStore store = SharedMemoryStore.create(time::nanos);
    private final SplittableRandom random = new SplittableRandom(7);
    private final List<Process> processes = new ArrayList<>();
    private final List<String> stepsTaken = new ArrayList<>();
    private long started;
    private final AtomicBoolean isOpen = new AtomicBoolean();

    /** A process of its own, as far as anybody can tell. */
    private final class Process {
        final SharedMemoryStore.Connection connection = store.connect();
        final Rollouts rollouts;
        Rollout rollout;
        long candidateCalls;

        Process(int number) {
            this(number, Duration.ofSeconds(10));
        }

        Process(int number, Duration lease) {
            // A restart has other random numbers, as another process has.
            rollouts = time.rollouts(++started)
                    .journal(connection)
                    .host("host-" + number)
                    .pollInterval(Duration.ofMillis(250))
                    .leaseDuration(lease)
                    .build();
        }

        Process start(RollbackPlan plan) {
            rollout = rollouts.start(plan);
            return this;
        }

        void call(double stableFailures, double candidateFailures) {
            long ticket = rollout.enter(random.nextLong(100_000));
            boolean isCandidate = Ticket.isCandidate(ticket);
            candidateCalls += isCandidate ? 1 : 0;
            boolean isFailure = random.nextDouble() < (isCandidate ? candidateFailures : stableFailures);
            rollout.exit(ticket, time.nanos(), isFailure ? Outcome.FAILURE : Outcome.SUCCESS);
        }
    }

    private final class Recorded implements RollbackStrategy {
        @Override
        public String name() {
            return "flag";
        }

        @Override
        public String description() {
            return "flag: recorded";
        }

        @Override
        public Check.Result check(Context context) {
            return Check.Result.pass("it is there");
        }

        @Override
        public Done rollBack(Context context) {
            stepsTaken.add(context.idempotencyKey());
            return Done.done("off");
        }
    }

    /** A journal whose process stands still once an intent to take a step is written. */
    private record Stopping(Journal behind, Runnable standStill) implements Journal {
        @Override
        public long append(String rolloutId, long expectedSequence, long fencingToken, Event event) {
            long sequence = behind.append(rolloutId, expectedSequence, fencingToken, event);
            if (event.type().equals("step-intended")) {
                standStill.run();
            }
            return sequence;
        }

        @Override
        public List<Entry> read(String rolloutId) {
            return behind.read(rolloutId);
        }

        @Override
        public List<String> rolloutIds() {
            return behind.rolloutIds();
        }

        @Override
        public boolean isDurable() {
            return behind.isDurable();
        }

        @Override
        public Fleet fleet() {
            return behind.fleet();
        }
    }

    private RollbackPlan.Builder plan() {
        return RollbackPlan.from(V1)
                .to(V2)
                .strategy(canary(10, 50)
                        .bake(Duration.ofMinutes(5))
                        .leastCalls(10)
                        .thenPromote())
                .watch(errorRate())
                .thenRun(new Recorded());
    }

    private List<Process> start(int number, RollbackPlan plan) {
        IntStream.range(0, number).forEach(i -> processes.add(new Process(i)));
        processes.forEach(process -> process.start(plan));
        time.advance(Duration.ofSeconds(2));
        return processes;
    }

    private void serve(Duration duration, int callsATenth, double stableFailures, double candidateFailures) {
        for (long end = time.nanos() + duration.toNanos(); time.nanos() < end; ) {
            for (int i = 0; i < callsATenth; i++) {
                processes.get(random.nextInt(processes.size())).call(stableFailures, candidateFailures);
            }
            time.advance(Duration.ofMillis(100));
        }
    }

    private List<Phase> phases() {
        return processes.stream()
                .map(process -> process.rollout.state().phase())
                .toList();
    }

    private long happened(String type) {
        return store.read(ID).stream()
                .filter(entry -> entry.event().type().equals(type))
                .count();
    }

    @AfterEach
    void close() {
        processes.forEach(process -> process.rollouts.close());
    }

    @Nested
    class OneRollout {

        @Test
        @Tag("R-2")
        void start_journalAway_thenStartedAgain_runsOnlyFromThenOn() {
            Process process = new Process(0);
            processes.add(process);
            process.connection.cut();
            process.start(plan().build());
            process.connection.mend();
            time.advance(Duration.ofSeconds(20));
            assertThat(store.read(ID)).isEmpty();
            assertThat(store.fleet().members(ID)).isEmpty();
            process.start(plan().build());
            time.advance(Duration.ofSeconds(2));
            assertThat(phases()).containsOnly(Phase.RUNNING);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 10})
        @Tag("R-3")
        void start_severalAtOnce_haveOneShareAndTheSameKeys(int number) {
            start(number, plan().build());
            assertThat(phases()).containsOnly(Phase.RUNNING);
            assertThat(happened("planned")).isOne();
            assertThat(happened("started")).isOne();
            for (long key = 0; key < 1_000; key++) {
                Arm arm = processes.get(0).rollout.route(key);
                for (Process process : processes) {
                    assertThat(process.rollout.route(key)).isEqualTo(arm);
                }
            }
            assertThat(processes.get(0).rollout.status().share()).isEqualTo(0.1);
        }

        @Test
        void grow_healthyCandidate_isPromotedEverywhere() {
            start(3, plan().build());
            serve(Duration.ofMinutes(11), 5, 0.01, 0.01);
            assertThat(phases()).containsOnly(Phase.PROMOTED);
            assertThat(happened("promoted")).isOne();
            assertThat(happened("decided")).isZero();
            time.advance(Duration.ofMinutes(61));
            assertThat(happened("window-closed")).isOne();
            assertThat(processes).allMatch(process -> !process.rollout.state().windowOpen());
        }

        @ParameterizedTest
        @ValueSource(ints = {2, 10})
        @Tag("R-2")
        void decide_candidateThatAllSeeALittle_isRolledBackByAllTogether(int number) {
            start(number, plan().build());
            serve(Duration.ofSeconds(60), 10, 0.01, 0.1);
            assertThat(phases()).containsOnly(Phase.ROLLED_BACK);
            assertThat(happened("decided")).isOne();
            assertThat(stepsTaken).containsExactly(ID + "/flag");
            long candidateCalls = processes.stream()
                    .mapToLong(process -> process.candidateCalls)
                    .sum();
            serve(Duration.ofSeconds(5), 10, 0.01, 0.1);
            assertThat(processes.stream()
                            .mapToLong(process -> process.candidateCalls)
                            .sum())
                    .isEqualTo(candidateCalls);
        }

        @Test
        @Tag("R-2")
        void rollBack_byAPerson_stopsEveryInstanceWithinThePollInterval() {
            start(5, plan().build());
            serve(Duration.ofSeconds(5), 10, 0.01, 0.01);
            processes.get(3).rollout.rollBack("ann", "wrong prices");
            time.advance(Duration.ofMillis(1_300));
            assertThat(phases()).allMatch(phase -> phase == Phase.ROLLED_BACK || phase == Phase.ROLLING_BACK);
            long before = processes.stream()
                    .mapToLong(process -> process.candidateCalls)
                    .sum();
            serve(Duration.ofSeconds(2), 10, 0.01, 0.01);
            assertThat(processes.stream()
                            .mapToLong(process -> process.candidateCalls)
                            .sum())
                    .isEqualTo(before);
            assertThat(happened("decided")).isOne();
        }

        /** What both releases need is gone: the fault of neither, and nothing that fewer instances would mend. */
        @Test
        @Tag("R-14")
        void sharedDependencyDies_everyInstanceGoesOnServing_alsoAfterARollback() {
            start(10, plan().build());
            serve(Duration.ofSeconds(30), 20, 1, 1);
            assertThat(phases()).containsOnly(Phase.RUNNING);
            processes.get(3).rollout.rollBack("ann", "sure is sure");
            time.advance(Duration.ofSeconds(3));
            serve(Duration.ofSeconds(30), 20, 1, 1);
            assertThat(phases()).containsOnly(Phase.ROLLED_BACK);
            for (Process process : processes) {
                for (int key = 0; key < 100; key++) {
                    assertThat(process.rollout.call("user-" + key, () -> "stable", () -> "candidate"))
                            .isEqualTo("stable");
                }
            }
        }

        @Test
        void pauseAndResume_onAnyInstance_holdForAll() {
            start(3, plan().build());
            processes.get(2).rollout.pause("ann", "looking");
            time.advance(Duration.ofSeconds(2));
            assertThat(phases()).containsOnly(Phase.PAUSED);
            processes.get(1).rollout.resume("ann");
            time.advance(Duration.ofSeconds(2));
            assertThat(phases()).containsOnly(Phase.RUNNING);
            assertThat(happened("answered")).isEqualTo(happened("requested"));
        }
    }

    @Test
    void build_journalReadTooRarelyForTheLease_isRefused() {
        Rollouts.Builder builder = time.rollouts(1).journal(store.connect()).pollInterval(Duration.ofSeconds(1));
        assertThatThrownBy(() -> builder.leaseDuration(Duration.ofSeconds(3)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pollInterval PT1S")
                .hasMessageContaining("leaseDuration PT3S");
        assertThatThrownBy(() -> builder.leaseDuration(Duration.ofMillis(999)))
                .hasMessageContaining("leaseDuration PT0.999S is not allowed: 1 s to 5 min is");
        assertThatThrownBy(() -> builder.leaseDuration(Duration.ofSeconds(301)))
                .hasMessageContaining("leaseDuration PT5M1S");
        builder.leaseDuration(Duration.ofSeconds(4)).build().close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 60})
    void leaseDuration_ofWhoLeadsAndIsCut_isHowLongTheOtherWaits(int seconds) {
        for (int number = 0; number < 2; number++) {
            Process process = new Process(number, Duration.ofSeconds(seconds));
            processes.add(process);
            process.start(plan().build());
            time.advance(Duration.ofSeconds(2));
        }
        long ledBefore = happened("led");
        processes.get(0).connection.cut();
        time.advance(Duration.ofMillis(seconds * 700L));
        assertThat(happened("led")).isEqualTo(ledBefore);
        time.advance(Duration.ofMillis(seconds * 600L + 500));
        assertThat(happened("led")).isEqualTo(ledBefore + 1);
    }

    @Test
    @Tag("R-2")
    void start_journalCannotBeRead_exposesNobodyThroughThisHandle_evenIfItCanBeReadLater() {
        start(1, plan().build());
        Process late = new Process(1);
        processes.add(late);
        late.connection.cut();
        late.start(plan().build());
        late.connection.mend();
        time.advance(Duration.ofSeconds(30));
        for (long key = 0; key < 1_000; key++) {
            assertThat(late.rollout.route(key)).isEqualTo(Arm.STABLE);
        }
        late.start(plan().build());
        time.advance(Duration.ofSeconds(2));
        for (long key = 0; key < 1_000; key++) {
            assertThat(late.rollout.route(key))
                    .isEqualTo(processes.get(0).rollout.route(key));
        }
    }

    @Test
    @Tag("R-2")
    void read_exposureAndDecisionTogether_exposesNobodyInBetween() {
        Process leader = new Process(0);
        processes.add(leader);
        List<Arm> served = new ArrayList<>();
        List<Rollout> behind = new ArrayList<>();
        SharedMemoryStore.Connection connection = store.connect();
        Rollouts rollouts = time.rollouts(7)
                .clock(() -> {
                    // Asked at each change of the exposure.
                    behind.forEach(rollout -> LongStream.range(0, 100).forEach(key -> served.add(rollout.route(key))));
                    return time.now();
                })
                .journal(connection)
                .build();
        try (rollouts) {
            RollbackPlan plan = plan().beforeStart(
                            "open", () -> isOpen.get() ? Check.Result.pass("yes") : Check.Result.fail("no"))
                    .build();
            leader.start(plan);
            behind.add(rollouts.start(plan));
            time.advance(Duration.ofSeconds(2));
            connection.cut();
            isOpen.set(true);
            time.advance(Duration.ofSeconds(10));
            assertThat(leader.rollout.state().phase()).isEqualTo(Phase.RUNNING);
            leader.rollout.rollBack("ann", "wrong prices");
            time.advance(Duration.ofSeconds(2));
            connection.mend();
            time.advance(Duration.ofSeconds(2));
            assertThat(behind.get(0).state().phase()).isEqualTo(Phase.ROLLED_BACK);
            assertThat(served).isNotEmpty().containsOnly(Arm.STABLE);
        }
    }

    @Nested
    class OneThatLeads {

        private Process leader() {
            List<Journal.Entry> entries = store.read(ID);
            String last = "";
            for (Journal.Entry entry : entries) {
                if (entry.event().type().equals("led")) {
                    last = entry.event().data().getOrDefault("host", "");
                }
            }
            String host = last;
            return processes.stream()
                    .filter(process -> host.equals("host-" + processes.indexOf(process)))
                    .findFirst()
                    .orElse(processes.get(0));
        }

        @Test
        @Tag("R-4")
        void cut_whileItRollsBack_anotherGoesOn_andNoStepIsTakenTwice() {
            start(3, plan().build());
            serve(Duration.ofSeconds(5), 5, 0.01, 0.01);
            Process leader = leader();
            leader.connection.cut();
            // It sees the regression itself, and can tell nobody.
            for (int i = 0; i < 400; i++) {
                leader.call(0, 1);
            }
            time.advance(Duration.ofSeconds(1));
            assertThat(leader.rollout.route(firstCandidateKey())).isEqualTo(Arm.STABLE);
            time.advance(Duration.ofSeconds(15));
            assertThat(happened("led")).isGreaterThanOrEqualTo(1);
            leader.connection.mend();
            time.advance(Duration.ofSeconds(15));
            assertThat(phases()).containsOnly(Phase.ROLLED_BACK);
            assertThat(stepsTaken).containsExactly(ID + "/flag");
        }

        @Test
        @Tag("R-4")
        void standStill_betweenTheIntentAndTheStep_whoLeadsNoLongerDoesNotTakeIt() {
            SharedMemoryStore.Connection connection = store.connect();
            AtomicLong stoodStill = new AtomicLong();
            // As a process that was stopped as a whole, and finds when it wakes that it is half a minute later.
            Journal stopping = new Stopping(connection, () -> {
                stoodStill.addAndGet(30_000_000_000L);
                connection.cut();
            });
            Rollouts rollouts = time.rollouts(7)
                    .ticker(() -> time.nanos() + stoodStill.get())
                    .journal(stopping)
                    .build();
            try (rollouts) {
                Rollout rollout = rollouts.start(plan().build());
                time.advance(Duration.ofSeconds(2));
                rollout.rollBack("ann", "wrong prices");
                time.advance(Duration.ofSeconds(10));
                assertThat(stoodStill).hasPositiveValue();
                assertThat(stepsTaken).isEmpty();
                assertThat(rollout.route(0L)).isEqualTo(Arm.STABLE);
            }
        }

        private long firstCandidateKey() {
            Process other = processes.get(1) == leader() ? processes.get(2) : processes.get(1);
            long key = 0;
            while (other.rollout.route(key) != Arm.CANDIDATE) {
                key++;
            }
            return key;
        }

        @Test
        void close_ofTheLeader_anotherLeadsAtOnce() {
            start(3, plan().build());
            Process leader = leader();
            leader.rollouts.close();
            processes.remove(leader);
            time.advance(Duration.ofSeconds(3));
            serve(Duration.ofSeconds(60), 10, 0.01, 0.3);
            assertThat(phases()).containsOnly(Phase.ROLLED_BACK);
        }

        @Test
        @Tag("R-6")
        void cut_allButTheStore_localEvidenceStillProtects() {
            start(4, plan().build());
            processes.forEach(process -> process.connection.cut());
            time.advance(Duration.ofSeconds(20));
            serve(Duration.ofSeconds(120), 20, 0, 1);
            long before = processes.stream()
                    .mapToLong(process -> process.candidateCalls)
                    .sum();
            serve(Duration.ofSeconds(30), 20, 0, 1);
            assertThat(processes.stream()
                            .mapToLong(process -> process.candidateCalls)
                            .sum())
                    .isEqualTo(before);
            processes.forEach(process -> process.connection.mend());
            time.advance(Duration.ofSeconds(20));
            assertThat(phases()).containsOnly(Phase.ROLLED_BACK);
            assertThat(stepsTaken).hasSize(1);
        }
    }

    @Nested
    class Restarts {

        @Test
        @Tag("R-1")
        void start_again_goesOnWithTheEvidenceOfBefore() {
            start(1, plan().build());
            serve(Duration.ofSeconds(30), 5, 0.01, 0.05);
            double before = evidence(processes.get(0));
            processes.get(0).rollouts.close();
            processes.set(0, new Process(1).start(plan().build()));
            time.advance(Duration.ofSeconds(12));
            assertThat(evidence(processes.get(0))).isBetween(before - 0.2, before + 0.2);
            assertThat(processes.get(0).rollout.status().totals().candidateCalls())
                    .isGreaterThan(50);
        }

        private double evidence(Process process) {
            return process.rollout.status().assessments().get(0).log10Evidence();
        }

        @Test
        @Tag("R-2")
        void start_again_afterARollback_staysOnStable() {
            start(2, plan().build());
            processes.get(0).rollout.rollBack("ann", "wrong prices");
            time.advance(Duration.ofSeconds(3));
            processes.get(1).rollouts.close();
            processes.set(1, new Process(5).start(plan().build()));
            assertThat(phases()).containsOnly(Phase.ROLLED_BACK);
        }

        @Test
        void retry_onOneInstance_isJoinedByTheOthers_whicheverWayTheyAsk() {
            RollbackPlan plan = plan().build();
            start(3, plan);
            processes.get(0).rollout.rollBack("ann", "wrong prices");
            time.advance(Duration.ofSeconds(3));
            processes.get(0).rollout = processes.get(0).rollouts.retry(plan, "ann", "right again");
            processes.get(1).rollout = processes.get(1).rollouts.retry(plan, "bob", "right again");
            processes.get(2).start(plan);
            time.advance(Duration.ofSeconds(3));
            assertThat(processes).allMatch(process -> process.rollout.id().endsWith("#2"));
            assertThat(phases()).containsOnly(Phase.RUNNING);
        }

        @Test
        void start_again_whileTheCandidateKeepsKillingTheProcess_isRolledBack() {
            start(1, plan().build());
            for (int i = 0; i < 3; i++) {
                serve(Duration.ofSeconds(3), 5, 0.01, 0.01);
                // Killed: it says nothing more.
                processes.get(0).connection.cut();
                processes.set(0, new Process(0).start(plan().build()));
                time.advance(Duration.ofSeconds(15));
            }
            assertThat(phases()).containsOnly(Phase.ROLLED_BACK);
            assertThat(store.read(ID).stream()
                            .filter(entry -> entry.event().type().equals("decided"))
                            .map(entry -> entry.event().data().get("signal")))
                    .containsExactly("boot-loop");
        }

        @Test
        void joining_later_servesTheSameShare() {
            start(2, plan().build());
            serve(Duration.ofMinutes(6), 5, 0.01, 0.01);
            processes.add(new Process(7).start(plan().build()));
            time.advance(Duration.ofSeconds(2));
            assertThat(processes.get(2).rollout.status().share()).isEqualTo(0.5);
            serve(Duration.ofMinutes(6), 5, 0.01, 0.01);
            assertThat(phases()).containsOnly(Phase.PROMOTED);
        }
    }

    @Test
    void edges_ofLatencies_areTheSameForAll() {
        start(2, plan().watch(latency().warmUp(Duration.ofSeconds(1))).build());
        for (int i = 0; i < 400; i++) {
            for (Process process : processes) {
                for (int call = 0; call < 20; call++) {
                    long ticket = process.rollout.enter(random.nextLong(1_000_000));
                    process.rollout.exitAfter(
                            ticket,
                            (Ticket.isCandidate(ticket) ? 3 : 1) * (1_000_000 + random.nextLong(1_000_000)),
                            Outcome.SUCCESS);
                }
            }
            time.advance(Duration.ofMillis(100));
        }
        assertThat(happened("edges-frozen")).isGreaterThanOrEqualTo(1);
        assertThat(phases()).containsOnly(Phase.ROLLED_BACK);
        assertThat(store.read(ID).stream()
                        .filter(entry -> entry.event().type().equals("decided"))
                        .findFirst()
                        .orElseThrow()
                        .event()
                        .data())
                .containsEntry("signal", "latency");
    }
}
