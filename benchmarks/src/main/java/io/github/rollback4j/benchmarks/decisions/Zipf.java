package io.github.rollback4j.benchmarks.decisions;

import java.util.SplittableRandom;

/** Draws keys, of which the k-th is called with a weight of 1/k^s, in constant time (the alias method of Walker, 1977). */
final class Zipf {

    private final int[] alias;
    private final double[] keep;

    Zipf(int keys, double exponent) {
        double[] scaled = new double[keys];
        double sum = 0;
        for (int key = 0; key < keys; key++) {
            scaled[key] = Math.pow(key + 1, -exponent);
            sum += scaled[key];
        }
        alias = new int[keys];
        keep = new double[keys];
        int[] small = new int[keys];
        int[] large = new int[keys];
        int smalls = 0;
        int larges = 0;
        for (int key = 0; key < keys; key++) {
            scaled[key] *= keys / sum;
            if (scaled[key] < 1) {
                small[smalls++] = key;
            } else {
                large[larges++] = key;
            }
        }
        while (smalls > 0 && larges > 0) {
            int less = small[--smalls];
            int more = large[--larges];
            keep[less] = scaled[less];
            alias[less] = more;
            scaled[more] -= 1 - scaled[less];
            if (scaled[more] < 1) {
                small[smalls++] = more;
            } else {
                large[larges++] = more;
            }
        }
        while (larges > 0) {
            keep[large[--larges]] = 1;
        }
        while (smalls > 0) {
            keep[small[--smalls]] = 1;
        }
    }

    long next(SplittableRandom random) {
        int key = random.nextInt(alias.length);
        return random.nextDouble() < keep[key] ? key : alias[key];
    }
}
