package io.github.rollback4j.samples.evolution.library;

import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;

/** Counts stock by deliveries, of which a shelf has several. */
public class Release8 extends Release7 {

    @Override
    public int number() {
        return 8;
    }

    @Override
    public String change() {
        return "unique key of an upsert dropped";
    }

    @Override
    void titles(Session session) throws SQLException {
        for (int delivery = 0; delivery < 2; delivery++) {
            session.write("INSERT INTO stock (isbn, shelf, copies) VALUES (?, ?, ?)", "978-2", "cellar", 1);
        }
        session.expect(
                "copies of all deliveries",
                session.one("SELECT SUM(copies) FROM stock WHERE isbn = ?", row -> row.getInt(1) % 2, "978-2"),
                0);
    }
}
