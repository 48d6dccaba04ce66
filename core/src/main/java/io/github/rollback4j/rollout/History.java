package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a journal says of one attempt: where it stands, and what it takes to go on. Unknown events are skipped, and so is
 * what cannot be read in known ones: never an exception.
 */
final class History {

    /** What each instance obeys by itself, whoever leads. */
    static final String ALL_TO_STABLE = "all-to-stable";

    static final String READMIT = "readmit";

    private static final Duration LONGEST = Duration.ofDays(36_500);

    RolloutState state = RolloutState.PLANNED;
    long sequence;
    long fencingToken;
    Duration elapsed = Duration.ZERO;
    double highestShare;
    int incarnations;
    String salt = "";
    String splitVersion = "";
    String planHash = "";
    String decision = "";

    /** Why a rollback was recommended or observed, and not dismissed since. */
    String held = "";

    /** How long the rollout ran, pauses not counted. */
    Duration ran = Duration.ZERO;

    /** Whether the longest time was over, and what then was done. */
    boolean isOverdue;

    /** Whether the step was switched on since it was exposed, where a person has to. */
    boolean isSwitchedOn;

    /** Whether somebody from outside has sent all calls to stable. */
    boolean isAllToStable;

    /** The instances of a deployment that may refuse traffic, in the order in which they were allowed to. */
    final Set<String> refusing = new LinkedHashSet<>();

    /** What was asked for and not answered, by its sequence. */
    final SortedMap<Long, Journal.Event> requests = new TreeMap<>();

    /** Who counts which keys, in the order of their slots; as it is from the next step on. */
    List<String> owners = List.of();
    /** Why people are needed; empty while they are not. */
    String needsHuman = "";

    /** Whether a person has done something since people are needed. */
    boolean hasActed;

    /** Stable's calls until the rollback; negative where nobody has noted them. */
    long baselineCalls = -1;

    long baselineFailures;

    /** What came of looking whether stable is healthy again; empty before. */
    String verified = "";

    /** Which share the candidate had from when on, each differing from the one before; empty before it had any. */
    final List<Exposure> exposures = new ArrayList<>();

    /** All of them, for what else follows from them. */
    final List<Journal.Entry> entries = new ArrayList<>();

    /** When the process was started though it had not been stopped in order before, while the candidate served. */
    final List<Instant> uncleanStarts = new ArrayList<>();

    /** Whether the process has started, and not said that it stops. */
    private boolean isUnderWay;

    private String lastIncarnation = "";

    final Map<String, String> plan = new HashMap<>();

    private final Map<String, StepHistory> steps = new HashMap<>();

    /** From a time on, whether the candidate served, and which share. */
    record Exposure(Instant at, double share, boolean open) {}

    static History of(List<Journal.Entry> entries) {
        History history = new History();
        entries.forEach(history::take);
        return history;
    }

    boolean isEmpty() {
        return sequence == 0;
    }

    /** Returns what is known of a step back. */
    StepHistory stepBack(String name) {
        StepHistory known = steps.get(name);
        return known == null ? new StepHistory() : known;
    }

