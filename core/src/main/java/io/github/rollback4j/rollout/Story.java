package io.github.rollback4j.rollout;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a rollout so far, as far as people are told of it: from its events, those of earlier processes too. What
 * cannot be read in one is skipped. Under the rollout's lock.
 */
final class Story {

    private static final String NOBODY = String.valueOf(0.0);

    /** When the first call could get the candidate; null where none could. */
    @Nullable
    Instant exposedAt;

    /** When the rollback was decided; null where it was not. */
    @Nullable
    Instant decidedAt;

    /** Whether the rollback is over. */
    boolean isOver;

    boolean needsPeople;

    /** Why the rollback was decided or is recommended. */
    String why = "";

    /** Why people are needed. */
    String needs = "";

    /** Why the rollout has not started. */
    String reasons = "";

    /** What the gates last said, by name. */
    final Map<String, String> gates = new LinkedHashMap<>();

    /** The steps and gates that wait for a person, by name, with what they are to do. */
    final Map<String, String> asked = new LinkedHashMap<>();

    private final Set<String> done = new LinkedHashSet<>();
    private final Map<String, String> underWay = new LinkedHashMap<>();
    private final Map<String, String> failed = new LinkedHashMap<>();

    void take(String type, Map<String, String> data, Instant at) {
        String step = data.getOrDefault("step", "");
        String gate = data.getOrDefault("gate", "");
        String detail = data.getOrDefault("detail", "");
        switch (type) {
            case "not-started" -> reasons = data.getOrDefault("reasons", "");
            case "exposed" -> {
                if (exposedAt == null && !NOBODY.equals(data.get("share"))) {
                    exposedAt = at;
                }
            }
            case "decided" -> {
                String signal = data.getOrDefault("signal", "");
                why = (signal.equals("person") ? "a person decided it: " : signal + ": ")
                        + data.getOrDefault("why", "");
                if (Boolean.parseBoolean(data.get("acted"))) {
                    decidedAt = at;
                }
            }
            case "step-intended" -> underWay.put(step, data.getOrDefault("attempt", ""));
            case "step-failed" -> {
                underWay.remove(step);
                failed.put(step, data.getOrDefault("error", ""));
            }
            case "step-asked" -> {
                underWay.remove(step);
                asked.put(step, detail);
            }
            case "step-done" -> {
                underWay.remove(step);
                failed.remove(step);
                asked.remove(step);
                done.add(step);
            }
            case "gate-opened" -> {
                asked.remove(gate);
                gates.put(gate, "open" + (detail.isBlank() ? "" : ", " + detail));
            }
            case "gate-closed" -> {
                String verdict = data.getOrDefault("verdict", "");
                gates.put(gate, verdict + (detail.isBlank() ? "" : ", " + detail));
                if (verdict.equals("ask")) {
                    asked.put(gate, detail);
                }
            }
            case "needs-human" -> {
                needsPeople = true;
                needs = data.getOrDefault("why", "");
            }
            case "tried-again" -> needsPeople = false;
            case "rolled-back" -> {
                needsPeople = false;
                isOver = true;
            }
            default -> {
                // Nothing that people are told.
            }
        }
    }

    /** Returns the steps that are not done, in the given order. */
    List<String> notDone(List<String> steps) {
        List<String> left = new ArrayList<>(steps);
        left.removeAll(done);
        return left;
    }

    /** Says how the steps stand, in one line; empty where there is none. */
    String steps(List<String> steps) {
        List<String> parts = new ArrayList<>();
        for (String step : steps) {
            String error = failed.get(step);
            if (done.contains(step)) {
                parts.add(step + " is done");
            } else if (asked.containsKey(step)) {
                parts.add(step + " waits for a person");
            } else if (underWay.containsKey(step)) {
                parts.add(step + " is under way, try " + underWay.get(step));
            } else if (error != null) {
                parts.add(step + " failed: " + error);
            } else {
                parts.add(step + " is to come");
            }
        }
        return String.join("; ", parts);
    }
}
