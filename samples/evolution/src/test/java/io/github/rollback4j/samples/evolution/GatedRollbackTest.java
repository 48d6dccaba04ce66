package io.github.rollback4j.samples.evolution;

import static io.github.rollback4j.signal.Signals.errorRate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.migrations.gate.DatabaseGate;
import io.github.rollback4j.migrations.gate.RecordedVerdict;
import io.github.rollback4j.migrations.gate.VerdictTable;
import io.github.rollback4j.migrations.statements.StatementRecorder;
import io.github.rollback4j.migrations.verdict.Compatibility;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import io.github.rollback4j.migrations.verdict.Verdict;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.test.VirtualTime;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hotel's sixth release fails in production, and its rollback has a step that deploys the fifth: the gate before it goes by what
 * was recorded of the sixth release's migrations when they ran.
 */
@Tag("R-8")
class GatedRollbackTest {

    private static final Release STABLE = Release.of("hotel", "5");
    private static final Release CANDIDATE = Release.of("hotel", "6");

    private final VirtualTime time = VirtualTime.create();
    private final Rollouts rollouts =
            time.rollouts(7).journal(Journal.inMemory()).build();
    private final Deployment deployment = new Deployment();

    @TempDir
    private Path folder;

    private DataSource database;

    @BeforeEach
    void makeDatabase() {
        database = Server.POSTGRESQL.emptyDatabase();
    }

    @AfterEach
    void close() {
        rollouts.close();
    }

    @Test
    void badMigration_isNotStarted_andSaysWhy() throws SQLException {
        assertThat(migrate(Hotel.asItWas(folder))).isEqualTo(Verdict.BLOCKED);

        Rollout rollout = rollouts.start(plan());

        assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
        assertThat(rollout.status().notStarted())
                .singleElement()
                .asString()
                .contains("gate database before deploy", "ADD_REQUIRED_COLUMN", "guest.country is required");
    }

    @Test
    void badMigration_startedAllTheSame_stopsAtTheGate_andCallsPeople() throws SQLException {
        migrate(Hotel.asItWas(folder));
        Rollout rollout = rollouts.start(plan());
        rollout.override("ann", "the season begins");

        breakCandidate(rollout);
        time.advance(Duration.ofMinutes(5));

        assertThat(rollout.state().phase()).isEqualTo(Phase.NEEDS_HUMAN);
        assertThat(rollout.status().share()).isZero();
        assertThat(rollout.status().needsHuman())
                .contains("gate database before step deploy says blocked", "ADD_REQUIRED_COLUMN");
        assertThat(deployment.isGone).isFalse();
        // And rightly so.
        assertThatThrownBy(() -> exercise(5, "back")).isInstanceOf(NotWorkingException.class);
    }

    @Test
    void safeMigration_goesThrough_andTheFifthReleaseWorks() throws SQLException {
        assertThat(migrate(Hotel.withSafeSixth(folder))).isEqualTo(Verdict.COMPATIBLE);
        Rollout rollout = rollouts.start(plan());
        assertThat(rollout.state().phase()).isEqualTo(Phase.RUNNING);

        breakCandidate(rollout);
        time.advance(Duration.ofMinutes(5));

        assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(rollout.status().share()).isZero();
        assertThat(deployment.isGone).isTrue();
    }

    /** What the sixth release's start does: judge, migrate, record. */
    private Verdict migrate(Hotel hotel) throws SQLException {
        hotel.migrate(database, Server.POSTGRESQL.dialect(), 5);
        StatementRecorder recorder = new StatementRecorder();
        try (Connection connection = recorder.record(database).getConnection()) {
            hotel.release(5).exercise(connection, "old");
        }
        Compatibility found = CompatibilityCheck.of(hotel.broughtBy(6, Server.POSTGRESQL.dialect()))
                .statements(recorder.catalogue())
                .run();
        hotel.migrate(database, Server.POSTGRESQL.dialect(), 6);
        VerdictTable.in(database)
                .record(new RecordedVerdict(
                        CANDIDATE,
                        found.verdict(),
                        found.reasons(),
                        found.pending(),
                        found.undo(),
                        Instant.parse("2030-01-01T12:00:00Z")));
        exercise(6, "new");
        return found.verdict();
    }

    private void exercise(int release, String run) throws SQLException {
        try (Connection connection = database.getConnection()) {
            Hotel.asItWas(folder).release(release).exercise(connection, run);
        }
    }

    private RollbackPlan plan() {
        return RollbackPlan.from(STABLE)
                .to(CANDIDATE)
                .strategy(RolloutStrategy.canary(5, 50)
                        .bake(Duration.ofMinutes(1))
                        .leastCalls(0)
                        .thenPromote())
                .watch(errorRate())
                .thenRun(Step.of(deployment).behind(DatabaseGate.of(VerdictTable.in(database))))
                .build();
    }

    private static void breakCandidate(Rollout rollout) {
        for (int i = 0; i < 2_000 && rollout.status().share() > 0; i++) {
            try {
                rollout.call("guest-" + i, () -> "fine", () -> {
                    throw new IllegalStateException("broken");
                });
            } catch (IllegalStateException expected) {
                // The candidate fails each time.
            }
        }
    }

    /** Deploys the fifth release: here it does all its work, on the database as it is. */
    private final class Deployment implements RollbackStrategy {

        private boolean isGone;

        @Override
        public String name() {
            return "deploy";
        }

        @Override
        public String description() {
            return "deploys release 5";
        }

        @Override
        public Check.Result check(Context context) {
            return Check.Result.pass("release 5 is in the registry");
        }

        @Override
        public Done rollBack(Context context) throws SQLException {
            isGone = true;
            exercise(5, "back");
            return Done.done("release 5 works");
        }
    }
}
