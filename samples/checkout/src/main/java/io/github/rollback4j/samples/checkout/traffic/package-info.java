/** The customers of the sample: who they are, when they come, and what they are answered. */
@NullMarked
package io.github.rollback4j.samples.checkout.traffic;

import org.jspecify.annotations.NullMarked;