    void take(Journal.Entry entry) {
        entries.add(entry);
        Journal.Event event = entry.event();
        Map<String, String> data = event.data();
        sequence = entry.sequence();
        fencingToken = entry.fencingToken();
        if (event.elapsed().compareTo(elapsed) > 0 && event.elapsed().compareTo(LONGEST) <= 0) {
            if (state.phase() == RolloutState.Phase.RUNNING) {
                ran = ran.plus(event.elapsed().minus(elapsed));
            }
            elapsed = event.elapsed();
        }
        boolean isNewer = event.version() > ReadEvents.VERSION;
        if (isNewer && !event.type().equals("decided")) {
            return;
        }
        switch (event.type()) {
            case "planned" -> {
                salt = data.getOrDefault("salt", "");
                splitVersion = data.getOrDefault("splitVersion", "");
                planHash = data.getOrDefault("planHash", "");
                data.forEach((name, value) -> {
                    if (name.startsWith("plan.")) {
                        plan.put(name.substring("plan.".length()), value);
                    }
                });
            }
            case "started" -> {
                move(RolloutState.Trigger.START);
                isUnderWay = true;
            }
            case "closed" -> isUnderWay = false;
            case "continued" -> {
                incarnations++;
                String incarnation = data.getOrDefault("incarnation", "");
                // One that is written twice, since the answer was lost, is one.
                if (isEndedUncleanly() && (incarnation.isEmpty() || !incarnation.equals(lastIncarnation))) {
                    uncleanStarts.add(event.at());
                }
                lastIncarnation = incarnation;
                isUnderWay = true;
                steps.values().forEach(StepHistory::continued);
            }
            case "growing" -> highestShare = Math.max(highestShare, share(data.get("share")));
            case "exposed" -> {
                state = new RolloutState(state.phase(), step(data.get("step")), false, false);
                isSwitchedOn = false;
            }
            case "paused" ->
                move(
                        Boolean.parseBoolean(data.get("trafficStopped"))
                                ? RolloutState.Trigger.PAUSE_AND_STOP_TRAFFIC
                                : RolloutState.Trigger.PAUSE);
            case "resumed" -> {
                move(
                        state.phase() == RolloutState.Phase.NEEDS_HUMAN
                                ? RolloutState.Trigger.GO_ON
                                : RolloutState.Trigger.RESUME);
                isSwitchedOn = true;
            }
            case "decided" -> {
                decision = data.getOrDefault("why", "");
                // One of a newer version is not skipped: whoever did not know of it would expose the candidate.
                if (Boolean.parseBoolean(data.getOrDefault("acted", String.valueOf(isNewer)))) {
                    held = "";
                    move(RolloutState.Trigger.ROLL_BACK);
                } else {
                    held = decision;
                }
            }
            case "requested" -> {
                requests.put(entry.sequence(), event);
                String what = data.getOrDefault("what", "");
                isAllToStable = what.equals(ALL_TO_STABLE) || (isAllToStable && !what.equals(READMIT));
            }
            case "answered" -> requests.remove(number(data.get("request")));
            case "divided" -> owners = words(data.get("owners"));
            case "traffic-refused" -> refusing.add(data.getOrDefault("instance", ""));
            case "traffic-resumed" -> refusing.remove(data.getOrDefault("instance", ""));
            case "overdue" -> isOverdue = true;
            case "dismissed" -> {
                decision = "";
                held = "";
            }
            case "step-intended", "step-sent", "step-looked-up", "step-asked", "step-failed", "gate-closed" ->
                takeOfStep(event);
            case "step-done", "gate-opened" -> {
                takeOfStep(event);
                hasActed |= isByPerson(data);
            }
            case "tried-again" -> {
                move(RolloutState.Trigger.GO_ON);
                verified = "";
                String what = data.get("what");
                List<String> again = what == null ? List.copyOf(steps.keySet()) : List.of(what.split(", "));
                steps.forEach((name, step) -> {
                    if (!step.isDone && again.contains(name)) {
                        step.tryAgain();
                    }
                });
            }
            case "baseline-noted" -> {
                baselineCalls = count(data.get("calls"));
                baselineFailures = Math.max(0, count(data.get("failures")));
            }
            case "verified" -> {
                verified = data.getOrDefault("result", "");
                hasActed |= verified.equals("accepted");
            }
            case "rolled-back" -> move(RolloutState.Trigger.FINISH);
            case "needs-human" -> {
                move(RolloutState.Trigger.CALL_HUMAN);
                needsHuman = data.getOrDefault("why", "");
                hasActed = false;
            }
            case "promoted" -> {
                highestShare = 1;
                held = "";
                move(RolloutState.Trigger.PROMOTE);
            }
            case "window-closed" -> move(RolloutState.Trigger.CLOSE_WINDOW);
            default -> {
                // Kept in the journal for those who know it.
            }
        }
        noteExposure(event);
    }

    private void noteExposure(Journal.Event event) {
        Exposure last = exposures.isEmpty() ? null : exposures.get(exposures.size() - 1);
        double share = switch (event.type()) {
            case "exposed" -> share(event.data().get("share"));
            case "promoted" -> 1;
            default -> last == null ? 0 : last.share;
        };
        boolean open = serves() && share > 0 && !isAllToStable;
        if (last == null ? open : last.share != share || last.open != open) {
            exposures.add(new Exposure(event.at(), share, open));
        }
    }

    private boolean serves() {
        return switch (state.phase()) {
            case RUNNING, PROMOTED -> true;
            case PAUSED -> !state.trafficStopped();
            default -> false;
        };
    }

    /** Says whether the process ended without a word, while the candidate served. */
    boolean isEndedUncleanly() {
        // After its window a promotion is not taken back, whatever the process does.
        boolean isWatched = state.phase() != RolloutState.Phase.PROMOTED || state.windowOpen();
        return isUnderWay && serves() && isWatched;
    }

    private void takeOfStep(Journal.Event event) {
        String name = event.data().getOrDefault("step", "");
        steps.computeIfAbsent(name, unknown -> new StepHistory()).take(name, event);
    }

    private static boolean isByPerson(Map<String, String> data) {
        return !data.getOrDefault("by", StepHistory.LIBRARY).equals(StepHistory.LIBRARY);
    }

    private static long count(@Nullable String text) {
        try {
            return text == null ? -1 : Long.parseLong(text);
        } catch (NumberFormatException odd) {
            return -1;
        }
    }

    /** Returns the share; where it cannot be read the largest, so that no key counts that may have been exposed. */
    private static double share(@Nullable String text) {
        try {
            double share = text == null ? 1 : Double.parseDouble(text);
            return share >= 0 && share <= 1 ? share : 1;
        } catch (NumberFormatException odd) {
            return 1;
        }
    }

    private static long number(@Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException odd) {
            return 0;
        }
    }

    static List<String> words(@Nullable String text) {
        return text == null || text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private int step(@Nullable String text) {
        try {
            return text == null ? state.step() : Math.max(0, Integer.parseInt(text));
        } catch (NumberFormatException odd) {
            return state.step();
        }
    }

    private void move(RolloutState.Trigger trigger) {
        RolloutState next = state.after(trigger);
        if (next != null) {
            state = next;
        }
    }
}
