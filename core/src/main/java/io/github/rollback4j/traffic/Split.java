package io.github.rollback4j.traffic;

import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Places keys on a line of 2^64 positions: the keys below the share's threshold get the candidate.
 *
 * <p>Version 1, which the journal names: a key's 64 bits ({@code String.hashCode}, which the language specifies; the
 * value of a {@code long}; both halves of a {@code UUID}) pass Stafford's variant 13 of the MurmurHash3 finaliser
 * (the mixer of SplitMix64, Steele, Lea and Flood, OOPSLA 2014), with the attempt's 128-bit salt mixed in before and
 * between the multiplications. So a key keeps its side in every JVM and after every restart, and two attempts split
 * independently. Strings with equal hash codes share a side.
 *
 * @param first the first half of the salt
 * @param second the second half of the salt
 */
record Split(long first, long second) {

    /** The version of hash and mixer, written to the journal. */
    static final int VERSION = 1;

    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    /** Draws a salt. */
    static Split random(RandomGenerator random) {
        return new Split(random.nextLong(), random.nextLong());
    }

    /** Derives the same salt from the same name, so that all who use the name hold the same keys back. */
    static Split named(String name) {
        long seed = 1125899906842597L;
        for (int i = 0; i < name.length(); i++) {
            seed = 31 * seed + name.charAt(i);
        }
        return new Split(mix(seed, GOLDEN_RATIO, 0), mix(seed, GOLDEN_RATIO << 1, 0));
    }

    /**
     * Reads what {@link #toString()} wrote.
     *
     * @throws IllegalArgumentException if it is not 32 hexadecimal digits
     */
    static Split parse(String salt) {
        if (salt.length() != 32 || !salt.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("salt '" + salt + "' is not allowed: 32 hexadecimal digits are");
        }
        return new Split(HexFormat.fromHexDigitsToLong(salt, 0, 16), HexFormat.fromHexDigitsToLong(salt, 16, 32));
    }

    long position(String key) {
        return position(key.hashCode());
    }

    long position(UUID key) {
        return position(bits(key));
    }

    long position(long key) {
        return mix(key, first, second);
    }

    static long bits(UUID key) {
        return key.getMostSignificantBits() * GOLDEN_RATIO + key.getLeastSignificantBits();
    }

    static long mix(long key, long first, long second) {
        long z = key ^ first;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L ^ second;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Returns the threshold of a share in [0, 1): the positions below it, unsigned, are that share of all. */
    static long threshold(double share) {
        return share < 0.5 ? (long) (share * 0x1p64) : (long) ((share - 0.5) * 0x1p64) + Long.MIN_VALUE;
    }

    /** Returns the part of all positions that lie below the threshold, the exact weight of the formulas. */
    static double share(long threshold) {
        return (threshold >>> 11) * 0x1p-53 + (threshold & 0x7FF) * 0x1p-64;
    }

    @Override
    public String toString() {
        return String.format("%016x%016x", first, second);
    }
}
