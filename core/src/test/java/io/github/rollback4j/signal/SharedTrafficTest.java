package io.github.rollback4j.signal;

import static io.github.rollback4j.signal.Signals.conversion;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.signal.Signals.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.Owners;
import io.github.rollback4j.traffic.Router;
import io.github.rollback4j.traffic.Tally;
import io.github.rollback4j.traffic.Ticket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several instances, of which one weighs what all have counted, beside one instance that has all of the traffic. */
@Tag("R-1")
class SharedTrafficTest {

    private static final long MILLIS = 1_000_000;
    private static final double RATE = 0.01;
    private static final double[] EDGES = ascending(1, 2 * MILLIS);
    private static final double[] WORTH = ascending(0, 1);
    private static final double[] SCORES = IntStream.range(0, Evidence.BINS)
            .mapToDouble(i -> i / (Evidence.BINS - 1.0))
            .toArray();

    private static double[] ascending(int from, double step) {
        return IntStream.range(from, from + Evidence.BINS - 1)
                .mapToDouble(i -> i * step)
                .toArray();
    }

    private record Call(Instance instance, long ticket, long startNanos, long endNanos, Outcome outcome, double worth) {

        void end() {
            instance.router.exit(ticket, startNanos, outcome);
            if (worth > 0) {
                instance.router.record(ticket, 0, 1);
                instance.router.record(ticket, 1, worth);
            }
        }
    }

    /**
     * What was recorded of calls, by metric, weight, release and category. Of business metrics the highest evidence so far counts,
     * which hangs on when it is looked at: what is compared is what it is made from.
     */
    private static final class Recorded implements Tally.Sink {
        final Map<String, Long> counts = new TreeMap<>();

        @Override
        public void restart() {
            counts.clear();
        }

        @Override
        public void settled(Tally.Settled cohort) {}

        @Override
        public void closed(int metric, int bucket, double weight, long[] stable, long[] candidate) {
            for (int category = 0; category < stable.length; category++) {
                counts.merge(metric + " " + weight + " stable " + category, stable[category], Long::sum);
                counts.merge(metric + " " + weight + " candidate " + category, candidate[category], Long::sum);
            }
        }
    }

    private static final class Instance {
        final Recorded recorded = new Recorded();
        final String name;
        final Router router;
        final Map<String, FailureSignal.Weighing> weighings = new LinkedHashMap<>();

        Instance(String name, String salt, Service service, long bucketNanos) {
            this.name = name;
            this.router = new Router(
                    new Router.Settings(
                            salt,
                            Audience.everyone(),
                            1,
                            10_000,
                            5_000 * MILLIS,
                            bucketNanos,
                            new Router.Compared(
                                    1.1,
                                    0,
                                    // So much room that hardly any two keys share a place.
                                    1 << 21,
                                    List.of(
                                            new Router.Metric("ordered", false, .95, 2_000 * MILLIS),
                                            new Router.Metric("revenue", true, .95, 2_000 * MILLIS))),
                            () -> service.nanos,
                            () -> service.coin,
                            true),
                    () -> {});
            List<FailureSignal.Comparative> signals = new ArrayList<>(List.of(errorRate(), latency()));
            signals.add(conversion("ordered").within(Duration.ofSeconds(2)));
            signals.add(value("revenue").within(Duration.ofSeconds(2)));
            signals.forEach(signal -> weighings.put(signal.name(), signal.weigh(router.tally(), RATE)));
            router.tally().addSink(recorded);
            router.tally().useEdges(EDGES);
            router.tally().useScale(1, WORTH, SCORES);
        }

        void take(Instance other, Map<String, byte[]> pages) {
            pages.forEach((page, bytes) -> {
                try {
                    router.tally().take(other.name, page, bytes);
                } catch (IOException unreadable) {
                    throw new AssertionError(unreadable);
                }
            });
        }
    }

    /** A service of several instances; the first is not one of them, but sees all of their calls. */
    private static final class Service {
        final SplittableRandom random;
        final String salt;
        final Instance whole;
        final List<Instance> instances = new ArrayList<>();
        final List<String> owners;
        final boolean isSticky;
        final PriorityQueue<Call> pending = new PriorityQueue<>(Comparator.comparingLong(Call::endNanos));
        final long startNanos = 1_000_000 * MILLIS;
        double candidateFailures = 0.02;
        long nanos = startNanos;
        long coin;

        /** Creates it; where keys stick each is served by the instance that counts its first calls. */
        Service(long seed, int size, boolean isSticky) {
            this(seed, size, isSticky, Duration.ofHours(1));
        }

