package io.github.rollback4j.samples.evolution.hotel;

import io.github.rollback4j.samples.evolution.Session;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.Map;

/** Gives cards to faithful guests, and invoices in their currency. */
public class Release7 extends Release6 {

    @Override
    public int number() {
        return 7;
    }

    @Override
    public String change() {
        return "foreign key into guests without CASCADE; default dropped";
    }

    @Override
    public Map<String, Work> work() {
        Map<String, Work> work = super.work();
        work.put("loyalty", this::loyalty);
        return work;
    }

    void loyalty(Session session) throws SQLException {
        int guest = guest(session, session.unique("Gil"));
        session.write("INSERT INTO loyalty_card (guest_id, points) VALUES (?, 100)", guest);
    }

    @Override
    void forgetting(Session session) throws SQLException {
        session.write("DELETE FROM loyalty_card WHERE NOT EXISTS"
                + " (SELECT 1 FROM booking b WHERE b.guest_id = loyalty_card.guest_id)");
        super.forgetting(session);
    }

    @Override
    int invoice(Session session, int booking, BigDecimal amount) throws SQLException {
        return session.insert(
                "INSERT INTO invoice (booking_id, amount, currency) VALUES (?, ?, ?)", booking, amount, "EUR");
    }
}
