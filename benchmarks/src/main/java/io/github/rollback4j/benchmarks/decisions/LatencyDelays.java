package io.github.rollback4j.benchmarks.decisions;

import static io.github.rollback4j.benchmarks.decisions.DecisionQuality.met;
import static io.github.rollback4j.signal.Signals.latency;

import io.github.rollback4j.benchmarks.ResultFile;
import io.github.rollback4j.benchmarks.decisions.Simulation.Decision;
import io.github.rollback4j.signal.Latency;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Measures how long it takes to notice that a candidate is slower, or does not answer any more. */
final class LatencyDelays {

    private static final double WEIGHT = .05;

    private static final long SECOND = 1_000_000_000L;

    private final Size size;
    private final double alpha;
    private final double callsPerSecond;
    private final ResultFile result;
    private final long warmUpSeconds = latency().warmUp().toSeconds();

    LatencyDelays(Size size, double alpha, double callsPerSecond, ResultFile result) {
        this.size = size;
        this.alpha = alpha;
        this.callsPerSecond = callsPerSecond;
        this.result = result;
    }

    void run() {
        beside();
        hanging();
        keyed();
    }

    private void beside() {
        int rollouts = size.rollouts(10, 200);
        int minutes = size.isShort() ? 2 : 10;
        int minutesOfOthers = size.isShort() ? 25 : 30;
        result.line("");
        result.line("## 7. How long a slower candidate takes, beside other rules");
        result.line("");
        result.line(
                "Calls without a key, 1,000 a second, w = 5 %%, α = 1 %% for latency alone; %,d rollouts each. Median seconds (95th"
                        .formatted(rollouts));
        result.line(
                "percentile) from the end of the warm-up (30 s, in which 1,000 latencies of stable are sampled) to the decision, for");
        result.line(
                "rollback4j within %d minutes, for the others within %d; “-”: found in fewer than half. “Calls”: the candidate's, median. Where"
                        .formatted(minutes, minutesOfOthers));
        result.line(
                "the candidate is as fast as stable or on the margin, how many are taken back in that time instead; bar for");
        result.line("rollback4j: the 99.9 % lower limit is at most 1 %.");
        result.line("");
        result.line(
                "The others are models, written from their public documentation, which see each latency when the call begins: Welch's");
        result.line(
                "test on the logarithms of the latencies, one-sided at 1 %, read each second; Kayenta's Mann-Whitney judge on mean");
        result.line(
                "latencies by minute, each ten minutes; Flagger's request-duration (99th percentile at most 500 ms, each minute, 5");
        result.line(
                "failed checks, stable's is at 320, 380 and 290 ms); Argo Rollouts' analysis (each 5 minutes, failure limit 3; its");
        result.line(
                "documentation names no latency: the 95th percentile is to be at most 1.5 times stable's, known beforehand). None but");
        result.line("the first row of each knows of a margin.");
        result.line("");
        StringBuilder header = new StringBuilder(
                "| latencies | candidate | **rollback4j**, 1.1 times | calls | strict | calls | met |");
        StringBuilder rule = new StringBuilder("|---|---|---:|---:|---:|---:|---|");
        for (String name : LatencyPeers.names()) {
            header.append(' ').append(name).append(" |");
            rule.append("---:|");
        }
        result.line(header.toString());
        result.line(rule.toString());
        Map<String, Amounts> latencies = new LinkedHashMap<>();
        latencies.put("log-normal", Service.LOG_NORMAL);
        latencies.put("Pareto", Service.PARETO);
        latencies.put("bimodal", Service.BIMODAL);
        latencies.forEach((name, of) -> {
            Service stable = Service.of(of);
            row(name, "as stable", stable, 1, rollouts, minutes, minutesOfOthers);
            for (double times : new double[] {1.1, 1.2, 1.3, 1.5, 2}) {
                row(
                        name,
                        times == 1.1 ? "1.1 times: margin" : times + " times",
                        stable.slower(times),
                        times,
                        rollouts,
                        minutes,
                        minutesOfOthers);
            }
            row(name, "2 % take 10 times", stable.withTail(.02), 10, rollouts, minutes, minutesOfOthers);
        });
    }

    private void row(
            String latencies,
            String name,
            Service service,
            double times,
            int rollouts,
            int minutes,
            int minutesOfOthers) {
        Latency tolerant = latency();
        Decisions withMargin = ours(service, tolerant, rollouts, minutes);
        Decisions strict = ours(service, tolerant.notAboveStableTimes(1), rollouts, minutes);
        boolean isWithinMargin = times <= tolerant.times();
        boolean isSame = times == 1;
        boolean isMet = (!isWithinMargin || isFalseRateMet(withMargin, rollouts))
                && (!isSame || isFalseRateMet(strict, rollouts));
        StringBuilder row = new StringBuilder("| %s | %s | %s | %s | %s | %s | %s |"
                .formatted(
                        latencies,
                        name,
                        isWithinMargin ? withMargin.part() : withMargin.delay(),
                        isWithinMargin ? "" : withMargin.calls(),
                        isSame ? strict.part() : strict.delay(),
                        isSame ? "" : strict.calls(),
                        isWithinMargin ? met(isMet) : ""));
        for (Decisions peer :
                LatencyPeers.decisions(service, WEIGHT, callsPerSecond, rollouts, minutesOfOthers * 60L * SECOND)) {
            row.append(' ').append(isSame ? peer.part() : peer.delay()).append(" |");
        }
        result.line(row.toString());
    }

