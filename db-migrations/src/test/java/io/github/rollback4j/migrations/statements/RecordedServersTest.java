package io.github.rollback4j.migrations.statements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.databases.DatabaseServer;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What only real servers and their drivers show. */
class RecordedServersTest {

    @Test
    void postgres_ownTypesKeysAndCalls_areRecorded() throws Exception {
        DatabaseServer server = DatabaseServer.shared(DatabaseServer.Engine.POSTGRESQL);
        String database = server.newDatabase();
        server.execute(
                database,
                "CREATE TYPE room_class AS ENUM ('single', 'double')",
                "CREATE TABLE booking (id int GENERATED ALWAYS AS IDENTITY, ref uuid, class room_class, note jsonb, tags text[],"
                        + " at timestamptz)",
                "CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql AS 'SELECT 2 * a'");
        StatementRecorder recorder = new StatementRecorder();
        UUID ref = new UUID(1, 2);

        try (Connection connection =
                recorder.record(server.dataSource(database)).getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO booking (ref, class, note, tags, at) VALUES (?, ?, ?::jsonb, ?, ?)",
                    Statement.RETURN_GENERATED_KEYS)) {
                insert.setObject(1, ref);
                insert.setObject(2, "double", Types.OTHER);
                insert.setString(3, "{\"a\": \"it's\"}");
                insert.setArray(4, connection.createArrayOf("text", new String[] {"x", "y"}));
                insert.setObject(5, OffsetDateTime.parse("2026-03-01T10:15:00+02:00"));
                insert.executeUpdate();
                ResultSet keys = insert.getGeneratedKeys();
                keys.next();
                keys.getInt("id");
            }
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT id, class FROM booking WHERE ref = ANY (?)")) {
                select.setArray(1, connection.createArrayOf("uuid", new UUID[] {ref}));
                ResultSet booking = select.executeQuery();
                assertThat(booking.next()).isTrue();
                booking.getObject(1, Integer.class);
            }
            try (CallableStatement call = connection.prepareCall("{? = call twice(?)}")) {
                call.registerOutParameter(1, Types.INTEGER);
                call.setInt(2, 21);
                call.execute();
            }
            connection.commit();
            try (Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute("SELECT nothing")).isInstanceOf(SQLException.class);
            }
            connection.rollback();
        }

        StatementCatalogue catalogue = recorder.catalogue();
        assertThat(catalogue.statements())
                .containsExactly(
                        new RecordedStatement(
                                "INSERT INTO booking (ref, class, note, tags, at) VALUES (?, ?, ?::jsonb, ?, ?)",
                                List.of("OTHER", "OTHER", "VARCHAR", "ARRAY", "TIMESTAMP_WITH_TIMEZONE"),
                                List.of(List.of(
                                        ref.toString(),
                                        "double",
                                        "{\"a\": \"it's\"}",
                                        "{\"x\",\"y\"}",
                                        "2026-03-01 10:15:00+02:00")),
                                new TreeMap<>(Map.of("id", "int")),
                                ""),
                        new RecordedStatement(
                                "SELECT id, class FROM booking WHERE ref = ANY (?)",
                                List.of("ARRAY"),
                                List.of(List.of("{\"" + ref + "\"}")),
                                new TreeMap<>(Map.of("id", "int")),
                                ""),
                        new RecordedStatement(
                                "{? = call twice(?)}",
                                List.of("INTEGER", "INTEGER"),
                                List.of(Arrays.asList(null, "21")),
                                new TreeMap<>(),
                                ""));
        assertThat(StatementCatalogue.parse("x", catalogue.text())).isEqualTo(catalogue);
    }
}
