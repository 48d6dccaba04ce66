package io.github.rollback4j.campaign;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file system of its own for a database, small enough to be filled. Linux alone has it, for who may mount. */
final class SmallDisk implements AutoCloseable {

    private static final String SIZE = "512m";
    private static final byte[] BLOCK = new byte[4_096];

    private final Path folder;
    private final Path filler;

    private SmallDisk(Path folder) {
        this.folder = folder;
        this.filler = folder.resolve("filler");
    }

    /** Mounts one on a folder; returns null, and says so, where that may not be done. */
    static @Nullable SmallDisk mount(Path folder) {
        if (run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", folder.toString())) {
            return new SmallDisk(folder);
        }
        System.out.println("skipped: no disk is filled, since nothing may be mounted on " + folder);
        return null;
    }

    /** Fills it to the last block. */
    void fill() {
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(BLOCK);
            }
        } catch (IOException full) {
            // So it is.
        }
    }

    /** Takes back what fills it. */
    void empty() throws IOException {
        Files.deleteIfExists(filler);
    }

    private static boolean run(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException none) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        run("umount", "-l", folder.toString());
    }
}
