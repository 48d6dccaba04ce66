package io.github.rollback4j.benchmarks.decisions;

import java.util.Arrays;

/**
 * Kayenta's judge as its documentation describes it ("Canary judge"): means by minute, judged every ten minutes, a
 * Mann-Whitney interval of the shift at 98 %, worse where its lower end is above a quarter of the estimated shift.
 */
final class MannWhitney {

    private static final long MINUTE = 60_000_000_000L;
    private static final int MINUTES = 10;
    private static final double TOLERANCE = .25;
    private static final double NINETY_EIGHT_PERCENT = 2.326_348;
    private static final int MOST_MINUTES = 24 * 60;

    private final double[] stable = new double[MOST_MINUTES];
    private final double[] candidate = new double[MOST_MINUTES];
    private double stableSum;
    private long stableCount;
    private double candidateSum;
    private long candidateCount;
    private int minutes;
    private int left;
    private boolean against;

    void add(boolean ofCandidate, double value) {
        if (ofCandidate) {
            candidateSum += value;
            candidateCount++;
        } else {
            stableSum += value;
            stableCount++;
        }
    }

    /** Says whether the candidate is to be taken back; a minute in which one of the two has no value is left out. */
    boolean isAgainst(long nowNanos) {
        if (minutes < MOST_MINUTES && nowNanos >= (minutes + left + 1) * MINUTE) {
            if (stableCount == 0 || candidateCount == 0) {
                left++;
            } else {
                stable[minutes] = stableSum / stableCount;
                candidate[minutes] = candidateSum / candidateCount;
                minutes++;
            }
            stableSum = 0;
            stableCount = 0;
            candidateSum = 0;
            candidateCount = 0;
            if (minutes > 0 && (minutes + left) % MINUTES == 0) {
                against |= isShifted();
            }
        }
        return against;
    }

    private boolean isShifted() {
        double[] shifts = new double[minutes * minutes];
        for (int i = 0; i < shifts.length; i++) {
            shifts[i] = candidate[i / minutes] - stable[i % minutes];
        }
        Arrays.sort(shifts);
        double estimate = (shifts[(shifts.length - 1) / 2] + shifts[shifts.length / 2]) / 2;
        double n = minutes;
        int low = (int) Math.floor(n * n / 2 - NINETY_EIGHT_PERCENT * Math.sqrt(n * n * (2 * n + 1) / 12));
        return low >= 0 && shifts[low] > TOLERANCE * Math.abs(estimate);
    }
}
