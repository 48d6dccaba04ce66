/** Kills processes and databases in the middle of rollbacks, and counts what was lost, sent twice or exposed. */
@NullMarked
package io.github.rollback4j.campaign;

import org.jspecify.annotations.NullMarked;
