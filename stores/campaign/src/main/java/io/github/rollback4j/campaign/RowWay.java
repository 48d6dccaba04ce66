package io.github.rollback4j.campaign;

import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/** Changes a row, once for each key: key and change are one transaction. */
final class RowWay implements RollbackStrategy {

    private static final String TABLE = "campaign_row";
    private static final long LONGEST_NANOS = 500_000_000L;

    private final String name;
    private final DataSource rows;

    RowWay(String name, DataSource rows) {
        this.name = name;
        this.rows = rows;
    }

    /** Creates the table, where it is not there. */
    static void prepare(DataSource rows) throws SQLException {
        try (Connection connection = connection(rows);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS " + TABLE + " (id VARCHAR(300) PRIMARY KEY, changes INT NOT NULL)");
        }
    }

    /** Returns how often the row of a key was changed. */
    static int changes(DataSource rows, String key) throws SQLException {
        try (Connection connection = connection(rows);
                PreparedStatement select =
                        connection.prepareStatement("SELECT changes FROM " + TABLE + " WHERE id = ?")) {
            select.setString(1, key);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getInt(1) : 0;
            }
        }
    }

    /** Connects; a file that another process has open for a moment is waited for. */
    private static Connection connection(DataSource rows) throws SQLException {
        long began = System.nanoTime();
        while (true) {
            try {
                return rows.getConnection();
            } catch (SQLException busy) {
                if (System.nanoTime() - began > LONGEST_NANOS) {
                    throw busy;
                }
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return name + ": changes a row";
    }

    @Override
    public Check.Result check(Context context) {
        return Check.Result.pass("it is there");
    }

    @Override
    public Done rollBack(Context context) throws SQLException {
        try (Connection connection = connection(rows)) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                            connection.prepareStatement("INSERT INTO " + TABLE + " (id, changes) VALUES (?, 0)");
                    PreparedStatement update = connection.prepareStatement(
                            "UPDATE " + TABLE + " SET changes = changes + 1 WHERE id = ?")) {
                insert.setString(1, context.idempotencyKey());
                insert.executeUpdate();
                update.setString(1, context.idempotencyKey());
                update.executeUpdate();
                connection.commit();
            } catch (SQLException failed) {
                connection.rollback();
                if (changes(rows, context.idempotencyKey()) == 0) {
                    throw failed;
                }
            }
        }
        return Done.done("the row is changed");
    }

    @Override
    public Found lookUp(Context context) throws SQLException {
        return changes(rows, context.idempotencyKey()) > 0
                ? Found.done("the row is changed")
                : Found.notDone("the row is as it was");
    }
}
