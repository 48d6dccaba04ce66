package io.github.rollback4j.report;

import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.Preflight.Item;
import io.github.rollback4j.plan.Preflight.Outcome;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.report.Document.Column;
import io.github.rollback4j.report.Document.Figure;
import io.github.rollback4j.report.Document.Items.Mark;
import io.github.rollback4j.report.Document.Table;
import io.github.rollback4j.report.Document.Text;
import java.util.List;

/** Writes what was looked at before the start. */
final class PreflightPage {

    private PreflightPage() {}

    static Document of(RollbackPlan plan, Preflight preflight) {
        Document.Builder page = new Document.Builder();
        List<Item> failed = with(preflight, Outcome.FAILED);
        List<Item> unchecked = with(preflight, Outcome.NOT_CHECKED);
        page.say(
                preflight.passed()
                        ? "Everything that was looked at is as it must be: the rollout may start."
                        : "The rollout may not start: " + Words.count(failed.size(), "thing is", "things are")
                                + " not as it must be. All calls stay on version " + RunbookPage.stable(plan) + ".");
        page.add(new Document.Figures(List.of(
                new Figure(Words.capital(Outcome.PASSED.toString()), count(with(preflight, Outcome.PASSED)), ""),
                new Figure(Words.capital(Outcome.FAILED.toString()), count(failed), ""),
                new Figure(Words.capital(Outcome.NOT_CHECKED.toString()), count(unchecked), ""))));
        if (!failed.isEmpty()) {
            page.heading("To be mended");
            page.items(Mark.BOX, texts(failed));
        }
        if (!unchecked.isEmpty()) {
            page.heading("Nobody can tell");
            page.say(
                    "Nothing was given to look with: the rollout may start all the same, unless the plan wants everything"
                            + " checked.");
            page.items(Mark.DOT, texts(unchecked));
        }
        page.heading("All that was looked at");
        page.add(new Table(
                "What was looked at, in its order",
                List.of(Column.of("What"), Column.of("Outcome"), Column.of("Detail")),
                preflight.items().stream().map(PreflightPage::row).toList()));
        page.say("Plan " + RunbookPage.shownHash(plan) + ".");
        return page.build("Preflight", RunbookPage.title(plan), preflight.passed() ? "passed" : "not passed");
    }

    private static List<Item> with(Preflight preflight, Outcome outcome) {
        return preflight.items().stream()
                .filter(item -> item.outcome() == outcome)
                .toList();
    }

    private static String count(List<Item> items) {
        return Words.count(items.size());
    }

    private static List<Text> texts(List<Item> items) {
        return items.stream()
                .map(item -> Text.NONE.thenStrong(item.name()).then(": " + item.detail()))
                .toList();
    }

    private static List<Text> row(Item item) {
        Text outcome = item.outcome() == Outcome.FAILED
                ? Text.NONE.thenStrong(item.outcome().toString())
                : Text.of(item.outcome().toString());
        return List.of(Text.of(item.name()), outcome, Text.of(item.detail()));
    }
}
