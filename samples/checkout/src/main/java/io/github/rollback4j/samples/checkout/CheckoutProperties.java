package io.github.rollback4j.samples.checkout;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The service's settings.
 *
 * @param seed of everything that is left to chance
 * @param instance the name of this instance, the same after a restart
 * @param start the how-manieth start of this instance it is, from 1
 * @param stable the version that serves
 * @param candidate the version that is to serve
 */
@ConfigurationProperties("checkout")
record CheckoutProperties(long seed, String instance, int start, String stable, String candidate) {}
