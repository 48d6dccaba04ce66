package io.github.rollback4j.samples.evolution.library;

import io.github.rollback4j.samples.evolution.Release;
import io.github.rollback4j.samples.evolution.Session;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The first release. Each later one is the one before it, but for what it overrides. */
public class Release1 implements Release {

    /** The day on which everything is lent. */
    static final LocalDate LENT = LocalDate.of(2026, 7, 1);

    private enum State {
        A,
        B;

        private boolean mayBorrow() {
            return this == A;
        }
    }

    @Override
    public int number() {
        return 1;
    }

    @Override
    public String change() {
        return "the first tables";
    }

    @Override
    public Map<String, Work> work() {
        Map<String, Work> work = new LinkedHashMap<>();
        work.put("members", this::members);
        work.put("titles", this::titles);
        work.put("loans", this::loans);
        work.put("fines", this::fines);
        work.put("overdue", this::overdue);
        work.put("leaving", this::leaving);
        return work;
    }

    // ---- What it does.

    void members(Session session) throws SQLException {
        String email = session.unique("Kim.Noor") + "@example.org";
        int parent = member(session, session.unique("Kim Noor"), email);
        if (familiesShare()) {
            member(session, session.unique("Jo Noor"), email);
        }
        session.expect(
                "e-mail",
                session.one("SELECT email FROM " + members() + " WHERE id = ?", row -> row.getString(1), parent),
                stored(email));
        session.write("UPDATE " + members() + " SET state = " + block() + " WHERE id = ?", parent);
        session.expect("whether it may borrow", mayBorrow(session, parent), false);
        for (boolean each :
                session.list("SELECT state FROM " + members() + " ORDER BY id", row -> mayBorrow(row.getString(1)))) {
            session.expect("a state", each, each);
        }
    }

    void titles(Session session) throws SQLException {
        for (int copies : new int[] {1, 2}) {
            stock(session, "978-0", "main hall", copies);
        }
        session.expect(
                "copies",
                session.list(
                        "SELECT copies FROM stock WHERE isbn = ? AND shelf = ?",
                        row -> row.getInt(1),
                        "978-0",
                        "main hall"),
                List.of(2));
        String name = longTitle(session);
        int title = session.insert("INSERT INTO title (isbn, name) VALUES (?, ?)", "978-0", name);
        session.expect(
                "name", session.one("SELECT name FROM title WHERE id = ?", row -> row.getString(1), title), name);
    }

    void loans(Session session) throws SQLException {
        int member = member(session, session.unique("Lou"), session.unique("lou") + "@example.org");
        int loan = loan(session, member);
        session.expect(
                "days and barcode",
                session.one(
                        "SELECT days, barcode FROM loan WHERE id = ?",
                        row -> row.getInt(1) + " " + barcode(row.getString(2)),
                        loan),
                days() + " 4711");
        int found = lentTo(session);
        session.expect("a loan by its barcode", found > 0, true);
        session.write("UPDATE loan SET returned = ? WHERE id = ?", LENT.plusDays(3), loan);
        loan(session, member);
        session.list("SELECT id, barcode FROM loan ORDER BY id", row -> barcode(row.getString(2)));
    }

    void fines(Session session) throws SQLException {
        int member = member(session, session.unique("Max"), session.unique("max") + "@example.org");
        int fine = session.insert("INSERT INTO fine (member_id, cents) VALUES (?, ?)", member, 250);
        fineReason(session, fine);
        session.expect(
                "fines",
                session.one("SELECT SUM(cents) FROM fine WHERE member_id = ?", row -> row.getInt(1), member),
                250);
    }

    void overdue(Session session) throws SQLException {
        session.list(
                "SELECT loan_id, name, since FROM overdue ORDER BY loan_id",
                row -> row.getInt(1) + row.getString(2) + row.getDate(3));
    }

    /** Lets somebody who never borrowed leave. */
    void leaving(Session session) throws SQLException {
        int member = member(session, session.unique("Ned"), session.unique("ned") + "@example.org");
        session.write("DELETE FROM " + members() + " WHERE id = ?", member);
        session.write("DELETE FROM " + members() + " WHERE NOT EXISTS (SELECT 1 FROM loan l WHERE l.member_id = "
                + members() + ".id) AND NOT EXISTS (SELECT 1 FROM fine f WHERE f.member_id = " + members() + ".id)");
    }

    // ---- How it does it.

    String members() {
        return "patron";
    }

    boolean familiesShare() {
        return true;
    }

    int member(Session session, String name, String email) throws SQLException {
        return session.insert("INSERT INTO " + members() + " (name, email) VALUES (?, ?)", name, email);
    }

    String stored(String email) {
        return email;
    }

    String block() {
        return "'B'";
    }

    final boolean mayBorrow(Session session, int member) throws SQLException {
        return session.one(
                "SELECT state FROM " + members() + " WHERE id = ?", row -> mayBorrow(row.getString(1)), member);
    }

    boolean mayBorrow(String state) {
        return State.valueOf(state).mayBorrow();
    }

    void stock(Session session, String isbn, String shelf, int copies) throws SQLException {
        session.write(
                session.either(
                        "INSERT INTO stock (isbn, shelf, copies) VALUES (?, ?, ?)"
                                + " ON CONFLICT (isbn, shelf) DO UPDATE SET copies = EXCLUDED.copies",
                        "INSERT INTO stock (isbn, shelf, copies) VALUES (?, ?, ?)"
                                + " ON DUPLICATE KEY UPDATE copies = VALUES(copies)"),
                isbn,
                shelf,
                copies);
    }

    String longTitle(Session session) {
        return "The Life and Strange Surprizing Adventures of Robinson Crusoe, of York, Mariner";
    }

    int loan(Session session, int member) throws SQLException {
        return session.insert(
                "INSERT INTO loan (member_id, barcode, lent) VALUES (?, ?, ?)", member, barcode(4711), LENT);
    }

    int days() {
        return 14;
    }

    Object barcode(int number) {
        return number;
    }

    String barcode(String stored) {
        return String.valueOf(Integer.parseInt(stored));
    }

    int lentTo(Session session) throws SQLException {
        return session.list(
                        "SELECT member_id FROM loan WHERE barcode = ? ORDER BY id", row -> row.getInt(1), barcode(4711))
                .get(0);
    }

    void fineReason(Session session, int fine) throws SQLException {
        session.write("UPDATE fine SET reason = ? WHERE id = ?", "late", fine);
        session.expect(
                "reason", session.one("SELECT reason FROM fine WHERE id = ?", row -> row.getString(1), fine), "late");
    }
}
