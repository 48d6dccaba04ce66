package io.github.rollback4j.traffic;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The flip back to stable, against calls that begin and end at the same time. */
public final class RouterStress {

    private static final Split SPLIT = new Split(1, 2);
    private static final long ON_CANDIDATE = candidateKey();

    private RouterStress() {}

    private static long candidateKey() {
        long key = 0;
        while (Long.compareUnsigned(SPLIT.position(key), Split.threshold(0.5)) >= 0) {
            key++;
        }
        return key;
    }

    private static Router exposed() {
        Router router = new Router(
                new Router.Settings(
                        SPLIT.toString(), Audience.everyone(), 1, 64, 30_000_000_000L, 1_000_000_000, () -> 0, null),
                () -> {});
        router.expose(0.5, true, 0, 0, 0);
        return router;
    }

    /** once the flip has returned, no call goes to the candidate. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "Before the flip, during, or after.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "After the flip a call began on the candidate.")
    @State
    public static class Flip {
        private final Router router = exposed();
        private volatile int flipped;

        @Actor
        public void flip() {
            router.expose(0, false, 0, 1, 1);
            flipped = 1;
        }

        @Actor
        public void call(II_Result result) {
            result.r1 = flipped;
            result.r2 = Ticket.isCandidate(router.enter(ON_CANDIDATE)) ? 1 : 0;
        }
    }

    /** who saw the flip by one call's arm does not see the candidate again. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 0", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "Back to stable once.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Stable, then the candidate again.")
    @State
    public static class NoWayBack {
        private final Router router = exposed();

        @Actor
        public void flip() {
            router.expose(0, false, 0, 1, 1);
        }

        @Actor
        public void calls(II_Result result) {
            result.r1 = Ticket.isCandidate(router.enter(ON_CANDIDATE)) ? 1 : 0;
            result.r2 = Ticket.isCandidate(router.enter(ON_CANDIDATE)) ? 1 : 0;
        }
    }

    /** A call that races with the flip is counted once, on the side that served it. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 0", "0, 1, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "Weighed on the candidate, or apart on stable.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Counted twice, not at all, or on the wrong side.")
    @State
    public static class TicketOfAFlip {
        private final Router router = exposed();

        @Actor
        public void flip() {
            router.expose(0, false, 0, 1, 1);
        }

        @Actor
        public void call() {
            router.exitAfter(router.enter(ON_CANDIDATE), 1, io.github.rollback4j.traffic.Outcome.FAILURE);
        }

        @Arbiter
        public void read(III_Result result) {
            router.tally().read(2);
            Tally.Totals totals = router.tally().totals();
            result.r1 = (int) totals.candidateFailures();
            result.r2 = (int) totals.stableApartFailures();
            result.r3 = (int) (totals.candidatePending()
                    + totals.stablePending()
                    + totals.late()
                    + totals.stableCalls()
                    + totals.candidateApart());
        }
    }

    /** No key stands among the pending ones after its call has ended. */
    @JCStressTest
    @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "Both calls have ended.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A call that ended is taken for pending.")
    @State
    public static class WatchedKeys {
        private final PendingKeys keys = new PendingKeys(1);

        @Actor
        public void one() {
            if (keys.began(0, 5)) {
                keys.ended(0, 5);
            }
        }

        @Actor
        public void two() {
            if (keys.began(0, 6)) {
                keys.ended(0, 6);
            }
            if (keys.began(0, 5)) {
                keys.ended(0, 5);
            }
        }

        @Arbiter
        public void read(II_Result result) {
            result.r1 = keys.fingerprint(0, 0);
            result.r2 = keys.fingerprint(0, 1);
        }
    }
}
