package io.github.rollback4j.samples.checkout.traffic;

import io.github.rollback4j.samples.checkout.Cart;
import io.github.rollback4j.samples.checkout.Chance;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The customers and their carts. The same seed makes the same carts.
 *
 * @param count how many there are, numbered from 1
 * @param chance of the carts
 * @param abroadWithVoucher the part of them that pays in a foreign currency and has a voucher, 0 to 1
 */
public record Customers(int count, Chance chance, double abroadWithVoucher) {

    private static final List<String> CURRENCIES = List.of("USD", "GBP", "CHF", "SEK");
    private static final double ABROAD = 0.15;
    private static final double WITH_VOUCHER = 0.1;
    private static final long LEAST_CENTS = 2_000;
    private static final long MORE_CENTS = 18_000;
    private static final long VOUCHER_CENTS = 1_000;

    /** Returns the cart of a customer. */
    public Cart cart(long customer) {
        long cents = LEAST_CENTS + (long) (MORE_CENTS * chance.of("cents", customer));
        int currency = (int) (CURRENCIES.size() * chance.of("currency", customer));
        double kind = chance.of("kind", customer) - abroadWithVoucher;
        boolean both = kind < 0;
        boolean abroad = both || kind < (1 - abroadWithVoucher) * ABROAD;
        boolean voucher = both || (!abroad && kind < (1 - abroadWithVoucher) * (ABROAD + WITH_VOUCHER));
        return new Cart(
                customer, cents, abroad ? CURRENCIES.get(currency) : Cart.HOME_CURRENCY, voucher ? VOUCHER_CENTS : 0);
    }

    /** Returns the carts of all customers. */
    public List<Cart> carts() {
        return LongStream.rangeClosed(1, count).mapToObj(this::cart).toList();
    }

    /** Returns whether release 1.6.0 fails for a customer, each time. */
    public boolean isHitByDefect(long customer) {
        Cart cart = cart(customer);
        return cart.hasVoucher() && cart.isForeign();
    }
}
