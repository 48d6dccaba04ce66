/** Rollback plans as tests: virtual time, and the contracts that implementations of core's interfaces must keep. */
@NullMarked
package io.github.rollback4j.test;

import org.jspecify.annotations.NullMarked;
