package io.github.rollback4j.benchmarks;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs the benchmarks of the call path with one thread and with two, and writes them to a Markdown file, each against its
 * bar:
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.github.rollback4j.benchmarks.HotPathReport docs/results/hot-path.md</pre>
 *
 * <p>{@code --quick} takes one short fork instead of three, for a look; {@code --only <regular expression>} runs a part.
 */
public final class HotPathReport {

    private static final List<Integer> THREADS = List.of(1, 2);
    private static final String OURS = "RouterBenchmark.";
    private static final String FLOOR = "FloorBenchmark.";
    private static final String PEER = "PeerBenchmark.";
    private static final String CALL = "CallBenchmark.";
    private static final String COMBINED = PEER + "openFeatureAndResilience4j";
    private static final String[] FLAG_SDKS = {PEER + "togglzGradual", PEER + "openFeatureInMemory"};
    private static final String[] BREAKERS = {
        PEER + "resilience4jCountBased", PEER + "resilience4jCountBasedLockFree", PEER + "resilience4jTimeBased"
    };

    private record Row(double median, double low, double high, double bytes) {}

    private final Map<Integer, Map<String, Row>> rows = new TreeMap<>();
    private final ResultFile result;

    private HotPathReport(ResultFile result) {
        this.result = result;
    }

    /** Runs and writes; see the class. */
    public static void main(String[] args) throws RunnerException {
        boolean quick = false;
        String only = "(Floor|Router|Call|Peer)Benchmark";
        Path file = null;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--quick")) {
                quick = true;
            } else if (args[i].equals("--only") && i + 1 < args.length) {
                only = args[++i];
            } else if (!args[i].startsWith("-") && file == null) {
                file = Path.of(args[i]);
            } else {
                file = null;
                break;
            }
        }
        if (file == null) {
            System.err.println("usage: HotPathReport [--quick] [--only <regular expression>] <file.md>");
            System.exit(2);
            return;
        }
        Locale.setDefault(Locale.ROOT);
        ResultFile result = new ResultFile("The call path", HotPathReport.class, args);
        HotPathReport report = new HotPathReport(result);
        for (int threads : THREADS) {
            report.run(only, threads, quick);
        }
        report.write(quick);
        result.write(file);
    }

    private void run(String only, int threads, boolean quick) throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder().include(only).threads(threads).addProfiler(GCProfiler.class);
        if (quick) {
            options.forks(1)
                    .warmupIterations(3)
                    .warmupTime(TimeValue.milliseconds(200))
                    .measurementIterations(3)
                    .measurementTime(TimeValue.milliseconds(200));
        }
        Map<String, Row> ofThreads = rows.computeIfAbsent(threads, any -> new TreeMap<>());
        Collection<RunResult> results = new Runner(options.build()).run();
        for (RunResult result : results) {
            String name = result.getParams().getBenchmark();
            String share = result.getParams().getParam("share");
            String label = name.substring(HotPathReport.class.getPackageName().length() + 1)
                    + (share == null ? "" : " at " + share);
            Statistics statistics = result.getPrimaryResult().getStatistics();
            Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
            if (bytes == null) {
                bytes = result.getSecondaryResults().get("·gc.alloc.rate.norm");
            }
            ofThreads.put(
                    label,
                    new Row(
                            statistics.getPercentile(50),
                            statistics.getPercentile(25),
                            statistics.getPercentile(75),
                            bytes == null ? Double.NaN : bytes.getScore()));
        }
    }

    private void write(boolean quick) {
        if (quick) {
            result.line("- a quick look: one short fork");
        }
        result.line("");
        result.line("Only ratios within one run mean anything. The interval holds the middle half of all iterations.");
        result.line("`at 0.05` is the candidate's share; `at 0` is what a service pays between two rollouts.");
        bars();
        for (int threads : THREADS) {
            result.line("");
            result.line("## %d thread%s".formatted(threads, threads == 1 ? "" : "s"));
            result.line("");
            result.line("| benchmark | median ns/op | interval | B/op |");
            result.line("|---|---:|---:|---:|");
            rows.getOrDefault(threads, Map.of())
                    .forEach((name, row) -> result.line("| %s | %.1f | %.1f to %.1f | %.0f |"
                            .formatted(name, row.median, row.low, row.high, row.bytes)));
        }
    }

    private void bars() {
        result.line("");
        result.line("## Bars");
        result.line("");
        result.line("| what | threads | bar | measured | met |");
        result.line("|---|---:|---:|---:|---|");
        for (int threads : THREADS) {
            String call = CALL + "callAllTimed at 0.05";
            String sampledCall = CALL + "callOneInFourTimed at 0.05";
            String timedFloor = CALL + "twoNanoTimeEnterExit at 0.05";
            atMost(call + " / two clock readings, enter and exit", threads, 1.25, call, timedFloor);
            atMost(sampledCall + " / two clock readings, enter and exit", threads, 0.5, sampledCall, timedFloor);
            atMost(sampledCall + ": bytes", threads, 0, bytes(threads, sampledCall));
            atLeast("OpenFeature and circuit breaker / " + sampledCall, threads, 3, sampledCall, COMBINED);
            for (String kind : new String[] {"Long", "String"}) {
                String floor = FLOOR + "readMixCompare" + kind;
                for (String share : new String[] {" at 0.05", " at 0.5"}) {
                    String route = OURS + "route" + kind + share;
                    String both = OURS + "enterExit" + kind + share;
                    atMost(route + " / read, mix and compare", threads, 1.5, route, floor);
                    atMost(both + " / LongAdder", threads, threads == 1 ? 2 : 1.5, both, FLOOR + "longAdder");
                    atMost(both + ": bytes", threads, 0, bytes(threads, both));
                    atLeast("circuit breaker / " + both, threads, threads == 1 ? 2 : 5, both, BREAKERS);
                    atLeast("flag SDK / " + route, threads, 10, route, FLAG_SDKS);
                }
            }
        }
    }

    private void atMost(String what, int threads, double bar, String ours, String floor) {
        atMost(what, threads, bar, median(threads, ours) / median(threads, floor));
    }

    private void atMost(String what, int threads, double bar, double measured) {
        if (!Double.isNaN(measured)) {
            result.line("| %s | %d | ≤ %.2f | %.2f | %s |"
                    .formatted(what, threads, bar, measured, measured < bar + 0.005 ? "yes" : "**no**"));
        }
    }

    /** Compares with the fastest of the peers. */
    private void atLeast(String what, int threads, double bar, String ours, String... peers) {
        double fastest = Double.NaN;
        for (String peer : peers) {
            double median = median(threads, peer);
            fastest = Double.isNaN(fastest) || median < fastest ? median : fastest;
        }
        double measured = fastest / median(threads, ours);
        if (!Double.isNaN(measured)) {
            result.line("| %s | %d | ≥ %.0f | %.2f | %s |"
                    .formatted(what, threads, bar, measured, measured >= bar ? "yes" : "**no**"));
        }
    }

    private double median(int threads, String name) {
        Row row = rows.getOrDefault(threads, Map.of()).get(name);
        return row == null ? Double.NaN : row.median;
    }

    private double bytes(int threads, String name) {
        Row row = rows.getOrDefault(threads, Map.of()).get(name);
        return row == null
                ? Double.NaN
                : Math.round(row.bytes); // a call allocates whole bytes; the rest is the harness
    }
}
