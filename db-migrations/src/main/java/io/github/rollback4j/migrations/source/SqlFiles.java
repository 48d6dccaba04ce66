package io.github.rollback4j.migrations.source;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.reading.Statement;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Migrations in plain files: a file is a migration, and its name its id. A folder stands for its files that end with
 * {@code .sql}, by name. A file is one transaction unless it begins or ends one itself, or says {@code CONCURRENTLY}. The undo of
 * {@code a.sql} is {@code a.undo.sql} beside it. Files are read as UTF-8. Immutable and thread-safe: each method returns a
 * changed one.
 */
public final class SqlFiles {

    private static final String SUFFIX = ".sql";
    private static final Pattern TRANSACTION = Pattern.compile(
            "(?i)(BEGIN(\\s+(WORK|TRAN|TRANSACTION)\\b.*)?|START\\s+TRANSACTION\\b.*|COMMIT\\b.*|END(\\s+(WORK|TRANSACTION))?|"
                    + "ROLLBACK(\\s+(WORK|TRAN|TRANSACTION))?)",
            Pattern.DOTALL);
    private static final Pattern CONCURRENTLY =
            Pattern.compile("(?i)(CREATE|DROP|REINDEX|ALTER|REFRESH)\\b.*\\bCONCURRENTLY\\b.*", Pattern.DOTALL);

    private final SqlDialect dialect;
    private final List<Path> before;
    private final List<Path> pending;
    private final String undoSuffix;
    private final Charset encoding;
    private final boolean isConcurrentlyOutside;

    private SqlFiles(
            SqlDialect dialect,
            List<Path> before,
            List<Path> pending,
            String undoSuffix,
            Charset encoding,
            boolean isConcurrentlyOutside) {
        this.dialect = Objects.requireNonNull(dialect, "dialect");
        this.before = List.copyOf(before);
        this.pending = List.copyOf(pending);
        this.undoSuffix = undoSuffix;
        this.encoding = encoding;
        this.isConcurrentlyOutside = isConcurrentlyOutside;
    }

    /** Begins with no files. */
    public static SqlFiles of(SqlDialect dialect) {
        return new SqlFiles(dialect, List.of(), List.of(), ".undo.sql", StandardCharsets.UTF_8, true);
    }

    /** Says which files or folders make the previous release's schema, in order, from an empty database. */
    public SqlFiles before(Path... files) {
        return new SqlFiles(dialect, List.of(files), pending, undoSuffix, encoding, isConcurrentlyOutside);
    }

    /** Says which files or folders the new release adds, in order. */
    public SqlFiles pending(Path... files) {
        return new SqlFiles(dialect, before, List.of(files), undoSuffix, encoding, isConcurrentlyOutside);
    }

    /**
     * Says what the name of an undo ends with in place of {@code .sql}; the default is {@code .undo.sql}.
     *
     * @throws IllegalArgumentException if it does not end with {@code .sql}, or is no more than that
     */
    public SqlFiles undoSuffix(String suffix) {
        if (!suffix.endsWith(SUFFIX) || suffix.equals(SUFFIX)) {
            throw new IllegalArgumentException("undoSuffix '" + suffix
                    + "' is not allowed: one that ends with .sql and is longer, such as .undo.sql, is");
        }
        return new SqlFiles(dialect, before, pending, suffix, encoding, isConcurrentlyOutside);
    }

    /** Says how the files are encoded; the default is UTF-8. */
    public SqlFiles encoding(Charset charset) {
        return new SqlFiles(dialect, before, pending, undoSuffix, charset, isConcurrentlyOutside);
    }

    /** Says whether a file that says {@code CONCURRENTLY} is run without a transaction; the default is that it is. */
    public SqlFiles concurrentlyOutsideTransaction(boolean isOutside) {
        return new SqlFiles(dialect, before, pending, undoSuffix, encoding, isOutside);
    }

    /**
     * Reads the files.
     *
     * @throws MigrationSourceException if a file is missing or cannot be read, or a suppression in it has an unknown shape
     */
    public MigrationSet read() {
        return new MigrationSet(dialect, readAll(before), readAll(pending), !before.isEmpty());
    }

    private List<Migration> readAll(List<Path> files) {
        List<Migration> migrations = new ArrayList<>();
        for (Path file : files) {
            for (Path script : Files.isDirectory(file) ? scriptsOf(file) : List.of(file)) {
                migrations.add(read(script));
            }
        }
        return migrations;
    }

    private List<Path> scriptsOf(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file ->
                            file.toString().endsWith(SUFFIX) && !file.toString().endsWith(undoSuffix))
                    .sorted()
                    .toList();
        } catch (IOException failed) {
            throw new MigrationSourceException("the folder " + folder + " cannot be read", failed);
        }
    }

    private Migration read(Path file) {
        String script = text(file);
        List<Statement> statements = SqlReader.of(dialect).read(script);
        return new Migration(
                String.valueOf(file.getFileName()),
                file.toString(),
                statements,
                statements.stream().noneMatch(this::isOutsideTransaction),
                false,
                undoOf(file),
                new SuppressionComments(dialect).read(file.toString(), script, statements));
    }

    private boolean isOutsideTransaction(Statement statement) {
        String text = StatementText.withoutComments(statement.text());
        return TRANSACTION.matcher(text).matches()
                || (isConcurrentlyOutside
                        && dialect == SqlDialect.POSTGRESQL
                        && CONCURRENTLY.matcher(text).matches());
    }

    private Undo undoOf(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(SUFFIX)) {
            return Undo.NONE;
        }
        Path undo = file.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + undoSuffix);
        if (!Files.exists(undo)) {
            return Undo.NONE;
        }
        List<Statement> statements =
                StatementText.withoutMereComments(SqlReader.of(dialect).read(text(undo)));
        return new Undo(statements.isEmpty() ? Undo.State.EMPTY : Undo.State.DECLARED, undo.toString(), statements);
    }

    private String text(Path file) {
        try {
            return Files.readString(file, encoding);
        } catch (IOException failed) {
            throw new MigrationSourceException(
                    "the file " + file + " cannot be read: a file in " + encoding + " that exists is allowed", failed);
        }
    }
}
