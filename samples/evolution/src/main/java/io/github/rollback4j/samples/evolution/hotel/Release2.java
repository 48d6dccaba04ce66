package io.github.rollback4j.samples.evolution.hotel;

import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;

/** Adds: notes, floors, breakfast, prices by season. */
public class Release2 extends Release1 {

    @Override
    public int number() {
        return 2;
    }

    @Override
    public String change() {
        return "nullable and defaulted columns, table, index, view";
    }

    @Override
    void rooms(Session session) throws SQLException {
        super.rooms(session);
        session.write("UPDATE room SET floor = ? WHERE number = ?", 1, "101");
        session.write("INSERT INTO season (name, surcharge) VALUES (?, 10)", session.unique("summer"));
    }

    @Override
    void bookings(Session session) throws SQLException {
        super.bookings(session);
        int booking = booking(session, guest(session, session.unique("Flo")), 2);
        session.write("UPDATE booking SET note = ?, breakfast = ? WHERE id = ?", "late", 2, booking);
        session.list("SELECT name, booking_id FROM arrivals WHERE arrival = ?", row -> row.getString(1), ARRIVAL);
    }
}
