package io.github.rollback4j.samples.evolution.library;

/** Calls patrons members. */
public class Release2 extends Release1 {

    @Override
    public int number() {
        return 2;
    }

    @Override
    public String change() {
        return "table renamed, a view bears the old name";
    }

    @Override
    String members() {
        return "member";
    }
}
