package io.github.rollback4j.samples.checkout;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Reads carts and exchange rates from the database. */
@Repository
public class Carts {

    private static final Map<String, String> COUNTRIES =
            Map.of("EUR", "DE", "USD", "US", "GBP", "GB", "CHF", "CH", "SEK", "SE");
    private static final int BATCH = 5_000;

    private final JdbcTemplate database;

    Carts(JdbcTemplate database) {
        this.database = database;
    }

    /** Returns a customer's cart. */
    Cart of(long customer) {
        return Objects.requireNonNull(database.queryForObject(
                "select cents, currency, voucher_cents from carts where customer = ?",
                (row, number) -> new Cart(customer, row.getLong(1), row.getString(2), row.getLong(3)),
                customer));
    }

    /**
     * Returns how much of a currency one euro buys.
     *
     * @throws org.springframework.dao.EmptyResultDataAccessException if the currency is unknown
     */
    BigDecimal exchangeRate(String currency) {
        return Objects.requireNonNull(database.queryForObject(
                "select per_euro from exchange_rates where currency = ?", BigDecimal.class, currency));
    }

    /** Adds customers with their carts, all or none. */
    @Transactional
    public void addAll(List<Cart> carts) {
        IntStream.iterate(0, from -> from < carts.size(), from -> from + BATCH)
                .mapToObj(from -> carts.subList(from, Math.min(carts.size(), from + BATCH)))
                .forEach(this::addBatch);
    }

    private void addBatch(List<Cart> carts) {
        database.batchUpdate("insert into customers (id, country) values (?, ?)", carts, BATCH, (row, cart) -> {
            row.setLong(1, cart.customer());
            row.setString(2, COUNTRIES.get(cart.currency()));
        });
        database.batchUpdate(
                "insert into carts (customer, cents, currency, voucher_cents) values (?, ?, ?, ?)",
                carts,
                BATCH,
                (row, cart) -> {
                    row.setLong(1, cart.customer());
                    row.setLong(2, cart.cents());
                    row.setString(3, cart.currency());
                    row.setLong(4, cart.voucherCents());
                });
    }
}
