/** What may go wrong with a release, and how bad it is. */
@NullMarked
package io.github.rollback4j.signal;

import org.jspecify.annotations.NullMarked;
