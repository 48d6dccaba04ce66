package io.github.rollback4j.migrations.source;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * Migrations of Flyway 11 to 13, versioned, repeatable, baseline and in Java, from its own configuration. What is wrong with them is
 * said by Flyway's own exception, and so is a location that does not exist. Immutable and thread-safe.
 *
 * <p>The open edition knows no undo: {@code U2__x.sql} beside {@code V2__x.sql} is read here. It refuses such files where
 * {@code validateMigrationNaming} is on.
 */
public final class FlywayMigrations {

    private static final Pattern NOT_TRANSACTIONAL = Pattern.compile(
            "(?i)((CREATE|DROP)\\s+(DATABASE|TABLESPACE|SUBSCRIPTION)\\b|ALTER\\s+SYSTEM\\b|VACUUM\\b|DISCARD\\s+ALL\\b"
                    + "|(CREATE(\\s+UNIQUE)?|DROP)\\s+INDEX\\s+CONCURRENTLY\\b|REINDEX(\\s*\\([^)]*\\))?\\s+(SCHEMA|DATABASE|SYSTEM)\\b"
                    + "|REINDEX\\b.*\\bCONCURRENTLY\\b).*",
            Pattern.DOTALL);

    private final SqlDialect dialect;
    private final Configuration configuration;
    private final String undoPrefix;

    private FlywayMigrations(SqlDialect dialect, Configuration configuration, String undoPrefix) {
        this.dialect = Objects.requireNonNull(dialect, "dialect");
        FluentConfiguration copy = new FluentConfiguration(configuration.getClassLoader()).configuration(configuration);
        copy.failOnMissingLocations(true);
        this.configuration = copy;
        this.undoPrefix = undoPrefix;
    }

    /** Reads what a configuration says, for example that of Spring Boot. */
    public static FlywayMigrations of(SqlDialect dialect, Configuration configuration) {
        return new FlywayMigrations(dialect, configuration, "U");
    }

    /** Reads locations such as {@code classpath:db/migration} or {@code filesystem:migrations}, with Flyway's defaults for the rest. */
    public static FlywayMigrations in(SqlDialect dialect, String... locations) {
        return of(dialect, new FluentConfiguration().locations(locations));
    }

    /**
     * Says how the names of undos begin; the default is {@code U}.
     *
     * @throws IllegalArgumentException if it is blank, or begins other migrations too
     */
    public FlywayMigrations undoPrefix(String prefix) {
        if (prefix.isBlank()
                || prefix.equals(configuration.getSqlMigrationPrefix())
                || prefix.equals(configuration.getRepeatableSqlMigrationPrefix())) {
            throw new IllegalArgumentException(
                    "undoPrefix '" + prefix + "' is not allowed: one that begins no other migration is");
        }
        return new FlywayMigrations(dialect, configuration, prefix);
    }

    /** Returns all migrations as pending, as on an empty database. */
    public MigrationSet afterNothing() {
        FlywayScripts scripts = scripts();
        return new MigrationSet(dialect, List.of(), pending(scripts, onEmptyDatabase(scripts)), true);
    }

    /**
     * Returns what is pending after a version. Which text of a repeatable migration has been applied is not known then, so that each
     * is pending.
     */
    public MigrationSet afterVersion(String version) {
        FlywayScripts scripts = scripts();
        MigrationVersion last = MigrationVersion.fromVersion(version);
        List<ResolvedMigration> all = onEmptyDatabase(scripts);
        List<Migration> applied = all.stream()
                .filter(migration -> isUpTo(migration, last))
                .map(migration -> read(scripts, migration))
                .toList();
        List<ResolvedMigration> pending = all.stream()
                .filter(migration ->
                        !isUpTo(migration, last) && !migration.getType().isBaseline())
                .toList();
        return new MigrationSet(
                dialect,
                applied,
                pending(scripts, pending),
                !configuration.isBaselineOnMigrate(),
                startOfOldRelease(configuration, pending.stream().anyMatch(ResolvedMigration::isVersioned)));
    }

