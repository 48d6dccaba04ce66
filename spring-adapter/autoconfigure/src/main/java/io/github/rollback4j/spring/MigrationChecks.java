package io.github.rollback4j.spring;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.migrations.gate.RecordedVerdict;
import io.github.rollback4j.migrations.gate.VerdictTable;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.report.CompatibilityReport;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.verdict.Compatibility;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import io.github.rollback4j.migrations.verdict.Verdict;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.spring.Rollback4jProperties.MigrationCheck;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Judges what is pending before it runs, and records the verdict for the release that this process is, so that it is there when
 * that release is taken back. It is recorded before the migrations run: a process that dies in between leaves a verdict behind
 * that is too bad at worst. Thread-safe.
 */
final class MigrationChecks implements BeanPostProcessor {

    private static final Logger LOG = LoggerFactory.getLogger(MigrationChecks.class);
    private static final List<Verdict> WORST_FIRST =
            List.of(Verdict.BLOCKED, Verdict.UNKNOWN, Verdict.UNDO_NEEDED, Verdict.COMPATIBLE);

    /** What was found of the migrations of one database. */
    private record Found(
            VerdictTable table, Verdict verdict, List<String> reasons, List<String> migrations, List<String> undo) {}

    private final MigrationCheck check;
    private final ConfigurableEnvironment environment;
    private final ObjectProvider<BuildProperties> build;
    private final ObjectProvider<GitProperties> git;
    private final InstantSource clock;
    private final List<Found> found = new ArrayList<>();
    private final Set<Release> candidates = new LinkedHashSet<>();

    MigrationChecks(
            MigrationCheck check,
            ConfigurableEnvironment environment,
            ObjectProvider<BuildProperties> build,
            ObjectProvider<GitProperties> git,
            InstantSource clock) {
        this.check = check;
        this.environment = environment;
        this.build = build;
        this.git = git;
        this.clock = clock;
    }

    /** Says whether nothing is judged. */
    boolean isOff() {
        return check == MigrationCheck.OFF;
    }

    /**
     * Judges what is about to run on a database, and records the verdict there.
     *
     * @param tool what runs it, for people
     * @param pending reads the migrations
     * @throws MigrationsRefusedException if that is asked for, and the verdict is not that the previous release can go back
     */
    synchronized void judge(String tool, DataSource database, Function<SqlDialect, MigrationSet> pending) {
        Found now = found(tool, database, pending);
        found.add(now);
        Set<Release> releases = configured();
        if (releases.isEmpty() && candidates.isEmpty()) {
            LOG.debug("No rollout is configured, for which the verdict of the migrations could be recorded");
        }
        releases.addAll(candidates);
        releases.forEach(release -> record(release, now));
    }

