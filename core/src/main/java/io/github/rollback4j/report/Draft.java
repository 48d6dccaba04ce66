package io.github.rollback4j.report;

import io.github.rollback4j.report.Chronicle.Happening;
import io.github.rollback4j.report.Chronicle.Moment;
import io.github.rollback4j.report.PostMortem.Action;
import io.github.rollback4j.report.PostMortem.GateAnswer;
import io.github.rollback4j.report.PostMortem.Impact;
import io.github.rollback4j.report.PostMortem.Measures;
import io.github.rollback4j.report.PostMortem.Message;
import io.github.rollback4j.report.PostMortem.Subject;
import io.github.rollback4j.report.PostMortem.Times;
import io.github.rollback4j.report.PostMortem.Trigger;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Drafts a post-mortem of what a journal says. */
final class Draft {

    private static final String UNKNOWN = "unknown";

    private final Chronicle chronicle;
    private final Proceedings proceedings;

    Draft(Chronicle chronicle) {
        this.chronicle = chronicle;
        this.proceedings = Proceedings.of(chronicle.happenings);
    }

    PostMortem of(Timeline timeline) {
        Impact impact = impact();
        Times times = times();
        Measures measures = measures();
        return new PostMortem(
                subject(),
                chronicle.phase,
                PostMortem.review(chronicle.phase, impact, measures, times, PostMortem.SEVERE_FAILED_CALLS),
                trigger(),
                impact,
                times,
                measures,
                open(),
                chronicle.evidence(),
                List.of(),
                timeline);
    }

    Subject subject() {
        Timeline.Data planned = chronicle.planned;
        String stable = planned.or("stable", UNKNOWN);
        String candidate = planned.or("candidate", UNKNOWN);
        int space = candidate.indexOf(' ');
        String component = space < 0 ? UNKNOWN : candidate.substring(0, space);
        String id = space < 0
                ? UNKNOWN
                : component + ":" + withoutComponent(stable, component) + ".." + withoutComponent(candidate, component)
                        + "#" + planned.or("attempt", "?");
        return new Subject(
                id,
                component,
                withoutComponent(stable, component),
                withoutComponent(candidate, component),
                planned.under("about."),
                planned.under("plan."),
                planned.or("planHash", ""));
    }

    private static String withoutComponent(String release, String component) {
        return release.startsWith(component + " ") ? release.substring(component.length() + 1) : release;
    }

    // ---- What it was decided by.

    @Nullable
    Trigger trigger() {
        Happening decided = chronicle.decided;
        Happening cause = cause();
        if (cause == null) {
            return null;
        }
        Happening last = decided == null ? cause : decided;
        Map<String, String> facts = cause.data().under("facts.");
        return new Trigger(
                cause.data().or("signal", UNKNOWN),
                cause.data().or("why", ""),
                Chronicle.decimal(cause.data().or("log10Evidence", "")),
                Chronicle.decimal(facts.get("log10-threshold")),
                Chronicle.decimal(facts.get("highest-excess")),
                facts.getOrDefault("tolerated", ""),
                facts.getOrDefault("explanation", ""),
                decided != null,
                decided != null && last.data().or("signal", "").equals(Chronicle.PERSON));
    }

    /** Returns the signal's finding rather than the approval of it. */
    private @Nullable Happening cause() {
        Happening decided = chronicle.decided;
        Happening detected = chronicle.detected;
        boolean isApproval = decided != null
                && detected != null
                && decided.data().or("signal", "").equals(Chronicle.PERSON)
                && decided.data().or("why", "").equals(detected.data().or("why", ""));
        return decided == null || isApproval ? detected : decided;
    }

    // ---- What it did.

    Impact impact() {
        long calls = sum("candidate-calls", "candidate-apart-calls");
        long failures = sum("candidate-failures", "candidate-apart-failures");
        Happening last = chronicle.decided == null ? chronicle.detected : chronicle.decided;
        Map<String, String> facts = last == null ? Map.of() : last.data().under("facts.");
        boolean isDecisions = facts.containsKey("stable-calls");
        long stableCalls =
                isDecisions ? Chronicle.number(facts.get("stable-calls")) : chronicle.counted("stable-calls");
        long stableFailures =
                isDecisions ? Chronicle.number(facts.get("stable-failures")) : chronicle.counted("stable-failures");
        return new Impact(
                stableCalls,
                stableFailures,
                calls,
                failures,
                chronicle.counted("candidate-failing-keys"),
                excess(stableCalls, stableFailures, calls, failures),
                chronicle.highestShare,
                chronicle.exposed,
                chronicle.isCounted,
                chronicle.isKilled);
    }

