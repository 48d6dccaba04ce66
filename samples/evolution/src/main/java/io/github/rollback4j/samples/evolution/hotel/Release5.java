package io.github.rollback4j.samples.evolution.hotel;

/** Does what the release before it does; what that no longer needs is gone. */
public class Release5 extends Release4 {

    @Override
    public int number() {
        return 5;
    }

    @Override
    public String change() {
        return "contract: nights and the newsletter's table dropped";
    }
}
