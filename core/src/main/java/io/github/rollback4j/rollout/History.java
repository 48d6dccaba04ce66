package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.journal.JournalEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a journal says of one attempt: where it stands, and what it takes to go on. Unknown events are skipped. */
final class History {

    RolloutState state = RolloutState.PLANNED;
    long sequence;
    long fencingToken;
    Duration elapsed = Duration.ZERO;
    double highestShare;
    int incarnations;
    String salt = "";
    String planHash = "";
    String decision = "";
    final Map<String, String> plan = new HashMap<>();
    final Set<String> stepsDone = new HashSet<>();

    static History of(List<Journal.Entry> entries) {
        History history = new History();
        entries.forEach(history::take);
        return history;
    }

    boolean isEmpty() {
        return sequence == 0;
    }

    private void take(Journal.Entry entry) {
        JournalEvent event = entry.event();
        Map<String, String> data = event.data();
        sequence = entry.sequence();
        fencingToken = entry.fencingToken();
        elapsed = event.elapsed();
        switch (event.type()) {
            case "planned" -> {
                salt = data.getOrDefault("salt", "");
                planHash = data.getOrDefault("planHash", "");
                data.forEach((name, value) -> {
                    if (name.startsWith("plan.")) {
                        plan.put(name.substring("plan.".length()), value);
                    }
                });
            }
            case "started" -> move(RolloutState.Trigger.START);
            case "continued" -> incarnations++;
            case "growing" ->
                highestShare = Math.max(highestShare, Double.parseDouble(data.getOrDefault("share", "1")));
            case "exposed" -> {
                int step = Integer.parseInt(data.getOrDefault("step", "0"));
                state = new RolloutState(state.phase(), step, false, false);
            }
            case "paused" ->
                move(
                        Boolean.parseBoolean(data.get("trafficStopped"))
                                ? RolloutState.Trigger.PAUSE_AND_STOP_TRAFFIC
                                : RolloutState.Trigger.PAUSE);
            case "resumed" -> move(RolloutState.Trigger.RESUME);
            case "decided" -> {
                if (Boolean.parseBoolean(data.get("acted"))) {
                    decision = data.getOrDefault("why", "");
                    move(RolloutState.Trigger.ROLL_BACK);
                }
            }
            case "step-done" -> stepsDone.add(data.getOrDefault("step", ""));
            case "rolled-back" -> move(RolloutState.Trigger.FINISH);
            case "needs-human" -> move(RolloutState.Trigger.CALL_HUMAN);
            case "promoted" -> {
                highestShare = 1;
                move(RolloutState.Trigger.PROMOTE);
            }
            case "window-closed" -> move(RolloutState.Trigger.CLOSE_WINDOW);
            default -> {
                // Kept in the journal for those who know it.
            }
        }
    }

    private void move(RolloutState.Trigger trigger) {
        RolloutState next = state.after(trigger);
        if (next != null) {
            state = next;
        }
    }
}
