package io.github.rollback4j.rollout;

import io.github.rollback4j.signal.ShadowMismatch;
import io.github.rollback4j.traffic.Outcome;
import io.github.rollback4j.traffic.OutcomeRules;
import io.github.rollback4j.traffic.Router;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the candidate beside stable, a few at a time and each for a bounded time, and compares the results; what is too much
 * is dropped.
 */
final class Shadows {

    private static final int MOST_AT_A_TIME = 16;

    /** The candidate's version of a call. */
    @FunctionalInterface
    interface Version {
        @Nullable
        Object run() throws Throwable;
    }

    /** What the call beside which the candidate runs tells of stable; one of the two, once, from the caller's thread. */
    interface Beside {
        void stableReturned(@Nullable Object result);

        void stableFailed();
    }

    private final Executor pool;
    private final LongSupplier ticker;
    private final long deadlineNanos;
    private final @Nullable ShadowMismatch mismatch;
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME);
    private final Set<Run> underWay = ConcurrentHashMap.newKeySet();
    private final LongAdder compared = new LongAdder();
    private final LongAdder mismatches = new LongAdder();

    /**
     * One run. It keeps its place until the candidate has ended, and, where results are compared, until stable has and they
     * are. Its monitor sees to it that no interrupt comes after the candidate's end.
     */
    private final class Run implements Runnable, Beside {
        private final Version candidate;
        private final OutcomeRules outcomes;
        private final Router router;
        private final AtomicBoolean isFreed = new AtomicBoolean();
        private long since;
        private boolean isLate;
        private boolean isCandidateDone;
        private boolean isCandidateGood;
        private boolean isStableDone;
        private boolean isStableGood;
        private @Nullable Object candidateResult;
        private @Nullable Object stableResult;
        private @Nullable Thread thread;

        Run(Version candidate, OutcomeRules outcomes, Router router) {
            this.candidate = candidate;
            this.outcomes = outcomes;
            this.router = router;
        }

        @Override
        public void run() {
            synchronized (this) {
                since = ticker.getAsLong();
                thread = Thread.currentThread();
            }
            Object result = null;
            Outcome outcome = Outcome.IGNORED;
            try {
                result = candidate.run();
                outcome = outcomes.ofResult(result);
            } catch (Throwable thrown) {
                outcome = outcomes.ofException(thrown);
            } finally {
                ended(result, outcome);
            }
        }

        private void ended(@Nullable Object result, Outcome outcome) {
            boolean isLastOfTwo;
            Outcome counted;
            synchronized (this) {
                thread = null;
                counted = isLate ? Outcome.FAILURE : outcome;
                candidateResult = result;
                isCandidateGood = counted == Outcome.SUCCESS;
                isCandidateDone = true;
                isLastOfTwo = isStableDone && counted != Outcome.CANCELLED && counted != Outcome.IGNORED;
            }
            Thread.interrupted();
            router.shadowed(counted);
            if (mismatch == null || (counted != Outcome.SUCCESS && counted != Outcome.FAILURE)) {
                free();
            } else if (isLastOfTwo) {
                compare();
            }
        }

        @Override
        public void stableReturned(@Nullable Object result) {
            if (mismatch != null) {
                stableEnded(result, true);
            }
        }

        @Override
        public void stableFailed() {
            if (mismatch != null) {
                stableEnded(null, false);
            }
        }

        private void stableEnded(@Nullable Object result, boolean isGood) {
            boolean isLastOfTwo;
            synchronized (this) {
                stableResult = result;
                isStableGood = isGood;
                isStableDone = true;
                isLastOfTwo = isCandidateDone && !isFreed.get();
            }
            if (isLastOfTwo) {
                try {
                    pool.execute(this::compare);
                } catch (Throwable noThread) {
                    router.shadowDropped();
                    free();
                }
            }
        }

        /** Compares both results, once both are there; where stable failed there is nothing to compare with. */
        private void compare() {
            ShadowMismatch signal = mismatch;
            Object ofStable;
            Object ofCandidate;
            boolean isComparable;
            boolean isGood;
            synchronized (this) {
                ofStable = stableResult;
                ofCandidate = candidateResult;
                isComparable = isStableGood;
                isGood = isCandidateGood;
            }
            try {
                if (signal != null && isComparable) {
                    boolean isSame = isGood && signal.isSame(ofStable, ofCandidate);
                    if (!isSame) {
                        mismatches.increment();
                    }
                    compared.increment();
                }
            } finally {
                free();
            }
        }

        private void free() {
            if (isFreed.compareAndSet(false, true)) {
                underWay.remove(this);
                places.release();
            }
        }

        synchronized void checkDeadline(long now) {
            if ((thread == null && !isCandidateDone) || now - since < deadlineNanos) {
                return;
            }
            if (thread != null) {
                isLate = true;
                thread.interrupt();
            } else if (isCandidateDone && !isStableDone) {
                // Stable takes too long; nothing is compared.
                free();
            }
        }
    }

    Shadows(Executor pool, LongSupplier ticker, long deadlineNanos, @Nullable ShadowMismatch mismatch) {
        this.pool = pool;
        this.ticker = ticker;
        this.deadlineNanos = deadlineNanos;
        this.mismatch = mismatch;
    }

    /** Begins a shadow run, if there is a place; never waits, and never throws. Returns null where there is none. */
    @Nullable
    Beside run(Version candidate, OutcomeRules outcomes, Router router) {
        if (!places.tryAcquire()) {
            router.shadowDropped();
            return null;
        }
        Run run = new Run(candidate, outcomes, router);
        underWay.add(run);
        try {
            pool.execute(run);
            return run;
        } catch (Throwable noThread) {
            // Also an error for want of memory: it is the library's, and must not reach the host's call.
            run.free();
            router.shadowDropped();
            return null;
        }
    }

    /** Interrupts the runs that take too long; they have failed. */
    void checkDeadlines() {
        if (!underWay.isEmpty()) {
            long now = ticker.getAsLong();
            underWay.forEach(run -> run.checkDeadline(now));
        }
    }

    /** Returns how many results were compared, and how many of them differed; what differs is counted first. */
    long[] compared() {
        long all = compared.sum();
        return new long[] {all, Math.min(all, mismatches.sum())};
    }
}
