package io.github.rollback4j.samples.checkout.traffic;

import java.net.URI;

/**
 * A process of the service, as its customers know it.
 *
 * @param name of the instance, the same after a restart
 * @param address its base URL, another after a restart
 */
public record Instance(String name, URI address) {}
