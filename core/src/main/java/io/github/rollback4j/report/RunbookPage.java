package io.github.rollback4j.report;

import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.plan.RollbackPlan.Touched;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.Document.Column;
import io.github.rollback4j.report.Document.Fact;
import io.github.rollback4j.report.Document.Items.Mark;
import io.github.rollback4j.report.Document.Table;
import io.github.rollback4j.report.Document.Text;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes a plan's runbook: the quickest way out first. */
final class RunbookPage {

    private static final int HASH_SHOWN = 12;

    private final RollbackPlan plan;
    private final Document.Builder page = new Document.Builder();

    RunbookPage(RollbackPlan plan) {
        this.plan = plan;
    }

    Document document() {
        page.say("For whoever is woken by " + plan.candidate().component() + " while version " + candidate(plan)
                + " is rolled out, or within its rollback window. Everything here comes from the plan.");
        takeBack();
        whoActs();
        watched();
        exposure();
        steps();
        verification();
        touched();
        people();
        about();
        return page.build("Runbook", title(plan), mode());
    }

    static String title(RollbackPlan plan) {
        return plan.candidate().component() + " " + stable(plan) + " to " + candidate(plan);
    }

    static String stable(RollbackPlan plan) {
        return isSameVersion(plan) ? plan.stable().identity() : plan.stable().version();
    }

    static String candidate(RollbackPlan plan) {
        return isSameVersion(plan)
                ? plan.candidate().identity()
                : plan.candidate().version();
    }

    /** The version is what people call a release, unless the commit is all that tells two apart. */
    private static boolean isSameVersion(RollbackPlan plan) {
        return plan.stable().version().equals(plan.candidate().version());
    }

    static String shownHash(RollbackPlan plan) {
        return plan.hash().substring(0, HASH_SHOWN);
    }

    /** Says whether who acts hangs on whether stable capacity serves. */
    static boolean isModeOpen(RollbackPlan plan) {
        return plan.strategy().deployed() != null && !plan.isModeStated();
    }

    private String mode() {
        if (isModeOpen(plan)) {
            return "acts by itself while stable capacity is known to serve, else asks a person";
        }
        return switch (plan.mode()) {
            case ACT -> "acts by itself";
            case RECOMMEND -> "asks a person";
            case OBSERVE -> "only watches";
        };
    }

    // ---- Now.

    private void takeBack() {
        page.heading("Take it back now");
        page.say("With the plan's steps, in every mode. All calls go to version " + stable(plan) + " at once:");
        page.add(new Document.Code(List.of("rollout.rollBack(\"you\", \"what you saw\");")));
        page.say(
                "Where that cannot be called, send all calls to stable by any of these; the steps back are then yours:");
        page.items(
                Mark.DOT,
                List.of(
                        Text.of("write ")
                                .thenCode("all-to-stable")
                                .then(" into the control file, the one that ")
                                .thenCode("rollback4j.control-file")
                                .then(" or ")
                                .thenCode("ROLLBACK4J_CONTROL_FILE")
                                .then(" named at the process's start (within 2 s)"),
                        Text.of("set the system property ")
                                .thenCode("rollback4j.control")
                                .then(" to ")
                                .thenCode("all-to-stable:" + plan.candidate().component())
                                .then(" (at once)"),
                        Text.of("start the process with ")
                                .thenCode("ROLLBACK4J_CONTROL=all-to-stable")
                                .then(" in its environment")));
        page.say(Text.of("If the library itself misbehaves: ")
                .thenCode("automation-off")
                .then(" at the same places. Nothing then grows or goes back by itself; people still can."));
    }

    private void whoActs() {
        page.heading("Who acts");
        page.say(
                isModeOpen(plan)
                        ? "The library, by itself, while stable capacity is known to serve. Else a person: the library"
                                + " recommends a rollback, and the candidate serves on until somebody approves it."
                        : whoActsByMode());
        if (plan.strategy().deployed() != null) {
            page.say("The process is the candidate. Once it is taken back, at most "
                    + plan.strategy().deployed().maxRefusing()
                    + " of the instances that share a store refuse traffic at a time, and only while stable capacity is"
                    + " known to serve; the others serve on until the steps back are done.");
        }
        List<List<Text>> rows = new ArrayList<>();
        if (plan.mode() != Mode.ACT || isModeOpen(plan)) {
            can(rows, "Approve what is recommended", "rollout.approve(\"you\")");
            can(rows, "Let a recommendation pass", "rollout.dismiss(\"you\", \"why\")");
        }
        can(rows, "See where it stands", "rollout.status()");
        can(rows, "Hold the exposure as it is; a regression still rolls back", "rollout.pause(\"you\", \"why\")");
        can(rows, "Take the exposure away for a time", "rollout.pauseAndStopTraffic(\"you\", \"why\")");
        can(rows, "Let it go on", "rollout.resume(\"you\")");
        can(
                rows,
                "Say that a step is done, or let one through a gate",
                "rollout.acknowledge(\"step or gate\", \"you\", \"what you did\")");
        can(rows, "Try again after a rollback", "rollouts.retry(plan, \"you\", \"what was mended\")");
        page.add(new Table("What a person can do", List.of(Column.of("To"), Column.of("Call")), rows));
        page.say("Whatever you do is journalled with your name and reason: write no secret into them.");
    }

