/** Rollback plans as YAML or JSON files. */
@NullMarked
package io.github.rollback4j.planfile;

import org.jspecify.annotations.NullMarked;
