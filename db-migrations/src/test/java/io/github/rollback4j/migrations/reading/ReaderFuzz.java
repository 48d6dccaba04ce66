package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.LabelledCase;
import io.github.rollback4j.migrations.judgement.StaticJudge;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Undo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Gives damaged scripts to what reads, and looks whether it bears them: nothing is thrown, no statement takes more than its five
 * seconds, no text is left out that is not a comment. Each script has a number; the seed and the number make it again. For one
 * thread.
 */
final class ReaderFuzz {

    /** What a busy machine and a collection of garbage may add to a statement's five seconds. */
    private static final Duration LONGEST = Duration.ofMillis(6_500);

    private static final int LONGEST_SHOWN = 3_000;
    private static final Pattern CASE =
            Pattern.compile("== [^\\n]+ \\[(\\w+)]\\n(.*?)---\\n(.*?)=> [^\\n]*\\n", Pattern.DOTALL);
    private static final Pattern COPY = Pattern.compile("(?is)COPY\\b.*");

    /** A script that something was wrong with. */
    record Failure(SqlDialect dialect, long seed, long number, String what, String script) {
        @Override
        public String toString() {
            String shown = script.length() <= LONGEST_SHOWN
                    ? script
                    : script.substring(0, LONGEST_SHOWN) + "… (" + script.length() + " characters)";
            return dialect + ", -Drollback4j.fuzz.seed=" + seed + " -Drollback4j.fuzz.number=" + number + ": " + what
                    + "\n" + escaped(shown);
        }

        private static String escaped(String script) {
            StringBuilder shown = new StringBuilder();
            script.chars()
                    .forEach(c -> shown.append(
                            (c >= ' ' && c < 0x7F) || c == '\n'
                                    ? String.valueOf((char) c)
                                    : String.format("\\u%04X", c)));
            return shown.toString();
        }
    }

    /** What was seen of a dialect. */
    static final class Seen {
        private long scripts;
        private long statements;
        private long notUnderstood;
        private long understoodScripts;
        private long longestNanos;
        private long longestNumber;

        long scripts() {
            return scripts;
        }

        String line(SqlDialect dialect) {
            return String.format(
                    Locale.ROOT,
                    "| %s | %d | %.1f | %d | %.1f | %d | %d |",
                    dialect,
                    scripts,
                    100.0 * understoodScripts / Math.max(1, scripts),
                    statements,
                    100.0 * notUnderstood / Math.max(1, statements),
                    longestNanos / 1_000_000,
                    longestNumber);
        }
    }

    static final String HEADING =
            "| dialect | scripts | understood as a whole % | statements | not understood % | longest ms | its number |\n"
                    + "|---|---:|---:|---:|---:|---:|---:|";

    private final long seed;
    private final Map<SqlDialect, List<String>> seeds;
    private final Map<SqlDialect, List<String>> words = new EnumMap<>(SqlDialect.class);
    private final Map<SqlDialect, List<String>> others = new EnumMap<>(SqlDialect.class);
    private final Map<SqlDialect, SqlReader> readers = new EnumMap<>(SqlDialect.class);
    private final Map<SqlDialect, Migration> before = new EnumMap<>(SqlDialect.class);
    private final Map<SqlDialect, Seen> seen = new EnumMap<>(SqlDialect.class);
    private final StaticJudge judge = new StaticJudge(InstantSource.fixed(Instant.EPOCH));

    /**
     * Makes a run.
     *
     * @param seeds the statements that scripts are made of
     */
    ReaderFuzz(long seed, Map<SqlDialect, List<String>> seeds) {
        this.seed = seed;
        this.seeds = seeds;
        for (SqlDialect dialect : SqlDialect.values()) {
            words.put(dialect, Mutator.words(of(seeds, dialect)));
            others.put(
                    dialect,
                    seeds.entrySet().stream()
                            .filter(entry -> entry.getKey() != dialect)
                            .flatMap(entry -> entry.getValue().stream())
                            .toList());
            readers.put(dialect, SqlReader.of(dialect));
            seen.put(dialect, new Seen());
        }
    }

    private static <T> T of(Map<SqlDialect, T> map, SqlDialect dialect) {
        return Objects.requireNonNull(map.get(dialect));
    }

    long seed() {
        return seed;
    }

    /** Returns what was seen, by dialect. */
    Map<SqlDialect, Seen> seen() {
        return seen;
    }

    /** Returns the dialect whose script a number is: each in turn. */
    static SqlDialect dialect(long number) {
        return SqlDialect.values()[(int) (number % SqlDialect.values().length)];
    }

    /** Returns the script of a number. */
    String script(long number) {
        SqlDialect dialect = dialect(number);
        return new Mutator(
                        new SplittableRandom(seed * 1_000_003 + number),
                        of(seeds, dialect),
                        of(words, dialect),
                        of(others, dialect))
                .script();
    }

