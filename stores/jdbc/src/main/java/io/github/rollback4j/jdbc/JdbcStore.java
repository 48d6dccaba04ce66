package io.github.rollback4j.jdbc;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the journal, and what the instances of a service share, in a database: H2, PostgreSQL, MariaDB or MySQL. An event is
 * durable when {@link #append} returns, as far as the database's own settings promise that.
 *
 * {@snippet file="io/github/rollback4j/jdbc/RolloutOverStoreTest.java" region="store"}
 *
 * <p>It connects when it is first used, and creates its tables then, where they are not there. It uses up to
 * {@link Builder#connections} of the data source's connections, each for a moment, and one more for good where it
 * {@linkplain Builder#listen() listens}. It never waits for a second connection while it holds one, so that a pool of one is
 * enough, but for listening.
 *
 * <p>Thread-safe. What takes longer than {@link Builder#timeout}, is interrupted, or fails, ends in a {@link RollbackException}
 * that names no secret; the next call tries again. Times are the database's own, in the database's precision of a microsecond.
 */
public final class JdbcStore implements Journal, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JdbcStore.class);

    private static final String DEFAULT_PREFIX = "rollback4j_";
    private static final int LONGEST_ROLLOUT_ID = 512;
    private static final int LONGEST_NAME = 200;
    private static final int LARGEST_PAGE = 65_536;
    private static final int LARGEST_EVENT = 4_000_000;

    /** When old rollouts are first looked for: not while a service starts, nor in all instances at once. */
    private static final Duration TIDY_FROM = Duration.ofMinutes(1);

    private static final Duration TIDY_UNTIL = Duration.ofMinutes(10);

    private final Tables tables;
    private final Schema schema;
    private final Database database;
    private final Workers workers;
    private final JournalRows journal;
    private final Fleet fleet;
    private final Retention retention;
    private final LongSupplier ticker;
    private final AtomicLong tidyAt;
    private final @Nullable Announcements announcements;
    private final @Nullable AutoCloseable file;
    private boolean isListening;

    private JdbcStore(Builder builder) {
        this.tables = builder.tables;
        this.schema = new Schema(tables, builder.file != null, builder.steps, builder.compatibleFrom);
        this.database = new Database(builder.source, schema, builder.random);
        this.ticker = builder.ticker;
        this.workers =
                new Workers(builder.connections, builder.timeout, builder.threads, ticker, schema::mayBeInterrupted);
        this.journal = new JournalRows(tables);
        this.fleet = new SharedState(new FleetRows(tables));
        this.retention = new Retention(tables, database, builder.retention);
        this.tidyAt =
                new AtomicLong(ticker.getAsLong() + builder.random.nextLong(TIDY_FROM.toNanos(), TIDY_UNTIL.toNanos()));
        this.announcements = builder.heard == null
                ? null
                : new Announcements(builder.heard, tables.channel(), builder.threads, builder.random);
        this.file = builder.file;
    }

    /**
     * Begins a store in a database that the service has.
     *
     * @param dataSource gives connections to the database that is written to; not closed with the store
     */
    public static Builder over(DataSource dataSource) {
        return new Builder(dataSource::getConnection, null);
    }

    /**
     * Begins a store in a file, with H2, which must be on the class path. All processes of this machine may share it: the first
     * serves the others, on a port that answers this machine alone.
     *
     * @param path of the file on a local disk, to which {@code .mv.db} is added; created where it is not there, its folder too
     * @throws IllegalArgumentException if the path contains a semicolon
     * @throws RollbackException if H2 is not on the class path
     */
    public static Builder inFile(Path path) {
        try {
            DatabaseFile file = new DatabaseFile(path);
            return new Builder(file, file);
        } catch (NoClassDefFoundError missing) {
            throw new RollbackException(
                    "a store in a file needs H2 on the class path: add com.h2database:h2, or use JdbcStore.over(dataSource)");
        }
    }

    /** Returns the statements that create the tables, for teams that do so by hand, with the default prefix. */
    public static String ddl(Dialect dialect) {
        return ddl(dialect, DEFAULT_PREFIX);
    }

    /** Returns the statements that create the tables under a prefix, see {@link Builder#tablePrefix}. */
    public static String ddl(Dialect dialect, String tablePrefix) {
        return Schema.script(dialect, new Tables(tablePrefix));
    }

    /** Builds a {@link JdbcStore}. */
    public static final class Builder {
        private final Database.Source source;
        private final @Nullable AutoCloseable file;
        private Tables tables = new Tables(DEFAULT_PREFIX);
        private Duration timeout = Duration.ofSeconds(3);
        private Duration retention = Duration.ofDays(400);
        private int connections = 4;
        private Database.@Nullable Source heard;
        private List<Schema.Step> steps = Schema.STEPS;
        private int compatibleFrom = Schema.COMPATIBLE_FROM;
        private LongSupplier ticker = System::nanoTime;
        private RandomGenerator random = new SecureRandom();
        private ThreadFactory threads = body -> {
            Thread thread = new Thread(body, "rollback4j-jdbc");
            thread.setDaemon(true);
            return thread;
        };

        private Builder(Database.Source source, @Nullable AutoCloseable file) {
            this.source = source;
            this.file = file;
        }

        /**
         * Sets what the names of all tables begin with, after a schema and a dot where they are in one of their own, for
         * example {@code ops.rollback4j_}. Default: {@code rollback4j_}, in the schema that connections begin with.
         *
         * @throws IllegalArgumentException if it is not made of lower-case letters, digits and underscores
         */
        public Builder tablePrefix(String value) {
            this.tables = new Tables(value);
            return this;
        }

        /**
         * Sets how long anything may take, the waiting for a connection included. Default: 3 seconds. The library gives up a
         * journal after 5 seconds, and a store that gives up before it can say why.
         *
         * @throws IllegalArgumentException if it is not from 100 milliseconds to 4 seconds
         */
        public Builder timeout(Duration value) {
            if (value.compareTo(Duration.ofMillis(100)) < 0 || value.compareTo(Duration.ofSeconds(4)) > 0) {
                throw new IllegalArgumentException(
                        "timeout " + value + " is not allowed: from 100 milliseconds to 4 seconds are");
            }
            this.timeout = value;
            return this;
        }

        /**
         * Sets how long a rollout is kept that has come to its end, from its last event on. Default: 400 days. A release that
         * was rolled back stays on stable for that long after the last process knew of it. Unfinished rollouts are never
         * deleted.
         *
         * @throws IllegalArgumentException if it is not from 1 to 36,500 days
         */
        public Builder retention(Duration value) {
            if (value.compareTo(Duration.ofDays(1)) < 0 || value.compareTo(Duration.ofDays(36_500)) > 0) {
                throw new IllegalArgumentException("retention " + value + " is not allowed: from 1 to 36,500 days are");
            }
            this.retention = value;
            return this;
        }

        /**
         * Sets how many connections are used at a time, at most, each for a moment. Default: 4.
         *
         * @throws IllegalArgumentException if it is not from 1 to 100
         */
        public Builder connections(int value) {
            if (value < 1 || value > 100) {
                throw new IllegalArgumentException("connections " + value + " are not allowed: from 1 to 100 are");
            }
            this.connections = value;
            return this;
        }

        /**
         * Hears at once, rather than when the library next reads, what other instances append. PostgreSQL alone can say so,
         * through a driver of its own; elsewhere this does nothing. It keeps one of the data source's connections for good, so
         * that a pool must have two or more; one behind a proxy that hands a connection to another client with each transaction
         * does not do.
         */
        public Builder listen() {
            this.heard = source;
            return this;
        }

        /** Does the same on a connection of another data source to the same database, for example one without a pool. */
        public Builder listenOn(DataSource dataSource) {
            this.heard = dataSource::getConnection;
            return this;
        }

        /** Sets the steps that the tables are brought up to date with. */
        Builder steps(List<Schema.Step> value, int compatible) {
            this.steps = value;
            this.compatibleFrom = compatible;
            return this;
        }

        /** Sets the monotonic clock of timeouts, in nanoseconds. */
        Builder ticker(LongSupplier value) {
            this.ticker = value;
            return this;
        }

        /** Sets what draws the pauses. */
        Builder random(RandomGenerator value) {
            this.random = value;
            return this;
        }

        /** Sets what makes the store's threads. */
        Builder threads(ThreadFactory value) {
            this.threads = value;
            return this;
        }

        /** Builds the store, without connecting. */
        public JdbcStore build() {
            return new JdbcStore(this);
        }
    }

    /**
     * Connects, and creates the tables where they are not there, so that what is missing is known at the start of the service.
     * Waits up to 30 seconds, since that may take longer than what follows.
     *
     * @throws RollbackException if the database cannot be reached, or the tables cannot be used
     */
    public void prepare() {
        workers.run(
                "prepare the store",
                Schema.LONGEST_SET_UP,
                task -> database.read("prepare the store", task, session -> true));
    }

    // ---- The journal.

    @Override
    public long append(String rolloutId, long expectedSequence, long fencingToken, Event event) {
        requireText("rollout id", rolloutId, LONGEST_ROLLOUT_ID);
        requireText("event type", event.type(), LONGEST_NAME);
        requireSize(rolloutId, event);
        String what = "append " + event.type() + " to rollout " + rolloutId;
        long appended = workers.run(what, task -> {
            while (true) {
                long sequence = database.write(
                        what,
                        task,
                        session -> journal.append(session, rolloutId, expectedSequence, fencingToken, event));
                if (sequence > 0) {
                    return sequence;
                }
                begin(task, rolloutId);
            }
        });
        tidy();
        return appended;
    }

    private void begin(Workers.Task task, String rolloutId) {
        database.writeAgain("begin rollout " + rolloutId, task, session -> {
            journal.begin(session, rolloutId);
            return true;
        });
    }

    private static void requireSize(String rolloutId, Event event) {
        long size = event.data().entrySet().stream()
                .mapToLong(entry -> entry.getKey().length() + entry.getValue().length())
                .sum();
        if (size > LARGEST_EVENT) {
            throw new RollbackException("event " + event.type() + " of rollout " + rolloutId + " has " + size
                    + " characters of data: up to " + LARGEST_EVENT + " are allowed");
        }
    }

    /** Refuses what not every database can keep, or find again. */
    private static void requireText(String name, String value, int longest) {
        if (value.length() > longest) {
            throw new IllegalArgumentException(name + " '" + value.substring(0, 40) + "...' of " + value.length()
                    + " characters is not allowed: up to " + longest + " are");
        }
        for (int index = 0; index < value.length(); index++) {
            int next = value.codePointAt(index);
            if (next == 0 || (next >= Character.MIN_SURROGATE && next <= Character.MAX_SURROGATE)) {
                throw new IllegalArgumentException(
                        name + " '" + value + "' is not allowed: without the character U+0000 and without"
                                + " halves of surrogate pairs it is");
            }
            index += Character.charCount(next) - 1;
        }
    }

    @Override
    public List<Entry> read(String rolloutId) {
        return readAfter(rolloutId, 0);
    }

    @Override
    public List<Entry> readAfter(String rolloutId, long sequence) {
        requireText("rollout id", rolloutId, LONGEST_ROLLOUT_ID);
        return read("read rollout " + rolloutId, session -> journal.readAfter(session, rolloutId, sequence));
    }

    @Override
    public List<String> rolloutIds() {
        return read("list the rollouts", journal::rolloutIds);
    }

    private <T extends @Nullable Object> T read(String what, Database.Body<T> body) {
        return workers.run(what, task -> database.read(what, task, body));
    }

    /** Says whether the events survive the process: yes, but for a database of H2 in memory. */
    @Override
    public boolean isDurable() {
        if (!schema.isReady()) {
            try {
                read("see which database it is", session -> true);
            } catch (RollbackException away) {
                LOG.debug("It is not known yet which database it is", away);
            }
        }
        return !schema.isInMemory();
    }

    @Override
    public Fleet fleet() {
        return fleet;
    }

    /**
     * Registers to be told that somebody may have appended an event. Does nothing unless the store
     * {@linkplain Builder#listen() listens}.
     */
    @Override
    public AutoCloseable watch(Runnable changed) {
        Announcements heard = announcements;
        if (heard == null) {
            return () -> {};
        }
        heard.add(changed);
        listenOnce(heard);
        return () -> heard.remove(changed);
    }

    private synchronized void listenOnce(Announcements heard) {
        if (!isListening) {
            isListening = true;
            heard.start();
        }
    }

    // ---- Retention.

    /**
     * Deletes now what would be deleted within the hours that come: rollouts that came to their end and had no event for longer
     * than the {@linkplain Builder#retention retention}, and what instances published to those that came to their end a day
     * ago.
     *
     * @return how many rollouts were deleted, up to a hundred; call it again for more
     */
    public int deleteOld() {
        return workers.run("delete old rollouts", retention::delete);
    }

    /** Sees to it now and then that old rollouts are deleted, without anybody waiting for it. */
    private void tidy() {
        long at = tidyAt.get();
        long now = ticker.getAsLong();
        if (now - at < 0 || !tidyAt.compareAndSet(at, now + TIDY_UNTIL.toNanos())) {
            return;
        }
        workers.later(task -> {
            try {
                int deleted = retention.isDue(task) ? retention.delete(task) : 0;
                if (deleted > 0) {
                    LOG.info("Deleted {} old rollouts from the journal", deleted);
                }
            } catch (RollbackException failed) {
                LOG.warn("Old rollouts were not deleted from the journal: {}", failed.getMessage());
            }
            return true;
        });
    }

    /** What instances share, in the same database. */
    private final class SharedState implements Fleet {
        private final FleetRows rows;

        SharedState(FleetRows rows) {
            this.rows = rows;
        }

        @Override
        public Member join(String rolloutId, String instance, String host) {
            requireText("rollout id", rolloutId, LONGEST_ROLLOUT_ID);
            requireText("instance", instance, LONGEST_NAME);
            requireText("host", host, LONGEST_NAME);
            String what = "join rollout " + rolloutId;
            return workers.run(what, task -> {
                Member known = database.read(what, task, session -> rows.member(session, rolloutId, instance));
                while (known == null) {
                    known = database.write(what, task, session -> rows.join(session, rolloutId, instance, host));
                    if (known == null) {
                        begin(task, rolloutId);
                    }
                }
                return known;
            });
        }

        @Override
        public void leave(String rolloutId, String instance) {
            write("leave rollout " + rolloutId, session -> {
                rows.leave(session, rolloutId, instance);
                return true;
            });
        }

        private <T extends @Nullable Object> T write(String what, Database.Body<T> body) {
            return workers.run(what, task -> database.write(what, task, body));
        }

        @Override
        public List<Member> members(String rolloutId) {
            return read("list the members of rollout " + rolloutId, session -> rows.members(session, rolloutId));
        }

        @Override
        public @Nullable Lease tryLease(String rolloutId, String instance, Duration length) {
            requireText("rollout id", rolloutId, LONGEST_ROLLOUT_ID);
            requireText("instance", instance, LONGEST_NAME);
            if (length.isNegative() || length.isZero()) {
                throw new IllegalArgumentException("a lease of " + length + " is not allowed: more than zero is");
            }
            String what = "lease rollout " + rolloutId;
            return workers.run(what, task -> {
                while (true) {
                    if (database.read(what, task, session -> rows.isHeldByAnother(session, rolloutId, instance))) {
                        return null;
                    }
                    Lease lease =
                            database.write(what, task, session -> rows.tryLease(session, rolloutId, instance, length));
                    if (lease != null) {
                        return lease;
                    }
                    begin(task, rolloutId);
                }
            });
        }

        @Override
        public void release(Lease lease) {
            write("release rollout " + lease.rolloutId(), session -> {
                rows.release(session, lease);
                return true;
            });
        }

        @Override
        public void publish(String rolloutId, String instance, Map<String, Content> pages) {
            pages.forEach((name, content) -> {
                requireText("page name", name, LONGEST_NAME);
                if (content.length() > LARGEST_PAGE) {
                    throw new IllegalArgumentException("page '" + name + "' of " + content.length()
                            + " bytes is not allowed: up to " + LARGEST_PAGE + " are");
                }
            });
            write("publish to rollout " + rolloutId, session -> {
                rows.publish(session, rolloutId, instance, pages);
                return true;
            });
        }

        @Override
        public List<Page> pages(String rolloutId, @Nullable Duration changedWithin) {
            return read(
                    "read the pages of rollout " + rolloutId, session -> rows.pages(session, rolloutId, changedWithin));
        }
    }

    /** Ends the store's threads, and lets its file go; a data source stays open. */
    @Override
    public void close() {
        if (announcements != null) {
            announcements.close();
        }
        workers.close();
        if (file != null) {
            try {
                file.close();
            } catch (Exception failed) {
                LOG.warn("The store's file was not closed, the end of this process does it: {}", failed.getMessage());
            }
        }
    }

    /** Returns what it is, without a URL. */
    @Override
    public String toString() {
        return "JdbcStore(" + tables.prefix() + "*)";
    }
}
