package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.traffic.Tally;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes what people are told: what happened to whom, what is being done, when the next word comes, whom to ask. Names releases and
 * systems, never a person. Under the rollout's lock.
 */
final class Wording {

    /**
     * How many were hit, as far as this process knows.
     *
     * @param failingKeys how many keys failed on the candidate at least; 0 where that is not known
     * @param countedSince when this process began to count, where another had begun before; null where it was the first
     */
    record Scope(
            Tally.Totals totals, long failingKeys, @Nullable Instant countedSince) {}

    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** What could end a line, hide a part of it, or turn its direction; and halves of surrogate pairs. */
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");

    private static final int LONGEST_PART = 500;
    private static final int LONGEST_TEXT = 4000;

    private final RollbackPlan plan;
    private final String rolloutId;
    private final Story story;
    private final List<String> steps;
    private final String component;
    private final String stable;
    private final String candidate;

    Wording(RollbackPlan plan, String rolloutId, Story story) {
        this.plan = plan;
        this.rolloutId = rolloutId;
        this.story = story;
        this.steps = plan.steps().stream().map(RollbackPlan.Step::name).toList();
        this.component = plan.stable().component();
        this.stable = plan.stable().identity();
        this.candidate = plan.candidate().identity();
    }

    /**
     * Writes subject and text of a message.
     *
     * @param next when the next one comes at the latest; null where none is promised
     */
    void write(Delivery delivery, @Nullable Instant next, Scope scope) {
        String subject = component + " " + candidate + ": " + inShort(delivery);
        delivery.subject = delivery.escalation.isEmpty() ? subject : clean("Not acknowledged: " + subject);
        String text = delivery.group.template().isEmpty()
                ? String.join("\n", lines(delivery, next, scope))
                : delivery.group.filled(values(delivery, next, scope));
        delivery.text =
                clipped(delivery.escalation.isEmpty() ? text : clean(delivery.escalation) + ".\n" + text, LONGEST_TEXT);
    }

    private String inShort(Delivery delivery) {
        return switch (delivery.occasion) {
            case NOT_STARTED -> "the rollout has not started";
            case STARTED -> "the rollout has started";
            case RECOMMENDED -> "a rollback is recommended";
            case ROLLBACK -> "rollback to " + stable;
            case SCOPE -> "how many calls were hit";
            case UPDATE -> "how the rollback stands";
            case ASKED -> clean("a person is asked, " + delivery.about);
            case NEEDS_HUMAN -> "the rollback needs people";
            case ROLLED_BACK -> "rolled back to " + stable;
            case PROMOTED -> "serves all calls";
        };
    }

    private String what(Delivery delivery, Scope scope) {
        String release = component + " " + candidate;
        return switch (delivery.occasion) {
            case NOT_STARTED -> "The rollout of " + release + " has not started; all calls are served by " + stable;
            case STARTED -> "The rollout of " + release + " has started";
            case RECOMMENDED ->
                "It is recommended to take " + release + " back to " + stable
                        + "; it still serves its share of the calls";
            case ROLLBACK ->
                "All calls are served by " + component + " " + stable + " again; " + candidate
                        + (story.isOver ? " has been taken back" : " is being taken back");
            case SCOPE -> scope(scope);
            case UPDATE ->
                (story.needsPeople
                                ? "Taking " + release + " back still needs people"
                                : release + " is still being taken back")
                        + "; all calls are served by " + stable;
            case ASKED ->
                story.asked.containsKey(delivery.about)
                        ? "Taking " + release + " back waits for a person; all calls are served by " + stable
                        : "A message about " + release + " waits for approval";
            case NEEDS_HUMAN -> "Taking " + release + " back needs people; all calls are served by " + stable;
            case ROLLED_BACK -> release + " has been taken back; " + stable + " serves all calls";
            case PROMOTED -> release + " serves all calls";
        };
    }

    private String why(Delivery delivery) {
        return switch (delivery.occasion) {
            case STARTED, PROMOTED -> "as planned";
            case NOT_STARTED -> known(story.reasons);
            case NEEDS_HUMAN -> known(story.needs);
            case ASKED -> known(story.asked.getOrDefault(delivery.about, "it must be approved before it is sent"));
            default -> known(story.why);
        };
    }

