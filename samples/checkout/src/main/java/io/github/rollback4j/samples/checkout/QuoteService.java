package io.github.rollback4j.samples.checkout;

/** Quotes carts. The service has two releases of this in one process while one is rolled out. */
public interface QuoteService {

    /** Returns the version of this release. */
    String release();

    /**
     * Quotes the customer's cart. May safely be asked twice for the same request.
     *
     * @throws WarehouseException if the warehouse cannot be reached
     */
    Quote quote(long customer, String request);
}
