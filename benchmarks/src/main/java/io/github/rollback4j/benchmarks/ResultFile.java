package io.github.rollback4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Markdown file of results, which begins with what it takes to get them again. For one thread. */
public final class ResultFile {

    private static final Pattern SECTION = Pattern.compile("(?m)^(?=## )");
    private static final Pattern NUMBER = Pattern.compile("## (\\d+)\\.");

    private final StringBuilder text = new StringBuilder();
    private final String origin;

    /**
     * Begins a file.
     *
     * @param title the heading
     * @param program what was run
     * @param arguments what it was given
     */
    public ResultFile(String title, Class<?> program, String[] arguments) {
        this(
                title,
                "java -cp benchmarks/target/benchmarks.jar " + program.getName() + " " + String.join(" ", arguments));
    }

    /** Begins a file of what was run by another command. */
    public ResultFile(String title, String commandLine) {
        String command = "`" + commandLine + "`";
        LocalDate date = LocalDate.now(ZoneOffset.UTC);
        String commit = commit();
        origin = command + ", " + date + ", commit " + commit;
        line("# " + title);
        line("");
        line("- command: " + command);
        line("- date: " + date);
        line("- commit: " + commit);
        line("- JDK: " + System.getProperty("java.vm.version") + " (" + System.getProperty("java.vendor") + ")");
        line("- processors: " + Runtime.getRuntime().availableProcessors() + ", " + System.getProperty("os.arch"));
    }

    /** Adds a line, and prints it, so that one sees how far a long run is. */
    public void line(String line) {
        System.out.println(line);
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

    /**
     * Puts the sections of this, which begin with a line {@code ## <number>.}, into a file that has others: in place of those
     * of the same number, or in the order of the numbers. Each says how it was made.
     */
    public void writeSections(Path file) {
        if (!Files.exists(file)) {
            write(file);
            return;
        }
        try {
            List<String> before = sections(Files.readString(file));
            List<String> mine = sections(text.toString());
            TreeMap<Integer, String> merged = new TreeMap<>();
            before.subList(1, before.size()).forEach(section -> merged.put(number(section), section));
            for (String section : mine.subList(1, mine.size())) {
                int end = section.indexOf('\n');
                merged.put(
                        number(section),
                        section.substring(0, end + 1) + "\n(Of its own: " + origin + ")\n"
                                + section.substring(end + 1));
            }
            StringBuilder all = new StringBuilder(before.get(0));
            merged.values()
                    .forEach(section -> all.append(section.stripTrailing()).append("\n\n"));
            Files.writeString(file, all.toString().stripTrailing() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> sections(String of) {
        return List.of(SECTION.split(of));
    }

    private static int number(String section) {
        Matcher matcher = NUMBER.matcher(section);
        return matcher.lookingAt() ? Integer.parseInt(matcher.group(1)) : Integer.MAX_VALUE;
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
