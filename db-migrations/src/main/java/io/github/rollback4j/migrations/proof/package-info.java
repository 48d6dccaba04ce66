/** Proves on a scratch database, with the previous release's own SQL, whether it lives with the migrated one. */
@NullMarked
package io.github.rollback4j.migrations.proof;

import org.jspecify.annotations.NullMarked;
