package io.github.rollback4j.samples.evolution.library;

import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;

/** Says until when, not since when. */
public class Release9 extends Release8 {

    @Override
    public int number() {
        return 9;
    }

    @Override
    public String change() {
        return "view replaced: column renamed";
    }

    @Override
    void overdue(Session session) throws SQLException {
        session.list(
                "SELECT loan_id, name, due FROM overdue ORDER BY loan_id",
                row -> row.getInt(1) + row.getString(2) + row.getDate(3));
    }
}
