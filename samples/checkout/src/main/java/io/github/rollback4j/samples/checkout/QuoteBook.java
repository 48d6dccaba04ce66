package io.github.rollback4j.samples.checkout;

import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/** Keeps the quotes that were made. */
@Repository
class QuoteBook {

    private final JdbcTemplate database;

    QuoteBook(JdbcTemplate database) {
        this.database = database;
    }

    /** Enters a quote, in the place of an earlier one for the same request. */
    Quote enter(Quote quote) {
        database.update(
                "merge into quotes (request, customer, release, cents, currency) values (?, ?, ?, ?, ?)",
                quote.request(),
                quote.customer(),
                quote.release(),
                quote.cents(),
                quote.currency());
        return quote;
    }

    /** Withdraws the quotes of a release, so that nobody buys at its prices; returns how many there are. */
    int withdraw(String release) {
        return database.update("update quotes set withdrawn = true where release = ?", release);
    }

    /** Returns how many quotes of a release can still be bought at. */
    int open(String release) {
        return Objects.requireNonNull(database.queryForObject(
                "select count(*) from quotes where release = ? and not withdrawn", Integer.class, release));
    }
}
