package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.journal.Journal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A process of its own that appends to a rollout and says after each event that the store has taken it: {@code taken 7 mine-3},
 * or that it has not: {@code refused ...}.
 */
final class StoreProcess implements AutoCloseable {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    private StoreProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a process that appends up to this many events. */
    static StoreProcess appending(Path file, String rollout, int events) {
        return start(List.of(), "file", file.toString(), "", rollout, String.valueOf(events));
    }

    static StoreProcess appending(DatabaseServer server, String database, String rollout, int events) {
        return start(List.of(), server.url(database), "", "", rollout, String.valueOf(events));
    }

    /** Starts one behind a command, for example one that limits what it may do. */
    static StoreProcess appending(List<String> before, Path file, String rollout, int events) {
        return start(before, "file", file.toString(), "", rollout, String.valueOf(events));
    }

    private static StoreProcess start(List<String> before, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                StoreProcess.class.getName()));
        command.addAll(List.of(arguments));
        try {
            return new StoreProcess(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (IOException killed) {
            // What it said until then is there.
        }
    }

    /** Returns what the process has said so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Returns the names of the events that the store has taken. */
    List<String> taken() {
        return lines.stream()
                .filter(line -> line.startsWith("taken "))
                .map(line -> line.split(" ")[2])
                .toList();
    }

    /** Waits until the process has said something. */
    void await(Predicate<List<String>> said) {
        long began = System.nanoTime();
        while (!said.test(lines)) {
            if (System.nanoTime() - began > LONGEST.toNanos()) {
                throw new AssertionError("the process says only " + lines);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    void awaitTaken(int count) {
        await(said -> said.stream().filter(line -> line.startsWith("taken ")).count() >= count);
    }

    /** Waits until the process ends by itself. */
    void join() {
        try {
            if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the process does not end and says " + lines);
            }
            await(said -> !said.isEmpty() && said.get(said.size() - 1).equals("over"));
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Ends the process at once, as a crash does. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Override
    public void close() {
        kill();
    }

    public static void main(String[] arguments) {
        JdbcStore.Builder builder = arguments[0].equals("file")
                ? JdbcStore.inFile(Path.of(arguments[1]))
                : JdbcStore.over(TestDatabase.dataSource(arguments[0]));
        String rollout = arguments[3];
        int events = Integer.parseInt(arguments[4]);
        try (JdbcStore store = builder.build()) {
            store.prepare();
            append(store, rollout, "p" + ProcessHandle.current().pid(), events, System.out::println);
        }
        System.out.println("over");
    }

    /** Appends as the library does: where the answer is lost it looks whether the event is there, and else tries again. */
    static void append(JdbcStore store, String rollout, String writer, int events, Consumer<String> said) {
        long known = 0;
        int written = 0;
        int failures = 0;
        while (written < events && failures < 100) {
            String name = writer + "-" + written;
            try {
                List<Journal.Entry> news = store.readAfter(rollout, known);
                if (!news.isEmpty()) {
                    known = news.get(news.size() - 1).sequence();
                }
                boolean isThere = news.stream()
                        .anyMatch(entry -> name.equals(entry.event().data().get("name")));
                if (!isThere) {
                    known = store.append(rollout, known, 1, event(name));
                }
                said.accept("taken " + known + " " + name);
                written++;
            } catch (Journal.ConflictException somebodyElse) {
                // Read again.
            } catch (RollbackException failed) {
                said.accept("refused " + failed.getMessage());
                failures++;
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    static Journal.Event event(String name) {
        return Journal.Event.of(
                "exposed",
                Instant.parse("2030-01-01T12:00:00Z"),
                Duration.ofSeconds(1),
                Map.of("name", name, "more", "x".repeat(200)));
    }
}
