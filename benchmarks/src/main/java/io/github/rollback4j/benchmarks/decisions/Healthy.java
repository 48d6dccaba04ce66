package io.github.rollback4j.benchmarks.decisions;

import static io.github.rollback4j.benchmarks.decisions.DecisionQuality.met;

import io.github.rollback4j.benchmarks.ResultFile;
import io.github.rollback4j.benchmarks.decisions.Simulation.Ending;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Measures how often healthy candidates are taken back, and rollouts paused for a sample ratio that is right. */
final class Healthy {

    static final String BAR =
            "Bar: the 99.9 % lower limit of each is at most 1 %, and the 99 % upper limit of all together.";

    private static final double PAUSE_RATE = 1e-4;

    private final Size size;
    private final double alpha;
    private final double callsPerSecond;
    private final ResultFile result;
    private int tables;
    private long allRollouts;
    private long allTaken;
    private long allPaused;

    Healthy(Size size, double alpha, double callsPerSecond, ResultFile result) {
        this.size = size;
        this.alpha = alpha;
        this.callsPerSecond = callsPerSecond;
        this.result = result;
    }

    /** Runs and writes the section on everything but errors alone. */
    void otherSignals() {
        int rollouts = size.rollouts(30, 2_000);
        long most = size.isShort() ? 50_000 : Trial.CALLS;
        result.line("");
        result.line("## 6. The same with latency, conversion and value, and steps by evidence");
        result.line("");
        result.line(
                "%,d rollouts each, of %,d calls at 1,000 a second, where latencies are compared of %,d (%,d in a ramp); default margins"
                        .formatted(
                                rollouts,
                                most,
                                Math.min(most, Trial.TIMED_CALLS),
                                Math.min(most, Trial.TIMED_CALLS_OF_RAMP)));
        result.line(
                "(latency 1.1 times, business 0.95 times stable's), warm-up 30 s after each change of the share, attribution window 10");
        result.line(
                "s. Latency stands alone with all of α; signals together have the shares of α that they have in a plan, and “taken");
        result.line(
                "back” means by any of them. Drift triples latencies and the error rate and halves conversions, in both arms; in the");
        result.line(
                "outage all take 8 times as long. Keys: 20,000, Zipf 1.1; where they differ their latencies do up to 16 times, and");
        result.line(
                "some fail often, for good. Steps by evidence: 5, 25, 50 %, the next one as soon as at most 0.05 % of all calls can be");
        result.line(
                "harmed by it, looked at each second; keys are then 500,000 (Zipf 0.6). “Paused”: the sample ratio is taken to be wrong.");
        result.line(BAR);
        result.line("Of pauses the 99.9 % lower limit is to be at most 0.01 %.");
        result.line("");
        List<Trial> trials = Trial.healthy().stream()
                .map(trial -> new Trial(trial.scenario(), trial.watched(), Math.min(most, trial.calls())))
                .toList();
        table(rollouts, trials);
    }

    /** Runs trials, and writes a table of them and what all have in common. */
    void table(int rollouts, List<Trial> trials) {
        result.line("| scenario | taken back | rate | 99.9 % lower limit | paused | met |");
        result.line("|---|---:|---:|---:|---:|---|");
        long taken = 0;
        long paused = 0;
        StringBuilder steps = new StringBuilder();
        for (Trial trial : trials) {
            Simulation simulation =
                    new Simulation(trial.scenario(), trial.watched(), alpha, trial.calls(), callsPerSecond);
            Ending[] endings = LongStream.range(0, rollouts)
                    .parallel()
                    .mapToObj(simulation::end)
                    .toArray(Ending[]::new);
            long takenHere = Arrays.stream(endings).filter(Ending::isTakenBack).count();
            long pausedHere =
                    Arrays.stream(endings).filter(Ending::isRatioWrong).count();
            double lower = Binomial.lower(takenHere, rollouts, .999);
            boolean isMet = lower <= alpha && Binomial.lower(pausedHere, rollouts, .999) <= PAUSE_RATE;
            result.line("| %s | %d | %.2f %% | %.2f %% | %d | %s |"
                    .formatted(
                            trial.scenario().name(),
                            takenHere,
                            100.0 * takenHere / rollouts,
                            100 * lower,
                            pausedHere,
                            met(isMet)));
            if (trial.scenario().byEvidence()) {
                double byEvidence = Arrays.stream(endings)
                        .mapToInt(Ending::stepsByEvidence)
                        .average()
                        .orElseThrow();
                steps.append(steps.length() == 0 ? "" : ", ").append("%.1f".formatted(byEvidence));
            }
            taken += takenHere;
            paused += pausedHere;
        }
        long count = (long) rollouts * trials.size();
        result.line("");
        if (steps.length() > 0) {
            result.line(
                    "Steps, promotion the third, that the evidence took before their time, on average: " + steps + ".");
        }
        pooled("All together", taken, paused, count);
        tables++;
        allRollouts += count;
        allTaken += taken;
        allPaused += paused;
        if (tables > 1) {
            pooled("With those of 1", allTaken, allPaused, allRollouts);
        }
    }

    private void pooled(String what, long taken, long paused, long rollouts) {
        double upper = Binomial.upper(taken, rollouts, .99);
        result.line("%s: %d of %,d, 99 %% upper limit %.3f %% (bar 1 %%): %s; %d paused (99 %% limits %.4f to %.4f %%)."
                .formatted(
                        what,
                        taken,
                        rollouts,
                        100 * upper,
                        met(upper <= alpha),
                        paused,
                        100 * Binomial.lower(paused, rollouts, .99),
                        100 * Binomial.upper(paused, rollouts, .99)));
    }
}
