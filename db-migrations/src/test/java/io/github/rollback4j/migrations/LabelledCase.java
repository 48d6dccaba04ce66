package io.github.rollback4j.migrations;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Undo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A migration with what is known to come of it. {@code measured.json} is executable, its labels were measured on PostgreSQL 18.6 and
 * MariaDB 11.4. Other files of the same form are given by their path.
 */
public record LabelledCase(Map<String, Object> fields) {

    /** Loads the measured cases. */
    public static List<LabelledCase> measured() {
        try (InputStream in = LabelledCase.class.getResourceAsStream("measured.json")) {
            return load(new String(Objects.requireNonNull(in).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Loads the cases of a file. */
    public static List<LabelledCase> of(Path file) throws IOException {
        return load(Files.readString(file));
    }

    @SuppressWarnings("unchecked")
    private static List<LabelledCase> load(String json) {
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(100_000_000).build();
        List<Map<String, Object>> cases = (List<Map<String, Object>>) new Load(settings).loadFromString(json);
        return cases.stream().map(LabelledCase::new).toList();
    }

    public String id() {
        return text("id");
    }

    public SqlDialect dialect() {
        return SqlDialect.named(text("dialect"));
    }

    public String text(String field) {
        Object value = fields.get(field);
        return value == null ? "" : value.toString();
    }

    public boolean has(String field) {
        return fields.containsKey(field);
    }

    /** Returns the migrations between the releases. */
    public MigrationSet migrations(String oldSchema) {
        SqlReader reader = SqlReader.of(dialect());
        List<Migration> applied = oldSchema.isBlank()
                ? List.of()
                : List.of(migration("1", "V1__before.sql", reader, oldSchema, true, Undo.NONE));
        List<Migration> pending = new ArrayList<>();
        for (Map.Entry<String, String> file : files().entrySet()) {
            boolean isTransactional = has("files") && !file.getValue().contains("CONCURRENTLY");
            pending.add(migration(
                    "2." + pending.size(), file.getKey(), reader, file.getValue(), isTransactional, undo(reader)));
        }
        return new MigrationSet(dialect(), applied, pending, has("files"));
    }

    private Undo undo(SqlReader reader) {
        Object undo = fields.get("undo");
        if (undo == null) {
            return Undo.NONE;
        }
        var statements = reader.read(undo.toString());
        return new Undo(statements.isEmpty() ? Undo.State.EMPTY : Undo.State.DECLARED, "U2__change.sql", statements);
    }

    private static Migration migration(
            String id, String file, SqlReader reader, String sql, boolean isTransactional, Undo undo) {
        return new Migration(id, file, reader.read(sql), isTransactional, false, undo, List.of());
    }

    /** Returns the scripts of the change, by their names. */
    @SuppressWarnings("unchecked")
    public Map<String, String> files() {
        List<Map<String, Object>> files = (List<Map<String, Object>>) fields.get("files");
        if (files == null) {
            return Map.of("V2__change.sql", text("sql"));
        }
        Map<String, String> scripts = new java.util.LinkedHashMap<>();
        files.forEach(file -> scripts.put(text(file.get("name")), text(file.get("sql"))));
        return scripts;
    }

    private static String text(@Nullable Object value) {
        return Objects.requireNonNull(value).toString();
    }
}
