/** Keeps verdicts with the database, and a rollback from crossing what the previous release cannot live with. */
@NullMarked
package io.github.rollback4j.migrations.gate;

import org.jspecify.annotations.NullMarked;
