package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.report.Forecast;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.report.Timeline;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.RolloutState.Trigger;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.spring.actuate.RolloutCatalogue.Recorded;
import io.github.rollback4j.traffic.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the endpoint answers: plain values, which any JSON library writes in the same way. Times are ISO 8601 in UTC, durations are
 * seconds, shares are 0 to 1; what nobody knows is null.
 */
final class RolloutViews {

    /**
     * All rollouts.
     *
     * @param journalFailure why only those of this process are shown; null where all are
     */
    record All(List<Summary> rollouts, @Nullable String journalFailure) {}

    /**
     * A rollout in a line.
     *
     * @param name in the configuration of this process
     * @param here whether it is live in this process
     */
    record Summary(
            String id,
            @Nullable String name,
            boolean here,
            String component,
            String stable,
            String candidate,
            String phase,
            @Nullable Double share,
            boolean allToStable,
            String decision,
            String needsHuman) {}

    /**
     * Where a rollout stands.
     *
     * @param decides who acts when a signal reads REGRESSED, in words
     * @param calls of each release, stable first; none where only another process counts them
     * @param htmlPostMortem whether the post-mortem is there as HTML
     * @param actions what can be asked for in this state
     * @param plan its parts by name
     */
    record One(
            Summary rollout,
            String mode,
            String decides,
            int step,
            @Nullable String stepName,
            List<String> steps,
            boolean trafficStopped,
            boolean windowOpen,
            boolean automationOff,
            boolean awaitsApproval,
            String awaitsAcknowledgement,
            List<String> notStarted,
            @Nullable String startedAt,
            double elapsedSeconds,
            List<Calls> calls,
            List<Message> messages,
            Looked preflight,
            boolean htmlPostMortem,
            List<Action> actions,
            Map<String, String> plan) {}

    /**
     * What was counted of a release.
     *
     * @param calls that the coin decided, and that have ended
     * @param apart calls that are no evidence: forced, ineligible, shadow
     */
    record Calls(
            String role,
            String release,
            long calls,
            long failures,
            @Nullable Long pending,
            @Nullable Long apart,
            @Nullable Long apartFailures) {}

    /** A message to people that waits for one. */
    record Message(
            String deliveryId,
            String group,
            String occasion,
            boolean forApproval,
            String subject,
            @Nullable String until) {}

    /** What was looked at before the start. */
    record Looked(@Nullable Boolean passed, List<Item> items) {}

    /** One thing that was looked at. */
    record Item(String name, String outcome, String detail) {}

    /** Something that can be asked for. */
    record Action(String name, boolean needsReason, String does) {}

    /** What the signals say, and how that went. */
    record Evidence(
            String id, List<Said> assessments, @Nullable Curve curve) {}

    /** What one signal says. */
    record Said(
            String signal,
            String verdict,
            @Nullable Double log10Evidence,
            @Nullable Double log10Threshold,
            String explained) {}

    /** How the evidence went, as powers of ten. */
    record Curve(List<String> signals, double log10Threshold, List<Point> points) {}

    /** The evidence at one time, of each signal. */
    record Point(double elapsedSeconds, @Nullable Double share, List<@Nullable Double> log10Evidence) {}

    /** What happened. */
    record Told(String id, List<Line> lines) {}

    /** One thing that happened. */
    record Line(String at, double sinceStartSeconds, String type, String what) {}

    /** What the plan sees at a traffic. */
    record Foreseen(
            String id,
            double callsPerSecond,
            double failureRate,
            List<Row> rows,
            @Nullable Double toPromotionSeconds,
            List<String> unseen) {}

    /** What becomes of a candidate that is worse; {@code times} is null for one that fails always. */
    record Row(
            String step,
            @Nullable Double times,
            double failureRate,
            double found,
            @Nullable Double untilSeconds,
            double failedCalls) {}

    /**
     * What was done, or asked for.
     *
     * @param outcome {@code done}, or {@code asked} where another process does it
     * @param request the request's number in the journal, where it is asked
     */
    record Done(
            String id,
            String action,
            String by,
            String outcome,
            String phase,
            @Nullable Long request) {}

