/**
 * Weighs counts as evidence that a candidate is worse than stable: counts in, natural logarithm of an e-value out.
 *
 * <p>The evidence is an e-process: a mixture of products of one factor for each request. If the candidate is no worse
 * than its {@linkplain io.github.rollback4j.evidence.Evidence.Margin margin} allows, the expected factor of every request is at
 * most 1, whatever happened before. By Ville's inequality (Ville 1939) the probability that the evidence <em>ever</em>
 * reaches 1/α is then at most α, however often somebody looks. The factors condition on the weight, that is the
 * probability with which the router sent the request to the candidate. So neither drift nor load nor a burst that hits
 * both releases needs a model, and counts taken at different weights are strata that must never be pooled.
 *
 * <p>The approach follows Lindon and Malek (<i>Anytime-Valid Inference for Multinomial Count Data</i>, NeurIPS 2022)
 * and Turner, Ly and Grünwald (<i>Generic E-Variables for Exact Sequential k-Sample Tests that Allow for Optional
 * Stopping</i>, 2024, for two by two tables).
 *
 * <p>This package is pure mathematics. It reads no clock, holds no thread and knows nothing of the rest of the library.
 */
@NullMarked
package io.github.rollback4j.evidence;

import org.jspecify.annotations.NullMarked;
