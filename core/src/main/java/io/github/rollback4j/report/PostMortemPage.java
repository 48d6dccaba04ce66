package io.github.rollback4j.report;

import io.github.rollback4j.report.Document.Column;
import io.github.rollback4j.report.Document.Fact;
import io.github.rollback4j.report.Document.Figure;
import io.github.rollback4j.report.Document.Items.Mark;
import io.github.rollback4j.report.Document.Table;
import io.github.rollback4j.report.Document.Text;
import io.github.rollback4j.report.PostMortem.Action;
import io.github.rollback4j.report.PostMortem.GateAnswer;
import io.github.rollback4j.report.PostMortem.Impact;
import io.github.rollback4j.report.PostMortem.Message;
import io.github.rollback4j.report.PostMortem.Times;
import io.github.rollback4j.report.PostMortem.Trigger;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a post-mortem as a page: the facts first, then how they came about, then what people add. */
final class PostMortemPage {

    private static final String UNKNOWN = "unknown";
    private static final int BLANK_ACTIONS = 3;
    private static final int WHYS = 5;
    private static final int HASH_SHOWN = 12;

    private final PostMortem of;
    private final Document.Builder page = new Document.Builder();

    /** Without its commit, as people call it, unless that is all that tells the releases apart. */
    private final String stable;

    private final String candidate;

    PostMortemPage(PostMortem of) {
        this.of = of;
        PostMortem.Subject subject = of.subject();
        boolean isSameVersion = version(subject.stable()).equals(version(subject.candidate()));
        this.stable = isSameVersion ? subject.stable() : version(subject.stable());
        this.candidate = isSameVersion ? subject.candidate() : version(subject.candidate());
    }

    private static String version(String release) {
        int commit = release.indexOf('@');
        return commit < 0 ? release : release.substring(0, commit);
    }

    Document document() {
        summary();
        figures();
        open();
        trigger();
        impact();
        times();
        actions();
        messages();
        page.heading("Timeline");
        page.add(new Document.TimelineOf(of.timeline()));
        blanks();
        about();
        LocalDate due = of.review().due();
        return page.build("Post-mortem", title(), "Draft" + (due == null ? "" : ", review due " + Words.day(due)));
    }

    private String title() {
        String release = of.subject().component() + " " + candidate;
        Trigger trigger = of.trigger();
        if (trigger != null && !trigger.isActed()) {
            return release + ": a rollback is recommended";
        }
        return switch (of.phase()) {
            case PLANNED -> release + " has not started";
            case RUNNING -> release + " is being rolled out";
            case PAUSED -> release + " is held";
            case PROMOTED -> release + " was promoted";
            case ROLLING_BACK -> release + " is being taken back";
            case ROLLED_BACK -> release + " was taken back";
            case NEEDS_HUMAN -> release + " was taken back, and people must do the rest";
        };
    }

    // ---- The facts first.

    private boolean isDeployment() {
        return of.subject().plan().getOrDefault("strategy", "").startsWith("deployment");
    }

    private void summary() {
        Impact impact = of.impact();
        List<String> sentences = new ArrayList<>();
        String release = "Release " + candidate + " of " + of.subject().component();
        if (impact.highestShare() > 0 && isDeployment()) {
            sentences.add(release + " was deployed, and watched for " + atLeast() + Words.time(impact.exposed())
                    + " in all.");
        } else if (impact.highestShare() > 0) {
            sentences.add(release + " got up to " + Words.percent(impact.highestShare()) + " of the calls, for "
                    + atLeast() + Words.time(impact.exposed()) + " in all.");
        } else {
            sentences.add(release + " got no calls by the coin, as far as the journal knows.");
        }
        if (impact.candidateCalls() >= 0) {
            sentences.add("It failed " + atLeast() + Words.count(impact.candidateFailures()) + " of "
                    + Words.count(impact.candidateCalls()) + " calls; " + stableFailed(impact) + ".");
        }
        Trigger trigger = of.trigger();
        if (trigger != null) {
            sentences.add(decision(trigger));
        }
        sentences.add(standing());
        page.say(String.join(" ", sentences));
    }

    private String atLeast() {
        return of.impact().isAtLeast() ? "at least " : "";
    }

    private static String stableFailed(Impact impact) {
        if (impact.stableCalls() < 0) {
            return "how stable did in that time is not known";
        }
        return "stable failed " + Words.count(impact.stableFailures()) + " of " + Words.count(impact.stableCalls())
                + " in that time"
                + (Double.isNaN(impact.excess())
                        ? ""
                        : ", so that about " + Words.count(Math.round(impact.excess()))
                                + " more failed than would have failed with it");
    }

