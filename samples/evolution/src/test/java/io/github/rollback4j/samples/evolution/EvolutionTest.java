package io.github.rollback4j.samples.evolution;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.verdict.Verdict;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Brings each release to a database of the one before it, takes it back for real, and holds what happens against what was said
 * before. {@code -Drollback4j.table=true} prints it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EvolutionTest {

    private static final boolean IS_WHOLE = "all".equals(System.getProperty("rollback4j.evolution"));

    private final List<Trial> trials = new ArrayList<>();

    abstract Application application();

    /** Returns the releases that are tried in every build; all of them are with {@code -Drollback4j.evolution=all}. */
    abstract Set<Integer> representatives(Server server);

    /** Returns after which releases the previous one works on. */
    abstract Set<Integer> compatibleReleases(Server server);

    /** Returns those of them that only a release's own statements show to be compatible, since something is dropped. */
    abstract Set<Integer> contractingReleases(Server server);

    /** Returns after which releases the previous one works again once the database has gone back, as was proved. */
    abstract Set<Integer> undoableReleases(Server server);

    List<Arguments> trials() {
        List<Arguments> trials = new ArrayList<>();
        for (int release = 2; release <= 10; release++) {
            for (Server server : Server.values()) {
                if (IS_WHOLE || representatives(server).contains(release)) {
                    trials.add(Arguments.of(release, server));
                }
            }
        }
        return trials;
    }

    @ParameterizedTest
    @MethodSource("trials")
    @Tag("R-8")
    void rollback_ofEachRelease_failsOnlyWhereThatWasSaid(int release, Server server) throws SQLException {
        Trial trial = Trial.of(application(), release, server);
        trials.add(trial);

        if (!trial.isWorking()) {
            assertThat(trial.verdicts()).as("no false go, %s", trial).doesNotContain(Verdict.COMPATIBLE);
        }
        if (trial.verdicts().contains(Verdict.UNDO_NEEDED)) {
            assertThat(trial.failuresAfterUndo()).as("after the undo").isEmpty();
        }
        boolean isContracting = contractingReleases(server).contains(release);
        boolean isCompatible = compatibleReleases(server).contains(release);
        assertThat(trial.isWorking()).as(trial.row()).isEqualTo(isCompatible);
        Verdict needed = undoableReleases(server).contains(release) ? Verdict.UNDO_NEEDED : Verdict.BLOCKED;
        assertThat(trial.verdicts())
                .as(trial.row() + trial.proved().reasons())
                .containsExactly(
                        isCompatible && !isContracting ? Verdict.COMPATIBLE : Verdict.BLOCKED,
                        isCompatible ? Verdict.COMPATIBLE : Verdict.BLOCKED,
                        isCompatible ? Verdict.COMPATIBLE : needed);
    }

    @AfterAll
    void print() {
        if (Boolean.getBoolean("rollback4j.table")) {
            System.out.println(
                    "| releases | change | database | previous release | after the undo | read | statements | proved |");
            System.out.println("|---|---|---|---|---|---|---|---|");
            trials.forEach(trial -> System.out.println(trial.row()));
        }
    }
}
