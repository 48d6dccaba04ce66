package io.github.rollback4j.samples.evolution.library;

import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;

/** Has barcodes with letters, and short names. */
public class Release6 extends Release5 {

    @Override
    public int number() {
        return 6;
    }

    @Override
    public String change() {
        return "number becomes text; text narrowed";
    }

    @Override
    String longTitle(Session session) {
        return "Robinson Crusoe";
    }

    @Override
    Object barcode(int number) {
        return String.valueOf(number);
    }

    @Override
    String barcode(String stored) {
        return stored;
    }

    @Override
    void loans(Session session) throws SQLException {
        super.loans(session);
        int member = member(session, session.unique("Pam"), session.unique("pam") + "@example.org");
        session.write("INSERT INTO loan (member_id, barcode, lent) VALUES (?, ?, ?)", member, "B-17", LENT);
    }
}