    /** Reads and judges the script of a number, and returns what is wrong; empty if nothing is. */
    List<Failure> run(long number) {
        SqlDialect dialect = dialect(number);
        String script = script(number);
        List<String> problems = new ArrayList<>();
        long start = System.nanoTime();
        try {
            look(dialect, number, script, problems);
        } catch (RuntimeException | Error e) {
            StackTraceElement[] stack = e.getStackTrace();
            problems.add("thrown: " + e + Arrays.asList(stack).subList(0, Math.min(stack.length, 12)));
        }
        long nanos = System.nanoTime() - start;
        Seen of = of(seen, dialect);
        of.scripts++;
        if (nanos > of.longestNanos) {
            of.longestNanos = nanos;
            of.longestNumber = number;
        }
        return problems.stream()
                .map(problem -> new Failure(dialect, seed, number, problem, script))
                .toList();
    }

    private void look(SqlDialect dialect, long number, String script, List<String> problems) {
        SqlReader reader = of(readers, dialect);
        long start = System.nanoTime();
        List<Statement> statements = reader.read(script);
        long nanos = System.nanoTime() - start;
        if (nanos > LONGEST.toNanos()) {
            statements.forEach(statement -> timed("SqlReader.read", problems, () -> reader.read(statement.text())));
        }
        Seen of = of(seen, dialect);
        long notUnderstoodBefore = of.notUnderstood;
        for (Statement statement : statements) {
            of.statements++;
            if (statement.changes().isEmpty()) {
                problems.add("no change: " + statement.text());
            }
            boolean isUnderstood = true;
            for (var change : statement.changes()) {
                if (change instanceof NotUnderstood unknown) {
                    isUnderstood = false;
                    if (unknown.reason().contains("the grammar failed")) {
                        problems.add(unknown.reason());
                    }
                }
            }
            of.notUnderstood += isUnderstood ? 0 : 1;
            timed("UsedObjects.of", problems, () -> UsedObjects.of(dialect, statement.text()));
        }
        of.understoodScripts += of.notUnderstood == notUnderstoodBefore ? 1 : 0;
        String left = new LeftOver(dialect).of(script, statements);
        if (!left.isEmpty()) {
            problems.add("left out: " + Failure.escaped(left));
        }
        timed("StaticJudge.judge", problems, () -> judge(dialect, number, statements));
    }

    private void judge(SqlDialect dialect, long number, List<Statement> statements) {
        Migration pending = migration(statements, (number & 8) == 0);
        Migration applied = before.put(dialect, pending);
        judge.judge(new MigrationSet(
                dialect, applied == null ? List.of() : List.of(applied), List.of(pending), (number & 16) == 0));
    }

    private static Migration migration(List<Statement> statements, boolean isTransactional) {
        return new Migration("1", "V1__x.sql", statements, isTransactional, false, Undo.NONE, List.of());
    }

    private static void timed(String what, List<String> problems, Runnable run) {
        long start = System.nanoTime();
        run.run();
        long nanos = System.nanoTime() - start;
        if (nanos > LONGEST.toNanos()) {
            problems.add(what + " took " + nanos / 1_000_000 + " ms");
        }
    }

    /** What of a script stands in no statement, and is neither comment nor delimiter: told without {@link ScriptSplitter}. */
    record LeftOver(SqlDialect dialect) {

        private String of(String script, List<Statement> statements) {
            StringBuilder left = new StringBuilder();
            int end = 0;
            int line = 1;
            boolean isCopy = false;
            for (Statement statement : statements) {
                int found = -1;
                String between = "";
                // The same text may stand in a comment before: what fits best is what is meant.
                for (int at = script.indexOf(statement.text(), end);
                        at >= 0;
                        at = script.indexOf(statement.text(), at + 1)) {
                    line = 1 + breaks(script, at);
                    if (line > statement.line()) {
                        break;
                    }
                    if (line == statement.line()) {
                        String gap = withoutComments(script.substring(end, at));
                        if (found < 0 || gap.isEmpty()) {
                            found = at;
                            between = gap;
                        }
                        if (gap.isEmpty()) {
                            break;
                        }
                    }
                }
                if (found < 0) {
                    return "not at its line " + statement.line() + ": " + statement.text();
                }
                left.append(isCopy ? "" : between);
                end = found + statement.text().length();
                isCopy = dialect == SqlDialect.POSTGRESQL
                        && COPY.matcher(statement.text()).matches();
            }
            return left.append(isCopy ? "" : withoutComments(script.substring(end)))
                    .toString();
        }

        private static int breaks(String script, int to) {
            int breaks = 0;
            for (int i = 0; i < to; i++) {
                boolean isPair = script.startsWith("\r\n", i);
                breaks += script.charAt(i) == '\n' || (script.charAt(i) == '\r' && !isPair) ? 1 : 0;
            }
            return breaks;
        }

