package io.github.rollback4j.samples.checkout;

import java.net.URI;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The service's settings.
 *
 * @param seed of everything that is left to chance
 * @param idempotent whether stable answers where the candidate fails
 * @param instance the name of this instance, the same after a restart
 * @param start the how-manieth start of this instance it is, from 1
 * @param journal the file of the journal, which all instances share
 * @param pipeline where the pipeline is told to deploy the release before
 */
@ConfigurationProperties("checkout")
record CheckoutProperties(long seed, boolean idempotent, String instance, int start, Path journal, URI pipeline) {

    /** The environment variable with the secret by which the pipeline knows the service. */
    static final String PIPELINE_SECRET = "CHECKOUT_PIPELINE_SECRET";
}
