package io.github.rollback4j.migrations.source;

/**
 * What the source of the migrations saw beside their statements, for example that an applied one was edited.
 *
 * @param rule the rule's id, for example {@code HISTORY_EDITED}
 * @param file the migration's file; empty where it concerns the whole set
 * @param detail what was seen, for people, never blank
 */
public record Observation(String rule, String file, String detail) {

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if the rule or the detail is blank
     */
    public Observation {
        if (rule.isBlank() || detail.isBlank()) {
            throw new IllegalArgumentException("an observation of " + file + " without rule or detail is not allowed");
        }
    }
}
