package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What all rollouts of a registry share.
 *
 * @param clock for the times that people read
 * @param ticker nanoseconds, monotonic but for what the clock's owner does to it
 * @param pool runs foreign code
 * @param sending one for each message to people that may be on its way at the same time
 * @param failures logs, without waiting, what went wrong
 * @param instance the name of this process among those that share a rollout, unique for good
 * @param host where it runs: the same after a restart in the same place
 * @param poll how often the journal is read for what others have written
 * @param lease how long a lease holds that is not renewed
 * @param coin draws the positions of calls without a key; null for the thread's own generator
 * @param bootLoopGuard finds candidates that bring the process down
 */
record Surroundings(
        InstantSource clock,
        LongSupplier ticker,
        Executor pool,
        Journal journal,
        BreakGlass breakGlass,
        String instance,
        String host,
        Duration poll,
        Duration lease,
        RandomGenerator random,
        @Nullable LongSupplier coin,
        List<Hearer> hearers,
        Semaphore sending,
        BiConsumer<String, Throwable> failures,
        BootLoopGuard bootLoopGuard) {

    /** A listener with the lane that it hears on. */
    record Hearer(RolloutListener listener, Lane lane) {}
}
