/** Who gets which release, and what came of it: split, router, tally. */
@NullMarked
package io.github.rollback4j.traffic;

import org.jspecify.annotations.NullMarked;
