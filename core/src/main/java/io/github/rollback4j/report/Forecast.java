package io.github.rollback4j.report;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutListener;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.Latency;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Tally;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says before the start what a plan sees at a given traffic: how many calls fail, and how long it takes, until a candidate
 * that fails 2, 5 or 10 times as often as stable, or always, is taken back by the error rate; and what the plan cannot see.
 *
 * <p>Each row is the outcome of {@value SimulatedRollouts#ROLLOUTS} simulated rollouts under the library's own evidence,
 * with the same seed each time, so that the same question has the same answer. Outcomes are known at once and calls come
 * evenly; calls with keys are taken to fail for a key of their own each, so that where few keys make all calls, more calls
 * fail than is said here. Immutable and thread-safe. Takes up to some seconds to make.
 *
 * @param traffic what was asked
 * @param rows by step, then by how often the candidate fails; none where the plan watches no error rate
 * @param toPromotion how long a healthy candidate takes to its promotion at least; null where no step promotes it
 * @param unseen what the plan does not see at this traffic, a sentence each
 */
public record Forecast(
        Traffic traffic, List<Row> rows, @Nullable Duration toPromotion, List<String> unseen) {

    /**
     * What a service meets.
     *
     * @param callsPerSecond more than 0, at most 10,000,000
     * @param failureRate of stable, 0 to less than 1
     * @param keyed whether calls have keys
     * @param worthOfCall what a failed call costs, in a unit of one's own; 0 where that is not asked
     */
    public record Traffic(double callsPerSecond, double failureRate, boolean keyed, double worthOfCall) {

        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if one is outside its range
         */
        public Traffic {
            if (!(callsPerSecond > 0 && callsPerSecond <= 1e7)) {
                throw new IllegalArgumentException(
                        "callsPerSecond " + callsPerSecond + " is not allowed: more than 0 and at most 10000000 is");
            }
            if (!(failureRate >= 0 && failureRate < 1)) {
                throw new IllegalArgumentException(
                        "failureRate " + failureRate + " is not allowed: 0 to less than 1 is");
            }
            if (!(worthOfCall >= 0 && worthOfCall < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("worthOfCall " + worthOfCall + " is not allowed: 0 or more is");
            }
        }

        /** Returns traffic of calls with keys that cost nothing when they fail. */
        public static Traffic of(double callsPerSecond, double failureRate) {
            return new Traffic(callsPerSecond, failureRate, true, 0);
        }

        /**
         * Returns what a rollout has seen so far of stable, for its next attempt or a similar one.
         *
         * @throws IllegalArgumentException if it has seen no call
         */
        public static Traffic seenIn(Rollout.Status status) {
            Tally.Totals totals = status.totals();
            double calls = (double) totals.stableCalls()
                    + totals.candidateCalls()
                    + totals.stableApart()
                    + totals.candidateApart();
            double stable = (double) totals.stableCalls() + totals.stableApart();
            double seconds = status.elapsed().toNanos() / 1e9;
            if (stable == 0 || seconds <= 0) {
                throw new IllegalArgumentException(
                        "rollout " + status.id() + " has seen no call of stable yet: one that has is allowed");
            }
            return of(calls / seconds, (totals.stableFailures() + totals.stableApartFailures()) / stable);
        }

        /** Returns the same for calls without keys. */
        public Traffic withoutKeys() {
            return new Traffic(callsPerSecond, failureRate, false, worthOfCall);
        }

        /** Returns the same for calls that cost this much when they fail. */
        public Traffic worth(double call) {
            return new Traffic(callsPerSecond, failureRate, keyed, call);
        }
    }

    /**
     * What becomes of a candidate that is worse from the beginning of a step on.
     *
     * @param step the step's name
     * @param times how many times as often as stable it fails; infinite for one that fails always
     * @param failureRate of the candidate, 0 to 1
     * @param found the part of the rollouts in which it is taken back, 0 to 1
     * @param until how long that takes in half of the rollouts at most; null where it is found in fewer
     * @param failedCalls how many calls the candidate fails until it is taken back, or serves all, on average
     * @param cost of these calls
     */
    public record Row(
            String step,
            double times,
            double failureRate,
            double found,
            @Nullable Duration until,
            double failedCalls,
            double cost) {}

    private static final Logger LOG = LoggerFactory.getLogger(Forecast.class);
    private static final Duration SHORTEST_STEP = Duration.ofMinutes(1);
    private static final Duration LONGEST_SUGGESTED = Duration.ofDays(30);
    private static final double[] SUGGESTED_PERCENTS = {1, 5, 25, 50};
    private static final double SUGGESTED_TIMES = 5;
    private static final double SUGGESTED_RATE = .005;
    private static final double SUGGESTED_FALSE_ROLLBACK_RATE = .01;

    /** The delay is 1.2 to 1.5 times the limit on average, and twice that at most in nine of ten rollouts. */
    private static final double SAFETY = 3;

    private static final double[] TIMES = {2, 5, 10, Double.POSITIVE_INFINITY};
    private static final double MOSTLY = .5;

    /** Copies the lists. */
    public Forecast {
        rows = List.copyOf(rows);
        unseen = List.copyOf(unseen);
    }

    /** Asks what a plan sees. */
    public static Forecast of(RollbackPlan plan, Traffic traffic) {
        List<Row> rows = new ArrayList<>();
        ErrorRate signal = plan.errorRate();
        if (signal != null && share(signal, traffic) > 0) {
            SimulatedRollouts simulation = new SimulatedRollouts(plan, signal, share(signal, traffic), traffic);
            List<RolloutStrategy.Step> steps = plan.strategy().steps();
            for (int step = 0; step < steps.size(); step++) {
                if (simulation.isWeighed(step)) {
                    for (double times : TIMES) {
                        double rate = Double.isInfinite(times) ? 1 : times * traffic.failureRate();
                        if (rate > traffic.failureRate() && (rate < 1 || Double.isInfinite(times))) {
                            rows.add(row(
                                    simulation.run(step, rate), steps.get(step).name(), times, rate, traffic));
                        }
                    }
                }
            }
        }
        return new Forecast(traffic, rows, toPromotion(plan.strategy(), traffic), unseen(plan, traffic, rows));
    }

    /**
     * Suggests a canary for a given traffic: with the smallest first step that leaves each step long enough to find a candidate
     * that fails 5 times as often as stable (where stable never fails: in 0.5 % of its calls), by the default error rate,
     * before the next begins. Where there is not time enough for any, it is half of the calls for all of the time; its
     * forecast says what that sees.
     *
     * @param within how long all steps together may last, at least a minute
     * @throws IllegalArgumentException if the time is shorter
     */
    public static RolloutStrategy suggestCanary(Traffic traffic, Duration within) {
        if (within.compareTo(SHORTEST_STEP) < 0) {
            throw new IllegalArgumentException("within " + within + " is not allowed: a minute or more is");
        }
        double rate = traffic.failureRate() > 0 ? Math.min(1, SUGGESTED_TIMES * traffic.failureRate()) : SUGGESTED_RATE;
        for (int from = 0; from < SUGGESTED_PERCENTS.length; from++) {
            double growth = Evidence.growth(
                    Evidence.Margin.DEFAULT, SUGGESTED_PERCENTS[from] / 100, traffic.failureRate(), rate);
            double seconds = SAFETY * -Math.log(SUGGESTED_FALSE_ROLLBACK_RATE) / growth / traffic.callsPerSecond();
            double minutes = Math.max(1, Math.ceil(seconds / 60));
            if (minutes * (SUGGESTED_PERCENTS.length - from) <= within.toMinutes()) {
                return RolloutStrategy.canary(Arrays.copyOfRange(SUGGESTED_PERCENTS, from, SUGGESTED_PERCENTS.length))
                        .bake(Duration.ofMinutes((long) minutes))
                        .thenPromote();
            }
        }
        return RolloutStrategy.canary(SUGGESTED_PERCENTS[SUGGESTED_PERCENTS.length - 1])
                .bake(within)
                .thenPromote();
    }

    /** Returns a listener that logs at the start of each rollout what its plan sees at a given traffic, and what not. */
    public static RolloutListener atStart(Traffic traffic) {
        return (rollout, event) -> {
            if (event instanceof RolloutEvent.Started) {
                LOG.info(
                        "{}: what its plan sees.\n{}",
                        rollout.id(),
                        of(rollout.plan(), traffic).markdown());
            }
        };
    }

    /** Returns which part of the signal's false-rollback rate the traffic's kind of calls gets. */
    private static double share(ErrorRate signal, Traffic traffic) {
        return traffic.keyed ? signal.keyedShare() : 1 - signal.keyedShare();
    }

    private static Row row(List<SimulatedRollouts.End> ends, String step, double times, double rate, Traffic traffic) {
        List<Double> seconds = new ArrayList<>();
        double failed = 0;
        for (SimulatedRollouts.End end : ends) {
            failed += end.failedCalls();
            if (end.isFound()) {
                seconds.add(end.seconds());
            }
        }
        Collections.sort(seconds);
        double found = (double) seconds.size() / ends.size();
        Duration until =
                found < MOSTLY ? null : Duration.ofMillis(Math.round(1_000 * seconds.get((ends.size() - 1) / 2)));
        double failedCalls = failed / ends.size();
        return new Row(step, times, rate, found, until, failedCalls, failedCalls * traffic.worthOfCall());
    }

    private static @Nullable Duration toPromotion(RolloutStrategy strategy, Traffic traffic) {
        if (!strategy.promotes() || strategy.steps().stream().anyMatch(RolloutStrategy.Step::bySwitch)) {
            return null;
        }
        Pace pace = new Pace(strategy, traffic);
        double seconds = 0;
        for (int step = 0; step < strategy.steps().size(); step++) {
            seconds += pace.healthySeconds(step);
        }
        return Double.isInfinite(seconds) ? null : Duration.ofMillis(Math.round(1_000 * seconds));
    }

    private static List<String> unseen(RollbackPlan plan, Traffic traffic, List<Row> rows) {
        List<String> unseen = new ArrayList<>();
        ErrorRate signal = plan.errorRate();
        if (signal == null) {
            unseen.add("Errors: the plan watches no error rate.");
        } else if (share(signal, traffic) == 0) {
            unseen.add("Errors: the plan's error rate weighs no calls " + (traffic.keyed ? "with" : "without")
                    + " keys (share of keyed calls " + signal.keyedShare() + ").");
        }
        for (double times : TIMES) {
            rows.stream()
                    .filter(row -> row.times == times)
                    .mapToDouble(Row::found)
                    .max()
                    .ifPresent(best -> {
                        if (best < MOSTLY) {
                            unseen.add(String.format(
                                    Locale.ROOT,
                                    "A candidate that fails %s: found in at most %.0f %% of the rollouts.",
                                    words(times),
                                    100 * best));
                        }
                    });
        }
        if (plan.strategy().deployed() != null) {
            unseen.add(
                    "How soon a worse candidate is found: a deployment is compared with what stable does elsewhere or did before,"
                            + " outside the false-rollback rate, and that is not simulated.");
        } else if (plan.strategy().promotes()
                || plan.strategy().steps().stream().anyMatch(step -> step.share() >= 1)) {
            unseen.add("What begins once the candidate serves all calls: nothing is left to compare with"
                    + (plan.signals().stream().anyMatch(LimitSignal.class::isInstance)
                            ? "; the plan's limits see what they measure."
                            : ", and the plan has no limit on a meter or a health check."));
        }
        addNotCompared(unseen, plan, traffic);
        addSuggestion(unseen, traffic, rows);
        return unseen;
    }

    private static void addNotCompared(List<String> unseen, RollbackPlan plan, Traffic traffic) {
        if (plan.signals().stream().noneMatch(Latency.class::isInstance)) {
            unseen.add("Slow answers: the plan watches no latency.");
        } else if (traffic.keyed) {
            unseen.add("Answers that get slow in the middle of a step, for keys that have all called in it before.");
        }
        if (plan.shadowMismatch() == null && plan.signals().stream().noneMatch(BusinessMetric.class::isInstance)) {
            unseen.add("Wrong answers and lost business: no signal compares them.");
        }
    }

    private static void addSuggestion(List<String> unseen, Traffic traffic, List<Row> rows) {
        boolean isTooShort = !rows.isEmpty()
                && rows.stream().filter(row -> row.times == SUGGESTED_TIMES).mapToDouble(Row::found).max().stream()
                        .anyMatch(best -> best < MOSTLY);
        if (isTooShort) {
            RolloutStrategy canary = suggestCanary(traffic, LONGEST_SUGGESTED);
            unseen.add(
                    "The steps are too short for this traffic; to find a candidate that fails 5 times as often takes: "
                            + canary.steps().stream()
                                    .map(RolloutStrategy.Step::name)
                                    .collect(Collectors.joining(", "))
                            + ", " + Timeline.shown(canary.steps().get(0).bake()) + " each.");
        }
    }

    private static String words(double times) {
        return Double.isInfinite(times) ? "always" : number(times) + " times as often";
    }

    /** Returns the forecast as Markdown. */
    public String markdown() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "At %s calls a second%s, of which stable fails %s %%:%n%n",
                number(traffic.callsPerSecond),
                traffic.keyed ? "" : " without keys",
                number(100 * traffic.failureRate)));
        boolean hasCost = traffic.worthOfCall > 0;
        text.append("| Worse from step | The candidate fails | Taken back | Half of them within | Failed calls |");
        text.append(hasCost ? " Cost |\n|---|---|---:|---:|---:|---:|\n" : "\n|---|---|---:|---:|---:|\n");
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s (%s %%) | %.0f %% | %s | %s |",
                    row.step,
                    words(row.times),
                    number(100 * row.failureRate),
                    100 * row.found,
                    row.until == null ? "-" : Timeline.shown(row.until),
                    number(row.failedCalls)));
            text.append(hasCost ? " " + number(row.cost) + " |\n" : "\n");
        }
        text.append("\nA healthy candidate: ")
                .append(
                        toPromotion == null
                                ? "not promoted by the library alone.\n"
                                : "promoted after " + Timeline.shown(toPromotion) + " at the earliest.\n");
        text.append("\nNot seen:\n\n");
        unseen.forEach(line -> text.append("- ").append(line).append('\n'));
        return text.toString();
    }

    /** Writes a number with up to three significant digits. */
    private static String number(double value) {
        return value >= 100
                ? String.format(Locale.ROOT, "%,.0f", value)
                : new BigDecimal(value, new MathContext(3)).stripTrailingZeros().toPlainString();
    }
}
