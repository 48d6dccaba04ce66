package io.github.rollback4j.strategy;

import java.util.function.BooleanSupplier;

/** Turns a feature flag off and looks whether it is. */
record FlagOff(String name, BooleanSupplier isOn, Runnable turnOff) implements RollbackStrategy {

    FlagOff {
        WaysBack.requireName(name);
    }

    @Override
    public String description() {
        return name + ": turns the feature flag off and verifies that it is";
    }

    @Override
    public Check.Result check(Context context) {
        return Check.Result.pass("the flag can be read, it is " + (isOn.getAsBoolean() ? "on" : "off"));
    }

    @Override
    public Done rollBack(Context context) {
        // Also when it reads off: what a flag system's client has cached may be older than what it serves.
        turnOff.run();
        if (isOn.getAsBoolean()) {
            throw new IllegalStateException("flag " + name + " still reads on after it was turned off");
        }
        return Done.done("the flag is off");
    }

    /** To turn off what is off is harmless, as the factory demands of what it is given. */
    @Override
    public boolean recognisesKey() {
        return true;
    }

    @Override
    public Found lookUp(Context context) {
        return isOn.getAsBoolean() ? Found.notDone("the flag reads on") : Found.done("the flag reads off");
    }

    @Override
    public String toString() {
        return description();
    }
}
