/** What the previous release asks its database, recorded while its tests run. */
@NullMarked
package io.github.rollback4j.migrations.statements;

import org.jspecify.annotations.NullMarked;
