package io.github.rollback4j.benchmarks.decisions;

import java.util.Arrays;

/** Calls that are under way, in the order of their end: a binary heap that makes no garbage. For one thread. */
final class PendingCalls {

    private long[] ends = new long[64];
    private long[] beginnings = new long[64];
    private long[] tickets = new long[64];
    private boolean[] failures = new boolean[64];
    private int size;

    void add(long beganAt, long endsAt, long ticket, boolean failed) {
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, 2 * size);
            beginnings = Arrays.copyOf(beginnings, 2 * size);
            tickets = Arrays.copyOf(tickets, 2 * size);
            failures = Arrays.copyOf(failures, 2 * size);
        }
        int at = size++;
        while (at > 0 && ends[(at - 1) / 2] > endsAt) {
            move((at - 1) / 2, at);
            at = (at - 1) / 2;
        }
        put(at, beganAt, endsAt, ticket, failed);
    }

    /** Says whether a call has ended by now: the one that ended first, of which the rest then tells. */
    boolean isEnded(long now) {
        return size > 0 && ends[0] <= now;
    }

    long beganAt() {
        return beginnings[0];
    }

    long endsAt() {
        return ends[0];
    }

    long ticket() {
        return tickets[0];
    }

    boolean isFailed() {
        return failures[0];
    }

    /** Removes that call. */
    void remove() {
        int last = --size;
        int at = 0;
        for (int child = 1; child < last; child = 2 * at + 1) {
            if (child + 1 < last && ends[child + 1] < ends[child]) {
                child++;
            }
            if (ends[child] >= ends[last]) {
                break;
            }
            move(child, at);
            at = child;
        }
        put(at, beginnings[last], ends[last], tickets[last], failures[last]);
    }

    void clear() {
        size = 0;
    }

    private void move(int from, int to) {
        put(to, beginnings[from], ends[from], tickets[from], failures[from]);
    }

    private void put(int at, long beganAt, long endsAt, long ticket, boolean failed) {
        beginnings[at] = beganAt;
        ends[at] = endsAt;
        tickets[at] = ticket;
        failures[at] = failed;
    }
}