    /** Why something was not done, and what is allowed. */
    record Refused(String message, List<String> allowed) {}

    private RolloutViews() {}

    static Summary summary(Rollout rollout, @Nullable String name, Rollout.Status status) {
        return new Summary(
                rollout.id(),
                name,
                true,
                rollout.plan().stable().component(),
                rollout.plan().stable().identity(),
                rollout.plan().candidate().identity(),
                status.state().phase().name(),
                known(status.share()),
                status.allToStable(),
                status.decision(),
                status.needsHuman());
    }

    static Summary summary(Recorded recorded) {
        String stable = recorded.plan().getOrDefault("stable", "");
        String candidate = recorded.plan().getOrDefault("candidate", "");
        return new Summary(
                recorded.id(),
                null,
                false,
                stable.substring(0, Math.max(0, stable.indexOf(' '))),
                stable.substring(stable.indexOf(' ') + 1),
                candidate.substring(candidate.indexOf(' ') + 1),
                recorded.state().phase().name(),
                known(recorded.share()),
                recorded.allToStable(),
                recorded.decision(),
                recorded.needsHuman());
    }

    static One one(Rollout rollout, @Nullable String name, boolean htmlPostMortem) {
        Rollout.Status status = rollout.status();
        RolloutState state = status.state();
        Tally.Totals totals = status.totals();
        Preflight preflight = rollout.preflight();
        return new One(
                summary(rollout, name, status),
                rollout.plan().mode().name(),
                decides(rollout.plan().mode().name()),
                state.step(),
                status.stepName(),
                rollout.plan().strategy().steps().stream()
                        .map(step -> step.name())
                        .toList(),
                state.trafficStopped(),
                state.windowOpen(),
                status.automationOff(),
                status.awaitsApproval(),
                status.awaitsAcknowledgement(),
                status.notStarted(),
                text(status.startedAt()),
                seconds(status.elapsed()),
                List.of(
                        new Calls(
                                "stable",
                                rollout.plan().stable().identity(),
                                totals.stableCalls(),
                                totals.stableFailures(),
                                totals.stablePending(),
                                totals.stableApart(),
                                totals.stableApartFailures()),
                        new Calls(
                                "candidate",
                                rollout.plan().candidate().identity(),
                                totals.candidateCalls(),
                                totals.candidateFailures(),
                                totals.candidatePending(),
                                totals.candidateApart(),
                                totals.candidateApartFailures())),
                status.messages().stream()
                        .map(message -> new Message(
                                message.deliveryId(),
                                message.group(),
                                message.occasion().toString(),
                                message.forApproval(),
                                message.subject(),
                                text(message.until())))
                        .toList(),
                new Looked(
                        preflight.items().isEmpty() ? null : preflight.passed(),
                        preflight.items().stream()
                                .map(item ->
                                        new Item(item.name(), item.outcome().toString(), item.detail()))
                                .toList()),
                htmlPostMortem,
                actions(state, status.decision(), status.allToStable()),
                rollout.plan().describe());
    }

    static One one(Recorded recorded, boolean htmlPostMortem) {
        Summary summary = summary(recorded);
        PostMortem draft = PostMortem.of(recorded.entries());
        PostMortem.Impact impact = draft.impact();
        Timeline timeline = draft.timeline();
        String mode = recorded.plan().getOrDefault("mode", "");
        return new One(
                summary,
                mode,
                decides(mode),
                recorded.state().step(),
                null,
                List.of(),
                recorded.state().trafficStopped(),
                recorded.state().windowOpen(),
                false,
                false,
                "",
                List.of(),
                timeline.lines().stream()
                        .filter(line -> line.type().equals("started"))
                        .map(line -> line.at().toString())
                        .findFirst()
                        .orElse(null),
                seconds(recorded.elapsed()),
                impact.candidateCalls() < 0
                        ? List.of()
                        : List.of(
                                new Calls(
                                        "stable",
                                        summary.stable,
                                        impact.stableCalls(),
                                        impact.stableFailures(),
                                        null,
                                        null,
                                        null),
                                new Calls(
                                        "candidate",
                                        summary.candidate,
                                        impact.candidateCalls(),
                                        impact.candidateFailures(),
                                        null,
                                        null,
                                        null)),
                List.of(),
                new Looked(null, List.of()),
                htmlPostMortem,
                actions(recorded.state(), recorded.decision(), recorded.allToStable()),
                recorded.plan());
    }

