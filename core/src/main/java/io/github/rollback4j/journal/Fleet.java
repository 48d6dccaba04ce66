package io.github.rollback4j.journal;

import io.github.rollback4j.RollbackException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the instances of a service share beside the {@link Journal}: which of them leads a rollout, which there are, and what each has
 * counted. Kept by the same store as the journal, so that the journal's fencing tokens are this one's.
 *
 * <p>All times are the store's own: no clock of an instance takes part. Implementations are thread-safe and pass the contract test
 * {@code FleetContract} of the test kit. All methods may block; the library calls them on threads of its own, with a
 * deadline. All throw {@link RollbackException} where the store cannot be reached.
 */
public interface Fleet {

    /**
     * A process that takes part in a rollout, from its start to its end: a restart is another.
     *
     * @param instance its name, unique for good
     * @param host where it runs: the same after a restart in the same place
     * @param number the how-manieth it is that ever joined the rollout, from 1
     * @param silentFor since it last joined or published
     * @param joinedAgo since it joined
     * @param hasLeft whether it has said that it leaves
     */
    record Member(String instance, String host, int number, Duration silentFor, Duration joinedAgo, boolean hasLeft) {}

    /**
     * The right to decide for a rollout, until it expires by the store's clock.
     *
     * @param rolloutId the rollout
     * @param holder the instance that has it
     * @param token larger than that of each lease on the rollout before, and than each token in its journal
     */
    record Lease(String rolloutId, String holder, long token) {}

    /**
     * A part of what an instance has counted.
     *
     * @param instance whose it is
     * @param name of the page, unique for the instance
     * @param content what the instance last published under that name
     */
    record Page(String instance, String name, Content content) {}

    /** Bytes that do not change. */
    final class Content {
        private final byte[] bytes;

        private Content(byte[] bytes) {
            this.bytes = bytes;
        }

        /** Copies the bytes. */
        public static Content of(byte[] bytes) {
            return new Content(bytes.clone());
        }

        /** Returns a copy of the bytes. */
        public byte[] bytes() {
            return bytes.clone();
        }

        /** Returns how many bytes there are. */
        public int length() {
            return bytes.length;
        }
    }

    /**
     * Registers an instance for a rollout and returns it with its number. An instance that is there already is returned as it
     * is.
     *
     * @param instance up to 200 characters
     * @param host up to 200 characters
     */
    Member join(String rolloutId, String instance, String host);

    /** Notes that an instance leaves, and releases its lease. What it has published stays. */
    void leave(String rolloutId, String instance);

    /** Returns all that ever joined, by number. */
    List<Member> members(String rolloutId);

    /**
     * Gives an instance the lease, or renews it. A lease that has expired is given with a new token, to its former holder, too.
     *
     * @param length until when it holds, from now; more than zero
     * @return the lease, or null where another instance holds it
     */
    @Nullable
    Lease tryLease(String rolloutId, String instance, Duration length);

    /** Gives a lease up, if its holder still has it. */
    void release(Lease lease);

    /**
     * Replaces pages of an instance, all or none, so that no reader sees some of them replaced and others not.
     *
     * @param pages by name of up to 200 characters, each of up to 65,536 bytes; other pages of the instance stay as they are
     * @throws RollbackException if the instance has not joined
     * @throws IllegalArgumentException if a page is larger; nothing is replaced
     */
    void publish(String rolloutId, String instance, Map<String, Content> pages);

    /**
     * Returns the pages of all instances. One that was published again with the same content has not changed.
     *
     * @param changedWithin leaves out what has not changed for at least so long; null leaves out none. What is published may be seen
     *     some seconds later than it is dated, so who reads from time to time asks for more than the time in between
     */
    List<Page> pages(String rolloutId, @Nullable Duration changedWithin);
}
