package io.github.rollback4j.strategy;

/** Switches to stable within the process. */
record SwitchBack(String name, Runnable switchToStable, Check check) implements RollbackStrategy {

    SwitchBack {
        WaysBack.requireName(name);
    }

    static Check inProcess() {
        return () -> Check.Result.pass("the switch is in this process and needs nothing else");
    }

    @Override
    public String description() {
        return name + ": switches back to stable in this process";
    }

    @Override
    public Check.Result check(Context context) throws Exception {
        return check.run();
    }

    @Override
    public Done rollBack(Context context) {
        switchToStable.run();
        return Done.done("switched back to " + context.stable());
    }

    /** To switch again is harmless, as the factory demands of what it is given. */
    @Override
    public boolean recognisesKey() {
        return true;
    }

    @Override
    public String toString() {
        return description();
    }
}
