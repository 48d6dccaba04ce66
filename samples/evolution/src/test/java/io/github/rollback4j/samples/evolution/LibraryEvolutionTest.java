package io.github.rollback4j.samples.evolution;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.verdict.Compatibility;
import io.github.rollback4j.migrations.verdict.Verdict;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LibraryEvolutionTest {

    private final List<Trial> trials = new ArrayList<>();

    static List<Arguments> pairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (int i = 2; i <= 10; i++) {
            for (Server server : Server.values()) {
                pairs.add(Arguments.of(i, server));
            }
        }
        return pairs;
    }

    @ParameterizedTest
    @MethodSource("pairs")
    @Tag("R-8")
    void rollback_ofEachRelease_failsOnlyWhereItWasSaid(int release, Server server, @TempDir Path folder)
            throws SQLException {
        Trial trial = Trial.of(new Library(), release, server);
        trials.add(trial);
        System.out.println(trial.release() + " " + server + " " + trial.change());
        System.out.println("   happened " + trial.failures());
        System.out.println("   undone " + trial.failuresAfterUndo());
        for (Compatibility each : trial.verdicts()) {
            System.out.println("   " + each.verdict() + " " + each.reasons());
        }
        if (!trial.isWorking()) {
            assertThat(trial.verdicts()).extracting(Compatibility::verdict).doesNotContain(Verdict.COMPATIBLE);
        }
    }

    @AfterAll
    void print() {}
}
