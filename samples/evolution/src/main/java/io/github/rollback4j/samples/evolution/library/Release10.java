package io.github.rollback4j.samples.evolution.library;

import io.github.rollback4j.samples.evolution.Session;
import java.util.Locale;

/** Leaves it to the database to write e-mails in small letters, and asks for no reasons. */
public class Release10 extends Release9 {

    @Override
    public int number() {
        return 10;
    }

    @Override
    public String change() {
        return "trigger; column dropped that is still used";
    }

    @Override
    String stored(String email) {
        return email.toLowerCase(Locale.ROOT);
    }

    @Override
    void fineReason(Session session, int fine) {
        // None is kept any more.
    }
}
