package io.github.rollback4j.migrations.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.judgement.Finding;
import io.github.rollback4j.migrations.judgement.Rule;
import io.github.rollback4j.migrations.proof.ScratchDatabase;
import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Suppression;
import io.github.rollback4j.migrations.source.Undo;
import io.github.rollback4j.migrations.statements.StatementCatalogue;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The verdict, from what was judged and what was proved. */
class CompatibilityCheckTest {

    private static final String OLD = """
            CREATE TABLE booking (id int PRIMARY KEY, nights int NOT NULL, note varchar(100));
            INSERT INTO booking VALUES (1, 3, 'late'), (2, 1, 'early');
            """;
    private static final ScratchDatabase SCRATCH = ScratchDatabase.h2();

    @AfterAll
    static void close() throws Exception {
        SCRATCH.close();
    }

    private static MigrationSet migrations(String change, String undo, Suppression... suppressions) {
        SqlReader reader = SqlReader.of(SqlDialect.H2);
        List<Statement> back = reader.read(undo);
        Undo declared = back.isEmpty() ? Undo.NONE : new Undo(Undo.State.DECLARED, "U2__change.sql", back);
        return new MigrationSet(
                SqlDialect.H2,
                List.of(new Migration("1", "V1__old.sql", reader.read(OLD), true, false, Undo.NONE, List.of())),
                List.of(new Migration(
                        "2", "V2__change.sql", reader.read(change), true, false, declared, List.of(suppressions))),
                true);
    }

    private static StatementCatalogue statements(String sql) {
        return StatementCatalogue.parse("statements.sql", sql);
    }

    @Test
    void run_optionalColumn_isCompatible() {
        MigrationSet migrations = migrations("ALTER TABLE booking ADD COLUMN guest varchar(50);", "");

        assertThat(CompatibilityCheck.of(migrations).run().verdict()).isEqualTo(Verdict.COMPATIBLE);
    }

