package io.github.rollback4j.benchmarks.decisions;

import static io.github.rollback4j.signal.Signals.errorRate;

import io.github.rollback4j.benchmarks.ResultFile;
import io.github.rollback4j.benchmarks.decisions.Simulation.Decision;
import io.github.rollback4j.signal.ErrorRate;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Measures the decisions and writes them to a Markdown file, each against its bar:
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.github.rollback4j.benchmarks.decisions.DecisionQuality docs/results/decisions.md</pre>
 *
 * <p>{@code --short} takes fewer and shorter rollouts: minutes instead of an hour. {@code --section 6,7} runs these sections
 * only, and puts them in place of theirs in the file. {@code --rollouts 500} takes at most so many of a kind. The rollout
 * number i of a table has seed i, so that each can be run again.
 */
public final class DecisionQuality {

    private static final double ALPHA = .01;
    private static final double CALLS_PER_SECOND = 1_000;
    private static final long MOST_CALLS = 1_000_000;
    private static final int HOUR = 3_600;
    private static final ErrorRate DEFAULT = errorRate();
    private static final ErrorRate STRICT = errorRate().notAboveStableBy(0);

    private final Size size;
    private final ResultFile result;
    private final Healthy healthy;

    private DecisionQuality(Size size, ResultFile result) {
        this.size = size;
        this.result = result;
        this.healthy = new Healthy(size, ALPHA, CALLS_PER_SECOND, result);
    }

    /** Runs and writes; see the class. */
    public static void main(String[] args) {
        List<String> arguments = new ArrayList<>(List.of(args));
        boolean isShort = arguments.remove("--short");
        int mostRollouts = Integer.MAX_VALUE;
        int most = arguments.indexOf("--rollouts");
        if (most >= 0 && most + 1 < arguments.size() && arguments.get(most + 1).matches("[1-9]\\d{0,8}")) {
            mostRollouts = Integer.parseInt(arguments.get(most + 1));
            arguments.subList(most, most + 2).clear();
        }
        SortedSet<Integer> chosen = new TreeSet<>();
        int at = arguments.indexOf("--section");
        if (at >= 0 && at + 1 < arguments.size() && arguments.get(at + 1).matches("[1-8](,[1-8])*")) {
            for (String number : arguments.get(at + 1).split(",", -1)) {
                chosen.add(Integer.valueOf(number));
            }
            arguments.subList(at, at + 2).clear();
        }
        if (arguments.size() != 1 || arguments.get(0).startsWith("-")) {
            System.err.println(
                    "usage: DecisionQuality [--short] [--rollouts <most>] [--section <1 to 8>[,...]] <file.md>");
            System.exit(2);
            return;
        }
        Locale.setDefault(Locale.ROOT);
        Path file = Path.of(arguments.get(0));
        ResultFile result = new ResultFile("The decisions", DecisionQuality.class, args);
        result.line("");
        result.line("α is 1 % for a whole rollout where nothing else is said.");
        new DecisionQuality(new Size(isShort, mostRollouts), result).run(chosen, () -> {
            if (chosen.isEmpty()) {
                result.write(file);
            } else {
                result.writeSections(file);
            }
        });
    }

    private void run(Set<Integer> chosen, Runnable write) {
        List<Runnable> sections = List.of(
                this::falseRollbacks,
                this::delays,
                () -> {
                    totalFailures();
                    pendingCalls();
                },
                this::lateRegressions,
                this::peers,
                healthy::otherSignals,
                () -> new LatencyDelays(size, ALPHA, CALLS_PER_SECOND, result).run(),
                () -> new BusinessDelays(size, ALPHA, CALLS_PER_SECOND, result).run());
        for (int i = 0; i < sections.size(); i++) {
            if (chosen.isEmpty() || chosen.contains(i + 1)) {
                sections.get(i).run();
                write.run();
            }
        }
    }

    // ---- 1. False rollbacks.

