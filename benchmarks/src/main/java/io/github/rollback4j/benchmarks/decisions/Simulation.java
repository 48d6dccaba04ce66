package io.github.rollback4j.benchmarks.decisions;

import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.ErrorRate;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Runs one rollout of a scenario, call by call, under the library's own decision code and, beside it, other judges. */
final class Simulation {

    private static final long SECOND = 1_000_000_000L;
    private static final long TICK = SECOND / 10;

    /** How many of all calls may be harmed by the next step, where the evidence is to allow for it. */
    private static final double HARM = .0005;

    /** Above it too few calls go to stable to tell how much worse the candidate may be. */
    private static final double MOST_FOR_PROMOTION = .5;

    /**
     * When a rollout was taken back, and at what price.
     *
     * @param nanos since its start, or since what was measured from; -1 where it was not
     * @param candidateCalls that began between then and that, or the end
     * @param failedCalls of the candidate that began before that, or before the end
     * @param failingKeys of the candidate that failed before that; 0 where there are no keys
     */
    record Decision(long nanos, long candidateCalls, long failedCalls, long failingKeys) {

        private static final Decision NONE = new Decision(-1, 0, 0, 0);

        boolean isMade() {
            return nanos >= 0;
        }

        double seconds() {
            return (double) nanos / SECOND;
        }
    }

    /**
     * How a rollout ended.
     *
     * @param decisions by signal, in their order, then by judge
     * @param isRatioWrong whether it would have been paused, since the calls did not fall as the share said
     * @param stepsByEvidence how many steps the evidence ended before their time
     */
    record Ending(List<Decision> decisions, boolean isRatioWrong, int stepsByEvidence) {

        boolean isTakenBack() {
            return decisions.stream().anyMatch(Decision::isMade);
        }
    }

    private record Recording(long at, long ticket, long key, int metric, double value) {}

    private final Scenario scenario;
    private final List<Watched> watched;
    private final List<BusinessMetric> metrics;
    private final double falseRollbackRate;
    private final long calls;
    private final long nanosPerCall;
    private final long measuredFrom;

    Simulation(Scenario scenario, List<Watched> watched, double falseRollbackRate, long calls, double callsPerSecond) {
        this(scenario, watched, falseRollbackRate, calls, callsPerSecond, 0);
    }

    /**
     * Prepares a simulation.
     *
     * @param measuredFrom since when time and calls are counted, in nanoseconds from the start
     */
    Simulation(
            Scenario scenario,
            List<Watched> watched,
            double falseRollbackRate,
            long calls,
            double callsPerSecond,
            long measuredFrom) {
        this.scenario = scenario;
        this.watched = watched.stream()
                .map(one -> one.signal() instanceof ErrorRate errors
                        ? new Watched(errors.shareOfKeyedCalls(scenario.isKeyed() ? 1 : 0), one.share())
                        : one)
                .toList();
        this.metrics = watched.stream()
                .filter(one -> one.signal() instanceof BusinessMetric)
                .map(one -> (BusinessMetric) one.signal())
                .toList();
        this.falseRollbackRate = falseRollbackRate;
        this.calls = calls;
        this.nanosPerCall = (long) (SECOND / callsPerSecond);
        this.measuredFrom = measuredFrom;
    }

    /** Runs until all signals are against the candidate, or all calls are made; returns when each was. */
    Decision[] run(long seed) {
        return run(seed, List.of());
    }

    /** The same beside other judges; their decisions come behind those of the signals. */
    Decision[] run(long seed, List<Judge> others) {
        return new Run(seed, others).play().decisions.toArray(Decision[]::new);
    }

    /** The same, and how else it ended. */
    Ending end(long seed) {
        return new Run(seed, List.of()).play();
    }

    /** One rollout. */
    private final class Run {

        private final SplittableRandom random;
        private final Scenario.World world;
        private final List<Judge> others;
        private final Decision[] decisions;
        private final PendingCalls pending = new PendingCalls();
        private final PriorityQueue<Recording> recordings =
                new PriorityQueue<>(Comparator.comparingLong(Recording::at));
        private final BitSet failingKeys = new BitSet();
        private double alpha = falseRollbackRate;
        private Ours ours;
        private int restarts;
        private double share = -1;
        private double highestShare;
        private long candidateCalls;
        private long failedCalls;
        private int open;
        private boolean isRatioWrong;
        private int step;
        private long stepSince;
        private long nextExcess = SECOND;
        private int stepsByEvidence;

        Run(long seed, List<Judge> others) {
            this.random = new SplittableRandom(seed);
            this.world = scenario.world().next(random);
            this.others = others;
            this.decisions = new Decision[watched.size() + others.size()];
            this.open = decisions.length;
            this.ours = begin();
            Arrays.fill(decisions, Decision.NONE);
        }

