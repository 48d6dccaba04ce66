package io.github.rollback4j.test;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ten instances of a release, some of the one before it beside them, and a dependency that dies, in virtual time. */
class DeploymentOfFleetTest {

    private static final Release V1 = Release.of("checkout", "1.4.2");
    private static final Release V2 = Release.of("checkout", "1.5.0");
    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final int CANDIDATES = 10;

    private final VirtualTime time = VirtualTime.create();
    private final SharedMemoryStore store = SharedMemoryStore.create(time::nanos);
    private final SplittableRandom random = new SplittableRandom(17);
    private final List<Instance> candidates = new ArrayList<>();
    private final List<Instance> stables = new ArrayList<>();
    private long started;
    private int mostRefusing;
    private int fewestServing = Integer.MAX_VALUE;

    /** How many candidates may refuse at every instant, and how many must serve. */
    private int maxRefusing = 1;

    private final class Instance {
        final SharedMemoryStore.Connection connection = store.connect();
        final Rollouts rollouts = time.rollouts(++started)
                .journal(connection)
                .host("host-" + started)
                .pollInterval(Duration.ofMillis(250))
                .build();
        Rollout rollout;
        Rollouts.Serving serving;
        boolean isDead;

        void call(double failing) {
            if (isDead) {
                return;
            }
            Outcome outcome = random.nextDouble() < failing ? Outcome.FAILURE : Outcome.SUCCESS;
            if (serving != null) {
                serving.record(outcome);
            } else if (!rollout.isRefusing()) {
                rollout.exit(rollout.enter(), time.nanos(), outcome);
            }
        }

        /** Dies: it is heard of no more, and nobody can ask it. */
        void die() {
            connection.cut();
            isDead = true;
        }

        boolean serves() {
            return !isDead && (serving != null || !rollout.isRefusing());
        }
    }

    private RollbackPlan plan(RolloutStrategy strategy) {
        return RollbackPlan.from(V1)
                .to(V2)
                .mode(Mode.ACT)
                .strategy(strategy)
                .watch(errorRate())
                .build();
    }

    private static RolloutStrategy strategy() {
        return deployment().bake(Duration.ofHours(2)).drain(Duration.ofSeconds(20));
    }

    @BeforeEach
    void leaveBaseline() {
        startStable(1);
        serve(Duration.ofMinutes(62), Duration.ofSeconds(1), 0, .001);
        assertThat(store.read("serving:checkout:1.4.2")).isNotEmpty();
    }

    private void startStable(int number) {
        for (int i = 0; i < number; i++) {
            Instance instance = new Instance();
            instance.serving = instance.rollouts.serve(V1);
            stables.add(instance);
        }
    }

    private void stopStable() {
        stables.forEach(instance -> {
            instance.serving.close();
            instance.rollouts.close();
        });
        stables.clear();
    }

    private void startCandidates(RolloutStrategy strategy) {
        for (int i = 0; i < CANDIDATES; i++) {
            Instance instance = new Instance();
            instance.rollout = instance.rollouts.start(plan(strategy));
            candidates.add(instance);
        }
        time.advance(Duration.ofSeconds(3));
    }

    private void look() {
        int refusing = (int) candidates.stream()
                .filter(one -> !one.isDead && one.rollout.isRefusing())
                .count();
        int serving = (int) candidates.stream().filter(Instance::serves).count();
        int alive = (int) candidates.stream().filter(one -> !one.isDead).count();
        int all = serving + (int) stables.stream().filter(Instance::serves).count();
        mostRefusing = Math.max(mostRefusing, refusing);
        if (!candidates.isEmpty()) {
            fewestServing = Math.min(fewestServing, serving);
            assertThat(refusing).isLessThanOrEqualTo(maxRefusing);
            assertThat(serving).isGreaterThanOrEqualTo(alive - maxRefusing);
            assertThat(all).isPositive();
        }
    }

    private void serve(Duration duration, Duration step, double failing, double stableFailing) {
        for (long end = time.nanos() + duration.toNanos(); time.nanos() < end; ) {
            for (int i = 0; i < 4; i++) {
                candidates.forEach(one -> one.call(failing));
                stables.forEach(one -> one.call(stableFailing));
            }
            time.advance(step);
            look();
        }
    }

    private void serve(Duration duration, double failing, double stableFailing) {
        serve(duration, Duration.ofMillis(100), failing, stableFailing);
    }

    private boolean until(Duration longest, double failing, double stableFailing, BooleanSupplier isSo) {
        for (long end = time.nanos() + longest.toNanos(); time.nanos() < end && !isSo.getAsBoolean(); ) {
            serve(Duration.ofMillis(500), failing, stableFailing);
        }
        return isSo.getAsBoolean();
    }

    private long refusing() {
        return candidates.stream()
                .filter(one -> !one.isDead && one.rollout.isRefusing())
                .count();
    }

