package io.github.rollback4j.benchmarks;

import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.databases.DatabaseServer.Engine;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Ticket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.listener.SingleQueryCountHolder;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;

/**
 * Measures what several instances of a service that share a rollout cost their database, and how long after a decision the last of
 * them gives a call to the candidate:
 *
 * <pre>./mvnw -q -B -Pfleet-cost -pl benchmarks -am -DskipTests verify [-Dresults=docs/results/fleet.md]</pre>
 *
 * <p>Each instance has a registry, a store and connections of its own, and serves calls of the same keys; all are in this process, beside
 * one PostgreSQL on the same machine.
 */
public final class FleetCost {

    private static final int[] SIZES = {2, 10, 50};

    /** LISTEN; with it comes last. */
    private static final boolean[] WITH_AND_WITHOUT = {false, true};

    private static final int DECISIONS = 10;
    private static final Duration WATCHED = Duration.ofSeconds(20);
    private static final int CALLS_A_ROUND = 20;
    private static final long LONGEST_START_NANOS = 60_000_000_000L;
    private static final long ROUND_NANOS = 10_000_000;

    private static final int ON_PAPER = 1_000;

    /** What a number of instances costs a second. */
    private record Load(int instances, double statements, double rowsRead, double rowsWritten) {}

    private final ResultFile result;
    private final List<Load> loads = new ArrayList<>();

    private FleetCost(ResultFile result) {
        this.result = result;
    }

    /** Measures and, where a file is named, writes; see the class. */
    public static void main(String[] args) throws SQLException {
        Path file = args.length == 0 ? null : Path.of(args[0]);
        ResultFile result = new ResultFile(
                "What a fleet costs",
                "./mvnw -q -B -Pfleet-cost -pl benchmarks -am -DskipTests" + (file == null ? "" : " -Dresults=" + file)
                        + " verify");
        new FleetCost(result).run();
        if (file != null) {
            result.write(file);
        }
    }

    private void run() throws SQLException {
        result.line("");
        result.line(
                "Instances that share one rollout through PostgreSQL, all on this machine; the default times: the journal is read"
                        + " twice a second, counts are told once a second. Load over " + WATCHED.toSeconds()
                        + " s of a running canary: statements as the instances send them, the rest as the server counts it;"
                        + " times of " + DECISIONS
                        + " decisions, from the call of `rollBack` on one instance to the begin of"
                        + " the last call that went to the candidate on any.");
        result.line("");
        result.line(
                "| instances | LISTEN | statements a second | transactions a second | rows read a second | rows written a second"
                        + " | last candidate call, median | most | calls merged of calls made |");
        result.line("|---:|---|---:|---:|---:|---:|---:|---:|---:|");
        try (DatabaseServer server = DatabaseServer.start(Engine.POSTGRESQL)) {
            for (int size : SIZES) {
                for (boolean listens : WITH_AND_WITHOUT) {
                    measure(server, size, listens);
                }
            }
        }
        onPaper();
    }

    /** What an instance adds does not depend on how many there are, so that two sizes give the line for all. */
    private void onPaper() {
        Load many = loads.get(loads.size() - 1);
        Load few = loads.get(loads.size() - 1 - WITH_AND_WITHOUT.length);
        result.line("");
        result.line(String.format(
                Locale.ROOT,
                "On paper, from the line through %d and %d instances with LISTEN: an instance adds %.1f statements, %.1f rows read and"
                        + " %.1f rows written a second; %,d instances send %,.0f statements, read %,.0f rows and write %,.0f a second.",
                few.instances,
                many.instances,
                slope(few, many, load -> load.statements),
                slope(few, many, load -> load.rowsRead),
                slope(few, many, load -> load.rowsWritten),
                ON_PAPER,
                onPaper(few, many, load -> load.statements),
                onPaper(few, many, load -> load.rowsRead),
                onPaper(few, many, load -> load.rowsWritten)));
    }

    private static double slope(Load few, Load many, ToDoubleFunction<Load> what) {
        return (what.applyAsDouble(many) - what.applyAsDouble(few)) / (many.instances - few.instances);
    }

    private static double onPaper(Load few, Load many, ToDoubleFunction<Load> what) {
        return what.applyAsDouble(many) + slope(few, many, what) * (ON_PAPER - many.instances);
    }

    private void measure(DatabaseServer server, int size, boolean listens) throws SQLException {
        DataSource database = server.dataSource(server.newDatabase());
        SingleQueryCountHolder sent = new SingleQueryCountHolder();
        try (Instances instances = new Instances(database, size, listens, sent)) {
            instances.start(1);
            long[] before = counters(database);
            long sentBefore = sent(sent);
            long began = System.nanoTime();
            instances.serve(WATCHED);
            long[] after = counters(database);
            double statements = sent(sent) - sentBefore;
            double seconds = (System.nanoTime() - began) / 1e9;
            Load load = new Load(
                    size, statements / seconds, (after[1] - before[1]) / seconds, (after[2] - before[2]) / seconds);
            loads.add(load);
            long made = instances.candidateCalls.get();
            long merged = instances.merged();
            List<Long> delays = new ArrayList<>();
            for (int i = 0; i < DECISIONS; i++) {
                delays.add(instances.rollBack());
                instances.start(i + 2);
            }
            long[] sorted = delays.stream().mapToLong(Long::longValue).sorted().toArray();
            result.line(String.format(
                    Locale.ROOT,
                    "| %d | %s | %.0f | %.0f | %.0f | %.0f | %d ms | %d ms | %,d of %,d |",
                    size,
                    listens ? "yes" : "no",
                    load.statements,
                    (after[0] - before[0]) / seconds,
                    load.rowsRead,
                    load.rowsWritten,
                    sorted[sorted.length / 2],
                    sorted[sorted.length - 1],
                    merged,
                    made));
        }
    }

