package io.github.rollback4j.cli;

import io.github.rollback4j.jdbc.JdbcStore;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Opens the store that the command line names: a JDBC URL, or the path of a file. */
final class Store {

    static final String VARIABLE = "ROLLBACK4J_STORE";
    static final String USER = "ROLLBACK4J_STORE_USER";
    static final String PASSWORD = "ROLLBACK4J_STORE_PASSWORD";

    private Store() {}

    static JdbcStore open(Arguments arguments) {
        String store = arguments.required("store", VARIABLE);
        JdbcStore.Builder builder = store.startsWith("jdbc:")
                ? JdbcStore.over(new Connections(
                        store,
                        arguments.option("user", arguments.variable(USER)),
                        arguments.password("password-file", PASSWORD)))
                : JdbcStore.inFile(Path.of(store));
        String prefix = arguments.option("table-prefix");
        return (prefix == null ? builder : builder.tablePrefix(prefix)).build();
    }

    /** Gives connections, one at a time, of the driver that knows the URL. Shows neither URL nor password. */
    private record Connections(String url, String user, String password) implements DataSource {

        @Override
        public Connection getConnection() throws SQLException {
            Properties properties = new Properties();
            if (!user.isEmpty()) {
                properties.setProperty("user", user);
            }
            if (!password.isEmpty()) {
                properties.setProperty("password", password);
            }
            return DriverManager.getConnection(url, properties);
        }

        @Override
        public Connection getConnection(String otherUser, String otherPassword) throws SQLException {
            return DriverManager.getConnection(url, otherUser, otherPassword);
        }

        @Override
        public @Nullable PrintWriter getLogWriter() {
            return null;
        }

        @Override
        public void setLogWriter(@Nullable PrintWriter out) {
            // Nothing is written.
        }

        @Override
        public void setLoginTimeout(int seconds) {
            // The driver's own holds.
        }

        @Override
        public int getLoginTimeout() {
            return 0;
        }

        @Override
        public Logger getParentLogger() throws SQLFeatureNotSupportedException {
            throw new SQLFeatureNotSupportedException("there is no logger");
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLException("there is no " + type.getName());
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }

        @Override
        public String toString() {
            return "connections of the command line";
        }
    }
}
