package io.github.rollback4j.samples.evolution;

import java.util.Set;

/** Ten releases of a library, under Liquibase. */
class LibraryEvolutionTest extends EvolutionTest {

    @Override
    Application application() {
        return new Library();
    }

    @Override
    Set<Integer> representatives(Server server) {
        return server == Server.POSTGRESQL ? Set.of(2, 8) : Set.of(5);
    }

    @Override
    Set<Integer> compatibleReleases(Server server) {
        return Set.of(2, 5);
    }

    @Override
    Set<Integer> contractingReleases(Server server) {
        return Set.of();
    }

    @Override
    Set<Integer> undoableReleases(Server server) {
        // The undo of the ninth leaves a view that reads another table than before, which only PostgreSQL does not keep
        // apart.
        return server == Server.POSTGRESQL ? Set.of(3, 9) : Set.of(3);
    }
}