    private String whoActsByMode() {
        return switch (plan.mode()) {
            case ACT ->
                "The library, by itself, at any hour. You need not do anything until a step, a gate or a"
                        + " message asks you to.";
            case RECOMMEND ->
                "A person. The library recommends a rollback, and until somebody approves it the"
                        + " candidate keeps the calls that it has, and gets no more.";
            case OBSERVE ->
                "Nobody. What would have been done is logged; the candidate keeps the calls that it has,"
                        + " and gets no more. A person can still take it back.";
        };
    }

    private static void can(List<List<Text>> rows, String what, String call) {
        rows.add(List.of(Text.of(what), Text.NONE.thenCode(call)));
    }

    // ---- When it fires.

    private void watched() {
        page.heading("What is watched, and when it fires");
        List<List<Text>> rows = new ArrayList<>();
        for (FailureSignal signal : plan.signals()) {
            SignalWords words = SignalWords.of(signal);
            rows.add(List.of(
                    Text.NONE.thenStrong(signal.name()),
                    Text.of(words.watched()),
                    Text.of(words.tolerated()),
                    Text.of(words.window())));
        }
        page.add(new Table(
                "It fires when more than what is tolerated is seen",
                List.of(Column.of("Signal"), Column.of("What"), Column.of("Tolerated"), Column.of("Judged")),
                rows));
        if (plan.strategy().deployed() != null) {
            page.say(
                    "The candidate is compared with what stable does at the same time in other instances, else with what it did"
                            + " before. No bound is promised on how often that takes a release back by mistake (outside R-1).");
        } else if (!plan.comparativeSignals().isEmpty()) {
            page.say("Both versions are compared over the same time. That takes a release back by mistake in at most "
                    + oneIn(plan.falseRollbackRate()) + " rollouts of a release that is within what is tolerated.");
        }
    }

    static String oneIn(double rate) {
        return "1 of " + Words.count((long) Math.floor(1 / rate * (1 + 1e-12)));
    }

    private void exposure() {
        RolloutStrategy strategy = plan.strategy();
        page.heading("How the calls move to the candidate");
        page.add(new Table(
                "Steps of the rollout",
                List.of(Column.of("Step"), Column.of("Calls"), Column.of("For at least"), Column.of("And")),
                strategy.steps().stream().map(RunbookPage::row).toList()));
        page.say(after(strategy));
    }

    private static List<Text> row(RolloutStrategy.Step step) {
        return List.of(
                Text.of(step.name()),
                Text.of(
                        step.shadowShare() > 0
                                ? Words.percent(step.share()) + ", and beside " + Words.percent(step.shadowShare())
                                        + " unseen"
                                : Words.percent(step.share())),
                Text.of(step.bake().isZero() ? "–" : Words.spoken(step.bake())),
                Text.of((step.leastCalls() > 0 ? Words.count(step.leastCalls()) + " of its calls" : "")
                        + (step.bySwitch() ? (step.leastCalls() > 0 ? ", " : "") + "switched on by a person" : "")));
    }

    static String after(RolloutStrategy strategy) {
        StringBuilder text = new StringBuilder();
        RolloutStrategy.Early early = strategy.early();
        if (early != null) {
            text.append("A step may end earlier, not before ")
                    .append(Words.spoken(early.notBefore()))
                    .append(", once it is shown that at most ")
                    .append(Words.percent(early.harm()))
                    .append(" of all calls can be harmed by the next. ");
        }
        text.append(
                strategy.promotes()
                        ? "After the last step the candidate serves all calls, and can still be taken back for "
                                + Words.spoken(strategy.rollbackWindow()) + "."
                        : "The last step is held until a person promotes the candidate, or takes it back.");
        Duration longest = strategy.longest();
        if (longest != null) {
            text.append(" If that takes longer than ")
                    .append(Words.spoken(longest))
                    .append(
                            switch (strategy.otherwise()) {
                                case HOLD -> ", it is held until a person decides.";
                                case PROMOTE -> ", it is promoted.";
                                case ROLL_BACK -> ", it is taken back.";
                            });
        }
        return text.toString();
    }

