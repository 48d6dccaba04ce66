package io.github.rollback4j.migrations.source;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.schema.SchemaChange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import liquibase.ChecksumVersion;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Scope;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.change.ChangeFactory;
import liquibase.change.CheckSum;
import liquibase.change.DbmsTargetedChange;
import liquibase.change.core.EmptyChange;
import liquibase.change.core.ExecuteShellCommandChange;
import liquibase.change.core.TagDatabaseChange;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.changelog.filter.ChangeSetFilter;
import liquibase.changelog.filter.ContextChangeSetFilter;
import liquibase.changelog.filter.DbmsChangeSetFilter;
import liquibase.changelog.filter.IgnoreChangeSetFilter;
import liquibase.changelog.filter.LabelChangeSetFilter;
import liquibase.changelog.filter.ShouldRunChangeSetFilter;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.DatabaseList;
import liquibase.database.OfflineConnection;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.parser.ChangeLogParserFactory;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorFactory;
import liquibase.statement.SqlStatement;

/**
 * Changesets of Liquibase 4.33 or 5 in any format that it reads, as the SQL that it makes of them for the dialect, without a
 * connection. A changeset under a precondition counts as if it ran. What is no SQL, such as a custom change, is not understood.
 * A suppression stands in the changeset's comment, or in a comment of its SQL, and is for the whole changeset; comments of XML and
 * YAML are not seen. Immutable and thread-safe: each method returns a changed one.
 */
public final class LiquibaseMigrations {

    private final SqlDialect dialect;
    private final ResourceAccessor resources;
    private final String changelog;
    private final String contexts;
    private final String labels;
    private final Map<String, String> parameters;

    private LiquibaseMigrations(
            SqlDialect dialect,
            ResourceAccessor resources,
            String changelog,
            String contexts,
            String labels,
            Map<String, String> parameters) {
        this.dialect = Objects.requireNonNull(dialect, "dialect");
        this.resources = resources;
        this.changelog = Objects.requireNonNull(changelog, "changelog");
        this.contexts = contexts;
        this.labels = labels;
        this.parameters = Map.copyOf(parameters);
    }

    /** Reads a changelog by Liquibase's own access to files. */
    public static LiquibaseMigrations of(SqlDialect dialect, ResourceAccessor resources, String changelog) {
        return new LiquibaseMigrations(dialect, resources, changelog, "", "", Map.of());
    }

    /**
     * Reads a changelog by its path below a folder.
     *
     * @throws MigrationSourceException if there is no such folder
     */
    public static LiquibaseMigrations in(SqlDialect dialect, Path folder, String changelog) {
        try {
            return of(dialect, new DirectoryResourceAccessor(folder), changelog);
        } catch (IOException missing) {
            throw new MigrationSourceException("the folder " + folder + " cannot be read", missing);
        }
    }

    /** Reads a changelog of the class path, for example {@code db/changelog/db.changelog-master.yaml}. */
    public static LiquibaseMigrations onClassPath(SqlDialect dialect, ClassLoader loader, String changelog) {
        return of(dialect, new ClassLoaderResourceAccessor(loader), changelog);
    }

    /** Says in which contexts it runs, separated by commas; the default is all. */
    public LiquibaseMigrations contexts(String expression) {
        return new LiquibaseMigrations(dialect, resources, changelog, expression, labels, parameters);
    }

    /** Says with which labels it runs; the default is all. */
    public LiquibaseMigrations labels(String expression) {
        return new LiquibaseMigrations(dialect, resources, changelog, contexts, expression, parameters);
    }

    /** Says what the changelog's properties are. */
    public LiquibaseMigrations parameters(Map<String, String> values) {
        return new LiquibaseMigrations(dialect, resources, changelog, contexts, labels, values);
    }

    /**
     * Returns all changesets as pending, as on an empty database.
     *
     * @throws MigrationSourceException if Liquibase cannot read the changelog; with its message
     */
    public MigrationSet afterNothing() {
        return offline(database -> new MigrationSet(dialect, List.of(), readAll(changeSets(database), database), true));
    }

    /**
     * Returns what is pending after the previous release's changelog, all of which has run.
     *
     * @throws MigrationSourceException if Liquibase cannot read a changelog; with its message
     */
    public MigrationSet after(LiquibaseMigrations previous) {
        Map<String, CheckSum> before = new HashMap<>();
        List<Migration> applied = previous.offline(database -> {
            List<ChangeSet> old = previous.changeSets(database);
            old.forEach(change -> before.put(id(change), change.generateCheckSum(ChecksumVersion.latest())));
            return previous.readAll(old, database);
        });
        return offline(database -> {
            List<ChangeSet> pending = new ArrayList<>();
            List<Observation> observations = new ArrayList<>();
            for (ChangeSet change : changeSets(database)) {
                CheckSum old = before.get(id(change));
                boolean isSame = old != null && change.isCheckSumValid(old);
                if (old == null || change.isAlwaysRun() || (change.isRunOnChange() && !isSame)) {
                    pending.add(change);
                } else if (!isSame) {
                    observations.add(edited(change));
                }
            }
            return new MigrationSet(dialect, applied, readAll(pending, database), true, observations);
        });
    }