    private void falseRollbacks() {
        int rollouts = size.rollouts(200, 2_000);
        long calls = size.calls(100_000, 500_000);
        result.line("");
        result.line("## 1. How often a healthy candidate is taken back");
        result.line("");
        result.line(
                "%,d rollouts each, of %,d calls at 1,000 a second, default margin (1.1 times stable's rate + 0.05 points)."
                        .formatted(rollouts, calls));
        result.line(Healthy.BAR);
        result.line("");
        List<Trial> trials = Scenarios.healthy().stream()
                .map(scenario -> new Trial(scenario, Watched.eachAlone(List.of(DEFAULT)), calls))
                .toList();
        healthy.table(rollouts, trials);
    }

    // ---- 2. Delays against the limit.

    private void delays() {
        int rollouts = size.rollouts(200, 2_000);
        result.line("");
        result.line("## 2. How long a regression that is there from the start takes, beside the theoretical limit");
        result.line("");
        result.line(
                "Strict margin, calls without a key, outcomes known at once; %,d rollouts each. Mean delay in calls of the"
                        .formatted(rollouts));
        result.line(
                "candidate, divided by the limit w·ln(1/α)/G of any test. Bar: at most 1.6 at α = 1 %, 1.4 at α = 0.1 %.");
        result.line("");
        result.line("| stable's rate | times | w | limit, calls (α = 1 %) | ratio at 1 % | ratio at 0.1 % | met |");
        result.line("|---:|---:|---:|---:|---:|---:|---|");
        for (double stableRate : new double[] {.0001, .001, .01}) {
            for (double times : new double[] {2, 5, 10}) {
                for (double weight : new double[] {.01, .05, .25, .5}) {
                    double[] ratios = new double[2];
                    double limit = new Delay(stableRate, times * stableRate, weight, .01).limit();
                    for (int i = 0; i < 2; i++) {
                        Delay delay = new Delay(stableRate, times * stableRate, weight, i == 0 ? .01 : .001);
                        ratios[i] = mean(rollouts, random -> delay.simulate(20 * delay.limit(), 0, true, random))
                                / delay.limit();
                    }
                    result.line("| %s %% | %.0f | %.0f %% | %,.0f | %.2f | %.2f | %s |"
                            .formatted(
                                    percent(stableRate),
                                    times,
                                    100 * weight,
                                    limit,
                                    ratios[0],
                                    ratios[1],
                                    met(ratios[0] <= 1.6 && ratios[1] <= 1.4)));
                }
            }
        }
    }

    // ---- 3. Everything fails.

    private void totalFailures() {
        int rollouts = size.rollouts(500, 5_000);
        result.line("");
        result.line("## 3. What a candidate costs that fails always");
        result.line("");
        result.line(
                "Stable fails in 0.1 %% of the calls; no minimum of failures; %,d rollouts each. Failed calls (with keys: failing"
                        .formatted(rollouts));
        result.line("keys) until the decision, on average; outcomes known at once.");
        result.line("");
        result.line("| w | margin | without keys | bar | with keys | bar | met |");
        result.line("|---:|---|---:|---:|---:|---:|---|");
        double[][] bars = {{.01, 3, 4}, {.05, 3, 4}, {.25, 4.5, 7}, {.5, 7, 11}, {.99, Double.NaN, Double.NaN}};
        for (double[] bar : bars) {
            Decision[][] unkeyed = decisionsOf(rollouts, Scenarios.regression(bar[0], .001, 1), MOST_CALLS);
            Decision[][] keyed = decisionsOf(rollouts, Scenarios.keyedRegression(bar[0], .001, 1), MOST_CALLS);
            for (int i = 0; i < 2; i++) {
                double calls = Arrays.stream(unkeyed[i])
                        .mapToLong(Decision::failedCalls)
                        .average()
                        .orElseThrow();
                double keys = Arrays.stream(keyed[i])
                        .mapToLong(Decision::failingKeys)
                        .average()
                        .orElseThrow();
                String verdict = Double.isNaN(bar[1]) ? "reported" : met(calls <= bar[1] && keys <= bar[2]);
                result.line("| %.0f %% | %s | %.2f | %s | %.2f | %s | %s |"
                        .formatted(
                                100 * bar[0],
                                i == 0 ? "default" : "strict",
                                calls,
                                bar(bar[1]),
                                keys,
                                bar(bar[2]),
                                verdict));
            }
        }
    }

