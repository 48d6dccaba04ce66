package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a journal says of one step back: what it takes to go on with it. Never an exception, whatever the data are. */
final class StepHistory {

    /** The library's own name in the journal; others are people's. */
    static final String LIBRARY = "rollback4j";

    private static final String ASK = "ask";
    private static final String BLOCKED = "blocked";

    boolean isDone;

    /** Whether a person was asked to do it. */
    boolean isAsked;

    /** The way that was gone last; empty where none was. */
    String way = "";

    /** How often that way was tried, the try included that has no end. */
    int attempt;

    /** Whether a try began of which it is not known how it ended. */
    boolean isOpen;

    /** When that was, by the wall clock; null where no try has begun. */
    @Nullable
    Instant triedAt;

    /** How long that try may take; null where the journal does not say. */
    @Nullable
    Duration deadline;

    /** What the target calls it; empty where that is not known. */
    String reference = "";

    /** How often the process has ended while a try of that way was under way. */
    int cutOff;

    /** Whether a person has said that it may be tried again though nobody knows how the last try ended. */
    boolean isRepeatable;

    /** By way, how often it failed and with what. */
    final Map<String, String> failures = new LinkedHashMap<>();

    /** The gates that are open. */
    final Set<String> opened = new HashSet<>();

    /** Those that a person has opened. */
    final Set<String> openedByPerson = new HashSet<>();

    /** The gate that is not open; empty where there is none. */
    String closedGate = "";

    /** What that gate says. */
    String closedVerdict = "";

    String closedDetail = "";

    /** When it said so first, since the rollout began. */
    Duration closedAt = Duration.ZERO;

    boolean isGateAsked() {
        return closedVerdict.equals(ASK);
    }

    boolean isGateBlocked() {
        return closedVerdict.equals(BLOCKED);
    }

    /** Takes in an event of this step. */
    void take(String step, Journal.Event event) {
        Map<String, String> data = event.data();
        // Versions before there were other ways did not name it.
        String named = data.getOrDefault("way", step);
        String gate = data.getOrDefault("gate", "");
        switch (event.type()) {
            case "step-intended" -> {
                if (!named.equals(way)) {
                    way = named;
                    reference = "";
                    cutOff = 0;
                }
                attempt = number(data.get("attempt"), attempt + 1);
                isOpen = true;
                isAsked = false;
                isRepeatable = false;
                triedAt = event.at();
                deadline = millis(data.get("deadlineMillis"));
            }
            case "step-sent" -> reference = data.getOrDefault("reference", "");
            case "step-looked-up" -> {
                if (isOpen && data.getOrDefault("found", "").equals("not-done")) {
                    isOpen = false;
                    attempt = Math.max(0, attempt - 1);
                }
            }
            case "step-failed" -> {
                isOpen = false;
                way = named;
                attempt = number(data.get("attempt"), attempt);
                failures.put(named, failure(attempt, data.getOrDefault("error", "")));
            }
            case "step-asked" -> {
                isOpen = false;
                isAsked = true;
            }
            case "step-done" -> {
                isOpen = false;
                isDone = true;
            }
            case "gate-opened" -> {
                opened.add(gate);
                if (!data.getOrDefault("by", LIBRARY).equals(LIBRARY)) {
                    openedByPerson.add(gate);
                }
                if (gate.equals(closedGate)) {
                    forgetGate();
                }
            }
            case "gate-closed" -> {
                String verdict = data.getOrDefault("verdict", "");
                if (!gate.equals(closedGate)) {
                    closedAt = event.elapsed();
                    closedGate = gate;
                }
                opened.remove(gate);
                closedVerdict = verdict;
                closedDetail = data.getOrDefault("detail", "");
            }
            default -> {
                // Of no step.
            }
        }
    }

    private void forgetGate() {
        closedGate = "";
        closedVerdict = "";
        closedDetail = "";
    }

    /** Takes in that a person wants the step tried again. */
    void tryAgain() {
        failures.clear();
        attempt = 0;
        cutOff = 0;
        if (isOpen) {
            isRepeatable = true;
        } else {
            way = "";
            reference = "";
            forgetGate();
        }
    }

    /** Takes in that the process was started again. */
    void continued() {
        if (isOpen) {
            cutOff++;
        }
    }

    /** Returns how often a way failed and with what. */
    static String failure(int attempts, String error) {
        return (attempts == 1 ? "once: " : attempts + " times, last: ") + error;
    }

    private static int number(@Nullable String text, int otherwise) {
        try {
            return text == null ? otherwise : Math.max(0, Integer.parseInt(text));
        } catch (NumberFormatException odd) {
            return otherwise;
        }
    }

    private static @Nullable Duration millis(@Nullable String text) {
        try {
            long millis = text == null ? -1 : Long.parseLong(text);
            return millis < 0 || millis > Duration.ofDays(1).toMillis() ? null : Duration.ofMillis(millis);
        } catch (NumberFormatException odd) {
            return null;
        }
    }
}
