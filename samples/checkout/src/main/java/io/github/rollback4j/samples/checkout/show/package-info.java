/** The sample's story, as it is told in the terminal. */
@NullMarked
package io.github.rollback4j.samples.checkout.show;

import org.jspecify.annotations.NullMarked;
