package io.github.rollback4j.report;

import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Criteria;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.report.Document.Column;
import io.github.rollback4j.report.Document.Fact;
import io.github.rollback4j.report.Document.Items.Mark;
import io.github.rollback4j.report.Document.Table;
import io.github.rollback4j.report.Document.Text;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the criteria by which a release is taken back, on one page for those who own and approve them. */
final class CriteriaSheet {

    private final RollbackPlan plan;
    private final Document.Builder page = new Document.Builder();

    CriteriaSheet(RollbackPlan plan) {
        this.plan = plan;
    }

    Document document() {
        release();
        signals();
        noticed();
        goingBack();
        signatures();
        Criteria criteria = plan.criteria();
        return page.build(
                "Rollback criteria",
                RunbookPage.title(plan),
                criteria.version().isBlank() ? "to be signed" : "version " + criteria.version() + ", to be signed");
    }

    private void release() {
        RolloutStrategy strategy = plan.strategy();
        page.say("Version " + RunbookPage.candidate(plan) + " of "
                + plan.candidate().component() + " replaces version " + RunbookPage.stable(plan)
                + ". This page says when it is taken back, and what that means.");
        List<Fact> facts = new ArrayList<>();
        facts.add(fact("Who decides", whoDecides()));
        facts.add(fact("Who gets it", steps(strategy) + ". " + afterwards(strategy)));
        page.facts(facts);
    }

    private String whoDecides() {
        if (RunbookPage.isModeOpen(plan)) {
            return "the software itself, while today's version is known to serve, too; else a person, whom it alerts";
        }
        return switch (plan.mode()) {
            case ACT -> "the software itself, at once and at any hour; a person can always take it back, too";
            case RECOMMEND ->
                "a person, whom the software alerts; until they have decided, no more calls get the new version";
            case OBSERVE ->
                "nobody yet: the software only writes down when it would have taken it back; a person can take it"
                        + " back";
        };
    }

    private static String steps(RolloutStrategy strategy) {
        List<RolloutStrategy.Step> steps = strategy.steps();
        Duration bake = steps.get(0).bake();
        boolean isPlain = steps.size() > 1
                && steps.stream()
                        .allMatch(step -> step.bake().equals(bake)
                                && step.share() > 0
                                && step.shadowShare() == 0
                                && !step.bySwitch());
        if (!isPlain) {
            return steps.stream().map(CriteriaSheet::step).collect(Collectors.joining("; "));
        }
        List<String> later = steps.stream()
                .skip(1)
                .map(step -> Words.number(100 * step.share()))
                .toList();
        return "first " + Words.number(100 * steps.get(0).share()) + " of 100 calls, then " + Words.all(later)
                + (bake.isZero() ? "" : ", each for " + Words.spoken(bake) + " at least");
    }

    private static String step(RolloutStrategy.Step step) {
        String time = step.bake().isZero() ? "" : ", for " + Words.spoken(step.bake()) + " at least";
        String who = step.share() >= 1 ? "all calls" : Words.number(100 * step.share()) + " of 100 calls";
        String what = step.share() > 0 ? who : "";
        if (step.shadowShare() > 0) {
            what += (what.isEmpty() ? "" : ", and ") + "none that anybody sees, but a trial run beside "
                    + Words.number(100 * step.shadowShare()) + " of 100 calls";
        }
        return what + (step.bySwitch() ? " once a person has switched it on" : "") + time;
    }

    private static String afterwards(RolloutStrategy strategy) {
        Duration longest = strategy.longest();
        String end = strategy.promotes()
                ? "Then all; for " + Words.spoken(strategy.rollbackWindow()) + " more it can be taken back"
                : "Then it stays so until a person decides";
        if (longest == null) {
            return end;
        }
        return end + ". If it is not done within " + Words.spoken(longest)
                + switch (strategy.otherwise()) {
                    case HOLD -> ", it stays as it is until a person decides";
                    case PROMOTE -> ", all get it";
                    case ROLL_BACK -> ", it is taken back";
                };
    }

    // ---- When.

    private void signals() {
        page.heading("When it is taken back");
        page.say(
                switch (plan.mode()) {
                    case ACT ->
                        "As soon as more than what we accept is seen of any of these, the software takes it back"
                                + (RunbookPage.isModeOpen(plan)
                                        ? ", or asks a person where today's version is not known to serve."
                                        : ".");
                    case RECOMMEND ->
                        "As soon as more than what we accept is seen of any of these, the software asks a person.";
                    case OBSERVE ->
                        "As soon as more than what we accept is seen of any of these, the software writes it down.";
                });
        List<List<Text>> rows = new ArrayList<>();
        for (FailureSignal signal : plan.signals()) {
            SignalWords words = SignalWords.of(signal);
            rows.add(List.of(
                    Text.NONE.thenStrong(words.watched()), Text.of(words.tolerated()), Text.of(words.window())));
        }
        page.add(new Table(
                "What we look at, and how much worse we accept",
                List.of(Column.of("What we look at"), Column.of("What we accept"), Column.of("When we look")),
                rows));
        if (plan.comparativeSignals().isEmpty()) {
            page.say(
                    "Nothing is compared with today's version. How often a good version is taken back by mistake cannot be"
                            + " said.");
            return;
        }
        if (plan.strategy().deployed() != null) {
            page.say(
                    "The new version is compared with what today's version does at the same time elsewhere, else with what it"
                            + " did before. How often a good version is taken back by mistake is not promised.");
            return;
        }
        page.say(
                "Both versions are compared over the same time. If the new version is no worse than we accept, it is taken back by mistake in at most "
                        + RunbookPage.oneIn(plan.falseRollbackRate()) + " releases"
                        + (plan.comparativeSignals().size() == plan.signals().size()
                                ? "."
                                : ". This holds for what is compared with today's version; fixed limits and reports of people have"
                                        + " no such bound."));
    }