    private boolean isFalseRateMet(Decisions decisions, int rollouts) {
        return Binomial.lower(decisions.made(), rollouts, .999) <= alpha;
    }

    private Decisions ours(Service service, Latency signal, int rollouts, int minutes) {
        return decisions(
                new Scenario("", Scenario.NO_KEYS, WEIGHT, service),
                signal,
                rollouts,
                warmUpSeconds + minutes * 60L,
                warmUpSeconds);
    }

    /** Returns the decisions of a signal, with times and calls from so many seconds on. */
    private Decisions decisions(Scenario scenario, Latency signal, int rollouts, long seconds, long fromSeconds) {
        Simulation simulation = new Simulation(
                scenario,
                Watched.eachAlone(List.of(signal)),
                alpha,
                (long) (seconds * callsPerSecond),
                callsPerSecond,
                fromSeconds * SECOND);
        return new Decisions(LongStream.range(0, rollouts)
                .parallel()
                .mapToObj(seed -> simulation.run(seed)[0])
                .toArray(Decision[]::new));
    }

    private void hanging() {
        int rollouts = size.rollouts(50, 1_000);
        result.line("");
        result.line(
                "A candidate whose calls do not end, seconds until it is noticed by its latency; %,d rollouts each. The models of others:"
                        .formatted(rollouts));
        result.line(
                "Flagger's and Argo Rollouts' have no value, which they take for a failed check; the others have nothing to compare.");
        result.line("");
        result.line(
                "| latencies of stable | candidate | seconds | calls | bar | met | Welch | Kayenta | Flagger | Argo Rollouts |");
        result.line("|---|---|---:|---:|---:|---|---:|---:|---:|---:|");
        Map<String, Amounts> latencies = new LinkedHashMap<>();
        latencies.put("log-normal", Service.LOG_NORMAL);
        latencies.put("Pareto", Service.PARETO);
        latencies.put("bimodal", Service.BIMODAL);
        long seconds = warmUpSeconds + 30;
        latencies.forEach((name, of) -> {
            for (boolean fromStart : new boolean[] {true, false}) {
                long from = fromStart ? 0 : warmUpSeconds + 10;
                Service service = Service.of(of).hangingFrom((double) from / seconds);
                Decisions found = decisions(
                        new Scenario("", Scenario.NO_KEYS, WEIGHT, service),
                        latency(),
                        rollouts,
                        seconds,
                        Math.max(from, warmUpSeconds));
                StringBuilder row = new StringBuilder("| %s | %s | %s | %s | ≤ 1 | %s |"
                        .formatted(
                                name,
                                fromStart ? "hangs from the start" : "hangs 10 s after the warm-up",
                                found.delay(),
                                found.calls(),
                                met(found.median() <= 1)));
                // What is under way is on no meter of a request's duration.
                for (Decisions peer : LatencyPeers.decisions(
                        Service.of(of).hangingFrom(0), WEIGHT, callsPerSecond, 1, 30 * 60 * SECOND)) {
                    row.append(' ').append(peer.delay()).append(" |");
                }
                result.line(row.toString());
            }
        });
    }

    private void keyed() {
        int rollouts = size.rollouts(10, 200);
        int minutes = size.isShort() ? 2 : 10;
        int users = 500_000;
        Zipf zipf = new Zipf(users, 1.1);
        result.line("");
        result.line(
                "Calls with keys, of %,d (Zipf 1.1), log-normal latencies, margin 1.1; as above, within %d minutes, %,d rollouts each:"
                        .formatted(users, minutes, rollouts));
        result.line("");
        result.line("| w | 1.3 times: seconds | calls | found | 2 times: seconds | calls | found |");
        result.line("|---:|---:|---:|---:|---:|---:|---:|");
        for (double weight : new double[] {.05, .25}) {
            List<String> cells = new ArrayList<>();
            for (double times : new double[] {1.3, 2}) {
                Decisions found = decisions(
                        new Scenario(
                                "",
                                zipf::next,
                                weight,
                                Service.of(Service.LOG_NORMAL).slower(times)),
                        latency(),
                        rollouts,
                        warmUpSeconds + minutes * 60L,
                        warmUpSeconds);
                cells.addAll(Arrays.asList(found.delay(), found.calls(), found.part()));
            }
            result.line("| %.0f %% | %s |".formatted(100 * weight, String.join(" | ", cells)));
        }
    }
}