    private static long sent(SingleQueryCountHolder sent) {
        return sent.getQueryCountMap().values().stream()
                .mapToLong(count -> count.getTotal())
                .sum();
    }

    /** Reads transactions, rows fetched, and rows inserted or changed, from the server's own statistics: about a second old. */
    private static long[] counters(DataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select xact_commit + xact_rollback, tup_fetched, tup_inserted + tup_updated + tup_deleted"
                                + " from pg_stat_database where datname = current_database()")) {
            row.next();
            return new long[] {row.getLong(1), row.getLong(2), row.getLong(3)};
        }
    }

    /** Several registries, each with a store and connections of its own. */
    private static final class Instances implements AutoCloseable {
        private final List<AutoCloseable> open = new ArrayList<>();
        private final List<Rollouts> registries = new ArrayList<>();
        private final List<Rollout> rollouts = new ArrayList<>();
        private final SplittableRandom random = new SplittableRandom(1);
        private final AtomicLong candidateCalls = new AtomicLong();

        Instances(DataSource database, int size, boolean listens, SingleQueryCountHolder sent) {
            for (int i = 0; i < size; i++) {
                HikariConfig config = new HikariConfig();
                config.setDataSource(
                        ProxyDataSourceBuilder.create(database).countQuery(sent).build());
                config.setMaximumPoolSize(1);
                HikariDataSource pool = new HikariDataSource(config);
                JdbcStore.Builder builder = JdbcStore.over(pool);
                JdbcStore store = (listens ? builder.listenOn(database) : builder).build();
                Rollouts registry =
                        Rollouts.builder().journal(store).host("host-" + i).build();
                registries.add(registry);
                open.add(0, pool);
                open.add(0, store);
                open.add(0, registry);
            }
        }

        void start(int number) {
            RollbackPlan plan = RollbackPlan.from(Release.of("checkout", "1.0.0"))
                    .to(Release.of("checkout", "1.0." + number))
                    .strategy(canary(50).bake(Duration.ofHours(1)).thenHold())
                    .watch(errorRate())
                    .build();
            rollouts.clear();
            registries.forEach(registry -> rollouts.add(registry.start(plan)));
            candidateCalls.set(0);
            for (Rollout rollout : rollouts) {
                long began = System.nanoTime();
                while (rollout.state().phase() != Phase.RUNNING) {
                    if (System.nanoTime() - began > LONGEST_START_NANOS) {
                        throw new IllegalStateException("it does not start: " + rollout.status());
                    }
                    LockSupport.parkNanos(ROUND_NANOS);
                }
            }
            serve(Duration.ofSeconds(2));
        }

        void serve(Duration duration) {
            long end = System.nanoTime() + duration.toNanos();
            while (System.nanoTime() - end < 0) {
                round();
                LockSupport.parkNanos(ROUND_NANOS);
            }
        }

        private boolean round() {
            boolean any = false;
            for (int i = 0; i < CALLS_A_ROUND; i++) {
                any |= call(rollouts.get(random.nextInt(rollouts.size())));
            }
            return any;
        }

        private boolean call(Rollout rollout) {
            long ticket = rollout.enter(random.nextLong(1_000_000));
            rollout.exit(ticket, System.nanoTime(), Outcome.SUCCESS);
            if (Ticket.isCandidate(ticket)) {
                candidateCalls.incrementAndGet();
                return true;
            }
            return false;
        }

        /** Returns how many of the candidate's calls the leader knows, of all instances. */
        long merged() {
            LockSupport.parkNanos(2_000_000_000L);
            return rollouts.stream()
                    .mapToLong(rollout -> rollout.status().totals().candidateCalls())
                    .max()
                    .orElse(0);
        }

        /** Rolls back on one instance; returns the milliseconds until the last call to the candidate on any began. */
        long rollBack() {
            long began = System.nanoTime();
            long last = began;
            rollouts.get(random.nextInt(rollouts.size())).rollBack("benchmark", "to measure");
            long quietSince = began;
            while (System.nanoTime() - quietSince < 2_000_000_000L) {
                boolean any = false;
                for (Rollout rollout : rollouts) {
                    for (int i = 0; i < 4; i++) {
                        if (call(rollout)) {
                            last = System.nanoTime();
                            any = true;
                        }
                    }
                }
                if (any) {
                    quietSince = last;
                }
                LockSupport.parkNanos(1_000_000);
            }
            return Duration.ofNanos(last - began).toMillis();
        }

        @Override
        public void close() {
            for (AutoCloseable each : open) {
                try {
                    each.close();
                } catch (Exception failed) {
                    throw new IllegalStateException(
                            "what was opened for " + Arrays.toString(SIZES) + " could not be closed", failed);
                }
            }
        }
    }
}
