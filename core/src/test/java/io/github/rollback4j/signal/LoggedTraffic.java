package io.github.rollback4j.signal;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.Evidence.Margin;
import io.github.rollback4j.evidence.KeyedStarts;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Ticket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Random traffic through a real router, and a plain log of all its calls, from which {@link #look} computes the evidence
 * anew each time, by the formulas of EVIDENCE.md and without any of the tally's counters.
 */
final class LoggedTraffic {

    static final long MILLIS = 1_000_000;
    private static final long DEADLINE = 30_000 * MILLIS;
    private static final long BUCKET = 500 * MILLIS;
    private static final long COHORT = DEADLINE / 120;
    private static final long[] CUT_OFFS = {10_000 * MILLIS, 1_000 * MILLIS, 250 * MILLIS, 0};
    private static final int KEYS = 400;

    /** What a look finds. */
    record Look(double log10Evidence, boolean regressed) {}

    private static final class Cohort {
        final long since;
        final int bucket;
        final double share;
        long endedAt = Long.MAX_VALUE;
        boolean overdue;

        /** By the highest four bits of the key's fingerprint: the first call of all, the only one that is watched. */
        final @Nullable Call[] watched = new Call[16];

        Cohort(long since, int bucket, double share) {
            this.since = since;
            this.bucket = bucket;
            this.share = share;
        }
    }

    private final class Call {
        final int cohort = cohorts.size() - 1;
        final long ticket;
        final @Nullable Long key;
        final long endsAt;
        final Outcome outcome;
        boolean ended;
        boolean bad;
        boolean isVoid;
        boolean isOverdue;

        Call(long ticket, @Nullable Long key, long endsAt, Outcome outcome) {
            this.ticket = ticket;
            this.key = key;
            this.endsAt = endsAt;
            this.outcome = outcome;
        }

        boolean is(Arm arm) {
            return Ticket.arm(ticket) == arm;
        }

        boolean isPending() {
            return !ended;
        }

        int group() {
            return KeyedStarts.startOf(cohorts.get(cohort).bucket);
        }
    }

    final SplittableRandom random;
    final Router router;
    long nanos = -3_000 * MILLIS;
    int overdue;
    int late;

    private final long startNanos = nanos;
    private final double exposedBefore;
    private final List<Cohort> cohorts = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    /** Calls whose key is known to have failed, in the order in which that became known. */
    private final List<Call> failures = new ArrayList<>();

    private final PriorityQueue<Call> pending = new PriorityQueue<>(Comparator.comparingLong(call -> call.endsAt));
    private double share;
    private long readAt = nanos;

    LoggedTraffic(long seed, double exposedBefore) {
        this.random = new SplittableRandom(seed);
        this.exposedBefore = exposedBefore;
        router = new Router(
                new Router.Settings(
                        Router.newSalt(random),
                        Audience.everyone(),
                        4,
                        100_000,
                        DEADLINE,
                        BUCKET,
                        () -> nanos,
                        random.split()::nextLong),
                () -> {});
        if (exposedBefore > 0) {
            router.exposedBefore(exposedBefore);
        }
    }

    // ---- What happens.

    LoggedTraffic expose(double to) {
        share = to;
        router.expose(to, true, 0, nanos, nanos - startNanos);
        begin();
        return this;
    }

    private void begin() {
        if (!cohorts.isEmpty()) {
            cohorts.get(cohorts.size() - 1).endedAt = nanos;
        }
        int bucket = (int) Math.min(StartMixture.LAST_BUCKET, (nanos - startNanos) / BUCKET);
        cohorts.add(new Cohort(nanos, bucket, share));
    }

    /** Ends what is due, then ticks. */
    LoggedTraffic pass(long millis) {
        for (long end = nanos + millis * MILLIS; nanos < end; ) {
            nanos += Math.min(50 * MILLIS, end - nanos);
            while (!pending.isEmpty() && pending.peek().endsAt <= nanos) {
                end(pending.remove());
            }
            router.tick(nanos, nanos - startNanos);
            // Where nothing is weighed no new cohort is needed.
            if (share > 0 && share < 1 && nanos - cohorts.get(cohorts.size() - 1).since >= COHORT) {
                begin();
            }
        }
        return this;
    }

    void somethingHappens() {
        if (nanos - readAt > 1_000 * MILLIS) {
            // A tick does so ten times a second: a cohort that is not read by two seconds after its deadline is left
            // out.
            read();
        }
        pass(random.nextInt(4) == 0 ? random.nextInt(200) : random.nextInt(20));
        int calls = 1 + random.nextInt(4);
        for (int i = 0; i < calls; i++) {
            Long key = random.nextBoolean() ? (long) random.nextInt(KEYS) * random.nextInt(1, 4) : null;
            long ticket = key == null ? router.enter() : router.enter(key);
            boolean often = Ticket.isCandidate(ticket) || (key != null && key % 17 == 0);
            double draw = random.nextDouble();
            Outcome outcome = draw < (often ? 0.25 : 0.02)
                    ? Outcome.FAILURE
                    : draw > 0.96 ? Outcome.CANCELLED : draw > 0.94 ? Outcome.IGNORED : Outcome.SUCCESS;
            add(ticket, key, outcome, delay());
        }
    }

    private long delay() {
        double draw = random.nextDouble();
        if (draw < 0.5) {
            return 0;
        }
        return draw < 0.9
                ? random.nextLong(2_000)
                : draw < 0.96 ? random.nextLong(25_000) : draw < 0.98 ? 45_000 : Long.MAX_VALUE / MILLIS / 2;
    }

    private void add(long ticket, @Nullable Long key, Outcome outcome, long delayMillis) {
        Call call = new Call(ticket, key, nanos + delayMillis * MILLIS, outcome);
        if (Ticket.isWeighed(ticket)) {
            calls.add(call);
            if (key != null && call.is(Arm.CANDIDATE)) {
                @Nullable Call[] watched = cohorts.get(call.cohort).watched;
                // The fingerprint is in bits 9 to 35 of a ticket, see there.
                int place = (int) (ticket >>> 32 & 15);
                if (watched[place] == null) {
                    watched[place] = call;
                }
            }
        }
        if (delayMillis == 0) {
            end(call);
        } else {
            pending.add(call);
        }
    }

    private void end(Call call) {
        router.exitAfter(call.ticket, 1, call.outcome);
        if (!Ticket.isWeighed(call.ticket)) {
            return;
        }
        if (cohorts.get(call.cohort).overdue) {
            late++;
            return;
        }
        call.ended = true;
        call.bad = call.outcome == Outcome.FAILURE;
        call.isVoid = call.outcome == Outcome.CANCELLED || call.outcome == Outcome.IGNORED;
        if (call.bad && call.key != null) {
            failures.add(call);
        }
    }

    LoggedTraffic read() {
        router.tally().read(nanos);
        readAt = nanos;
        for (int i = 0; i < cohorts.size(); i++) {
            Cohort cohort = cohorts.get(i);
            if (!cohort.overdue && cohort.endedAt != Long.MAX_VALUE && nanos - cohort.endedAt >= DEADLINE) {
                cohort.overdue = true;
                // What is overdue is bad, in both arms; of the candidate's keys only those that were watched are known.
                for (Call call : calls) {
                    if (call.cohort == i && !call.ended) {
                        call.ended = true;
                        call.bad = true;
                        call.isOverdue = true;
                        overdue++;
                        for (Call watched : cohort.watched) {
                            if (watched == call) {
                                failures.add(call);
                            }
                        }
                    }
                }
            }
        }
        return this;
    }

    /** Makes one call that the coin gave the candidate; those that it gave to stable end well, or not at all. */
    void candidateCall(@Nullable Outcome outcome, boolean keyed) {
        while (true) {
            long ticket = keyed ? router.enter(random.nextLong()) : router.enter();
            if (!Ticket.isCandidate(ticket)) {
                router.exitAfter(ticket, 1, Outcome.IGNORED);
            } else {
                if (outcome != null) {
                    router.exitAfter(ticket, 1, outcome);
                }
                return;
            }
        }
    }

    /** Begins this many calls on stable. */
    long[] enterStable(int count) {
        long[] tickets = new long[count];
        for (int i = 0; i < count; ) {
            long ticket = router.enter();
            if (Ticket.isCandidate(ticket)) {
                router.exitAfter(ticket, 1, Outcome.IGNORED);
            } else {
                tickets[i++] = ticket;
            }
        }
        return tickets;
    }

    /** Returns the n-th key, from 0, that gets the candidate. */
    long candidateKey(int n) {
        int left = n;
        for (long key = 0; ; key++) {
            if (router.route(key) == Arm.CANDIDATE && left-- == 0) {
                return key;
            }
        }
    }

    // ---- What it means.

    /** Computes what the signal of the seed should say now. */
    Look look(Margin margin, double rate, long seed) {
        int atLeast = 1 + (int) (seed % 4);
        double keyedShare = seed % 3 == 0 ? 0.8 : 0.5;
        double needed = -Math.log(rate);
        int firstLive = cohorts.size() - router.tally().live();
        double best = Double.NEGATIVE_INFINITY;
        boolean regressed = false;
        Set<Integer> lasts = new TreeSet<>();
        lasts.add(cohorts.size() - 1);
        for (long cutOff : CUT_OFFS) {
            int last = -1;
            for (int i = 0; i < cohorts.size(); i++) {
                if (nanos - cohorts.get(i).since >= cutOff) {
                    last = i;
                }
            }
            // A cut-off among cohorts that are settled was looked at when they were live.
            if (last >= firstLive) {
                lasts.add(last);
            }
        }
        for (int last : lasts) {
            if (any(last, false)) {
                double value = Math.log(1 - keyedShare) + unkeyed(margin, last);
                best = Math.max(best, value);
                regressed |= value >= needed && candidateFailures(last) >= atLeast;
            }
            if (any(last, true)) {
                KeyedStarts starts = keyed(margin, last);
                double value = Math.log(keyedShare) + starts.logEvidence();
                best = Math.max(best, value);
                regressed |= value >= needed && failingKeys(last, starts.strongestStart()) >= atLeast;
            }
        }
        return new Look(Double.isInfinite(best) ? 0 : best / Math.log(10), regressed);
    }

    private boolean any(int last, boolean keyed) {
        return calls.stream().anyMatch(call -> call.cohort <= last && (call.key != null) == keyed && !call.isVoid);
    }

    private long candidateFailures(int last) {
        return calls.stream()
                .filter(call -> call.cohort <= last && call.key == null && call.is(Arm.CANDIDATE) && call.bad)
                .count();
    }

    /** All calls without a key; stable's pending ones have failed, the candidate's have not. */
    private double unkeyed(Margin margin, int last) {
        Evidence evidence = Evidence.errors(margin);
        StartMixture mixture = new StartMixture(evidence);
        long[][] counts = new long[last + 1][4];
        for (Call call : calls) {
            if (call.cohort <= last && call.key == null && !call.isVoid) {
                boolean candidate = call.is(Arm.CANDIDATE);
                counts[call.cohort][candidate ? 2 : 0]++;
                if (candidate ? call.bad : call.bad || call.isPending()) {
                    counts[call.cohort][candidate ? 3 : 1]++;
                }
            }
        }
        Map<Double, Evidence.Factors> factors = new HashMap<>();
        for (int i = 0; i <= last; i++) {
            long[] of = counts[i];
            if (of[0] + of[2] > 0) {
                mixture.advanceTo(cohorts.get(i).bucket);
                mixture.add(
                        factors.computeIfAbsent(cohorts.get(i).share, evidence::factors), of[0], of[1], of[2], of[3]);
            }
        }
        return mixture.logEvidence();
    }

    /**
     * For each start the first failure of each key; all of stable's calls are charged, pending ones as failures of a key
     * each. Stable's first failures after the cut-off count too: that is on the safe side.
     */
    private KeyedStarts keyed(Margin margin, int last) {
        Evidence evidence = Evidence.keyedErrors(margin);
        KeyedStarts starts = new KeyedStarts(evidence);
        for (int start = 0; start < KeyedStarts.STARTS; start++) {
            // By share: stable's calls, stable's keys, the candidate's keys.
            Map<Double, long[]> byShare = new TreeMap<>();
            for (Call call : calls) {
                if (call.cohort <= last
                        && call.key != null
                        && !call.isVoid
                        && call.group() >= start
                        && call.is(Arm.STABLE)) {
                    long[] counts = byShare.computeIfAbsent(cohorts.get(call.cohort).share, each -> new long[3]);
                    counts[0]++;
                    // Overdue ones are not known by key, and count each.
                    counts[1] += call.isPending() || call.isOverdue ? 1 : 0;
                }
            }
            for (Call call : firstFailures(start)) {
                long[] counts = byShare.computeIfAbsent(cohorts.get(call.cohort).share, each -> new long[3]);
                if (call.is(Arm.STABLE)) {
                    counts[1]++;
                } else if (call.cohort <= last) {
                    counts[2]++;
                }
            }
            int begun = start;
            byShare.forEach((each, counts) -> {
                double fresh = (each - exposedBefore) / (1 - exposedBefore);
                if (fresh > 0 && counts[0] + counts[2] > 0) {
                    starts.add(begun, evidence.factors(fresh), counts[0], Math.min(counts[0], counts[1]), counts[2]);
                }
            });
        }
        return starts;
    }

    private List<Call> firstFailures(int start) {
        Set<Long> seen = new HashSet<>();
        List<Call> first = new ArrayList<>();
        for (Call failure : failures) {
            if (failure.group() >= start && seen.add(failure.key)) {
                first.add(failure);
            }
        }
        return first;
    }

    private long failingKeys(int last, int start) {
        return firstFailures(start).stream()
                .filter(call -> call.cohort <= last && call.is(Arm.CANDIDATE))
                .count();
    }
}
