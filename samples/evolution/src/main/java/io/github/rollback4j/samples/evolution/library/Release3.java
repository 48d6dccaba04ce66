package io.github.rollback4j.samples.evolution.library;

/** Lends for three weeks. */
public class Release3 extends Release2 {

    @Override
    public int number() {
        return 3;
    }

    @Override
    public String change() {
        return "default value changed";
    }

    @Override
    int days() {
        return 21;
    }
}
