package io.github.rollback4j.report;

import io.github.rollback4j.report.Chronicle.Happening;
import io.github.rollback4j.report.PostMortem.Action;
import io.github.rollback4j.report.PostMortem.GateAnswer;
import io.github.rollback4j.report.PostMortem.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what was done for a rollback: its steps, what its gates said, and who was told. */
final class Proceedings {

    private static final String BY_HAND = "by hand";

    /** One way of one step, as far as it has come. */
    private static final class Doing {
        private final String step;
        private final String way;
        private Action.Result result = Action.Result.UNDER_WAY;
        private int tries;
        private int lookedUp;
        private @Nullable Instant begun;
        private @Nullable Instant ended;
        private String reference = "";
        private String by = "";
        private String detail = "";

        private Doing(String step, String way) {
            this.step = step;
            this.way = way;
        }

        private Action action() {
            return new Action(step, way, result, tries, begun, ended, reference, by, detail);
        }
    }

    private final Map<String, Doing> doings = new LinkedHashMap<>();
    private final Map<String, Doing> latestOfStep = new LinkedHashMap<>();
    private final List<GateAnswer> gates = new ArrayList<>();
    private final Map<String, Message> messages = new LinkedHashMap<>();
    private int failedTries;
    private int unseenTries;

    private Proceedings() {}

    static Proceedings of(List<Happening> happenings) {
        Proceedings proceedings = new Proceedings();
        happenings.forEach(proceedings::take);
        return proceedings;
    }

    List<Action> actions() {
        return doings.values().stream().map(Doing::action).toList();
    }

    List<GateAnswer> gates() {
        return List.copyOf(gates);
    }

    List<Message> messages() {
        return List.copyOf(messages.values());
    }

    int failedTries() {
        return failedTries;
    }

    int unseenTries() {
        return unseenTries;
    }

    /** Returns the steps that wait for a person. */
    List<Action> asked() {
        return latestOfStep.values().stream()
                .filter(doing -> doing.result == Action.Result.ASKED)
                .map(Doing::action)
                .toList();
    }

    /** Returns what the gates that are not open said last. */
    List<GateAnswer> closedGates() {
        Map<String, GateAnswer> last = new LinkedHashMap<>();
        gates.forEach(answer -> last.put(answer.gate() + "\n" + answer.step(), answer));
        return last.values().stream()
                .filter(answer -> !answer.says().equals(GateAnswer.OPEN))
                .toList();
    }

    private void take(Happening happening) {
        Timeline.Data data = happening.data();
        switch (happening.type()) {
            case "step-intended" -> {
                Doing doing = doing(data);
                doing.tries++;
                doing.begun = doing.begun == null ? happening.at() : doing.begun;
                doing.result = Action.Result.UNDER_WAY;
            }
            case "step-sent" -> doing(data).reference = data.or("reference", "");
            case "step-looked-up" -> {
                Doing doing = doing(data);
                doing.detail = data.or("detail", "");
                if (doing.lookedUp != doing.tries) {
                    // Once for a try, however often it was looked at.
                    doing.lookedUp = doing.tries;
                    unseenTries++;
                }
            }
            case "step-asked" -> {
                // It has no way: that of the step which is under way asks.
                Doing doing = latest(data.text("step"));
                doing.result = Action.Result.ASKED;
                doing.detail = data.or("detail", "");
            }
            case "step-done" -> {
                Doing doing = data.or("way", data.text("step")).isBlank() ? byHand(data.text("step")) : doing(data);
                doing.result = Action.Result.DONE;
                doing.ended = happening.at();
                doing.by = data.or("by", "");
                doing.detail = data.or("detail", "");
            }
            case "step-failed" -> {
                failedTries++;
                Doing doing = doing(data);
                doing.result = Action.Result.FAILED;
                doing.ended = happening.at();
                doing.detail = data.or("error", "");
            }
            case "gate-opened" ->
                gates.add(new GateAnswer(
                        data.text("gate"),
                        data.text("step"),
                        GateAnswer.OPEN,
                        data.or("detail", ""),
                        data.or("by", ""),
                        happening.at()));
            case "gate-closed" ->
                gates.add(new GateAnswer(
                        data.text("gate"),
                        data.text("step"),
                        data.text("verdict"),
                        data.or("detail", ""),
                        "",
                        happening.at()));
            case "notified" -> told(data, happening.at(), "");
            case "not-notified" -> told(data, happening.at(), data.text("error"));
            case "escalated" -> {
                Message before = messages.get(key(data));
                if (before != null) {
                    messages.put(key(data), before.escalated(data.text("to")));
                }
            }
            case "acknowledged" -> {
                Message before = messages.get(key(data));
                if (before != null) {
                    messages.put(key(data), before.acknowledged(data.or("by", ""), happening.at()));
                }
            }
            default -> {
                // Not of these.
            }
        }
    }

    private Doing doing(Timeline.Data data) {
        String step = data.text("step");
        String way = data.or("way", step);
        Doing doing = doings.computeIfAbsent(step + "\n" + way, key -> new Doing(step, way.isBlank() ? step : way));
        latestOfStep.put(step, doing);
        return doing;
    }

    private Doing latest(String step) {
        Doing latest = latestOfStep.get(step);
        return latest == null ? doing(new Timeline.Data(Map.of("step", step))) : latest;
    }

    /** Returns what a person did: the step that asked for it, or one that the library had failed to do, or not begun. */
    private Doing byHand(String step) {
        Doing latest = latestOfStep.get(step);
        if (latest != null && latest.result == Action.Result.ASKED) {
            return latest;
        }
        Doing doing = doings.computeIfAbsent(step + "\n\n", key -> new Doing(step, BY_HAND));
        latestOfStep.put(step, doing);
        return doing;
    }

    private static String key(Timeline.Data data) {
        return data.text("group") + "\n" + data.text("deliveryId");
    }

    private void told(Timeline.Data data, Instant at, String error) {
        Message message =
                new Message(data.text("group"), data.text("occasion"), data.text("channel"), at, error, "", null, "");
        messages.put(key(data) + (error.isEmpty() ? "" : "\n" + messages.size()), message);
    }
}
