package io.github.rollback4j.samples.checkout;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Quotes as release 1.5.0 makes them: Swiss customers pay in steps of five rappen, the smallest coin that they have. */
final class QuotesV2 implements QuoteService {

    private static final BigDecimal FIVE = BigDecimal.valueOf(5);

    private static final String RELEASE = "1.5.0";

    private final Carts carts;
    private final Warehouse warehouse;
    private final QuoteBook book;

    QuotesV2(Carts carts, Warehouse warehouse, QuoteBook book) {
        this.carts = carts;
        this.warehouse = warehouse;
        this.book = book;
    }

    @Override
    public Quote quote(long customer, String request) {
        Cart cart = carts.of(customer);
        warehouse.reserve(request);
        BigDecimal euroCents = BigDecimal.valueOf(cart.cents() - cart.voucherCents());
        BigDecimal cents = euroCents.multiply(carts.exchangeRate(cart.currency()));
        BigDecimal coin = cart.currency().equals("CHF") ? FIVE : BigDecimal.ONE;
        BigDecimal coins = cents.divide(coin, 0, RoundingMode.HALF_UP);
        return book.enter(
                new Quote(request, customer, RELEASE, coins.multiply(coin).longValueExact(), cart.currency()));
    }
}