    private static String decides(String mode) {
        if (mode.equals(Mode.ACT.name())) {
            return "The library takes the candidate back when a signal reads REGRESSED. A person can at any time.";
        }
        if (mode.equals(Mode.RECOMMEND.name())) {
            return "The library recommends, and a person approves. A person can roll back at any time.";
        }
        return mode.equals(Mode.OBSERVE.name())
                ? "Nobody acts when a signal reads REGRESSED: it is journalled. A person can roll back at any time."
                : "";
    }

    private static List<Action> actions(RolloutState state, String decision, boolean allToStable) {
        boolean isHeld = !decision.isEmpty()
                && (state.phase() == Phase.RUNNING || state.phase() == Phase.PAUSED || state.phase() == Phase.PROMOTED);
        List<Action> actions = new ArrayList<>();
        for (OperatorAction action : OperatorAction.values()) {
            boolean isPossible = switch (action) {
                case PAUSE -> state.after(Trigger.PAUSE) != null;
                case STOP_TRAFFIC -> state.after(Trigger.PAUSE_AND_STOP_TRAFFIC) != null;
                case RESUME -> state.after(Trigger.RESUME) != null;
                case PROMOTE -> state.after(Trigger.PROMOTE) != null;
                case ROLLBACK -> state.after(Trigger.ROLL_BACK) != null;
                case APPROVE, DISMISS -> isHeld;
                case ALL_TO_STABLE -> !allToStable;
                case READMIT -> allToStable;
            };
            if (isPossible) {
                actions.add(new Action(action.word(), action.needsReason(), action.does()));
            }
        }
        return actions;
    }

    static Evidence evidence(Rollout rollout) {
        return new Evidence(
                rollout.id(),
                rollout.status().assessments().stream().map(RolloutViews::said).toList(),
                curve(rollout.evidence()));
    }

    static Evidence evidence(Recorded recorded) {
        PostMortem draft = PostMortem.of(recorded.entries());
        return new Evidence(recorded.id(), List.of(), curve(draft.evidence()));
    }

    private static Said said(Assessment assessment) {
        return new Said(
                assessment.signal(),
                assessment.verdict().name(),
                known(assessment.log10Evidence()),
                known(assessment.log10Threshold()),
                assessment.explain());
    }

    private static @Nullable Curve curve(Rollout.@Nullable EvidenceCurve curve) {
        if (curve == null || curve.signals().isEmpty()) {
            return null;
        }
        List<Point> points = new ArrayList<>();
        for (Rollout.EvidencePoint point : curve.points()) {
            List<@Nullable Double> values = new ArrayList<>();
            point.log10Evidence().forEach(value -> values.add(known(value)));
            points.add(new Point(seconds(point.elapsed()), known(point.share()), values));
        }
        return new Curve(curve.signals(), curve.log10Threshold(), points);
    }

    static Told told(String id, Timeline timeline) {
        return new Told(
                id,
                timeline.lines().stream()
                        .map(line ->
                                new Line(line.at().toString(), seconds(line.sinceStart()), line.type(), line.what()))
                        .toList());
    }

    static Foreseen foreseen(String id, Forecast forecast) {
        return new Foreseen(
                id,
                forecast.traffic().callsPerSecond(),
                forecast.traffic().failureRate(),
                forecast.rows().stream()
                        .map(row -> new Row(
                                row.step(),
                                known(row.times()),
                                row.failureRate(),
                                row.found(),
                                row.until() == null ? null : seconds(row.until()),
                                row.failedCalls()))
                        .toList(),
                forecast.toPromotion() == null ? null : seconds(forecast.toPromotion()),
                forecast.unseen());
    }

    private static @Nullable Double known(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
