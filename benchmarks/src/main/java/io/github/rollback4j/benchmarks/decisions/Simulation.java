package io.github.rollback4j.benchmarks.decisions;

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

    /**
     * When a rollout was taken back, and at what price.
     *
     * @param nanos since its start; -1 where it was not
     * @param failedCalls of the candidate that began before that, or before the end
     * @param failingKeys of the candidate that failed before that; 0 where there are no keys
     */
    record Decision(long nanos, long failedCalls, long failingKeys) {

        private static final Decision NONE = new Decision(-1, 0, 0);

        boolean isMade() {
            return nanos >= 0;
        }

        double seconds() {
            return (double) nanos / SECOND;
        }
    }

    private record Pending(long endsAt, long ticket, boolean failed) {}

    private final Scenario scenario;
    private final List<ErrorRate> signals;
    private final double falseRollbackRate;
    private final long calls;
    private final long nanosPerCall;

    Simulation(
            Scenario scenario, List<ErrorRate> signals, double falseRollbackRate, long calls, double callsPerSecond) {
        this.scenario = scenario;
        this.signals = signals.stream()
                .map(signal -> signal.shareOfKeyedCalls(scenario.isKeyed() ? 1 : 0))
                .toList();
        this.falseRollbackRate = falseRollbackRate;
        this.calls = calls;
        this.nanosPerCall = (long) (SECOND / callsPerSecond);
    }

    /** Runs until all signals are against the candidate, or all calls are made; returns when each was. */
    Decision[] run(long seed) {
        return run(seed, List.of());
    }

    /** The same beside other judges; their decisions come behind those of the signals. */
    Decision[] run(long seed, List<Judge> others) {
        return new Run(seed, others).play();
    }

    /** One rollout. */
    private final class Run {

        private final SplittableRandom random;
        private final Scenario.World world;
        private final List<Judge> others;
        private final Decision[] decisions;
        private final PriorityQueue<Pending> pending = new PriorityQueue<>(Comparator.comparingLong(Pending::endsAt));
        private final BitSet failingKeys = new BitSet();
        private double alpha = falseRollbackRate;
        private Ours ours;
        private int restarts;
        private double share = -1;
        private double highestShare;
        private long failedCalls;
        private int open;

        Run(long seed, List<Judge> others) {
            this.random = new SplittableRandom(seed);
            this.world = scenario.world().next(random);
            this.others = others;
            this.decisions = new Decision[signals.size() + others.size()];
            this.open = decisions.length;
            this.ours = begin();
            Arrays.fill(decisions, Decision.NONE);
        }

        private Ours begin() {
            return new Ours(signals, alpha, calls * nanosPerCall, random);
        }

        Decision[] play() {
            long nextTick = TICK;
            for (long call = 0; call < calls; call++) {
                long now = call * nanosPerCall;
                expose((double) call / calls, now);
                for (; now >= nextTick; nextTick += TICK) {
                    endCalls(nextTick);
                    ours.tick(nextTick);
                    for (int i = 0; i < others.size(); i++) {
                        decide(signals.size() + i, nextTick, others.get(i).isAgainst(nextTick));
                    }
                }
                endCalls(now);
                decide(now);
                if (open == 0) {
                    break;
                }
                call(now, (double) call / calls);
                decide(now);
            }
            for (int i = 0; i < decisions.length; i++) {
                if (!decisions[i].isMade()) {
                    decisions[i] = new Decision(-1, failedCalls, failingKeys.cardinality());
                }
            }
            return decisions;
        }

        private void expose(double part, long now) {
            if (part * (scenario.restarts() + 1) >= restarts + 1) {
                // What was counted is lost, and the keys that were exposed count no more; half of the rate is left.
                restarts++;
                alpha /= 2;
                ours = begin();
                ours.exposedBefore(highestShare);
                pending.clear();
                share = -1;
            }
            if (scenario.share(part) != share) {
                share = scenario.share(part);
                highestShare = Math.max(highestShare, share);
                ours.expose(share, now);
            }
        }

        private void call(long now, double part) {
            long key = scenario.keys().next(random);
            long ticket = ours.enter(now, key);
            boolean candidate = Ours.isCandidate(ticket);
            boolean failed = random.nextDouble() < world.failureRate(candidate, key, part);
            if (candidate && failed) {
                failedCalls++;
                if (key >= 0) {
                    failingKeys.set((int) key);
                }
            }
            long takes = world.nanos(candidate, failed);
            if (takes == 0) {
                ours.exit(now, ticket, failed);
            } else {
                pending.add(new Pending(now + takes, ticket, failed));
            }
            for (Judge other : others) {
                other.outcome(candidate, failed);
            }
        }

        private void endCalls(long now) {
            for (Pending next = pending.peek(); next != null && next.endsAt <= now; next = pending.peek()) {
                pending.remove();
                ours.exit(next.endsAt, next.ticket, next.failed);
            }
        }

        private void decide(long now) {
            for (int i = 0; i < signals.size(); i++) {
                decide(i, now, ours.isAgainst(i));
            }
        }

        private void decide(int judge, long now, boolean isAgainst) {
            if (isAgainst && !decisions[judge].isMade()) {
                decisions[judge] = new Decision(now, failedCalls, failingKeys.cardinality());
                open--;
            }
        }
    }
}
