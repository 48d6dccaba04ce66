package io.github.rollback4j.samples.checkout;

import java.util.concurrent.locks.LockSupport;

/** Stands for the remote system behind all releases. It takes some milliseconds, and fails one in a thousand calls. */
public final class Warehouse {

    private static final double FAILING = 0.001;
    private static final double LEAST_MILLIS = 1;
    private static final double MEAN_MILLIS_MORE = 2;
    private static final double MOST_MILLIS = 30;

    private final Chance chance;

    /** Creates a warehouse whose failures depend on chance. */
    public Warehouse(Chance chance) {
        this.chance = chance;
    }

    void reserve(String request) {
        LockSupport.parkNanos(nanos(request));
        if (fails(request)) {
            throw new WarehouseException("the warehouse does not answer " + request);
        }
    }

    /** Returns whether the warehouse fails on a request. */
    public boolean fails(String request) {
        return chance.of("warehouse fails", request.hashCode()) < FAILING;
    }

    private long nanos(String request) {
        double more = -MEAN_MILLIS_MORE * Math.log1p(-chance.of("warehouse time", request.hashCode()));
        return (long) (1_000_000 * Math.min(MOST_MILLIS, LEAST_MILLIS + more));
    }
}