    private String decision(Trigger trigger) {
        Duration took = of.times().toDetect();
        String after = took == null ? "" : " " + Words.time(took) + " after the first harm";
        Instant decided = of.times().decided();
        String at = decided == null ? "" : " at " + Words.saidAt(decided);
        String cause = spokeAgainst(trigger) + after;
        if (!trigger.isActed()) {
            return cause + "; nobody has acted upon it yet.";
        }
        if (trigger.signal().equals(Chronicle.PERSON)) {
            return cause + " and took it back" + at + ".";
        }
        return cause + "; "
                + (trigger.byPerson()
                        ? "the rollback was approved" + at + "."
                        : "rollback4j took it back by itself" + at + ".");
    }

    private static String spokeAgainst(Trigger trigger) {
        return switch (trigger.signal()) {
            case Chronicle.PERSON -> "People decided against it";
            case "overdue" -> "It was not promoted within the longest time of its plan";
            default -> "The signal " + trigger.signal() + " spoke against it";
        };
    }

    private String standing() {
        Times times = of.times();
        return switch (of.phase()) {
            case PLANNED -> "All calls go to " + stable + ".";
            case RUNNING, PAUSED -> "The rollout is under way: it has neither been promoted nor taken back.";
            case PROMOTED -> "It serves all calls.";
            case ROLLING_BACK -> allCalls(times) + "; the steps back are not all done.";
            case ROLLED_BACK -> allCalls(times) + done(times);
            case NEEDS_HUMAN -> allCalls(times) + ", but not all steps back could be done: people must do the rest.";
        };
    }

    private String allCalls(Times times) {
        Instant back = times.trafficBack();
        return back == null || back.equals(times.decided())
                ? "Since then all calls go to " + stable
                : "Since " + clock(back) + " all calls go to " + stable;
    }

    private String done(Times times) {
        Instant back = times.back();
        return back == null || back.equals(times.decided())
                ? "; there was nothing else to be done."
                : ", and at " + clock(back) + " all steps back were done.";
    }

    /** Returns a time of day where the day is that of the decision, which was said. */
    private String clock(Instant instant) {
        Instant decided = of.times().decided();
        String said = Words.saidAt(instant);
        int day = said.indexOf(" on ");
        return day >= 0 && decided != null && Words.saidAt(decided).endsWith(said.substring(day))
                ? said.substring(0, day)
                : said;
    }

    private void figures() {
        Impact impact = of.impact();
        Times times = of.times();
        page.add(new Document.Figures(List.of(
                new Figure("Time to detect", words(times.toDetect()), "from the first harm to the first alarm"),
                new Figure("Time to restore", words(times.toRestore()), "from the first harm until no call got it"),
                new Figure(
                        "Calls failed",
                        impact.candidateFailures() < 0 ? UNKNOWN : atLeast() + Words.count(impact.candidateFailures()),
                        Double.isNaN(impact.excess())
                                ? "how many more than with stable is unknown"
                                : "about " + Words.count(Math.round(impact.excess())) + " more than with stable"),
                new Figure(
                        "Most exposed",
                        Words.percent(impact.highestShare()),
                        "of the calls; " + Words.time(impact.exposed()) + " in all"))));
    }

    private static String words(@Nullable Duration duration) {
        return duration == null ? UNKNOWN : Words.time(duration);
    }

    private void open() {
        page.heading("Left to do");
        List<Text> items = new ArrayList<>();
        of.open().forEach(open -> items.add(Text.of(Words.sentence(open))));
        LocalDate due = of.review().due();
        if (due != null) {
            items.add(Text.of("Review this draft by ")
                    .thenStrong(Words.day(due))
                    .then(
                            of.review().severe()
                                    ? ": " + PostMortem.DAYS_IF_SEVERE + " days, since it was severe ("
                                            + Words.all(of.review().reasons()) + ")."
                                    : ": " + PostMortem.WORKING_DAYS_ELSE + " working days."));
        }
        items.add(
                Text.of("Fill in the marked places below: what contributed, what is to be done about it, what customers"
                        + " are told."));
        items.add(Text.of("Say whether data was lost: the journal does not know. " + "Tolerated by the plan: "
                + toleratedDataLoss() + "."));
        if (of.phase() == Phase.ROLLED_BACK) {
            items.add(Text.of("The release stays back until somebody calls ")
                    .thenCode("rollouts.retry(plan, by, reason)")
                    .then("."));
        }
        page.items(Mark.BOX, items);
    }