        Service(long seed, int size, boolean isSticky, Duration bucket) {
            this.random = new SplittableRandom(seed);
            this.salt = Router.newSalt(random);
            this.isSticky = isSticky;
            this.whole = new Instance("whole", salt, this, bucket.toNanos());
            IntStream.range(0, size).forEach(i -> instances.add(new Instance("i" + i, salt, this, bucket.toNanos())));
            this.owners = instances.stream().map(instance -> instance.name).toList();
            instances.forEach(instance -> instance.router.divide(owners, instance.name));
            whole.router.divide(List.of("whole"), "whole");
        }

        List<Instance> all() {
            List<Instance> all = new ArrayList<>(instances);
            all.add(whole);
            return all;
        }

        void expose(double share) {
            all().forEach(instance -> instance.router.expose(share, true, 0, nanos, nanos - startNanos));
        }

        void pass(int ticks, int callsATick) {
            for (int tick = 0; tick < ticks; tick++) {
                for (int i = 0; i < callsATick; i++) {
                    begin();
                }
                nanos += 100 * MILLIS;
                while (!pending.isEmpty() && pending.peek().endNanos <= nanos) {
                    pending.remove().end();
                }
                all().forEach(instance -> instance.router.tick(nanos, nanos - startNanos));
                // What hangs is noted as the cohort settles, and told from the next reading on.
                all().forEach(instance -> instance.router.tally().read(nanos));
                all().forEach(instance -> instance.router.tally().read(nanos));
            }
        }

        private void begin() {
            boolean isKeyed = random.nextInt(3) > 0;
            // Five keys have a quarter of the calls, and fail again and again, wherever they are served.
            long key = random.nextInt(4) == 0 ? random.nextInt(5) : random.nextInt(5, 600);
            Instance server = instances.get(
                    isKeyed && isSticky ? Owners.of(owners, salt, key) : random.nextInt(instances.size()));
            coin = random.nextLong();
            long ticket = isKeyed ? server.router.enter(key) : server.router.enter();
            long same = isKeyed ? whole.router.enter(key) : whole.router.enter();
            assertThat(Ticket.arm(same)).isEqualTo(Ticket.arm(ticket));
            double failing = (isKeyed && key < 5 ? 0.3 : 0.01) + (Ticket.isCandidate(ticket) ? candidateFailures : 0);
            Outcome outcome = random.nextDouble() < failing
                    ? Outcome.FAILURE
                    : random.nextInt(50) == 0 ? Outcome.CANCELLED : Outcome.SUCCESS;
            // Some take longer than the deadline; not on the candidate with a key, since of the keys that hang then
            // each
            // instance watches 16 a cohort: several instances see more than one.
            long longest = isKeyed && Ticket.isCandidate(ticket) ? 4_000 : 7_000;
            long takes = random.nextInt(100) == 0 ? random.nextLong(longest * MILLIS) : random.nextLong(60 * MILLIS);
            double worth = random.nextInt(3) == 0 ? random.nextDouble() * 20 : 0;
            pending.add(new Call(server, ticket, nanos, nanos + takes, outcome, worth));
            pending.add(new Call(whole, same, nanos, nanos + takes, outcome, worth));
        }

        /** Lets an instance weigh what all have counted. */
        void merge(Instance leader) {
            for (Instance other : instances) {
                if (other != leader) {
                    leader.take(other, other.router.tally().changedPages(nanos));
                }
            }
            leader.router.tally().merge();
        }

        double log10(Instance instance, String signal) {
            FailureSignal.Weighing weighing = instance.weighings.get(signal);
            weighing.weigh(nanos);
            return weighing.log10Evidence();
        }

