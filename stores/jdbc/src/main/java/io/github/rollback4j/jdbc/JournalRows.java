package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes events and reads them. The row of the rollout is what its writers wait for one another at. */
final class JournalRows {

    /** After these a rollout is at its end. */
    private static final Set<String> FINAL = Set.of("rolled-back", "window-closed", "baseline-kept");

    /** These may come after its end and change nothing; whatever else does, known or not, means that it goes on. */
    private static final Set<String> BESIDE = Set.of(
            "closed",
            "continued",
            "controlled",
            "counted",
            "evidence-kept",
            "verified",
            "traffic-refused",
            "traffic-resumed",
            "led",
            "divided",
            "handed-over",
            "requested",
            "answered",
            "reported",
            "notified",
            "not-notified",
            "drafted",
            "approved",
            "escalated",
            "acknowledged");

    private final Tables tables;

    JournalRows(Tables tables) {
        this.tables = tables;
    }

    /** What is known of a rollout before anything is written. */
    private record Known(long lastSequence, long highestToken) {}

    /**
     * Appends an event in the session's transaction.
     *
     * @return the sequence of the event; 0 where the rollout has no row yet, see {@link #begin}
     * @throws Journal.ConflictException if somebody else wrote in between, or holds a newer lease
     */
    long append(
            Database.Session session, String rolloutId, long expectedSequence, long fencingToken, Journal.Event event)
            throws SQLException {
        String now = session.dialect().now();
        String finished = FINAL.contains(event.type()) ? now : BESIDE.contains(event.type()) ? "finished_at" : "NULL";
        int changed = session.update(
                "UPDATE " + tables.rollout()
                        + " SET last_sequence = last_sequence + 1, highest_token = ?, last_type = ?, written_at = "
                        + now + ", finished_at = " + finished
                        + " WHERE name = ? AND last_sequence = ? AND highest_token <= ?",
                fencingToken,
                event.type(),
                rolloutId,
                expectedSequence,
                fencingToken);
        if (changed == 0) {
            refuse(session, rolloutId, expectedSequence, fencingToken);
            return 0;
        }
        session.update(
                "INSERT INTO " + tables.event()
                        + " (rollout, sequence, token, type, version, happened_at, elapsed, written_at, data) VALUES ((SELECT id FROM "
                        + tables.rollout() + " WHERE name = ?), ?, ?, ?, ?, ?, ?, " + now + ", ?)",
                rolloutId,
                expectedSequence + 1,
                fencingToken,
                event.type(),
                event.version(),
                event.at().toString(),
                event.elapsed().toString(),
                EventData.write(event.data()));
        if (expectedSequence == 0) {
            session.update("UPDATE " + tables.store() + " SET amount = amount + 1, changed_at = " + now
                    + " WHERE name = 'last-begun'");
            session.update(
                    "UPDATE " + tables.rollout() + " SET begun = (SELECT amount FROM " + tables.store()
                            + " WHERE name = 'last-begun') WHERE name = ?",
                    rolloutId);
        }
        String beforeCommit = session.dialect().beforeCommit();
        if (!beforeCommit.isEmpty()) {
            session.execute(beforeCommit, tables.channel());
        }
        return expectedSequence + 1;
    }

    /** Says why nothing was appended; returns where there is no row, and none is expected. */
    private void refuse(Database.Session session, String rolloutId, long expectedSequence, long fencingToken)
            throws SQLException {
        Known known = session.find(
                row -> new Known(row.getLong(1), row.getLong(2)),
                "SELECT last_sequence, highest_token FROM " + tables.rollout() + " WHERE name = ? FOR UPDATE",
                rolloutId);
        long last = known == null ? 0 : known.lastSequence;
        if (last != expectedSequence) {
            throw new Journal.ConflictException("rollout " + rolloutId + " has " + last
                    + " events, the writer expected " + expectedSequence + ": somebody else wrote in between");
        }
        if (known != null && known.highestToken > fencingToken) {
            throw new Journal.ConflictException("rollout " + rolloutId + " has seen token " + known.highestToken
                    + ", the writer holds the outdated " + fencingToken);
        }
    }

    /** Adds the row of a rollout, if there is none. */
    void begin(Database.Session session, String rolloutId) throws SQLException {
        Long id = session.find(
                row -> row.getLong(1), "SELECT id FROM " + tables.rollout() + " WHERE name = ?", rolloutId);
        if (id == null) {
            session.update(
                    "INSERT INTO " + tables.rollout()
                            + " (name, last_sequence, highest_token, lease_token, members) VALUES (?, 0, 0, 0, 0)",
                    rolloutId);
        }
    }

    List<Journal.Entry> readAfter(Database.Session session, String rolloutId, long sequence) throws SQLException {
        return List.copyOf(session.query(
                row -> entry(
                        rolloutId,
                        row.getLong(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getInt(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7)),
                "SELECT e.sequence, e.token, e.type, e.version, e.happened_at, e.elapsed, e.data FROM " + tables.event()
                        + " e JOIN " + tables.rollout()
                        + " r ON r.id = e.rollout WHERE r.name = ? AND e.sequence > ? ORDER BY e.sequence",
                rolloutId,
                sequence));
    }

    private static Journal.Entry entry(
            String rolloutId,
            long sequence,
            long token,
            String type,
            int version,
            String happenedAt,
            String elapsed,
            @Nullable String data) {
        try {
            return new Journal.Entry(
                    sequence,
                    token,
                    new Journal.Event(
                            type,
                            version,
                            Instant.parse(happenedAt),
                            Duration.parse(elapsed),
                            EventData.read(String.valueOf(data))));
        } catch (DateTimeException | IllegalArgumentException odd) {
            throw new RollbackException("event " + sequence + " of rollout " + rolloutId
                    + " cannot be read: somebody else has written or changed it");
        }
    }

    List<String> rolloutIds(Database.Session session) throws SQLException {
        return List.copyOf(session.query(
                row -> row.getString(1),
                "SELECT name FROM " + tables.rollout() + " WHERE begun IS NOT NULL ORDER BY begun"));
    }
}