    private String toleratedDataLoss() {
        String criteria = of.subject().plan().getOrDefault("criteria", "");
        int at = criteria.lastIndexOf("tolerated data loss '");
        String loss = at < 0 ? "" : criteria.substring(at + "tolerated data loss '".length());
        loss = loss.endsWith("'") ? loss.substring(0, loss.length() - 1) : loss;
        return loss.isBlank() ? "not stated" : loss;
    }

    // ---- How it came about.

    private void trigger() {
        Trigger trigger = of.trigger();
        page.heading("What it was decided by");
        if (trigger == null) {
            page.say("No signal and no person has spoken against the candidate, as far as the journal knows.");
        } else {
            page.say(
                    trigger.explanation().isEmpty()
                            ? Words.sentence(spokeAgainst(trigger))
                                    + (trigger.why().isBlank() ? "" : " " + Words.sentence(trigger.why()))
                            : Words.capital(trigger.explanation()));
        }
        counts();
        evidence(trigger);
        if (!of.assessments().isEmpty()) {
            page.part("What each signal says now");
            page.items(
                    Mark.DOT,
                    of.assessments().stream()
                            .map(each -> Text.of(Words.capital(each)))
                            .toList());
        }
    }

    private void counts() {
        Impact impact = of.impact();
        if (impact.candidateCalls() < 0) {
            page.say("What was counted at the decision is not in the journal.");
            return;
        }
        List<List<Text>> rows = new ArrayList<>();
        if (impact.stableCalls() >= 0) {
            rows.add(row("stable " + stable, impact.stableCalls(), impact.stableFailures()));
        }
        rows.add(row("candidate " + candidate, impact.candidateCalls(), impact.candidateFailures()));
        page.add(new Table(
                "What was counted",
                List.of(
                        Column.of("Release"),
                        Column.numeric("Calls"),
                        Column.numeric("Failed"),
                        Column.numeric("Rate")),
                rows));
    }

    private static List<Text> row(String release, long calls, long failed) {
        return texts(release, Words.count(calls), Words.count(failed), Words.rate(failed, calls));
    }

    private static List<Text> texts(String... cells) {
        return List.of(cells).stream().map(Text::of).toList();
    }

    private void evidence(@Nullable Trigger trigger) {
        if (trigger != null && !Double.isNaN(trigger.log10Evidence())) {
            List<Fact> facts = new ArrayList<>();
            facts.add(fact(
                    "Evidence",
                    Words.power(trigger.log10Evidence())
                            + (Double.isNaN(trigger.log10Threshold())
                                    ? ""
                                    : ", acted upon at " + Words.power(trigger.log10Threshold()))
                            + " (e-value)"));
            if (!trigger.tolerated().isEmpty()) {
                facts.add(fact("Tolerated", trigger.tolerated()));
            }
            if (!Double.isNaN(trigger.highestExcess())) {
                facts.add(fact(
                        "Bound",
                        "the candidate's rate is above stable's by at most "
                                + Words.number(100 * trigger.highestExcess())
                                + " percentage points (95 % sure)"));
            }
            page.facts(facts);
        }
        EvidenceCurve curve = of.evidence();
        if (curve == null) {
            page.say("How the evidence went was not kept.");
        } else {
            page.add(new Document.Chart(curve));
        }
    }

    private static Fact fact(String label, String text) {
        return new Fact(label, Text.of(text));
    }

    private void impact() {
        Impact impact = of.impact();
        page.heading("Impact");
        List<Fact> facts = new ArrayList<>();
        facts.add(fact(
                "Calls failed",
                impact.candidateFailures() < 0
                        ? UNKNOWN
                        : atLeast() + Words.count(impact.candidateFailures()) + " of "
                                + Words.count(impact.candidateCalls())
                                + (impact.isFinal()
                                        ? ""
                                        : "; calls that were under way when this was counted may be missing")));
        facts.add(fact(
                "In excess of stable",
                Double.isNaN(impact.excess()) ? UNKNOWN : "about " + Words.count(Math.round(impact.excess()))));
        facts.add(fact(
                "Distinct keys that failed",
                impact.failingKeys() < 0
                        ? UNKNOWN + ": calls without keys, or none was kept"
                        : Words.count(impact.failingKeys())));
        facts.add(fact(
                "Exposed",
                impact.highestShare() > 0
                        ? "up to " + Words.percent(impact.highestShare()) + " of the calls, " + atLeast()
                                + Words.time(impact.exposed()) + " in all"
                        : "to nobody, as far as the journal knows"));
        facts.add(fact("Error budget", "not stated by the plan"));
        facts.add(fact("Data lost", "to be filled in; tolerated by the plan: " + toleratedDataLoss()));
        page.facts(facts);
    }

