package io.github.rollback4j.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How rollback4j works in this service. What is rolled out is below {@code rollback4j.rollouts.*}, which is read as a plan file is
 * read. Immutable. Where a value is null, the default of {@link io.github.rollback4j.rollout.Rollouts.Builder} or
 * {@link io.github.rollback4j.jdbc.JdbcStore.Builder} holds.
 *
 * @param enabled whether anything is rolled out; where it is false each call gets the stable release, and nothing is journalled.
 *     Default: true
 * @param instance names the place where this process runs, so that a restart in the same place is recognised
 * @param controlFile the file that is watched for break-glass controls
 * @param tickInterval how often rollouts are looked at, 10 milliseconds to 10 seconds
 * @param pollInterval how often it is read what other instances have written, 50 milliseconds to 1 minute
 * @param leaseDuration how long the right to decide holds that is not renewed, 1 second to 5 minutes
 * @param keyHeader the request header whose value is the key of an annotated call that has no other
 * @param responseHeader the response header that says which release served an annotated call, and of which rollout
 * @param http which HTTP requests count where the process itself is the candidate
 * @param store where rollouts are kept
 * @param bootLoopGuard when a candidate is taken back because it may be what brings the process down
 * @param remindOfStableCodeAfter how long after a promotion it is warned, at each start and once a day, that the stable code is
 *     still there; 0 is never. Default: 30 days
 * @param migrations what is needed to judge whether this release can live with the next one's database
 */
@ConfigurationProperties("rollback4j")
public record Rollback4jProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String instance,
        @Nullable Path controlFile,
        @Nullable Duration tickInterval,
        @Nullable Duration pollInterval,
        @Nullable Duration leaseDuration,
        @Nullable String keyHeader,
        @Nullable String responseHeader,
        @DefaultValue Http http,
        @DefaultValue Store store,
        @Nullable BootLoopGuard bootLoopGuard,
        @DefaultValue("30d") Duration remindOfStableCodeAfter,
        @DefaultValue Migrations migrations) {

    /** What keeps rollouts. */
    public enum StoreType {
        /** The service's database where it has one, else the memory, with a warning. */
        AUTO,
        /** The service's database, which must be there. */
        DATA_SOURCE,
        /** A file of this machine, by H2, which must be on the class path. */
        FILE,
        /** The memory: a restart forgets, and instances know nothing of each other. */
        MEMORY
    }

    /**
     * Where rollouts are kept.
     *
     * @param type what keeps them. Default: auto
     * @param dataSource the data source's bean, where there are several and none is primary
     * @param file for type {@code file}: its path, to which {@code .mv.db} is added
     * @param tablePrefix what the names of all tables begin with
     * @param timeout how long anything may take, 100 milliseconds to 4 seconds
     * @param retention how long a rollout is kept that has come to its end, 1 to 36,500 days
     * @param connections how many connections are used at a time at most, 1 to 100
     * @param listen whether one connection is kept, in PostgreSQL, to hear of other instances at once. Default: false
     */
    public record Store(
            @DefaultValue("auto") StoreType type,
            @Nullable String dataSource,
            @Nullable Path file,
            @Nullable String tablePrefix,
            @Nullable Duration timeout,
            @Nullable Duration retention,
            @Nullable Integer connections,
            @DefaultValue("false") boolean listen) {}

    /**
     * Which HTTP requests count where the process itself is the candidate, by patterns of their paths such as {@code /api/**}.
     *
     * @param include what counts. Default: all
     * @param exclude what does not count, of those. Default: the actuator
     */
    public record Http(
            @DefaultValue("/**") List<String> include,
            @DefaultValue("/actuator/**") List<String> exclude) {}

    /** What happens where the previous release does not live with migrations that are about to run, or that is not known. */
    public enum MigrationCheck {
        /** It is logged, and recorded, so that a rollback does not cross them. */
        REPORT,
        /** The start fails before they run. */
        REFUSE,
        /** Nothing is judged. */
        OFF
    }

    /**
     * What is needed to judge whether this release can live with the next one's database.
     *
     * @param check what happens with migrations of Flyway or Liquibase with which the previous release does not live. Each start
     *     reads the migrations once more, and the history over a connection of its own. Default: report
     * @param record the file to which the statements are added that the service's data sources run, when the context closes; for tests.
     *     Null: nothing is recorded
     * @param recordSamples whether values of parameters are kept, a few for each statement. Default: true
     * @param recordLeaveOut tables whose statements are not recorded, beside those of Flyway, Liquibase and rollback4j
     */
    public record Migrations(
            @DefaultValue("report") MigrationCheck check,
            @Nullable Path record,
            @DefaultValue("true") boolean recordSamples,
            @Nullable List<String> recordLeaveOut) {}

    /**
     * When a candidate is taken back because it may be what brings the process down.
     *
     * @param starts how many starts without an orderly stop are too many, 1 to 100. Default: 3
     * @param within in which time, 1 second to 24 hours. Default: 10 minutes
     */
    public record BootLoopGuard(
            @DefaultValue("3") int starts,
            @DefaultValue("10m") Duration within) {}
}
