package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.traffic.Router.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is recorded of calls after they have ended: which of them led to a conversion, or to how much revenue. What is
 * recorded within a metric's window belongs to the call (of a key: to its first call in the step); a call for which nothing
 * was is one that did not convert, or is worth 0.
 *
 * <p>Calls that began within a sixteenth of the shortest window (or a hundredth of the longest, if that is more) under one
 * share are a cohort. It is handed to the sinks, metric by metric, when its window is over, so that nothing of it changes any
 * more. Recording takes no lock; all else is for one thread.
 */
final class Attribution {

    private static final int PARTS_OF_WINDOW = 16;

    /** The cohorts of the longest window, and those whose calls may be under way (up to 120), are fewer than there is room. */
    private static final int PARTS_OF_LONGEST_WINDOW = 100;

    private static final int MOST_COHORTS = 256;
    private static final int UNITS_AND_ARMS = 4;
    private static final int CONVERTED = 1;

    /** Below, the quantiles of what is worth anything would hang on a handful. */
    private static final int ENOUGH_ABOVE_0 = 100;

    /** Takes what is complete. */
    interface Closing {
        void closed(int metric, int bucket, double weight, long[] stable, long[] candidate);
    }

    private final class Cohort {
        final int from;
        final int bucket;
        final int stratum;
        final long sinceNanos;
        final @Nullable Edges[] edges = new @Nullable Edges[metrics.size()];
        final AtomicIntegerArray recorded = new AtomicIntegerArray(metrics.size() * UNITS_AND_ARMS * Evidence.BINS);
        final long[] calls = new long[UNITS_AND_ARMS];

        /** The tally's cohort behind the last one; equal to {@link #from} while calls still begin. */
        volatile int to;

        volatile long endNanos;
        int closed;

        Cohort(int from, int bucket, int stratum, long sinceNanos) {
            this.from = from;
            this.to = from;
            this.bucket = bucket;
            this.stratum = stratum;
            this.sinceNanos = sinceNanos;
            for (int i = 0; i < edges.length; i++) {
                edges[i] = values.get(i).edges;
            }
        }

        boolean isOpen() {
            return to == from;
        }

        boolean has(int cohort) {
            return isOpen()
                    ? (cohort - from & Ticket.COHORT_MASK) <= Ticket.COHORT_MASK >>> 1
                    : (cohort - from & Ticket.COHORT_MASK) < to - from;
        }

        int index(int metric, boolean keyed, int arm) {
            return (metric * UNITS_AND_ARMS + unitAndArm(keyed, arm)) * Evidence.BINS;
        }
    }

    /** What is known of stable's values of a metric until its edges are frozen. */
    private static final class Values {
        final Sample sample = new Sample();
        long calls;
        double @Nullable [] scores;
        volatile @Nullable Edges edges;
    }

    private final List<Metric> metrics;
    private final List<Values> values = new ArrayList<>();
    private final int keysOfStep;
    private final boolean isShared;
    private final long partNanos;
    private volatile Cohort[] cohorts = {};
    private volatile AttributedKeys[] keys = {};
    private final long[][] stable = {new long[2], new long[Evidence.BINS]};
    private final long[][] candidate = {new long[2], new long[Evidence.BINS]};

    /**
     * Begins.
     *
     * @param isShared whether the bins of numbers are fixed by {@link #useScale}, for several instances; else from what is seen
     */
    Attribution(List<Metric> metrics, int keysOfStep, boolean isShared) {
        this.isShared = isShared;
        this.metrics = metrics;
        this.keysOfStep = keysOfStep;
        this.partNanos = Math.max(
                metrics.stream().mapToLong(Metric::windowNanos).min().orElse(0) / PARTS_OF_WINDOW,
                metrics.stream().mapToLong(Metric::windowNanos).max().orElse(0) / PARTS_OF_LONGEST_WINDOW);
        metrics.forEach(metric -> values.add(new Values()));
    }

    // Called by those who count.

