package io.github.rollback4j.migrations;

import static io.github.rollback4j.migrations.testing.MigrationAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.rollback4j.migrations.gate.DatabaseGate;
import io.github.rollback4j.migrations.gate.RecordedVerdict;
import io.github.rollback4j.migrations.gate.VerdictTable;
import io.github.rollback4j.migrations.proof.ScratchDatabase;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.source.FlywayMigrations;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.statements.StatementCatalogue;
import io.github.rollback4j.migrations.verdict.Compatibility;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import io.github.rollback4j.migrations.verdict.Verdict;
import io.github.rollback4j.plan.RollbackPlan.Step;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.WaysBack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps {@code docs/migrations.md} true: its Java stands here and runs, its report is what is printed. */
class MigrationsPageTest {

    private static final Path PAGE = Path.of("../docs/migrations.md");

    @TempDir
    private Path releaseBefore;

    @TempDir
    private Path thisRelease;

    @BeforeEach
    void writeReleases() throws IOException {
        for (Path folder : List.of(releaseBefore, thisRelease)) {
            Files.writeString(
                    folder.resolve("V1__booking.sql"),
                    "CREATE TABLE booking (id int PRIMARY KEY, nights int, price numeric(8,2));\n");
        }
    }

    private MigrationSet migrations() {
        FlywayMigrations previous = FlywayMigrations.in(SqlDialect.POSTGRESQL, "filesystem:" + releaseBefore);
        MigrationSet migrations = FlywayMigrations.in(SqlDialect.POSTGRESQL, "filesystem:" + thisRelease)
                .after(previous);
        return migrations;
    }

    private void change(String sql) throws IOException {
        Files.writeString(thisRelease.resolve("V2__price.sql"), sql);
    }

    @Test
    void page_assertion_passesOrPrintsWhatThePageShows() throws IOException {
        change("ALTER TABLE booking ADD COLUMN guest text;\n");
        MigrationSet migrations = migrations();
        assertThat(migrations).areCompatibleWithPreviousRelease();

        change("ALTER TABLE booking DROP price;\n");
        Throwable failure = catchThrowable(() -> assertThat(migrations()).areCompatibleWithPreviousRelease());

        assertThat(failure).isInstanceOf(AssertionError.class);
        assertThat(failure.getMessage()).contains(printed());
    }

    @Test
    void page_suppression_isRead() throws IOException {
        change(blocks("sql").get(0));

        assertThat(migrations()).areCompatibleWithPreviousRelease();
    }

    @Test
    void page_checkAndGate_run() throws IOException {
        change("ALTER TABLE booking DROP price;\n");
        MigrationSet migrations = migrations();
        Path previousJar = thisRelease.resolve("statements.sql");
        Files.writeString(previousJar, "SELECT id, nights FROM booking;\n");
        String rows = "INSERT INTO booking VALUES (1, 2, 3);";
        Release candidate = Release.of("hotel", "1.5.0");
        RollbackStrategy deployPrevious = WaysBack.manual("deploy", "Deploy 1.4.2.");
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:page;DB_CLOSE_DELAY=-1");

        try (ScratchDatabase scratch = ScratchDatabase.embeddedPostgres()) {
            Compatibility found = CompatibilityCheck.of(migrations)
                    .statements(StatementCatalogue.of(previousJar))
                    .statementsAreComplete()
                    .provedOn(scratch, proof -> proof.seed(rows))
                    .run();
            VerdictTable verdicts = VerdictTable.in(dataSource);
            verdicts.record(new RecordedVerdict(
                    candidate, found.verdict(), found.reasons(), found.pending(), found.undo(), Instant.now()));
            Step deploy = Step.of(deployPrevious).behind(DatabaseGate.of(verdicts));

            assertThat(found.verdict()).isEqualTo(Verdict.COMPATIBLE);
            assertThat(verdicts.find(candidate)).isPresent();
            assertThat(deploy.gates()).hasSize(1);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void page_everyLineOfJava_standsHere() throws IOException {
        String source = Files.readString(
                        Path.of("src/test/java", getClass().getName().replace('.', '/') + ".java"))
                .replaceAll("\\s+", "");

        assertThat(blocks("java")).hasSize(3).allSatisfy(block -> {
            for (String statement : block.split(";\n", -1)) {
                assertThat(source).contains(statement.strip().replaceAll("\\s+", ""));
            }
        });
    }

    private static String printed() throws IOException {
        return blocks("").get(0).strip();
    }

    private static List<String> blocks(String language) throws IOException {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = null;
        for (String line : Files.readAllLines(PAGE)) {
            if (block != null && line.equals("```")) {
                blocks.add(block.toString());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            } else if (line.startsWith("```")) {
                block = new StringBuilder();
                if (!line.equals("```" + language)) {
                    // Another language: read past it.
                    blocks.add("");
                    block = new StringBuilder("\u0000");
                }
            }
        }
        return blocks.stream()
                .filter(text -> !text.isEmpty() && text.charAt(0) != '\u0000')
                .toList();
    }
}