        private String withoutComments(String text) {
            boolean isMySql = dialect == SqlDialect.MYSQL || dialect == SqlDialect.MARIADB;
            String rest = text.replace("\uFEFF", "");
            if (isMySql) {
                rest = withoutDelimiters(rest);
            }
            StringBuilder left = new StringBuilder();
            int at = 0;
            while (at < rest.length()) {
                int end = rest.indexOf('\n', at);
                end = end < 0 ? rest.length() : end;
                boolean isExecuted = isMySql && (rest.startsWith("/*!", at) || rest.startsWith("/*M!", at));
                // One that is carried out is a statement's: its end is not in front of that.
                if (isExecuted && rest.indexOf("*/", at) < 0) {
                    at = rest.indexOf('!', at) + 1;
                    while (at < rest.length() && Character.isDigit(rest.charAt(at))) {
                        at++;
                    }
                } else if (rest.startsWith("/*", at)) {
                    at = endOfComment(rest, at);
                } else if (rest.startsWith("*/", at) && isMySql) {
                    at += 2;
                } else if (rest.startsWith("--", at)
                        || (rest.startsWith("//", at) && dialect == SqlDialect.H2)
                        || (rest.charAt(at) == '#' && isMySql)) {
                    at = end;
                } else if (dialect == SqlDialect.ORACLE
                        && rest.substring(at, end).toUpperCase(Locale.ROOT).matches("REM(ARK)?\\b.*")) {
                    at = end;
                } else {
                    left.append(rest.charAt(at++));
                }
            }
            String code = left.toString();
            if (dialect == SqlDialect.ORACLE) {
                code = code.replaceAll("(?m)^\\s*/\\s*$", "");
            }
            if (dialect == SqlDialect.SQLSERVER) {
                code = code.replaceAll("(?im)^\\s*GO(\\s+\\d+)?[\\s;]*$", "");
            }
            return code.replace(";", "").strip();
        }

        private static String withoutDelimiters(String text) {
            String rest = text;
            var named = Pattern.compile("(?i)\\bDELIMITER\\s([^\\n]*)").matcher(text);
            while (named.find()) {
                String delimiter = named.group(1).strip().split("\\s", 2)[0];
                rest = rest.replace(named.group(), "");
                rest = delimiter.isEmpty() ? rest : rest.replace(delimiter, "");
            }
            return rest;
        }

        private int endOfComment(String text, int from) {
            boolean isNested =
                    dialect == SqlDialect.POSTGRESQL || dialect == SqlDialect.SQLSERVER || dialect == SqlDialect.H2;
            int depth = 0;
            int at = from;
            while (at < text.length()) {
                if (text.startsWith("/*", at) && (isNested || depth == 0)) {
                    depth++;
                    at += 2;
                } else if (text.startsWith("*/", at)) {
                    depth--;
                    at += 2;
                    if (depth == 0) {
                        return at;
                    }
                } else {
                    at++;
                }
            }
            return at;
        }
    }

    /** Returns our own statements. */
    static Map<SqlDialect, List<String>> own() throws IOException {
        Map<SqlDialect, List<String>> statements = new EnumMap<>(SqlDialect.class);
        for (SqlDialect dialect : SqlDialect.values()) {
            statements.put(dialect, new ArrayList<>());
        }
        for (SqlDialect dialect : List.of(SqlDialect.MYSQL, SqlDialect.ORACLE, SqlDialect.H2, SqlDialect.SQLSERVER)) {
            Arrays.stream(resource("reading/" + dialect.toString().toLowerCase(Locale.ROOT) + ".txt")
                            .split("\\n{2,}"))
                    .filter(entry -> entry.contains("\n    => "))
                    .map(entry -> entry.substring(0, entry.indexOf("\n    => ")))
                    .forEach(of(statements, dialect)::add);
        }
        of(statements, SqlDialect.MARIADB).addAll(of(statements, SqlDialect.MYSQL));
        CASE.matcher(resource("judgement/semantics.txt")).results().forEach(each -> {
            List<String> of = of(statements, SqlDialect.named(each.group(1)));
            of.add(each.group(2));
            of.add(each.group(3));
        });
        for (LabelledCase each : LabelledCase.measured()) {
            List<String> of = of(statements, each.dialect());
            of.addAll(each.files().values());
            Stream.of("assumes", "undo", "bulk_10k")
                    .map(field -> each.text(field))
                    .forEach(of::add);
            if (each.fields().get("old_statements") instanceof List<?> old) {
                old.forEach(statement -> of.add(String.valueOf(((Map<?, ?>) statement).get("sql"))));
            }
        }
        statements.replaceAll((dialect, all) ->
                all.stream().filter(text -> !text.isBlank()).distinct().toList());
        return statements;
    }

    /** Returns our own statements, and those of a folder as {@link CorpusRates} has it. */
    static Map<SqlDialect, List<String>> ownAnd(Path folder) throws IOException {
        Map<SqlDialect, List<String>> statements = new EnumMap<>(SqlDialect.class);
        own().forEach((dialect, all) -> statements.put(dialect, new ArrayList<>(all)));
        List<Path> sorted;
        try (Stream<Path> files = Files.list(folder)) {
            sorted = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        for (Path file : sorted) {
            LabelledCase.of(file).forEach(each -> of(statements, each.dialect()).add(each.text("sql")));
        }
        return statements;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = LabelledCase.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