    /** Notes a key's first call in the step. */
    void noteFirstCall(long ticket) {
        AttributedKeys[] now = keys;
        if (now.length > 0) {
            now[now.length - 1].note(
                    Ticket.fingerprint(ticket), Ticket.cohort(ticket), (int) (ticket & Ticket.CANDIDATE));
        }
    }

    /** Records of a call without a key. */
    void record(int cohort, boolean keyed, int arm, int metric, double value, long nowNanos) {
        Metric of = metrics.get(metric);
        if (!counts(of, value)) {
            return;
        }
        Cohort[] now = cohorts;
        for (int i = now.length - 1; i >= 0; i--) {
            if (now[i].has(cohort)) {
                if (now[i].isOpen() || nowNanos - now[i].endNanos < of.windowNanos()) {
                    count(now[i], keyed, arm, metric, value);
                }
                return;
            }
        }
    }

    private static boolean counts(Metric metric, double value) {
        return Math.abs(value) < Double.POSITIVE_INFINITY && (metric.numeric() || value > 0);
    }

    private void count(Cohort cohort, boolean keyed, int arm, int metric, double value) {
        Metric of = metrics.get(metric);
        int bin = 0;
        if (of.numeric()) {
            // The margin is on stable's values.
            double scaled = arm == 0 ? value * of.times() : value;
            Edges edges = cohort.edges[metric];
            if (edges != null) {
                bin = edges.bin(scaled);
            } else if (arm == 0) {
                values.get(metric).sample.take(scaled);
            }
        }
        cohort.recorded.getAndIncrement(cohort.index(metric, keyed, arm) + bin);
    }

    /** Records for a key, in every step in which it called within the window. */
    void recordKey(int fingerprint, int metric, double value, long nowNanos) {
        if (!counts(metrics.get(metric), value)) {
            return;
        }
        for (AttributedKeys step : keys) {
            long entry = step.record(fingerprint, metric);
            if (entry != AttributedKeys.NONE) {
                record(AttributedKeys.cohort(entry), true, AttributedKeys.arm(entry), metric, value, nowNanos);
            }
        }
    }

    // Called by the tally's control path.

    /** Begins a step in which keys count anew. */
    void beginStep() {
        AttributedKeys[] before = keys;
        AttributedKeys fresh = new AttributedKeys(keysOfStep);
        // What is recorded now may belong to calls in the step before; to one before that hardly ever.
        keys = before.length == 0
                ? new AttributedKeys[] {fresh}
                : new AttributedKeys[] {before[before.length - 1], fresh};
    }

    /** Takes in that a cohort of the tally begins; its calls are weighed if it has a stratum, from 0. */
    void begin(int cohort, int bucket, int stratum, long nowNanos) {
        Cohort[] now = cohorts;
        Cohort last = now.length == 0 ? null : now[now.length - 1];
        if (last != null && last.isOpen()) {
            if (last.stratum == stratum && nowNanos - last.sinceNanos < partNanos) {
                return;
            }
            last.endNanos = nowNanos;
            last.to = cohort;
        }
        if (stratum < 0) {
            return;
        }
        int from = now.length < MOST_COHORTS ? 0 : 1;
        Cohort[] next = new Cohort[now.length - from + 1];
        System.arraycopy(now, from, next, 0, now.length - from);
        next[next.length - 1] = new Cohort(cohort, bucket, stratum, nowNanos);
        cohorts = next;
    }

    /** Adds calls that began in a cohort of the tally. */
    void addCalls(int cohort, boolean keyed, int arm, long calls) {
        for (Cohort of : cohorts) {
            if (of.has(cohort)) {
                of.calls[unitAndArm(keyed, arm)] += calls;
                return;
            }
        }
    }

