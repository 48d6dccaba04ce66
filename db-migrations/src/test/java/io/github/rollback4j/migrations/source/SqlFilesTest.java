package io.github.rollback4j.migrations.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.migrations.reading.SqlDialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlFilesTest {

    @TempDir
    Path folder;

    @Test
    void read_folder_ordersByNameAndFindsUndos() throws IOException {
        Path schema = write("schema.sql", "CREATE TABLE t (id int)");
        Path pending = Files.createDirectory(folder.resolve("pending"));
        write("pending/2.sql", "CREATE INDEX CONCURRENTLY i ON t (id)");
        write("pending/1.sql", "ALTER TABLE t ADD COLUMN a int");
        write("pending/1.undo.sql", "ALTER TABLE t DROP COLUMN a");
        write("pending/3.sql", "BEGIN; ALTER TABLE t ADD COLUMN b int; COMMIT");
        MigrationSet set = SqlFiles.of(SqlDialect.POSTGRESQL)
                .before(schema)
                .pending(pending)
                .read();
        assertThat(set.applied()).extracting(Migration::id).containsExactly("schema.sql");
        assertThat(set.pending()).extracting(Migration::id).containsExactly("1.sql", "2.sql", "3.sql");
        assertThat(set.pending()).extracting(Migration::isTransactional).containsExactly(true, false, false);
        assertThat(set.pending())
                .extracting(migration -> migration.undo().state())
                .containsExactly(Undo.State.DECLARED, Undo.State.MISSING, Undo.State.MISSING);
        assertThat(SqlFiles.of(SqlDialect.POSTGRESQL)
                        .pending(pending)
                        .concurrentlyOutsideTransaction(false)
                        .read()
                        .pending()
                        .get(1)
                        .isTransactional())
                .isTrue();
    }

    @Test
    void read_missingFile_isNamed() {
        assertThatThrownBy(() -> SqlFiles.of(SqlDialect.H2)
                        .pending(folder.resolve("none.sql"))
                        .read())
                .isInstanceOf(MigrationSourceException.class)
                .hasMessageContaining("none.sql");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
