package io.github.rollback4j.reports;

import static io.github.rollback4j.signal.Signals.conversion;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.healthCheck;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.signal.Signals.report;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.TrackRecord;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.Rollout.EvidencePoint;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RolloutStrategy.Otherwise;
import io.github.rollback4j.strategy.WaysBack;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A night as it may be: a canary whose errors begin at 25 %, a pipeline that fails once, a gate, and people. */
final class Example {

    static final Instant START = Instant.parse("2030-01-03T21:40:00Z");

    private final List<Journal.Entry> entries = new ArrayList<>();
    private Duration now = Duration.ZERO;

    private Example() {}

    /** Returns a plan that uses whatever a plan can have. */
    static RollbackPlan plan() {
        Notifier chat = notifier("chat", "chat: channel #checkout");
        Notifier pager = notifier("pager", "pager: service checkout");
        return RollbackPlan.from(Release.of("checkout", "1.4.2").with(Release.COMMIT, "4d1f2c9"))
                .to(Release.of("checkout", "1.5.0")
                        .with(Release.COMMIT, "c0ffee1")
                        .with(Release.LINK, "https://git.example.com/shop/checkout/-/releases/1.5.0")
                        .with(Release.DIFF, "https://git.example.com/shop/checkout/-/compare/1.4.2...1.5.0"))
                .strategy(canary(1, 5, 25, 50)
                        .bake(Duration.ofMinutes(10))
                        .thenPromote()
                        .within(Duration.ofHours(6), Otherwise.HOLD))
                .watch(errorRate())
                .watch(latency().notAboveStableTimes(1.2))
                .watch(conversion("ordered"))
                .watch(healthCheck("payment", () -> true))
                .watch(report())
                .mode(Mode.ACT)
                .falseRollbackRate(.01)
                .thenRun(RollbackPlan.Step.of(WaysBack.flagOff("new-prices", new AtomicBoolean(true))))
                .thenRun(RollbackPlan.Step.of(WaysBack.webhook(
                                "deploy-previous", URI.create("https://ci.example.com/hooks/s3cr3t"), () -> "hush"))
                        .orElse(WaysBack.command(
                                "deploy-by-script", List.of("/opt/checkout/deploy", "1.4.2"), Map.of()))
                        .within(Duration.ofMinutes(5))
                        .behind(Gate.freeze(
                                "friday-freeze",
                                Instant.parse("2030-01-04T15:00:00Z"),
                                Instant.parse("2030-01-06T22:00:00Z"),
                                "nobody deploys at the weekend"))
                        .behind(Gate.approval("database", "the database team")))
                .thenRun(WaysBack.manual("purge-cache", "Purge the price cache in the admin console."))
                .verifyWithin(Duration.ofMinutes(5))
                .verify("smoke-test", () -> Check.Result.pass("ok"))
                .criteria(new RollbackPlan.Criteria(
                        "3", "Product Owner Checkout", "Release Manager", "carts of the last five minutes"))
                .touches(RollbackPlan.Touched.Kind.CACHE, "price-cache", "integration test PriceCacheTest")
                .touches(RollbackPlan.Touched.Kind.TOPIC, "orders", "")
                .requiredBy("invoicing", "loyalty")
                .beforeStart("restore-point", () -> Check.Result.pass("backup of 20:00"))
                .drilledWithin(Duration.ofDays(30))
                .expectedTraffic(50, .002)
                .communication(new Communication(List.of(
                        Communication.Group.of("on-call", "On-call engineer", pager)
                                .orBy(chat)
                                .acknowledgedWithin(Duration.ofMinutes(5), "team"),
                        Communication.Group.of("team", "Team Checkout", chat),
                        Communication.Group.of("product", "Product Owner", chat).approvedBy("Release Manager"))))
                .build();
    }

    static Preflight preflight() {
        return new Preflight(List.of(
                new Preflight.Item("way back new-prices", Preflight.Outcome.PASSED, "the flag can be read, it is on"),
                new Preflight.Item(
                        "way back deploy-previous",
                        Preflight.Outcome.FAILED,
                        "ci.example.com answered 401: the token has expired"),
                new Preflight.Item("gate database", Preflight.Outcome.PASSED, "the database team must approve"),
                new Preflight.Item("restore-point", Preflight.Outcome.PASSED, "backup of 20:00"),
                new Preflight.Item("drill", Preflight.Outcome.NOT_CHECKED, "no drill is in the journal"),
                new Preflight.Item(
                        "traffic",
                        Preflight.Outcome.PASSED,
                        "five times as many errors are found in 98 of 100 cases")));
    }

    private static Notifier notifier(String name, String description) {
        return new Notifier() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return description;
            }

