package io.github.rollback4j.samples.checkout;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Quotes as release 1.6.0 makes them: a voucher is rounded in the currency that the customer pays in.
 *
 * <p>This is the bad release. Its test had a voucher, and a foreign currency, but never both.
 */
final class QuotesV3 implements QuoteService {

    private static final String RELEASE = "1.6.0";

    private final Carts carts;
    private final Warehouse warehouse;
    private final QuoteBook book;

    QuotesV3(Carts carts, Warehouse warehouse, QuoteBook book) {
        this.carts = carts;
        this.warehouse = warehouse;
        this.book = book;
    }

    @Override
    public Quote quote(long customer, String request) {
        Cart cart = carts.of(customer);
        warehouse.reserve(request);
        long cents = inCurrency(cart.cents(), cart.currency());
        if (cart.hasVoucher()) {
            // The defect: rates are kept by the currency that is paid in, such as "USD"; there is no "EUR/USD".
            String currency = cart.isForeign() ? Cart.HOME_CURRENCY + "/" + cart.currency() : cart.currency();
            cents -= inCurrency(cart.voucherCents(), currency);
        }
        return book.enter(new Quote(request, customer, RELEASE, cents, cart.currency()));
    }

    private long inCurrency(long euroCents, String currency) {
        BigDecimal cents = BigDecimal.valueOf(euroCents).multiply(carts.exchangeRate(currency));
        return cents.setScale(0, RoundingMode.HALF_UP).longValueExact();
    }
}
