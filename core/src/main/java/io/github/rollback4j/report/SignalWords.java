package io.github.rollback4j.report;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.signal.BusinessMetric;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.Latency;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.PushedSignal;
import io.github.rollback4j.signal.ShadowMismatch;

/**
 * Says what a signal watches, for people who know the service and not this library.
 *
 * @param watched what is looked at
 * @param tolerated what is no reason to go back
 * @param window over which time it is judged
 */
record SignalWords(String watched, String tolerated, String window) {

    private static final String FROM_THE_FIRST_CALL = "from the first call on";

    static SignalWords of(FailureSignal signal) {
        if (signal instanceof ErrorRate errors) {
            return of(errors);
        }
        if (signal instanceof Latency latency) {
            return of(latency);
        }
        if (signal instanceof BusinessMetric metric) {
            return of(metric);
        }
        if (signal instanceof ShadowMismatch mismatch) {
            return new SignalWords(
                    "Answers of the new version that differ from today's, where it runs beside it without being seen",
                    "up to " + Words.number(100 * mismatch.limit()) + " of 100 answers",
                    "from the first answer on");
        }
        if (signal instanceof LimitSignal limit) {
            return of(limit);
        }
        if (signal instanceof PushedSignal pushed) {
            return of(pushed);
        }
        return new SignalWords(signal.description(), "as the plan says", "as the plan says");
    }

    private static SignalWords of(PushedSignal pushed) {
        return new SignalWords(
                pushed.name().equals("report")
                        ? "Reports of people"
                        : "Alarms of another system (" + pushed.name() + ")",
                pushed.reporters() == 1
                        ? "none: the first counts"
                        : "fewer than " + pushed.reporters() + ", from different reporters",
                pushed.reporters() == 1 ? "at once" : "within " + Words.spoken(pushed.within()));
    }

    private static SignalWords of(ErrorRate errors) {
        Evidence.Margin margin = errors.margin();
        String difference = Words.number(100 * margin.difference()) + " in 100 calls";
        String tolerated = margin.ratio() == 1
                ? margin.difference() == 0
                        ? "as many as with today's version"
                        : difference + " more than with today's version"
                : "up to " + Words.number(margin.ratio()) + " times as many as with today's version"
                        + (margin.difference() == 0 ? "" : ", plus " + difference);
        return new SignalWords(
                "Calls that fail",
                tolerated + (errors.leastFailures() > 1 ? "; in any case fewer than " + errors.leastFailures() : ""),
                FROM_THE_FIRST_CALL);
    }

    private static SignalWords of(Latency latency) {
        double quantile = latency.quantile();
        return new SignalWords(
                Double.isNaN(quantile)
                        ? "How long calls take"
                        : "How long the slowest " + Words.number(100 * (1 - quantile)) + " of 100 calls take",
                latency.times() == 1
                        ? "as long as with today's version"
                        : "up to " + Words.number(latency.times()) + " times as long as with today's version",
                latency.warmUp().isZero()
                        ? FROM_THE_FIRST_CALL
                        : "from " + Words.spoken(latency.warmUp()) + " after each change on");
    }

    private static SignalWords of(BusinessMetric metric) {
        String times = Words.number(metric.times());
        return new SignalWords(
                metric.isNumeric()
                        ? "What a call is worth (" + metric.name() + ")"
                        : "How many calls lead to the goal (" + metric.name() + ")",
                metric.times() == 1
                        ? "as much as with today's version, no less"
                        : "no less than " + times + " times as " + (metric.isNumeric() ? "much" : "many")
                                + " as with today's version",
                Words.spoken(metric.window()) + " after each call");
    }

    private static SignalWords of(LimitSignal limit) {
        boolean isOnce = limit.readings() == 1;
        String looks = isOnce
                ? "at the first look"
                : limit.readings() + " looks in a row"
                        + (limit.during().isZero() ? "" : ", over " + Words.spoken(limit.during()));
        if (limit.source().equals("health check")) {
            return new SignalWords(
                    "The health check " + limit.name(),
                    isOnce ? "no failure" : "that it fails now and then",
                    "not healthy: " + looks);
        }
        String what = "The " + limit.source() + " (" + limit.name() + ")";
        if (limit.source().startsWith("circuit breaker")) {
            return new SignalWords(what, isOnce ? "that it is not" : "that it is so now and then", looks);
        }
        return new SignalWords(
                what,
                (limit.isUpperLimit() ? "up to " : "no less than ")
                        + Words.number(limit.limit())
                        + (limit.isPerSecond() ? " more each second" : ""),
                "beyond that: " + looks);
    }
}
