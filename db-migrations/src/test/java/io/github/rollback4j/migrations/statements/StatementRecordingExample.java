package io.github.rollback4j.migrations.statements;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Run by {@link StatementRecordingTest}. */
final class StatementRecordingExample {

    private StatementRecordingExample() {}

    // @start region="shared"
    @ExtendWith(StatementRecording.class)
    static class GuestRepositoryTest {

        private final GuestRepository guests;

        GuestRepositoryTest(StatementRecorder recorder) {
            guests = new GuestRepository(recorder.record(database()));
        }

        @Test
        void countsGuests() throws SQLException {
            assertThat(guests.count("Pia")).isZero();
        }
    }
    // @end

    static DataSource database() {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:;INIT=CREATE TABLE guest (name VARCHAR(10)\\, nights INT)");
        return database;
    }

    record GuestRepository(DataSource database) {

        int count(String name) throws SQLException {
            try (Connection connection = database.getConnection();
                    var select = connection.prepareStatement("SELECT COUNT(*) AS guests FROM guest WHERE name = ?")) {
                select.setString(1, name);
                var counted = select.executeQuery();
                counted.next();
                return counted.getInt("guests");
            }
        }
    }
}
