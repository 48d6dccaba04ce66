package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes one rollout's events to the journal, in order, on a lane of its own. What the journal does not take in time is
 * kept and tried again, but for what is only to happen once it is written. The first event is the plan; it is written once.
 */
final class JournalWriter {

    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final String PLANNED = "planned";

    private record Pending(Journal.Event event, boolean isKept) {}

    private final Journal journal;
    private final String id;
    private final Runnable overtaken;
    private final NavigableSet<Long> own = new ConcurrentSkipListSet<>();
    private volatile long fencingToken;

    /** Whether what is written is only true under our lease. */
    private volatile boolean leads;

    private final Lane lane;
    private final LongSupplier ticker;
    private final BiConsumer<String, Throwable> failures;
    private final Deque<Pending> pending = new ArrayDeque<>();

    /** What was not written before somebody else could lead. */
    private final Set<Pending> overtakenBy = Collections.newSetFromMap(new IdentityHashMap<>());

    private volatile long sequence;
    private volatile long retryAt;

    /**
     * Begins.
     *
     * @param overtaken told, on a thread of the pool, that somebody holds a newer lease than the one that we wrote under
     */
    JournalWriter(Surroundings surroundings, String id, History history, Runnable overtaken) {
        this.overtaken = overtaken;
        this.leads = surroundings.journal().fleet() == null;
        this.journal = surroundings.journal();
        this.id = id;
        this.sequence = history.sequence;
        this.fencingToken = history.fencingToken;
        this.ticker = surroundings.ticker();
        this.lane = new Lane(surroundings.pool(), ticker, true);
        this.failures = surroundings.failures();
    }

    /**
     * Queues an event.
     *
     * @param isKept whether the event has happened, so that it is tried again where the journal does not take it; else it
     *     only happens once it is written
     * @param then told null when the event is written, else why it is not (yet)
     */
    void write(Journal.Event event, boolean isKept, Consumer<@Nullable Throwable> then) {
        Pending entry = new Pending(event, isKept);
        synchronized (pending) {
            pending.addLast(entry);
        }
        flush((ok, thrown) -> {
            boolean isOvertaken;
            boolean isMissing;
            synchronized (pending) {
                isOvertaken = overtakenBy.remove(entry);
                // What was thrown may be about an event behind it.
                isMissing = thrown != null && (isKept ? pending.contains(entry) : pending.remove(entry));
            }
            if (isOvertaken) {
                // Told with nothing locked, since whoever is told locks, too.
                then.accept(new Journal.ConflictException("another instance leads " + id + " now, or may"));
                return;
            }
            if (isMissing) {
                failures.accept("the journal did not take " + event.type() + " of " + id, thrown);
            }
            then.accept(isMissing ? thrown : null);
        });
    }

    private void flush(BiConsumer<@Nullable Boolean, @Nullable Throwable> then) {
        Callable<Boolean> body = () -> {
            for (Pending next = first(); next != null; next = first()) {
                append(next);
                synchronized (pending) {
                    pending.remove(next);
                }
            }
            return true;
        };
        lane.add(DEADLINE, body, (ok, thrown) -> {
            retryAt = ticker.getAsLong() + RETRY_NANOS;
            then.accept(ok, thrown);
        });
    }

    private @Nullable Pending first() {
        synchronized (pending) {
            return pending.peekFirst();
        }
    }

    /** Writes under a lease from now on. */
    void lead(long token, long lastSequence) {
        sequence = Math.max(sequence, lastSequence);
        fencingToken = token;
        leads = true;
    }

    /**
     * Writes under nobody's lease from now on: what is asked for and what has happened here, not what is decided.
     *
     * @return what the journal has not taken of what was decided; it never will
     */
    List<Journal.Event> follow() {
        synchronized (pending) {
            leads = false;
            List<Journal.Event> lost = pending.stream().map(Pending::event).toList();
            overtakenBy.addAll(pending);
            pending.clear();
            return lost;
        }
    }

    /** Says whether we have written an entry; asked once of each, in their order. */
    boolean isOwn(long entry) {
        boolean isOwn = own.contains(entry);
        own.headSet(entry, true).clear();
        return isOwn;
    }

    /**
     * Appends; where somebody else wrote in between, behind what they wrote. Where they hold a newer lease than the one that we
     * write under, we do not; what is written under no lease is written under whichever was the last.
     */
    private void append(Pending entry) {
        Journal.Event event = entry.event;
        boolean isPlan = event.type().equals(PLANNED);
        if (isPlan && hasBegun()) {
            return;
        }
        if (!isPlan && !hasBegun()) {
            // The journal could not be read before. Without its plan a rollout could not be gone on with, so there is
            // nothing to remember of one that was never planned.
            sequence = History.of(journal.read(id)).sequence;
            if (!hasBegun()) {
                return;
            }
        }
        try {
            sequence = journal.append(id, sequence, fencingToken, event);
            own.add(sequence);
        } catch (Journal.ConflictException conflict) {
            appendBehindOthers(entry, conflict);
        }
    }

    private void appendBehindOthers(Pending written, Journal.ConflictException conflict) {
        Journal.Event event = written.event;
        List<Journal.Entry> entries = journal.read(id);
        History others = History.of(entries);
        // An answer may have been lost: then it was we who wrote in between.
        for (Journal.Entry entry : entries) {
            if (entry.sequence() > sequence && entry.event().equals(event)) {
                own.add(entry.sequence());
                sequence = others.sequence;
                return;
            }
        }
        if (others.fencingToken > fencingToken) {
            if (isUnderOurLease(written)) {
                overtaken.run();
                throw conflict;
            }
            fencingToken = others.fencingToken;
        }
        if (others.sequence == sequence) {
            // Nobody wrote in between, so that it was the token: a new lease was given of which nothing is written yet.
            overtaken.run();
            throw conflict;
        }
        sequence = journal.append(id, others.sequence, fencingToken, event);
        own.add(sequence);
    }

    /** Says whether an event is only true under our lease, also where that has ended while the event was on its way. */
    private boolean isUnderOurLease(Pending entry) {
        synchronized (pending) {
            return leads || overtakenBy.contains(entry);
        }
    }

    /** Returns the sequence of the last entry that is known here. */
    long sequence() {
        return sequence;
    }

    /** Says whether the journal has any event of the rollout. */
    boolean hasBegun() {
        return sequence > 0;
    }

    boolean isIdle() {
        synchronized (pending) {
            return pending.isEmpty() && lane.isIdle();
        }
    }

    /** Tries again what is kept, gives up what is late, starts what is due. */
    void tick() {
        lane.checkDeadline();
        boolean isDue;
        synchronized (pending) {
            isDue = !pending.isEmpty() && lane.isIdle() && ticker.getAsLong() - retryAt >= 0;
        }
        if (isDue) {
            flush((ok, thrown) -> {});
        }
        lane.pump();
    }

    void pump() {
        lane.pump();
    }

    /** Waits, on a thread of the library's, for what is told when an event is written, or when the journal has had its time. */
    void await(CountDownLatch written) {
        if (lane.isInline()) {
            lane.runHere();
            return;
        }
        try {
            if (!written.await(DEADLINE.toNanos(), TimeUnit.NANOSECONDS)) {
                failures.accept(
                        "what the target calls a step of " + id + " is not journalled yet; the step goes on",
                        new TimeoutException("not written within " + DEADLINE));
            }
        } catch (InterruptedException late) {
            Thread.currentThread().interrupt();
        }
    }
}
