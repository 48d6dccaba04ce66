package io.github.rollback4j.databases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders that servers keep their data in. */
final class Folders {

    private Folders() {}

    static Path temporary(String name) {
        return temporary(Path.of(System.getProperty("java.io.tmpdir")), name);
    }

    static Path temporary(Path within, String name) {
        try {
            return Files.createTempDirectory(within, "rollback4j-" + name + "-");
        } catch (IOException failed) {
            throw new UncheckedIOException("there is no room for the data of " + name, failed);
        }
    }

    /** Deletes a folder with all that is in it, as far as that can be done. */
    static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException | UncheckedIOException gone) {
            // Left to the system, which empties its folder for temporary files.
        }
    }
}
