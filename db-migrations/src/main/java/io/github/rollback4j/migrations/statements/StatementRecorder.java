package io.github.rollback4j.migrations.statements;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what a release asks its database while its tests run: each statement that succeeded, with the types and a few values of
 * its parameters, and how its results are read. Needs {@code net.ttddyy:datasource-proxy}.
 *
 * <p>Not recorded, since they are not the release's own work: definitions of objects, access rights, transactions and settings of a
 * session; what Flyway, Liquibase, Hibernate's tool for schemas and Spring's scripts run, and whatever names their tables of history
 * or rollback4j's; statements that failed. Not seen at all is what goes past the data source: connections that are unwrapped, COPY
 * through a driver's own interface. A statement that a test itself runs, to prepare or to check, is recorded like the release's.
 *
 * <p>Texts stay as they are, since a literal may be the name of an enum's value that the new release drops. Of statements that differ
 * in nothing but literals and the lengths of lists, the first 5 texts are kept, so that literals cannot fill the recorder. It is full
 * at 10,000 statements, or 16 million signs; that is logged once, and the catalogue is then incomplete.
 *
 * <p>Values are kept up to 1,000 signs, bytes up to 500; a call with a longer one, or with a stream, gives no sample. They come from
 * tests, but may be private where tests run on copies of real data: {@link Builder#withoutSamples()} keeps none.
 *
 * <p>Thread-safe. A recorded call takes some microseconds longer.
 */
public final class StatementRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(StatementRecorder.class);

    private static final int TEXTS_OF_A_SHAPE = 5;
    private static final int LONGEST_STATEMENT = 100_000;
    private static final long MOST_SIGNS = 16_000_000;

    private static final int MOST_KNOWN_TEXTS = 10_000;
    private static final int LONGEST_KNOWN_TEXT = 2_000;

    private static final List<String> NOT_THE_RELEASE = List.of(
            "org.flywaydb.",
            "liquibase.",
            "org.hibernate.tool.schema.",
            "org.springframework.jdbc.datasource.init.",
            "io.github.rollback4j.jdbc.");

    private final int most;
    private final boolean keepsSamples;
    private final Set<String> otherTables;
    private final StackWalker stack = StackWalker.getInstance();

    private final Map<String, SeenStatement> bySql = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> textsByShape = new ConcurrentHashMap<>();

    /** What texts as they were sent have led to, so that most are taken apart only once. */
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    @SuppressWarnings("ThreadLocalUsage") // Of this recorder alone, which ends with it.
    private final InheritableThreadLocal<@Nullable String> origin = new InheritableThreadLocal<>();

    private final Map<String, Integer> openOrigins = new ConcurrentHashMap<>();

    private final Object filling = new Object();
    private long signs;
    private volatile boolean isFull;

    private record Known(@Nullable SeenStatement statement) {}

    private StatementRecorder(Builder builder) {
        this.most = builder.most;
        this.keepsSamples = builder.keepsSamples;
        this.otherTables = Set.copyOf(builder.otherTables);
    }

    /** Makes a recorder with the defaults. */
    public StatementRecorder() {
        this(builder());
    }

    /** Begins a recorder. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns a data source that records; the other one goes on as it is. Closing it closes the other.
     *
     * @throws IllegalStateException if datasource-proxy is missing
     */
    public DataSource record(DataSource dataSource) {
        try {
            return RecordedDataSource.of(dataSource, this);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(
                    "statements cannot be recorded without net.ttddyy:datasource-proxy: add it as a dependency", e);
        }
    }

    /**
     * Says where statements are asked from now on, until what is returned is closed. On this thread and those that it begins; on
     * all others as well while there is only one such place.
     *
     * @param place the place, for people: the name of a test's class
     */
    public AutoCloseable seenIn(String place) {
        String before = origin.get();
        origin.set(place);
        openOrigins.merge(place, 1, Integer::sum);
        return () -> {
            openOrigins.computeIfPresent(place, (key, count) -> count == 1 ? null : count - 1);
            origin.set(before);
        };
    }

    /** Returns what was recorded until now. */
    public StatementCatalogue catalogue() {
        return StatementCatalogue.of(
                bySql.values().stream().map(SeenStatement::recorded).toList(), !isFull);
    }

    /** Says whether something was asked that is not recorded because there was no room. */
    public boolean isFull() {
        return isFull;
    }

    /** Finds a statement that was sent; null where it is none of the release's, or there is no room for it. */
    @Nullable
    SeenStatement statement(String sent) {
        Known before = known.get(sent);
        if (before != null) {
            return seenHere(before.statement());
        }
        if (sent.length() > LONGEST_STATEMENT) {
            fill("a statement of " + sent.length() + " signs was left out, " + LONGEST_STATEMENT + " are allowed");
            return null;
        }
        String sql = SqlText.compared(sent);
        SeenStatement statement = bySql.get(sql);
        if (statement == null) {
            List<SqlToken> tokens = SqlToken.of(sql);
            if (!StatementKind.isOfRelease(tokens, otherTables)) {
                remember(sent, null);
                return null;
            }
            if (isMigrating()) {
                // Not remembered: the release may ask the same.
                return null;
            }
            statement = add(sql, StatementKind.shape(tokens));
        }
        remember(sent, statement);
        return seenHere(statement);
    }

    private @Nullable SeenStatement seenHere(@Nullable SeenStatement statement) {
        if (statement != null) {
            statement.seenIn(place());
        }
        return statement;
    }

    private @Nullable SeenStatement add(String sql, String shape) {
        synchronized (filling) {
            SeenStatement before = bySql.get(sql);
            if (before != null) {
                return before;
            }
            AtomicInteger texts = textsByShape.get(shape);
            if (texts != null && texts.get() >= TEXTS_OF_A_SHAPE) {
                return null;
            }
            int added = sql.length() + (texts == null ? shape.length() : 0);
            if (bySql.size() >= most || signs + added > MOST_SIGNS) {
                fill("further statements are left out after " + bySql.size() + " with " + signs + " signs");
                return null;
            }
            signs += added;
            textsByShape.computeIfAbsent(shape, key -> new AtomicInteger()).incrementAndGet();
            SeenStatement statement = new SeenStatement(sql, keepsSamples);
            bySql.put(sql, statement);
            return statement;
        }
    }

    private void remember(String sent, @Nullable SeenStatement statement) {
        if (known.size() < MOST_KNOWN_TEXTS && sent.length() <= LONGEST_KNOWN_TEXT) {
            known.put(sent, new Known(statement));
        }
    }

    private void fill(String why) {
        synchronized (filling) {
            if (!isFull) {
                isFull = true;
                LOG.warn("The record of statements is incomplete: {}", why);
            }
        }
    }

    private boolean isMigrating() {
        return stack.walk(frames ->
                frames.anyMatch(frame -> NOT_THE_RELEASE.stream().anyMatch(frame.getClassName()::startsWith)));
    }

    private String place() {
        String only = openOrigins.size() == 1
                ? openOrigins.keySet().stream().findFirst().orElse(null)
                : null;
        String here = only == null ? origin.get() : only;
        return here == null ? "" : here;
    }

    /** Makes a recorder. For one thread. */
    public static final class Builder {

        private int most = 10_000;
        private boolean keepsSamples = true;
        private final Set<String> otherTables = new LinkedHashSet<>(
                List.of("flyway_schema_history", "databasechangelog", "databasechangeloglock", "rollback4j_*"));

        private Builder() {}

        /**
         * Sets how many different statements are kept; from 1 to 1,000,000, default 10,000.
         *
         * @throws IllegalArgumentException if the number is not allowed
         */
        public Builder mostStatements(int statements) {
            if (statements < 1 || statements > 1_000_000) {
                throw new IllegalArgumentException(
                        "mostStatements " + statements + " is not allowed: 1 to 1,000,000 are");
            }
            most = statements;
            return this;
        }

        /** Keeps no values of parameters. */
        public Builder withoutSamples() {
            keepsSamples = false;
            return this;
        }

        /**
         * Leaves out statements that name one of those tables, without their schema: a table of history with another name, a table
         * that only tests use. Default: those of Flyway, Liquibase and rollback4j.
         */
        public Builder leaveOut(String... tables) {
            otherTables.addAll(Arrays.stream(tables)
                    .map(table -> table.toLowerCase(Locale.ROOT))
                    .collect(Collectors.toSet()));
            return this;
        }

        /** Makes the recorder. */
        public StatementRecorder build() {
            return new StatementRecorder(this);
        }
    }
}
