package io.github.rollback4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Opens what the command line names as a place of migrations: a folder, or a jar, of which the files are unpacked until this is
 * closed. In an executable jar or a WAR, what belongs to the application is where its class path has it.
 */
final class MigrationFolders implements AutoCloseable {

    private static final List<String> ROOTS = List.of("BOOT-INF/classes/", "WEB-INF/classes/");
    private static final String FILE_SYSTEM = "filesystem:";

    private final List<Path> unpacked = new ArrayList<>();

    /**
     * Returns the folder of a location: {@code FOLDER}, {@code JAR} or {@code JAR!FOLDER}.
     *
     * @param option what names it, for errors
     * @param inJar the folder of a jar that is meant where none is named; empty for all of it
     * @throws IllegalArgumentException if there is none
     */
    Path open(String option, String location, String inJar) {
        if (location.startsWith("classpath:")) {
            throw new IllegalArgumentException(
                    "option --" + option + " names " + location
                            + ": the command line has no class path of the service; its folder, its jar or JAR!FOLDER is allowed");
        }
        String place = location.startsWith(FILE_SYSTEM) ? location.substring(FILE_SYSTEM.length()) : location;
        Path path = Path.of(place);
        if (Files.isDirectory(path)) {
            return path;
        }
        int mark = place.indexOf('!');
        Path jar = mark < 0 ? path : Path.of(place.substring(0, mark));
        if (!Files.isRegularFile(jar)) {
            throw new IllegalArgumentException("option --" + option + " names " + location
                    + ", which does not exist: a folder, a jar or JAR!FOLDER that does is allowed");
        }
        String inside = mark < 0 ? inJar : place.substring(mark + 1).replaceAll("^/+|/+$", "");
        try {
            Path folder = unpack(jar).resolve(inside).normalize();
            if (!Files.isDirectory(folder)) {
                throw new IllegalArgumentException("option --" + option + " names " + jar + ", which has no folder "
                        + inside + ": JAR!FOLDER says which one is meant");
            }
            return folder;
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "option --" + option + " names " + jar + ", which cannot be read as a jar: a folder or a jar is"
                            + " allowed",
                    unreadable);
        }
    }

    private Path unpack(Path jar) throws IOException {
        Path folder = Files.createTempDirectory("rollback4j-migrations");
        unpacked.add(folder);
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                String name = ROOTS.stream()
                        .filter(entry.getName()::startsWith)
                        .findFirst()
                        .map(root -> entry.getName().substring(root.length()))
                        .orElse(entry.getName());
                Path file = folder.resolve(name).normalize();
                if (!file.startsWith(folder)) {
                    throw new IllegalArgumentException(
                            jar + " has an entry that leads out of it: files below its root are allowed");
                }
                if (entry.isDirectory() || Files.exists(file)) {
                    continue;
                }
                Files.createDirectories(file.resolveSibling(""));
                try (InputStream in = zip.getInputStream(entry)) {
                    Files.copy(in, file);
                }
            }
        }
        return folder;
    }

    @Override
    public void close() {
        for (Path folder : unpacked) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException("what was unpacked to " + folder + " cannot be deleted", failed);
            }
        }
        unpacked.clear();
    }
}
