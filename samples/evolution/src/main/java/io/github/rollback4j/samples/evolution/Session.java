package io.github.rollback4j.samples.evolution;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A connection during one run, with as much around it as makes a statement one line. */
public final class Session {

    private final Connection connection;
    private final String run;

    Session(Connection connection, String run) {
        this.connection = connection;
        this.run = run;
    }

    /** Reads one row. */
    @FunctionalInterface
    public interface RowReader<T> {

        /** Reads it. */
        T read(ResultSet row) throws SQLException;
    }

    /** Returns a text that no other run uses. */
    public String unique(String text) {
        return text + "-" + run;
    }

    /** Returns one of the two, as the database speaks. */
    public String either(String postgres, String mariaDb) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("PostgreSQL") ? postgres : mariaDb;
    }

    /** Writes, and returns how many rows. */
    public int write(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            fill(statement, values);
            return statement.executeUpdate();
        }
    }

    /** Inserts a row, and returns the id that the database gave it. */
    public int insert(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql, new String[] {"id"})) {
            fill(statement, values);
            statement.executeUpdate();
            try (ResultSet keys = statement.getGeneratedKeys()) {
                keys.next();
                return keys.getInt(1);
            }
        }
    }

    /** Reads all rows. */
    public <T> List<T> list(String sql, RowReader<T> reader, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            fill(statement, values);
            try (ResultSet rows = statement.executeQuery()) {
                List<T> list = new ArrayList<>();
                while (rows.next()) {
                    list.add(reader.read(rows));
                }
                return list;
            }
        }
    }

    /** Reads the one row that there must be. */
    public <T> T one(String sql, RowReader<T> reader, Object... values) throws SQLException {
        List<T> rows = list(sql, reader, values);
        expect("number of rows", rows.size(), 1);
        return rows.get(0);
    }

    /** Makes sure that what was found is what the release takes for granted. */
    public void expect(String what, Object found, Object expected) {
        if (!Objects.equals(found, expected)) {
            throw new IllegalStateException("wrong result, " + what + " is " + found + ", not " + expected);
        }
    }

    private static void fill(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }
}
