/**
 * Measures how well the library decides: how often it takes a healthy candidate back, and how fast it finds a bad one, on
 * simulated traffic, beside what other tools do by their documentation. Begins in {@link
 * io.github.rollback4j.benchmarks.decisions.DecisionQuality}.
 */
@NullMarked
package io.github.rollback4j.benchmarks.decisions;

import org.jspecify.annotations.NullMarked;
