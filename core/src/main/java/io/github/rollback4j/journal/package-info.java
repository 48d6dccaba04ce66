/** What happened, in order, durably. */
@NullMarked
package io.github.rollback4j.journal;

import org.jspecify.annotations.NullMarked;
