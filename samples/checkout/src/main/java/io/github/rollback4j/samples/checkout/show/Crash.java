package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.journal.Journal;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Kills the process that takes a release back, at the worst moment: the pipeline has done what it was asked for, and the process has not
 * heard of it. So the journal has a step's intent and no result.
 */
final class Crash {

    private static final int LONGEST_SECONDS = 20;

    /**
     * What happened.
     *
     * @param instance that was killed: the one that led
     * @param entries that the journal had when it died
     */
    record Killed(String instance, List<Journal.Entry> entries) {}

    private final CompletableFuture<Killed> killed = new CompletableFuture<>();

    /** Prepares the crash of whoever takes a release back: before its rollout begins, since it may be taken back at once. */
    static Crash prepare(String candidate, JournalFile journal, Instances instances, Pipeline pipeline) {
        Crash crash = new Crash();
        pipeline.beforeNextAnswer(() -> {
            try {
                String rollout = journal.rolloutOf(candidate);
                String leader = journal.leader(rollout);
                instances.kill(leader);
                crash.killed.complete(new Killed(leader, journal.entries(rollout)));
            } catch (RuntimeException failed) {
                crash.killed.completeExceptionally(failed);
            }
        });
        return crash;
    }

    /** Says whether it happened, or was tried in vain. */
    boolean isOver() {
        return killed.isDone();
    }

    /** Waits for it; returns null where it did not happen in time. */
    @Nullable
    Killed await() {
        try {
            return killed.completeOnTimeout(null, LONGEST_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException failed) {
            throw new IllegalStateException("nobody could be killed", failed.getCause());
        }
    }
}
