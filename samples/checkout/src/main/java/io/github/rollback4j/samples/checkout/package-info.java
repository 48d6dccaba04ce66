/** A checkout service whose quotes roll themselves back: what one would copy into one's own service. */
@NullMarked
package io.github.rollback4j.samples.checkout;

import org.jspecify.annotations.NullMarked;