    private void times() {
        Times times = of.times();
        page.heading("Times");
        List<List<Text>> rows = new ArrayList<>();
        time(rows, "Planned", times.planned());
        time(rows, "Started", times.started());
        time(rows, "First failed call of the candidate", times.firstFailure());
        time(rows, "First harm", times.harmed());
        time(rows, "Detected", times.detected());
        time(rows, "Decided", times.decided());
        time(rows, "Traffic back", times.trafficBack());
        if (times.neededHuman() != null) {
            time(rows, "People called", times.neededHuman());
        }
        time(rows, "All steps done", times.back());
        time(rows, "Stable looked at" + after(": ", of.measures().verification()), times.verified());
        page.add(new Table("When what happened, in UTC", List.of(Column.of("What"), Column.of("When")), rows));
        page.say(
                "First harm is the first failed call of the candidate, or, if that is later, the time from which on the"
                        + " evidence rose. " + fromThere(times));
    }

    private static String fromThere(Times times) {
        if (times.harmed() == null) {
            return "It is not known, so neither is how long anything took from there.";
        }
        List<String> took = new ArrayList<>();
        if (times.toDetect() != null) {
            took.add(Words.time(times.toDetect()) + " to detect");
        }
        if (times.toRestore() != null) {
            took.add(Words.time(times.toRestore()) + " until no call got the candidate");
        }
        if (times.toBack() != null) {
            took.add(Words.time(times.toBack()) + " until all steps were done");
        }
        return took.isEmpty() ? "" : "From there it took " + Words.all(took) + ".";
    }

    private static void time(List<List<Text>> rows, String what, @Nullable Instant when) {
        rows.add(texts(what, when == null ? "not known, or not yet" : Words.at(when)));
    }

    private static String after(String words, String value) {
        return value.isBlank() ? "" : words + value;
    }

    // ---- What was done.

    private void actions() {
        page.heading("What was done");
        page.say(
                isDeployment()
                        ? "The process was the candidate itself: an instance refused traffic only while stable capacity was known"
                                + " to serve, and the others served on until the steps back were done."
                        : "The traffic went first, by itself: no call that begins after a rollback was decided gets the"
                                + " candidate.");
        if (of.measures().actions().isEmpty()) {
            page.say("No step back is in the journal.");
        } else {
            page.add(new Table(
                    "Steps back",
                    List.of(
                            Column.of("Step"),
                            Column.of("Result"),
                            Column.numeric("Tries"),
                            Column.of("Ended (UTC)"),
                            Column.of("Reference"),
                            Column.of("What was said")),
                    of.measures().actions().stream().map(PostMortemPage::row).toList()));
            page.say(
                    of.measures().failedTries() == 0
                            ? "No try failed."
                            : Words.count(of.measures().failedTries(), "try", "tries") + " failed.");
            if (of.measures().unseenTries() > 0) {
                page.say("Nobody saw the end of " + Words.count(of.measures().unseenTries(), "try", "tries")
                        + ", since the process ended or the time was over: looked up before anything was done again.");
            }
        }
        if (!of.measures().gates().isEmpty()) {
            page.add(new Table(
                    "What the gates said",
                    List.of(
                            Column.of("Gate"),
                            Column.of("Step"),
                            Column.of("Says"),
                            Column.of("When (UTC)"),
                            Column.of("Detail")),
                    of.measures().gates().stream().map(PostMortemPage::row).toList()));
        }
        preflight();
    }

    private static List<Text> row(Action action) {
        Instant ended = action.ended();
        return List.of(
                Text.of(action.step() + (action.way().equals(action.step()) ? "" : ", " + action.way())),
                Text.of(action.result()
                        + (action.by().isBlank() || isLibrary(action.by()) ? "" : ", by " + action.by())),
                Text.of(Words.count(action.tries())),
                Text.of(ended == null ? "–" : Words.at(ended)),
                action.reference().isBlank() ? Text.of("–") : Text.reference(action.reference()),
                Text.of(action.detail()));
    }

    private static boolean isLibrary(String by) {
        return by.equals("rollback4j");
    }

