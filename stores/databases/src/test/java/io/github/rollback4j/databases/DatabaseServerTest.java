package io.github.rollback4j.databases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatabaseServerTest {

    @ParameterizedTest
    @EnumSource
    void newDatabase_twice_areApart(DatabaseServer.Engine engine) throws Exception {
        DatabaseServer server = DatabaseServer.shared(engine);
        assertThat(DatabaseServer.shared(engine)).isSameAs(server);
        String one = server.newDatabase();
        String other = server.newDatabase();
        server.execute(one, "CREATE TABLE t (id int)");
        assertThat(count(server.dataSource(one))).isZero();
        assertThatThrownBy(() -> count(server.dataSource(other))).isInstanceOf(SQLException.class);
    }

    @ParameterizedTest
    @EnumSource
    void kill_thenRestart_keepsWhatWasCommitted(DatabaseServer.Engine engine) throws Exception {
        try (DatabaseServer server = DatabaseServer.start(engine, safe(engine))) {
            String database = server.newDatabase();
            server.execute(database, "CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)");
            int port = server.port();
            server.kill();
            assertThatThrownBy(() -> count(server.dataSource(database))).isInstanceOf(SQLException.class);
            server.restart();
            assertThat(server.port()).isEqualTo(port);
            assertThat(count(server.dataSource(database))).isEqualTo(1);
        }
    }

    private static Map<String, String> safe(DatabaseServer.Engine engine) {
        return engine == DatabaseServer.Engine.POSTGRESQL
                ? Map.of("synchronous_commit", "on")
                : Map.of("innodb-flush-log-at-trx-commit", "1");
    }

    private static int count(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
