package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.spring.RolloutKey;

/** Quotes carts. The service has two releases of this in one process while one is rolled out. */
public interface QuoteService {

    /**
     * Quotes the customer's cart. May safely be asked twice for the same request.
     *
     * @throws WarehouseException if the warehouse cannot be reached
     */
    Quote quote(@RolloutKey long customer, String request);
}
