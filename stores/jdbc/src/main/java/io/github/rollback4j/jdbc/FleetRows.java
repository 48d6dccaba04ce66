package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Fleet;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads what instances share. Who holds a lease, and with which token, stands in the rollout's row, so that an
 * append sees it without looking elsewhere. Locks are taken in the order rollout, member, page, store.
 */
final class FleetRows {

    /** More than any lease or pause, and few enough microseconds for every database. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Tables tables;

    FleetRows(Tables tables) {
        this.tables = tables;
    }

    /** A rollout's lease as it stands. */
    private record Standing(@Nullable String holder, boolean isHeld, long token, long highestToken) {}

    private static long micros(Duration duration) {
        return (duration.compareTo(LONGEST) < 0 ? duration : LONGEST).toNanos() / 1_000;
    }

    private static Duration ago(long micros) {
        return Duration.ofNanos(Math.max(0, micros) * 1_000);
    }

    // ---- Members.

    /** Adds a member, or returns the one that is there; null where the rollout has no row. */
    Fleet.@Nullable Member join(Database.Session session, String rolloutId, String instance, String host)
            throws SQLException {
        Integer members = session.find(
                row -> row.getInt(1),
                "SELECT members FROM " + tables.rollout() + " WHERE name = ? FOR UPDATE",
                rolloutId);
        if (members == null) {
            return null;
        }
        Fleet.Member known = member(session, rolloutId, instance);
        if (known != null) {
            return known;
        }
        String now = session.dialect().now();
        session.update("UPDATE " + tables.rollout() + " SET members = members + 1 WHERE name = ?", rolloutId);
        session.update(
                "INSERT INTO " + tables.member()
                        + " (rollout, member, instance, host, joined_at, heard_at) VALUES ((SELECT id FROM "
                        + tables.rollout() + " WHERE name = ?), ?, ?, ?, " + now + ", " + now + ")",
                rolloutId,
                members + 1,
                instance,
                host);
        return new Fleet.Member(instance, host, members + 1, Duration.ZERO, Duration.ZERO, false);
    }

    Fleet.@Nullable Member member(Database.Session session, String rolloutId, String instance) throws SQLException {
        return session.find(
                FleetRows::member, selectMembers(session.dialect()) + " AND m.instance = ?", rolloutId, instance);
    }

    List<Fleet.Member> members(Database.Session session, String rolloutId) throws SQLException {
        return List.copyOf(
                session.query(FleetRows::member, selectMembers(session.dialect()) + " ORDER BY m.member", rolloutId));
    }

    private String selectMembers(Dialect dialect) {
        return "SELECT m.instance, m.host, m.member, " + dialect.since("m.heard_at") + ", "
                + dialect.since("m.joined_at") + ", CASE WHEN m.left_at IS NULL THEN 0 ELSE 1 END FROM "
                + tables.member()
                + " m JOIN " + tables.rollout() + " r ON r.id = m.rollout WHERE r.name = ?";
    }

    private static Fleet.Member member(ResultSet row) throws SQLException {
        return new Fleet.Member(
                row.getString(1),
                row.getString(2),
                row.getInt(3),
                ago(row.getLong(4)),
                ago(row.getLong(5)),
                row.getInt(6) == 1);
    }

    void leave(Database.Session session, String rolloutId, String instance) throws SQLException {
        session.update(
                "UPDATE " + tables.rollout()
                        + " SET lease_holder = NULL, lease_until = NULL WHERE name = ? AND lease_holder = ?",
                rolloutId,
                instance);
        session.update(
                "UPDATE " + tables.member() + " SET left_at = "
                        + session.dialect().now()
                        + " WHERE instance = ? AND left_at IS NULL AND rollout = (SELECT id FROM " + tables.rollout()
                        + " WHERE name = ?)",
                instance,
                rolloutId);
    }

    // ---- Leases.

    /** Says whether another holds the lease, without waiting for it. */
    boolean isHeldByAnother(Database.Session session, String rolloutId, String instance) throws SQLException {
        Standing standing = standing(session, rolloutId, "");
        return standing != null && standing.isHeld && !instance.equals(standing.holder);
    }

