package io.github.rollback4j.jdbc;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.test.VirtualTime;
import io.github.rollback4j.traffic.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a service that is started again knows, by the database alone. */
class RolloutOverStoreTest {

    private static final RollbackPlan PLAN = RollbackPlan.from(Release.of("checkout", "1.4.2"))
            .to(Release.of("checkout", "1.5.0"))
            .strategy(canary(50).thenPromote())
            .watch(errorRate())
            .build();

    private final String prefix = TestDatabase.newPrefix();

    private interface Life {
        void live(VirtualTime time, Rollouts rollouts);
    }

    /** Lets a service live in a process of its own, as far as the database can tell. */
    private void process(TestDatabase database, Life life) throws Exception {
        VirtualTime time = VirtualTime.create();
        try (JdbcStore store = database.store().tablePrefix(prefix).build();
                Rollouts rollouts = time.rollouts(1).journal(store).build()) {
            store.prepare();
            life.live(time, rollouts);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("R-2")
    void start_afterARollbackAndARestart_staysOnStable(TestDatabase database) throws Exception {
        process(database, (time, rollouts) -> {
            Rollout rollout = rollouts.start(PLAN);
            time.advance(Duration.ofSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
            rollout.rollBack("mika", "orders are lost");
            time.advance(Duration.ofSeconds(1));
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        });
        for (int restart = 0; restart < 2; restart++) {
            process(database, (time, rollouts) -> {
                Rollout rollout = rollouts.start(PLAN);
                time.advance(Duration.ofMinutes(1));
                assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
                assertThat(rollout.id()).endsWith("#1");
            });
        }
        process(
                database,
                (time, rollouts) ->
                        assertThat(rollouts.retry(PLAN, "mika", "fixed").id()).endsWith("#2"));
        process(
                database,
                (time, rollouts) -> assertThat(rollouts.start(PLAN).id()).endsWith("#2"));
    }

    @Test
    void inFile_inRealTime_isAllThatAServiceNeeds(@TempDir Path folder) {
        Path file = folder.resolve("rollback4j");
        // @start region="store"
        try (JdbcStore store = JdbcStore.inFile(file).build();
                Rollouts rollouts = Rollouts.builder().journal(store).build()) {
            store.prepare();
            Rollout rollout = rollouts.start(PLAN);
            // @end
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }
        try (JdbcStore store = JdbcStore.inFile(file).build()) {
            assertThat(store.read("checkout:1.4.2..1.5.0#1"))
                    .extracting(entry -> entry.event().type())
                    .contains("planned", "started", "closed");
        }
    }

    /** What one release did is there for the next one, in another process, and for nobody in between. */
    @Test
    void serve_anHourInOneProcess_isTheBaselineOfTheNextRelease(@TempDir Path folder) throws Exception {
        AtomicReference<Instant> clock = new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
        VirtualTime before = VirtualTime.create();
        try (JdbcStore store = JdbcStore.inFile(folder.resolve("journal")).build();
                Rollouts rollouts =
                        before.rollouts(1).clock(clock::get).journal(store).build()) {
            store.prepare();
            Rollouts.Serving serving = rollouts.serve(PLAN.stable());
            for (int window = 0; window < 13; window++) {
                for (int call = 0; call < 500; call++) {
                    serving.record(call == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
                }
                before.advance(Duration.ofSeconds(2));
                clock.updateAndGet(now -> now.plus(Duration.ofMinutes(5)));
            }
            serving.close();
            assertThat(store.rolloutIds()).containsExactly("serving:checkout:1.4.2");
        }
        RollbackPlan plan = RollbackPlan.from(PLAN.stable())
                .to(PLAN.candidate())
                .strategy(deployment())
                .watch(errorRate())
                .build();
        VirtualTime time = VirtualTime.create();
        try (JdbcStore store = JdbcStore.inFile(folder.resolve("journal")).build();
                Rollouts rollouts =
                        time.rollouts(2).clock(clock::get).journal(store).build()) {
            store.prepare();
            Rollout rollout = rollouts.start(plan);
            time.advance(Duration.ofSeconds(3));
            Rollout.Deployment known = Objects.requireNonNull(rollout.deployment());
            assertThat(known.windows()).isGreaterThanOrEqualTo(12);
            assertThat(known.highRate()).isEqualTo(.002);
            assertThat(known.stableServes()).isFalse();
            assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);
        }
    }
}