    // ---- The way back.

    private void steps() {
        page.heading("The steps back");
        page.say(
                "The calls go back first, in a moment, and need none of these. Then, in this order; the next begins when"
                        + " the one before is done:");
        if (plan.steps().isEmpty()) {
            page.say("None: the plan has no step beyond the calls.");
        }
        int place = 0;
        for (List<Step> stage : plan.stages()) {
            int first = place + 1;
            for (Step step : stage) {
                place++;
                page.part(place + ". " + step.name() + (place == first ? "" : " (beside no. " + first + ")"));
                page.facts(facts(step));
            }
        }
        if (!plan.steps().isEmpty()) {
            page.say(Text.of(
                            "A step that fails for good calls people; those after it are not begun. Do it by hand, then ")
                    .thenCode("rollout.acknowledge(step, \"you\", \"what you did\")")
                    .then(", and so for each after it."));
        }
    }

    private static List<Fact> facts(Step step) {
        List<Fact> facts = new ArrayList<>();
        facts.add(fact("What", withoutName(step.way())));
        for (RollbackStrategy next : step.otherwise()) {
            facts.add(fact("Or else", withoutName(next) + " (" + next.name() + ")"));
        }
        for (Gate gate : step.gates()) {
            facts.add(new Fact(
                    "Behind gate " + gate.name(),
                    Text.of(withoutName(gate.description(), gate.name()) + ". Where it asks a person: ")
                            .thenCode(acknowledge(gate.name()))));
        }
        if (!step.gates().isEmpty()) {
            facts.add(fact("A gate may take", Words.spoken(step.patience()) + " to open; then people are called"));
        }
        facts.add(fact(
                "Tries",
                (step.attempts() == 1 ? "one" : "up to " + step.attempts()) + ", " + Words.spoken(step.deadline())
                        + " each"
                        + (step.attempts() == 1 || step.pause().isZero()
                                ? ""
                                : ", " + Words.spoken(step.pause())
                                        + " between the first two, each further pause twice as long")));
        facts.add(fact("If nobody knows whether it was done", uncertain(step)));
        facts.add(new Fact(
                "By hand",
                Text.of("do what it says, look whether it is so, then ").thenCode(acknowledge(step.name()))));
        return facts;
    }

    private static String uncertain(Step step) {
        return step.repeatWhenUncertain()
                ? "it is done again"
                : step.way().recognisesKey()
                        ? "it is sent again: its target acts once for each"
                        : "it is looked up, or a person is asked";
    }

    private static String acknowledge(String what) {
        return "rollout.acknowledge(\"" + what + "\", \"you\", \"what you did\")";
    }

    static String withoutName(RollbackStrategy way) {
        return withoutName(way.description(), way.name());
    }

    /** The library's own begin with the name, which stands beside it here. */
    static String withoutName(String description, String name) {
        return description.startsWith(name + ": ") ? description.substring(name.length() + 2) : description;
    }

    private static Fact fact(String label, String text) {
        return new Fact(label, Text.of(text));
    }

    private void verification() {
        page.heading("Is stable healthy again?");
        RollbackPlan.Verification verification = plan.verification();
        if (verification == null) {
            page.say("The plan does not look. Look yourself: at stable's error rate, and at whatever woke you.");
            return;
        }
        page.say("Looked at within " + Words.spoken(verification.within())
                + " after the steps: stable's error rate is no worse than before, no limit is exceeded"
                + (verification.checks().isEmpty()
                        ? ""
                        : ", and these pass: "
                                + String.join(", ", verification.checks().keySet()))
                + ". Else people are called.");
    }

    private void touched() {
        page.heading("What else it touches");
        List<Text> items = new ArrayList<>();
        for (Touched touched : plan.touched()) {
            items.add(Text.of(touched(touched)));
        }
        if (!plan.requiredBy().isEmpty()) {
            items.add(
                    Text.of("Take back first what needs the candidate: " + String.join(", ", plan.requiredBy()) + "."));
        }
        items.add(Text.of("Data that may be lost by going back: " + dataLoss(plan) + "."));
        page.items(Mark.DOT, items);
    }