        private Ours begin() {
            return new Ours(watched, alpha, scenario.byEvidence(), calls * nanosPerCall, random);
        }

        Ending play() {
            long nextTick = TICK;
            for (long call = 0; call < calls && step < scenario.shares().size(); call++) {
                long now = call * nanosPerCall;
                expose((double) call / calls, now);
                for (; now >= nextTick; nextTick += TICK) {
                    catchUp(nextTick);
                    ours.tick(nextTick);
                    for (int i = 0; i < others.size(); i++) {
                        decide(watched.size() + i, nextTick, others.get(i).isAgainst(nextTick));
                    }
                    grow(nextTick);
                }
                catchUp(now);
                decide(now);
                if (open == 0) {
                    break;
                }
                call(now, (double) call / calls);
                decide(now);
            }
            for (int i = 0; i < decisions.length; i++) {
                if (!decisions[i].isMade()) {
                    decisions[i] = new Decision(-1, candidateCalls, failedCalls, failingKeys.cardinality());
                }
            }
            return new Ending(List.of(decisions), isRatioWrong || ours.isRatioWrong(), stepsByEvidence);
        }

        private void expose(double part, long now) {
            if (part * (scenario.restarts() + 1) >= restarts + 1) {
                // What was counted is lost, and the keys that were exposed count no more; half of the rate is left.
                restarts++;
                alpha /= 2;
                isRatioWrong |= ours.isRatioWrong();
                ours = begin();
                ours.exposedBefore(highestShare);
                pending.clear();
                share = -1;
            }
            double wanted = scenario.byEvidence() ? scenario.shares().get(step) : scenario.share(part);
            if (wanted != share) {
                share = wanted;
                highestShare = Math.max(highestShare, share);
                ours.expose(share, now);
            }
        }

        /** Takes the next step where the evidence allows for it or the step's time is over; after the last comes promotion. */
        private void grow(long now) {
            if (!scenario.byEvidence()
                    || now < nextExcess
                    || step == scenario.shares().size()) {
                return;
            }
            nextExcess += SECOND;
            List<Double> shares = scenario.shares();
            boolean last = step == shares.size() - 1;
            double next = last ? 1 : shares.get(step + 1);
            if (share <= MOST_FOR_PROMOTION && next * ours.highestExcess() <= HARM) {
                stepsByEvidence++;
            } else if (last || now - stepSince < calls * nanosPerCall / shares.size()) {
                return;
            }
            step++;
            stepSince = now;
        }

        private void call(long now, double part) {
            long key = scenario.keys().next(random);
            long ticket = ours.enter(now, key);
            boolean candidate = Ours.isCandidate(ticket);
            boolean failed = random.nextDouble() < world.failureRate(candidate, key, part);
            if (candidate) {
                candidateCalls += now >= measuredFrom ? 1 : 0;
                if (failed) {
                    failedCalls++;
                    if (key >= 0) {
                        failingKeys.set((int) key);
                    }
                }
            }
            long takes = world.nanos(candidate, key, part, failed, random);
            if (takes == 0) {
                ours.exit(now, ticket, 0, failed);
            } else {
                pending.add(now, now + takes, ticket, failed);
            }
            for (int metric = 0; metric < metrics.size(); metric++) {
                record(now, ticket, key, metric, part);
            }
            for (Judge other : others) {
                other.outcome(candidate, failed);
            }
        }

        private void record(long now, long ticket, long key, int metric, double part) {
            BusinessMetric of = metrics.get(metric);
            boolean candidate = Ours.isCandidate(ticket);
            double value = of.isNumeric()
                    ? world.worth(candidate, key, part, random)
                    : random.nextDouble() < world.conversionRate(candidate, key, part) ? 1 : 0;
            if (value > 0) {
                long after = random.nextLong(of.window().toNanos());
                recordings.add(new Recording(now + after, ticket, key, ours.metric(of), value));
            }
        }

        /** Does what was to happen by now, in the order of its time. */
        private void catchUp(long now) {
            for (; pending.isEnded(now); pending.remove()) {
                ours.exit(pending.endsAt(), pending.ticket(), pending.endsAt() - pending.beganAt(), pending.isFailed());
            }
            for (Recording next = recordings.peek(); next != null && next.at <= now; next = recordings.peek()) {
                recordings.remove();
                ours.record(next.at, next.ticket, next.key, next.metric, next.value);
            }
        }

        private void decide(long now) {
            for (int i = 0; i < watched.size(); i++) {
                decide(i, now, ours.isAgainst(i));
            }
        }

        private void decide(int judge, long now, boolean isAgainst) {
            if (isAgainst && !decisions[judge].isMade()) {
                decisions[judge] = new Decision(
                        Math.max(0, now - measuredFrom), candidateCalls, failedCalls, failingKeys.cardinality());
                open--;
            }
        }
    }
}