    private void noticed() {
        page.heading("How many calls fail before it is noticed");
        RollbackPlan.Demands demands = plan.demands();
        if (Double.isNaN(demands.callsPerSecond())) {
            page.say("This cannot be said: the plan does not state how many calls are expected.");
            return;
        }
        Forecast forecast = Forecast.of(plan, Forecast.Traffic.of(demands.callsPerSecond(), demands.failureRate()));
        List<Forecast.Row> first = forecast.rows().stream()
                .filter(row -> row.step().equals(forecast.rows().get(0).step()))
                .toList();
        String expected = "Expected are " + Words.number(demands.callsPerSecond()) + " calls a second, of which "
                + Words.number(100 * demands.failureRate()) + " in 100 fail today.";
        if (first.isEmpty()) {
            page.say(expected + " Failing calls are not compared with today's version, so that more cannot be said.");
            return;
        }
        page.say(expected);
        page.add(new Table(
                "If the new version is worse from the beginning",
                List.of(
                        Column.of("It fails"),
                        Column.numeric("Calls that fail until it is back"),
                        Column.numeric("In half of the cases within"),
                        Column.numeric("Noticed, of 100 cases")),
                first.stream().map(CriteriaSheet::row).toList()));
    }

    private static List<Text> row(Forecast.Row row) {
        Duration until = row.until();
        return List.of(
                Text.of(
                        Double.isInfinite(row.times())
                                ? "always"
                                : Words.number(row.times()) + " times as often as today ("
                                        + Words.number(100 * row.failureRate()) + " in 100)"),
                Text.of("about " + Words.count(Math.round(row.failedCalls()))),
                Text.of(until == null ? "–" : Words.spoken(until)),
                Text.of(Words.number(100 * row.found())));
    }

    // ---- What going back means.

    private void goingBack() {
        page.heading("What going back means");
        page.say("The calls go back to version " + RunbookPage.stable(plan) + " within a moment."
                + (plan.steps().isEmpty() ? " Nothing else is to be done." : " Then, in this order:"));
        page.items(Mark.NUMBER, plan.steps().stream().map(CriteriaSheet::step).toList());
        List<Fact> facts = new ArrayList<>();
        RollbackPlan.Verification verification = plan.verification();
        if (verification != null) {
            facts.add(fact(
                    "Afterwards",
                    "within " + Words.spoken(verification.within())
                            + " it is checked that the previous version is healthy; else people are called"));
        }
        facts.add(fact("Data that may be lost", RunbookPage.dataLoss(plan)));
        if (!plan.touched().isEmpty()) {
            facts.add(fact(
                    "What else it changes",
                    plan.touched().stream().map(RunbookPage::touched).collect(Collectors.joining("; "))));
        }
        if (!plan.requiredBy().isEmpty()) {
            facts.add(fact(
                    "What needs it",
                    "once released, these must go back before it can: " + Words.all(plan.requiredBy())));
        }
        page.facts(facts);
    }

    private static Text step(Step step) {
        String alternatives = step.otherwise().stream()
                .map(way -> "; if that fails: " + RunbookPage.withoutName(way))
                .collect(Collectors.joining());
        String gates = step.gates().stream().map(CriteriaSheet::gate).collect(Collectors.joining("; "));
        return Text.NONE
                .thenStrong(step.name())
                .then(": " + RunbookPage.withoutName(step.way()) + alternatives
                        + (gates.isEmpty() ? "" : ". Before it: " + gates));
    }

    private static String gate(Gate gate) {
        return RunbookPage.withoutName(gate.description(), gate.name());
    }

    private void signatures() {
        Criteria criteria = plan.criteria();
        page.heading("Agreed");
        page.add(new Table(
                "Signatures",
                List.of(Column.of("Role"), Column.of("Name"), Column.of("Date"), Column.of("Signature")),
                List.of(
                        signature(criteria.owner().isBlank() ? "Owner of these criteria" : criteria.owner()),
                        signature(criteria.approver().isBlank() ? "Approver" : criteria.approver()))));
        page.say("Criteria" + (criteria.version().isBlank() ? "" : " version " + criteria.version())
                + " as in the plan with the fingerprint " + RunbookPage.shownHash(plan)
                + ". A changed plan has another fingerprint, and is to be signed again.");
    }

    private static List<Text> signature(String role) {
        return List.of(Text.of(role), Text.NONE, Text.NONE, Text.NONE);
    }

    private static Fact fact(String label, String text) {
        return new Fact(label, Text.of(text));
    }
}
