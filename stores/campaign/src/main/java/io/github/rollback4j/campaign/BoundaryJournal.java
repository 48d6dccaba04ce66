package io.github.rollback4j.campaign;

import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says when an event is about to be appended and when it was, and stands still at one of these moments, until the process is killed or told to go on.
 * All else goes to the journal behind it.
 */
final class BoundaryJournal implements Journal {

    private final Journal behind;
    private final KillPoint point;
    private final boolean dropsIntents;
    private final Consumer<String> say;
    private final AtomicInteger appends = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);

    /**
     * Begins.
     *
     * @param point where to stand still
     * @param dropsIntents a planted fault: no intent to take a step is ever written, though that is what is said
     * @param say tells the parent
     */
    BoundaryJournal(Journal behind, KillPoint point, boolean dropsIntents, Consumer<String> say) {
        this.behind = behind;
        this.point = point;
        this.dropsIntents = dropsIntents;
        this.say = say;
    }

    @Override
    public long append(String rolloutId, long expectedSequence, long fencingToken, Event event) {
        int number = appends.incrementAndGet();
        String step = event.data().getOrDefault("step", "");
        if (point.isBefore() && point.isAt(number, event.type(), step)) {
            standStill("before", event.type());
        }
        if (dropsIntents && event.type().equals("step-intended")) {
            return expectedSequence;
        }
        long sequence = behind.append(rolloutId, expectedSequence, fencingToken, event);
        if (event.type().equals("decided") || event.type().equals("led")) {
            say.accept(event.type() + " " + System.currentTimeMillis());
        }
        if (!point.isBefore() && point.isAt(number, event.type(), step)) {
            standStill("after", event.type());
        }
        return sequence;
    }

    /** Lets it go on that stands still, or would. */
    void goOn() {
        goOn.countDown();
    }

    private void standStill(String when, String type) {
        say.accept("boundary " + when + " " + type);
        while (true) {
            try {
                goOn.await();
                return;
            } catch (InterruptedException late) {
                // The journal has had its time; the parent acts as soon as it has read the line.
            }
        }
    }

    @Override
    public List<Entry> read(String rolloutId) {
        return behind.read(rolloutId);
    }

    @Override
    public List<Entry> readAfter(String rolloutId, long sequence) {
        return behind.readAfter(rolloutId, sequence);
    }

    @Override
    public List<String> rolloutIds() {
        return behind.rolloutIds();
    }

    @Override
    public boolean isDurable() {
        return behind.isDurable();
    }

    @Override
    public @Nullable Fleet fleet() {
        return behind.fleet();
    }

    @Override
    public AutoCloseable watch(Runnable changed) {
        return behind.watch(changed);
    }
}
