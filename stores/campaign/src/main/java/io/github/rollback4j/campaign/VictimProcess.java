package io.github.rollback4j.campaign;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A {@link Victim} as its parent sees it. */
final class VictimProcess implements AutoCloseable {

    private final Process process;
    private final Thread reader;
    private final long startedAt = System.currentTimeMillis();
    private final ConcurrentLinkedQueue<Long> candidateCalls = new ConcurrentLinkedQueue<>();
    private volatile boolean isReady;
    private volatile boolean isOver;
    private volatile String phase = "";
    private volatile String boundary = "";
    private volatile long decidedAt;
    private volatile long rollingBackAt;
    private volatile long ledAt;
    private volatile long wokenAt;

    private VictimProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "victim " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts one; what it logs is appended to a file. */
    static VictimProcess start(Path log, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-XX:-UsePerfData",
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName()));
        command.addAll(options);
        return new VictimProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start());
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                hear(line);
            }
        } catch (IOException killed) {
            // What it said until then was read.
        }
    }

    private void hear(String line) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
            case "ready" -> isReady = true;
            case "over" -> isOver = true;
            case "candidate" -> candidateCalls.add(Long.parseLong(words[1]));
            case "decided" -> decidedAt = Long.parseLong(words[1]);
            case "led" -> ledAt = Long.parseLong(words[1]);
            case "boundary" -> boundary = words[1] + " " + words[2];
            case "phase" -> {
                phase = words[1];
                if (phase.equals("ROLLING_BACK")) {
                    rollingBackAt = Long.parseLong(words[2]);
                }
            }
            default -> {
                // For people who look into it.
            }
        }
    }

    boolean isReady() {
        return isReady;
    }

    boolean isOver() {
        return isOver;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String phase() {
        return phase;
    }

    /** Returns the boundary at which it stands still; empty where it does not. */
    String boundary() {
        return boundary;
    }

    long startedAt() {
        return startedAt;
    }

    /** Returns when its decision was journalled; 0 where none was. */
    long decidedAt() {
        return decidedAt;
    }

    /** Returns when it first saw that the candidate is taken back; 0 where it did not. */
    long rollingBackAt() {
        return rollingBackAt;
    }

    /** Returns when it last began to lead; 0 where it never did. */
    long ledAt() {
        return ledAt;
    }

    /** Returns when it was last woken after a pause; 0 where it was not paused. */
    long wokenAt() {
        return wokenAt;
    }

    /** Returns when the calls began that the candidate served. */
    List<Long> candidateCalls() {
        return List.copyOf(candidateCalls);
    }

    /** Ends the process by SIGKILL, and reads what it has said. */
    void kill() {
        process.destroyForcibly();
        join();
    }

    private void join() {
        try {
            process.waitFor();
            reader.join(5_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops the process as a whole, where it stands. */
    void pause() throws IOException {
        signal("-STOP");
    }

    /** Lets it go on, also where it stands at a boundary. */
    void wake() throws IOException {
        wokenAt = System.currentTimeMillis();
        signal("-CONT");
        boundary = "";
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException ended) {
            // Nobody needs to wake what has come to its end by itself.
        }
    }

    /** Writes what its threads do, for people, where this JDK has the command for it. */
    void tellThreads(Path log) {
        try {
            new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            String.valueOf(process.pid()),
                            "Thread.print")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start()
                    .waitFor(10, TimeUnit.SECONDS);
        } catch (IOException none) {
            // It helps to understand what happened; what is counted does not hang on it.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void signal(String name) throws IOException {
        try {
            new ProcessBuilder("kill", name, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
