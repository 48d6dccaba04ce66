package io.github.rollback4j.benchmarks.migrations;

import io.github.rollback4j.benchmarks.ResultFile;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.report.CompatibilityReport;
import io.github.rollback4j.migrations.source.FlywayMigrations;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.SqlFiles;
import io.github.rollback4j.migrations.verdict.Compatibility;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures how long it takes to read 1,000 migrations, judge the newer half after the older one, and write the report: each time in a
 * process of its own, since a build starts one too; the variants in turn, so that what the machine does meanwhile hits all alike.
 */
public final class LintSpeed {

    private static final int FILES = 1_000;
    private static final long SEED = 2026;
    private static final int RUNS = 9;
    private static final List<SqlDialect> DIALECTS =
            List.of(SqlDialect.POSTGRESQL, SqlDialect.MYSQL, SqlDialect.MARIADB, SqlDialect.ORACLE, SqlDialect.H2);

    private LintSpeed() {}

    /** What a process said. */
    private record Taken(long millis, long processMillis, int statements, int notUnderstood, int findings) {}

    /**
     * Measures, and writes a file where {@code --results} names one. {@code --runs} says how many processes there are for each;
     * {@code --only} names one dialect. {@code --once <source> <dialect> <folder>} is what the processes are given.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        long start = System.nanoTime();
        if (args.length > 0 && args[0].equals("--once")) {
            once(start, args[1], SqlDialect.named(args[2]), Path.of(args[3]));
            return;
        }
        int runs = RUNS;
        String results = "";
        List<SqlDialect> dialects = DIALECTS;
        for (int i = 0; i + 1 < args.length; i += 2) {
            switch (args[i]) {
                case "--runs" -> runs = Integer.parseInt(args[i + 1]);
                case "--results" -> results = args[i + 1];
                case "--only" -> dialects = List.of(SqlDialect.named(args[i + 1]));
                default ->
                    throw new IllegalArgumentException(
                            "'" + args[i] + "' is not allowed: --runs, --results and --only are");
            }
        }
        Path folder = Files.createTempDirectory("lint-speed");
        try {
            measure(dialects, folder, runs, results);
        } finally {
            delete(folder);
        }
    }

    private static void once(long start, String source, SqlDialect dialect, Path folder) {
        MigrationSet migrations = source.equals("files")
                ? SqlFiles.of(dialect)
                        .before(folder.resolve("old"))
                        .pending(folder.resolve("new"))
                        .read()
                : FlywayMigrations.in(
                                dialect, "filesystem:" + folder.resolve("old"), "filesystem:" + folder.resolve("new"))
                        .afterVersion(String.valueOf(FILES / 2));
        Compatibility compatibility = CompatibilityCheck.of(migrations).run();
        String report = CompatibilityReport.of(compatibility).text();
        long nanos = System.nanoTime() - start;
        if (migrations.applied().size() + migrations.pending().size() != FILES || report.isEmpty()) {
            throw new IllegalStateException("not all was read");
        }
        int[] counts = new int[2];
        Stream.concat(migrations.applied().stream(), migrations.pending().stream())
                .flatMap(migration -> migration.statements().stream())
                .forEach(statement -> {
                    counts[0]++;
                    counts[1] += statement.changes().toString().contains("NotUnderstood") ? 1 : 0;
                });
        System.out.println(nanos / 1_000_000 + " " + counts[0] + " " + counts[1] + " "
                + compatibility.judgement().findings().size());
    }

    private static void measure(List<SqlDialect> dialects, Path folder, int runs, String results)
            throws IOException, InterruptedException {
        for (SqlDialect dialect : dialects) {
            write(dialect, folder.resolve(dialect.toString()));
        }
        Map<String, List<Taken>> taken = new LinkedHashMap<>();
        for (int run = 0; run < runs; run++) {
            for (SqlDialect dialect : dialects) {
                for (String source : List.of("files", "flyway")) {
                    taken.computeIfAbsent(dialect + " | " + source, none -> new ArrayList<>())
                            .add(process(source, dialect, folder.resolve(dialect.toString())));
                }
            }
        }
        ResultFile file = new ResultFile(
                "How long 1,000 migrations take",
                "./mvnw -q -B -Plint-speed -pl benchmarks -am -DskipTests verify"
                        + (results.isEmpty() ? "" : " -Dresults=" + results));
        file.line("- " + runs + " processes each, in turn; " + FILES + " files, seed " + SEED
                + ", the older half applied, the newer half pending");
        file.line("");
        file.line("| dialect | source | ms from main to the report, median | least | most | ms of the process, median"
                + " | statements | not understood | findings |");
        file.line("|---|---|---:|---:|---:|---:|---:|---:|---:|");
        taken.forEach((variant, all) -> {
            List<Long> millis = all.stream().map(Taken::millis).sorted().toList();
            List<Long> whole = all.stream().map(Taken::processMillis).sorted().toList();
            Taken one = all.get(0);
            file.line(String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %d | %d | %d | %d |",
                    variant,
                    millis.get(runs / 2),
                    millis.get(0),
                    millis.get(runs - 1),
                    whole.get(runs / 2),
                    one.statements(),
                    one.notUnderstood(),
                    one.findings()));
        });
        if (!results.isEmpty()) {
            file.write(Path.of(results));
        }
    }

    private static void write(SqlDialect dialect, Path folder) throws IOException {
        MigrationScripts scripts = new MigrationScripts(dialect, SEED);
        for (int version = 1; version <= FILES; version++) {
            Path half = folder.resolve(version <= FILES / 2 ? "old" : "new");
            Files.createDirectories(half);
            Files.writeString(half.resolve(String.format(Locale.ROOT, "V%04d__change.sql", version)), scripts.next());
        }
    }

    private static Taken process(String source, SqlDialect dialect, Path folder)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LintSpeed.class.getName(),
                        "--once",
                        source,
                        dialect.toString(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int exit = process.waitFor();
        long nanos = System.nanoTime() - start;
        String last = said.substring(said.lastIndexOf('\n') + 1);
        if (exit != 0 || !last.matches("\\d+ \\d+ \\d+ \\d+")) {
            throw new IllegalStateException(dialect + " from " + source + " ended with " + exit + ": " + said);
        }
        String[] numbers = last.split(" ", -1);
        return new Taken(
                Long.parseLong(numbers[0]),
                nanos / 1_000_000,
                Integer.parseInt(numbers[1]),
                Integer.parseInt(numbers[2]),
                Integer.parseInt(numbers[3]));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
