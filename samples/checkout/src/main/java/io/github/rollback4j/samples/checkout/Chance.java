package io.github.rollback4j.samples.checkout;

/**
 * Draws that depend on the seed and on what they are drawn for, and on nothing else: whatever the threads do, the same
 * request meets the same luck in every run.
 *
 * @param seed of all draws
 */
public record Chance(long seed) {

    /** Draws a number from 0 to less than 1. */
    public double of(String purpose, long subject) {
        return (mix(mix(seed + purpose.hashCode()) + subject) >>> 11) * 0x1.0p-53;
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
