package io.github.rollback4j.samples.checkout;

/**
 * What a customer wants to buy.
 *
 * @param customer whose cart it is
 * @param cents the goods' price in euro cents
 * @param currency in which the customer pays
 * @param voucherCents what a voucher takes off, in euro cents; 0 where there is none
 */
public record Cart(long customer, long cents, String currency, long voucherCents) {

    /** The currency in which the shop keeps its prices. */
    public static final String HOME_CURRENCY = "EUR";

    /** Returns whether the customer has a voucher. */
    public boolean hasVoucher() {
        return voucherCents > 0;
    }

    /** Returns whether the customer pays in another currency than the shop's. */
    public boolean isForeign() {
        return !currency.equals(HOME_CURRENCY);
    }
}
