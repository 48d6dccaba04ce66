package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.benchmarks.ResultFile;
import io.github.rollback4j.benchmarks.decisions.Simulation.Decision;
import io.github.rollback4j.signal.BusinessMetric;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Measures how long it takes to notice that a candidate earns less. */
final class BusinessDelays {

    private final Size size;
    private final double alpha;
    private final double callsPerSecond;
    private final ResultFile result;

    BusinessDelays(Size size, double alpha, double callsPerSecond, ResultFile result) {
        this.size = size;
        this.alpha = alpha;
        this.callsPerSecond = callsPerSecond;
        this.result = result;
    }

    void run() {
        int rollouts = size.rollouts(10, 200);
        int minutes = size.isShort() ? 5 : 30;
        result.line("");
        result.line("## 8. How long a candidate takes that earns less");
        result.line("");
        result.line(
                "Calls without a key, 1,000 a second, of which on stable 5 % convert; 5 %, or all, have a log-normal worth (σ = 1);");
        result.line(
                "margin 0.95 times, attribution window 10 s, α = 1 %% for the metric alone; %,d rollouts of up to %d minutes each. Median"
                        .formatted(rollouts, minutes));
        result.line(
                "seconds (95th percentile) from the start, the window and the first 1,000 calls of a value included; “calls”: the");
        result.line("candidate's, median. “-”: found in fewer than half.");
        result.line("");
        result.line("| metric | candidate | w = 50 % | calls | found | w = 25 % | calls | found |");
        result.line("|---|---|---:|---:|---:|---:|---:|---:|");
        Service stable = Service.of(Service.NONE);
        Map<String, Double> conversions = new LinkedHashMap<>();
        conversions.put("4 %", .8);
        conversions.put("3 %", .6);
        conversions.put("2.5 %", .5);
        conversions.forEach(
                (name, times) -> row("conversion", name, Trial.ORDERS, stable.converting(times, 1), rollouts, minutes));
        for (double part : new double[] {.05, 1}) {
            for (double times : new double[] {.8, .5}) {
                row(
                        part < 1 ? "value of 5 % of the calls" : "value of every call",
                        times + " times",
                        Trial.REVENUE,
                        stable.earningIn(part).converting(1, times),
                        rollouts,
                        minutes);
            }
        }
    }

    private void row(
            String metric, String candidate, BusinessMetric signal, Service service, int rollouts, int minutes) {
        StringBuilder row = new StringBuilder("| " + metric + " | " + candidate + " |");
        for (double weight : new double[] {.5, .25}) {
            Simulation simulation = new Simulation(
                    new Scenario("", Scenario.NO_KEYS, weight, service),
                    Watched.eachAlone(List.of(signal)),
                    alpha,
                    (long) (minutes * 60 * callsPerSecond),
                    callsPerSecond);
            Decisions found = new Decisions(LongStream.range(0, rollouts)
                    .parallel()
                    .mapToObj(seed -> simulation.run(seed)[0])
                    .toArray(Decision[]::new));
            row.append(" %s | %s | %s |".formatted(found.delay(), found.calls(), found.part()));
        }
        result.line(row.toString());
    }
}
