package io.github.rollback4j.samples.checkout;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The service's settings.
 *
 * @param seed of everything that is left to chance
 * @param idempotent whether stable answers where the candidate fails
 */
@ConfigurationProperties("checkout")
record CheckoutProperties(long seed, boolean idempotent) {}
