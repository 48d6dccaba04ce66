package io.github.rollback4j.samples.checkout;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Quotes as release 1.4.2 makes them. */
final class QuotesV1 implements QuoteService {

    private static final String RELEASE = "1.4.2";

    private final Carts carts;
    private final Warehouse warehouse;
    private final QuoteBook book;

    QuotesV1(Carts carts, Warehouse warehouse, QuoteBook book) {
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
        return book.enter(new Quote(
                request,
                customer,
                RELEASE,
                cents.setScale(0, RoundingMode.HALF_UP).longValueExact(),
                cart.currency()));
    }
}
