package io.github.rollback4j.signal;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Subject;
import io.github.rollback4j.traffic.Ticket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Random traffic through a real router that compares latencies and what is recorded of calls, and a plain log of all that
 * happened, from which {@link #latency}, {@link #conversion} and {@link #value} compute the evidence anew each time, by the
 * formulas of the evidence and without any of the tally's counters.
 */
final class ComparedTraffic {

    static final long MILLIS = 1_000_000;
    static final long SECONDS = 1_000 * MILLIS;
    static final long DEADLINE = 30 * SECONDS;
    static final long BUCKET = 2 * SECONDS;
    static final long WARM_UP = 6 * SECONDS;
    static final long WINDOW = 8 * SECONDS;
    static final long LONG_WINDOW = 20 * SECONDS;
    static final double TIMES = 1.25;
    static final double VALUE_TIMES = .9;
    static final int CONVERSION = 0;
    static final int VALUE = 1;

    private static final long COHORT = DEADLINE / 120;
    private static final long PART = WINDOW / 16;
    private static final long[] CUT_OFFS = {10 * SECONDS, SECONDS, 250 * MILLIS, 0};
    private static final int ENOUGH = 1_000;
    private static final int ENOUGH_ABOVE_0 = 100;

    /** Calls that began in the same quarter of a second or so. */
    private static final class Cohort {
        final long since;
        final int bucket;
        final double share;

        /** The highest share before this step; the share itself where no key is fresh. */
        final double before;

        final double @Nullable [] edges;
        final Part part;
        long endedAt = Long.MAX_VALUE;
        boolean overdue;

        Cohort(long since, int bucket, double share, double before, double @Nullable [] edges, Part part) {
            this.since = since;
            this.bucket = bucket;
            this.share = share;
            this.before = before;
            this.edges = edges;
            this.part = part;
        }
    }

    /** Cohorts whose records are handed over together. */
    private static final class Part {
        final long since;
        final int bucket;
        final double share;
        final double before;
        final double @Nullable [] edges;
        long endedAt = Long.MAX_VALUE;
        int lastCohort;
        boolean learnt;

        Part(long since, int bucket, double share, double before, double @Nullable [] edges) {
            this.since = since;
            this.bucket = bucket;
            this.share = share;
            this.before = before;
            this.edges = edges;
        }
    }

    private final class Call {
        final int cohort = cohorts.size() - 1;
        final long ticket;
        final boolean keyed;
        final boolean isFirst;
        final long start = nanos;
        final long endsAt;
        final Outcome outcome;
        boolean ended;
        long elapsed;

        /** By metric: whether something was recorded, and what. */
        final double[] recorded = {Double.NaN, Double.NaN};

        Call(long ticket, boolean keyed, boolean isFirst, long endsAt, Outcome outcome) {
            this.ticket = ticket;
            this.keyed = keyed;
            this.isFirst = isFirst;
            this.endsAt = endsAt;
            this.outcome = outcome;
        }

        int arm() {
            return Ticket.arm(ticket).ordinal();
        }

        boolean counts() {
            return !keyed || isFirst;
        }
    }

    final SplittableRandom random;
    final Router router;
    long nanos = -3 * SECONDS;
    int overdue;
    int leftOut;

    private final int timeStableOneIn;
    private final double slower;
    private final double worth;
    private final long startNanos = nanos;
    private final List<Cohort> cohorts = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final PriorityQueue<Call> pending = new PriorityQueue<>(Comparator.comparingLong(call -> call.endsAt));
    private double share;
    private double highest;
    private double before;
    private boolean areKeysFresh;
    private long readAt = nanos;

    /** By key, the first call of the last steps. */
    private List<Map<Long, Call>> steps = new ArrayList<>();

    private Set<Long> seen = new HashSet<>();

    private long exposedAt;
    private boolean areLatenciesCompared;
    private @Nullable List<Double> sample = new ArrayList<>();
    private double @Nullable [] edges;

    private final List<Double> values = new ArrayList<>();
    private long valuedCalls;
    private double @Nullable [] valueEdges;
    private double @Nullable [] valueScores;

    /** Makes traffic of which the candidate is so much slower, and worth so much of stable. */
    ComparedTraffic(long seed, int timeStableOneIn, double slower, double worth) {
        this.random = new SplittableRandom(seed);
        this.timeStableOneIn = timeStableOneIn;
        this.slower = slower;
        this.worth = worth;
        router = new Router(
                new Router.Settings(
                        Router.newSalt(random),
                        Audience.everyone(),
                        timeStableOneIn,
                        100_000,
                        DEADLINE,
                        BUCKET,
                        new Router.Compared(
                                TIMES,
                                WARM_UP,
                                1 << 18,
                                List.of(
                                        new Router.Metric("order", false, .95, LONG_WINDOW),
                                        new Router.Metric("revenue", true, VALUE_TIMES, WINDOW))),
                        () -> nanos,
                        random.split()::nextLong),
                () -> {});
    }

    // ---- What happens.

    ComparedTraffic expose(double to) {
        share = to;
        if (to > highest) {
            before = highest;
            highest = to;
            seen = new HashSet<>();
            steps.add(new HashMap<>());
            steps = new ArrayList<>(steps.subList(Math.max(0, steps.size() - 2), steps.size()));
        }
        areKeysFresh = to == highest;
        exposedAt = nanos;
        if (areLatenciesCompared) {
            areLatenciesCompared = false;
            sample = new ArrayList<>();
        }
        router.expose(to, true, 0, nanos, nanos - startNanos);
        begin();
        return this;
    }

    private void begin() {
        if (!cohorts.isEmpty()) {
            cohorts.get(cohorts.size() - 1).endedAt = nanos;
        }
        int bucket = (int) Math.min(StartMixture.LAST_BUCKET, (nanos - startNanos) / BUCKET);
        double below = areKeysFresh ? before : share;
        Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
        if (last == null
                || last.endedAt != Long.MAX_VALUE
                || last.share != share
                || last.before != below
                || nanos - last.since >= PART) {
            if (last != null && last.endedAt == Long.MAX_VALUE) {
                last.endedAt = nanos;
                last.lastCohort = cohorts.size() - 1;
            }
            last = new Part(nanos, bucket, share, below, valueEdges);
            parts.add(last);
        }
        cohorts.add(new Cohort(nanos, bucket, share, below, areLatenciesCompared ? edges : null, last));
    }

    private boolean isWeighed() {
        return share > 0 && share < 1;
    }

    /** Ends what is due, then ticks. */
    ComparedTraffic pass(long millis) {
        for (long end = nanos + millis * MILLIS; nanos < end; ) {
            nanos += Math.min(50 * MILLIS, end - nanos);
            while (!pending.isEmpty() && pending.peek().endsAt <= nanos) {
                end(pending.remove());
            }
            router.tick(nanos, nanos - startNanos);
            if (isWeighed() && nanos - cohorts.get(cohorts.size() - 1).since >= COHORT) {
                if (sample != null && nanos - exposedAt >= WARM_UP) {
                    if (sample.size() >= ENOUGH) {
                        edges = edges(latest(sample));
                    }
                    if (edges != null) {
                        areLatenciesCompared = true;
                        sample = null;
                    }
                }
                begin();
            }
        }
        return this;
    }

    private static double[] latest(List<Double> sample) {
        return sample.stream()
                .skip(Math.max(0, sample.size() - 4096))
                .mapToDouble(each -> each)
                .sorted()
                .toArray();
    }

    private static double[] edges(double[] sorted) {
        return Arrays.stream(Evidence.edgeQuantiles())
                .map(quantile -> sorted[(int) Math.ceil(quantile * sorted.length) - 1])
                .toArray();
    }

    /** The mean of stable's values above 0 in each bin, as a part of that in the highest. */
    private static double[] scores(double[] positive, double[] edges) {
        double[] means = new double[Evidence.BINS];
        for (int bin = 1; bin < Evidence.BINS; bin++) {
            int of = bin;
            means[bin] = Arrays.stream(positive)
                    .filter(value -> bin(edges, value) == of)
                    .average()
                    .orElse(edges[Math.min(bin, edges.length - 1)]);
        }
        double[] scores = new double[Evidence.BINS];
        for (int bin = 1; bin < Evidence.BINS; bin++) {
            scores[bin] = Math.min(1, Math.max(scores[bin - 1], means[bin] / means[Evidence.BINS - 1]));
        }
        return scores;
    }

    void somethingHappens() {
        if (nanos - readAt > SECONDS) {
            read();
        }
        pass(random.nextInt(4) == 0 ? random.nextInt(80) : random.nextInt(20));
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            call();
        }
        recordSomething();
    }

    private void call() {
        Long key = random.nextBoolean() ? (long) random.nextInt(1500) * random.nextInt(1, 3) : null;
        long ticket = key == null ? router.enter() : router.enter(key);
        boolean candidate = Ticket.isCandidate(ticket);
        double draw = random.nextDouble();
        Outcome outcome = draw < .03
                ? Outcome.FAILURE
                : draw > .98 ? Outcome.CANCELLED : draw > .96 ? Outcome.IGNORED : Outcome.SUCCESS;
        double seconds =
                .15 * Math.exp(1.2 * (random.nextDouble() + random.nextDouble() - 1)) * (candidate ? slower : 1);
        if (random.nextInt(100) == 0) {
            seconds = random.nextInt(60);
        }
        boolean isFirst = false;
        if (key != null && isWeighed() && areKeysFresh && !router.wouldExpose(Subject.of(key), before, true)) {
            boolean isNew = seen.add(key);
            // Bit 6 of a ticket, see there. A new key that is not taken for one shares a bit with another, which is
            // rare.
            isFirst = isNew && (ticket >>> 6 & 1) == 1;
            leftOut += isNew && !isFirst ? 1 : 0;
        }
        Call call = new Call(ticket, key != null, isFirst, nanos + (long) (seconds * SECONDS), outcome);
        if (key != null && isFirst) {
            steps.get(steps.size() - 1).put(key, call);
        }
        if (isWeighed()) {
            calls.add(call);
        }
        pending.add(call);
    }

    private void end(Call call) {
        call.elapsed = nanos - call.start;
        router.exitAfter(call.ticket, call.elapsed, call.outcome);
        // Those that are compared teach nothing: the edges are drawn from calls that are in no evidence.
        if (sample != null
                && cohorts.get(call.cohort).edges == null
                && Ticket.isTimed(call.ticket)
                && call.arm() == 0
                && call.outcome == Outcome.SUCCESS) {
            sample.add((double) call.elapsed);
        }
        if (!cohorts.get(call.cohort).overdue) {
            call.ended = true;
        }
    }

    private void recordSomething() {
        if (calls.isEmpty()) {
            return;
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            Call call = calls.get(calls.size() - 1 - Math.min(calls.size() - 1, random.nextInt(2500)));
            if (random.nextInt(4) != 0
                    && Double.isNaN(call.recorded[CONVERSION])
                    && Double.isNaN(call.recorded[VALUE])) {
                record(call, random.nextInt(2));
            } else if (random.nextBoolean()) {
                recordForKey();
            }
        }
    }

    /** Records with the call's ticket, each metric once. */
    private void record(Call call, int metric) {
        if (call.keyed) {
            return; // by their keys, else one call would be recorded twice
        }
        double value = draw(call, metric);
        if (!Double.isNaN(value)) {
            router.record(call.ticket, metric, value);
            note(call, metric, value);
        }
    }

    private void recordForKey() {
        long key = (long) random.nextInt(1500) * random.nextInt(1, 3);
        int metric = random.nextInt(2);
        Call last = null;
        for (Map<Long, Call> step : steps) {
            last = step.getOrDefault(key, last);
        }
        double value = last == null ? 1 : draw(last, metric);
        if (!Double.isNaN(value)) {
            router.record(Subject.of(key), metric, value);
            for (Map<Long, Call> step : steps) {
                Call first = step.get(key);
                if (first != null && Double.isNaN(first.recorded[metric])) {
                    note(first, metric, value);
                }
            }
        }
    }

    /** Draws what a call is good for; the candidate's less often, and less. */
    private double draw(Call call, int metric) {
        if (call.arm() == 1 && random.nextDouble() > worth) {
            return Double.NaN;
        }
        return metric == CONVERSION ? 1 : Math.floor(200 * random.nextDouble() * random.nextDouble()) / 2;
    }

    private void note(Call call, int metric, double value) {
        Part part = cohorts.get(call.cohort).part;
        long window = metric == CONVERSION ? LONG_WINDOW : WINDOW;
        boolean inTime = part.endedAt == Long.MAX_VALUE || nanos - part.endedAt < window;
        call.recorded[metric] = inTime ? value : Double.NEGATIVE_INFINITY;
        if (inTime && metric == VALUE && call.arm() == 0 && part.edges == null) {
            values.add(value * VALUE_TIMES);
        }
    }

    ComparedTraffic read() {
        router.tally().read(nanos);
        readAt = nanos;
        for (int i = 0; i < cohorts.size(); i++) {
            Cohort cohort = cohorts.get(i);
            if (!cohort.overdue && cohort.endedAt != Long.MAX_VALUE && nanos - cohort.endedAt >= DEADLINE) {
                cohort.overdue = true;
                for (Call call : calls) {
                    overdue += call.cohort == i && !call.ended ? 1 : 0;
                }
            }
        }
        learn();
        return this;
    }

    /** Takes in stable's values of what is over and compared with nothing. */
    private void learn() {
        for (Part part : parts) {
            if (!isOver(part, VALUE)) {
                break;
            }
            if (!part.learnt && part.edges == null && part.share > 0 && part.share < 1) {
                part.learnt = true;
                for (Call call : calls) {
                    if (cohorts.get(call.cohort).part == part && call.arm() == 0 && call.counts()) {
                        valuedCalls++;
                    }
                }
                double[] positive =
                        Arrays.stream(latest(values)).filter(value -> value > 0).toArray();
                if (valueEdges == null && valuedCalls >= ENOUGH && positive.length >= ENOUGH_ABOVE_0) {
                    valueEdges = edges(positive);
                    valueEdges[0] = 0;
                    valueScores = scores(positive, valueEdges);
                }
            }
        }
    }

    private static boolean isRecorded(Call call, int metric) {
        return call.recorded[metric] >= 0;
    }

    private boolean isOver(Part part, int metric) {
        int settled = cohorts.size() - router.tally().live();
        return part.endedAt != Long.MAX_VALUE
                && part.lastCohort < settled
                && nanos - part.endedAt >= (metric == CONVERSION ? LONG_WINDOW : WINDOW);
    }

    // ---- What it means.

    private static int bin(double[] edges, double value) {
        return (int) Arrays.stream(edges).filter(edge -> edge < value).count();
    }

    /** Computes the evidence of latencies as a natural logarithm; negative infinity where there are none. */
    double latency(Evidence evidence) {
        int firstLive = cohorts.size() - router.tally().live();
        Set<Integer> lasts = new TreeSet<>();
        lasts.add(cohorts.size() - 1);
        lasts.add(firstLive - 1);
        for (long cutOff : CUT_OFFS) {
            int last = -1;
            for (int i = 0; i < cohorts.size(); i++) {
                if (nanos - cohorts.get(i).since >= cutOff) {
                    last = i;
                }
            }
            if (last >= firstLive) {
                lasts.add(last);
            }
        }
        double best = Double.NEGATIVE_INFINITY;
        long[][][] bins = new long[cohorts.size()][][];
        for (Call call : calls) {
            int bin = latencyBin(call);
            if (bin >= 0) {
                if (bins[call.cohort] == null) {
                    bins[call.cohort] = new long[4][Evidence.BINS];
                }
                bins[call.cohort][(call.keyed ? 2 : 0) + call.arm()][bin]++;
            }
        }
        StartMixture mixture = new StartMixture(evidence);
        Map<Double, Evidence.Factors> factors = new HashMap<>();
        boolean any = false;
        for (int i = 0; i < cohorts.size(); i++) {
            Cohort cohort = cohorts.get(i);
            if (bins[i] != null) {
                any = true;
                mixture.advanceTo(cohort.bucket);
                add(mixture, evidence, factors, timed(cohort.share), bins[i], 0);
                add(mixture, evidence, factors, timed(fresh(cohort.share, cohort.before)), bins[i], 2);
            }
            if (any && lasts.contains(i)) {
                best = Math.max(best, mixture.logEvidence());
            }
        }
        return best;
    }

    private static void add(
            StartMixture mixture,
            Evidence evidence,
            Map<Double, Evidence.Factors> factors,
            double weight,
            long[][] bins,
            int at) {
        if (weight > 0) {
            mixture.add(factors.computeIfAbsent(weight, evidence::factors), bins[at], bins[at + 1]);
        }
    }

    private static double fresh(double share, double before) {
        return (share - before) / (1 - before);
    }

    /** Returns the candidate's part of what is timed: all of its calls, of stable's one in so many. */
    private double timed(double weight) {
        return weight / (weight + (1 - weight) / timeStableOneIn);
    }

    /** Returns the bin of a call's latency, or -1 where it is not compared. */
    private int latencyBin(Call call) {
        Cohort cohort = cohorts.get(call.cohort);
        double[] between = cohort.edges;
        if (between == null || !Ticket.isTimed(call.ticket) || !call.counts()) {
            return -1;
        }
        int slowest = Evidence.BINS - 1;
        if (!call.ended) {
            long atLeast = cohort.endedAt == Long.MAX_VALUE ? 0 : nanos - cohort.endedAt;
            return call.arm() == 0 || cohort.overdue ? slowest : bin(between, atLeast / TIMES);
        }
        double compared = call.arm() == 0 ? call.elapsed : call.elapsed / TIMES;
        return switch (call.outcome) {
            case SUCCESS -> bin(between, compared);
            case FAILURE -> call.arm() == 0 ? slowest : 0;
            case CANCELLED -> call.arm() == 0 ? slowest : bin(between, compared);
            case IGNORED -> -1;
        };
    }

    /** Computes the highest evidence of conversions so far. */
    double conversion(Evidence evidence) {
        return recorded(evidence, CONVERSION);
    }

    /** Computes the highest evidence of values so far. */
    double value() {
        double[] scores = valueScores;
        return scores == null ? Double.NEGATIVE_INFINITY : recorded(Evidence.smaller(scores), VALUE);
    }

    private double recorded(Evidence evidence, int metric) {
        StartMixture mixture = new StartMixture(evidence);
        Map<Double, Evidence.Factors> factors = new HashMap<>();
        Map<Part, long[][]> counts = new HashMap<>();
        for (Call call : calls) {
            Part part = cohorts.get(call.cohort).part;
            double[] between = part.edges;
            if (call.counts() && (metric == CONVERSION || between != null)) {
                int category = metric == CONVERSION
                        ? isRecorded(call, metric) ? 1 : 0
                        : between == null
                                ? 0
                                : bin(
                                        between,
                                        isRecorded(call, metric)
                                                ? call.recorded[metric] * (call.arm() == 0 ? VALUE_TIMES : 1)
                                                : 0);
                counts.computeIfAbsent(part, each -> new long[4][metric == CONVERSION ? 2 : Evidence.BINS])[
                        (call.keyed ? 2 : 0) + call.arm()][category]++;
            }
        }
        double best = Double.NEGATIVE_INFINITY;
        for (Part part : parts) {
            if (!isOver(part, metric)) {
                break;
            }
            long[][] of = counts.get(part);
            for (int unit = 0; unit < 2 && of != null; unit++) {
                double weight = unit == 0 ? part.share : fresh(part.share, part.before);
                if (weight > 0
                        && Arrays.stream(of[2 * unit]).sum()
                                        + Arrays.stream(of[2 * unit + 1]).sum()
                                > 0) {
                    mixture.advanceTo(part.bucket);
                    add(mixture, evidence, factors, weight, of, 2 * unit);
                    best = Math.max(best, mixture.logEvidence());
                }
            }
        }
        return best;
    }

    /** What has settled under the share in force: stable's calls and bad ones, the candidate's calls and bad ones. */
    record Settled(
            double share, long[] unkeyed, double freshShare, long[] firstCalls, long unkeyedCalls, long keyedCalls) {}

    /** Counts what has settled under the share in force; null where nothing is weighed. */
    @Nullable
    Settled settled() {
        Cohort last = cohorts.get(cohorts.size() - 1);
        if (!isWeighed()) {
            return null;
        }
        int settled = cohorts.size() - router.tally().live();
        long[] unkeyed = new long[4];
        long[] first = new long[4];
        long[] all = new long[2];
        for (Call call : calls) {
            Cohort cohort = cohorts.get(call.cohort);
            boolean isVoid = call.ended && (call.outcome == Outcome.CANCELLED || call.outcome == Outcome.IGNORED);
            if (call.cohort < settled && cohort.share == last.share && cohort.before == last.before && !isVoid) {
                boolean bad = !call.ended || call.outcome == Outcome.FAILURE;
                all[call.keyed ? 1 : 0]++;
                if (call.counts()) {
                    long[] of = call.keyed ? first : unkeyed;
                    of[2 * call.arm()]++;
                    of[2 * call.arm() + 1] += bad ? 1 : 0;
                }
            }
        }
        return new Settled(last.share, unkeyed, fresh(last.share, last.before), first, all[0], all[1]);
    }

    // ---- By hand.

    /** Makes stable answer calls without a key in 1, 2, … milliseconds; the coin's others end and count as nothing. */
    ComparedTraffic warm() {
        for (int i = 1; i <= ENOUGH; i++) {
            router.exitAfter(enter(Arm.STABLE), i * MILLIS, Outcome.SUCCESS);
        }
        return pass(WARM_UP / MILLIS + 300).read();
    }

    /** Begins a call without a key on a release. */
    long enter(Arm arm) {
        while (true) {
            long ticket = router.enter();
            if (Ticket.arm(ticket) == arm) {
                return ticket;
            }
            router.exitAfter(ticket, 1, Outcome.IGNORED);
        }
    }

    void call(Arm arm, long millis) {
        router.exitAfter(enter(arm), millis * MILLIS, Outcome.SUCCESS);
    }
}