    private void pendingCalls() {
        int rollouts = size.rollouts(200, 1_000);
        result.line("");
        result.line(
                "Calls of 50 ms, w = 5 %%, 1,000 calls a second, looked at ten times a second; median of %,d rollouts:"
                        .formatted(rollouts));
        result.line("");
        result.line("| stable → candidate | seconds, calls of 50 ms | seconds, outcomes known at once | bar | met |");
        result.line("|---|---:|---:|---|---|");
        double slow = medianOf(rollouts, Scenarios.slow(.05, .001, 1));
        double atOnce = medianOf(rollouts, Scenarios.regression(.05, .001, 1));
        result.line("| 0.1 %% → 100 %% | %.2f | %.2f | ≤ 0.4 s | %s |".formatted(slow, atOnce, met(slow <= .4)));
        slow = medianOf(rollouts, Scenarios.slow(.05, .001, .01));
        atOnce = medianOf(rollouts, Scenarios.regression(.05, .001, .01));
        result.line(
                "| 0.1 %% → 1 %% | %.2f | %.2f | ≤ 1.1 x | %s |".formatted(slow, atOnce, met(slow <= 1.1 * atOnce)));
    }

    // ---- 4. Late regressions.

    private void lateRegressions() {
        int rollouts = size.rollouts(100, 1_000);
        result.line("");
        result.line("## 4. A regression that begins half-way");
        result.line("");
        result.line(
                "As in 2, at α = 1 %, with T = 50 limits planned, and with an hour of 1,000 calls a second planned (where a quarter of");
        result.line(
                "it is enough). Bars: mean delay at most 1.75 times the late limit (D with D = w·ln((T/D)/α)/G); from 5x on at");
        result.line("least 2.5 times faster than evidence that knows one start only.");
        result.line("");
        result.line("| stable's rate | times | w | T, calls | late limit | ratio | one start, times slower | met |");
        result.line("|---:|---:|---:|---:|---:|---:|---:|---|");
        for (double stableRate : new double[] {.0001, .001, .01}) {
            for (double times : new double[] {2, 5, 10}) {
                for (double weight : new double[] {.05, .5}) {
                    Delay delay = new Delay(stableRate, times * stableRate, weight, ALPHA);
                    for (double planned : new double[] {50 * delay.limit(), weight * HOUR * CALLS_PER_SECOND}) {
                        if (delay.lateLimit(planned) <= planned / 4) {
                            late(rollouts, delay, planned);
                        }
                    }
                }
            }
        }
        int keyedRollouts = size.rollouts(100, 1_000);
        result.line("");
        result.line(
                "500 tenants, 0.1 %% → 1 %% at half time, w = 25 %%, 1,000,000 calls, %,d rollouts; bar: found in at least 90 %%."
                        .formatted(keyedRollouts));
        result.line("");
        result.line("| tenants | found before the end | met |");
        result.line("|---|---:|---|");
        for (Scenario scenario : Scenarios.lateForTenants()) {
            double found = Arrays.stream(decisionsOf(keyedRollouts, scenario, MOST_CALLS)[0])
                            .filter(Decision::isMade)
                            .count()
                    / (double) keyedRollouts;
            result.line("| %s | %.1f %% | %s |".formatted(scenario.name(), 100 * found, met(found >= .9)));
        }
    }

    private void late(int rollouts, Delay delay, double planned) {
        double limit = delay.lateLimit(planned);
        double times = delay.candidateRate() / delay.stableRate();
        double calls = mean(rollouts, random -> delay.simulate(planned, .5, true, random));
        double oneStart = mean(rollouts, random -> delay.simulate(planned, .5, false, random));
        boolean isMet = calls <= 1.75 * limit && (times < 4.9 || oneStart >= 2.5 * calls);
        result.line("| %s %% | %.0f | %.0f %% | %,.0f | %,.0f | %.2f | %.1f | %s |"
                .formatted(
                        percent(delay.stableRate()),
                        times,
                        100 * delay.weight(),
                        planned,
                        limit,
                        calls / limit,
                        oneStart / calls,
                        met(isMet)));
    }

