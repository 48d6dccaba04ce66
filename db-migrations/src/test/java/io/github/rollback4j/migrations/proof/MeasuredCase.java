package io.github.rollback4j.migrations.proof;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Undo;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** A case of {@code measured.json}: a migration, the previous release's statements, and what was measured. */
record MeasuredCase(Map<String, Object> data) {

    static List<MeasuredCase> all() {
        try (InputStream file =
                MeasuredCase.class.getResourceAsStream("/io/github/rollback4j/migrations/measured.json")) {
            LoaderOptions options = new LoaderOptions();
            options.setCodePointLimit(10_000_000);
            List<Map<String, Object>> cases = new Yaml(new SafeConstructor(options)).load(file);
            return cases.stream().map(MeasuredCase::new).toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    String text(String key) {
        return String.valueOf(data.get(key));
    }

    boolean has(String key) {
        return data.get(key) != null;
    }

    String id() {
        return text("id");
    }

    SqlDialect dialect() {
        return SqlDialect.named(text("dialect"));
    }

    MigrationSet migrations() {
        List<Migration> pending = new ArrayList<>();
        List<Map<String, String>> files = list("files");
        for (int i = 0; i < files.size(); i++) {
            String sql = files.get(i).get("sql");
            // The cases declare one undo for the whole set: it stands with the last file, which is undone first.
            Undo undo = i < files.size() - 1 ? new Undo(Undo.State.EMPTY, "", List.of()) : undo();
            pending.add(new Migration(
                    files.get(i).get("name"),
                    files.get(i).get("name"),
                    split(sql),
                    !sql.contains("CONCURRENTLY"),
                    false,
                    undo,
                    List.of()));
        }
        return new MigrationSet(dialect(), List.of(), pending, false);
    }

    private Undo undo() {
        if (data.get("undo") == null) {
            return Undo.NONE;
        }
        List<Statement> statements = split(text("undo"));
        return statements.isEmpty()
                ? new Undo(Undo.State.EMPTY, "undo", List.of())
                : new Undo(Undo.State.DECLARED, "undo", statements);
    }

    /** Splits at semicolons that are at the end of a line, unless a dollar quote is open. */
    static List<Statement> split(String script) {
        List<Statement> statements = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (String line : script.split("\n")) {
            text.append(line).append('\n');
            boolean isOpen = text.toString().split("\\$[a-z]*\\$", -1).length % 2 == 0;
            if (!isOpen && line.stripTrailing().endsWith(";")) {
                add(statements, text);
            }
        }
        add(statements, text);
        return statements;
    }

    private static void add(List<Statement> statements, StringBuilder text) {
        String sql = text.toString().strip().replaceFirst(";$", "");
        text.setLength(0);
        if (!sql.isBlank() && !sql.lines().allMatch(line -> line.strip().startsWith("--"))) {
            statements.add(new Statement(sql, 1, List.of(new SchemaChange.NotUnderstood("not read"))));
        }
    }

    List<RecordedStatement> statements() {
        List<Map<String, Object>> statements = list("old_statements");
        return statements.stream().map(this::statement).toList();
    }

    @SuppressWarnings("unchecked")
    private RecordedStatement statement(Map<String, Object> old) {
        List<List<Object>> calls = (List<List<Object>>) old.get("params");
        List<String> types = new ArrayList<>();
        for (int i = 0; i < calls.get(0).size(); i++) {
            int place = i;
            types.add(calls.stream()
                    .map(call -> call.get(place))
                    .map(MeasuredCase::type)
                    .filter(type -> !type.equals("OTHER"))
                    .findFirst()
                    .orElse("OTHER"));
        }
        Map<String, Object> readers = (Map<String, Object>) old.getOrDefault("reader", Map.of());
        TreeMap<String, String> reading = new TreeMap<>();
        readers.forEach((label, how) -> reading.put(
                label,
                how instanceof List<?> names
                        ? names.stream().map(String::valueOf).collect(Collectors.joining(","))
                        : String.valueOf(how)));
        return new RecordedStatement(
                String.valueOf(old.get("sql")),
                types,
                calls.stream()
                        .map(call -> Arrays.asList(call.stream()
                                .map(value -> value == null ? null : String.valueOf(value))
                                .toArray(String[]::new)))
                        .toList(),
                reading,
                id());
    }

    private static String type(Object value) {
        if (value instanceof Integer) {
            return "INTEGER";
        }
        if (value instanceof Long) {
            return "BIGINT";
        }
        if (value instanceof Double) {
            return "DECIMAL";
        }
        if (value instanceof Boolean) {
            return "BOOLEAN";
        }
        return value == null ? "OTHER" : "VARCHAR";
    }

    List<String> newWrites() {
        return has("new_release_statements") ? list("new_release_statements") : List.of();
    }

    @SuppressWarnings("unchecked")
    private <T> List<T> list(String key) {
        return (List<T>) data.get(key);
    }

    @Override
    public String toString() {
        return id();
    }
}