        void assertSame(Instance leader, String... signals) {
            assertThat(leader.recorded.counts).isEqualTo(whole.recorded.counts);
            for (String signal : signals) {
                double expected = log10(whole, signal);
                assertThat(log10(leader, signal))
                        .as("%s after %d ms", signal, (nanos - startNanos) / MILLIS)
                        .isCloseTo(expected, within(1e-9 + 1e-9 * Math.abs(expected)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 3", "3, 10", "4, 50"})
    void merge_keysThatStick_isTheEvidenceOfOneInstance(long seed, int size) {
        Service service = new Service(seed, size, true);
        Instance leader = service.instances.get((int) seed % size);
        for (double share : new double[] {0.05, 0.25, 0.5}) {
            service.expose(share);
            for (int look = 0; look < 40; look++) {
                service.pass(1 + service.random.nextInt(10), 40);
                service.merge(leader);
                service.assertSame(leader, "error-rate", "latency");
            }
        }
        assertThat(leader.recorded.counts).hasSizeGreaterThan(50);
        assertThat(service.log10(leader, "latency")).isNotZero();
        assertThat(leader.router.tally().totals().candidateCalls())
                .isEqualTo(service.whole.router.tally().totals().candidateCalls())
                .isGreaterThan(1_000);
        assertThat(leader.router.tally().sampleRatioEvidence()).isLessThan(Math.log(100));
    }

    @ParameterizedTest
    @ValueSource(longs = {12, 13})
    void merge_aRegressionThatBeginsLate_isTheEvidenceOfOneInstance(long seed) {
        Service service = new Service(seed, 3, true, Duration.ofSeconds(3));
        Instance leader = service.instances.get(1);
        service.candidateFailures = 0;
        service.expose(0.25);
        for (int look = 0; look < 60; look++) {
            service.candidateFailures = look < 30 ? 0 : 0.05;
            service.pass(20, 40);
            // Where everything has settled it is in the order of its start, in whichever instance it was.
            service.pass(60, 0);
            service.merge(leader);
            service.assertSame(leader, "error-rate", "latency");
        }
        assertThat(service.log10(leader, "error-rate")).isGreaterThan(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6, 7})
    void merge_keysThatAllServe_countsEachFailingKeyOnce(long seed) {
        Service service = new Service(seed, 5, false);
        Instance leader = service.instances.get(2);
        for (double share : new double[] {0.05, 0.5}) {
            service.expose(share);
            for (int look = 0; look < 300; look++) {
                service.pass(1, 40);
                service.merge(leader);
                assertThat(service.log10(leader, "error-rate"))
                        .isCloseTo(service.log10(service.whole, "error-rate"), within(1e-9));
            }
        }
    }

    @Test
    void merge_oneBrokenKeyThatAllServe_saysNothing() {
        Service service = new Service(8, 20, false);
        service.candidateFailures = 0;
        Instance leader = service.instances.get(0);
        service.expose(0.05);
        long bot = 0;
        while (!Ticket.isCandidate(leader.router.enter(bot))) {
            bot++;
        }
        for (int tick = 0; tick < 100; tick++) {
            for (Instance instance : service.instances) {
                instance.router.exit(instance.router.enter(bot), service.nanos, Outcome.FAILURE);
                for (long key = 10_000; key < 10_100; key++) {
                    instance.router.exit(instance.router.enter(key + tick * 100), service.nanos, Outcome.SUCCESS);
                }
            }
            service.pass(1, 0);
            service.merge(leader);
            assertThat(service.log10(leader, "error-rate")).isLessThan(2);
        }
    }

    @Test
    void merge_anotherInstanceLeadsNow_hasTheSameEvidence() {
        Service service = new Service(9, 4, true);
        service.expose(0.25);
        for (int i = 0; i < 20; i++) {
            service.pass(10, 40);
            // Each page is read by all: which of them leads next is not known beforehand.
            List<Map<String, byte[]>> pages = service.instances.stream()
                    .map(instance -> instance.router.tally().changedPages(service.nanos))
                    .toList();
            for (Instance reader : service.instances) {
                for (int other = 0; other < pages.size(); other++) {
                    if (service.instances.get(other) != reader) {
                        reader.take(service.instances.get(other), pages.get(other));
                    }
                }
            }
        }
        for (Instance leader : service.instances) {
            leader.router.tally().merge();
            service.assertSame(leader, "error-rate", "latency");
            double merged = service.log10(leader, "error-rate");
            leader.router.tally().separate();
            assertThat(service.log10(leader, "error-rate")).isNotEqualTo(merged);
            leader.router.tally().merge();
            service.assertSame(leader, "error-rate", "latency");
        }
    }

    @Test
    void merge_anInstanceThatDied_keepsWhatItCounted() {
        Service service = new Service(10, 3, true);
        service.expose(0.25);
        service.pass(200, 40);
        Instance leader = service.instances.get(0);
        service.merge(leader);
        service.pass(100, 0);
        service.merge(leader);
        double before = service.log10(leader, "error-rate");
        service.instances.remove(2);
        service.pass(10, 0);
        service.merge(leader);
        assertThat(service.log10(leader, "error-rate")).isEqualTo(before);
    }

    @Test
    void separate_neverMerged_isTheEvidenceOfTheInstanceAlone() {
        Service service = new Service(11, 1, true);
        service.expose(0.25);
        service.pass(200, 40);
        Instance only = service.instances.get(0);
        service.assertSame(only, "error-rate", "latency");
        only.router.tally().merge();
        service.assertSame(only, "error-rate", "latency");
        only.router.tally().separate();
        service.assertSame(only, "error-rate", "latency");
    }
}
