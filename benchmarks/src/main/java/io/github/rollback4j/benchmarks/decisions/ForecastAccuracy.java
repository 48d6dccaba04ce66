package io.github.rollback4j.benchmarks.decisions;

import static io.github.rollback4j.signal.Signals.errorRate;

import io.github.rollback4j.benchmarks.ResultFile;
import io.github.rollback4j.benchmarks.decisions.Simulation.Decision;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.Forecast;
import io.github.rollback4j.report.Forecast.Row;
import io.github.rollback4j.report.Forecast.Traffic;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Compares forecasts with rollouts that are simulated call by call, and writes them to a Markdown file:
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.github.rollback4j.benchmarks.decisions.ForecastAccuracy docs/results/forecast.md</pre>
 */
public final class ForecastAccuracy {

    private static final int ROLLOUTS = 300;
    private static final int STEP_SECONDS = 200;
    private static final double[] PERCENTS = {5, 25, 50};
    private static final double CALLS_PER_SECOND = 500;
    private static final double BAR = .15;

    /** So many that hardly one of them calls twice. */
    private static final int KEYS = 1 << 24;

    private ForecastAccuracy() {}

    /** Runs and writes; see the class. */
    public static void main(String[] args) {
        if (args.length != 1 || args[0].startsWith("-")) {
            System.err.println("usage: ForecastAccuracy <file.md>");
            System.exit(2);
            return;
        }
        Locale.setDefault(Locale.ROOT);
        ResultFile result = new ResultFile("Forecasts beside simulation", ForecastAccuracy.class, args);
        result.line("");
        result.line(
                "Canary of 5, 25 and 50 %, 200 s each, then promoted; 500 calls a second; default margin, α = 1 %.");
        result.line(
                "Simulation: %,d rollouts, call by call, a key of its own for each keyed call. Bar: failed calls and median"
                        .formatted(ROLLOUTS));
        result.line(
                "seconds within 15 %, or 0.1 s, where the candidate is found in half of the rollouts at least; the part that is");
        result.line("found within 5 points.");
        result.line("");
        result.line(
                "| calls | stable | worse from | candidate | found: forecast, simulated | failed calls | seconds | met |");
        result.line("|---|---:|---|---:|---|---|---|---|");
        for (boolean keyed : new boolean[] {true, false}) {
            for (double stableRate : new double[] {.001, .01}) {
                compare(result, keyed, stableRate);
            }
        }
        result.write(Path.of(args[0]));
    }

    private static void compare(ResultFile result, boolean keyed, double stableRate) {
        ErrorRate signal = errorRate().shareOfKeyedCalls(keyed ? 1 : 0);
        RollbackPlan plan = RollbackPlan.from(Release.of("service", "1"))
                .to(Release.of("service", "2"))
                .strategy(RolloutStrategy.canary(PERCENTS)
                        .bake(Duration.ofSeconds(STEP_SECONDS))
                        .leastCalls(0)
                        .thenPromote())
                .watch(signal)
                .build();
        Traffic traffic = new Traffic(CALLS_PER_SECOND, stableRate, keyed, 0);
        List<Row> rows = Forecast.of(plan, traffic).rows();
        List<RolloutStrategy.Step> steps = plan.strategy().steps();
        for (Row row : rows) {
            int step = 0;
            while (!steps.get(step).name().equals(row.step())) {
                step++;
            }
            compare(result, plan, signal, traffic, row, step);
        }
    }

    private static void compare(
            ResultFile result, RollbackPlan plan, ErrorRate signal, Traffic traffic, Row row, int step) {
        double stableRate = traffic.failureRate();
        double from = (double) step / PERCENTS.length;
        Scenario scenario = new Scenario(
                row.step(),
                traffic.keyed() ? random -> random.nextInt(KEYS) : Scenario.NO_KEYS,
                plan.strategy().steps().stream()
                        .map(RolloutStrategy.Step::share)
                        .toList(),
                (candidate, key, part) -> candidate && part >= from ? row.failureRate() : stableRate,
                0);
        long calls = (long) (PERCENTS.length * STEP_SECONDS * CALLS_PER_SECOND);
        Simulation simulation = new Simulation(
                scenario, Watched.eachAlone(List.of(signal)), plan.falseRollbackRate(), calls, CALLS_PER_SECOND);
        Decision[] decisions = LongStream.range(0, ROLLOUTS)
                .parallel()
                .mapToObj(seed -> simulation.run(seed)[0])
                .toArray(Decision[]::new);
        double found = Arrays.stream(decisions).filter(Decision::isMade).count() / (double) ROLLOUTS;
        double[] seconds = Arrays.stream(decisions)
                .mapToDouble(decision ->
                        decision.isMade() ? decision.seconds() - step * STEP_SECONDS : Double.POSITIVE_INFINITY)
                .sorted()
                .toArray();
        double median = seconds[(seconds.length - 1) / 2];
        Duration until = row.until();
        double forecast = until == null ? Double.POSITIVE_INFINITY : until.toMillis() / 1e3;
        double failed = Arrays.stream(decisions)
                .mapToLong(Decision::failedCalls)
                .average()
                .orElseThrow();
        // The simulation counts what a healthy candidate fails in the steps before, too, of which the forecast does not
        // speak.
        for (int i = 0; i < step; i++) {
            failed -= plan.strategy().steps().get(i).share() * stableRate * STEP_SECONDS * CALLS_PER_SECOND;
        }
        boolean isMet = Math.abs(row.found() - found) <= .05
                && (found < .5 || (isClose(row.failedCalls(), failed, 0) && isClose(forecast, median, .1)));
        result.line("| %s | %s %% | %s | %s %% | %.1f %%, %.1f %% | %.1f, %.1f | %.1f, %.1f | %s |"
                .formatted(
                        traffic.keyed() ? "with keys" : "without",
                        100 * stableRate,
                        row.step(),
                        100 * row.failureRate(),
                        100 * row.found(),
                        100 * found,
                        row.failedCalls(),
                        failed,
                        forecast,
                        median,
                        isMet ? "yes" : "**no**"));
    }

    private static boolean isClose(double forecast, double simulated, double absolute) {
        return Math.abs(forecast - simulated) <= Math.max(absolute, BAR * simulated) || forecast == simulated;
    }
}
