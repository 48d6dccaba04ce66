package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.benchmarks.decisions.Simulation.Decision;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;

/**
 * What other tools do about latencies, written from their public documentation with its default constants. They are models
 * of the rules, not the tools.
 */
final class LatencyPeers {

    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;
    private static final double NANOS_A_MILLI = 1e6;

    /** A rule by which a candidate is taken back, fed with latencies. For one thread and one rollout. */
    private interface LatencyJudge {

        void latency(boolean candidate, double millis);

        /** Says whether the candidate is to be taken back; asked each second of simulated time. */
        boolean isAgainst(long nowNanos);
    }

    private LatencyPeers() {}

    /** Returns the names of all of them, in the order of their decisions. */
    static List<String> names() {
        return List.copyOf(all(Service.of(Service.LOG_NORMAL)).keySet());
    }

    private static Map<String, Supplier<LatencyJudge>> all(Service service) {
        double usual = service.latencies().quantile(.95);
        Map<String, Supplier<LatencyJudge>> peers = new LinkedHashMap<>();
        peers.put("Welch, read each second", Welch::new);
        peers.put("Mann-Whitney (Kayenta)", MeansByMinute::new);
        peers.put("p99 ≤ 500 ms, 1 min, 5 (Flagger)", () -> new Threshold(99, 500, MINUTE, 5));
        peers.put("p95 ≤ 1.5 times, 5 min, 4 (Argo Rollouts)", () -> new Threshold(95, 1.5 * usual, 5 * MINUTE, 4));
        return peers;
    }

    /** Lets all of them judge the same latencies of calls without a key. */
    static List<Decisions> decisions(
            Service service, double weight, double callsPerSecond, int rollouts, long longestNanos) {
        Decision[][] runs = LongStream.range(0, rollouts)
                .parallel()
                .mapToObj(seed -> run(service, weight, callsPerSecond, longestNanos, seed))
                .toArray(Decision[][]::new);
        return IntStream.range(0, names().size())
                .mapToObj(peer ->
                        new Decisions(Arrays.stream(runs).map(run -> run[peer]).toArray(Decision[]::new)))
                .toList();
    }

    private static Decision[] run(Service service, double weight, double callsPerSecond, long longestNanos, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        LatencyJudge[] judges =
                all(service).values().stream().map(Supplier::get).toArray(LatencyJudge[]::new);
        Decision[] decisions = new Decision[judges.length];
        Arrays.setAll(decisions, i -> new Decision(-1, 0, 0, 0));
        int callsASecond = (int) callsPerSecond;
        long candidateCalls = 0;
        int open = judges.length;
        for (long now = SECOND; now <= longestNanos && open > 0; now += SECOND) {
            for (int call = 0; call < callsASecond; call++) {
                boolean candidate = random.nextDouble() < weight;
                candidateCalls += candidate ? 1 : 0;
                if (candidate && service.hangsFrom() == 0) {
                    continue;
                }
                double millis = service.nanos(candidate, -1, 0, false, random) / NANOS_A_MILLI;
                for (int i = 0; i < judges.length; i++) {
                    judges[i].latency(candidate, millis);
                }
            }
            for (int i = 0; i < judges.length; i++) {
                if (!decisions[i].isMade() && judges[i].isAgainst(now)) {
                    decisions[i] = new Decision(now, candidateCalls, 0, 0);
                    open--;
                }
            }
        }
        return decisions;
    }

    /** Compares the means of the logarithms with a one-sided Welch test at 1 %, from 100 candidate calls on. */
    private static final class Welch implements LatencyJudge {

        private static final double ONE_PERCENT = 2.326_348;

        private final double[] sums = new double[2];
        private final double[] squares = new double[2];
        private final long[] calls = new long[2];

        @Override
        public void latency(boolean candidate, double millis) {
            int arm = candidate ? 1 : 0;
            double log = Math.log(millis);
            sums[arm] += log;
            squares[arm] += log * log;
            calls[arm]++;
        }

        @Override
        public boolean isAgainst(long nowNanos) {
            if (calls[0] < 100 || calls[1] < 100) {
                return false;
            }
            double error = Math.sqrt(squaredError(0) + squaredError(1));
            return sums[1] / calls[1] - sums[0] / calls[0] > ONE_PERCENT * error;
        }

        private double squaredError(int arm) {
            double mean = sums[arm] / calls[arm];
            return (squares[arm] / calls[arm] - mean * mean) / (calls[arm] - 1);
        }
    }

    private static final class MeansByMinute implements LatencyJudge {

        private final MannWhitney judge = new MannWhitney();

        @Override
        public void latency(boolean candidate, double millis) {
            judge.add(candidate, millis);
        }

        @Override
        public boolean isAgainst(long nowNanos) {
            return judge.isAgainst(nowNanos);
        }
    }

    /**
     * Looks at a percentile of the candidate's latencies once in an interval. Flagger's documentation ("Metrics Analysis"):
     * request-duration, the 99th percentile over a minute, at most 500 ms; where there is no value the check has failed. Argo
     * Rollouts' ("Analysis") gives intervals and a failure limit; a percentile of nothing is not a number, which fails the
     * condition.
     */
    private static final class Threshold implements LatencyJudge {

        private static final double MICROS_A_MILLI = 1_000;

        private final Histogram latencies = new Histogram(3);
        private final double percentile;
        private final double mostMillis;
        private final long intervalNanos;
        private final int mostFailedChecks;
        private long nextLook;
        private int failedChecks;

        Threshold(double percentile, double mostMillis, long intervalNanos, int mostFailedChecks) {
            this.percentile = percentile;
            this.mostMillis = mostMillis;
            this.intervalNanos = intervalNanos;
            this.mostFailedChecks = mostFailedChecks;
            this.nextLook = intervalNanos;
        }

        @Override
        public void latency(boolean candidate, double millis) {
            if (candidate) {
                latencies.recordValue((long) (millis * MICROS_A_MILLI));
            }
        }

        @Override
        public boolean isAgainst(long nowNanos) {
            if (nowNanos >= nextLook) {
                nextLook += intervalNanos;
                if (latencies.getTotalCount() == 0
                        || latencies.getValueAtPercentile(percentile) > mostMillis * MICROS_A_MILLI) {
                    failedChecks++;
                }
                latencies.reset();
            }
            return failedChecks >= mostFailedChecks;
        }
    }
}
