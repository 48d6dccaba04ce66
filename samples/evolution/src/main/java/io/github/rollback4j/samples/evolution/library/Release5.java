package io.github.rollback4j.samples.evolution.library;

import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;
import java.util.Map;

/** Lets members keep lists of what they want to read. */
public class Release5 extends Release4 {

    @Override
    public int number() {
        return 5;
    }

    @Override
    public String change() {
        return "foreign key into members with CASCADE; nullable column";
    }

    @Override
    public Map<String, Work> work() {
        Map<String, Work> work = super.work();
        work.put("wishes", this::wishes);
        return work;
    }

    void wishes(Session session) throws SQLException {
        int member = member(session, session.unique("Oda"), session.unique("oda") + "@example.org");
        session.write("INSERT INTO wish (member_id, isbn) VALUES (?, ?)", member, "978-1");
        session.write("UPDATE title SET wishes = ? WHERE isbn = ?", 1, "978-0");
    }
}
