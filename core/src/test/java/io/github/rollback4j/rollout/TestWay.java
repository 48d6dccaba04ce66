package io.github.rollback4j.rollout;

import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A way back of which the test says what it does, and which remembers what it was told. */
final class TestWay implements RollbackStrategy {

    /** What a look-up does. */
    @FunctionalInterface
    interface LookUp {
        Found look(Context context) throws Exception;
    }

    final List<Context> gone = new CopyOnWriteArrayList<>();
    final List<Context> lookedUp = new CopyOnWriteArrayList<>();
    Check check = () -> Check.Result.pass("open");

    private final String name;
    private final ByHand.Way way;
    private boolean recognisesKey;
    private LookUp lookUp = context -> Found.unknown("nobody can tell");

    TestWay(String name, ByHand.Way way) {
        this.name = name;
        this.way = way;
    }

    static TestWay done(String name) {
        return new TestWay(name, context -> Done.done(name + " is back"));
    }

    static TestWay failing(String name) {
        return new TestWay(name, context -> {
            throw new IllegalStateException("not yet");
        });
    }

    TestWay recognisingKeys() {
        recognisesKey = true;
        return this;
    }

    TestWay lookedUp(LookUp how) {
        lookUp = how;
        return this;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return name;
    }

    @Override
    public Check.Result check(Context context) throws Exception {
        return check.run();
    }

    @Override
    public Done rollBack(Context context) throws Exception {
        gone.add(context);
        return way.go(context);
    }

    @Override
    public boolean recognisesKey() {
        return recognisesKey;
    }

    @Override
    public Found lookUp(Context context) throws Exception {
        lookedUp.add(context);
        return lookUp.look(context);
    }
}
