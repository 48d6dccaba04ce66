package io.github.rollback4j.samples.evolution.hotel;

import io.github.rollback4j.samples.evolution.Session;
import java.math.BigDecimal;
import java.sql.SQLException;

/** Asks every guest for the country, and knows every room's floor. */
public class Release6 extends Release5 {

    @Override
    public int number() {
        return 6;
    }

    @Override
    public String change() {
        return "required column; NOT NULL on one that was optional";
    }

    @Override
    int guest(Session session, String name) throws SQLException {
        return session.insert(
                "INSERT INTO guest (name, email, country) VALUES (?, ?, ?)", name, name + "@example.org", "AT");
    }

    @Override
    void room(Session session, String number, BigDecimal price) throws SQLException {
        session.write(
                session.either(
                        "INSERT INTO room (number, kind, price, floor) VALUES (?, '"
                                + twoBeds()
                                + "', ?, 1) ON CONFLICT (number) DO UPDATE SET price = EXCLUDED.price",
                        "INSERT INTO room (number, kind, price, floor) VALUES (?, '"
                                + twoBeds()
                                + "', ?, 1) ON DUPLICATE KEY UPDATE price = VALUES(price)"),
                number,
                price);
    }

    String twoBeds() {
        return "DOUBLE";
    }
}
