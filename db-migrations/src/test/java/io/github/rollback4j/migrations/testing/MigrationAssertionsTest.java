package io.github.rollback4j.migrations.testing;

import static io.github.rollback4j.migrations.testing.MigrationAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.reading.SqlReader;
import io.github.rollback4j.migrations.source.Migration;
import io.github.rollback4j.migrations.source.MigrationSet;
import io.github.rollback4j.migrations.source.Undo;
import io.github.rollback4j.migrations.statements.StatementCatalogue;
import io.github.rollback4j.migrations.verdict.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A team's own tests fail when a migration would bar the way back, and say why. */
class MigrationAssertionsTest {

    private static MigrationSet migrations(String change) {
        SqlReader reader = SqlReader.of(SqlDialect.POSTGRESQL);
        String old = "CREATE TABLE booking (id int PRIMARY KEY, nights int, price numeric(8,2));";
        return new MigrationSet(
                SqlDialect.POSTGRESQL,
                List.of(new Migration("1", "V1__old.sql", reader.read(old), true, false, Undo.NONE, List.of())),
                List.of(new Migration("2", "V2__change.sql", reader.read(change), true, false, Undo.NONE, List.of())),
                true);
    }

    @Test
    void areCompatible_optionalColumn_passesBesideAssertJ() {
        MigrationSet migrations = migrations("ALTER TABLE booking ADD COLUMN guest text;");
        // @start region="assert"
        assertThat(migrations).areCompatibleWithPreviousRelease().loseNoData().blockNobody();
        // @end
        assertThat(migrations.pending()).hasSize(1);
    }

    @Test
    void areCompatible_droppedColumn_failsWithTheReport() {
        assertThatThrownBy(() -> assertThat(migrations("\n\nALTER TABLE booking DROP price;"))
                        .areCompatibleWithPreviousRelease())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("BLOCKED")
                .hasMessageContaining("V2__change.sql:3  DROP_COLUMN (breaks the previous release, loses data)")
                .hasMessageContaining("ALTER TABLE booking DROP price")
                .hasMessageContaining("Instead: drop price one release after its last use.");
    }

    @Test
    void loseNoData_droppedColumnThatNothingUses_fails() {
        StatementCatalogue statements = StatementCatalogue.parse("s.sql", "SELECT id, nights FROM booking;");

        MigrationsAssert migrations = assertThat(
                migrations("ALTER TABLE booking DROP price;"),
                check -> check.statements(statements).statementsAreComplete());

        migrations.haveVerdict(Verdict.COMPATIBLE);
        assertThatThrownBy(migrations::loseNoData).isInstanceOf(AssertionError.class);
    }

    @Test
    void blockNobody_plainIndex_fails() {
        assertThatThrownBy(() -> assertThat(migrations("CREATE INDEX by_price ON booking (price);"))
                        .areCompatibleWithPreviousRelease()
                        .blockNobody())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("INDEX_NOT_CONCURRENT (blocks others)");
    }
}
