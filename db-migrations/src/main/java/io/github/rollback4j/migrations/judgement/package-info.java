/** Judges without a database whether the previous release can live with what the pending migrations leave behind. */
@NullMarked
package io.github.rollback4j.migrations.judgement;

import org.jspecify.annotations.NullMarked;
