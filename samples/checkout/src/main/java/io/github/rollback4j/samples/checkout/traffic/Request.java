package io.github.rollback4j.samples.checkout.traffic;

import java.time.Duration;

/**
 * A customer's wish for a quote.
 *
 * @param number of the request, from 1
 * @param customer who asks
 * @param at when, since the first customer came
 */
public record Request(long number, int customer, Duration at) {

    /** Returns the request's id. */
    public String id() {
        return "request-" + number;
    }
}