            @Override
            public Check.Result check() {
                return Check.Result.pass("reachable");
            }

            @Override
            public void send(Message message) {}
        };
    }

    /** Returns a quarter of a year of rollouts, that of the night among them. */
    static TrackRecord trackRecord() {
        List<TrackRecord.Row> rows = new ArrayList<>();
        String[] causes = {"", "", "error-rate", "", "latency", "", "", "person", "", "error-rate", ""};
        for (int i = 0; i < causes.length; i++) {
            boolean isBack = !causes[i].isEmpty();
            rows.add(new TrackRecord.Row(
                    "checkout:1.5." + i + "..1.5." + (i + 1) + "#1",
                    "checkout",
                    "1.5." + i,
                    "1.5." + (i + 1),
                    START.plus(Duration.ofDays(7L * i)),
                    isBack ? Phase.ROLLED_BACK : i == causes.length - 1 ? Phase.RUNNING : Phase.PROMOTED,
                    causes[i],
                    isBack ? Duration.ofSeconds(90 - 7L * i) : null,
                    isBack ? Duration.ofSeconds(95 - 7L * i) : null,
                    i == causes.length - 1 ? -1 : isBack ? 60 - 5L * i : 12 + i));
        }
        Collections.reverse(rows);
        return new TrackRecord(rows);
    }

    /** Returns the journal of the night. */
    static List<Journal.Entry> journal() {
        return new Example().night();
    }

    private List<Journal.Entry> night() {
        at(
                "0s",
                new RolloutEvent.Planned(
                        "checkout 1.4.2@4d1f2c9",
                        "checkout 1.5.0@c0ffee1",
                        1,
                        "4287064c60cd6068f06cc03b9f70d6cadfdbb9d1914c105cede61e9145968ae8",
                        Map.of(
                                "mode",
                                "ACT",
                                "falseRollbackRate",
                                "0.01",
                                "criteria",
                                "version '3', owner 'Product Owner Checkout', approver 'Release Manager', tolerated data loss 'carts of"
                                        + " the last five minutes'"),
                        "0123456789abcdef",
                        1,
                        "",
                        "",
                        Map.of(
                                "stable.commit", "4d1f2c9",
                                "candidate.commit", "c0ffee1",
                                "candidate.link", "https://git.example.com/shop/checkout/-/releases/1.5.0",
                                "candidate.diff", "https://git.example.com/shop/checkout/-/compare/1.4.2...1.5.0")));
        at(
                "1.2s",
                new RolloutEvent.Preflighted(
                        true,
                        new LinkedHashMap<>(Map.of(
                                "way back new-prices", "passed: the flag can be read, it is on",
                                "way back deploy-previous", "passed: ci.example.com answers",
                                "gate database", "passed: the database team must approve",
                                "drill", "not checked: no drill is in the journal"))));
        at("1.3s", new RolloutEvent.Growing(.01, "the first step"));
        at("1.4s", new RolloutEvent.Started());
        at("1.4s", new RolloutEvent.Exposed(0, "1 %", .01, 0));
        at("10m1.5s", new RolloutEvent.Growing(.05, "the step's time is over, and no signal is against it"));
        at("10m1.6s", new RolloutEvent.Exposed(1, "5 %", .05, 0));
        at("20m1.7s", new RolloutEvent.Growing(.25, "the step's time is over, and no signal is against it"));
        at("20m1.8s", new RolloutEvent.Exposed(2, "25 %", .25, 0));
        at(
                "23m14.1s",
                new RolloutEvent.Decided(
                        "error-rate",
                        "stable failed 92 of 43,180 calls, the candidate 37 of 5,204; evidence 10^2.41 of 10^2.30 needed",
                        2.41,
                        Mode.ACT,
                        true,
                        "rollback4j",
                        facts(5204, 37, 6)));
        at("23m14.1s", new RolloutEvent.StepIntended("new-prices", "new-prices", "k/new-prices", 1, 60_000));
        at("23m14.2s", RolloutEvent.EvidenceKept.of(curve()));
        at("23m14.4s", new RolloutEvent.Notified("on-call", "pager", "rollback", "d-1"));
        at("23m14.5s", new RolloutEvent.Notified("team", "chat", "rollback", "d-2"));
        at("23m14.9s", new RolloutEvent.StepDone("new-prices", "new-prices", "the flag is off", "rollback4j"));
        at("23m15.0s", new RolloutEvent.GateOpened("friday-freeze", "deploy-previous", "no freeze is in force", ""));
        at(
                "23m15.1s",
                new RolloutEvent.GateClosed("database", "deploy-previous", "ask", "the database team must approve"));
        at("25m2s", new RolloutEvent.Acknowledged("on-call", "d-1", "ada"));
        at(
                "26m40s",
                new RolloutEvent.GateOpened("database", "deploy-previous", "1.4.2 reads the new columns", "grace"));
        at(
                "26m40.1s",
                new RolloutEvent.StepIntended("deploy-previous", "deploy-previous", "k/deploy-previous", 1, 300_000));
        at(
                "26m41s",
                new RolloutEvent.StepFailed("deploy-previous", "deploy-previous", 1, "ci.example.com answered 503"));
        at(
                "26m42s",
                new RolloutEvent.StepIntended("deploy-previous", "deploy-previous", "k/deploy-previous", 2, 300_000));
        at(
                "26m42.4s",
                new RolloutEvent.StepSent(
                        "deploy-previous", "deploy-previous", "https://ci.example.com/checkout/pipelines/4711"));
        at(
                "28m55s",
                new RolloutEvent.StepDone(
                        "deploy-previous", "deploy-previous", "pipeline 4711 has passed", "rollback4j"));
        at("28m55.1s", new RolloutEvent.StepIntended("purge-cache", "purge-cache", "k/purge-cache", 1, 60_000));
        at("28m55.2s", new RolloutEvent.StepAsked("purge-cache", "Purge the price cache in the admin console."));
        at("28m55.4s", new RolloutEvent.NotNotified("product", "chat", "asked", "d-3", "the channel does not exist"));
        at("31m20s", new RolloutEvent.StepDone("purge-cache", "", "purged, 1,204 entries", "ada"));
        at("31m20.1s", new RolloutEvent.Verified("healthy", "0.21 % of 1,911 calls failed, no more than before"));
        at("31m20.2s", new RolloutEvent.RolledBack());
        at("31m20.6s", new RolloutEvent.Notified("team", "chat", "rolled-back", "d-4"));
        at("31m45.1s", new RolloutEvent.Counted(counts(5210, 39, 0)));
        return entries;
    }

    private static Map<String, String> counts(long calls, long failed, long pending) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("counted-since", "PT0S");
        facts.put("stable-calls", "43180");
        facts.put("stable-failures", "92");
        facts.put("candidate-calls", Long.toString(calls));
        facts.put("candidate-failures", Long.toString(failed));
        facts.put("candidate-pending", Long.toString(pending));
        facts.put("candidate-apart-calls", "0");
        facts.put("candidate-apart-failures", "0");
        facts.put("candidate-failing-keys", "35");
        facts.put("first-failure", "PT1M52S");
        return facts;
    }

    private static Map<String, String> facts(long calls, long failed, long pending) {
        Map<String, String> facts = counts(calls, failed, pending);
        facts.put("log10-threshold", "2.30");
        facts.put("tolerated", "a candidate that fails 1.1 times as often as stable plus 0.05 percentage points");
        facts.put("highest-excess", "0.0127");
        facts.put("rising-since", "PT21M37S");
        facts.put(
                "explanation",
                "error-rate: the candidate is worse than is tolerated. At a share of 25 %, of calls with a key, stable failed"
                        + " 14 of 7,164 (0.195 %) and the candidate 31 of 2,388 (1.3 %). Tolerated is a candidate that fails"
                        + " 1.1 times as often as stable plus 0.05 percentage points. Were the candidate no worse than that,"
                        + " a difference as clear as this would ever show in at most 1 of 257 rollouts; it is acted upon at 1"
                        + " of 200.");
        return facts;
    }

    /** Returns evidence that sinks slowly while all is well, and climbs from the 21st minute on. */
    static EvidenceCurve curve() {
        List<EvidencePoint> points = new ArrayList<>();
        for (int second = 2; second <= 1394; second += 4) {
            double bad = Math.max(0, second - 1297) / 97.0;
            double share = second < 602 ? .01 : second < 1202 ? .05 : .25;
            double errors = -.35 - second / 2400.0 + .05 * Math.sin(second / 31.0) + 3.0 * Math.pow(bad, 1.4);
            double latency = -.5 - second / 3000.0 + .04 * Math.sin(second / 19.0);
            points.add(new EvidencePoint(Duration.ofSeconds(second), share, List.of(errors, latency, -.7)));
        }
        return new EvidenceCurve(List.of("error-rate", "latency", "ordered"), 2, points);
    }

    private void at(String elapsed, RolloutEvent event) {
        now = Duration.parse("PT" + elapsed);
        entries.add(new Journal.Entry(
                entries.size() + 1, 1, Journal.Event.of(event.type(), START.plus(now), now, event.data())));
    }
}
