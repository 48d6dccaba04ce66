package io.github.rollback4j.rollout;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Makes of what was counted of a process's calls how many there are to weigh, and how many of them are bad. A call that is under way is
 * good until its deadline is over, and bad for good from then on: a failure that comes at once must not be held against successes that
 * take their time. For one thread at a time.
 */
final class DeployedCalls {

    private static final long SAMPLE_NANOS = 250_000_000L;

    private record Begun(long atNanos, long calls) {}

    private final long deadlineNanos;
    private final Deque<Begun> begun = new ArrayDeque<>();
    private long begunBeforeDeadline;
    private long calls;
    private long bad;

    DeployedCalls(long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
    }

    /** Takes in how many calls have begun so far, and how many of them have ended well, badly, and as neither. */
    void take(long nowNanos, long started, long good, long failed, long neither) {
        Begun last = begun.peekLast();
        if (last == null || nowNanos - last.atNanos >= SAMPLE_NANOS) {
            begun.addLast(new Begun(nowNanos, started));
        }
        while (!begun.isEmpty() && nowNanos - begun.getFirst().atNanos >= deadlineNanos) {
            begunBeforeDeadline = begun.removeFirst().calls;
        }
        // At least so many of them have not ended: others may have ended that began later.
        long overdue = Math.max(0, begunBeforeDeadline - good - failed - neither);
        bad = Math.max(bad, failed + overdue);
        calls = Math.max(calls, Math.max(started - neither, bad));
    }

    long calls() {
        return calls;
    }

    long bad() {
        return bad;
    }
}
