package io.github.rollback4j.journal;

import io.github.rollback4j.RollbackException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers everything that happened to rollouts, append-only: the truth after a crash.
 *
 * <p>Implementations are thread-safe, and pass the contract test {@code JournalContract} of the test kit. All methods
 * may block; the library calls them on threads of its own, with a deadline.
 */
public interface Journal {

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
    record Event(String type, int version, Instant at, Duration elapsed, SortedMap<String, String> data) {

        /** Copies the data. */
        public Event {
            if (type.isBlank() || version < 1) {
                throw new IllegalArgumentException("event type '" + type + "', version " + version
                        + " is not allowed: a type that is not blank and a version from 1 are");
            }
            data = Collections.unmodifiableSortedMap(new TreeMap<>(data));
        }

        /** Creates an event of version 1. */
        public static Event of(String type, Instant at, Duration elapsed, Map<String, String> data) {
            return new Event(type, 1, at, elapsed, new TreeMap<>(data));
        }
    }

    /**
     * One event with its place.
     *
     * @param sequence of the event within its rollout, from 1, without gaps
     * @param fencingToken of the writer
     * @param event what happened
     */
    record Entry(long sequence, long fencingToken, Event event) {}

    /** Says that somebody else wrote in between, or holds a newer lease: read again before going on. */
    final class ConflictException extends RollbackException {
        private static final long serialVersionUID = 1;

        /** Creates the exception. */
        public ConflictException(String message) {
            super(message);
        }
    }

    /**
     * Appends an event, if nobody else has in between; durable when it returns, where the journal is.
     *
     * @param rolloutId whose event it is, up to 512 characters
     * @param expectedSequence the sequence of the last event that the writer knows; 0 where there is none
     * @param fencingToken of the writer's lease; refused where a higher one has been seen for the rollout, in its journal or on a
     *     lease of its {@link #fleet}
     * @return the sequence of the new event
     * @throws ConflictException if the last sequence is another, or the token is outdated; nothing is written
     * @throws RollbackException if it could not be written for another reason
     */
    long append(String rolloutId, long expectedSequence, long fencingToken, Event event);

    /** Returns all events of a rollout in order; none where it is unknown. */
    List<Entry> read(String rolloutId);

    /**
     * Returns the events of a rollout after a sequence, in order.
     *
     * @param sequence of the last event that the reader knows; 0 for all
     */
    default List<Entry> readAfter(String rolloutId, long sequence) {
        return read(rolloutId).stream()
                .filter(entry -> entry.sequence() > sequence)
                .toList();
    }

    /** Returns the rollouts with at least one event, in the order of their first. */
    List<String> rolloutIds();

    /** Says whether the events survive the process. */
    boolean isDurable();

    /** Returns what instances share beside the journal; null where each instance is on its own. */
    default @Nullable Fleet fleet() {
        return null;
    }

    /**
     * Registers to be told that somebody may have appended an event, to any rollout: so that nobody waits for the next time that they
     * read. May come late, or not at all. Default: it does not come.
     *
     * @param changed called on a thread of the journal's, or on one that appends; returns at once and does not throw
     * @return closes to unregister it
     */
    default AutoCloseable watch(Runnable changed) {
        return () -> {};
    }

    /** Returns a journal that forgets all when the process ends, with a bound of 10,000 events a rollout. */
    static Journal inMemory() {
        return new InMemoryJournal();
    }
}
