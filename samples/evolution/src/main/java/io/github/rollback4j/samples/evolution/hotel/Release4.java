package io.github.rollback4j.samples.evolution.hotel;

import io.github.rollback4j.samples.evolution.Release.Work;
import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;
import java.util.Map;

/** Writes no nights any more, and has no newsletter. */
public class Release4 extends Release3 {

    @Override
    public int number() {
        return 4;
    }

    @Override
    public String change() {
        return "nights may be NULL: they are written no more";
    }

    @Override
    public Map<String, Work> work() {
        Map<String, Work> work = super.work();
        work.remove("newsletter");
        return work;
    }

    @Override
    int booking(Session session, int guest, int nights) throws SQLException {
        return session.insert(
                "INSERT INTO booking (guest_id, room_id, arrival, departure) VALUES (?, ?, ?, ?)",
                guest,
                anyRoom(session),
                ARRIVAL,
                ARRIVAL.plusDays(nights));
    }
}
