/** What a migration changes, apart from any dialect: names, types, constraints, and the closed set of changes. */
@NullMarked
package io.github.rollback4j.migrations.schema;

import org.jspecify.annotations.NullMarked;
