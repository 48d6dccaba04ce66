package io.github.rollback4j.traffic;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Counters lose nothing, whoever owns the stripes. Two actors each, so that two cores suffice. */
public final class StripesStress {

    private StripesStress() {}

    private static void countOnAThreadThatEnds(Stripes stripes) {
        Thread owner = new Thread(() -> stripes.mine().increment(0));
        owner.start();
        try {
            owner.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static int sum(Stripes stripes, int counter) {
        int[] sums = new int[2];
        stripes.addTo(sums, counter, counter + 1, 1);
        return sums[counter];
    }

    /** One owned stripe and one shared. */
    @JCStressTest
    @Outcome(id = "4", expect = Expect.ACCEPTABLE, desc = "All were counted.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Something was lost.")
    @State
    public static class OwnedAndShared {
        private final Stripes stripes = new Stripes(2, 1);

        @Actor
        public void one() {
            stripes.mine().increment(0);
            stripes.mine().increment(0);
        }

        @Actor
        public void two() {
            stripes.mine().increment(0);
            stripes.mine().increment(0);
        }

        @Arbiter
        public void sum(I_Result result) {
            result.r1 = StripesStress.sum(stripes, 0);
        }
    }

    /** An owned stripe for each thread. */
    @JCStressTest
    @Outcome(id = "4", expect = Expect.ACCEPTABLE, desc = "All were counted.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Something was lost.")
    @State
    public static class OwnedByEach {
        private final Stripes stripes = new Stripes(2, 2);

        @Actor
        public void one() {
            stripes.mine().increment(0);
            stripes.mine().increment(0);
        }

        @Actor
        public void two() {
            stripes.reclaim();
            stripes.mine().increment(0);
            stripes.mine().increment(0);
        }

        @Arbiter
        public void sum(I_Result result) {
            result.r1 = StripesStress.sum(stripes, 0);
        }
    }

    /** The owner has ended and nobody has looked: both threads share. */
    @JCStressTest
    @Outcome(id = "5", expect = Expect.ACCEPTABLE, desc = "All were counted.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Something was lost.")
    @State
    public static class SharedByBoth {
        private final Stripes stripes = new Stripes(2, 1);

        public SharedByBoth() {
            countOnAThreadThatEnds(stripes);
        }

        @Actor
        public void one() {
            stripes.mine().increment(0);
            stripes.mine().increment(0);
        }

        @Actor
        public void two() {
            stripes.mine().increment(0);
            stripes.mine().increment(0);
        }

        @Arbiter
        public void sum(I_Result result) {
            result.r1 = StripesStress.sum(stripes, 0);
        }
    }

    /** A stripe whose owner has ended goes to either of two threads. */
    @JCStressTest
    @Outcome(id = "5", expect = Expect.ACCEPTABLE, desc = "All were counted.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Something was lost.")
    @State
    public static class HandOver {
        private final Stripes stripes = new Stripes(2, 1);

        public HandOver() {
            countOnAThreadThatEnds(stripes);
        }

        @Actor
        public void one() {
            stripes.mine().increment(0);
            stripes.mine().increment(0);
        }

        @Actor
        public void two() {
            stripes.reclaim();
            stripes.mine().increment(0);
            stripes.mine().increment(0);
        }

        @Arbiter
        public void sum(I_Result result) {
            result.r1 = StripesStress.sum(stripes, 0);
        }
    }

    /** Who reads outcomes first sees the start of every call whose outcome it sees. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "A call begins before it ends.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "An outcome without a start.")
    @State
    public static class StartBeforeOutcome {
        private final Stripes stripes = new Stripes(2, 1);

        @Actor
        public void call() {
            stripes.mine().increment(0);
            stripes.mine().increment(1);
        }

        @Actor
        public void read(II_Result result) {
            result.r1 = StripesStress.sum(stripes, 1);
            result.r2 = StripesStress.sum(stripes, 0);
        }
    }
}