    private static String known(String why) {
        return why.isBlank() ? "no reason is known" : clean(why);
    }

    private Map<String, String> values(Delivery delivery, @Nullable Instant next, Scope scope) {
        return Map.of(
                "what",
                what(delivery, scope),
                "why",
                why(delivery),
                "component",
                component,
                "stable",
                stable,
                "candidate",
                candidate,
                "rollout",
                rolloutId,
                "next-update",
                nextWord(delivery.group, next),
                "data-loss",
                dataLoss());
    }

    private List<String> lines(Delivery delivery, @Nullable Instant next, Scope scope) {
        List<String> lines = new ArrayList<>();
        lines.add(what(delivery, scope) + ".");
        Occasion occasion = delivery.occasion;
        if (occasion != Occasion.SCOPE) {
            lines.add((occasion == Occasion.UPDATE ? "Rollback decided: " : "When: ")
                    + SECOND.format(
                            occasion == Occasion.UPDATE && story.decidedAt != null
                                    ? story.decidedAt
                                    : delivery.happenedAt));
        }
        if (occasion != Occasion.STARTED && occasion != Occasion.PROMOTED && occasion != Occasion.SCOPE) {
            lines.add("Why: " + why(delivery));
        }
        boolean isRollback = switch (occasion) {
            case ROLLBACK, UPDATE, NEEDS_HUMAN, ROLLED_BACK -> true;
            default -> false;
        };
        if (isRollback) {
            lines.add("Steps after the traffic: " + (steps.isEmpty() ? "none" : clean(story.steps(steps))));
        }
        toDo(delivery, lines);
        if (occasion == Occasion.ROLLED_BACK) {
            lines.add("Data: " + dataLoss());
        }
        lines.add("Next word: " + (next == null ? "" : "by ") + nextWord(delivery.group, next));
        Duration within = delivery.group.acknowledgeWithin();
        if (within != null && delivery.asksAcknowledgement()) {
            String elseGroup = delivery.group.escalateTo();
            lines.add("Acknowledge within " + words(within) + ": acknowledgeMessage(\"" + delivery.id + "\", by)"
                    + (elseGroup.isEmpty() ? "" : "; else " + elseGroup + " is told"));
        }
        String contact = contact(delivery.group);
        if (!contact.isEmpty()) {
            lines.add("Questions: " + contact);
        }
        lines.add("Rollout: " + rolloutId);
        return lines;
    }

    private void toDo(Delivery delivery, List<String> lines) {
        switch (delivery.occasion) {
            case NOT_STARTED -> lines.add("To do: repair what it names; it is tried again by itself");
            case RECOMMENDED -> lines.add("To do: approve(by) takes it back, dismiss(by, reason) lets it go on");
            case ASKED ->
                lines.add(
                        story.asked.containsKey(delivery.about)
                                ? "To do: that, then acknowledge(\"" + delivery.about + "\", by, note)"
                                : "To do: read it in the rollout's status, then approveMessage(\"" + delivery.about
                                        + "\", by)");
            case NEEDS_HUMAN -> {
                List<String> left = story.notDone(steps);
                if (!left.isEmpty()) {
                    lines.add(clean("To do: what is not done, by hand, then acknowledge(step, by, note) for each of "
                            + String.join(", ", left)));
                }
            }
            default -> {
                // Nothing.
            }
        }
    }

    private String nextWord(Communication.Group group, @Nullable Instant next) {
        if (next != null) {
            return minute(next);
        }
        if (story.decidedAt == null) {
            return "when something changes";
        }
        return !story.isOver && group.occasions().contains(Occasion.ROLLED_BACK)
                ? "when everything is back"
                : "none is planned";
    }

    /** Returns whom the others ask: those who are told first; and these the owner of the criteria, where there is one. */
    private String contact(Communication.Group group) {
        Communication.Group first = plan.communication().groups().get(0);
        return clean(first.name().equals(group.name()) ? plan.criteria().owner() : first.role());
    }

