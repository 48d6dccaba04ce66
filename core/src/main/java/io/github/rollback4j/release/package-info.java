/** What is released. */
@NullMarked
package io.github.rollback4j.release;

import org.jspecify.annotations.NullMarked;
