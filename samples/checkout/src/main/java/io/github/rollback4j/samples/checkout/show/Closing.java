package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.samples.checkout.traffic.Answers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The lines that say what a regression cost, and what it would have cost. */
final class Closing {

    private Closing() {}

    /**
     * Says who was hurt, and how long it took.
     *
     * @param candidate that hurt them
     * @param harm until the candidate was taken back, or until that was recommended
     * @param answeredByStable calls that the candidate failed and stable answered in its place
     * @param exposed when the candidate got its first share
     * @param decided when it was taken back, or that was recommended
     */
    static List<String> harm(
            String candidate, Mode mode, Answers.Harm harm, long answeredByStable, Instant exposed, Instant decided) {
        String decision = switch (mode) {
            case ACT -> "the flip";
            case RECOMMEND -> "the recommendation";
            case OBSERVE -> "the observation";
        };
        List<String> lines = new ArrayList<>();
        lines.add("  1. " + Text.count(harm.customers(), "customer") + " saw an error because of " + candidate + ", in "
                + Text.count(harm.calls(), "call")
                + (answeredByStable == 0
                        ? "."
                        : "; stable answered " + Text.count(answeredByStable, "call") + " that it failed."));
        Instant first = harm.first();
        // The last bad answer may reach its customer just after the decision that it caused.
        String sinceFirst = first == null
                ? ""
                : Text.seconds(first.isAfter(decided) ? Duration.ZERO : Duration.between(first, decided))
                        + " from the first error to " + decision + ", ";
        lines.add("     " + sinceFirst + Text.seconds(Duration.between(exposed, decided))
                + " from the first exposure to " + decision + ".");
        return lines;
    }

    /** Says what each instance did in a rollout that all share, and when the last of them ended it. */
    static List<String> together(String candidate, String stable, Answers answers, Instant decided, Mode mode) {
        List<String> lines = new ArrayList<>();
        Map<String, Long> byCandidate = answers.callsOf(candidate);
        Map<String, Long> byStable = answers.callsOf(stable);
        lines.add("  One share: the same customers get " + candidate + " wherever they land. Quotes by " + candidate
                + ", and by " + stable + ":");
        byStable.forEach((instance, calls) -> lines.add(String.format(
                Locale.ROOT, "    %s  %,6d  %,6d", instance, byCandidate.getOrDefault(instance, 0L), calls)));
        Answers.Last last = answers.lastOf(candidate);
        if (mode == Mode.ACT && last != null) {
            Duration after = Duration.between(decided, last.at());
            lines.add("  One decision, from what all have counted. The last quote by " + candidate
                    + " anywhere came from " + last.instance() + ", "
                    + (after.isNegative()
                            ? Text.seconds(after.negated()) + " before it."
                            : Text.seconds(after) + " after it."));
        }
        return lines;
    }

    /** Says what threshold rules would have cost on the same requests. */
    static List<String> rules(List<ThresholdRule> rules, Replay replay) {
        List<String> lines = new ArrayList<>();
        lines.add("  2. Computed, not measured: what the same requests would have met under a threshold on success.");
        for (ThresholdRule rule : rules) {
            ThresholdRule.Cost cost = rule.costOn(replay.calls());
            lines.add(String.format(
                    "     %-13s below %s in %d checks, one in %s:  %s, %s, %s",
                    rule.name(),
                    Text.percent(rule.leastSuccess()),
                    rule.failedChecks(),
                    minutes(rule.interval()),
                    reaction(cost),
                    Text.count(cost.failedCalls(), "failed call"),
                    Text.count(cost.customers(), "customer")));
        }
        return lines;
    }

    private static String reaction(ThresholdRule.Cost cost) {
        Duration reaction = cost.reaction();
        return reaction == null
                ? "never (" + Text.percent(cost.success()) + " succeed); in " + minutes(ThresholdRule.LONGEST)
                : "after " + minutes(reaction);
    }

    private static String minutes(Duration time) {
        return time.toMinutes() + " min";
    }
}
