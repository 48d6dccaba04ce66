package io.github.rollback4j.samples.evolution.hotel;

import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;

/** Writes the day of departure and the nights, and reads the former. */
public class Release3 extends Release2 {

    @Override
    public int number() {
        return 3;
    }

    @Override
    public String change() {
        return "expand: departure beside nights, backfilled";
    }

    @Override
    int booking(Session session, int guest, int nights) throws SQLException {
        return session.insert(
                "INSERT INTO booking (guest_id, room_id, arrival, nights, departure) VALUES (?, ?, ?, ?, ?)",
                guest,
                anyRoom(session),
                ARRIVAL,
                nights,
                ARRIVAL.plusDays(nights));
    }

    @Override
    int nights(Session session, int booking) throws SQLException {
        return session.one(
                "SELECT " + nightsExpression(session) + " FROM booking b WHERE b.id = ?",
                row -> row.getInt(1),
                booking);
    }

    @Override
    String nightsExpression(Session session) throws SQLException {
        return session.either("b.departure - b.arrival", "DATEDIFF(b.departure, b.arrival)");
    }
}
