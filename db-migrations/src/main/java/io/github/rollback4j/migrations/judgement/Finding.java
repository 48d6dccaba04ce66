package io.github.rollback4j.migrations.judgement;

import java.util.Objects;

/**
 * What is wrong with one statement, or with what the pending migrations leave behind together.
 *
 * @param rule the rule
 * @param effect what follows
 * @param migration the id of the migration
 * @param file the file, as the migration's source knows it
 * @param line the line of the statement, from 1
 * @param statement the statement as written
 * @param subject what it is about
 * @param explanation what breaks and why, one or two sentences
 * @param alternative what to do instead, as SQL where there is some; empty where nothing better is known
 */
public record Finding(
        Rule rule,
        Effect effect,
        String migration,
        String file,
        int line,
        String statement,
        Subject subject,
        String explanation,
        String alternative) {

    /** What follows from a finding, the worst first. */
    public enum Effect {
        /** Some statement of the previous release can fail, or do something else, whatever its parameters. */
        BREAKS,
        /** The same, for some parameters, or after the new release has written. */
        MAY_BREAK,
        /** Stored information is destroyed. */
        LOSES_DATA,
        /** The migration itself fails. */
        FAILS,
        /** It could not be judged: the worst is assumed. */
        UNKNOWN,
        /** Reads or writes wait for a time that grows with the table. */
        LOCKS,
        /** The schema cannot come back as declared. */
        UNDO,
        /** Nothing breaks; it is good to know. */
        ADVICE
    }

    /** Checks. */
    public Finding {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(effect, "effect");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(explanation, "explanation");
        Objects.requireNonNull(alternative, "alternative");
    }

    /** Returns a finding about all pending migrations together, which has no place of its own. */
    public static Finding ofAll(Rule rule, Effect effect, String explanation) {
        return new Finding(rule, effect, "", "", 1, "", Subject.NONE, explanation, "");
    }
}
