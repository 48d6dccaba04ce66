package io.github.rollback4j.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Ticket;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Short rollouts of traffic as it is: few keys make most of the calls, and keys differ for good in how long they take, how
 * often they fail and how often they convert.
 */
@Tag("R-1")
class FalseRollbackTest {

    private static final long MILLIS = 1_000_000;
    private static final long SECONDS = 1_000 * MILLIS;
    private static final double RATE = .1;
    private static final int LATENCY = 0;
    private static final int CONVERSION = 1;
    private static final int ERRORS = 2;

    private record End(long ticket, long begun, long at, Outcome outcome) {}

    /** One rollout; for each signal whether it ever read REGRESSED. */
    private static final class Simulation {

        private static final int KEYS = 1500;

        private final SplittableRandom random;
        private final double[] cumulative = new double[KEYS];
        private final double[] millis = new double[KEYS];
        private final double[] failures = new double[KEYS];
        private final double[] conversions = new double[KEYS];
        private final PriorityQueue<End> ends = new PriorityQueue<>(Comparator.comparingLong(End::at));
        private final Router router;
        private final FailureSignal.Weighing[] signals;
        final boolean[] regressed = new boolean[3];
        private long nanos;

        Simulation(long seed, double zipf) {
            random = new SplittableRandom(seed);
            double sum = 0;
            for (int key = 0; key < KEYS; key++) {
                sum += Math.pow(key + 1, -zipf);
                cumulative[key] = sum;
                double slow = random.nextDouble();
                millis[key] = slow < .15 ? 200 + 400 * random.nextDouble() : 20 * Math.exp(random.nextDouble());
                failures[key] = random.nextInt(30) == 0 ? .8 : .002;
                conversions[key] = random.nextInt(4) == 0 ? .9 : .05;
            }
            Duration window = Duration.ofSeconds(1);
            router = new Router(
                    new Router.Settings(
                            Router.newSalt(random),
                            Audience.everyone(),
                            1,
                            10_000,
                            10 * SECONDS,
                            SECONDS / 4,
                            new Router.Compared(
                                    1,
                                    SECONDS,
                                    20_000,
                                    List.of(new Router.Metric("order", false, 1, window.toNanos()))),
                            () -> nanos,
                            random.split()::nextLong),
                    () -> {});
            signals = new FailureSignal.Weighing[] {
                Signals.latency().notAboveStableTimes(1).weigh(router.tally(), RATE),
                Signals.conversion("order")
                        .notBelowStableTimes(1)
                        .within(window)
                        .weigh(router.tally(), RATE),
                Signals.errorRate()
                        .notAboveStableBy(0)
                        .atLeast(1)
                        .shareOfKeyedCalls(1)
                        .weigh(router.tally(), RATE)
            };
        }

        private int key() {
            double at = random.nextDouble() * cumulative[KEYS - 1];
            int low = 0;
            int high = KEYS - 1;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (cumulative[middle] < at) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        /** Makes the candidate take and convert this many times what stable does. */
        Simulation run(double slower, double converting) {
            for (double share : new double[] {.1, .4, 0, .4, .6}) {
                router.expose(share, true, 0, nanos, nanos);
                for (int i = 0; i < (share == 0 ? 20 : 1_600); i++) {
                    nanos += 2 * MILLIS;
                    while (!ends.isEmpty() && ends.peek().at() <= nanos) {
                        End end = ends.remove();
                        router.exitAfter(end.ticket(), end.at() - end.begun(), end.outcome());
                    }
                    call(slower, converting);
                    if (i % 25 == 0) {
                        router.tick(nanos, nanos);
                    }
                    if (i % 100 == 99) {
                        router.tally().read(nanos);
                        for (int signal = 0; signal < signals.length; signal++) {
                            regressed[signal] |= signals[signal].weigh(nanos);
                        }
                    }
                }
            }
            return this;
        }

        private void call(double slower, double converting) {
            int key = key();
            long ticket = router.enter((long) key);
            boolean candidate = Ticket.isCandidate(ticket);
            double took = millis[key] * (.8 + .4 * random.nextDouble()) * (candidate ? slower : 1);
            boolean fails = random.nextDouble() < failures[key];
            ends.add(new End(ticket, nanos, nanos + (long) (took * MILLIS), fails ? Outcome.FAILURE : Outcome.SUCCESS));
            if (random.nextDouble() < conversions[key] * (candidate ? converting : 1)) {
                router.record(ticket, 0, 1);
            }
        }
    }

    private static int[] regressions(int rollouts, double zipf, double slower, double converting) {
        int[] regressed = new int[3];
        for (int seed = 0; seed < rollouts; seed++) {
            Simulation simulation = new Simulation(1_000 + seed, zipf).run(slower, converting);
            for (int signal = 0; signal < regressed.length; signal++) {
                regressed[signal] += simulation.regressed[signal] ? 1 : 0;
            }
        }
        return regressed;
    }

    @ParameterizedTest
    @CsvSource({"1.1, 150", "1.5, 150"})
    void weigh_sameReleaseTwice_regressesNoOftenerThanPromised(double zipf, int rollouts) {
        int[] regressed = regressions(rollouts, zipf, 1, 1);
        // Three standard deviations above the promised rate, at no margin at all.
        double most = rollouts * RATE + 3 * Math.sqrt(rollouts * RATE * (1 - RATE));
        assertThat((double) regressed[LATENCY]).as("latency").isLessThan(most);
        assertThat((double) regressed[CONVERSION]).as("conversion").isLessThan(most);
        assertThat((double) regressed[ERRORS]).as("errors").isLessThan(most);
    }

    @Test
    void weigh_candidateIsWorse_regressesMostly() {
        int[] regressed = regressions(15, 1.1, 2, .5);
        assertThat(regressed[LATENCY]).isGreaterThanOrEqualTo(14);
        assertThat(regressed[CONVERSION]).isGreaterThanOrEqualTo(12);
    }
}
