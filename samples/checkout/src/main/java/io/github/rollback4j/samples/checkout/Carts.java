package io.github.rollback4j.samples.checkout;

import java.math.BigDecimal;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/** Reads carts and exchange rates from the database. */
@Repository
class Carts {

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
}