    private String scope(Scope scope) {
        Tally.Totals totals = scope.totals;
        long calls = totals.candidateCalls();
        long failures = totals.candidateFailures();
        Instant since = scope.countedSince == null ? story.exposedAt : scope.countedSince;
        if (calls == 0) {
            return scope.countedSince == null
                    ? candidate + " has served no calls that were compared"
                    : "How many calls were hit is not known: the process that counted them has ended";
        }
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s served %,d calls%s, of which %,d failed (%s %%)",
                candidate,
                calls,
                since == null ? "" : " since " + SECOND.format(since),
                failures,
                percent(failures, calls)));
        if (totals.stableCalls() == 0) {
            text.append("; ").append(stable).append(" served none at the same time to compare with");
        } else {
            double expected = (double) calls * totals.stableFailures() / totals.stableCalls();
            text.append(String.format(
                    Locale.ROOT,
                    "; at the rate of %s (%s %%) it would have been %,.0f, so %,.0f more than that",
                    stable,
                    percent(totals.stableFailures(), totals.stableCalls()),
                    expected,
                    Math.max(0, failures - expected)));
        }
        if (scope.failingKeys > 0) {
            text.append(String.format(Locale.ROOT, "; calls of at least %,d different keys failed", scope.failingKeys));
        }
        if (totals.candidateApart() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "; beside these %,d calls that are not compared (forced, not eligible, in the shadow), of which %,d"
                            + " failed",
                    totals.candidateApart(),
                    totals.candidateApartFailures()));
        }
        if (scope.countedSince != null) {
            text.append("; what was before that time is not known");
        }
        return text.toString();
    }

    private static String percent(long part, long whole) {
        return String.format(Locale.ROOT, "%.2f", 100.0 * part / whole);
    }

    /** Says what is known of lost data, which is never more than what somebody looked at. */
    private String dataLoss() {
        List<String> parts = new ArrayList<>();
        if (story.gates.isEmpty()) {
            parts.add("nobody has looked whether data were lost");
        } else {
            List<String> said = new ArrayList<>();
            story.gates.forEach((gate, word) -> said.add(gate + ": " + clean(word)));
            parts.add("what is known of it is what the gates said: " + String.join(", ", said));
        }
        List<String> notShown = plan.touched().stream()
                .filter(touched -> touched.shown().isBlank())
                .map(touched -> touched.kind().name().toLowerCase(Locale.ROOT) + " " + touched.name())
                .toList();
        if (!notShown.isEmpty()) {
            parts.add("it was not shown that " + stable + " can read what " + candidate + " wrote to "
                    + String.join(", ", notShown));
        }
        String tolerated = plan.criteria().toleratedDataLoss();
        parts.add(
                tolerated.isBlank()
                        ? "the plan does not say what loss is tolerated"
                        : "the plan tolerates: " + tolerated);
        return clipped(UNSEEN.matcher(String.join("; ", parts)).replaceAll(" "), LONGEST_TEXT / 2);
    }

    /** Rounds up: nobody is to wait in vain. */
    private static String minute(Instant time) {
        Instant minute = time.truncatedTo(ChronoUnit.MINUTES);
        return MINUTE.format(minute.equals(time) ? time : minute.plus(1, ChronoUnit.MINUTES));
    }

    /** Returns a duration for people, for example {@code 1 h 30 min}. */
    static String words(Duration duration) {
        List<String> parts = new ArrayList<>();
        if (duration.toHours() > 0) {
            parts.add(duration.toHours() + " h");
        }
        if (duration.toMinutesPart() > 0) {
            parts.add(duration.toMinutesPart() + " min");
        }
        if (duration.toSecondsPart() > 0 || parts.isEmpty()) {
            parts.add(duration.toSecondsPart() + " s");
        }
        return String.join(" ", parts);
    }

    /** Makes one line of what may come from outside. */
    static String clean(String text) {
        return clipped(UNSEEN.matcher(text).replaceAll(" ").strip(), LONGEST_PART);
    }

    private static String clipped(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
        return text.substring(0, end) + "…";
    }
}
