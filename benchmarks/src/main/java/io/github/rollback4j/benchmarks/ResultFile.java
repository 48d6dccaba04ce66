package io.github.rollback4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/** A Markdown file of results, which begins with what it takes to get them again. For one thread. */
public final class ResultFile {

    private final StringBuilder text = new StringBuilder();

    /**
     * Begins a file.
     *
     * @param title the heading
     * @param program what was run
     * @param arguments what it was given
     */
    public ResultFile(String title, Class<?> program, String[] arguments) {
        line("# " + title);
        line("");
        line("- command: `java -cp benchmarks/target/benchmarks.jar " + program.getName() + " "
                + String.join(" ", arguments) + "`");
        line("- date: " + LocalDate.now(ZoneOffset.UTC));
        line("- commit: " + commit());
        line("- JDK: " + System.getProperty("java.vm.version") + " (" + System.getProperty("java.vendor") + ")");
        line("- processors: " + Runtime.getRuntime().availableProcessors() + ", " + System.getProperty("os.arch"));
    }

    /** Adds a line. */
    public void line(String line) {
        text.append(line).append('\n');
    }

    /** Writes the file. */
    public void write(Path file) {
        try {
            if (file.getParent() != null) {
                Files.createDirectories(file.getParent());
            }
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0 ? commit : "unknown";
        } catch (IOException noGit) {
            return "unknown";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
