package io.github.rollback4j.samples.evolution.hotel;

import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;

/** Takes bookings from wherever they come. */
public class Release10 extends Release9 {

    @Override
    public int number() {
        return 10;
    }

    @Override
    public String change() {
        return "text widened; MariaDB: MODIFY forgets the default";
    }

    @Override
    int booking(Session session, int guest, int nights) throws SQLException {
        return session.insert(
                "INSERT INTO booking (guest_id, room_id, arrival, departure, channel) VALUES (?, ?, ?, ?, ?)",
                guest,
                anyRoom(session),
                ARRIVAL,
                ARRIVAL.plusDays(nights),
                "DESK");
    }

    @Override
    void bookings(Session session) throws SQLException {
        super.bookings(session);
        int booking = booking(session, guest(session, session.unique("Ida")), 1);
        session.write("UPDATE booking SET channel = ? WHERE id = ?", "TELEPHONE OPERATOR", booking);
    }
}