    /** Gives or renews the lease; null where another holds it, or the rollout has no row. */
    Fleet.@Nullable Lease tryLease(Database.Session session, String rolloutId, String instance, Duration length)
            throws SQLException {
        Standing standing = standing(session, rolloutId, " FOR UPDATE");
        if (standing == null || (standing.isHeld && !instance.equals(standing.holder))) {
            return null;
        }
        long token = standing.isHeld && standing.token >= standing.highestToken
                ? standing.token
                : nextToken(session, standing.highestToken);
        session.update(
                "UPDATE " + tables.rollout()
                        + " SET lease_holder = ?, lease_token = ?, highest_token = ?, lease_until = "
                        + session.dialect().later() + " WHERE name = ?",
                instance,
                token,
                token,
                micros(length),
                rolloutId);
        return new Fleet.Lease(rolloutId, instance, token);
    }

    private @Nullable Standing standing(Database.Session session, String rolloutId, String lock) throws SQLException {
        return session.find(
                row -> new Standing(row.getString(1), row.getInt(2) == 1, row.getLong(3), row.getLong(4)),
                "SELECT lease_holder, CASE WHEN lease_holder IS NOT NULL AND lease_until > "
                        + session.dialect().now() + " THEN 1 ELSE 0 END, lease_token, highest_token FROM "
                        + tables.rollout() + " WHERE name = ?" + lock,
                rolloutId);
    }

    /** Returns a token that no rollout has seen, also none whose rows are deleted since. */
    private long nextToken(Database.Session session, long highest) throws SQLException {
        session.update(
                "UPDATE " + tables.store()
                        + " SET amount = CASE WHEN amount < ? THEN ? ELSE amount END + 1, changed_at = "
                        + session.dialect().now() + " WHERE name = 'last-token'",
                highest,
                highest);
        Long token = session.find(
                row -> row.getLong(1), "SELECT amount FROM " + tables.store() + " WHERE name = 'last-token'");
        if (token == null) {
            throw new RollbackException("the row 'last-token' of table " + tables.store() + " is gone");
        }
        return token;
    }

    void release(Database.Session session, Fleet.Lease lease) throws SQLException {
        session.update(
                "UPDATE " + tables.rollout()
                        + " SET lease_holder = NULL, lease_until = NULL WHERE name = ? AND lease_holder = ? AND lease_token = ?",
                lease.rolloutId(),
                lease.holder(),
                lease.token());
    }

    // ---- Pages.

    void publish(Database.Session session, String rolloutId, String instance, Map<String, Fleet.Content> pages)
            throws SQLException {
        // Locked, so that two threads of an instance do not mix what they publish.
        long[] member = session.find(
                row -> new long[] {row.getLong(1), row.getLong(2)},
                "SELECT rollout, member FROM " + tables.member() + " WHERE instance = ? AND rollout = (SELECT id FROM "
                        + tables.rollout() + " WHERE name = ?) FOR UPDATE",
                instance,
                rolloutId);
        if (member == null) {
            throw new RollbackException(
                    "instance " + instance + " publishes to rollout " + rolloutId + ", but has not joined it");
        }
        session.update(
                "UPDATE " + tables.member() + " SET heard_at = "
                        + session.dialect().now() + " WHERE rollout = ? AND member = ?",
                member[0],
                (int) member[1]);
        List<Object[]> rows = new ArrayList<>();
        new TreeMap<>(pages)
                .forEach((name, content) -> rows.add(new Object[] {member[0], (int) member[1], name, content.bytes()}));
        session.updateEach(session.dialect().replacePage(tables), rows);
    }

    List<Fleet.Page> pages(Database.Session session, String rolloutId, @Nullable Duration changedWithin)
            throws SQLException {
        return List.copyOf(session.query(
                row -> new Fleet.Page(row.getString(1), row.getString(2), Fleet.Content.of(row.getBytes(3))),
                "SELECT m.instance, p.name, p.content FROM " + tables.page() + " p JOIN " + tables.member()
                        + " m ON m.rollout = p.rollout AND m.member = p.member JOIN " + tables.rollout()
                        + " r ON r.id = p.rollout WHERE r.name = ? AND "
                        + session.dialect().since("p.changed_at") + " < ? ORDER BY m.member, p.name",
                rolloutId,
                changedWithin == null ? Long.MAX_VALUE : micros(changedWithin)));
    }
}
