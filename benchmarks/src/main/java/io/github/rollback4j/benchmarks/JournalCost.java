package io.github.rollback4j.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.databases.DatabaseServer.Engine;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Measures what it takes to write the journal, on each database, with settings under which nothing that returned is lost:
 *
 * <pre>./mvnw -q -B -Pjournal-cost -pl benchmarks -am -DskipTests verify [-Dappends=2000] [-Dresults=docs/results/journal-cost.md]</pre>
 *
 * <p>One thread, on the same machine as the server, so that what a network adds is not in it.
 */
public final class JournalCost {

    private static final String ROLLOUT = "checkout:1.4.2..1.5.0@c0ffee#1";
    private static final String INSTANCE = "checkout-7d9f8b6c5-x2x4z";

    private final ResultFile result;
    private final int appends;

    private JournalCost(ResultFile result, int appends) {
        this.result = result;
        this.appends = appends;
    }

    /** Measures and, where a file is named, writes; see the class. */
    public static void main(String[] args) throws IOException {
        int appends = 2_000;
        Path file = null;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--appends") && i + 1 < args.length) {
                appends = Integer.parseInt(args[++i]);
            } else if (!args[i].startsWith("-") && file == null) {
                file = Path.of(args[i]);
            } else {
                throw new IllegalArgumentException(
                        "'" + args[i] + "' is not allowed: --appends <number> and one file are");
            }
        }
        ResultFile result = new ResultFile(
                "What it costs to write the journal",
                "./mvnw -q -B -Pjournal-cost -pl benchmarks -am -DskipTests -Dappends=" + appends
                        + (file == null ? "" : " -Dresults=" + file) + " verify");
        new JournalCost(result, appends).run();
        if (file != null) {
            result.write(file);
        }
    }

    private void run() throws IOException {
        result.line("");
        result.line(
                "Milliseconds that a caller waits until what it wrote is on the disk; " + appends
                        + " times each, one after the other, by one thread. An event has 10 parts and 300 characters, a page 4 KB.");
        result.line("");
        result.line("| store | what | p50 | p99 | most |");
        result.line("|---|---|---:|---:|---:|");
        Path folder = Files.createTempDirectory("journal-cost");
        try (JdbcStore store = JdbcStore.inFile(folder.resolve("store")).build()) {
            measure("H2, in a file", store);
        } finally {
            try (Stream<Path> paths = Files.walk(folder)) {
                paths.sorted(Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
        onServer("PostgreSQL", Engine.POSTGRESQL, Map.of("fsync", "on", "synchronous_commit", "on"));
        onServer("MariaDB", Engine.MARIADB, Map.of("innodb-flush-log-at-trx-commit", "1"));
    }

    private void onServer(String name, Engine engine, Map<String, String> settings) {
        try (DatabaseServer server = DatabaseServer.start(engine, settings)) {
            HikariConfig config = new HikariConfig();
            config.setDataSource(server.dataSource(server.newDatabase()));
            config.setMaximumPoolSize(4);
            try (HikariDataSource pool = new HikariDataSource(config);
                    JdbcStore store = JdbcStore.over(pool).build()) {
                measure(name, store);
            }
        }
    }

    private void measure(String name, JdbcStore store) {
        Map<String, String> data = new TreeMap<>();
        for (int part = 0; part < 10; part++) {
            data.put("part-" + part, "x".repeat(24));
        }
        Journal.Event event = Journal.Event.of("snapshot", Instant.now(), Duration.ofMinutes(7), data);
        Fleet fleet = store.fleet();
        fleet.join(ROLLOUT, INSTANCE, "host");
        Fleet.Lease lease = fleet.tryLease(ROLLOUT, INSTANCE, Duration.ofHours(1));
        if (lease == null) {
            throw new IllegalStateException("nobody else is there to hold the lease");
        }
        byte[] page = new byte[4_096];
        int warmUp = Math.max(1, appends / 4);
        for (int i = 0; i < warmUp; i++) {
            store.append(ROLLOUT, i, lease.token(), event);
        }
        time(name, "append an event", i -> store.append(ROLLOUT, warmUp + i, lease.token(), event));
        time(name, "renew a lease", i -> fleet.tryLease(ROLLOUT, INSTANCE, Duration.ofHours(1)));
        time(name, "publish four pages", i -> {
            page[0] = (byte) i;
            page[1] = (byte) (i >> 8);
            Fleet.Content content = Fleet.Content.of(page);
            fleet.publish(ROLLOUT, INSTANCE, Map.of("a", content, "b", content, "c", content, "d", content));
        });
        List<Journal.Entry> entries = store.read(ROLLOUT);
        if (entries.size() != warmUp + appends) {
            throw new IllegalStateException("the journal has " + entries.size() + " events");
        }
    }

    private interface Step {
        void run(int number);
    }

    private void time(String name, String what, Step step) {
        long[] nanos = new long[appends];
        for (int i = 0; i < appends; i++) {
            long began = System.nanoTime();
            step.run(i);
            nanos[i] = System.nanoTime() - began;
        }
        Arrays.sort(nanos);
        result.line("| " + name + " | " + what + " | " + millis(nanos[appends / 2]) + " | "
                + millis(nanos[Math.min(appends - 1, appends * 99 / 100)]) + " | " + millis(nanos[appends - 1]) + " |");
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
    }
}
