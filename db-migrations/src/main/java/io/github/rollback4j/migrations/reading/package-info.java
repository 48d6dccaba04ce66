/** Reads SQL of the dialects: splits scripts into statements, and says what each changes. */
@NullMarked
package io.github.rollback4j.migrations.reading;

import org.jspecify.annotations.NullMarked;
