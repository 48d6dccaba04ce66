package io.github.rollback4j.samples.evolution.hotel;

/** Calls a phone a mobile. */
public class Release8 extends Release7 {

    @Override
    public int number() {
        return 8;
    }

    @Override
    public String change() {
        return "column renamed without a view; undo renames it back";
    }

    @Override
    String phoneColumn() {
        return "mobile";
    }
}