    /** Returns what is pending after the previous release's migrations, which have all been applied. */
    public MigrationSet after(FlywayMigrations previous) {
        FlywayScripts old = previous.scripts();
        FlywayScripts scripts = scripts();
        List<ResolvedMigration> applied = onEmptyDatabase(old);
        Map<String, ResolvedMigration> oldByKey = new HashMap<>();
        old.resolved().stream()
                .filter(migration -> !migration.getType().isBaseline())
                .forEach(migration -> oldByKey.put(key(migration), migration));
        MigrationVersion last = applied.stream()
                .filter(ResolvedMigration::isVersioned)
                .map(ResolvedMigration::getVersion)
                .max(Comparator.naturalOrder())
                .orElse(MigrationVersion.EMPTY);
        boolean isBaselined =
                applied.stream().anyMatch(migration -> migration.getType().isBaseline());
        List<ResolvedMigration> pending = new ArrayList<>();
        List<Observation> observations = new ArrayList<>();
        for (ResolvedMigration migration : applied.isEmpty() ? onEmptyDatabase(scripts) : scripts.resolved()) {
            ResolvedMigration before = oldByKey.remove(key(migration));
            if (migration.getType().isBaseline()) {
                if (applied.isEmpty()) {
                    pending.add(migration);
                }
            } else if (before == null) {
                if (!migration.isVersioned()
                        || migration.getVersion().compareTo(last) > 0
                        || configuration.isOutOfOrder()) {
                    pending.add(migration);
                } else if (!isBaselined) {
                    observations.add(new Observation(
                            "HISTORY_EDITED",
                            migration.getScript(),
                            "version "
                                    + migration.getVersion() + " is new but below " + last
                                    + ", which is applied: without outOfOrder Flyway refuses it"));
                }
            } else if (!Objects.equals(before.getChecksum(), migration.getChecksum())) {
                if (migration.isVersioned()) {
                    observations.add(edited(migration.getScript(), before.getChecksum(), migration.getChecksum()));
                } else {
                    pending.add(migration);
                }
            }
        }
        boolean hasNewBaseline = scripts.resolved().stream()
                .anyMatch(migration -> migration.getType().isBaseline());
        oldByKey.values().stream()
                .filter(gone -> gone.isVersioned() && !hasNewBaseline)
                .sorted(Comparator.comparing(ResolvedMigration::getVersion))
                .forEach(gone -> observations.add(new Observation(
                        "HISTORY_EDITED", gone.getScript(), "version " + gone.getVersion() + " is applied, but gone")));
        observations.addAll(
                startOfOldRelease(previous.configuration, pending.stream().anyMatch(ResolvedMigration::isVersioned)));
        return new MigrationSet(
                dialect,
                applied.stream().map(migration -> previous.read(old, migration)).toList(),
                pending(scripts, pending),
                !previous.configuration.isBaselineOnMigrate(),
                observations);
    }

    /**
     * Returns what Flyway would run on a database now, by its history table. Reads, and changes nothing. Flyway's module for the
     * database must be there.
     */
    public MigrationSet after(DataSource database) {
        FlywayScripts scripts = scripts();
        Map<String, ResolvedMigration> byKey = new HashMap<>();
        scripts.resolved().forEach(migration -> byKey.put(key(migration), migration));
        MigrationInfoService info = new FluentConfiguration(configuration.getClassLoader())
                .configuration(configuration)
                .dataSource(database)
                .load()
                .info();
        List<Migration> applied = new ArrayList<>();
        List<Observation> observations = new ArrayList<>();
        boolean isComplete = !configuration.isBaselineOnMigrate();
        for (MigrationInfo row : Stream.of(info.applied())
                .sorted(Comparator.comparing(MigrationInfo::getInstalledRank))
                .toList()) {
            ResolvedMigration migration = byKey.get(key(row.getVersion(), row.getDescription()));
            if (row.getState() == MigrationState.SUPERSEDED
                    || (row.getType().isSynthetic() && !row.getType().isBaseline())) {
                continue;
            }
            if (migration == null || row.getState().isFailed()) {
                isComplete = false;
            } else if (row.isVersioned()) {
                if (!row.isChecksumMatching()) {
                    observations.add(
                            edited(migration.getScript(), row.getAppliedChecksum(), row.getResolvedChecksum()));
                }
                applied.add(read(scripts, migration));
            } else if (Objects.equals(row.getChecksum(), migration.getChecksum())) {
                applied.add(read(scripts, migration));
            } else {
                isComplete = false;
            }
        }
        List<ResolvedMigration> pending = new ArrayList<>();
        for (MigrationInfo row : info.all()) {
            if (row.getState() == MigrationState.IGNORED && !row.getType().isBaseline()) {
                observations.add(new Observation(
                        "HISTORY_EDITED",
                        row.getScript(),
                        "version " + row.getVersion()
                                + " is new but below one that is applied: without outOfOrder Flyway refuses it"));
            }
        }
        for (MigrationInfo row : info.pending()) {
            ResolvedMigration migration = Stream.concat(
                            Stream.ofNullable(byKey.get(key(row.getVersion(), row.getDescription()))),
                            scripts.resolved().stream())
                    .filter(one -> one.getScript().equals(row.getScript()))
                    .findFirst()
                    .orElseThrow(() -> new MigrationSourceException(
                            row.getScript() + " is pending for Flyway, but is in none of the locations"));
            pending.add(migration);
        }
        observations.addAll(
                startOfOldRelease(configuration, pending.stream().anyMatch(ResolvedMigration::isVersioned)));
        return new MigrationSet(dialect, applied, pending(scripts, pending), isComplete, observations);
    }

    private FlywayScripts scripts() {
        return new FlywayScripts(configuration, undoPrefix);
    }

