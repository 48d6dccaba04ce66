package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.benchmarks.decisions.Scenario.Keys;
import io.github.rollback4j.benchmarks.decisions.Scenario.World;
import java.util.List;
import java.util.SplittableRandom;

/** The scenarios that are simulated. */
final class Scenarios {

    private static final int USERS = 20_000;
    private static final long MILLIS = 1_000_000;

    private Scenarios() {}

    /** Candidates that are within the margin, under everything that misleads rules which count calls. */
    static List<Scenario> healthy() {
        Zipf zipf = new Zipf(USERS, 1.1);
        Zipf steep = new Zipf(USERS, 1.5);
        Keys withBot = random -> random.nextBoolean() ? USERS : zipf.next(random);
        List<Double> ramp = List.of(.01, .05, .25, .5);
        World one = (candidate, key, part) -> .01;
        World border = (candidate, key, part) -> candidate ? 1.1 * .01 + .0005 : .01;
        World tripling = (candidate, key, part) -> part < .5 ? .005 : .015;
        return List.of(
                new Scenario("independent failures, 1 %", Scenario.NO_KEYS, .05, one),
                new Scenario("independent failures, 0.1 %", Scenario.NO_KEYS, .05, (candidate, key, part) -> .001),
                new Scenario("on the margin", Scenario.NO_KEYS, .25, border),
                new Scenario("ramp, baseline tripling half-way", Scenario.NO_KEYS, ramp, tripling, 0),
                new Scenario("ramp with keys, baseline tripling half-way", zipf::next, ramp, tripling, 0),
                new Scenario("common bursts of failures", Scenario.NO_KEYS, .05, new Bursts(0, 0, 0)),
                new Scenario("ramp, common bursts of failures", Scenario.NO_KEYS, ramp, new Bursts(0, 0, 0), 0),
                new Scenario("keys, Zipf 1.1, some fail often", zipf::next, .05, new OfKeys(1)),
                new Scenario("keys, Zipf 1.5, some fail often", steep::next, .05, new OfKeys(1)),
                new Scenario("ramp, keys, Zipf 1.1, some fail often", zipf::next, ramp, new OfKeys(1), 0),
                new Scenario("keys, one bot with half of the calls", withBot, .05, new OfKeys(1)),
                new Scenario("ramp, keys, one bot with half of the calls", withBot, ramp, new OfKeys(1), 0),
                new Scenario(
                        "keys, failures in clusters of ten", zipf::next, .05, new Clusters(new SplittableRandom(0))),
                new Scenario("keys, on the margin", zipf::next, .25, border),
                new Scenario("keys, candidate half as bad", zipf::next, .25, new OfKeys(.5)),
                new Scenario("keys, candidate a fifth as bad", zipf::next, .25, new OfKeys(.2)),
                new Scenario(
                        "candidate a fifth as bad",
                        Scenario.NO_KEYS,
                        .25,
                        (candidate, key, part) -> candidate ? .002 : .01),
                new Scenario("stable's failures take 10 s", Scenario.NO_KEYS, .05, new Slow(.01, .01, 10_000, 0)),
                new Scenario("keys, stable's failures take 10 s", zipf::next, .05, new Slow(.01, .01, 10_000, 0)),
                new Scenario("two unclean restarts", Scenario.NO_KEYS, List.of(.05), one, 2),
                new Scenario("keys, two unclean restarts, ramp", zipf::next, ramp, new OfKeys(1), 2));
    }

    /** A candidate that fails more often from the start. */
    static Scenario regression(double weight, double stableRate, double candidateRate) {
        return new Scenario(
                "", Scenario.NO_KEYS, weight, (candidate, key, part) -> candidate ? candidateRate : stableRate);
    }

    static Scenario keyedRegression(double weight, double stableRate, double candidateRate) {
        Keys keys = random -> random.nextInt(1_000_000);
        return new Scenario("", keys, weight, (candidate, key, part) -> candidate ? candidateRate : stableRate);
    }

    /** The same with calls of 50 milliseconds. */
    static Scenario slow(double weight, double stableRate, double candidateRate) {
        return new Scenario("", Scenario.NO_KEYS, weight, new Slow(stableRate, candidateRate, 50, 50));
    }

    static List<Scenario> lateForTenants() {
        World late = (candidate, key, part) -> candidate && part >= .5 ? .01 : .001;
        return List.of(
                new Scenario("all alike", random -> random.nextInt(500), .25, late),
                new Scenario("Zipf 1.1", new Zipf(500, 1.1)::next, .25, late));
    }

    /** Fails at random, and in three bursts of a hundredth of the rollout nearly always, whatever the release. */
    private record Bursts(double first, double second, double third) implements World {

        @Override
        public double failureRate(boolean candidate, long key, double part) {
            return isIn(first, part) || isIn(second, part) || isIn(third, part) ? .6 : .002;
        }

        private static boolean isIn(double burst, double part) {
            return part >= burst && part < burst + .01;
        }

        @Override
        public World next(SplittableRandom random) {
            return new Bursts(random.nextDouble(), random.nextDouble(), random.nextDouble());
        }
    }

    /** One key in fifty fails in 30 % of its calls, the bot in 5 %, the others in 0.2 %; on the candidate times a factor. */
    private record OfKeys(double factor) implements World {

        @Override
        public double failureRate(boolean candidate, long key, double part) {
            double rate = key == USERS ? .05 : ((key * 0x9E3779B97F4A7C15L) >>> 40) % 50 == 0 ? .3 : .002;
            return candidate ? factor * rate : rate;
        }
    }

    /** Keys that fail in ten calls in a row, once begun. */
    private static final class Clusters implements World {

        private final byte[] left = new byte[USERS + 1];
        private final SplittableRandom random;

        Clusters(SplittableRandom random) {
            this.random = random;
        }

        @Override
        public double failureRate(boolean candidate, long key, double part) {
            int at = (int) key;
            if (left[at] == 0 && random.nextInt(1_000) == 0) {
                left[at] = 10;
            }
            if (left[at] > 0) {
                left[at]--;
                return 1;
            }
            return 0;
        }

        @Override
        public World next(SplittableRandom seed) {
            return new Clusters(seed.split());
        }
    }

    /** Calls take 50 milliseconds, but for failures. */
    private record Slow(double stableRate, double candidateRate, long stableFailureMillis, long candidateFailureMillis)
            implements World {

        @Override
        public double failureRate(boolean candidate, long key, double part) {
            return candidate ? candidateRate : stableRate;
        }

        @Override
        public long nanos(boolean candidate, long key, double part, boolean failed, SplittableRandom random) {
            return MILLIS * (failed ? candidate ? candidateFailureMillis : stableFailureMillis : 50);
        }
    }
}
