package io.github.rollback4j.journal;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One thing that happened to a rollout. A reader keeps and skips types, versions and data that it does not know: after a
 * rollback the previous release, perhaps with an older version of this library, reads the journal.
 *
 * @param type what happened, for example {@code exposed}
 * @param version of the type's data, from 1
 * @param at when, by the wall clock
 * @param elapsed since the rollout's start, by a monotonic clock, downtime not counted
 * @param data what belongs to it, by name; no secret, no raw key of a call
 */
public record JournalEvent(String type, int version, Instant at, Duration elapsed, SortedMap<String, String> data) {

    /** Copies the data. */
    public JournalEvent {
        if (type.isBlank() || version < 1) {
            throw new IllegalArgumentException("event type '" + type + "', version " + version
                    + " is not allowed: a type that is not blank and a version from 1 are");
        }
        data = Collections.unmodifiableSortedMap(new TreeMap<>(data));
    }

    /** Creates an event of version 1. */
    public static JournalEvent of(String type, Instant at, Duration elapsed, Map<String, String> data) {
        return new JournalEvent(type, 1, at, elapsed, new TreeMap<>(data));
    }
}
