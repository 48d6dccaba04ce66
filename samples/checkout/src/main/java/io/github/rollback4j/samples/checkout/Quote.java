package io.github.rollback4j.samples.checkout;

/**
 * What a cart costs.
 *
 * @param request that was answered
 * @param customer who asked
 * @param release that made the quote
 * @param cents to pay
 * @param currency in which to pay
 */
public record Quote(String request, long customer, String release, long cents, String currency) {}
