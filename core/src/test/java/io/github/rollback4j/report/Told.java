package io.github.rollback4j.report;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.rollout.RolloutEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tells a journal event by event, with a wall clock and a time that passes, which may differ. */
final class Told {

    /** A Thursday. */
    static final Instant NOON = Instant.parse("2030-01-03T12:00:00Z");

    private final List<Journal.Entry> entries = new ArrayList<>();
    private Instant wall = NOON;
    private Duration elapsed = Duration.ZERO;

    /** Returns what a rollout begins with: at 12:00:00 it is planned, and a second later a tenth of the calls is exposed. */
    static Told rollout() {
        return new Told()
                .now(new RolloutEvent.Planned(
                        "checkout 1.4.2",
                        "checkout 1.5.0@c0ffee",
                        1,
                        "0123456789abcdef",
                        Map.of("mode", "ACT", "falseRollbackRate", "0.01"),
                        "salt",
                        1,
                        "",
                        ""))
                .after("1s", new RolloutEvent.Started())
                .now(new RolloutEvent.Exposed(0, "10 %", .1, 0));
    }

    /** Adds a decision of the error rate, by 8 of 200 calls; the candidate was good in its first so many seconds. */
    Told decided(boolean acted, long goodSeconds) {
        Map<String, String> facts = counts(2_000, 10, 200, 8);
        facts.put("first-failure", Duration.ofSeconds(goodSeconds).toString());
        facts.put("explanation", "error-rate: the candidate is worse than is tolerated.");
        return now(new RolloutEvent.Decided(
                "error-rate", "8 of 200 failed", 2.5, acted ? Mode.ACT : Mode.RECOMMEND, acted, "rollback4j", facts));
    }

    /** Adds a decision of a person, with what was counted. */
    Told decidedByPerson(String why) {
        return now(new RolloutEvent.Decided(
                "person", why, Double.NaN, Mode.ACT, true, "wilhelmina", counts(3_000, 15, 300, 12)));
    }

    static Map<String, String> counts(long stable, long stableFailed, long candidate, long candidateFailed) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("counted-since", "PT0S");
        facts.put("stable-calls", Long.toString(stable));
        facts.put("stable-failures", Long.toString(stableFailed));
        facts.put("candidate-calls", Long.toString(candidate));
        facts.put("candidate-failures", Long.toString(candidateFailed));
        facts.put("candidate-pending", "0");
        return facts;
    }

    Told now(RolloutEvent event) {
        return now(event.type(), event.data());
    }

    Told now(String type, Map<String, String> data) {
        return now(Journal.Event.of(type, wall, elapsed, data));
    }

    Told now(Journal.Event event) {
        entries.add(new Journal.Entry(entries.size() + 1, 0, event));
        return this;
    }

    /** Lets time pass, and adds an event. */
    Told after(String time, RolloutEvent event) {
        return pass(time).now(event);
    }

    Told pass(String time) {
        Duration passed = Duration.parse("PT" + time);
        wall = wall.plus(passed);
        elapsed = elapsed.plus(passed);
        return this;
    }

    /** Sets the wall clock, which nothing else notices: it jumps, or no process is there. */
    Told wallClock(String time) {
        wall = Instant.parse(time);
        return this;
    }

    List<Journal.Entry> entries() {
        return List.copyOf(entries);
    }

    PostMortem postMortem() {
        return PostMortem.of(entries);
    }
}
