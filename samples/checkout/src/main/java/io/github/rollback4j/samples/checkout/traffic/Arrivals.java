package io.github.rollback4j.samples.checkout.traffic;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * Customers who come at random times, whatever the service does (an open loop), ask for a quote, and in one of five cases
 * think for some seconds and ask again. Some come often and most seldom. The same seed makes the same requests, without
 * end. For one thread.
 */
public final class Arrivals {

    /** How fast popularity falls with rank: Breslau et al., INFOCOM 1999, found 0.64 to 0.83 in requests to web sites. */
    private static final double ZIPF_EXPONENT = 0.65;

    private static final double ASKS_AGAIN = 0.2;
    private static final double MEAN_THINK_SECONDS = 4;

    private record Return(int customer, double atSeconds) {}

    private final SplittableRandom random;
    private final double[] popularity;
    private final double visitsPerSecond;
    private final PriorityQueue<Return> returns = new PriorityQueue<>(Comparator.comparingDouble(Return::atSeconds));
    private double nextVisit;
    private long count;

    /**
     * Opens the doors.
     *
     * @param customers how many there are, numbered from 1
     * @param requestsPerSecond on average, once as many return as come
     */
    public Arrivals(long seed, int customers, double requestsPerSecond) {
        this.random = new SplittableRandom(seed);
        this.popularity = new double[customers];
        double sum = 0;
        for (int i = 0; i < customers; i++) {
            sum += Math.pow(i + 1, -ZIPF_EXPONENT);
            popularity[i] = sum;
        }
        this.visitsPerSecond = requestsPerSecond * (1 - ASKS_AGAIN);
        this.nextVisit = exponential(1 / visitsPerSecond);
    }

    /** Returns the next request. */
    public Request next() {
        Return back = returns.peek();
        int customer;
        double at;
        if (back != null && back.atSeconds < nextVisit) {
            returns.remove();
            customer = back.customer;
            at = back.atSeconds;
        } else {
            customer = draw();
            at = nextVisit;
            nextVisit += exponential(1 / visitsPerSecond);
        }
        if (random.nextDouble() < ASKS_AGAIN) {
            returns.add(new Return(customer, at + exponential(MEAN_THINK_SECONDS)));
        }
        return new Request(++count, customer, Duration.ofNanos((long) (at * 1e9)));
    }

    private int draw() {
        int found = Arrays.binarySearch(popularity, random.nextDouble() * popularity[popularity.length - 1]);
        return 1 + Math.min(popularity.length - 1, found < 0 ? -found - 1 : found);
    }

    private double exponential(double mean) {
        return -mean * Math.log1p(-random.nextDouble());
    }
}
