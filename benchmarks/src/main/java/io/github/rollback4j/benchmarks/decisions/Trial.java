package io.github.rollback4j.benchmarks.decisions;

import static io.github.rollback4j.signal.Signals.conversion;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.signal.Signals.value;

import io.github.rollback4j.benchmarks.decisions.Scenario.Keys;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.FailureSignal;
import java.time.Duration;
import java.util.List;

/**
 * A scenario and what is watched in it.
 *
 * @param calls of a rollout
 */
record Trial(Scenario scenario, List<Watched> watched, long calls) {

    /** How many calls a rollout has in which latencies are compared: they are what takes most of the time to simulate. */
    static final long TIMED_CALLS = 100_000;

    /** The same where the share grows: each step begins with the warm-up. */
    static final long TIMED_CALLS_OF_RAMP = 200_000;

    static final long CALLS = 300_000;

    static final BusinessMetric ORDERS = conversion("orders").within(Duration.ofSeconds(10));
    static final BusinessMetric REVENUE = value("revenue").within(Duration.ofSeconds(10));

    private static final List<Double> RAMP = List.of(.01, .05, .25, .5);
    private static final List<Double> RAMP_BY_EVIDENCE = List.of(.05, .25, .5);
    private static final double MARGIN = 1.1;
    private static final double BUSINESS_MARGIN = .95;

    /** Candidates that are within the margin of every signal. */
    static List<Trial> healthy() {
        Zipf zipf = new Zipf(Service.BOT, 1.1);
        // Flat, so that enough keys call for the first time for steps by evidence.
        Zipf many = new Zipf(500_000, .6);
        Keys users = zipf::next;
        Keys withBot = random -> random.nextBoolean() ? Service.BOT : zipf.next(random);
        Keys manyWithBot = random -> random.nextBoolean() ? Service.BOT : many.next(random);
        Keys none = Scenario.NO_KEYS;
        Service logNormal = Service.of(Service.LOG_NORMAL);
        Service atOnce = Service.of(Service.NONE);
        Service pareto = Service.of(Service.PARETO);
        Service bimodal = Service.of(Service.BIMODAL);
        Service failing = logNormal.failing(.01, 0);
        Service onMargins = logNormal.failing(.01, 0).slower(MARGIN).converting(BUSINESS_MARGIN, BUSINESS_MARGIN);
        Service rare = logNormal.failing(.0002, 0);
        Service rareAtOnce = atOnce.failing(.0002, 0);
        return List.of(
                latencies("latency, log-normal", none, List.of(.05), logNormal),
                latencies("latency, Pareto", none, List.of(.05), pareto),
                latencies("latency, bimodal", none, List.of(.05), bimodal),
                latencies("latency, log-normal, on the margin", none, List.of(.25), logNormal.slower(MARGIN)),
                latencies("latency, Pareto, on the margin", none, List.of(.25), pareto.slower(MARGIN)),
                latencies("latency, bimodal, on the margin", none, List.of(.25), bimodal.slower(MARGIN)),
                latencies("latency, drift and an outage of both", none, List.of(.25), logNormal.drifting()),
                latencies("ramp, latency, drift and an outage of both", none, RAMP, pareto.drifting()),
                latencies("latency, stable's time-outs take 10 s", none, List.of(.25), logNormal.failing(.01, 10_000)),
                latencies("latency, keys differ", users, List.of(.05), logNormal.differingByKey()),
                latencies(
                        "latency, keys differ, on the margin",
                        users,
                        List.of(.25),
                        logNormal.differingByKey().slower(MARGIN)),
                latencies(
                        "ramp, latency, keys differ, drift",
                        users,
                        RAMP,
                        pareto.differingByKey().drifting()),
                latencies("ramp, latency, one bot with half of the calls", withBot, RAMP, bimodal.differingByKey()),
                business("conversion and value, w = 50 %", none, List.of(.5), atOnce),
                business(
                        "conversion and value, on the margin",
                        none,
                        List.of(.5),
                        atOnce.converting(BUSINESS_MARGIN, BUSINESS_MARGIN)),
                business("ramp, conversion and value, drift", none, RAMP, atOnce.drifting()),
                business("ramp, conversion and value, keys differ", users, RAMP, atOnce.differingByKey()),
                business(
                        "conversion and value, keys, on the margin",
                        users,
                        List.of(.5),
                        atOnce.converting(BUSINESS_MARGIN, BUSINESS_MARGIN)),
                all("all signals", none, List.of(.25), failing),
                all("all signals, on the margins of latency, conversion and value", none, List.of(.25), onMargins),
                all("ramp, all signals, drift", none, RAMP, failing.drifting()),
                all("ramp, all signals, keys differ", users, RAMP, failing.differingByKey()),
                all(
                        "ramp, all signals, bot, stable's time-outs take 10 s",
                        withBot,
                        RAMP,
                        logNormal.failing(.01, 10_000).differingByKey()),
                byEvidence("steps by evidence, errors", none, rareAtOnce, List.of(errorRate()), CALLS),
                byEvidence(
                        "steps by evidence, errors, keys differ, bot",
                        manyWithBot,
                        rareAtOnce.differingByKey(),
                        List.of(errorRate()),
                        CALLS),
                byEvidence(
                        "steps by evidence, all signals, keys differ, bot",
                        manyWithBot,
                        rare.differingByKey(),
                        List.of(errorRate(), latency(), ORDERS, REVENUE),
                        TIMED_CALLS_OF_RAMP));
    }

    private static Trial latencies(String name, Keys keys, List<Double> shares, Service service) {
        return new Trial(
                new Scenario(name, keys, shares, service, 0), Watched.eachAlone(List.of(latency())), timed(shares));
    }

    private static long timed(List<Double> shares) {
        return shares.size() > 1 ? TIMED_CALLS_OF_RAMP : TIMED_CALLS;
    }

    private static Trial business(String name, Keys keys, List<Double> shares, Service service) {
        return new Trial(
                new Scenario(name, keys, shares, service, 0), Watched.together(List.of(ORDERS, REVENUE)), CALLS);
    }

    private static Trial all(String name, Keys keys, List<Double> shares, Service service) {
        return new Trial(
                new Scenario(name, keys, shares, service, 0),
                Watched.together(List.of(errorRate(), latency(), ORDERS, REVENUE)),
                timed(shares));
    }

    private static Trial byEvidence(
            String name, Keys keys, Service service, List<? extends FailureSignal.Comparative> signals, long calls) {
        return new Trial(
                new Scenario(name, keys, RAMP_BY_EVIDENCE, service, 0).growingByEvidence(),
                Watched.together(signals),
                calls);
    }
}
