package io.github.rollback4j.migrations.source;

import java.time.LocalDate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lets one rule's findings pass, because the author knows better. Written as a comment in the migration, before the statement or
 * at the head of the file: {@code -- rollback4j:allow DROP_COLUMN until 2027-03-01: nothing reads it since 1.4}.
 *
 * @param rule the rule's id
 * @param line the line of the statement that it is for, from 1; 0 for the whole file
 * @param reason why, never blank
 * @param until the last day on which it holds, by UTC; null where it has no end
 */
public record Suppression(
        String rule, int line, String reason, @Nullable LocalDate until) {

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if the reason is blank
     */
    public Suppression {
        Objects.requireNonNull(rule, "rule");
        if (reason.isBlank()) {
            throw new IllegalArgumentException("a suppression of " + rule + " without a reason is not allowed");
        }
    }
}
