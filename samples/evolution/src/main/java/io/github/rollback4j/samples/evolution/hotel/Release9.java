package io.github.rollback4j.samples.evolution.hotel;

import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;

/** Knows guests that are there, and doubles as twins. */
public class Release9 extends Release8 {

    @Override
    public int number() {
        return 9;
    }

    @Override
    public String change() {
        return "enum: value added, value renamed";
    }

    private enum Status {
        REQUESTED,
        CONFIRMED,
        CANCELLED,
        CHECKED_IN
    }

    private enum Kind {
        SINGLE,
        TWIN,
        SUITE
    }

    @Override
    void bookings(Session session) throws SQLException {
        super.bookings(session);
        int booking = booking(session, guest(session, session.unique("Hal")), 1);
        session.write("UPDATE booking SET status = 'CHECKED_IN' WHERE id = ?", booking);
    }

    @Override
    String twoBeds() {
        return "TWIN";
    }

    @Override
    String status(String stored) {
        return Status.valueOf(stored).name();
    }

    @Override
    String kind(String stored) {
        return Kind.valueOf(stored).name();
    }
}