    /** Returns how many more calls failed than would have at stable's rate; NaN where that is not known. */
    static double excess(long stableCalls, long stableFailures, long calls, long failures) {
        return stableCalls <= 0 || stableFailures < 0 || failures < 0 || calls < 0
                ? Double.NaN
                : Math.max(0, failures - (double) stableFailures / stableCalls * calls);
    }

    private long sum(String name, String other) {
        long one = chronicle.counted(name);
        return one < 0 ? -1 : one + Math.max(0, chronicle.counted(other));
    }

    // ---- When.

    /** Returns when the candidate began to be worse, as far as that can be told. */
    private @Nullable Moment harmed(Happening cause) {
        Map<String, String> facts = cause.data().under("facts.");
        Moment failed = Chronicle.moment(cause, Chronicle.duration(facts.get("first-failure")));
        Moment rising = Chronicle.moment(cause, Chronicle.duration(facts.get("rising-since")));
        if (failed == null || rising == null) {
            return failed == null ? rising : failed;
        }
        return failed.passed().compareTo(rising.passed()) >= 0 ? failed : rising;
    }

    Times times() {
        Happening cause = cause();
        Moment harmed = cause == null ? null : harmed(cause);
        Moment detected = chronicle.detected == null ? null : Chronicle.moment(chronicle.detected);
        Moment decided = chronicle.decided == null ? null : Chronicle.moment(chronicle.decided);
        Moment trafficBack = chronicle.isTakenBack() || detected != null ? chronicle.trafficBack : null;
        if (trafficBack == null) {
            trafficBack = decided;
        }
        Moment back = chronicle.back == null ? null : Chronicle.moment(chronicle.back);
        Moment failed = cause == null
                ? null
                : Chronicle.moment(cause, Chronicle.duration(cause.data().or("facts.first-failure", "")));
        return new Times(
                at(chronicle.first()),
                at(chronicle.started),
                at(failed),
                at(harmed),
                at(detected),
                at(decided),
                at(trafficBack),
                at(chronicle.neededHuman),
                at(back),
                at(chronicle.verified),
                took(harmed, detected),
                took(harmed, trafficBack),
                took(harmed, back));
    }

    private static @Nullable Instant at(@Nullable Happening happening) {
        return happening == null ? null : happening.at();
    }

    private static @Nullable Instant at(@Nullable Moment moment) {
        return moment == null ? null : moment.at();
    }

    private static @Nullable Duration took(@Nullable Moment from, @Nullable Moment until) {
        return from == null || until == null ? null : from.until(until);
    }

    // ---- What was done, and what is left to do.

    private Measures measures() {
        Happening preflight = chronicle.last("preflighted");
        return new Measures(
                proceedings.actions(),
                proceedings.failedTries(),
                proceedings.unseenTries(),
                proceedings.gates(),
                proceedings.messages(),
                preflight == null ? Map.of() : preflight.data().under("items."),
                chronicle.verified == null ? "" : chronicle.verified.data().or("result", ""));
    }

    private List<String> open() {
        List<String> open = new ArrayList<>();
        if (chronicle.decided == null && chronicle.detected != null) {
            open.add("Approve or dismiss the rollback that is recommended: the candidate still has "
                    + Words.percent(chronicle.share()) + " of the calls");
        }
        if (chronicle.isAllToStable) {
            open.add("Lift the break-glass control when it is no longer needed: all calls go to stable");
        }
        if (chronicle.phase == Phase.NEEDS_HUMAN) {
            Happening why = chronicle.neededHuman;
            open.add("Do what could not be done: "
                    + (why == null ? UNKNOWN : why.data().text("why")));
        }
        for (Action asked : proceedings.asked()) {
            open.add("Do step " + asked.step() + ", and acknowledge it: " + asked.detail());
        }
        for (GateAnswer closed :
                chronicle.isTakenBack() && chronicle.back == null ? proceedings.closedGates() : List.<GateAnswer>of()) {
            open.add("Gate " + closed.gate() + " is not open for step " + closed.step() + ": " + closed.detail());
        }
        if (chronicle.phase == Phase.ROLLING_BACK && open.isEmpty()) {
            open.add("Wait for the steps back: they are not all done");
        }
        String verification =
                chronicle.verified == null ? "" : chronicle.verified.data().or("result", "");
        if (chronicle.back != null && !verification.equals("healthy")) {
            open.add(
                    verification.isEmpty()
                            ? "Make sure that stable is healthy: nobody has looked"
                            : "Make sure that stable is healthy: it was found to be " + verification);
        }
        for (Message message : proceedings.messages()) {
            if (!message.escalatedTo().isEmpty() && message.acknowledgedBy().isEmpty()) {
                open.add("Speak to " + message.group() + ": they have not acknowledged " + message.occasion());
            }
        }
        return open;
    }
}
