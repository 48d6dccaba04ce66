package io.github.rollback4j.test;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A journal and a fleet's shared state on the heap: what several {@code Rollouts} in one JVM, each standing for a process of
 * its own, have in common. It outlives them, so that to them it is durable; its time is a ticker's, so that a fleet lives in
 * {@link VirtualTime}.
 *
 * <p>The reference of {@link JournalContract} and {@link FleetContract}. Thread-safe. Watchers are called on the thread that
 * appends, once the event can be read.
 */
public final class SharedMemoryStore implements Journal {

    private static final int LARGEST_PAGE = 65_536;

    private final LongSupplier ticker;
    private final Map<String, Shared> rollouts = new LinkedHashMap<>();
    private final List<String> begun = new ArrayList<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final Connection own = new Connection();

    private SharedMemoryStore(LongSupplier ticker) {
        this.ticker = ticker;
    }

    /** Creates a store that lives in real time. */
    public static SharedMemoryStore create() {
        return new SharedMemoryStore(System::nanoTime);
    }

    /**
     * Creates a store with a time of one's own.
     *
     * @param nanos the store's clock, never going back, for example {@code virtualTime::nanos}
     */
    public static SharedMemoryStore create(LongSupplier nanos) {
        return new SharedMemoryStore(nanos);
    }

    /** Returns a way to the store that can be cut, for example for one instance of several. */
    public Connection connect() {
        return new Connection();
    }

    /** One instance's way to the store: a journal, and a fleet, that fail while it is cut. */
    public final class Connection implements Journal {
        private final Fleet fleet = new ConnectedFleet(this);
        private volatile boolean isCut;

        private Connection() {}

        /** Makes all that goes this way fail, until {@link #mend}. */
        public void cut() {
            isCut = true;
        }

        /** Lets everything through again. */
        public void mend() {
            isCut = false;
        }

        private void requireWhole() {
            if (isCut) {
                throw new RollbackException("the store cannot be reached: the connection is cut");
            }
        }

        @Override
        public long append(String rolloutId, long expectedSequence, long fencingToken, Event event) {
            requireWhole();
            long sequence = SharedMemoryStore.this.write(rolloutId, expectedSequence, fencingToken, event);
            watchers.forEach(Watcher::tell);
            return sequence;
        }

        @Override
        public List<Entry> read(String rolloutId) {
            requireWhole();
            return entries(rolloutId, 0);
        }

        @Override
        public List<Entry> readAfter(String rolloutId, long sequence) {
            requireWhole();
            return entries(rolloutId, sequence);
        }

        @Override
        public List<String> rolloutIds() {
            requireWhole();
            synchronized (rollouts) {
                return List.copyOf(begun);
            }
        }

        @Override
        public boolean isDurable() {
            return true;
        }

        @Override
        public Fleet fleet() {
            return fleet;
        }

        @Override
        public AutoCloseable watch(Runnable changed) {
            Watcher watcher = new Watcher(this, changed);
            watchers.add(watcher);
            return () -> watchers.remove(watcher);
        }
    }

    @Override
    public long append(String rolloutId, long expectedSequence, long fencingToken, Event event) {
        return own.append(rolloutId, expectedSequence, fencingToken, event);
    }

    @Override
    public List<Entry> read(String rolloutId) {
        return own.read(rolloutId);
    }

    @Override
    public List<Entry> readAfter(String rolloutId, long sequence) {
        return own.readAfter(rolloutId, sequence);
    }

    @Override
    public List<String> rolloutIds() {
        return own.rolloutIds();
    }

    /** Returns true: the events outlive the rollouts that wrote them, though not the JVM. */
    @Override
    public boolean isDurable() {
        return true;
    }

    @Override
    public Fleet fleet() {
        return own.fleet();
    }

    @Override
    public AutoCloseable watch(Runnable changed) {
        return own.watch(changed);
    }

    private record Watcher(Connection connection, Runnable changed) {
        void tell() {
            if (!connection.isCut) {
                changed.run();
            }
        }
    }

    /** What is kept of one rollout. */
    private static final class Shared {
        final List<Entry> entries = new ArrayList<>();
        final Map<String, Joined> members = new LinkedHashMap<>();
        long highestToken;

        @Nullable
        String holder;

        long leaseToken;
        long leasedUntil;
    }

    private static final class Joined {
        final String host;
        final int number;
        final long joinedAt;
        final Map<String, Published> pages = new TreeMap<>();
        long heardAt;
        boolean hasLeft;

        Joined(String host, int number, long now) {
            this.host = host;
            this.number = number;
            this.joinedAt = now;
            this.heardAt = now;
        }
    }

    private record Published(Fleet.Content content, long changedAt) {}

    private Shared forWriting(String rolloutId) {
        return rollouts.computeIfAbsent(rolloutId, id -> new Shared());
    }

    private Shared forReading(String rolloutId) {
        return rollouts.getOrDefault(rolloutId, new Shared());
    }

