package io.github.rollback4j.samples.evolution;

import java.util.Set;

/** Ten releases of a library, under Liquibase. */
class LibraryEvolutionTest extends EvolutionTest {

    @Override
    Application application() {
        return new Library();
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
        return Set.of(3, 4, 7, 9);
    }
}
