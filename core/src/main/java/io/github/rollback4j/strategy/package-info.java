/** Ways forward and ways back. */
@NullMarked
package io.github.rollback4j.strategy;

import org.jspecify.annotations.NullMarked;