    private long write(String rolloutId, long expectedSequence, long fencingToken, Event event) {
        synchronized (rollouts) {
            Shared known = forReading(rolloutId);
            long last = known.entries.size();
            if (expectedSequence != last) {
                throw new ConflictException("rollout " + rolloutId + " has " + last + " events, the writer expected "
                        + expectedSequence + ": somebody else wrote in between");
            }
            if (known.highestToken > fencingToken) {
                throw new ConflictException("rollout " + rolloutId + " has seen token " + known.highestToken
                        + ", the writer holds the outdated " + fencingToken);
            }
            Shared shared = forWriting(rolloutId);
            if (last == 0) {
                begun.add(rolloutId);
            }
            shared.entries.add(new Entry(last + 1, fencingToken, event));
            shared.highestToken = fencingToken;
            return last + 1;
        }
    }

    private List<Entry> entries(String rolloutId, long after) {
        synchronized (rollouts) {
            List<Entry> entries = forReading(rolloutId).entries;
            return after >= entries.size()
                    ? List.of()
                    : List.copyOf(entries.subList((int) Math.max(0, after), entries.size()));
        }
    }

    private final class ConnectedFleet implements Fleet {
        private final Connection connection;

        ConnectedFleet(Connection connection) {
            this.connection = connection;
        }

        @Override
        public Member join(String rolloutId, String instance, String host) {
            connection.requireWhole();
            synchronized (rollouts) {
                Map<String, Joined> members = forWriting(rolloutId).members;
                Joined joined = members.computeIfAbsent(
                        instance, name -> new Joined(host, members.size() + 1, ticker.getAsLong()));
                return member(instance, joined);
            }
        }

        @Override
        public void leave(String rolloutId, String instance) {
            connection.requireWhole();
            synchronized (rollouts) {
                Shared shared = forReading(rolloutId);
                Joined joined = shared.members.get(instance);
                if (joined != null) {
                    joined.hasLeft = true;
                }
                if (instance.equals(shared.holder)) {
                    shared.holder = null;
                }
            }
        }

        @Override
        public List<Member> members(String rolloutId) {
            connection.requireWhole();
            synchronized (rollouts) {
                List<Member> members = new ArrayList<>();
                forReading(rolloutId).members.forEach((instance, joined) -> members.add(member(instance, joined)));
                return List.copyOf(members);
            }
        }

        private Member member(String instance, Joined joined) {
            long now = ticker.getAsLong();
            return new Member(
                    instance,
                    joined.host,
                    joined.number,
                    Duration.ofNanos(now - joined.heardAt),
                    Duration.ofNanos(now - joined.joinedAt),
                    joined.hasLeft);
        }

        @Override
        public @Nullable Lease tryLease(String rolloutId, String instance, Duration length) {
            connection.requireWhole();
            if (length.isNegative() || length.isZero()) {
                throw new IllegalArgumentException("a lease of " + length + " is not allowed: more than zero is");
            }
            synchronized (rollouts) {
                Shared shared = forWriting(rolloutId);
                long now = ticker.getAsLong();
                boolean isHeld = shared.holder != null && shared.leasedUntil - now > 0;
                if (isHeld && !instance.equals(shared.holder)) {
                    return null;
                }
                if (!isHeld || shared.leaseToken < shared.highestToken) {
                    shared.highestToken++;
                    shared.leaseToken = shared.highestToken;
                    shared.holder = instance;
                }
                shared.leasedUntil = now + length.toNanos();
                return new Lease(rolloutId, instance, shared.leaseToken);
            }
        }

        @Override
        public void release(Lease lease) {
            connection.requireWhole();
            synchronized (rollouts) {
                Shared shared = forReading(lease.rolloutId());
                if (lease.holder().equals(shared.holder) && lease.token() == shared.leaseToken) {
                    shared.holder = null;
                }
            }
        }

        @Override
        public void publish(String rolloutId, String instance, Map<String, Content> pages) {
            connection.requireWhole();
            pages.forEach((name, content) -> {
                if (content.length() > LARGEST_PAGE) {
                    throw new IllegalArgumentException("page '" + name + "' of " + content.length()
                            + " bytes is not allowed: up to " + LARGEST_PAGE + " are");
                }
            });
            synchronized (rollouts) {
                Joined joined = forReading(rolloutId).members.get(instance);
                if (joined == null) {
                    throw new RollbackException(
                            "instance " + instance + " publishes to rollout " + rolloutId + ", but has not joined it");
                }
                long now = ticker.getAsLong();
                joined.heardAt = now;
                pages.forEach((name, content) -> {
                    Published before = joined.pages.get(name);
                    if (before == null || !Arrays.equals(before.content.bytes(), content.bytes())) {
                        joined.pages.put(name, new Published(content, now));
                    }
                });
            }
        }

        @Override
        public List<Page> pages(String rolloutId, @Nullable Duration changedWithin) {
            connection.requireWhole();
            synchronized (rollouts) {
                long now = ticker.getAsLong();
                List<Page> pages = new ArrayList<>();
                forReading(rolloutId)
                        .members
                        .forEach((instance, joined) -> joined.pages.forEach((name, page) -> {
                            if (changedWithin == null
                                    || Duration.ofNanos(now - page.changedAt).compareTo(changedWithin) < 0) {
                                pages.add(new Page(instance, name, page.content));
                            }
                        }));
                return List.copyOf(pages);
            }
        }
    }
}
