package io.github.rollback4j.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was looked at before a rollout starts, or in a drill: every way back, every gate, and whatever else a rollback needs.
 * Immutable and thread-safe.
 *
 * @param items in the order in which people should read them
 */
public record Preflight(List<Item> items) {

    /** What looking at something came to. */
    public enum Outcome {
        /** It is as it must be. */
        PASSED("passed"),
        /** It is not. */
        FAILED("failed"),
        /** Nobody can tell: nothing was given to look with. */
        NOT_CHECKED("not checked");

        private final String words;

        Outcome(String words) {
            this.words = words;
        }

        /** Returns the outcome for people, for example {@code not checked}. */
        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * One thing that was looked at.
     *
     * @param name what, for example {@code way back flag-off}; unique
     * @param outcome what it came to
     * @param detail one sentence for people; contains no secret
     */
    public record Item(String name, Outcome outcome, String detail) {}

    /** Copies the items. */
    public Preflight {
        items = List.copyOf(items);
    }

    /** Says whether a rollout may start. */
    public boolean passed() {
        return reasons().isEmpty();
    }

    /** Returns why a rollout may not start, all at once: each item that failed. */
    public List<String> reasons() {
        return items.stream()
                .filter(item -> item.outcome == Outcome.FAILED)
                .map(item -> item.name + ": " + item.detail)
                .toList();
    }

    /** Returns the same with what was not checked taken as failed. */
    public Preflight withNothingUnchecked() {
        return new Preflight(items.stream()
                .map(item -> item.outcome == Outcome.NOT_CHECKED
                        ? new Item(
                                item.name,
                                Outcome.FAILED,
                                "not checked, and the plan wants everything checked: " + item.detail)
                        : item)
                .toList());
    }

    /** Returns what looking at each item came to, by its name. */
    public Map<String, Outcome> outcomes() {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        items.forEach(item -> outcomes.put(item.name, item.outcome));
        return Collections.unmodifiableMap(outcomes);
    }

    /** Returns the items by name, as outcome and detail: what the journal keeps. */
    public Map<String, String> data() {
        Map<String, String> data = new LinkedHashMap<>();
        items.forEach(item -> data.put(item.name, item.outcome + ": " + item.detail));
        return Collections.unmodifiableMap(data);
    }
}