    // ---- 5. Others.

    private void peers() {
        int rollouts = size.rollouts(20, 200);
        Map<String, DoubleFunction<Judge>> peers = Peers.all();
        double[][] cases = {{.001, .005}, {.001, .01}, {.01, .1}, {.001, 1}, {.001, .001}, {.01, .01}};
        double weight = .05;
        List<Decision[][]> results = new ArrayList<>();
        for (double[] rates : cases) {
            Scenario scenario = Scenarios.regression(weight, rates[0], rates[1]);
            Simulation simulation = new Simulation(
                    scenario,
                    Watched.eachAlone(List.of(DEFAULT, STRICT)),
                    ALPHA,
                    HOUR * (long) CALLS_PER_SECOND,
                    CALLS_PER_SECOND);
            results.add(IntStream.range(0, rollouts)
                    .parallel()
                    .mapToObj(seed -> simulation.run(
                            seed,
                            peers.values().stream()
                                    .map(peer -> peer.apply(weight))
                                    .toList()))
                    .toArray(Decision[][]::new));
        }
        result.line("");
        result.line("## 5. Beside other rules");
        result.line("");
        result.line("The same calls for all: 1,000 a second for an hour, without keys, w = 5 %%, α = 1 %%; %,d"
                .formatted(rollouts));
        result.line(
                "rollouts each. The others are models, written from their public documentation with its default constants.");
        result.line(
                "Median seconds from the regression to the decision (95th percentile); “-”: found in fewer than half. Last two");
        result.line("columns: how many healthy candidates are taken back within the hour.");
        result.line("");
        result.line("| rule | 0.1 → 0.5 % | 0.1 → 1 % | 1 → 10 % | 0.1 → 100 % | healthy at 0.1 % | healthy at 1 % |");
        result.line("|---|---:|---:|---:|---:|---:|---:|");
        List<String> names =
                new ArrayList<>(List.of("**rollback4j**, default margin", "**rollback4j**, strict margin"));
        names.addAll(peers.keySet());
        for (int rule = 0; rule < names.size(); rule++) {
            StringBuilder row = new StringBuilder("| " + names.get(rule));
            for (int i = 0; i < cases.length; i++) {
                int of = rule;
                Decisions decisions = new Decisions(
                        Arrays.stream(results.get(i)).map(all -> all[of]).toArray(Decision[]::new));
                row.append(" | ").append(i < 4 ? decisions.delay() : decisions.part());
            }
            result.line("%s |".formatted(row));
        }
    }

    // ---- Means and medians.

    /** Returns the decisions with the default margin and with the strict one, no minimum of failures asked for. */
    private static Decision[][] decisionsOf(int rollouts, Scenario scenario, long calls) {
        Simulation simulation = new Simulation(
                scenario,
                Watched.eachAlone(List.of(DEFAULT.atLeast(1), STRICT.atLeast(1))),
                ALPHA,
                calls,
                CALLS_PER_SECOND);
        Decision[][] runs = LongStream.range(0, rollouts)
                .parallel()
                .mapToObj(simulation::run)
                .toArray(Decision[][]::new);
        return IntStream.range(0, 2)
                .mapToObj(signal -> Arrays.stream(runs).map(run -> run[signal]).toArray(Decision[]::new))
                .toArray(Decision[][]::new);
    }

    private static double medianOf(int rollouts, Scenario scenario) {
        return new Decisions(decisionsOf(rollouts, scenario, MOST_CALLS)[0]).median();
    }

    private static double mean(int rollouts, ToDoubleFunction<SplittableRandom> simulation) {
        return LongStream.range(0, rollouts)
                .parallel()
                .mapToDouble(seed -> simulation.applyAsDouble(new SplittableRandom(seed)))
                .average()
                .orElseThrow();
    }

    static String met(boolean isMet) {
        return isMet ? "yes" : "**no**";
    }

    private static String bar(double bar) {
        return Double.isNaN(bar) ? "-" : "≤ " + bar;
    }

    private static String percent(double rate) {
        return BigDecimal.valueOf(rate).movePointRight(2).stripTrailingZeros().toPlainString();
    }
}
