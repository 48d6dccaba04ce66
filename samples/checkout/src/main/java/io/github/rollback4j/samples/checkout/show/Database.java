package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.samples.checkout.Cart;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.h2.tools.Server;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ScriptUtils;

/** The service's own database, in the show's memory: it serves all instances, and outlives each of them. */
final class Database implements AutoCloseable {

    /** Who connects. */
    static final String USER = "sa";

    private static final String NAME = "mem:checkout";
    private static final int BATCH = 5_000;
    private static final Map<String, String> COUNTRIES =
            Map.of("EUR", "DE", "USD", "US", "GBP", "GB", "CHF", "CH", "SEK", "SE");

    private final Connection connection;
    private final Server server;

    private Database(Connection connection, Server server) {
        this.connection = connection;
        this.server = server;
    }

    /** Opens a database without customers, on a free port that answers this machine alone. */
    static Database open(String password) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:h2:" + NAME, USER, password);
        ScriptUtils.executeSqlScript(connection, new ClassPathResource("schema.sql"));
        return new Database(connection, Server.createTcpServer("-tcpPort", "0").start());
    }

    /** Returns its address for other processes. */
    String url() {
        return "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/" + NAME;
    }

    /** Adds customers with their carts, all or none. */
    void addAll(List<Cart> carts) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement customer =
                        connection.prepareStatement("insert into customers (id, country) values (?, ?)");
                PreparedStatement cart = connection.prepareStatement(
                        "insert into carts (customer, cents, currency, voucher_cents) values (?, ?, ?, ?)")) {
            for (int from = 0; from < carts.size(); from += BATCH) {
                for (Cart next : carts.subList(from, Math.min(carts.size(), from + BATCH))) {
                    customer.setLong(1, next.customer());
                    customer.setString(2, COUNTRIES.get(next.currency()));
                    customer.addBatch();
                    cart.setLong(1, next.customer());
                    cart.setLong(2, next.cents());
                    cart.setString(3, next.currency());
                    cart.setLong(4, next.voucherCents());
                    cart.addBatch();
                }
                customer.executeBatch();
                cart.executeBatch();
            }
        }
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        server.stop();
        connection.close();
    }
}