    /** The newest baseline stands for all versions up to its own. */
    private static List<ResolvedMigration> onEmptyDatabase(FlywayScripts scripts) {
        MigrationVersion baseline = scripts.resolved().stream()
                .filter(migration -> migration.getType().isBaseline())
                .map(ResolvedMigration::getVersion)
                .max(Comparator.naturalOrder())
                .orElse(MigrationVersion.EMPTY);
        return scripts.resolved().stream()
                .filter(migration -> !migration.isVersioned()
                        || migration.getVersion().compareTo(baseline) > 0
                        || (migration.getType().isBaseline()
                                && migration.getVersion().equals(baseline)))
                .toList();
    }

    private static boolean isUpTo(ResolvedMigration migration, MigrationVersion last) {
        return migration.isVersioned() && migration.getVersion().compareTo(last) <= 0;
    }

    private static String key(ResolvedMigration migration) {
        return (migration.getType().isBaseline() ? "B" : "")
                + key(migration.isVersioned() ? migration.getVersion() : null, migration.getDescription());
    }

    private static String key(@Nullable MigrationVersion version, String description) {
        return version == null ? "R__" + description : version.toString();
    }

    private static Observation edited(String script, @Nullable Integer before, @Nullable Integer now) {
        return new Observation("HISTORY_EDITED", script, "is applied with checksum " + before + ", and now has " + now);
    }

    /** The previous release meets versions that it does not know when it starts again. */
    private static List<Observation> startOfOldRelease(Configuration old, boolean hasNewVersions) {
        boolean isRefused = hasNewVersions
                && old.isValidateOnMigrate()
                && Stream.of(old.getIgnoreMigrationPatterns())
                        .noneMatch(pattern -> pattern.matchesMigration(true, MigrationState.FUTURE_SUCCESS));
        return isRefused
                ? List.of(new Observation(
                        "OLD_RELEASE_REFUSES_START",
                        "",
                        "validateOnMigrate is on and ignoreMigrationPatterns has no *:future"))
                : List.of();
    }

    // ---- The text of a migration.

    private List<Migration> pending(FlywayScripts scripts, List<ResolvedMigration> migrations) {
        return migrations.stream()
                .map(migration -> {
                    Migration read = read(scripts, migration);
                    requireRunnable(scripts, migration, read);
                    return read;
                })
                .toList();
    }

    private void requireRunnable(FlywayScripts scripts, ResolvedMigration migration, Migration read) {
        LoadableResource script = scripts.script(migration);
        if (script == null || configuration.isMixed() || !isInTransaction(scripts, script)) {
            return;
        }
        List<Statement> statements = StatementText.withoutMereComments(read.statements());
        long without = statements.stream().filter(this::isNotTransactional).count();
        if (without > 0 && without < statements.size()) {
            throw new MigrationSourceException(migration.getScript()
                    + " has statements with and without a transaction, which Flyway refuses: a file of its own for"
                    + " each kind, or mixed, is allowed");
        }
    }

    private Migration read(FlywayScripts scripts, ResolvedMigration migration) {
        String id = migration.isVersioned()
                ? migration.getVersion().toString()
                : configuration.getRepeatableSqlMigrationPrefix()
                        + configuration.getSqlMigrationSeparator()
                        + migration.getDescription().replace(' ', '_');
        LoadableResource script = scripts.script(migration);
        Undo undo = migration.isVersioned() ? undo(scripts, migration.getVersion()) : Undo.NONE;
        if (script == null) {
            String name = migration.getScript();
            return new Migration(
                    id,
                    name,
                    List.of(new Statement(
                            name, 1, List.of(new SchemaChange.NotUnderstood("a migration in Java: " + name)))),
                    migration.getExecutor().canExecuteInTransaction(),
                    !migration.isVersioned(),
                    undo,
                    List.of());
        }
        String text = scripts.text(script);
        List<Statement> statements = SqlReader.of(dialect).read(text);
        return new Migration(
                id,
                migration.getScript(),
                statements,
                isInTransaction(scripts, script) && statements.stream().noneMatch(this::isNotTransactional),
                !migration.isVersioned(),
                undo,
                new SuppressionComments(dialect).read(migration.getScript(), text, statements));
    }

    private boolean isInTransaction(FlywayScripts scripts, LoadableResource script) {
        String own = scripts.settings(script).getProperty("executeInTransaction");
        return own == null ? configuration.isExecuteInTransaction() : Boolean.parseBoolean(own.strip());
    }

    /** Flyway looks for these on PostgreSQL; its parsers of the others know none that a migration of a schema has. */
    private boolean isNotTransactional(Statement statement) {
        return dialect == SqlDialect.POSTGRESQL
                && NOT_TRANSACTIONAL
                        .matcher(StatementText.withoutComments(statement.text()))
                        .matches();
    }

    private Undo undo(FlywayScripts scripts, MigrationVersion version) {
        LoadableResource script = scripts.undo(version);
        if (script == null) {
            return Undo.NONE;
        }
        List<Statement> statements =
                StatementText.withoutMereComments(SqlReader.of(dialect).read(scripts.text(script)));
        return new Undo(
                statements.isEmpty() ? Undo.State.EMPTY : Undo.State.DECLARED, script.getRelativePath(), statements);
    }
}