    static String touched(Touched touched) {
        return Words.capital(touched.kind().name().toLowerCase(Locale.ROOT)) + " " + touched.name() + ": "
                + (touched.shown().isBlank()
                        ? "nobody has shown that the previous version can read what the new one writes."
                        : "the previous version reads what the new one writes; shown by: " + touched.shown());
    }

    static String dataLoss(RollbackPlan plan) {
        String loss = plan.criteria().toleratedDataLoss();
        return loss.isBlank() ? "not stated" : loss;
    }

    // ---- People.

    private void people() {
        page.heading("Whom to tell");
        List<Communication.Group> groups = plan.communication().groups();
        if (groups.isEmpty()) {
            page.say("The plan tells nobody: only the log is written. Tell who must know.");
            return;
        }
        page.add(new Table(
                "Told by the library, of these occasions; where a channel fails, by hand",
                List.of(
                        Column.of("Group"),
                        Column.of("Who"),
                        Column.of("Of what"),
                        Column.of("By"),
                        Column.of("When"),
                        Column.of("Read by, approved by")),
                groups.stream().map(RunbookPage::row).toList()));
    }

    private static List<Text> row(Communication.Group group) {
        Duration updates = group.updatesEvery();
        Duration acknowledge = group.acknowledgeWithin();
        List<String> duties = new ArrayList<>();
        if (!group.approver().isEmpty()) {
            duties.add("approved by " + group.approver() + " before it is sent");
        }
        if (acknowledge != null) {
            duties.add("acknowledged within " + Words.spoken(acknowledge)
                    + (group.escalateTo().isEmpty() ? "" : ", else " + group.escalateTo() + " is told"));
        }
        return List.of(
                Text.of(group.name()),
                Text.of(group.role()),
                Text.of(Arrays.stream(Communication.Occasion.values())
                        .filter(group.occasions()::contains)
                        .map(Communication.Occasion::toString)
                        .collect(Collectors.joining(", "))),
                Text.of(group.channels().stream().map(Notifier::description).collect(Collectors.joining(", else "))),
                Text.of((group.after().isZero() ? "at once" : "after " + Words.spoken(group.after()))
                        + (updates != null && group.occasions().contains(Communication.Occasion.UPDATE)
                                ? ", then every " + Words.spoken(updates)
                                : "")),
                Text.of(duties.isEmpty() ? "–" : String.join("; ", duties)));
    }

    private void about() {
        page.heading("About the plan");
        List<Fact> facts = new ArrayList<>();
        facts.add(fact("From", plan.stable().toString()));
        facts.add(fact("To", plan.candidate().toString()));
        reference(facts, "The release", Release.LINK);
        reference(facts, "What changed", Release.DIFF);
        facts.add(fact(
                "Rollouts",
                plan.candidate().component() + ":" + plan.stable().identity() + ".."
                        + plan.candidate().identity() + "#1, and so on with each attempt"));
        RollbackPlan.Criteria criteria = plan.criteria();
        if (!criteria.equals(RollbackPlan.Criteria.NONE)) {
            facts.add(fact(
                    "Criteria",
                    "version " + orUnstated(criteria.version()) + ", owner " + orUnstated(criteria.owner())
                            + ", approved by " + orUnstated(criteria.approver())));
        }
        facts.add(fact("Before the start", beforeStart()));
        facts.add(fact("Plan", plan.hash()));
        page.facts(facts);
    }

    private void reference(List<Fact> facts, String label, String attribute) {
        String value = plan.candidate().attributes().get(attribute);
        if (value != null) {
            facts.add(new Fact(label, Text.reference(value)));
        }
    }

    private static String orUnstated(String text) {
        return text.isBlank() ? "not stated" : text;
    }

    private String beforeStart() {
        RollbackPlan.Demands demands = plan.demands();
        Duration drill = demands.drillWithin();
        List<String> wanted = new ArrayList<>();
        wanted.add("every way back and gate is looked at");
        if (!demands.checks().isEmpty()) {
            wanted.add("these must pass: " + String.join(", ", demands.checks().keySet()));
        }
        if (drill != null) {
            wanted.add("a drill must have passed within " + Words.spoken(drill));
        }
        if (demands.nothingUnchecked()) {
            wanted.add("nothing may be unchecked");
        }
        return String.join("; ", wanted);
    }
}