    /**
     * Hands what is complete to the sinks.
     *
     * @param oldest the tally's oldest cohort whose calls have not been added
     */
    void close(Tally tally, Closing sinks, int oldest, long nowNanos) {
        Cohort[] now = cohorts;
        int done = 0;
        for (Cohort cohort : now) {
            if (cohort.isOpen() || (oldest - cohort.to & Ticket.COHORT_MASK) > Ticket.COHORT_MASK >>> 1) {
                break;
            }
            for (int metric = 0; metric < metrics.size(); metric++) {
                int bit = 1 << metric;
                if ((cohort.closed & bit) == 0
                        && nowNanos - cohort.endNanos >= metrics.get(metric).windowNanos()) {
                    cohort.closed |= bit;
                    close(cohort, metric, tally, sinks);
                }
            }
            if (cohort.closed == (1 << metrics.size()) - 1) {
                done++;
            }
        }
        if (done > 0) {
            Cohort[] rest = new Cohort[now.length - done];
            int at = 0;
            for (Cohort cohort : now) {
                if (cohort.closed != (1 << metrics.size()) - 1) {
                    rest[at++] = cohort;
                }
            }
            cohorts = rest;
        }
    }

    private void close(Cohort cohort, int metric, Tally tally, Closing sinks) {
        Metric of = metrics.get(metric);
        Edges edges = cohort.edges[metric];
        if (of.numeric() && edges == null) {
            learn(cohort, metric);
            return;
        }
        for (int unit = 0; unit < 2; unit++) {
            boolean keyed = unit == 1;
            double weight = keyed ? tally.freshWeight(cohort.stratum) : tally.weight(cohort.stratum);
            long stableCalls = cohort.calls[unitAndArm(keyed, 0)];
            long candidateCalls = cohort.calls[unitAndArm(keyed, 1)];
            if (weight > 0 && stableCalls + candidateCalls > 0) {
                long[] ofStable = stable[of.numeric() ? 1 : 0];
                long[] ofCandidate = candidate[of.numeric() ? 1 : 0];
                fill(cohort, metric, keyed, 0, stableCalls, edges, ofStable);
                fill(cohort, metric, keyed, 1, candidateCalls, edges, ofCandidate);
                sinks.closed(metric, cohort.bucket, weight, ofStable, ofCandidate);
            }
        }
    }

    private void fill(
            Cohort cohort, int metric, boolean keyed, int arm, long calls, @Nullable Edges edges, long[] counts) {
        int at = cohort.index(metric, keyed, arm);
        if (edges == null) {
            counts[CONVERTED] = Math.min(calls, cohort.recorded.get(at));
            counts[1 - CONVERTED] = calls - counts[CONVERTED];
            return;
        }
        long recorded = 0;
        for (int bin = 0; bin < counts.length; bin++) {
            counts[bin] = cohort.recorded.get(at + bin);
            recorded += counts[bin];
        }
        counts[edges.bin(0)] += Math.max(0, calls - recorded);
    }

    /** Takes in stable's values of a cohort that is compared with nothing yet. */
    private void learn(Cohort cohort, int metric) {
        Values of = values.get(metric);
        for (int unit = 0; unit < 2; unit++) {
            of.calls += cohort.calls[unitAndArm(unit == 1, 0)];
        }
        if (of.edges == null && !isShared && isEnough(of)) {
            double[] sample = of.sample.values();
            Edges edges = Edges.ofWorth(sample);
            of.scores = edges.scores(sample);
            of.edges = edges;
        }
    }

    private static boolean isEnough(Values of) {
        return of.calls >= Sample.ENOUGH
                && Arrays.stream(of.sample.values()).filter(value -> value > 0).count() >= ENOUGH_ABOVE_0;
    }

    /** Returns the edges and the scores that would be frozen now, or null. */
    double @Nullable [][] proposedScale(int metric) {
        Values of = values.get(metric);
        if (!metrics.get(metric).numeric() || of.edges != null || !isEnough(of)) {
            return null;
        }
        double[] sample = of.sample.values();
        Edges edges = Edges.ofWorth(sample);
        return new double[][] {edges.toArray(), edges.scores(sample)};
    }

    void useScale(int metric, double[] edges, double[] scores) {
        Values of = values.get(metric);
        if (of.edges == null) {
            of.scores = scores.clone();
            of.edges = Edges.ofArray(edges);
        }
    }

    double @Nullable [] scores(int metric) {
        double[] scores = values.get(metric).scores;
        return scores == null ? null : scores.clone();
    }

    private static int unitAndArm(boolean keyed, int arm) {
        return (keyed ? 2 : 0) + arm;
    }
}