    /**
     * Returns what Liquibase would run on a database now, by its table of changesets. Reads, and changes nothing.
     *
     * @throws MigrationSourceException if Liquibase cannot read the changelog or the database; with its message
     */
    public MigrationSet after(DataSource source) {
        try (Connection connection = source.getConnection()) {
            boolean isAutoCommit = connection.getAutoCommit();
            try {
                return after(connection);
            } finally {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                connection.setAutoCommit(isAutoCommit);
            }
        } catch (SQLException | LiquibaseException failed) {
            throw new MigrationSourceException("the database cannot be read by Liquibase", failed);
        }
    }

    private MigrationSet after(Connection connection) throws LiquibaseException {
        Database database =
                DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection));
        return inScope(database, live -> {
            ChangeSetFilter shouldRun = new ShouldRunChangeSetFilter(live);
            Map<String, RanChangeSet> ran = new HashMap<>();
            live.getRanChangeSetList().forEach(row -> ran.put(id(row), row));
            List<ChangeSet> applied = new ArrayList<>();
            List<ChangeSet> pending = new ArrayList<>();
            List<Observation> observations = new ArrayList<>();
            boolean isComplete = true;
            for (ChangeSet change : changeSets(live)) {
                RanChangeSet row = ran.remove(id(change));
                boolean isSame =
                        row == null || row.getLastCheckSum() == null || change.isCheckSumValid(row.getLastCheckSum());
                if (shouldRun.accepts(change).isAccepted()) {
                    pending.add(change);
                    isComplete &= isSame;
                } else if (!isSame) {
                    observations.add(edited(change));
                }
                if (row != null && isSame) {
                    applied.add(change);
                }
            }
            return new MigrationSet(
                    dialect, readAll(applied, live), readAll(pending, live), isComplete && ran.isEmpty(), observations);
        });
    }

    private static Observation edited(ChangeSet change) {
        return new Observation("HISTORY_EDITED", change.getFilePath(), id(change) + " has run, and was edited since");
    }

    private static String id(ChangeSet change) {
        return id(change.getFilePath(), change.getId(), change.getAuthor());
    }

    private static String id(RanChangeSet row) {
        return id(row.getChangeLog(), row.getId(), row.getAuthor());
    }

    private static String id(String file, String id, String author) {
        return DatabaseChangeLog.normalizePath(file) + "::" + id + "::" + author;
    }

    // ---- What Liquibase makes of the changelog.

    private interface Work<T> {
        T on(Database database) throws Exception;
    }

    private <T> T offline(Work<T> work) {
        String name = dialect == SqlDialect.SQLSERVER ? "mssql" : dialect.toString();
        Path folder = temporaryFolder();
        // Liquibase writes the history of a database without a connection into a file, by default where the process
        // runs.
        Path history = folder.resolve("history.csv");
        try {
            Database database = DatabaseFactory.getInstance()
                    .findCorrectDatabaseImplementation(new OfflineConnection(
                            "offline:" + name + "?outputLiquibaseSql=none&changeLogFile=" + history, resources));
            return inScope(database, work);
        } catch (LiquibaseException failed) {
            throw new MigrationSourceException("Liquibase does not know the database " + name, failed);
        } finally {
            delete(history);
            delete(folder);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("rollback4j-liquibase-");
        } catch (IOException failed) {
            throw new UncheckedIOException("there is no room for Liquibase's history", failed);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException left) {
            // Left to the system, which empties its folder for temporary files.
        }
    }

    private <T> T inScope(Database database, Work<T> work) {
        // Changes in SQL do not name the default schema either, and one table is to have one name.
        database.setOutputDefaultSchema(false);
        database.setOutputDefaultCatalog(false);
        try {
            return Scope.child(
                    Map.of(Scope.Attr.database.name(), database, Scope.Attr.resourceAccessor.name(), resources),
                    () -> work.on(database));
        } catch (MigrationSourceException known) {
            throw known;
        } catch (Exception failed) {
            throw new MigrationSourceException(
                    "Liquibase cannot read the changelog " + changelog + ": " + failed.getMessage(), failed);
        }
    }

    private List<ChangeSet> changeSets(Database database) throws LiquibaseException {
        Contexts runContexts = new Contexts(contexts);
        LabelExpression runLabels = new LabelExpression(labels);
        ChangeLogParameters values = new ChangeLogParameters(database);
        values.setContexts(runContexts);
        values.setLabels(runLabels);
        parameters.forEach(values::set);
        DatabaseChangeLog log = ChangeLogParserFactory.getInstance()
                .getParser(changelog, resources)
                .parse(changelog, values, resources);
        List<ChangeSetFilter> filters = List.of(
                new ContextChangeSetFilter(runContexts),
                new LabelChangeSetFilter(runLabels),
                new DbmsChangeSetFilter(database),
                new IgnoreChangeSetFilter());
        List<ChangeSet> accepted = new ArrayList<>();
        for (ChangeSet change : log.getChangeSets()) {
            if (filters.stream().allMatch(filter -> filter.accepts(change).isAccepted())) {
                accepted.add(change);
            }
        }
        return accepted;
    }

    private List<Migration> readAll(List<ChangeSet> changes, Database database) {
        return changes.stream().map(change -> read(change, database)).toList();
    }

    private Migration read(ChangeSet change, Database database) {
        int line = lineOf(change);
        String comment = change.getComments() == null ? "" : change.getComments();
        List<Statement> statements = new ArrayList<>();
        change.getChanges().forEach(part -> statements.addAll(statementsOf(part, database, line)));
        List<Suppression> suppressions =
                new ArrayList<>(SuppressionComments.ofComment(change.getFilePath(), line, comment));
        for (Change part : change.getChanges()) {
            if (part instanceof AbstractSQLChange sql && sql.getSql() != null) {
                suppressions.addAll(new SuppressionComments(dialect).ofWhole(change.getFilePath(), line, sql.getSql()));
            }
        }
        return new Migration(
                id(change),
                change.getFilePath(),
                statements,
                change.isRunInTransaction(),
                change.isRunOnChange() || change.isAlwaysRun(),
                undoOf(change, database, line),
                suppressions);
    }

    private List<Statement> statementsOf(Change change, Database database, int line) {
        if (change instanceof EmptyChange || change instanceof TagDatabaseChange || isForOthers(change, database)) {
            return List.of();
        }
        String name = Scope.getCurrentScope()
                .getSingleton(ChangeFactory.class)
                .getChangeMetaData(change)
                .getName();
        if (change instanceof CustomChangeWrapper || change instanceof ExecuteShellCommandChange) {
            return List.of(notUnderstood(name, line, "a change that is no SQL: " + name));
        }
        try {
            List<Statement> statements = read(change.generateStatements(database), database, line);
            return statements.isEmpty()
                    ? List.of(notUnderstood(name, line, "Liquibase makes no SQL of " + name + " without a connection"))
                    : statements;
        } catch (RuntimeException failed) {
            return List.of(notUnderstood(
                    name, line, "Liquibase makes no SQL of " + name + " without a connection: " + failed.getMessage()));
        }
    }

    /** A change in SQL may name the products that it is for, beside what its changeset says. */
    private static boolean isForOthers(Change change, Database database) {
        return change instanceof DbmsTargetedChange targeted
                && !DatabaseList.definitionMatches(targeted.getDbms(), database, true);
    }

    private List<Statement> read(SqlStatement[] statements, Database database, int line) {
        List<Statement> read = new ArrayList<>();
        for (SqlStatement statement : statements) {
            Sql[] parts = SqlGeneratorFactory.getInstance().generateSql(statement, database);
            if (parts == null || parts.length == 0) {
                String name = statement.getClass().getSimpleName();
                read.add(notUnderstood(name, line, "Liquibase makes no SQL of " + name + " for " + dialect));
                continue;
            }
            for (Sql part : parts) {
                StatementText.withoutMereComments(SqlReader.of(dialect).read(part.toSql()))
                        .forEach(one -> read.add(new Statement(one.text(), line, one.changes())));
            }
        }
        return read;
    }

    private static Statement notUnderstood(String text, int line, String why) {
        return new Statement(text, line, List.of(new SchemaChange.NotUnderstood(why)));
    }

    private Undo undoOf(ChangeSet change, Database database, int line) {
        List<Change> declared = change.getRollback().getChanges();
        List<Statement> statements = new ArrayList<>();
        if (!declared.isEmpty()) {
            declared.forEach(part -> statements.addAll(statementsOf(part, database, line)));
        } else {
            List<Change> backwards = new ArrayList<>(change.getChanges());
            Collections.reverse(backwards);
            for (Change part : backwards) {
                if (!part.supportsRollback(database)) {
                    return Undo.NONE;
                }
                if (part instanceof TagDatabaseChange || part instanceof EmptyChange) {
                    continue;
                }
                try {
                    statements.addAll(read(part.generateRollbackStatements(database), database, line));
                } catch (LiquibaseException | RuntimeException failed) {
                    return Undo.NONE;
                }
            }
        }
        return new Undo(
                statements.isEmpty() ? Undo.State.EMPTY : Undo.State.DECLARED, change.getFilePath(), statements);
    }

    /** Liquibase keeps no lines: the first that names the id in the format's way is taken, else 1. */
    private int lineOf(ChangeSet change) {
        String id = Pattern.quote(change.getId());
        Pattern place = Pattern.compile("(?i)\\bid\"?\\s*[:=]\\s*[\"']?" + id + "(?![\\w.-])"
                + "|--\\s*changeset\\s+\"?" + Pattern.quote(change.getAuthor()) + "\"?:\"?" + id + "(?![\\w.-])");
        try (InputStream file = resources.getExisting(change.getFilePath()).openInputStream()) {
            List<String> lines = Arrays.asList(new String(file.readAllBytes(), StandardCharsets.UTF_8).split("\n"));
            for (int i = 0; i < lines.size(); i++) {
                if (place.matcher(lines.get(i)).find()) {
                    return i + 1;
                }
            }
        } catch (IOException notThere) {
            return 1;
        }
        return 1;
    }
}
