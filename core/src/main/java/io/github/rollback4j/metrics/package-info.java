/** Micrometer binder. */
@NullMarked
package io.github.rollback4j.metrics;

import org.jspecify.annotations.NullMarked;
