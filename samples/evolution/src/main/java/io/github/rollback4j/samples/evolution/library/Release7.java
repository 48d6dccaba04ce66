package io.github.rollback4j.samples.evolution.library;

/** Spells the states of members out. */
public class Release7 extends Release6 {

    @Override
    public int number() {
        return 7;
    }

    @Override
    public String change() {
        return "stored codes rewritten";
    }

    private enum State {
        ACTIVE,
        BLOCKED;

        private boolean mayBorrow() {
            return this == ACTIVE;
        }
    }

    @Override
    String block() {
        return "'BLOCKED'";
    }

    @Override
    boolean mayBorrow(String state) {
        return State.valueOf(state).mayBorrow();
    }
}
