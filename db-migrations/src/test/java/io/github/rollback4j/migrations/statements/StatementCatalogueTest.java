package io.github.rollback4j.migrations.statements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementCatalogueTest {

    private static final String WRITTEN = """
            -- rollback4j statements 1

            -- parameters: VARCHAR, INTEGER
            -- sample: 'Pia', 5
            -- sample: null, 7
            -- reads: class = single|double|suite, nights = int
            -- seen in: GuestRepositoryTest
            INSERT INTO guest (name, nights) VALUES (?, ?);

            SELECT 1;
            """;

    @TempDir
    private Path folder;

    @Nested
    class TextOfAFile {

        @Test
        void parse_asWritten_hasEveryPart() {
            StatementCatalogue catalogue = StatementCatalogue.parse("statements.sql", WRITTEN);

            assertThat(catalogue.statements())
                    .containsExactly(
                            new RecordedStatement(
                                    "INSERT INTO guest (name, nights) VALUES (?, ?)",
                                    List.of("VARCHAR", "INTEGER"),
                                    List.of(List.of("Pia", "5"), Arrays.asList(null, "7")),
                                    new TreeMap<>(Map.of("class", "single,double,suite", "nights", "int")),
                                    "GuestRepositoryTest"),
                            plain("SELECT 1"));
            assertThat(catalogue.text()).isEqualTo(WRITTEN);
        }

        @Test
        void parse_plainFile_isACatalogue() {
            String plain = """
                    -- What the booking service asks.
                    -- the cancellation stands elsewhere

                    SELECT id
                      FROM guest -- all of them;
                     WHERE note = ';
                    ' AND "a;
                    " = 1;   -- that is all

                    /* and */ DELETE FROM guest WHERE id = ?;
                    """;

            assertThat(StatementCatalogue.parse("plain.sql", plain).statements())
                    .extracting(RecordedStatement::sql)
                    .containsExactly(
                            "DELETE FROM guest WHERE id = ?",
                            "SELECT id\n  FROM guest -- all of them;\n WHERE note = ';\n' AND \"a;\n\" = 1");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "SELECT 'it''s; here' FROM t",
                    "SELECT 1 -- a\n FROM t",
                    "BEGIN p(?);\n q(?);\n END;",
                    "DO $body$ BEGIN PERFORM 1;\nEND $body$",
                    "SELECT 'it\\'s' FROM t WHERE a = 'b';\nSELECT 2",
                    "SELECT a // b FROM t;\nSELECT '@@'",
                    "/*+ INDEX(t) */ SELECT * FROM t",
                    "SELECT \"a;\n\" FROM t",
                    "SELECT $1, x.y, 1.5e-3",
                    "-",
                    "'",
                })
        void text_ofAnyStatement_isReadBack(String sql) {
            StatementCatalogue catalogue = StatementCatalogue.of(List.of(plain("SELECT 0"), plain(sql), plain("ZZ")));

            assertThat(catalogue.statements())
                    .extracting(RecordedStatement::sql)
                    .contains(sql);
            assertThat(StatementCatalogue.parse("x", catalogue.text())).isEqualTo(catalogue);
        }

        @Test
        void text_ofSeededNoise_isReadBack() {
            Random random = new Random(7);
            String signs = "a;'\"`$-/*\n \\,|=?{}(é1.\t#@%~\u0001";
            for (int i = 0; i < 3_000; i++) {
                StringBuilder sql = new StringBuilder();
                StringBuilder value = new StringBuilder();
                for (int j = 0; j < random.nextInt(25); j++) {
                    sql.append(signs.charAt(random.nextInt(signs.length())));
                    value.append(signs.charAt(random.nextInt(signs.length())));
                }
                RecordedStatement statement = new RecordedStatement(
                        "x" + sql,
                        List.of("VARCHAR", "INTEGER"),
                        List.of(List.of(value.toString(), value.toString())),
                        new TreeMap<>(Map.of("l" + value, "int")),
                        "");
                StatementCatalogue catalogue = StatementCatalogue.of(List.of(statement, plain("SELECT 1")));

                assertThat(StatementCatalogue.parse("x", catalogue.text()))
                        .as(catalogue.text())
                        .isEqualTo(catalogue);
            }
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '~',
                value = {
                    "-- parameters: VARCHAR, NUMBER~1~type 'NUMBER' is not allowed: BIT, TINYINT",
                    "-- parametres: VARCHAR~1~'parametres' is unknown, 'parameters' is the nearest",
                    "\\n-- parameters: INTEGER\\n-- sample: 1, 2\\nSELECT ?;~3~a sample of 2 values is not allowed: 1, as many",
                    "-- sample: Pia\\nSELECT ?;~1~value Pia is not allowed without quotes",
                    "-- sample: 'Pia\\nSELECT ?;~1~a quote ' is not closed in the same line",
                    "-- sample: 'a\\q'\\nSELECT ?;~1~\\q is not allowed",
                    "-- sample: 1 2\\nSELECT ?;~1~'2' at sign 3",
                    "-- reads: class\\nSELECT 1;~1~'class' is not allowed: a column's label",
                    "SELECT 1;\\n\\nSELECT 'a;\\n~3~the statement that begins here has no end",
                    "SELECT 1\\n~1~the statement that begins here has no end",
                    "SELECT 0;\\nSELECT 1; SELECT 2;~2~a semicolon within a line is not allowed",
                    "BEGIN p(?); END;~1~a semicolon within a line is not allowed",
                    "SELECT 1;\\n-- sample: 1~2~headers without a statement",
                    "-- rollback4j statements 2~1~format 2 is not known: 1 is",
                    "-- delimiter: a b~1~delimiter 'a b' is not allowed",
                })
        void parse_whatIsWrong_isSaidWithItsLine(String text, int line, String message) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StatementCatalogue.parse("guest.sql", text.replace("\\n", "\n")))
                    .withMessageStartingWith("guest.sql, line " + line + ": " + message);
        }

        @Test
        void parse_linesOfWindowsAndByteOrderMark_areNoDifference() {
            assertThat(StatementCatalogue.parse("x", "\uFEFF" + WRITTEN.replace("\n", "\r\n")))
                    .isEqualTo(StatementCatalogue.parse("x", WRITTEN));
        }

        @Test
        void parse_incomplete_isKept() {
            StatementCatalogue incomplete = StatementCatalogue.of(List.of(plain("SELECT 1")), false);

            assertThat(StatementCatalogue.parse("x", incomplete.text()).isComplete())
                    .isFalse();
            assertThat(StatementCatalogue.parse("x", WRITTEN).merge(incomplete).isComplete())
                    .isFalse();
        }
    }

    @Nested
    class Merging {

        @Test
        void of_sameText_isOneStatement() {
            RecordedStatement once = statement(List.of("OTHER", "INTEGER"), Arrays.asList(null, "5"), "a", "int", "B");
            RecordedStatement again = statement(List.of("VARCHAR", "BIGINT"), List.of("Pia", "7"), "a", "x,y", "A");

            assertThat(StatementCatalogue.of(List.of(once, again)).statements())
                    .containsExactly(new RecordedStatement(
                            once.sql(),
                            List.of("VARCHAR", "BIGINT"),
                            List.of(List.of("Pia", "7"), Arrays.asList(null, "5")),
                            new TreeMap<>(Map.of("a", "int,x,y")),
                            "A, B"));
        }

        @Test
        void of_whatDiffersInCommentsAndEnd_isOneStatement() {
            assertThat(StatementCatalogue.of(List.of(
                                    plain("SELECT 1"),
                                    plain("/* a */ SELECT 1 ; -- b"),
                                    plain("-- trace 17\nSELECT 1;;"),
                                    plain("  ;")))
                            .statements())
                    .extracting(RecordedStatement::sql)
                    .containsExactly("SELECT 1");
        }

        @Test
        void of_anyOrderAndGrouping_isTheSameText() {
            Random random = new Random(11);
            List<RecordedStatement> statements = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                statements.add(new RecordedStatement(
                        "SELECT ? FROM t" + random.nextInt(3),
                        List.of(List.of("INTEGER", "OTHER", "VARCHAR", "DATE").get(random.nextInt(4))),
                        List.of(Collections.singletonList(random.nextInt(4) == 0 ? null : "" + random.nextInt(90))),
                        new TreeMap<>(Map.of(
                                "c",
                                List.of("int", "a,b", "b,a", "a,b,c", "notnull").get(random.nextInt(5)))),
                        "Test" + random.nextInt(9)));
            }
            String expected = StatementCatalogue.of(statements).text();

            for (int i = 0; i < 50; i++) {
                Collections.shuffle(statements, random);
                int cut = random.nextInt(statements.size());
                StatementCatalogue first = StatementCatalogue.of(statements.subList(0, cut));
                StatementCatalogue second = StatementCatalogue.of(statements.subList(cut, statements.size()));

                assertThat(first.merge(second).text()).isEqualTo(expected);
            }
        }

        @Test
        void merge_manySamples_keepsFive() {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 9; i++) {
                text.append("-- sample: ").append(i).append('\n');
            }
            StatementCatalogue written = StatementCatalogue.parse("x", text + "SELECT ?;");

            assertThat(written.statements().get(0).samples()).hasSize(9);
            assertThat(written.merge(StatementCatalogue.of(List.of()))
                            .statements()
                            .get(0)
                            .samples())
                    .hasSize(5);
        }

        @Test
        void withoutSamples_leavesTheRest() {
            assertThat(StatementCatalogue.parse("x", WRITTEN).withoutSamples().text())
                    .doesNotContain("Pia", "sample")
                    .contains("VARCHAR, INTEGER", "nights = int", "GuestRepositoryTest");
        }

        @Test
        void of_unknownType_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StatementCatalogue.of(List.of(
                            new RecordedStatement("SELECT ?", List.of("NUMBER"), List.of(), new TreeMap<>(), ""))))
                    .withMessageContaining("'NUMBER'")
                    .withMessageContaining("VARCHAR");
        }
    }

    @Nested
    class Places {

        @Test
        void of_fileFolderAndJar_isTheSame() throws IOException {
            StatementCatalogue catalogue = StatementCatalogue.parse("x", WRITTEN);
            Path classes = folder.resolve("classes");
            Path file = classes.resolve(StatementCatalogue.LOCATION);
            catalogue.write(file);
            catalogue.write(file);
            Path jar = jar("guest.jar", Map.of(StatementCatalogue.LOCATION, WRITTEN.getBytes(StandardCharsets.UTF_8)));

            assertThat(StatementCatalogue.of(file)).isEqualTo(catalogue);
            assertThat(StatementCatalogue.of(classes)).isEqualTo(catalogue);
            assertThat(StatementCatalogue.of(jar)).isEqualTo(catalogue);
            assertThat(file).hasContent(WRITTEN);
            assertThat(Files.list(file.getParent())).containsExactly(file);
        }

        @Test
        void of_executableJar_hasTheLibrariesToo() throws IOException {
            Path library =
                    jar("a.jar", Map.of(StatementCatalogue.LOCATION, "SELECT 2;".getBytes(StandardCharsets.UTF_8)));
            Path jar = jar(
                    "app.jar",
                    Map.of(
                            "BOOT-INF/classes/" + StatementCatalogue.LOCATION,
                            "SELECT 3;".getBytes(StandardCharsets.UTF_8),
                            "BOOT-INF/lib/a.jar",
                            Files.readAllBytes(library)));

            assertThat(StatementCatalogue.of(jar).statements())
                    .extracting(RecordedStatement::sql)
                    .containsExactly("SELECT 2", "SELECT 3");
        }

        @Test
        void ofClasspath_severalJars_areOne() throws IOException {
            Path one =
                    jar("one.jar", Map.of(StatementCatalogue.LOCATION, "SELECT 1;".getBytes(StandardCharsets.UTF_8)));
            Path two =
                    jar("two.jar", Map.of(StatementCatalogue.LOCATION, "SELECT 2;".getBytes(StandardCharsets.UTF_8)));

            try (URLClassLoader loader = new URLClassLoader(
                    new URL[] {one.toUri().toURL(), two.toUri().toURL()}, null)) {
                assertThat(StatementCatalogue.ofClasspath(loader).statements()).hasSize(2);
            }
            try (URLClassLoader loader = new URLClassLoader(new URL[0], null)) {
                assertThat(StatementCatalogue.ofClasspath(loader).statements()).isEmpty();
            }
        }

        @Test
        void of_placeWithoutCatalogue_saysWhatIsNeeded() throws IOException {
            Path jar = jar("empty.jar", Map.of("a", new byte[0]));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StatementCatalogue.of(jar))
                    .withMessage(
                            jar + " has no statements: META-INF/rollback4j/statements.sql is needed in it, or a file of"
                                    + " statements");
            assertThatIllegalArgumentException().isThrownBy(() -> StatementCatalogue.of(folder));
            assertThatThrownBy(() -> StatementCatalogue.of(folder.resolve("none.sql")))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("none.sql");
        }

        @Test
        void of_fileThatIsNoText_isRefused() throws IOException {
            Path file = Files.write(folder.resolve("bytes.sql"), new byte[] {(byte) 0xC3, 0x28});

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StatementCatalogue.of(file))
                    .withMessage(file + " is not allowed: text in UTF-8 is");
        }

        private Path jar(String name, Map<String, byte[]> entries) throws IOException {
            Path jar = folder.resolve(name);
            try (OutputStream out = Files.newOutputStream(jar);
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                for (Map.Entry<String, byte[]> entry : new TreeMap<>(entries).entrySet()) {
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    zip.write(entry.getValue());
                }
            }
            return jar;
        }
    }

    private static RecordedStatement plain(String sql) {
        return new RecordedStatement(sql, List.of(), List.of(), new TreeMap<>(), "");
    }

    private static RecordedStatement statement(
            List<String> types, List<String> sample, String label, String reader, String origin) {
        return new RecordedStatement(
                "SELECT a FROM t WHERE b = ? AND c = ?",
                types,
                List.of(sample),
                new TreeMap<>(Map.of(label, reader)),
                origin);
    }
}
