package io.github.rollback4j.traffic;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts without locks and without loss: arrays of {@code int} counters, one array a stripe.
 *
 * <p>An owned stripe is written by one platform thread alone, so that an increment is a plain read and an ordered write.
 * There are as many as cores (rounded up to a power of two). Threads that find none free, and all virtual threads, add
 * atomically to one of half as many shared stripes. A stripe whose owner has ended is handed on by {@link #reclaim()}.
 * Counters wrap; the reader works with differences.
 */
final class Stripes {

    private static final VarHandle COUNTER = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle STRIPE = MethodHandles.arrayElementVarHandle(Stripe[].class);
    private static final VarHandle OWNER;
    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtual();

    /** Counters on either side of a stripe, so that two stripes never share a cache line. */
    private static final int PADDING = 32;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(Stripe.class, "owner", Thread.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** One array of counters. */
    static final class Stripe {
        private final int[] counters;
        private final boolean shared;
        private @Nullable Thread owner;

        private Stripe(int size, @Nullable Thread owner) {
            this.counters = new int[size + 2 * PADDING];
            this.shared = owner == null;
            this.owner = owner;
        }

        void increment(int index) {
            int at = index + PADDING;
            if (shared) {
                COUNTER.getAndAdd(counters, at, 1);
            } else {
                // Release, so that whoever sees an outcome also sees its start.
                COUNTER.setRelease(counters, at, counters[at] + 1);
            }
        }

        private int get(int index) {
            return (int) COUNTER.getAcquire(counters, index + PADDING);
        }
    }

    /** Places in the directory for each owned stripe, at least; ids of threads that meet in one place are rare. */
    private static final int PLACES_A_STRIPE = 16;

    private final int size;
    private final @Nullable Stripe[] owned;
    private final @Nullable Stripe[] shared;

    /** Leads from the lowest bits of a thread's id to the stripe that it owns, if it owns one. */
    private final @Nullable Stripe[] directory;

    /** How many owned stripes have no owner. */
    private final AtomicInteger free;

    Stripes(int size, int cores) {
        this.size = size;
        int stripes = cores <= 1 ? 1 : Integer.highestOneBit(cores - 1) << 1;
        this.owned = new Stripe[stripes];
        this.shared = new Stripe[Math.max(1, stripes / 2)];
        this.directory = new Stripe[Math.max(64, stripes * PLACES_A_STRIPE)];
        this.free = new AtomicInteger(stripes);
    }

    /** Returns the stripe that the current thread may count on, now and only now. */
    Stripe mine() {
        Thread thread = Thread.currentThread();
        Stripe stripe = directory[place(thread)];
        return stripe != null && stripe.owner == thread ? stripe : find(thread);
    }

    private int place(Thread thread) {
        return (int) thread.getId() & directory.length - 1;
    }

    private Stripe find(Thread thread) {
        Stripe own = free.get() > 0 && !isVirtual(thread) ? claim(thread) : null;
        return own != null ? own : get(shared, (int) thread.getId() & shared.length - 1, null);
    }

    private @Nullable Stripe claim(Thread thread) {
        int place = place(thread);
        Stripe there = (Stripe) STRIPE.getAcquire(directory, place);
        Thread other = there == null ? null : (Thread) OWNER.getAcquire(there);
        if (other != null && place(other) == place) {
            return null;
        }
        for (int i = 0; i < owned.length; i++) {
            Stripe stripe = get(owned, i, thread);
            if (stripe.owner == thread || OWNER.compareAndSet(stripe, null, thread)) {
                if (STRIPE.compareAndSet(directory, place, there, stripe)) {
                    free.getAndDecrement();
                    return stripe;
                }
                OWNER.setRelease(stripe, null);
                return null;
            }
        }
        return null;
    }

    /** Returns a stripe, which is made where there is none yet. */
    private Stripe get(@Nullable Stripe[] stripes, int at, @Nullable Thread owner) {
        Stripe stripe = (Stripe) STRIPE.getAcquire(stripes, at);
        if (stripe == null) {
            Stripe fresh = new Stripe(size, owner);
            stripe = (Stripe) STRIPE.compareAndExchange(stripes, at, null, fresh);
            return stripe == null ? fresh : stripe;
        }
        return stripe;
    }

    /** Frees the stripes whose owners have ended, for other threads. */
    void reclaim() {
        for (int i = 0; i < owned.length; i++) {
            Stripe stripe = (Stripe) STRIPE.getAcquire(owned, i);
            if (stripe != null) {
                Thread owner = (Thread) OWNER.getAcquire(stripe);
                // A thread that is not alive writes no more, and its end makes all its writes visible here.
                if (owner != null && !owner.isAlive()) {
                    OWNER.setRelease(stripe, null);
                    free.getAndIncrement();
                }
            }
        }
    }

    /**
     * Adds the values of every {@code step}-th counter from {@code from} to below {@code to}, over all stripes and modulo
     * 2^32, to the sums at the same indexes.
     */
    void addTo(int[] sums, int from, int to, int step) {
        addTo(sums, from, to, step, owned);
        addTo(sums, from, to, step, shared);
    }

    private static void addTo(int[] sums, int from, int to, int step, @Nullable Stripe[] stripes) {
        for (int i = 0; i < stripes.length; i++) {
            Stripe stripe = (Stripe) STRIPE.getAcquire(stripes, i);
            if (stripe != null) {
                for (int at = from; at < to; at += step) {
                    sums[at] += stripe.get(at);
                }
            }
        }
    }

    private static boolean isVirtual(Thread thread) {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable impossible) {
            return true;
        }
    }

    private static @Nullable MethodHandle isVirtual() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException before21) {
            return null;
        }
    }
}
