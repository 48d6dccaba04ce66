package io.github.rollback4j.samples.evolution;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** Ten releases of a hotel, under Flyway. */
class HotelEvolutionTest extends EvolutionTest {

    @TempDir
    Path folder;

    @Override
    Application application() {
        return Hotel.asItWas(folder);
    }

    @Override
    Set<Integer> representatives(Server server) {
        return server == Server.POSTGRESQL ? Set.of(3, 5, 7, 9) : Set.of(8, 10);
    }

    @Override
    Set<Integer> compatibleReleases(Server server) {
        // The tenth widens a column: on MariaDB that forgets the column's default value.
        return server == Server.POSTGRESQL ? Set.of(2, 3, 4, 5, 10) : Set.of(2, 3, 4, 5);
    }

    @Override
    Set<Integer> contractingReleases(Server server) {
        return Set.of(5);
    }

    @Override
    Set<Integer> undoableReleases(Server server) {
        return Set.of(6, 8);
    }
}