    @Test
    void run_droppedColumn_isBlockedAndSaysWhy() {
        MigrationSet migrations = migrations("ALTER TABLE booking DROP COLUMN note;", "");

        Compatibility found = CompatibilityCheck.of(migrations).run();

        assertThat(found.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(found.reasons()).first().asString().contains("V2__change.sql:1", "DROP_COLUMN", "NOTE");
    }

    @Test
    void run_provedUndo_isNeeded() {
        // @start region="check"
        MigrationSet migrations = migrations(
                "ALTER TABLE booking ALTER COLUMN nights RENAME TO duration;",
                "ALTER TABLE booking ALTER COLUMN duration RENAME TO nights;");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements("SELECT id, nights FROM booking;"))
                .provedOn(SCRATCH)
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.UNDO_NEEDED);
        // @end
        assertThat(found.undo()).containsExactly("ALTER TABLE booking ALTER COLUMN duration RENAME TO nights");
    }

    @Test
    void run_rowsThatNoUndoBringsBack_isBlockedThoughTheProofHadNoSuchRows() {
        MigrationSet renamed = migrations(
                "ALTER TABLE booking ALTER COLUMN nights RENAME TO duration;",
                "ALTER TABLE booking ALTER COLUMN duration RENAME TO nights;");
        Migration rewrite = new Migration(
                "3",
                "V3__rewrite.sql",
                SqlReader.of(SqlDialect.H2).read("UPDATE booking SET note = 'x' WHERE id > 1000000;"),
                true,
                false,
                new Undo(Undo.State.EMPTY, "U3__rewrite.sql", List.of()),
                List.of());
        MigrationSet both = new MigrationSet(
                SqlDialect.H2, renamed.applied(), List.of(renamed.pending().get(0), rewrite), true);

        Compatibility found = CompatibilityCheck.of(both)
                .statements(statements("SELECT id, nights FROM booking;"))
                .provedOn(SCRATCH)
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(found.reasons()).last().asString().contains("has nothing for the rows that V3__rewrite.sql:1");
    }

    @Test
    void run_undoThatLeavesSomething_isBlocked() {
        MigrationSet migrations = migrations(
                "ALTER TABLE booking ALTER COLUMN nights RENAME TO duration; ALTER TABLE booking ADD COLUMN guest int;",
                "ALTER TABLE booking ALTER COLUMN duration RENAME TO nights;");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements("SELECT id, nights FROM booking;"))
                .provedOn(SCRATCH)
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(found.reasons()).last().asString().contains("leaves a difference", "GUEST");
        assertThat(found.judgement().rules()).contains(Rule.UNDO_NOT_INVERSE);
    }

    @Test
    void run_columnThatNoStatementUses_isCompatibleOnlyWhereTheyAreComplete() {
        MigrationSet migrations = migrations("ALTER TABLE booking DROP COLUMN note;", "");
        StatementCatalogue statements = statements("SELECT id, nights FROM booking;");

        Compatibility incomplete =
                CompatibilityCheck.of(migrations).statements(statements).run();
        Compatibility complete = CompatibilityCheck.of(migrations)
                .statements(statements)
                .statementsAreComplete()
                .run();

        assertThat(incomplete.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(complete.verdict()).isEqualTo(Verdict.COMPATIBLE);
        assertThat(complete.reasons()).singleElement().asString().contains("destroys information");
    }

    @Test
    void run_recordThatWasFull_isNotTakenForComplete() {
        MigrationSet migrations = migrations("ALTER TABLE booking DROP COLUMN note;", "");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements(
                        "-- rollback4j statements 1\n-- incomplete: full\n\nSELECT id, nights FROM booking;\n"))
                .statementsAreComplete()
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.BLOCKED);
    }

    @Test
    void run_insertThatNamesNoColumns_isBlockedByAnyNewColumn() {
        MigrationSet migrations = migrations("ALTER TABLE booking ADD COLUMN guest varchar(50);", "");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements("INSERT INTO booking VALUES (?, ?, ?);"))
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(found.judgement().rules()).contains(Rule.POSITIONAL_OR_STAR);
    }

    @Test
    void run_recordedStatementThatNobodyUnderstands_countsAsUsingEverythingAndIsNamed() {
        MigrationSet migrations = migrations("ALTER TABLE booking DROP COLUMN note;", "");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements("SELECT id FROM booking;\nFROBNICATE booking;"))
                .statementsAreComplete()
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(found.reasons()).last().asString().contains("not understood", "FROBNICATE booking");
    }

    @Test
    void run_undoThatDropsWhatIsNew_saysWhatGoesWithIt() {
        MigrationSet migrations = migrations(
                "ALTER TABLE booking ADD COLUMN guest int; ALTER TABLE booking ALTER COLUMN nights RENAME TO duration;",
                "ALTER TABLE booking ALTER COLUMN duration RENAME TO nights; ALTER TABLE booking DROP COLUMN guest;");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements("SELECT id, nights FROM booking;"))
                .provedOn(SCRATCH)
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.UNDO_NEEDED);
        assertThat(found.reasons()).last().asString().contains("BOOKING.GUEST goes with the undo");
    }

    @Test
    void run_columnThatAStarReads_isBlocked() {
        MigrationSet migrations = migrations("ALTER TABLE booking DROP COLUMN note;", "");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements("SELECT * FROM booking b WHERE b.id = ?;"))
                .statementsAreComplete()
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.BLOCKED);
    }

    @Test
    void run_rowsThatTheMigrationInserts_areNoBreak() {
        MigrationSet migrations = migrations("INSERT INTO booking VALUES (3, 2, 'new');", "");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements("SELECT id, nights FROM booking ORDER BY id;"))
                .provedOn(SCRATCH)
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.COMPATIBLE);
    }

    @Test
    void run_rowsThatTheMigrationInsertsInPlaceOfOthers_areABreak() {
        MigrationSet migrations =
                migrations("DELETE FROM booking WHERE id = 2; INSERT INTO booking VALUES (3, 2, 'new');", "");

        Compatibility found = CompatibilityCheck.of(migrations)
                .statements(statements("SELECT id, nights FROM booking ORDER BY id;"))
                .provedOn(SCRATCH)
                .run();

        assertThat(found.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(found.reasons()).anyMatch(reason -> reason.startsWith("Proved:"));
    }

    @Test
    void run_statementThatNobodyUnderstands_isUnknown() {
        MigrationSet migrations = migrations("FROBNICATE TABLE booking;", "");

        Compatibility found = CompatibilityCheck.of(migrations).run();

        assertThat(found.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(found.reasons()).first().asString().contains("V2__change.sql:1 was not understood");
    }

    @Test
    void run_suppressedFinding_holdsUntilItsLastDay() {
        Suppression allowed =
                new Suppression(Rule.DROP_COLUMN.name(), 0, "nothing reads it since 1.4", LocalDate.of(2026, 12, 1));
        MigrationSet migrations = migrations("ALTER TABLE booking DROP COLUMN note;", "", allowed);

        Compatibility before = CompatibilityCheck.of(migrations)
                .clock(InstantSource.fixed(Instant.parse("2026-12-01T23:59:59Z")))
                .run();
        Compatibility after = CompatibilityCheck.of(migrations)
                .clock(InstantSource.fixed(Instant.parse("2026-12-02T00:00:00Z")))
                .run();

        assertThat(before.verdict()).isEqualTo(Verdict.COMPATIBLE);
        assertThat(before.judgement().suppressed()).extracting(Finding::rule).contains(Rule.DROP_COLUMN);
        assertThat(after.verdict()).isEqualTo(Verdict.BLOCKED);
    }
}
