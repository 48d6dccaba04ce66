package io.github.rollback4j.samples.checkout.show;

import java.time.Duration;

/**
 * A call that the candidate serves, or would have served.
 *
 * @param at when, since the candidate's step began
 * @param customer who asked
 * @param hitByDefect whether it failed because of the candidate
 * @param failed whether it failed, because of the candidate or of the warehouse
 */
record CandidateCall(Duration at, int customer, boolean hitByDefect, boolean failed) {}
