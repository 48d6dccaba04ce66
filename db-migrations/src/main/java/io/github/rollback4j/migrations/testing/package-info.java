/** Assertions over migrations, for the tests of the release that brings them. */
@NullMarked
package io.github.rollback4j.migrations.testing;

import org.jspecify.annotations.NullMarked;