    /** Plans may name candidates that the properties do not: those of files and of beans. */
    @Override
    public synchronized Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof NamedRollouts rollouts) {
            Set<Release> known = configured();
            for (String rollout : rollouts.names()) {
                Release candidate = rollouts.plan(rollout).candidate();
                boolean isRecorded = known.stream()
                        .anyMatch(release -> release.component().equals(candidate.component())
                                && release.version().equals(candidate.version()));
                if (!isRecorded && candidates.add(candidate)) {
                    found.forEach(each -> record(candidate, each));
                }
            }
        }
        return bean;
    }

    // ---- The verdict.

    private Found found(String tool, DataSource database, Function<SqlDialect, MigrationSet> pending) {
        VerdictTable table = VerdictTable.in(database);
        Compatibility compatibility;
        try {
            MigrationSet migrations = pending.apply(dialect(database));
            if (migrations.pending().isEmpty()) {
                return new Found(table, Verdict.COMPATIBLE, List.of(), List.of(), List.of());
            }
            compatibility = CompatibilityCheck.of(migrations).clock(clock).run();
        } catch (RuntimeException | SQLException | LinkageError failed) {
            // A linkage error is a release of the tool that is not known here.
            String why = "The migrations of " + tool + " cannot be judged: " + failed.getMessage();
            refuse(why, failed);
            LOG.warn(why, failed);
            return new Found(table, Verdict.UNKNOWN, List.of(why), List.of(), List.of());
        }
        String ids = String.join(", ", compatibility.pending());
        if (compatibility.verdict() == Verdict.COMPATIBLE) {
            LOG.info("The previous release lives with {}, which {} runs now", ids, tool);
        } else {
            String text = CompatibilityReport.of(compatibility).text();
            if (compatibility.verdict() != Verdict.UNDO_NEEDED) {
                refuse(
                        "The previous release does not live with the migrations " + ids + ", or that is not known:"
                                + System.lineSeparator() + System.lineSeparator() + text,
                        null);
            }
            LOG.warn("{} runs {} now, and is not sure to be followed by a rollback that works: {}", tool, ids, text);
        }
        return new Found(
                table, compatibility.verdict(), compatibility.reasons(), compatibility.pending(), compatibility.undo());
    }

    private void refuse(String why, @Nullable Throwable cause) {
        if (check == MigrationCheck.REFUSE) {
            throw new MigrationsRefusedException(why, cause);
        }
    }

    private static SqlDialect dialect(DataSource database) throws SQLException {
        try (Connection connection = database.getConnection()) {
            DatabaseMetaData its = connection.getMetaData();
            String product = its.getDatabaseProductName().toLowerCase(Locale.ROOT);
            // MySQL's driver calls MariaDB by its own name, and tells the version.
            boolean isMariaDb = (product + its.getDatabaseProductVersion())
                    .toLowerCase(Locale.ROOT)
                    .contains("mariadb");
            return isMariaDb
                    ? SqlDialect.MARIADB
                    : switch (product) {
                        case "microsoft sql server" -> SqlDialect.SQLSERVER;
                        default -> SqlDialect.named(product);
                    };
        }
    }

    // ---- The record.

    private void record(Release release, Found now) {
        try {
            Optional<RecordedVerdict> before = now.table().find(release);
            if (before.isPresent() && now.migrations().isEmpty() && now.verdict() == Verdict.COMPATIBLE) {
                return;
            }
            RecordedVerdict verdict = new RecordedVerdict(
                    release, now.verdict(), now.reasons(), now.migrations(), now.undo(), clock.instant());
            now.table()
                    .record(before.filter(each -> !verdict.migrations().containsAll(each.migrations()))
                            .map(each -> both(each, verdict))
                            .orElse(verdict));
        } catch (RollbackException failed) {
            LOG.warn(
                    "The verdict {} of {} could not be recorded, so that its rollback will not be let through: {}",
                    now.verdict(),
                    release,
                    failed.getMessage());
        }
    }

    /** Part of a release's migrations may have run at an earlier start. */
    private static RecordedVerdict both(RecordedVerdict before, RecordedVerdict now) {
        Verdict worse = WORST_FIRST.stream()
                .filter(verdict -> verdict == before.verdict() || verdict == now.verdict())
                .findFirst()
                .orElse(now.verdict());
        return new RecordedVerdict(
                now.release(),
                worse,
                joined(before.reasons(), now.reasons()),
                joined(before.migrations(), now.migrations()),
                joined(now.undo(), before.undo()),
                now.recordedAt());
    }

    private static List<String> joined(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).distinct().toList();
    }

    /** Returns the candidates that the properties name, or else this process for the components that they name. */
    private Set<Release> configured() {
        Set<Release> releases = new LinkedHashSet<>();
        for (PropertyTree rollout : PropertyTree.of(
                        environment, KnownProperties.PREFIX + "." + ConfiguredPlans.ROLLOUTS)
                .children()) {
            String component = text(rollout.child("component"));
            PropertyTree candidate = rollout.child("candidate");
            String version = candidate == null
                    ? null
                    : text(candidate.children().isEmpty() ? candidate : candidate.child("version"));
            try {
                String its = component == null ? rollout.key() : component;
                Release release = version == null
                        ? RunningRelease.of(its, build.getIfUnique(), git.getIfUnique(), environment)
                        : Release.of(its, version);
                if (release != null) {
                    releases.add(release);
                }
            } catch (IllegalArgumentException wrong) {
                // Whoever reads the plans says so, with all else that is wrong.
                LOG.debug("{} names no release: {}", rollout.name(), wrong.getMessage());
            }
        }
        return releases;
    }

    private @Nullable String text(@Nullable PropertyTree property) {
        return property == null ? null : property.text(environment, mistake -> LOG.debug("{}", mistake));
    }
}
