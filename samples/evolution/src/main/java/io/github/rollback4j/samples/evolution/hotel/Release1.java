package io.github.rollback4j.samples.evolution.hotel;

import io.github.rollback4j.samples.evolution.Release;
import io.github.rollback4j.samples.evolution.Session;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;

/** The first release. Each later one is the one before it, but for what it overrides. */
public class Release1 implements Release {

    /** The day on which all guests arrive. */
    static final LocalDate ARRIVAL = LocalDate.of(2026, 7, 1);

    private enum Status {
        REQUESTED,
        CONFIRMED,
        CANCELLED
    }

    private enum Kind {
        SINGLE,
        DOUBLE,
        SUITE
    }

    @Override
    public int number() {
        return 1;
    }

    @Override
    public String change() {
        return "the first tables";
    }

    @Override
    public Map<String, Work> work() {
        Map<String, Work> work = new LinkedHashMap<>();
        work.put("guests", this::guests);
        work.put("rooms", this::rooms);
        work.put("bookings", this::bookings);
        work.put("invoices", this::invoices);
        work.put("newsletter", this::newsletter);
        work.put("report", this::report);
        work.put("forgetting", this::forgetting);
        return work;
    }

    // ---- What it does.

    void guests(Session session) throws SQLException {
        int guest = guest(session, session.unique("Ada"));
        phone(session, guest, "+43 1 5550");
        session.expect(
                "phone",
                session.one(
                        "SELECT name, email, " + phoneColumn() + " FROM guest WHERE id = ?",
                        row -> row.getString(3),
                        guest),
                "+43 1 5550");
    }

    void rooms(Session session) throws SQLException {
        String number = "101";
        for (String price : new String[] {"90.00", "95.50"}) {
            room(session, number, new BigDecimal(price));
        }
        session.expect(
                "price",
                session.one("SELECT price FROM room WHERE number = ?", row -> row.getBigDecimal(1), number),
                new BigDecimal("95.50"));
        session.list("SELECT number, kind FROM room ORDER BY number", row -> kind(row.getString(2)));
    }

    void bookings(Session session) throws SQLException {
        int guest = guest(session, session.unique("Bea"));
        int booking = booking(session, guest, 3);
        session.write(
                session.either(
                        "UPDATE booking SET status = CAST(? AS booking_status) WHERE id = ?",
                        "UPDATE booking SET status = ? WHERE id = ?"),
                "CONFIRMED",
                booking);
        session.expect("nights", nights(session, booking), 3);
        session.expect(
                "status and channel",
                session.one(
                        "SELECT status, channel FROM booking WHERE id = ?",
                        row -> status(row.getString(1)) + " " + row.getString(2),
                        booking),
                "CONFIRMED DESK");
        int other = booking(session, guest, 1);
        session.write("UPDATE booking SET status = 'CANCELLED' WHERE id = ? AND status = 'REQUESTED'", other);
        session.list("SELECT id, status FROM booking ORDER BY id", row -> status(row.getString(2)));
    }

    void invoices(Session session) throws SQLException {
        int booking = booking(session, guest(session, session.unique("Cleo")), 2);
        int invoice = invoice(session, booking, new BigDecimal("190.00"));
        session.expect(
                "amount",
                session.one(
                        "SELECT amount, currency FROM invoice WHERE id = ?",
                        row -> row.getBigDecimal(1) + " " + row.getString(2),
                        invoice),
                "190.00 EUR");
        int withdrawn = booking(session, guest(session, session.unique("Dora")), 2);
        invoice(session, withdrawn, new BigDecimal("10.00"));
        session.write("DELETE FROM booking WHERE id = ?", withdrawn);
        session.expect(
                "invoices of a booking that is gone",
                session.list("SELECT id FROM invoice WHERE booking_id = ?", row -> row.getInt(1), withdrawn)
                        .size(),
                0);
    }

    void newsletter(Session session) throws SQLException {
        int guest = guest(session, session.unique("Eve"));
        session.write("INSERT INTO newsletter (guest_id, topic) VALUES (?, ?)", guest, "spring");
        session.list(
                "SELECT g.email FROM newsletter n JOIN guest g ON g.id = n.guest_id WHERE n.topic = ?",
                row -> row.getString(1),
                "spring");
    }

    void report(Session session) throws SQLException {
        session.list(
                "SELECT r.kind, COUNT(*), SUM(" + nightsExpression(session)
                        + ") FROM booking b JOIN room r ON r.id = b.room_id WHERE b.status <> 'CANCELLED' GROUP BY r.kind",
                row -> kind(row.getString(1)) + " " + row.getInt(2) + " " + row.getInt(3));
        session.list("SELECT number, bookings FROM occupancy", row -> row.getString(1) + " " + row.getInt(2));
    }

    /** Forgets who has never booked, as the law asks. */
    void forgetting(Session session) throws SQLException {
        session.write("DELETE FROM guest WHERE NOT EXISTS (SELECT 1 FROM booking b WHERE b.guest_id = guest.id)");
    }

    // ---- How it does it.

    int guest(Session session, String name) throws SQLException {
        return session.insert("INSERT INTO guest (name, email) VALUES (?, ?)", name, name + "@example.org");
    }

    String phoneColumn() {
        return "phone";
    }

    void phone(Session session, int guest, String phone) throws SQLException {
        session.write("UPDATE guest SET " + phoneColumn() + " = ? WHERE id = ?", phone, guest);
    }

    void room(Session session, String number, BigDecimal price) throws SQLException {
        session.write(
                session.either(
                        "INSERT INTO room (number, kind, price) VALUES (?, 'DOUBLE', ?)"
                                + " ON CONFLICT (number) DO UPDATE SET price = EXCLUDED.price",
                        "INSERT INTO room (number, kind, price) VALUES (?, 'DOUBLE', ?)"
                                + " ON DUPLICATE KEY UPDATE price = VALUES(price)"),
                number,
                price);
    }

    final int anyRoom(Session session) throws SQLException {
        return session.one("SELECT id FROM room WHERE number = ?", row -> row.getInt(1), "101");
    }

    int booking(Session session, int guest, int nights) throws SQLException {
        return session.insert(
                "INSERT INTO booking (guest_id, room_id, arrival, nights) VALUES (?, ?, ?, ?)",
                guest,
                anyRoom(session),
                ARRIVAL,
                nights);
    }

    int nights(Session session, int booking) throws SQLException {
        return session.one("SELECT nights FROM booking WHERE id = ?", row -> row.getInt(1), booking);
    }

    String nightsExpression(Session session) throws SQLException {
        return "b.nights";
    }

    int invoice(Session session, int booking, BigDecimal amount) throws SQLException {
        return session.insert("INSERT INTO invoice (booking_id, amount) VALUES (?, ?)", booking, amount);
    }

    String status(String stored) {
        return Status.valueOf(stored).name();
    }

    String kind(String stored) {
        return Kind.valueOf(stored).name();
    }
}
