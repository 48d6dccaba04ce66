package io.github.rollback4j.benchmarks.decisions;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Traffic on which a rollout is simulated.
 *
 * @param name what it shows
 * @param keys whom the calls are for; -1 for calls without a key
 * @param shares of the candidate in steps of equal length, in the order of their time
 * @param world what comes of a call
 * @param restarts how often the process ends uncleanly, at equal distances, and forgets its counts
 * @param byEvidence whether a step also ends as soon as the evidence allows for the next
 */
record Scenario(String name, Keys keys, List<Double> shares, World world, int restarts, boolean byEvidence) {

    /** Says whom the next call is for. */
    @FunctionalInterface
    interface Keys {
        long next(SplittableRandom random);
    }

    /** Says what comes of calls. One for each rollout. */
    interface World {

        /**
         * Returns how probable it is that a call fails.
         *
         * @param part how much of the rollout is over, 0 to 1
         */
        double failureRate(boolean candidate, long key, double part);

        /** Returns how long a call takes, in nanoseconds. */
        default long nanos(boolean candidate, long key, double part, boolean failed, SplittableRandom random) {
            return 0;
        }

        /** Returns how probable it is that a call converts within the window. */
        default double conversionRate(boolean candidate, long key, double part) {
            return 0;
        }

        /** Returns what a call turns out to be worth within the window; 0 where nothing is recorded of it. */
        default double worth(boolean candidate, long key, double part, SplittableRandom random) {
            return 0;
        }

        /** Returns what is used for the next rollout. */
        default World next(SplittableRandom random) {
            return this;
        }
    }

    static final Keys NO_KEYS = random -> -1;

    Scenario(String name, Keys keys, double share, World world) {
        this(name, keys, List.of(share), world, 0);
    }

    Scenario(String name, Keys keys, List<Double> shares, World world, int restarts) {
        this(name, keys, shares, world, restarts, false);
    }

    /** Returns the same with steps that the evidence may end. */
    Scenario growingByEvidence() {
        return new Scenario(name, keys, shares, world, restarts, true);
    }

    boolean isKeyed() {
        return !keys.equals(NO_KEYS);
    }

    double share(double part) {
        return shares.get(Math.min(shares.size() - 1, (int) (part * shares.size())));
    }
}
