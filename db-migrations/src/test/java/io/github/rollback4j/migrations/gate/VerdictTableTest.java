package io.github.rollback4j.migrations.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.migrations.verdict.Verdict;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.release.Release;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Verdicts survive in the database that they are about, and the gate goes by them. */
class VerdictTableTest {

    private static final Release STABLE = Release.of("checkout", "1.4.2");
    private static final Release CANDIDATE = Release.of("checkout", "1.5.0");
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    /** What holds on every database. */
    abstract static class Contract {

        abstract DataSource dataSource();

        private static RecordedVerdict verdict(Verdict verdict, List<String> undo) {
            return new RecordedVerdict(
                    CANDIDATE, verdict, List.of("V7__x.sql:3 DROP_COLUMN: …"), List.of("7", "R__views"), undo, NOW);
        }

        @Test
        void find_nothingRecorded_isEmpty() {
            VerdictTable table = VerdictTable.in(dataSource(), "verdict_none");

            assertThat(table.find(CANDIDATE)).isEmpty();
        }

        @Test
        void find_afterRecord_isWhatWasRecorded() {
            VerdictTable table = VerdictTable.in(dataSource(), "verdict_found");
            String large = "UPDATE guest SET note = '" + "ü ".repeat(3000) + "';  ";
            RecordedVerdict recorded = verdict(Verdict.UNDO_NEEDED, List.of(large, "DROP TABLE promo", ""));

            table.record(verdict(Verdict.BLOCKED, List.of()));
            table.record(recorded);

            assertThat(table.find(CANDIDATE)).contains(recorded);
            assertThat(table.find(STABLE)).isEmpty();
        }

        @Test
        void find_undoThatSomebodyChanged_isRefused() throws SQLException {
            DataSource dataSource = dataSource();
            VerdictTable table = VerdictTable.in(dataSource, "verdict_changed");
            table.record(verdict(Verdict.UNDO_NEEDED, List.of("DROP TABLE promo")));
            run(dataSource, "UPDATE verdict_changed SET content = 'DROP TABLE guest|' WHERE part = 'UNDO'");

            assertThatThrownBy(() -> table.find(CANDIDATE))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("checkout")
                    .hasMessageContaining("hash");
        }

        private static void run(DataSource dataSource, String sql) throws SQLException {
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.executeUpdate(sql);
            }
        }
    }

    @Nested
    class OnH2 extends Contract {
        @Override
        DataSource dataSource() {
            JdbcDataSource dataSource = new JdbcDataSource();
            dataSource.setURL("jdbc:h2:mem:verdicts;DB_CLOSE_DELAY=-1");
            return dataSource;
        }
    }

    @Nested
    class OnPostgres extends Contract {
        @Override
        DataSource dataSource() {
            DatabaseServer server = DatabaseServer.shared(DatabaseServer.Engine.POSTGRESQL);
            return server.dataSource(server.newDatabase());
        }
    }

    @Nested
    class OnMariaDb extends Contract {
        @Override
        DataSource dataSource() {
            DatabaseServer server = DatabaseServer.shared(DatabaseServer.Engine.MARIADB);
            return server.dataSource(server.newDatabase());
        }
    }

    private static Gate.Result look(Verdict verdict, boolean isStep) {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:gate;DB_CLOSE_DELAY=-1");
        VerdictTable table = VerdictTable.in(dataSource);
        table.record(new RecordedVerdict(
                CANDIDATE, verdict, List.of("Because."), List.of("7"), List.of("DROP TABLE promo"), NOW));
        DatabaseGate gate = DatabaseGate.of(table);
        return (isStep ? gate.undoneBy("database-undo") : gate)
                .look(new Gate.Question("checkout:1.5.0#1", STABLE, CANDIDATE, "deploy", true, NOW));
    }

    @Test
    void look_verdicts_openAskOrBlock() {
        assertThat(look(Verdict.COMPATIBLE, false).verdict()).isEqualTo(Gate.Verdict.OPEN);
        assertThat(look(Verdict.UNDO_NEEDED, false).verdict()).isEqualTo(Gate.Verdict.ASK);
        assertThat(look(Verdict.UNDO_NEEDED, true).verdict()).isEqualTo(Gate.Verdict.OPEN);
        assertThat(look(Verdict.BLOCKED, true).verdict()).isEqualTo(Gate.Verdict.BLOCKED);
        assertThat(look(Verdict.UNKNOWN, true).verdict()).isEqualTo(Gate.Verdict.BLOCKED);
        assertThat(look(Verdict.BLOCKED, true).detail()).contains("checkout", "1.4.2", "Because.");
    }

    @Test
    void look_nobodyLooked_blocks() {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:nobody;DB_CLOSE_DELAY=-1");
        DatabaseGate gate = DatabaseGate.of(VerdictTable.in(dataSource));

        Gate.Result result = gate.look(new Gate.Question("checkout:1.5.0#1", STABLE, CANDIDATE, "deploy", true, NOW));

        assertThat(result.verdict()).isEqualTo(Gate.Verdict.BLOCKED);
        assertThat(result.detail()).contains("no verdict is recorded", "1.5.0");
    }

    @Test
    void in_nameThatIsNone_isRefused() {
        assertThatThrownBy(() -> VerdictTable.in(new JdbcDataSource(), "x; DROP TABLE guest"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x; DROP TABLE guest");
    }
}