    private static List<Text> row(GateAnswer answer) {
        return texts(
                answer.gate(),
                answer.step(),
                answer.says() + (answer.by().isBlank() ? "" : ", by " + answer.by()),
                Words.at(answer.at()),
                answer.detail());
    }

    private void preflight() {
        Map<String, String> items = of.measures().preflight();
        if (items.isEmpty()) {
            page.say("What was looked at before the start is not in the journal.");
            return;
        }
        List<List<Text>> rows = new ArrayList<>();
        items.forEach((name, found) -> rows.add(texts(name, found)));
        page.add(new Table("Looked at before the start", List.of(Column.of("What"), Column.of("Found")), rows));
    }

    private void messages() {
        page.heading("Who was told");
        if (of.measures().messages().isEmpty()) {
            page.say("Nobody, as far as the journal knows.");
            return;
        }
        page.add(new Table(
                "Messages",
                List.of(
                        Column.of("Group"),
                        Column.of("What"),
                        Column.of("By"),
                        Column.of("When (UTC)"),
                        Column.of("Read")),
                of.measures().messages().stream().map(PostMortemPage::row).toList()));
    }

    private static List<Text> row(Message message) {
        Instant acknowledged = message.acknowledgedAt();
        String read = message.error().isEmpty()
                ? acknowledged == null
                        ? "not acknowledged"
                        : "acknowledged at " + Words.at(acknowledged) + after(" by ", message.acknowledgedBy())
                : "not sent: " + message.error();
        return texts(
                message.group(),
                message.occasion(),
                message.channel(),
                Words.at(message.at()),
                read + after("; then told ", message.escalatedTo()));
    }

    // ---- What people add.

    private void blanks() {
        page.heading("What people add");
        page.say(
                "Blameless: look for what made it possible, in systems, versions and habits. Names above and below say whom"
                        + " to ask, not whom to blame.");
        page.part("What contributed");
        page.blank(
                "What about the system, the release or its tests let this happen?",
                "Several things, not one root cause. What was different between " + stable + " and " + candidate + "?");
        page.part("Five whys");
        page.add(new Document.Blank("Why did the candidate do worse? And why that?", "", WHYS));
        page.part("What went well, what went wrong, where we were lucky");
        page.blank("What went well?", "");
        page.blank("What went wrong?", "");
        page.blank("Where were we lucky?", "");
        page.part("Action items");
        page.add(new Table(
                "What will be done",
                List.of(Column.of("What"), Column.of("Owner"), Column.of("Due"), Column.of("Ticket")),
                Collections.nCopies(BLANK_ACTIONS, texts("", "", "", ""))));
        page.part("What customers are told");
        page.blank(
                "Message to those who were hit, and who approves it",
                "What they saw, from when until when, whether data was lost, what has been done.");
    }

    private void about() {
        PostMortem.Subject subject = of.subject();
        page.heading("About");
        List<Fact> facts = new ArrayList<>();
        facts.add(fact("Rollout", subject.rollout()));
        facts.add(fact("From", subject.component() + " " + subject.stable()));
        facts.add(fact("To", subject.component() + " " + subject.candidate()));
        subject.about().forEach((name, value) -> facts.add(new Fact(label(name), Text.reference(value))));
        if (!subject.about().containsKey("candidate.diff")) {
            facts.add(fact("What changed", UNKNOWN + ": the release names no diff"));
        }
        facts.add(fact("Who acts", subject.plan().getOrDefault("mode", UNKNOWN)));
        facts.add(fact(
                "False-rollback rate",
                subject.plan().getOrDefault("falseRollbackRate", UNKNOWN)
                        + (isDeployment()
                                ? ", not promised of a deployment: no coin divides the calls (outside R-1)"
                                : "")));
        if (subject.plan().containsKey("criteria")) {
            facts.add(fact("Criteria", subject.plan().get("criteria")));
        }
        facts.add(fact(
                "Plan",
                subject.planHash().isEmpty()
                        ? UNKNOWN
                        : subject.planHash()
                                .substring(
                                        0,
                                        Math.min(HASH_SHOWN, subject.planHash().length()))));
        page.facts(facts);
    }

    private static String label(String name) {
        return switch (name) {
            case "candidate.diff" -> "What changed";
            case "candidate.link" -> "The candidate";
            case "stable.link" -> "The release before";
            default -> Words.capital(name.replaceFirst("\\.", "'s ").replace('-', ' '));
        };
    }
}