    private Instance firstRefusing() {
        return candidates.stream()
                .filter(one -> !one.isDead && one.rollout.isRefusing())
                .findFirst()
                .orElseThrow();
    }

    private Phase phase() {
        return candidates.stream()
                .filter(one -> !one.isDead)
                .findFirst()
                .orElseThrow()
                .rollout
                .state()
                .phase();
    }

    @AfterEach
    void close() {
        // Who cannot write its last words waits for the store, by real time.
        candidates.forEach(one -> one.connection.mend());
        candidates.forEach(one -> one.rollouts.close());
        stables.forEach(one -> one.rollouts.close());
    }

    /** What only the candidate uses dies; stable serves beside it. */
    @Test
    @Tag("R-14")
    void brokenCandidate_stableServes_oneInstanceRefusesAtATime() {
        startStable(2);
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        assertThat(phase()).isEqualTo(Phase.RUNNING);
        assertThat(until(Duration.ofMinutes(1), 1, .001, () -> refusing() == 1)).isTrue();
        serve(Duration.ofMinutes(1), 1, .001);
        assertThat(phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(mostRefusing).isEqualTo(1);
        assertThat(fewestServing).isEqualTo(CANDIDATES - 1);
    }

    @Test
    @Tag("R-14")
    void brokenCandidate_threeMayRefuse_threeDo() {
        maxRefusing = 3;
        startCandidates(strategy().maxRefusing(3));
        serve(Duration.ofSeconds(30), .001, .001);
        serve(Duration.ofMinutes(2), 1, .001);
        assertThat(mostRefusing).isEqualTo(3);
        assertThat(refusing()).isEqualTo(3);
    }

    /** The dependency is shared: stable's calls of the same time show that it is not the candidate. */
    @Test
    @Tag("R-14")
    void sharedDependencyDies_stableServesBeside_nobodyRefuses() {
        startStable(2);
        startCandidates(strategy());
        serve(Duration.ofSeconds(33), .001, .001);
        serve(Duration.ofMinutes(5), 1, 1);
        assertThat(phase()).isEqualTo(Phase.RUNNING);
        assertThat(mostRefusing).isZero();
    }

    /** The dependency is shared, and stable is gone: what was before says regressed, but nobody else serves. */
    @Test
    @Tag("R-14")
    void sharedDependencyDies_noStableInstance_nobodyRefuses() {
        stopStable();
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, 0);
        serve(Duration.ofMinutes(3), 1, 0);
        assertThat(phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(mostRefusing).isZero();
        assertThat(fewestServing).isEqualTo(CANDIDATES);
    }

    @Test
    @Tag("R-14")
    void stableDisappears_whoRefusesServesAgain() {
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        assertThat(until(Duration.ofMinutes(1), 1, .001, () -> refusing() == 1)).isTrue();
        stopStable();
        serve(Duration.ofSeconds(3), 1, 0);
        assertThat(refusing()).isZero();
        serve(Duration.ofMinutes(1), 1, 0);
        assertThat(refusing()).isZero();
    }

    /** Stable is killed: it is known to serve until it was silent for a lease. */
    @Test
    @Tag("R-14")
    void stableIsKilled_whoRefusesServesAgainAfterALease() {
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        assertThat(until(Duration.ofMinutes(1), 1, .001, () -> refusing() == 1)).isTrue();
        stables.forEach(Instance::die);
        serve(Duration.ofSeconds(13), 1, 0);
        assertThat(refusing()).isZero();
    }

    @Test
    @Tag("R-14")
    void storeGoesAway_nobodyNewlyRefuses_andWhoRefusesServesAgain() {
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        assertThat(until(Duration.ofMinutes(1), 1, .001, () -> refusing() == 1)).isTrue();
        candidates.forEach(one -> one.connection.cut());
        serve(Duration.ofSeconds(12), 1, .001);
        assertThat(refusing()).isZero();
        serve(Duration.ofMinutes(2), 1, .001);
        assertThat(refusing()).isZero();
        candidates.forEach(one -> one.connection.mend());
        serve(Duration.ofMinutes(1), 1, .001);
        assertThat(refusing()).isEqualTo(1);
    }

    @Test
    @Tag("R-14")
    void storeAwayBeforeTheFailure_nobodyRefuses() {
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        candidates.forEach(one -> one.connection.cut());
        serve(Duration.ofMinutes(2), 1, .001);
        assertThat(mostRefusing).isZero();
    }

    /** Who refuses is cut off from the store, alone: it serves again before another may refuse. */
    @Test
    @Tag("R-14")
    void refusingInstanceIsCutOff_neverTwoRefuse() {
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        assertThat(until(Duration.ofMinutes(1), 1, .001, () -> refusing() == 1)).isTrue();
        Instance cut = firstRefusing();
        cut.connection.cut();
        serve(Duration.ofSeconds(12), 1, .001);
        assertThat(refusing()).isZero();
        assertThat(until(Duration.ofMinutes(1), 1, .001, () -> refusing() == 1)).isTrue();
        assertThat(firstRefusing()).isNotSameAs(cut);
        cut.connection.mend();
        serve(Duration.ofMinutes(1), 1, .001);
        assertThat(mostRefusing).isEqualTo(1);
    }

    @Test
    @Tag("R-14")
    void instancesDie_oneAfterTheOther_neverTwoRefuse() {
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        for (int i = 0; i < CANDIDATES - 1; i++) {
            assertThat(until(Duration.ofMinutes(2), 1, .001, () -> refusing() == 1))
                    .isTrue();
            (i % 2 == 0
                            ? firstRefusing()
                            : candidates.stream()
                                    .filter(one -> !one.isDead && !one.rollout.isRefusing())
                                    .findFirst()
                                    .orElseThrow())
                    .die();
        }
        serve(Duration.ofMinutes(1), 1, .001);
        assertThat(mostRefusing).isEqualTo(1);
    }

    /** One that was told to serve may not have read it yet: for two leases its place is its own, also for the first in line. */
    @Test
    @Tag("R-14")
    void stableFlaps_placeStaysWithWhoHadIt() {
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        Instance first = candidates.get(0);
        first.connection.cut();
        assertThat(until(Duration.ofMinutes(2), 1, .001, () -> refusing() == 1)).isTrue();
        first.connection.mend();
        serve(Duration.ofSeconds(5), 1, .001);
        stopStable();
        serve(Duration.ofSeconds(3), 1, 0);
        assertThat(refusing()).isZero();
        startStable(1);
        serve(Duration.ofMinutes(1), 1, .001);
        List<String> places = store.read(ID).stream()
                .filter(entry -> entry.event().type().startsWith("traffic-"))
                .map(entry -> entry.event().type() + " " + entry.event().data().get("instance"))
                .toList();
        // Until it was silent for long enough the first in line had the place.
        String holder = places.get(places.size() - 1);
        assertThat(places.subList(places.size() - 3, places.size()))
                .containsExactly(holder, holder.replace("traffic-refused", "traffic-resumed"), holder);
        assertThat(holder).doesNotContain("host-2-");
        assertThat(mostRefusing).isEqualTo(1);
    }

    /** Two releases that each would go back to the other: neither has proved itself to the other's eyes. */
    @Test
    @Tag("R-14")
    void stableIsItselfACandidate_isNoStableCapacity() {
        Release other = Release.of("payment", "1");
        Release another = Release.of("payment", "2");
        for (Release[] way : new Release[][] {{other, another}, {another, other}}) {
            Instance instance = new Instance();
            instance.rollout = instance.rollouts.start(RollbackPlan.from(way[0])
                    .to(way[1])
                    .mode(Mode.ACT)
                    .strategy(strategy())
                    .watch(errorRate())
                    .build());
            candidates.add(instance);
        }
        time.advance(Duration.ofSeconds(30));
        candidates.forEach(one -> one.rollouts.allToStable("ada", "a mistake"));
        for (int i = 0; i < 600; i++) {
            time.advance(Duration.ofMillis(100));
            assertThat(refusing()).isZero();
        }
        assertThat(candidates.get(0).rollout.deployment().stableServes()).isFalse();
    }

    @Test
    void concurrentStableWithoutBaseline_isEnoughToFindARegression() {
        Release other = Release.of("payment", "1");
        Instance stable = new Instance();
        stable.serving = stable.rollouts.serve(other);
        stables.add(stable);
        Instance candidate = new Instance();
        candidate.rollout = candidate.rollouts.start(RollbackPlan.from(other)
                .to(Release.of("payment", "2"))
                .strategy(strategy())
                .watch(errorRate())
                .build());
        candidates.add(candidate);
        time.advance(Duration.ofSeconds(3));
        maxRefusing = 1;
        for (int i = 0; i < 600 && !candidate.rollout.isRefusing(); i++) {
            for (int j = 0; j < 8; j++) {
                candidate.call(1);
                stable.call(.001);
            }
            time.advance(Duration.ofMillis(100));
        }
        assertThat(candidate.rollout.isRefusing()).isTrue();
    }

    @Test
    void journal_tellsWhoMayRefuse() {
        startCandidates(strategy());
        serve(Duration.ofSeconds(30), .001, .001);
        assertThat(until(Duration.ofMinutes(1), 1, .001, () -> refusing() == 1)).isTrue();
        assertThat(store.read(ID).stream()
                        .filter(entry -> entry.event().type().equals("traffic-refused"))
                        .map(entry -> entry.event().data().get("instance")))
                .hasSize(1);
    }
}
