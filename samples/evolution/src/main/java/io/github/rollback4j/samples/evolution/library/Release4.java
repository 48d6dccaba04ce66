package io.github.rollback4j.samples.evolution.library;

/** Wants an e-mail of each member. */
public class Release4 extends Release3 {

    @Override
    public int number() {
        return 4;
    }

    @Override
    public String change() {
        return "e-mail unique";
    }

    @Override
    boolean familiesShare() {
        return false;
    }
}
